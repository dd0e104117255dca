// Hash values: finding, setting, removing fields, and their times to live, whatever the encoding: what
// is particular to one is in hash-listpacks.ts and hash-dicts.ts, the memory layout in hash-value.ts.
// A field whose time is over stays until somebody removes it: what is expired is up to the commands
// (commands/hash-shared.ts) and the background job (keyspace/field-expiry.ts).
//
// `find` remembers the field it found; what follows (`loadFound`, `removeFound`, `setExpiry` …) is
// about that one and must come before any other change. After a change the command calls `store`.
import type { ValueDigest } from "../../keyspace/digest.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { HASH, HASHTABLE, LISTPACK, LISTPACK_EX } from "../../keyspace/types.ts";
import { type Arena, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import { expiryMs } from "../../memory/entry.ts";
import type { ExpiryHeaps } from "../../memory/expiry-heap.ts";
import { lpEntryLength, lpLength, lpSafeToAdd, lpSeek, lpSkip } from "../../memory/listpack.ts";
import type { Job } from "../../node/jobs.ts";
import { WIDE_ZERO } from "../../util/wide.ts";
import { Element } from "../element.ts";
import { HashCursor } from "./hash-cursor.ts";
import { HashDicts } from "./hash-dicts.ts";
import { loadValue, NO_EXPIRY, valueLength } from "./hash-fields.ts";
import { expiryAt, HashListpacks } from "./hash-listpacks.ts";
import { HashRegistry } from "./hash-registry.ts";
import { copyHead, dictOf, fieldHeapOf, HashValue, listpackBase } from "./hash-value.ts";

/** What DEBUG DIGEST adds to a field that has a time to live. */
const EXPIRY_MARK = "!!hexpire!!";

/** The directives that say when a hash changes its encoding. */
export interface HashLimits {
  readonly hashMaxListpackEntries: number;
  readonly hashMaxListpackValue: number;
}

export class Hashes {
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #dicts: Dicts;
  readonly #heaps: ExpiryHeaps;
  readonly #limits: HashLimits;
  readonly #registry: HashRegistry;
  readonly #inListpack: HashListpacks;
  readonly #inDict: HashDicts;

  /** The expiry of the field that was found, or NO_EXPIRY. */
  expiryMs: number = WIDE_ZERO;
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

  constructor(keyspace: Keyspace, limits: HashLimits) {
    const { dicts, expiryHeaps: heaps } = keyspace;
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#dicts = dicts;
    this.#heaps = heaps;
    this.#limits = limits;
    this.#registry = new HashRegistry(dicts, heaps);
    this.#inListpack = new HashListpacks(keyspace.arena, this.#registry);
    this.#inDict = new HashDicts(dicts, heaps);
    this.cursor = new HashCursor(dicts);
    this.#ownCursor = new HashCursor(dicts);
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
    keyspace.departures[HASH] = (db, entry) => this.#registry.remove(db, entry);
  }

  // -- looking --------------------------------------------------------------------------------------

  /** Number of fields, expired ones that are still there included. */
  count({ value, encoding }: HashValue): number {
    if (encoding === HASHTABLE) return this.#dicts.count(dictOf(this.#arena, value));
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    return lpLength(bytes, listpackBase(value, encoding)) / entriesOfField(encoding);
  }

  /** Looks for a field, expired or not; tells its expiry when it is there. */
  find({ value, encoding }: HashValue, field: Element): boolean {
    if (encoding === HASHTABLE) {
      const entry = this.#inDict.find(value, field);
      if (entry === NONE) return false;
      this.findEntry(entry);
      return true;
    }
    const at = this.#inListpack.find(value, encoding, field);
    if (at < 0) return false;
    this.#findAt(value, encoding, at);
    return true;
  }

  /** Comes to a field of a dict, as if it was found. */
  findEntry(entry: Ref): void {
    this.#found = entry;
    this.expiryMs = expiryMs(this.#arena, entry);
  }

  #findAt(value: Ref, encoding: number, at: number): void {
    this.#found = at;
    this.expiryMs =
      encoding === LISTPACK_EX ? expiryAt(this.#arena.u8[value >>> SEGMENT_SHIFT], at) : NO_EXPIRY;
  }

  /** Loads the value of the field that was found. */
  loadFound({ value, encoding }: HashValue, into: Element): void {
    if (encoding === HASHTABLE) return loadValue(this.#dicts, this.#found, into);
    const segment = value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    into.listpackEntry(bytes, this.#arena.view[segment], lpSkip(bytes, this.#found));
  }

  /** Loads the name of the field that was found. */
  #loadFoundField({ value, encoding }: HashValue, into: Element): void {
    if (encoding === HASHTABLE) return into.entryKey(this.#dicts, this.#found);
    const segment = value >>> SEGMENT_SHIFT;
    into.listpackEntry(this.#arena.u8[segment], this.#arena.view[segment], this.#found);
  }

  /** Length of the value of the field that was found. */
  foundLength({ value, encoding }: HashValue): number {
    if (encoding === HASHTABLE) return valueLength(this.#arena, this.#found);
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    return lpEntryLength(bytes, lpSkip(bytes, this.#found));
  }

  /** Comes to a random field, each equally likely, as if it was found, and loads it. */
  pick(hash: HashValue, into: Element): void {
    const { value, encoding } = hash;
    const { prng } = this.#keyspace;
    if (encoding === HASHTABLE) {
      this.findEntry(this.#dicts.random(dictOf(this.#arena, value), prng));
    } else {
      const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
      const index = prng.below(this.count(hash)) * entriesOfField(encoding);
      this.#findAt(value, encoding, lpSeek(bytes, listpackBase(value, encoding), index));
    }
    this.#loadFoundField(hash, into);
  }

  // -- making and freeing ---------------------------------------------------------------------------

  /** A new hash without fields, of no key yet. */
  create(hash: HashValue): void {
    hash.hold(this.#inListpack.create(), LISTPACK);
  }

  free(value: Ref, encoding: number): void {
    if (encoding === HASHTABLE) this.#inDict.free(value);
    else this.#arena.free(value);
  }

  #freeJob(value: Ref, encoding: number): Job | null {
    return encoding === HASHTABLE ? this.#inDict.freeJob(value) : null;
  }

  #copy(value: Ref, encoding: number): Ref {
    return encoding === HASHTABLE
      ? this.#inDict.createFrom(value, encoding, this.#dicts.count(dictOf(this.#arena, value)))
      : this.#inListpack.copy(value, encoding);
  }

  /** Bytes of memory that a hash takes; of the fields of a dict, at most `samples` are looked at. */
  sizeBytes(value: Ref, encoding: number, samples: number): number {
    const arena = this.#arena;
    let bytes = arena.blockBytes(value);
    if (encoding !== HASHTABLE) return bytes;
    const heap = fieldHeapOf(arena, value);
    if (heap !== NONE) bytes += this.#heaps.sizeBytes(heap);
    const dict = dictOf(arena, value);
    const cursor = this.#ownCursor;
    let sampled = 0;
    let fieldBytes = 0;
    cursor.start(value, encoding);
    for (; sampled < samples && cursor.next(); sampled++) {
      fieldBytes += arena.blockBytes(cursor.entry);
    }
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

  // -- encodings ------------------------------------------------------------------------------------

  /** So many fields of so many bytes are going to be set: the hash may have to be a dict at once. */
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

  #hasTooMany({ value, encoding }: HashValue): boolean {
    const entries = lpLength(
      this.#arena.u8[value >>> SEGMENT_SHIFT],
      listpackBase(value, encoding),
    );
    return entries > this.#limits.hashMaxListpackEntries * entriesOfField(encoding);
  }

  /** True when a field or value of this length may be in a listpack. */
  #fitsListpack(length: number): boolean {
    return length <= this.#limits.hashMaxListpackValue;
  }

  toDict(hash: HashValue): void {
    const { value, encoding } = hash;
    if (encoding === HASHTABLE) return;
    const made = this.#inDict.createFrom(value, encoding, this.count(hash));
    if (encoding === LISTPACK_EX) copyHead(this.#arena, value, made);
    this.#arena.free(value);
    hash.value = made;
    hash.encoding = HASHTABLE;
    this.#registry.moved(hash);
  }

  /** Makes the hash ready for fields with a time to live. */
  allowExpiry(hash: HashValue): void {
    if (hash.encoding === LISTPACK) this.#inListpack.allowExpiry(hash);
  }

  // -- changing -------------------------------------------------------------------------------------

  /**
   * Sets a field; answers with whether it was there, expired or not. Its time to live ends, unless
   * `keepsExpiry`. Field and value must not lie in this hash.
   */
  set(hash: HashValue, field: Element, value: Element, keepsExpiry: boolean): boolean {
    this.#leaveListpackFor(hash, field, value);
    const exists = this.find(hash, field);
    if (!exists) this.#insert(hash, field, value, NO_EXPIRY);
    else this.#replaceFound(hash, field, value, keepsExpiry);
    if (hash.encoding !== HASHTABLE && this.#hasTooMany(hash)) this.toDict(hash);
    return exists;
  }

  /** Adds a field that is not there, with an expiry (which the hash must allow) or NO_EXPIRY. */
  add(hash: HashValue, field: Element, value: Element, ms: number): void {
    this.#leaveListpackFor(hash, field, value);
    if (hash.encoding !== HASHTABLE) {
      this.expect(hash, this.count(hash) + 1, field.length + value.length);
    }
    this.#insert(hash, field, value, ms);
  }

  #leaveListpackFor(hash: HashValue, field: Element, value: Element): void {
    if (hash.encoding === HASHTABLE) return;
    if (!this.#fitsListpack(field.length) || !this.#fitsListpack(value.length)) this.toDict(hash);
  }

  #insert(hash: HashValue, field: Element, value: Element, ms: number): void {
    if (hash.encoding === HASHTABLE) this.#inDict.add(hash.value, field, value, ms);
    else this.#inListpack.insert(hash, field, value, ms);
  }

  #replaceFound(hash: HashValue, field: Element, value: Element, keepsExpiry: boolean): void {
    const ms = this.expiryMs;
    if (hash.encoding === HASHTABLE) {
      this.#inDict.replace(hash.value, this.#found, ms, field, value, keepsExpiry);
    } else if (keepsExpiry || ms === NO_EXPIRY) {
      this.#inListpack.replace(hash, this.#found, value);
    } else {
      this.#inListpack.reinsert(hash, this.#found, field, value, NO_EXPIRY);
    }
  }

  /** Removes a field, expired or not; false when it is not there. */
  remove(hash: HashValue, field: Element): boolean {
    if (!this.find(hash, field)) return false;
    this.removeFound(hash);
    return true;
  }

  /** Removes the field that was found. */
  removeFound(hash: HashValue): void {
    if (hash.encoding === HASHTABLE) {
      this.#inDict.remove(hash.value, this.#found, this.expiryMs);
    } else {
      this.#inListpack.remove(hash, this.#found);
    }
  }

  /** Gives the field that was found an expiry. The hash must allow it; `field` lies elsewhere. */
  setExpiry(hash: HashValue, field: Element, ms: number): void {
    if (hash.encoding === HASHTABLE) {
      this.#inDict.setExpiry(hash.value, this.#found, this.expiryMs, ms);
    } else {
      this.#inListpack.setExpiry(hash, this.#found, field, ms);
    }
  }

  /** Ends the time to live of the field that was found. */
  clearExpiry(hash: HashValue, field: Element): void {
    this.setExpiry(hash, field, NO_EXPIRY);
  }

  // -- times to live --------------------------------------------------------------------------------

  /** When the first field expires; Infinity when none ever does. */
  firstExpiryMs(value: Ref, encoding: number): number {
    if (encoding === LISTPACK) return Number.POSITIVE_INFINITY;
    if (encoding === HASHTABLE) return this.#inDict.firstExpiryMs(value);
    const at = this.#inListpack.first(value);
    const ms = at < 0 ? NO_EXPIRY : expiryAt(this.#arena.u8[value >>> SEGMENT_SHIFT], at);
    return ms === NO_EXPIRY ? Number.POSITIVE_INFINITY : ms;
  }

  /** Comes to the field that expires first, as if it was found, and loads it. There must be one. */
  findFirstExpiring(hash: HashValue, into: Element): void {
    const { value, encoding } = hash;
    if (encoding === HASHTABLE) this.findEntry(this.#inDict.firstExpiring(value));
    else this.#findAt(value, encoding, this.#inListpack.first(value));
    this.#loadFoundField(hash, into);
  }

  /** Number of fields whose time is before `ms`. */
  countExpired({ value, encoding }: HashValue, ms: number): number {
    if (encoding === LISTPACK) return 0;
    return encoding === HASHTABLE
      ? this.#inDict.countExpired(value, ms)
      : this.#inListpack.countExpired(value, ms);
  }

  /** Gives the changed hash back to its key. */
  store(hash: HashValue): void {
    hash.db!.setValue(hash.entry, hash.value, hash.encoding);
    this.#register(hash);
  }

  #register(hash: HashValue): void {
    if (hash.encoding === LISTPACK) return;
    this.#registry.update(hash, this.firstExpiryMs(hash.value, hash.encoding));
  }
}

/** Entries of a listpack that a field takes. */
function entriesOfField(encoding: number): number {
  return encoding === LISTPACK_EX ? 3 : 2;
}
