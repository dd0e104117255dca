// The candidates of eviction: the sixteen best keys among those that were sampled lately, in the
// order of their scores. Exact LRU or LFU order would need an index of all keys; sampling a few per
// eviction and keeping the best comes close to it (Redis, 3.0).
//
// A candidate is a copy of the key, for the key may be gone when its turn comes. The copies' buffers
// are reused, so that evicting allocates nothing.
import { copyBytes } from "../util/copy.ts";

const CANDIDATES_MAX = 16;
const KEY_BYTES_MIN = 64;
/** A larger buffer is not kept. */
const KEY_BYTES_KEPT_MAX = 4096;

/** A key that may be evicted. */
export class Candidate {
  /** The larger, the better to evict. */
  score = 0;
  /** Index of its database. */
  db = 0;
  bytes: Uint8Array = new Uint8Array(KEY_BYTES_MIN);
  view: DataView = new DataView(this.bytes.buffer);
  /** Length of the key, which lies at the start of `bytes`. */
  length = 0;

  copyKey(source: Uint8Array, offset: number, length: number): void {
    const { length: room } = this.bytes;
    if (length > room || (room > KEY_BYTES_KEPT_MAX && length <= KEY_BYTES_KEPT_MAX)) {
      this.bytes = new Uint8Array(Math.max(length, KEY_BYTES_MIN));
      this.view = new DataView(this.bytes.buffer);
    }
    copyBytes(this.bytes, 0, source, offset, length);
    this.length = length;
  }
}

export class EvictionPool {
  /** The first `count` are in use, in ascending order of their scores. */
  readonly #candidates: Candidate[] = [];
  count = 0;

  constructor() {
    for (let i = 0; i < CANDIDATES_MAX; i++) this.#candidates.push(new Candidate());
  }

  /**
   * Makes room for a key with this score: answers with the candidate to fill, or null when those in
   * the pool are all better.
   */
  offer(score: number): Candidate | null {
    const candidates = this.#candidates;
    let place = 0;
    while (place < this.count && candidates[place].score < score) place++;
    let candidate: Candidate;
    if (this.count < CANDIDATES_MAX) {
      candidate = candidates[this.count];
      for (let i = this.count; i > place; i--) candidates[i] = candidates[i - 1];
      this.count++;
    } else if (place > 0) {
      // The worst one goes.
      place--;
      candidate = candidates[0];
      for (let i = 0; i < place; i++) candidates[i] = candidates[i + 1];
    } else {
      return null;
    }
    candidates[place] = candidate;
    candidate.score = score;
    return candidate;
  }

  /** Takes the best candidate out; null when there is none. Valid until the next `offer`. */
  takeBest(): Candidate | null {
    return this.count === 0 ? null : this.#candidates[--this.count];
  }

  /** Forgets all: scores of another policy mean something else. */
  clear(): void {
    this.count = 0;
  }
}
