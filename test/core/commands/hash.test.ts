import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { toHex } from "../../../core/util/hex.ts";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";

function pairs(flat: readonly string[]): string {
  const lines: string[] = [];
  for (let i = 0; i < flat.length; i += 2) lines.push(`${flat[i]}=${flat[i + 1]}`);
  return lines.sort().join(" ");
}

function encoding(node: CoreNode, key: string): string {
  return node.run(`OBJECT ENCODING ${key}`).split("\r\n")[1];
}

function dump(node: CoreNode, key: string): string {
  return node
    .send(1, "DUMP", key)
    .replace(/^\$\d+\r\n/, "")
    .slice(0, -2);
}

describe("HINCRBY", () => {
  test.each([
    ["5", "3", ":8"],
    ["9007199254740991", "1", ":9007199254740992"],
    ["9223372036854775807", "1", "-ERR increment or decrement would overflow"],
    ["-9223372036854775808", "-1", "-ERR increment or decrement would overflow"],
    ["-9223372036854775807", "-1", ":-9223372036854775808"],
    ["9223372036854775807", "-9223372036854775807", ":0"],
    ["4294967296", "-4294967297", ":-1"],
    ["word", "1", "-ERR hash value is not an integer"],
    [" 1", "1", "-ERR hash value is not an integer"],
    ["1", "1.5", "-ERR value is not an integer or out of range"],
  ])("%s and %s", (old, by, reply) => {
    const node = new CoreNode();
    for (const long of ["", "x".repeat(70)]) {
      node.run("DEL h");
      node.send(1, "HSET", "h", "f", old, "g", long);
      expect(node.run(`HINCRBY h f ${by}`)).toBe(reply);
      const now = reply.startsWith(":") ? reply.slice(1) : old;
      expect(node.send(1, "HGET", "h", "f")).toBe(`$${now.length}\r\n${now}\r\n`);
    }
  });

  test("makes hash and field, and keeps the field's time to live", () => {
    const node = new CoreNode({ propagates: true });
    expect(node.run("HINCRBY h f 5")).toBe(":5");
    node.run("HPEXPIRE h 100 FIELDS 1 f");
    expect(node.run("HINCRBY h f 5")).toBe(":10");
    expect(node.run("HPTTL h FIELDS 1 f")).toBe("*1\r\n:100");
    node.takePropagated();
    expect(node.run("HINCRBYFLOAT h f 0.5")).toBe("$4\r\n10.5");
    expect(node.takePropagated()).toEqual(["HSET h f 10.5"]);
    expect(node.run("HPTTL h FIELDS 1 f")).toBe("*1\r\n:100");
    node.advance(101);
    expect(node.run("HINCRBY h f 1")).toBe(":1");
    expect(node.takePropagated()).toEqual(["multi", "HDEL h f", "HINCRBY h f 1", "exec"]);
    expect(node.run("HPTTL h FIELDS 1 f")).toBe("*1\r\n:-1");
  });
});

describe("HINCRBYFLOAT", () => {
  test.each([
    ["10.5", "0.1", "$4\r\n10.6"],
    ["3", "1.2e2", "$3\r\n123"],
    ["word", "1", "-ERR hash value is not a float"],
    ["1", "word", "-ERR value is not a valid float"],
    ["1", "inf", "-ERR value is NaN or Infinity"],
    ["inf", "1", "-ERR increment would produce NaN or Infinity"],
  ])("%s and %s", (old, by, reply) => {
    const node = new CoreNode();
    node.run(`HSET h f ${old}`);
    expect(node.run(`HINCRBYFLOAT h f ${by}`)).toBe(reply);
  });
});

describe("HRANDFIELD", () => {
  test.each([
    ["listpack", Array.from({ length: 20 }, (_, i) => `f${i}`)],
    ["hashtable", Array.from({ length: 20 }, (_, i) => `f${i}${"x".repeat(70)}`)],
  ])("finds all fields of a %s, as often one as the other", (kind, fields) => {
    const node = new CoreNode();
    node.run(`HSET h ${fields.map((field) => `${field} ${field}v`).join(" ")}`);
    expect(encoding(node, "h")).toBe(kind);
    for (const count of [1, 3, 10, 19]) {
      const seen = new Map<string, number>(fields.map((field) => [field, 0]));
      for (let round = 0; round < 2000 / count; round++) {
        const flat = node.strings(`HRANDFIELD h ${count} WITHVALUES`);
        expect(flat.length).toBe(count * 2);
        const drawn = flat.filter((_, i) => i % 2 === 0);
        expect(new Set(drawn).size).toBe(count);
        for (const field of drawn) {
          expect(flat[flat.indexOf(field) + 1]).toBe(`${field}v`);
          seen.set(field, seen.get(field)! + 1);
        }
      }
      // A hundred expected for each; the seed is fixed.
      for (const n of seen.values()) expect(Math.abs(n - 100)).toBeLessThan(60);
    }
    expect(node.strings("HRANDFIELD h 100").sort()).toEqual([...fields].sort());
    expect(node.strings("HRANDFIELD h -100").length).toBe(100);
  });

  test("pairs are arrays in RESP3", () => {
    const node = new CoreNode();
    node.run("HSET h f v");
    node.run("HELLO 3");
    expect(node.run("HRANDFIELD h 1 WITHVALUES")).toBe("*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv");
    expect(node.run("HRANDFIELD h -2 WITHVALUES")).toBe(
      "*2\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n*2\r\n$1\r\nf\r\n$1\r\nv",
    );
  });

  test.each([
    ["HRANDFIELD h 1 WITHVALUE", "-ERR syntax error"],
    ["HRANDFIELD h 1 WITHVALUES x", "-ERR syntax error"],
    ["HRANDFIELD h x", "-ERR value is not an integer or out of range"],
    [
      "HRANDFIELD h -9223372036854775808",
      "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    ],
    ["HRANDFIELD h 4611686018427387904 WITHVALUES", "-ERR value is out of range"],
    ["HRANDFIELD h 4611686018427387903 WITHVALUES", "*2\r\n$1\r\nf\r\n$1\r\nv"],
    ["HRANDFIELD h 0", "*0"],
    ["HRANDFIELD none", "$-1"],
    ["HRANDFIELD none 3", "*0"],
  ])("%s", (line, reply) => {
    const node = new CoreNode();
    node.run("HSET h f v");
    expect(node.run(line)).toBe(reply);
  });
});

test.each(["", " COUNT 1", " COUNT 100"])("HSCAN finds each field once%s", (options) => {
  const node = new CoreNode();
  const flat = Array.from({ length: 700 }, (_, i) => [`f${i}`, `v${i}`]).flat();
  node.run(`HSET h ${flat.join(" ")}`);
  for (const noValues of ["", " NOVALUES"]) {
    const found: string[] = [];
    let cursor = "0";
    do {
      const [next, ...more] = node.strings(`HSCAN h ${cursor}${options}${noValues}`);
      cursor = next;
      found.push(...more);
    } while (cursor !== "0");
    if (noValues === "") expect(pairs(found)).toBe(pairs(flat));
    else expect(found.sort()).toEqual(flat.filter((_, i) => i % 2 === 0).sort());
  }
});

describe("DUMP", () => {
  test("of small hashes is Redis's to the byte", () => {
    const node = new CoreNode();
    node.run("HSET h f v n 10");
    expect(toHex(toBytes(dump(node, "h")))).toBe(
      "1012120000000400816602817602816e020a01ff0c008e8e7618102c0d83",
    );
    node.run("HSET e f v g w");
    node.run("HPEXPIREAT e 9999999999999 FIELDS 1 f");
    expect(toHex(toBytes(dump(node, "e")))).toBe(
      "19ff9f724e180900001f1f0000000600816602817602f4ff9f724e18090000098167028177020001ff0c00feecfbd758d61d42",
    );
  });

  test("and RESTORE and COPY keep fields, times to live and encoding", () => {
    const many = Array.from({ length: 600 }, (_, i) => `f${i} v${i}`).join(" ");
    for (const fields of ["f v g w", `f v g ${"x".repeat(70)}`, many]) {
      for (const expires of [false, true]) {
        const node = new CoreNode();
        node.run(`HSET h f v f1 v1 f2 v2 ${fields}`);
        if (expires) {
          node.run("HPEXPIRE h 5000 FIELDS 1 f");
          node.run("HPEXPIRE h 7000 FIELDS 2 f1 f2");
        }
        const times = node.run("HPTTL h FIELDS 4 f f1 f2 g");
        const all = pairs(node.strings("HGETALL h"));
        expect(node.send(1, "RESTORE", "r", "0", dump(node, "h"))).toBe("+OK\r\n");
        node.run("COPY h c");
        for (const key of ["r", "c"]) {
          expect(pairs(node.strings(`HGETALL ${key}`))).toBe(all);
          expect(encoding(node, key)).toBe(encoding(node, "h"));
          expect(node.run(`HPTTL ${key} FIELDS 4 f f1 f2 g`)).toBe(times);
          expect(node.run(`DEBUG DIGEST-VALUE ${key}`)).toBe(node.run("DEBUG DIGEST-VALUE h"));
        }
        expect(node.node.databases[0].volatileHashCount).toBe(expires ? 3 : 0);
      }
    }
  });
});

test("hashes read like Maps under random commands, also what is propagated, and nothing is left", () => {
  for (let seed = 0; seed < 4; seed++) {
    const node = new CoreNode({ propagates: true });
    const replica = new CoreNode();
    if (seed % 2 === 1) {
      node.set("hash-max-listpack-entries", "10");
      replica.set("hash-max-listpack-entries", "10");
    }
    const prng = new Prng(Uint8Array.of(seed, 5));
    type Model = Map<string, { value: string; atMs: number }>;
    const model = new Map<string, Model>();
    const usedBefore = node.node.keyspace.arena.usedBytes;
    const key = (): string => `k${prng.below(3)}`;
    const field = (): string => `f${prng.below(40)}`;
    const of = (name: string): Model => model.get(name) ?? new Map();
    const keep = (name: string, hash: Model): void => {
      if (hash.size === 0) model.delete(name);
      else model.set(name, hash);
    };
    for (let step = 0; step < 2500; step++) {
      const name = key();
      const hash = of(name);
      switch (prng.below(10)) {
        case 0:
        case 1:
        case 2: {
          const words = ["HSET", name];
          for (let i = prng.below(8); i >= 0; i--) {
            const one = field();
            const value = `${prng.below(1000)}`;
            words.push(one, value);
            hash.set(one, { value, atMs: -1 });
          }
          node.send(1, ...words);
          keep(name, hash);
          break;
        }
        case 3: {
          const fields = [field(), field()];
          for (const one of fields) hash.delete(one);
          node.run(`HDEL ${name} ${fields.join(" ")}`);
          keep(name, hash);
          break;
        }
        case 4: {
          const one = field();
          const old = hash.get(one);
          const value = `${Number(old?.value ?? 0) + 7}`;
          expect(node.run(`HINCRBY ${name} ${one} 7`)).toBe(`:${value}`);
          hash.set(one, { value, atMs: old?.atMs ?? -1 });
          keep(name, hash);
          break;
        }
        case 5:
        case 6: {
          const fields = [...new Set([field(), field(), field()])];
          const ms = prng.below(200);
          const list = `FIELDS ${fields.length} ${fields.join(" ")}`;
          node.run(`HPEXPIRE ${name} ${ms} ${list}`);
          for (const one of fields) {
            const known = hash.get(one);
            if (known === undefined) continue;
            if (ms === 0) hash.delete(one);
            else known.atMs = node.nowMs + ms;
          }
          keep(name, hash);
          break;
        }
        case 7: {
          const one = field();
          const known = hash.get(one);
          const reply = known === undefined ? -2 : known.atMs < 0 ? -1 : 1;
          expect(node.run(`HPERSIST ${name} FIELDS 1 ${one}`)).toBe(`*1\r\n:${reply}`);
          if (known !== undefined) known.atMs = -1;
          break;
        }
        case 8: {
          const other = key();
          if (other === name || hash.size === 0) break;
          node.run(`RENAME ${name} ${other}`);
          model.delete(name);
          model.set(other, hash);
          if (prng.below(2) === 0) node.run(`PEXPIRE ${other} 1000000`);
          break;
        }
        default: {
          node.advance(prng.below(40));
          replica.advance(node.nowMs - replica.nowMs);
          // Either the background job removes what is over, or readers do, one by one.
          if (prng.below(2) === 0) {
            node.node.fieldExpiry.start();
            node.runJobs();
          } else {
            for (const one of ["k0", "k1", "k2"]) {
              for (let i = 0; i < 40; i++) node.run(`HGET ${one} f${i}`);
            }
          }
          for (const [one, fields] of model) {
            for (const [text, { atMs }] of fields) {
              if (atMs >= 0 && atMs < node.nowMs) fields.delete(text);
            }
            keep(one, fields);
          }
        }
      }
      for (const line of node.takePropagated()) {
        if (line !== "multi" && line !== "exec") replica.run(line);
      }
      const expected = pairs([...of(name)].flatMap(([one, { value }]) => [one, value]));
      expect(pairs(node.strings(`HGETALL ${name}`))).toBe(expected);
      expect(node.run(`HLEN ${name}`)).toBe(`:${of(name).size}`);
      if (step % 50 === 0) {
        node.verify();
        const expiring = [...model.values()].filter((one) =>
          [...one.values()].some(({ atMs }) => atMs >= 0),
        );
        expect(node.node.databases[0].volatileHashCount).toBe(expiring.length);
        for (const [one, fields] of model) {
          const all = pairs([...fields].flatMap(([text, { value }]) => [text, value]));
          expect(pairs(replica.strings(`HGETALL ${one}`))).toBe(all);
          for (const [text, { atMs }] of fields) {
            // In its last millisecond a field of a listpack has no time any more.
            if (atMs === node.nowMs) continue;
            const reply = `*1\r\n:${atMs}`;
            expect(node.run(`HPEXPIRETIME ${one} FIELDS 1 ${text}`)).toBe(reply);
            expect(replica.run(`HPEXPIRETIME ${one} FIELDS 1 ${text}`)).toBe(reply);
          }
        }
        expect(replica.run("DBSIZE")).toBe(`:${model.size}`);
      }
    }
    node.run("FLUSHALL");
    node.runJobs();
    node.verify();
    // The new dicts of the databases may have got blocks of one granule more.
    const dictsBytesMax = node.node.databases.length * 2 * 8;
    expect(node.node.keyspace.arena.usedBytes - usedBefore).toBeLessThanOrEqual(dictsBytesMax);
  }
});
