// An input of unions, intersections and differences: a sorted set, or a set whose members all have
// the score 1, or a key that does not exist.
import { SET } from "../../keyspace/types.ts";
import { NONE, type Ref } from "../../memory/arena.ts";
import { WIDE_ZERO } from "../../util/wide.ts";
import type { Element } from "../element.ts";
import { SetCursor } from "../set/set-cursor.ts";
import type { Sets } from "../set/sets.ts";
import { SortedSetCursor } from "./cursor.ts";
import { SortedSet } from "./sorted-set.ts";
import type { SortedSets } from "./sorted-sets.ts";

const SET_SCORE = 1;

export class SortedSetSource {
  readonly #sets: Sets;
  readonly #value: Ref;
  readonly #encoding: number;
  readonly #sorted: SortedSet | null;
  readonly #cursor: SortedSetCursor;
  readonly #setCursor: SetCursor;
  #started = false;
  /** Number of members. */
  readonly length: number;
  /** WEIGHTS. */
  weight = 1;
  /** The score of the member that `next` came to or `has` found. */
  score: number = WIDE_ZERO;

  /** `value`: NONE for a key that does not exist; `type`: SET or ZSET. */
  constructor(sortedSets: SortedSets, sets: Sets, type: number, value: Ref, encoding: number) {
    this.#sets = sets;
    this.#value = value;
    this.#encoding = encoding;
    this.#cursor = new SortedSetCursor(sortedSets);
    this.#setCursor = new SetCursor(sortedSets.dicts);
    const isSorted = value !== NONE && type !== SET;
    this.#sorted = isSorted ? new SortedSet(sortedSets).open(value, encoding) : null;
    if (value === NONE) this.length = 0;
    else this.length = this.#sorted?.length ?? sets.count(value, encoding);
  }

  /** True when both are the same key. */
  is(other: SortedSetSource): boolean {
    return this.#value !== NONE && this.#value === other.#value;
  }

  /** Starts to go through the members. */
  start(): void {
    this.#started = false;
    if (this.#sorted !== null) this.#cursor.seek(this.#sorted, 0);
    else if (this.#value !== NONE) this.#setCursor.start(this.#value, this.#encoding);
  }

  /** Loads the next member into `member` and `score`; false when there is none. */
  next(member: Element): boolean {
    if (this.#sorted !== null) {
      if (this.#started && !this.#cursor.next()) return false;
      this.#started = true;
      this.#cursor.member(member);
      this.score = this.#cursor.score;
      return true;
    }
    if (this.#value === NONE || !this.#setCursor.next()) return false;
    const { bytes, view, offset, length } = this.#setCursor.element;
    member.place(bytes, view, offset, length);
    this.score = SET_SCORE;
    return true;
  }

  /** True when the member is in; `score` is its score then. */
  has(member: Element): boolean {
    if (this.#sorted !== null) {
      if (!this.#sorted.find(member)) return false;
      this.score = this.#sorted.score;
      return true;
    }
    this.score = SET_SCORE;
    return this.#value !== NONE && this.#sets.has(this.#value, this.#encoding, member);
  }
}
