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
import { checkLength } from "./string-limit.ts";

const FLAGS = "-+ #0";
const FLAG_COUNT_MAX = 5;
/** From this length on a text is taken as it is, when the conversion has no precision. */
const LONG_TEXT_MIN = 100;
const PRECISION_DEFAULT = 6;

/** What stands between '%' and the letter; a precision of -1 is none. */
interface Conversion {
  flags: string;
  width: number;
  precision: number;
  letter: string;
  /** Behind the letter. */
  end: number;
}

export function formatFunction(rt: Runtime): LuaFunction {
  return rt.native("format", (...args: LuaValue[]): Results => {
    const format = checkString(rt, args[0], 1, args.length);
    let result = "";
    let n = 1;
    let at = 0;
    for (;;) {
      const percent = format.indexOf("%", at);
      if (percent < 0) break;
      result += format.slice(at, percent);
      if (format[percent + 1] === "%") {
        result += "%";
        at = percent + 2;
        continue;
      }
      n++;
      if (n > args.length) rt.argError(n, "no value");
      const conversion = scan(rt, format, percent + 1);
      result += convert(rt, conversion, args[n - 1], n, args.length);
      at = conversion.end;
    }
    result += format.slice(at);
    checkLength(rt, result.length);
    return result;
  });
}

function scan(rt: Runtime, format: string, start: number): Conversion {
  let at = start;
  while (at < format.length && FLAGS.includes(format[at])) at++;
  const flags = format.slice(start, at);
  if (flags.length > FLAG_COUNT_MAX) rt.error("invalid format (repeated flags)");
  const widthEnd = skipTwoDigits(format, at);
  const width = Number(format.slice(at, widthEnd));
  at = widthEnd;
  let precision = -1;
  if (format[at] === ".") {
    const end = skipTwoDigits(format, at + 1);
    precision = Number(format.slice(at + 1, end));
    at = end;
  }
  if (isDigit(format, at)) rt.error("invalid format (width or precision too long)");
  return { flags, width, precision, letter: format.charAt(at), end: at + 1 };
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
  switch (conversion.letter) {
    case "d":
    case "i": {
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
