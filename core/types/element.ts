// An element of a collection: a string of bytes wherever it lies, among a command's arguments, in the
// arena, or as digits that are kept here when a compact value holds it as an integer. Sets and hashes
// pass elements around instead of strings: going through a million members makes no object.
//
// What is found out about the bytes (whether they are an integer, their hash) is remembered until
// the next element is loaded. An element in the arena is valid until its collection changes.
import { GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import type { Dicts } from "../memory/dict.ts";
import { KEY_LENGTH_MASK, keyStart } from "../memory/entry.ts";
import { lpHigh, lpIsInteger, lpLow, lpStringLength, lpStringStart } from "../memory/listpack.ts";
import type { Args } from "../resp/args.ts";
import { latin1 } from "../util/bytes.ts";
import { highOf, isInt64, lowOf, parseHigh, parseLow, writeInt64 } from "../util/int64.ts";
import { parseInteger } from "../util/integer.ts";

const DIGITS_MAX = 24;
const INT64_TEXT_MAX = 20;
/** Longer text may be an integer that a double does not hold. */
const SAFE_TEXT_MAX = 15;

const UNKNOWN = 0;
const INTEGER = 1;
const TEXT = 2;

export class Element {
  /** The element is bytes[offset, offset+length); `view` is over the same memory as `bytes`. */
  bytes: Uint8Array;
  view: DataView;
  offset = 0;
  length = 0;
  /** Halves of the integer that the element is, after `isInteger` said so. */
  high = 0;
  low = 0;
  #kind = UNKNOWN;
  #hash = 0;
  #isHashed = false;
  readonly #digits: Uint8Array = new Uint8Array(DIGITS_MAX);
  readonly #digitsView: DataView = new DataView(this.#digits.buffer);

  constructor() {
    this.bytes = this.#digits;
    this.view = this.#digitsView;
  }

  /** Bytes anywhere. */
  place(bytes: Uint8Array, view: DataView, offset: number, length: number): void {
    this.bytes = bytes;
    this.view = view;
    this.offset = offset;
    this.length = length;
    this.#kind = UNKNOWN;
    this.#isHashed = false;
  }

  /** Argument i. */
  argument(args: Args, i: number): void {
    this.place(args.bytes, args.view, args.offset[i], args.length[i]);
  }

  /** A 64-bit integer, as text. */
  integer(high: number, low: number): void {
    this.place(this.#digits, this.#digitsView, 0, writeInt64(this.#digits, 0, high, low));
    this.high = high;
    this.low = low;
    this.#kind = INTEGER;
  }

  /** The entry at `at` of a listpack in this memory. */
  listpackEntry(bytes: Uint8Array, view: DataView, at: number): void {
    if (lpIsInteger(bytes, at)) {
      this.integer(lpHigh(bytes, at), lpLow(bytes, at));
    } else {
      this.place(bytes, view, lpStringStart(bytes, at), lpStringLength(bytes, at));
      this.#kind = TEXT;
    }
  }

  /** The key of an entry of a dict: a member of a set, a field of a hash. */
  entryKey(dicts: Dicts, entry: Ref): void {
    const { arena } = dicts;
    const segment = entry >>> SEGMENT_SHIFT;
    const at = (entry & GRANULE_MASK) << 1;
    const word0 = arena.i32[segment][at];
    const start = (at << 2) + keyStart(word0);
    this.place(arena.u8[segment], arena.view[segment], start, word0 & KEY_LENGTH_MASK);
  }

  /** True when the bytes are the canonical text of a 64-bit integer; then `high` and `low` are it. */
  isInteger(): boolean {
    if (this.#kind === UNKNOWN) this.#kind = this.#parse() ? INTEGER : TEXT;
    return this.#kind === INTEGER;
  }

  #parse(): boolean {
    const { bytes, offset, length } = this;
    if (length === 0 || length > INT64_TEXT_MAX || bytes[offset] > 57) return false;
    const value = parseInteger(bytes, offset, length);
    if (!Number.isNaN(value)) {
      this.high = highOf(value);
      this.low = lowOf(value);
      return true;
    }
    if (length <= SAFE_TEXT_MAX || !isInt64(bytes, offset, length)) return false;
    this.high = parseHigh(bytes, offset, length);
    this.low = parseLow(bytes, offset, length);
    return true;
  }

  /** The bytes as a string of one character per byte. Allocates. */
  text(): string {
    return latin1(this.bytes, this.offset, this.offset + this.length);
  }

  /** The hash of the bytes, the same for all dicts. */
  hash(dicts: Dicts): number {
    if (!this.#isHashed) {
      this.#hash = dicts.hash(this.view, this.offset, this.length);
      this.#isHashed = true;
    }
    return this.#hash;
  }
}
