// A simulated connection: two streams of bytes. Bytes arrive in order but cut at random places,
// after a random time; a link can be slow, and it can be reset, which loses what is on the way.
import { noise } from "./random.ts";
import type { World } from "./world.ts";

export interface LinkProfile {
  /** Shortest and longest travel time of a piece. */
  readonly latencyUsMin: number;
  readonly latencyUsMax: number;
  /** Longest piece that arrives at once; 1 cuts between any two bytes. */
  readonly segmentBytesMax: number;
  /** Bytes per virtual millisecond, Infinity for no limit. */
  readonly bytesPerMs: number;
}

export type Deliver = (bytes: Uint8Array, start: number, end: number) => void;

/** One direction of a link. */
export class Stream {
  readonly #world: World;
  readonly #profile: LinkProfile;
  readonly #id: number;
  readonly #deliver: Deliver;
  /** No piece arrives before the one in front of it. */
  #lastArrivalUs = 0;
  #pieces = 0;
  #closed = false;
  /** Bytes that are on the way. */
  pendingBytes = 0;

  constructor(world: World, id: number, profile: LinkProfile, deliver: Deliver) {
    this.#world = world;
    this.#profile = profile;
    this.#id = id;
    this.#deliver = deliver;
  }

  /** Sends a copy of bytes[start, end). */
  send(bytes: Uint8Array, start: number, end: number): void {
    if (this.#closed || end === start) return;
    const copy = bytes.slice(start, end);
    const { latencyUsMin, latencyUsMax, segmentBytesMax, bytesPerMs } = this.#profile;
    this.pendingBytes += copy.length;
    for (let from = 0; from < copy.length; ) {
      const cut = noise(this.#world.noiseSeed, this.#id * 2, this.#pieces);
      const to = Math.min(copy.length, from + 1 + (cut % segmentBytesMax));
      const draw = noise(this.#world.noiseSeed, this.#id * 2 + 1, this.#pieces);
      const travelUs = latencyUsMin + (draw % (latencyUsMax - latencyUsMin + 1));
      const transmitUs = Math.ceil(((to - from) * 1000) / bytesPerMs);
      this.#pieces++;
      const arrivalUs = Math.max(
        this.#lastArrivalUs + transmitUs,
        this.#world.nowUs + travelUs + transmitUs,
      );
      this.#lastArrivalUs = arrivalUs;
      const start = from;
      this.#world.plan(arrivalUs, () => {
        if (this.#closed) return;
        this.pendingBytes -= to - start;
        this.#deliver(copy, start, to);
      });
      from = to;
    }
  }

  /** Something that happens behind everything sent so far, such as the end of the stream. */
  after(run: () => void): void {
    const atUs = Math.max(this.#lastArrivalUs, this.#world.nowUs) + this.#profile.latencyUsMin;
    this.#lastArrivalUs = atUs;
    this.#world.plan(atUs, run);
  }

  /** Loses what is on the way and takes nothing any more. */
  cut(): void {
    this.#closed = true;
    this.pendingBytes = 0;
  }
}
