// How many nodes Redis's radix tree would have for the keys of a stream's nodes: XINFO STREAM tells it.
//
// Such a tree over keys of 16 bytes is determined by its keys alone: a leaf for every key, a node
// wherever keys branch, and one node for every run of bytes without a branch in between. So the number
// can be kept up to date by looking at the neighbours of a key that comes or goes.
import type { Ref } from "../../memory/arena.ts";
import type { IdCursor } from "./id-cursor.ts";
import type { IdIndexes } from "./id-index.ts";
import { StreamId } from "./stream-id.ts";

const KEY_BYTES = 16;

/** A tree without keys has a root. */
export const EMPTY_RADIX_NODES = 1;

export class RadixNodes {
  readonly #indexes: IdIndexes;
  readonly #low: IdCursor;
  readonly #high: IdCursor;
  readonly #edge: StreamId = new StreamId();

  constructor(indexes: IdIndexes) {
    this.#indexes = indexes;
    this.#low = indexes.cursor();
    this.#high = indexes.cursor();
  }

  /** The nodes that `id`, which is not in the index, would add to the tree of the IDs that are. */
  change(index: Ref, id: StreamId): number {
    const low = this.#low;
    const high = this.#high;
    const hasLow = this.#indexes.seekBack(index, id, low);
    const hasHigh = this.#indexes.seek(index, id, high);
    if (!hasLow && !hasHigh) return 1;
    const sharedLow = hasLow ? sharedBytes(id, low) : -1;
    const sharedHigh = hasHigh ? sharedBytes(id, high) : -1;
    // The key's own leaf and the bytes between it and the branch.
    const depth = Math.max(sharedLow, sharedHigh);
    const own = depth < KEY_BYTES - 1 ? 2 : 1;
    if (sharedLow === sharedHigh) return own;
    return own + this.#branchChange(index, id, depth, sharedLow > sharedHigh);
  }

  /**
   * What the tree gains where `id` leaves it, after `depth` bytes. All keys with these bytes are on
   * one side of `id`: `isAbove` says that it is greater than they are.
   */
  #branchChange(index: Ref, id: StreamId, depth: number, isAbove: boolean): number {
    const first = this.#low;
    const last = this.#high;
    const edge = this.#edge;
    edge.copy(id);
    fillFrom(edge, depth, isAbove ? 0 : -1);
    this.#indexes.seek(index, isAbove ? edge : id, first);
    this.#indexes.seekBack(index, isAbove ? id : edge, last);
    edge.load(first.words, first.at);
    const end = sharedBytes(edge, last);
    if (end === depth) return 0;
    // The run of bytes around `depth` begins behind the branch above.
    const before = first.previous() ? sharedBytes(edge, first) : -1;
    edge.load(last.words, last.at);
    const behind = last.next() ? sharedBytes(edge, last) : -1;
    const start = Math.max(before, behind) + 1;
    // The run, one node, becomes the branch and what is before and behind it.
    return (depth > start ? 1 : 0) + (end > depth + 1 ? 1 : 0);
  }
}

/** How many bytes the ID and the one under the cursor have in common from the start. */
function sharedBytes(id: StreamId, cursor: IdCursor): number {
  const { words, at } = cursor;
  if (id.msHigh !== words[at]) return sharedInWord(id.msHigh, words[at]);
  if (id.msLow !== words[at + 1]) return 4 + sharedInWord(id.msLow, words[at + 1]);
  if (id.seqHigh !== words[at + 2]) return 8 + sharedInWord(id.seqHigh, words[at + 2]);
  if (id.seqLow !== words[at + 3]) return 12 + sharedInWord(id.seqLow, words[at + 3]);
  return KEY_BYTES;
}

function sharedInWord(a: number, b: number): number {
  return Math.clz32(a ^ b) >>> 3;
}

/** Sets all bits of the ID behind its first `bytes` bytes to those of `word`, 0 or -1. */
function fillFrom(id: StreamId, bytes: number, word: number): void {
  id.msHigh = filled(id.msHigh, bytes, word);
  id.msLow = filled(id.msLow, bytes - 4, word);
  id.seqHigh = filled(id.seqHigh, bytes - 8, word);
  id.seqLow = filled(id.seqLow, bytes - 12, word);
}

function filled(value: number, bytes: number, word: number): number {
  if (bytes <= 0) return word;
  if (bytes >= 4) return value;
  const mask = -1 << (32 - 8 * bytes);
  return (value & mask) | (word & ~mask);
}
