// Ordered maps from stream IDs to a few words: the nodes of a stream, the pending entries of a group
// and those of a consumer. A B+tree in the arena, like ordered-index.ts but with the keys inside its
// items and without counts below the nodes, which nothing here needs: adding the greatest ID, what
// streams do most of the time, touches the last leaf only.
//
//   header   word 0 root | 1 height (0: the root is a leaf) | 2 count | 3 last leaf | 4 bytes / 8
//   leaf     word 0 count | 1 previous leaf | 2 next leaf | items: ID (4 words), payload
//   inner    word 0 count | items: ID (4 words), child
//
// The IDs of an inner node's items are separators: an item's subtree holds what is not less than its
// ID and less than the next item's. The ID of a node's first item is not kept up to date, because
// nothing is compared with it.
//
// Nodes split in the middle, but at the right end of the tree the full node stays and the new item
// gets a node of its own: filled in order, nodes are full. A node is merged with a neighbour when
// both together are three quarters full.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  appendItems,
  countOf,
  LEAF_ITEMS,
  linkLeaf,
  NEXT,
  PREVIOUS,
  shiftItems,
  unlinkLeaf,
} from "../../memory/index-node.ts";
import { IdCursor } from "./id-cursor.ts";
import { ID_WORDS, type StreamId } from "./stream-id.ts";

const HEADER_BYTES = 20;
export const HEIGHT = 1;
const COUNT = 2;
export const LAST_LEAF = 3;
const NODE_GRANULES = 4;

export const INNER_ITEMS = 1;
export const INNER_STRIDE = 5;
export const CHILD = 4;

const CAPACITY_MAX = 64;
const ROOT_CAPACITY_MIN = 2;
const MERGE_BELOW = 24;
const MERGED_MAX = 48;
const HEIGHT_MAX = 24;

/** Called with the words of items that are dropped: `count` items from words[at] on. */
export type ItemsReleaser = (words: Int32Array, at: number, count: number) => void;

export class IdIndexes {
  readonly arena: Arena;
  /** Words of an item: those of the ID, and the payload. */
  readonly stride: number;
  /** Where the item is that `find` or `insert` was asked for; valid until the next change. */
  words: Int32Array = new Int32Array(0);
  at = 0;
  // The way from the root to a leaf, by height: path[0] is the leaf, slots[0] the slot in it.
  readonly #path: Int32Array = new Int32Array(HEIGHT_MAX);
  readonly #slots: Int32Array = new Int32Array(HEIGHT_MAX);

  constructor(arena: Arena, payloadWords: number) {
    this.arena = arena;
    this.stride = ID_WORDS + payloadWords;
  }

  /** A new, empty index. */
  create(): Ref {
    const index = this.arena.alloc(HEADER_BYTES);
    const words = this.arena.i32[index >>> SEGMENT_SHIFT];
    const at = (index & GRANULE_MASK) << 1;
    words.fill(0, at, at + 5);
    const root = this.#newNode(index, LEAF_ITEMS, this.stride, ROOT_CAPACITY_MIN);
    words[at] = root;
    words[at + LAST_LEAF] = root;
    return index;
  }

  count(index: Ref): number {
    return this.#header(index, COUNT);
  }

  /** A cursor over indexes of this kind. */
  cursor(): IdCursor {
    return new IdCursor(this.arena, this.stride);
  }

  /** Bytes of header and nodes. */
  indexBytes(index: Ref): number {
    return (this.#header(index, NODE_GRANULES) >>> 0) * 8 + this.arena.blockBytes(index);
  }

  // -- finding ------------------------------------------------------------------------------------

  /** Whether the ID is there; if so, its item is at words[at]. */
  find(index: Ref, id: StreamId): boolean {
    this.#descend(index, id);
    const slot = this.#slots[0] - 1;
    if (slot < 0) return false;
    this.#point(this.#path[0], slot);
    return id.compareWords(this.words, this.at) === 0;
  }

  /** Puts the cursor on the first item that is not less than `id`. False when there is none. */
  seek(index: Ref, id: StreamId, cursor: IdCursor): boolean {
    this.#descend(index, id);
    const leaf = this.#path[0];
    const slot = this.#slots[0];
    if (slot > 0) {
      this.#point(leaf, slot - 1);
      if (id.compareWords(this.words, this.at) === 0) return cursor.place(leaf, slot - 1);
    }
    return cursor.place(leaf, slot);
  }

  /** Puts the cursor on the last item that is not greater than `id`. False when there is none. */
  seekBack(index: Ref, id: StreamId, cursor: IdCursor): boolean {
    this.#descend(index, id);
    const slot = this.#slots[0];
    if (slot > 0) return cursor.place(this.#path[0], slot - 1);
    // The leaf has only greater ones: the one before it ends with the last that is less.
    return cursor.place(this.#path[0], 0) && cursor.previous();
  }

  /** Puts the cursor on the first item. False when there is none. */
  first(index: Ref, cursor: IdCursor): boolean {
    let node = this.#header(index, 0);
    for (let level = this.#header(index, HEIGHT); level > 0; level--) node = this.#child(node, 0);
    return cursor.place(node, 0);
  }

  /** Puts the cursor on the last item. False when there is none. */
  last(index: Ref, cursor: IdCursor): boolean {
    const leaf = this.#header(index, LAST_LEAF);
    const count = countOf(this.arena, leaf);
    return count > 0 && cursor.place(leaf, count - 1);
  }

  /** As `last`, into words[at]. */
  findLast(index: Ref): boolean {
    const leaf = this.#header(index, LAST_LEAF);
    const count = countOf(this.arena, leaf);
    if (count > 0) this.#point(leaf, count - 1);
    return count > 0;
  }

  // -- changing -----------------------------------------------------------------------------------

  /**
   * Adds the ID unless it is there. Either way its item is at words[at] then; the payload of a new
   * one is up to the caller. Answers with whether it is new.
   */
  insert(index: Ref, id: StreamId): boolean {
    const last = this.#header(index, LAST_LEAF);
    const count = countOf(this.arena, last);
    if (count > 0) {
      this.#point(last, count - 1);
      const order = id.compareWords(this.words, this.at);
      if (order === 0) return false;
      if (order > 0 && !this.#isFull(last, LEAF_ITEMS, this.stride)) {
        this.#addCount(index, 1);
        this.#putInLeaf(last, count, id);
        return true;
      }
    }
    return this.#insertInside(index, id);
  }

  #insertInside(index: Ref, id: StreamId): boolean {
    if (this.find(index, id)) return false;
    const slot = this.#slots[0];
    this.#addCount(index, 1);
    const leaf = this.#path[0];
    if (!this.#isFull(leaf, LEAF_ITEMS, this.stride)) {
      this.#putInLeaf(leaf, slot, id);
    } else if (
      this.#header(index, HEIGHT) === 0 &&
      this.#growRoot(index, LEAF_ITEMS, this.stride)
    ) {
      this.#putInLeaf(this.#header(index, 0), slot, id);
    } else {
      this.#splitLeaf(index, slot, id);
    }
    return true;
  }

  /** Takes the ID out. Answers with whether it was there. */
  remove(index: Ref, id: StreamId): boolean {
    if (!this.find(index, id)) return false;
    this.removeFound(index);
    return true;
  }

  /** Takes out the item that `find` has just found. */
  removeFound(index: Ref): void {
    const leaf = this.#path[0];
    this.#addCount(index, -1);
    // The slots that `find` leaves lie behind the item.
    shiftItems(this.arena, leaf, LEAF_ITEMS, this.stride, this.#slots[0], -1);
    const count = countOf(this.arena, leaf);
    if (this.#header(index, HEIGHT) === 0) {
      this.#shrinkRoot(index, count);
    } else if (count === 0) {
      this.#dropLeaf(index, leaf);
    } else if (count < MERGE_BELOW) {
      this.#mergeLeaf(index);
    }
  }

  /**
   * Frees up to `nodesMax` nodes, and the header after the last; `release` is told of the items of
   * each leaf. Answers with whether more is left. Between the steps the index must not be used.
   */
  destroyStep(index: Ref, nodesMax: number, release: ItemsReleaser | null): boolean {
    const { arena } = this;
    for (let i = 0; i < nodesMax; i++) {
      let parent = NONE;
      let node = this.#header(index, 0);
      let level = this.#header(index, HEIGHT);
      // Down the last children: every node is the last of its parent when its turn has come.
      for (; level > 0; level--) {
        const count = countOf(arena, node);
        if (count === 0) break;
        parent = node;
        node = this.#child(node, count - 1);
      }
      if (level === 0 && release !== null) {
        const at = (node & GRANULE_MASK) << 1;
        const words = arena.i32[node >>> SEGMENT_SHIFT];
        release(words, at + LEAF_ITEMS, words[at]);
      }
      arena.free(node);
      if (parent === NONE) {
        arena.free(index);
        return false;
      }
      arena.i32[parent >>> SEGMENT_SHIFT][(parent & GRANULE_MASK) << 1]--;
    }
    return true;
  }

  // -- descending ---------------------------------------------------------------------------------

  /** Fills the path; slots[0] is the number of the leaf's items up to `id`. */
  #descend(index: Ref, id: StreamId): void {
    const height = this.#header(index, HEIGHT);
    let node = this.#header(index, 0);
    for (let level = height; level > 0; level--) {
      const slot = this.#search(node, INNER_ITEMS, INNER_STRIDE, 1, id) - 1;
      this.#path[level] = node;
      this.#slots[level] = slot;
      node = this.#child(node, slot);
    }
    this.#path[0] = node;
    this.#slots[0] = this.#search(node, LEAF_ITEMS, this.stride, 0, id);
  }

  /** Number of the node's items up to `id`; those before `from` are not looked at. */
  #search(node: Ref, items: number, stride: number, from: number, id: StreamId): number {
    const words = this.arena.i32[node >>> SEGMENT_SHIFT];
    const at = (node & GRANULE_MASK) << 1;
    let low = from;
    let high = words[at];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (id.compareWords(words, at + items + middle * stride) >= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #point(leaf: Ref, slot: number): void {
    this.words = this.arena.i32[leaf >>> SEGMENT_SHIFT];
    this.at = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS + slot * this.stride;
  }

  // -- header and nodes ---------------------------------------------------------------------------

  #header(index: Ref, field: number): number {
    return this.arena.i32[index >>> SEGMENT_SHIFT][((index & GRANULE_MASK) << 1) + field];
  }

  #setHeader(index: Ref, field: number, value: number): void {
    this.arena.i32[index >>> SEGMENT_SHIFT][((index & GRANULE_MASK) << 1) + field] = value;
  }

  #addCount(index: Ref, change: number): void {
    this.arena.i32[index >>> SEGMENT_SHIFT][((index & GRANULE_MASK) << 1) + COUNT] += change;
  }

  #child(node: Ref, slot: number): Ref {
    const at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + slot * INNER_STRIDE;
    return this.arena.i32[node >>> SEGMENT_SHIFT][at + CHILD];
  }

  #newNode(index: Ref, items: number, stride: number, capacity: number): Ref {
    const node = this.arena.alloc((items + capacity * stride) * 4);
    const at = (node & GRANULE_MASK) << 1;
    this.arena.i32[node >>> SEGMENT_SHIFT].fill(0, at, at + items);
    this.#countBytes(index, this.arena.blockBytes(node));
    return node;
  }

  #freeNode(index: Ref, node: Ref): void {
    this.#countBytes(index, -this.arena.blockBytes(node));
    this.arena.free(node);
  }

  #countBytes(index: Ref, bytes: number): void {
    this.#setHeader(index, NODE_GRANULES, this.#header(index, NODE_GRANULES) + bytes / 8);
  }

  #isFull(node: Ref, items: number, stride: number): boolean {
    const count = countOf(this.arena, node);
    if (count === CAPACITY_MAX) return true;
    return (items + (count + 1) * stride) * 4 > this.arena.sizeOf(node);
  }

  /** Doubles a root that is still small, so that few items take little. False at full size. */
  #growRoot(index: Ref, items: number, stride: number): boolean {
    const count = countOf(this.arena, this.#header(index, 0));
    if (count === CAPACITY_MAX) return false;
    this.#resizeRoot(index, items, stride, Math.min(count * 2, CAPACITY_MAX));
    return true;
  }

  /** A leaf that is the root and has become nearly empty gives its room back. */
  #shrinkRoot(index: Ref, count: number): void {
    const root = this.#header(index, 0);
    const capacity = Math.floor((this.arena.sizeOf(root) / 4 - LEAF_ITEMS) / this.stride);
    if (capacity < 4 * ROOT_CAPACITY_MIN || count * 4 > capacity) return;
    this.#resizeRoot(index, LEAF_ITEMS, this.stride, Math.max(count * 2, ROOT_CAPACITY_MIN));
  }

  #resizeRoot(index: Ref, items: number, stride: number, capacity: number): void {
    const root = this.#header(index, 0);
    this.#countBytes(index, -this.arena.blockBytes(root));
    const resized = this.arena.realloc(root, (items + capacity * stride) * 4);
    this.#countBytes(index, this.arena.blockBytes(resized));
    this.#setHeader(index, 0, resized);
    if (items === LEAF_ITEMS) this.#setHeader(index, LAST_LEAF, resized);
  }

  #putInLeaf(leaf: Ref, slot: number, id: StreamId): void {
    shiftItems(this.arena, leaf, LEAF_ITEMS, this.stride, slot, 1);
    this.#point(leaf, slot);
    id.store(this.words, this.at);
  }

  /** Puts a child behind the separator at source[from] at `slot` of an inner node. */
  #putInInner(node: Ref, slot: number, source: Int32Array, from: number, child: Ref): void {
    shiftItems(this.arena, node, INNER_ITEMS, INNER_STRIDE, slot, 1);
    const words = this.arena.i32[node >>> SEGMENT_SHIFT];
    const at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + slot * INNER_STRIDE;
    copyId(source, from, words, at);
    words[at + CHILD] = child;
  }

  // -- splitting ----------------------------------------------------------------------------------

  /** Adds an ID at `slot` of the path's leaf, which is full, by making a second leaf. */
  #splitLeaf(index: Ref, slot: number, id: StreamId): void {
    const { arena, stride } = this;
    const leaf = this.#path[0];
    const right = this.#newNode(index, LEAF_ITEMS, stride, CAPACITY_MAX);
    const words = arena.i32[leaf >>> SEGMENT_SHIFT];
    const at = (leaf & GRANULE_MASK) << 1;
    const count = words[at];
    const next = words[at + NEXT];
    const kept = slot === count && next === NONE ? count : count >> 1;
    appendItems(arena, leaf, kept, right, LEAF_ITEMS, stride);
    words[at] = kept;
    linkLeaf(arena, right, leaf, next);
    if (next === NONE) this.#setHeader(index, LAST_LEAF, right);
    const inLeft = slot <= kept && kept < count;
    if (inLeft) this.#putInLeaf(leaf, slot, id);
    else this.#putInLeaf(right, slot - kept, id);
    const rightAt = ((right & GRANULE_MASK) << 1) + LEAF_ITEMS;
    this.#addChild(index, 1, arena.i32[right >>> SEGMENT_SHIFT], rightAt, right);
  }

  /** Puts `child`, split off to the right of the path's node below `level`, into that of `level`. */
  #addChild(index: Ref, level: number, source: Int32Array, from: number, child: Ref): void {
    const height = this.#header(index, HEIGHT);
    if (level > height) {
      const old = this.#header(index, 0);
      const root = this.#newNode(index, INNER_ITEMS, INNER_STRIDE, ROOT_CAPACITY_MIN);
      this.#setHeader(index, 0, root);
      this.#setHeader(index, HEIGHT, height + 1);
      this.#putInInner(root, 0, source, from, old);
      this.#putInInner(root, 1, source, from, child);
      return;
    }
    const node = this.#path[level];
    const slot = this.#slots[level] + 1;
    if (!this.#isFull(node, INNER_ITEMS, INNER_STRIDE)) {
      this.#putInInner(node, slot, source, from, child);
    } else if (level === height && this.#growRoot(index, INNER_ITEMS, INNER_STRIDE)) {
      this.#putInInner(this.#header(index, 0), slot, source, from, child);
    } else {
      this.#splitInner(index, level, slot, source, from, child);
    }
  }

  #splitInner(
    index: Ref,
    level: number,
    slot: number,
    source: Int32Array,
    from: number,
    child: Ref,
  ): void {
    const { arena } = this;
    const node = this.#path[level];
    const count = countOf(arena, node);
    const kept = slot === count ? count : count >> 1;
    const right = this.#newNode(index, INNER_ITEMS, INNER_STRIDE, CAPACITY_MAX);
    appendItems(arena, node, kept, right, INNER_ITEMS, INNER_STRIDE);
    arena.i32[node >>> SEGMENT_SHIFT][(node & GRANULE_MASK) << 1] = kept;
    if (slot <= kept && kept < count) this.#putInInner(node, slot, source, from, child);
    else this.#putInInner(right, slot - kept, source, from, child);
    const rightAt = ((right & GRANULE_MASK) << 1) + INNER_ITEMS;
    this.#addChild(index, level + 1, arena.i32[right >>> SEGMENT_SHIFT], rightAt, right);
  }

  // -- removing -----------------------------------------------------------------------------------

  /** Takes an empty leaf, the path's, out of the tree. */
  #dropLeaf(index: Ref, leaf: Ref): void {
    if (this.#header(index, LAST_LEAF) === leaf) {
      const words = this.arena.i32[leaf >>> SEGMENT_SHIFT];
      this.#setHeader(index, LAST_LEAF, words[((leaf & GRANULE_MASK) << 1) + PREVIOUS]);
    }
    unlinkLeaf(this.arena, leaf);
    this.#removeChild(index, 1);
  }

  /** Frees the child at the path's slot of `level` and takes it out of its parent. */
  #removeChild(index: Ref, level: number): void {
    const { arena } = this;
    const node = this.#path[level];
    const slot = this.#slots[level];
    this.#freeNode(index, this.#child(node, slot));
    shiftItems(arena, node, INNER_ITEMS, INNER_STRIDE, slot + 1, -1);
    const count = countOf(arena, node);
    if (level === this.#header(index, HEIGHT)) {
      if (count === 1) this.#lowerRoot(index);
    } else if (count === 0) {
      this.#removeChild(index, level + 1);
    } else if (count < MERGE_BELOW) {
      this.#mergeInner(index, level);
    }
  }

  /** A root with one child is none: the child takes its place. */
  #lowerRoot(index: Ref): void {
    for (let height = this.#header(index, HEIGHT); height > 0; height--) {
      const root = this.#header(index, 0);
      if (countOf(this.arena, root) > 1) return;
      this.#setHeader(index, 0, this.#child(root, 0));
      this.#setHeader(index, HEIGHT, height - 1);
      this.#freeNode(index, root);
    }
  }

  #mergeLeaf(index: Ref): void {
    const left = this.#mergeSlot(1);
    if (left < 0) return;
    const source = this.#child(this.#path[1], left + 1);
    appendItems(this.arena, source, 0, this.#child(this.#path[1], left), LEAF_ITEMS, this.stride);
    this.#slots[1] = left + 1;
    this.#dropLeaf(index, source);
  }

  #mergeInner(index: Ref, level: number): void {
    const left = this.#mergeSlot(level + 1);
    if (left < 0) return;
    const { arena } = this;
    const parent = this.#path[level + 1];
    const source = this.#child(parent, left + 1);
    // The first item's separator was not kept up to date; behind others it counts.
    copyId(
      arena.i32[parent >>> SEGMENT_SHIFT],
      ((parent & GRANULE_MASK) << 1) + INNER_ITEMS + (left + 1) * INNER_STRIDE,
      arena.i32[source >>> SEGMENT_SHIFT],
      ((source & GRANULE_MASK) << 1) + INNER_ITEMS,
    );
    appendItems(arena, source, 0, this.#child(parent, left), INNER_ITEMS, INNER_STRIDE);
    this.#slots[level + 1] = left + 1;
    this.#removeChild(index, level + 1);
  }

  /**
   * The slot of the left one of two children of the path's node of `level` that may merge, one of
   * them at the path's slot; -1 when there are none.
   */
  #mergeSlot(level: number): number {
    const parent = this.#path[level];
    const slot = this.#slots[level];
    const own = countOf(this.arena, this.#child(parent, slot));
    if (slot + 1 < countOf(this.arena, parent)) {
      if (own + countOf(this.arena, this.#child(parent, slot + 1)) <= MERGED_MAX) return slot;
    }
    if (slot > 0 && own + countOf(this.arena, this.#child(parent, slot - 1)) <= MERGED_MAX) {
      return slot - 1;
    }
    return -1;
  }
}

function copyId(source: Int32Array, from: number, target: Int32Array, to: number): void {
  for (let i = 0; i < ID_WORDS; i++) target[to + i] = source[from + i];
}
