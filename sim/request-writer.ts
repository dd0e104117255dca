// Writes requests as clients do: arrays of bulk strings.
import { encodeText } from "./text.ts";

const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
/** A mark, the digits of a length, and two line ends. */
const LENGTH_BYTES_MAX = 20;

export class RequestWriter {
  bytes: Uint8Array = new Uint8Array(4096);
  /** They lie in bytes[0, size). */
  size = 0;

  clear(): void {
    this.size = 0;
  }

  add(words: readonly string[]): void {
    this.#makeRoom(LENGTH_BYTES_MAX);
    this.#length(ASTERISK, words.length);
    for (const word of words) {
      this.#makeRoom(word.length + LENGTH_BYTES_MAX);
      this.#length(DOLLAR, word.length);
      encodeText(word, this.bytes, this.size);
      this.size += word.length;
      this.#lineEnd();
    }
  }

  #makeRoom(count: number): void {
    const { bytes, size } = this;
    if (size + count <= bytes.length) return;
    this.bytes = new Uint8Array(2 * (size + count));
    this.bytes.set(bytes.subarray(0, size));
  }

  #length(mark: number, length: number): void {
    const { bytes } = this;
    bytes[this.size++] = mark;
    let unit = 1;
    while (unit * 10 <= length) unit *= 10;
    for (; unit >= 1; unit = Math.floor(unit / 10)) {
      bytes[this.size++] = ZERO + (Math.floor(length / unit) % 10);
    }
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.bytes[this.size++] = CR;
    this.bytes[this.size++] = LF;
  }
}
