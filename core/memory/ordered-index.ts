// Ordered indexes: entries (entry.ts) in the order of (score, key), for large sorted sets. A B+tree
// in the arena whose inner nodes count what lies below them, so that finding an entry, its rank, the
// entry of a rank and the borders of a range are all O(log n), and growth touches a few nodes only.
// Scores lie beside the references: most comparisons touch no entry.
//
//   header   word 0 root | 1 height (0: the root is a leaf) | 2 count | 3 bytes of nodes / 8
//   nodes    see index-node.ts
//
// Nodes split in the middle, but at either end of the tree the full node stays and the new entry
// gets a node of its own: filled in order (timestamps, loading), nodes are full. A node is merged
// with a neighbour when both together are three quarters full, so removing from the ends (queues)
// moves little.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "./arena.ts";
import type { RefList } from "./dict.ts";
import type { IndexCursor } from "./index-cursor.ts";
import {
  appendItems,
  CHILD,
  childOf,
  countOf,
  ENTRY,
  firstLeafOf,
  INNER_ITEMS,
  INNER_STRIDE,
  LEAF_ITEMS,
  LEAF_STRIDE,
  linkLeaf,
  moveLeafItem,
  NEXT,
  PREVIOUS,
  SIZE,
  searchEntry,
  searchKey,
  searchScore,
  setSeparator,
  shiftItems,
  sizeBefore,
  unlinkLeaf,
  writeLeafItem,
} from "./index-node.ts";

const HEADER_BYTES = 16;
export const HEIGHT = 1;
const COUNT = 2;
const NODE_GRANULES = 3;

const CAPACITY_MAX = 64;
const ROOT_CAPACITY_MIN = 8;
/** A node with fewer items looks for a neighbour to merge with … */
const MERGE_BELOW = 24;
/** … and merges when both have no more than this together. */
const MERGED_MAX = 48;
const HEIGHT_MAX = 24;

export class OrderedIndexes {
  readonly arena: Arena;
  // The way from the root to a leaf, by height: path[0] is the leaf, slots[0] the slot in it.
  readonly #path: Int32Array = new Int32Array(HEIGHT_MAX);
  readonly #slots: Int32Array = new Int32Array(HEIGHT_MAX);

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** A new, empty index. */
  create(): Ref {
    const index = this.arena.alloc(HEADER_BYTES);
    const words = this.arena.i32[index >>> SEGMENT_SHIFT];
    const at = (index & GRANULE_MASK) << 1;
    words.fill(0, at, at + 4);
    words[at] = this.#newNode(index, LEAF_ITEMS, LEAF_STRIDE, ROOT_CAPACITY_MIN);
    return index;
  }

  /** Number of entries. */
  count(index: Ref): number {
    return this.#header(index, COUNT);
  }

  /** Bytes of header and nodes, without the entries. */
  indexBytes(index: Ref): number {
    return (this.#header(index, NODE_GRANULES) >>> 0) * 8 + this.arena.blockBytes(index);
  }

  // -- finding ------------------------------------------------------------------------------------

  /** Number of entries before this one, which must be in the index with this score. */
  rank(index: Ref, score: number, entry: Ref): number {
    const height = this.#descendToEntry(index, score, entry);
    let rank = this.#slots[0];
    for (let level = 1; level <= height; level++) {
      rank += sizeBefore(this.arena, this.#path[level], this.#slots[level]);
    }
    return rank;
  }

  /** Puts the cursor on the entry of a rank, which must be below `count`. */
  seek(index: Ref, rank: number, cursor: IndexCursor): void {
    this.#descendToRank(index, rank);
    cursor.leaf = this.#path[0];
    cursor.slot = this.#slots[0];
  }

  /** Puts the cursor on the first entry with a score of at least `score`; false when there is none. */
  seekScore(index: Ref, score: number, cursor: IndexCursor): boolean {
    const { arena } = this;
    let node = this.#header(index, 0);
    for (let height = this.#header(index, HEIGHT); height > 0; height--) {
      const slot = searchScore(arena, node, INNER_ITEMS, INNER_STRIDE, 1, score, false);
      node = childOf(arena, node, slot - 1);
    }
    // One before it, which may be the last of its leaf, or none.
    cursor.leaf = node;
    cursor.slot = searchScore(arena, node, LEAF_ITEMS, LEAF_STRIDE, 0, score, false) - 1;
    return cursor.next();
  }

  /** Number of entries with a score below `score`, or up to it when `inclusive`. */
  countByScore(index: Ref, score: number, inclusive: boolean): number {
    const { arena } = this;
    let node = this.#header(index, 0);
    let before = 0;
    for (let height = this.#header(index, HEIGHT); height > 0; height--) {
      const slot = searchScore(arena, node, INNER_ITEMS, INNER_STRIDE, 1, score, inclusive) - 1;
      before += sizeBefore(arena, node, slot);
      node = childOf(arena, node, slot);
    }
    return before + searchScore(arena, node, LEAF_ITEMS, LEAF_STRIDE, 0, score, inclusive);
  }

  /**
   * Number of entries with a key below view[offset, offset+length), or up to it when `inclusive`,
   * in an index whose entries all have the same score. Otherwise some number up to the count.
   */
  countByKey(
    index: Ref,
    view: DataView,
    offset: number,
    length: number,
    inclusive: boolean,
  ): number {
    const { arena } = this;
    let node = this.#header(index, 0);
    let before = 0;
    for (let height = this.#header(index, HEIGHT); height > 0; height--) {
      const found = searchKey(
        arena,
        node,
        INNER_ITEMS,
        INNER_STRIDE,
        1,
        view,
        offset,
        length,
        inclusive,
      );
      before += sizeBefore(arena, node, found - 1);
      node = childOf(arena, node, found - 1);
    }
    return (
      before + searchKey(arena, node, LEAF_ITEMS, LEAF_STRIDE, 0, view, offset, length, inclusive)
    );
  }

  // -- changing -----------------------------------------------------------------------------------

  /** Adds an entry, which must not be in the index. */
  insert(index: Ref, score: number, entry: Ref): void {
    const height = this.#descend(index, score, entry);
    // The place is behind the last item that is not greater.
    const slot = this.#slots[0] + 1;
    for (let level = 1; level <= height; level++) this.#addSize(level, 1);
    this.#addCount(index, 1);
    let leaf = this.#path[0];
    if (this.#isFull(leaf, LEAF_ITEMS, LEAF_STRIDE)) {
      if (height > 0 || !this.#growRoot(index, LEAF_ITEMS, LEAF_STRIDE)) {
        this.#splitLeaf(index, slot, score, entry);
        return;
      }
      leaf = this.#header(index, 0);
    }
    this.#putInLeaf(leaf, slot, score, entry);
  }

  /** Takes an entry out, which must be in the index with this score. Freeing it is up to the caller. */
  remove(index: Ref, score: number, entry: Ref): void {
    this.#descendToEntry(index, score, entry);
    this.#removeFound(index, 1);
  }

  /**
   * Takes the entry of a rank out and those behind it, at most `countMax` and as many as lie in one
   * leaf, and appends them to `out`. Answers with their number.
   */
  removeRun(index: Ref, rank: number, countMax: number, out: RefList): number {
    this.#descendToRank(index, rank);
    const leaf = this.#path[0];
    const slot = this.#slots[0];
    const words = this.arena.i32[leaf >>> SEGMENT_SHIFT];
    const at = (leaf & GRANULE_MASK) << 1;
    const count = Math.min(countMax, words[at] - slot);
    for (let i = slot; i < slot + count; i++) {
      out.push(words[at + LEAF_ITEMS + i * LEAF_STRIDE + ENTRY]);
    }
    this.#removeFound(index, count);
    return count;
  }

  /** Gives an entry, which must be in the index, another score. */
  move(index: Ref, score: number, entry: Ref, newScore: number): void {
    this.#descendToEntry(index, score, entry);
    if (this.#moveInLeaf(newScore, entry)) return;
    this.#removeFound(index, 1);
    this.insert(index, newScore, entry);
  }

  /**
   * Frees up to `nodesMax` nodes, and the header after the last; the entries are not touched.
   * Answers with whether more is left. Between the steps the index must not be used.
   */
  destroyStep(index: Ref, nodesMax: number): boolean {
    const { arena } = this;
    for (let i = 0; i < nodesMax; i++) {
      let parent = NONE;
      let node = this.#header(index, 0);
      // Down the last children: every node is the last of its parent when its turn has come.
      for (let height = this.#header(index, HEIGHT); height > 0; height--) {
        const count = countOf(arena, node);
        if (count === 0) break;
        parent = node;
        node = childOf(arena, node, count - 1);
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

  /** Frees the whole index at once. */
  destroy(index: Ref): void {
    this.destroyStep(index, Number.MAX_SAFE_INTEGER);
  }

  // -- descending ---------------------------------------------------------------------------------

  /**
   * Fills the path with the way to an entry, or to the last one before its place (slot -1 when it
   * would be the first of its leaf). Answers with the height.
   */
  #descend(index: Ref, score: number, entry: Ref): number {
    const { arena } = this;
    const height = this.#header(index, HEIGHT);
    let node = this.#header(index, 0);
    for (let level = height; level > 0; level--) {
      const slot = searchEntry(arena, node, INNER_ITEMS, INNER_STRIDE, 1, score, entry) - 1;
      this.#path[level] = node;
      this.#slots[level] = slot;
      node = childOf(arena, node, slot);
    }
    this.#path[0] = node;
    this.#slots[0] = searchEntry(arena, node, LEAF_ITEMS, LEAF_STRIDE, 0, score, entry) - 1;
    return height;
  }

  /** As `#descend`, for an entry that must be there. */
  #descendToEntry(index: Ref, score: number, entry: Ref): number {
    const height = this.#descend(index, score, entry);
    const leaf = this.#path[0];
    const at = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS + this.#slots[0] * LEAF_STRIDE;
    if (this.#slots[0] < 0 || this.arena.i32[leaf >>> SEGMENT_SHIFT][at + ENTRY] !== entry) {
      throw new Error("ordered index: the entry is not at its score");
    }
    return height;
  }

  #descendToRank(index: Ref, rank: number): void {
    let node = this.#header(index, 0);
    let left = rank;
    for (let level = this.#header(index, HEIGHT); level > 0; level--) {
      const words = this.arena.i32[node >>> SEGMENT_SHIFT];
      const at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS;
      let slot = 0;
      for (;;) {
        const size = words[at + slot * INNER_STRIDE + SIZE];
        if (left < size) break;
        left -= size;
        slot++;
      }
      this.#path[level] = node;
      this.#slots[level] = slot;
      node = words[at + slot * INNER_STRIDE + CHILD];
    }
    this.#path[0] = node;
    this.#slots[0] = left;
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

  /** Changes the number of entries below the path's item of a level. */
  #addSize(level: number, change: number): void {
    const node = this.#path[level];
    const at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + this.#slots[level] * INNER_STRIDE;
    this.arena.i32[node >>> SEGMENT_SHIFT][at + SIZE] += change;
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

  /** Doubles a root that is still small, so that few entries take little. False at full size. */
  #growRoot(index: Ref, items: number, stride: number): boolean {
    const root = this.#header(index, 0);
    const count = countOf(this.arena, root);
    if (count === CAPACITY_MAX) return false;
    const grown = this.#newNode(index, items, stride, Math.min(count * 2, CAPACITY_MAX));
    appendItems(this.arena, root, 0, grown, items, stride);
    this.#freeNode(index, root);
    this.#setHeader(index, 0, grown);
    return true;
  }

  #putInLeaf(leaf: Ref, slot: number, score: number, entry: Ref): void {
    shiftItems(this.arena, leaf, LEAF_ITEMS, LEAF_STRIDE, slot, 1);
    writeLeafItem(this.arena, leaf, slot, score, entry);
  }

  /** Puts a child with its smallest entry at `slot` of an inner node of `level`. */
  #putInInner(node: Ref, slot: number, level: number, child: Ref, size: number): void {
    const { arena } = this;
    shiftItems(arena, node, INNER_ITEMS, INNER_STRIDE, slot, 1);
    const at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + slot * INNER_STRIDE;
    const words = arena.i32[node >>> SEGMENT_SHIFT];
    words[at + CHILD] = child;
    words[at + SIZE] = size;
    setSeparator(arena, node, slot, firstLeafOf(arena, child, level - 1));
  }

  // -- splitting ----------------------------------------------------------------------------------

  /** Adds an entry at `slot` of the path's leaf, which is full, by making a second leaf. */
  #splitLeaf(index: Ref, slot: number, score: number, entry: Ref): void {
    const { arena } = this;
    const leaf = this.#path[0];
    const right = this.#newNode(index, LEAF_ITEMS, LEAF_STRIDE, CAPACITY_MAX);
    const words = arena.i32[leaf >>> SEGMENT_SHIFT];
    const at = (leaf & GRANULE_MASK) << 1;
    const count = words[at];
    let kept = count >> 1;
    if (slot === count && words[at + NEXT] === NONE) kept = count;
    else if (slot === 0 && words[at + PREVIOUS] === NONE) kept = 0;
    appendItems(arena, leaf, kept, right, LEAF_ITEMS, LEAF_STRIDE);
    words[at] = kept;
    linkLeaf(arena, right, leaf, words[at + NEXT]);
    if (slot <= kept && kept < count) this.#putInLeaf(leaf, slot, score, entry);
    else this.#putInLeaf(right, slot - kept, score, entry);
    this.#addChild(index, 1, right, countOf(arena, right));
  }

  /**
   * Puts `child`, which was split off to the right of the path's node below `level`, into the
   * path's node of `level`. `size`: number of entries below `child`.
   */
  #addChild(index: Ref, level: number, child: Ref, size: number): void {
    if (level > this.#header(index, HEIGHT)) {
      this.#newRoot(index, child, size);
      return;
    }
    this.#addSize(level, -size);
    let node = this.#path[level];
    const slot = this.#slots[level] + 1;
    if (this.#isFull(node, INNER_ITEMS, INNER_STRIDE)) {
      const isRoot = level === this.#header(index, HEIGHT);
      if (!isRoot || !this.#growRoot(index, INNER_ITEMS, INNER_STRIDE)) {
        this.#splitInner(index, level, slot, child, size);
        return;
      }
      node = this.#header(index, 0);
    }
    this.#putInInner(node, slot, level, child, size);
  }

  #newRoot(index: Ref, child: Ref, size: number): void {
    const height = this.#header(index, HEIGHT) + 1;
    const old = this.#header(index, 0);
    const root = this.#newNode(index, INNER_ITEMS, INNER_STRIDE, ROOT_CAPACITY_MIN);
    this.#setHeader(index, 0, root);
    this.#setHeader(index, HEIGHT, height);
    this.#putInInner(root, 0, height, old, this.#header(index, COUNT) - size);
    this.#putInInner(root, 1, height, child, size);
  }

  #splitInner(index: Ref, level: number, slot: number, child: Ref, size: number): void {
    const { arena } = this;
    const node = this.#path[level];
    const count = countOf(arena, node);
    // At the right end of the tree the full node stays as it is.
    const kept = slot === count && this.#isLastOnPath(index, level) ? count : count >> 1;
    const right = this.#newNode(index, INNER_ITEMS, INNER_STRIDE, CAPACITY_MAX);
    appendItems(arena, node, kept, right, INNER_ITEMS, INNER_STRIDE);
    arena.i32[node >>> SEGMENT_SHIFT][(node & GRANULE_MASK) << 1] = kept;
    if (slot <= kept && kept < count) this.#putInInner(node, slot, level, child, size);
    else this.#putInInner(right, slot - kept, level, child, size);
    this.#addChild(index, level + 1, right, sizeBefore(arena, right, countOf(arena, right)));
  }

  /** Whether the path's node of `level` is the last of its level. */
  #isLastOnPath(index: Ref, level: number): boolean {
    for (let above = level + 1; above <= this.#header(index, HEIGHT); above++) {
      if (this.#slots[above] !== countOf(this.arena, this.#path[above]) - 1) return false;
    }
    return true;
  }

  // -- removing -----------------------------------------------------------------------------------

  /** Removes `count` items from the path's slot on, all in the path's leaf. */
  #removeFound(index: Ref, count: number): void {
    const height = this.#header(index, HEIGHT);
    const leaf = this.#path[0];
    const slot = this.#slots[0];
    for (let level = 1; level <= height; level++) this.#addSize(level, -count);
    this.#addCount(index, -count);
    shiftItems(this.arena, leaf, LEAF_ITEMS, LEAF_STRIDE, slot + count, -count);
    if (height === 0) return;
    if (countOf(this.arena, leaf) === 0) {
      unlinkLeaf(this.arena, leaf);
      this.#removeChild(index, 1);
      return;
    }
    if (slot === 0) this.#renewSeparator(height, 1, leaf);
    if (countOf(this.arena, leaf) < MERGE_BELOW) this.#mergeLeaf(index);
  }

  /** The subtree below the path's item of `level` begins with another item now, that of `leaf`. */
  #renewSeparator(height: number, level: number, leaf: Ref): void {
    for (let above = level; above <= height; above++) {
      if (this.#slots[above] > 0) {
        setSeparator(this.arena, this.#path[above], this.#slots[above], leaf);
        return;
      }
    }
  }

  /** Frees the child at the path's slot of `level` and takes it out of its parent. */
  #removeChild(index: Ref, level: number): void {
    const { arena } = this;
    const node = this.#path[level];
    const slot = this.#slots[level];
    const height = this.#header(index, HEIGHT);
    this.#freeNode(index, childOf(arena, node, slot));
    shiftItems(arena, node, INNER_ITEMS, INNER_STRIDE, slot + 1, -1);
    const count = countOf(arena, node);
    if (level === height) {
      if (count === 1) this.#lowerRoot(index);
      return;
    }
    if (count === 0) {
      this.#removeChild(index, level + 1);
      return;
    }
    if (slot === 0) this.#renewSeparator(height, level + 1, firstLeafOf(arena, node, level));
    if (count < MERGE_BELOW) this.#mergeInner(index, level);
  }

  /** A root with one child is none: the child takes its place. */
  #lowerRoot(index: Ref): void {
    for (let height = this.#header(index, HEIGHT); height > 0; height--) {
      const root = this.#header(index, 0);
      if (countOf(this.arena, root) > 1) return;
      this.#setHeader(index, 0, childOf(this.arena, root, 0));
      this.#setHeader(index, HEIGHT, height - 1);
      this.#freeNode(index, root);
    }
  }

  #mergeLeaf(index: Ref): void {
    const left = this.#mergeSlot(1);
    if (left < 0) return;
    const source = childOf(this.arena, this.#path[1], left + 1);
    this.#mergeItems(1, left, LEAF_ITEMS, LEAF_STRIDE);
    unlinkLeaf(this.arena, source);
    this.#removeChild(index, 1);
  }

  #mergeInner(index: Ref, level: number): void {
    const left = this.#mergeSlot(level + 1);
    if (left < 0) return;
    const source = childOf(this.arena, this.#path[level + 1], left + 1);
    // The first item's separator was not kept up to date; behind others it counts.
    setSeparator(this.arena, source, 0, firstLeafOf(this.arena, source, level));
    this.#mergeItems(level + 1, left, INNER_ITEMS, INNER_STRIDE);
    this.#removeChild(index, level + 1);
  }

  /**
   * The slot of the left one of two children of the path's node of `level` that may merge, one of
   * them at the path's slot; -1 when there are none.
   */
  #mergeSlot(level: number): number {
    const { arena } = this;
    const parent = this.#path[level];
    const slot = this.#slots[level];
    const own = countOf(arena, childOf(arena, parent, slot));
    if (slot + 1 < countOf(arena, parent)) {
      if (own + countOf(arena, childOf(arena, parent, slot + 1)) <= MERGED_MAX) return slot;
    }
    if (slot > 0 && own + countOf(arena, childOf(arena, parent, slot - 1)) <= MERGED_MAX) {
      return slot - 1;
    }
    return -1;
  }

  /**
   * Moves the items of the child behind slot `left` of the path's node of `level` into the one at
   * `left`; the path then leads to the emptied child.
   */
  #mergeItems(level: number, left: number, items: number, stride: number): void {
    const { arena } = this;
    const parent = this.#path[level];
    const source = childOf(arena, parent, left + 1);
    appendItems(arena, source, 0, childOf(arena, parent, left), items, stride);
    const words = arena.i32[parent >>> SEGMENT_SHIFT];
    const at = ((parent & GRANULE_MASK) << 1) + INNER_ITEMS + left * INNER_STRIDE;
    words[at + SIZE] += words[at + INNER_STRIDE + SIZE];
    this.#slots[level] = left + 1;
  }

  // -- moving -------------------------------------------------------------------------------------

  /**
   * Gives the item at the path's slot another score within its leaf. False, and nothing happened,
   * when it is or would become the first or last of the leaf.
   */
  #moveInLeaf(score: number, entry: Ref): boolean {
    const { arena } = this;
    const leaf = this.#path[0];
    const from = this.#slots[0];
    const count = countOf(arena, leaf);
    if (from === 0 || from === count - 1) return false;
    const place = searchEntry(arena, leaf, LEAF_ITEMS, LEAF_STRIDE, 0, score, entry);
    if (place === 0 || place === count) return false;
    // `place` counts the item itself when it moves up.
    const to = place > from ? place - 1 : place;
    moveLeafItem(arena, leaf, from, to);
    writeLeafItem(arena, leaf, to, score, entry);
    return true;
  }
}
