// JSON as lua-cjson takes it apart. Numbers are whatever strtod takes, and the text ends at its first
// zero byte.
import type { LuaValue } from "../lua/value.ts";
import { type CjsonConfig, OFF } from "./cjson-config.ts";
import { parseNumberPrefix } from "./number-format.ts";

export const OBJECT_BEGIN = 0;
export const OBJECT_END = 1;
export const ARRAY_BEGIN = 2;
export const ARRAY_END = 3;
export const STRING = 4;
export const NUMBER = 5;
export const BOOLEAN = 6;
export const NULL_TOKEN = 7;
export const COLON = 8;
export const COMMA = 9;
export const END = 10;
export const MISTAKE = 11;

/** What messages call the tokens. */
export const TOKEN_NAMES: readonly string[] = [
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
const BACKSLASH = 92;
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
/** The end of shorter strings is looked for character by character. */
const SHORT_LENGTH = 32;
const HEXADECIMAL_4 = /[\da-fA-F]{4}/y;

export class JsonTokens {
  at = 0;
  /** Where the current token begins, or what is wrong was found. */
  tokenAt = 0;
  /** Of strings, numbers and booleans. */
  value: LuaValue;
  /** What is wrong, after MISTAKE. */
  mistake = "";
  readonly #config: CjsonConfig;
  readonly #text: string;

  constructor(config: CjsonConfig, json: string) {
    this.#config = config;
    const zero = json.indexOf("\0");
    this.#text = zero < 0 ? json : json.slice(0, zero);
  }

  /** Reads the next token. */
  next(): number {
    const text = this.#text;
    let at = this.at;
    let code = text.charCodeAt(at);
    while (code === SPACE || code === NEWLINE || code === TAB || code === RETURN) {
      code = text.charCodeAt(++at);
    }
    this.at = at;
    this.tokenAt = at;
    if (code === QUOTE) return this.#string();
    const token = code < 128 ? PUNCTUATION[code] : MISTAKE;
    if (token !== MISTAKE) {
      this.at++;
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
    this.mistake = mistake;
    this.tokenAt = this.at;
    return MISTAKE;
  }

  /** true, false, null; or an odd number when those are allowed. */
  #word(): number {
    const text = this.#text;
    const at = this.at;
    if (text.startsWith("true", at)) return this.#boolean(true, 4);
    if (text.startsWith("false", at)) return this.#boolean(false, 5);
    if (text.startsWith("null", at)) {
      this.at += 4;
      return NULL_TOKEN;
    }
    const isOdd = "iInN+".includes(text[at]) && this.#isInvalidNumber();
    if (isOdd && this.#config.decodeInvalidNumbers !== OFF) return this.#number();
    return this.#wrong("invalid token");
  }

  #boolean(value: boolean, length: number): number {
    this.value = value;
    this.at += length;
    return BOOLEAN;
  }

  #number(): number {
    const { value, end } = parseNumberPrefix(this.#text, this.at);
    if (end === this.at) return this.#wrong("invalid number");
    this.value = value;
    this.at = end;
    return NUMBER;
  }

  /** A sign '+', hexadecimal digits, leading zeros, infinity and NaN are not JSON. */
  #isInvalidNumber(): boolean {
    const text = this.#text;
    let at = this.at;
    if (text[at] === "+") return true;
    if (text[at] === "-") at++;
    if (text[at] === "0") return /[xX\d]/.test(text.charAt(at + 1));
    return /^(?:inf|nan)/i.test(text.slice(at, at + 3));
  }

  #string(): number {
    const text = this.#text;
    const start = this.at + 1;
    const near = Math.min(text.length, start + SHORT_LENGTH);
    let at = start;
    let code = 0;
    for (; at < near; at++) {
      code = text.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH) break;
    }
    if (code === QUOTE) {
      this.value = text.slice(start, at);
      this.at = at + 1;
      return STRING;
    }
    return this.#longString(start);
  }

  #longString(start: number): number {
    const text = this.#text;
    const end = text.indexOf('"', start);
    const plain = end < 0 ? text.slice(start) : text.slice(start, end);
    const slash = plain.indexOf("\\");
    if (end >= 0 && slash < 0) {
      this.value = plain;
      this.at = end + 1;
      return STRING;
    }
    this.at = start;
    return this.#escapedString();
  }

  #escapedString(): number {
    const text = this.#text;
    let value = "";
    let quote = -1;
    for (;;) {
      if (quote < this.at) quote = nextQuote(text, this.at);
      const slash = text.indexOf("\\", this.at);
      if (quote < text.length && (slash < 0 || quote < slash)) {
        this.value = value + text.slice(this.at, quote);
        this.at = quote + 1;
        return STRING;
      }
      if (slash < 0) {
        this.at = text.length;
        return this.#wrong("unexpected end of string");
      }
      value += text.slice(this.at, slash);
      this.at = slash;
      if (text[slash + 1] === "u") {
        const decoded = this.#unicodeEscape();
        if (decoded === "") return this.#wrong("invalid unicode escape code");
        value += decoded;
        continue;
      }
      const character = ESCAPES.get(text.charAt(slash + 1));
      if (character === undefined) return this.#wrong("invalid escape code");
      value += character;
      this.at += 2;
    }
  }

  /** "\uXXXX", or a surrogate pair of them, as UTF-8; empty when it is wrong. */
  #unicodeEscape(): string {
    const first = this.#codeUnit(this.at + 2);
    if (first < 0) return "";
    if ((first & 0xf800) !== 0xd800) {
      this.at += 6;
      return utf8(first);
    }
    if ((first & 0x400) !== 0 || !this.#text.startsWith("\\u", this.at + 6)) return "";
    const second = this.#codeUnit(this.at + 8);
    if (second < 0 || (second & 0xfc00) !== 0xdc00) return "";
    this.at += 12;
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
