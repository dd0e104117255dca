// Signed 64-bit integers as two int32 halves, `high` and `low`, for values that a double does not
// hold exactly: nothing is allocated, unlike with BigInt. Text is Redis's canonical decimal form
// (see integer.ts).
import { integerLength, writeInteger } from "./integer.ts";

const MINUS = 45;
const DIGIT_0 = 48;
const BILLION = 1000000000;
const TWO_16 = 65536;
const TWO_32 = 4294967296;
/** 2^53 as the upper half: beyond it are no safe integers. */
const SAFE_HIGH = 0x200000;
/** Digits of the largest magnitude, 2^63. */
const DIGITS_MAX = 19;
const INT64_MAX_TEXT = "9223372036854775807";

/** The upper half of a safe integer. */
export function highOf(value: number): number {
  return Math.floor(value / TWO_32) | 0;
}

/** The lower half of a safe integer. */
export function lowOf(value: number): number {
  return value | 0;
}

/** The integer as a number when it is a safe one, else NaN. */
export function int64Number(high: number, low: number): number {
  if (high >= SAFE_HIGH || high < -SAFE_HIGH) return Number.NaN;
  const value = high * TWO_32 + (low >>> 0);
  return value >= -Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}

/** The integer as a BigInt. */
export function int64BigInt(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** <0, 0 or >0 as a is less than, equal to or greater than b. */
export function compareInt64(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  return aHigh === bHigh ? (aLow >>> 0) - (bLow >>> 0) : aHigh - bHigh;
}

/** True when bytes[start, start+length) is the canonical decimal form of a 64-bit integer. */
export function isInt64(bytes: Uint8Array, start: number, length: number): boolean {
  if (length === 0 || length > DIGITS_MAX + 1) return false;
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const end = start + length;
  const digits = end - first;
  if (digits === 0 || digits > DIGITS_MAX) return false;
  if (bytes[first] === DIGIT_0) return digits === 1 && !negative;
  for (let i = first; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return false;
  }
  if (digits < DIGITS_MAX) return true;
  for (let i = 0; i < DIGITS_MAX; i++) {
    const difference = bytes[first + i] - INT64_MAX_TEXT.charCodeAt(i);
    // The magnitude of the smallest integer is one more than that of the largest.
    if (difference !== 0) return difference < 0 || (negative && i === 18 && difference === 1);
  }
  return true;
}

/** The upper half of the integer in the text, which `isInt64` has accepted. */
export function parseHigh(bytes: Uint8Array, start: number, length: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const end = start + length;
  const split = end - first > 9 ? end - 9 : first;
  const billions = digitsValue(bytes, first, split);
  const rest = digitsValue(bytes, split, end);
  // billions × 10^9 + rest in two steps of 16 bits.
  const upper = Math.floor(billions / TWO_16);
  const lower = (billions - upper * TWO_16) * BILLION + rest;
  const high = Math.floor((upper * BILLION + Math.floor(lower / TWO_16)) / TWO_16);
  if (!negative) return high | 0;
  const low = (Math.imul(billions, BILLION) + rest) | 0;
  return low === 0 ? -high | 0 : ~high;
}

/** The lower half of the integer in the text, which `isInt64` has accepted. */
export function parseLow(bytes: Uint8Array, start: number, length: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const end = start + length;
  const split = end - first > 9 ? end - 9 : first;
  const billions = digitsValue(bytes, first, split);
  const low = (Math.imul(billions, BILLION) + digitsValue(bytes, split, end)) | 0;
  return negative ? -low | 0 : low;
}

function digitsValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + bytes[i] - DIGIT_0;
  return value;
}

/** Number of characters that `writeInt64` writes. */
export function int64Length(high: number, low: number): number {
  const value = int64Number(high, low);
  if (!Number.isNaN(value)) return integerLength(value);
  return (
    (high < 0 ? 10 : 9) + integerLength(billionsOf(magnitudeHigh(high, low), magnitude(high, low)))
  );
}

/** Writes the integer in decimal at bytes[at]; answers with the offset behind it. */
export function writeInt64(bytes: Uint8Array, at: number, high: number, low: number): number {
  const value = int64Number(high, low);
  if (!Number.isNaN(value)) return writeInteger(bytes, at, value);
  let start = at;
  if (high < 0) bytes[start++] = MINUS;
  const upper = magnitudeHigh(high, low);
  const lower = magnitude(high, low);
  const billions = billionsOf(upper, lower);
  const end = writeInteger(bytes, start, billions) + 9;
  let rest = (lower - Math.imul(billions, BILLION)) >>> 0;
  for (let i = end - 1; i >= end - 9; i--) {
    bytes[i] = DIGIT_0 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

/** The lower half of the magnitude. */
function magnitude(high: number, low: number): number {
  return high < 0 ? -low | 0 : low;
}

/** The upper half of the magnitude, unsigned. */
function magnitudeHigh(high: number, low: number): number {
  if (high >= 0) return high;
  return (low === 0 ? -high : ~high) >>> 0;
}

/** (high × 2^32 + low) / 10^9, rounded down; both halves unsigned. */
function billionsOf(high: number, low: number): number {
  const top = Math.floor(high / BILLION);
  const middle = (high - top * BILLION) * TWO_16 + (low >>> 16);
  const middleQuotient = Math.floor(middle / BILLION);
  const bottom = (middle - middleQuotient * BILLION) * TWO_16 + (low & 0xffff);
  return (top * TWO_16 + middleQuotient) * TWO_16 + Math.floor(bottom / BILLION);
}
