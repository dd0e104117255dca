// Formats of the struct library: letters, sizes, alignment and byte order.
import type { Runtime } from "../lua/runtime.ts";

const INT_MAX = 0x7fffffff;
const INTEGER_BYTES_MAX = 32;
const INTEGER_BYTES = 4;
const ALIGNMENT_DEFAULT = 8;
/** Sizes of letters, by their codes: 0 for those that have none, or none that is fixed. */
const SIZES = new Uint8Array(256);
/** Letters for integers, by their codes. */
const IS_INTEGER = new Uint8Array(256);
for (const [letters, size] of [
  ["Bbx", 1],
  ["Hh", 2],
  ["f", 4],
  ["LlTd", 8],
] as const) {
  for (const letter of letters) SIZES[letter.charCodeAt(0)] = size;
}
for (const letter of "bBhHlLTiI") IS_INTEGER[letter.charCodeAt(0)] = 1;

/** Walks through a format, option by option. */
export class StructFormat {
  /** The option, its size (0 when it has none of its own), and what aligns it. */
  option = "";
  size = 0;
  padding = 0;
  isBig = false;
  isInteger = false;
  readonly #rt: Runtime;
  readonly #text: string;
  #at = 0;
  #alignment = 1;

  constructor(rt: Runtime, text: string) {
    this.#rt = rt;
    const zero = text.indexOf("\0");
    this.#text = zero < 0 ? text : text.slice(0, zero);
  }

  /** Reads the next option, which comes at `offset`; false at the end of the format. */
  next(offset: number): boolean {
    if (this.#at >= this.#text.length) return false;
    const code = this.#text.charCodeAt(this.#at);
    this.option = this.#text[this.#at++];
    this.isInteger = IS_INTEGER[code] === 1;
    this.size = SIZES[code] || this.#readSize();
    this.padding = this.#alignment === 1 ? 0 : this.#paddingAt(offset);
    return true;
  }

  /** What is no value: byte order, alignment, spaces; anything else is a mistake. */
  control(): void {
    switch (this.option) {
      case " ":
        return;
      case ">":
        this.isBig = true;
        return;
      case "<":
        this.isBig = false;
        return;
      case "!": {
        const alignment = this.#readNumber(ALIGNMENT_DEFAULT);
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0) {
          this.#rt.error(`alignment ${alignment} is not a power of 2`);
        }
        this.#alignment = alignment;
        return;
      }
    }
    this.#rt.argError(1, `invalid format option '${this.option}'`);
  }

  #readSize(): number {
    if (this.option === "c") return this.#readNumber(1);
    if (this.option !== "i" && this.option !== "I") return 0;
    const count = this.#readNumber(INTEGER_BYTES);
    if (count > INTEGER_BYTES_MAX) {
      this.#rt.error(`integral size ${count} is larger than limit of ${INTEGER_BYTES_MAX}`);
    }
    return count;
  }

  #readNumber(missing: number): number {
    const text = this.#text;
    const start = this.#at;
    let value = 0;
    for (; text[this.#at] >= "0" && text[this.#at] <= "9"; this.#at++) {
      value = value * 10 + Number(text[this.#at]);
      if (value > INT_MAX) this.#rt.error("integral size overflow");
    }
    return this.#at === start ? missing : value;
  }

  /** Sizes that are no powers of two go through the same formula. */
  #paddingAt(offset: number): number {
    if (this.size === 0 || this.option === "c") return 0;
    const size = Math.min(this.size, this.#alignment);
    return (size - (offset & (size - 1))) & (size - 1);
  }
}
