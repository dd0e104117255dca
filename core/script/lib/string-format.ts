// string.format: C's printf as Lua 5.1 lets it through. A conversion is
//
//   % flags (of "-+ #0", five at most)  width (two digits at most)  . precision (likewise)  letter
//
// Texts end at their first zero byte, as they pass through C's strings.
import { checkNumber, checkString, toIntDirectly, toInteger } from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaValue, Results } from "../lua/value.ts";
import { toUnsigned } from "./binary.ts";
import { formatExponential, formatFixed, formatGeneral, formatNotFinite } from "./number-format.ts";
import { checkLength, ownCopy } from "./string-limit.ts";

const FLAGS = "-+ #0";
const FLAG_COUNT_MAX = 5;
/** From this length on a text is taken as it is, when the conversion has no precision. */
const LONG_TEXT_MIN = 100;
const PRECISION_DEFAULT = 6;

/** A call has no more arguments than this, so what comes later is never reached. */
const CONVERSION_COUNT_MAX = 8000;
const CACHED_COUNT_MAX = 256;
/** Longer formats are taken apart each time. */
const CACHED_LENGTH_MAX = 256;

/** What stands between '%' and the letter; a precision of -1 is none. */
interface Conversion {
  /** The text in front of it. */
  readonly before: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number;
  readonly letter: string;
  /** There is nothing between '%' and the letter. */
  readonly isBare: boolean;
  /** What is wrong with it, which shows when its turn comes. */
  readonly mistake: string;
}

interface Format {
  readonly conversions: readonly Conversion[];
  /** The text behind the last conversion. */
  readonly rest: string;
}

export function formatFunction(rt: Runtime): LuaFunction {
  const cache: Map<string, Format> = new Map();

  function formatOf(text: string): Format {
    let format = cache.get(text);
    if (format === undefined) {
      // Its parts are texts cut out of the format.
      const key = text.length <= CACHED_LENGTH_MAX ? ownCopy(text) : text;
      format = parseFormat(key);
      if (cache.size >= CACHED_COUNT_MAX) cache.clear();
      if (text.length <= CACHED_LENGTH_MAX) cache.set(key, format);
    }
    return format;
  }

  return rt.native("format", (...args: LuaValue[]): Results => {
    const count = args.length;
    const { conversions, rest } = formatOf(checkString(rt, args[0], 1, count));
    let result = "";
    for (let i = 0; i < conversions.length; i++) {
      const conversion = conversions[i];
      result += conversion.before;
      const n = i + 2;
      if (n > count) rt.argError(n, "no value");
      result += convert(rt, conversion, args[n - 1], n, count);
    }
    result += rest;
    checkLength(rt, result.length);
    return result;
  });
}

function parseFormat(text: string): Format {
  const conversions: Conversion[] = [];
  let before = "";
  let at = 0;
  for (;;) {
    const percent = text.indexOf("%", at);
    if (percent < 0 || conversions.length > CONVERSION_COUNT_MAX) {
      return { conversions, rest: before + text.slice(at) };
    }
    before += text.slice(at, percent);
    at = percent + 1;
    if (text[at] === "%") {
      before += "%";
      at++;
      continue;
    }
    const start = at;
    at = letterAfter(text, start);
    conversions.push(parseConversion(before, text.slice(start, at), text.charAt(at)));
    before = "";
    at++;
  }
}

/** Offset of the letter that ends a conversion, whose flags begin at `start`. */
function letterAfter(text: string, start: number): number {
  let at = start;
  while (at < text.length && FLAGS.includes(text[at])) at++;
  at = skipTwoDigits(text, at);
  return text[at] === "." ? skipTwoDigits(text, at + 1) : at;
}

/** `options`: flags, width and precision. */
function parseConversion(before: string, options: string, letter: string): Conversion {
  const flagCount = options.search(/[^-+ #0]|$/);
  const [width, precision] = options.slice(flagCount).split(".");
  let mistake = "";
  if (flagCount > FLAG_COUNT_MAX) mistake = "invalid format (repeated flags)";
  else if (isDigit(letter, 0)) mistake = "invalid format (width or precision too long)";
  return {
    before,
    flags: options.slice(0, flagCount),
    width: Number(width),
    precision: precision === undefined ? -1 : Number(precision),
    letter,
    isBare: options === "",
    mistake,
  };
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function skipTwoDigits(text: string, at: number): number {
  if (!isDigit(text, at)) return at;
  return isDigit(text, at + 1) ? at + 2 : at + 1;
}

function convert(
  rt: Runtime,
  conversion: Conversion,
  value: LuaValue,
  n: number,
  count: number,
): string {
  if (conversion.mistake !== "") rt.error(conversion.mistake);
  switch (conversion.letter) {
    case "d":
    case "i": {
      if (conversion.isBare && typeof value === "number" && (value | 0) === value)
        return `${value | 0}`;
      const integer = toInteger(checkNumber(rt, value, n, count));
      const digits = unsignedText(integer < 0 ? -integer : integer);
      return padInteger(
        conversion,
        conversion.precision,
        signText(conversion, integer < 0),
        digits,
      );
    }
    case "u":
    case "o":
    case "x":
    case "X":
      return formatUnsigned(conversion, checkNumber(rt, value, n, count));
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return formatReal(conversion, checkNumber(rt, value, n, count));
    case "c": {
      const code = toIntDirectly(checkNumber(rt, value, n, count)) & 255;
      const text = pad(conversion, "", String.fromCharCode(code), false);
      return code === 0 ? text.slice(0, text.indexOf("\0")) : text;
    }
    case "s":
      return formatText(conversion, checkString(rt, value, n, count));
    case "q":
      return quote(checkString(rt, value, n, count));
  }
  const letter = conversion.letter === "\0" ? "" : conversion.letter;
  return rt.error(`invalid option '%${letter}' to 'format'`);
}

function unsignedText(integer: number): string {
  return Number.isSafeInteger(integer) ? `${integer}` : `${BigInt(integer)}`;
}

function formatUnsigned(conversion: Conversion, value: number): string {
  const { letter } = conversion;
  const radix = letter === "u" ? 10 : letter === "o" ? 8 : 16;
  const integer = Math.trunc(value);
  const isSmall = integer >= 0 && integer <= Number.MAX_SAFE_INTEGER;
  let digits = (isSmall ? integer + 0 : toUnsigned(value)).toString(radix);
  let { precision } = conversion;
  let prefix = "";
  if (conversion.flags.includes("#")) {
    if (radix === 16 && digits !== "0") prefix = "0x";
    if (radix === 8 && digits === "0" && precision === 0) precision = 1;
    // The number begins with a zero, which the precision may have given it.
    if (radix === 8 && digits !== "0" && precision <= digits.length) digits = `0${digits}`;
  }
  const text = padInteger(conversion, precision, prefix, digits);
  return letter === "X" ? text.toUpperCase() : text;
}

function formatReal(conversion: Conversion, value: number): string {
  const { letter, flags } = conversion;
  const precision = conversion.precision < 0 ? PRECISION_DEFAULT : conversion.precision;
  const isAlternate = flags.includes("#");
  const isNegative = value < 0 || (value === 0 && 1 / value < 0) || Number.isNaN(value);
  const magnitude = Math.abs(value);
  let text: string;
  if (!Number.isFinite(value)) text = formatNotFinite(magnitude).replace("-", "");
  else if (letter === "f") text = formatFixed(magnitude, precision, isAlternate);
  else if (letter === "e" || letter === "E") {
    text = formatExponential(magnitude, precision, isAlternate);
  } else text = formatGeneral(magnitude, precision, isAlternate);
  const padded = pad(conversion, signText(conversion, isNegative), text, Number.isFinite(value));
  return letter === "E" || letter === "G" ? padded.toUpperCase() : padded;
}

function formatText(conversion: Conversion, text: string): string {
  if (conversion.precision < 0 && text.length >= LONG_TEXT_MIN) return text;
  const zero = text.indexOf("\0");
  let shown = zero < 0 ? text : text.slice(0, zero);
  if (conversion.precision >= 0) shown = shown.slice(0, conversion.precision);
  return pad(conversion, "", shown, false);
}

function signText(conversion: Conversion, isNegative: boolean): string {
  if (isNegative) return "-";
  if (conversion.flags === "") return "";
  if (conversion.flags.includes("+")) return "+";
  return conversion.flags.includes(" ") ? " " : "";
}

/** At least as many digits as the precision says; with a precision the flag '0' does not count. */
function padInteger(
  conversion: Conversion,
  precision: number,
  prefix: string,
  digits: string,
): string {
  if (precision < 0) return pad(conversion, prefix, digits, true);
  const shown = digits === "0" ? "" : digits;
  return pad(conversion, prefix, shown.padStart(precision, "0"), false);
}

function pad(conversion: Conversion, prefix: string, text: string, allowsZeros: boolean): string {
  const { width, flags } = conversion;
  if (prefix.length + text.length >= width) return prefix + text;
  if (flags.includes("-")) return (prefix + text).padEnd(width);
  if (allowsZeros && flags.includes("0")) {
    return prefix + text.padStart(width - prefix.length, "0");
  }
  return (prefix + text).padStart(width);
}

/** A literal that Lua reads back as the text. */
function quote(text: string): string {
  const escaped = text.replace(QUOTED, (character) => {
    if (character === "\r") return "\\r";
    return character === "\0" ? "\\000" : `\\${character}`;
  });
  return `"${escaped}"`;
}

const QUOTED = /["\\\n\r\0]/g;
