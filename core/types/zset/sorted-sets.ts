// Sorted sets of a node: what all of them share, the handles that commands reuse, and what the
// keyspace must know about the type (freeing, copying, digests, sizes).
import type { ValueDigest } from "../../keyspace/digest.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { LAZY_FREE_EFFORT_MIN, LAZY_FREE_STEP_ENTRIES } from "../../keyspace/lazy-free.ts";
import { LISTPACK, SKIPLIST, ZSET } from "../../keyspace/types.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import { lpBytes } from "../../memory/listpack.ts";
import { OrderedIndexes } from "../../memory/ordered-index.ts";
import type { Job } from "../../node/jobs.ts";
import { copyBytes } from "../../util/copy.ts";
import { DOUBLE_TEXT_BYTES_MAX, writeDoubleShort } from "../../util/double.ts";
import { Element } from "../element.ts";
import { SortedSetCursor } from "./cursor.ts";
import { packedBase } from "./packed.ts";
import { SortedSetRange } from "./range.ts";
import {
  MEMBER_GRANULES,
  SortedSet,
  type SortedSetLimits,
  SortedSetScratch,
  type SortedSetSpace,
} from "./sorted-set.ts";

const INDEX_NODES_PER_STEP = 8;

export class SortedSets implements SortedSetSpace {
  readonly arena: Arena;
  readonly dicts: Dicts;
  readonly indexes: OrderedIndexes;
  readonly limits: SortedSetLimits;
  readonly scratch: SortedSetScratch = new SortedSetScratch();
  // Reused by the commands; nothing of them is kept from one command to the next.
  /** The set that a command is about. */
  readonly set: SortedSet;
  /** A second one: what a command makes, or compares with. */
  readonly made: SortedSet;
  readonly cursor: SortedSetCursor;
  readonly member: Element = new Element();
  readonly range: SortedSetRange = new SortedSetRange();
  /** Scores among the arguments of ZADD and GEOADD. */
  scores: Float64Array = new Float64Array(16);
  // For what happens inside of this class while a command works with the handles above.
  readonly #own: SortedSet;
  readonly #copied: SortedSet;
  readonly #ownCursor: SortedSetCursor;
  readonly #ownMember: Element = new Element();
  readonly #digestText: Uint8Array = new Uint8Array(DOUBLE_TEXT_BYTES_MAX);

  constructor(keyspace: Keyspace, limits: SortedSetLimits) {
    this.arena = keyspace.arena;
    this.dicts = keyspace.dicts;
    this.indexes = new OrderedIndexes(keyspace.arena);
    this.limits = limits;
    this.set = new SortedSet(this);
    this.made = new SortedSet(this);
    this.cursor = new SortedSetCursor(this);
    this.#own = new SortedSet(this);
    this.#copied = new SortedSet(this);
    this.#ownCursor = new SortedSetCursor(this);
    keyspace.inspectors[ZSET] = {
      dictOf: (value, encoding) =>
        encoding === SKIPLIST ? this.#own.open(value, encoding).dict : NONE,
    };
    keyspace.releasers[ZSET] = (value, encoding) => this.free(value, encoding);
    keyspace.lazyReleasers[ZSET] = (value, encoding) => this.#freeJob(value, encoding);
    keyspace.copiers[ZSET] = (value, encoding) => this.#copy(value, encoding);
    keyspace.sizers[ZSET] = (value, encoding) => this.sizeBytes(value, encoding);
    keyspace.digesters[ZSET] = (value, encoding, digest) => this.#digest(value, encoding, digest);
  }

  /** `scores`, with room for at least `count`. */
  roomForScores(count: number): Float64Array {
    if (this.scores.length < count) this.scores = new Float64Array(count * 2);
    return this.scores;
  }

  /** Frees a value at once. */
  free(value: Ref, encoding: number): void {
    if (encoding === LISTPACK) {
      this.arena.free(value);
      return;
    }
    const set = this.#own.open(value, encoding);
    this.indexes.destroy(set.index);
    this.dicts.destroy(set.dict, (entry) => this.arena.free(entry));
    this.arena.free(value);
  }

  #freeJob(value: Ref, encoding: number): Job | null {
    if (encoding === LISTPACK) return null;
    const { index, dict, length } = this.#own.open(value, encoding);
    if (length <= LAZY_FREE_EFFORT_MIN) return null;
    return new FreeSortedSetJob(this, value, index, dict);
  }

  #copy(value: Ref, encoding: number): Ref {
    const { arena } = this;
    if (encoding === LISTPACK) {
      const bytes = arena.u8[value >>> SEGMENT_SHIFT];
      const base = packedBase(value);
      return this.copyListpack(bytes, base, lpBytes(bytes, base));
    }
    const set = this.#own.open(value, encoding);
    const copied = this.#copied.createLarge(set.length);
    const cursor = this.#ownCursor;
    const member = this.#ownMember;
    cursor.seek(set, 0);
    do {
      cursor.member(member);
      copied.append(member, cursor.score);
    } while (cursor.next());
    return copied.value;
  }

  #digest(value: Ref, encoding: number, digest: ValueDigest): void {
    const cursor = this.#ownCursor;
    const member = this.#ownMember;
    const text = this.#digestText;
    cursor.seek(this.#own.open(value, encoding), 0);
    do {
      cursor.member(member);
      const pair = digest.member();
      pair.mix(member.bytes, member.offset, member.length);
      pair.mix(text, 0, writeDoubleShort(text, 0, cursor.score));
      digest.xorMember(pair);
    } while (cursor.next());
  }

  /** Bytes of memory that a value takes. */
  sizeBytes(value: Ref, encoding: number): number {
    const { arena } = this;
    if (encoding === LISTPACK) return arena.blockBytes(value);
    const { dict, index } = this.#own.open(value, encoding);
    const at = ((value & GRANULE_MASK) << 1) + MEMBER_GRANULES;
    const memberBytes = (arena.i32[value >>> SEGMENT_SHIFT][at] >>> 0) * 8;
    return (
      arena.blockBytes(value) +
      this.dicts.indexBytes(dict) +
      this.indexes.indexBytes(index) +
      memberBytes
    );
  }

  /** A copy in the arena of a listpack that lies anywhere. */
  copyListpack(bytes: Uint8Array, offset: number, size: number): Ref {
    const value = this.arena.alloc(size);
    copyBytes(this.arena.u8[value >>> SEGMENT_SHIFT], packedBase(value), bytes, offset, size);
    return value;
  }
}

/** Frees a large sorted set in steps: first the nodes of its index, then its dict with the members. */
class FreeSortedSetJob implements Job {
  readonly #sets: SortedSets;
  readonly #value: Ref;
  readonly #index: Ref;
  readonly #dict: Ref;
  #hasIndex = true;
  #place = 0;

  constructor(sets: SortedSets, value: Ref, index: Ref, dict: Ref) {
    this.#sets = sets;
    this.#value = value;
    this.#index = index;
    this.#dict = dict;
  }

  step(): boolean {
    const { arena, dicts, indexes } = this.#sets;
    if (this.#hasIndex) {
      this.#hasIndex = indexes.destroyStep(this.#index, INDEX_NODES_PER_STEP);
      return true;
    }
    this.#place = dicts.destroyStep(this.#dict, this.#place, LAZY_FREE_STEP_ENTRIES, (entry) =>
      arena.free(entry),
    );
    if (this.#place !== -1) return true;
    arena.free(this.#value);
    return false;
  }
}
