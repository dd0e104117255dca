// Reading requests: RESP arrays of bulk strings, or inline commands, from the bytes of a connection.
//
// A parser works on one buffer from a position on and remembers where it stopped inside an
// incomplete command, so that large commands arriving in many pieces are parsed once. Whole
// commands are parsed where they arrived; only what is incomplete at the end of a read is copied,
// by the caller, into the connection's query buffer, and `rebase` moves the offsets along.
import { parseInteger } from "../util/integer.ts";
import { splitInline } from "../util/split-args.ts";
import { Args } from "./args.ts";

/** More bytes are needed. */
export const INCOMPLETE = 0;
/** `args` holds a command. */
export const COMPLETE = 1;
/** Nothing to execute (an empty line, `*0`, `*-1`): go on. */
export const EMPTY = 2;
/** The bytes are no request: `error` says why, the connection must be closed. */
export const INVALID = 3;

/** Longest inline command or length line. */
export const LINE_BYTES_MAX = 65536;
/** Digits of a length behind the first one in the common case; less than any proto-max-bulk-len. */
const SHORT_DIGITS_MAX = 4;
const MULTIBULK_MAX = 0x7fffffff;
const UNAUTHENTICATED_ARGS_MAX = 10;
const UNAUTHENTICATED_BULK_BYTES_MAX = 16384;

const CR = 13;
const LF = 10;
const STAR = 42;
const DOLLAR = 36;
const QUOTE = 34;
const APOSTROPHE = 39;
const DIGIT_0 = 48;
/** CRLF as a little-endian 16-bit number. */
const LINE_END = 0x0a0d;

const LINE_INCOMPLETE = -1;
const LINE_TOO_LONG = -2;
const NOT_A_NUMBER = -3;
const NEGATIVE = -4;

export class RequestParser {
  readonly args: Args = new Args();
  /** Where the next byte to parse is. */
  position = 0;
  /** Where the command in work starts. */
  start = 0;
  /** Text of the protocol error after INVALID, behind "ERR Protocol error: ". */
  error = "";
  /** Arguments still missing, 0 between commands. */
  #missing = 0;
  /** Length of the argument in work, -1 when its length line has not been read. */
  #bulkLength = -1;

  /** True inside a command that is not complete yet. */
  get busy(): boolean {
    return this.#missing > 0;
  }

  /** Bytes that must follow `position` before parsing can go on; at least 1. */
  get wantedBytes(): number {
    return this.#bulkLength >= 0 ? this.#bulkLength + 2 : 1;
  }

  /** Forgets a command in work. */
  reset(): void {
    this.#missing = 0;
    this.#bulkLength = -1;
    this.args.clear();
  }

  /** The bytes moved down by `distance`: all offsets follow. */
  rebase(distance: number): void {
    const { args } = this;
    for (let i = 0; i < args.count; i++) args.offset[i] -= distance;
    this.position -= distance;
    this.start -= distance;
  }

  /**
   * Parses one command in bytes[position, end). `bulkBytesMax`: proto-max-bulk-len;
   * `authenticated` false applies the limits for clients that have not logged in.
   */
  parse(
    bytes: Uint8Array,
    view: DataView,
    end: number,
    bulkBytesMax: number,
    authenticated: boolean,
  ): number {
    const { args } = this;
    if (this.#missing === 0) {
      this.start = this.position;
      if (authenticated && this.parseShort(this.args, bytes, view, end)) return COMPLETE;
      args.clear();
      if (this.position === end) return INCOMPLETE;
      if (bytes[this.position] !== STAR) return this.#parseInline(bytes, view, end);
      const count = this.#readLength(bytes, end);
      if (count < 0) {
        if (count === LINE_INCOMPLETE) return INCOMPLETE;
        if (count === NEGATIVE) return EMPTY;
        return this.#fail(
          count === LINE_TOO_LONG ? "too big mbulk count string" : "invalid multibulk length",
        );
      }
      if (count > MULTIBULK_MAX) return this.#fail("invalid multibulk length");
      if (!authenticated && count > UNAUTHENTICATED_ARGS_MAX) {
        return this.#fail("unauthenticated multibulk length");
      }
      if (count === 0) return EMPTY;
      this.#missing = count;
    }
    args.attach(bytes, view);
    do {
      if (this.#bulkLength < 0) {
        if (this.position < end && bytes[this.position] !== DOLLAR) {
          const status = this.#expectLine(bytes, end);
          if (status !== COMPLETE) return status;
        }
        const length = this.#readLength(bytes, end);
        if (length < 0) {
          if (length === LINE_INCOMPLETE) return INCOMPLETE;
          return this.#fail(
            length === LINE_TOO_LONG ? "too big bulk count string" : "invalid bulk length",
          );
        }
        if (length > bulkBytesMax) return this.#fail("invalid bulk length");
        if (!authenticated && length > UNAUTHENTICATED_BULK_BYTES_MAX) {
          return this.#fail("unauthenticated bulk length");
        }
        this.#bulkLength = length;
      }
      const length = this.#bulkLength;
      if (end - this.position < length + 2) return INCOMPLETE;
      args.push(this.position, length);
      this.position += length + 2;
      this.#bulkLength = -1;
    } while (--this.#missing > 0);
    return COMPLETE;
  }

  /**
   * The common case, without state: up to 64 arguments of up to 99,999 bytes, all there, lengths written
   * as everybody writes them, goes into `args`. False, and nothing happened, when the command is not of
   * that form.
   */
  parseShort(args: Args, bytes: Uint8Array, view: DataView, end: number): boolean {
    const { offset, length } = args;
    let at = this.position;
    // The shortest command is "*1", line end, and an argument of 6 bytes.
    if (end - at < 10 || bytes[at] !== STAR) return false;
    let count = bytes[at + 1] - DIGIT_0;
    if (count < 1 || count > 9) return false;
    at += 2;
    if (bytes[at] !== CR) {
      const digit = bytes[at] - DIGIT_0;
      count = count * 10 + digit;
      at++;
      if (digit < 0 || digit > 9 || count > offset.length || bytes[at] !== CR) return false;
    }
    at += 2;
    for (let i = 0; i < count; i++) {
      // The shortest argument is "$0", line end, line end.
      if (end - at < 6) return false;
      const word = view.getInt32(at, true);
      let size = ((word >> 8) & 0xff) - DIGIT_0;
      if ((word & 0xff) !== DOLLAR || size < 0 || size > 9) return false;
      if (word >> 16 === LINE_END) {
        at += 4;
      } else if (word >>> 24 === CR) {
        const digit = ((word >> 16) & 0xff) - DIGIT_0;
        if (digit < 0 || digit > 9 || size === 0) return false;
        size = size * 10 + digit;
        at += 5;
      } else {
        at += 2;
        for (const digitsEnd = at + SHORT_DIGITS_MAX; bytes[at] !== CR; at++) {
          const digit = bytes[at] - DIGIT_0;
          if (digit < 0 || digit > 9 || size === 0 || at === digitsEnd) return false;
          size = size * 10 + digit;
        }
        at += 2;
      }
      if (end - at < size + 2) return false;
      offset[i] = at;
      length[i] = size;
      at += size + 2;
    }
    if (args.view !== view) args.attach(bytes, view);
    args.count = count;
    this.position = at;
    return true;
  }

  #fail(error: string): number {
    this.error = error;
    return INVALID;
  }

  /** The line does not start with `$`: an error once the line is complete, as in Redis. */
  #expectLine(bytes: Uint8Array, end: number): number {
    const line = findCarriageReturn(bytes, this.position, end);
    if (line === -1) {
      return end - this.position > LINE_BYTES_MAX
        ? this.#fail("too big bulk count string")
        : INCOMPLETE;
    }
    if (line + 1 >= end) return INCOMPLETE;
    return this.#fail(`expected '$', got '${String.fromCharCode(bytes[this.position])}'`);
  }

  /** Reads the number behind the type byte up to CRLF; negative results are the codes above. */
  #readLength(bytes: Uint8Array, end: number): number {
    let at = this.position + 1;
    let value = 0;
    // The common case first: a few digits and CR, all there.
    for (const digitsEnd = Math.min(at + 9, end); at < digitsEnd; at++) {
      const digit = bytes[at] - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const first = this.position + 1;
    if (
      at + 1 < end &&
      bytes[at] === CR &&
      at > first &&
      (bytes[first] !== DIGIT_0 || at === first + 1)
    ) {
      this.position = at + 2;
      return value;
    }
    return this.#readUnusualLength(bytes, end);
  }

  #readUnusualLength(bytes: Uint8Array, end: number): number {
    const line = findCarriageReturn(bytes, this.position, end);
    if (line === -1) {
      return end - this.position > LINE_BYTES_MAX ? LINE_TOO_LONG : LINE_INCOMPLETE;
    }
    if (line + 1 >= end) return LINE_INCOMPLETE;
    const first = this.position + 1;
    const value = parseInteger(bytes, first, line - first);
    if (Number.isNaN(value)) return NOT_A_NUMBER;
    this.position = line + 2;
    return value < 0 ? NEGATIVE : value;
  }

  #parseInline(bytes: Uint8Array, view: DataView, end: number): number {
    let lineEnd = this.position;
    let hasQuotes = false;
    while (lineEnd < end && bytes[lineEnd] !== LF && bytes[lineEnd] !== 0) {
      if (bytes[lineEnd] === QUOTE || bytes[lineEnd] === APOSTROPHE) hasQuotes = true;
      lineEnd++;
    }
    if (lineEnd === end || bytes[lineEnd] === 0) {
      return end - this.position > LINE_BYTES_MAX
        ? this.#fail("too big inline request")
        : INCOMPLETE;
    }
    const next = lineEnd + 1;
    if (lineEnd > this.position && bytes[lineEnd - 1] === CR) lineEnd--;
    if (!hasQuotes) {
      this.#splitInPlace(bytes, view, this.position, lineEnd);
      this.position = next;
      return this.args.count === 0 ? EMPTY : COMPLETE;
    }
    const words = splitInline(bytes, this.position, lineEnd);
    if (words === null) return this.#fail("unbalanced quotes in request");
    this.position = next;
    if (words.length === 0) return EMPTY;
    let total = 0;
    for (const word of words) total += word.length;
    const copy = new Uint8Array(total);
    this.args.attach(copy, new DataView(copy.buffer));
    let at = 0;
    for (const word of words) {
      copy.set(word, at);
      this.args.push(at, word.length);
      at += word.length;
    }
    return COMPLETE;
  }

  /** As `splitInline` for a line without quotes: its words are arguments where they lie. */
  #splitInPlace(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { args } = this;
    args.attach(bytes, view);
    let at = start;
    for (;;) {
      // Before a word vertical tab and form feed are blanks, too.
      while (at < end && (bytes[at] === 32 || (bytes[at] >= 9 && bytes[at] <= CR))) at++;
      if (at === end) return;
      const wordStart = at;
      while (at < end && !isSeparator(bytes[at])) at++;
      args.push(wordStart, at - wordStart);
    }
  }
}

/** Blanks between words: space, tab, line ends. */
function isSeparator(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === LF || byte === CR;
}

/** Offset of the next CR, or -1. A NUL ends the search: Redis searches a C string. */
function findCarriageReturn(bytes: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (bytes[i] === CR) return i;
    if (bytes[i] === 0) return -1;
  }
  return -1;
}
