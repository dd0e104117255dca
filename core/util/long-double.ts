// The 80-bit floating point numbers of x87, which Redis computes INCRBYFLOAT, HINCRBYFLOAT and the
// timeouts of blocking commands with: 64 bits of significand, exponents up to 2^16383, results
// rounded to the nearest, ties to the even one. What clients see of them is "%.17f" without the
// zeros at the end, so 5000 + 0.1 is "5000.10000000000000009" there, and must be so here.
//
// A number is `significand` × 2^exponent with a BigInt significand below 2^64. Many additions need
// none of that: two decimals of few digits whose sum is below about 45 differ from the exact
// decimal sum by less than half of the 17th place, so the exact sum is what gets printed. For that
// a number also keeps its decimal form, `units` / 10^places.
//
// Zero has no sign here: the text form does not show it, and no sum depends on it.
import { latin1 } from "./bytes.ts";
import { roundHalfEven, trimZeros } from "./double.ts";

const SIGNIFICAND_BITS = 64;
/** Exponent of the lowest bit of the smallest numbers. */
const EXPONENT_MIN = -16445;
/** Numbers are below 2^this. */
const EXPONENT_MAX = 16384;
/** The decimal exponents of all numbers lie well within these. */
const DECIMAL_MAX = 4940;
const DECIMAL_MIN = -4970;
/** Redis copies the text to a buffer of this size, with a terminator. */
const TEXT_BYTES_MAX = 5 * 1024 - 1;
/** Digits behind the dot in the text form. */
const PLACES = 17;

/** Up to this many digits, the units of a sum are a safe integer in any common scale. */
const SHORT_DIGITS_MAX = 15;
/** Three roundings of at most 2^-64 of this stay below 10^-17 / 2. */
const SHORT_SUM_MAX = 45;
const POWERS_OF_TEN = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

const DECIMAL = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const HEXADECIMAL =
  /^([+-]?)0[xX](?:([\da-fA-F]+)(?:\.([\da-fA-F]*))?|\.([\da-fA-F]+))(?:[pP]([+-]?\d+))?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** A finite or infinite number; never NaN. */
export class LongDouble {
  /** 1 or -1 for an infinity, else 0. */
  readonly infinite: number;
  /** Decimal form when `places` >= 0: the number is the one nearest to units / 10^places. */
  readonly units: number;
  readonly places: number;
  #significand: bigint;
  #exponent: number;
  #isExact: boolean;

  private constructor(infinite: number, units: number, places: number) {
    this.infinite = infinite;
    this.units = units;
    this.places = places;
    this.#significand = 0n;
    this.#exponent = 0;
    this.#isExact = false;
  }

  static infinity(sign: number): LongDouble {
    return new LongDouble(sign, 0, -1);
  }

  /** units / 10^places; `units` is of at most 15 digits. */
  static decimal(units: number, places: number): LongDouble {
    return new LongDouble(0, units, places);
  }

  /** A number that is exactly significand × 2^exponent. */
  static exact(significand: bigint, exponent: number): LongDouble {
    const value = new LongDouble(0, 0, -1);
    value.#significand = significand;
    value.#exponent = exponent;
    value.#isExact = true;
    return value;
  }

  /** Lowest bit's power of two. */
  get exponent(): number {
    this.#makeExact();
    return this.#exponent;
  }

  /** Signed, its magnitude below 2^64. */
  get significand(): bigint {
    this.#makeExact();
    return this.#significand;
  }

  #makeExact(): void {
    if (this.#isExact) return;
    const value = ofDecimal(BigInt(this.units), -this.places);
    this.#significand = value.significand;
    this.#exponent = value.exponent;
    this.#isExact = true;
  }
}

/** The number in the text, by Redis's string2ld: strtold over the whole of it. Null if it is none. */
export function parseLongDouble(
  bytes: Uint8Array,
  start: number,
  length: number,
): LongDouble | null {
  if (length === 0 || length > TEXT_BYTES_MAX) return null;
  return parseLongDoubleText(latin1(bytes, start, start + length));
}

/** As `parseLongDouble`, for a string of one character per byte. */
export function parseLongDoubleText(text: string): LongDouble | null {
  if (text.length > TEXT_BYTES_MAX) return null;
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) {
    const [, sign, whole = "", fraction = "", bare = "", exponent] = decimal;
    return parseDecimal(sign, whole, fraction + bare, exponent);
  }
  if (INFINITE.test(text)) return LongDouble.infinity(text[0] === "-" ? -1 : 1);
  const parts = HEXADECIMAL.exec(text);
  if (parts === null) return null;
  const [, sign, whole = "", fraction = "", bare = "", exponent = "0"] = parts;
  const units = BigInt(`0x${whole}${fraction}${bare}`);
  if (units === 0n) return LongDouble.decimal(0, 0);
  const lowest = Number(exponent) - 4 * (fraction.length + bare.length);
  const highest = lowest + bitLength(units);
  if (highest > EXPONENT_MAX || highest < EXPONENT_MIN - 1) return null;
  return finiteOrNull(rounded(sign === "-" ? -units : units, lowest));
}

/** Any signed 64-bit integer is a long double. */
export function longDoubleOf(value: number | bigint): LongDouble {
  if (typeof value === "number" && Math.abs(value) < POWERS_OF_TEN[SHORT_DIGITS_MAX]) {
    return LongDouble.decimal(value, 0);
  }
  return LongDouble.exact(BigInt(value), 0);
}

/**
 * The text of a + b as INCRBYFLOAT stores it, or null when the sum is not a finite number
 * ("increment would produce NaN or Infinity").
 */
export function addLongDoubles(a: LongDouble, b: LongDouble): string | null {
  if (a.infinite !== 0 || b.infinite !== 0) return null;
  if (a.places >= 0 && b.places >= 0) {
    const text = addShort(a, b);
    if (text !== "") return text;
  }
  const sum = addExact(a, b);
  return sum === null ? null : formatLongDouble(sum);
}

/** "%.17f" without the zeros at the end and without "-0". */
export function formatLongDouble(value: LongDouble): string {
  if (value.infinite !== 0) return value.infinite > 0 ? "inf" : "-inf";
  const { significand, exponent } = value;
  if (exponent >= 0) return `${significand << BigInt(exponent)}`;
  const negative = significand < 0n;
  const magnitude = negative ? -significand : significand;
  const units = roundHalfEven(magnitude * 10n ** BigInt(PLACES), -exponent);
  if (units === 0n) return "0";
  const digits = units.toString().padStart(PLACES + 1, "0");
  const text = trimZeros(`${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`);
  return negative ? `-${text}` : text;
}

/**
 * A timeout in seconds as milliseconds, rounded up after a multiplication in 80 bits: NaN when the
 * text is not a number, infinity when it is above 2^63 - 1 ms. May be negative.
 */
export function parseSecondsMs(bytes: Uint8Array, start: number, length: number): number {
  const seconds = parseLongDouble(bytes, start, length);
  if (seconds === null) return Number.NaN;
  if (seconds.infinite !== 0) return seconds.infinite * Number.POSITIVE_INFINITY;
  if (seconds.places === 0) return seconds.units * 1000;
  const product = rounded(seconds.significand * 1000n, seconds.exponent);
  if (product.infinite !== 0) return product.infinite * Number.POSITIVE_INFINITY;
  const { significand, exponent } = product;
  const milliseconds =
    exponent >= 0 ? significand << BigInt(exponent) : -(-significand >> BigInt(-exponent));
  return milliseconds > 0x7fffffffffffffffn ? Number.POSITIVE_INFINITY : Number(milliseconds);
}

function parseDecimal(
  sign: string,
  whole: string,
  fraction: string,
  exponentText: string | undefined,
): LongDouble | null {
  const digits = whole + fraction;
  if (digits.length <= SHORT_DIGITS_MAX && exponentText === undefined) {
    const units = Number(digits);
    return LongDouble.decimal(sign === "-" ? -units : units, fraction.length);
  }
  const units = BigInt(digits);
  if (units === 0n) return LongDouble.decimal(0, 0);
  const lowest = Number(exponentText ?? "0") - fraction.length;
  // The decimal exponent of the first digit that is not zero.
  const highest = lowest + units.toString().length;
  if (highest > DECIMAL_MAX || highest < DECIMAL_MIN) return null;
  return finiteOrNull(ofDecimal(sign === "-" ? -units : units, lowest));
}

/** Overflow, and what is too small to be anything but zero, are not numbers for Redis. */
function finiteOrNull(value: LongDouble): LongDouble | null {
  return value.infinite !== 0 || value.significand === 0n ? null : value;
}

/** The exact sum of two short decimals when it is surely what would be printed, else "". */
function addShort(a: LongDouble, b: LongDouble): string {
  if (a.places === 0 && b.places === 0) return String(a.units + b.units);
  const places = Math.max(a.places, b.places);
  const aSize = Math.abs(a.units) / POWERS_OF_TEN[a.places];
  const bSize = Math.abs(b.units) / POWERS_OF_TEN[b.places];
  if (aSize + bSize > SHORT_SUM_MAX) return "";
  const units =
    a.units * POWERS_OF_TEN[places - a.places] + b.units * POWERS_OF_TEN[places - b.places];
  if (!Number.isSafeInteger(units)) return "";
  const digits = String(Math.abs(units)).padStart(places + 1, "0");
  const text = trimZeros(`${digits.slice(0, -places)}.${digits.slice(-places)}`);
  return units < 0 ? `-${text}` : text;
}

function addExact(a: LongDouble, b: LongDouble): LongDouble | null {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum =
    (a.significand << BigInt(a.exponent - exponent)) +
    (b.significand << BigInt(b.exponent - exponent));
  const value = rounded(sum, exponent);
  return value.infinite !== 0 ? null : value;
}

/** units × 10^exponent, rounded. */
function ofDecimal(units: bigint, exponent: number): LongDouble {
  if (exponent >= 0) return rounded(units * 10n ** BigInt(exponent), 0);
  const negative = units < 0n;
  const magnitude = negative ? -units : units;
  const divisor = 10n ** BigInt(-exponent);
  // Two bits more than the result can hold, and a last one that stands for all that follows.
  const shift = Math.max(SIGNIFICAND_BITS + 2 - bitLength(magnitude) + bitLength(divisor), 0);
  const dividend = magnitude << BigInt(shift);
  const quotient = dividend / divisor;
  const rest = quotient * divisor === dividend ? 0n : 1n;
  const sticky = (quotient << 1n) | rest;
  return rounded(negative ? -sticky : sticky, -shift - 1);
}

/** value × 2^exponent in 64 bits of significand, or an infinity. */
function rounded(value: bigint, exponent: number): LongDouble {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const drop = Math.max(bitLength(magnitude) - SIGNIFICAND_BITS, EXPONENT_MIN - exponent);
  const kept = drop > 0 ? roundHalfEven(magnitude, drop) : magnitude;
  const lowest = drop > 0 ? exponent + drop : exponent;
  if (bitLength(kept) + lowest > EXPONENT_MAX) return LongDouble.infinity(negative ? -1 : 1);
  return LongDouble.exact(negative ? -kept : kept, lowest);
}

/** Number of bits of a value that is not negative. */
function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hexadecimal = value.toString(16);
  return hexadecimal.length * 4 - Math.clz32(Number.parseInt(hexadecimal[0], 16)) + 28;
}
