// Dense nodes, written: made of listpacks, and turned into listpacks again when somebody edits them.
// dense-walk.ts has their layout. Every byte of the listpack comes back, so a listpack in which
// something could be written in two ways and is not written in the usual one stays as it is.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  LP_END,
  LP_HEADER_BYTES,
  lpBacklenBytes,
  lpBytes,
  lpLength,
  lpSetBytes,
  lpSetCount,
} from "../../memory/listpack.ts";
import { lpWriteText } from "../../memory/listpack-edit.ts";
import { copyBytes } from "../../util/copy.ts";
import { copyStrided } from "../../util/copy-strided.ts";
import {
  DENSE_COUNTS,
  DENSE_HEAD_BYTES,
  DENSE_SIZE,
  DenseWalk,
  dataBytes,
  isString,
  kindAt,
  kindBytes,
  prefixBytes,
  RUN_COUNT_MAX,
} from "./dense-walk.ts";
import { NODE_HEAD_BYTES } from "./list-node.ts";

/** Sizes and counts of a dense node are numbers of 16 bits. */
const LISTPACK_BYTES_MAX = 0xffff;
/** What is gained must be worth the work: one part of so many, and a granule of the arena. */
const GAIN_SHARE = 64;
const GAIN_BYTES_MIN = 8;
/** With shorter runs, on average, reading takes longer than in a listpack. */
const RUN_AVERAGE_MIN = 4;
/** Longest text of an integer, and the entry of a text of that length. */
const INTEGER_TEXT_BYTES_MAX = 20;
const ENTRY_BYTES_MAX = INTEGER_TEXT_BYTES_MAX + 2;

export class DenseNodes {
  readonly #arena: Arena;
  /** For walks that are over before the next one begins. */
  readonly walk: DenseWalk;
  /** The column of the node that is being made. */
  #column: Uint8Array = new Uint8Array(0);
  #columnBytes = 0;
  readonly #entry: Uint8Array = new Uint8Array(ENTRY_BYTES_MAX);

  constructor(arena: Arena) {
    this.#arena = arena;
    this.walk = new DenseWalk(arena);
  }

  elements(node: Ref): number {
    return this.#word(node, DENSE_COUNTS) & 0xffff;
  }

  /** Size of the listpack. */
  sizeOf(node: Ref): number {
    return this.#word(node, DENSE_SIZE);
  }

  #word(node: Ref, word: number): number {
    return this.#arena.i32[node >>> SEGMENT_SHIFT][((node & GRANULE_MASK) << 1) + word];
  }

  // -- making ---------------------------------------------------------------------------------------

  /**
   * A dense node for the listpack at `start` of a segment, its first three words not filled in yet;
   * NONE when it would be little smaller or slow, or the listpack cannot be brought in this form.
   */
  make(segment: number, start: number): Ref {
    const source = this.#arena.u8[segment];
    const total = lpBytes(source, start);
    if (total > LISTPACK_BYTES_MAX) return NONE;
    const count = lpLength(source, start);
    const data = this.#measure(source, start, count / RUN_AVERAGE_MIN);
    if (data < 0) return NONE;
    const size = DENSE_HEAD_BYTES + this.#columnBytes + data;
    const gain = NODE_HEAD_BYTES + total - size;
    if (gain < Math.max(GAIN_BYTES_MIN, total / GAIN_SHARE)) return NONE;
    const node = this.#arena.alloc(size);
    const words = this.#arena.i32[node >>> SEGMENT_SHIFT];
    const at = (node & GRANULE_MASK) << 1;
    words[at + DENSE_SIZE] = total;
    words[at + DENSE_COUNTS] = count | (this.#columnBytes << 16);
    const column = (at << 2) + DENSE_HEAD_BYTES;
    copyBytes(this.#arena.u8[node >>> SEGMENT_SHIFT], column, this.#column, 0, this.#columnBytes);
    this.#gather(node, this.#arena.view[segment], start);
    return node;
  }

  /** Writes the column of a listpack; answers with how many bytes of data there are, or -1. */
  #measure(bytes: Uint8Array, start: number, runsMax: number): number {
    const total = lpBytes(bytes, start);
    if (this.#column.length < total) this.#column = new Uint8Array(total);
    this.#columnBytes = 0;
    let data = 0;
    let runs = 0;
    let at = start + LP_HEADER_BYTES;
    while (bytes[at] !== LP_END) {
      const kind = kindAt(bytes, at);
      if (kind < 0) return -1;
      const prefix = prefixBytes(kind);
      const size = prefix + dataBytes(kind);
      const stride = size + lpBacklenBytes(size);
      let count = 0;
      do {
        if (!hasBacklen(bytes, at + size, size)) return -1;
        at += stride;
        count++;
      } while (prefix === 1 ? bytes[at] === kind : kindAt(bytes, at) === kind);
      data += count * dataBytes(kind);
      this.#addToColumn(kind, count);
      if (++runs > runsMax) return -1;
    }
    return data;
  }

  #addToColumn(kind: number, count: number): void {
    for (let left = count; left > 0; left -= RUN_COUNT_MAX) {
      this.#addKind(kind);
      if (left === 1) continue;
      this.#addKind(kind);
      this.#column[this.#columnBytes++] = Math.min(left, RUN_COUNT_MAX) - 2;
    }
  }

  #addKind(kind: number): void {
    this.#column[this.#columnBytes++] = kind;
    if (kindBytes(kind) === 2) this.#column[this.#columnBytes++] = kind >> 8;
  }

  /** Copies the data of the listpack's entries, of which the column is written already. */
  #gather(node: Ref, source: DataView, start: number): void {
    const target = this.#arena.view[node >>> SEGMENT_SHIFT];
    const walk = this.walk;
    let at = start + LP_HEADER_BYTES;
    walk.open(node);
    do {
      const { kind, width, left } = walk;
      const prefix = prefixBytes(kind);
      const stride = prefix + width + lpBacklenBytes(prefix + width);
      copyStrided(target, walk.at, width, source, at + prefix, stride, width, left);
      at += left * stride;
    } while (walk.nextRun());
  }

  // -- reading and changing -------------------------------------------------------------------------

  /** Writes the listpack at target[start]; there must be room for `sizeOf`. */
  expand(node: Ref, target: Uint8Array, view: DataView, start: number): void {
    const source = this.#arena.view[node >>> SEGMENT_SHIFT];
    const walk = this.walk;
    lpSetBytes(target, start, this.sizeOf(node));
    lpSetCount(target, start, this.elements(node));
    let at = start + LP_HEADER_BYTES;
    walk.open(node);
    do {
      const { kind, width, left } = walk;
      const prefix = prefixBytes(kind);
      const stride = prefix + width + lpBacklenBytes(prefix + width);
      copyStrided(view, at + prefix, stride, source, walk.at, width, width, left);
      frame(target, at, stride, kind, left);
      at += left * stride;
    } while (walk.nextRun());
    target[at] = LP_END;
  }

  /** Replaces element `index` by a text of the same kind; false when it is of another one. */
  replace(node: Ref, index: number, source: Uint8Array, offset: number, length: number): boolean {
    const walk = this.walk;
    walk.open(node);
    walk.pass(index);
    const { kind, width } = walk;
    // A text as long as an integer can be may be one.
    if (length > INTEGER_TEXT_BYTES_MAX) {
      if (!isString(kind) || length !== width) return false;
      copyBytes(walk.bytes, walk.at, source, offset, length);
      return true;
    }
    const entry = this.#entry;
    lpWriteText(entry, 0, source, offset, length);
    if (kindAt(entry, 0) !== kind) return false;
    copyBytes(walk.bytes, walk.at, entry, prefixBytes(kind), width);
    return true;
  }
}

/** True when bytes[at] is the usual backlen of an entry of this size. */
function hasBacklen(bytes: Uint8Array, at: number, size: number): boolean {
  if (size <= 127) return bytes[at] === size;
  return bytes[at] === size >> 7 && bytes[at + 1] === (0x80 | (size & 0x7f));
}

/** Writes what stands around the data of `count` entries of a listpack, the first one at bytes[start]. */
function frame(
  bytes: Uint8Array,
  start: number,
  stride: number,
  kind: number,
  count: number,
): void {
  const prefix = prefixBytes(kind);
  const size = prefix + dataBytes(kind);
  const end = start + count * stride;
  for (let at = start; at < end; at += stride) {
    if (prefix > 0) bytes[at] = kind;
    if (prefix > 1) bytes[at + 1] = kind >> 8;
    if (size <= 127) {
      bytes[at + size] = size;
    } else {
      bytes[at + size] = size >> 7;
      bytes[at + size + 1] = 0x80 | size;
    }
  }
}
