// Finds the ends of replies in a stream of bytes that comes in pieces, looking at every byte once.
import { textOf } from "./text.ts";

/** Kinds of replies: the byte that they begin with. */
export const ARRAY = 0x2a;
export const PUSH = 0x3e;
export const BULK = 0x24;
const SET = 0x7e;
const MAP = 0x25;
const VERBATIM = 0x3d;
const BLOB_ERROR = 0x21;
const CR = 0x0d;
const LF = 0x0a;

export class ReplyScanner {
  bytes: Uint8Array = new Uint8Array(1024);
  /** The reply that `next` has found: it lies in bytes[start, end). */
  start = 0;
  end = 0;
  /** Of that reply: its first byte, and how many items an array, set or push says it has. */
  kind = 0;
  items = 0;
  #filled = 0;
  #at = 0;
  /** Values that still belong to the reply in work, itself included. */
  #missing = 1;

  /** Forgets everything. */
  clear(): void {
    this.start = 0;
    this.end = 0;
    this.#filled = 0;
    this.#at = 0;
    this.#missing = 1;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.#filled + end - start > this.bytes.length) this.#makeRoom(end - start);
    if (end - start === 1) this.bytes[this.#filled] = bytes[start];
    else this.bytes.set(bytes.subarray(start, end), this.#filled);
    this.#filled += end - start;
  }

  #makeRoom(count: number): void {
    const held = this.#filled - this.end;
    let size = this.bytes.length;
    while (size < 2 * (held + count)) size *= 2;
    const kept = this.bytes.subarray(this.end, this.#filled);
    if (size > this.bytes.length) {
      this.bytes = new Uint8Array(size);
      this.bytes.set(kept);
    } else this.bytes.copyWithin(0, this.end, this.#filled);
    this.#at -= this.end;
    this.#filled = held;
    this.start = 0;
    this.end = 0;
  }

  /** Goes on to the next whole reply, if there is one. */
  next(): boolean {
    while (this.#missing > 0) {
      const lineEnd = this.#lineEnd();
      if (lineEnd === -1) return false;
      const kind = this.bytes[this.#at];
      let next = lineEnd;
      let items = 0;
      if (kind === BULK || kind === VERBATIM || kind === BLOB_ERROR) {
        const length = this.#number();
        if (length >= 0) next += length + 2;
        if (next > this.#filled) return false;
      } else if (kind === ARRAY || kind === SET || kind === PUSH) {
        items = Math.max(0, this.#number());
      } else if (kind === MAP) items = 2 * this.#number();
      if (this.#at === this.end) {
        this.kind = kind;
        this.items = items;
      }
      this.#at = next;
      this.#missing += items - 1;
    }
    this.#missing = 1;
    this.start = this.end;
    this.end = this.#at;
    return true;
  }

  /** The offset behind the line that begins at `#at`, or -1 when it is not whole. */
  #lineEnd(): number {
    const { bytes } = this;
    const filled = this.#filled;
    for (let at = this.#at + 1; at < filled; at++) {
      if (bytes[at] === LF && bytes[at - 1] === CR) return at + 1;
    }
    return -1;
  }

  /** The number that follows the byte at `#at`. */
  #number(): number {
    const { bytes } = this;
    let at = this.#at + 1;
    if (bytes[at] === 0x2d) return -1;
    let value = 0;
    for (; bytes[at] !== CR; at++) value = value * 10 + bytes[at] - 0x30;
    return value;
  }

  /** The reply's bytes as text. */
  text(): string {
    return textOf(this.bytes, this.start, this.end);
  }

  /** The text of the first item of an array or push; empty when that is no bulk string. */
  firstText(): string {
    const { bytes, end } = this;
    let at = this.start;
    while (bytes[at] !== LF) at++;
    if (at + 1 >= end || bytes[at + 1] !== BULK) return "";
    let from = at + 1;
    while (bytes[from] !== LF) from++;
    let to = from + 1;
    while (bytes[to] !== CR) to++;
    return textOf(bytes, from + 1, to);
  }
}
