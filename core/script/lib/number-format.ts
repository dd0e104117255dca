// Numbers as text, as C's printf and strtod have them, which is what Lua prints and reads.
//
// JavaScript's toFixed and toExponential are exact for every number of digits but round a tie up;
// C rounds it to the even digit. A value is a tie at the decimal place 10^(q+1) exactly when it is
// an odd multiple of 10^(q+1) / 2 = 5^(q+1) 2^q: so value / 2^q must be an odd integer, and for
// places left of the dot also a multiple of 5^(q+1). That is two operations on exact doubles.
//
// NaN has a sign in C, which JavaScript does not show. It is printed as "-nan", as x86 gives it for
// 0/0 and infinity - infinity; where a script negates such a NaN, Redis would print "nan".

const MINUS = 45;
const DOT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
/** Lua's own format is "%.14g". */
const LUA_DIGITS = 14;
const LUA_INTEGER_LIMIT = 1e14;
/** A string this long has at most 14 digits beside its dot. */
const LUA_TEXT_MAX = LUA_DIGITS + 1;
/** From here on toFixed answers with an exponent; all such doubles are integers. */
const FIXED_LIMIT = 1e21;
/** So many digits are a safe integer. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];
/** 5^22 is the highest power of five below 2^53. */
const FIVES_MAX = 22;

const WHITESPACE = "[ \\t\\n\\v\\f\\r]*";
// No text may be matched in two ways by a part: a long one would take quadratic time to refuse.
const DECIMAL = "(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:e[+-]?\\d+)?";
const HEXADECIMAL = "0x(?:[\\da-f]+(?:\\.[\\da-f]*)?|\\.[\\da-f]+)(?:p[+-]?\\d+)?";
const WORDS = "inf(?:inity)?|nan(?:\\(\\w*\\))?";
const NUMBER: RegExp = new RegExp(
  `^${WHITESPACE}([+-]?)(?:(${DECIMAL})|(${HEXADECIMAL})|(${WORDS}))${WHITESPACE}$`,
  "i",
);
/** What strtod reads at the beginning of a text. */
const NUMBER_PREFIX: RegExp = new RegExp(
  `${WHITESPACE}([+-]?)(?:(${HEXADECIMAL})|(${DECIMAL})|(${WORDS}))`,
  "iy",
);

/** The text of a number in Lua: "%.14g". */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) {
    if (value < LUA_INTEGER_LIMIT && value > -LUA_INTEGER_LIMIT) {
      return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
    }
  } else if (
    (value >= 1e-4 && value < LUA_INTEGER_LIMIT) ||
    (value <= -1e-4 && value > -LUA_INTEGER_LIMIT)
  ) {
    // The shortest text that reads back as the number is also the nearest one of so few digits.
    const text = `${value}`;
    if (text.length <= LUA_TEXT_MAX) return text;
  }
  return formatGeneral(value, LUA_DIGITS, false);
}

/** "inf", "-inf" or "-nan". */
export function formatNotFinite(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "inf";
  return value === Number.NEGATIVE_INFINITY ? "-inf" : "-nan";
}

/** C's "%.*e"; `keepDot` is the flag '#'. At most 100 digits behind the dot. */
export function formatExponential(value: number, digits: number, keepDot: boolean): string {
  if (!Number.isFinite(value)) return formatNotFinite(value);
  const text = roundedExponential(Math.abs(value), digits);
  const end = text.indexOf("e");
  const mantissa = text.slice(0, end);
  const dot = keepDot && digits === 0 ? "." : "";
  return `${signOf(value)}${mantissa}${dot}${exponentText(Number(text.slice(end + 1)))}`;
}

/** C's "%.*f"; `keepDot` is the flag '#'. At most 100 digits behind the dot. */
export function formatFixed(value: number, digits: number, keepDot: boolean): string {
  if (!Number.isFinite(value)) return formatNotFinite(value);
  const dot = keepDot && digits === 0 ? "." : "";
  return `${signOf(value)}${roundedFixed(Math.abs(value), digits)}${dot}`;
}

/** C's "%.*g"; `keepZeros` is the flag '#'. At most 100 digits. */
export function formatGeneral(value: number, precision: number, keepZeros: boolean): string {
  if (!Number.isFinite(value)) return formatNotFinite(value);
  const digits = precision === 0 ? 1 : precision;
  const text = roundedExponential(Math.abs(value), digits - 1);
  const end = text.indexOf("e");
  const exponent = Number(text.slice(end + 1));
  const figures = digits === 1 ? text.slice(0, end) : text[0] + text.slice(2, end);
  const sign = signOf(value);
  if (exponent < -4 || exponent >= digits) {
    const mantissa = withDot(figures, 1, keepZeros);
    return `${sign}${mantissa}${exponentText(exponent)}`;
  }
  if (exponent >= 0) return sign + withDot(figures, exponent + 1, keepZeros);
  return sign + withDot(`0${"0".repeat(-exponent - 1)}${figures}`, 1, keepZeros);
}

/** The number that is all of the text but for white space around it, as Lua reads it. */
export function parseNumber(text: string): number | undefined {
  const short = parseShortInteger(text);
  if (short >= 0) return short;
  // The text ends at its first zero byte: C's strings do.
  const zero = text.indexOf("\0");
  const parts = NUMBER.exec(zero < 0 ? text : text.slice(0, zero));
  if (parts === null) return undefined;
  return numberOf(parts[1], parts[2], parts[3], parts[4]);
}

/** What strtod found: the number, and the offset behind it, which is `at` when there is none. */
export interface NumberPrefix {
  value: number;
  end: number;
}

/** The number that the text begins with at offset `at`. */
export function parseNumberPrefix(text: string, at: number): NumberPrefix {
  const short = parseShortPrefix(text, at);
  if (short !== null) return short;
  NUMBER_PREFIX.lastIndex = at;
  const parts = NUMBER_PREFIX.exec(text);
  if (parts === null) return { value: 0, end: at };
  return { value: numberOf(parts[1], parts[3], parts[2], parts[4]), end: NUMBER_PREFIX.lastIndex };
}

/** Digits with a dot, up to 15 of them: they and the power of ten are exact, so is the ratio. */
function parseShortPrefix(text: string, start: number): NumberPrefix | null {
  let at = start;
  const isNegative = text.charCodeAt(at) === MINUS;
  if (isNegative) at++;
  const first = at;
  let units = 0;
  let dot = -1;
  let code = text.charCodeAt(at);
  for (; (code >= DIGIT_0 && code <= DIGIT_9) || (code === DOT && dot < 0); ) {
    if (code === DOT) dot = at;
    else units = units * 10 + code - DIGIT_0;
    code = text.charCodeAt(++at);
  }
  const digitCount = at - first - (dot < 0 ? 0 : 1);
  const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
  if (digitCount < 1 || digitCount > EXACT_DIGITS || isLetter || code === DOT) return null;
  const value = dot < 0 ? units : units / POWERS_OF_TEN[at - dot - 1];
  return { value: isNegative ? -value : value, end: at };
}

/** Up to nine decimal digits, or -1. */
function parseShortInteger(text: string): number {
  const { length } = text;
  if (length === 0 || length > 9) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < DIGIT_0 || code > DIGIT_9) return -1;
    value = value * 10 + code - DIGIT_0;
  }
  return value;
}

function numberOf(
  sign: string,
  decimal: string | undefined,
  hexadecimal: string | undefined,
  word: string | undefined,
): number {
  let value: number;
  if (decimal !== undefined) value = Number(decimal);
  else if (hexadecimal !== undefined) value = hexadecimalValue(hexadecimal);
  else value = /^n/i.test(word as string) ? Number.NaN : Number.POSITIVE_INFINITY;
  return sign === "-" ? -value : value;
}

/** "0x…" with an optional fraction and binary exponent, rounded to nearest, ties to even. */
function hexadecimalValue(text: string): number {
  const [digits, exponent = "0"] = text.slice(2).toLowerCase().split("p");
  const [whole, fraction = ""] = digits.split(".");
  let units = BigInt(`0x0${whole}${fraction}`);
  if (units === 0n) return 0;
  const lowest = Number(exponent) - 4 * fraction.length;
  const bits = units.toString(16).length * 4;
  if (bits + lowest > 1028) return Number.POSITIVE_INFINITY;
  if (bits + lowest < -1080) return 0;
  // Lowest bit that the result may have. What lies below is rounded off here.
  const exactBits = units.toString(2).length;
  const resultLowest = Math.max(exactBits + lowest - 53, -1074);
  const drop = resultLowest - lowest;
  if (drop <= 0) return scaled(Number(units), lowest);
  const rest = BigInt.asUintN(drop, units);
  const half = 1n << BigInt(drop - 1);
  units >>= BigInt(drop);
  if (rest > half || (rest === half && (units & 1n) === 1n)) units++;
  return scaled(Number(units), resultLowest);
}

/** value × 2^exponent in steps that are exact, as no result has more than 53 bits. */
function scaled(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  for (; left > 512; left -= 512) result *= 2 ** 512;
  for (; left < -512; left += 512) result /= 2 ** 512;
  return left < 0 ? result / 2 ** -left : result * 2 ** left;
}

function signOf(value: number): string {
  return value < 0 || (value === 0 && 1 / value < 0) ? "-" : "";
}

/** At least two digits: "e+05". */
function exponentText(exponent: number): string {
  const size = exponent < 0 ? -exponent : exponent;
  return `e${exponent < 0 ? "-" : "+"}${size < 10 ? "0" : ""}${size}`;
}

/** A dot behind `before` of the figures, zeros at the end of the fraction left out or kept. */
function withDot(figures: string, before: number, keepZeros: boolean): string {
  if (keepZeros) return `${figures.slice(0, before)}.${figures.slice(before)}`;
  let end = figures.length;
  while (end > before && figures.charCodeAt(end - 1) === DIGIT_0) end--;
  if (end === before) return end === figures.length ? figures : figures.slice(0, end);
  return `${figures.slice(0, before)}.${figures.slice(before, end)}`;
}

/** toExponential with ties to the even digit. */
function roundedExponential(magnitude: number, digits: number): string {
  const text = magnitude.toExponential(digits);
  const end = text.indexOf("e");
  const exponent = Number(text.slice(end + 1));
  const last = text.charCodeAt(end - 1);
  if ((last & 1) === 0 || !isTie(magnitude, exponent - digits - 1)) return text;
  return text.slice(0, end - 1) + String.fromCharCode(last - 1) + text.slice(end);
}

/** toFixed with ties to the even digit, for all magnitudes. */
function roundedFixed(magnitude: number, digits: number): string {
  if (magnitude >= FIXED_LIMIT) {
    return digits === 0 ? `${BigInt(magnitude)}` : `${BigInt(magnitude)}.${"0".repeat(digits)}`;
  }
  const text = magnitude.toFixed(digits);
  const last = text.charCodeAt(text.length - 1);
  if ((last & 1) === 0 || !isTie(magnitude, -digits - 1)) return text;
  return text.slice(0, -1) + String.fromCharCode(last - 1);
}

/** Whether the magnitude lies exactly between two multiples of 10^(place + 1). */
function isTie(magnitude: number, place: number): boolean {
  if (place >= FIVES_MAX) return false;
  // Exact both ways: magnitudes that overflow or lose bits here have no bit at `place`.
  const units = place < 0 ? magnitude * 2 ** -place : magnitude / 2 ** place;
  return units % 2 === 1 && (place < 0 || units % 5 ** (place + 1) === 0);
}
