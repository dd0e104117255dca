// Walking an index by ID (id-index.ts) in either direction.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { countOf, LEAF_ITEMS, NEXT, PREVIOUS } from "../../memory/index-node.ts";

/** A place in an index; valid until the index changes. The item is at words[at]. */
export class IdCursor {
  readonly #arena: Arena;
  readonly #stride: number;
  words: Int32Array = new Int32Array(0);
  at = 0;
  #leaf: Ref = NONE;
  #slot = 0;

  /** `stride`: words of an item. */
  constructor(arena: Arena, stride: number) {
    this.#arena = arena;
    this.#stride = stride;
  }

  /** Puts the cursor on an item. A slot behind the last one means the next leaf's first item. */
  place(leaf: Ref, slot: number): boolean {
    const words = this.#arena.i32[leaf >>> SEGMENT_SHIFT];
    const at = (leaf & GRANULE_MASK) << 1;
    this.words = words;
    this.at = at + LEAF_ITEMS + slot * this.#stride;
    this.#leaf = leaf;
    this.#slot = slot;
    if (slot < words[at]) return true;
    const next = words[at + NEXT];
    return next !== NONE && this.place(next, 0);
  }

  /** To the next item. False behind the last one. */
  next(): boolean {
    return this.place(this.#leaf, this.#slot + 1);
  }

  /** To the item before. False before the first one. */
  previous(): boolean {
    if (this.#slot > 0) return this.place(this.#leaf, this.#slot - 1);
    const leaf = this.words[((this.#leaf & GRANULE_MASK) << 1) + PREVIOUS];
    return leaf !== NONE && this.place(leaf, countOf(this.#arena, leaf) - 1);
  }
}
