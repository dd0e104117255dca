// Streams in RDB files and DUMP payloads: nodes as they are, then what there is to know about the
// stream, then its groups. A group's pending entries come with all their facts and without a
// consumer; each consumer then names those that are its own. Kind 19 came with Redis 7.0: the first
// and the greatest deleted ID and the counters of entries; kind 21 with 7.2: active times.
import { STREAM, STREAM_ENCODING } from "../../keyspace/types.ts";
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { lpBytes } from "../../memory/listpack.ts";
import {
  RDB_STREAM_LISTPACKS,
  RDB_STREAM_LISTPACKS_2,
  RDB_STREAM_LISTPACKS_3,
} from "../../persistence/rdb-format.ts";
import type { RdbReader } from "../../persistence/rdb-reader.ts";
import type { RdbTypes } from "../../persistence/rdb-types.ts";
import type { RdbWriter } from "../../persistence/rdb-writer.ts";
import type { IdCursor } from "./id-cursor.ts";
import { type Consumer, type Group, Name, Stream } from "./stream.ts";
import { ID_WORDS, StreamId } from "./stream-id.ts";
import { isStreamNode } from "./stream-node.ts";
import { freeStream } from "./stream-release.ts";
import type { Streams } from "./streams.ts";

const ID_BYTES = 16;

export function registerStreamRdb(types: RdbTypes, streams: Streams): void {
  types.savers[STREAM] = {
    rdbType: () => RDB_STREAM_LISTPACKS_3,
    save: (writer, value) => new Saver(streams, writer).save(value),
  };
  for (const kind of [RDB_STREAM_LISTPACKS, RDB_STREAM_LISTPACKS_2, RDB_STREAM_LISTPACKS_3]) {
    types.loaders[kind] = (reader, rdbType, loaded) => {
      const loader = new Loader(streams, reader, rdbType);
      const isLoaded = loader.load() && !reader.failed;
      if (isLoaded) loaded.set(STREAM, STREAM_ENCODING, loader.stream.ref);
      else freeStream(streams, loader.stream.ref);
      return isLoaded;
    };
  }
}

// ---------------------------------------------------------------------------- saving

class Saver {
  readonly #streams: Streams;
  readonly #writer: RdbWriter;
  readonly #id: StreamId = new StreamId();
  readonly #idBytes: Uint8Array = new Uint8Array(ID_BYTES);
  readonly #name: Name = new Name();

  constructor(streams: Streams, writer: RdbWriter) {
    this.#streams = streams;
    this.#writer = writer;
  }

  save(value: Ref): void {
    const { groups } = this.#streams;
    const writer = this.#writer;
    const stream = this.#streams.open(value);
    this.#saveNodes(stream.nodes);
    writer.length(stream.length);
    stream.loadLastId(this.#id);
    this.#saveId();
    stream.loadFirstId(this.#id);
    this.#saveId();
    stream.loadMaxDeletedId(this.#id);
    this.#saveId();
    writer.length64(stream.entriesAddedHigh, stream.entriesAddedLow);
    writer.length(groups.nameCount(stream.groups));
    const cursor = groups.nameCursor;
    for (let more = groups.firstName(stream.groups, cursor); more; more = cursor.next()) {
      this.#saveName(cursor.entry);
      groups.group.open(groups.owner(cursor.entry));
      this.#saveGroup(groups.group);
    }
  }

  #saveNodes(index: Ref): void {
    const { arena, indexes } = this.#streams;
    const writer = this.#writer;
    writer.length(indexes.count(index));
    const cursor = indexes.cursor();
    for (let more = indexes.first(index, cursor); more; more = cursor.next()) {
      this.#id.load(cursor.words, cursor.at);
      this.#id.storeBytes(this.#idBytes, 0);
      writer.string(this.#idBytes);
      const node = cursor.words[cursor.at + ID_WORDS];
      const bytes = arena.u8[node >>> SEGMENT_SHIFT];
      const base = (node & GRANULE_MASK) << 3;
      writer.string(bytes, base, lpBytes(bytes, base));
    }
  }

  /** An ID as two lengths. */
  #saveId(): void {
    const { msHigh, msLow, seqHigh, seqLow } = this.#id;
    this.#writer.length64(msHigh, msLow);
    this.#writer.length64(seqHigh, seqLow);
  }

  #saveName(entry: Ref): void {
    const name = this.#name;
    name.open(this.#streams.arena, entry);
    this.#writer.string(name.bytes, name.offset, name.length);
  }

  #saveGroup(group: Group): void {
    const { groups } = this.#streams;
    const writer = this.#writer;
    group.loadLastId(this.#id);
    this.#saveId();
    writer.length64(group.entriesReadHigh, group.entriesReadLow);
    this.#savePending(group.pending, groups.cursor, true);
    writer.length(groups.nameCount(group.consumers));
    const cursor = groups.consumerCursor;
    const { consumer } = groups;
    for (let more = groups.firstName(group.consumers, cursor); more; more = cursor.next()) {
      this.#saveName(cursor.entry);
      consumer.open(groups.owner(cursor.entry));
      writer.int64(consumer.timeWord(1), consumer.timeWord(0));
      writer.int64(consumer.timeWord(3), consumer.timeWord(2));
      this.#savePending(consumer.pending, groups.ownCursor, false);
    }
  }

  #savePending(index: Ref, cursor: IdCursor, isGroup: boolean): void {
    const { groups } = this.#streams;
    const writer = this.#writer;
    const indexes = isGroup ? groups.pending : groups.owned;
    writer.length(index === NONE ? 0 : indexes.count(index));
    if (index === NONE) return;
    const { entry } = groups;
    for (let more = indexes.first(index, cursor); more; more = cursor.next()) {
      this.#id.load(cursor.words, cursor.at);
      this.#id.storeBytes(this.#idBytes, 0);
      writer.raw(this.#idBytes);
      if (!isGroup) continue;
      entry.place(cursor.words, cursor.at);
      writer.int64(entry.timeHigh, entry.timeLow);
      writer.length64(entry.countHigh, entry.countLow);
    }
  }
}

// ---------------------------------------------------------------------------- loading

/** The input may come from anybody: whatever is inconsistent is refused. */
class Loader {
  readonly stream: Stream;
  readonly #streams: Streams;
  readonly #reader: RdbReader;
  readonly #rdbType: number;
  readonly #id: StreamId = new StreamId();
  readonly #last: StreamId = new StreamId();

  constructor(streams: Streams, reader: RdbReader, rdbType: number) {
    this.#streams = streams;
    this.#reader = reader;
    this.#rdbType = rdbType;
    this.stream = new Stream(streams.arena);
    this.stream.open(streams.create());
  }

  load(): boolean {
    const { stream } = this;
    const reader = this.#reader;
    const nodeCount = reader.length();
    let live = 0;
    for (let i = 0; i < nodeCount; i++) {
      if (!this.#loadNode()) return false;
      live += this.#streams.nodes.liveCount(
        this.#streams.indexes.words[this.#streams.indexes.at + ID_WORDS],
      );
    }
    stream.length = live;
    if (reader.length() !== live) return reader.fail("stream length inconsistent with its entries");
    this.#loadId();
    stream.storeLastId(this.#id);
    if (this.#id.compare(this.#last) < 0) return reader.fail("stream entry above the last ID");
    this.#loadFacts(live);
    const groupCount = reader.length();
    for (let i = 0; i < groupCount; i++) if (!this.#loadGroup()) return false;
    return !reader.failed;
  }

  /** Reads one node; its item is the one that the index has found last. */
  #loadNode(): boolean {
    const { indexes, nodes, radix } = this.#streams;
    const reader = this.#reader;
    const { stream } = this;
    if (!reader.string()) return false;
    if (reader.size !== ID_BYTES) return reader.fail("stream node key is not an ID");
    const id = this.#id;
    id.loadBytes(reader.bytes, reader.offset);
    if (!reader.string()) return false;
    if (reader.deep) reader.sanitizations++;
    const { bytes, offset, size } = reader;
    if (!isStreamNode(bytes, offset, size, id, this.#last)) {
      return reader.fail("stream listpack integrity check failed");
    }
    const change = radix.change(stream.nodes, id);
    if (!indexes.insert(stream.nodes, id)) return reader.fail("stream node key used twice");
    stream.radixNodes += change;
    indexes.words[indexes.at + ID_WORDS] = nodes.copy(bytes, offset);
    return true;
  }

  #loadFacts(live: number): void {
    const { stream } = this;
    const reader = this.#reader;
    if (this.#rdbType === RDB_STREAM_LISTPACKS) {
      stream.setEntriesAdded(Math.floor(live / 2 ** 32), live | 0);
      // The first ID of no entries is the greatest one: Redis does so, and writes it to newer files.
      if (!this.#streams.edgeId(stream, true, this.#id)) this.#id.setMax();
      stream.storeFirstId(this.#id);
      return;
    }
    this.#loadId();
    stream.storeFirstId(this.#id);
    this.#loadId();
    stream.storeMaxDeletedId(this.#id);
    reader.length();
    stream.setEntriesAdded(reader.high, reader.low);
  }

  #loadId(): void {
    const reader = this.#reader;
    const id = this.#id;
    reader.length();
    id.msHigh = reader.high;
    id.msLow = reader.low;
    reader.length();
    id.seqHigh = reader.high;
    id.seqLow = reader.low;
  }

  #loadGroup(): boolean {
    const { groups } = this.#streams;
    const reader = this.#reader;
    if (!reader.string()) return false;
    const { bytes, offset, size } = reader;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (groups.findGroup(this.stream, view, offset, size) !== NONE) {
      return reader.fail("stream group name used twice");
    }
    groups.createGroup(this.stream, bytes, offset, size);
    const { group } = groups;
    this.#loadId();
    group.storeLastId(this.#id);
    if (this.#rdbType === RDB_STREAM_LISTPACKS) {
      this.#streams.estimateEntriesRead(this.stream, this.#id);
      group.setEntriesRead(this.#streams.readHigh, this.#streams.readLow);
    } else {
      reader.length();
      group.setEntriesRead(reader.high, reader.low);
    }
    if (!this.#loadPending(group)) return false;
    const consumerCount = reader.length();
    let owned = 0;
    for (let i = 0; i < consumerCount; i++) {
      if (!this.#loadConsumer(group)) return false;
      owned += groups.ownCount(groups.consumer);
    }
    // Every entry has at most one owner, so equal numbers mean that all have one.
    if (owned !== groups.pendingCount(group)) {
      return reader.fail("stream group has a pending entry without consumer");
    }
    return !reader.failed;
  }

  #loadPending(group: Group): boolean {
    const { groups } = this.#streams;
    const reader = this.#reader;
    const count = reader.length();
    for (let i = 0; i < count; i++) {
      if (!this.#loadRawId()) return false;
      if (!groups.addPending(group, this.#id, 0)) {
        return reader.fail("stream group has an entry pending twice");
      }
      reader.int64();
      groups.entry.setTime(reader.high, reader.low);
      reader.length();
      groups.entry.setCount(reader.high, reader.low);
    }
    return !reader.failed;
  }

  #loadRawId(): boolean {
    const reader = this.#reader;
    if (!reader.raw(ID_BYTES)) return false;
    this.#id.loadBytes(reader.bytes, reader.offset);
    return true;
  }

  #loadConsumer(group: Group): boolean {
    const { groups } = this.#streams;
    const reader = this.#reader;
    if (!reader.string()) return false;
    const { bytes, offset, size } = reader;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (groups.findConsumer(group, view, offset, size) !== NONE) {
      return reader.fail("stream consumer name used twice");
    }
    groups.createConsumer(group, bytes, offset, size, 0);
    this.#loadTimes(groups.consumer);
    const count = reader.length();
    for (let i = 0; i < count; i++) {
      if (!this.#loadRawId()) return false;
      if (!groups.findPending(group, this.#id)) {
        return reader.fail("stream consumer has an entry that its group has not");
      }
      if (groups.entry.consumer !== NONE) {
        return reader.fail("stream entry is pending for two consumers");
      }
      groups.assign(this.#id, groups.consumer);
    }
    return !reader.failed;
  }

  #loadTimes(consumer: Consumer): void {
    const reader = this.#reader;
    reader.int64();
    consumer.setTimeWord(0, reader.low);
    consumer.setTimeWord(1, reader.high);
    // Before there were active times, the seen time was the best to go by.
    if (this.#rdbType === RDB_STREAM_LISTPACKS_3) reader.int64();
    consumer.setTimeWord(2, reader.low);
    consumer.setTimeWord(3, reader.high);
  }
}
