// One sorted set, whatever its encoding: a handle that is pointed at a value (`open`) and works on it.
// The handle owns nothing and is reused; a change may replace the value's reference and encoding,
// which the owner then stores back.
//
// Small sets (encoding `listpack`) are packed.ts. Large ones (`skiplist` by name) are
//
//   header   word 0 dict of the members | 1 ordered index over them | 2 bytes of the members / 8
//   member   an entry (entry.ts) whose meta and value words are the score, a double
//
// so that a member is found by its bytes in the dict and by its order in the index.
import { LISTPACK, SKIPLIST } from "../../keyspace/types.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { type Dicts, RefList } from "../../memory/dict.ts";
import { HAS_VALUE, keyLength } from "../../memory/entry.ts";
import { IndexCursor } from "../../memory/index-cursor.ts";
import {
  initListpack,
  LP_BYTES_MAX,
  LP_EMPTY_BYTES,
  LP_END,
  LP_HEADER_BYTES,
  lpBytes,
  lpEnd,
  lpFind,
  lpSafeToAdd,
  lpSeek,
  lpSkip,
} from "../../memory/listpack.ts";
import {
  lpDeleteRangeAt,
  lpEncodedSize,
  lpInsertAt,
  lpInsertIntegerAt,
  lpIntegerSize,
} from "../../memory/listpack-edit.ts";
import type { OrderedIndexes } from "../../memory/ordered-index.ts";
import { compareBytes } from "../../util/bytes.ts";
import { copyBytes } from "../../util/copy.ts";
import { WIDE_ZERO } from "../../util/wide.ts";
import { Element } from "../element.ts";
import {
  PackedScore,
  packedBase,
  packedCountByScore,
  packedLength,
  packedScore,
} from "./packed.ts";

// Options of `add`.
export const ADD_NEW_ONLY = 1; // NX
export const ADD_KNOWN_ONLY = 2; // XX
export const ADD_GREATER_ONLY = 4; // GT
export const ADD_LESS_ONLY = 8; // LT
export const ADD_INCREMENT = 16; // INCR

// Outcomes of `add`.
/** The member has this score already. */
export const SAME = 0;
export const ADDED = 1;
export const UPDATED = 2;
/** An option forbids the change. */
export const REFUSED = 3;
/** The sum is not a number; nothing happened. */
export const NOT_A_NUMBER = 4;

export const HEADER_BYTES = 12;
export const INDEX = 1;
export const MEMBER_GRANULES = 2;
const MEMBER_KEY_START = 12;
const SCORE_OFFSET = 4;

/** A listpack gets this share of its size in reserve when it must move. */
const RESERVE_SHIFT = 3;
const WASTE_BYTES_MAX = 128;

/** What all sorted sets of a node share. */
export interface SortedSetSpace {
  readonly arena: Arena;
  readonly dicts: Dicts;
  readonly indexes: OrderedIndexes;
  readonly limits: SortedSetLimits;
  readonly scratch: SortedSetScratch;
}

/** What methods use while they run: one of each is enough for all handles. */
export class SortedSetScratch {
  readonly packedScore: PackedScore = new PackedScore();
  readonly element: Element = new Element();
  readonly entries: RefList = new RefList();
}

/** The directives that say when a set leaves the `listpack` encoding. */
export interface SortedSetLimits {
  readonly zsetMaxListpackEntries: number;
  readonly zsetMaxListpackValue: number;
}

export class SortedSet {
  value: Ref = NONE;
  encoding: number = LISTPACK;
  /** The score of the member that was found or added last. */
  score: number = WIDE_ZERO;
  readonly #space: SortedSetSpace;
  readonly #arena: Arena;
  readonly #scratch: SortedSetScratch;

  constructor(space: SortedSetSpace) {
    this.#space = space;
    this.#arena = space.arena;
    this.#scratch = space.scratch;
  }

  /** Works on this value from now on. */
  open(value: Ref, encoding: number): this {
    this.value = value;
    this.encoding = encoding;
    return this;
  }

  /** Makes a new, empty set that suits about `count` members of `memberBytes` bytes. */
  create(count: number, memberBytes: number): this {
    const { limits } = this.#space;
    if (count <= limits.zsetMaxListpackEntries && memberBytes <= limits.zsetMaxListpackValue) {
      return this.createPacked();
    }
    return this.createLarge();
  }

  createPacked(): this {
    const value = this.#arena.alloc(LP_EMPTY_BYTES);
    initListpack(this.#arena.u8[value >>> SEGMENT_SHIFT], packedBase(value));
    return this.open(value, LISTPACK);
  }

  /** Makes a new, empty large set; `expectedCount` members at least are going to be added at once. */
  createLarge(expectedCount: number = 0): this {
    const { dicts, indexes } = this.#space;
    const value = this.#arena.alloc(HEADER_BYTES);
    const dict = dicts.create(expectedCount);
    const index = indexes.create();
    const words = this.#arena.i32[value >>> SEGMENT_SHIFT];
    const at = (value & GRANULE_MASK) << 1;
    words[at] = dict;
    words[at + INDEX] = index;
    words[at + MEMBER_GRANULES] = 0;
    return this.open(value, SKIPLIST);
  }

  /** Number of members. */
  get length(): number {
    if (this.encoding === LISTPACK) return packedLength(this.#bytes(), this.#base());
    return this.#space.indexes.count(this.index);
  }

  /** The dict of a large set. */
  get dict(): Ref {
    return this.#arena.i32[this.value >>> SEGMENT_SHIFT][(this.value & GRANULE_MASK) << 1];
  }

  /** The ordered index of a large set. */
  get index(): Ref {
    return this.#arena.i32[this.value >>> SEGMENT_SHIFT][
      ((this.value & GRANULE_MASK) << 1) + INDEX
    ];
  }

  // -- finding ------------------------------------------------------------------------------------

  /** True when the member is in the set; `score` is its score then. */
  find(member: Element): boolean {
    if (this.encoding === LISTPACK) {
      const at = this.#findPacked(member);
      if (at < 0) return false;
      this.score = packedScore(this.#bytes(), at);
      return true;
    }
    const entry = this.#findEntry(member);
    if (entry === NONE) return false;
    this.score = this.scoreOf(entry);
    return true;
  }

  /** Number of members before this one, or -1 when it is none; `score` is its score. */
  rank(member: Element): number {
    if (this.encoding === LISTPACK) {
      const found = this.#findPacked(member);
      if (found < 0) return -1;
      const bytes = this.#bytes();
      this.score = packedScore(bytes, found);
      let rank = 0;
      let at = this.#base() + LP_HEADER_BYTES;
      for (; at !== found; at = lpSkip(bytes, lpSkip(bytes, at))) rank++;
      return rank;
    }
    const entry = this.#findEntry(member);
    if (entry === NONE) return -1;
    this.score = this.scoreOf(entry);
    return this.#space.indexes.rank(this.index, this.score, entry);
  }

  /** Number of members with a score below `score`, or up to it when `inclusive`. */
  countByScore(score: number, inclusive: boolean): number {
    if (this.encoding === LISTPACK) {
      return packedCountByScore(this.#bytes(), this.#base(), score, inclusive);
    }
    return this.#space.indexes.countByScore(this.index, score, inclusive);
  }

  /**
   * Number of members below a bound in the order of bytes, or up to it when `inclusive`. Without
   * meaning unless all scores are the same.
   */
  countByMember(
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
    inclusive: boolean,
  ): number {
    if (this.encoding !== LISTPACK) {
      return this.#space.indexes.countByKey(this.index, view, offset, length, inclusive);
    }
    const own = this.#bytes();
    let count = 0;
    let at = this.#base() + LP_HEADER_BYTES;
    while (own[at] !== LP_END) {
      const order = this.#comparePacked(at, bytes, offset, length);
      if (order > 0 || (order === 0 && !inclusive)) break;
      count++;
      at = lpSkip(own, lpSkip(own, at));
    }
    return count;
  }

  /** The score that a member's entry carries. */
  scoreOf(entry: Ref): number {
    const at = ((entry & GRANULE_MASK) << 3) + SCORE_OFFSET;
    return this.#arena.view[entry >>> SEGMENT_SHIFT].getFloat64(at, true);
  }

  #bytes(): Uint8Array {
    return this.#arena.u8[this.value >>> SEGMENT_SHIFT];
  }

  #base(): number {
    return packedBase(this.value);
  }

  #findPacked(member: Element): number {
    const view = this.#arena.view[this.value >>> SEGMENT_SHIFT];
    return lpFind(this.#bytes(), view, this.#base(), member, 1);
  }

  #findEntry(member: Element): Ref {
    const { dicts } = this.#space;
    return dicts.find(this.dict, member.hash(dicts), member.view, member.offset, member.length);
  }

  /** Order of the packed member at `at` and other bytes, as memcmp has it. */
  #comparePacked(at: number, bytes: Uint8Array, offset: number, length: number): number {
    const segment = this.value >>> SEGMENT_SHIFT;
    const other = this.#scratch.element;
    other.listpackEntry(this.#arena.u8[segment], this.#arena.view[segment], at);
    return compareBytes(other.bytes, other.offset, other.length, bytes, offset, length);
  }

  // -- adding -------------------------------------------------------------------------------------

  /**
   * Adds a member or changes its score, as far as the options (ADD_…) allow. Answers with the
   * outcome; unless it is REFUSED or NOT_A_NUMBER, `score` is the score that the member has now.
   */
  add(member: Element, score: number, options: number): number {
    if (this.encoding === LISTPACK) {
      const at = this.#findPacked(member);
      if (at >= 0) {
        const outcome = this.#decide(packedScore(this.#bytes(), at), score, options);
        if (outcome === UPDATED) {
          this.#deletePacked(at, 1);
          this.#insertPacked(member, this.score);
        }
        return outcome;
      }
      if ((options & ADD_KNOWN_ONLY) !== 0) return REFUSED;
      this.score = score;
      if (this.#fitsPacked(member.length)) {
        this.#insertPacked(member, score);
        return ADDED;
      }
      this.enlarge();
      this.#insertEntry(member, score);
      return ADDED;
    }
    const entry = this.#findEntry(member);
    if (entry !== NONE) {
      const current = this.scoreOf(entry);
      const outcome = this.#decide(current, score, options);
      if (outcome === UPDATED) this.#moveEntry(entry, current, this.score);
      return outcome;
    }
    if ((options & ADD_KNOWN_ONLY) !== 0) return REFUSED;
    this.score = score;
    this.#insertEntry(member, score);
    return ADDED;
  }

  /** What becomes of a member that is there; sets `score`. */
  #decide(current: number, score: number, options: number): number {
    if ((options & ADD_NEW_ONLY) !== 0) return REFUSED;
    const wanted = (options & ADD_INCREMENT) !== 0 ? current + score : score;
    if (Number.isNaN(wanted)) return NOT_A_NUMBER;
    if ((options & ADD_LESS_ONLY) !== 0 && wanted >= current) return REFUSED;
    if ((options & ADD_GREATER_ONLY) !== 0 && wanted <= current) return REFUSED;
    this.score = wanted;
    return wanted === current ? SAME : UPDATED;
  }

  #fitsPacked(memberBytes: number): boolean {
    const { limits } = this.#space;
    return (
      memberBytes <= limits.zsetMaxListpackValue &&
      this.length < limits.zsetMaxListpackEntries &&
      lpSafeToAdd(this.#bytes(), this.#base(), memberBytes)
    );
  }

  /** Adds a member that is not there to a packed set, at its place. */
  #insertPacked(member: Element, score: number): void {
    const bytes = this.#bytes();
    const base = this.#base();
    let at = base + LP_HEADER_BYTES;
    while (bytes[at] !== LP_END) {
      const other = packedScore(bytes, at);
      if (other > score) break;
      if (
        other === score &&
        this.#comparePacked(at, member.bytes, member.offset, member.length) > 0
      ) {
        break;
      }
      at = lpSkip(bytes, lpSkip(bytes, at));
    }
    this.#putPacked(at - base, member, score);
  }

  /** Writes a member and its score into the listpack at `start` bytes from its beginning. */
  #putPacked(start: number, member: Element, score: number): void {
    const text = this.#scratch.packedScore;
    text.set(score);
    const scoreBytes = text.isInteger
      ? lpIntegerSize(text.integer)
      : lpEncodedSize(text.bytes, 0, text.length);
    this.#reserve(lpEncodedSize(member.bytes, member.offset, member.length) + scoreBytes);
    const bytes = this.#bytes();
    const base = this.#base();
    const { offset, length } = member;
    const next = lpInsertAt(bytes, base, base + start, member.bytes, offset, length);
    if (text.isInteger) lpInsertIntegerAt(bytes, base, next, text.integer);
    else lpInsertAt(bytes, base, next, text.bytes, 0, text.length);
  }

  /** Makes room for `growth` more bytes in the listpack. */
  #reserve(growth: number): void {
    const needed = lpBytes(this.#bytes(), this.#base()) + growth;
    if (needed <= this.#arena.sizeOf(this.value)) return;
    this.value = this.#arena.realloc(this.value, needed + (needed >> RESERVE_SHIFT));
  }

  /** Adds a member that is not there to a large set. */
  #insertEntry(member: Element, score: number): void {
    const entry = this.#newMember(member, score);
    this.#space.indexes.insert(this.index, score, entry);
  }

  /** Makes the entry of a new member and puts it into the dict. */
  #newMember(member: Element, score: number): Ref {
    const { dicts } = this.#space;
    const arena = this.#arena;
    const { length } = member;
    const entry = arena.alloc(MEMBER_KEY_START + length);
    const segment = entry >>> SEGMENT_SHIFT;
    const at = (entry & GRANULE_MASK) << 3;
    arena.i32[segment][at >> 2] = length | HAS_VALUE;
    arena.view[segment].setFloat64(at + SCORE_OFFSET, score, true);
    copyBytes(arena.u8[segment], at + MEMBER_KEY_START, member.bytes, member.offset, length);
    dicts.insert(this.dict, member.hash(dicts), entry);
    this.#countMember(arena.blockBytes(entry));
    return entry;
  }

  #moveEntry(entry: Ref, score: number, newScore: number): void {
    this.#space.indexes.move(this.index, score, entry, newScore);
    this.setScore(entry, newScore);
  }

  #countMember(bytes: number): void {
    const { value } = this;
    this.#arena.i32[value >>> SEGMENT_SHIFT][((value & GRANULE_MASK) << 1) + MEMBER_GRANULES] +=
      bytes / 8;
  }

  // -- removing -----------------------------------------------------------------------------------

  /** Removes a member; false when it is none. A set may become empty. */
  remove(member: Element): boolean {
    if (this.encoding === LISTPACK) {
      const at = this.#findPacked(member);
      if (at < 0) return false;
      this.#deletePacked(at, 1);
      return true;
    }
    const entry = this.#findEntry(member);
    if (entry === NONE) return false;
    const { dicts, indexes } = this.#space;
    indexes.remove(this.index, this.scoreOf(entry), entry);
    this.#freeMember(this.dict, member.hash(dicts), entry);
    return true;
  }

  /** Removes the `count` members from rank `first` on, which must be there. */
  removeRange(first: number, count: number): void {
    if (this.encoding === LISTPACK) {
      this.#deletePacked(lpSeek(this.#bytes(), this.#base(), first * 2), count);
      return;
    }
    const { dicts, indexes } = this.#space;
    const { dict, index } = this;
    const removed = this.#scratch.entries;
    for (let left = count; left > 0; ) {
      removed.count = 0;
      left -= indexes.removeRun(index, first, left, removed);
      for (let i = 0; i < removed.count; i++) {
        const entry = removed.items[i];
        this.#freeMember(dict, dicts.hashOf(entry), entry);
      }
    }
  }

  #freeMember(dict: Ref, hash: number, entry: Ref): void {
    this.#countMember(-this.#arena.blockBytes(entry));
    this.#space.dicts.remove(dict, hash, entry);
    this.#arena.free(entry);
  }

  /** Removes `count` packed members from the one at `at` on. */
  #deletePacked(at: number, count: number): void {
    const bytes = this.#bytes();
    const base = this.#base();
    lpDeleteRangeAt(bytes, base, at, count * 2);
    const needed = lpBytes(bytes, base);
    if (this.#arena.sizeOf(this.value) - needed > needed + WASTE_BYTES_MAX) {
      this.value = this.#arena.realloc(this.value, needed);
    }
  }

  // -- encodings ----------------------------------------------------------------------------------

  /** Makes a packed set a large one. */
  enlarge(): void {
    const packed = this.value;
    const segment = packed >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    const view = this.#arena.view[segment];
    const member = this.#scratch.element;
    this.createLarge(packedLength(bytes, packedBase(packed)));
    let at = packedBase(packed) + LP_HEADER_BYTES;
    while (bytes[at] !== LP_END) {
      member.listpackEntry(bytes, view, at);
      this.#insertEntry(member, packedScore(bytes, at));
      at = lpSkip(bytes, lpSkip(bytes, at));
    }
    this.#arena.free(packed);
  }

  /** As `enlarge`, if that many members are too many for a listpack. */
  enlargeFor(count: number): void {
    if (this.encoding === LISTPACK && count > this.#space.limits.zsetMaxListpackEntries) {
      this.enlarge();
    }
  }

  /** Adds a member behind all others, as those who copy a set in order do. It must not be there. */
  append(member: Element, score: number): void {
    if (this.encoding === LISTPACK && !this.#fitsPacked(member.length)) this.enlarge();
    if (this.encoding === LISTPACK) {
      const base = this.#base();
      this.#putPacked(lpEnd(this.#bytes(), base) - base, member, score);
    } else {
      this.#insertEntry(member, score);
    }
  }

  /** Makes a large set a packed one, if its members are few and short enough. */
  packIfSmall(): void {
    const { indexes, limits, dicts } = this.#space;
    const { length, index, dict, value } = this;
    if (this.encoding === LISTPACK || length > limits.zsetMaxListpackEntries) return;
    const { element } = this.#scratch;
    const cursor = new IndexCursor(this.#arena);
    let total = 0;
    if (length > 0) {
      indexes.seek(index, 0, cursor);
      do {
        const memberBytes = keyLength(this.#arena, cursor.entry);
        if (memberBytes > limits.zsetMaxListpackValue) return;
        total += memberBytes;
      } while (cursor.next());
    }
    if (total > LP_BYTES_MAX) return;
    this.createPacked();
    if (length > 0) {
      indexes.seek(index, 0, cursor);
      do {
        element.entryKey(dicts, cursor.entry);
        this.#putPacked(lpEnd(this.#bytes(), this.#base()) - this.#base(), element, cursor.score);
      } while (cursor.next());
    }
    indexes.destroy(index);
    dicts.destroy(dict, (entry) => this.#arena.free(entry));
    this.#arena.free(value);
  }

  // -- unions -------------------------------------------------------------------------------------

  /**
   * Puts a member into the dict of a large set, but not into its order yet. Answers with its entry if
   * it is there already, else NONE. `indexStaged` must follow before anything else.
   */
  stage(member: Element, score: number): Ref {
    const known = this.#findEntry(member);
    if (known === NONE) this.#newMember(member, score);
    return known;
  }

  /** Changes the score that a member's entry carries, and not its place. */
  setScore(entry: Ref, score: number): void {
    const at = ((entry & GRANULE_MASK) << 3) + SCORE_OFFSET;
    this.#arena.view[entry >>> SEGMENT_SHIFT].setFloat64(at, score, true);
  }

  /** Puts all members, none of which is in the order yet, into it. */
  indexStaged(): void {
    const { dicts, indexes } = this.#space;
    const { dict, index } = this;
    const { entries } = this.#scratch;
    for (let place = 0; place !== -1; place = dicts.nextPageIndex(dict, place)) {
      const page = dicts.pageAt(dict, place);
      if (page === NONE) return;
      entries.count = 0;
      dicts.pageEntries(page, entries);
      for (let i = 0; i < entries.count; i++) {
        indexes.insert(index, this.scoreOf(entries.items[i]), entries.items[i]);
      }
    }
  }
}
