// The only source of chance in the core: xoshiro128** (Blackman, Vigna 2018), seeded by the host.

const STATE_BYTES = 16;
const TWO_32 = 0x100000000;
const TWO_31 = 2 ** 31;
const TWO_53 = 9007199254740992;

export class Prng {
  readonly #state: Int32Array = new Int32Array(4);

  /** `seed`: any number of bytes (16 or more for full entropy); the same bytes, the same sequence. */
  constructor(seed: Uint8Array) {
    const state = this.#state;
    // Folds the seed in with a multiplicative mix, so that short or similar seeds differ as well.
    state.set([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667 ^ seed.length]);
    for (let i = 0; i < Math.max(seed.length, STATE_BYTES); i++) {
      const at = i & 3;
      const byte = i < seed.length ? seed[i] : 0;
      state[at] = Math.imul(state[at] ^ byte, 0x01000193) ^ (state[(at + 1) & 3] >>> 15);
    }
    for (let i = 0; i < 16; i++) this.next();
  }

  /** A random int32. */
  next(): number {
    const state = this.#state;
    const s1 = state[1];
    let result = Math.imul(s1, 5);
    result = Math.imul((result << 7) | (result >>> 25), 9);
    const s2 = state[2] ^ state[0];
    const s3 = state[3] ^ s1;
    state[1] = s1 ^ s2;
    state[0] = state[0] ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** A uniform integer in [0, n), n at most 2^53. */
  below(n: number): number {
    if (n <= TWO_32) {
      // A power of two needs no division: its last bits are the remainder.
      if ((n & (n - 1)) === 0 && n < TWO_32) return this.next() & (n - 1);
      // Rejects the draws of an incomplete last run, so that no remainder is more likely.
      const limit = TWO_32 - (TWO_32 % n);
      for (;;) {
        const draw = this.next() >>> 0;
        // A remainder of a large draw is a double to V8, also a small one, and so would be what it is
        // stored in (see wide.ts).
        if (draw < limit) return n <= TWO_31 ? (draw % n) | 0 : draw % n;
      }
    }
    const limit = TWO_53 - (TWO_53 % n);
    for (;;) {
      const draw = (this.next() >>> 11) * TWO_32 + (this.next() >>> 0);
      if (draw < limit) return draw % n;
    }
  }

  /** A uniform double in [0, 1) with 53 random bits. */
  double(): number {
    return ((this.next() >>> 5) * 67108864 + (this.next() >>> 6)) / TWO_53;
  }

  /** The state, for snapshots: four words that `restore` takes back. */
  save(): Int32Array {
    return this.#state.slice();
  }

  restore(state: Int32Array): void {
    this.#state.set(state);
  }
}
