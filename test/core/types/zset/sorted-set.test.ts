import { describe, expect, it } from "vitest";
import { LISTPACK, SKIPLIST, ZSET } from "../../../../core/keyspace/types.ts";
import { type Ref, SEGMENT_SHIFT } from "../../../../core/memory/arena.ts";
import { lpBytes } from "../../../../core/memory/listpack.ts";
import { verifyOrderedIndex } from "../../../../core/memory/ordered-index-check.ts";
import { Element } from "../../../../core/types/element.ts";
import { packedBase } from "../../../../core/types/zset/packed.ts";
import {
  ADD_GREATER_ONLY,
  ADD_INCREMENT,
  ADD_KNOWN_ONLY,
  ADD_LESS_ONLY,
  ADD_NEW_ONLY,
  ADDED,
  NOT_A_NUMBER,
  REFUSED,
  SAME,
  type SortedSet,
  UPDATED,
} from "../../../../core/types/zset/sorted-set.ts";
import { SortedSets } from "../../../../core/types/zset/sorted-sets.ts";
import { toBytes } from "../../../../core/util/bytes.ts";
import { toHex } from "../../../../core/util/hex.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { keyspaceForTests } from "../keyspace.ts";

class World {
  readonly keyspace = keyspaceForTests();
  readonly sets: SortedSets;
  readonly set: SortedSet;
  readonly #element: Element = new Element();

  constructor(entries = 128, value = 64) {
    const limits = { zsetMaxListpackEntries: entries, zsetMaxListpackValue: value };
    this.sets = new SortedSets(this.keyspace, limits);
    this.set = this.sets.set.createPacked();
  }

  load(text: string): Element {
    const bytes = toBytes(text);
    this.#element.place(bytes, new DataView(bytes.buffer), 0, bytes.length);
    return this.#element;
  }

  add(text: string, score: number, options = 0): number {
    return this.set.add(this.load(text), score, options);
  }

  /** Members and scores, in order; the walk backwards must agree. */
  pairs(set: SortedSet = this.set): [string, number][] {
    const { cursor } = this.sets;
    const element = new Element();
    const forward: [string, number][] = [];
    const backward: [string, number][] = [];
    if (set.length === 0) return forward;
    cursor.seek(set, 0);
    do {
      cursor.member(element);
      forward.push([element.text(), cursor.score]);
    } while (cursor.next());
    cursor.seek(set, set.length - 1);
    do {
      cursor.member(element);
      backward.push([element.text(), cursor.score]);
    } while (cursor.previous());
    expect(backward.reverse()).toEqual(forward);
    return forward;
  }

  text(): string {
    return this.pairs()
      .map(([member, score]) => `${member}=${score}`)
      .join(" ");
  }

  verify(): void {
    if (this.set.encoding === SKIPLIST) verifyOrderedIndex(this.sets.indexes, this.set.index);
    this.keyspace.arena.verify();
  }
}

describe("the encoding of a sorted set", () => {
  it("is a listpack in Redis's bytes while it is small", () => {
    const world = new World();
    // The payload that Redis 7.4 dumps for the same members, without its frame.
    for (const [member, score] of [
      ["d", Infinity],
      ["c", 3.5],
      ["b", 2],
      ["a", 1],
      ["zz", -Infinity],
    ]) {
      world.add(`${member}`, Number(score));
    }
    const { value } = world.set;
    const bytes = world.keyspace.arena.u8[value >>> SEGMENT_SHIFT];
    const base = packedBase(value);
    expect(toHex(bytes, base, base + lpBytes(bytes, base))).toBe(
      `${"2b0000000a00"}${"827a7a03"}${"842d696e6605"}${"816102"}${"0101"}${"816202"}${"0201"}${"816302"}${"83332e3504"}${"816402"}${"83696e6604"}ff`,
    );
  });

  it("changes when there are too many members, or one is too long", () => {
    const world = new World(4, 6);
    for (let i = 0; i < 4; i++) world.add(`${i}`, i);
    expect(world.set.encoding).toBe(LISTPACK);
    world.add("4", 4);
    expect(world.set.encoding).toBe(SKIPLIST);
    expect(world.text()).toBe("0=0 1=1 2=2 3=3 4=4");
    const other = new World(4, 6);
    other.add("short", 1);
    other.add("longer!", 0);
    expect(other.set.encoding).toBe(SKIPLIST);
    expect(other.text()).toBe("longer!=0 short=1");
  });

  it("is what a command expects from the start", () => {
    const { sets } = new World(4, 6);
    expect(sets.made.create(4, 6).encoding).toBe(LISTPACK);
    expect(sets.made.create(5, 1).encoding).toBe(SKIPLIST);
    expect(sets.made.create(1, 7).encoding).toBe(SKIPLIST);
  });

  it("becomes a listpack again only when a result is packed", () => {
    const world = new World(4, 6);
    world.set.createLarge();
    for (let i = 0; i < 5; i++) world.add(`${i}`, -i);
    world.set.packIfSmall();
    expect(world.set.encoding).toBe(SKIPLIST);
    world.set.remove(world.load("0"));
    expect(world.set.encoding).toBe(SKIPLIST);
    world.set.packIfSmall();
    expect(world.set.encoding).toBe(LISTPACK);
    expect(world.text()).toBe("4=-4 3=-3 2=-2 1=-1");
    world.set.createLarge();
    world.add("longer!", 1);
    world.set.packIfSmall();
    expect(world.set.encoding).toBe(SKIPLIST);
  });
});

describe.each([
  ["small", 128],
  ["large", 0],
])("adding to a %s set", (_, entries) => {
  const made = (): World => {
    const world = new World(entries);
    world.add("m", 5);
    return world;
  };

  it.each([
    [0, 6, UPDATED, 6],
    [0, 5, SAME, 5],
    [ADD_NEW_ONLY, 6, REFUSED, 5],
    [ADD_KNOWN_ONLY, 6, UPDATED, 6],
    [ADD_GREATER_ONLY, 6, UPDATED, 6],
    [ADD_GREATER_ONLY, 5, REFUSED, 5],
    [ADD_GREATER_ONLY, 4, REFUSED, 5],
    [ADD_LESS_ONLY, 4, UPDATED, 4],
    [ADD_LESS_ONLY, 5, REFUSED, 5],
    [ADD_INCREMENT, 2, UPDATED, 7],
    [ADD_INCREMENT, 0, SAME, 5],
    [ADD_INCREMENT | ADD_LESS_ONLY, 1, REFUSED, 5],
    [ADD_INCREMENT | ADD_LESS_ONLY, -1, UPDATED, 4],
  ])("with options %i and score %i", (options, score, outcome, left) => {
    const world = made();
    expect(world.add("m", score, options)).toBe(outcome);
    if (outcome === SAME || outcome === UPDATED) expect(world.set.score).toBe(left);
    expect(world.text()).toBe(`m=${left}`);
  });

  it("a member that is not there", () => {
    const world = made();
    expect(world.add("x", 1, ADD_KNOWN_ONLY)).toBe(REFUSED);
    expect(world.add("x", 1, ADD_INCREMENT)).toBe(ADDED);
    expect(world.add("y", 1, ADD_NEW_ONLY)).toBe(ADDED);
    expect(world.add("w", 1, ADD_GREATER_ONLY)).toBe(ADDED);
    expect(world.text()).toBe("w=1 x=1 y=1 m=5");
  });

  it("infinities of both signs: the sum is no number", () => {
    const world = made();
    world.add("m", Infinity);
    expect(world.add("m", -Infinity, ADD_INCREMENT)).toBe(NOT_A_NUMBER);
    expect(world.text()).toBe("m=Infinity");
  });
});

describe("a sorted set", () => {
  it("is a sorted list under random changes, whatever its encoding", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const prng = new Prng(Uint8Array.of(seed));
      const world = new World(seed % 2 === 0 ? 30 : 100_000, 20);
      const scores = new Map<string, number>();
      for (let step = 0; step < 3000; step++) {
        const member = memberOf(prng, seed > 6 ? 2000 : 60);
        const score = scoreOf(prng);
        const draw = prng.below(10);
        if (draw < 5) {
          world.add(member, score);
          scores.set(member, score);
        } else if (draw < 7) {
          expect(world.set.remove(world.load(member))).toBe(scores.delete(member));
        } else if (draw === 7 && scores.size > 0 && prng.below(8) === 0) {
          const first = prng.below(scores.size);
          const count = 1 + prng.below(Math.min(9, scores.size - first));
          for (const [gone] of sorted(scores).slice(first, first + count)) scores.delete(gone);
          world.set.removeRange(first, count);
        } else {
          const rank = sorted(scores).findIndex(([other]) => other === member);
          expect(world.set.rank(world.load(member))).toBe(rank);
          expect(world.set.find(world.load(member))).toBe(rank >= 0);
          if (rank >= 0) expect(world.set.score).toBe(scores.get(member));
          const list = [...scores.values()];
          const below = list.filter((other) => other < score).length;
          expect(world.set.countByScore(score, false)).toBe(below);
          const upTo = list.filter((other) => other <= score).length;
          expect(world.set.countByScore(score, true)).toBe(upTo);
        }
        expect(world.set.length).toBe(scores.size);
        if (step % 250 === 0) {
          world.verify();
          expect(world.pairs()).toEqual(sorted(scores));
        }
      }
      expect(world.pairs()).toEqual(sorted(scores));
    }
  });

  it.each([128, 0])("counts members by their bytes (listpack of %i)", (entries) => {
    const world = new World(entries);
    const members = ["", "\0", "-7", "1", "10", "2", "a", "a\0", "aa", "b", "\x80", "\xff"];
    for (const member of members) world.add(member, 0);
    expect(world.pairs().map(([member]) => member)).toEqual(members);
    members.forEach((member, i) => {
      const bytes = toBytes(member);
      const view = new DataView(bytes.buffer);
      expect(world.set.countByMember(bytes, view, 0, bytes.length, false)).toBe(i);
      expect(world.set.countByMember(bytes, view, 0, bytes.length, true)).toBe(i + 1);
    });
  });

  it("stages the members of a union and orders them at the end", () => {
    const world = new World();
    world.set.createLarge();
    for (let i = 0; i < 1000; i++) {
      const known = world.set.stage(world.load(`m${i % 400}`), 1);
      if (i < 400) expect(known).toBe(0);
      else world.set.setScore(known, world.set.scoreOf(known) + 1);
    }
    world.set.indexStaged();
    world.verify();
    const pairs = world.pairs();
    expect(pairs).toHaveLength(400);
    expect(pairs.filter(([, score]) => score === 2)).toHaveLength(200);
    expect(pairs.filter(([, score]) => score === 3)).toHaveLength(200);
  });
});

describe("the memory of sorted sets", () => {
  const filled = (count: number): World => {
    const world = new World();
    for (let i = 0; i < count; i++) world.add(`member:${i}`, (i * 7919) % 1009);
    return world;
  };

  it.each([0, 5, 3000])("comes back when a set of %i members is freed", (count) => {
    const world = filled(count);
    world.sets.free(world.set.value, world.set.encoding);
    world.keyspace.arena.verify(new Set());
  });

  it("comes back in steps when a large set is freed lazily", () => {
    const world = filled(5000);
    const { lazyReleasers, arena } = world.keyspace;
    const job = lazyReleasers[ZSET]?.(world.set.value, world.set.encoding);
    let steps = 1;
    while (job?.step()) steps++;
    expect(steps).toBeGreaterThan(40);
    arena.verify(new Set());
    const small = filled(10);
    expect(small.keyspace.lazyReleasers[ZSET]?.(small.set.value, small.set.encoding)).toBeNull();
  });

  it("is counted to the byte", () => {
    for (const count of [3, 200, 4000]) {
      const world = new World();
      const empty =
        world.keyspace.arena.usedBytes - world.sets.sizeBytes(world.set.value, LISTPACK);
      for (let i = 0; i < count; i++) world.add(`m${i}`, i % 97);
      for (let i = 0; i < count; i += 3) world.set.remove(world.load(`m${i}`));
      const { value, encoding } = world.set;
      expect(world.sets.sizeBytes(value, encoding)).toBe(world.keyspace.arena.usedBytes - empty);
    }
  });

  it("is not shared between a set and its copy", () => {
    for (const count of [5, 1000]) {
      const world = filled(count);
      const { value, encoding } = world.set;
      const copy = world.keyspace.copiers[ZSET]?.(value, encoding) as Ref;
      const expected = world.pairs();
      world.set.removeRange(0, count - 1);
      expect(world.pairs(world.sets.made.open(copy, encoding))).toEqual(expected);
      world.sets.free(copy, encoding);
      world.verify();
    }
  });

  it("takes no more than 64 bytes for each of many short members", () => {
    const world = new World();
    const prng = new Prng(Uint8Array.of(9));
    for (let i = 0; i < 50_000; i++) world.add(`${1e9 + prng.below(1e9)}`, prng.below(1e6));
    const { value, encoding, length } = world.set;
    expect(world.sets.sizeBytes(value, encoding) / length).toBeLessThan(64);
  });
});

function memberOf(prng: Prng, range: number): string {
  const number = prng.below(range) - range / 2;
  const texts = [`${number}`, `m${number}`, "9223372036854775807", "x".repeat(prng.below(30)), ""];
  return texts[Math.min(prng.below(8), 4)];
}

function scoreOf(prng: Prng): number {
  const scores = [prng.below(20), prng.below(20) / 8, -prng.below(1e9), 1e300, -Infinity, 2 ** 60];
  return scores[Math.min(prng.below(12), 5)];
}

function sorted(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
}
