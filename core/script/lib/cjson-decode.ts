// cjson.decode: JSON as lua-cjson reads it. Numbers are whatever strtod takes, and the text ends at
// its first zero byte. Tables that are being filled wait on a stack of this file, not JavaScript's.
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";
import { type CjsonConfig, OFF } from "./cjson-config.ts";
import { NULL } from "./null.ts";
import { parseNumberPrefix } from "./number-format.ts";

const STACK_SLOTS_MAX = 8000;
const OBJECT_SLOTS = 3;
const ARRAY_SLOTS = 2;

// Tokens.
const OBJECT_BEGIN = 0;
const OBJECT_END = 1;
const ARRAY_BEGIN = 2;
const ARRAY_END = 3;
const STRING = 4;
const NUMBER = 5;
const BOOLEAN = 6;
const NULL_TOKEN = 7;
const COLON = 8;
const COMMA = 9;
const END = 10;
const MISTAKE = 11;

/** What messages call the tokens. */
const TOKEN_NAMES: readonly string[] = [
  "T_OBJ_BEGIN",
  "T_OBJ_END",
  "T_ARR_BEGIN",
  "T_ARR_END",
  "T_STRING",
  "T_NUMBER",
  "T_BOOLEAN",
  "T_NULL",
  "T_COLON",
  "T_COMMA",
  "T_END",
];

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const MINUS = 45;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** Tokens of one character, by its code; MISTAKE for all others. */
const PUNCTUATION: Uint8Array = new Uint8Array(128).fill(MISTAKE);
PUNCTUATION[123] = OBJECT_BEGIN;
PUNCTUATION[125] = OBJECT_END;
PUNCTUATION[91] = ARRAY_BEGIN;
PUNCTUATION[93] = ARRAY_END;
PUNCTUATION[58] = COLON;
PUNCTUATION[44] = COMMA;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["f", "\f"],
  ["r", "\r"],
]);
const HEXADECIMAL_4 = /[\da-fA-F]{4}/y;

/** A table that is being filled: an array's next index, or an object's current key. */
interface Level {
  readonly table: LuaTable;
  readonly isObject: boolean;
  index: number;
  key: string;
  /** Lua's stack slots in use when a value of it is read. */
  readonly slots: number;
}

export function decode(rt: Runtime, config: CjsonConfig, json: string): LuaValue {
  if (json.length >= 2 && (json[0] === "\0" || json[1] === "\0")) {
    rt.error("JSON parser does not support UTF-16 or UTF-32");
  }
  rt.spend(json.length);
  return new Decoder(rt, config, json).decode();
}

class Decoder {
  readonly #rt: Runtime;
  readonly #config: CjsonConfig;
  readonly #text: string;
  readonly #levels: Level[] = [];
  #at = 0;
  /** Where the current token begins, or what is wrong was found. */
  #tokenAt = 0;
  #value: LuaValue;
  #mistake = "";

  constructor(rt: Runtime, config: CjsonConfig, json: string) {
    this.#rt = rt;
    this.#config = config;
    const zero = json.indexOf("\0");
    this.#text = zero < 0 ? json : json.slice(0, zero);
  }

  decode(): LuaValue {
    let token = this.#next();
    for (;;) {
      let isComplete = true;
      if (token === OBJECT_BEGIN || token === ARRAY_BEGIN) {
        isComplete = this.#begin(token === OBJECT_BEGIN);
        if (!isComplete && token === ARRAY_BEGIN) {
          // The first element was looked at already.
          token = this.#token;
          continue;
        }
      } else if (token === NULL_TOKEN) this.#value = NULL;
      else if (token > BOOLEAN || token < STRING) this.#fail("value", token);
      if (isComplete && this.#store()) break;
      token = this.#next();
    }
    token = this.#next();
    if (token !== END) this.#fail("the end", token);
    return this.#value;
  }

  #token = END;

  #fail(expected: string, token: number): never {
    const found = token === MISTAKE ? this.#mistake : TOKEN_NAMES[token];
    return this.#rt.error(
      `Expected ${expected} but found ${found} at character ${this.#tokenAt + 1}`,
    );
  }

  /** Opens a table. True when it is empty, and thus the value; else its first value comes next. */
  #begin(isObject: boolean): boolean {
    const { length: depth } = this.#levels;
    const slots = depth === 0 ? 1 : this.#levels[depth - 1].slots;
    const needed = isObject ? OBJECT_SLOTS : ARRAY_SLOTS;
    if (depth >= this.#config.decodeDepthMax || slots + needed > STACK_SLOTS_MAX) {
      this.#rt.error(
        `Found too many nested data structures (${depth + 1}) at character ${this.#at}`,
      );
    }
    const table = this.#rt.table();
    this.#token = this.#next();
    if (this.#token === (isObject ? OBJECT_END : ARRAY_END)) {
      this.#value = table;
      return true;
    }
    const level = { table, isObject, index: 1, key: "", slots: slots + (isObject ? 2 : 1) };
    this.#levels.push(level);
    if (isObject) this.#readKey(level, this.#token);
    return false;
  }

  #readKey(level: Level, token: number): void {
    if (token !== STRING) this.#fail("object key string", token);
    level.key = this.#value as string;
    const colon = this.#next();
    if (colon !== COLON) this.#fail("colon", colon);
  }

  /** Puts the value into its table, and those into theirs that end with it. True at the outermost. */
  #store(): boolean {
    for (;;) {
      const level = this.#levels[this.#levels.length - 1];
      if (level === undefined) return true;
      if (level.isObject) level.table.setString(level.key, this.#value);
      else level.table.setNumber(level.index++, this.#value);
      const token = this.#next();
      if (token === COMMA) {
        if (level.isObject) this.#readKey(level, this.#next());
        return false;
      }
      if (token !== (level.isObject ? OBJECT_END : ARRAY_END)) {
        this.#fail(level.isObject ? "comma or object end" : "comma or array end", token);
      }
      this.#levels.pop();
      this.#value = level.table;
    }
  }

  #next(): number {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    while (code === SPACE || code === NEWLINE || code === TAB || code === RETURN) {
      code = text.charCodeAt(++at);
    }
    this.#at = at;
    this.#tokenAt = at;
    if (code === QUOTE) return this.#string();
    const token = code < 128 ? PUNCTUATION[code] : MISTAKE;
    if (token !== MISTAKE) {
      this.#at++;
      return token;
    }
    if (at >= text.length) return END;
    if (code !== MINUS && !(code >= DIGIT_0 && code <= DIGIT_9)) return this.#word();
    if (this.#config.decodeInvalidNumbers === OFF && this.#isInvalidNumber()) {
      return this.#wrong("invalid number");
    }
    return this.#number();
  }

  #wrong(mistake: string): number {
    this.#mistake = mistake;
    this.#tokenAt = this.#at;
    return MISTAKE;
  }

  /** true, false, null; or an odd number when those are allowed. */
  #word(): number {
    const text = this.#text;
    const at = this.#at;
    if (text.startsWith("true", at)) return this.#boolean(true, 4);
    if (text.startsWith("false", at)) return this.#boolean(false, 5);
    if (text.startsWith("null", at)) {
      this.#at += 4;
      return NULL_TOKEN;
    }
    const isOdd = "iInN+".includes(text[at]) && this.#isInvalidNumber();
    if (isOdd && this.#config.decodeInvalidNumbers !== OFF) return this.#number();
    return this.#wrong("invalid token");
  }

  #boolean(value: boolean, length: number): number {
    this.#value = value;
    this.#at += length;
    return BOOLEAN;
  }

  #number(): number {
    const { value, end } = parseNumberPrefix(this.#text, this.#at);
    if (end === this.#at) return this.#wrong("invalid number");
    this.#value = value;
    this.#at = end;
    return NUMBER;
  }

  /** A sign '+', hexadecimal digits, leading zeros, infinity and NaN are not JSON. */
  #isInvalidNumber(): boolean {
    const text = this.#text;
    let at = this.#at;
    if (text[at] === "+") return true;
    if (text[at] === "-") at++;
    if (text[at] === "0") return /[xX\d]/.test(text.charAt(at + 1));
    return /^(?:inf|nan)/i.test(text.slice(at, at + 3));
  }

  #string(): number {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    const plain = end < 0 ? text.slice(start) : text.slice(start, end);
    const slash = plain.indexOf("\\");
    if (end >= 0 && slash < 0) {
      this.#value = plain;
      this.#at = end + 1;
      return STRING;
    }
    this.#at = start;
    return this.#escapedString();
  }

  #escapedString(): number {
    const text = this.#text;
    let value = "";
    let quote = -1;
    for (;;) {
      if (quote < this.#at) quote = nextQuote(text, this.#at);
      const slash = text.indexOf("\\", this.#at);
      if (quote < text.length && (slash < 0 || quote < slash)) {
        this.#value = value + text.slice(this.#at, quote);
        this.#at = quote + 1;
        return STRING;
      }
      if (slash < 0) {
        this.#at = text.length;
        return this.#wrong("unexpected end of string");
      }
      value += text.slice(this.#at, slash);
      this.#at = slash;
      if (text[slash + 1] === "u") {
        const decoded = this.#unicodeEscape();
        if (decoded === "") return this.#wrong("invalid unicode escape code");
        value += decoded;
        continue;
      }
      const character = ESCAPES.get(text.charAt(slash + 1));
      if (character === undefined) return this.#wrong("invalid escape code");
      value += character;
      this.#at += 2;
    }
  }

  /** "\uXXXX", or a surrogate pair of them, as UTF-8; empty when it is wrong. */
  #unicodeEscape(): string {
    const first = this.#codeUnit(this.#at + 2);
    if (first < 0) return "";
    if ((first & 0xf800) !== 0xd800) {
      this.#at += 6;
      return utf8(first);
    }
    if ((first & 0x400) !== 0 || !this.#text.startsWith("\\u", this.#at + 6)) return "";
    const second = this.#codeUnit(this.#at + 8);
    if (second < 0 || (second & 0xfc00) !== 0xdc00) return "";
    this.#at += 12;
    return utf8((((first & 0x3ff) << 10) | (second & 0x3ff)) + 0x10000);
  }

  #codeUnit(at: number): number {
    HEXADECIMAL_4.lastIndex = at;
    const digits = HEXADECIMAL_4.exec(this.#text);
    return digits === null ? -1 : Number.parseInt(digits[0], 16);
  }
}

/** Its offset, or the text's length: it is asked for once only where there are many escapes. */
function nextQuote(text: string, from: number): number {
  const at = text.indexOf('"', from);
  return at < 0 ? text.length : at;
}

function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  const last = 0x80 | (code & 0x3f);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), last);
  const third = 0x80 | ((code >> 6) & 0x3f);
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), third, last);
  const second = 0x80 | ((code >> 12) & 0x3f);
  return String.fromCharCode(0xf0 | (code >> 18), second, third, last);
}
