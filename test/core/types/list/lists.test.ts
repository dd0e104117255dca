import { describe, expect, it } from "vitest";
import { LISTPACK, QUICKLIST } from "../../../../core/keyspace/types.ts";
import { NONE } from "../../../../core/memory/arena.ts";
import { type Draw, element, random, run, World } from "./world.ts";

function upTo(longest: number): Draw {
  return (prng) => element(prng, longest);
}

describe("a list is what the array is that the same is done to", () => {
  for (const fill of [-1, -2, -5, 0, 1, 3, 16, 128, 40000]) {
    for (const depth of [0, 1, 3]) {
      it(`list-max-listpack-size ${fill}, list-compress-depth ${depth}`, () => {
        run(new World(fill, depth), fill * 7 + depth + 100, 700, upTo(200));
      });
    }
  }

  it("with elements that need nodes of their own", () => {
    for (const depth of [0, 1, 2]) run(new World(-1, depth), 5 + depth, 500, upTo(12000));
  });

  it("with a packed threshold", () => {
    for (const threshold of [1, 5, 30]) {
      const world = new World(4, 1);
      world.lists.quicklists.packedThreshold = threshold;
      run(world, threshold, 700, upTo(100));
    }
  });
});

describe("the encoding", () => {
  function encodingAfter(fill: number, count: number, text: string): number {
    const world = new World(fill);
    for (let i = 0; i < count; i++) world.push(false, text);
    return world.lists.encoding;
  }

  it("becomes a quicklist beyond the count or the size of a node", () => {
    expect(encodingAfter(5, 5, "x")).toBe(LISTPACK);
    expect(encodingAfter(5, 6, "x")).toBe(QUICKLIST);
    expect(encodingAfter(0, 1, "x")).toBe(LISTPACK);
    expect(encodingAfter(0, 2, "x")).toBe(QUICKLIST);
    expect(encodingAfter(5, 2, "x".repeat(4092))).toBe(QUICKLIST);
    expect(encodingAfter(5, 2, "x".repeat(4090))).toBe(LISTPACK);
    expect(encodingAfter(-1, 2, "x".repeat(2000))).toBe(LISTPACK);
    expect(encodingAfter(-1, 3, "x".repeat(2000))).toBe(QUICKLIST);
    expect(encodingAfter(-6, 2, "x".repeat(30000))).toBe(LISTPACK);
    expect(encodingAfter(-6, 3, "x".repeat(30000))).toBe(QUICKLIST);
  });

  it("becomes a listpack again at half of the limit", () => {
    const world = new World(10);
    for (let i = 0; i < 11; i++) world.push(false, "x");
    expect(world.lists.encoding).toBe(QUICKLIST);
    for (let i = 11; i > 6; i--) world.pop(false);
    expect(world.lists.encoding).toBe(QUICKLIST);
    world.pop(false);
    expect(world.lists.encoding).toBe(LISTPACK);
    world.verify();
  });

  it("is normalized to the whole limit", () => {
    const world = new World(10);
    for (let i = 0; i < 11; i++) world.push(false, "x");
    world.pop(false);
    expect(world.lists.encoding).toBe(QUICKLIST);
    world.lists.normalize();
    expect(world.lists.encoding).toBe(LISTPACK);
    world.limits.listMaxListpackSize = 9;
    world.lists.normalize();
    expect(world.lists.encoding).toBe(QUICKLIST);
    world.verify();
  });
});

describe("large lists", () => {
  function filled(count: number): World {
    const world = new World(-2);
    for (let i = 0; i < count; i++) world.push(false, `element:${i}`);
    return world;
  }

  it("are found in the middle, with and without a directory", () => {
    const world = filled(30_000);
    const prng = random(3);
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 3; i++) {
        const index = prng.below(world.model.length);
        expect(world.at(index)).toBe(world.model[index]);
      }
      const count = 1 + prng.below(300);
      const atHead = prng.below(2) === 0;
      if (prng.below(2) === 0) for (let i = 0; i < count; i++) world.pop(atHead);
      else for (let i = 0; i < count; i++) world.push(atHead, `new:${round}:${i}`);
      if (prng.below(20) === 0) world.replace(prng.below(world.model.length), "replaced");
    }
    expect(world.lists.quicklists.directory(world.lists.value)).not.toBe(NONE);
    world.verify();
  });

  it("take little more memory than their elements", () => {
    const world = filled(50_000);
    const { quicklists, value } = world.lists;
    let bytes = 0;
    const { nodes } = quicklists;
    for (let node = quicklists.head(value); node !== NONE; node = nodes.next(node)) {
      bytes += nodes.sizeOf(node);
    }
    expect(world.arena.usedBytes / bytes).toBeLessThan(1.02);
  });

  it("give memory back while they are emptied from one end", () => {
    for (const atHead of [false, true]) {
      const world = filled(20_000);
      while (world.model.length > 10) world.pop(atHead);
      world.verify();
      expect(world.arena.usedBytes).toBeLessThan(1200);
    }
  });

  it("serve as queues within bounds", () => {
    const world = new World(-2);
    for (let i = 0; i < 300; i++) world.push(false, `job:${i}`);
    const before = world.arena.usedBytes;
    for (let i = 0; i < 30_000; i++) {
      world.push(false, `job:${i}`);
      world.pop(true);
    }
    world.verify();
    expect(world.arena.usedBytes).toBeLessThan(before * 3);
  });
});
