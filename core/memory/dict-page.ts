// The pages of a dict (dict.ts): small open-addressing tables. In words,
//
//   word 0   count | capacity << 16
//   word 1   depth: how many upper bits all hashes in the page share
//   then     `capacity` slots of (hash, entry); entry 0 marks a free slot
//
// Linear probing; deletion shifts entries back, so there are no tombstones.
import { NONE, type Ref } from "./arena.ts";
import type { RefList } from "./dict.ts";

const SLOTS = 2;
export const PAGE_CAPACITY_MIN = 4;
export const PAGE_CAPACITY_MAX = 256;
/** Pages choose slots by other bits than the directory uses: a multiplicative mix (Knuth). */
const MIX = 0x9e3779b1 | 0;
/** Up to so many entries are picked from a page rather than sorting all of it. */
const SELECT_MAX = 24;
/** Hash and slot in one double, so that sorting needs no comparison function. */
const SLOT_SPAN = 65536;

/** What a scan of a page works with, kept for the next one. */
export class ScanBuffer {
  keys: Float64Array = new Float64Array(PAGE_CAPACITY_MAX);
}

/** Entries that a page of this capacity holds at most: 13/16 of it. */
export function loadMax(capacity: number): number {
  return capacity <= 8 ? capacity - 1 : capacity - ((capacity * 3) >> 4);
}

/** The capacity that comes after this one. */
export function nextCapacity(capacity: number): number {
  if (capacity < 64) return capacity * 2;
  return capacity < PAGE_CAPACITY_MAX ? capacity + 32 : capacity * 2;
}

/** The smallest capacity that holds `count` entries. */
export function capacityFor(count: number): number {
  let capacity = PAGE_CAPACITY_MIN;
  while (loadMax(capacity) < count) capacity = nextCapacity(capacity);
  return capacity;
}

/** Puts an entry into a page that has room; its count is up to the caller. */
export function putInPage(
  words: Int32Array,
  at: number,
  capacity: number,
  hash: number,
  entry: Ref,
): void {
  const slots = at + SLOTS;
  let slot = ((Math.imul(hash, MIX) >>> 16) * capacity) >>> 16;
  while (words[slots + (slot << 1) + 1] !== NONE) {
    if (++slot === capacity) slot = 0;
  }
  words[slots + (slot << 1)] = hash;
  words[slots + (slot << 1) + 1] = entry;
}

/** The first entry in a page with this hash, or NONE. */
export function entryWithHash(words: Int32Array, at: number, hash: number): Ref {
  const capacity = words[at] >>> 16;
  const slots = at + SLOTS;
  let slot = ((Math.imul(hash, MIX) >>> 16) * capacity) >>> 16;
  for (;;) {
    const entry = words[slots + (slot << 1) + 1];
    if (entry === NONE || words[slots + (slot << 1)] === hash) return entry;
    if (++slot === capacity) slot = 0;
  }
}

/** Word index of the slot that holds this very entry, or -1. */
export function slotInPage(words: Int32Array, at: number, hash: number, entry: Ref): number {
  const capacity = words[at] >>> 16;
  const slots = at + SLOTS;
  let slot = ((Math.imul(hash, MIX) >>> 16) * capacity) >>> 16;
  for (;;) {
    const candidate = words[slots + (slot << 1) + 1];
    if (candidate === entry) return slots + (slot << 1);
    if (candidate === NONE) return -1;
    if (++slot === capacity) slot = 0;
  }
}

/** Empties the slot at word index `slotAt`. Answers with the page's count then. */
export function takeFromPage(words: Int32Array, at: number, slotAt: number): number {
  const capacity = words[at] >>> 16;
  const slots = at + SLOTS;
  let hole = (slotAt - slots) >> 1;
  let slot = hole;
  for (;;) {
    if (++slot === capacity) slot = 0;
    const candidate = words[slots + (slot << 1) + 1];
    if (candidate === NONE) break;
    const home = ((Math.imul(words[slots + (slot << 1)], MIX) >>> 16) * capacity) >>> 16;
    const distance = slot >= home ? slot - home : slot - home + capacity;
    const gap = slot >= hole ? slot - hole : slot - hole + capacity;
    if (distance >= gap) {
      words[slots + (hole << 1)] = words[slots + (slot << 1)];
      words[slots + (hole << 1) + 1] = candidate;
      hole = slot;
    }
  }
  words[slots + (hole << 1) + 1] = NONE;
  return --words[at] & 0xffff;
}

/** Adds a page's entries whose hash has `bits` under `mask` to another, which has room for them. */
export function copyEntries(
  source: Int32Array,
  sourceAt: number,
  target: Int32Array,
  targetAt: number,
  mask: number,
  bits: number,
): void {
  const sourceCapacity = source[sourceAt] >>> 16;
  const capacity = target[targetAt] >>> 16;
  let added = 0;
  for (let slot = 0; slot < sourceCapacity; slot++) {
    const slotAt = sourceAt + SLOTS + (slot << 1);
    const entry = source[slotAt + 1];
    if (entry === NONE) continue;
    const hash = source[slotAt];
    if ((hash & mask) !== bits) continue;
    putInPage(target, targetAt, capacity, hash, entry);
    added++;
  }
  target[targetAt] += added;
}

/**
 * Takes a page's entries with hash ≥ from in hash order, `room` of them and all that share the last
 * one's hash. Answers with how many, or with minus the next cursor if some are left.
 */
export function scanEntries(
  words: Int32Array,
  at: number,
  from: number,
  room: number,
  out: RefList,
  buffer: ScanBuffer,
): number {
  const capacity = words[at] >>> 16;
  const slots = at + SLOTS;
  if (room <= SELECT_MAX) return selectEntries(words, at, from, room, out, buffer.keys);
  if (buffer.keys.length < capacity) buffer.keys = new Float64Array(capacity);
  const { keys } = buffer;
  let found = 0;
  for (let slot = 0; slot < capacity; slot++) {
    if (words[slots + (slot << 1) + 1] === NONE) continue;
    const hash = words[slots + (slot << 1)] >>> 0;
    if (hash >= from) keys[found++] = hash * SLOT_SPAN + slot;
  }
  const sorted = keys.subarray(0, found).sort();
  let taken = 0;
  let previous = -1;
  for (; taken < found; taken++) {
    const hash = Math.floor(sorted[taken] / SLOT_SPAN);
    if (taken >= room && hash !== previous) return -hash;
    previous = hash;
    out.push(words[slots + ((sorted[taken] - hash * SLOT_SPAN) << 1) + 1]);
  }
  return found;
}

/** As `scanEntries`, for a few entries: the smallest are kept in order on the way. */
function selectEntries(
  words: Int32Array,
  at: number,
  from: number,
  room: number,
  out: RefList,
  keys: Float64Array,
): number {
  const slots = at + SLOTS;
  const capacity = words[at] >>> 16;
  let count = 0;
  for (let slot = 0; slot < capacity; slot++) {
    if (words[slots + (slot << 1) + 1] === NONE) continue;
    const hash = words[slots + (slot << 1)] >>> 0;
    const key = hash * SLOT_SPAN + slot;
    if (hash < from || (count === room && key > keys[count - 1])) continue;
    let place = count === room ? count - 1 : count++;
    for (; place > 0 && keys[place - 1] > key; place--) keys[place] = keys[place - 1];
    keys[place] = key;
  }
  let hash = -1;
  for (let i = 0; i < count; i++) {
    hash = Math.floor(keys[i] / SLOT_SPAN);
    out.push(words[slots + ((keys[i] - hash * SLOT_SPAN) << 1) + 1]);
  }
  if (count < room) return count;
  const last = keys[count - 1];
  let taken = count;
  let next = Number.POSITIVE_INFINITY;
  for (let slot = 0; slot < capacity; slot++) {
    if (words[slots + (slot << 1) + 1] === NONE) continue;
    const other = words[slots + (slot << 1)] >>> 0;
    if (other > hash) {
      if (other < next) next = other;
    } else if (other === hash && other * SLOT_SPAN + slot > last) {
      out.push(words[slots + (slot << 1) + 1]);
      taken++;
    }
  }
  return next === Number.POSITIVE_INFINITY ? taken : -next;
}

/** Adds to counts[n] how many slots of the page are the first choice of n entries. */
export function countChains(words: Int32Array, at: number, counts: number[]): void {
  const capacity = words[at] >>> 16;
  const lengths = new Uint16Array(capacity);
  for (let slot = 0; slot < capacity; slot++) {
    const slotAt = at + SLOTS + (slot << 1);
    if (words[slotAt + 1] === NONE) continue;
    lengths[((Math.imul(words[slotAt], MIX) >>> 16) * capacity) >>> 16]++;
  }
  for (const length of lengths) {
    while (counts.length <= length) counts.push(0);
    counts[length]++;
  }
}
