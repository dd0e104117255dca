// Doubles in text form.
//
// Writing: Redis 7.2 and later print a double (scores, RESP3 doubles) as an integer when it is one
// of at most 2^62, otherwise with Grisu2's digits (see grisu.ts), as
//   an integer with zeros appended   when the exponent is below the number of digits + 7: 12300000
//   a fraction without exponent      when it has at most 6 places or lies in 0.001..9999: 0.00125
//   d.ddde±x                         otherwise, with as few exponent digits as needed: 1e-7, 2e+20
// The forms of C's printf are here too, for the replies that still use them: "%.17g" (ZSCAN of a
// large sorted set), "%.17f" without trailing zeros (coordinates) and "%.*f". JavaScript's toFixed
// and toPrecision are exact but round a tie up; C rounds it to the even digit.
//
// Reading: strtod as string2d uses it, over the whole argument: decimal or hexadecimal, "inf",
// "infinity", no spaces; NaN and results that overflow or vanish are refused.
import { latin1 } from "./bytes.ts";
import { digitCount, digitExponent, grisuDigits } from "./grisu.ts";
import { writeInteger } from "./integer.ts";

const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const DIGIT_0 = 48;
const LOWER_E = 101;
/** Integers up to here are printed as integers, as Redis's double2ll decides. */
const INTEGER_MAX = 2 * 1024 ** 6 * 2;
/**
 * Below this, numbers of one or two decimal places need no Grisu: they are at least 1/100 of the
 * rounding interval away from its ends, and Grisu2 errs by less than 1/200.
 */
const SMALL_MAX = 1e13;
/** Room that `writeDouble` needs at most. */
export const DOUBLE_TEXT_BYTES_MAX = 32;

/** Up to this many digits are a safe integer, and up to 10^22 powers of ten are exact doubles. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

// Written so that there is one way to read a text: a megabyte of digits and a letter is refused at once.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL =
  /^([+-]?)0[xX](?:([\da-fA-F]+)(?:\.([\da-fA-F]*))?|\.([\da-fA-F]+))(?:[pP]([+-]?\d+))?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** A double as replies and scores show it: "3", "0.1", "1e+25", "inf", "-0", "nan". */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value) && value !== 0) return String(value);
  const bytes = new Uint8Array(DOUBLE_TEXT_BYTES_MAX);
  return latin1(bytes, 0, writeDouble(bytes, 0, value));
}

/** As `formatDouble`, but integers get an exponent too ("1e+8"): DEBUG DIGEST, rewritten AOFs. */
export function formatDoubleShort(value: number): string {
  const bytes = new Uint8Array(DOUBLE_TEXT_BYTES_MAX);
  return latin1(bytes, 0, writeDoubleShort(bytes, 0, value));
}

/**
 * Writes `formatDouble(value)` at bytes[at] and answers with the offset behind it. Allocates
 * nothing but for integers above 2^53.
 */
export function writeDouble(bytes: Uint8Array, at: number, value: number): number {
  if (value === Math.trunc(value) && value !== 0) {
    if (value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER) {
      return writeInteger(bytes, at, value);
    }
    if (value <= INTEGER_MAX && value >= -INTEGER_MAX)
      return writeText(bytes, at, `${BigInt(value)}`);
  }
  return writeDoubleShort(bytes, at, value);
}

/** Writes `formatDoubleShort(value)` at bytes[at] and answers with the offset behind it. */
export function writeDoubleShort(bytes: Uint8Array, at: number, value: number): number {
  if (Number.isNaN(value)) return writeText(bytes, at, "nan");
  let start = at;
  if (value < 0 || Object.is(value, -0)) bytes[start++] = MINUS;
  const magnitude = value < 0 ? -value : value;
  if (magnitude === Number.POSITIVE_INFINITY) return writeText(bytes, start, "inf");
  if (magnitude === 0) {
    bytes[start] = DIGIT_0;
    return start + 1;
  }
  if (magnitude < SMALL_MAX && magnitude !== Math.trunc(magnitude)) {
    if (Math.round(magnitude * 10) / 10 === magnitude) {
      return writePlaces(bytes, start, magnitude, Math.round(magnitude * 10), 10);
    }
    if (Math.round(magnitude * 100) / 100 === magnitude) {
      return writePlaces(bytes, start, magnitude, Math.round(magnitude * 100), 100);
    }
  }
  const packed = grisuDigits(magnitude, bytes, start);
  return layOut(bytes, start, digitCount(packed), digitExponent(packed), start > at);
}

/** Writes units / scale, where `scale` is 10 or 100 and `value` the same number. */
function writePlaces(
  bytes: Uint8Array,
  start: number,
  value: number,
  units: number,
  scale: number,
): number {
  const whole = Math.floor(value);
  const fraction = units - whole * scale;
  let at = writeInteger(bytes, start, whole);
  bytes[at++] = DOT;
  if (scale === 100) bytes[at++] = DIGIT_0 + Math.floor(fraction / 10);
  bytes[at] = DIGIT_0 + (fraction % 10);
  return at + 1;
}

/** Puts the dot, zeros and exponent to the digits at bytes[start]. */
function layOut(
  bytes: Uint8Array,
  start: number,
  count: number,
  lastExponent: number,
  negative: boolean,
): number {
  const exponent = lastExponent + count - 1;
  const size = exponent < 0 ? -exponent : exponent;
  if (lastExponent >= 0 && size < count + 7) {
    bytes.fill(DIGIT_0, start + count, start + count + lastExponent);
    return start + count + lastExponent;
  }
  if (lastExponent < 0 && (lastExponent > -7 || size < 4)) {
    return layOutFraction(bytes, start, count, count + lastExponent);
  }
  let at = start + 1;
  const shown = Math.min(count, negative ? 17 : 18);
  if (shown > 1) {
    bytes.copyWithin(at + 1, at, start + shown);
    bytes[at] = DOT;
    at += shown;
  }
  bytes[at++] = LOWER_E;
  bytes[at++] = exponent < 0 ? MINUS : PLUS;
  return writeInteger(bytes, at, size);
}

/** `before` digits stand before the dot; when there are none, -`before` zeros follow it. */
function layOutFraction(bytes: Uint8Array, start: number, count: number, before: number): number {
  if (before > 0) {
    bytes.copyWithin(start + before + 1, start + before, start + count);
    bytes[start + before] = DOT;
    return start + count + 1;
  }
  const digits = start + 2 - before;
  bytes.copyWithin(digits, start, start + count);
  bytes.fill(DIGIT_0, start, digits);
  bytes[start + 1] = DOT;
  return digits + count;
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

/** C's "%.17g", with Redis's words for what is not finite. */
export function formatDouble17(value: number): string {
  if (!Number.isFinite(value)) return formatDouble(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const digits = seventeenDigits(value < 0 ? -value : value);
  const [mantissa, exponentText] = digits.split("e");
  const exponent = Number(exponentText);
  const figures = mantissa.replace(".", "");
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= 17) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${trimZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}${trimZeros(`0.${"0".repeat(-exponent - 1)}${figures}`)}`;
  const before = exponent + 1;
  return sign + trimZeros(`${figures.slice(0, before)}.${figures.slice(before)}`);
}

/** `d.dddde±x` with 17 digits, a tie rounded to the even one. */
function seventeenDigits(magnitude: number): string {
  const rounded = magnitude.toExponential(16);
  // A tie is a number of exactly 18 digits, of which the last is a 5.
  const longer = magnitude.toExponential(17);
  const end = longer.indexOf("e");
  if (longer[end - 1] !== "5" || (longer.charCodeAt(end - 2) & 1) === 1) return rounded;
  // No double comes closer than this to an 18-digit number without being one.
  const exact = magnitude.toExponential(60);
  const isTie = /^0*$/.test(exact.slice(end, exact.indexOf("e")));
  return isTie ? longer.slice(0, end - 1) + longer.slice(end) : rounded;
}

/** C's "%.17f" without trailing zeros, as coordinates are shown; never "-0". */
export function formatHumanLongDouble(value: number): string {
  if (!Number.isFinite(value)) return formatDouble(value);
  const text = trimZeros(formatFixed(value, 17));
  return text === "-0" ? "0" : text;
}

/** C's "%.*f": exactly `digits` digits (at most 20) behind the dot, ties to the even digit. */
export function formatFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return formatDouble(value);
  const negative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  // A tie has its last binary place just behind the last decimal one.
  const scaled = magnitude * (1 << (digits + 1));
  let text: string;
  if (scaled % 2 === 1) text = fixedTie(BigInt(scaled), digits);
  else if (magnitude < 1e21) text = magnitude.toFixed(digits);
  else text = `${BigInt(magnitude)}${digits === 0 ? "" : `.${"0".repeat(digits)}`}`;
  return negative ? `-${text}` : text;
}

/** `scaled` / 2^(digits + 1) rounded to the even one of its two neighbours. */
function fixedTie(scaled: bigint, digits: number): string {
  // × 10^digits leaves halves.
  const halves = scaled * 5n ** BigInt(digits);
  let units = halves >> 1n;
  if ((units & 1n) === 1n) units++;
  const text = units.toString().padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * `digits` digits behind the dot, rounded after scaling in double arithmetic, as GEODIST and the
 * distances of GEOSEARCH are shown (with 4).
 */
export function formatScaled(value: number, digits: number): string {
  const scaled = value * POWERS_OF_TEN[digits];
  const negative = scaled < 0;
  const magnitude = Math.abs(scaled);
  let units = Math.floor(magnitude);
  const rest = magnitude - units;
  if (rest > 0.5 || (rest === 0.5 && units % 2 === 1)) units++;
  const text = BigInt(units)
    .toString()
    .padStart(digits + 1, "0");
  const sign = negative && units > 0 ? "-" : "";
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Without the zeros at the end of a fraction, and without a dot that ends the text then. */
export function trimZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === DIGIT_0) end--;
  if (text.charCodeAt(end - 1) === DOT) end--;
  return text.slice(0, end);
}

/** The double in bytes[start, start+length), or NaN when Redis would not take it for one. */
export function parseDouble(bytes: Uint8Array, start: number, length: number): number {
  if (length <= EXACT_DIGITS) {
    const value = parseShort(bytes, start, length);
    if (!Number.isNaN(value)) return value;
  }
  return length === 0 ? Number.NaN : parseLong(latin1(bytes, start, start + length));
}

/** As `parseDouble`, for a string of one character per byte. */
export function parseDoubleText(text: string): number {
  return parseLong(text);
}

/** Up to 15 digits with a dot: both the digits and the power of ten are exact, so is the ratio. */
function parseShort(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length;
  let i = start;
  const negative = bytes[i] === MINUS;
  if (negative || bytes[i] === PLUS) i++;
  const first = i;
  let units = 0;
  let dot = -1;
  for (; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (bytes[i] === DOT && dot < 0) dot = i;
    else return Number.NaN;
  }
  const digits = end - first - (dot < 0 ? 0 : 1);
  if (digits <= 0) return Number.NaN;
  const value = dot < 0 ? units : units / POWERS_OF_TEN[end - dot - 1];
  return negative ? -value : value;
}

function parseLong(text: string): number {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return Number.NaN;
    return value === 0 && /[1-9]/.test(text.split(/e/i)[0]) ? Number.NaN : value;
  }
  if (INFINITE.test(text)) {
    return text[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const parts = HEXADECIMAL.exec(text);
  if (parts === null) return Number.NaN;
  const [, sign, whole = "", fraction = "", bare = "", exponent = "0"] = parts;
  const value = hexadecimalValue(whole + fraction + bare, Number(exponent), fraction + bare);
  return sign === "-" ? -value : value;
}

/** `digits` (hexadecimal, `places` of them behind the dot) × 2^exponent, or NaN out of range. */
function hexadecimalValue(digits: string, exponent: number, places: string): number {
  const units = BigInt(`0x${digits}`);
  if (units === 0n) return 0;
  const lowest = exponent - 4 * places.length;
  const bits = units.toString(2).length;
  if (bits + lowest > 1024 || bits + lowest < -1080) return Number.NaN;
  // The result's lowest bit; what lies below it is rounded off, ties to even.
  const resultLowest = Math.max(bits + lowest - 53, -1074);
  const drop = resultLowest - lowest;
  const rounded = drop <= 0 ? units << BigInt(-drop) : roundHalfEven(units, drop);
  const value = scaleByPowerOfTwo(Number(rounded), resultLowest);
  return value === 0 || value === Number.POSITIVE_INFINITY ? Number.NaN : value;
}

/** value / 2^bits, rounded to nearest, ties to even. */
export function roundHalfEven(value: bigint, bits: number): bigint {
  const quotient = value >> BigInt(bits);
  const rest = value - (quotient << BigInt(bits));
  const half = 1n << BigInt(bits - 1);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** Exact for an integer of at most 53 bits and a result that is a double. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  let result = value;
  for (let left = exponent; left > 0; left--) result *= 2;
  for (let left = exponent; left < 0; left++) result /= 2;
  return result;
}
