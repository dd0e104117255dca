// Splitting a line into words as redis-cli, redis.conf and inline commands do it (sdssplitargs):
// blanks separate; "…" understands \n \r \t \b \a \xHH and escaped characters; '…' only \'.
// A closing quote must be followed by a blank or the end.
import { toBytes } from "./bytes.ts";

const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Inside a word fewer blanks count: vertical tab and form feed belong to the word, as in Redis. */
function isSeparator(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function escapedByte(byte: number): number {
  switch (byte) {
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    case 98:
      return 8;
    case 97:
      return 7;
    default:
      return byte;
  }
}

/** The words of bytes[start, end), or null when quotes are not balanced. */
export function splitInline(bytes: Uint8Array, start: number, end: number): Uint8Array[] | null {
  const words: Uint8Array[] = [];
  let i = start;
  for (;;) {
    while (i < end && isBlank(bytes[i])) i++;
    if (i >= end || bytes[i] === 0) return words;
    const word: number[] = [];
    let quote = 0;
    for (;;) {
      const byte = i < end ? bytes[i] : 0;
      if (quote === 0) {
        if (byte === 0 || isSeparator(byte)) break;
        if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
        else word.push(byte);
      } else if (byte === 0) {
        return null;
      } else if (quote === QUOTE && byte === BACKSLASH) {
        const high = i + 3 < end && bytes[i + 1] === 120 ? hexDigit(bytes[i + 2]) : -1;
        const low = high >= 0 ? hexDigit(bytes[i + 3]) : -1;
        if (low >= 0) {
          word.push(high * 16 + low);
          i += 3;
        } else if (i + 1 < end && bytes[i + 1] !== 0) {
          word.push(escapedByte(bytes[++i]));
        } else {
          word.push(byte);
        }
      } else if (quote === APOSTROPHE && byte === BACKSLASH && bytes[i + 1] === APOSTROPHE) {
        word.push(APOSTROPHE);
        i++;
      } else if (byte === quote) {
        if (i + 1 < end && bytes[i + 1] !== 0 && !isBlank(bytes[i + 1])) return null;
        i++;
        break;
      } else {
        word.push(byte);
      }
      i++;
    }
    words.push(Uint8Array.from(word));
  }
}

/** `splitInline` over text of one character per byte. */
export function splitText(line: string): string[] | null {
  const words = splitInline(toBytes(line), 0, line.length);
  return words === null ? null : words.map((word) => String.fromCharCode(...word));
}
