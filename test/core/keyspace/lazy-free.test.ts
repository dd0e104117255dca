import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

const MEMBERS = 30_000;
const BATCH = 1000;
/** What one call frees at most, counted in members: far from all, far from none. */
const FREED_AT_ONCE_MIN = 1000;
const FREED_AT_ONCE_MAX = 25_000;

const FILLS: readonly [type: string, command: (key: string, i: number) => string[]][] = [
  ["set", (key, i) => ["SADD", key, `member:${i}`]],
  ["hash", (key, i) => ["HSET", key, `field:${i}`, "value"]],
  ["sorted set", (key, i) => ["ZADD", key, String(i), `member:${i}`]],
];

function fill(node: CoreNode, key: string, command: (key: string, i: number) => string[]): void {
  for (let i = 0; i < MEMBERS; i += BATCH) {
    const words = command(key, i);
    for (let j = i + 1; j < i + BATCH; j++) words.push(...command(key, j).slice(2));
    node.send(1, ...words);
  }
}

describe("DEL of a huge value", () => {
  test.each(FILLS)("a %s goes in part at once, the rest in the background", (_type, command) => {
    const node = new CoreNode();
    const { keyspace } = node.node;
    node.run("SET other 1");
    const empty = keyspace.arena.usedBytes;
    fill(node, "huge", command);
    const full = keyspace.arena.usedBytes;
    expect(node.run("DEL huge")).toBe(":1");
    expect(node.run("EXISTS huge")).toBe(":0");
    const freed = ((full - keyspace.arena.usedBytes) / (full - empty)) * MEMBERS;
    expect(freed).toBeLessThan(FREED_AT_ONCE_MAX);
    node.runJobs();
    expect(keyspace.arena.usedBytes).toBe(empty);
    expect(keyspace.lazyFree.pendingObjects).toBe(0);
    expect(keyspace.lazyFree.freedObjects).toBe(0);
  });

  test("several in one command take no longer than one", () => {
    const [, command] = FILLS[0];
    const node = new CoreNode();
    const { keyspace } = node.node;
    const empty = keyspace.arena.usedBytes;
    for (const key of ["a", "b", "c", "d"]) fill(node, key, command);
    const full = keyspace.arena.usedBytes;
    expect(node.run("DEL a b c d")).toBe(":4");
    const freed = ((full - keyspace.arena.usedBytes) / (full - empty)) * MEMBERS * 4;
    expect(freed).toBeGreaterThan(FREED_AT_ONCE_MIN);
    expect(freed).toBeLessThan(FREED_AT_ONCE_MAX);
    node.runJobs();
    // Keys were added and removed: the keyspace's own index may be of another size now.
    expect(keyspace.arena.usedBytes - empty).toBeLessThan(1000);
    // Once the rest is gone, the next one is freed in part at once again.
    fill(node, "e", command);
    const again = keyspace.arena.usedBytes;
    node.run("DEL e");
    expect(again - keyspace.arena.usedBytes).toBeGreaterThan(FREED_AT_ONCE_MIN * 20);
  });
});
