// String values. They lie in the key's own entry, behind the key: one block, one cache line for a
// small key and value. Text that is a 64-bit integer is kept as two words (encoding `int`); other
// text as its bytes, the length in the entry's value word (`embstr` up to 44 bytes when set whole,
// `raw` when longer or edited).

import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { EMBSTR, EMBSTR_BYTES_MAX, INT, RAW, STRING } from "../keyspace/types.ts";
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { KEY_LENGTH_MASK, keyStart, setExpiryMs } from "../memory/entry.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { copyBytes } from "../util/copy.ts";
import { parseInt64, parseInteger, writeInteger } from "../util/integer.ts";

/** `set` looks whether the text is an integer, and how long it is. */
const CHOOSE_ENCODING = -1;
const META = 1;
const VALUE = 2;
const INT64_DIGITS_MAX = 20;
/** Of an `int`, the value word says whether its number is one that Redis would not share. */
const UNSHARED = 1;
/** A block is kept when the new value leaves no more than this share of it unused. */
const WASTE_SHIFT = 2;
/** As in Redis: growing strings get as much again in reserve, up to this. */
const RESERVE_BYTES_MAX = 1024 * 1024;

export class Strings {
  readonly #keyspace: Keyspace;
  /** Where the value loaded last is: `bytes[offset, offset + length)`. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  readonly #digits: Uint8Array = new Uint8Array(24);

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Loads the value of a string entry into `bytes`, `offset`, `length`; valid until the next change. */
  load(entry: Ref): void {
    const { arena } = this.#keyspace;
    const segment = entry >>> SEGMENT_SHIFT;
    const words = arena.i32[segment];
    const at = (entry & GRANULE_MASK) << 1;
    const word0 = words[at];
    const tail = (at << 2) + keyStart(word0) + (word0 & KEY_LENGTH_MASK);
    if (((words[at + META] >>> 4) & 0xf) !== INT) {
      this.bytes = arena.u8[segment];
      this.offset = tail;
      this.length = words[at + VALUE];
      return;
    }
    const low = (tail + 3) >> 2;
    this.bytes = this.#digits;
    this.offset = 0;
    this.length = writeInt64(this.#digits, words[low], words[low + 1]);
  }

  /** Writes the value of a string entry as a reply. */
  writeTo(reply: Reply, entry: Ref): void {
    const { arena } = this.#keyspace;
    const segment = entry >>> SEGMENT_SHIFT;
    const words = arena.i32[segment];
    const at = (entry & GRANULE_MASK) << 1;
    if (((words[at + META] >>> 4) & 0xf) === INT) {
      this.load(entry);
      reply.bulk(this.bytes, this.offset, this.length);
      return;
    }
    const word0 = words[at];
    const tail = (at << 2) + keyStart(word0) + (word0 & KEY_LENGTH_MASK);
    reply.arenaBulk(arena.u8[segment], arena.view[segment], tail, words[at + VALUE]);
  }

  /** Length of the value as text. */
  lengthOf(entry: Ref): number {
    this.load(entry);
    return this.length;
  }

  /** An `int` entry's value as a number; NaN when its magnitude is above 2^53 - 1. */
  integerOf(entry: Ref): number {
    const low = this.#integerWord(entry);
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const value = words[low + 1] * 4294967296 + (words[low] >>> 0);
    return value >= -Number.MAX_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? value
      : Number.NaN;
  }

  /** An `int` entry's value, whole range. */
  bigintOf(entry: Ref): bigint {
    const low = this.#integerWord(entry);
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    return (BigInt(words[low + 1]) << 32n) | BigInt(words[low] >>> 0);
  }

  /** Adds to an `int` entry whose value and sum fit into 32 bits; NaN, and nothing done, when not. */
  addSmall(entry: Ref, by: number): number {
    const low = this.#integerWord(entry);
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const value = words[low];
    const sum = value + by;
    if (words[low + 1] !== value >> 31 || (sum | 0) !== sum) return Number.NaN;
    words[low] = sum;
    words[low + 1] = sum >> 31;
    words[((entry & GRANULE_MASK) << 1) + VALUE] = 0;
    return sum;
  }

  /** Overwrites an `int` entry's value in place. */
  setInteger(entry: Ref, value: number): void {
    const low = this.#integerWord(entry);
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    words[low] = value | 0;
    words[low + 1] = Math.floor(value / 4294967296);
    words[((entry & GRANULE_MASK) << 1) + VALUE] = 0;
  }

  /** Notes that an `int` entry is a copy: Redis shares its object with nobody until it changes. */
  unshare(entry: Ref): void {
    this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT][((entry & GRANULE_MASK) << 1) + VALUE] =
      UNSHARED;
  }

  /** Whether an `int` entry is such a copy. */
  isUnshared(entry: Ref): boolean {
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    return words[((entry & GRANULE_MASK) << 1) + VALUE] === UNSHARED;
  }

  #integerWord(entry: Ref): number {
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const at = (entry & GRANULE_MASK) << 1;
    return at + ((keyStart(words[at]) + (words[at] & KEY_LENGTH_MASK) + 3) >> 2);
  }

  /**
   * Sets the key in argument `key` to the value source[offset, offset+length). `entry` is what
   * looking the key up just gave; any type is replaced. `expiryMs`: absolute, -1 for none.
   * `encoding`: given by commands whose result is not looked at for being an integer.
   */
  set(
    db: Database,
    args: Args,
    key: number,
    entry: Ref,
    source: Uint8Array,
    offset: number,
    length: number,
    expiryMs: number,
    encoding: number = CHOOSE_ENCODING,
  ): Ref {
    return this.setKey(
      db,
      args.bytes,
      args.offset[key],
      args.length[key],
      entry,
      source,
      offset,
      length,
      expiryMs,
      encoding,
    );
  }

  /** As `set` for a key anywhere; the key's hash must be `db.lastHash`. */
  setKey(
    db: Database,
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    entry: Ref,
    source: Uint8Array,
    offset: number,
    length: number,
    expiryMs: number,
    givenEncoding: number = CHOOSE_ENCODING,
  ): Ref {
    const { arena } = this.#keyspace;
    let encoding = givenEncoding;
    if (encoding === CHOOSE_ENCODING) encoding = length <= EMBSTR_BYTES_MAX ? EMBSTR : RAW;
    let low = 0;
    let high = 0;
    if (
      givenEncoding === CHOOSE_ENCODING &&
      length > 0 &&
      length <= INT64_DIGITS_MAX &&
      source[offset] <= 57
    ) {
      const value = parseInteger(source, offset, length);
      if (!Number.isNaN(value)) {
        encoding = INT;
        low = value | 0;
        high = Math.floor(value / 4294967296);
      } else if (length > 15) {
        const big = parseInt64(source, offset, length);
        if (big !== null) {
          encoding = INT;
          low = Number(BigInt.asIntN(32, big));
          high = Number(big >> 32n);
        }
      }
    }
    const start = (expiryMs >= 0 ? 20 : 12) + keyLength;
    const valueStart = encoding === INT ? (start + 3) & ~3 : start;
    const needed = valueStart + (encoding === INT ? 8 : length);
    const target = this.#place(db, keyBytes, keyOffset, keyLength, entry, needed, expiryMs);
    const segment = target >>> SEGMENT_SHIFT;
    const words = arena.i32[segment];
    const at = (target & GRANULE_MASK) << 1;
    words[at + META] = (words[at + META] & ~0xff) | STRING | (encoding << 4);
    if (encoding === INT) {
      words[at + VALUE] = 0;
      words[at + (valueStart >> 2)] = low;
      words[at + (valueStart >> 2) + 1] = high;
    } else {
      words[at + VALUE] = length;
      copyBytes(arena.u8[segment], (at << 2) + valueStart, source, offset, length);
    }
    return target;
  }

  /** An entry of this key with room for `needed` bytes: the old one if it fits, else a new one. */
  #place(
    db: Database,
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    entry: Ref,
    needed: number,
    expiryMs: number,
  ): Ref {
    const { arena } = this.#keyspace;
    const hash = db.lastHash;
    if (entry !== NONE) {
      const hasExpiry = arena.i32[entry >>> SEGMENT_SHIFT][(entry & GRANULE_MASK) << 1] < 0;
      const room = arena.sizeOf(entry);
      if (
        db.typeOf(entry) === STRING &&
        hasExpiry === expiryMs >= 0 &&
        needed <= room &&
        room - needed <= (room >> WASTE_SHIFT) + 16
      ) {
        if (hasExpiry) setExpiryMs(arena, entry, expiryMs);
        return entry;
      }
    }
    const tail = needed - (expiryMs >= 0 ? 20 : 12) - keyLength;
    const made = db.newEntry(keyBytes, keyOffset, keyLength, tail, expiryMs >= 0, STRING, RAW, 0);
    if (expiryMs >= 0) setExpiryMs(arena, made, expiryMs);
    if (entry === NONE) {
      db.insertNew(made);
    } else {
      // Under LFU an overwritten key keeps its counter, as in Redis.
      if (this.#keyspace.lfu) db.setAccessClock(made, db.accessClock(entry));
      db.departing(entry, hash);
      db.replaceEntry(hash, entry, made);
      db.freeEntry(entry);
    }
    return made;
  }

  /**
   * Makes the entry a `raw` string with room for `length` bytes of value, keeping the value it has
   * and padding with zeros; answers with the entry, which may have moved. The value's length becomes
   * `length`. For APPEND, SETRANGE, SETBIT and the like. A block that is too small is replaced by one
   * with up to `reserveBytesMax` in reserve.
   */
  extend(
    db: Database,
    entry: Ref,
    length: number,
    reserveBytesMax: number = RESERVE_BYTES_MAX,
  ): Ref {
    const { arena } = this.#keyspace;
    this.load(entry);
    const oldLength = this.length;
    const target = Math.max(length, oldLength);
    const wasInteger = this.bytes === this.#digits;
    let at = (entry & GRANULE_MASK) << 1;
    let words = arena.i32[entry >>> SEGMENT_SHIFT];
    const keyEnd = keyStart(words[at]) + (words[at] & KEY_LENGTH_MASK);
    let moved = entry;
    if (arena.sizeOf(entry) < keyEnd + target) {
      // A string that only now gets its content may never be edited again: it reserves nothing.
      const reserve = oldLength === 0 ? 0 : Math.min(target, reserveBytesMax);
      moved = arena.realloc(entry, keyEnd + target + reserve);
      if (moved !== entry) db.entryMoved(entry, moved);
      at = (moved & GRANULE_MASK) << 1;
      words = arena.i32[moved >>> SEGMENT_SHIFT];
    }
    const bytes = arena.u8[moved >>> SEGMENT_SHIFT];
    const valueAt = (at << 2) + keyEnd;
    if (wasInteger) copyBytes(bytes, valueAt, this.#digits, 0, oldLength);
    if (target > oldLength) bytes.fill(0, valueAt + oldLength, valueAt + target);
    words[at + META] = (words[at + META] & ~0xf0) | (RAW << 4);
    words[at + VALUE] = target;
    return moved;
  }

  /** Cuts a value that is not `int` to its first `length` bytes. */
  shorten(entry: Ref, length: number): void {
    const words = this.#keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    words[((entry & GRANULE_MASK) << 1) + VALUE] = length;
  }
}

/** Writes a signed 64-bit integer, given as two words, in decimal; answers with its length. */
function writeInt64(bytes: Uint8Array, low: number, high: number): number {
  const value = high * 4294967296 + (low >>> 0);
  if (value >= -Number.MAX_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
    return writeInteger(bytes, 0, value);
  }
  const text = String((BigInt(high) << 32n) | BigInt(low >>> 0));
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return text.length;
}
