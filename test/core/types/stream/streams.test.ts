import { describe, expect, it } from "vitest";
import { ValueDigest } from "../../../../core/keyspace/digest.ts";
import { STREAM, STREAM_ENCODING } from "../../../../core/keyspace/types.ts";
import { NONE, type Ref } from "../../../../core/memory/arena.ts";
import { lpEntryLength, lpFormat } from "../../../../core/memory/listpack.ts";
import { RDB_STREAM_LISTPACKS_3 } from "../../../../core/persistence/rdb-format.ts";
import { RdbReader } from "../../../../core/persistence/rdb-reader.ts";
import { LoadedValue } from "../../../../core/persistence/rdb-types.ts";
import { RdbWriter } from "../../../../core/persistence/rdb-writer.ts";
import { Args } from "../../../../core/resp/args.ts";
import { TRIM_BELOW_ID, TRIM_TO_LENGTH, type Trim } from "../../../../core/types/stream/options.ts";
import { Stream } from "../../../../core/types/stream/stream.ts";
import { verifyStream } from "../../../../core/types/stream/stream-check.ts";
import { StreamId } from "../../../../core/types/stream/stream-id.ts";
import { createStreams } from "../../../../core/types/stream/stream-values.ts";
import type { Streams } from "../../../../core/types/stream/streams.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { keyspaceForTests } from "../keyspace.ts";

interface Entry {
  /** ms << 64 | seq */
  readonly id: bigint;
  readonly texts: readonly string[];
}

const MAX_ID = 2n ** 128n - 1n;

/** A stream beside a plain array of entries. */
class World {
  readonly keyspace = keyspaceForTests();
  readonly limits = { streamNodeMaxBytes: 4096, streamNodeMaxEntries: 100 };
  readonly streams: Streams = createStreams(this.keyspace, this.limits);
  readonly stream: Stream;
  model: Entry[] = [];
  lastId = 0n;
  added = 0;

  constructor() {
    this.stream = new Stream(this.keyspace.arena);
    this.stream.open(this.streams.create());
  }

  id(value: bigint): StreamId {
    const id = new StreamId();
    id.msHigh = Number(BigInt.asIntN(32, value >> 96n));
    id.msLow = Number(BigInt.asIntN(32, value >> 64n));
    id.seqHigh = Number(BigInt.asIntN(32, value >> 32n));
    id.seqLow = Number(BigInt.asIntN(32, value));
    return id;
  }

  add(id: bigint, texts: readonly string[]): void {
    const args = Args.of(...texts);
    const bytes = texts.reduce((sum, text) => sum + text.length, 0);
    this.streams.add(this.stream, this.id(id), args, 0, texts.length / 2, bytes);
    this.model.push({ id, texts });
    this.lastId = id;
    this.added++;
  }

  delete(id: bigint): void {
    const place = this.model.findIndex((entry) => entry.id === id);
    expect(this.streams.delete(this.stream, this.id(id))).toBe(place >= 0);
    if (place >= 0) this.model.splice(place, 1);
    this.streams.renewFirstId(this.stream);
  }

  trim(trim: Trim, minId: bigint): void {
    trim.minId.copy(this.id(minId));
    const { length } = this.model;
    const wanted =
      trim.strategy === TRIM_TO_LENGTH
        ? Math.max(0, length - trim.lengthMax)
        : this.model.filter((entry) => entry.id < minId).length;
    const removed = this.streams.trim(this.stream, trim);
    if (trim.isApproximate || trim.limit > 0) expect(removed).toBeLessThanOrEqual(wanted);
    else expect(removed).toBe(wanted);
    if (trim.limit > 0) expect(removed).toBeLessThanOrEqual(trim.limit);
    this.model = this.model.slice(removed);
  }

  range(from: bigint, to: bigint, isReverse: boolean, stream: Stream = this.stream): Entry[] {
    const { cursor } = this.streams;
    const entries: Entry[] = [];
    cursor.start(stream.nodes, this.id(from), this.id(to), isReverse);
    while (cursor.next()) {
      const texts: string[] = [];
      // Every third entry is left unread: the cursor must find the next one all the same.
      const isRead = Number(numberOf(cursor.id) % 3n) !== 0;
      for (let i = 0; isRead && i < cursor.fieldCount; i++) {
        cursor.nextField();
        texts.push(text(cursor.bytes, cursor.fieldAt), text(cursor.bytes, cursor.valueAt));
      }
      entries.push({ id: numberOf(cursor.id), texts });
    }
    return isReverse ? entries.reverse() : entries;
  }

  expected(from: bigint, to: bigint): Entry[] {
    return this.model
      .filter((entry) => entry.id >= from && entry.id <= to)
      .map((entry) => (entry.id % 3n === 0n ? { id: entry.id, texts: [] } : entry));
  }

  save(): Uint8Array {
    const writer = new RdbWriter();
    this.keyspace.rdbTypes.savers[STREAM]!.save(writer, this.stream.ref, STREAM_ENCODING);
    return writer.bytes.slice(0, writer.size);
  }

  load(bytes: Uint8Array, deep = false): Ref {
    const reader = new RdbReader();
    const loaded = new LoadedValue();
    reader.open(bytes, 0, bytes.length);
    reader.deep = deep;
    const isLoaded = this.keyspace.rdbTypes.load(reader, RDB_STREAM_LISTPACKS_3, loaded);
    expect(isLoaded).toBe(!reader.failed);
    if (reader.failed) expect(reader.error).not.toBe("");
    return isLoaded ? loaded.value : NONE;
  }

  check(): void {
    const blocks = new Set<Ref>();
    verifyStream(this.streams, this.stream.ref, blocks);
    this.keyspace.arena.verify(blocks);
    expect(this.stream.length).toBe(this.model.length);
    expect(this.stream.entriesAddedLow).toBe(this.added);
    const last = new StreamId();
    this.stream.loadLastId(last);
    expect(numberOf(last)).toBe(this.lastId);
    expect(this.range(0n, MAX_ID, false)).toEqual(this.expected(0n, MAX_ID));
    expect(this.range(0n, MAX_ID, true)).toEqual(this.expected(0n, MAX_ID));
  }
}

function numberOf(id: StreamId): bigint {
  const [ms, seq] = String(id).split("-");
  return (BigInt(ms) << 64n) | BigInt(seq);
}

function text(bytes: Uint8Array, at: number): string {
  const out = new Uint8Array(lpEntryLength(bytes, at));
  lpFormat(bytes, at, out, 0);
  return latin1(out);
}

const WORDS = [
  ["", "0", "127", "128", "-1", "-4097", "65536", "4294967296", "9223372036854775807", "007"],
  ["v", "value", "x".repeat(63), "y".repeat(64), "z".repeat(130), "w".repeat(5000)],
].flat();

function someTexts(prng: Prng): string[] {
  const count = prng.below(3) === 0 ? 1 + prng.below(4) : 1;
  const areSame = prng.below(3) > 0;
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    texts.push(
      areSame ? `f${i}` : WORDS[prng.below(WORDS.length)],
      WORDS[prng.below(WORDS.length)],
    );
  }
  return texts;
}

/** An ID near others, now and then a jump. */
function nextId(prng: Prng, last: bigint): bigint {
  switch (prng.below(12)) {
    case 0:
      return last + (BigInt(1 + prng.below(300)) << 64n);
    case 1:
      return ((last >> 64n) + 1n) << 64n;
    case 2:
      return last + BigInt(prng.below(2 ** 31)) * 5n + 1n;
    default:
      return last + BigInt(1 + prng.below(3));
  }
}

function run(world: World, prng: Prng, steps: number): void {
  const { trim } = world.streams.addOptions;
  for (let i = 0; i < steps; i++) {
    const known = (): bigint =>
      world.model.length === 0 ? 1n : world.model[prng.below(world.model.length)].id;
    const dice = prng.below(100);
    if (dice < 60) {
      world.add(nextId(prng, world.lastId), someTexts(prng));
    } else if (dice < 80) {
      world.delete(prng.below(5) === 0 ? known() + 1n : known());
    } else if (dice < 84) {
      trim.strategy = prng.below(2) === 0 ? TRIM_TO_LENGTH : TRIM_BELOW_ID;
      trim.isApproximate = prng.below(2) === 0;
      trim.limit = trim.isApproximate && prng.below(2) === 0 ? 1 + prng.below(20) : 0;
      trim.lengthMax = Math.max(0, world.model.length - prng.below(15));
      const middle = world.model[prng.below(15)];
      world.trim(trim, middle?.id ?? world.lastId);
    } else {
      const ends = [known() - BigInt(prng.below(2)), known() + BigInt(prng.below(2))];
      const isReverse = prng.below(2) === 0;
      expect(world.range(ends[0], ends[1], isReverse)).toEqual(world.expected(ends[0], ends[1]));
      expect(world.streams.hasAbove(world.stream, world.id(ends[1]))).toBe(
        world.model.some((entry) => entry.id > ends[1]),
      );
    }
  }
}

describe("a stream", () => {
  const limits: readonly [number, number][] = [
    [4096, 100],
    [300, 0],
    [0, 7],
    [0, 1],
    [100_000, 1000],
  ];
  for (const [bytes, entries] of limits) {
    it(`is a list of entries, with nodes of up to ${bytes} bytes and ${entries} entries`, () => {
      const world = new World();
      world.limits.streamNodeMaxBytes = bytes;
      world.limits.streamNodeMaxEntries = entries;
      const prng = new Prng(toBytes(`${bytes} ${entries}`.padEnd(32)));
      for (let round = 0; round < 8; round++) {
        run(world, prng, 250);
        world.check();
      }
    });
  }

  it("takes IDs over the whole range", () => {
    const world = new World();
    const parts = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
    for (const ms of parts) {
      for (const seq of parts) if ((ms | seq) > 0n) world.add((ms << 64n) | seq, ["f", "v"]);
    }
    world.check();
    const ids = world.model.map((entry) => entry.id);
    for (let i = 0; i + 5 < ids.length; i += 3) {
      expect(world.range(ids[i], ids[i + 5], i % 2 === 0)).toEqual(
        world.expected(ids[i], ids[i + 5]),
      );
    }
    for (const id of ids) world.delete(id);
    world.check();
  });

  it("needs little more than its nodes", () => {
    const world = new World();
    for (let i = 1; i <= 20_000; i++) world.add(BigInt(i) << 64n, ["field", `value:${i}`]);
    // An entry of this stream has 20 bytes.
    expect(world.keyspace.arena.usedBytes / 20_000).toBeLessThan(22);
    world.check();
  });
});

describe("the value of a key", () => {
  function filled(steps: number): World {
    const world = new World();
    world.limits.streamNodeMaxEntries = 10;
    run(world, new Prng(toBytes(`${steps}`.padEnd(32))), steps);
    return world;
  }

  it("is copied as it is", () => {
    const world = filled(600);
    const copied = new Stream(world.keyspace.arena);
    copied.open(world.keyspace.copiers[STREAM]!(world.stream.ref, STREAM_ENCODING));
    verifyStream(world.streams, copied.ref, new Set());
    expect(world.range(0n, MAX_ID, false, copied)).toEqual(world.expected(0n, MAX_ID));
    const digests = [world.stream.ref, copied.ref].map((value) => {
      const digest = new ValueDigest();
      world.keyspace.digesters[STREAM]!(value, STREAM_ENCODING, digest);
      return digest.hex();
    });
    expect(digests[0]).toBe(digests[1]);
    world.keyspace.releasers[STREAM]!(copied.ref, STREAM_ENCODING);
    world.check();
  });

  it("is saved and loaded as it is", () => {
    const world = filled(600);
    const loaded = world.load(world.save(), true);
    world.keyspace.releasers[STREAM]!(world.stream.ref, STREAM_ENCODING);
    world.stream.open(loaded);
    world.check();
  });

  it("is freed, at once or in steps", () => {
    for (const lazy of [false, true]) {
      const world = filled(2000);
      world.keyspace.freeValue(STREAM, world.stream.ref, STREAM_ENCODING, lazy);
      expect(world.keyspace.arena.usedBytes > 0).toBe(lazy);
      let steps = 0;
      while (world.keyspace.lazyFree.step()) steps++;
      expect(steps > 2).toBe(lazy);
      expect(world.keyspace.arena.usedBytes).toBe(0);
      world.keyspace.arena.verify(new Set());
    }
  });

  it("has a size that grows with it", () => {
    const world = filled(2000);
    const size = (samples: number): number =>
      world.keyspace.sizers[STREAM]!(world.stream.ref, STREAM_ENCODING, samples);
    expect(size(Number.MAX_SAFE_INTEGER)).toBe(world.keyspace.arena.usedBytes);
    expect(size(5) / world.keyspace.arena.usedBytes).toBeGreaterThan(0.3);
    expect(size(5) / world.keyspace.arena.usedBytes).toBeLessThan(3);
  });

  it("is never broken by damaged input", () => {
    const world = filled(120);
    const bytes = world.save();
    const before = world.keyspace.arena.usedBytes;
    const prng = new Prng(toBytes("damage".padEnd(32)));
    let loads = 0;
    for (let i = 0; i < 3000; i++) {
      const damaged = bytes.slice(0, prng.below(20) === 0 ? prng.below(bytes.length) : undefined);
      for (let j = prng.below(3); j >= 0; j--) {
        damaged[prng.below(damaged.length)] = prng.below(3) === 0 ? 255 : prng.below(256);
      }
      const value = world.load(damaged, i % 2 === 0);
      if (value !== NONE) {
        loads++;
        const last = new StreamId();
        const stream = new Stream(world.keyspace.arena);
        stream.open(value);
        world.range(0n, MAX_ID, i % 2 === 0, stream);
        stream.loadLastId(last);
        if (last.increment()) {
          world.streams.add(stream, last, Args.of("f", "v"), 0, 1, 2);
        }
        world.streams.renewFirstId(stream);
        verifyStream(world.streams, value, new Set());
        world.keyspace.releasers[STREAM]!(value, STREAM_ENCODING);
      }
      expect(world.keyspace.arena.usedBytes).toBe(before);
    }
    expect(loads).toBeGreaterThan(100);
    world.check();
  });
});
