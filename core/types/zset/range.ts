// A range of a sorted set as a command asks for it: by rank, by score or by member. Whatever its
// kind and the set's encoding, it is brought down to ranks (`measure`); LIMIT and the direction are
// arithmetic on ranks, and the number of members is known before the first is looked at. One object
// is reused for all commands.
import { LISTPACK } from "../../keyspace/types.ts";
import { WIDE_ZERO } from "../../util/wide.ts";
import type { SortedSet } from "./sorted-set.ts";

// Kinds of ranges.
export const ANY_KIND = 0;
export const BY_RANK = 1;
export const BY_SCORE = 2;
export const BY_MEMBER = 3;

// Kinds of member bounds.
export const LOWEST = 0;
export const HIGHEST = 1;
export const MEMBER = 2;

/** A bound in the order of bytes: bytes[offset, offset+length), or below or above everything. */
export class MemberBound {
  kind: number = LOWEST;
  exclusive = false;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  offset = 0;
  length = 0;

  /** Number of the set's members below the bound, or up to it when `inclusive`. */
  countIn(set: SortedSet, inclusive: boolean): number {
    if (this.kind === LOWEST) return 0;
    if (this.kind === HIGHEST) return set.length;
    return set.countByMember(this.bytes, this.view, this.offset, this.length, inclusive);
  }
}

export class SortedSetRange {
  kind: number = BY_RANK;
  reverse = false;
  withScores = false;
  /** LIMIT: members to skip, and at most how many then (all when negative). */
  offset = 0;
  limit = -1;
  /** BY_RANK: ranks in the range's direction, from the end when negative. */
  start: number = WIDE_ZERO;
  stop: number = WIDE_ZERO;
  minScore: number = WIDE_ZERO;
  minExclusive = false;
  maxScore: number = WIDE_ZERO;
  maxExclusive = false;
  readonly minMember: MemberBound = new MemberBound();
  readonly maxMember: MemberBound = new MemberBound();
  /** The result: `count` members from rank `first` on, counted upwards whatever the direction. */
  first: number = WIDE_ZERO;
  count = 0;

  /** Finds the ranks that the range has in this set. LIMIT is left out for BY_RANK. */
  measure(set: SortedSet): void {
    if (this.kind === BY_RANK) {
      this.#measureRanks(set.length);
      return;
    }
    if (this.kind === BY_SCORE) {
      const first = set.countByScore(this.minScore, this.minExclusive);
      this.#setRanks(first, set.countByScore(this.maxScore, !this.maxExclusive));
    } else {
      const first = this.minMember.countIn(set, this.minMember.exclusive);
      this.#setRanks(first, this.maxMember.countIn(set, !this.maxMember.exclusive));
    }
    this.#applyLimit(set);
  }

  #setRanks(first: number, end: number): void {
    this.first = first;
    this.count = Math.max(0, end - first);
  }

  #measureRanks(length: number): void {
    const first = Math.max(0, this.start < 0 ? this.start + length : this.start);
    const stop = this.stop < 0 ? this.stop + length : this.stop;
    this.#setRanks(first, Math.min(length, stop + 1));
    if (this.reverse) this.first = length - first - this.count;
  }

  #applyLimit(set: SortedSet): void {
    let skipped = this.offset;
    // A negative offset counts from the end in a large set and finds nothing in a small one.
    if (skipped < 0) skipped = set.encoding === LISTPACK ? this.count : skipped + this.count;
    if (skipped < 0 || skipped > this.count) skipped = this.count;
    const left = this.count - skipped;
    this.count = this.limit < 0 ? left : Math.min(left, this.limit);
    this.first += this.reverse ? left - this.count : skipped;
  }
}
