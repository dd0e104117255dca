// The model's own reading of requests: RESP arrays of bulk strings in a growing string.
import { textOf } from "../text.ts";

export class RequestReader {
  #text = "";
  #at = 0;
  /** Nothing new can be read before the text is this long: small pieces cost no second look. */
  #wantedLength = 0;

  add(bytes: Uint8Array, start: number, end: number): void {
    const text = textOf(bytes, start, end);
    this.#text = this.#at === this.#text.length ? text : this.#text.slice(this.#at) + text;
    this.#wantedLength -= this.#at;
    this.#at = 0;
  }

  /** The next whole command, or null. */
  next(): string[] | null {
    const text = this.#text;
    if (text.length < this.#wantedLength || this.#at >= text.length) return null;
    if (text[this.#at] !== "*") return this.#nextInline();
    let at = text.indexOf("\r\n", this.#at);
    if (at === -1) return null;
    const count = numberIn(text, this.#at + 1, at);
    at += 2;
    const words: string[] = [];
    for (let i = 0; i < count; i++) {
      const lineEnd = text.indexOf("\r\n", at);
      if (lineEnd === -1) return null;
      const length = numberIn(text, at + 1, lineEnd);
      const start = lineEnd + 2;
      if (text.length < start + length + 2) {
        this.#wantedLength = start + length + 2;
        return null;
      }
      words.push(text.slice(start, start + length));
      at = start + length + 2;
    }
    this.#at = at;
    return words;
  }

  /** Inline commands of the workloads are plain words. */
  #nextInline(): string[] | null {
    const end = this.#text.indexOf("\n", this.#at);
    if (end === -1) return null;
    const words = this.#text.slice(this.#at, end).trim().split(" ");
    this.#at = end + 1;
    return words;
  }
}

function numberIn(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}
