// Hash values: finding, setting, removing fields, and their times to live. The memory layout is in
// hash-value.ts. A field whose time is over stays until somebody removes it: what is expired is up to
// the commands (commands/hash-shared.ts) and the expiry job (field-expiry.ts).
//
// `find` remembers the field it found; what follows (`loadFound`, `removeFound`, `setExpiry` …) is
// about that one and must come before any other change. After a change the command calls `store`.
import type { Database } from "../../keyspace/database.ts";
import type { ValueDigest } from "../../keyspace/digest.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { FreeDictJob, LAZY_FREE_EFFORT_MIN } from "../../keyspace/lazy-free.ts";
import { HASH, HASHTABLE, LISTPACK, LISTPACK_EX } from "../../keyspace/types.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import { expiryMs, setExpiryMs } from "../../memory/entry.ts";
import { type ExpiryHeaps, IN_NO_HEAP } from "../../memory/expiry-heap.ts";
import {
  initListpack,
  LP_COUNT_UNKNOWN,
  LP_EMPTY_BYTES,
  LP_END,
  LP_HEADER_BYTES,
  lpBytes,
  lpEnd,
  lpEntryLength,
  lpFind,
  lpFirst,
  lpInteger,
  lpLength,
  lpSafeToAdd,
  lpSeek,
  lpSetBytes,
  lpSetCount,
  lpSkip,
} from "../../memory/listpack.ts";
import {
  lpDeleteRangeAt,
  lpEncodedSize,
  lpInsertAt,
  lpInsertIntegerAt,
  lpIntegerSize,
  lpReplaceAt,
  lpReplaceGrowth,
  lpWriteInt64,
} from "../../memory/listpack-edit.ts";
import type { Job } from "../../node/jobs.ts";
import { copyBytes } from "../../util/copy.ts";
import { Element } from "../element.ts";
import { HashCursor } from "./hash-cursor.ts";
import {
  loadValue,
  NO_EXPIRY,
  newField,
  overwriteValue,
  remadeField,
  valueLength,
} from "./hash-fields.ts";
import {
  copyHead,
  dictOf,
  EX_HEAD_BYTES,
  fieldHeapOf,
  HashValue,
  initHead,
  listpackBase,
  newDictBlock,
  setFieldHeap,
  setKeyHash,
} from "./hash-value.ts";

/** The expiry of a field without one, in a listpackex. */
const LISTPACK_NO_EXPIRY = 0;
/** What DEBUG DIGEST adds to a field that has a time to live. */
const EXPIRY_MARK = "!!hexpire!!";

/** The directives that say when a hash changes its encoding. */
export interface HashLimits {
  readonly hashMaxListpackEntries: number;
  readonly hashMaxListpackValue: number;
}

export class Hashes {
  readonly heaps: ExpiryHeaps;
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #dicts: Dicts;
  readonly #limits: HashLimits;

  /** The expiry of the field that was found, or NO_EXPIRY. */
  expiryMs: number = NO_EXPIRY;
  /** Offset in the segment, or entry, of the field that was found. */
  #found = 0;

  // Reused by the commands; nothing of them is kept from one command to the next.
  readonly hash: HashValue = new HashValue();
  readonly field: Element = new Element();
  readonly value: Element = new Element();
  readonly cursor: HashCursor;

  // For what happens inside of this class while a command works with the ones above.
  readonly #own: HashValue = new HashValue();
  readonly #ownCursor: HashCursor;
  readonly #kept: Element = new Element();
  #keptBytes: Uint8Array = new Uint8Array(64);

  constructor(keyspace: Keyspace, limits: HashLimits) {
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#dicts = keyspace.dicts;
    this.#limits = limits;
    this.heaps = keyspace.expiryHeaps;
    this.cursor = new HashCursor(keyspace.dicts);
    this.#ownCursor = new HashCursor(keyspace.dicts);
    keyspace.releasers[HASH] = (value, encoding) => this.free(value, encoding);
    keyspace.lazyReleasers[HASH] = (value, encoding) => this.#freeJob(value, encoding);
    keyspace.copiers[HASH] = (value, encoding) => this.#copy(value, encoding);
    keyspace.sizers[HASH] = (value, encoding, samples) => this.sizeBytes(value, encoding, samples);
    keyspace.digesters[HASH] = (value, encoding, digest) => this.#digest(value, encoding, digest);
    keyspace.inspectors[HASH] = {
      dictOf: (value, encoding) => (encoding === HASHTABLE ? dictOf(this.#arena, value) : NONE),
    };
    keyspace.arrivals[HASH] = (db, entry) => {
      this.#own.open(db, entry);
      this.#register(this.#own);
    };
    keyspace.departures[HASH] = (db, entry) => this.#unregister(db, entry);
  }

  // -- looking --------------------------------------------------------------------------------------

  /** Number of fields, expired ones that are still there included. */
  count({ value, encoding }: HashValue): number {
    if (encoding === HASHTABLE) return this.#dicts.count(dictOf(this.#arena, value));
    const entries = lpLength(
      this.#arena.u8[value >>> SEGMENT_SHIFT],
      listpackBase(value, encoding),
    );
    return encoding === LISTPACK ? entries / 2 : entries / 3;
  }

  /** Looks for a field, expired or not; tells its expiry when it is there. */
  find({ value, encoding }: HashValue, field: Element): boolean {
    if (encoding === HASHTABLE) {
      const dict = dictOf(this.#arena, value);
      const { view, offset, length } = field;
      const entry = this.#dicts.find(dict, field.hash(this.#dicts), view, offset, length);
      if (entry === NONE) return false;
      this.#found = entry;
      this.expiryMs = expiryMs(this.#arena, entry);
      return true;
    }
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    const base = listpackBase(value, encoding);
    const skipped = encoding === LISTPACK_EX ? 2 : 1;
    const at = lpFind(bytes, base, field.bytes, field.offset, field.length, skipped);
    if (at < 0) return false;
    this.#found = at;
    this.expiryMs = encoding === LISTPACK_EX ? expiryAt(bytes, at) : NO_EXPIRY;
    return true;
  }

  /** Loads the value of the field that was found. */
  loadFound({ value, encoding }: HashValue, into: Element): void {
    if (encoding === HASHTABLE) return loadValue(this.#dicts, this.#found, into);
    const segment = value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    into.listpackEntry(bytes, this.#arena.view[segment], lpSkip(bytes, this.#found));
  }

  /** Length of the value of the field that was found. */
  foundLength({ value, encoding }: HashValue): number {
    if (encoding === HASHTABLE) return valueLength(this.#arena, this.#found);
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    return lpEntryLength(bytes, lpSkip(bytes, this.#found));
  }

  /** Comes to a random field, each equally likely, as if it was found, and loads it. */
  pick({ value, encoding }: HashValue, into: Element): void {
    const { prng } = this.#keyspace;
    if (encoding === HASHTABLE) {
      this.#found = this.#dicts.random(dictOf(this.#arena, value), prng);
      into.entryKey(this.#dicts, this.#found);
      return;
    }
    const segment = value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    const base = listpackBase(value, encoding);
    const entries = encoding === LISTPACK_EX ? 3 : 2;
    const index = prng.below(lpLength(bytes, base) / entries);
    this.#found = lpSeek(bytes, base, index * entries);
    into.listpackEntry(bytes, this.#arena.view[segment], this.#found);
  }

  /** Comes to a field of a dict, as if it was found. */
  findEntry(entry: Ref): void {
    this.#found = entry;
    this.expiryMs = expiryMs(this.#arena, entry);
  }

  /** Bytes of memory that a hash takes; of the fields of a dict, at most `samples` are looked at. */
  sizeBytes(value: Ref, encoding: number, samples: number): number {
    const arena = this.#arena;
    let bytes = arena.blockBytes(value);
    if (encoding !== HASHTABLE) return bytes;
    const heap = fieldHeapOf(arena, value);
    if (heap !== NONE) bytes += this.heaps.sizeBytes(heap);
    const dict = dictOf(arena, value);
    const cursor = this.#ownCursor;
    let sampled = 0;
    let fieldBytes = 0;
    cursor.start(value, encoding);
    for (; sampled < samples && cursor.next(); sampled++)
      fieldBytes += arena.blockBytes(cursor.entry);
    if (sampled > 0) fieldBytes *= this.#dicts.count(dict) / sampled;
    return bytes + this.#dicts.indexBytes(dict) + Math.floor(fieldBytes);
  }

  #digest(value: Ref, encoding: number, digest: ValueDigest): void {
    const cursor = this.#ownCursor;
    cursor.start(value, encoding);
    while (cursor.next()) {
      cursor.loadValue();
      const pair = digest.member();
      pair.mix(cursor.field.bytes, cursor.field.offset, cursor.field.length);
      pair.mix(cursor.value.bytes, cursor.value.offset, cursor.value.length);
      if (cursor.expiryMs !== NO_EXPIRY) pair.xorText(EXPIRY_MARK);
      digest.xorMember(pair);
    }
  }

  // -- making and freeing ---------------------------------------------------------------------------

  /** A new hash without fields, of no key yet. */
  create(hash: HashValue): void {
    const value = this.#arena.alloc(LP_EMPTY_BYTES);
    initListpack(this.#arena.u8[value >>> SEGMENT_SHIFT], (value & GRANULE_MASK) << 3);
    hash.hold(value, LISTPACK);
  }

  free(value: Ref, encoding: number): void {
    if (encoding === HASHTABLE) {
      const heap = fieldHeapOf(this.#arena, value);
      if (heap !== NONE) this.heaps.destroy(heap);
      this.#dicts.destroy(dictOf(this.#arena, value), (entry) => this.#arena.free(entry));
    }
    this.#arena.free(value);
  }

  #freeJob(value: Ref, encoding: number): Job | null {
    if (encoding !== HASHTABLE) return null;
    const arena = this.#arena;
    const dict = dictOf(arena, value);
    if (this.#dicts.count(dict) <= LAZY_FREE_EFFORT_MIN) return null;
    const job = new FreeDictJob(this.#dicts, dict, (entry) => arena.free(entry));
    return new FreeHashJob(this.heaps, value, job);
  }

  #copy(value: Ref, encoding: number): Ref {
    const arena = this.#arena;
    if (encoding === HASHTABLE) {
      const copied = newDictBlock(arena, this.#dicts.create());
      this.#insertAll(copied, value, encoding);
      return copied;
    }
    const segment = value >>> SEGMENT_SHIFT;
    const base = listpackBase(value, encoding);
    const start = (value & GRANULE_MASK) << 3;
    const size = base - start + lpBytes(arena.u8[segment], base);
    const copied = arena.alloc(size);
    const bytes = arena.u8[copied >>> SEGMENT_SHIFT];
    copyBytes(bytes, (copied & GRANULE_MASK) << 3, arena.u8[segment], start, size);
    if (encoding === LISTPACK_EX) initHead(arena, copied);
    return copied;
  }

  // -- encodings ------------------------------------------------------------------------------------

  /** So many fields are going to be set that the hash should be a dict from the start. */
  expect(hash: HashValue, fieldCount: number, bytes: number): void {
    if (hash.encoding === HASHTABLE) return;
    const { value, encoding } = hash;
    const listpack = this.#arena.u8[value >>> SEGMENT_SHIFT];
    const isSafe = lpSafeToAdd(listpack, listpackBase(value, encoding), bytes);
    if (!isSafe || !this.fitsListpackCount(fieldCount)) this.toDict(hash);
  }

  /** True when so many fields may be in a listpack. */
  fitsListpackCount(fieldCount: number): boolean {
    return fieldCount <= this.#limits.hashMaxListpackEntries;
  }

  /** True when a field or value of this length may be in a listpack. */
  fitsListpack(length: number): boolean {
    return length <= this.#limits.hashMaxListpackValue;
  }

  toDict(hash: HashValue): void {
    if (hash.encoding === HASHTABLE) return;
    const arena = this.#arena;
    const { value, encoding } = hash;
    const made = newDictBlock(arena, this.#dicts.create());
    this.#insertAll(made, value, encoding);
    if (encoding === LISTPACK_EX) copyHead(arena, value, made);
    arena.free(value);
    hash.value = made;
    hash.encoding = HASHTABLE;
    this.#tellMoved(hash);
  }

  /** Adds copies of all fields of a hash to an empty one that is a dict. */
  #insertAll(into: Ref, value: Ref, encoding: number): void {
    const dict = dictOf(this.#arena, into);
    const cursor = this.#ownCursor;
    cursor.start(value, encoding);
    while (cursor.next()) {
      cursor.loadValue();
      const entry = newField(this.#arena, cursor.field, cursor.value, cursor.expiryMs);
      this.#dicts.insert(dict, cursor.field.hash(this.#dicts), entry);
      if (cursor.expiryMs !== NO_EXPIRY) this.#enterHeap(into, entry, cursor.expiryMs);
    }
  }

  /** Makes a listpack ready for fields with a time to live. */
  allowExpiry(hash: HashValue): void {
    if (hash.encoding !== LISTPACK) return;
    const arena = this.#arena;
    const { value } = hash;
    const source = arena.u8[value >>> SEGMENT_SHIFT];
    const sourceBase = (value & GRANULE_MASK) << 3;
    const pairs = lpLength(source, sourceBase) / 2;
    const size = lpBytes(source, sourceBase) + pairs * lpIntegerSize(LISTPACK_NO_EXPIRY);
    const made = arena.alloc(EX_HEAD_BYTES + size);
    const bytes = arena.u8[made >>> SEGMENT_SHIFT];
    const base = listpackBase(made, LISTPACK_EX);
    initHead(arena, made);
    initListpack(bytes, base);
    let at = base + LP_HEADER_BYTES;
    let from = sourceBase + LP_HEADER_BYTES;
    while (source[from] !== LP_END) {
      const next = lpSkip(source, lpSkip(source, from));
      copyBytes(bytes, at, source, from, next - from);
      at += next - from;
      from = next;
      at = lpWriteInt64(bytes, at, 0, LISTPACK_NO_EXPIRY);
    }
    bytes[at] = LP_END;
    lpSetBytes(bytes, base, size);
    lpSetCount(bytes, base, Math.min(pairs * 3, LP_COUNT_UNKNOWN));
    arena.free(value);
    hash.value = made;
    hash.encoding = LISTPACK_EX;
  }

  // -- setting --------------------------------------------------------------------------------------

  /**
   * Sets a field; answers with whether it was there, expired or not. Its time to live ends, unless
   * `keepsExpiry`. Field and value must not lie in this hash.
   */
  set(hash: HashValue, field: Element, value: Element, keepsExpiry: boolean): boolean {
    if (hash.encoding !== HASHTABLE) {
      if (this.fitsListpack(field.length) && this.fitsListpack(value.length)) {
        return this.#setInListpack(hash, field, value, keepsExpiry);
      }
      this.toDict(hash);
    }
    return this.#setInDict(hash, field, value, keepsExpiry);
  }

  /** Adds a field that is not there, with an expiry (which the hash must allow) or NO_EXPIRY. */
  add(hash: HashValue, field: Element, value: Element, ms: number): void {
    if (!this.fitsListpack(field.length) || !this.fitsListpack(value.length)) this.toDict(hash);
    if (hash.encoding !== HASHTABLE) {
      this.expect(hash, this.count(hash) + 1, field.length + value.length);
    }
    if (hash.encoding !== HASHTABLE) return this.#insertInListpack(hash, field, value, ms);
    const entry = newField(this.#arena, field, value, ms);
    this.#dicts.insert(dictOf(this.#arena, hash.value), field.hash(this.#dicts), entry);
    if (ms !== NO_EXPIRY) this.#enterHeap(hash.value, entry, ms);
  }

  #setInListpack(hash: HashValue, field: Element, value: Element, keepsExpiry: boolean): boolean {
    const exists = this.find(hash, field);
    if (!exists) this.#insertInListpack(hash, field, value, NO_EXPIRY);
    else if (keepsExpiry || this.expiryMs === NO_EXPIRY) this.#replaceInListpack(hash, value);
    else this.#reinsert(hash, field, value, NO_EXPIRY);
    if (!this.fitsListpackCount(this.count(hash))) this.toDict(hash);
    return exists;
  }

  /** Gives the field that was found another value. */
  #replaceInListpack(hash: HashValue, value: Element): void {
    const { bytes: source, offset, length } = value;
    const segment = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const base = listpackBase(hash.value, hash.encoding);
    const at = lpSkip(segment, this.#found) - base;
    const total = lpBytes(segment, base);
    const growth = lpReplaceGrowth(segment, base + at, source, offset, length);
    if (growth > 0) this.#resize(hash, total + growth);
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const moved = listpackBase(hash.value, hash.encoding);
    lpReplaceAt(bytes, moved, moved + at, source, offset, length);
    if (growth < 0) this.#resize(hash, total + growth);
  }

  /** Adds a field: behind all others, or, with a time to live, in front of those that expire later. */
  #insertInListpack(hash: HashValue, field: Element, value: Element, ms: number): void {
    const before = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const base = listpackBase(hash.value, hash.encoding);
    const at = (ms === NO_EXPIRY ? lpEnd(before, base) : placeFor(before, base, ms)) - base;
    const hasExpiry = hash.encoding === LISTPACK_EX;
    const stored = ms === NO_EXPIRY ? LISTPACK_NO_EXPIRY : ms;
    const growth =
      lpEncodedSize(field.bytes, field.offset, field.length) +
      lpEncodedSize(value.bytes, value.offset, value.length) +
      (hasExpiry ? lpIntegerSize(stored) : 0);
    this.#resize(hash, lpBytes(before, base) + growth);
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const moved = listpackBase(hash.value, hash.encoding);
    let next = moved + at;
    next = lpInsertAt(bytes, moved, next, field.bytes, field.offset, field.length);
    next = lpInsertAt(bytes, moved, next, value.bytes, value.offset, value.length);
    if (hasExpiry) lpInsertIntegerAt(bytes, moved, next, stored);
  }

  /** Removes the field that was found and adds it again, with another value or expiry. */
  #reinsert(hash: HashValue, field: Element, value: Element, ms: number): void {
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    lpDeleteRangeAt(bytes, listpackBase(hash.value, hash.encoding), this.#found, 3);
    this.#insertInListpack(hash, field, value, ms);
  }

  #setInDict(hash: HashValue, field: Element, value: Element, keepsExpiry: boolean): boolean {
    const arena = this.#arena;
    const dict = dictOf(arena, hash.value);
    const fieldHash = field.hash(this.#dicts);
    if (!this.find(hash, field)) {
      this.#dicts.insert(dict, fieldHash, newField(arena, field, value, NO_EXPIRY));
      return false;
    }
    const entry = this.#found;
    const ms = this.expiryMs;
    if ((keepsExpiry || ms === NO_EXPIRY) && overwriteValue(arena, entry, value)) return true;
    const made = newField(arena, field, value, keepsExpiry ? ms : NO_EXPIRY);
    if (ms !== NO_EXPIRY) {
      this.#leaveHeap(hash.value, entry);
      if (keepsExpiry) this.#enterHeap(hash.value, made, ms);
    }
    this.#dicts.replace(dict, fieldHash, entry, made);
    arena.free(entry);
    return true;
  }

  // -- removing -------------------------------------------------------------------------------------

  /** Removes a field, expired or not; false when it is not there. */
  remove(hash: HashValue, field: Element): boolean {
    if (!this.find(hash, field)) return false;
    this.removeFound(hash);
    return true;
  }

  /** Removes the field that was found. */
  removeFound(hash: HashValue): void {
    const arena = this.#arena;
    if (hash.encoding === HASHTABLE) {
      const entry = this.#found;
      if (this.expiryMs !== NO_EXPIRY) this.#leaveHeap(hash.value, entry);
      this.#dicts.remove(dictOf(arena, hash.value), this.#dicts.hashOf(entry), entry);
      arena.free(entry);
      return;
    }
    const bytes = arena.u8[hash.value >>> SEGMENT_SHIFT];
    const base = listpackBase(hash.value, hash.encoding);
    lpDeleteRangeAt(bytes, base, this.#found, hash.encoding === LISTPACK_EX ? 3 : 2);
    this.#resize(hash, lpBytes(bytes, base));
  }

  /** Gives the block of a listpack room for so many bytes of listpack. */
  #resize(hash: HashValue, bytes: number): void {
    const head = hash.encoding === LISTPACK_EX ? EX_HEAD_BYTES : 0;
    const value = this.#arena.realloc(hash.value, head + bytes);
    if (value === hash.value) return;
    hash.value = value;
    this.#tellMoved(hash);
  }

  // -- times to live --------------------------------------------------------------------------------

  /** Gives the field that was found an expiry. The hash must allow it; the field is loaded apart. */
  setExpiry(hash: HashValue, field: Element, ms: number): void {
    if (hash.encoding === HASHTABLE) {
      const entry = this.#found;
      if (this.expiryMs !== NO_EXPIRY) {
        setExpiryMs(this.#arena, entry, ms);
        this.heaps.update(fieldHeapOf(this.#arena, hash.value), entry, ms);
      } else {
        this.#enterHeap(hash.value, this.#remake(hash, entry, ms), ms);
      }
      return;
    }
    this.#reinsert(hash, field, this.#keepValue(hash), ms);
  }

  /** Ends the time to live of the field that was found. */
  clearExpiry(hash: HashValue, field: Element): void {
    if (hash.encoding === HASHTABLE) {
      this.#leaveHeap(hash.value, this.#found);
      this.#remake(hash, this.#found, NO_EXPIRY);
    } else {
      this.#reinsert(hash, field, this.#keepValue(hash), NO_EXPIRY);
    }
  }

  /** Replaces a field's entry by one with or without room for an expiry. */
  #remake(hash: HashValue, entry: Ref, ms: number): Ref {
    const made = remadeField(this.#arena, entry, ms);
    this.#dicts.replace(dictOf(this.#arena, hash.value), this.#dicts.hashOf(made), entry, made);
    this.#arena.free(entry);
    return made;
  }

  /** A copy outside of the listpack of the value that was found. */
  #keepValue(hash: HashValue): Element {
    const kept = this.#kept;
    this.loadFound(hash, kept);
    const { bytes, offset, length } = kept;
    if (this.#keptBytes.length < length) this.#keptBytes = new Uint8Array(length * 2);
    copyBytes(this.#keptBytes, 0, bytes, offset, length);
    // Only a listpack gets it, which asks for no hash: a view over these bytes is not needed.
    kept.place(this.#keptBytes, kept.view, 0, length);
    return kept;
  }

  #enterHeap(value: Ref, entry: Ref, ms: number): void {
    let heap = fieldHeapOf(this.#arena, value);
    if (heap === NONE) {
      heap = this.heaps.create();
      setFieldHeap(this.#arena, value, heap);
    }
    this.heaps.add(heap, entry, ms);
  }

  #leaveHeap(value: Ref, entry: Ref): void {
    const heap = fieldHeapOf(this.#arena, value);
    this.heaps.remove(heap, entry);
    if (this.heaps.count(heap) > 0) return;
    this.heaps.destroy(heap);
    setFieldHeap(this.#arena, value, NONE);
  }

  /** When the first field expires; Infinity when none ever does. */
  firstExpiryMs(value: Ref, encoding: number): number {
    if (encoding === LISTPACK) return Number.POSITIVE_INFINITY;
    if (encoding === HASHTABLE) {
      const heap = fieldHeapOf(this.#arena, value);
      return heap === NONE ? Number.POSITIVE_INFINITY : this.heaps.firstMs(heap);
    }
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    const at = lpFirst(bytes, listpackBase(value, encoding));
    const ms = at < 0 ? NO_EXPIRY : expiryAt(bytes, at);
    return ms === NO_EXPIRY ? Number.POSITIVE_INFINITY : ms;
  }

  /** Comes to the field that expires first, as if it was found, and loads it. There must be one. */
  findFirstExpiring({ value, encoding }: HashValue, into: Element): void {
    if (encoding === HASHTABLE) {
      this.findEntry(this.heaps.first(fieldHeapOf(this.#arena, value)));
      into.entryKey(this.#dicts, this.#found);
      return;
    }
    const segment = value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    this.#found = lpFirst(bytes, listpackBase(value, encoding));
    this.expiryMs = expiryAt(bytes, this.#found);
    into.listpackEntry(bytes, this.#arena.view[segment], this.#found);
  }

  /** Number of fields whose time is before `ms`. */
  countExpired({ value, encoding }: HashValue, ms: number): number {
    if (encoding === LISTPACK) return 0;
    if (encoding === HASHTABLE) {
      const heap = fieldHeapOf(this.#arena, value);
      return heap === NONE ? 0 : this.heaps.countBefore(heap, ms);
    }
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    let count = 0;
    let at = lpFirst(bytes, listpackBase(value, encoding));
    for (; at >= 0 && bytes[at] !== LP_END; count++) {
      const expiry = expiryAt(bytes, at);
      if (expiry === NO_EXPIRY || expiry >= ms) break;
      at = lpSkip(bytes, lpSkip(bytes, lpSkip(bytes, at)));
    }
    return count;
  }

  // -- keys -----------------------------------------------------------------------------------------

  /** Gives the changed hash back to its key. */
  store(hash: HashValue): void {
    hash.db!.setValue(hash.entry, hash.value, hash.encoding);
    this.#register(hash);
  }

  /** Keeps the heap of the database up to date with what expires first in the hash. */
  #register(hash: HashValue): void {
    const { value, encoding } = hash;
    if (encoding === LISTPACK) return;
    const db = hash.db!;
    const ms = this.firstExpiryMs(value, encoding);
    const position = this.heaps.positionOf(value);
    if (position === IN_NO_HEAP) {
      if (ms === Number.POSITIVE_INFINITY) return;
      if (db.fieldExpiries === NONE) db.fieldExpiries = this.heaps.create();
      setKeyHash(this.#arena, value, this.#dicts.hashOf(hash.entry));
      this.heaps.add(db.fieldExpiries, value, ms);
    } else if (ms === Number.POSITIVE_INFINITY) {
      this.heaps.remove(db.fieldExpiries, value);
    } else if (this.heaps.msAt(db.fieldExpiries, position) !== ms) {
      this.heaps.update(db.fieldExpiries, value, ms);
    }
  }

  #unregister(db: Database, entry: Ref): void {
    if (db.encodingOf(entry) === LISTPACK) return;
    const value = db.valueOf(entry);
    if (this.heaps.positionOf(value) !== IN_NO_HEAP) this.heaps.remove(db.fieldExpiries, value);
  }

  /** The block of a hash moved: the heap of the database follows. */
  #tellMoved(hash: HashValue): void {
    if (hash.encoding === LISTPACK || hash.db === null) return;
    if (this.heaps.positionOf(hash.value) === IN_NO_HEAP) return;
    this.heaps.moved(hash.db.fieldExpiries, hash.value);
  }
}

/** Frees a large hash in steps: first what is around the dict, then the dict with the fields. */
class FreeHashJob implements Job {
  readonly #heaps: ExpiryHeaps;
  #value: Ref;
  readonly #dict: Job;

  constructor(heaps: ExpiryHeaps, value: Ref, dict: Job) {
    this.#heaps = heaps;
    this.#value = value;
    this.#dict = dict;
  }

  step(): boolean {
    if (this.#value === NONE) return this.#dict.step();
    const { arena } = this.#heaps;
    const heap = fieldHeapOf(arena, this.#value);
    if (heap !== NONE) this.#heaps.destroy(heap);
    arena.free(this.#value);
    this.#value = NONE;
    return true;
  }
}

/** The expiry of the field at `at` of a listpackex. */
function expiryAt(bytes: Uint8Array, at: number): number {
  const ms = lpInteger(bytes, lpSkip(bytes, lpSkip(bytes, at)));
  return ms === LISTPACK_NO_EXPIRY ? NO_EXPIRY : ms;
}

/** Where a field with this expiry belongs: in front of the first that does not expire before it. */
function placeFor(bytes: Uint8Array, base: number, ms: number): number {
  let at = base + LP_HEADER_BYTES;
  while (bytes[at] !== LP_END) {
    const expiry = expiryAt(bytes, at);
    if (expiry === NO_EXPIRY || expiry >= ms) break;
    at = lpSkip(bytes, lpSkip(bytes, lpSkip(bytes, at)));
  }
  return at;
}
