// Walking an ordered index (ordered-index.ts) in either direction. `OrderedIndexes.seek` puts a cursor
// on an entry; it holds until the index changes.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "./arena.ts";
import { countOf, ENTRY, LEAF_ITEMS, LEAF_STRIDE, NEXT, PREVIOUS } from "./index-node.ts";

export class IndexCursor {
  readonly #arena: Arena;
  /** The entry is in `slot` of this leaf; NONE when the cursor is nowhere. */
  leaf: Ref = NONE;
  slot = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** The entry under the cursor. */
  get entry(): Ref {
    const { leaf } = this;
    const at = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS + this.slot * LEAF_STRIDE;
    return this.#arena.i32[leaf >>> SEGMENT_SHIFT][at + ENTRY];
  }

  /** The score under the cursor. */
  get score(): number {
    const { leaf } = this;
    const at = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS + this.slot * LEAF_STRIDE;
    return this.#arena.view[leaf >>> SEGMENT_SHIFT].getFloat64(at << 2, true);
  }

  /** Word of the reference to the entry under the cursor, in its leaf's segment. */
  get word(): number {
    return ((this.leaf & GRANULE_MASK) << 1) + LEAF_ITEMS + this.slot * LEAF_STRIDE + ENTRY;
  }

  /**
   * Number of entries of the cursor's leaf from the one under it on, or up to it when `reverse`; their
   * references are LEAF_STRIDE words apart.
   */
  leftInLeaf(reverse: boolean): number {
    return reverse ? this.slot + 1 : countOf(this.#arena, this.leaf) - this.slot;
  }

  /** To the first entry of the next leaf, or the last of the one before. */
  leaveLeaf(reverse: boolean): void {
    if (reverse) {
      this.slot = 0;
      this.previous();
    } else {
      this.slot = countOf(this.#arena, this.leaf) - 1;
      this.next();
    }
  }

  /** To the next entry. False behind the last, and the cursor is nowhere then. */
  next(): boolean {
    const { leaf } = this;
    const words = this.#arena.i32[leaf >>> SEGMENT_SHIFT];
    const at = (leaf & GRANULE_MASK) << 1;
    if (++this.slot < words[at]) return true;
    this.leaf = words[at + NEXT];
    this.slot = 0;
    return this.leaf !== NONE;
  }

  /** To the entry before. False before the first, and the cursor is nowhere then. */
  previous(): boolean {
    if (--this.slot >= 0) return true;
    const { leaf } = this;
    this.leaf = this.#arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & GRANULE_MASK) << 1) + PREVIOUS];
    if (this.leaf === NONE) return false;
    this.slot = countOf(this.#arena, this.leaf) - 1;
    return true;
  }
}
