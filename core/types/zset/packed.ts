// Small sorted sets: a listpack of member, score, member, score … in order, in Redis's own bytes. A
// score that is an integer is stored as one, any other as text. Offsets are those of listpack.ts;
// `at` is the offset of a member, whose score is the entry behind it.
import { GRANULE_MASK, type Ref } from "../../memory/arena.ts";
import {
  LP_END,
  LP_HEADER_BYTES,
  lpBigInt,
  lpInteger,
  lpIsInteger,
  lpLength,
  lpSkip,
  lpStringLength,
  lpStringStart,
} from "../../memory/listpack.ts";
import { latin1 } from "../../util/bytes.ts";
import { DOUBLE_TEXT_BYTES_MAX, parseDouble, writeDouble } from "../../util/double.ts";
import { WIDE_ZERO } from "../../util/wide.ts";

/** Offset of a listpack's first byte in its segment. */
export function packedBase(value: Ref): number {
  return (value & GRANULE_MASK) << 3;
}

/** Number of members. */
export function packedLength(bytes: Uint8Array, base: number): number {
  return lpLength(bytes, base) >> 1;
}

/** The score of the member at `at`. */
export function packedScore(bytes: Uint8Array, at: number): number {
  const score = lpSkip(bytes, at);
  const value = lpInteger(bytes, score);
  if (!Number.isNaN(value)) return value;
  if (lpIsInteger(bytes, score)) return Number(lpBigInt(bytes, score));
  const start = lpStringStart(bytes, score);
  const length = lpStringLength(bytes, score);
  const parsed = parseDouble(bytes, start, length);
  return Number.isNaN(parsed) ? looseScore(latin1(bytes, start, start + length)) : parsed;
}

/** What C's strtod makes of text that no Redis has written: the number it begins with, or 0. */
function looseScore(text: string): number {
  const value = Number.parseFloat(text);
  return Number.isNaN(value) ? 0 : value;
}

/** Number of members with a score below `score`, or up to it when `inclusive`. */
export function packedCountByScore(
  bytes: Uint8Array,
  base: number,
  score: number,
  inclusive: boolean,
): number {
  let count = 0;
  let at = base + LP_HEADER_BYTES;
  while (bytes[at] !== LP_END) {
    const other = packedScore(bytes, at);
    if (!(other < score || (inclusive && other === score))) break;
    count++;
    at = lpSkip(bytes, lpSkip(bytes, at));
  }
  return count;
}

/** A score as it is stored: an integer, or text in `bytes[0, length)`. */
export class PackedScore {
  readonly bytes: Uint8Array = new Uint8Array(DOUBLE_TEXT_BYTES_MAX);
  length = 0;
  integer: number = WIDE_ZERO;
  isInteger = false;

  set(score: number): void {
    this.isInteger = Number.isSafeInteger(score);
    if (this.isInteger) {
      // A listpack has no negative zero.
      this.integer = score + 0;
    } else {
      this.length = writeDouble(this.bytes, 0, score);
    }
  }
}
