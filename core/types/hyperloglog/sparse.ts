// The sparse form of a HyperLogLog's registers: runs of equal ones.
//
//   00rrrrrr            ZERO    r + 1 registers that are 0 (1 to 64)
//   01rrrrrr rrrrrrrr   XZERO   r + 1 registers that are 0 (1 to 16,384), upper bits first
//   1vvvvvrr            VALUE   r + 1 registers (1 to 4) that are v + 1 (1 to 32)
//
// The bytes may be a client's (SET, APPEND), so the runs may cover more registers than there are, or
// fewer, and an XZERO may be cut short; its missing byte then counts as 0. Functions that read a whole
// value say whether it is valid.
import { REGISTER_COUNT } from "./dense.ts";

const XZERO = 0x40;
const VALUE = 0x80;
const KIND_MASK = 0xc0;
const VALUE_RUN_MAX = 4;
const ZERO_RUN_MAX = 64;
/** The largest register that the form can show. */
export const SPARSE_VALUE_MAX = 32;
/** What 16,384 zeros are: one XZERO. */
export const EMPTY_RUNS: readonly number[] = [0x7f, 0xff];

/** A register in the middle of zeros makes three runs of one. */
const REPLACEMENT_BYTES_MAX = 5;
/** So many runs are looked at for neighbours to join: the replaced ones and what touches them. */
const JOIN_RUNS_MAX = 5;

export const UNCHANGED = 0;
export const CHANGED = 1;
export const CORRUPTED = -1;

/** How many registers the run at `at` covers. */
function runLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if ((first & VALUE) !== 0) return (first & 3) + 1;
  if ((first & XZERO) === 0) return first + 1;
  return (((first & 0x3f) << 8) | (at + 1 < end ? bytes[at + 1] : 0)) + 1;
}

/** How many bytes the run takes. */
function runBytes(first: number): number {
  return (first & KIND_MASK) === XZERO ? 2 : 1;
}

/** What the run's registers are. */
function runValue(first: number): number {
  return (first & VALUE) === 0 ? 0 : ((first >>> 2) & 31) + 1;
}

/** Raises wide registers to those at bytes[start, end) that are larger; false when these are invalid. */
export function mergeSparse(
  bytes: Uint8Array,
  start: number,
  end: number,
  wide: Uint8Array,
): boolean {
  let index = 0;
  for (let at = start; at < end; at += runBytes(bytes[at])) {
    const next = index + runLength(bytes, at, end);
    const value = runValue(bytes[at]);
    if (value > 0) {
      // Behind all registers Redis takes whatever begins with a VALUE.
      if (next > REGISTER_COUNT) break;
      for (let i = index; i < next; i++) if (value > wide[i]) wide[i] = value;
    }
    index = next;
  }
  return index === REGISTER_COUNT;
}

/** Adds to `histogram` how often each value occurs; false when the bytes are invalid. */
export function countSparse(
  bytes: Uint8Array,
  start: number,
  end: number,
  histogram: Int32Array,
): boolean {
  let count = 0;
  for (let at = start; at < end; at += runBytes(bytes[at])) {
    const length = runLength(bytes, at, end);
    histogram[runValue(bytes[at])] += length;
    count += length;
  }
  return count === REGISTER_COUNT;
}

/** The runs as PFDEBUG DECODE shows them: "Z:8436 v:1,1 z:3". */
export function sparseText(bytes: Uint8Array, start: number, end: number): string {
  const words: string[] = [];
  for (let at = start; at < end; at += runBytes(bytes[at])) {
    const length = runLength(bytes, at, end);
    const value = runValue(bytes[at]);
    if (value > 0) words.push(`v:${value},${length}`);
    else words.push(`${runBytes(bytes[at]) === 2 ? "Z" : "z"}:${length}`);
  }
  return words.join(" ");
}

/**
 * Raises one register, in two steps because the value may have to be moved in between: `locate` finds
 * the run that covers it and what shall replace that, `apply` writes.
 */
export class SparseEdit {
  /** By how many bytes `apply` makes the value longer before it joins runs; may be negative. */
  growth = 0;
  /** Offsets of the run, and of the one before (or itself), from the start of the runs. */
  #run = 0;
  #previous = 0;
  #oldBytes = 0;
  #newBytes = 0;
  readonly #replacement: Uint8Array = new Uint8Array(REPLACEMENT_BYTES_MAX);

  /** Looks for register `index`, to be raised to `value` (1 to SPARSE_VALUE_MAX). */
  locate(bytes: Uint8Array, start: number, end: number, index: number, value: number): number {
    let at = start;
    let previous = start;
    let first = 0;
    let length = 0;
    while (at < end) {
      length = runLength(bytes, at, end);
      if (index < first + length) break;
      previous = at;
      at += runBytes(bytes[at]);
      first += length;
    }
    if (at >= end || at + runBytes(bytes[at]) > end) return CORRUPTED;
    const old = runValue(bytes[at]);
    if (old >= value) return UNCHANGED;
    this.#run = at - start;
    this.#previous = previous - start;
    this.#oldBytes = runBytes(bytes[at]);
    this.#newBytes = 0;
    this.#append(old, index - first);
    this.#append(value, 1);
    this.#append(old, first + length - 1 - index);
    this.growth = this.#newBytes - this.#oldBytes;
    return CHANGED;
  }

  /** Adds a run to the replacement. */
  #append(value: number, length: number): void {
    if (length === 0) return;
    const bytes = this.#replacement;
    if (value > 0) {
      bytes[this.#newBytes++] = VALUE | ((value - 1) << 2) | (length - 1);
    } else if (length <= ZERO_RUN_MAX) {
      bytes[this.#newBytes++] = length - 1;
    } else {
      bytes[this.#newBytes++] = XZERO | ((length - 1) >>> 8);
      bytes[this.#newBytes++] = length - 1;
    }
  }

  /** Replaces the run located last, where `end` is without `growth`. Answers with the new end. */
  apply(bytes: Uint8Array, start: number, end: number): number {
    const at = start + this.#run;
    if (this.growth !== 0) {
      bytes.copyWithin(at + this.#newBytes, at + this.#oldBytes, end);
    }
    for (let i = 0; i < this.#newBytes; i++) bytes[at + i] = this.#replacement[i];
    return joinRuns(bytes, start + this.#previous, end + this.growth);
  }
}

/** Makes one of neighbours of the same value, as far as a run can be long. Answers with the new end. */
function joinRuns(bytes: Uint8Array, from: number, oldEnd: number): number {
  let end = oldEnd;
  let at = from;
  for (let i = 0; i < JOIN_RUNS_MAX && at < end; i++) {
    const value = runValue(bytes[at]);
    if (value > 0 && at + 1 < end && runValue(bytes[at + 1]) === value) {
      const length = runLength(bytes, at, end) + runLength(bytes, at + 1, end);
      if (length <= VALUE_RUN_MAX) {
        // The joined run is looked at again: its new neighbour may fit, too.
        bytes[at + 1] = VALUE | ((value - 1) << 2) | (length - 1);
        bytes.copyWithin(at, at + 1, end);
        end--;
        continue;
      }
    }
    at += runBytes(bytes[at]);
  }
  return end;
}
