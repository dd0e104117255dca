// Lua 5.1's lexical analysis, with its messages: "chunk:line: message near 'token'".
import { parseNumber } from "../lib/number-format.ts";
import { LuaError } from "./error.ts";
import {
  RESERVED,
  TK_CONCAT,
  TK_DOTS,
  TK_EOS,
  TK_EQ,
  TK_GE,
  TK_LE,
  TK_NAME,
  TK_NE,
  TK_NUMBER,
  TK_STRING,
  tokenText,
} from "./tokens.ts";

const END = -1;
const NEWLINE = 10;
const RETURN = 13;
const BACKSLASH = 92;
const ESCAPES: Readonly<Record<number, string>> = {
  97: "\x07", // a
  98: "\b",
  102: "\f",
  110: "\n",
  114: "\r",
  116: "\t",
  118: "\v",
};

const IS_SPACE = 1;
const IS_DIGIT = 2;
const IS_LETTER = 4;
const CLASSES = new Uint8Array(257);
for (const code of [9, 10, 11, 12, 13, 32]) CLASSES[code + 1] = IS_SPACE;
for (let code = 48; code < 58; code++) CLASSES[code + 1] = IS_DIGIT;
for (let code = 65; code < 91; code++) CLASSES[code + 1] = CLASSES[code + 33] = IS_LETTER;
CLASSES[95 + 1] = IS_LETTER; // _

/** C's character classes; the end of the text (-1) is in none. */
function classOf(code: number): number {
  return CLASSES[code + 1];
}

export class Lexer {
  /** The current token, and its name, text or number. */
  token: number = TK_EOS;
  text = "";
  number = 0;
  /** The line reached in the text, and the line of the last token that was consumed. */
  line = 1;
  lastLine = 1;
  private readonly source: string;
  private readonly chunkId: string;
  private at = 0;
  private ahead = TK_EOS;
  private aheadText = "";
  private aheadNumber = 0;
  /** What was scanned of the last name, number or string, for messages. */
  private scanned = "";
  private scannedText = "";
  private scannedNumber = 0;

  constructor(source: string, chunkId: string) {
    this.source = source;
    this.chunkId = chunkId;
  }

  next(): void {
    this.lastLine = this.line;
    if (this.ahead !== TK_EOS) {
      this.token = this.ahead;
      this.text = this.aheadText;
      this.number = this.aheadNumber;
      this.ahead = TK_EOS;
      return;
    }
    this.token = this.scan();
    this.text = this.scannedText;
    this.number = this.scannedNumber;
  }

  /** The token after the current one. */
  lookAhead(): number {
    this.ahead = this.scan();
    this.aheadText = this.scannedText;
    this.aheadNumber = this.scannedNumber;
    return this.ahead;
  }

  /** A syntax error near the current token. */
  fail(message: string): never {
    this.failNear(message, this.token);
  }

  /** A syntax error near a token; 0 is near nothing. */
  failNear(message: string, token: number): never {
    const text = `${this.chunkId}:${this.line}: ${message}`;
    if (token === 0) throw new LuaError(text);
    const hasText = token === TK_NAME || token === TK_STRING || token === TK_NUMBER;
    const near = hasText ? this.scanned.split("\0", 1)[0] : tokenText(token);
    throw new LuaError(`${text} near '${near}'`);
  }

  private code(at: number): number {
    return at < this.source.length ? this.source.charCodeAt(at) : END;
  }

  private scan(): number {
    for (;;) {
      const code = this.code(this.at);
      switch (code) {
        case NEWLINE:
        case RETURN:
          this.newline();
          continue;
        case END:
          return TK_EOS;
        case 45: // -
          this.at++;
          if (this.code(this.at) !== 45) return 45;
          this.comment();
          continue;
        case 91: // [
          return this.bracket();
        case 61: // =
          return this.withEquals(61, TK_EQ);
        case 60: // <
          return this.withEquals(60, TK_LE);
        case 62: // >
          return this.withEquals(62, TK_GE);
        case 126: // ~
          return this.withEquals(126, TK_NE);
        case 34:
        case 39:
          this.quoted(code);
          return TK_STRING;
        case 46: // .
          return this.dots();
        default: {
          const kind = classOf(code);
          if (kind === IS_SPACE) {
            this.at++;
            continue;
          }
          if (kind === IS_DIGIT) return this.numeral(this.at);
          if (kind === IS_LETTER) return this.name();
          this.at++;
          return code;
        }
      }
    }
  }

  private newline(): void {
    const code = this.code(this.at++);
    const other = this.code(this.at);
    if ((other === NEWLINE || other === RETURN) && other !== code) this.at++;
    this.line++;
  }

  private withEquals(code: number, token: number): number {
    this.at++;
    if (this.code(this.at) !== 61) return code;
    this.at++;
    return token;
  }

  private comment(): void {
    this.at++;
    if (this.code(this.at) === 91) {
      const start = this.at;
      const level = this.separator();
      if (level >= 0) {
        this.longText(start, level, "unfinished long comment");
        return;
      }
    }
    for (;;) {
      const code = this.code(this.at);
      if (code === NEWLINE || code === RETURN || code === END) return;
      this.at++;
    }
  }

  private bracket(): number {
    const start = this.at;
    const level = this.separator();
    if (level >= 0) {
      this.scannedText = this.longText(start, level, "unfinished long string");
      return TK_STRING;
    }
    if (level === -1) return 91;
    this.scanned = this.source.slice(start, this.at);
    this.failNear("invalid long string delimiter", TK_STRING);
  }

  /** Passes [==[ or ]==] but for its last bracket: the count of =, or -1 - count without the bracket. */
  private separator(): number {
    const bracket = this.code(this.at++);
    let count = 0;
    while (this.code(this.at) === 61) {
      this.at++;
      count++;
    }
    return this.code(this.at) === bracket ? count : -count - 1;
  }

  private longText(start: number, level: number, unfinished: string): string {
    this.at++;
    const opening = this.source.slice(start, this.at);
    let text = "";
    if (this.isNewline()) this.newline();
    let from = this.at;
    for (;;) {
      const code = this.code(this.at);
      if (code === END) this.failNear(unfinished, TK_EOS);
      if (code === NEWLINE || code === RETURN) {
        text += `${this.source.slice(from, this.at)}\n`;
        this.newline();
        from = this.at;
      } else if (code === 91) {
        if (this.separator() === level) {
          this.at++;
          if (level === 0) this.failNear("nesting of [[...]] is deprecated", 91);
        }
      } else if (code === 93) {
        const end = this.at;
        if (this.separator() === level) {
          this.at++;
          text += this.source.slice(from, end);
          this.scanned = `${opening}${text}${opening.replaceAll("[", "]")}`;
          return text;
        }
      } else this.at++;
    }
  }

  private isNewline(): boolean {
    const code = this.code(this.at);
    return code === NEWLINE || code === RETURN;
  }

  private quoted(delimiter: number): void {
    const quote = String.fromCharCode(delimiter);
    let from = ++this.at;
    let text = "";
    for (;;) {
      const code = this.code(this.at);
      if (code === delimiter) break;
      if (code === END) this.failNear("unfinished string", TK_EOS);
      if (code === NEWLINE || code === RETURN) {
        this.scanned = quote + text + this.source.slice(from, this.at);
        this.failNear("unfinished string", TK_STRING);
      }
      if (code !== BACKSLASH) {
        this.at++;
        continue;
      }
      text += this.source.slice(from, this.at);
      this.at++;
      text += this.escape(quote + text);
      from = this.at;
    }
    text += this.source.slice(from, this.at);
    this.at++;
    this.scannedText = text;
    this.scanned = quote + text + quote;
  }

  /** What follows a backslash. */
  private escape(before: string): string {
    const code = this.code(this.at);
    if (code === END) return "";
    if (code === NEWLINE || code === RETURN) {
      this.newline();
      return "\n";
    }
    if (classOf(code) !== IS_DIGIT) {
      this.at++;
      return ESCAPES[code] ?? String.fromCharCode(code);
    }
    let value = 0;
    for (let i = 0; i < 3 && classOf(this.code(this.at)) === IS_DIGIT; i++) {
      value = value * 10 + this.code(this.at++) - 48;
    }
    if (value > 255) {
      this.scanned = before;
      this.failNear("escape sequence too large", TK_STRING);
    }
    return String.fromCharCode(value);
  }

  private dots(): number {
    const start = this.at++;
    if (this.passOneOf(46, 46)) return this.passOneOf(46, 46) ? TK_DOTS : TK_CONCAT;
    if (classOf(this.code(this.at)) !== IS_DIGIT) return 46;
    return this.numeral(start);
  }

  /** Passes one of two characters. A NUL passes too: C looks for it with strchr. */
  private passOneOf(one: number, other: number): boolean {
    const code = this.code(this.at);
    if (code !== one && code !== other && code !== 0) return false;
    this.at++;
    return true;
  }

  private numeral(start: number): number {
    let code = this.code(this.at);
    while (classOf(code) === IS_DIGIT || code === 46) code = this.code(++this.at);
    if (this.passOneOf(69, 101)) this.passOneOf(43, 45);
    while (classOf(this.code(this.at)) >= IS_DIGIT) this.at++;
    this.scanned = this.source.slice(start, this.at);
    const value = parseNumber(this.scanned.split("\0", 1)[0]);
    if (value === undefined) this.failNear("malformed number", TK_NUMBER);
    this.scannedNumber = value;
    return TK_NUMBER;
  }

  private name(): number {
    const start = this.at++;
    while (classOf(this.code(this.at)) >= IS_DIGIT) this.at++;
    const text = this.source.slice(start, this.at);
    this.scanned = text;
    const reserved = RESERVED.get(text);
    if (reserved !== undefined) return reserved;
    this.scannedText = text;
    return TK_NAME;
  }
}
