// Intsets: sorted sets of integers in one run of bytes, in exactly Redis's layout.
//
//   bytes per value (u32: 2, 4 or 8), number of values (u32), values in ascending order
//
// Everything is little endian. The width is the one that the widest value so far needed; it never
// shrinks. A value that needs a larger width than the set has lies outside the range of all others:
// it is added at one of the ends while the rest is rewritten.
//
// As with listpacks, an intset starts at `base` of a larger array and whoever adds makes sure
// before that there is room. Values are two int32 halves (see int64.ts), which hold the whole range
// without allocating; `highOf` and `lowOf` make them of a number.
import { compareInt64, int64BigInt, int64Length, int64Number, writeInt64 } from "../util/int64.ts";

const HEADER_BYTES = 8;
/** Size of an intset without values. */
export const INTSET_EMPTY_BYTES: number = HEADER_BYTES;

const WIDTH_16 = 2;
const WIDTH_32 = 4;
const WIDTH_64 = 8;

/** Writes an empty intset of `INTSET_EMPTY_BYTES` at `base`. */
export function initIntset(bytes: Uint8Array, base: number): void {
  setInt32(bytes, base, WIDTH_16);
  setInt32(bytes, base + 4, 0);
}

/** Number of values. */
export function intsetLength(bytes: Uint8Array, base: number): number {
  return int32At(bytes, base + 4) >>> 0;
}

/** Size in bytes, header included. */
export function intsetBytes(bytes: Uint8Array, base: number): number {
  return HEADER_BYTES + intsetLength(bytes, base) * widthOf(bytes, base);
}

/** Value number `index` as a number when it is a safe one, else NaN. */
export function intsetGet(bytes: Uint8Array, base: number, index: number): number {
  const width = widthOf(bytes, base);
  if (width !== WIDTH_64) return narrowAt(bytes, base, index, width);
  const at = base + HEADER_BYTES + index * WIDTH_64;
  return int64Number(int32At(bytes, at + 4), int32At(bytes, at));
}

/** The upper half of value number `index`. */
export function intsetHigh(bytes: Uint8Array, base: number, index: number): number {
  return highAt(bytes, base, index, widthOf(bytes, base));
}

/** The lower half of value number `index`. */
export function intsetLow(bytes: Uint8Array, base: number, index: number): number {
  return lowAt(bytes, base, index, widthOf(bytes, base));
}

/** Value number `index`, of any size. */
export function intsetBigInt(bytes: Uint8Array, base: number, index: number): bigint {
  return int64BigInt(intsetHigh(bytes, base, index), intsetLow(bytes, base, index));
}

/** Length of value number `index` in decimal. */
export function intsetTextLength(bytes: Uint8Array, base: number, index: number): number {
  return int64Length(intsetHigh(bytes, base, index), intsetLow(bytes, base, index));
}

/** Writes value number `index` in decimal at out[outAt]; answers with the offset behind it. */
export function intsetFormat(
  bytes: Uint8Array,
  base: number,
  index: number,
  out: Uint8Array,
  outAt: number,
): number {
  const high = intsetHigh(bytes, base, index);
  return writeInt64(out, outAt, high, intsetLow(bytes, base, index));
}

/**
 * The index of a value. When the set does not have it, the answer is below zero: -1 - index, with
 * the index it would get.
 */
export function intsetSearch(bytes: Uint8Array, base: number, high: number, low: number): number {
  const width = widthOf(bytes, base);
  const length = intsetLength(bytes, base);
  if (widthFor(high, low) > width) return high < 0 ? -1 : -1 - length;
  let from = 0;
  let to = length - 1;
  if (width === WIDTH_64) {
    while (from <= to) {
      const middle = (from + to) >>> 1;
      const at = base + HEADER_BYTES + middle * WIDTH_64;
      const order = compareInt64(int32At(bytes, at + 4), int32At(bytes, at), high, low);
      if (order === 0) return middle;
      if (order < 0) from = middle + 1;
      else to = middle - 1;
    }
    return -1 - from;
  }
  while (from <= to) {
    const middle = (from + to) >>> 1;
    const value = narrowAt(bytes, base, middle, width);
    if (value === low) return middle;
    if (value < low) from = middle + 1;
    else to = middle - 1;
  }
  return -1 - from;
}

/** Whether the set has a value. */
export function intsetHas(bytes: Uint8Array, base: number, high: number, low: number): boolean {
  return intsetSearch(bytes, base, high, low) >= 0;
}

/** Bytes by which the set grows when a value is added that it does not have. */
export function intsetGrowth(bytes: Uint8Array, base: number, high: number, low: number): number {
  const width = widthOf(bytes, base);
  const needed = widthFor(high, low);
  if (needed <= width) return width;
  return needed + intsetLength(bytes, base) * (needed - width);
}

/** Adds a value; false when the set has it. There must be room for `intsetGrowth` more bytes. */
export function intsetAdd(bytes: Uint8Array, base: number, high: number, low: number): boolean {
  const found = intsetSearch(bytes, base, high, low);
  if (found >= 0) return false;
  const index = -1 - found;
  const length = intsetLength(bytes, base);
  const width = widthOf(bytes, base);
  const needed = widthFor(high, low);
  if (needed > width) {
    // From the back, so that no value is overwritten before it has been read.
    const shift = index === 0 ? 1 : 0;
    for (let i = length - 1; i >= 0; i--) {
      const valueHigh = highAt(bytes, base, i, width);
      setValue(bytes, base, i + shift, needed, valueHigh, lowAt(bytes, base, i, width));
    }
    setInt32(bytes, base, needed);
    setValue(bytes, base, index, needed, high, low);
  } else {
    const at = base + HEADER_BYTES + index * width;
    const end = base + HEADER_BYTES + length * width;
    if (at < end) bytes.copyWithin(at + width, at, end);
    setValue(bytes, base, index, width, high, low);
  }
  setInt32(bytes, base + 4, length + 1);
  return true;
}

/** Removes a value; false when the set does not have it. */
export function intsetRemove(bytes: Uint8Array, base: number, high: number, low: number): boolean {
  const index = intsetSearch(bytes, base, high, low);
  if (index < 0) return false;
  intsetRemoveAt(bytes, base, index);
  return true;
}

/** Removes value number `index`. */
export function intsetRemoveAt(bytes: Uint8Array, base: number, index: number): void {
  const width = widthOf(bytes, base);
  const length = intsetLength(bytes, base);
  const at = base + HEADER_BYTES + index * width;
  bytes.copyWithin(at, at + width, base + HEADER_BYTES + length * width);
  setInt32(bytes, base + 4, length - 1);
}

/**
 * Whether bytes[base, base+length) is an intset of exactly that length with at least one value.
 * `deep` also checks that the values ascend. Nothing outside of the range is read.
 */
export function intsetValidate(
  bytes: Uint8Array,
  base: number,
  length: number,
  deep: boolean,
): boolean {
  if (length < HEADER_BYTES) return false;
  const width = widthOf(bytes, base);
  if (width !== WIDTH_16 && width !== WIDTH_32 && width !== WIDTH_64) return false;
  const count = intsetLength(bytes, base);
  if (count === 0 || HEADER_BYTES + count * width !== length) return false;
  if (!deep) return true;
  for (let i = 1; i < count; i++) {
    const high = highAt(bytes, base, i - 1, width);
    const low = lowAt(bytes, base, i - 1, width);
    const nextHigh = highAt(bytes, base, i, width);
    if (compareInt64(high, low, nextHigh, lowAt(bytes, base, i, width)) >= 0) return false;
  }
  return true;
}

/** Bytes per value; as a u32 of a damaged header it may be anything. */
function widthOf(bytes: Uint8Array, base: number): number {
  return int32At(bytes, base);
}

/** Bytes per value that a value needs. */
function widthFor(high: number, low: number): number {
  if (high !== low >> 31) return WIDTH_64;
  return low >= -32768 && low <= 32767 ? WIDTH_16 : WIDTH_32;
}

/** Value number `index` of a set of 2 or 4 bytes per value. */
function narrowAt(bytes: Uint8Array, base: number, index: number, width: number): number {
  const at = base + HEADER_BYTES + index * width;
  return width === WIDTH_16 ? ((bytes[at + 1] << 24) >> 16) | bytes[at] : int32At(bytes, at);
}

function highAt(bytes: Uint8Array, base: number, index: number, width: number): number {
  if (width !== WIDTH_64) return narrowAt(bytes, base, index, width) >> 31;
  return int32At(bytes, base + HEADER_BYTES + index * WIDTH_64 + 4);
}

function lowAt(bytes: Uint8Array, base: number, index: number, width: number): number {
  if (width !== WIDTH_64) return narrowAt(bytes, base, index, width);
  return int32At(bytes, base + HEADER_BYTES + index * WIDTH_64);
}

function setValue(
  bytes: Uint8Array,
  base: number,
  index: number,
  width: number,
  high: number,
  low: number,
): void {
  const at = base + HEADER_BYTES + index * width;
  bytes[at] = low;
  bytes[at + 1] = low >>> 8;
  if (width === WIDTH_16) return;
  bytes[at + 2] = low >>> 16;
  bytes[at + 3] = low >>> 24;
  if (width === WIDTH_64) setInt32(bytes, at + 4, high);
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function setInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
