import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** `live` keys that stay and `dead` ones that expire after 100 ms. */
function filled(live: number, dead: number, configuration = ""): CoreNode {
  const node = new CoreNode({ propagates: true, configuration });
  for (let i = 0; i < live; i++) node.run(`SET live:${i} 1 PX 100000`);
  for (let i = 0; i < dead; i++) node.run(`SET dead:${i} 1 PX 100`);
  node.takePropagated();
  return node;
}

function size(node: CoreNode): number {
  return Number(node.run("DBSIZE").slice(1));
}

/** One tick and the work that follows from it. Answers with the number of steps. */
function cycle(node: CoreNode): number {
  node.advance(100);
  node.tick();
  return node.runJobs();
}

describe("the cycle", () => {
  test("removes what is expired, in many small steps, each key on its own", () => {
    const node = filled(100, 5000);
    node.advance(101);
    node.tick();
    expect(size(node)).toBe(5100);
    expect(node.runJobs()).toBeGreaterThan(20);
    expect(size(node)).toBe(100);
    expect(node.node.keyspace.expiredKeys).toBe(5000);
    const propagated = node.takePropagated();
    expect(propagated.length).toBe(5000);
    expect(propagated.every((line) => line.startsWith("DEL dead:"))).toBe(true);
    node.verify();
  });

  test("no step looks at more than a page", () => {
    const node = filled(0, 5000);
    node.advance(101);
    node.tick();
    let before = size(node);
    while (node.node.runJobs(1)) {
      const now = size(node);
      expect(before - now).toBeLessThanOrEqual(208);
      before = now;
    }
    expect(size(node)).toBe(0);
  });

  test("leaves a database with few dead keys after one step, and comes round in the end", () => {
    const node = filled(4000, 100);
    node.advance(101);
    expect(cycle(node)).toBeLessThan(5);
    for (let i = 0; i < 60 && size(node) > 4000; i++) cycle(node);
    expect(size(node)).toBe(4000);
  });

  test("visits all databases", () => {
    const node = new CoreNode();
    for (const db of [0, 5, 15]) {
      node.run(`SELECT ${db}`);
      node.run("SET a 1 PX 10");
    }
    node.advance(11);
    cycle(node);
    expect(node.node.databases.map((db) => db.size).every((count) => count === 0)).toBe(true);
  });

  test.each([
    ["DEBUG SET-ACTIVE-EXPIRE 0", "DEBUG SET-ACTIVE-EXPIRE 1"],
    ["CLIENT PAUSE 100000 WRITE", "CLIENT UNPAUSE"],
  ])("rests after %s", (stop, go) => {
    const node = filled(0, 10, "enable-debug-command yes");
    expect(node.run(stop)).toBe("+OK");
    cycle(node);
    cycle(node);
    expect(size(node)).toBe(10);
    expect(node.run(go)).toBe("+OK");
    cycle(node);
    expect(size(node)).toBe(0);
  });

  test("rests on a replica", () => {
    const node = filled(0, 10);
    node.node.keyspace.deletesExpired = false;
    cycle(node);
    cycle(node);
    expect(size(node)).toBe(10);
  });
});

describe("its limits and figures", () => {
  test("a share of the tick is all it takes; the effort says how much", () => {
    const removedInOneCycle = (effort: number) => {
      const node = filled(0, 20_000, `active-expire-effort ${effort}`);
      node.advance(101);
      let steps = 0;
      // Every step takes a millisecond by this clock.
      const { host } = node.node;
      let us = 0;
      host.monotonicUs = () => {
        us += 1000;
        return us;
      };
      node.tick();
      steps = node.runJobs();
      expect(node.node.statistics.expiredTimeCapReached).toBe(1);
      expect(node.node.statistics.activeExpireMicroseconds).toBe((steps + 1) * 1000);
      return steps + 1;
    };
    expect(removedInOneCycle(1)).toBe(26);
    expect(removedInOneCycle(10)).toBe(44);
  });

  test("the estimate of dead keys moves by a twentieth per cycle", () => {
    const node = filled(0, 10);
    node.advance(101);
    cycle(node);
    const { statistics } = node.node;
    expect(statistics.expiredStalePercent).toBeCloseTo(5);
    cycle(node);
    expect(statistics.expiredStalePercent).toBeCloseTo(4.75);
    expect(statistics.expiredTimeCapReached).toBe(0);
  });

  test("the average time to live is that of keys that live", () => {
    const node = filled(10, 10);
    node.advance(101);
    cycle(node);
    expect(node.node.databases[0].averageTtlMs).toBe(100000 - 201);
    for (let i = 0; i < 10; i++) node.run(`PERSIST live:${i}`);
    cycle(node);
    expect(node.node.databases[0].averageTtlMs).toBe(0);
  });
});
