// The elements that SORT works on, copied out of the key: looking up weights may expire and so remove
// any key, the sorted one included. All bytes are in one buffer, so sorting makes no object per
// element. What is an integer in the list already stays a number when it is sorted by numbers: writing
// and reading its digits would take longer than all the rest.
import { compareBytes } from "../util/bytes.ts";
import { copyBytes } from "../util/copy.ts";
import { parseDouble } from "../util/double.ts";
import { writeInteger } from "../util/integer.ts";
import { sortByKeys } from "../util/radix-sort.ts";
import { WIDE_ZERO } from "../util/wide.ts";

const NUL = 0;
const SPACE = 32;
const TAB = 9;
const CARRIAGE_RETURN = 13;
/** The place of the weight of an element that has none. */
const NO_WEIGHT = -1;
/** The length of an element that is an integer: its score. */
const INTEGER = -1;
const INTEGER_TEXT_BYTES_MAX = 20;
/** With fewer elements, sorting by keys costs more than it saves. */
const KEYS_COUNT_MIN = 256;
/** Up to so many elements are put in order one by one, which makes no object. */
const INSERTION_COUNT_MAX = 16;
/** So many bytes of a text, as a number, are its key: what a double holds exactly. */
const KEY_BYTES = 6;

export interface SortOrder {
  readonly isDescending: boolean;
  /** Compare as text instead of as numbers. */
  readonly isAlpha: boolean;
  /** By weights instead of by the elements themselves. */
  readonly byWeight: boolean;
  /** Text is compared in full, and not only up to a NUL byte as the C library does. */
  readonly wholeText: boolean;
}

export class SortVector {
  count = 0;
  /** The element that `look` looked at: text[offset, offset + length), until the next look. */
  text: Uint8Array;
  offset: number = WIDE_ZERO;
  length = 0;
  #bytes: Uint8Array = new Uint8Array(1024);
  #used = 0;
  #integers = 0;
  readonly #offsets: Float64Array;
  readonly #lengths: Int32Array;
  #weightOffsets: Float64Array = new Float64Array(0);
  #weightLengths: Int32Array = new Int32Array(0);
  readonly #scores: Float64Array;
  /** Indexes of elements in their order, after `sort`. */
  readonly order: Uint32Array;
  readonly #digits: Uint8Array = new Uint8Array(INTEGER_TEXT_BYTES_MAX);

  /** For `countMax` elements. */
  constructor(countMax: number) {
    this.text = this.#bytes;
    this.#offsets = new Float64Array(countMax);
    this.#lengths = new Int32Array(countMax);
    this.#scores = new Float64Array(countMax);
    this.order = new Uint32Array(countMax);
  }

  add(bytes: Uint8Array, offset: number, length: number): void {
    const i = this.count++;
    this.#offsets[i] = this.#copyIn(bytes, offset, length);
    this.#lengths[i] = length;
    this.order[i] = i;
  }

  /** Adds a safe integer, which is its own score. */
  addInteger(value: number): void {
    const i = this.count++;
    this.#scores[i] = value;
    this.#lengths[i] = INTEGER;
    this.order[i] = i;
    this.#integers++;
  }

  isInteger(i: number): boolean {
    return this.#lengths[i] === INTEGER;
  }

  /** Bytes that the text of all elements takes, at most. */
  get textBytesMax(): number {
    return this.#used + this.#integers * INTEGER_TEXT_BYTES_MAX;
  }

  #copyIn(bytes: Uint8Array, offset: number, length: number): number {
    const at = this.#used;
    if (at + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    copyBytes(this.#bytes, at, bytes, offset, length);
    this.#used = at + length;
    return at;
  }

  look(i: number): void {
    const length = this.#lengths[i];
    if (length === INTEGER) {
      this.text = this.#digits;
      this.offset = 0;
      this.length = writeInteger(this.#digits, 0, this.#scores[i]);
    } else {
      this.text = this.#bytes;
      this.offset = this.#offsets[i];
      this.length = length;
    }
  }

  /** Sorts element i by this text. */
  setWeight(i: number, bytes: Uint8Array, offset: number, length: number): void {
    this.#makeWeights();
    this.#weightOffsets[i] = this.#copyIn(bytes, offset, length);
    this.#weightLengths[i] = length;
  }

  #makeWeights(): void {
    if (this.#weightOffsets.length === this.order.length) return;
    this.#weightOffsets = new Float64Array(this.order.length).fill(NO_WEIGHT);
    this.#weightLengths = new Int32Array(this.order.length);
  }

  /** Sorts element i by the number in the text; false when it is none. */
  setScore(i: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const score = scoreOf(bytes, offset, length);
    this.#scores[i] = score;
    return !Number.isNaN(score);
  }

  /** Puts `order` in order; equal elements stay as they are. No score may be NaN. */
  sort(order: SortOrder): void {
    if (order.byWeight) this.#makeWeights();
    // The same number is the same text, unless some are spelled in another way.
    const isDone = this.#integers === this.count;
    if (!isDone && this.#integers > 0) this.#spellOut();
    const sign = order.isDescending ? -1 : 1;
    const compare = this.#comparison(order);
    const inOrder = (a: number, b: number): number => sign * compare(a, b);
    if (this.count < KEYS_COUNT_MIN) {
      this.order.sort(inOrder);
      return;
    }
    // By numbers first, which takes no comparisons; then what has the same number.
    const keys = order.isAlpha ? this.#textKeys(order) : this.#scores;
    sortByKeys(this.order, keys, order.isDescending);
    if (!isDone) this.#sortRuns(keys, inOrder);
  }

  /** Makes texts of the integers. */
  #spellOut(): void {
    for (let i = 0; i < this.count; i++) {
      if (!this.isInteger(i)) continue;
      this.look(i);
      this.#offsets[i] = this.#copyIn(this.text, this.offset, this.length);
      this.#lengths[i] = this.length;
    }
    this.#integers = 0;
  }

  /** Sorts each run of elements with the same key. */
  #sortRuns(keys: Float64Array, inOrder: (a: number, b: number) => number): void {
    const { order } = this;
    let start = 0;
    for (let i = 1; i <= order.length; i++) {
      if (i < order.length && keys[order[i]] === keys[order[start]]) continue;
      if (i - start > INSERTION_COUNT_MAX) order.subarray(start, i).sort(inOrder);
      else if (i - start > 1) insertionSort(order, start, i, inOrder);
      start = i;
    }
  }

  /** Numbers in the order of the texts as far as they go: a few bytes behind what all begin with. */
  #textKeys({ byWeight, wholeText }: SortOrder): Float64Array {
    const bytes = this.#bytes;
    const offsets = byWeight ? this.#weightOffsets : this.#offsets;
    const lengths = byWeight ? this.#weightLengths : this.#lengths;
    const common = this.#commonLength(offsets, lengths);
    const keys = new Float64Array(this.count);
    for (let i = 0; i < keys.length; i++) {
      const start = offsets[i];
      if (start === NO_WEIGHT) {
        keys[i] = NO_WEIGHT;
        continue;
      }
      const rest = Math.min(lengths[i] - common, KEY_BYTES);
      let key = 0;
      let isText = true;
      for (let k = 0; k < KEY_BYTES; k++) {
        const byte = isText && k < rest ? bytes[start + common + k] : 0;
        if (byte === NUL && !wholeText) isText = false;
        key = key * 256 + byte;
      }
      keys[i] = key;
    }
    return keys;
  }

  /** How many bytes all texts begin with in common, up to a NUL byte. */
  #commonLength(offsets: Float64Array, lengths: Int32Array): number {
    const bytes = this.#bytes;
    let first = 0;
    while (first < this.count && offsets[first] === NO_WEIGHT) first++;
    if (first === this.count) return 0;
    const model = offsets[first];
    let common = textLength(bytes, model, lengths[first]);
    for (let i = first + 1; i < this.count && common > 0; i++) {
      const start = offsets[i];
      if (start === NO_WEIGHT) continue;
      if (lengths[i] < common) common = lengths[i];
      let same = 0;
      while (same < common && bytes[start + same] === bytes[model + same]) same++;
      common = same;
    }
    return common;
  }

  #comparison({ isAlpha, byWeight, wholeText }: SortOrder): (a: number, b: number) => number {
    if (!isAlpha) return (a, b) => this.#compareScores(a, b);
    if (byWeight) return (a, b) => this.#compareWeights(a, b, wholeText);
    return (a, b) => this.#compareElements(a, b, wholeText);
  }

  #compareScores(a: number, b: number): number {
    const difference = this.#scores[a] - this.#scores[b];
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
    if (this.#integers > 0) return 0;
    // The same number (also twice the same infinity): by text, so that the order is always the same.
    return this.#compareElements(a, b, true);
  }

  #compareElements(a: number, b: number, wholeText: boolean): number {
    return this.#compareText(
      this.#offsets[a],
      this.#lengths[a],
      this.#offsets[b],
      this.#lengths[b],
      wholeText,
    );
  }

  #compareWeights(a: number, b: number, wholeText: boolean): number {
    const first = this.#weightOffsets[a];
    const second = this.#weightOffsets[b];
    // What has no weight comes first.
    if (first === NO_WEIGHT || second === NO_WEIGHT) {
      return Number(first !== NO_WEIGHT) - Number(second !== NO_WEIGHT);
    }
    return this.#compareText(
      first,
      this.#weightLengths[a],
      second,
      this.#weightLengths[b],
      wholeText,
    );
  }

  #compareText(
    first: number,
    firstLength: number,
    second: number,
    secondLength: number,
    wholeText: boolean,
  ): number {
    const bytes = this.#bytes;
    if (wholeText) return compareBytes(bytes, first, firstLength, bytes, second, secondLength);
    return compareBytes(
      bytes,
      first,
      textLength(bytes, first, firstLength),
      bytes,
      second,
      textLength(bytes, second, secondLength),
    );
  }
}

/** Puts order[start, end) in order; what is equal stays as it is. */
function insertionSort(
  order: Uint32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let i = start + 1; i < end; i++) {
    const element = order[i];
    let place = i;
    for (; place > start && compare(order[place - 1], element) > 0; place--) {
      order[place] = order[place - 1];
    }
    order[place] = element;
  }
}

/** Length of the text up to its first NUL byte, where text ends for the C library. */
export function textLength(bytes: Uint8Array, offset: number, length: number): number {
  for (let i = 0; i < length; i++) if (bytes[offset + i] === NUL) return i;
  return length;
}

/** The number that C's strtod reads in the whole text; 0 for no text, NaN when it is none. */
function scoreOf(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + textLength(bytes, offset, length);
  if (end === offset) return 0;
  let start = offset;
  while (start < end && isSpace(bytes[start])) start++;
  return parseDouble(bytes, start, end - start);
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CARRIAGE_RETURN);
}
