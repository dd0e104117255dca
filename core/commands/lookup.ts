// From the bytes of a name to what it names, ignoring ASCII case: the first thing that happens to
// every command, so it makes no string and no object.
//
// An open-addressing table, at most a quarter full, of four int32 words per slot:
//   word 0  hash         of the name
//   word 1  name start   offset of the folded name in `#names`
//   word 2  name length  0 marks a free slot
//   word 3  ordinal      index in `#values`
// The hash reads five bytes and the length instead of the whole name: names are few and known, so
// these tell nearly all of them apart, and the comparison that follows reads the rest anyway. A
// hash that could be flooded is no danger: clients look up, only the program inserts.
//
// In front of it lies a cache of the last names, exactly as clients write them: two words and a length
// are all of a name of up to 8 bytes, and three comparisons find it.
import { toBytes } from "../util/bytes.ts";

const SLOT_WORDS = 4;
const HASH = 0;
const NAME_START = 1;
const NAME_LENGTH = 2;
const ORDINAL = 3;

const CACHE_SLOTS = 128;
/** In the cache there are these instead; word 3 is an ordinal as well. */
const CACHED_FIRST = 0;
const CACHED_LAST = 1;
const CACHED_LENGTH = 2;
const CACHED_LENGTH_MAX = 8;

const SLOTS_MIN = 8;
const SLOTS_PER_NAME = 4;

export class NameIndex<Value> {
  readonly #values: Value[] = [];
  #names: Uint8Array;
  #slots: Int32Array;
  #mask: number;
  #lengthMax = 0;
  /** Per slot of the cache: the name's first and last four bytes, its length, its value's ordinal. */
  readonly #cache: Int32Array = new Int32Array(CACHE_SLOTS * SLOT_WORDS);

  /** Names of one character per byte, in any case, each with its value. No name twice, none empty. */
  constructor(entries: Iterable<readonly [name: string, value: Value]>) {
    const names: Uint8Array[] = [];
    for (const [name, value] of entries) {
      names.push(fold(toBytes(name)));
      this.#values.push(value);
    }
    let slotCount = SLOTS_MIN;
    while (slotCount < names.length * SLOTS_PER_NAME) slotCount *= 2;
    this.#mask = slotCount - 1;
    this.#slots = new Int32Array(slotCount * SLOT_WORDS);
    this.#names = new Uint8Array(names.reduce((total, name) => total + name.length, 0));
    let start = 0;
    for (let ordinal = 0; ordinal < names.length; ordinal++) {
      const name = names[ordinal];
      this.#names.set(name, start);
      this.#insert(start, name.length, ordinal);
      start += name.length;
    }
  }

  #insert(start: number, length: number, ordinal: number): void {
    const hash = hashName(this.#names, start, length);
    let at = (hash & this.#mask) * SLOT_WORDS;
    while (this.#slots[at + NAME_LENGTH] !== 0) at = (at + SLOT_WORDS) % this.#slots.length;
    this.#slots[at + HASH] = hash;
    this.#slots[at + NAME_START] = start;
    this.#slots[at + NAME_LENGTH] = length;
    this.#slots[at + ORDINAL] = ordinal;
    if (length > this.#lengthMax) this.#lengthMax = length;
  }

  /** As `find`; `view` is of the same bytes. For names that come again and again. */
  findAgain(bytes: Uint8Array, view: DataView, offset: number, length: number): Value | null {
    if (length === 0 || length > CACHED_LENGTH_MAX || offset + CACHED_LENGTH_MAX > bytes.length) {
      return this.find(bytes, offset, length);
    }
    let first = view.getInt32(offset, true);
    let last = 0;
    if (length > 4) last = view.getInt32(offset + length - 4, true);
    else if (length < 4) first &= (1 << (length << 3)) - 1;
    const cache = this.#cache;
    const at = (mixWords(first, last) & (CACHE_SLOTS - 1)) * SLOT_WORDS;
    if (
      cache[at + CACHED_FIRST] !== first ||
      cache[at + CACHED_LAST] !== last ||
      cache[at + CACHED_LENGTH] !== length
    ) {
      const ordinal = this.#ordinalOf(bytes, offset, length);
      if (ordinal < 0) return null;
      cache[at + CACHED_FIRST] = first;
      cache[at + CACHED_LAST] = last;
      cache[at + CACHED_LENGTH] = length;
      cache[at + ORDINAL] = ordinal;
    }
    return this.#values[cache[at + ORDINAL]];
  }

  /** What bytes[offset, offset+length) names, or null. */
  find(bytes: Uint8Array, offset: number, length: number): Value | null {
    const ordinal = this.#ordinalOf(bytes, offset, length);
    return ordinal < 0 ? null : this.#values[ordinal];
  }

  /** Index in `#values`, or -1. */
  #ordinalOf(bytes: Uint8Array, offset: number, length: number): number {
    if (length === 0 || length > this.#lengthMax) return -1;
    const slots = this.#slots;
    const mask = this.#mask;
    const hash = hashName(bytes, offset, length);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT_WORDS;
      const nameLength = slots[at + NAME_LENGTH];
      if (nameLength === 0) return -1;
      if (slots[at + HASH] !== hash || nameLength !== length) continue;
      if (sameFolded(this.#names, slots[at + NAME_START], bytes, offset, length)) {
        return slots[at + ORDINAL];
      }
    }
  }
}

/** Lower bits that tell command names apart well enough. */
function mixWords(first: number, last: number): number {
  const mixed = Math.imul(first ^ Math.imul(last, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** The hash ORs 32 into every byte: that folds letters and merges a few other bytes, harmlessly. */
function hashName(bytes: Uint8Array, offset: number, length: number): number {
  const first = bytes[offset] | 32;
  const second = length > 1 ? bytes[offset + 1] | 32 : 0;
  const middle = bytes[offset + (length >> 1)] | 32;
  const beforeLast = length > 1 ? bytes[offset + length - 2] | 32 : 0;
  const last = bytes[offset + length - 1] | 32;
  const mixed =
    Math.imul(first | (second << 8) | (middle << 16) | (last << 24), 0x9e3779b1) ^
    Math.imul(beforeLast | (length << 8), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** True when `length` bytes at `offset` are the folded name at `nameStart`, in any case. */
function sameFolded(
  names: Uint8Array,
  nameStart: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) {
    let byte = bytes[offset + i];
    if (byte >= 65 && byte <= 90) byte |= 32;
    if (byte !== names[nameStart + i]) return false;
  }
  return true;
}

function fold(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte >= 65 && byte <= 90 ? byte | 32 : byte));
}
