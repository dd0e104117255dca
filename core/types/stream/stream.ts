// What a stream, a consumer group and a consumer consist of besides indexes: a block of words each.
// The classes here are views: opened on a reference, they read and write the block in place. 64-bit
// numbers are two words, the lower one first; IDs are four (stream-id.ts).
//
//   stream    0 index of nodes | 1 groups by name, or NONE | 2 nodes of a radix tree | 4, 5 length
//             6 last ID | 10 first ID | 14 greatest deleted ID | 18, 19 entries added since ever
//   group     0 last delivered ID | 4, 5 entries read, -1 for unknown | 6 pending entries, or NONE
//             7 consumers by name, or NONE | 8 the entry with its name
//   consumer  0, 1 seen time | 2, 3 active time, -1 for never | 4 pending entries, or NONE
//             5 the entry with its name
//
// Times are ms since 1970. An entry with a name (entry.ts) has the reference of the group or consumer
// as its value. "Pending entries" are indexes by ID (id-index.ts): a group's have the payload below,
// a consumer's have none, because its entries are all in the group's.
//
//   pending   0 consumer | 1, 2 delivery time | 3, 4 delivery count
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { keyLength, keyOffset } from "../../memory/entry.ts";
import { latin1 } from "../../util/bytes.ts";
import { EMPTY_RADIX_NODES } from "./radix-nodes.ts";
import { ID_WORDS, type StreamId } from "./stream-id.ts";

const TWO_32 = 4294967296;

export const STREAM_BYTES = 80;
const GROUPS = 1;
const RADIX_NODES = 2;
const LENGTH = 4;
const LAST_ID = 6;
const FIRST_ID = 10;
const MAX_DELETED_ID = 14;
const ENTRIES_ADDED = 18;

export const GROUP_BYTES = 36;
const ENTRIES_READ = 4;
const PENDING = 6;
const CONSUMERS = 7;
const GROUP_NAME = 8;

export const CONSUMER_BYTES = 24;
const SEEN_TIME = 0;
const ACTIVE_TIME = 2;
/** Words of a consumer's two times. */
export const TIME_WORDS = 4;
const OWN_PENDING = 4;
const CONSUMER_NAME = 5;

/** Words of a group's pending entry, behind its ID. */
export const PENDING_WORDS = 5;
const PENDING_CONSUMER = ID_WORDS;
const PENDING_TIME = ID_WORDS + 1;
const PENDING_COUNT = ID_WORDS + 3;

/** A block that is looked at. */
class View {
  readonly arena: Arena;
  ref: Ref = NONE;
  words: Int32Array = new Int32Array(0);
  at = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  open(ref: Ref): void {
    this.ref = ref;
    this.words = this.arena.i32[ref >>> SEGMENT_SHIFT];
    this.at = (ref & GRANULE_MASK) << 1;
  }

  protected number(field: number): number {
    const at = this.at + field;
    return this.words[at + 1] * TWO_32 + (this.words[at] >>> 0);
  }

  protected setNumber(field: number, value: number): void {
    const at = this.at + field;
    this.words[at] = value | 0;
    this.words[at + 1] = Math.floor(value / TWO_32);
  }
}

export class Stream extends View {
  /** Makes a fresh block a stream without entries, over an empty index of nodes. */
  init(nodes: Ref): void {
    this.words.fill(0, this.at, this.at + STREAM_BYTES / 4);
    this.words[this.at] = nodes;
    this.words[this.at + RADIX_NODES] = EMPTY_RADIX_NODES;
  }

  /** Takes everything but the indexes over from another stream. */
  copyFacts(other: Stream): void {
    for (let i = RADIX_NODES; i < STREAM_BYTES / 4; i++) {
      this.words[this.at + i] = other.words[other.at + i];
    }
  }

  /** The index of nodes: by ID, with the node's reference. */
  get nodes(): Ref {
    return this.words[this.at];
  }

  /** Groups by name, an ordered index; NONE while there was never any. */
  get groups(): Ref {
    return this.words[this.at + GROUPS];
  }

  set groups(index: Ref) {
    this.words[this.at + GROUPS] = index;
  }

  /** Nodes that a radix tree over the keys of the nodes has. */
  get radixNodes(): number {
    return this.words[this.at + RADIX_NODES];
  }

  set radixNodes(count: number) {
    this.words[this.at + RADIX_NODES] = count;
  }

  /** Number of live entries. */
  get length(): number {
    return this.number(LENGTH);
  }

  set length(value: number) {
    this.setNumber(LENGTH, value);
  }

  /** The last ID that was given to an entry, or set. */
  loadLastId(id: StreamId): void {
    id.load(this.words, this.at + LAST_ID);
  }

  storeLastId(id: StreamId): void {
    id.store(this.words, this.at + LAST_ID);
  }

  /** The order of an ID and the last one. */
  compareLastId(id: StreamId): number {
    return id.compareWords(this.words, this.at + LAST_ID);
  }

  /** The ID of the first live entry; 0-0 when there is none. */
  loadFirstId(id: StreamId): void {
    id.load(this.words, this.at + FIRST_ID);
  }

  storeFirstId(id: StreamId): void {
    id.store(this.words, this.at + FIRST_ID);
  }

  compareFirstId(id: StreamId): number {
    return id.compareWords(this.words, this.at + FIRST_ID);
  }

  /** The greatest ID that XDEL removed. */
  loadMaxDeletedId(id: StreamId): void {
    id.load(this.words, this.at + MAX_DELETED_ID);
  }

  storeMaxDeletedId(id: StreamId): void {
    id.store(this.words, this.at + MAX_DELETED_ID);
  }

  compareMaxDeletedId(id: StreamId): number {
    return id.compareWords(this.words, this.at + MAX_DELETED_ID);
  }

  get entriesAddedHigh(): number {
    return this.words[this.at + ENTRIES_ADDED + 1];
  }

  get entriesAddedLow(): number {
    return this.words[this.at + ENTRIES_ADDED];
  }

  setEntriesAdded(high: number, low: number): void {
    this.words[this.at + ENTRIES_ADDED] = low;
    this.words[this.at + ENTRIES_ADDED + 1] = high;
  }

  countAdded(): void {
    increment(this.words, this.at + ENTRIES_ADDED);
  }
}

export class Group extends View {
  init(name: Ref): void {
    this.words.fill(0, this.at, this.at + GROUP_BYTES / 4);
    this.words[this.at + GROUP_NAME] = name;
  }

  loadLastId(id: StreamId): void {
    id.load(this.words, this.at);
  }

  storeLastId(id: StreamId): void {
    id.store(this.words, this.at);
  }

  /** The order of an ID and the last delivered one. */
  compareLastId(id: StreamId): number {
    return id.compareWords(this.words, this.at);
  }

  get entriesReadHigh(): number {
    return this.words[this.at + ENTRIES_READ + 1];
  }

  get entriesReadLow(): number {
    return this.words[this.at + ENTRIES_READ];
  }

  /** False when it is not known how many entries the group has read. */
  get knowsEntriesRead(): boolean {
    return (this.entriesReadHigh & this.entriesReadLow) !== -1;
  }

  setEntriesRead(high: number, low: number): void {
    this.words[this.at + ENTRIES_READ] = low;
    this.words[this.at + ENTRIES_READ + 1] = high;
  }

  countRead(): void {
    increment(this.words, this.at + ENTRIES_READ);
  }

  /** The group's pending entries; NONE while there was never any. */
  get pending(): Ref {
    return this.words[this.at + PENDING];
  }

  set pending(index: Ref) {
    this.words[this.at + PENDING] = index;
  }

  get consumers(): Ref {
    return this.words[this.at + CONSUMERS];
  }

  set consumers(index: Ref) {
    this.words[this.at + CONSUMERS] = index;
  }

  get name(): Ref {
    return this.words[this.at + GROUP_NAME];
  }
}

export class Consumer extends View {
  init(name: Ref, nowMs: number): void {
    this.words.fill(0, this.at, this.at + CONSUMER_BYTES / 4);
    this.words[this.at + CONSUMER_NAME] = name;
    this.seenMs = nowMs;
    this.activeMs = -1;
  }

  /** When it last tried to do something. */
  get seenMs(): number {
    return this.number(SEEN_TIME);
  }

  set seenMs(ms: number) {
    this.setNumber(SEEN_TIME, ms);
  }

  /** When it last got something; -1 for never. */
  get activeMs(): number {
    return this.number(ACTIVE_TIME);
  }

  set activeMs(ms: number) {
    this.setNumber(ACTIVE_TIME, ms);
  }

  /** The two times as words, for the whole 64-bit range: seen low, high, active low, high. */
  timeWord(i: number): number {
    return this.words[this.at + i];
  }

  setTimeWord(i: number, value: number): void {
    this.words[this.at + i] = value;
  }

  get pending(): Ref {
    return this.words[this.at + OWN_PENDING];
  }

  set pending(index: Ref) {
    this.words[this.at + OWN_PENDING] = index;
  }

  get name(): Ref {
    return this.words[this.at + CONSUMER_NAME];
  }
}

/** An entry of a group's pending ones, at words[at] of a node of the index. */
export class Pending {
  words: Int32Array = new Int32Array(0);
  at = 0;

  place(words: Int32Array, at: number): void {
    this.words = words;
    this.at = at;
  }

  /** Who it was delivered to. */
  get consumer(): Ref {
    return this.words[this.at + PENDING_CONSUMER];
  }

  set consumer(consumer: Ref) {
    this.words[this.at + PENDING_CONSUMER] = consumer;
  }

  /** When it was delivered last. */
  get timeMs(): number {
    return this.timeHigh * TWO_32 + (this.timeLow >>> 0);
  }

  set timeMs(ms: number) {
    this.words[this.at + PENDING_TIME] = ms | 0;
    this.words[this.at + PENDING_TIME + 1] = Math.floor(ms / TWO_32);
  }

  get timeHigh(): number {
    return this.words[this.at + PENDING_TIME + 1];
  }

  get timeLow(): number {
    return this.words[this.at + PENDING_TIME];
  }

  setTime(high: number, low: number): void {
    this.words[this.at + PENDING_TIME] = low;
    this.words[this.at + PENDING_TIME + 1] = high;
  }

  /** How often it was delivered. */
  get countHigh(): number {
    return this.words[this.at + PENDING_COUNT + 1];
  }

  get countLow(): number {
    return this.words[this.at + PENDING_COUNT];
  }

  setCount(high: number, low: number): void {
    this.words[this.at + PENDING_COUNT] = low;
    this.words[this.at + PENDING_COUNT + 1] = high;
  }

  countDelivery(): void {
    increment(this.words, this.at + PENDING_COUNT);
  }
}

function increment(words: Int32Array, at: number): void {
  const low = (words[at] + 1) | 0;
  words[at] = low;
  if (low === 0) words[at + 1]++;
}

/** The name of a group or consumer: bytes[offset, offset+length). */
export class Name {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;

  open(arena: Arena, entry: Ref): void {
    this.bytes = arena.u8[entry >>> SEGMENT_SHIFT];
    this.offset = keyOffset(arena, entry);
    this.length = keyLength(arena, entry);
  }

  text(): string {
    return latin1(this.bytes, this.offset, this.offset + this.length);
  }
}
