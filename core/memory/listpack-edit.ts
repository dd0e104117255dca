// Changing listpacks in place; listpack.ts has their layout and everything that only reads them.
//
// Whoever changes a listpack makes sure before that the array behind it has room: the sizes of
// entries and the growth by a replacement are told beforehand. An inserted string must not lie in
// the same listpack, because what follows the entry moves.
import { copyBytes } from "../util/copy.ts";
import { highOf, isInt64, lowOf, parseHigh, parseLow } from "../util/int64.ts";
import { parseInteger } from "../util/integer.ts";
import {
  DIGIT_9,
  LP_COUNT_UNKNOWN,
  LP_EMPTY_BYTES,
  LP_END,
  LP_HEADER_BYTES,
  LP_INTEGER_13_BITS,
  LP_INTEGER_16_BITS,
  LP_INTEGER_64_BITS,
  LP_STRING_6_BITS,
  LP_STRING_12_BITS,
  LP_STRING_32_BITS,
  lpAddToCount,
  lpBacklenBytes,
  lpBytes,
  lpEnd,
  lpEntryBytes,
  lpLength,
  lpSeek,
  lpSetBytes,
  lpSetCount,
  lpSkip,
  lpWriteBacklen,
  STRING_6_BITS_MASK,
} from "./listpack.ts";

/** Up to this many bytes a loop is faster than `copyWithin`. */
const LOOP_BYTES_MAX = 48;

// ---------------------------------------------------------------------------- sizes of entries

/** Bytes that source[offset, offset+length) takes as an entry, its backlen included. */
export function lpEncodedSize(source: Uint8Array, offset: number, length: number): number {
  if (isShortText(source, offset, length)) return length + 2;
  const size = sizeOfText(source, offset, length);
  return size + lpBacklenBytes(size);
}

/** Bytes that a safe integer takes as an entry. */
export function lpIntegerSize(value: number): number {
  return sizeOfInteger(value) + 1;
}

/** Bytes that a 64-bit integer takes as an entry. */
export function lpInt64Size(high: number, low: number): number {
  return lpIntegerSize(high === low >> 31 ? low : Number.NaN);
}

/** By how many bytes the listpack grows (or, below 0, shrinks) when the text replaces an entry. */
export function lpReplaceGrowth(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  return lpEncodedSize(source, offset, length) - lpEntryBytes(bytes, at);
}

/** As `lpReplaceGrowth`, for a safe integer. */
export function lpReplaceIntegerGrowth(bytes: Uint8Array, at: number, value: number): number {
  return lpIntegerSize(value) - lpEntryBytes(bytes, at);
}

/** Size of the listpack that `lpMerge` makes of the two. */
export function lpMergedBytes(
  bytes: Uint8Array,
  base: number,
  second: Uint8Array,
  secondBase: number,
): number {
  return lpBytes(bytes, base) + lpBytes(second, secondBase) - LP_EMPTY_BYTES;
}

/** True for the most common of all texts: no integer, and its length fits into one byte. */
function isShortText(source: Uint8Array, offset: number, length: number): boolean {
  return length > 0 && length <= STRING_6_BITS_MASK && source[offset] > DIGIT_9;
}

/** Encoding and data of the text. */
function sizeOfText(source: Uint8Array, offset: number, length: number): number {
  const value = parseInteger(source, offset, length);
  if (!Number.isNaN(value)) return sizeOfInteger(value);
  if (length > 15 && isInt64(source, offset, length)) return 9;
  return stringPrefixBytes(length) + length;
}

/** Encoding and data of the integer; what is NaN counts as larger than 32 bits. */
function sizeOfInteger(value: number): number {
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= -32768 && value <= 32767) return 3;
  if (value >= -8388608 && value <= 8388607) return 4;
  return value >= -2147483648 && value <= 2147483647 ? 5 : 9;
}

// ---------------------------------------------------------------------------- changing

/**
 * Inserts source[offset, offset+length) before the entry at `at`, which may be `lpEnd`. The new
 * entry is at `at` then; the answer is the offset behind it.
 */
export function lpInsertAt(
  bytes: Uint8Array,
  base: number,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  return putText(bytes, base, at, at, source, offset, length);
}

/** Inserts a safe integer before the entry at `at`; answers as `lpInsertAt`. */
export function lpInsertIntegerAt(
  bytes: Uint8Array,
  base: number,
  at: number,
  value: number,
): number {
  return putInt64(bytes, base, at, at, highOf(value), lowOf(value));
}

/** Inserts a 64-bit integer before the entry at `at`; answers as `lpInsertAt`. */
export function lpInsertInt64At(
  bytes: Uint8Array,
  base: number,
  at: number,
  high: number,
  low: number,
): number {
  return putInt64(bytes, base, at, at, high, low);
}

/** Puts the text in the place of the entry at `at`; answers with the offset behind it. */
export function lpReplaceAt(
  bytes: Uint8Array,
  base: number,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  return putText(bytes, base, at, lpSkip(bytes, at), source, offset, length);
}

/** Puts a safe integer in the place of the entry at `at`; answers with the offset behind it. */
export function lpReplaceIntegerAt(
  bytes: Uint8Array,
  base: number,
  at: number,
  value: number,
): number {
  return putInt64(bytes, base, at, lpSkip(bytes, at), highOf(value), lowOf(value));
}

/** Adds the text as the last entry. */
export function lpAppend(
  bytes: Uint8Array,
  base: number,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  const end = lpEnd(bytes, base);
  putText(bytes, base, end, end, source, offset, length);
}

/** Adds a safe integer as the last entry. */
export function lpAppendInteger(bytes: Uint8Array, base: number, value: number): void {
  lpInsertIntegerAt(bytes, base, lpEnd(bytes, base), value);
}

/** Adds a 64-bit integer as the last entry. */
export function lpAppendInt64(bytes: Uint8Array, base: number, high: number, low: number): void {
  lpInsertInt64At(bytes, base, lpEnd(bytes, base), high, low);
}

/** Adds the text as the first entry. */
export function lpPrepend(
  bytes: Uint8Array,
  base: number,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  const first = base + LP_HEADER_BYTES;
  putText(bytes, base, first, first, source, offset, length);
}

/** Adds a safe integer as the first entry. */
export function lpPrependInteger(bytes: Uint8Array, base: number, value: number): void {
  lpInsertIntegerAt(bytes, base, base + LP_HEADER_BYTES, value);
}

/** Removes the entry at `at`. The next entry is at `at` then; -1 when there is none. */
export function lpDeleteAt(bytes: Uint8Array, base: number, at: number): number {
  makeRoom(bytes, base, at, lpSkip(bytes, at), 0);
  lpAddToCount(bytes, base, -1);
  return bytes[at] === LP_END ? -1 : at;
}

/** Removes up to `count` entries from the one at `at` on; answers as `lpDeleteAt`. */
export function lpDeleteRangeAt(
  bytes: Uint8Array,
  base: number,
  at: number,
  count: number,
): number {
  let tail = at;
  let deleted = 0;
  for (; deleted < count && bytes[tail] !== LP_END; deleted++) tail = lpSkip(bytes, tail);
  makeRoom(bytes, base, at, tail, 0);
  lpAddToCount(bytes, base, -deleted);
  return bytes[at] === LP_END ? -1 : at;
}

/** Removes up to `count` entries from number `index` on, which may be negative as in `lpSeek`. */
export function lpDeleteRange(bytes: Uint8Array, base: number, index: number, count: number): void {
  const at = count > 0 ? lpSeek(bytes, base, index) : -1;
  if (at >= 0) lpDeleteRangeAt(bytes, base, at, count);
}

/** Adds copies of all entries of the listpack at second[secondBase] behind the own ones. */
export function lpMerge(
  bytes: Uint8Array,
  base: number,
  second: Uint8Array,
  secondBase: number,
): void {
  const count = lpLength(bytes, base) + lpLength(second, secondBase);
  const total = lpMergedBytes(bytes, base, second, secondBase);
  const end = lpEnd(bytes, base);
  const added = lpBytes(second, secondBase) - LP_HEADER_BYTES;
  copyBytes(bytes, end, second, secondBase + LP_HEADER_BYTES, added);
  lpSetBytes(bytes, base, total);
  lpSetCount(bytes, base, Math.min(count, LP_COUNT_UNKNOWN));
}

/**
 * Writes the text as an entry at `at` over what is there, without moving anything or telling the
 * header: for owners that have made the room. Answers with the offset behind the entry.
 */
export function lpWriteText(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  if (isShortText(source, offset, length)) {
    bytes[at] = LP_STRING_6_BITS | length;
    copyBytes(bytes, at + 1, source, offset, length);
    bytes[at + length + 1] = length + 1;
    return at + length + 2;
  }
  const value = parseInteger(source, offset, length);
  if (!Number.isNaN(value)) {
    return writeInteger(bytes, at, sizeOfInteger(value), highOf(value), lowOf(value));
  }
  if (length > 15 && isInt64(source, offset, length)) {
    const high = parseHigh(source, offset, length);
    return writeInteger(bytes, at, 9, high, parseLow(source, offset, length));
  }
  return writeString(bytes, at, source, offset, length);
}

/**
 * Puts the text in the place of the entry at `at` if that takes as many bytes; otherwise nothing
 * happens, and the answer is false. Most often the old text and the new one are of the same length.
 */
export function lpOverwrite(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (bytes[at] === (LP_STRING_6_BITS | length) && isShortText(source, offset, length)) {
    copyBytes(bytes, at + 1, source, offset, length);
    return true;
  }
  if (lpReplaceGrowth(bytes, at, source, offset, length) !== 0) return false;
  lpWriteText(bytes, at, source, offset, length);
  return true;
}

/** As `lpWriteText`, for a 64-bit integer. */
export function lpWriteInt64(bytes: Uint8Array, at: number, high: number, low: number): number {
  return writeInteger(bytes, at, sizeOfInteger(high === low >> 31 ? low : Number.NaN), high, low);
}

/** Writes an entry over [at, tail), which is an entry or nothing. */
function putText(
  bytes: Uint8Array,
  base: number,
  at: number,
  tail: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  const value = parseInteger(source, offset, length);
  if (!Number.isNaN(value)) {
    return putInt64(bytes, base, at, tail, highOf(value), lowOf(value));
  }
  if (length > 15 && isInt64(source, offset, length)) {
    const high = parseHigh(source, offset, length);
    return putInt64(bytes, base, at, tail, high, parseLow(source, offset, length));
  }
  const size = stringPrefixBytes(length) + length;
  makeRoom(bytes, base, at, tail, size + lpBacklenBytes(size));
  if (at === tail) lpAddToCount(bytes, base, 1);
  return writeString(bytes, at, source, offset, length);
}

/** As `putText`, for an integer. */
function putInt64(
  bytes: Uint8Array,
  base: number,
  at: number,
  tail: number,
  high: number,
  low: number,
): number {
  const size = sizeOfInteger(high === low >> 31 ? low : Number.NaN);
  makeRoom(bytes, base, at, tail, size + 1);
  if (at === tail) lpAddToCount(bytes, base, 1);
  return writeInteger(bytes, at, size, high, low);
}

/** Bytes in front of a string's own. */
function stringPrefixBytes(length: number): number {
  return length < 64 ? 1 : length < 4096 ? 2 : 5;
}

function writeString(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  const prefix = stringPrefixBytes(length);
  if (prefix === 1) {
    bytes[at] = LP_STRING_6_BITS | length;
  } else if (prefix === 2) {
    bytes[at] = LP_STRING_12_BITS | (length >> 8);
    bytes[at + 1] = length;
  } else {
    bytes[at] = LP_STRING_32_BITS;
    writeLittleEndian(bytes, at + 1, length, 4);
  }
  copyBytes(bytes, at + prefix, source, offset, length);
  return lpWriteBacklen(bytes, at + prefix + length, prefix + length);
}

/** Writes an integer of `size` bytes (see `sizeOfInteger`) as an entry. */
function writeInteger(
  bytes: Uint8Array,
  at: number,
  size: number,
  high: number,
  low: number,
): number {
  if (size === 1) {
    bytes[at] = low;
  } else if (size === 2) {
    bytes[at] = LP_INTEGER_13_BITS | ((low >> 8) & 0x1f);
    bytes[at + 1] = low;
  } else if (size === 9) {
    bytes[at] = LP_INTEGER_64_BITS;
    writeLittleEndian(bytes, at + 1, low, 4);
    writeLittleEndian(bytes, at + 5, high, 4);
  } else {
    // 3, 4 and 5 bytes have the encodings 0xF1, 0xF2 and 0xF3.
    bytes[at] = LP_INTEGER_16_BITS + size - 3;
    writeLittleEndian(bytes, at + 1, low, size - 1);
  }
  bytes[at + size] = size;
  return at + size + 1;
}

function writeLittleEndian(bytes: Uint8Array, at: number, value: number, count: number): void {
  for (let i = 0; i < count; i++) bytes[at + i] = value >>> (8 * i);
}

/** Moves everything from `tail` on so that `room` bytes lie between `at` and it. */
function makeRoom(bytes: Uint8Array, base: number, at: number, tail: number, room: number): void {
  const growth = room - (tail - at);
  if (growth === 0) return;
  const total = lpBytes(bytes, base);
  moveBytes(bytes, tail + growth, tail, base + total - tail);
  lpSetBytes(bytes, base, total + growth);
}

/** Copies `count` bytes within the array; the two ranges may overlap. */
function moveBytes(bytes: Uint8Array, to: number, from: number, count: number): void {
  if (count > LOOP_BYTES_MAX) {
    bytes.copyWithin(to, from, from + count);
  } else if (to < from) {
    for (let i = 0; i < count; i++) bytes[to + i] = bytes[from + i];
  } else {
    for (let i = count - 1; i >= 0; i--) bytes[to + i] = bytes[from + i];
  }
}
