// The nodes of quicklists as blocks, without regard to the chain that they form (quicklist.ts).
//
//   word 0        0 or more: where the node's listpack starts (list-node.ts); below: what else it is
//   words 1, 2    previous and next node, NONE at the ends of the list
//
//   PLAIN               word 3 length; then the text of one element, too large for a listpack
//   COMPRESSED          words 3 … 5 compressed length, size, count; then a listpack, by LZF
//   COMPRESSED_PLAIN    the same with the text of one element
//   DENSE               a listpack without what repeats in it (dense-walk.ts)
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { lpBytes, lpLength } from "../../memory/listpack.ts";
import { LzfCompressor, lzfDecompress } from "../../util/lzf.ts";
import { DenseNodes } from "./dense-node.ts";
import { ListNodes, NODE_HEAD_BYTES } from "./list-node.ts";

const START = 0;
const PREVIOUS = 1;
const NEXT = 2;
const LENGTH = 3;
const SIZE = 4;
const ELEMENTS = 5;
const PLAIN_HEAD_BYTES = 16;
const COMPRESSED_HEAD_BYTES = 24;

const PLAIN = -1;
const COMPRESSED = -2;
const COMPRESSED_PLAIN = -3;
const DENSE = -4;

/** Smaller nodes are not compressed, nor those that compression makes smaller by less than the gain. */
const COMPRESS_BYTES_MIN = 48;
const COMPRESS_GAIN_MIN = 8;
/** Room of an entry besides its text. */
const ENTRY_OVERHEAD_BYTES = 10;

export class QuickNodes {
  readonly arena: Arena;
  /** For nodes that are listpacks. */
  readonly packed: ListNodes;
  readonly dense: DenseNodes;
  /**
   * The node that `open` opened: the text of its one element at bytes[base], `size` bytes, when
   * `isPlain`; else its listpack at bytes[base].
   */
  bytes: Uint8Array = new Uint8Array(0);
  base = 0;
  size = 0;
  isPlain = false;
  #lzf: LzfCompressor | null = null;
  /** What is expanded or decompressed for reading, and what compression makes. */
  #scratch: Uint8Array = new Uint8Array(0);
  #scratchView: DataView = new DataView(this.#scratch.buffer);

  constructor(arena: Arena) {
    this.arena = arena;
    this.packed = new ListNodes(arena);
    this.dense = new DenseNodes(arena);
  }

  #get(node: Ref, word: number): number {
    return this.arena.i32[node >>> SEGMENT_SHIFT][((node & GRANULE_MASK) << 1) + word];
  }

  #set(node: Ref, word: number, value: number): void {
    this.arena.i32[node >>> SEGMENT_SHIFT][((node & GRANULE_MASK) << 1) + word] = value;
  }

  next(node: Ref): Ref {
    return this.#get(node, NEXT);
  }

  previous(node: Ref): Ref {
    return this.#get(node, PREVIOUS);
  }

  setNext(node: Ref, next: Ref): void {
    this.#set(node, NEXT, next);
  }

  setPrevious(node: Ref, previous: Ref): void {
    this.#set(node, PREVIOUS, previous);
  }

  /** Number of elements. */
  elements(node: Ref): number {
    const start = this.#get(node, START);
    if (start >= 0) {
      const at = (node & GRANULE_MASK) << 3;
      return lpLength(this.arena.u8[node >>> SEGMENT_SHIFT], at + start);
    }
    if (start === DENSE) return this.dense.elements(node);
    return start === COMPRESSED ? this.#get(node, ELEMENTS) : 1;
  }

  /** Size of the listpack or the text. */
  sizeOf(node: Ref): number {
    const start = this.#get(node, START);
    if (start >= 0) {
      const at = (node & GRANULE_MASK) << 3;
      return lpBytes(this.arena.u8[node >>> SEGMENT_SHIFT], at + start);
    }
    if (start === DENSE) return this.dense.sizeOf(node);
    return this.#get(node, start === PLAIN ? LENGTH : SIZE);
  }

  /** True when the node is one large element. */
  holdsPlain(node: Ref): boolean {
    const start = this.#get(node, START);
    return start === PLAIN || start === COMPRESSED_PLAIN;
  }

  isDense(node: Ref): boolean {
    return this.#get(node, START) === DENSE;
  }

  /** True when the node can be changed as it is. */
  isLoose(node: Ref): boolean {
    return this.#get(node, START) >= PLAIN;
  }

  /** Opens a node for reading. Valid until the next node is opened, or something changed. */
  open(node: Ref): void {
    const start = this.#get(node, START);
    const at = (node & GRANULE_MASK) << 3;
    this.bytes = this.arena.u8[node >>> SEGMENT_SHIFT];
    if (start >= 0) {
      this.isPlain = false;
      this.base = at + start;
      return;
    }
    this.isPlain = start === PLAIN || start === COMPRESSED_PLAIN;
    this.size = this.sizeOf(node);
    if (start === PLAIN) {
      this.base = at + PLAIN_HEAD_BYTES;
      return;
    }
    this.#reserveScratch(this.size);
    if (start === DENSE) this.dense.expand(node, this.#scratch, this.#scratchView, 0);
    else this.#decompress(node, this.#scratch, 0);
    this.bytes = this.#scratch;
    this.base = 0;
  }

  /** A plain node. */
  makePlain(source: Uint8Array, offset: number, length: number): Ref {
    const node = this.arena.alloc(PLAIN_HEAD_BYTES + length);
    this.#set(node, START, PLAIN);
    this.#set(node, LENGTH, length);
    const at = ((node & GRANULE_MASK) << 3) + PLAIN_HEAD_BYTES;
    this.arena.u8[node >>> SEGMENT_SHIFT].set(source.subarray(offset, offset + length), at);
    return node;
  }

  /** A packed node with this one element and at least `room` bytes for more. */
  makePacked(room: number, source: Uint8Array, offset: number, length: number): Ref {
    const node = this.packed.create(NODE_HEAD_BYTES, Math.max(room, length + ENTRY_OVERHEAD_BYTES));
    return this.packed.append(node, NODE_HEAD_BYTES, 0, source, offset, length);
  }

  /** A packed node with a copy of the listpack at source[start], which may lie in the arena. */
  copyPacked(source: Uint8Array, start: number): Ref {
    return this.packed.createFrom(NODE_HEAD_BYTES, source, start);
  }

  /** A copy of the node that belongs to no list. */
  copy(node: Ref): Ref {
    const start = this.#get(node, START);
    if (start >= 0) {
      this.packed.open(node);
      return this.copyPacked(this.packed.bytes, this.packed.base);
    }
    const size = this.arena.sizeOf(node);
    const made = this.arena.alloc(size);
    const from = (node & GRANULE_MASK) << 3;
    const source = this.arena.u8[node >>> SEGMENT_SHIFT];
    this.arena.u8[made >>> SEGMENT_SHIFT].set(
      source.subarray(from, from + size),
      (made & GRANULE_MASK) << 3,
    );
    return made;
  }

  /** A copy that can be changed, with the same neighbours, of a node that cannot. */
  loosened(node: Ref): Ref {
    const isPlain = this.#get(node, START) === COMPRESSED_PLAIN;
    const head = isPlain ? PLAIN_HEAD_BYTES : NODE_HEAD_BYTES;
    const size = this.sizeOf(node);
    const made = this.arena.alloc(head + size);
    this.#setHead(made, isPlain ? PLAIN : NODE_HEAD_BYTES, node);
    if (isPlain) this.#set(made, LENGTH, size);
    const segment = made >>> SEGMENT_SHIFT;
    const target = this.arena.u8[segment];
    const at = ((made & GRANULE_MASK) << 3) + head;
    if (this.isDense(node)) this.dense.expand(node, target, this.arena.view[segment], at);
    else this.#decompress(node, target, at);
    return made;
  }

  /** A dense copy, with the same neighbours, of a listpack; or the node itself. */
  densified(node: Ref): Ref {
    if (this.#get(node, START) < 0) return node;
    this.packed.open(node);
    const made = this.dense.make(node >>> SEGMENT_SHIFT, this.packed.base);
    if (made === NONE) return node;
    this.#setHead(made, DENSE, node);
    return made;
  }

  /** The first three words of a node that takes another one's place. */
  #setHead(made: Ref, start: number, node: Ref): void {
    this.#set(made, START, start);
    this.#set(made, PREVIOUS, this.#get(node, PREVIOUS));
    this.#set(made, NEXT, this.#get(node, NEXT));
  }

  /** A compressed copy, with the same neighbours, or the node itself when that is not worth it. */
  compressed(node: Ref): Ref {
    const size = this.sizeOf(node);
    if (!this.isLoose(node) || size < COMPRESS_BYTES_MIN) return node;
    this.open(node);
    const { isPlain, bytes, base } = this;
    this.#reserveScratch(size);
    this.#lzf ??= new LzfCompressor();
    const length = this.#lzf.compress(bytes, base, size, this.#scratch, 0, size);
    if (length === 0 || length + COMPRESS_GAIN_MIN >= size) return node;
    const made = this.arena.alloc(COMPRESSED_HEAD_BYTES + length);
    this.#setHead(made, isPlain ? COMPRESSED_PLAIN : COMPRESSED, node);
    this.#set(made, LENGTH, length);
    this.#set(made, SIZE, size);
    this.#set(made, ELEMENTS, this.elements(node));
    this.arena.u8[made >>> SEGMENT_SHIFT].set(
      this.#scratch.subarray(0, length),
      ((made & GRANULE_MASK) << 3) + COMPRESSED_HEAD_BYTES,
    );
    return made;
  }

  #decompress(node: Ref, target: Uint8Array, targetStart: number): void {
    const size = this.#get(node, SIZE);
    const written = lzfDecompress(
      this.arena.u8[node >>> SEGMENT_SHIFT],
      ((node & GRANULE_MASK) << 3) + COMPRESSED_HEAD_BYTES,
      this.#get(node, LENGTH),
      target,
      targetStart,
      size,
    );
    if (written !== size) throw new Error("list: a compressed node is broken");
  }

  #reserveScratch(size: number): void {
    if (this.#scratch.length >= size) return;
    this.#scratch = new Uint8Array(size);
    this.#scratchView = new DataView(this.#scratch.buffer);
  }
}
