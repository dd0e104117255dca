// The patterns of SORT's BY and GET: names of keys with a `*` in the place of the element, or of
// fields of hashes, `key_*->field`; `#` is the element itself.
import { HASH, STRING } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import { Args } from "../resp/args.ts";
import { Element } from "../types/element.ts";
import { copyBytes } from "../util/copy.ts";
import { crc16 } from "../util/crc16.ts";
import { findLive, LIVE } from "./hash-shared.ts";
import { textLength } from "./sort-vector.ts";

const STAR = 42;
const HASH_SIGN = 35;
const DASH = 45;
const GREATER = 62;
const QUESTION = 63;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const SLOT_MASK = 0x3fff;

export class SortPattern {
  readonly #pattern: Uint8Array;
  readonly #isElement: boolean;
  /** Where the star is, -1 when there is none. */
  readonly #star: number;
  /** Where the arrow in front of a field's name is; the pattern's length when there is none. */
  readonly #arrow: number;
  readonly #key: Args = new Args(1);
  #keyBytes: Uint8Array = new Uint8Array(64);
  #keyView: DataView = new DataView(this.#keyBytes.buffer);
  readonly #field: Element = new Element();
  readonly #value: Element = new Element();
  /** What `lookUp` found: bytes[offset, offset + length). */
  bytes: Uint8Array = this.#keyBytes;
  offset = 0;
  length = 0;

  /** `pattern` must be a copy: it is kept. */
  constructor(pattern: Uint8Array) {
    this.#pattern = pattern;
    // As for the C library, the pattern ends with a NUL byte as far as searching goes.
    const end = textLength(pattern, 0, pattern.length);
    this.#isElement = end === 1 && pattern[0] === HASH_SIGN;
    this.#star = pattern.subarray(0, end).indexOf(STAR);
    this.#arrow = this.#star < 0 ? pattern.length : arrowIn(pattern, this.#star + 1, end);
    if (this.#arrow < pattern.length) {
      const start = this.#arrow + 2;
      const view = new DataView(pattern.buffer, pattern.byteOffset, pattern.byteLength);
      this.#field.place(pattern, view, start, pattern.length - start);
    }
  }

  /** False when the pattern is the same for all elements: then there is nothing to sort by. */
  get hasStar(): boolean {
    return this.#star >= 0;
  }

  /** Looks up what the pattern stands for with this element; false when there is no such string. */
  lookUp(ctx: Context, bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.#isElement) {
      this.bytes = bytes;
      this.offset = offset;
      this.length = length;
      return true;
    }
    if (this.#star < 0) return false;
    this.#placeKey(bytes, offset, length);
    const { db, node } = ctx;
    const entry = db.read(this.#key, 0);
    if (entry === NONE) return false;
    if (this.#arrow === this.#pattern.length) {
      if (db.typeOf(entry) !== STRING) return false;
      node.strings.load(entry);
      return this.#found(node.strings);
    }
    if (db.typeOf(entry) !== HASH) return false;
    const { hashes } = node;
    hashes.hash.open(db, entry);
    if (findLive(ctx, hashes.hash, this.#field) !== LIVE) return false;
    hashes.loadFound(hashes.hash, this.#value);
    return this.#found(this.#value);
  }

  #found(place: { bytes: Uint8Array; offset: number; length: number }): true {
    this.bytes = place.bytes;
    this.offset = place.offset;
    this.length = place.length;
    return true;
  }

  /** Puts the element in the place of the star. */
  #placeKey(bytes: Uint8Array, offset: number, length: number): void {
    const pattern = this.#pattern;
    const rest = this.#arrow - this.#star - 1;
    const size = this.#star + length + rest;
    if (size > this.#keyBytes.length) {
      this.#keyBytes = new Uint8Array(size * 2);
      this.#keyView = new DataView(this.#keyBytes.buffer);
    }
    copyBytes(this.#keyBytes, 0, pattern, 0, this.#star);
    copyBytes(this.#keyBytes, this.#star, bytes, offset, length);
    copyBytes(this.#keyBytes, this.#star + length, pattern, this.#star + 1, rest);
    this.#key.attach(this.#keyBytes, this.#keyView);
    this.#key.clear();
    this.#key.push(0, size);
  }

  /** The slot of all keys that the pattern may name, or -1 when they may be in any. */
  get slot(): number {
    const pattern = this.#pattern;
    let open = -1;
    for (let i = 0; i < pattern.length; i++) {
      const byte = pattern[i];
      if (byte === STAR || byte === QUESTION || byte === OPEN_BRACKET || byte === BACKSLASH) {
        return -1;
      }
      if (byte === OPEN_BRACE && open === -1) open = i;
      if (byte !== CLOSE_BRACE || open < 0) continue;
      if (i > open + 1) return crc16(pattern, open + 1, i - open - 1) & SLOT_MASK;
      // An empty tag counts for nothing, and no other one does.
      open = -2;
    }
    return crc16(pattern, 0, pattern.length) & SLOT_MASK;
  }
}

/** Where the arrow in front of the name of a field is, or the pattern's length. */
function arrowIn(pattern: Uint8Array, from: number, end: number): number {
  for (let i = from; i + 1 < end; i++) {
    if (pattern[i] !== DASH || pattern[i + 1] !== GREATER) continue;
    // The first arrow counts, but not when nothing is behind it.
    return i + 2 < end ? i : pattern.length;
  }
  return pattern.length;
}
