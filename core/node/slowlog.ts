// The slow log: the latest commands that took longer than slowlog-log-slower-than.
//
// Entries are kept oldest first from `#start` on: a new one is added, and the oldest is left behind
// by moving `#start`, without moving the others. When half the array is left behind, it goes.
import type { Args } from "../resp/args.ts";

/** An argument that is a secret. */
export const REDACTED = "(redacted)";
/** More arguments than this, and longer ones, are shortened in an entry, as in Redis. */
const ARGS_MAX = 32;
const ARG_BYTES_MAX = 128;

export interface SlowLogEntry {
  readonly id: number;
  readonly timeSeconds: number;
  readonly durationUs: number;
  readonly args: readonly string[];
  readonly peer: string;
  readonly clientName: string;
}

export class SlowLog {
  #entries: SlowLogEntry[] = [];
  #start = 0;
  #nextId = 0;
  #lengthMax = 128;
  /** Threshold in microseconds; Infinity switches the log off. */
  slowerThanUs = 10000;

  configure(slowerThanUs: number, lengthMax: number): void {
    this.slowerThanUs =
      slowerThanUs < 0 || lengthMax === 0 ? Number.POSITIVE_INFINITY : slowerThanUs;
    this.#lengthMax = lengthMax;
  }

  get length(): number {
    return this.#entries.length - this.#start;
  }

  /** The entry with this many newer ones. */
  newest(index: number): SlowLogEntry {
    return this.#entries[this.#entries.length - 1 - index];
  }

  /** `redacted`: the arguments that must not be shown. */
  add(
    args: Args,
    redacted: ReadonlySet<number> | null,
    durationUs: number,
    timeMs: number,
    peer: string,
    clientName: string,
  ): void {
    const kept = Math.min(args.count, ARGS_MAX);
    const words: string[] = [];
    for (let i = 0; i < kept; i++) {
      if (args.count > ARGS_MAX && i === ARGS_MAX - 1) {
        words.push(`... (${args.count - ARGS_MAX + 1} more arguments)`);
      } else {
        words.push(redacted?.has(i) ? REDACTED : shorten(args.latin1(i)));
      }
    }
    this.#entries.push({
      id: this.#nextId++,
      timeSeconds: Math.floor(timeMs / 1000),
      durationUs,
      args: words,
      peer,
      clientName,
    });
    this.#trim();
  }

  reset(): void {
    this.#entries = [];
    this.#start = 0;
  }

  /** As in Redis, a lower limit takes effect with the next entry. */
  #trim(): void {
    if (this.length > this.#lengthMax) this.#start = this.#entries.length - this.#lengthMax;
    if (this.#start > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }
}

function shorten(word: string): string {
  if (word.length <= ARG_BYTES_MAX) return word;
  return `${word.slice(0, ARG_BYTES_MAX)}... (${word.length - ARG_BYTES_MAX} more bytes)`;
}
