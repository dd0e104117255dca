// What LPOS, LREM and LINSERT look for: a text that is compared with many elements. Elements that are
// stored as integers are compared as such, so the text is looked at once.
import {
  lpHigh,
  lpInteger,
  lpIsInteger,
  lpLow,
  lpStringLength,
  lpStringStart,
} from "../../memory/listpack.ts";
import { isInt64, parseHigh, parseLow } from "../../util/int64.ts";
import { parseInteger } from "../../util/integer.ts";

/** Below this no text is an integer that a double does not hold. */
const LARGE_DIGITS_MIN = 16;

export class Needle {
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #length = 0;
  /** The text as a number, NaN when it is none or a large one. */
  #value = Number.NaN;
  #isLarge = false;
  #high = 0;
  #low = 0;

  /** What to look for; the bytes must stay as they are meanwhile. */
  set(bytes: Uint8Array, offset: number, length: number): void {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#length = length;
    this.#value = parseInteger(bytes, offset, length);
    this.#isLarge =
      length >= LARGE_DIGITS_MIN && Number.isNaN(this.#value) && isInt64(bytes, offset, length);
    if (!this.#isLarge) return;
    this.#high = parseHigh(bytes, offset, length);
    this.#low = parseLow(bytes, offset, length);
  }

  /** True when the listpack entry at bytes[at] is this text. */
  matches(bytes: Uint8Array, at: number): boolean {
    if (!lpIsInteger(bytes, at)) {
      if (lpStringLength(bytes, at) !== this.#length) return false;
      return this.#isText(bytes, lpStringStart(bytes, at));
    }
    if (this.#isLarge) return lpHigh(bytes, at) === this.#high && lpLow(bytes, at) === this.#low;
    return lpInteger(bytes, at) === this.#value;
  }

  /** True when bytes[start, start+length) is this text. */
  matchesText(bytes: Uint8Array, start: number, length: number): boolean {
    return length === this.#length && this.#isText(bytes, start);
  }

  #isText(bytes: Uint8Array, start: number): boolean {
    const text = this.#bytes;
    const offset = this.#offset;
    for (let i = 0; i < this.#length; i++) if (bytes[start + i] !== text[offset + i]) return false;
    return true;
  }
}
