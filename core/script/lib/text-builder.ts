// Builds a long text out of many short pieces. Adding strings to strings makes objects for every
// piece, which the garbage collector then has to move about; here the characters wait in one buffer.
import { decodeText, encodeText } from "../../util/text-codec.ts";
import { STRING_BYTES_MAX } from "./string-limit.ts";

const QUOTE = 34;
const SIZE_MIN = 4096;
/** A full buffer of this size becomes a string. */
const SIZE_MAX: number = 1 << 20;

export class TextBuilder {
  #bytes: Uint8Array = new Uint8Array(SIZE_MIN);
  #size = 0;
  #text = "";

  /** More would be longer than a string may be. */
  get isFull(): boolean {
    return this.#text.length + this.#size > STRING_BYTES_MAX;
  }

  add(text: string): void {
    const { length } = text;
    if (length === 0) return;
    const start = this.#size;
    if (start + length > this.#bytes.length && !this.#makeRoom(length)) {
      this.#text += text;
      return;
    }
    const bytes = this.#bytes;
    const at = this.#size;
    if (length > 64) encodeText(text, bytes, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    this.#size = at + length;
  }

  /** The text between double quotes. */
  addQuoted(text: string): void {
    const { length } = text;
    if (length > 64 || this.#size + length + 2 > this.#bytes.length) {
      this.add('"');
      this.add(text);
      this.add('"');
      return;
    }
    const bytes = this.#bytes;
    let at = this.#size;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    bytes[at++] = QUOTE;
    this.#size = at;
  }

  addByte(byte: number): void {
    if (this.#size === this.#bytes.length) this.#makeRoom(1);
    this.#bytes[this.#size++] = byte;
  }

  addBytes(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#size + length > this.#bytes.length && !this.#makeRoom(length)) {
      this.#text += decodeText(source, start, end);
      return;
    }
    const bytes = this.#bytes;
    let at = this.#size;
    for (let i = start; i < end; i++) bytes[at++] = source[i];
    this.#size = at;
  }

  /** False when a piece is too long for the buffer, which then is empty. */
  #makeRoom(length: number): boolean {
    const needed = this.#size + length;
    if (needed > SIZE_MAX) {
      this.#flush();
      return length <= this.#bytes.length;
    }
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
    return true;
  }

  #flush(): void {
    this.#text += decodeText(this.#bytes, 0, this.#size);
    this.#size = 0;
  }

  /** Forgets what was added. */
  clear(): void {
    this.#size = 0;
    this.#text = "";
  }

  /** All that was added; the builder is empty again. */
  take(): string {
    this.#flush();
    const text = this.#text;
    this.#text = "";
    return text;
  }
}
