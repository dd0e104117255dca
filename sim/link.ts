// A simulated connection: two streams of bytes. Bytes arrive in order but cut at random places,
// after a random time; a link can be slow, and it can be reset, which loses what is on the way.
//
// Where a link cuts finely, it does so in one stretch of what is sent at once, drawn anew each time:
// a long reply that arrived byte by byte from end to end would take as long as a thousand commands.
import { noise } from "./random.ts";
import type { World } from "./world.ts";

export interface LinkProfile {
  /** Shortest and longest travel time of a piece. */
  readonly latencyUsMin: number;
  readonly latencyUsMax: number;
  /** Longest piece that arrives at once where the link cuts finely; 1 cuts between any two bytes. */
  readonly segmentBytesMax: number;
  /** Bytes per virtual millisecond, Infinity for no limit. */
  readonly bytesPerMs: number;
}

/** The bytes are the receiver's only while the call lasts. */
export type Deliver = (bytes: Uint8Array, start: number, end: number) => void;

/** What was sent at once: its bytes lie in the stream's buffer, up to `end`. */
interface Sending {
  readonly sentUs: number;
  end: number;
  /** The stretch that is cut as the profile says. */
  cutFrom: number;
  cutTo: number;
  /** What happens in place of an arrival. */
  readonly run: (() => void) | null;
}

const FIRST_BUFFER_BYTES = 4096;
/** The stretch is as long as so many of the longest pieces. */
const STRETCH_PIECES = 16;
/** Longest piece outside of it. */
const COARSE_BYTES_MAX = 65_536;

/** One direction of a link. Only the next piece is planned: the world's plan stays short. */
export class Stream {
  readonly #world: World;
  readonly #profile: LinkProfile;
  readonly #id: number;
  readonly #deliver: Deliver;
  /** What is on the way, in order: from `#first` on. */
  readonly #sendings: Sending[] = [];
  #first = 0;
  /** Their bytes: from `#start` to `#end`. */
  #buffer: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES);
  #start = 0;
  #end = 0;
  /** Where the piece ends that is planned. */
  #pieceEnd = 0;
  /** No piece arrives before the one in front of it. */
  #lastArrivalUs = 0;
  #pieces = 0;
  #closed = false;

  constructor(world: World, id: number, profile: LinkProfile, deliver: Deliver) {
    this.#world = world;
    this.#profile = profile;
    this.#id = id;
    this.#deliver = deliver;
  }

  /** Bytes that are on the way. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Sends a copy of bytes[start, end). */
  send(bytes: Uint8Array, start: number, end: number): void {
    if (this.#closed || end === start) return;
    this.#makeRoom(end - start);
    if (end - start < 64) {
      for (let i = start; i < end; i++) this.#buffer[this.#end + i - start] = bytes[i];
    } else this.#buffer.set(bytes.subarray(start, end), this.#end);
    this.#end += end - start;
    this.#append(null);
  }

  /** Something that happens behind everything sent so far, such as the end of the stream. */
  after(run: () => void): void {
    if (!this.#closed) this.#append(run);
  }

  /** Loses what is on the way and takes nothing any more. */
  cut(): void {
    this.#closed = true;
    this.#start = this.#end;
    this.#first = this.#sendings.length;
  }

  #append(run: (() => void) | null): void {
    const isIdle = this.#first === this.#sendings.length;
    if (isIdle) {
      this.#sendings.length = 0;
      this.#first = 0;
    }
    const stretch = this.#profile.segmentBytesMax * STRETCH_PIECES;
    const cutFrom = run === null ? this.#stretchStart(stretch) : this.#end;
    const { nowUs } = this.#world;
    const end = this.#end;
    this.#sendings.push({ sentUs: nowUs, end, cutFrom, cutTo: cutFrom + stretch, run });
    if (isIdle) this.#planNext();
  }

  /** Where in what is sent now the stretch begins: anywhere that leaves room for all of it. */
  #stretchStart(bytes: number): number {
    const start = this.#sentEnd();
    const room = this.#end - start - bytes;
    if (room <= 0) return start;
    return start + ((noise(this.#world.noiseSeed, this.#id * 2, ~this.#pieces) % (room + 1)) | 0);
  }

  /** Where what was sent before ends. */
  #sentEnd(): number {
    return this.#first === this.#sendings.length ? this.#start : this.#sendings.at(-1)!.end;
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const held = this.#end - this.#start;
    let size = this.#buffer.length;
    while (size < 2 * (held + bytes)) size *= 2;
    const before = this.#buffer;
    // A receiver may be reading the old one: that is left as it is.
    this.#buffer = new Uint8Array(size);
    this.#buffer.set(before.subarray(this.#start, this.#end));
    for (let i = this.#first; i < this.#sendings.length; i++) {
      this.#sendings[i].end -= this.#start;
      this.#sendings[i].cutFrom -= this.#start;
      this.#sendings[i].cutTo -= this.#start;
    }
    this.#pieceEnd -= this.#start;
    this.#start = 0;
    this.#end = held;
  }

  /** Plans the arrival of the next piece of what was sent first. */
  #planNext(): void {
    const { latencyUsMin, latencyUsMax, bytesPerMs } = this.#profile;
    const { sentUs, run } = this.#sendings[this.#first];
    let travelUs = latencyUsMin;
    let transmitUs = 0;
    if (run === null) {
      this.#pieceEnd = this.#cut();
      const draw = noise(this.#world.noiseSeed, this.#id * 2 + 1, this.#pieces);
      this.#pieces++;
      travelUs = latencyUsMin + (draw % (latencyUsMax - latencyUsMin + 1));
      transmitUs = Math.ceil(((this.#pieceEnd - this.#start) * 1000) / bytesPerMs);
    }
    const earliestUs = Math.max(this.#lastArrivalUs, sentUs + travelUs);
    this.#lastArrivalUs = earliestUs + transmitUs;
    this.#world.plan(this.#lastArrivalUs, this.#arrive);
  }

  /** Where the next piece ends. */
  #cut(): number {
    const { end, cutFrom, cutTo } = this.#sendings[this.#first];
    const start = this.#start;
    const isFine = start >= cutFrom && start < cutTo;
    const bytesMax = isFine ? this.#profile.segmentBytesMax : COARSE_BYTES_MAX;
    const cut = noise(this.#world.noiseSeed, this.#id * 2, this.#pieces);
    const pieceEnd = Math.min(end, start + 1 + (cut % bytesMax));
    return start < cutFrom ? Math.min(pieceEnd, cutFrom) : pieceEnd;
  }

  readonly #arrive = (): void => {
    if (this.#closed) return;
    const { end, run } = this.#sendings[this.#first];
    const start = this.#start;
    const pieceEnd = run === null ? this.#pieceEnd : start;
    const bytes = this.#buffer;
    this.#start = pieceEnd;
    if (pieceEnd === end) this.#first++;
    if (this.#first < this.#sendings.length) this.#planNext();
    if (run === null) this.#deliver(bytes, start, pieceEnd);
    else run();
    if (this.#start === this.#end && this.#first === this.#sendings.length) {
      this.#start = 0;
      this.#end = 0;
    }
  };
}
