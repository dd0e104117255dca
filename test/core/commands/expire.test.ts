import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

function filled(...lines: string[]): CoreNode {
  const node = new CoreNode({ propagates: true });
  for (const line of lines) node.run(line);
  node.takePropagated();
  return node;
}

describe("EXPIRE family", () => {
  test("is propagated as absolute ms, conditions included", () => {
    const node = filled("SET a 1");
    const at = node.nowMs + 100_000;
    node.run("EXPIRE a 100");
    node.run("PEXPIRE a 100000 XX");
    node.run(`EXPIREAT a ${Math.floor(at / 1000) + 1} GT`);
    node.run(`pexpireat a ${at} LT`);
    expect(node.takePropagated()).toEqual([
      `PEXPIREAT a ${at}`,
      `PEXPIREAT a ${at} XX`,
      `PEXPIREAT a ${(Math.floor(at / 1000) + 1) * 1000} GT`,
      `pexpireat a ${at} LT`,
    ]);
  });

  test("a time in the past deletes", () => {
    const node = filled("SET a 1", "SET b 1", "SET c 1");
    expect(node.run("EXPIRE a 0")).toBe(":1");
    expect(node.run("PEXPIREAT b -9223372036854775808")).toBe(":1");
    node.set("lazyfree-lazy-expire", "yes");
    expect(node.run("EXPIREAT c 1")).toBe(":1");
    expect(node.takePropagated()).toEqual(["DEL a", "DEL b", "UNLINK c"]);
    expect(node.run("DBSIZE")).toBe(":0");
  });

  test("on a replica it does not", () => {
    const node = filled("SET a 1");
    node.node.keyspace.deletesExpired = false;
    expect(node.run("EXPIRE a -5")).toBe(":1");
    expect(node.run("DBSIZE")).toBe(":1");
    expect(node.run("TTL a")).toBe(":-2");
  });

  test.each([
    ["PEXPIREAT a 9223372036854775807", "PEXPIRETIME a", ":9223372036854775807"],
    ["PEXPIREAT a 9007199254740993", "PEXPIRETIME a", ":9007199254740993"],
    ["PEXPIREAT a 9223372036854775807", "EXPIRETIME a", ":9223372036854776"],
    ["EXPIREAT a 9223372036854775", "PEXPIRETIME a", ":9223372036854775000"],
    ["PEXPIRE a 9223370336854775807", "PTTL a", ":9223370336854775807"],
    ["SET a 1 PXAT 9223372036854775001", "PEXPIRETIME a", ":9223372036854775001"],
    ["GETEX a PXAT 9223372036854775001", "PEXPIRETIME a", ":9223372036854775001"],
  ])("%s, then %s", (set, get, reply) => {
    const node = filled("SET a 1");
    node.run(set);
    expect(node.run(get)).toBe(reply);
  });

  test.each([
    ["EXPIRE a 9223372036854775", "expire"],
    ["PEXPIRE a 9223372036854775807", "pexpire"],
    ["EXPIREAT a 9223372036854776", "expireat"],
    ["EXPIREAT a -9223372036854776", "expireat"],
    ["SET a 1 EX 9223372036854775", "set"],
    ["SET a 1 PXAT 0", "set"],
  ])("%s is too far away", (line, name) => {
    const node = filled("SET a 1");
    expect(node.run(line)).toBe(`-ERR invalid expire time in '${name}' command`);
  });

  test("GT and LT compare times beyond 2^53 exactly", () => {
    const node = filled("SET a 1 PXAT 9223372036854775001");
    expect(node.run("PEXPIREAT a 9223372036854775001 GT")).toBe(":0");
    expect(node.run("PEXPIREAT a 9223372036854775001 LT")).toBe(":0");
    expect(node.run("PEXPIREAT a 9223372036854775002 GT")).toBe(":1");
    expect(node.run("PEXPIREAT a 9223372036854775001 LT")).toBe(":1");
    expect(node.run("PEXPIRETIME a")).toBe(":9223372036854775001");
  });
});

describe("a pause of clients", () => {
  test("hides expired keys and removes them later", () => {
    const node = filled("SET a 1 PX 10");
    node.node.clients.pause(node.nowMs + 1000, true);
    node.advance(11);
    expect(node.run("GET a")).toBe("$-1");
    expect(node.run("DBSIZE")).toBe(":1");
    expect(node.takePropagated()).toEqual([]);
    node.node.clients.unpause();
    expect(node.run("GET a")).toBe("$-1");
    expect(node.takePropagated()).toEqual(["DEL a"]);
  });
});
