// HyperLogLogs byte by byte: the digests and estimates are those of redis-server 7.0.15.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** The value of a string key, one character per byte. */
function stringAt(node: CoreNode, key: string): string {
  return node.run(`GET ${key}`).replace(/^\$\d+\r\n/, "");
}

function describeValue(node: CoreNode, key: string): [string, number, string] {
  const estimate = node.run(`PFCOUNT ${key}`);
  const value = stringAt(node, key);
  return [estimate, value.length, createHash("sha1").update(value, "latin1").digest("hex")];
}

function addRange(node: CoreNode, key: string, prefix: string, from: number, to: number): void {
  for (let first = from; first < to; first += 1000) {
    const words: string[] = [];
    for (let i = first; i < Math.min(to, first + 1000); i++) words.push(`${prefix}:${i}`);
    node.send(1, "PFADD", key, ...words);
  }
}

/** A dense value with the registers. */
function denseValue(register: (i: number) => number): string {
  let text = `HYLL${"\0".repeat(11)}\x80`;
  for (let i = 0; i < 16384; i += 4) {
    let three = 0;
    for (let k = 3; k >= 0; k--) three = three * 64 + register(i + k);
    text += String.fromCharCode(three & 255, (three >> 8) & 255, three >> 16);
  }
  return text;
}

describe("HyperLogLog", () => {
  it("has Redis's bytes and estimates at every size", () => {
    const node = new CoreNode();
    let count = 0;
    const seen = [1, 10, 100, 500, 1000, 2000, 10000, 100000].map((next) => {
      addRange(node, "k", "element", count + 1, next + 1);
      count = next;
      return describeValue(node, "k");
    });
    expect(seen).toEqual([
      [":1", 21, "45e708e4d5648a60c8cbc54e236cee0f7079b217"],
      [":10", 47, "3c04bc8c924ae3033c003529a181338552812d52"],
      [":99", 285, "208dfd9d787fd2a4fd5ea3f712b2ddfd1e6f40ce"],
      [":502", 1049, "2e1c4c46e2b61ec81815756686f6b879c1a0dfbf"],
      [":997", 1898, "b5171073459badeadac46097c707984839780e29"],
      [":2004", 12304, "86fc87457dbdba51a8222f7fd07bde6e42bccfcd"],
      [":10017", 12304, "50d617d64e01c4ff05bd3714059c1f5194b437fd"],
      [":100039", 12304, "869bb2bd20736740dcdce657313393121906696b"],
    ]);
    node.verify();
  });

  it("merges sparse ones into a sparse one, and into a dense one what has dense parts", () => {
    const node = new CoreNode();
    addRange(node, "a", "one", 0, 300);
    addRange(node, "b", "other", 0, 300);
    addRange(node, "k", "element", 1, 300001);
    node.run("PFMERGE u a b");
    node.run("PFMERGE v a k");
    expect(describeValue(node, "u")).toEqual([
      ":604",
      1228,
      "b9529a249cb5d1e8ce6bc2d86a1ddae226fd6999",
    ]);
    expect(describeValue(node, "v")).toEqual([
      ":298392",
      12304,
      "aac20b936fb13302c74ebed782f02e7e702184a0",
    ]);
    node.verify();
  });

  it.each([
    ["all at most", () => 63, "-9223372036854775808"],
    ["all as large as elements make them", () => 51, "-9223372036854775808"],
    ["half as large as that", (i: number) => (i % 2 === 0 ? 51 : 3), "189097"],
    ["one as large as that", (i: number) => (i === 0 ? 51 : 0), "1"],
    ["above 2^53", () => 40, "12994641697113596"],
    ["below 2^53", () => 33, "101520638258700"],
  ])("estimates registers that are %s", (_name, register, estimate) => {
    const node = new CoreNode();
    node.send(1, "SET", "k", denseValue(register));
    expect(node.run("PFCOUNT k")).toBe(`:${estimate}`);
    // Not what was noted the first time.
    expect(node.run("PFCOUNT k k")).toBe(`:${estimate}`);
  });

  it("gives every register back, whichever form it has", () => {
    const node = new CoreNode();
    const register = (i: number): number => (i * 7) % 64;
    node.send(1, "SET", "dense", denseValue(register));
    const wanted = Array.from({ length: 16384 }, (_, i) => `:${register(i)}`);
    expect(node.run("PFDEBUG GETREG dense").split("\r\n").slice(1)).toEqual(wanted);
    addRange(node, "sparse", "element", 0, 400);
    node.run("COPY sparse copy");
    node.run("PFDEBUG TODENSE copy");
    expect(node.run("PFDEBUG GETREG sparse")).toBe(node.run("PFDEBUG GETREG copy"));
    expect(node.run("PFDEBUG ENCODING sparse")).toBe("+dense");
  });

  it("has the same registers in both forms", () => {
    const node = new CoreNode();
    node.set("hll-sparse-max-bytes", "15000");
    addRange(node, "sparse", "element", 0, 3000);
    expect(node.run("PFDEBUG ENCODING sparse")).toBe("+sparse");
    const runs = node.run("PFDEBUG DECODE sparse").split("\r\n")[1].split(" ");
    expect(runs.reduce((sum, run) => sum + runLength(run), 0)).toBe(16384);
    node.set("hll-sparse-max-bytes", "0");
    addRange(node, "dense", "element", 0, 3000);
    expect(node.run("PFDEBUG ENCODING dense")).toBe("+dense");
    expect(node.run("PFCOUNT sparse")).toBe(node.run("PFCOUNT dense"));
    expect(node.run("PFDEBUG GETREG sparse")).toBe(node.run("PFDEBUG GETREG dense"));
  });

  it("propagates what changes the string, an estimate that is noted too", () => {
    const node = new CoreNode({ propagates: true });
    for (const line of ["PFADD k a", "PFADD k a", "PFCOUNT k", "PFCOUNT k", "PFCOUNT k k"]) {
      node.run(line);
    }
    node.run("PFMERGE k k");
    node.run("PFDEBUG TODENSE k");
    node.run("PFDEBUG TODENSE k");
    expect(node.takePropagated()).toEqual([
      "PFADD k a",
      "PFCOUNT k",
      "PFMERGE k k",
      "PFDEBUG TODENSE k",
    ]);
  });

  it("becomes raw when it is looked at", () => {
    const node = new CoreNode();
    node.run("PFADD k a");
    node.send(1, "SET", "copy", stringAt(node, "k"));
    expect(node.strings("OBJECT ENCODING copy")).toEqual(["embstr"]);
    node.run("PFCOUNT copy");
    expect(node.strings("OBJECT ENCODING copy")).toEqual(["raw"]);
  });

  it("keeps the expiry when it grows into the dense form", () => {
    const node = new CoreNode();
    node.run("PFADD k a");
    node.run("PEXPIREAT k 1800000000000");
    addRange(node, "k", "element", 0, 5000);
    expect(node.run("PEXPIRETIME k")).toBe(":1800000000000");
    expect(node.run("STRLEN k")).toBe(":12304");
    node.run("DEL k");
    node.verify();
  });
});

function runLength(run: string): number {
  return Number(run.slice(run[0] === "v" ? run.indexOf(",") + 1 : 2));
}
