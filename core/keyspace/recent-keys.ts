// The entries of keys that are used again and again: counters, queues, whatever a script or a transaction
// works on. They are found without hashing their keys, which saves a quarter of the time of a GET. A key is
// remembered when it comes a second time, so that one that comes once costs a comparison; by its last four
// bytes, its end, which tells keys apart best.
//
// They are kept in an array of words, `recent` below, since another object on the way would cost those keys
// half of what it saves others. It has 64 places, of four words each:
//
//   word 0 entry, or NONE | 1 end of the last key here | 2 hash of the entry's key
import { type Arena, NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";

const PLACES = 64;
const PLACE_SHIFT = 26;
const PLACE_WORDS = 4;
const MIX = 0x9e3779b1 | 0;
const END = 1;
const HASH = 2;

export function makeRecentKeys(): Int32Array {
  return new Int32Array(PLACES * PLACE_WORDS);
}

/** The last four bytes of a key; its length when it is shorter. */
export function keyEnd(view: DataView, offset: number, length: number): number {
  return length < 4 ? length : view.getInt32(offset + length - 4, true);
}

/** Whether the last key at the place of this one ended alike; it is the last one from now on. */
export function comesAgain(recent: Int32Array, end: number): boolean {
  const place = placeOf(end);
  if (recent[place + END] === end) return true;
  recent[place + END] = end;
  recent[place] = NONE;
  return false;
}

/** As `comesAgain`, and everything stays as it is. */
export function endsAlike(recent: Int32Array, end: number): boolean {
  return recent[placeOf(end) + END] === end;
}

/** The entry that is remembered for keys with this end, or NONE. */
export function recentEntry(recent: Int32Array, end: number): Ref {
  return recent[placeOf(end)];
}

/** The hash of that entry's key. */
export function recentHash(recent: Int32Array, end: number): number {
  return recent[placeOf(end) + HASH];
}

/** After `comesAgain` said so. */
export function rememberKey(recent: Int32Array, end: number, entry: Ref, hash: number): void {
  const place = placeOf(end);
  recent[place] = entry;
  recent[place + HASH] = hash;
}

/** The entry leaves its dict or its block; `key`, itself or its successor, still has its key. */
export function forgetKey(recent: Int32Array, arena: Arena, entry: Ref, key: Ref): void {
  const view = arena.view[key >>> SEGMENT_SHIFT];
  const place = placeOf(keyEnd(view, keyOffset(arena, key), keyLength(arena, key)));
  if (recent[place] === entry) recent[place] = NONE;
}

function placeOf(end: number): number {
  return (Math.imul(end, MIX) >>> PLACE_SHIFT) * PLACE_WORDS;
}
