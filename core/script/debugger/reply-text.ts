// Replies of commands as the debugger shows them. Types that it does not know are shown as nothing and
// not passed over, as in Redis: what follows such a one inside an array is not shown either.
import { latin1 } from "../../util/bytes.ts";
import { quoted } from "../../util/quoted.ts";
import { TEXT_LENGTH_MAX } from "./value-text.ts";

const CR = 13;

/** The text of the reply that starts at bytes[start]. */
export function replyText(bytes: Uint8Array, start: number): string {
  return new ReplyText(bytes, start).one();
}

class ReplyText {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  one(): string {
    switch (String.fromCharCode(this.#bytes[this.#at])) {
      case ":":
        return this.#line().slice(1);
      case "$":
        return this.#bulk();
      case "+":
      case "-":
        return quoted(this.#line());
      case "*":
        return this.#several("[", ",", "]");
      case "~":
        return this.#several("~(", ",", ")");
      case "%":
        return this.#map();
      case "_":
        this.#line();
        return "(null)";
      case "#":
        return this.#line()[1] === "t" ? "#true" : "#false";
      case ",":
        return `(double) ${this.#line().slice(1)}`;
      default:
        return "";
    }
  }

  #line(): string {
    const start = this.#at;
    let end = start;
    while (this.#bytes[end] !== CR) end++;
    this.#at = end + 2;
    return latin1(this.#bytes, start, end);
  }

  #bulk(): string {
    const length = Number(this.#line().slice(1));
    if (length < 0) return "NULL";
    const start = this.#at;
    this.#at = start + length + 2;
    return quoted(latin1(this.#bytes, start, start + Math.min(length, TEXT_LENGTH_MAX)));
  }

  #several(open: string, separator: string, close: string): string {
    const count = Number(this.#line().slice(1));
    if (count < 0) return "NULL";
    const texts: string[] = [];
    for (let i = 0; i < count; i++) texts.push(this.one());
    return open + texts.join(separator) + close;
  }

  #map(): string {
    const count = Number(this.#line().slice(1));
    const texts: string[] = [];
    for (let i = 0; i < count; i++) texts.push(`${this.one()} => ${this.one()}`);
    return `{${texts.join(",")}}`;
  }
}
