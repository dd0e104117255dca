import { describe, expect, test } from "vitest";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";

function sorted(node: CoreNode, line: string): string {
  return node.strings(line).sort().join(" ");
}

describe("what a result is stored as", () => {
  test.each([
    ["SINTERSTORE d i j", "intset", "1 2"],
    ["SINTERSTORE d i mixed", "intset", "1 2"],
    ["SINTERSTORE d mixed i", "intset", "1 2"],
    ["SINTERSTORE d mixed words", "listpack", "a"],
    ["SINTERSTORE d big i", "intset", "1 2 3"],
    ["SUNIONSTORE d i j", "intset", "1 2 3 4"],
    ["SUNIONSTORE d i words", "listpack", "1 2 3 a b"],
    ["SDIFFSTORE d mixed words", "intset", "1 2"],
    ["SDIFFSTORE d words mixed", "listpack", "b"],
  ])("%s", (line, encoding, members) => {
    const node = new CoreNode();
    node.run("SADD i 1 2 3");
    node.run("SADD j 1 2 4");
    node.run("SADD mixed 1 2 a");
    node.run("SADD words a b");
    node.run(`SADD big ${Array.from({ length: 600 }, (_, i) => i).join(" ")}`);
    node.run("SET d old EX 100");
    expect(node.run(line)).toBe(`:${members.split(" ").length}`);
    expect(node.run("OBJECT ENCODING d").split("\r\n")[1]).toBe(encoding);
    expect(sorted(node, "SMEMBERS d")).toBe(members);
    expect(node.run("TTL d")).toBe(":-1");
  });

  test("nothing: the destination goes", () => {
    const node = new CoreNode({ propagates: true });
    node.run("SADD a 1");
    node.run("SET d x PX 10");
    node.takePropagated();
    node.advance(11);
    expect(node.run("SINTERSTORE d a missing")).toBe(":0");
    expect(node.takePropagated()).toEqual(["SINTERSTORE d a missing"]);
    expect(node.run("SDIFFSTORE d a a")).toBe(":0");
    expect(node.takePropagated()).toEqual([]);
    expect(node.run("DBSIZE")).toBe(":1");
  });
});

describe("SPOP", () => {
  test("propagates what it removed", () => {
    const node = new CoreNode({ propagates: true });
    node.run("SADD s a");
    expect(node.run("SPOP s")).toBe("$1\r\na");
    expect(node.takePropagated()).toEqual(["SADD s a", "SREM s a"]);
    node.run("SADD s a b");
    expect(node.strings("SPOP s 5").sort()).toEqual(["a", "b"]);
    expect(node.takePropagated()).toEqual(["SADD s a b", "DEL s"]);
    node.set("lazyfree-lazy-server-del", "yes");
    node.run("SADD s a b");
    node.run("SPOP s 2");
    expect(node.takePropagated()).toEqual(["SADD s a b", "UNLINK s"]);
    node.run("SADD s a b c d");
    const popped = node.strings("SPOP s 3").join(" ");
    expect(node.takePropagated()).toEqual(["SADD s a b c d", `SREM s ${popped}`]);
  });

  test("propagates many members in several commands, one unit", () => {
    const node = new CoreNode({ propagates: true });
    node.run(`SADD s ${Array.from({ length: 3000 }, (_, i) => i).join(" ")}`);
    node.takePropagated();
    const popped = node.strings("SPOP s 2500");
    const propagated = node.takePropagated();
    expect(propagated.map((line) => line.split(" ")[0])).toEqual([
      "multi",
      "SREM",
      "SREM",
      "SREM",
      "exec",
    ]);
    const removed = propagated.flatMap((line) => line.split(" ").slice(2));
    expect(removed).toEqual(popped);
    expect(node.run("SCARD s")).toBe(":500");
  });

  test.each([
    ["intset", "1 2 3 4 5 6 7 8 9 10"],
    ["listpack", "1 2 3 4 5 6 7 8 9 a"],
    ["hashtable", `${"x".repeat(65)} 2 3 4 5 6 7 8 9 a`],
  ])("of any number leaves the others, %s", (encoding, members) => {
    const all = members.split(" ").sort();
    for (let count = 0; count <= 11; count++) {
      const node = new CoreNode();
      node.run(`SADD s ${members}`);
      expect(node.run("OBJECT ENCODING s")).toContain(encoding);
      const popped = node.strings(`SPOP s ${count}`);
      const rest = node.strings("SMEMBERS s");
      expect(popped.length).toBe(Math.min(count, 10));
      expect([...popped, ...rest].sort()).toEqual(all);
      expect(node.run("EXISTS s")).toBe(count < 10 ? ":1" : ":0");
    }
  });
});

describe("SRANDMEMBER", () => {
  test.each([
    ["intset", Array.from({ length: 20 }, (_, i) => `${i}`)],
    ["listpack", Array.from({ length: 20 }, (_, i) => `m${i}`)],
    ["hashtable", Array.from({ length: 20 }, (_, i) => `m${i}${"x".repeat(70)}`)],
  ])("finds all members of %s, as often one as the other", (_encoding, members) => {
    const node = new CoreNode();
    node.run(`SADD s ${members.join(" ")}`);
    for (const count of [1, 3, 10, 19]) {
      const seen = new Map<string, number>(members.map((member) => [member, 0]));
      const rounds = 2000 / count;
      for (let round = 0; round < rounds; round++) {
        const found = node.strings(`SRANDMEMBER s ${count}`);
        expect(found.length).toBe(count);
        expect(new Set(found).size).toBe(count);
        for (const member of found) seen.set(member, seen.get(member)! + 1);
      }
      // A hundred expected for each; the seed is fixed.
      for (const n of seen.values()) expect(Math.abs(n - 100)).toBeLessThan(60);
    }
    expect(node.strings("SRANDMEMBER s 100").sort()).toEqual([...members].sort());
    expect(node.strings("SRANDMEMBER s -100").length).toBe(100);
    expect(node.run("SRANDMEMBER s 0")).toBe("*0");
  });

  test.each([
    [
      "SRANDMEMBER s -9223372036854775808",
      "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    ],
    ["SRANDMEMBER s x", "-ERR value is not an integer or out of range"],
    ["SRANDMEMBER s 1 2", "-ERR syntax error"],
    ["SRANDMEMBER s 9223372036854775807", "*1\r\n$1\r\na"],
    ["SRANDMEMBER none -5", "*0"],
    ["SRANDMEMBER none", "$-1"],
    ["SPOP s -1", "-ERR value is out of range, must be positive"],
    ["SPOP s x", "-ERR value is out of range, must be positive"],
    ["SPOP s 1 2", "-ERR syntax error"],
    ["SPOP none 3", "*0"],
  ])("%s", (line, reply) => {
    const node = new CoreNode();
    node.run("SADD s a");
    expect(node.run(line)).toBe(reply);
  });
});

describe("SSCAN", () => {
  test.each(["", " COUNT 1", " COUNT 100"])("finds each member once%s", (options) => {
    const node = new CoreNode();
    const members = Array.from({ length: 700 }, (_, i) => `m${i}`);
    node.run(`SADD s ${members.join(" ")}`);
    const found: string[] = [];
    let cursor = "0";
    do {
      const [next, ...more] = node.strings(`SSCAN s ${cursor}${options}`);
      cursor = next;
      found.push(...more);
    } while (cursor !== "0");
    expect(found.sort()).toEqual([...members].sort());
  });
});

test("sets read like Sets under random commands, and leave nothing behind", () => {
  for (let seed = 0; seed < 4; seed++) {
    const node = new CoreNode({ propagates: true });
    // A replica that executes what is propagated must come to the same data.
    const replica = new CoreNode();
    const prng = new Prng(Uint8Array.of(seed, 9));
    const model = new Map<string, Set<string>>();
    const of = (key: string): Set<string> => model.get(key) ?? new Set();
    const keep = (key: string, members: Set<string>): void => {
      if (members.size === 0) model.delete(key);
      else model.set(key, members);
    };
    const key = (): string => `k${prng.below(5)}`;
    const member = (): string =>
      prng.below(3) === 0 ? `m${prng.below(60)}` : `${prng.below(seed % 2 === 0 ? 60 : 900)}`;
    const usedBefore = node.node.keyspace.arena.usedBytes;
    for (let step = 0; step < 1500; step++) {
      const [a, b, c] = [key(), key(), key()];
      switch (prng.below(8)) {
        case 0:
        case 1: {
          const added = Array.from({ length: 1 + prng.below(60) }, member);
          const old = of(a);
          const made = new Set([...old, ...added]);
          expect(node.run(`SADD ${a} ${added.join(" ")}`)).toBe(`:${made.size - old.size}`);
          keep(a, made);
          break;
        }
        case 2: {
          const removed = Array.from({ length: 1 + prng.below(20) }, member);
          const left = new Set([...of(a)].filter((one) => !removed.includes(one)));
          expect(node.run(`SREM ${a} ${removed.join(" ")}`)).toBe(`:${of(a).size - left.size}`);
          keep(a, left);
          break;
        }
        case 3: {
          const popped = node.strings(`SPOP ${a} ${prng.below(80)}`);
          keep(a, new Set([...of(a)].filter((one) => !popped.includes(one))));
          break;
        }
        case 4: {
          const one = member();
          const isThere = of(a).has(one);
          expect(node.run(`SMOVE ${a} ${b} ${one}`)).toBe(isThere ? ":1" : ":0");
          if (isThere && a !== b) {
            keep(a, new Set([...of(a)].filter((other) => other !== one)));
            keep(b, new Set([...of(b), one]));
          }
          break;
        }
        case 5: {
          const result = new Set([...of(b)].filter((one) => of(c).has(one)));
          expect(sorted(node, `SINTER ${b} ${c}`)).toBe([...result].sort().join(" "));
          expect(node.run(`SINTERSTORE ${a} ${b} ${c}`)).toBe(`:${result.size}`);
          keep(a, result);
          break;
        }
        case 6: {
          const result = new Set([...of(b), ...of(c)]);
          expect(sorted(node, `SUNION ${b} ${c}`)).toBe([...result].sort().join(" "));
          expect(node.run(`SUNIONSTORE ${a} ${b} ${c}`)).toBe(`:${result.size}`);
          keep(a, result);
          break;
        }
        default: {
          const d = key();
          const result = new Set([...of(b)].filter((one) => !of(c).has(one) && !of(d).has(one)));
          expect(sorted(node, `SDIFF ${b} ${c} ${d}`)).toBe([...result].sort().join(" "));
          expect(node.run(`SDIFFSTORE ${a} ${b} ${c} ${d}`)).toBe(`:${result.size}`);
          keep(a, result);
        }
      }
      for (const line of node.takePropagated()) replica.run(line);
      expect(node.run(`SCARD ${a}`)).toBe(`:${of(a).size}`);
      if (step % 100 === 0) {
        node.verify();
        for (const name of ["k0", "k1", "k2", "k3", "k4"]) {
          const members = [...of(name)].sort().join(" ");
          expect(sorted(node, `SMEMBERS ${name}`)).toBe(members);
          expect(sorted(replica, `SMEMBERS ${name}`)).toBe(members);
        }
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

test("DUMP and RESTORE keep a set of any encoding", () => {
  const node = new CoreNode();
  const numbers = (count: number): string => Array.from({ length: count }, (_, i) => i).join(" ");
  for (const members of ["1 2 300000", "a b 3", numbers(600), `${"x".repeat(70)} y`]) {
    node.run("DEL s t");
    node.run(`SADD s ${members}`);
    const dump = node
      .send(1, "DUMP", "s")
      .replace(/^\$\d+\r\n/, "")
      .slice(0, -2);
    expect(node.send(1, "RESTORE", "t", "0", dump)).toBe("+OK\r\n");
    expect(sorted(node, "SMEMBERS t")).toBe(members.split(" ").sort().join(" "));
    expect(node.run("OBJECT ENCODING t")).toBe(node.run("OBJECT ENCODING s"));
    node.run("DEL t");
    node.run("COPY s t");
    expect(sorted(node, "SMEMBERS t")).toBe(members.split(" ").sort().join(" "));
  }
});
