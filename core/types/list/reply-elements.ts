// Elements of a list as a reply: what LRANGE, and the pops with a count, spend their time with.
import {
  LP_END,
  lpEnd,
  lpEntryLength,
  lpFormat,
  lpInteger,
  lpPrev,
  lpSkip,
} from "../../memory/listpack.ts";
import type { Reply } from "../../resp/reply.ts";
import { copyStrided } from "../../util/copy-strided.ts";
import { integerLength, writeInteger } from "../../util/integer.ts";
import { type DenseWalk, formatInteger, integerOf, isString } from "./dense-walk.ts";
import type { ListCursor } from "./list-cursor.ts";

const DOLLAR = 36;
const CR = 13;
const LF = 10;
const CRLF = 0x0d0a;
const DIGIT_0 = 48;
const SHORT_STRING = 0x80;
const SHORT_STRING_END = 0xc0;
/** What an element needs in a reply besides the bytes of its entry: header, line ends, more digits. */
const ELEMENT_OVERHEAD_BYTES = 40;
/** The shortest element in a reply. */
const ELEMENT_BYTES_MIN = 6;
/** Elements that room is made for at once. */
const BATCH = 1024;

/** Writes `count` elements from the cursor on, as strings; the array's header is written already. */
export function replyElements(
  reply: Reply,
  cursor: ListCursor,
  count: number,
  forward: boolean,
): void {
  let left = count;
  reply.reserve(count * ELEMENT_BYTES_MIN);
  while (left > 0) {
    if (cursor.isDense) {
      left -= replyDense(reply, cursor, left);
    } else if (cursor.isPlain) {
      reply.bulk(cursor.bytes, cursor.at, cursor.size);
      cursor.advance();
      left--;
    } else {
      const batch = Math.min(left, BATCH);
      left -= forward ? replyForward(reply, cursor, batch) : replyBackward(reply, cursor, batch);
    }
  }
}

/** Up to `count` elements of one listpack; answers with how many. */
function replyForward(reply: Reply, cursor: ListCursor, count: number): number {
  const { bytes } = cursor;
  let { at } = cursor;
  reply.reserve(lpEnd(bytes, cursor.base) - at + count * ELEMENT_OVERHEAD_BYTES);
  const out = reply.bytes;
  let to = reply.size;
  let found = 0;
  while (found < count && bytes[at] !== LP_END) {
    to = writeElement(out, to, bytes, at);
    at = lpSkip(bytes, at);
    found++;
  }
  reply.size = to;
  if (bytes[at] === LP_END) cursor.nextNode();
  else cursor.at = at;
  return found;
}

/** As `replyForward`, towards the head. */
function replyBackward(reply: Reply, cursor: ListCursor, count: number): number {
  const { bytes, base } = cursor;
  let { at } = cursor;
  reply.reserve(lpSkip(bytes, at) - base + count * ELEMENT_OVERHEAD_BYTES);
  const out = reply.bytes;
  let to = reply.size;
  let found = 0;
  while (found < count && at >= 0) {
    to = writeElement(out, to, bytes, at);
    at = lpPrev(bytes, base, at);
    found++;
  }
  reply.size = to;
  if (at < 0) cursor.nextNode();
  else cursor.at = at;
  return found;
}

/** Up to `count` elements of one run of a dense node; answers with how many. */
function replyDense(reply: Reply, cursor: ListCursor, count: number): number {
  const { dense } = cursor;
  const found = Math.min(count, dense.left);
  reply.reserve(found * (dense.width + ELEMENT_OVERHEAD_BYTES));
  if (isString(dense.kind)) writeTexts(reply, dense, found);
  else writeIntegers(reply, dense, found);
  cursor.passDense(found);
  return found;
}

/** Strings of one length, which have the same in front of and behind them. */
function writeTexts(reply: Reply, walk: DenseWalk, count: number): void {
  const { view, size: start } = reply;
  const { width } = walk;
  const text = writeHeader(reply.bytes, start, width);
  const headerBytes = text - start;
  const stride = headerBytes + width + 2;
  copyStrided(view, start + stride, stride, view, start, 0, headerBytes, count - 1);
  copyStrided(view, text, stride, walk.view, walk.at, width, width, count);
  const end = start + count * stride;
  for (let to = text + width; to < end; to += stride) view.setUint16(to, CRLF);
  reply.size = end;
}

function writeIntegers(reply: Reply, { bytes, at, width, kind }: DenseWalk, count: number): void {
  const out = reply.bytes;
  let to = reply.size;
  let from = at;
  for (let left = count; left > 0; left--) {
    // Of 24 bits and less they have up to eight digits, and so the length has one; of more, either.
    const text = to + (width <= 3 || isShort(integerOf(kind, bytes, from)) ? 4 : 5);
    const end = formatInteger(kind, bytes, from, out, text);
    writeHeader(out, to, end - text);
    out[end] = CR;
    out[end + 1] = LF;
    to = end + 2;
    from += width;
  }
  reply.size = to;
}

/** True when the text of the integer, NaN for one that is not safe, has less than ten bytes. */
function isShort(value: number): boolean {
  return value >= -99999999 && value <= 999999999;
}

/** Writes the line in front of a string of `length` bytes at out[to]; answers with the offset behind it. */
function writeHeader(out: Uint8Array, to: number, length: number): number {
  let o = to;
  out[o++] = DOLLAR;
  if (length < 10) out[o++] = DIGIT_0 + length;
  else o = writeInteger(out, o, length);
  out[o++] = CR;
  out[o++] = LF;
  return o;
}

/** Writes the entry at bytes[at] as a string at out[to]; answers with the offset behind it. */
function writeElement(out: Uint8Array, to: number, bytes: Uint8Array, at: number): number {
  let o = to;
  out[o++] = DOLLAR;
  const byte = bytes[at];
  if (byte >= SHORT_STRING && byte < SHORT_STRING_END) {
    const length = byte - SHORT_STRING;
    if (length < 10) {
      out[o++] = DIGIT_0 + length;
    } else {
      const tens = (length / 10) | 0;
      out[o++] = DIGIT_0 + tens;
      out[o++] = DIGIT_0 + length - tens * 10;
    }
    out[o++] = CR;
    out[o++] = LF;
    for (let i = 1; i <= length; i++) out[o++] = bytes[at + i];
  } else {
    const value = lpInteger(bytes, at);
    const isInteger = !Number.isNaN(value);
    o = writeInteger(out, o, isInteger ? integerLength(value) : lpEntryLength(bytes, at));
    out[o++] = CR;
    out[o++] = LF;
    o = isInteger ? writeInteger(out, o, value) : lpFormat(bytes, at, out, o);
  }
  out[o++] = CR;
  out[o++] = LF;
  return o;
}
