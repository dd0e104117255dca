// The directory of a long quicklist: which node holds the element at a place, without walking there.
//
// It is made when a seek had to walk over many nodes, and costs one more walk; it is thrown away when
// something in the middle of the list changes. Pushing and popping at the ends leave it valid: places
// are counted on and on (see `first` in quicklist.ts), so nodes that it speaks of keep theirs, and of
// the first and last node, which come, go and move, it does not speak.
//
//   word 0, 1    lowest entry that is valid, and the end of those that are
//   then         entries: place of a node's first element, node; behind the last one, the place where
//                the tail began
//
// Places are int32 that wrap around; differences of two of them do not.
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";

const LOW = 0;
const HIGH = 1;
const ENTRIES = 2;
const ENTRY_WORDS = 2;

export class Directory {
  readonly #arena: Arena;
  /** What `find` found: the node, and the element's index in it. */
  node: Ref = 0;
  index = 0;
  #entry = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** A directory with room for `count` nodes. */
  create(count: number): Ref {
    const directory = this.#arena.alloc((ENTRIES + count * ENTRY_WORDS + 1) * 4);
    const words = this.#arena.i32[directory >>> SEGMENT_SHIFT];
    const at = (directory & GRANULE_MASK) << 1;
    words[at + LOW] = 0;
    words[at + HIGH] = 0;
    return directory;
  }

  /** Adds the next node, whose first element is at `place`. */
  add(directory: Ref, place: number, node: Ref): void {
    const words = this.#arena.i32[directory >>> SEGMENT_SHIFT];
    const at = (directory & GRANULE_MASK) << 1;
    const entry = at + ENTRIES + words[at + HIGH] * ENTRY_WORDS;
    words[entry] = place;
    words[entry + 1] = node;
    words[at + HIGH]++;
  }

  /** All nodes are added; `place` is behind the last one's elements. */
  end(directory: Ref, place: number): void {
    const words = this.#arena.i32[directory >>> SEGMENT_SHIFT];
    const at = (directory & GRANULE_MASK) << 1;
    words[at + ENTRIES + words[at + HIGH] * ENTRY_WORDS] = place;
  }

  /** Finds the element at a place: into `node` and `index`. False when the directory does not know. */
  find(directory: Ref, place: number): boolean {
    const words = this.#arena.i32[directory >>> SEGMENT_SHIFT];
    const at = (directory & GRANULE_MASK) << 1;
    const entries = at + ENTRIES;
    let low = words[at + LOW];
    let high = words[at + HIGH];
    if (((place - words[entries + low * ENTRY_WORDS]) | 0) < 0) return false;
    if (((place - words[entries + high * ENTRY_WORDS]) | 0) >= 0) return false;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (((place - words[entries + middle * ENTRY_WORDS]) | 0) < 0) high = middle;
      else low = middle;
    }
    const entry = entries + low * ENTRY_WORDS;
    this.#entry = entry;
    this.node = words[entry + 1];
    this.index = (place - words[entry]) | 0;
    return true;
  }

  /**
   * The node whose first element is at `place` has moved to another block. False when the directory
   * has another node there; that it knows of none there is all right.
   */
  move(directory: Ref, place: number, node: Ref, moved: Ref): boolean {
    if (!this.find(directory, place)) return true;
    if (this.node !== node) return false;
    this.#arena.i32[directory >>> SEGMENT_SHIFT][this.#entry + 1] = moved;
    return true;
  }

  /** The node has become an end of the list. False when no node is left that the directory knows. */
  leaveOut(directory: Ref, node: Ref): boolean {
    const words = this.#arena.i32[directory >>> SEGMENT_SHIFT];
    const at = (directory & GRANULE_MASK) << 1;
    const entries = at + ENTRIES;
    const low = words[at + LOW];
    const high = words[at + HIGH];
    if (words[entries + low * ENTRY_WORDS + 1] === node) words[at + LOW] = low + 1;
    else if (words[entries + (high - 1) * ENTRY_WORDS + 1] === node) words[at + HIGH] = high - 1;
    return words[at + LOW] < words[at + HIGH];
  }
}
