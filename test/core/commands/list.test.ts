import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

interface Probe {
  cmd: string;
  setup?: string[];
  resp2: string;
  resp3?: string;
  events?: string[];
  propagated?: string[];
}

const FIXTURE = new URL("../../fixtures/command-probes.jsonl", import.meta.url);
const COMMANDS = new Set(
  "LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LLEN LINDEX LSET LRANGE LTRIM LREM LINSERT LPOS LMOVE RPOPLPUSH LMPOP BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP".split(
    " ",
  ),
);
const PROBES = readFileSync(FIXTURE, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Probe)
  .filter((probe) => COMMANDS.has(probe.cmd.split(" ")[0]!));

const SUBSCRIBER = 9;

/** The keyspace events since the last call, as "event key". */
function takeEvents(node: CoreNode): string[] {
  const messages = node.take(SUBSCRIBER).matchAll(/__keyevent@0__:(\w+)\r\n\$\d+\r\n(\w+)/g);
  return [...messages].map(([, event, key]) => `${event} ${key}`);
}

describe("what Redis 7.4.1 answers, notifies and propagates", () => {
  it("has probes of most commands", () => {
    expect(new Set(PROBES.map(({ cmd }) => cmd.split(" ")[0])).size).toBeGreaterThan(16);
  });

  for (const protocol of [2, 3]) {
    test.each(PROBES)(`$cmd after $setup in RESP${protocol}`, (probe) => {
      const node = new CoreNode({ propagates: true });
      node.set("notify-keyspace-events", "AEmn");
      if (protocol === 3) node.run("HELLO 3");
      for (const line of probe.setup ?? []) node.run(line);
      node.send(SUBSCRIBER, "PSUBSCRIBE", "*");
      takeEvents(node);
      node.takePropagated();
      let reply = node.send(1, ...probe.cmd.split(" "));
      if (reply === "") {
        node.advance(60);
        node.tick();
        reply = node.take(1);
      }
      expect(reply).toBe((protocol === 3 ? probe.resp3 : undefined) ?? probe.resp2);
      expect(takeEvents(node)).toEqual(probe.events ?? []);
      expect(node.takePropagated()).toEqual(probe.propagated ?? []);
    });
  }
});

describe("LMOVE and its relatives", () => {
  test.each([
    ["LMOVE l l LEFT RIGHT", "b c a", ["rpush l", "lpop l"]],
    ["LMOVE l l LEFT LEFT", "a b c", ["lpush l", "lpop l"]],
    ["RPOPLPUSH l l", "c a b", ["lpush l", "rpop l"]],
    ["LMOVE one one LEFT RIGHT", "a b c", ["rpush one", "lpop one"]],
    ["LMOVE one l LEFT RIGHT", "a b c x", ["rpush l", "lpop one", "del one"]],
  ])("%s", (line, left, events) => {
    const node = new CoreNode();
    node.set("notify-keyspace-events", "AE");
    node.run("RPUSH l a b c");
    node.run("RPUSH one x");
    node.send(SUBSCRIBER, "PSUBSCRIBE", "*");
    takeEvents(node);
    node.run(line);
    expect(node.strings("LRANGE l 0 -1").join(" ")).toBe(left);
    expect(takeEvents(node)).toEqual(events);
    node.verify();
  });

  test("an element that is alone in a quicklist", () => {
    const node = new CoreNode();
    const large = "x".repeat(20_000);
    node.send(1, "RPUSH", "l", large);
    expect(node.run("OBJECT ENCODING l")).toContain("quicklist");
    node.run("LMOVE l l LEFT RIGHT");
    expect(node.strings("LRANGE l 0 -1")).toEqual([large]);
    node.run("LMOVE l m LEFT RIGHT");
    expect(node.run("EXISTS l")).toBe(":0");
    expect(node.strings("LRANGE m 0 -1")).toEqual([large]);
    node.verify();
  });
});

describe("numbers that are too large", () => {
  test.each([
    ["LRANGE l 0 9223372036854775807", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc"],
    ["LRANGE l -9223372036854775808 0", "*1\r\n$1\r\na"],
    ["LRANGE l 0 9223372036854775808", "-ERR value is not an integer or out of range"],
    ["LINDEX l 9223372036854775807", "$-1"],
    ["LPOP l 9223372036854775807", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc"],
    ["LPOP l 9223372036854775808", "-ERR value is out of range, must be positive"],
    ["LREM l -9223372036854775807 a", ":1"],
    [
      "LREM l -9223372036854775808 a",
      "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    ],
    [
      "LPOS l a RANK -9223372036854775808",
      "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    ],
    ["LPOS l a COUNT 9223372036854775807", "*1\r\n:0"],
    ["LPOS l a MAXLEN x", "-ERR MAXLEN can't be negative"],
    ["LMPOP 9223372036854775807 l LEFT", "-ERR syntax error"],
    [
      "LMPOP 1 l LEFT COUNT 9223372036854775807",
      "*2\r\n$1\r\nl\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc",
    ],
    ["LMPOP 1 l LEFT COUNT 1 COUNT 1", "-ERR syntax error"],
  ])("%s", (line, reply) => {
    const node = new CoreNode();
    node.run("RPUSH l a b c");
    expect(node.run(line)).toBe(reply);
  });
});

describe("changes that change nothing", () => {
  test.each(["LTRIM l 0 -1", "LREM l 0 x", "LINSERT l BEFORE x y", "LPOP l 0", "LSET l 9 x"])(
    "%s is not propagated",
    (line) => {
      const node = new CoreNode({ propagates: true });
      node.run("RPUSH l a b c");
      node.takePropagated();
      node.run(line);
      expect(node.takePropagated()).toEqual([]);
      expect(node.strings("LRANGE l 0 -1")).toEqual(["a", "b", "c"]);
    },
  );
});

test("lists are freed in the background when they are large", () => {
  const node = new CoreNode();
  // The dict of the keys takes its first memory.
  node.run("RPUSH l a");
  node.run("DEL l");
  const before = node.node.keyspace.arena.usedBytes;
  const text = "x".repeat(4000);
  for (let i = 0; i < 500; i++) node.send(1, "RPUSH", "l", text, text);
  node.run("LINDEX l 400");
  expect(node.run("UNLINK l")).toBe(":1");
  expect(node.node.keyspace.arena.usedBytes).toBeGreaterThan(before + 3_000_000);
  expect(node.runJobs()).toBeGreaterThan(3);
  expect(node.node.keyspace.arena.usedBytes).toBe(before);
  node.verify();
});

test("DEBUG OBJECT and MEMORY USAGE know about nodes", () => {
  const node = new CoreNode({ configuration: "enable-debug-command yes" });
  node.set("list-max-listpack-size", "4");
  node.run("RPUSH l a b c d e f");
  expect(node.run("DEBUG OBJECT l")).toContain(
    " ql_nodes:2 ql_avg_node:3.00 ql_listpack_max:4 ql_compressed:0 ql_uncompressed_size:32",
  );
  const one = Number(node.run("MEMORY USAGE l SAMPLES 1").slice(1));
  const all = Number(node.run("MEMORY USAGE l SAMPLES 0").slice(1));
  expect(one).toBeGreaterThan(100);
  expect(all).toBeGreaterThan(100);
});
