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
  // The first `count` are in use, in ascending order of their scores: the larger, the better to evict.
  readonly #scores: Float64Array = new Float64Array(CANDIDATES_MAX);
  readonly #databases: Int32Array = new Int32Array(CANDIDATES_MAX);
  readonly #entries: Int32Array = new Int32Array(CANDIDATES_MAX);
  readonly #hashes: Int32Array = new Int32Array(CANDIDATES_MAX);
  count = 0;
  /** The candidate that `takeBest` took out: index of its database, entry, and hash. */
  database = 0;
  entry: Ref = NONE;
  hash = 0;

  /** Adds a key with this score, unless the pool is full of better ones. */
  offer(score: number, database: number, entry: Ref, hash: number): void {
    const scores = this.#scores;
    const { count } = this;
    if (count === CANDIDATES_MAX && score <= scores[0]) return;
    let place = count;
    while (place > 0 && scores[place - 1] >= score) place--;
    if (count < CANDIDATES_MAX) {
      for (let i = count; i > place; i--) this.#move(i - 1, i);
      this.count++;
    } else {
      // The worst one goes.
      place--;
      for (let i = 0; i < place; i++) this.#move(i + 1, i);
    }
    scores[place] = score;
    this.#databases[place] = database;
    this.#entries[place] = entry;
    this.#hashes[place] = hash;
  }

  #move(from: number, to: number): void {
    this.#scores[to] = this.#scores[from];
    this.#databases[to] = this.#databases[from];
    this.#entries[to] = this.#entries[from];
    this.#hashes[to] = this.#hashes[from];
  }

  /** Takes the best candidate out; false when there is none. */
  takeBest(): boolean {
    if (this.count === 0) return false;
    const place = --this.count;
    this.database = this.#databases[place];
    this.entry = this.#entries[place];
    this.hash = this.#hashes[place];
    return true;
  }

  /** Forgets all: scores of another policy mean something else. */
  clear(): void {
    this.count = 0;
  }
}
