// Writing replies: RESP2 or RESP3 bytes appended to one growing buffer, no object per reply.
//
// A Reply belongs to one client at a time (`resp` is that client's protocol). What the node writes
// for the client whose input it is working on goes to the node's shared Reply; what it writes to
// other clients (messages, invalidations, wake-ups) goes to a Reply of theirs. Whoever fills it
// hands `bytes[0, size)` to the host and calls `reset`.
//
// Errors are values: handlers say `return reply.error(WRONG_TYPE)`. The text starts with the error
// code ("ERR …", "WRONGTYPE …"), without the leading minus and without CRLF.
import { copyBytes } from "../util/copy.ts";
import { DOUBLE_TEXT_BYTES_MAX, writeDouble } from "../util/double.ts";
import { writeInteger } from "../util/integer.ts";

const CR = 13;
const LF = 10;
const CRLF = 0x0d0a;
const DIGIT_0 = 48;
const INITIAL_BYTES = 16 * 1024;
/** A larger buffer is given back after use instead of being kept for the next reply. */
const KEEP_BYTES_MAX = 1024 * 1024;
/** Strings up to this length are copied by words. */
const WORDS_BYTES_MAX = 96;

export class Reply {
  bytes: Uint8Array;
  /** The same memory, for writing several bytes at once. */
  view: DataView;
  size = 0;
  /** Protocol of the client being answered: 2 or 3. */
  resp = 2;
  /** Number of error replies written since `takeErrorCount`; the node counts its statistics by it. */
  errorCount = 0;
  /** Text of the last error written, without the minus. */
  lastError = "";

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.bytes = new Uint8Array(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Forgets what was written. */
  reset(): void {
    this.size = 0;
    if (this.bytes.length > KEEP_BYTES_MAX) this.#use(new Uint8Array(INITIAL_BYTES));
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.size + count > this.bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.size + count));
    bytes.set(this.bytes.subarray(0, this.size));
    this.#use(bytes);
  }

  #use(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Raw protocol text, already complete. ASCII/Latin-1 only. */
  raw(text: string): void {
    const { length } = text;
    this.reserve(length);
    const { bytes } = this;
    let at = this.size;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.size = at;
  }

  /** Raw protocol bytes, already complete. */
  rawBytes(source: Uint8Array, start = 0, end: number = source.length): void {
    this.reserve(end - start);
    copyBytes(this.bytes, this.size, source, start, end - start);
    this.size += end - start;
  }

  ok(): void {
    this.reserve(5);
    const { bytes } = this;
    const at = this.size;
    bytes[at] = 43;
    bytes[at + 1] = 79;
    bytes[at + 2] = 75;
    bytes[at + 3] = CR;
    bytes[at + 4] = LF;
    this.size = at + 5;
  }

  /** A status reply: `+text`. */
  simple(text: string): void {
    this.raw(`+${text}\r\n`);
  }

  /** An error reply; the text starts with its code. Line breaks become spaces, as in Redis. */
  error(text: string): void {
    const line = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text;
    this.errorCount++;
    this.lastError = line;
    this.raw(`-${line}\r\n`);
  }

  /** `:n`. Safe integers only; `bigint` for the rest. */
  integer(value: number): void {
    this.reserve(24);
    this.bytes[this.size] = 58;
    this.#endLine(writeInteger(this.bytes, this.size + 1, value));
  }

  /** `:n` for any signed 64-bit integer. */
  bigint(value: bigint): void {
    this.raw(`:${value}\r\n`);
  }

  /** A string of bytes. */
  bulk(source: Uint8Array, start: number, length: number): void {
    this.reserve(length + 16);
    const { bytes } = this;
    const at = this.#header(36, length);
    copyBytes(bytes, at, source, start, length);
    this.#endLine(at + length);
  }

  /**
   * As `bulk`, for short strings in the arena, four bytes at a time: `source` is over the same memory as
   * `view` and goes on for at least three bytes behind the string.
   */
  arenaBulk(source: Uint8Array, view: DataView, start: number, length: number): void {
    if (length > WORDS_BYTES_MAX) return this.bulk(source, start, length);
    this.reserve(WORDS_BYTES_MAX + 16);
    const own = this.view;
    const at = this.#header(36, length);
    // The last word may write up to three bytes too many, into the reserve.
    for (let i = 0; i < length; i += 4) own.setInt32(at + i, view.getInt32(start + i));
    this.#endLine(at + length);
  }

  /**
   * Starts a string of `length` bytes and answers with the offset in `bytes` where the caller
   * writes them; the string is complete on return. `bytes` may be another array after this call.
   */
  bulkSpace(length: number): number {
    this.reserve(length + 16);
    const at = this.#header(36, length);
    this.#endLine(at + length);
    return at;
  }

  /** A string given as text of one character per byte. */
  bulkText(text: string): void {
    const { length } = text;
    let at = this.bulkSpace(length);
    const { bytes } = this;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
  }

  /** An integer as a string: `$2\r\n42\r\n`. */
  bulkInteger(value: number): void {
    this.bulkText(String(value));
  }

  /** The null of the client's protocol: `$-1` or `_`. */
  nil(): void {
    if (this.resp !== 2) return this.raw("_\r\n");
    this.reserve(5);
    const { bytes } = this;
    const at = this.size;
    bytes[at] = 36;
    bytes[at + 1] = 45;
    bytes[at + 2] = 49;
    bytes[at + 3] = CR;
    bytes[at + 4] = LF;
    this.size = at + 5;
  }

  /** The null array of the client's protocol: `*-1` or `_`. */
  nilArray(): void {
    this.raw(this.resp === 2 ? "*-1\r\n" : "_\r\n");
  }

  /** Starts an array of `count` elements. */
  array(count: number): void {
    this.reserve(16);
    this.size = this.#header(42, count);
  }

  /** Starts a map of `count` pairs: an array of twice as many elements in RESP2. */
  map(count: number): void {
    this.reserve(16);
    this.size = this.resp === 2 ? this.#header(42, count * 2) : this.#header(37, count);
  }

  /** Starts a set: an array in RESP2. */
  set(count: number): void {
    this.reserve(16);
    this.size = this.#header(this.resp === 2 ? 42 : 126, count);
  }

  /** Starts a push message: an array in RESP2. */
  push(count: number): void {
    this.reserve(16);
    this.size = this.#header(this.resp === 2 ? 42 : 62, count);
  }

  /** A boolean: `:1`/`:0` in RESP2, `#t`/`#f` in RESP3. */
  boolean(value: boolean): void {
    if (this.resp === 2) this.raw(value ? ":1\r\n" : ":0\r\n");
    else this.raw(value ? "#t\r\n" : "#f\r\n");
  }

  /** A double: a string of its shortest form in RESP2, `,` in RESP3. */
  double(value: number): void {
    this.reserve(DOUBLE_TEXT_BYTES_MAX + 16);
    if (this.resp === 2) {
      // The length comes first and is known last: the text is written behind room for two digits.
      const start = this.size + 5;
      const length = writeDouble(this.bytes, start, value) - start;
      const at = this.#header(36, length);
      if (at !== start) this.bytes.copyWithin(at, start, start + length);
      this.#endLine(at + length);
    } else {
      this.bytes[this.size] = 44;
      this.#endLine(writeDouble(this.bytes, this.size + 1, value));
    }
  }

  /** Writes CRLF at `at`, where the reply then ends. */
  #endLine(at: number): void {
    this.view.setInt16(at, CRLF);
    this.size = at + 2;
  }

  /** Verbatim text with its three-letter format: a plain string in RESP2. */
  verbatim(format: string, text: string): void {
    if (this.resp === 2) this.bulkText(text);
    else this.raw(`=${text.length + 4}\r\n${format}:${text}\r\n`);
  }

  /** A big number: a string in RESP2, `(` in RESP3. */
  bigNumber(digits: string): void {
    if (this.resp === 2) this.bulkText(digits);
    else this.raw(`(${digits}\r\n`);
  }

  /** Marks a place where `insertArray`, `insertSet` or `insertMap` will put a header later. */
  mark(): number {
    return this.size;
  }

  /** Puts an array header at `mark`, for when the count is known only after its elements. */
  insertArray(mark: number, count: number): void {
    this.#insert(mark, `*${count}\r\n`);
  }

  /** As `insertArray`, for a set. */
  insertSet(mark: number, count: number): void {
    this.#insert(mark, `${this.resp === 2 ? "*" : "~"}${count}\r\n`);
  }

  /** As `insertArray`, for a map of `count` pairs. */
  insertMap(mark: number, count: number): void {
    this.#insert(mark, this.resp === 2 ? `*${count * 2}\r\n` : `%${count}\r\n`);
  }

  /** Puts a string, given as text of one character per byte, at `mark`. */
  insertBulk(mark: number, text: string): void {
    this.#insert(mark, `$${text.length}\r\n${text}\r\n`);
  }

  #insert(mark: number, header: string): void {
    const { length } = header;
    this.reserve(length);
    const { bytes } = this;
    bytes.copyWithin(mark + length, mark, this.size);
    for (let i = 0; i < length; i++) bytes[mark + i] = header.charCodeAt(i);
    this.size += length;
  }

  /** Writes `type`, `count` and CRLF at the end; room must be reserved. Answers with the offset. */
  #header(type: number, count: number): number {
    const { size, view } = this;
    // Nearly all counts and lengths have one digit or two: the line in one write.
    if (count < 10) {
      view.setInt32(size, (type << 24) | ((DIGIT_0 + count) << 16) | CRLF);
      return size + 4;
    }
    this.bytes[size] = type;
    if (count < 100) {
      const tens = (count / 10) | 0;
      const units = count - tens * 10;
      view.setInt32(size + 1, ((DIGIT_0 + tens) << 24) | ((DIGIT_0 + units) << 16) | CRLF);
      return size + 5;
    }
    const at = writeInteger(this.bytes, size + 1, count);
    view.setInt16(at, CRLF);
    return at + 2;
  }
}
