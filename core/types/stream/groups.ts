// Consumer groups: their names, consumers and pending entries (see stream.ts for the blocks).
//
// Names are entries in ordered indexes, all with the same score: sorted by name, as Redis lists them.
// A pending entry is in its group's index with all there is to know, and its ID is in the index of
// the consumer that it was delivered to. Both are made when there is something to put in.
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { HAS_VALUE } from "../../memory/entry.ts";
import { IndexCursor } from "../../memory/index-cursor.ts";
import { OrderedIndexes } from "../../memory/ordered-index.ts";
import { copyBytes } from "../../util/copy.ts";
import type { IdCursor } from "./id-cursor.ts";
import { IdIndexes } from "./id-index.ts";
import {
  CONSUMER_BYTES,
  Consumer,
  GROUP_BYTES,
  Group,
  Name,
  PENDING_WORDS,
  Pending,
  type Stream,
} from "./stream.ts";
import { StreamId } from "./stream-id.ts";

/** Words of an entry in front of the name, and the one with the reference. */
const NAME_WORDS = 3;
const VALUE = 2;
/** Nodes of an index that are freed in one step: some microseconds. */
const NODES_PER_STEP = 32;

export class Groups {
  readonly arena: Arena;
  readonly names: OrderedIndexes;
  /** Pending entries of groups, and of consumers. */
  readonly pending: IdIndexes;
  readonly owned: IdIndexes;
  readonly #place: IndexCursor;
  readonly #id: StreamId = new StreamId();
  readonly #name: Name = new Name();
  readonly #other: Consumer;

  // Reused by the commands; nothing of them is kept from one command to the next.
  readonly group: Group;
  readonly consumer: Consumer;
  readonly entry: Pending = new Pending();
  readonly name: Name = new Name();
  /** For walking names, a group's pending entries, and a consumer's. */
  readonly nameCursor: IndexCursor;
  readonly consumerCursor: IndexCursor;
  readonly cursor: IdCursor;
  readonly ownCursor: IdCursor;

  constructor(keyspace: Keyspace) {
    const { arena } = keyspace;
    this.arena = arena;
    this.names = new OrderedIndexes(arena);
    this.pending = new IdIndexes(arena, PENDING_WORDS);
    this.owned = new IdIndexes(arena, 0);
    this.#place = new IndexCursor(arena);
    this.#other = new Consumer(arena);
    this.group = new Group(arena);
    this.consumer = new Consumer(arena);
    this.nameCursor = new IndexCursor(arena);
    this.consumerCursor = new IndexCursor(arena);
    this.cursor = this.pending.cursor();
    this.ownCursor = this.owned.cursor();
  }

  // -- names ----------------------------------------------------------------------------------------

  /** Number of names in an index that may be NONE. */
  nameCount(index: Ref): number {
    return index === NONE ? 0 : this.names.count(index);
  }

  /** Puts the cursor on the first name. False when there is none. */
  firstName(index: Ref, cursor: IndexCursor): boolean {
    if (this.nameCount(index) === 0) return false;
    this.names.seek(index, 0, cursor);
    return true;
  }

  /** The group or consumer whose name the entry is. */
  owner(entry: Ref): Ref {
    return this.arena.i32[entry >>> SEGMENT_SHIFT][((entry & GRANULE_MASK) << 1) + VALUE];
  }

  /** The group or consumer with the name view[offset, offset+length), or NONE. */
  #find(index: Ref, view: DataView, offset: number, length: number): Ref {
    const entry = this.#findName(index, view, offset, length);
    return entry === NONE ? NONE : this.owner(entry);
  }

  #findName(index: Ref, view: DataView, offset: number, length: number): Ref {
    if (index === NONE) return NONE;
    const rank = this.names.countByKey(index, view, offset, length, false);
    if (rank === this.names.count(index)) return NONE;
    this.names.seek(index, rank, this.#place);
    const { entry } = this.#place;
    const name = this.#name;
    name.open(this.arena, entry);
    if (name.length !== length) return NONE;
    for (let i = 0; i < length; i++) {
      if (name.bytes[name.offset + i] !== view.getUint8(offset + i)) return NONE;
    }
    return entry;
  }

  #addName(index: Ref, owner: Ref, bytes: Uint8Array, offset: number, length: number): Ref {
    const entry = this.arena.alloc(NAME_WORDS * 4 + length);
    const segment = entry >>> SEGMENT_SHIFT;
    const words = this.arena.i32[segment];
    const at = (entry & GRANULE_MASK) << 1;
    words[at] = length | HAS_VALUE;
    words[at + 1] = 0;
    words[at + VALUE] = owner;
    copyBytes(this.arena.u8[segment], (at + NAME_WORDS) << 2, bytes, offset, length);
    this.names.insert(index, 0, entry);
    return entry;
  }

  // -- groups ---------------------------------------------------------------------------------------

  findGroup(stream: Stream, view: DataView, offset: number, length: number): Ref {
    return this.#find(stream.groups, view, offset, length);
  }

  /** Adds a group, whose name must be new. It becomes the one that is open in `group`. */
  createGroup(stream: Stream, bytes: Uint8Array, offset: number, length: number): Ref {
    if (stream.groups === NONE) stream.groups = this.names.create();
    const ref = this.arena.alloc(GROUP_BYTES);
    const name = this.#addName(stream.groups, ref, bytes, offset, length);
    this.group.open(ref);
    this.group.init(name);
    return ref;
  }

  /** Takes a group away from its stream. The group itself is freed by the caller (`freeGroup`). */
  unlinkGroup(stream: Stream, group: Group): void {
    this.names.remove(stream.groups, 0, group.name);
  }

  /** Number of the group's pending entries. */
  pendingCount(group: Group): number {
    return group.pending === NONE ? 0 : this.pending.count(group.pending);
  }

  // -- consumers ------------------------------------------------------------------------------------

  findConsumer(group: Group, view: DataView, offset: number, length: number): Ref {
    return this.#find(group.consumers, view, offset, length);
  }

  /** Adds a consumer, whose name must be new. It becomes the one that is open in `consumer`. */
  createConsumer(
    group: Group,
    bytes: Uint8Array,
    offset: number,
    length: number,
    nowMs: number,
  ): Ref {
    if (group.consumers === NONE) group.consumers = this.names.create();
    const ref = this.arena.alloc(CONSUMER_BYTES);
    const name = this.#addName(group.consumers, ref, bytes, offset, length);
    this.consumer.open(ref);
    this.consumer.init(name, nowMs);
    return ref;
  }

  /** The entry with the name of a consumer, whichever is open. */
  consumerNameOf(consumer: Ref): Ref {
    this.#other.open(consumer);
    return this.#other.name;
  }

  /** Number of the consumer's pending entries. */
  ownCount(consumer: Consumer): number {
    return consumer.pending === NONE ? 0 : this.owned.count(consumer.pending);
  }

  /** Removes a consumer with its pending entries. */
  removeConsumer(group: Group, consumer: Consumer): void {
    const { ownCursor: cursor } = this;
    if (consumer.pending !== NONE) {
      for (let more = this.owned.first(consumer.pending, cursor); more; more = cursor.next()) {
        this.#id.load(cursor.words, cursor.at);
        this.pending.remove(group.pending, this.#id);
      }
      this.owned.destroyStep(consumer.pending, Number.MAX_SAFE_INTEGER, null);
    }
    const { name } = consumer;
    this.names.remove(group.consumers, 0, name);
    this.arena.free(name);
    this.arena.free(consumer.ref);
  }

  // -- pending entries ------------------------------------------------------------------------------

  /** Whether the group has the ID pending; if so it is open in `entry`. */
  findPending(group: Group, id: StreamId): boolean {
    if (group.pending === NONE || !this.pending.find(group.pending, id)) return false;
    this.entry.place(this.pending.words, this.pending.at);
    return true;
  }

  /**
   * Adds the ID to the group's pending entries, without a consumer, unless it is there. Either way it
   * is open in `entry`. Answers with whether it is new.
   */
  addPending(group: Group, id: StreamId, nowMs: number): boolean {
    if (group.pending === NONE) group.pending = this.pending.create();
    const isNew = this.pending.insert(group.pending, id);
    this.entry.place(this.pending.words, this.pending.at);
    if (isNew) {
      this.entry.consumer = NONE;
      this.entry.timeMs = nowMs;
      this.entry.setCount(0, 1);
    }
    return isNew;
  }

  /** The pending entry that is open in `entry` is the consumer's from now on. */
  assign(id: StreamId, consumer: Consumer): void {
    const { entry } = this;
    const owner = entry.consumer;
    if (owner === consumer.ref) return;
    if (owner !== NONE) this.#disown(owner, id);
    this.own(consumer, id);
    entry.consumer = consumer.ref;
  }

  /** Adds the ID to a consumer's pending entries. Answers with whether it is new. */
  own(consumer: Consumer, id: StreamId): boolean {
    if (consumer.pending === NONE) consumer.pending = this.owned.create();
    return this.owned.insert(consumer.pending, id);
  }

  #disown(owner: Ref, id: StreamId): void {
    this.#other.open(owner);
    this.owned.remove(this.#other.pending, id);
  }

  /** Removes the ID from the pending entries. Answers with whether it was there. */
  removePending(group: Group, id: StreamId): boolean {
    if (!this.findPending(group, id)) return false;
    this.#disown(this.entry.consumer, id);
    this.pending.removeFound(group.pending);
    return true;
  }

  // -- freeing --------------------------------------------------------------------------------------

  /** Frees a group that no stream has any more, in small steps. */
  *freeGroup(ref: Ref): Generator<void> {
    const group = new Group(this.arena);
    group.open(ref);
    if (group.pending !== NONE) yield* this.#freeIndex(this.pending, group.pending);
    const { consumers, name } = group;
    if (consumers !== NONE) {
      const cursor = new IndexCursor(this.arena);
      const consumer = new Consumer(this.arena);
      for (let more = this.firstName(consumers, cursor); more; more = cursor.next()) {
        consumer.open(this.owner(cursor.entry));
        if (consumer.pending !== NONE) yield* this.#freeIndex(this.owned, consumer.pending);
        this.arena.free(consumer.ref);
        this.arena.free(cursor.entry);
        yield;
      }
      yield* this.freeNames(consumers);
    }
    this.arena.free(name);
    this.arena.free(ref);
  }

  *#freeIndex(indexes: IdIndexes, index: Ref): Generator<void> {
    while (indexes.destroyStep(index, NODES_PER_STEP, null)) yield;
  }

  /** Frees an index of names whose entries are freed already. */
  *freeNames(index: Ref): Generator<void> {
    while (this.names.destroyStep(index, NODES_PER_STEP)) yield;
  }
}
