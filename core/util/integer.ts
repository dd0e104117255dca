// Integers in text form, as Redis's string2ll reads them and ll2string writes them: an optional
// minus sign, no plus, no leading zeros, no spaces, the signed 64-bit range.

const DIGIT_0 = 48;
const MINUS = 45;
/** "00", "01", … "99", one after the other. */
const DIGIT_PAIRS: Uint8Array = new Uint8Array(200).map(
  (_, i) => DIGIT_0 + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10),
);
/** Up to this many digits a double holds the number exactly on the way. */
const SAFE_DIGITS = 15;

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

/**
 * The integer in bytes[start, start+length), or NaN when the text is not a canonical integer or
 * its magnitude is above 2^53 - 1. `parseInt64` covers the rest of the 64-bit range.
 */
export function parseInteger(bytes: Uint8Array, start: number, length: number): number {
  let i = start;
  const end = start + length;
  if (length === 0) return Number.NaN;
  const negative = bytes[i] === MINUS;
  if (negative) i++;
  const digits = end - i;
  if (digits === 0 || digits > SAFE_DIGITS + 1) return Number.NaN;
  let value = bytes[i] - DIGIT_0;
  if (value === 0) return digits === 1 && !negative ? 0 : Number.NaN;
  if (value < 1 || value > 9) return Number.NaN;
  for (i++; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return negative ? -value : value;
}

/** The signed 64-bit integer in the text, or null. Allocates: for what `parseInteger` refuses. */
export function parseInt64(bytes: Uint8Array, start: number, length: number): bigint | null {
  if (length === 0 || length > 20) return null;
  let i = start;
  const end = start + length;
  const negative = bytes[i] === MINUS;
  if (negative) i++;
  if (i === end) return null;
  if (bytes[i] === DIGIT_0) return end - i === 1 && !negative ? 0n : null;
  let value = 0n;
  for (; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return null;
    value = value * 10n + BigInt(digit);
  }
  if (negative) value = -value;
  return value > INT64_MAX || value < INT64_MIN ? null : value;
}

/** Number of characters that `writeInteger` writes for a safe integer. */
export function integerLength(value: number): number {
  if (value < 0) return 1 + integerLength(-value);
  // The upper digits first where a double is needed, so that the comparisons below are of integers.
  if (value > 999999999) return 9 + integerLength(Math.floor(value / 1000000000));
  if (value < 100000) {
    if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3;
    return value < 10000 ? 4 : 5;
  }
  if (value < 10000000) return value < 1000000 ? 6 : 7;
  return value < 100000000 ? 8 : 9;
}

/** Writes a safe integer in decimal at `at`; answers with the offset behind it. */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 10) {
    bytes[at] = DIGIT_0 + value;
    return at + 1;
  }
  const end = at + integerLength(value);
  let start = at;
  let rest = value;
  if (rest < 0) {
    bytes[start++] = MINUS;
    rest = -rest;
  }
  let i = end;
  // Above 2^31 the division is done in doubles, below in integers, which is several times faster.
  while (rest > 0x7fffffff) {
    const next = Math.floor(rest / 10);
    bytes[--i] = DIGIT_0 + (rest - next * 10);
    rest = next;
  }
  let small = rest | 0;
  // Two digits at a time: each division has to wait for the one before.
  while (small > 9) {
    const next = (small / 100) | 0;
    const pair = (small - next * 100) << 1;
    bytes[--i] = DIGIT_PAIRS[pair + 1];
    bytes[--i] = DIGIT_PAIRS[pair];
    small = next;
  }
  if (i > start) bytes[start] = DIGIT_0 + small;
  return end;
}
