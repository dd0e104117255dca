// The candidates of eviction: the sixteen best keys among those that were sampled lately, in the
// order of their scores. Exact LRU or LFU order would need an index of all keys; sampling a few per
// eviction and keeping the best comes close to it (Redis, 3.0).
//
// A candidate is named by its entry and its hash, not by a copy of its key: when its turn comes, it is
// still a key of the database if the dict has this entry under this hash. A key that was written anew
// since is another entry, and is spared.
import { NONE, type Ref } from "../memory/arena.ts";

const CANDIDATES_MAX = 16;

export class EvictionPool {
  readonly #scores: Float64Array = new Float64Array(CANDIDATES_MAX);
  readonly #databases: Int32Array = new Int32Array(CANDIDATES_MAX);
  readonly #entries: Int32Array = new Int32Array(CANDIDATES_MAX);
  readonly #hashes: Int32Array = new Int32Array(CANDIDATES_MAX);
  /** Indexes of the arrays above: the first `count` in ascending order of scores, then the free ones. */
  readonly #order: Uint8Array = Uint8Array.from({ length: CANDIDATES_MAX }, (_, i) => i);
  count = 0;
  /** The candidate that `takeBest` took out: index of its database, entry, and hash. */
  database = 0;
  entry: Ref = NONE;
  hash = 0;

  /** Adds a key unless the pool is full of better ones. The larger the score, the better to evict. */
  offer(score: number, database: number, entry: Ref, hash: number): void {
    const scores = this.#scores;
    const order = this.#order;
    const { count } = this;
    const isFull = count === CANDIDATES_MAX;
    if (isFull && score <= scores[order[0]]) return;
    // When it is full the worst one goes, whose place is the first.
    const slot = order[isFull ? 0 : count];
    let place = 0;
    if (isFull) {
      for (; place < count - 1 && scores[order[place + 1]] < score; place++) {
        order[place] = order[place + 1];
      }
    } else {
      for (place = count; place > 0 && scores[order[place - 1]] >= score; place--) {
        order[place] = order[place - 1];
      }
      this.count++;
    }
    order[place] = slot;
    scores[slot] = score;
    this.#databases[slot] = database;
    this.#entries[slot] = entry;
    this.#hashes[slot] = hash;
  }

  /** Takes the best candidate out; false when there is none. */
  takeBest(): boolean {
    if (this.count === 0) return false;
    const slot = this.#order[--this.count];
    this.database = this.#databases[slot];
    this.entry = this.#entries[slot];
    this.hash = this.#hashes[slot];
    return true;
  }

  /** Forgets all: scores of another policy mean something else. */
  clear(): void {
    this.count = 0;
  }
}
