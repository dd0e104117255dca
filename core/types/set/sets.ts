// Set values. A set is one of three things in the arena, and grows from one to the next, never back:
//
//   intset      all members are integers, at most set-max-intset-entries: one sorted run (intset.ts)
//   listpack    at most set-max-listpack-entries members of set-max-listpack-value bytes (listpack.ts)
//   hashtable   a dict whose entries have the member as their key and nothing else
//
// Intset and listpack are in Redis's own layout, so saving one is a copy. Commands that change a set
// work on a `SetValue` and give its reference back to the key afterwards: it moves as it grows.

import type { Keyspace } from "../../keyspace/keyspace.ts";
import { FreeDictJob, LAZY_FREE_EFFORT_MIN } from "../../keyspace/lazy-free.ts";
import { HASHTABLE, INTSET, LISTPACK, SET } from "../../keyspace/types.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts, RefList } from "../../memory/dict.ts";
import {
  INTSET_EMPTY_BYTES,
  initIntset,
  intsetAdd,
  intsetBytes,
  intsetGrowth,
  intsetHas,
  intsetHigh,
  intsetLength,
  intsetLow,
  intsetRemove,
  intsetRemoveAt,
  intsetTextLength,
} from "../../memory/intset.ts";
import {
  initListpack,
  LP_EMPTY_BYTES,
  lpBytes,
  lpFind,
  lpLength,
  lpSafeToAdd,
  lpSeek,
} from "../../memory/listpack.ts";
import {
  lpAppend,
  lpAppendInt64,
  lpDeleteAt,
  lpEncodedSize,
  lpInt64Size,
} from "../../memory/listpack-edit.ts";
import type { Job } from "../../node/jobs.ts";
import { copyBytes } from "../../util/copy.ts";
import { Element } from "../element.ts";
import { SetCursor } from "./set-cursor.ts";

/** Redis lets no intset hold more values, whatever is configured. */
const INTSET_LENGTH_MAX = 1 << 30;
/** Bytes of a member's entry in front of the member. */
const ENTRY_HEAD_BYTES = 4;

/** The directives that say when a set changes its encoding. */
export interface SetLimits {
  readonly setMaxIntsetEntries: number;
  readonly setMaxListpackEntries: number;
  readonly setMaxListpackValue: number;
}

/** A set that is being looked at or changed. */
export class SetValue {
  value: Ref = NONE;
  encoding: number = INTSET;

  open(value: Ref, encoding: number): void {
    this.value = value;
    this.encoding = encoding;
  }
}

export class Sets {
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #dicts: Dicts;
  readonly #limits: SetLimits;
  /** For conversions and copies inside of this class. */
  readonly #cursor: SetCursor;
  /** Which member `pick` chose: index of an intset, offset in a listpack, entry of a dict. */
  #picked = 0;

  // Reused by the commands; nothing of them is kept from one command to the next.
  readonly target: SetValue = new SetValue();
  readonly source: SetValue = new SetValue();
  readonly element: Element = new Element();
  readonly cursor: SetCursor;

  constructor(keyspace: Keyspace, limits: SetLimits) {
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#dicts = keyspace.dicts;
    this.#limits = limits;
    this.#cursor = new SetCursor(keyspace.dicts);
    this.cursor = new SetCursor(keyspace.dicts);
    keyspace.releasers[SET] = (value, encoding) => this.free(value, encoding);
    keyspace.lazyReleasers[SET] = (value, encoding) => this.#freeJob(value, encoding);
    keyspace.copiers[SET] = (value, encoding) => this.#copy(value, encoding);
    keyspace.sizers[SET] = (value, encoding, samples) => this.sizeBytes(value, encoding, samples);
    keyspace.inspectors[SET] = {
      dictOf: (value, encoding) => (encoding === HASHTABLE ? value : NONE),
    };
    keyspace.digesters[SET] = (value, encoding, digest) => {
      const cursor = this.#cursor;
      cursor.start(value, encoding);
      while (cursor.next()) {
        const { bytes, offset, length } = cursor.element;
        digest.xor(bytes, offset, length);
      }
    };
  }

  // -- looking --------------------------------------------------------------------------------------

  /** Number of members. */
  count(value: Ref, encoding: number): number {
    if (encoding === HASHTABLE) return this.#dicts.count(value);
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    const base = (value & GRANULE_MASK) << 3;
    return encoding === INTSET ? intsetLength(bytes, base) : lpLength(bytes, base);
  }

  has(value: Ref, encoding: number, element: Element): boolean {
    if (encoding === HASHTABLE) {
      const hash = element.hash(this.#dicts);
      const { view, offset, length } = element;
      return this.#dicts.find(value, hash, view, offset, length) !== NONE;
    }
    const base = (value & GRANULE_MASK) << 3;
    if (encoding !== INTSET) return this.#findInListpack(value, base, element) >= 0;
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    return element.isInteger() && intsetHas(bytes, base, element.high, element.low);
  }

  #findInListpack(value: Ref, base: number, element: Element): number {
    const segment = value >>> SEGMENT_SHIFT;
    return lpFind(this.#arena.u8[segment], this.#arena.view[segment], base, element, 0);
  }

  /** Bytes of memory that the set takes; of the members of a dict, at most `samples` are looked at. */
  sizeBytes(value: Ref, encoding: number, samples: number): number {
    if (encoding !== HASHTABLE) return this.#arena.blockBytes(value);
    const cursor = this.#cursor;
    let sampled = 0;
    let memberBytes = 0;
    cursor.start(value, encoding);
    for (; sampled < samples && cursor.next(); sampled++) {
      memberBytes += this.#arena.blockBytes(cursor.entry);
    }
    if (sampled > 0) memberBytes *= this.#dicts.count(value) / sampled;
    return this.#dicts.indexBytes(value) + Math.floor(memberBytes);
  }

  // -- making and freeing ---------------------------------------------------------------------------

  /** A new set for about `countHint` members of which `first` is one. */
  create(set: SetValue, first: Element, countHint: number): void {
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.#limits;
    if (countHint <= setMaxIntsetEntries && first.isInteger()) this.createIntset(set);
    else if (countHint <= setMaxListpackEntries) this.createListpack(set);
    else set.open(this.#dicts.create(), HASHTABLE);
  }

  createIntset(set: SetValue): void {
    const value = this.#arena.alloc(INTSET_EMPTY_BYTES);
    initIntset(this.#arena.u8[value >>> SEGMENT_SHIFT], (value & GRANULE_MASK) << 3);
    set.open(value, INTSET);
  }

  createListpack(set: SetValue): void {
    const value = this.#arena.alloc(LP_EMPTY_BYTES);
    initListpack(this.#arena.u8[value >>> SEGMENT_SHIFT], (value & GRANULE_MASK) << 3);
    set.open(value, LISTPACK);
  }

  free(value: Ref, encoding: number): void {
    if (encoding === HASHTABLE) this.#dicts.destroy(value, (entry) => this.#arena.free(entry));
    else this.#arena.free(value);
  }

  #freeJob(value: Ref, encoding: number): Job | null {
    if (encoding !== HASHTABLE || this.#dicts.count(value) <= LAZY_FREE_EFFORT_MIN) return null;
    return new FreeDictJob(this.#dicts, value, (entry) => this.#arena.free(entry));
  }

  #copy(value: Ref, encoding: number): Ref {
    if (encoding !== HASHTABLE) return this.#copyBlock(value, this.#usedBytes(value, encoding));
    const copied = this.#dicts.create(this.#dicts.count(value));
    const cursor = this.#cursor;
    cursor.start(value, encoding);
    while (cursor.next()) this.#insert(copied, cursor.element);
    return copied;
  }

  #usedBytes(value: Ref, encoding: number): number {
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    const base = (value & GRANULE_MASK) << 3;
    return encoding === INTSET ? intsetBytes(bytes, base) : lpBytes(bytes, base);
  }

  #copyBlock(value: Ref, count: number): Ref {
    const arena = this.#arena;
    const copied = arena.alloc(count);
    copyBytes(
      arena.u8[copied >>> SEGMENT_SHIFT],
      (copied & GRANULE_MASK) << 3,
      arena.u8[value >>> SEGMENT_SHIFT],
      (value & GRANULE_MASK) << 3,
      count,
    );
    return copied;
  }

  // -- adding ---------------------------------------------------------------------------------------

  /** So many members may be added at once that the set should be a dict from the start. */
  expect(set: SetValue, countHint: number): void {
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.#limits;
    if (
      (set.encoding === LISTPACK && countHint > setMaxListpackEntries) ||
      (set.encoding === INTSET && countHint > setMaxIntsetEntries)
    ) {
      this.#toDict(set);
    }
  }

  /** Adds a member; false when the set has it. The element must not lie in this set. */
  add(set: SetValue, element: Element): boolean {
    if (set.encoding === HASHTABLE) return this.#addToDict(set.value, element);
    return set.encoding === INTSET
      ? this.#addToIntset(set, element)
      : this.#addToListpack(set, element);
  }

  #addToDict(dict: Ref, element: Element): boolean {
    const hash = element.hash(this.#dicts);
    const { view, offset, length } = element;
    if (this.#dicts.find(dict, hash, view, offset, length) !== NONE) return false;
    this.#insert(dict, element);
    return true;
  }

  /** Adds a member that the dict does not have. */
  #insert(dict: Ref, element: Element): void {
    const arena = this.#arena;
    const { length } = element;
    const entry = arena.alloc(ENTRY_HEAD_BYTES + length);
    const segment = entry >>> SEGMENT_SHIFT;
    const at = (entry & GRANULE_MASK) << 3;
    arena.i32[segment][at >> 2] = length;
    copyBytes(arena.u8[segment], at + ENTRY_HEAD_BYTES, element.bytes, element.offset, length);
    this.#dicts.insert(dict, element.hash(this.#dicts), entry);
  }

  #addToIntset(set: SetValue, element: Element): boolean {
    if (!element.isInteger()) {
      this.#leaveIntset(set, element);
      return this.add(set, element);
    }
    const arena = this.#arena;
    const { high, low } = element;
    let bytes = arena.u8[set.value >>> SEGMENT_SHIFT];
    let base = (set.value & GRANULE_MASK) << 3;
    if (intsetHas(bytes, base, high, low)) return false;
    const grown = intsetBytes(bytes, base) + intsetGrowth(bytes, base, high, low);
    set.value = arena.realloc(set.value, grown);
    bytes = arena.u8[set.value >>> SEGMENT_SHIFT];
    base = (set.value & GRANULE_MASK) << 3;
    intsetAdd(bytes, base, high, low);
    if (intsetLength(bytes, base) > this.#intsetLengthMax()) this.#toDict(set);
    return true;
  }

  #intsetLengthMax(): number {
    return Math.min(this.#limits.setMaxIntsetEntries, INTSET_LENGTH_MAX);
  }

  /** Converts an intset that is going to have a member that is no integer. */
  #leaveIntset(set: SetValue, element: Element): void {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#limits;
    const bytes = this.#arena.u8[set.value >>> SEGMENT_SHIFT];
    const base = (set.value & GRANULE_MASK) << 3;
    const count = intsetLength(bytes, base);
    let textLengthMax = element.length;
    if (count > 0) {
      const first = intsetTextLength(bytes, base, 0);
      textLengthMax = Math.max(textLengthMax, first, intsetTextLength(bytes, base, count - 1));
    }
    if (count < setMaxListpackEntries && textLengthMax <= setMaxListpackValue) {
      this.#intsetToListpack(set, count);
    } else {
      this.#toDict(set);
    }
  }

  #intsetToListpack(set: SetValue, count: number): void {
    const arena = this.#arena;
    const intset = set.value;
    const from = arena.u8[intset >>> SEGMENT_SHIFT];
    const fromBase = (intset & GRANULE_MASK) << 3;
    let size = LP_EMPTY_BYTES;
    for (let i = 0; i < count; i++) {
      size += lpInt64Size(intsetHigh(from, fromBase, i), intsetLow(from, fromBase, i));
    }
    const listpack = arena.alloc(size);
    const to = arena.u8[listpack >>> SEGMENT_SHIFT];
    const base = (listpack & GRANULE_MASK) << 3;
    initListpack(to, base);
    for (let i = 0; i < count; i++) {
      lpAppendInt64(to, base, intsetHigh(from, fromBase, i), intsetLow(from, fromBase, i));
    }
    arena.free(intset);
    set.open(listpack, LISTPACK);
  }

  #addToListpack(set: SetValue, element: Element): boolean {
    const arena = this.#arena;
    const { bytes: source, offset, length } = element;
    const bytes = arena.u8[set.value >>> SEGMENT_SHIFT];
    const base = (set.value & GRANULE_MASK) << 3;
    if (this.#findInListpack(set.value, base, element) >= 0) return false;
    const { setMaxListpackEntries, setMaxListpackValue } = this.#limits;
    if (
      lpLength(bytes, base) >= setMaxListpackEntries ||
      length > setMaxListpackValue ||
      !lpSafeToAdd(bytes, base, length)
    ) {
      this.#toDict(set);
      this.#insert(set.value, element);
      return true;
    }
    const grown = lpBytes(bytes, base) + lpEncodedSize(source, offset, length);
    const value = arena.realloc(set.value, grown);
    const moved = arena.u8[value >>> SEGMENT_SHIFT];
    lpAppend(moved, (value & GRANULE_MASK) << 3, source, offset, length);
    set.value = value;
    return true;
  }

  #toDict(set: SetValue): void {
    const dict = this.#dicts.create(this.count(set.value, set.encoding));
    const cursor = this.#cursor;
    cursor.start(set.value, set.encoding);
    while (cursor.next()) this.#insert(dict, cursor.element);
    this.#arena.free(set.value);
    set.open(dict, HASHTABLE);
  }

  /** Makes a set of nothing but integers an intset, if it is not too large for one. */
  toIntset(set: SetValue): void {
    if (set.encoding === INTSET) return;
    if (this.count(set.value, set.encoding) > this.#intsetLengthMax()) return;
    const { value, encoding } = set;
    const cursor = this.#cursor;
    this.createIntset(set);
    cursor.start(value, encoding);
    while (cursor.next()) this.#addToIntset(set, cursor.element);
    this.free(value, encoding);
  }

  // -- removing -------------------------------------------------------------------------------------

  /** Removes a member; false when the set does not have it. */
  remove(set: SetValue, element: Element): boolean {
    if (set.encoding === HASHTABLE) {
      const hash = element.hash(this.#dicts);
      const { view, offset, length } = element;
      const entry = this.#dicts.find(set.value, hash, view, offset, length);
      if (entry === NONE) return false;
      this.#removeEntry(set.value, hash, entry);
      return true;
    }
    const bytes = this.#arena.u8[set.value >>> SEGMENT_SHIFT];
    const base = (set.value & GRANULE_MASK) << 3;
    if (set.encoding === INTSET) {
      if (!element.isInteger()) return false;
      if (!intsetRemove(bytes, base, element.high, element.low)) return false;
    } else {
      const at = this.#findInListpack(set.value, base, element);
      if (at < 0) return false;
      lpDeleteAt(bytes, base, at);
    }
    this.#shrink(set);
    return true;
  }

  #removeEntry(dict: Ref, hash: number, entry: Ref): void {
    this.#dicts.remove(dict, hash, entry);
    this.#arena.free(entry);
  }

  /** Removes the entries at these offsets, in ascending order, of a listpack. */
  removeListpackEntries(set: SetValue, offsets: RefList): void {
    const bytes = this.#arena.u8[set.value >>> SEGMENT_SHIFT];
    const base = (set.value & GRANULE_MASK) << 3;
    for (let i = offsets.count - 1; i >= 0; i--) lpDeleteAt(bytes, base, offsets.items[i]);
    this.#shrink(set);
  }

  /** Gives back what the intset or listpack does not need any more. */
  #shrink(set: SetValue): void {
    set.value = this.#arena.realloc(set.value, this.#usedBytes(set.value, set.encoding));
  }

  // -- by chance ------------------------------------------------------------------------------------

  /** Loads a random member, each equally likely, of a set that is not empty. */
  pick(value: Ref, encoding: number, into: Element): void {
    const { prng } = this.#keyspace;
    if (encoding === HASHTABLE) {
      this.#picked = this.#dicts.random(value, prng);
      into.entryKey(this.#dicts, this.#picked);
      return;
    }
    const segment = value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    const base = (value & GRANULE_MASK) << 3;
    if (encoding === INTSET) {
      this.#picked = prng.below(intsetLength(bytes, base));
      const high = intsetHigh(bytes, base, this.#picked);
      into.integer(high, intsetLow(bytes, base, this.#picked));
    } else {
      this.#picked = lpSeek(bytes, base, prng.below(lpLength(bytes, base)));
      into.listpackEntry(bytes, this.#arena.view[segment], this.#picked);
    }
  }

  /** Removes the member that `pick` has just chosen from this set; its element ends here. */
  removePicked(set: SetValue): void {
    if (set.encoding === HASHTABLE) {
      this.#removeEntry(set.value, this.#dicts.hashOf(this.#picked), this.#picked);
      return;
    }
    const bytes = this.#arena.u8[set.value >>> SEGMENT_SHIFT];
    const base = (set.value & GRANULE_MASK) << 3;
    if (set.encoding === INTSET) intsetRemoveAt(bytes, base, this.#picked);
    else lpDeleteAt(bytes, base, this.#picked);
    this.#shrink(set);
  }
}
