// FUNCTION DUMP and RESTORE, and what libraries replace.
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** Payloads of FUNCTION DUMP, made by the servers whose versions are their names; base64. */
const payloads: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../fixtures/function-dumps.json", import.meta.url), "utf8"),
);

let node: CoreNode;

beforeEach(() => {
  node = new CoreNode();
});

function load(name: string, functions: string, ...options: string[]): string {
  return node.send(1, "FUNCTION", "LOAD", ...options, `#!lua name=${name}\n${functions}`);
}

function fn(name: string, result: string): string {
  return `redis.register_function('${name}', function() return '${result}' end)`;
}

describe("FUNCTION RESTORE", () => {
  it.each(Object.keys(payloads))("reads what %s has dumped", (version) => {
    const payload = Buffer.from(payloads[version]!, "base64").toString("latin1");
    expect(node.send(1, "FUNCTION", "RESTORE", payload)).toBe("+OK\r\n");
    expect(node.run("FCALL first 1 key arg")).toBe("*2\r\n$3\r\nkey\r\n$3\r\narg");
    expect(node.run("FCALL second 0")).toBe("$6\r\nsecond");
    expect(node.run("INFO memory")).toContain("number_of_libraries:2\r");
  });

  it("writes what Redis writes", () => {
    const payload = Buffer.from(payloads["7.4.1"]!, "base64").toString("latin1");
    node.send(1, "FUNCTION", "RESTORE", payload);
    expect(node.run("FUNCTION DUMP")).toBe(`$${payload.length}\r\n${payload}`);
  });

  it("changes nothing when something is wrong", () => {
    load("a", fn("f", "a"));
    load("b", fn("g", "b"));
    const payload = node.run("FUNCTION DUMP").replace(/^\$\d+\r\n/, "");
    load("a", fn("f", "new"), "REPLACE");
    expect(node.send(1, "FUNCTION", "RESTORE", payload)).toBe("-ERR Library a already exists\r\n");
    node.run("FUNCTION DELETE b");
    load("c", fn("g", "c"));
    expect(node.send(1, "FUNCTION", "RESTORE", payload, "REPLACE")).toBe(
      "-ERR Function g already exists\r\n",
    );
    expect(node.run("FCALL f 0")).toBe("$3\r\nnew");
    expect(node.run("FCALL g 0")).toBe("$1\r\nc");
    expect(node.send(1, "FUNCTION", "RESTORE", payload, "FLUSH")).toBe("+OK\r\n");
    expect(node.run("FCALL f 0")).toBe("$1\r\na");
    expect(node.run("FCALL g 0")).toBe("$1\r\nb");
  });

  it("refuses damaged payloads", () => {
    load("a", fn("f", "a"));
    const payload = node.run("FUNCTION DUMP").replace(/^\$\d+\r\n/, "");
    for (let i = 0; i < payload.length; i++) {
      const damaged =
        payload.slice(0, i) + String.fromCharCode(payload.charCodeAt(i) ^ 1) + payload.slice(i + 1);
      expect(node.send(1, "FUNCTION", "RESTORE", damaged, "FLUSH")).toBe(
        "-ERR DUMP payload version or checksum are wrong\r\n",
      );
    }
  });
});

describe("FUNCTION LOAD", () => {
  it("keeps the old library when the new one is wrong", () => {
    load("a", fn("f", "old"));
    load("b", fn("g", "b"));
    expect(load("a", "error('x')", "REPLACE")).toMatch(/^-ERR Error registering functions: /);
    expect(load("a", fn("g", "a"), "REPLACE")).toBe("-ERR Function g already exists\r\n");
    expect(node.run("FCALL f 0")).toBe("$3\r\nold");
    expect(load("a", fn("h", "new"), "REPLACE")).toBe("$1\r\na\r\n");
    expect(node.run("FCALL f 0")).toBe("-ERR Function not found");
    expect(node.run("FCALL h 0")).toBe("$3\r\nnew");
  });
});
