// Counters behind INFO: what happened since the start or the last CONFIG RESETSTAT.
import type { Command } from "../commands/table.ts";
import type { Reply } from "../resp/reply.ts";
import { recordLatency } from "./latency-histogram.ts";
import type { Node } from "./node.ts";

/** Distinct error codes that are counted; beyond that errorstats is given up, as in Redis. */
const ERROR_CODES_MAX = 128;
/** Samples behind the instantaneous figures: 16 ticks of 100 ms. */
const RATE_SAMPLES = 16;

/** A rate averaged over the last samples. */
export class Rate {
  readonly #samples = new Float64Array(RATE_SAMPLES);
  #next = 0;
  #lastValue = 0;
  #lastMs = 0;

  sample(value: number, nowMs: number): void {
    const elapsed = nowMs - this.#lastMs;
    if (this.#lastMs !== 0) {
      this.#samples[this.#next] = elapsed > 0 ? ((value - this.#lastValue) * 1000) / elapsed : 0;
      this.#next = (this.#next + 1) % RATE_SAMPLES;
    }
    this.#lastValue = value;
    this.#lastMs = nowMs;
  }

  /** Per second. */
  get perSecond(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample;
    return sum / RATE_SAMPLES;
  }

  reset(): void {
    this.#samples.fill(0);
    this.#lastMs = 0;
  }
}

export class Statistics {
  readonly #node: Node;
  connectionsReceived = 0;
  commandsProcessed = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  rejectedConnections = 0;
  errorReplies = 0;
  protocolErrors = 0;
  clientQueryBufferLimitDisconnections = 0;
  clientOutputBufferLimitDisconnections = 0;
  unexpectedErrorReplies = 0;
  evictedKeys = 0;
  evictedClients = 0;
  evictedScripts = 0;
  expiredSubkeys = 0;
  expiredTimeCapReached = 0;
  expiredStalePercent = 0;
  peakMemoryBytes = 0;
  activeExpireMicroseconds = 0;
  eventLoopCycles = 0;
  readonly commandRate: Rate = new Rate();
  readonly inputRate: Rate = new Rate();
  readonly outputRate: Rate = new Rate();
  /** Error code → number of replies. */
  readonly errors: Map<string, number> = new Map();
  errorsDisabled = false;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Counts an error reply by its code. */
  noteError(text: string): void {
    this.errorReplies++;
    if (this.errorsDisabled) return;
    const space = text.indexOf(" ");
    const code = space === -1 ? text : text.slice(0, space);
    const count = this.errors.get(code);
    if (count === undefined && this.errors.size >= ERROR_CODES_MAX) {
      this.errors.clear();
      this.errors.set("ERRORSTATS_DISABLED", 1);
      this.errorsDisabled = true;
      this.#node.log(
        "warning",
        "Errorstats stopped adding new errors because the number of errors reached the limit (currently 128).",
      );
      return;
    }
    this.errors.set(code, (count ?? 0) + 1);
  }

  /** Counts the errors that a command wrote; only the last one's text is known. */
  noteErrors(reply: Reply, errorsBefore: number): void {
    for (let i = errorsBefore; i < reply.errorCount; i++) this.noteError(reply.lastError);
  }

  recordLatency(command: Command, durationUs: number): void {
    recordLatency(command, durationUs);
  }

  /** Once per tick: rates and peaks. */
  sample(): void {
    const { wallMs } = this.#node;
    this.commandRate.sample(this.commandsProcessed, wallMs);
    this.inputRate.sample(this.netInputBytes, wallMs);
    this.outputRate.sample(this.netOutputBytes, wallMs);
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, this.#node.usedMemory());
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.connectionsReceived = 0;
    this.commandsProcessed = 0;
    this.netInputBytes = 0;
    this.netOutputBytes = 0;
    this.rejectedConnections = 0;
    this.errorReplies = 0;
    this.protocolErrors = 0;
    this.clientQueryBufferLimitDisconnections = 0;
    this.clientOutputBufferLimitDisconnections = 0;
    this.unexpectedErrorReplies = 0;
    this.evictedKeys = 0;
    this.evictedClients = 0;
    this.evictedScripts = 0;
    this.expiredSubkeys = 0;
    this.expiredTimeCapReached = 0;
    this.expiredStalePercent = 0;
    this.peakMemoryBytes = this.#node.usedMemory();
    this.activeExpireMicroseconds = 0;
    this.eventLoopCycles = 0;
    this.commandRate.reset();
    this.inputRate.reset();
    this.outputRate.reset();
    this.errors.clear();
    this.errorsDisabled = false;
    const { keyspace } = this.#node;
    keyspace.hits = 0;
    keyspace.misses = 0;
    keyspace.expiredKeys = 0;
    keyspace.lazyFree.freedObjects = 0;
    keyspace.rdbTypes.reader.sanitizations = 0;
  }
}
