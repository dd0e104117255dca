import { describe, expect, test } from "vitest";
import { STREAM } from "../../../core/keyspace/types.ts";
import { CoreNode } from "../../support/core-node.ts";

function filled(count: number): CoreNode {
  const node = new CoreNode({ propagates: true });
  for (let i = 0; i < count; i++) node.run(`SET key:${i} ${i}${i % 3 === 0 ? " EX 100" : ""}`);
  node.takePropagated();
  return node;
}

describe("FLUSHALL", () => {
  test("a small one is done at once and counts as lazily freed", () => {
    const node = filled(100);
    expect(node.run("FLUSHALL")).toBe("+OK");
    const { lazyFree } = node.node.keyspace;
    expect(lazyFree.pendingObjects).toBe(0);
    expect(lazyFree.freedObjects).toBe(100);
    expect(node.takePropagated()).toEqual(["FLUSHALL"]);
    expect(node.node.keyspace.dirty).toBe(200);
    node.verify();
  });

  test("is propagated even if there is nothing", () => {
    const node = filled(0);
    node.run("flushdb async");
    expect(node.takePropagated()).toEqual(["flushdb async"]);
  });

  test("SYNC of many keys waits for the job; others do not", () => {
    const node = filled(20_000);
    expect(node.run("FLUSHALL SYNC")).toBe("");
    expect(node.send(2, "DBSIZE")).toBe(":0\r\n");
    expect(node.send(2, "SET", "new", "1")).toBe("+OK\r\n");
    expect(node.node.keyspace.lazyFree.pendingObjects).toBe(20_000);
    const steps = node.runJobs();
    expect(steps).toBeGreaterThan(100);
    expect(node.take(1)).toBe("+OK\r\n");
    expect(node.node.keyspace.lazyFree.freedObjects).toBe(20_000);
    expect(node.send(2, "KEYS", "*")).toBe("*1\r\n$3\r\nnew\r\n");
    expect(node.run("PING")).toBe("+PONG");
    node.verify();
  });

  test("a client that goes while it waits leaves the job running", () => {
    const node = filled(20_000);
    node.run("FLUSHALL");
    node.node.onClosed(1);
    node.runJobs();
    expect(node.node.keyspace.lazyFree.freedObjects).toBe(20_000);
    expect(node.take(1)).toBe("");
  });

  test("ASYNC answers at once", () => {
    const node = filled(20_000);
    const { arena } = node.node.keyspace;
    const before = arena.usedBytes;
    expect(node.run("FLUSHDB ASYNC")).toBe("+OK");
    expect(arena.usedBytes).toBeGreaterThan(before / 2);
    node.runJobs();
    expect(arena.usedBytes).toBeLessThan(before / 100);
  });

  test("large values go in steps, small ones at once", () => {
    const node = filled(0);
    const { keyspace, databases } = node.node;
    const released: number[] = [];
    let steps = 0;
    keyspace.releasers[STREAM] = (value) => released.push(value);
    keyspace.lazyReleasers[STREAM] = (value) => {
      if (value === 1) return null;
      return {
        step: () => {
          steps++;
          if (steps % 10 === 0) released.push(value);
          return steps % 10 !== 0;
        },
      };
    };
    const [db] = databases;
    const bytes = new Uint8Array([97, 98, 99]);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 3; i++) {
      db.find(view, i, 1);
      db.addKey(bytes, i, 1, STREAM, 0, i + 1);
    }
    expect(node.run("UNLINK a b")).toBe(":2");
    expect(released).toEqual([1]);
    expect(keyspace.lazyFree.pendingObjects).toBe(1);
    node.runJobs();
    expect(released).toEqual([1, 2]);
    expect(keyspace.lazyFree.freedObjects).toBe(1);
    node.run("FLUSHALL ASYNC");
    node.runJobs();
    expect(released).toEqual([1, 2, 3]);
    // Values inside of a database that is flushed are not counted again.
    expect(keyspace.lazyFree.freedObjects).toBe(2);
    expect(steps).toBe(20);
    node.verify();
  });
});

describe("SWAPDB", () => {
  test("exchanges keys, expiry and all", () => {
    const node = filled(0);
    node.run("SET a 0 PX 5000");
    node.run("SELECT 1");
    node.run("SET a 1");
    expect(node.run("SWAPDB 0 1")).toBe("+OK");
    expect(node.run("PTTL a")).toBe(":5000");
    node.run("SELECT 0");
    expect(node.run("GET a")).toBe("$1\r\n1");
    expect(node.run("PTTL a")).toBe(":-1");
    expect(node.node.databases.map((db) => db.volatileCount).slice(0, 2)).toEqual([0, 1]);
  });
});
