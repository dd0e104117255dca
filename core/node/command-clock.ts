// How long commands take: for commandstats, latency histograms, SLOWLOG.
//
// Reading the clock costs 50 to 100 ns, up to a third of what a GET inside a pipeline takes. A command
// that does a bounded, small amount of work (`Command.isQuick`) takes less than the clock's unit, a
// microsecond. So quick commands in a row are timed together, from the last reading to the next, and
// each is put down for an equal share. What may take long is timed by itself: every other command,
// and a quick one that turns out to have written much or freed much (`settleLong`). When the slow log
// or the latency monitor wants to see single milliseconds, every command is timed by itself.
import type { Command } from "../commands/table.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { Client } from "./client.ts";
import type { Host } from "./host.ts";
import { recordLatency } from "./latency-histogram.ts";
import type { Statistics } from "./statistics.ts";

const TOGETHER_MAX = 64;

export class CommandClock {
  readonly #host: Host;
  readonly #statistics: Statistics;
  /** The last reading, in microseconds. */
  us: number = WIDE_ZERO;
  recordsLatency = true;
  /** Number of quick commands since the last reading. */
  #waitingCount = 0;
  /** Whose commands they are: the next client's come after a reading. */
  #client: Client | null = null;
  /** The last of them, how often it came in a row, */
  #command: Command | null = null;
  #repeats = 0;
  /** and what came before it in the same way: most pipelines are one command over and over. */
  readonly #earlier: (Command | null)[] = new Array<Command | null>(TOGETHER_MAX).fill(null);
  readonly #earlierRepeats: Uint8Array = new Uint8Array(TOGETHER_MAX);
  #earlierCount = 0;

  constructor(host: Host, statistics: Statistics) {
    this.#host = host;
    this.#statistics = statistics;
  }

  /** A quick command of the client has run: it is counted with the others, and timed. */
  addQuick(client: Client, command: Command): void {
    if (command === this.#command) this.#repeats++;
    else this.#begin(client, command);
    if (++this.#waitingCount === TOGETHER_MAX) this.settle();
  }

  #begin(client: Client, command: Command): void {
    if (this.#command !== null) {
      this.#earlier[this.#earlierCount] = this.#command;
      this.#earlierRepeats[this.#earlierCount++] = this.#repeats;
    }
    this.#client = client;
    this.#command = command;
    this.#repeats = 1;
  }

  /** Reads the clock if quick commands have run since it was read: each took an equal share. */
  settle(): void {
    if (this.#waitingCount === 0) return;
    const startUs = this.us;
    const elapsedUs = this.#read() - startUs;
    this.#share(elapsedUs / this.#waitingCount);
    this.#statistics.commandMicroseconds += elapsedUs;
  }

  /**
   * The command that has just run was meant to be quick and was not: the time since the last reading,
   * in microseconds, is its own.
   */
  settleLong(): number {
    const startUs = this.us;
    if (this.#waitingCount > 0) this.#share(0);
    return this.#read() - startUs;
  }

  /** Reads the clock. */
  read(): number {
    this.settle();
    return this.#read();
  }

  #read(): number {
    this.us = this.#host.monotonicUs();
    return this.us;
  }

  #share(microseconds: number): void {
    const count = this.#waitingCount;
    this.#waitingCount = 0;
    this.#statistics.commandsProcessed += count;
    this.#client!.commandsProcessed += count;
    for (let i = 0; i < this.#earlierCount; i++) {
      this.#note(this.#earlier[i]!, this.#earlierRepeats[i], microseconds);
    }
    this.#earlierCount = 0;
    this.#note(this.#command!, this.#repeats, microseconds);
    this.#command = null;
  }

  #note(command: Command, calls: number, microseconds: number): void {
    command.calls += calls;
    command.lastUs = microseconds;
    command.microseconds += microseconds * calls;
    if (this.recordsLatency) recordLatency(command, microseconds, calls);
  }
}
