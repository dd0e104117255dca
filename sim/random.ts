// Chance in the simulator. A run's plan is drawn from generators seeded by text (seedrandom); noise
// during the run (how a message is cut, how long it travels) is a pure function of the seed and of
// what it concerns, so that taking one fault or client out of a plan does not reshuffle the rest.
import seedrandom from "seedrandom";

export class Random {
  readonly #next: () => number;

  /** `seed`: any text; the same text, the same sequence. */
  constructor(seed: string) {
    const generator = seedrandom.alea(seed);
    this.#next = () => generator.int32() >>> 0;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return this.#next() % n;
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with probability `percent` / 100. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** Random bytes. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}

/** 32 bits of noise for the n-th happening of a stream: a finaliser over the three (MurmurHash3's). */
export function noise(seed: number, stream: number, n: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15) ^ n, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
