import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { Crc64 } from "../../../core/util/crc64.ts";
import { fromHex } from "../../../core/util/hex.ts";
import { CoreNode } from "../../support/core-node.ts";

/** A value's bytes as a payload: with version and checksum. */
function payload(body: string, version = 12): string {
  const bytes = new Uint8Array(body.length + 10);
  bytes.set(toBytes(body));
  bytes[body.length] = version & 0xff;
  bytes[body.length + 1] = version >> 8;
  const crc = new Crc64();
  crc.update(bytes, 0, body.length + 2);
  crc.write(bytes, body.length + 2);
  return latin1(bytes);
}

const V = payload("\x00\x01v");

describe("DUMP", () => {
  // Made by Redis 7.4.1.
  test.each([
    ["", "0008656d7074796b65790c0049adb2eeaa6ee31d", "emptykey"],
    ["s:int", "00c139300c0056e2dee769d696f0", "12345"],
    ["s:int16", "00c12c010c005e3455329fa8c259", "300"],
    ["s:int32", "00c2a08601000c003a5237909505383d", "100000"],
    ["s:int64", "000a353030303030303030300c00a2df3b1584256a6c", "5000000000"],
    ["s:int8", "00c0fb0c0082b2f2342d0ca121", "-5"],
    ["s:lzf", "00c30940c8016161e0bb000161610c00d4efc3eefb9893aa", "a".repeat(200)],
    ["s:str", "000568656c6c6f0c00a804ebb69f1ebe43", "hello"],
    ["s:bin", "000500ff0d0a800c000389d74ff1f1184d", "\x00\xff\r\n\x80"],
  ])("%s", (key, hex, value) => {
    const node = new CoreNode();
    node.send(1, "SET", key, value);
    const dumped = latin1(fromHex(hex)!);
    expect(node.send(1, "DUMP", key)).toBe(`$${dumped.length}\r\n${dumped}\r\n`);
    expect(node.send(1, "RESTORE", "back", "0", dumped)).toBe("+OK\r\n");
    expect(node.send(1, "GET", "back")).toBe(`$${value.length}\r\n${value}\r\n`);
  });

  test("a missing key is nil", () => {
    expect(new CoreNode().run("DUMP a")).toBe("$-1");
  });
});

describe("RESTORE", () => {
  test("is propagated with an absolute time", () => {
    const node = new CoreNode({ propagates: true });
    node.send(1, "RESTORE", "a", "5000", V, "IDLETIME", "7");
    node.send(1, "RESTORE", "b", String(node.nowMs + 5000), V, "absttl");
    node.send(1, "RESTORE", "c", "0", V);
    expect(node.takePropagated()).toEqual([
      `RESTORE a ${node.nowMs + 5000} ${V} IDLETIME 7 ABSTTL`,
      `RESTORE b ${node.nowMs + 5000} ${V} absttl`,
      `RESTORE c 0 ${V}`,
    ]);
    expect(node.run("PTTL a")).toBe(":5000");
    expect(node.run("OBJECT IDLETIME a")).toBe(":7");
    expect(node.run("TTL c")).toBe(":-1");
  });

  test("a time in the past removes what was there", () => {
    const node = new CoreNode({ propagates: true });
    for (const key of ["a", "b"]) node.run(`SET ${key} old`);
    node.takePropagated();
    expect(node.send(1, "RESTORE", "new", "5", V, "ABSTTL")).toBe("+OK\r\n");
    expect(node.send(1, "RESTORE", "a", "5", V, "ABSTTL", "REPLACE")).toBe("+OK\r\n");
    node.set("lazyfree-lazy-server-del", "yes");
    expect(node.send(1, "RESTORE", "b", "5", V, "ABSTTL", "REPLACE")).toBe("+OK\r\n");
    expect(node.takePropagated()).toEqual(["DEL a", "UNLINK b"]);
    expect(node.run("DBSIZE")).toBe(":0");
  });

  test("times beyond 2^53 are kept", () => {
    const node = new CoreNode();
    node.send(1, "RESTORE", "a", "9223372036854775001", V, "ABSTTL");
    expect(node.run("PEXPIRETIME a")).toBe(":9223372036854775001");
  });

  test.each([
    [payload("\x00\x01v", 13), "ERR DUMP payload version or checksum are wrong"],
    [`${V.slice(0, -1)}x`, "ERR DUMP payload version or checksum are wrong"],
    ["short", "ERR DUMP payload version or checksum are wrong"],
    [payload("\x08\x01v"), "ERR Bad data format"],
    [payload("\xfe\x01v"), "ERR Bad data format"],
    [payload("\x00\x7fv"), "ERR Bad data format"],
    [payload(""), "ERR Bad data format"],
  ])("%j is refused", (bytes, error) => {
    const node = new CoreNode();
    node.run("SET a old");
    expect(node.send(1, "RESTORE", "a", "0", bytes, "REPLACE")).toBe(`-${error}\r\n`);
    expect(node.run("GET a")).toBe("$3\r\nold");
  });

  test("a wrong checksum passes if DEBUG says so, but not a wrong version", () => {
    const node = new CoreNode({ configuration: "enable-debug-command yes" });
    node.run("DEBUG SET-SKIP-CHECKSUM-VALIDATION 1");
    expect(node.send(1, "RESTORE", "a", "0", `${V.slice(0, -1)}x`)).toBe("+OK\r\n");
    expect(node.send(1, "RESTORE", "b", "0", payload("\x00\x01v", 13))).toMatch(/^-ERR DUMP/);
  });

  test("whatever the bytes are, the answer is OK or an error and nothing is left behind", () => {
    const node = new CoreNode();
    node.run("SET k 1");
    node.run("DEL k");
    const before = node.node.keyspace.arena.usedBytes;
    const body = fc
      .tuple(fc.integer({ min: 0, max: 26 }), fc.uint8Array({ maxLength: 60 }))
      .map(([kind, bytes]) => String.fromCharCode(kind) + latin1(bytes));
    fc.assert(
      fc.property(body, (value) => {
        expect(node.send(1, "RESTORE", "k", "0", payload(value))).toMatch(
          /^(\+OK|-ERR Bad data format)\r\n$/,
        );
        node.run("DEL k");
        node.verify();
      }),
      { numRuns: 2000 },
    );
    node.runJobs();
    expect(node.node.keyspace.arena.usedBytes).toBe(before);
  });
});
