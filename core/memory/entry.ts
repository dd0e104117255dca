// The layout of a dict's entries: one arena block that holds a key and what belongs to it. Keys of
// a database, fields of a hash, members of a set or sorted set are all entries, so one dict serves
// them all. Words are int32, the payload is 8-byte aligned:
//
//   word 0       key length in bytes | HAS_VALUE | HAS_EXPIRY
//   [2 words]    when HAS_VALUE: meta, value    (their meaning belongs to the owner, see below)
//   [2 words]    when HAS_EXPIRY: absolute expiry in ms, int64 little-endian
//   key bytes, then whatever the owner keeps behind the key
//
// A database's key: meta = type | encoding << 4 | access clock << 8 (24 bits, LRU or LFU);
//   value = length of a string kept behind the key, or the reference of another type's value.
// A hash field: value = length of the value behind the key. A sorted-set member: meta and value
// hold the score, a double. A set member: neither.
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "./arena.ts";

export const HAS_EXPIRY = -0x80000000;
export const HAS_VALUE = 0x40000000;
export const KEY_LENGTH_MASK = 0x3fffffff;

/** Bytes in front of the key, by the two flag bits. */
export function keyStart(word0: number): number {
  return 4 + ((word0 >>> 31) << 3) + ((word0 >>> 27) & 8);
}

/** Length of the entry's key in bytes. */
export function keyLength(arena: Arena, entry: Ref): number {
  return arena.i32[entry >>> SEGMENT_SHIFT][(entry & GRANULE_MASK) << 1] & KEY_LENGTH_MASK;
}

/** Compares an entry's key with view[offset, offset+length), eight bytes at a time. */
export function hasKey(
  arena: Arena,
  entry: Ref,
  view: DataView,
  offset: number,
  length: number,
): boolean {
  const words = arena.i32[entry >>> SEGMENT_SHIFT];
  const at = (entry & GRANULE_MASK) << 1;
  const word0 = words[at];
  if ((word0 & KEY_LENGTH_MASK) !== length) return false;
  let word = at + (keyStart(word0) >> 2);
  let i = offset;
  for (const end = offset + (length & ~7); i < end; i += 8, word += 2) {
    const first = words[word] ^ view.getInt32(i, true);
    if ((first | (words[word + 1] ^ view.getInt32(i + 4, true))) !== 0) return false;
  }
  if ((length & 4) !== 0) {
    if (words[word++] !== view.getInt32(i, true)) return false;
    i += 4;
  }
  const rest = length & 3;
  if (rest === 0) return true;
  const tail = words[word];
  if ((tail & 0xff) !== view.getUint8(i)) return false;
  if (rest > 1 && ((tail >>> 8) & 0xff) !== view.getUint8(i + 1)) return false;
  return rest < 3 || ((tail >>> 16) & 0xff) === view.getUint8(i + 2);
}

/** Byte offset of the entry's key in its segment. */
export function keyOffset(arena: Arena, entry: Ref): number {
  const word0 = arena.i32[entry >>> SEGMENT_SHIFT][(entry & GRANULE_MASK) << 1];
  return ((entry & GRANULE_MASK) << 3) + keyStart(word0);
}

/** Byte offset in the segment of what lies behind the key. */
export function tailOffset(arena: Arena, entry: Ref): number {
  const word0 = arena.i32[entry >>> SEGMENT_SHIFT][(entry & GRANULE_MASK) << 1];
  return ((entry & GRANULE_MASK) << 3) + keyStart(word0) + (word0 & KEY_LENGTH_MASK);
}

/** The entry's expiry in ms (absolute), or -1 when it has none. Exact up to 2^53. */
export function expiryMs(arena: Arena, entry: Ref): number {
  const words = arena.i32[entry >>> SEGMENT_SHIFT];
  const at = (entry & GRANULE_MASK) << 1;
  const word0 = words[at];
  if (word0 >= 0) return -1;
  const low = at + 1 + ((word0 >>> 29) & 2);
  return words[low + 1] * 4294967296 + (words[low] >>> 0);
}

/** Sets the expiry, at least 0, of an entry that has room for one. */
export function setExpiryMs(arena: Arena, entry: Ref, ms: number): void {
  const words = arena.i32[entry >>> SEGMENT_SHIFT];
  const at = (entry & GRANULE_MASK) << 1;
  const low = at + 1 + ((words[at] >>> 29) & 2);
  words[low] = ms | 0;
  // The latest times round up to 2^63, which would be a negative number.
  words[low + 1] = Math.min(Math.floor(ms / 4294967296), 0x7fffffff);
}

/** Gives `to` the expiry of `from`; both have room for one. Exact over the whole range. */
export function copyExpiry(arena: Arena, from: Ref, to: Ref): void {
  setExpiry64(arena, to, expiryHigh(arena, from), expiryLow(arena, from));
}

/** The upper half of the expiry, for times that a double does not hold exactly. */
export function expiryHigh(arena: Arena, entry: Ref): number {
  return arena.i32[entry >>> SEGMENT_SHIFT][expiryWord(arena, entry) + 1];
}

/** The lower half of the expiry. */
export function expiryLow(arena: Arena, entry: Ref): number {
  return arena.i32[entry >>> SEGMENT_SHIFT][expiryWord(arena, entry)];
}

/** Sets the expiry, given as halves, of an entry that has room for one. */
export function setExpiry64(arena: Arena, entry: Ref, high: number, low: number): void {
  const words = arena.i32[entry >>> SEGMENT_SHIFT];
  const at = expiryWord(arena, entry);
  words[at] = low;
  words[at + 1] = high;
}

function expiryWord(arena: Arena, entry: Ref): number {
  const at = (entry & GRANULE_MASK) << 1;
  return at + 1 + ((arena.i32[entry >>> SEGMENT_SHIFT][at] >>> 29) & 2);
}
