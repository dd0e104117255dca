// Listpacks: lists of strings and integers in one run of bytes, in exactly Redis's layout, so that
// saving or loading a small value is a copy.
//
//   total bytes (u32, little endian), entries (u16; 65535 = not known, count them), entries…, 0xFF
//
// An entry is its encoding with its data, then the size of both ("backlen") for walking backwards:
//
//   0xxxxxxx                        integer 0..127
//   10llllll data                   string of up to 63 bytes
//   110xxxxx xxxxxxxx               integer of 13 bits, the highest five first
//   1110llll llllllll data          string of up to 4095 bytes, the highest length bits first
//   0xF0 u32 data                   longer string
//   0xF1 … 0xF4                     integer of 16, 24, 32, 64 bits
//
// Numbers are little endian and in two's complement where nothing else is said. The backlen has 7
// bits a byte, the highest first, bit 7 set in all bytes but the first. A string that is the
// canonical form of a 64-bit integer is always stored as that integer.
//
// All functions work on a listpack that starts at `base` of a larger array; entries are named by
// their offset `at` in that array, -1 is no entry. Nothing is allocated. This file has the layout
// and whatever only reads; listpack-edit.ts changes listpacks.
import { copyBytes } from "../util/copy.ts";
import {
  int64BigInt,
  int64Length,
  int64Number,
  isInt64,
  parseHigh,
  parseLow,
  writeInt64,
} from "../util/int64.ts";
import { integerLength, parseInteger, writeInteger } from "../util/integer.ts";

/** Bytes before the first entry. */
export const LP_HEADER_BYTES = 6;
/** Size of a listpack without entries. */
export const LP_EMPTY_BYTES = 7;
/** Redis lets no listpack grow beyond this. */
export const LP_BYTES_MAX: number = 1 << 30;
/** The count that stands for "not known". */
export const LP_COUNT_UNKNOWN = 65535;

/** The last byte, and the first bytes of entries, without their data bits. */
export const LP_END = 0xff;
export const LP_STRING_6_BITS = 0x80;
export const LP_INTEGER_13_BITS = 0xc0;
export const LP_STRING_12_BITS = 0xe0;
export const LP_STRING_32_BITS = 0xf0;
export const LP_INTEGER_16_BITS = 0xf1;
const LP_INTEGER_24_BITS = 0xf2;
const LP_INTEGER_32_BITS = 0xf3;
export const LP_INTEGER_64_BITS = 0xf4;
/** Length of a string of up to 63 bytes, in its first byte. */
export const STRING_6_BITS_MASK = 0x3f;
/** What begins with a higher byte is no integer. */
export const DIGIT_9 = 57;

// ---------------------------------------------------------------------------- the whole listpack

/** Writes an empty listpack of `LP_EMPTY_BYTES` at `base`. */
export function initListpack(bytes: Uint8Array, base: number): void {
  lpSetBytes(bytes, base, LP_EMPTY_BYTES);
  lpSetCount(bytes, base, 0);
  bytes[base + LP_HEADER_BYTES] = LP_END;
}

/** Size of the listpack in bytes, header and end included. */
export function lpBytes(bytes: Uint8Array, base: number): number {
  return uint32At(bytes, base);
}

/** Number of entries. From 65535 entries on they are counted one by one. */
export function lpLength(bytes: Uint8Array, base: number): number {
  const known = countAt(bytes, base);
  if (known !== LP_COUNT_UNKNOWN) return known;
  let count = 0;
  for (let at = base + LP_HEADER_BYTES; bytes[at] !== LP_END; at = lpSkip(bytes, at)) count++;
  if (count < LP_COUNT_UNKNOWN) lpSetCount(bytes, base, count);
  return count;
}

/** Whether `addBytes` more bytes leave the listpack within `LP_BYTES_MAX`. */
export function lpSafeToAdd(bytes: Uint8Array, base: number, addBytes: number): boolean {
  return lpBytes(bytes, base) + addBytes <= LP_BYTES_MAX;
}

/** Writes the size of the listpack; only for what changes listpacks. */
export function lpSetBytes(bytes: Uint8Array, base: number, total: number): void {
  bytes[base] = total;
  bytes[base + 1] = total >>> 8;
  bytes[base + 2] = total >>> 16;
  bytes[base + 3] = total >>> 24;
}

function countAt(bytes: Uint8Array, base: number): number {
  return bytes[base + 4] | (bytes[base + 5] << 8);
}

/** Writes the number of entries; only for what changes listpacks. */
export function lpSetCount(bytes: Uint8Array, base: number, count: number): void {
  bytes[base + 4] = count;
  bytes[base + 5] = count >>> 8;
}

/** The count becomes "not known" by itself at 65535, and stays so. */
export function lpAddToCount(bytes: Uint8Array, base: number, change: number): void {
  const count = countAt(bytes, base);
  if (count === LP_COUNT_UNKNOWN) return;
  lpSetCount(bytes, base, Math.min(count + change, LP_COUNT_UNKNOWN));
}

function uint32At(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at) >>> 0;
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

// ---------------------------------------------------------------------------- walking

/** The first entry, or -1. */
export function lpFirst(bytes: Uint8Array, base: number): number {
  return bytes[base + LP_HEADER_BYTES] === LP_END ? -1 : base + LP_HEADER_BYTES;
}

/** The last entry, or -1. */
export function lpLast(bytes: Uint8Array, base: number): number {
  return lpPrev(bytes, base, lpEnd(bytes, base));
}

/** The place behind the last entry: not an entry, but one can be inserted before it. */
export function lpEnd(bytes: Uint8Array, base: number): number {
  return base + lpBytes(bytes, base) - 1;
}

/** The entry behind the one at `at`, or -1. */
export function lpNext(bytes: Uint8Array, at: number): number {
  const next = lpSkip(bytes, at);
  return bytes[next] === LP_END ? -1 : next;
}

/** The entry before the one at `at` (which may be `lpEnd`), or -1. */
export function lpPrev(bytes: Uint8Array, base: number, at: number): number {
  if (at === base + LP_HEADER_BYTES) return -1;
  const size = backlenBefore(bytes, at);
  return at - size - lpBacklenBytes(size);
}

/** Entry number `index`, from the end when it is negative (-1 is the last), or -1. */
export function lpSeek(bytes: Uint8Array, base: number, index: number): number {
  const count = countAt(bytes, base);
  let left = index;
  if (count !== LP_COUNT_UNKNOWN) {
    if (left < 0) left += count;
    if (left < 0 || left >= count) return -1;
    // From the nearer end.
    if (left > count >> 1) left -= count;
  }
  if (count !== LP_COUNT_UNKNOWN) {
    return left >= 0 ? stepForward(bytes, base, left) : stepBackward(bytes, base, -left);
  }
  if (left >= 0) {
    let at = lpFirst(bytes, base);
    for (; left > 0 && at >= 0; left--) at = lpNext(bytes, at);
    return at;
  }
  let at = lpLast(bytes, base);
  for (; left < -1 && at >= 0; left++) at = lpPrev(bytes, base, at);
  return at;
}

/** The entry `steps` behind the first one, which is there. */
function stepForward(bytes: Uint8Array, base: number, steps: number): number {
  let at = base + LP_HEADER_BYTES;
  for (let left = steps; left > 0; left--) {
    const byte = bytes[at];
    // Short strings first, by far the most common.
    if (byte >= LP_STRING_6_BITS && byte < LP_INTEGER_13_BITS) at += byte - (LP_STRING_6_BITS - 2);
    else at = lpSkip(bytes, at);
  }
  return at;
}

/** The entry `steps` before the end, which is there. */
function stepBackward(bytes: Uint8Array, base: number, steps: number): number {
  let at = lpEnd(bytes, base);
  for (let left = steps; left > 0; left--) {
    const size = bytes[at - 1];
    at = size < 0x80 ? at - 1 - size : lpPrev(bytes, base, at);
  }
  return at;
}

/** The offset behind the entry at `at`: the next entry or the end. */
export function lpSkip(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte < 0x80) return at + 2;
  if (byte < 0xc0) return at + 2 + (byte & 0x3f);
  const size = encodedBytes(bytes, at);
  return at + size + lpBacklenBytes(size);
}

/** Size of encoding and data of the entry at `at`; 0 when there is no such encoding. */
function encodedBytes(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte < LP_STRING_6_BITS) return 1;
  if (byte < LP_INTEGER_13_BITS) return 1 + (byte & 0x3f);
  if (byte < LP_STRING_12_BITS) return 2;
  if (byte < LP_STRING_32_BITS) return 2 + ((byte & 0x0f) << 8) + bytes[at + 1];
  switch (byte) {
    case LP_STRING_32_BITS:
      return 5 + uint32At(bytes, at + 1);
    case LP_INTEGER_16_BITS:
      return 3;
    case LP_INTEGER_24_BITS:
      return 4;
    case LP_INTEGER_32_BITS:
      return 5;
    case LP_INTEGER_64_BITS:
      return 9;
    default:
      return 0;
  }
}

/** Bytes that the backlen of an entry takes; its bounds are one lower than 7 bits each allow. */
export function lpBacklenBytes(size: number): number {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}

/** Writes the backlen at bytes[at]; answers with the offset behind it. */
export function lpWriteBacklen(bytes: Uint8Array, at: number, size: number): number {
  if (size <= 127) {
    bytes[at] = size;
    return at + 1;
  }
  const end = at + lpBacklenBytes(size);
  let rest = size;
  for (let i = end - 1; i > at; i--) {
    bytes[i] = 0x80 | (rest & 0x7f);
    rest >>>= 7;
  }
  bytes[at] = rest;
  return end;
}

/** The backlen that ends before `at`, or -1 when it has more than five bytes. */
function backlenBefore(bytes: Uint8Array, at: number): number {
  let i = at - 1;
  let size = bytes[i] & 0x7f;
  for (let scale = 128; bytes[i] >= 0x80; scale *= 128) {
    if (at - i === 5) return -1;
    i--;
    size += (bytes[i] & 0x7f) * scale;
  }
  return size;
}

// ---------------------------------------------------------------------------- reading entries

/** True when the entry is stored as an integer, false when it is a string. */
export function lpIsInteger(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  if (byte < LP_STRING_6_BITS) return true;
  return (byte >= LP_INTEGER_13_BITS && byte < LP_STRING_12_BITS) || byte > LP_STRING_32_BITS;
}

/**
 * The integer at `at`. NaN when the entry is a string or the integer is not a safe one: then
 * `lpIsInteger` tells which, and `lpHigh` and `lpLow` (or `lpBigInt`) have the value.
 */
export function lpInteger(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte < LP_STRING_6_BITS) return byte;
  if (byte < LP_INTEGER_13_BITS) return Number.NaN;
  if (byte < LP_STRING_12_BITS) return (((byte & 0x1f) << 27) >> 19) | bytes[at + 1];
  switch (byte) {
    case LP_INTEGER_16_BITS:
      return ((bytes[at + 2] << 24) >> 16) | bytes[at + 1];
    case LP_INTEGER_24_BITS:
      return ((bytes[at + 3] << 24) >> 8) | (bytes[at + 2] << 8) | bytes[at + 1];
    case LP_INTEGER_32_BITS:
      return int32At(bytes, at + 1);
    case LP_INTEGER_64_BITS:
      return int64Number(int32At(bytes, at + 5), int32At(bytes, at + 1));
    default:
      return Number.NaN;
  }
}

/** The upper half of the integer at `at`. */
export function lpHigh(bytes: Uint8Array, at: number): number {
  if (bytes[at] === LP_INTEGER_64_BITS) return int32At(bytes, at + 5);
  return lpInteger(bytes, at) >> 31;
}

/** The lower half of the integer at `at`. */
export function lpLow(bytes: Uint8Array, at: number): number {
  if (bytes[at] === LP_INTEGER_64_BITS) return int32At(bytes, at + 1);
  return lpInteger(bytes, at);
}

/** The integer at `at`, of any size. */
export function lpBigInt(bytes: Uint8Array, at: number): bigint {
  return int64BigInt(lpHigh(bytes, at), lpLow(bytes, at));
}

/** Where the bytes of the string at `at` start. Not for integers. */
export function lpStringStart(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte < LP_INTEGER_13_BITS) return at + 1;
  return byte === LP_STRING_32_BITS ? at + 5 : at + 2;
}

/** Length of the string at `at`. Not for integers. */
export function lpStringLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte < LP_INTEGER_13_BITS) return byte & 0x3f;
  if (byte === LP_STRING_32_BITS) return uint32At(bytes, at + 1);
  return ((byte & 0x0f) << 8) | bytes[at + 1];
}

/** Length of the entry as text: of the string, or of the integer in decimal. */
export function lpEntryLength(bytes: Uint8Array, at: number): number {
  if (!lpIsInteger(bytes, at)) return lpStringLength(bytes, at);
  const value = lpInteger(bytes, at);
  if (!Number.isNaN(value)) return integerLength(value);
  return int64Length(lpHigh(bytes, at), lpLow(bytes, at));
}

/** Writes the entry as text at out[outAt]; answers with the offset behind it. */
export function lpFormat(bytes: Uint8Array, at: number, out: Uint8Array, outAt: number): number {
  if (!lpIsInteger(bytes, at)) {
    const length = lpStringLength(bytes, at);
    copyBytes(out, outAt, bytes, lpStringStart(bytes, at), length);
    return outAt + length;
  }
  const value = lpInteger(bytes, at);
  if (!Number.isNaN(value)) return writeInteger(out, outAt, value);
  return writeInt64(out, outAt, lpHigh(bytes, at), lpLow(bytes, at));
}

/** Bytes that the entry takes, its backlen included. */
export function lpEntryBytes(bytes: Uint8Array, at: number): number {
  return lpSkip(bytes, at) - at;
}

/** True when the entry at `at` is the text needle[offset, offset+length). */
export function lpEquals(
  bytes: Uint8Array,
  at: number,
  needle: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (!lpIsInteger(bytes, at)) {
    if (lpStringLength(bytes, at) !== length) return false;
    return sameBytes(bytes, lpStringStart(bytes, at), needle, offset, length);
  }
  const value = parseInteger(needle, offset, length);
  if (!Number.isNaN(value)) return lpInteger(bytes, at) === value;
  if (bytes[at] !== LP_INTEGER_64_BITS || !isInt64(needle, offset, length)) return false;
  return (
    int32At(bytes, at + 1) === parseLow(needle, offset, length) &&
    int32At(bytes, at + 5) === parseHigh(needle, offset, length)
  );
}

function sameBytes(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  length: number,
): boolean {
  let at = aStart;
  let other = bStart;
  const end = aStart + length;
  // Four at a time cost half as much. What differs does so at the end, more often than not.
  if (length > 0 && a[end - 1] !== b[bStart + length - 1]) return false;
  for (; at + 4 <= end; at += 4, other += 4) {
    const differs =
      (a[at] ^ b[other]) |
      (a[at + 1] ^ b[other + 1]) |
      (a[at + 2] ^ b[other + 2]) |
      (a[at + 3] ^ b[other + 3]);
    if (differs !== 0) return false;
  }
  for (; at < end; at++, other++) if (a[at] !== b[other]) return false;
  return true;
}

// ---------------------------------------------------------------------------- finding

/** A text that lies anywhere: bytes[offset, offset+length); `view` is over the same memory as `bytes`. */
export interface Text {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offset: number;
  readonly length: number;
}

/**
 * The first entry that is the text of `needle`, or -1. After each comparison `skipCount` entries are
 * passed over: 1 looks only at the fields of field-value pairs. `view` is over `bytes`.
 */
export function lpFind(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  needle: Text,
  skipCount: number,
): number {
  const mayBeInteger = needle.length === 0 || needle.bytes[needle.offset] <= DIGIT_9;
  return mayBeInteger
    ? findInteger(bytes, view, base, needle, skipCount)
    : findText(bytes, view, base, needle, skipCount);
}

/** `lpFind` for what cannot be stored as an integer. */
function findText(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  needle: Text,
  skipCount: number,
): number {
  const { view: needleView, offset, length } = needle;
  let at = base + LP_HEADER_BYTES;
  let left = 0;
  while (true) {
    const byte = bytes[at];
    if (byte >= LP_STRING_6_BITS && byte < LP_INTEGER_13_BITS) {
      const size = byte & STRING_6_BITS_MASK;
      if (left === 0 && size === length && sameText(view, at + 1, needleView, offset, length)) {
        return at;
      }
      at += size + 2;
    } else if (byte < LP_STRING_6_BITS) {
      at += 2;
    } else if (byte === LP_END) {
      return -1;
    } else {
      if (left === 0 && !lpIsInteger(bytes, at) && lpStringLength(bytes, at) === length) {
        if (sameText(view, lpStringStart(bytes, at), needleView, offset, length)) return at;
      }
      at = lpSkip(bytes, at);
    }
    left = left === 0 ? skipCount : left - 1;
  }
}

/** `lpFind` for any text: it may be stored as an integer. */
function findInteger(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  needle: Text,
  skipCount: number,
): number {
  const { offset, length } = needle;
  const value = parseInteger(needle.bytes, offset, length);
  const isSafe = !Number.isNaN(value);
  const isLarge = !isSafe && length > 15 && isInt64(needle.bytes, offset, length);
  const high = isLarge ? parseHigh(needle.bytes, offset, length) : 0;
  const low = isLarge ? parseLow(needle.bytes, offset, length) : 0;
  let at = base + LP_HEADER_BYTES;
  let left = 0;
  while (true) {
    const byte = bytes[at];
    if (byte === LP_END) return -1;
    if (left > 0) {
      left--;
    } else {
      left = skipCount;
      if (!lpIsInteger(bytes, at)) {
        if (lpStringLength(bytes, at) === length) {
          if (sameText(view, lpStringStart(bytes, at), needle.view, offset, length)) return at;
        }
      } else if (isSafe) {
        if (lpInteger(bytes, at) === value) return at;
      } else if (isLarge && byte === LP_INTEGER_64_BITS) {
        if (int32At(bytes, at + 1) === low && int32At(bytes, at + 5) === high) return at;
      }
    }
    at = byte < LP_STRING_6_BITS ? at + 2 : lpSkip(bytes, at);
  }
}

/** Whether the `length` bytes at `at` of one view and at `otherAt` of the other are the same. */
function sameText(
  view: DataView,
  at: number,
  other: DataView,
  otherAt: number,
  length: number,
): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i++) {
      if (view.getUint8(at + i) !== other.getUint8(otherAt + i)) return false;
    }
    return true;
  }
  // What differs does so at the end, more often than not.
  const last = length - 4;
  if (view.getInt32(at + last, true) !== other.getInt32(otherAt + last, true)) return false;
  for (let i = 0; i < last; i += 4) {
    if (view.getInt32(at + i, true) !== other.getInt32(otherAt + i, true)) return false;
  }
  return true;
}

// ---------------------------------------------------------------------------- checking

/**
 * Whether bytes[base, base+length) is a listpack of exactly that length. `deep` also walks the
 * entries, asks `entryCallback` about each (with the header's count, 65535 when not known) and
 * compares their number with the header. Nothing outside of the range is read.
 */
export function lpValidate(
  bytes: Uint8Array,
  base: number,
  length: number,
  deep: boolean,
  entryCallback?: (bytes: Uint8Array, at: number, headerCount: number) => boolean,
): boolean {
  if (length < LP_EMPTY_BYTES) return false;
  if (lpBytes(bytes, base) !== length || bytes[base + length - 1] !== LP_END) return false;
  if (!deep) return true;
  const last = base + length - 1;
  const headerCount = countAt(bytes, base);
  let count = 0;
  let at = base + LP_HEADER_BYTES;
  while (bytes[at] !== LP_END) {
    const next = validNext(bytes, at, last);
    if (next < 0) return false;
    if (entryCallback !== undefined && !entryCallback(bytes, at, headerCount)) return false;
    at = next;
    count++;
  }
  return at === last && (headerCount === LP_COUNT_UNKNOWN || headerCount === count);
}

/** The offset behind the entry at `at`, or -1 when it is not sound or goes beyond `last`. */
function validNext(bytes: Uint8Array, at: number, last: number): number {
  const byte = bytes[at];
  // The bytes that hold the length of the data must be there before they are read.
  const prefix =
    byte === LP_STRING_32_BITS ? 5 : byte >= LP_STRING_12_BITS && byte < LP_STRING_32_BITS ? 2 : 1;
  if (at + prefix > last) return -1;
  const size = encodedBytes(bytes, at);
  if (size === 0) return -1;
  const next = at + size + lpBacklenBytes(size);
  return next <= last && backlenBefore(bytes, next) === size ? next : -1;
}
