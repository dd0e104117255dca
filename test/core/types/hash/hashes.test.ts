import { describe, expect, it } from "vitest";
import { Database } from "../../../../core/keyspace/database.ts";
import { HASH, HASHTABLE, LISTPACK, LISTPACK_EX } from "../../../../core/keyspace/types.ts";
import type { Element } from "../../../../core/types/element.ts";
import { NO_EXPIRY } from "../../../../core/types/hash/hash-fields.ts";
import { Hashes, type HashLimits } from "../../../../core/types/hash/hashes.ts";
import { toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { keyspaceForTests } from "../keyspace.ts";

const LIMITS: HashLimits = { hashMaxListpackEntries: 512, hashMaxListpackValue: 64 };
const START_MS = 1_700_000_000_000;

interface Field {
  value: string;
  expiryMs: number;
}

/** A database with one hash. */
class World {
  readonly keyspace = keyspaceForTests();
  readonly db = new Database(0, this.keyspace);
  readonly hashes: Hashes;

  constructor(limits: HashLimits = LIMITS) {
    this.hashes = new Hashes(this.keyspace, limits);
  }

  get hash() {
    return this.hashes.hash;
  }

  static place(element: Element, text: string): Element {
    const bytes = toBytes(text);
    element.place(bytes, new DataView(bytes.buffer), 0, bytes.length);
    return element;
  }

  field(text: string): Element {
    return World.place(this.hashes.field, text);
  }

  create(): void {
    this.hashes.create(this.hash);
    const key = toBytes("key");
    this.db.findAny(new DataView(key.buffer), 0, 3);
    const { value, encoding } = this.hash;
    this.hash.open(this.db, this.db.addKey(key, 0, 3, HASH, encoding, value));
  }

  set(field: string, value: string, keepsExpiry = false): boolean {
    const { hash, hashes } = this;
    const existed = hashes.set(
      hash,
      this.field(field),
      World.place(hashes.value, value),
      keepsExpiry,
    );
    hashes.store(hash);
    return existed;
  }

  remove(field: string): boolean {
    const removed = this.hashes.remove(this.hash, this.field(field));
    this.hashes.store(this.hash);
    return removed;
  }

  expire(field: string, ms: number): boolean {
    const { hash, hashes } = this;
    hashes.allowExpiry(hash);
    const found = hashes.find(hash, this.field(field));
    if (found) hashes.setExpiry(hash, hashes.field, ms);
    hashes.store(hash);
    return found;
  }

  persist(field: string): void {
    const { hash, hashes } = this;
    expect(hashes.find(hash, this.field(field))).toBe(true);
    if (hashes.expiryMs !== NO_EXPIRY) hashes.clearExpiry(hash, hashes.field);
    hashes.store(hash);
  }

  get(field: string): Field | undefined {
    const { hash, hashes } = this;
    if (!hashes.find(hash, this.field(field))) return undefined;
    hashes.loadFound(hash, hashes.value);
    expect(hashes.foundLength(hash)).toBe(hashes.value.length);
    return { value: hashes.value.text(), expiryMs: hashes.expiryMs };
  }

  all(value = this.hash.value, encoding = this.hash.encoding): [string, Field][] {
    const { cursor } = this.hashes;
    const fields: [string, Field][] = [];
    cursor.start(value, encoding);
    while (cursor.next()) {
      cursor.loadValue();
      fields.push([cursor.field.text(), { value: cursor.value.text(), expiryMs: cursor.expiryMs }]);
    }
    return fields;
  }
}

function sorted(fields: Iterable<[string, Field]>): [string, Field][] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("the encoding of a hash", () => {
  it("is a listpack until a field, a value or their number is too large", () => {
    for (const [field, value, encoding] of [
      ["f".repeat(64), "v".repeat(64), LISTPACK],
      ["f".repeat(65), "v", HASHTABLE],
      ["f", "v".repeat(65), HASHTABLE],
    ] as const) {
      const world = new World();
      world.create();
      world.set(field, value);
      expect(world.hash.encoding).toBe(encoding);
      expect(world.get(field)!.value).toBe(value);
    }
    const world = new World();
    world.create();
    for (let i = 0; i < 512; i++) world.set(`${i}`, "v");
    expect(world.hash.encoding).toBe(LISTPACK);
    world.set("one more", "v");
    expect(world.hash.encoding).toBe(HASHTABLE);
    expect(world.hashes.count(world.hash)).toBe(513);
  });

  it("is listpackex once a field may expire, ordered by time", () => {
    const world = new World();
    world.create();
    for (const field of ["a", "b", "c", "d"]) world.set(field, `1${field}`);
    world.expire("c", START_MS + 20);
    world.expire("b", START_MS + 10);
    world.expire("d", START_MS + 30);
    expect(world.hash.encoding).toBe(LISTPACK_EX);
    expect(world.all().map(([field]) => field)).toEqual(["b", "c", "d", "a"]);
    // A value that is set ends the time to live, and the field goes to the end.
    world.set("c", "2");
    expect(world.all().map(([field]) => field)).toEqual(["b", "d", "a", "c"]);
    world.set("d", "3", true);
    expect(world.all().map(([field]) => field)).toEqual(["b", "d", "a", "c"]);
    expect(world.get("d")).toEqual({ value: "3", expiryMs: START_MS + 30 });
    world.expire("missing", START_MS);
    world.persist("b");
    expect(world.all().map(([field]) => field)).toEqual(["d", "a", "c", "b"]);
  });

  it("keeps times to live when it becomes a dict", () => {
    const world = new World();
    world.create();
    for (const field of ["a", "b", "c"]) world.set(field, "v");
    world.expire("b", START_MS + 10);
    world.set("long", "v".repeat(65));
    expect(world.hash.encoding).toBe(HASHTABLE);
    expect(world.get("b")).toEqual({ value: "v", expiryMs: START_MS + 10 });
    expect(world.hashes.firstExpiryMs(world.hash.value, HASHTABLE)).toBe(START_MS + 10);
    expect(world.keyspace.expiryHeaps.firstMs(world.db.fieldExpiries)).toBe(START_MS + 10);
  });
});

describe("a hash", () => {
  it.each<[string, HashLimits]>([
    ["with the limits of Redis", LIMITS],
    ["with small limits", { hashMaxListpackEntries: 16, hashMaxListpackValue: 8 }],
    ["that is a dict at once", { hashMaxListpackEntries: 0, hashMaxListpackValue: 0 }],
  ])("reads like a Map under random changes, %s", (_name, limits) => {
    for (let seed = 0; seed < 6; seed++) {
      const world = new World(limits);
      const { hashes, hash, keyspace, db } = world;
      const prng = new Prng(Uint8Array.of(seed, 3));
      const model = new Map<string, Field>();
      const range = [15, 100, 700][seed % 3];
      const usedBefore = keyspace.arena.usedBytes;
      world.create();
      const text = (): string =>
        prng.below(3) === 0 ? `${prng.below(100_000) - 50_000}` : "x".repeat(prng.below(12));
      for (let step = 0; step < 3000; step++) {
        const field = `f${prng.below(range)}`;
        const known = model.get(field);
        const keepsExpiry = prng.below(2) === 0;
        const ms = START_MS + prng.below(1000);
        switch (prng.below(seed < 3 ? 5 : 8)) {
          case 0:
          case 1:
          case 2: {
            const value = text();
            expect(world.set(field, value, keepsExpiry)).toBe(known !== undefined);
            const expiryMs = keepsExpiry ? (known?.expiryMs ?? NO_EXPIRY) : NO_EXPIRY;
            model.set(field, { value, expiryMs });
            break;
          }
          case 3:
            expect(world.remove(field)).toBe(model.delete(field));
            break;
          case 4:
            if (model.size === 0) break;
            hashes.pick(hash, hashes.field);
            expect(model.has(hashes.field.text())).toBe(true);
            break;
          case 5:
          case 6:
            expect(world.expire(field, ms)).toBe(known !== undefined);
            if (known !== undefined) known.expiryMs = ms;
            break;
          default:
            if (known === undefined) break;
            world.persist(field);
            known.expiryMs = NO_EXPIRY;
        }
        expect(world.get(field)).toEqual(model.get(field));
        expect(hashes.count(hash)).toBe(model.size);
        const times = [...model.values()].flatMap(({ expiryMs }) => (expiryMs < 0 ? [] : expiryMs));
        const first = times.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...times);
        expect(hashes.firstExpiryMs(hash.value, hash.encoding)).toBe(first);
        expect(db.volatileHashCount).toBe(times.length === 0 ? 0 : 1);
        if (times.length > 0) expect(keyspace.expiryHeaps.firstMs(db.fieldExpiries)).toBe(first);
        expect(hashes.countExpired(hash, ms)).toBe(times.filter((time) => time < ms).length);
        if (step % 300 === 0) {
          expect(sorted(world.all())).toEqual(sorted(model));
          keyspace.arena.verify();
        }
      }
      const copied = keyspace.copiers[HASH]!(hash.value, hash.encoding);
      expect(sorted(world.all(copied, hash.encoding))).toEqual(sorted(model));
      const size = hashes.sizeBytes(copied, hash.encoding, Number.POSITIVE_INFINITY);
      const usedWithCopy = keyspace.arena.usedBytes;
      keyspace.freeValue(HASH, copied, hash.encoding, false);
      expect(usedWithCopy - keyspace.arena.usedBytes).toBe(size);
      db.clear(true);
      keyspace.lazyFree.run(Number.MAX_SAFE_INTEGER);
      expect(keyspace.arena.usedBytes - usedBefore).toBeLessThanOrEqual(16);
      keyspace.arena.verify();
    }
  });

  it("gives its expired fields in the order of their times", () => {
    for (const limits of [LIMITS, { hashMaxListpackEntries: 0, hashMaxListpackValue: 0 }]) {
      const world = new World(limits);
      const { hash, hashes } = world;
      world.create();
      for (let i = 0; i < 200; i++) {
        world.set(`f${i}`, "v");
        world.expire(`f${i}`, START_MS + ((i * 37) % 200));
      }
      const order: number[] = [];
      while (hashes.firstExpiryMs(hash.value, hash.encoding) < START_MS + 100) {
        hashes.findFirstExpiring(hash, hashes.field);
        order.push(hashes.expiryMs - START_MS);
        hashes.removeFound(hash);
      }
      expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
      expect(hashes.count(hash)).toBe(100);
    }
  });

  it("is freed in steps when it is large", () => {
    const world = new World();
    const { arena, lazyFree } = world.keyspace;
    world.create();
    const before = arena.usedBytes;
    for (let i = 0; i < 3000; i++) world.set(`f${i}`, "v");
    for (let i = 0; i < 3000; i += 2) world.expire(`f${i}`, START_MS + i);
    world.db.removeEntry(world.hash.entry, world.keyspace.dicts.hashOf(world.hash.entry), true);
    expect(world.db.volatileHashCount).toBe(0);
    let steps = 0;
    while (lazyFree.step()) steps++;
    expect(steps).toBeGreaterThan(10);
    // The database keeps an empty heap.
    expect(arena.usedBytes).toBeLessThan(before + 100);
    arena.verify();
  });
});
