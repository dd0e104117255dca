// What LPOS, LREM and LINSERT look for: a text that is compared with many elements. Elements that are
// stored as integers are compared as such, so the text is looked at once.
import {
  LP_END,
  LP_HEADER_BYTES,
  LP_STRING_6_BITS,
  LP_STRING_12_BITS,
  lpHigh,
  lpInteger,
  lpIsInteger,
  lpLow,
  lpPrev,
  lpSkip,
  lpStringLength,
  lpStringStart,
} from "../../memory/listpack.ts";
import { isInt64, parseHigh, parseLow } from "../../util/int64.ts";
import { parseInteger } from "../../util/integer.ts";
import { type DenseWalk, integerOf, isInt64Of, isString } from "./dense-walk.ts";

/** Below this no text is an integer that a double does not hold. */
const LARGE_DIGITS_MIN = 16;
/** Strings of up to 63 bytes have their length in the byte in front of them. */
const SHORT_MAX = 63;
const SHORT_END = LP_STRING_6_BITS + SHORT_MAX + 1;

export class Needle {
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #length = 0;
  /** The text as a number, NaN when it is none or a large one. */
  #value = Number.NaN;
  #isLarge = false;
  #high = 0;
  #low = 0;
  /** The byte in front of the text where it is a short string in a listpack, -1 when it is long. */
  #mark = -1;
  /** Number of entries that `find` passed over. */
  passed = 0;

  /** What to look for; the bytes must stay as they are meanwhile. */
  set(bytes: Uint8Array, offset: number, length: number): void {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#length = length;
    this.#mark = length <= SHORT_MAX ? LP_STRING_6_BITS + length : -1;
    this.#value = parseInteger(bytes, offset, length);
    this.#isLarge =
      length >= LARGE_DIGITS_MIN && Number.isNaN(this.#value) && isInt64(bytes, offset, length);
    if (!this.#isLarge) return;
    this.#high = parseHigh(bytes, offset, length);
    this.#low = parseLow(bytes, offset, length);
  }

  /** True when the listpack entry at bytes[at] is this text. */
  #matches(bytes: Uint8Array, at: number): boolean {
    const byte = bytes[at];
    if (byte < LP_STRING_6_BITS) return byte === this.#value;
    if (byte < SHORT_END) return byte === this.#mark && this.#isText(bytes, at + 1);
    if (!lpIsInteger(bytes, at)) {
      if (lpStringLength(bytes, at) !== this.#length) return false;
      return this.#isText(bytes, lpStringStart(bytes, at));
    }
    if (this.#isLarge) return lpHigh(bytes, at) === this.#high && lpLow(bytes, at) === this.#low;
    return lpInteger(bytes, at) === this.#value;
  }

  /**
   * The first entry from bytes[at] on that is this text, looking at no more than `limit`; -1 when
   * there is none before that or the listpack's end.
   */
  find(bytes: Uint8Array, at: number, limit: number): number {
    let entry = at;
    let passed = 0;
    for (; passed < limit; passed++) {
      const byte = bytes[entry];
      if (byte === LP_END || this.#matches(bytes, entry)) break;
      if (byte < LP_STRING_6_BITS) entry += 2;
      else if (byte < SHORT_END) entry += byte - LP_STRING_6_BITS + 2;
      else if (byte < LP_STRING_12_BITS) entry += 3;
      else entry = lpSkip(bytes, entry);
    }
    this.passed = passed;
    return passed === limit || bytes[entry] === LP_END ? -1 : entry;
  }

  /** As `find`, from the entry at bytes[at] towards the head of the listpack at bytes[base]. */
  findBackward(bytes: Uint8Array, base: number, at: number, limit: number): number {
    const first = base + LP_HEADER_BYTES;
    let entry = at;
    let passed = 0;
    for (; passed < limit; passed++) {
      if (this.#matches(bytes, entry)) {
        this.passed = passed;
        return entry;
      }
      if (entry === first) {
        this.passed = passed + 1;
        return -1;
      }
      const size = bytes[entry - 1];
      entry = size < 0x80 ? entry - 1 - size : lpPrev(bytes, base, entry);
    }
    this.passed = passed;
    return -1;
  }

  /**
   * As `find`, in a dense node: goes on to the first element that is this text, and answers with
   * whether there is one.
   */
  findDense(walk: DenseWalk, limit: number): boolean {
    let passed = 0;
    let isFound = false;
    while (passed < limit) {
      const count = Math.min(walk.left, limit - passed);
      const before = isString(walk.kind)
        ? this.#findInTexts(walk, count)
        : this.#findInIntegers(walk, count);
      passed += before;
      isFound = before < count;
      if (!walk.pass(before) || isFound) break;
    }
    this.passed = passed;
    return isFound;
  }

  /** How many of `count` strings from the walk's place on come before one that is this text. */
  #findInTexts(walk: DenseWalk, count: number): number {
    const { bytes, width } = walk;
    if (width !== this.#length) return count;
    let { at } = walk;
    for (let i = 0; i < count; i++) {
      if (this.#isText(bytes, at)) return i;
      at += width;
    }
    return count;
  }

  /** The same with integers. */
  #findInIntegers(walk: DenseWalk, count: number): number {
    const { bytes, kind, width } = walk;
    const value = this.#value;
    if (Number.isNaN(value) && !this.#isLarge) return count;
    let { at } = walk;
    for (let i = 0; i < count; i++) {
      if (integerOf(kind, bytes, at) === value) return i;
      if (this.#isLarge && isInt64Of(kind, bytes, at, this.#high, this.#low)) return i;
      at += width;
    }
    return count;
  }

  /** As `find` in a node that is one text. */
  findInText(bytes: Uint8Array, start: number, length: number): boolean {
    const isFound = this.matchesText(bytes, start, length);
    this.passed = isFound ? 0 : 1;
    return isFound;
  }

  /** True when bytes[start, start+length) is this text. */
  matchesText(bytes: Uint8Array, start: number, length: number): boolean {
    return length === this.#length && this.#isText(bytes, start);
  }

  #isText(bytes: Uint8Array, start: number): boolean {
    const text = this.#bytes;
    const offset = this.#offset;
    // From the end: elements of a list often begin alike.
    for (let i = this.#length; --i >= 0; ) if (bytes[start + i] !== text[offset + i]) return false;
    return true;
  }
}
