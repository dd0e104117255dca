import { describe, expect, it } from "vitest";
import { Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../../core/memory/arena.ts";
import { Dicts, RefList } from "../../../core/memory/dict.ts";
import { keyLength, keyOffset } from "../../../core/memory/entry.ts";
import { halfSipHash } from "../../../core/memory/siphash.ts";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { Prng } from "../../../core/util/prng.ts";

function random(seed: number): Prng {
  return new Prng(Uint8Array.from({ length: 32 }, (_, i) => (seed * 31 + i * 7) & 255));
}

class World {
  readonly arena = new Arena(4096);
  readonly dicts = new Dicts(this.arena, 1, 2);
  readonly dict: Ref;
  readonly model = new Map<string, Ref>();

  constructor(expectedCount = 0) {
    this.dict = this.dicts.create(expectedCount);
  }

  add(key: string): void {
    const bytes = toBytes(key);
    const entry = this.arena.alloc(4 + bytes.length);
    const at = entry & GRANULE_MASK;
    this.arena.i32[entry >>> SEGMENT_SHIFT][at << 1] = bytes.length;
    this.arena.u8[entry >>> SEGMENT_SHIFT].set(bytes, (at << 3) + 4);
    this.dicts.insert(this.dict, this.hash(key), entry);
    this.model.set(key, entry);
  }

  remove(key: string): void {
    const entry = this.find(key);
    this.dicts.remove(this.dict, this.hash(key), entry);
    this.arena.free(entry);
    this.model.delete(key);
  }

  hash(key: string): number {
    const bytes = toBytes(key);
    return this.dicts.hash(new DataView(bytes.buffer), 0, bytes.length);
  }

  find(key: string): Ref {
    const bytes = toBytes(key);
    const view = new DataView(bytes.buffer);
    return this.dicts.find(this.dict, this.hash(key), view, 0, bytes.length);
  }

  keyOf(entry: Ref): string {
    const start = keyOffset(this.arena, entry);
    return latin1(
      this.arena.u8[entry >>> SEGMENT_SHIFT],
      start,
      start + keyLength(this.arena, entry),
    );
  }

  /** Keys in the order of one whole scan. */
  scanAll(countMax: number): string[] {
    const keys: string[] = [];
    let cursor = 0;
    do {
      const out = new RefList();
      cursor = this.dicts.scan(this.dict, cursor, countMax, out);
      for (let i = 0; i < out.count; i++) keys.push(this.keyOf(out.items[i]));
    } while (cursor !== 0);
    return keys;
  }
}

describe("dict", () => {
  it("knows an entry only under the hash of the key that it holds now", () => {
    const world = new World();
    let usedAgain = 0;
    for (let i = 0; i < 200; i++) {
      world.add(`old:${i}`);
      const entry = world.find(`old:${i}`);
      const hash = world.hash(`old:${i}`);
      expect(world.dicts.contains(world.dict, hash, entry)).toBe(true);
      world.remove(`old:${i}`);
      expect(world.dicts.contains(world.dict, hash, entry)).toBe(false);
      // Mostly the memory is used again at once, and the search for the old hash may pass the new key's
      // slot.
      world.add(`new:${i}`);
      const added = world.find(`new:${i}`);
      if (added === entry) usedAgain++;
      expect(world.dicts.contains(world.dict, hash, entry)).toBe(false);
      expect(world.dicts.contains(world.dict, world.hash(`new:${i}`), added)).toBe(true);
    }
    expect(usedAgain).toBeGreaterThan(150);
  });

  it("reads like a Map under random inserts and removals, growing and shrinking", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const world = new World();
      const prng = random(seed);
      const range = seed % 2 === 0 ? 300 : 6000;
      for (let step = 0; step < 40_000; step++) {
        const key = `key:${prng.below(range)}`;
        const growing = step % 20_000 < 12_000;
        const known = world.model.get(key);
        expect(world.find(key)).toBe(known ?? NONE);
        if (known === undefined && (growing || prng.below(10) === 0)) world.add(key);
        else if (known !== undefined && (!growing || prng.below(4) === 0)) world.remove(key);
      }
      expect(world.dicts.count(world.dict)).toBe(world.model.size);
      expect(world.scanAll(10).sort()).toEqual([...world.model.keys()].sort());
      for (const key of world.model.keys()) world.remove(key);
      expect(world.dicts.count(world.dict)).toBe(0);
      world.dicts.destroy(world.dict, () => {});
      world.arena.verify(new Set());
      expect(world.arena.usedBytes).toBe(0);
    }
  });

  it("counts its own memory exactly and destroys in steps", () => {
    const world = new World();
    const before = world.arena.usedBytes;
    for (let i = 0; i < 5000; i++) world.add(`k${i}`);
    let entryBytes = 0;
    for (const entry of world.model.values()) entryBytes += world.arena.blockBytes(entry);
    const index = world.dicts.indexBytes(world.dict);
    expect(index + entryBytes).toBe(
      world.arena.usedBytes - before + world.arena.blockBytes(world.dict),
    );
    expect(index / 5000).toBeLessThan(12);
    let steps = 0;
    for (let place = 0; place !== -1; steps++) {
      place = world.dicts.destroyStep(world.dict, place, 300, (entry) => world.arena.free(entry));
    }
    expect(steps).toBeGreaterThan(5);
    expect(world.arena.usedBytes).toBe(0);
  });

  it("made for many entries holds as many, hardly grows, and shrinks again", () => {
    for (const expectedCount of [160, 161, 1000, 5000]) {
      const world = new World(expectedCount);
      const prng = random(expectedCount);
      const indexBytes = world.dicts.indexBytes(world.dict);
      for (let i = 0; i < expectedCount; i++) world.add(`key:${i}`);
      expect(world.dicts.count(world.dict)).toBe(expectedCount);
      if (expectedCount > 160) {
        expect(world.dicts.indexBytes(world.dict)).toBeLessThan(indexBytes * 1.05);
        expect(indexBytes / expectedCount).toBeLessThan(20);
      }
      expect(world.scanAll(50).sort()).toEqual([...world.model.keys()].sort());
      for (let i = 0; i < 3 * expectedCount; i++) {
        const key = `key:${prng.below(expectedCount)}`;
        expect(world.find(key)).toBe(world.model.get(key) ?? NONE);
        if (world.model.has(key)) world.remove(key);
      }
      expect(world.scanAll(50).sort()).toEqual([...world.model.keys()].sort());
      for (const key of world.model.keys()) world.remove(key);
      expect(world.dicts.indexBytes(world.dict)).toBeLessThan(200);
      world.dicts.destroy(world.dict, () => {});
      world.arena.verify(new Set());
      expect(world.arena.usedBytes).toBe(0);
    }
  });

  it("scans every element that stays, whatever comes and goes meanwhile", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World();
      const prng = random(seed);
      for (let i = 0; i < 2000; i++) world.add(`stay:${i}`);
      const seen = new Set<string>();
      let cursor = 0;
      let fresh = 0;
      do {
        const out = new RefList();
        cursor = world.dicts.scan(world.dict, cursor, 1 + prng.below(40), out);
        for (let i = 0; i < out.count; i++) seen.add(world.keyOf(out.items[i]));
        for (let i = prng.below(200); i > 0; i--) world.add(`new:${fresh++}`);
        if (prng.below(3) === 0) {
          for (const key of [...world.model.keys()].filter((k) => k.startsWith("new:"))) {
            if (prng.below(5) > 0) world.remove(key);
          }
        }
      } while (cursor !== 0);
      for (let i = 0; i < 2000; i++) expect(seen.has(`stay:${i}`)).toBe(true);
    }
  });

  it("scans in one order whatever the count, and equal hashes together", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World();
      const prng = random(seed);
      const hashes: number[] = [];
      for (let i = 0; i < 600; i++) {
        const bytes = toBytes(`k${i}`);
        // One in four shares the hash of another.
        const shares = i > 0 && prng.below(4) === 0;
        const hash = shares ? hashes[prng.below(i)] : prng.next();
        hashes.push(hash);
        const entry = world.arena.alloc(4 + bytes.length);
        world.arena.i32[entry >>> SEGMENT_SHIFT][(entry & GRANULE_MASK) << 1] = bytes.length;
        world.arena.u8[entry >>> SEGMENT_SHIFT].set(bytes, ((entry & GRANULE_MASK) << 3) + 4);
        world.dicts.insert(world.dict, hash, entry);
      }
      const order = world.scanAll(100);
      expect(order.length).toBe(600);
      expect(new Set(order).size).toBe(600);
      for (const count of [1, 2, 7, 24, 25, 1000]) expect(world.scanAll(count)).toEqual(order);
    }
  });

  it("draws every entry with the same probability", () => {
    const world = new World();
    const prng = random(9);
    for (let i = 0; i < 700; i++) world.add(`k${i}`);
    const draws = new Map<Ref, number>();
    const rounds = 700 * 200;
    for (let i = 0; i < rounds; i++) {
      const entry = world.dicts.random(world.dict, prng);
      draws.set(entry, (draws.get(entry) ?? 0) + 1);
    }
    let chiSquare = 0;
    for (const entry of world.model.values())
      chiSquare += ((draws.get(entry) ?? 0) - 200) ** 2 / 200;
    // 699 degrees of freedom: mean 699, standard deviation 37.
    expect(chiSquare).toBeLessThan(699 + 5 * 37);
  });

  it("samples different entries, each as often as any other, also where many were removed", () => {
    const world = new World();
    const prng = random(11);
    world.dicts.shrinks = false;
    for (let i = 0; i < 900; i++) world.add(`k${i}`);
    // Of one half of the hashes nearly all entries go.
    for (const key of world.scanAll(1000).slice(0, 450)) {
      if (prng.below(10) > 0) world.remove(key);
    }
    const counts = new Map<Ref, number>();
    const sample = new RefList();
    const hashes = new RefList();
    const rounds = world.model.size * 200;
    for (let i = 0; i < rounds; i++) {
      sample.count = 0;
      hashes.count = 0;
      world.dicts.sample(world.dict, 5, prng, sample, hashes);
      const entries = sample.items.slice(0, sample.count);
      const theirHashes = Array.from(entries, (entry) => world.dicts.hashOf(entry));
      expect([...hashes.items.slice(0, hashes.count)]).toEqual(theirHashes);
      expect(new Set(entries).size).toBe(5);
      for (const entry of entries) counts.set(entry, (counts.get(entry) ?? 0) + 1);
    }
    expect(counts.size).toBe(world.model.size);
    // The standard deviation of a count is about 32.
    expect(Math.min(...counts.values())).toBeGreaterThan(1000 - 6 * 32);
    expect(Math.max(...counts.values())).toBeLessThan(1000 + 6 * 32);
  });

  it("samples all entries of a small dict once", () => {
    const world = new World();
    const sample = new RefList();
    world.dicts.sample(world.dict, 5, random(3), sample, new RefList());
    expect(sample.count).toBe(0);
    for (let i = 0; i < 3; i++) world.add(`k${i}`);
    world.dicts.sample(world.dict, 5, random(3), sample, new RefList());
    const keys = [...sample.items.slice(0, sample.count)].map((entry) => world.keyOf(entry));
    expect(keys.sort()).toEqual(["k0", "k1", "k2"]);
  });
});

describe("halfSipHash", () => {
  it("depends on the key, on every byte and on the length", () => {
    const bytes = toBytes("some key of 21 bytes.");
    const view = new DataView(bytes.buffer);
    const hashes = new Set<number>();
    for (let length = 0; length <= bytes.length; length++)
      hashes.add(halfSipHash(view, 0, length, 1, 2));
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] ^= 1;
      hashes.add(halfSipHash(view, 0, bytes.length, 1, 2));
      bytes[i] ^= 1;
    }
    hashes.add(halfSipHash(view, 0, bytes.length, 1, 3));
    expect(hashes.size).toBe(22 + 21 + 1);
  });
});
