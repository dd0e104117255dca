import { describe, expect, it } from "vitest";
import { HASHTABLE, INTSET, LISTPACK } from "../../../../core/keyspace/types.ts";
import { Element } from "../../../../core/types/element.ts";
import { type SetLimits, Sets, SetValue } from "../../../../core/types/set/sets.ts";
import { toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { keyspaceForTests } from "../keyspace.ts";

const LIMITS: SetLimits = {
  setMaxIntsetEntries: 512,
  setMaxListpackEntries: 128,
  setMaxListpackValue: 64,
};

class World {
  readonly keyspace = keyspaceForTests();
  readonly sets: Sets;
  readonly set: SetValue = new SetValue();
  readonly element: Element = new Element();

  constructor(limits: SetLimits = LIMITS) {
    this.sets = new Sets(this.keyspace, limits);
  }

  load(text: string): Element {
    const bytes = toBytes(text);
    this.element.place(bytes, new DataView(bytes.buffer), 0, bytes.length);
    return this.element;
  }

  add(text: string): boolean {
    return this.sets.add(this.set, this.load(text));
  }

  remove(text: string): boolean {
    return this.sets.remove(this.set, this.load(text));
  }

  has(text: string): boolean {
    return this.sets.has(this.set.value, this.set.encoding, this.load(text));
  }

  members(set: SetValue = this.set): string[] {
    const { cursor } = this.sets;
    const members: string[] = [];
    cursor.start(set.value, set.encoding);
    while (cursor.next()) members.push(cursor.element.text());
    return members;
  }

  made(members: readonly string[]): number {
    this.sets.createIntset(this.set);
    for (const member of members) this.add(member);
    return this.set.encoding;
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

describe("the encoding of a set", () => {
  it.each<[string, string[], number]>([
    ["integers", numbers(512), INTSET],
    ["too many integers", numbers(513), HASHTABLE],
    ["one word", ["a"], LISTPACK],
    ["integers, then a word", [...numbers(127), "a"], LISTPACK],
    ["many integers, then a word", [...numbers(128), "a"], HASHTABLE],
    ["too many words", ["a", ...numbers(128)], HASHTABLE],
    ["a long word", ["x".repeat(65)], HASHTABLE],
    ["a word of just the size", ["x".repeat(64)], LISTPACK],
    ["the largest integers", ["9223372036854775807", "-9223372036854775808"], INTSET],
    ["what is no canonical integer", ["1", "01"], LISTPACK],
  ])("%s", (_name, members, encoding) => {
    const world = new World();
    expect(world.made(members)).toBe(encoding);
    expect(world.members().sort()).toEqual([...members].sort());
  });

  it.each<[string, number, number]>([
    ["5", 512, INTSET],
    ["5", 513, HASHTABLE],
    ["a", 128, LISTPACK],
    ["a", 129, HASHTABLE],
  ])("with %s first and %i members to come", (first, countHint, encoding) => {
    const world = new World();
    world.sets.create(world.set, world.load(first), countHint);
    expect(world.set.encoding).toBe(encoding);
  });

  it("follows the text of an integer, not only its value", () => {
    const world = new World({ ...LIMITS, setMaxListpackValue: 3 });
    expect(world.made(["-100", "a"])).toBe(HASHTABLE);
    expect(world.made(["-10", "a"])).toBe(LISTPACK);
  });

  it("becomes an intset when asked for, if it is small enough", () => {
    const world = new World();
    world.made(["a", ...numbers(200)]);
    world.remove("a");
    world.sets.toIntset(world.set);
    expect(world.set.encoding).toBe(INTSET);
    expect(world.members()).toEqual(numbers(200));
  });
});

describe("a set", () => {
  const cases: [string, SetLimits][] = [
    ["with the limits of Redis", LIMITS],
    [
      "with small limits",
      { setMaxIntsetEntries: 8, setMaxListpackEntries: 4, setMaxListpackValue: 6 },
    ],
    [
      "that is a dict at once",
      { setMaxIntsetEntries: 0, setMaxListpackEntries: 0, setMaxListpackValue: 0 },
    ],
  ];

  it.each(cases)("reads like a Set under random changes, %s", (_name, limits) => {
    for (let seed = 0; seed < 6; seed++) {
      const world = new World(limits);
      const { sets, set, keyspace } = world;
      const prng = new Prng(Uint8Array.of(seed, 7));
      const model = new Set<string>();
      const usedBefore = keyspace.arena.usedBytes;
      const range = [20, 300, 3000][seed % 3];
      sets.createIntset(set);
      for (let step = 0; step < 4000; step++) {
        const number = prng.below(range) - range / 2;
        const isWord = seed >= 3 && prng.below(4) === 0;
        const member = isWord ? "m".repeat(prng.below(9)) + number : `${number * 7919}`;
        const action = prng.below(10);
        if (action < 6) {
          expect(world.add(member)).toBe(!model.has(member));
          model.add(member);
        } else if (action < 9) {
          expect(world.remove(member)).toBe(model.delete(member));
        } else if (model.size > 0) {
          sets.pick(set.value, set.encoding, world.element);
          expect(model.delete(world.element.text())).toBe(true);
          sets.removePicked(set);
        }
        expect(world.has(member)).toBe(model.has(member));
        expect(sets.count(set.value, set.encoding)).toBe(model.size);
        if (step % 500 === 0) {
          expect(world.members().sort()).toEqual([...model].sort());
          keyspace.arena.verify();
        }
      }
      const copy = new SetValue();
      copy.open(keyspace.copiers[2]!(set.value, set.encoding), set.encoding);
      expect(world.members(copy).sort()).toEqual([...model].sort());
      const size = sets.sizeBytes(set.value, set.encoding, Number.POSITIVE_INFINITY);
      keyspace.freeValue(2, copy.value, copy.encoding, false);
      expect(keyspace.arena.usedBytes - usedBefore).toBe(size);
      keyspace.freeValue(2, set.value, set.encoding, true);
      keyspace.lazyFree.run(Number.MAX_SAFE_INTEGER);
      expect(keyspace.arena.usedBytes).toBe(usedBefore);
      keyspace.arena.verify();
    }
  });

  it("is freed in steps when it is large", () => {
    const world = new World();
    const { arena, lazyFree } = world.keyspace;
    const before = arena.usedBytes;
    world.made(numbers(5000));
    const full = arena.usedBytes;
    world.keyspace.freeValue(2, world.set.value, world.set.encoding, true);
    expect(arena.usedBytes).toBe(full);
    expect(lazyFree.step()).toBe(true);
    expect(arena.usedBytes).toBeLessThan(full);
    expect(arena.usedBytes).toBeGreaterThan(before + (full - before) / 2);
    lazyFree.run(Number.MAX_SAFE_INTEGER);
    expect(arena.usedBytes).toBe(before);
  });
});

describe("a random member", () => {
  it.each([
    ["an intset", numbers(100)],
    ["a listpack", numbers(100).map((number) => `m${number}`)],
    ["a dict", numbers(1000)],
  ])("of %s is any one, equally likely", (_name, members) => {
    const world = new World();
    world.made(members);
    const counts = new Map<string, number>(members.map((member) => [member, 0]));
    const draws = members.length * 200;
    for (let i = 0; i < draws; i++) {
      world.sets.pick(world.set.value, world.set.encoding, world.element);
      const member = world.element.text();
      counts.set(member, counts.get(member)! + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
    // Within seven standard deviations; the seed is fixed, so this never changes by chance.
    expect(Math.abs(chiSquare - members.length)).toBeLessThan(7 * Math.sqrt(2 * members.length));
  });
});
