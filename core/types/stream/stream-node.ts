// A node of a stream: a listpack with up to stream-node-max-entries entries, in exactly Redis's
// layout, so that saving and loading it is a copy. The node's key in the stream's index is the ID of
// the first entry it was made for, its base; entries hold the difference to it.
//
//   head     live entries, deleted entries, number of fields, fields…, 0
//   entry    flags, ms - base ms, seq - base seq, values…, number of elements before this one
//            or, without SAME_FIELDS:
//            flags, ms - base ms, seq - base seq, number of fields, (field, value)…, number of …
//
// The differences are 64-bit and wrap around. The fields of the head are those of the first entry;
// entries with the same ones leave them out. The last element of an entry and the 0 behind the
// head's fields serve for walking backwards. A deleted entry stays and is flagged; a node without
// live entries is removed.
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  initListpack,
  LP_EMPTY_BYTES,
  LP_END,
  LP_HEADER_BYTES,
  lpAddToCount,
  lpBytes,
  lpEnd,
  lpEquals,
  lpHigh,
  lpInteger,
  lpIsInteger,
  lpLow,
  lpPrev,
  lpSetBytes,
  lpSkip,
  lpValidate,
} from "../../memory/listpack.ts";
import { lpReplaceIntegerAt, lpWriteInt64, lpWriteText } from "../../memory/listpack-edit.ts";
import type { Args } from "../../resp/args.ts";
import { StreamId } from "./stream-id.ts";

export const DELETED = 1;
export const SAME_FIELDS = 2;
/** The greatest integer that is a byte of its own in a listpack; flags are never greater. */
const SMALL_INTEGER_MAX = 127;
/** Such an integer with its backlen. */
const SMALL_INTEGER_BYTES = 2;
const FLAGS_BYTES = SMALL_INTEGER_BYTES;
const TWO_32 = 4294967296;

/** An integer in a listpack takes at most this. */
const INTEGER_BYTES_MAX = 10;
/** Flags, both differences, number of fields, number of elements, and a head that grows. */
const ENTRY_HEAD_BYTES_MAX = 5 * INTEGER_BYTES_MAX;
/** Head without fields. */
const HEAD_BYTES_MAX = LP_EMPTY_BYTES + 4 * INTEGER_BYTES_MAX;
/** Text up to this length has two bytes around it in a listpack, longer text up to ten. */
const SHORT_TEXT_BYTES = 63;
/** Nodes grow to twice their size, by at most this or a quarter. */
const RESERVE_BYTES_MAX = 4096;

export class StreamNodes {
  readonly arena: Arena;
  /** The node opened last: its listpack starts at bytes[base]. */
  bytes: Uint8Array = new Uint8Array(0);
  base = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  open(node: Ref): void {
    this.bytes = this.arena.u8[node >>> SEGMENT_SHIFT];
    this.base = (node & GRANULE_MASK) << 3;
  }

  /**
   * A node without entries. Its fields are every second argument from `first` on; `reserve`: bytes
   * that it is going to need, as far as one knows.
   */
  create(args: Args, first: number, fieldCount: number, reserve: number): Ref {
    const fields = textBytesMax(args, first, fieldCount, 2);
    const node = this.arena.alloc(Math.max(HEAD_BYTES_MAX + fields, reserve));
    this.open(node);
    const { bytes, base } = this;
    initListpack(bytes, base);
    let at = base + LP_HEADER_BYTES;
    at = writeCount(bytes, at, 0);
    at = writeCount(bytes, at, 0);
    at = writeCount(bytes, at, fieldCount);
    for (let i = 0; i < fieldCount; i++) at = writeArgument(bytes, at, args, first + 2 * i);
    at = writeCount(bytes, at, 0);
    this.#end(at, fieldCount + 4);
    return node;
  }

  /** A node that is a copy of the listpack at source[start], which may lie in the arena. */
  copy(source: Uint8Array, start: number): Ref {
    const size = lpBytes(source, start);
    const node = this.arena.alloc(size);
    this.open(node);
    this.bytes.set(source.subarray(start, start + size), this.base);
    return node;
  }

  /** Size of the node's listpack in bytes. */
  size(node: Ref): number {
    this.open(node);
    return lpBytes(this.bytes, this.base);
  }

  /** Number of the node's live entries. */
  liveCount(node: Ref): number {
    this.open(node);
    return lpInteger(this.bytes, this.base + LP_HEADER_BYTES);
  }

  /** Number of the node's entries, deleted ones included. */
  entryCount(node: Ref): number {
    this.open(node);
    const at = this.base + LP_HEADER_BYTES;
    return lpInteger(this.bytes, at) + lpInteger(this.bytes, lpSkip(this.bytes, at));
  }

  /** Where the first entry of the node opened last is. */
  firstEntry(): number {
    const { bytes } = this;
    let at = lpSkip(bytes, lpSkip(bytes, this.base + LP_HEADER_BYTES));
    const fieldCount = lpInteger(bytes, at);
    at = lpSkip(bytes, at);
    for (let i = 0; i < fieldCount; i++) at = lpSkip(bytes, at);
    return lpSkip(bytes, at);
  }

  /**
   * Adds an entry with the fields and values in the arguments from `first` on as the last one.
   * Answers with the node, which may have moved.
   */
  append(
    node: Ref,
    base: StreamId,
    id: StreamId,
    args: Args,
    first: number,
    fieldCount: number,
  ): Ref {
    this.open(node);
    const hasSameFields = this.#hasFields(args, first, fieldCount);
    const texts = hasSameFields
      ? textBytesMax(args, first + 1, fieldCount, 2)
      : textBytesMax(args, first, 2 * fieldCount, 1);
    const moved = this.#makeRoom(node, ENTRY_HEAD_BYTES_MAX + texts);
    const { bytes } = this;
    const live = this.base + LP_HEADER_BYTES;
    if (bytes[live] < SMALL_INTEGER_MAX) bytes[live]++;
    else lpReplaceIntegerAt(bytes, this.base, live, lpInteger(bytes, live) + 1);
    let at = lpEnd(bytes, this.base);
    at = writeCount(bytes, at, hasSameFields ? SAME_FIELDS : 0);
    at = writeDifference(bytes, at, id.msHigh, id.msLow, base.msHigh, base.msLow);
    at = writeDifference(bytes, at, id.seqHigh, id.seqLow, base.seqHigh, base.seqLow);
    let elements = 3;
    if (!hasSameFields) {
      at = writeCount(bytes, at, fieldCount);
      elements += 1 + fieldCount;
    }
    for (let i = 0; i < fieldCount; i++) {
      if (!hasSameFields) at = writeArgument(bytes, at, args, first + 2 * i);
      at = writeArgument(bytes, at, args, first + 2 * i + 1);
    }
    elements += fieldCount;
    at = writeCount(bytes, at, elements);
    this.#end(at, elements + 1);
    return moved;
  }

  /** Whether every second argument from `first` on is the field in the same place of the head. */
  #hasFields(args: Args, first: number, fieldCount: number): boolean {
    const { bytes } = this;
    let at = lpSkip(bytes, lpSkip(bytes, this.base + LP_HEADER_BYTES));
    if (lpInteger(bytes, at) !== fieldCount) return false;
    for (let i = first; i < first + 2 * fieldCount; i += 2) {
      at = lpSkip(bytes, at);
      if (!lpEquals(bytes, at, args.bytes, args.offset[i], args.length[i])) return false;
    }
    return true;
  }

  /** Writes the end of the node opened last, to which elements were added, and tells its header. */
  #end(at: number, elements: number): void {
    const { bytes, base } = this;
    bytes[at] = LP_END;
    lpSetBytes(bytes, base, at + 1 - base);
    lpAddToCount(bytes, base, elements);
  }

  /** Makes the node opened last, `node`, take `added` more bytes. */
  #makeRoom(node: Ref, added: number): Ref {
    const size = lpBytes(this.bytes, this.base);
    const needed = size + added;
    if (needed <= this.arena.sizeOf(node)) return node;
    const reserve = Math.min(size, Math.max(RESERVE_BYTES_MAX, size >>> 2));
    const moved = this.arena.realloc(node, needed + reserve);
    this.open(moved);
    return moved;
  }

  /** Gives back what the node has in reserve. Answers with the node, which may have moved. */
  shrink(node: Ref): Ref {
    return this.arena.realloc(node, this.size(node));
  }

  /** The ID of the node's last entry, deleted or not, into `id`. False when it has none. */
  lastId(node: Ref, base: StreamId, id: StreamId): boolean {
    this.open(node);
    const { bytes } = this;
    let at = lpPrev(bytes, this.base, lpEnd(bytes, this.base));
    let elements = lpInteger(bytes, at);
    if (elements === 0) return false;
    for (; elements > 0; elements--) at = lpPrev(bytes, this.base, at);
    loadEntryId(bytes, at, base, id);
    return true;
  }

  /** `count` entries more are deleted. Answers with the node, which may have moved. */
  countDeleted(node: Ref, count: number): Ref {
    this.open(node);
    const moved = this.#makeRoom(node, INTEGER_BYTES_MAX);
    const { bytes, base } = this;
    const live = base + LP_HEADER_BYTES;
    lpReplaceIntegerAt(bytes, base, live, lpInteger(bytes, live) - count);
    const deleted = lpSkip(bytes, live);
    lpReplaceIntegerAt(bytes, base, deleted, lpInteger(bytes, deleted) + count);
    return moved;
  }
}

/** Flags the entry at `at` as deleted; `StreamNodes.countDeleted` tells its node. */
export function markDeleted(bytes: Uint8Array, at: number): void {
  // Flags are small integers, of one byte without any prefix.
  bytes[at] |= DELETED;
}

/**
 * The ID of the entry at `at` into `id`; `base` is the key of its node. Answers with the offset of
 * the element behind it.
 */
export function loadEntryId(bytes: Uint8Array, at: number, base: StreamId, id: StreamId): number {
  const ms = at + FLAGS_BYTES;
  const seq = ms + SMALL_INTEGER_BYTES;
  const msLow = (base.msLow >>> 0) + bytes[ms];
  const seqLow = (base.seqLow >>> 0) + bytes[seq];
  // Most differences are one byte each, and carry nothing over.
  if (bytes[ms] < 128 && bytes[seq] < 128 && msLow < TWO_32 && seqLow < TWO_32) {
    id.msHigh = base.msHigh;
    id.msLow = msLow | 0;
    id.seqHigh = base.seqHigh;
    id.seqLow = seqLow | 0;
    return seq + SMALL_INTEGER_BYTES;
  }
  return loadDistantId(bytes, ms, base, id);
}

function loadDistantId(bytes: Uint8Array, ms: number, base: StreamId, id: StreamId): number {
  const seq = lpSkip(bytes, ms);
  id.setSum(base, lpHigh(bytes, ms), lpLow(bytes, ms), lpHigh(bytes, seq), lpLow(bytes, seq));
  return lpSkip(bytes, seq);
}

function textBytesMax(args: Args, first: number, count: number, step: number): number {
  let total = 0;
  for (let i = first; i < first + count * step; i += step) {
    const length = args.length[i];
    total += length + (length <= SHORT_TEXT_BYTES ? 2 : INTEGER_BYTES_MAX);
  }
  return total;
}

function writeArgument(bytes: Uint8Array, at: number, args: Args, i: number): number {
  return lpWriteText(bytes, at, args.bytes, args.offset[i], args.length[i]);
}

/** Writes an integer that is not negative and has 31 bits as an element. */
function writeCount(bytes: Uint8Array, at: number, value: number): number {
  if (value > SMALL_INTEGER_MAX) return lpWriteInt64(bytes, at, 0, value);
  bytes[at] = value;
  bytes[at + 1] = 1;
  return at + SMALL_INTEGER_BYTES;
}

/** Writes the 64-bit a - b as an element. */
function writeDifference(
  bytes: Uint8Array,
  at: number,
  aHigh: number,
  aLow: number,
  bHigh: number,
  bLow: number,
): number {
  const difference = (aLow >>> 0) - (bLow >>> 0);
  if (aHigh === bHigh && difference >= 0 && difference <= SMALL_INTEGER_MAX) {
    return writeCount(bytes, at, difference);
  }
  const borrow = difference < 0 ? 1 : 0;
  return lpWriteInt64(bytes, at, (aHigh - bHigh - borrow) | 0, (aLow - bLow) | 0);
}

// ---------------------------------------------------------------------------- checking

/**
 * Whether bytes[start, start+length) is a node with this key: a sound listpack whose elements are a
 * head and entries, as many live and deleted ones as the head says, with ascending IDs from the key
 * on. `last` is the ID before them and becomes that of the last one. Nothing outside of the range is
 * read.
 */
export function isStreamNode(
  bytes: Uint8Array,
  start: number,
  length: number,
  base: StreamId,
  last: StreamId,
): boolean {
  if (!lpValidate(bytes, start, length, true)) return false;
  const live = start + LP_HEADER_BYTES;
  if (!isCount(bytes, live)) return false;
  const deleted = lpSkip(bytes, live);
  if (!isCount(bytes, deleted)) return false;
  const fields = lpSkip(bytes, deleted);
  if (!isCount(bytes, fields)) return false;
  const fieldCount = lpInteger(bytes, fields);
  const zero = skipElements(bytes, lpSkip(bytes, fields), fieldCount);
  if (zero < 0 || !isCount(bytes, zero) || lpInteger(bytes, zero) !== 0) return false;
  const id = new StreamId();
  let liveLeft = lpInteger(bytes, live);
  let deletedLeft = lpInteger(bytes, deleted);
  let at = lpSkip(bytes, zero);
  while (bytes[at] !== LP_END) {
    if (bytes[at] > SMALL_INTEGER_MAX) return false;
    if ((bytes[at] & DELETED) !== 0) deletedLeft--;
    else liveLeft--;
    const next = entryEnd(bytes, at, fieldCount);
    if (next < 0) return false;
    loadEntryId(bytes, at, base, id);
    if (id.compare(base) < 0 || id.compare(last) <= 0) return false;
    last.copy(id);
    at = next;
  }
  return liveLeft === 0 && deletedLeft === 0;
}

/** The offset behind the entry at `at` of a sound listpack, or -1 when it is no entry. */
function entryEnd(bytes: Uint8Array, at: number, headFieldCount: number): number {
  const hasSameFields = (bytes[at] & SAME_FIELDS) !== 0;
  let next = lpSkip(bytes, at);
  if (!isInteger(bytes, next)) return -1;
  next = lpSkip(bytes, next);
  if (!isInteger(bytes, next)) return -1;
  next = lpSkip(bytes, next);
  let texts = headFieldCount;
  let elements = 3;
  if (!hasSameFields) {
    if (!isCount(bytes, next)) return -1;
    texts = 2 * lpInteger(bytes, next);
    elements++;
    next = lpSkip(bytes, next);
  }
  next = skipElements(bytes, next, texts);
  if (next < 0 || !isCount(bytes, next)) return -1;
  return lpInteger(bytes, next) === elements + texts ? lpSkip(bytes, next) : -1;
}

/** The offset behind `count` elements, or -1 when there are fewer. */
function skipElements(bytes: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    if (bytes[at] === LP_END) return -1;
    at = lpSkip(bytes, at);
  }
  return at;
}

function isInteger(bytes: Uint8Array, at: number): boolean {
  return bytes[at] !== LP_END && lpIsInteger(bytes, at);
}

function isCount(bytes: Uint8Array, at: number): boolean {
  return isInteger(bytes, at) && lpInteger(bytes, at) >= 0;
}
