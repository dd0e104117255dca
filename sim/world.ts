// The world of a run: virtual time, what will happen, the fingerprint of all that did.
import { EventHeap } from "./event-heap.ts";
import { RollingHash } from "./rolling-hash.ts";

/** 2030-01-01: far from zero, so that times in seconds and milliseconds cannot be mixed up unseen. */
export const EPOCH_MS = 1_893_456_000_000;

export class World {
  readonly seed: string;
  /** The seed of `noise`. */
  readonly noiseSeed: number;
  readonly hash: RollingHash = new RollingHash();
  readonly #events: EventHeap = new EventHeap();
  /** Microseconds since the run began. */
  nowUs = 0;
  /** How far the wall clock is off: it may jump, the other clock does not. */
  wallOffsetMs = 0;
  eventCount = 0;

  constructor(seed: string) {
    this.seed = seed;
    let folded = 0;
    for (let i = 0; i < seed.length; i++)
      folded = Math.imul(folded ^ seed.charCodeAt(i), 0x01000193);
    this.noiseSeed = folded;
  }

  /** The wall clock of a process in this world, in ms. */
  get wallMs(): number {
    return EPOCH_MS + Math.floor(this.nowUs / 1000) + this.wallOffsetMs;
  }

  plan(atUs: number, run: () => void): void {
    this.#events.plan(Math.max(atUs, this.nowUs), run);
  }

  planIn(delayUs: number, run: () => void): void {
    this.plan(this.nowUs + delayUs, run);
  }

  /** Lets the next event happen. False when nothing is planned. */
  step(): boolean {
    const event = this.#events.take();
    if (event === undefined) return false;
    this.nowUs = event.atUs;
    this.eventCount++;
    event.run();
    return true;
  }
}
