// Walking a sorted set in either direction, whatever its encoding. A cursor holds until its set
// changes; it can be put on one set after the other.
import { LISTPACK } from "../../keyspace/types.ts";
import { type Arena, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { IndexCursor } from "../../memory/index-cursor.ts";
import { LP_END, lpPrev, lpSeek, lpSkip } from "../../memory/listpack.ts";
import type { Element } from "../element.ts";
import { packedBase, packedScore } from "./packed.ts";
import type { SortedSet, SortedSetSpace } from "./sorted-set.ts";

export class SortedSetCursor {
  readonly #space: SortedSetSpace;
  readonly #arena: Arena;
  /** What walks a set that is not packed. */
  readonly index: IndexCursor;
  #value: Ref = 0;
  #isPacked = false;
  /** Offset of the packed member. */
  #at = -1;

  constructor(space: SortedSetSpace) {
    this.#space = space;
    this.#arena = space.arena;
    this.index = new IndexCursor(space.arena);
  }

  /** Puts the cursor on the member of a rank, which must be below the set's length. */
  seek(set: SortedSet, rank: number): void {
    this.#value = set.value;
    this.#isPacked = set.encoding === LISTPACK;
    if (this.#isPacked) {
      const bytes = this.#arena.u8[set.value >>> SEGMENT_SHIFT];
      this.#at = lpSeek(bytes, packedBase(set.value), rank * 2);
    } else {
      this.#space.indexes.seek(set.index, rank, this.index);
    }
  }

  /** Puts the cursor on the first member with a score of at least `score`; false when there is none. */
  seekScore(set: SortedSet, score: number): boolean {
    if (set.encoding !== LISTPACK) {
      this.#value = set.value;
      this.#isPacked = false;
      return this.#space.indexes.seekScore(set.index, score, this.index);
    }
    const rank = set.countByScore(score, false);
    if (rank === set.length) return false;
    this.seek(set, rank);
    return true;
  }

  /** To the next member; false behind the last. */
  next(): boolean {
    if (!this.#isPacked) return this.index.next();
    const bytes = this.#arena.u8[this.#value >>> SEGMENT_SHIFT];
    this.#at = lpSkip(bytes, lpSkip(bytes, this.#at));
    return bytes[this.#at] !== LP_END;
  }

  /** To the member before; false before the first. */
  previous(): boolean {
    if (!this.#isPacked) return this.index.previous();
    const bytes = this.#arena.u8[this.#value >>> SEGMENT_SHIFT];
    const base = packedBase(this.#value);
    this.#at = lpPrev(bytes, base, this.#at);
    if (this.#at < 0) return false;
    this.#at = lpPrev(bytes, base, this.#at);
    return true;
  }

  /** The score under the cursor. */
  get score(): number {
    if (!this.#isPacked) return this.index.score;
    return packedScore(this.#arena.u8[this.#value >>> SEGMENT_SHIFT], this.#at);
  }

  /** Loads the member under the cursor. */
  member(element: Element): void {
    this.memberAt(this.place, element);
  }

  /** Where the member under the cursor is: an int32 for `memberAt`. */
  get place(): number {
    return this.#isPacked ? this.#at : this.index.entry;
  }

  /** Loads the member at a place that `place` gave, if the set has not changed since. */
  memberAt(place: number, element: Element): void {
    if (this.#isPacked) {
      const segment = this.#value >>> SEGMENT_SHIFT;
      element.listpackEntry(this.#arena.u8[segment], this.#arena.view[segment], place);
    } else {
      element.entryKey(this.#space.dicts, place);
    }
  }

  /** Loads the score under the cursor as the listpack of a packed set has it. */
  packedScore(element: Element): void {
    const segment = this.#value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    element.listpackEntry(bytes, this.#arena.view[segment], lpSkip(bytes, this.#at));
  }
}
