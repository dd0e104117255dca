// How long commands take: for commandstats, latency histograms, SLOWLOG.
//
// Reading the clock costs 50 to 100 ns, up to a third of what a GET inside a pipeline takes. A command
// that does a bounded, small amount of work (`Command.isQuick`) takes less than the clock's unit, a
// microsecond. So quick commands in a row are timed together, from the last reading to the next, and
// each is put down for an equal share. What may take long is timed by itself: every other command,
// and a quick one that turns out to have written much or freed much (`settleLong`). When the slow log
// or the latency monitor wants to see single milliseconds, every command is timed by itself.
import type { Command } from "../commands/table.ts";
import type { Client } from "./client.ts";
import type { Host } from "./host.ts";
import { recordLatency } from "./latency-histogram.ts";
import type { Statistics } from "./statistics.ts";

const TOGETHER_MAX = 64;

export class CommandClock {
  readonly #host: Host;
  readonly #statistics: Statistics;
  /** The last reading, in microseconds. */
  us = 0;
  recordsLatency = true;
  /** Quick commands since the last reading. */
  readonly #waiting: (Command | null)[] = new Array<Command | null>(TOGETHER_MAX).fill(null);
  #waitingCount = 0;
  /** Whose commands they are: the next client's come after a reading. */
  #client: Client | null = null;

  constructor(host: Host, statistics: Statistics) {
    this.#host = host;
    this.#statistics = statistics;
  }

  /** A quick command of the client has run: it is counted with the others, and timed. */
  addQuick(client: Client, command: Command): void {
    this.#client = client;
    this.#waiting[this.#waitingCount++] = command;
    if (this.#waitingCount === TOGETHER_MAX) this.settle();
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
    const waiting = this.#waiting;
    const count = this.#waitingCount;
    this.#waitingCount = 0;
    this.#statistics.commandsProcessed += count;
    this.#client!.commandsProcessed += count;
    for (let i = 0; i < count; ) {
      const command = waiting[i]!;
      let end = i + 1;
      while (end < count && waiting[end] === command) end++;
      command.calls += end - i;
      command.lastUs = microseconds;
      command.microseconds += microseconds * (end - i);
      if (this.recordsLatency) recordLatency(command, microseconds, end - i);
      i = end;
    }
  }
}
