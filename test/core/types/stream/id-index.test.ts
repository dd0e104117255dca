import { describe, expect, it } from "vitest";
import { Arena, type Ref } from "../../../../core/memory/arena.ts";
import type { IdCursor } from "../../../../core/types/stream/id-cursor.ts";
import { IdIndexes } from "../../../../core/types/stream/id-index.ts";
import { verifyIdIndex } from "../../../../core/types/stream/id-index-check.ts";
import { EMPTY_RADIX_NODES, RadixNodes } from "../../../../core/types/stream/radix-nodes.ts";
import { ID_WORDS, StreamId } from "../../../../core/types/stream/stream-id.ts";
import { toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";

interface Item {
  readonly key: bigint;
  readonly payload: number;
}

/** An index with one word of payload beside a sorted array. */
class World {
  readonly arena: Arena = new Arena(4096);
  readonly indexes: IdIndexes = new IdIndexes(this.arena, 1);
  readonly index: Ref = this.indexes.create();
  readonly cursor: IdCursor = this.indexes.cursor();
  readonly model: Item[] = [];
  readonly #id: StreamId = new StreamId();

  id(key: bigint): StreamId {
    this.#id.msHigh = Number(BigInt.asIntN(32, key >> 96n));
    this.#id.msLow = Number(BigInt.asIntN(32, key >> 64n));
    this.#id.seqHigh = Number(BigInt.asIntN(32, key >> 32n));
    this.#id.seqLow = Number(BigInt.asIntN(32, key));
    return this.#id;
  }

  /** Number of the model's items below the key. */
  placeOf(key: bigint): number {
    let low = 0;
    let high = this.model.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.model[middle].key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(key: bigint, payload: number): void {
    const place = this.placeOf(key);
    const isNew = this.model[place]?.key !== key;
    expect(this.indexes.insert(this.index, this.id(key))).toBe(isNew);
    expect(this.#keyAt(this.indexes.words, this.indexes.at)).toBe(key);
    if (!isNew) return;
    this.indexes.words[this.indexes.at + ID_WORDS] = payload;
    this.model.splice(place, 0, { key, payload });
  }

  remove(key: bigint): void {
    const place = this.placeOf(key);
    const isThere = this.model[place]?.key === key;
    expect(this.indexes.remove(this.index, this.id(key))).toBe(isThere);
    if (isThere) this.model.splice(place, 1);
  }

  look(key: bigint): void {
    const place = this.placeOf(key);
    const there = this.model[place];
    const found = this.indexes.find(this.index, this.id(key));
    expect(found).toBe(there?.key === key);
    if (found) expect(this.indexes.words[this.indexes.at + ID_WORDS]).toBe(there.payload);
    const from = this.indexes.seek(this.index, this.id(key), this.cursor);
    expect(from ? this.item() : undefined).toEqual(there);
    const back = there?.key === key ? there : this.model[place - 1];
    const to = this.indexes.seekBack(this.index, this.id(key), this.cursor);
    expect(to ? this.item() : undefined).toEqual(back);
  }

  item(): Item {
    const { words, at } = this.cursor;
    return { key: this.#keyAt(words, at), payload: words[at + ID_WORDS] };
  }

  #keyAt(words: Int32Array, at: number): bigint {
    let key = 0n;
    for (let i = 0; i < ID_WORDS; i++) key = (key << 32n) | BigInt(words[at + i] >>> 0);
    return key;
  }

  check(): void {
    const { cursor, index, indexes } = this;
    const blocks = new Set<Ref>();
    verifyIdIndex(indexes, index, blocks);
    this.arena.verify(blocks);
    expect(indexes.count(index)).toBe(this.model.length);
    const forward: Item[] = [];
    for (let more = indexes.first(index, cursor); more; more = cursor.next()) {
      forward.push(this.item());
    }
    expect(forward).toEqual(this.model);
    const backward: Item[] = [];
    for (let more = indexes.last(index, cursor); more; more = cursor.previous()) {
      backward.push(this.item());
    }
    expect(backward.reverse()).toEqual(this.model);
    expect(indexes.findLast(index)).toBe(this.model.length > 0);
  }
}

/** Keys of a small range in different places of the ID, so that they come and go often. */
function keyOf(prng: Prng, range: number, shift: bigint): bigint {
  return BigInt(prng.below(range)) << shift;
}

describe("an index by ID", () => {
  for (const [range, shift] of [
    [40, 0n],
    [3000, 31n],
    [3000, 64n],
    [100_000, 96n],
  ] as const) {
    it(`is a sorted map, with ${range} keys at bit ${shift}`, () => {
      const world = new World();
      const prng = new Prng(toBytes(`${range} ${shift}`.padEnd(32)));
      for (let round = 0; round < 12; round++) {
        const growth = [80, 30, 95, 5][round % 4];
        for (let i = 0; i < 700; i++) {
          const key = keyOf(prng, range, shift);
          if (prng.below(100) < growth) world.insert(key, i);
          else if (prng.below(2) === 0 || world.model.length === 0) world.remove(key);
          else world.remove(world.model[prng.below(world.model.length)].key);
          if (i % 8 === 0) world.look(keyOf(prng, range, shift));
        }
        world.check();
      }
    });
  }

  it("is full when it is filled in order, and small again when it is emptied from the front", () => {
    const world = new World();
    for (let i = 0; i < 20_000; i++) world.insert(BigInt(i) << 64n, i);
    world.check();
    expect(world.indexes.indexBytes(world.index) / 20_000).toBeLessThan(21);
    for (let i = 0; i < 20_000; i++) world.remove(BigInt(i) << 64n);
    world.check();
    expect(world.indexes.indexBytes(world.index)).toBeLessThan(300);
  });

  it("is freed in steps, with its payloads", () => {
    const world = new World();
    for (let i = 0; i < 1000; i++) world.insert(BigInt((i * 7919) % 1000), i);
    const seen = new Set<number>();
    let steps = 1;
    const { indexes, index } = world;
    const release = (words: Int32Array, at: number, count: number): void => {
      for (let i = 0; i < count; i++) seen.add(words[at + i * indexes.stride + ID_WORDS]);
    };
    while (indexes.destroyStep(index, 3, release)) steps++;
    expect(steps).toBeGreaterThan(5);
    expect(seen.size).toBe(1000);
    expect(world.arena.usedBytes).toBe(0);
  });
});

describe("nodes of a radix tree", () => {
  /** Counts the nodes of the tree from scratch: those below the keys' first `depth` bytes. */
  function nodesBelow(keys: readonly string[], depth: number): number {
    if (keys.length === 1) return depth < 16 ? 2 : 1;
    let end = depth;
    while (keys.every((key) => key[end] === keys[0][end])) end++;
    const branches = new Map<string, string[]>();
    for (const key of keys) {
      branches.set(key[end], [...(branches.get(key[end]) ?? []), key]);
    }
    let count = end > depth ? 2 : 1;
    for (const branch of branches.values()) count += nodesBelow(branch, end + 1);
    return count;
  }

  it("are counted while keys come and go", () => {
    const world = new World();
    const radix = new RadixNodes(world.indexes);
    const prng = new Prng(toBytes("r".repeat(32)));
    let count = EMPTY_RADIX_NODES;
    for (let i = 0; i < 600; i++) {
      let key = 0n;
      // Few bytes differ, and few values: branches at all depths.
      for (let j = 0; j < 3; j++) key |= BigInt(prng.below(3)) << BigInt(8 * prng.below(16));
      const isThere = world.model[world.placeOf(key)]?.key === key;
      if (isThere && prng.below(100) < (i < 400 ? 30 : 80)) {
        world.remove(key);
        count -= radix.change(world.index, world.id(key));
      } else if (!isThere) {
        count += radix.change(world.index, world.id(key));
        world.insert(key, 0);
      }
      const keys = world.model.map((item) =>
        String.fromCharCode(
          ...Array.from({ length: 16 }, (_, at) =>
            Number((item.key >> BigInt(8 * (15 - at))) & 255n),
          ),
        ),
      );
      expect(count).toBe(keys.length === 0 ? 1 : nodesBelow(keys, 0));
    }
  });
});
