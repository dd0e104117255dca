import { describe, expect, it } from "vitest";
import { Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../../core/memory/arena.ts";
import { RefList } from "../../../core/memory/dict.ts";
import { keyLength, keyOffset } from "../../../core/memory/entry.ts";
import { IndexCursor } from "../../../core/memory/index-cursor.ts";
import { OrderedIndexes } from "../../../core/memory/ordered-index.ts";
import { verifyOrderedIndex } from "../../../core/memory/ordered-index-check.ts";
import { compareBytes, latin1, toBytes } from "../../../core/util/bytes.ts";
import { Prng } from "../../../core/util/prng.ts";

interface Item {
  score: number;
  readonly key: string;
  readonly entry: Ref;
}

function order(a: Item, b: Item): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** An index beside a sorted array. */
class World {
  readonly arena: Arena = new Arena(4096);
  readonly indexes: OrderedIndexes = new OrderedIndexes(this.arena);
  readonly index: Ref = this.indexes.create();
  readonly model: Item[] = [];
  readonly cursor: IndexCursor = new IndexCursor(this.arena);

  newEntry(key: string): Ref {
    const bytes = toBytes(key);
    const entry = this.arena.alloc(4 + bytes.length);
    const at = entry & GRANULE_MASK;
    this.arena.i32[entry >>> SEGMENT_SHIFT][at << 1] = bytes.length;
    this.arena.u8[entry >>> SEGMENT_SHIFT].set(bytes, (at << 3) + 4);
    return entry;
  }

  /** Where the item is in the model, or would be. */
  placeOf(item: Item): number {
    let low = 0;
    let high = this.model.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(this.model[middle], item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(score: number, key: string): void {
    const item = { score, key, entry: 0 };
    const place = this.placeOf(item);
    const there = this.model[place];
    if (there !== undefined && order(there, item) === 0) return;
    item.entry = this.newEntry(key);
    this.indexes.insert(this.index, score, item.entry);
    this.model.splice(place, 0, item);
  }

  removeAt(place: number): void {
    const [item] = this.model.splice(place, 1);
    this.indexes.remove(this.index, item.score, item.entry);
    this.arena.free(item.entry);
  }

  moveAt(place: number, score: number): void {
    const [item] = this.model.splice(place, 1);
    const moved = { ...item, score };
    const to = this.placeOf(moved);
    const there = this.model[to];
    if (there !== undefined && order(there, moved) === 0) {
      this.model.splice(place, 0, item);
      return;
    }
    this.indexes.move(this.index, item.score, item.entry, score);
    this.model.splice(to, 0, moved);
  }

  removeRun(place: number, count: number): void {
    const out = new RefList();
    const removed = this.indexes.removeRun(this.index, place, count, out);
    expect(removed).toBeGreaterThan(0);
    expect(removed).toBeLessThanOrEqual(count);
    const items = this.model.splice(place, removed);
    expect([...out.items.subarray(0, out.count)]).toEqual(items.map((item) => item.entry));
    for (const item of items) this.arena.free(item.entry);
  }

  keyOf(entry: Ref): string {
    const start = keyOffset(this.arena, entry);
    const bytes = this.arena.u8[entry >>> SEGMENT_SHIFT];
    return latin1(bytes, start, start + keyLength(this.arena, entry));
  }

  forward(): string[] {
    const keys: string[] = [];
    if (this.model.length === 0) return keys;
    this.indexes.seek(this.index, 0, this.cursor);
    do keys.push(`${this.cursor.score} ${this.keyOf(this.cursor.entry)}`);
    while (this.cursor.next());
    return keys;
  }

  backward(): string[] {
    const keys: string[] = [];
    if (this.model.length === 0) return keys;
    this.indexes.seek(this.index, this.model.length - 1, this.cursor);
    do keys.push(`${this.cursor.score} ${this.keyOf(this.cursor.entry)}`);
    while (this.cursor.previous());
    return keys;
  }

  verify(): void {
    expect(this.indexes.count(this.index)).toBe(this.model.length);
    const live = verifyOrderedIndex(this.indexes, this.index);
    for (const item of this.model) live.add(item.entry);
    this.arena.verify(live);
    const expected = this.model.map((item) => `${item.score} ${item.key}`);
    expect(this.forward()).toEqual(expected);
    expect(this.backward()).toEqual(expected.reverse());
  }

  /** Ranks of random items, and the counts of random borders. */
  probe(prng: Prng, scoreRange: number): void {
    if (this.model.length === 0) return;
    const place = prng.below(this.model.length);
    const item = this.model[place];
    expect(this.indexes.rank(this.index, item.score, item.entry)).toBe(place);
    this.indexes.seek(this.index, place, this.cursor);
    expect(this.cursor.entry).toBe(item.entry);
    const score = prng.below(scoreRange) - 1 + prng.below(2) / 2;
    const below = this.model.filter((other) => other.score < score).length;
    const upTo = this.model.filter((other) => other.score <= score).length;
    expect(this.indexes.countByScore(this.index, score, false)).toBe(below);
    expect(this.indexes.countByScore(this.index, score, true)).toBe(upTo);
    const isFound = this.indexes.seekScore(this.index, score, this.cursor);
    expect(isFound).toBe(below < this.model.length);
    if (isFound) expect(this.cursor.entry).toBe(this.model[below].entry);
  }
}

function random(seed: number): Prng {
  return new Prng(Uint8Array.from({ length: 32 }, (_, i) => (seed * 37 + i * 11) & 255));
}

describe("ordered index", () => {
  it("is a sorted array under random changes", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const world = new World();
      const prng = random(seed);
      const scoreRange = [3, 100, 1_000_000][seed % 3];
      for (let step = 0; step < 20_000; step++) {
        const growing = step % 10_000 < 6000;
        const size = world.model.length;
        const draw = prng.below(10);
        if (size === 0 || draw < (growing ? 6 : 2)) {
          world.add(prng.below(scoreRange), `member:${prng.below(5000)}`);
        } else if (draw < 8) {
          world.removeAt(prng.below(size));
        } else if (draw === 8) {
          world.moveAt(prng.below(size), prng.below(scoreRange));
        } else if (step % 7 === 0) {
          world.removeRun(prng.below(size), 1 + prng.below(40));
        }
        if (step % 97 === 0) world.probe(prng, scoreRange);
        if (step % 1999 === 0) world.verify();
      }
      world.verify();
      while (world.model.length > 0) world.removeAt(prng.below(world.model.length));
      world.verify();
    }
  });

  it("grows and shrinks over several levels", () => {
    const world = new World();
    const prng = random(3);
    for (let i = 0; i < 30_000; i++) world.add(prng.below(20_000), `${i}`);
    world.verify();
    for (let i = 0; i < 200; i++) world.probe(prng, 20_000);
    while (world.model.length > 2000) world.removeAt(prng.below(world.model.length));
    world.verify();
    for (let i = 0; i < 10_000; i++) world.add(prng.below(30) + 5000, `again:${i}`);
    world.verify();
    while (world.model.length > 0) {
      world.removeRun(prng.below(world.model.length), 1 + prng.below(200));
      if (prng.below(100) === 0) world.verify();
    }
    world.verify();
  });

  it("moves items by small steps as a leaderboard does", () => {
    const world = new World();
    const prng = random(9);
    for (let i = 0; i < 3000; i++) world.add(prng.below(10_000), `player:${i}`);
    for (let step = 0; step < 10_000; step++) {
      const place = prng.below(world.model.length);
      world.moveAt(place, world.model[place].score + prng.below(9) - 4);
      if (step % 1000 === 0) world.verify();
    }
    world.verify();
  });

  it("packs its nodes when filled in order, from either end", () => {
    for (const direction of [1, -1]) {
      const world = new World();
      for (let i = 0; i < 10_000; i++) world.add(i * direction, `${i}`);
      world.verify();
      expect(world.indexes.indexBytes(world.index) / 10_000).toBeLessThan(13);
    }
  });

  it("serves as a queue: in at one end, out at the other", () => {
    const world = new World();
    for (let i = 0; i < 20_000; i++) {
      world.add(i, `${i}`);
      if (i > 1000) world.removeAt(0);
      if (i % 4999 === 0) world.verify();
    }
    expect(world.indexes.indexBytes(world.index)).toBeLessThan(20_000);
  });

  it("counts by key when all scores are the same", () => {
    const world = new World();
    const prng = random(4);
    for (let i = 0; i < 4000; i++) world.add(0, `${prng.below(100_000)}`.slice(0, prng.below(6)));
    for (let i = 0; i < 500; i++) {
      const bound = toBytes(`x${prng.below(100_000)}`.slice(1, 1 + prng.below(6)));
      const view = new DataView(bytes(bound));
      const below = world.model.filter((item) => compare(item.key, bound) < 0).length;
      const upTo = world.model.filter((item) => compare(item.key, bound) <= 0).length;
      const { indexes, index } = world;
      expect(indexes.countByKey(index, view, 0, bound.length, false)).toBe(below);
      expect(indexes.countByKey(index, view, 0, bound.length, true)).toBe(upTo);
    }
  });

  it("orders keys as bytes, whatever their sign bits", () => {
    const world = new World();
    for (const key of [
      "\xff\xff\xff\xff",
      "\x7f\xff\xff\xff",
      "\x80",
      "",
      "a\0",
      "a",
      "abcd",
      "abc",
    ]) {
      world.add(1, key);
    }
    world.verify();
    expect(world.forward().map((line) => line.slice(2))).toEqual([
      "",
      "a",
      "a\0",
      "abc",
      "abcd",
      "\x7f\xff\xff\xff",
      "\x80",
      "\xff\xff\xff\xff",
    ]);
  });

  it("takes infinite scores, and zeros of both signs as equal", () => {
    const world = new World();
    const infinity = Number.POSITIVE_INFINITY;
    for (const score of [infinity, -infinity, 0, -0, 5e-324, -1.5]) world.add(score, `${score}k`);
    world.add(-0, "zz");
    world.add(0, "zy");
    world.verify();
    expect(world.indexes.countByScore(world.index, -infinity, true)).toBe(1);
    expect(world.indexes.countByScore(world.index, infinity, false)).toBe(world.model.length - 1);
  });

  it("is freed in steps", () => {
    for (const count of [0, 1, 70, 5000]) {
      const world = new World();
      for (let i = 0; i < count; i++) world.add((i * 7919) % 5003, `${i}`);
      const { indexes, index, arena } = world;
      let steps = 0;
      while (indexes.destroyStep(index, 3)) steps++;
      arena.verify(new Set(world.model.map((item) => item.entry)));
      if (count === 5000) expect(steps).toBeGreaterThan(20);
    }
  });
});

function bytes(of: Uint8Array): ArrayBuffer {
  return of.buffer as ArrayBuffer;
}

function compare(key: string, bound: Uint8Array): number {
  const own = toBytes(key);
  return compareBytes(own, 0, own.length, bound, 0, bound.length);
}
