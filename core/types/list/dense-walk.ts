// Dense nodes, read: nodes in the middle of a quicklist, which nobody edits, hold their listpack in a
// form without anything that repeats from entry to entry. Equal entries in a row cost their data only,
// where a listpack has two to four more bytes with each.
//
//   words 0 … 2   as of all nodes (quick-nodes.ts)
//   word 3        size of the listpack, which is below 64 KiB
//   word 4        number of elements | bytes of the column << 16
//   column        the kinds of the elements, run by run
//   data          of all elements, one behind the other
//
// The kind of an element is how its listpack entry begins, without bits of data:
//
//   0x00                  integer 0..127        0xC0          integer of 13 bits
//   0x80 | length         string                0xF1 … 0xF4   integer of 16, 24, 32, 64 bits
//   0xE0 | high, low      string of up to 4095 bytes
//
// A run of elements of one kind is the kind, if there is one of them, else twice the kind and a byte:
// how many there are besides two. So the column is never longer than what it replaces. The data is
// that of the entry; of the two smallest kinds of integers the whole entry, but for its backlen.
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  LP_INTEGER_13_BITS,
  LP_INTEGER_16_BITS,
  LP_INTEGER_64_BITS,
  LP_STRING_6_BITS,
  LP_STRING_12_BITS,
  LP_STRING_32_BITS,
  lpInteger,
} from "../../memory/listpack.ts";
import { int64Number, writeInt64 } from "../../util/int64.ts";
import { writeInteger } from "../../util/integer.ts";

/** Words of a dense node, and where its column starts. */
export const DENSE_SIZE = 3;
export const DENSE_COUNTS = 4;
export const DENSE_HEAD_BYTES = 20;
/** Longest run that the column can tell: two and what one byte says. */
export const RUN_COUNT_MAX = 257;

/** Kinds as numbers: the first byte, and the second one above it. */
const INTEGER_7_BITS = 0;
const INTEGER_24_BITS = LP_INTEGER_16_BITS + 1;
const INTEGER_32_BITS = LP_INTEGER_16_BITS + 2;

/** The kind of the listpack entry at bytes[at]; -1 when it has none, or there is no entry. */
export function kindAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte < LP_STRING_6_BITS) return INTEGER_7_BITS;
  if (byte < LP_INTEGER_13_BITS) return byte;
  if (byte < LP_STRING_12_BITS) return LP_INTEGER_13_BITS;
  if (byte < LP_STRING_32_BITS) return byte | (bytes[at + 1] << 8);
  return byte > LP_STRING_32_BITS && byte <= LP_INTEGER_64_BITS ? byte : -1;
}

/** Bytes of the kind in the column. */
export function kindBytes(kind: number): number {
  return isLongString(kind) ? 2 : 1;
}

/** Bytes in front of the data in a listpack entry. */
export function prefixBytes(kind: number): number {
  if (kind === INTEGER_7_BITS || kind === LP_INTEGER_13_BITS) return 0;
  return kindBytes(kind);
}

/** Bytes of data of an element. */
export function dataBytes(kind: number): number {
  if (kind === INTEGER_7_BITS) return 1;
  if (kind < LP_INTEGER_13_BITS) return kind - LP_STRING_6_BITS;
  if (kind === LP_INTEGER_13_BITS) return 2;
  if (isLongString(kind)) return ((kind & 0x0f) << 8) | (kind >> 8);
  return kind === LP_INTEGER_64_BITS ? 8 : kind - LP_INTEGER_16_BITS + 2;
}

/** True when elements of this kind are strings. */
export function isString(kind: number): boolean {
  return (kind >= LP_STRING_6_BITS && kind < LP_INTEGER_13_BITS) || isLongString(kind);
}

function isLongString(kind: number): boolean {
  return (kind & 0xf0) === LP_STRING_12_BITS;
}

/** The integer of this kind with its data at bytes[at]; NaN when it is not a safe one. */
export function integerOf(kind: number, bytes: Uint8Array, at: number): number {
  switch (kind) {
    case LP_INTEGER_16_BITS:
      return ((bytes[at + 1] << 24) >> 16) | bytes[at];
    case INTEGER_24_BITS:
      return ((bytes[at + 2] << 24) >> 8) | (bytes[at + 1] << 8) | bytes[at];
    case INTEGER_32_BITS:
      return int32At(bytes, at);
    case LP_INTEGER_64_BITS:
      return int64Number(int32At(bytes, at + 4), int32At(bytes, at));
    default:
      return lpInteger(bytes, at);
  }
}

/** True when the integer of this kind with its data at bytes[at] has these halves. */
export function isInt64Of(
  kind: number,
  bytes: Uint8Array,
  at: number,
  high: number,
  low: number,
): boolean {
  if (kind !== LP_INTEGER_64_BITS) return false;
  return int32At(bytes, at) === low && int32At(bytes, at + 4) === high;
}

/** Writes the integer as text at out[outAt]; answers with the offset behind it. */
export function formatInteger(
  kind: number,
  bytes: Uint8Array,
  at: number,
  out: Uint8Array,
  outAt: number,
): number {
  const value = integerOf(kind, bytes, at);
  if (!Number.isNaN(value)) return writeInteger(out, outAt, value);
  return writeInt64(out, outAt, int32At(bytes, at + 4), int32At(bytes, at));
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** A walk over the elements of a dense node from the first to the last one. */
export class DenseWalk {
  readonly #arena: Arena;
  bytes: Uint8Array = new Uint8Array(0);
  /** The same memory. */
  view: DataView = new DataView(this.bytes.buffer);
  /** The element's data: bytes[at, at + width). */
  at = 0;
  width = 0;
  kind = 0;
  /** Elements of the run that are left, this one included. */
  left = 0;
  /** Elements up to the end of the run. */
  #passed = 0;
  /** The rest of the column. */
  #column = 0;
  #columnEnd = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Starts at the first element of a node. */
  open(node: Ref): void {
    const segment = node >>> SEGMENT_SHIFT;
    const start = (node & GRANULE_MASK) << 3;
    this.bytes = this.#arena.u8[segment];
    this.view = this.#arena.view[segment];
    this.#column = start + DENSE_HEAD_BYTES;
    this.#columnEnd = this.#column + (this.#arena.i32[segment][(start >> 2) + DENSE_COUNTS] >>> 16);
    this.at = this.#columnEnd;
    this.width = 0;
    this.left = 0;
    this.#passed = 0;
    this.nextRun();
  }

  /** Which of the node's elements this one is. */
  get index(): number {
    return this.#passed - this.left;
  }

  /** Goes on to the element `count` further; false when the node ends before it. */
  pass(count: number): boolean {
    let rest = count;
    while (rest >= this.left) {
      rest -= this.left;
      if (!this.nextRun()) return false;
    }
    this.at += rest * this.width;
    this.left -= rest;
    return true;
  }

  /** Goes on to the first element of the next run; false when there is none. */
  nextRun(): boolean {
    this.at += this.left * this.width;
    this.left = 0;
    if (this.#column === this.#columnEnd) return false;
    const { bytes } = this;
    const end = this.#columnEnd;
    let i = this.#column;
    const first = bytes[i];
    let isRepeated: boolean;
    if (isLongString(first)) {
      this.kind = first | (bytes[i + 1] << 8);
      i += 2;
      isRepeated = i < end && bytes[i] === first && bytes[i + 1] === bytes[i - 1];
      if (isRepeated) i += 2;
    } else {
      this.kind = first;
      i++;
      isRepeated = i < end && bytes[i] === first;
      if (isRepeated) i++;
    }
    this.left = isRepeated ? 2 + bytes[i++] : 1;
    this.width = dataBytes(this.kind);
    this.#passed += this.left;
    this.#column = i;
    return true;
  }
}
