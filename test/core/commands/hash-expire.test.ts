import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** Small and large: the two ways in which fields with a time to live are kept. */
const KINDS = [
  ["listpackex", "f1 v1 f2 v2 f3 v3"],
  ["hashtable", `f1 v1 f2 v2 f3 ${"x".repeat(70)}`],
] as const;

function expiring(fields: string): CoreNode {
  const node = new CoreNode({ propagates: true });
  node.run(`HSET h ${fields}`);
  node.run("HPEXPIRE h 100 FIELDS 2 f1 f2");
  node.takePropagated();
  return node;
}

/** Keyspace events, class by class as they come. */
function events(node: CoreNode): string[] {
  const seen: string[] = [];
  node.node.keyEvent = (_class, event, _db, bytes, offset, length) => {
    seen.push(
      `${event} ${Buffer.from(bytes.subarray(offset, offset + length)).toString("latin1")}`,
    );
  };
  return seen;
}

describe.each(KINDS)("fields of a %s", (encoding, fields) => {
  test("keep the encoding", () => {
    expect(expiring(fields).run("OBJECT ENCODING h")).toContain(encoding);
  });

  test("tell their times", () => {
    const node = expiring(fields);
    const at = node.nowMs + 100;
    const all = "FIELDS 4 f1 f2 f3 f4";
    expect(node.run(`HPTTL h ${all}`)).toBe("*4\r\n:100\r\n:100\r\n:-1\r\n:-2");
    expect(node.run(`HTTL h ${all}`)).toBe("*4\r\n:1\r\n:1\r\n:-1\r\n:-2");
    expect(node.run(`HPEXPIRETIME h ${all}`)).toBe(`*4\r\n:${at}\r\n:${at}\r\n:-1\r\n:-2`);
    const seconds = Math.ceil(at / 1000);
    expect(node.run(`HEXPIRETIME h ${all}`)).toBe(`*4\r\n:${seconds}\r\n:${seconds}\r\n:-1\r\n:-2`);
    expect(node.run(`HTTL none ${all}`)).toBe("*4\r\n:-2\r\n:-2\r\n:-2\r\n:-2");
    expect(node.run(`HPERSIST none ${all}`)).toBe("*4\r\n:-2\r\n:-2\r\n:-2\r\n:-2");
    expect(node.run(`HPERSIST h ${all}`)).toBe("*4\r\n:1\r\n:1\r\n:-1\r\n:-2");
    expect(node.takePropagated()).toEqual([`HPERSIST h ${all}`]);
    expect(node.run(`HPTTL h ${all}`)).toBe("*4\r\n:-1\r\n:-1\r\n:-1\r\n:-2");
    expect(node.node.databases[0].volatileHashCount).toBe(0);
  });

  test("are gone for readers at once, before anybody removes them", () => {
    const node = expiring(fields);
    node.advance(101);
    expect(node.strings("HKEYS h")).toEqual(["f3"]);
    expect(node.strings("HSCAN h 0 NOVALUES")).toEqual(["0", "f3"]);
    expect(node.run("HLEN h")).toBe(":3");
    expect(node.takePropagated()).toEqual([]);
    expect(node.run("HGET h f1")).toBe("$-1");
    expect(node.takePropagated()).toEqual(["HDEL h f1"]);
    expect(node.run("HLEN h")).toBe(":2");
    expect(node.run("HEXISTS h f2")).toBe(":0");
    expect(node.takePropagated()).toEqual(["HDEL h f2"]);
    expect(node.run("HLEN h")).toBe(":1");
    expect(node.node.statistics.expiredSubkeys).toBe(2);
  });

  test("are removed in the background", () => {
    const node = expiring(fields);
    const seen = events(node);
    node.advance(101);
    node.tick();
    node.runJobs();
    expect(node.run("HLEN h")).toBe(":1");
    expect(node.takePropagated().sort()).toEqual(["HDEL h f1", "HDEL h f2"]);
    expect(seen).toEqual(["hexpired h"]);
    node.run("HPEXPIRE h 10 FIELDS 1 f3");
    node.takePropagated();
    seen.length = 0;
    node.advance(101);
    node.tick();
    node.runJobs();
    expect(node.run("EXISTS h")).toBe(":0");
    expect(node.takePropagated()).toEqual(["HDEL h f3"]);
    expect(seen.slice(0, 2)).toEqual(["hexpired h", "del h"]);
    node.verify();
  });

  test("stay when active expiry is off, and on a replica whatever happens", () => {
    const node = expiring(fields);
    node.node.expireCycle.enabled = false;
    node.advance(101);
    node.tick();
    node.runJobs();
    expect(node.run("HLEN h")).toBe(":3");
    node.node.keyspace.deletesExpired = false;
    node.node.expireCycle.enabled = true;
    node.advance(101);
    node.tick();
    node.runJobs();
    expect(node.run("HGET h f1")).toBe("$-1");
    expect(node.strings("HRANDFIELD h -50").length).toBe(50);
    expect(node.run("HLEN h")).toBe(":3");
    expect(node.takePropagated()).toEqual([]);
  });

  test("go with the key's move to another name or database", () => {
    const node = expiring(fields);
    node.run("RENAME h other");
    node.run("PEXPIRE other 100000");
    node.run("MOVE other 3");
    expect(node.node.databases.map((db) => db.volatileHashCount).slice(0, 4)).toEqual([0, 0, 0, 1]);
    node.run("SWAPDB 3 2");
    node.takePropagated();
    node.advance(101);
    node.tick();
    node.runJobs();
    expect(node.takePropagated().sort()).toEqual(["HDEL other f1", "HDEL other f2"]);
    node.run("SELECT 2");
    expect(node.strings("HKEYS other")).toEqual(["f3"]);
    node.verify();
  });

  test("are forgotten with FLUSHALL, DEL and overwriting", () => {
    for (const line of [
      "FLUSHALL",
      "FLUSHDB ASYNC",
      "DEL h",
      "UNLINK h",
      "SET h x",
      "SUNIONSTORE h s",
    ]) {
      const node = expiring(fields);
      node.run("SADD s a");
      node.run(line);
      node.runJobs();
      expect(node.node.databases[0].volatileHashCount).toBe(0);
      node.takePropagated();
      node.advance(101);
      node.tick();
      node.runJobs();
      expect(node.takePropagated()).toEqual([]);
      node.verify();
    }
  });

  test("lose their time with a new value, not with HINCRBY", () => {
    const node = expiring(fields);
    node.run("HSET h f1 5 f2 7");
    expect(node.run("HPTTL h FIELDS 2 f1 f2")).toBe("*2\r\n:-1\r\n:-1");
    node.run("HPEXPIRE h 50 FIELDS 1 f1");
    node.run("HINCRBY h f1 10000000000");
    expect(node.run("HPTTL h FIELDS 2 f1 f2")).toBe("*2\r\n:50\r\n:-1");
  });

  test("that are over are there for HSET, HDEL and HEXPIRE", () => {
    for (const [line, reply] of [
      ["HSET h f1 new", ":0"],
      ["HDEL h f1 f2", ":2"],
      ["HPEXPIRE h 50 FIELDS 1 f1", "*1\r\n:1"],
      ["HPEXPIRE h 50 NX FIELDS 1 f1", "*1\r\n:0"],
      ["HPERSIST h FIELDS 1 f1", "*1\r\n:-2"],
      ["HSETNX h f1 new", ":1"],
    ]) {
      const node = expiring(fields);
      node.advance(101);
      expect(node.run(line)).toBe(reply);
    }
  });

  test("of HMGET are removed without a word about the hash", () => {
    const node = expiring(fields);
    const seen = events(node);
    node.advance(101);
    expect(node.run("HMGET h f1 f2 f4")).toBe("*3\r\n$-1\r\n$-1\r\n$-1");
    expect(seen).toEqual(["hexpired h"]);
    expect(node.takePropagated()).toEqual(["multi", "HDEL h f1", "HDEL h f2", "exec"]);
    // As in Redis 7.4, nobody hears of a hash whose only field was over.
    node.run("HDEL h f3");
    node.run("HSET one f v");
    node.run("HPEXPIRE one 10 FIELDS 1 f");
    node.advance(11);
    seen.length = 0;
    node.run("HMGET one f g");
    expect(seen).toEqual([]);
    expect(node.run("EXISTS one")).toBe(":0");
  });
});

describe("HEXPIRE and its like", () => {
  test.each([
    ["HEXPIRE h 100 FIELDS 1 f", "HPEXPIREAT h <100000> FIELDS 1 f"],
    ["HPEXPIRE h 100 LT FIELDS 2 f none", "HPEXPIREAT h <100> LT FIELDS 1 f"],
    ["HEXPIREAT h 9999999999 FIELDS 1 f", "HPEXPIREAT h 9999999999000 FIELDS 1 f"],
    ["hpexpireat h 9999999999999 FIELDS 2 f g", "hpexpireat h 9999999999999 FIELDS 2 f g"],
    ["hpexpireat h 9999999999999 FIELDS 3 f x g", "hpexpireat h 9999999999999 FIELDS 2 f g"],
    ["HEXPIRE h 100 XX FIELDS 1 f", ""],
    ["HEXPIRE h 0 FIELDS 2 f x", "HDEL h f"],
    ["HEXPIREAT h 1 FIELDS 2 f g", "multi HDEL h f HDEL h g exec"],
    ["HEXPIRE none 100 FIELDS 1 f", ""],
  ])("%s is propagated as %s", (line, propagated) => {
    const node = new CoreNode({ propagates: true });
    node.run("HSET h f v g w");
    node.takePropagated();
    node.run(line);
    const expected = propagated.replace(/<(\d+)>/, (_, ms) => `${node.nowMs + Number(ms)}`);
    expect(node.takePropagated().join(" ")).toBe(expected);
  });

  test.each([
    ["NX", "0 1"],
    ["XX", "1 0"],
    ["GT", "1 0"],
    ["LT", "0 1"],
  ])("%s", (condition, replies) => {
    const node = new CoreNode();
    node.run("HSET h f v g w");
    node.run("HPEXPIRE h 100 FIELDS 1 f");
    const [f, g] = replies.split(" ");
    expect(node.run(`HPEXPIRE h 200 ${condition} FIELDS 2 f g`)).toBe(`*2\r\n:${f}\r\n:${g}`);
  });

  test("removing the last field removes the key", () => {
    const node = new CoreNode();
    node.run("HSET h f v");
    const seen = events(node);
    expect(node.run("HPEXPIRE h 0 FIELDS 2 f f")).toBe("*2\r\n:2\r\n:-2");
    expect(seen).toEqual(["hdel h", "del h"]);
    expect(node.run("EXISTS h")).toBe(":0");
    node.verify();
  });

  test.each([
    ["HEXPIRE h x FIELDS 1 f", "-ERR value is not an integer or out of range"],
    ["HEXPIRE h -1 FIELDS 1 f", "-ERR invalid expire time, must be >= 0"],
    ["HEXPIRE h 70368744178 FIELDS 1 f", "-ERR invalid expire time in 'hexpire' command"],
    ["HPEXPIRE h 70368744177664 FIELDS 1 f", "-ERR invalid expire time in 'hpexpire' command"],
    ["HPEXPIREAT h 70368744177663 FIELDS 1 f", "*1\r\n:1"],
    ["HPEXPIREAT h 70368744177664 FIELDS 1 f", "-ERR invalid expire time in 'hpexpireat' command"],
    [
      "HEXPIREAT h 9223372036854775807 FIELDS 1 f",
      "-ERR invalid expire time in 'hexpireat' command",
    ],
    [
      "HEXPIRE h 1 FIELD 1 f",
      "-ERR Mandatory argument FIELDS is missing or not at the right position",
    ],
    [
      "HEXPIRE h 1 NX XX FIELDS 1 f",
      "-ERR Mandatory argument FIELDS is missing or not at the right position",
    ],
    ["HEXPIRE h 1 FIELDS 0 f", "-ERR Parameter `numFields` should be greater than 0"],
    ["HEXPIRE h 1 FIELDS x f", "-ERR Parameter `numFields` should be greater than 0"],
    ["HEXPIRE h 1 FIELDS 2 f", "-ERR The `numfields` parameter must match the number of arguments"],
    [
      "HEXPIRE s 1 FIELDS 1 f",
      "-WRONGTYPE Operation against a key holding the wrong kind of value",
    ],
    ["HTTL h FIELDS 0 f", "-ERR Number of fields must be a positive integer"],
    ["HTTL h FIELDS x f", "-ERR Number of fields must be a positive integer"],
    ["HTTL h FIELDS 2 f", "-ERR The `numfields` parameter must match the number of arguments"],
    ["HTTL h 1 FIELDS f", "-ERR Mandatory argument FIELDS is missing or not at the right position"],
    ["HPERSIST s FIELDS 1 f", "-WRONGTYPE Operation against a key holding the wrong kind of value"],
  ])("%s", (line, reply) => {
    const node = new CoreNode();
    node.run("HSET h f v");
    node.run("SET s v");
    expect(node.run(line)).toBe(reply);
  });
});
