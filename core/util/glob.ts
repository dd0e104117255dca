// Glob patterns as KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL rules read them.
//
//   *        any run of bytes, also an empty one; a run of stars counts as one
//   ?        any one byte
//   [a-z]    one byte of a class; ranges may be given backwards; `^` in front negates;
//            a class that is never closed ends with the pattern
//   \x       the byte x itself, inside and outside of classes
//
// Redis's own matcher recurses at every star and stops as soon as the part behind some star has
// been tried against every rest of the text, because giving an earlier star more text cannot help
// then. That is the same as going back to the latest star only, so this one is a loop with one
// place to return to: time is at most pattern × text, whatever the pattern.
//
// Kept from Redis, because clients can see it:
// - an empty text matches only an empty pattern, not even `*`;
// - a pattern with more than 1000 stars in front of something else matches nothing once the
//   1001st is reached;
// - bytes compare as signed in ranges, so [\x10-\xf0] is the range from -16 to 16 (unless case is
//   ignored);
// - an escaped byte in a class is compared exactly even when case is ignored.
import { toBytes } from "./bytes.ts";

const STAR = 42;
const QUESTION = 63;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const CARET = 94;
const DASH = 45;
/** Stars that may be followed by more pattern. */
const STARS_MAX = 1000;

/** True when the whole of `text` matches `pattern`. Allocates nothing. */
export function globMatch(
  pattern: Uint8Array,
  patternStart: number,
  patternLength: number,
  text: Uint8Array,
  textStart: number,
  textLength: number,
  ignoreCase: boolean,
): boolean {
  const patternEnd = patternStart + patternLength;
  const textEnd = textStart + textLength;
  let p = patternStart;
  let t = textStart;
  // Where to go on after a mismatch: behind the latest star, one byte further in the text.
  let retryPattern = -1;
  let retryText = 0;
  let stars = 0;
  while (p < patternEnd && t < textEnd) {
    const token = pattern[p];
    if (token === STAR) {
      p = skipStars(pattern, p, patternEnd);
      if (p === patternEnd) return true;
      if (++stars > STARS_MAX) return false;
      retryPattern = p;
      retryText = t;
      continue;
    }
    let matches = true;
    if (token === OPEN) {
      const classEnd = endOfClass(pattern, p, patternEnd);
      matches = classMatches(pattern, p, patternEnd, text[t], ignoreCase);
      p = classEnd;
    } else if (token !== QUESTION) {
      if (token === BACKSLASH && p + 1 < patternEnd) p++;
      matches = sameByte(pattern[p], text[t], ignoreCase);
      p++;
    } else {
      p++;
    }
    if (matches) {
      t++;
      if (t === textEnd) p = skipStars(pattern, p, patternEnd);
      if (t === textEnd || p < patternEnd) continue;
    }
    // Either a mismatch, or the pattern ended before the text did.
    if (retryPattern < 0) return false;
    p = retryPattern;
    t = ++retryText;
  }
  return p === patternEnd && t === textEnd;
}

/** As `globMatch`, for strings of one character per byte. */
export function globMatchText(pattern: string, text: string, ignoreCase: boolean): boolean {
  const { length } = pattern;
  return globMatch(toBytes(pattern), 0, length, toBytes(text), 0, text.length, ignoreCase);
}

function skipStars(pattern: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && pattern[p] === STAR) p++;
  return p;
}

function sameByte(a: number, b: number, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && lower(a) === lower(b));
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte | 32 : byte;
}

/** The offset behind the class that opens at `at`: behind its `]`, or the end of the pattern. */
function endOfClass(pattern: Uint8Array, at: number, end: number): number {
  let p = at + 1;
  if (p < end && pattern[p] === CARET) p++;
  while (p < end) {
    if (pattern[p] === BACKSLASH && p + 1 < end) p += 2;
    else if (pattern[p] === CLOSE) return p + 1;
    else p += isRange(pattern, p, end) ? 3 : 1;
  }
  return end;
}

function isRange(pattern: Uint8Array, at: number, end: number): boolean {
  return at + 2 < end && pattern[at + 1] === DASH;
}

/** Whether `byte` is in the class that opens at `at`. */
function classMatches(
  pattern: Uint8Array,
  at: number,
  end: number,
  byte: number,
  ignoreCase: boolean,
): boolean {
  let p = at + 1;
  const negated = p < end && pattern[p] === CARET;
  if (negated) p++;
  let matches = false;
  while (p < end) {
    if (pattern[p] === BACKSLASH && p + 1 < end) {
      if (pattern[p + 1] === byte) matches = true;
      p += 2;
    } else if (pattern[p] === CLOSE) {
      break;
    } else if (isRange(pattern, p, end)) {
      if (inRange(pattern[p], pattern[p + 2], byte, ignoreCase)) matches = true;
      p += 3;
    } else {
      if (sameByte(pattern[p], byte, ignoreCase)) matches = true;
      p++;
    }
  }
  return matches !== negated;
}

/**
 * Redis puts the bounds in order as signed bytes and folds their case after that; the C library's
 * table then takes the bytes 128 to 254 for what they are, and 255 for the end of a file, -1.
 */
function inRange(first: number, second: number, byte: number, ignoreCase: boolean): boolean {
  const ordered = signed(first) <= signed(second);
  const low = ordered ? first : second;
  const high = ordered ? second : first;
  return ignoreCase
    ? folded(byte) >= folded(low) && folded(byte) <= folded(high)
    : signed(byte) >= signed(low) && signed(byte) <= signed(high);
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function folded(byte: number): number {
  return byte === 255 ? -1 : lower(byte);
}
