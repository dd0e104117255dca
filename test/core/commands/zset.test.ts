import { describe, expect, test } from "vitest";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";

/** A node with z = { a 1, b 2, c 3, d 4, e 5 }, small or large. */
function filled(large: boolean, options: { propagates?: boolean } = {}): CoreNode {
  const node = new CoreNode(options);
  if (large) node.set("zset-max-listpack-entries", "0");
  node.run("ZADD z 1 a 2 b 3 c 4 d 5 e");
  node.takePropagated();
  return node;
}

describe.each([
  ["small", false],
  ["large", true],
])("ranges of a %s set", (_, large) => {
  test.each([
    ["ZRANGE z 0 -1", "abcde"],
    ["ZRANGE z -2 10", "de"],
    ["ZRANGE z 3 1", ""],
    ["ZRANGE z 0 1 REV", "ed"],
    ["ZREVRANGE z 1 2", "dc"],
    ["ZRANGE z (1 3 BYSCORE", "bc"],
    ["ZRANGE z (3 1 BYSCORE REV", "ba"],
    ["ZRANGE z -inf +inf BYSCORE LIMIT 1 2", "bc"],
    ["ZRANGE z +inf -inf BYSCORE REV LIMIT 1 2", "dc"],
    ["ZRANGE z 2 4 BYSCORE LIMIT 2 -1", "d"],
    ["ZRANGE z 2 4 BYSCORE LIMIT 3 5", ""],
    ["ZRANGE z 2 4 BYSCORE LIMIT 0 0", ""],
    ["ZREVRANGEBYSCORE z 4 (2 LIMIT 1 1", "c"],
    ["ZRANGEBYSCORE z 4 2", ""],
    ["ZRANGEBYSCORE z (2 (2", ""],
  ])("%s", (line, members) => {
    expect(filled(large).strings(line).join("")).toBe(members);
  });

  test("a negative offset counts from the end in a large set, and finds nothing in a small one", () => {
    const node = filled(large);
    const found = (line: string): string => node.strings(line).join("");
    expect(found("ZRANGE z 1 4 BYSCORE LIMIT -2 10")).toBe(large ? "cd" : "");
    expect(found("ZRANGE z 4 1 BYSCORE REV LIMIT -2 10")).toBe(large ? "ba" : "");
    expect(found("ZRANGE z 1 4 BYSCORE LIMIT -5 10")).toBe("");
  });

  test("stored, they keep nothing of the old destination", () => {
    const node = filled(large, { propagates: true });
    node.run("SET d x EX 100");
    node.takePropagated();
    expect(node.run("ZRANGESTORE d z 4 2 BYSCORE REV LIMIT 0 2")).toBe(":2");
    expect(node.strings("ZRANGE d 0 -1 WITHSCORES")).toEqual(["c", "3", "d", "4"]);
    expect(node.run("TTL d")).toBe(":-1");
    expect(node.run("ZRANGESTORE d z 9 10")).toBe(":0");
    expect(node.run("ZRANGESTORE d z 9 10")).toBe(":0");
    expect(node.run("EXISTS d")).toBe(":0");
    expect(node.takePropagated()).toEqual([
      "ZRANGESTORE d z 4 2 BYSCORE REV LIMIT 0 2",
      "ZRANGESTORE d z 9 10",
    ]);
  });

  test("removed, they take the key along when nothing is left", () => {
    const node = filled(large, { propagates: true });
    const { keyspace } = node.node;
    const { dirty } = keyspace;
    expect(node.run("ZREMRANGEBYRANK z 1 2")).toBe(":2");
    expect(keyspace.dirty - dirty).toBe(2);
    expect(node.strings("ZRANGE z 0 -1")).toEqual(["a", "d", "e"]);
    expect(node.run("ZREMRANGEBYSCORE z 9 10")).toBe(":0");
    expect(node.run("ZREMRANGEBYSCORE z -inf (5")).toBe(":2");
    expect(node.run("ZREMRANGEBYLEX z - +")).toBe(":1");
    expect(node.run("EXISTS z")).toBe(":0");
    expect(node.takePropagated()).toEqual([
      "ZREMRANGEBYRANK z 1 2",
      "ZREMRANGEBYSCORE z -inf (5",
      "ZREMRANGEBYLEX z - +",
    ]);
    node.verify();
  });

  test("popped from either end, in the order of the end", () => {
    const node = filled(large, { propagates: true });
    expect(node.strings("ZPOPMIN z 2")).toEqual(["a", "1", "b", "2"]);
    expect(node.strings("ZPOPMAX z 2")).toEqual(["e", "5", "d", "4"]);
    expect(node.strings("ZMPOP 2 missing z MAX COUNT 9")).toEqual(["z", "c", "3"]);
    expect(node.run("ZPOPMIN z")).toBe("*0");
    expect(node.takePropagated()).toEqual(["ZPOPMIN z 2", "ZPOPMAX z 2", "ZPOPMAX z 1"]);
    node.verify();
  });

  test("drawn by chance, every subset alike", () => {
    const node = filled(large);
    const counts = new Map<string, number>();
    for (let i = 0; i < 4000; i++) {
      const members = node.strings("ZRANDMEMBER z 2").sort().join("");
      counts.set(members, (counts.get(members) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    // 400 expected; six standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 400)).toBeLessThan(114);
    expect(node.strings("ZRANDMEMBER z -20 WITHSCORES")).toHaveLength(40);
  });
});

describe("waiting for a sorted set", () => {
  test("the longest waiting is served first, and the pop is propagated", () => {
    const node = new CoreNode({ propagates: true });
    expect(node.send(2, "BZPOPMIN", "z", "0")).toBe("");
    expect(node.send(3, "BZMPOP", "0", "2", "y", "z", "MAX", "COUNT", "5")).toBe("");
    expect(node.run("ZADD z 1 a 2 b 3 c")).toBe(":3");
    expect(node.take(2)).toBe("*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n");
    expect(node.take(3)).toBe(
      "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n",
    );
    expect(node.takePropagated()).toEqual(["ZADD z 1 a 2 b 3 c", "ZPOPMIN z", "ZPOPMAX z 2"]);
    expect(node.run("EXISTS z")).toBe(":0");
  });

  test("a value of another type wakes nobody", () => {
    const node = new CoreNode();
    node.send(2, "BZPOPMAX", "z", "0");
    node.run("SADD z x");
    expect(node.take(2)).toBe("");
    node.run("DEL z");
    node.run("ZUNIONSTORE z 1 z");
    expect(node.take(2)).toBe("");
    node.run("SADD s x");
    node.run("ZUNIONSTORE z 1 s");
    expect(node.take(2)).toBe("*3\r\n$1\r\nz\r\n$1\r\nx\r\n$1\r\n1\r\n");
  });

  test("gives up when its time is over", () => {
    const node = new CoreNode();
    node.send(2, "BZPOPMIN", "z", "0.5");
    node.send(3, "BZMPOP", "0.001", "1", "z", "MIN");
    node.advance(100);
    node.tick();
    expect([node.take(2), node.take(3)]).toEqual(["", "*-1\r\n"]);
    node.advance(401);
    node.tick();
    expect(node.take(2)).toBe("*-1\r\n");
    node.run("ZADD z 1 a");
    expect(node.run("ZCARD z")).toBe(":1");
  });

  test.each([
    ["BZPOPMIN z abc", "timeout is not a float or out of range"],
    ["BZPOPMIN z nan", "timeout is not a float or out of range"],
    ["BZPOPMIN z -1", "timeout is negative"],
    ["BZPOPMIN z -inf", "timeout is negative"],
    ["BZPOPMIN z 1e300", "timeout is out of range"],
    ["BZPOPMIN z 9223372036854775", "timeout is out of range"],
    ["BZMPOP x 1 z MIN", "timeout is not a float or out of range"],
    ["BZMPOP 0 0 z MIN", "numkeys should be greater than 0"],
    ["BZMPOP 0 1 z MIN COUNT 0", "count should be greater than 0"],
    ["BZMPOP 0 1 z MIN COUNT 1 COUNT 1", "syntax error"],
    ["BZMPOP 0 9 z MIN", "syntax error"],
  ])("%s: %s", (line, error) => {
    expect(new CoreNode().run(line)).toBe(`-ERR ${error}`);
  });

  test("does not happen in a transaction", () => {
    const node = new CoreNode();
    node.run("MULTI");
    node.run("BZPOPMIN z 0");
    node.run("BZMPOP 0 1 z MIN");
    expect(node.run("EXEC")).toBe("*2\r\n*-1\r\n*-1");
  });
});

describe("unions, intersections and differences", () => {
  test("are what a plain calculation makes of them", () => {
    const prng = new Prng(Uint8Array.of(11));
    for (let round = 0; round < 60; round++) {
      const node = new CoreNode();
      node.set("zset-max-listpack-entries", `${[0, 10, 128][round % 3]}`);
      const maps = ["a", "b", "s"].map((key) => {
        const map = new Map<string, number>();
        for (let i = prng.below(30); i > 0; i--) {
          const member = `${prng.below(40)}`;
          const score = key === "s" ? 1 : prng.below(100) - 50;
          map.set(member, score);
          if (key === "s") node.run(`SADD s ${member}`);
          else node.run(`ZADD ${key} ${score} ${member}`);
        }
        return map;
      });
      const [aggregate, combine] = AGGREGATES[prng.below(3)];
      const weights = maps.map(() => prng.below(7) - 3);
      const words = `WEIGHTS ${weights.join(" ")} AGGREGATE ${aggregate} WITHSCORES`;
      const union = new Map<string, number>();
      const inAll = new Map<string, number>();
      maps.forEach((map, i) => {
        for (const [member, score] of map) {
          const known = union.get(member);
          const weighted = score * weights[i] + 0;
          union.set(member, known === undefined ? weighted : combine(known, weighted));
        }
      });
      for (const [member, score] of union) {
        if (maps.every((map) => map.has(member))) inAll.set(member, score);
      }
      expect(pairs(node, `ZUNION 3 a b s ${words}`)).toEqual(ordered(union));
      expect(pairs(node, `ZINTER 3 a b s ${words}`)).toEqual(ordered(inAll));
      expect(node.run("ZINTERCARD 3 a b s")).toBe(`:${inAll.size}`);
      expect(node.run("ZINTERCARD 3 a b s LIMIT 2")).toBe(`:${Math.min(2, inAll.size)}`);
      const left = [...maps[0]].filter(([member]) => !maps[1].has(member) && !maps[2].has(member));
      expect(pairs(node, "ZDIFF 3 a b s WITHSCORES")).toEqual(ordered(new Map(left)));
      expect(node.run("ZDIFFSTORE a 3 a b s")).toBe(`:${left.length}`);
      expect(pairs(node, "ZRANGE a 0 -1 WITHSCORES")).toEqual(ordered(new Map(left)));
      node.verify();
    }
  });

  test("subtract by going through the other sets when those are small", () => {
    const node = new CoreNode();
    for (let i = 0; i < 300; i++) node.run(`ZADD big ${i} m${i}`);
    for (let i = 0; i < 10; i++) node.run(`SADD s${i} m${i} x`);
    const others = Array.from({ length: 10 }, (_, i) => `s${i}`).join(" ");
    expect(node.run(`ZDIFFSTORE d 11 big ${others}`)).toBe(":290");
    expect(node.run("ZSCORE d m9")).toBe("$-1");
    expect(node.strings("ZRANGE d 0 0")).toEqual(["m10"]);
    expect(node.strings("ZDIFF 2 big big")).toEqual([]);
  });

  test("make 0 of infinities that cancel out, and of an infinity times 0", () => {
    const node = new CoreNode();
    node.run("ZADD a inf m");
    node.run("ZADD b -inf m");
    expect(node.strings("ZUNION 2 a b WITHSCORES")).toEqual(["m", "0"]);
    expect(node.strings("ZINTER 2 a b WITHSCORES")).toEqual(["m", "0"]);
    expect(node.strings("ZUNION 1 a WEIGHTS 0 WITHSCORES")).toEqual(["m", "0"]);
  });
});

test("ZSCAN returns every member of a large set that stays, whatever comes and goes", () => {
  const node = filled(true);
  for (let i = 0; i < 1000; i++) node.run(`ZADD z ${i / 3} stay:${i}`);
  const seen = new Set<string>();
  let cursor = "0";
  let round = 0;
  do {
    const words = node.strings(`ZSCAN z ${cursor} COUNT 20 MATCH stay:*`);
    cursor = words[0];
    for (let i = 1; i < words.length; i += 2) seen.add(words[i]);
    for (let i = 0; i < 30; i++) node.run(`ZADD z 1 come:${round}:${i}`);
    if (round % 2 === 1) for (let i = 0; i < 25; i++) node.run(`ZREM z come:${round - 1}:${i}`);
    round++;
  } while (cursor !== "0");
  expect(seen.size).toBe(1000);
});

test("a large set that is unlinked goes in the background", () => {
  const node = filled(true);
  for (let i = 0; i < 2000; i++) node.run(`ZADD z ${i} m${i}`);
  const { arena } = node.node.keyspace;
  const used = arena.usedBytes;
  expect(node.run("UNLINK z")).toBe(":1");
  expect(arena.usedBytes).toBeGreaterThan(used - 1000);
  expect(node.runJobs()).toBeGreaterThan(10);
  expect(arena.usedBytes).toBeLessThan(used - 2000 * 40);
  node.verify();
});

const AGGREGATES: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ["SUM", (a, b) => a + b],
  ["MIN", Math.min],
  ["MAX", Math.max],
];

function pairs(node: CoreNode, line: string): [string, number][] {
  const words = node.strings(line);
  return words.flatMap((word, i) => (i % 2 === 0 ? [[word, Number(words[i + 1]) + 0]] : []));
}

function ordered(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
}
