// The string library: what is not about patterns or formats.
import { latin1 } from "../../util/bytes.ts";
import {
  checkFunction,
  checkInt,
  checkInteger,
  checkString,
  optInteger,
} from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Prototype } from "../lua/prototype.ts";
import type { Runtime } from "../lua/runtime.ts";
import { type LuaValue, NOTHING, type Results } from "../lua/value.ts";
import { PatternSearch } from "./pattern-search.ts";
import { register } from "./register.ts";
import { formatFunction } from "./string-format.ts";
import { gsubFunction } from "./string-gsub.ts";
import { checkLength } from "./string-limit.ts";
import { matchFunctions } from "./string-match.ts";

/** So many values fit on Lua's stack for one call of a native: arguments and results. */
const STACK_SLOTS_MAX = 8000;
/** Up to so many characters are changed one by one. */
const SHORT_LENGTH = 32;
/** So many characters are put together at once. */
const CHUNK_LENGTH = 4096;

export function openString(rt: Runtime): void {
  const search = new PatternSearch(rt);
  const [find, gmatch, match] = matchFunctions(rt, search);
  const [byte, char, dump] = codeFunctions(rt);
  const [len, lower, rep, reverse, sub, upper] = wholeFunctions(rt);
  const format = formatFunction(rt);
  const gsub = gsubFunction(rt, search);
  const gfind = rt.native("gfind", gmatch.fast);
  const string = register(rt, "string", [
    byte,
    char,
    dump,
    find,
    format,
    gfind,
    gmatch,
    gsub,
    len,
    lower,
    match,
    rep,
    reverse,
    sub,
    upper,
  ]);
  // The old name is the same function.
  string.setString("gfind", gmatch);
  rt.stringMetatable = rt.table(0, 1);
  rt.stringMetatable.setString("__index", string);
}

function codeFunctions(rt: Runtime): LuaFunction[] {
  const byte = rt.native("byte", function (s: LuaValue, i: LuaValue, j: LuaValue): Results {
    const text = typeof s === "string" ? s : checkString(rt, s, 1, arguments.length);
    const first = i === undefined ? 1 : position(optInteger(rt, i, 2, arguments.length, 1), text);
    let last = j === undefined ? first : position(optInteger(rt, j, 3, arguments.length, 0), text);
    const start = first <= 0 ? 1 : first;
    if (last > text.length) last = text.length;
    if (start > last) return NOTHING;
    const count = last - start + 1;
    if (count === 1) return text.charCodeAt(start - 1);
    if (count > STACK_SLOTS_MAX - arguments.length) {
      rt.error("stack overflow (string slice too long)");
    }
    const codes: number[] = new Array(count);
    for (let k = 0; k < count; k++) codes[k] = text.charCodeAt(start - 1 + k);
    return codes;
  });

  const char = rt.native("char", (...codes: LuaValue[]): Results => {
    let text = "";
    for (let i = 0; i < codes.length; i++) {
      const code = checkInt(rt, codes[i], i + 1, codes.length);
      if ((code & 255) !== code) rt.argError(i + 1, "invalid value");
      text += String.fromCharCode(code);
    }
    return text;
  });

  const dump = rt.native("dump", function (f: LuaFunction): Results {
    checkFunction(rt, f, 1, arguments.length);
    if (f.prototype === null) return rt.error("unable to dump given function");
    return dumpHead(f.prototype);
  });
  return [byte, char, dump];
}

/** Lua 5.1's signature for a little-endian machine with 64-bit pointers. */
const DUMP_SIGNATURE = "\x1bLuaQ\0\x01\x04\x08\x04\x08\0";

/**
 * What a dump begins with: the signature, the chunk's name and the function's line. There is no byte
 * code to follow, and nobody could load it: dumps are refused as Redis refuses them.
 */
function dumpHead({ chunk, line }: Prototype): string {
  const name = `${chunk.name}\0`;
  return DUMP_SIGNATURE + littleEndian(name.length, 8) + name + littleEndian(line, 4);
}

function littleEndian(value: number, size: number): string {
  let bytes = "";
  for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256)) {
    bytes += String.fromCharCode(rest % 256);
  }
  return bytes;
}

function wholeFunctions(rt: Runtime): LuaFunction[] {
  const len = rt.native("len", function (s: LuaValue): Results {
    return typeof s === "string" ? s.length : checkString(rt, s, 1, arguments.length).length;
  });

  const lower = rt.native("lower", function (s: LuaValue): Results {
    const text = checkString(rt, s, 1, arguments.length);
    checkLength(rt, text.length);
    if (text.length <= SHORT_LENGTH) return shortCase(text, 65, 90);
    return asciiCase(text, /[A-Z]/, /[A-Z]+/g, (part) => part.toLowerCase());
  });

  const rep = rt.native("rep", function (s: LuaValue, n: LuaValue): Results {
    const text = checkString(rt, s, 1, arguments.length);
    const count = checkInt(rt, n, 2, arguments.length);
    if (count <= 0 || text === "") return "";
    checkLength(rt, text.length * count);
    return text.repeat(count);
  });

  const reverse = rt.native("reverse", function (s: LuaValue): Results {
    const text = checkString(rt, s, 1, arguments.length);
    checkLength(rt, text.length);
    return reversed(text);
  });

  const sub = rt.native("sub", function (s: LuaValue, i: LuaValue, j: LuaValue): Results {
    const text = typeof s === "string" ? s : checkString(rt, s, 1, arguments.length);
    const start = position(checkInteger(rt, i, 2, arguments.length), text);
    const end =
      j === undefined ? text.length : position(checkInteger(rt, j, 3, arguments.length), text);
    return text.slice(start < 1 ? 0 : start - 1, end);
  });

  const upper = rt.native("upper", function (s: LuaValue): Results {
    const text = checkString(rt, s, 1, arguments.length);
    checkLength(rt, text.length);
    if (text.length <= SHORT_LENGTH) return shortCase(text, 97, 122);
    return asciiCase(text, /[a-z]/, /[a-z]+/g, (part) => part.toUpperCase());
  });
  return [len, lower, rep, reverse, sub, upper];
}

/** A position that counts from the end when it is negative; 0 before the beginning. */
function position(value: number, text: string): number {
  const at = value < 0 ? value + text.length + 1 : value;
  return at >= 0 ? at : 0;
}

const scratch = new Uint8Array(SHORT_LENGTH);

/** Changes the case of the letters from `first` to `last` in a short text. */
function shortCase(text: string, first: number, last: number): string {
  const { length } = text;
  let isChanged = false;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const isLetter = code >= first && code <= last;
    scratch[i] = isLetter ? code ^ 32 : code;
    if (isLetter) isChanged = true;
  }
  return isChanged ? latin1(scratch, 0, length) : text;
}

/** Changes the case of ASCII letters only, which JavaScript's functions do not keep to. */
function asciiCase(
  text: string,
  some: RegExp,
  runs: RegExp,
  change: (part: string) => string,
): string {
  // Bytes above 127 would change, too; plain ASCII is the usual case.
  if (IS_ASCII.test(text)) return change(text);
  return some.test(text) ? text.replace(runs, change) : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const IS_ASCII = /^[\x00-\x7f]*$/;

function reversed(text: string): string {
  let result = "";
  const codes: number[] = [];
  for (let end = text.length; end > 0; end -= CHUNK_LENGTH) {
    const count = end > CHUNK_LENGTH ? CHUNK_LENGTH : end;
    codes.length = count;
    for (let i = 0; i < count; i++) codes[i] = text.charCodeAt(end - 1 - i);
    result += String.fromCharCode.apply(null, codes);
  }
  return result;
}
