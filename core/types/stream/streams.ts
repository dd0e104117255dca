// Stream values: entries in nodes (stream-node.ts) under an index by ID (id-index.ts), and consumer
// groups (groups.ts). This file adds and removes entries; entry-cursor.ts walks them.
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { type Arena, NONE, type Ref } from "../../memory/arena.ts";
import type { Args } from "../../resp/args.ts";
import { EntryCursor } from "./entry-cursor.ts";
import { Groups } from "./groups.ts";
import type { IdCursor } from "./id-cursor.ts";
import { IdIndexes } from "./id-index.ts";
import {
  AddOptions,
  ReadOptions,
  StreamIds,
  TRIM_NOTHING,
  TRIM_TO_LENGTH,
  type Trim,
} from "./options.ts";
import { RadixNodes } from "./radix-nodes.ts";
import { type Group, STREAM_BYTES, Stream } from "./stream.ts";
import { ID_WORDS, StreamId, StreamIdText } from "./stream-id.ts";
import { markDeleted, StreamNodes } from "./stream-node.ts";

const TWO_32 = 4294967296;
/** No listpack may have more bytes. */
export const NODE_BYTES_MAX: number = 1 << 30;

/** The directives that say when a node is full; 0 means never. */
export interface StreamLimits {
  readonly streamNodeMaxBytes: number;
  readonly streamNodeMaxEntries: number;
}

export class Streams {
  readonly keyspace: Keyspace;
  readonly arena: Arena;
  readonly #limits: StreamLimits;
  readonly indexes: IdIndexes;
  readonly nodes: StreamNodes;
  readonly groups: Groups;
  readonly radix: RadixNodes;
  readonly #place: IdCursor;
  readonly #base: StreamId = new StreamId();
  readonly #edge: StreamId = new StreamId();
  readonly #min: StreamId = new StreamId();
  readonly #max: StreamId = new StreamId();
  /** For looking entries up inside of this class. */
  readonly #cursor: EntryCursor;

  /** What `estimateEntriesRead` and `lag` found. */
  readHigh = 0;
  readLow = 0;

  // Reused by the commands; nothing of them is kept from one command to the next.
  readonly stream: Stream;
  readonly cursor: EntryCursor;
  readonly ids: StreamIds = new StreamIds();
  readonly from: StreamId = new StreamId();
  readonly to: StreamId = new StreamId();
  readonly idText: StreamIdText = new StreamIdText();
  readonly addOptions: AddOptions = new AddOptions();
  readonly readOptions: ReadOptions = new ReadOptions();

  constructor(keyspace: Keyspace, limits: StreamLimits) {
    const { arena } = keyspace;
    this.keyspace = keyspace;
    this.arena = arena;
    this.#limits = limits;
    this.indexes = new IdIndexes(arena, 1);
    this.nodes = new StreamNodes(arena);
    this.groups = new Groups(keyspace);
    this.radix = new RadixNodes(this.indexes);
    this.#place = this.indexes.cursor();
    this.#cursor = new EntryCursor(this.indexes);
    this.stream = new Stream(arena);
    this.cursor = new EntryCursor(this.indexes);
    this.#max.setMax();
  }

  /** A stream without entries. It becomes the one that is open in `stream`. */
  create(): Ref {
    const nodes = this.indexes.create();
    const value = this.arena.alloc(STREAM_BYTES);
    this.stream.open(value);
    this.stream.init(nodes);
    return value;
  }

  open(value: Ref): Stream {
    this.stream.open(value);
    return this.stream;
  }

  // -- looking --------------------------------------------------------------------------------------

  /** The ID of the first or last live entry into `id`. False when there is none. */
  edgeId(stream: Stream, isFirst: boolean, id: StreamId, withDeleted: boolean = false): boolean {
    this.#cursor.start(stream.nodes, this.#min, this.#max, !isFirst, withDeleted);
    if (!this.#cursor.next()) return false;
    id.copy(this.#cursor.id);
    return true;
  }

  /** Whether a live entry has a greater ID. */
  hasAbove(stream: Stream, id: StreamId): boolean {
    return this.edgeId(stream, false, this.#edge) && this.#edge.compare(id) > 0;
  }

  // -- counting -------------------------------------------------------------------------------------

  /**
   * How many entries were ever added up to this ID, into `readHigh` and `readLow`: -1 when that cannot
   * be told, because entries were deleted or the ID is somewhere between the first and the last one.
   */
  estimateEntriesRead(stream: Stream, id: StreamId): void {
    const atLast = stream.compareLastId(id);
    const { length, entriesAddedHigh: high, entriesAddedLow: low } = stream;
    if ((high | low) === 0) return this.#setRead(0, 0);
    if (atLast === 0 || (length === 0 && atLast < 0)) return this.#setRead(high, low);
    if (atLast < 0) {
      stream.loadMaxDeletedId(this.#edge);
      if (this.#edge.isMin || stream.compareFirstId(this.#edge) < 0) {
        const atFirst = stream.compareFirstId(id);
        if (atFirst <= 0) return this.#setReadFrom(high, low, length - (atFirst === 0 ? 1 : 0));
      }
    }
    this.#setRead(-1, -1);
  }

  #setRead(high: number, low: number): void {
    this.readHigh = high;
    this.readLow = low;
  }

  /** Entries added less some. */
  #setReadFrom(high: number, low: number, less: number): void {
    const lessLow = less | 0;
    const borrow = low >>> 0 < lessLow >>> 0 ? 1 : 0;
    this.readHigh = (high - Math.floor(less / TWO_32) - borrow) | 0;
    this.readLow = (low - lessLow) | 0;
  }

  /** Whether an entry that was deleted had this ID or a greater one, as far as is known. */
  hasDeletedFrom(stream: Stream, id: StreamId): boolean {
    if (stream.length === 0) return false;
    const max = this.#edge;
    stream.loadMaxDeletedId(max);
    return !max.isMin && stream.compareFirstId(max) >= 0 && max.compare(id) >= 0;
  }

  /**
   * How many entries the group has not read yet, into `readHigh` and `readLow`. False when that cannot
   * be told.
   */
  lag(stream: Stream, group: Group): boolean {
    const { entriesAddedHigh: high, entriesAddedLow: low } = stream;
    if ((high | low) === 0) {
      this.#setRead(0, 0);
      return true;
    }
    const id = this.#base;
    group.loadLastId(id);
    if (group.knowsEntriesRead && !this.hasDeletedFrom(stream, id)) {
      this.#setRead(group.entriesReadHigh, group.entriesReadLow);
    } else {
      this.estimateEntriesRead(stream, id);
      if ((this.readHigh & this.readLow) === -1) return false;
    }
    const borrow = low >>> 0 < this.readLow >>> 0 ? 1 : 0;
    this.#setRead((high - this.readHigh - borrow) | 0, (low - this.readLow) | 0);
    return true;
  }

  // -- adding ---------------------------------------------------------------------------------------

  /** The ID of an entry that is added now: of this moment, or the one behind the last. */
  nextId(stream: Stream, nowMs: number, id: StreamId): void {
    id.setTime(nowMs);
    if (stream.compareLastId(id) > 0) return;
    stream.loadLastId(id);
    id.increment();
  }

  /**
   * Adds an entry with `fieldCount` fields and values in the arguments from `first` on, of `textBytes`
   * bytes together. The ID must be greater than the last one.
   */
  add(
    stream: Stream,
    id: StreamId,
    args: Args,
    first: number,
    fieldCount: number,
    textBytes: number,
  ): void {
    const { indexes, nodes } = this;
    const index = stream.nodes;
    let reserve = 0;
    let node = NONE;
    if (indexes.findLast(index)) {
      node = indexes.words[indexes.at + ID_WORDS];
      const size = nodes.size(node);
      if (this.#isFull(node, size + textBytes)) {
        indexes.words[indexes.at + ID_WORDS] = nodes.shrink(node);
        reserve = size;
        node = NONE;
      } else {
        this.#base.load(indexes.words, indexes.at);
      }
    }
    if (node === NONE) {
      node = nodes.create(args, first, fieldCount, reserve);
      stream.radixNodes += this.radix.change(index, id);
      indexes.insert(index, id);
      indexes.words[indexes.at + ID_WORDS] = node;
      this.#base.copy(id);
    }
    const moved = nodes.append(node, this.#base, id, args, first, fieldCount);
    indexes.words[indexes.at + ID_WORDS] = moved;
    stream.storeLastId(id);
    stream.countAdded();
    const length = stream.length + 1;
    stream.length = length;
    if (length === 1) stream.storeFirstId(id);
  }

  #isFull(node: Ref, bytes: number): boolean {
    const { streamNodeMaxBytes, streamNodeMaxEntries } = this.#limits;
    const isLimited = streamNodeMaxBytes > 0 && streamNodeMaxBytes <= NODE_BYTES_MAX;
    if (bytes >= (isLimited ? streamNodeMaxBytes : NODE_BYTES_MAX)) return true;
    return streamNodeMaxEntries > 0 && this.nodes.entryCount(node) >= streamNodeMaxEntries;
  }

  // -- removing -------------------------------------------------------------------------------------

  /** Removes the entry, as XDEL does. Answers with whether it was there. */
  delete(stream: Stream, id: StreamId): boolean {
    const cursor = this.#cursor;
    cursor.start(stream.nodes, id, id, false);
    if (!cursor.next()) return false;
    this.#base.copy(cursor.base);
    const { node } = cursor;
    const { nodes } = this;
    if (nodes.liveCount(node) === 1) {
      this.#removeNode(stream, this.#base, node);
    } else {
      markDeleted(cursor.bytes, cursor.entryAt);
      this.#moveNode(stream, this.#base, node, nodes.countDeleted(node, 1));
    }
    stream.length--;
    return true;
  }

  /** Sets the first ID anew after entries were removed. */
  renewFirstId(stream: Stream): void {
    this.#edge.setMin();
    if (stream.length > 0) this.edgeId(stream, true, this.#edge);
    stream.storeFirstId(this.#edge);
  }

  #removeNode(stream: Stream, base: StreamId, node: Ref): void {
    this.arena.free(node);
    this.indexes.remove(stream.nodes, base);
    stream.radixNodes -= this.radix.change(stream.nodes, base);
  }

  #moveNode(stream: Stream, base: StreamId, node: Ref, moved: Ref): void {
    if (node === moved) return;
    this.indexes.find(stream.nodes, base);
    this.indexes.words[this.indexes.at + ID_WORDS] = moved;
  }

  /** Removes entries from the front. Answers with their number. */
  trim(stream: Stream, trim: Trim): number {
    if (trim.strategy === TRIM_NOTHING) return 0;
    const { nodes } = this;
    const place = this.#place;
    const base = this.#base;
    let removed = 0;
    while (this.indexes.first(stream.nodes, place)) {
      if (trim.strategy === TRIM_TO_LENGTH && stream.length <= trim.lengthMax) break;
      const node = place.words[place.at + ID_WORDS];
      base.load(place.words, place.at);
      const live = nodes.liveCount(node);
      if (trim.limit > 0 && removed + live > trim.limit) break;
      if (this.#goesWhole(stream, trim, node, live)) {
        this.#removeNode(stream, base, node);
        stream.length -= live;
        removed += live;
        continue;
      }
      if (!trim.isApproximate) removed += this.#trimNode(stream, trim, node);
      break;
    }
    if (stream.length === 0 || removed > 0) this.renewFirstId(stream);
    return removed;
  }

  /** Whether all of the first node, whose key is in `#base`, shall go. */
  #goesWhole(stream: Stream, trim: Trim, node: Ref, live: number): boolean {
    if (trim.strategy === TRIM_TO_LENGTH) return stream.length - live >= trim.lengthMax;
    // The last entry counts even if it is deleted.
    const last = this.#edge;
    return !this.nodes.lastId(node, this.#base, last) || last.compare(trim.minId) < 0;
  }

  /** Removes entries of the first node, but not all. Answers with their number. */
  #trimNode(stream: Stream, trim: Trim, node: Ref): number {
    const cursor = this.#cursor;
    const byLength = trim.strategy === TRIM_TO_LENGTH;
    let removed = 0;
    cursor.start(stream.nodes, this.#base, this.#max, false);
    while (cursor.next() && cursor.node === node) {
      if (byLength ? stream.length <= trim.lengthMax : cursor.id.compare(trim.minId) >= 0) break;
      markDeleted(cursor.bytes, cursor.entryAt);
      stream.length--;
      removed++;
    }
    if (removed > 0) {
      this.#moveNode(stream, this.#base, node, this.nodes.countDeleted(node, removed));
    }
    return removed;
  }
}
