// Ziplists: what Redis before 7.0 kept small values in. They are only read, and become listpacks.
//
//   total bytes (u32), offset of the last entry (u32), entries (u16; 65535 = not known), entries…, 0xFF
//
// An entry is the size of the one before it (one byte below 254, else 0xFE and a u32), its encoding,
// and its data:
//
//   00llllll data             string of up to 63 bytes
//   01llllll llllllll data    string of up to 16383 bytes, the highest length bits first
//   10______ u32 data         longer string, the length big endian
//   0xC0 0xD0 0xE0 0xF0       integer of 16, 32, 64, 24 bits
//   0xFE                      integer of 8 bits
//   1111xxxx                  xxxx - 1: integer 0 to 12
//
// Numbers are little endian where nothing else is said.
import { initListpack, LP_BYTES_MAX, lpBytes } from "../memory/listpack.ts";
import { lpAppend, lpAppendInt64 } from "../memory/listpack-edit.ts";

const HEADER_BYTES = 10;
const END = 0xff;
const COUNT_UNKNOWN = 0xffff;
const LONG_PREVIOUS = 0xfe;
const INTEGER_16_BITS = 0xc0;
const INTEGER_32_BITS = 0xd0;
const INTEGER_64_BITS = 0xe0;
const INTEGER_24_BITS = 0xf0;
const INTEGER_8_BITS = 0xfe;
const IMMEDIATE_MIN = 0xf1;
const IMMEDIATE_MAX = 0xfd;
/** No entry grows by more than this when it is encoded anew. */
const GROWTH_MAX = 6;

/**
 * The ziplist bytes[start, start+size) as a listpack, or null when it is not sound: every length and
 * offset in it is checked. The answer is a buffer of its own, exactly as long as the listpack.
 */
export function listpackOfZiplist(
  bytes: Uint8Array,
  start: number,
  size: number,
): Uint8Array | null {
  const end = start + size - 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size <= HEADER_BYTES || view.getUint32(start, true) !== size || bytes[end] !== END) {
    return null;
  }
  const count = countEntries(view, start, end);
  if (count < 0 || size + count * GROWTH_MAX > LP_BYTES_MAX) return null;
  const listpack = new Uint8Array(size + count * GROWTH_MAX);
  initListpack(listpack, 0);
  for (let at = start + HEADER_BYTES; at < end; at = entryEnd(view, at, end)) {
    append(listpack, bytes, view, encodingAt(view, at));
  }
  return listpack.slice(0, lpBytes(listpack, 0));
}

/** Number of entries, -1 when anything is wrong. */
function countEntries(view: DataView, start: number, end: number): number {
  let count = 0;
  let at = start + HEADER_BYTES;
  let previous = at;
  while (at < end && view.getUint8(at) !== END) {
    const next = entryEnd(view, at, end);
    if (next < 0 || previousSize(view, at) !== at - previous) return -1;
    previous = at;
    at = next;
    count++;
  }
  const known = view.getUint16(start + 8, true);
  if (at !== end || (known !== COUNT_UNKNOWN && known !== count)) return -1;
  return count > 0 && view.getUint32(start + 4, true) !== previous - start ? -1 : count;
}

/** Where the encoding of the entry at `at` is. */
function encodingAt(view: DataView, at: number): number {
  return at + (view.getUint8(at) < LONG_PREVIOUS ? 1 : 5);
}

/** The size that the entry at `at` says the one before has. */
function previousSize(view: DataView, at: number): number {
  const byte = view.getUint8(at);
  return byte < LONG_PREVIOUS ? byte : view.getUint32(at + 1, true);
}

/** The offset behind the entry at `at`, or -1 when it is none or reaches beyond `end`. */
function entryEnd(view: DataView, at: number, end: number): number {
  const encoding = encodingAt(view, at);
  if (encoding >= end) return -1;
  const byte = view.getUint8(encoding);
  if (byte >= INTEGER_16_BITS) {
    const size = integerBytes(byte);
    return size < 0 || encoding + 1 + size > end ? -1 : encoding + 1 + size;
  }
  const data = stringStart(view, encoding);
  if (data > end) return -1;
  const next = data + stringLength(view, encoding);
  return next > end ? -1 : next;
}

/** Bytes of data behind an integer's encoding, -1 when there is no such encoding. */
function integerBytes(byte: number): number {
  switch (byte) {
    case INTEGER_8_BITS:
      return 1;
    case INTEGER_16_BITS:
      return 2;
    case INTEGER_24_BITS:
      return 3;
    case INTEGER_32_BITS:
      return 4;
    case INTEGER_64_BITS:
      return 8;
    default:
      return byte >= IMMEDIATE_MIN && byte <= IMMEDIATE_MAX ? 0 : -1;
  }
}

function stringStart(view: DataView, encoding: number): number {
  const kind = view.getUint8(encoding) >> 6;
  return encoding + (kind === 0 ? 1 : kind === 1 ? 2 : 5);
}

function stringLength(view: DataView, encoding: number): number {
  const byte = view.getUint8(encoding);
  const kind = byte >> 6;
  if (kind === 0) return byte & 0x3f;
  if (kind === 1) return ((byte & 0x3f) << 8) | view.getUint8(encoding + 1);
  return view.getUint32(encoding + 1);
}

/** Appends the element whose encoding is at `encoding` to the listpack. */
function append(listpack: Uint8Array, bytes: Uint8Array, view: DataView, encoding: number): void {
  const byte = view.getUint8(encoding);
  const data = encoding + 1;
  if (byte < INTEGER_16_BITS) {
    const start = stringStart(view, encoding);
    lpAppend(listpack, 0, bytes, start, stringLength(view, encoding));
  } else if (byte === INTEGER_64_BITS) {
    lpAppendInt64(listpack, 0, view.getInt32(data + 4, true), view.getInt32(data, true));
  } else {
    const value = smallInteger(view, byte, data);
    lpAppendInt64(listpack, 0, value >> 31, value);
  }
}

/** An integer of up to 32 bits. */
function smallInteger(view: DataView, byte: number, data: number): number {
  if (byte === INTEGER_8_BITS) return view.getInt8(data);
  if (byte === INTEGER_16_BITS) return view.getInt16(data, true);
  if (byte === INTEGER_32_BITS) return view.getInt32(data, true);
  if (byte === INTEGER_24_BITS) return (view.getInt8(data + 2) << 16) | view.getUint16(data, true);
  return byte - IMMEDIATE_MIN;
}
