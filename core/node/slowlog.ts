// The slow log: commands that took longer than slowlog-log-slower-than, newest first.
import type { Args } from "../resp/args.ts";

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
  /** Newest first. */
  readonly entries: SlowLogEntry[] = [];
  #nextId = 0;
  #lengthMax = 128;
  /** Threshold in microseconds; Infinity switches the log off. */
  slowerThanUs = 10000;

  configure(slowerThanUs: number, lengthMax: number): void {
    this.slowerThanUs = slowerThanUs < 0 ? Number.POSITIVE_INFINITY : slowerThanUs;
    this.#lengthMax = lengthMax;
    this.#trim();
  }

  add(args: Args, durationUs: number, timeMs: number, peer: string, clientName: string): void {
    const kept = Math.min(args.count, ARGS_MAX);
    const words: string[] = [];
    for (let i = 0; i < kept; i++) {
      if (args.count > ARGS_MAX && i === ARGS_MAX - 1) {
        words.push(`... (${args.count - ARGS_MAX + 1} more arguments)`);
      } else {
        words.push(shorten(args.latin1(i)));
      }
    }
    this.entries.unshift({
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
    this.entries.length = 0;
  }

  #trim(): void {
    if (this.entries.length > this.#lengthMax) this.entries.length = this.#lengthMax;
  }
}

function shorten(word: string): string {
  if (word.length <= ARG_BYTES_MAX) return word;
  return `${word.slice(0, ARG_BYTES_MAX)}... (${word.length - ARG_BYTES_MAX} more bytes)`;
}
