// The block of a list that holds elements: a listpack that floats in an arena block.
//
//   word 0        where the listpack starts, in bytes from the block's start
//   [words 1, 2]  previous and next node, in a quicklist only (see quicklist.ts)
//   room, listpack, room
//
// A list that is one listpack has the first form; one that is a quicklist has many of the second.
// There is room on both sides, so that pushing and popping at either end moves no other element: a
// push at the head writes the new entry before the first one and the listpack's header before that.
// When the room at one end is used up, the listpack slides over from a roomy other end, or the block
// grows by a quarter to a half; a block that has become mostly room shrinks. Both take amortised
// constant time per push and pop.
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  initListpack,
  LP_EMPTY_BYTES,
  LP_END,
  LP_HEADER_BYTES,
  lpBytes,
  lpEnd,
  lpLast,
  lpLength,
  lpPrev,
  lpSetBytes,
  lpSetCount,
  lpSkip,
} from "../../memory/listpack.ts";
import {
  lpDeleteAt,
  lpDeleteRangeAt,
  lpEncodedSize,
  lpInsertAt,
  lpOverwrite,
  lpReplaceAt,
  lpReplaceGrowth,
  lpWriteText,
} from "../../memory/listpack-edit.ts";
import type { Needle } from "./needle.ts";

/** Bytes in front of the listpack's room where a list is one listpack. */
export const LISTPACK_HEAD_BYTES = 4;
/** The same in a quicklist. */
export const NODE_HEAD_BYTES = 12;

/** Up to this size a listpack grows by a quarter, above by a half. */
const SMALL_BYTES_MAX = 512;
/** Blocks are not made smaller than this. */
const BLOCK_BYTES_MIN = 64;

export class ListNodes {
  readonly arena: Arena;
  /** The node that was opened or changed last: its listpack starts at bytes[base]. */
  bytes: Uint8Array = new Uint8Array(0);
  base = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  open(node: Ref): void {
    const segment = node >>> SEGMENT_SHIFT;
    const at = (node & GRANULE_MASK) << 1;
    this.bytes = this.arena.u8[segment];
    this.base = (at << 2) + this.arena.i32[segment][at];
  }

  /** A node with an empty listpack and room for `room` bytes of entries behind it. */
  create(headBytes: number, room: number): Ref {
    const node = this.arena.alloc(headBytes + LP_EMPTY_BYTES + room);
    this.#setStart(node, headBytes);
    this.open(node);
    initListpack(this.bytes, this.base);
    return node;
  }

  /** A node with a copy of the listpack at source[start], which may lie in the arena. */
  createFrom(headBytes: number, source: Uint8Array, start: number): Ref {
    const total = lpBytes(source, start);
    const node = this.arena.alloc(headBytes + total);
    this.#setStart(node, headBytes);
    this.open(node);
    this.bytes.set(source.subarray(start, start + total), this.base);
    return node;
  }

  /** Adds the text as the last entry. As all that may move the node, answers with where it is then. */
  append(
    node: Ref,
    headBytes: number,
    totalMax: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): Ref {
    const size = lpEncodedSize(source, offset, length);
    const placed = this.#openWithRoomBehind(node, headBytes, totalMax, size);
    this.pushInPlace(placed, headBytes, false, source, offset, length);
    return placed;
  }

  /** Adds the text as the first entry. */
  prepend(
    node: Ref,
    headBytes: number,
    totalMax: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): Ref {
    const size = lpEncodedSize(source, offset, length);
    this.open(node);
    let placed = node;
    if (this.base - size < this.#startOf(node) + headBytes) {
      placed = this.#makeRoomInFront(node, headBytes, totalMax, size);
    }
    this.pushInPlace(placed, headBytes, true, source, offset, length);
    this.open(placed);
    return placed;
  }

  /**
   * Adds the text at an end of a node that is a listpack, if its block has the room and nothing has to
   * move: what `append` and `prepend` do nearly always. False, and nothing has happened, otherwise.
   */
  pushInPlace(
    node: Ref,
    headBytes: number,
    atHead: boolean,
    source: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    const segment = node >>> SEGMENT_SHIFT;
    const word = (node & GRANULE_MASK) << 1;
    const words = this.arena.i32[segment];
    const bytes = this.arena.u8[segment];
    const block = word << 2;
    const base = block + words[word];
    const total = lpBytes(bytes, base);
    const count = lpLength(bytes, base) + 1;
    const size = lpEncodedSize(source, offset, length);
    if (atHead) {
      const moved = base - size;
      if (moved < block + headBytes) return false;
      words[word] = moved - block;
      lpWriteText(bytes, moved + LP_HEADER_BYTES, source, offset, length);
      lpSetBytes(bytes, moved, total + size);
      lpSetCount(bytes, moved, count);
      return true;
    }
    const end = base + total - 1;
    if (end + size >= block + this.arena.sizeOf(node)) return false;
    lpWriteText(bytes, end, source, offset, length);
    bytes[end + size] = LP_END;
    lpSetBytes(bytes, base, total + size);
    lpSetCount(bytes, base, count);
    return true;
  }

  /** Inserts the text before the entry at `base + at`, which may be the end. */
  insert(
    node: Ref,
    headBytes: number,
    totalMax: number,
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): Ref {
    const size = lpEncodedSize(source, offset, length);
    const placed = this.#openWithRoomBehind(node, headBytes, totalMax, size);
    lpInsertAt(this.bytes, this.base, this.base + at, source, offset, length);
    return placed;
  }

  /** Puts the text in the place of the entry at `base + at`. */
  replace(
    node: Ref,
    headBytes: number,
    totalMax: number,
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): Ref {
    this.open(node);
    if (lpOverwrite(this.bytes, this.base + at, source, offset, length)) return node;
    const growth = lpReplaceGrowth(this.bytes, this.base + at, source, offset, length);
    const placed = this.#openWithRoomBehind(node, headBytes, totalMax, growth);
    lpReplaceAt(this.bytes, this.base, this.base + at, source, offset, length);
    return placed;
  }

  /** Adds copies of the entries of the listpack at source[start], another node's. */
  appendAll(node: Ref, headBytes: number, source: Uint8Array, start: number): Ref {
    const total = lpBytes(source, start);
    const growth = total - LP_EMPTY_BYTES;
    const placed = this.#openWithRoomBehind(node, headBytes, 0, growth);
    const { bytes, base } = this;
    const end = lpEnd(bytes, base);
    const count = lpLength(bytes, base) + lpLength(source, start);
    bytes.set(source.subarray(start + LP_HEADER_BYTES, start + total), end);
    lpSetBytes(bytes, base, lpBytes(bytes, base) + growth);
    lpSetCount(bytes, base, count);
    return placed;
  }

  /** Removes the first `count` entries. At least one stays. */
  removeFirst(node: Ref, count: number): void {
    this.open(node);
    const { bytes, base } = this;
    const rest = lpLength(bytes, base) - count;
    const total = lpBytes(bytes, base);
    let first = base + LP_HEADER_BYTES;
    for (let i = 0; i < count; i++) first = lpSkip(bytes, first);
    const moved = first - LP_HEADER_BYTES;
    lpSetBytes(bytes, moved, total - (moved - base));
    lpSetCount(bytes, moved, rest);
    this.#setBase(node, moved);
  }

  /** Removes the last `count` entries. At least one stays. */
  removeLast(node: Ref, count: number): void {
    this.open(node);
    const { bytes, base } = this;
    const rest = lpLength(bytes, base) - count;
    let end = lpEnd(bytes, base);
    for (let i = 0; i < count; i++) end = lpPrev(bytes, base, end);
    bytes[end] = LP_END;
    lpSetBytes(bytes, base, end + 1 - base);
    lpSetCount(bytes, base, rest);
  }

  /** Removes `count` entries from the one at `base + at` on. At least one stays. */
  remove(node: Ref, at: number, count: number): void {
    this.open(node);
    lpDeleteRangeAt(this.bytes, this.base, this.base + at, count);
  }

  /**
   * Removes entries that match, up to `limit`, the last ones first if `backward`. Answers with how
   * many that were; the listpack may be empty then.
   */
  removeMatching(node: Ref, needle: Needle, backward: boolean, limit: number): number {
    this.open(node);
    const { bytes, base } = this;
    let removed = 0;
    if (backward) {
      let at = lpLast(bytes, base);
      while (at >= 0 && removed < limit) {
        const found = needle.findBackward(bytes, base, at, Number.POSITIVE_INFINITY);
        if (found < 0) break;
        at = lpPrev(bytes, base, found);
        lpDeleteAt(bytes, base, found);
        removed++;
      }
    } else {
      let at = needle.find(bytes, base + LP_HEADER_BYTES, Number.POSITIVE_INFINITY);
      while (at >= 0) {
        lpDeleteAt(bytes, base, at);
        removed++;
        if (removed === limit) break;
        at = needle.find(bytes, at, Number.POSITIVE_INFINITY);
      }
    }
    return removed;
  }

  /** Moves the entries from `base + at` on into a new node, which it answers with. */
  split(node: Ref, headBytes: number, at: number): Ref {
    this.open(node);
    const total = lpBytes(this.bytes, this.base);
    const size = total - 1 - at;
    const made = this.arena.alloc(headBytes + LP_EMPTY_BYTES + size);
    this.#setStart(made, headBytes);
    this.open(node);
    const { bytes, base } = this;
    const count = lpLength(bytes, base);
    let kept = 0;
    for (let i = base + LP_HEADER_BYTES; i < base + at; i = lpSkip(bytes, i)) kept++;
    this.open(made);
    const entries = this.base + LP_HEADER_BYTES;
    this.bytes.set(bytes.subarray(base + at, base + total), entries);
    lpSetBytes(this.bytes, this.base, LP_EMPTY_BYTES + size);
    lpSetCount(this.bytes, this.base, count - kept);
    bytes[base + at] = LP_END;
    lpSetBytes(bytes, base, at + 1);
    lpSetCount(bytes, base, kept);
    return made;
  }

  /** Gives memory back when the block has become mostly room. */
  fit(node: Ref, headBytes: number): Ref {
    this.open(node);
    const capacity = this.arena.sizeOf(node);
    const used = headBytes + lpBytes(this.bytes, this.base);
    if (capacity <= BLOCK_BYTES_MIN || used * 4 > capacity) return node;
    return this.#move(node, headBytes, used + (used >> 1), headBytes);
  }

  /** Gives all room back, if it is worth a move, for a node that will not grow soon. */
  trim(node: Ref, headBytes: number): Ref {
    this.open(node);
    const total = lpBytes(this.bytes, this.base);
    const room = this.arena.sizeOf(node) - headBytes - total;
    if (room <= (total >> 5) + 8) return node;
    if (this.base !== this.#startOf(node) + headBytes) {
      return this.#move(node, headBytes, headBytes + total, headBytes);
    }
    const placed = this.arena.realloc(node, headBytes + total);
    this.open(placed);
    return placed;
  }

  /** Makes the head larger or smaller; the caller fills it. */
  setHead(node: Ref, headBytes: number): Ref {
    this.open(node);
    if (this.base >= this.#startOf(node) + headBytes) return node;
    const used = headBytes + lpBytes(this.bytes, this.base);
    return this.#move(node, headBytes, used + (used >> 2), headBytes);
  }

  #startOf(node: Ref): number {
    return (node & GRANULE_MASK) << 3;
  }

  #setStart(node: Ref, start: number): void {
    this.arena.i32[node >>> SEGMENT_SHIFT][(node & GRANULE_MASK) << 1] = start;
  }

  #setBase(node: Ref, base: number): void {
    this.#setStart(node, base - this.#startOf(node));
    this.base = base;
  }

  /** Opens the node with room for `size` more bytes behind its listpack. */
  #openWithRoomBehind(node: Ref, headBytes: number, totalMax: number, size: number): Ref {
    this.open(node);
    const { arena } = this;
    const total = lpBytes(this.bytes, this.base);
    const start = this.#startOf(node);
    const end = this.base + total;
    if (end + size <= start + arena.sizeOf(node)) return node;
    const room = this.base - start - headBytes;
    if (room >= size && room >= total >> 1) {
      this.bytes.copyWithin(start + headBytes, this.base, end);
      this.#setBase(node, start + headBytes);
      return node;
    }
    const placed = arena.realloc(node, end - start + size + growthOf(total + size, totalMax));
    this.open(placed);
    return placed;
  }

  #makeRoomInFront(node: Ref, headBytes: number, totalMax: number, size: number): Ref {
    const total = lpBytes(this.bytes, this.base);
    const blockEnd = this.#startOf(node) + this.arena.sizeOf(node);
    const end = this.base + total;
    if (blockEnd - end >= size && blockEnd - end >= total >> 1) {
      this.bytes.copyWithin(blockEnd - total, this.base, end);
      this.#setBase(node, blockEnd - total);
      return node;
    }
    const capacity = headBytes + total + size + growthOf(total + size, totalMax);
    return this.#move(node, headBytes, capacity, -1);
  }

  /** Moves the node to a new block; its listpack to `start` there, -1: to the end. */
  #move(node: Ref, headBytes: number, capacity: number, start: number): Ref {
    const { arena } = this;
    const made = arena.alloc(capacity);
    this.open(node);
    const { bytes, base } = this;
    const total = lpBytes(bytes, base);
    const from = (node & GRANULE_MASK) << 1;
    const to = (made & GRANULE_MASK) << 1;
    const source = arena.i32[node >>> SEGMENT_SHIFT];
    const target = arena.i32[made >>> SEGMENT_SHIFT];
    // Where a list becomes a quicklist the old block has no links yet: what is copied is overwritten.
    for (let word = headBytes >> 2; --word > 0; ) target[to + word] = source[from + word];
    target[to] = start >= 0 ? start : arena.sizeOf(made) - total;
    this.open(made);
    this.bytes.set(bytes.subarray(base, base + total), this.base);
    arena.free(node);
    return made;
  }
}

/** Spare bytes for a listpack of `total` bytes that is growing towards `totalMax`. */
function growthOf(total: number, totalMax: number): number {
  const growth = total < SMALL_BYTES_MAX ? (total >> 2) + 8 : total >> 1;
  return total <= totalMax ? Math.min(growth, totalMax - total) : 0;
}
