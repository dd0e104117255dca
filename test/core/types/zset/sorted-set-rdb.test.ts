import { describe, expect, it } from "vitest";
import { LISTPACK, SKIPLIST } from "../../../../core/keyspace/types.ts";
import {
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
} from "../../../../core/persistence/rdb-format.ts";
import { RdbReader } from "../../../../core/persistence/rdb-reader.ts";
import { LoadedValue } from "../../../../core/persistence/rdb-types.ts";
import { RdbWriter } from "../../../../core/persistence/rdb-writer.ts";
import { Element } from "../../../../core/types/element.ts";
import type { SortedSet } from "../../../../core/types/zset/sorted-set.ts";
import { registerSortedSetRdb } from "../../../../core/types/zset/sorted-set-rdb.ts";
import { SortedSets } from "../../../../core/types/zset/sorted-sets.ts";
import { toBytes } from "../../../../core/util/bytes.ts";
import { fromHex, toHex } from "../../../../core/util/hex.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { keyspaceForTests } from "../keyspace.ts";

class World {
  readonly keyspace = keyspaceForTests();
  readonly sets: SortedSets;
  readonly reader: RdbReader = new RdbReader();
  readonly loaded: LoadedValue = new LoadedValue();
  readonly #element: Element = new Element();

  constructor(entries = 128) {
    const limits = { zsetMaxListpackEntries: entries, zsetMaxListpackValue: 64 };
    this.sets = new SortedSets(this.keyspace, limits);
    registerSortedSetRdb(this.keyspace.rdbTypes, this.sets);
  }

  make(pairs: readonly (readonly [string, number])[]): SortedSet {
    const set = this.sets.set.createPacked();
    for (const [member, score] of pairs) {
      const bytes = toBytes(member);
      this.#element.place(bytes, new DataView(bytes.buffer), 0, bytes.length);
      set.add(this.#element, score, 0);
    }
    return set;
  }

  saved(set: SortedSet): string {
    const writer = new RdbWriter();
    const saver = this.keyspace.rdbTypes.savers[3]!;
    writer.byte(saver.rdbType(set.value, set.encoding));
    saver.save(writer, set.value, set.encoding);
    return toHex(writer.bytes, 0, writer.size);
  }

  /** The pairs as text, or the error. */
  load(kind: number, bytes: Uint8Array, deep = false): string {
    const { reader, loaded } = this;
    reader.open(bytes, 0, bytes.length);
    reader.deep = deep;
    if (!this.keyspace.rdbTypes.load(reader, kind, loaded)) return `(${reader.error})`;
    const set = this.sets.set.open(loaded.value, loaded.encoding);
    const { cursor } = this.sets;
    let text = "";
    cursor.seek(set, 0);
    do {
      cursor.member(this.#element);
      text += ` ${this.#element.text()}=${cursor.score}`;
    } while (cursor.next());
    return text.slice(1);
  }
}

const PAIRS: readonly (readonly [string, number])[] = [
  ["low", Number.NEGATIVE_INFINITY],
  ["-5", -1.5],
  ["a", 0.1],
  ["12345678901", 7],
  ["b", 7],
  ["long".repeat(20), 1e300],
];
const TEXT = PAIRS.map(([member, score]) => `${member}=${score}`).join(" ");

describe("saving and loading a sorted set", () => {
  it("keeps a small one as its listpack", () => {
    const world = new World();
    const short = PAIRS.slice(0, 5);
    const saved = fromHex(world.saved(world.make(short)))!;
    expect(saved[0]).toBe(RDB_ZSET_LISTPACK);
    expect(world.load(RDB_ZSET_LISTPACK, saved.subarray(1))).toBe(
      TEXT.split(" ").slice(0, 5).join(" "),
    );
    expect(world.loaded.encoding).toBe(LISTPACK);
  });

  it("writes a large one from its end, with binary scores", () => {
    const world = new World();
    const set = world.make(PAIRS);
    expect(set.encoding).toBe(SKIPLIST);
    const saved = fromHex(world.saved(set))!;
    expect(toHex(saved, 0, 2)).toBe("0506");
    expect(world.load(RDB_ZSET_2, saved.subarray(1))).toBe(TEXT);
    expect(world.loaded.encoding).toBe(SKIPLIST);
    const exact = new World(1);
    expect(
      exact.saved(
        exact.make([
          ["a", 1],
          ["b", -2],
        ]),
      ),
    ).toBe("0502" + "0161" + "000000000000f03f" + "0162" + "00000000000000c0");
  });

  it("packs what is small enough, and unpacks what is too large", () => {
    const large = new World(2);
    const saved = fromHex(large.saved(large.make(PAIRS.slice(0, 3))))!;
    const world = new World();
    expect(world.load(RDB_ZSET_2, saved.subarray(1))).toBe("low=-Infinity -5=-1.5 a=0.1");
    expect(world.loaded.encoding).toBe(LISTPACK);
    const packed = fromHex(world.saved(world.sets.set))!;
    expect(packed[0]).toBe(RDB_ZSET_LISTPACK);
    expect(large.load(RDB_ZSET_LISTPACK, packed.subarray(1))).toBe("low=-Infinity -5=-1.5 a=0.1");
    expect(large.loaded.encoding).toBe(SKIPLIST);
  });

  it("reads scores as text", () => {
    const bytes = fromHex(
      "05" +
        "0161" +
        "03312e35" +
        "0162" +
        "ff" +
        "0163" +
        "fe" +
        "0164" +
        "022d33" +
        "0165" +
        "0431652d31",
    )!;
    expect(new World().load(RDB_ZSET, bytes)).toBe("b=-Infinity d=-3 e=0.1 a=1.5 c=Infinity");
  });

  it("reads ziplists", () => {
    // member, score: "two" 2, "many" 1000, "neg" -70000, text "1.5"
    const entries = ["000374776f", "05f3", "02046d616e79", "06c0e803"];
    const bytes = zipped(entries);
    const writer = new RdbWriter();
    writer.string(bytes);
    expect(new World().load(RDB_ZSET_ZIPLIST, writer.bytes.subarray(0, writer.size))).toBe(
      "two=2 many=1000",
    );
  });

  it.each([
    ["no members", RDB_ZSET_2, "00", "empty value"],
    ["NaN", RDB_ZSET_2, "010161000000000000f87f", "sorted set with a score that is NaN"],
    ["NaN as text", RDB_ZSET, "010161fd", "sorted set with a score that is NaN"],
    ["no number", RDB_ZSET, "0101610178", "score that is no number"],
    [
      "a member twice",
      RDB_ZSET_2,
      "020161000000000000f03f01610000000000000040",
      "duplicate sorted set member",
    ],
    ["a short end", RDB_ZSET_2, "020161000000000000f03f01", "unexpected end"],
    ["an empty listpack", RDB_ZSET_LISTPACK, "0707000000000" + "0ff", "empty value"],
    [
      "an odd listpack",
      RDB_ZSET_LISTPACK,
      "09090000000100" + "0101" + "ff",
      "sorted set listpack integrity check failed",
    ],
  ])("refuses %s and leaves nothing behind", (_, kind, hex, error) => {
    const world = new World();
    expect(world.load(kind, fromHex(hex)!)).toBe(`(${error})`);
    world.keyspace.arena.verify(new Set());
  });

  it("finds a member that a listpack has twice when it looks inside", () => {
    const bytes = fromHex("11" + "110000000400" + "816102" + "0101" + "816102" + "0201" + "ff")!;
    expect(new World().load(RDB_ZSET_LISTPACK, bytes)).toBe("a=1 a=2");
    expect(new World().load(RDB_ZSET_LISTPACK, bytes, true)).toBe("(duplicate sorted set member)");
    expect(new World(1).load(RDB_ZSET_LISTPACK, bytes)).toBe("(duplicate sorted set member)");
  });

  it("survives damaged input of every kind", () => {
    const prng = new Prng(Uint8Array.of(5));
    const good: [number, Uint8Array][] = [RDB_ZSET_2, RDB_ZSET_LISTPACK].map((kind) => {
      const world = new World(kind === RDB_ZSET_2 ? 1 : 128);
      return [kind, fromHex(world.saved(world.make(PAIRS.slice(0, 5))))!.slice(1)];
    });
    good.push([RDB_ZSET, fromHex("020161023135016203312e35")!]);
    const ziplist = new RdbWriter();
    ziplist.string(zipped(["000374776f", "05f3", "02046d616e79", "06c0e803"]));
    good.push([RDB_ZSET_ZIPLIST, ziplist.bytes.slice(0, ziplist.size)]);
    for (const [kind, bytes] of good) {
      for (let round = 0; round < 2000; round++) {
        const damaged = bytes.slice(0, bytes.length - (prng.below(8) === 0 ? prng.below(9) : 0));
        for (let i = prng.below(3); i >= 0; i--) damaged[prng.below(damaged.length)] = prng.next();
        const world = new World();
        world.load(kind, damaged, prng.below(2) === 0);
        if (!world.reader.failed) world.sets.free(world.loaded.value, world.loaded.encoding);
        world.keyspace.arena.verify(new Set());
      }
    }
  });
});

/** A ziplist of these entries in hexadecimal. */
function zipped(entries: readonly string[]): Uint8Array {
  const body = entries.join("");
  const size = 11 + body.length / 2;
  const last = size - 1 - entries.at(-1)!.length / 2;
  const word = (value: number, bytes: number): string =>
    toHex(Uint8Array.from({ length: bytes }, (_, i) => value >>> (8 * i)));
  return fromHex(`${word(size, 4)}${word(last, 4)}${word(entries.length, 2)}${body}ff`)!;
}
