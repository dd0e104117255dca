// Zipmaps: what Redis before 2.6 kept small hashes in. They are only read, and become listpacks.
//
//   pairs (one byte; 254 = not known), pairs…, 0xFF
//
// A pair is the length of the field and the field, the length of the value, the number of unused
// bytes behind it (one byte), the value, the unused bytes. A length is one byte below 254, else 0xFE
// and a u32, little endian.
import { initListpack, LP_BYTES_MAX, LP_EMPTY_BYTES, lpBytes } from "../memory/listpack.ts";
import { lpAppend } from "../memory/listpack-edit.ts";

const END = 0xff;
const LONG = 0xfe;
/** A string takes at most this much more in a listpack than here: a longer length, a backlen. */
const GROWTH_MAX = 10;

/** The zipmap bytes[start, start+size) as a listpack of its own, or null when it is not sound. */
export function listpackOfZipmap(
  bytes: Uint8Array,
  start: number,
  size: number,
): Uint8Array | null {
  const end = start + size - 1;
  if (size < 2 || bytes[end] !== END) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pairs = countPairs(view, start, end);
  const bytesMax = LP_EMPTY_BYTES + size + pairs * 2 * GROWTH_MAX;
  if (pairs <= 0 || bytesMax > LP_BYTES_MAX) return null;
  const listpack = new Uint8Array(bytesMax);
  initListpack(listpack, 0);
  for (let at = start + 1; at < end; ) {
    const field = stringStart(view, at);
    const value = field + lengthAt(view, at);
    const valueStart = stringStart(view, value) + 1;
    lpAppend(listpack, 0, bytes, field, lengthAt(view, at));
    lpAppend(listpack, 0, bytes, valueStart, lengthAt(view, value));
    at = pairEnd(view, at, end);
  }
  return listpack.slice(0, lpBytes(listpack, 0));
}

/** Number of pairs, -1 when anything is wrong. */
function countPairs(view: DataView, start: number, end: number): number {
  let count = 0;
  let at = start + 1;
  while (at >= 0 && at < end && view.getUint8(at) !== END) {
    at = pairEnd(view, at, end);
    count++;
  }
  const known = view.getUint8(start);
  return at === end && (known >= LONG || known === count) ? count : -1;
}

/** The offset behind the pair at `at`, or -1 when it reaches beyond `end`. */
function pairEnd(view: DataView, at: number, end: number): number {
  if (stringStart(view, at) > end) return -1;
  const value = stringStart(view, at) + lengthAt(view, at);
  if (value >= end || stringStart(view, value) >= end) return -1;
  const valueStart = stringStart(view, value);
  const unused = view.getUint8(valueStart);
  const next = valueStart + 1 + lengthAt(view, value) + unused;
  return next > end ? -1 : next;
}

/** The offset behind the length at `at`. */
function stringStart(view: DataView, at: number): number {
  return at + (view.getUint8(at) < LONG ? 1 : 5);
}

function lengthAt(view: DataView, at: number): number {
  const byte = view.getUint8(at);
  return byte < LONG ? byte : view.getUint32(at + 1, true);
}
