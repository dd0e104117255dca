// Counters behind INFO: what happened since the start or the last CONFIG RESETSTAT.
import type { Reply } from "../resp/reply.ts";
import { safeInfoText } from "../util/safe-info-text.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { Node } from "./node.ts";

/** Distinct error codes that are counted; beyond that errorstats is given up, as in Redis. */
const ERROR_CODES_MAX = 128;
/** A longer first word is no code. */
const ERROR_CODE_CHARS_MAX = 31;
/** More codes than this are forgotten in the background, says INFO's lazyfreed_objects. */
const LAZY_CODES_MIN = 64;
/** Samples behind the instantaneous figures: 16 ticks of 100 ms. */
const RATE_SAMPLES = 16;

/** How much a counter grows per unit of another (of time, mostly), averaged over the last samples. */
export class Rate {
  readonly #samples = new Float64Array(RATE_SAMPLES);
  #next = 0;
  #lastValue = WIDE_ZERO;
  #lastBase = WIDE_ZERO;

  sample(value: number, base: number): void {
    const elapsed = base - this.#lastBase;
    if (this.#lastBase !== 0) {
      this.#samples[this.#next] = elapsed > 0 ? (value - this.#lastValue) / elapsed : 0;
      this.#next = (this.#next + 1) % RATE_SAMPLES;
    }
    this.#lastValue = value;
    this.#lastBase = base;
  }

  get average(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample;
    return sum / RATE_SAMPLES;
  }

  reset(): void {
    this.#samples.fill(0);
    this.#lastBase = 0;
  }
}

export class Statistics {
  readonly #node: Node;
  connectionsReceived: number = WIDE_ZERO;
  commandsProcessed: number = WIDE_ZERO;
  netInputBytes: number = WIDE_ZERO;
  netOutputBytes: number = WIDE_ZERO;
  rejectedConnections = 0;
  errorReplies: number = WIDE_ZERO;
  protocolErrors = 0;
  clientQueryBufferLimitDisconnections = 0;
  clientOutputBufferLimitDisconnections = 0;
  unexpectedErrorReplies = 0;
  evictedKeys: number = WIDE_ZERO;
  evictedClients = 0;
  evictedScripts = 0;
  /** How long the used memory was above maxmemory: the times that are over. */
  #memoryExceededUs = WIDE_ZERO;
  /** Monotonic time since which it is, or -1. */
  #memoryExceededSinceUs = -1;
  expiredSubkeys: number = WIDE_ZERO;
  expiredTimeCapReached = 0;
  expiredStalePercent: number = WIDE_ZERO;
  peakMemoryBytes: number = WIDE_ZERO;
  activeExpireMicroseconds: number = WIDE_ZERO;
  readsProcessed: number = WIDE_ZERO;
  writesProcessed: number = WIDE_ZERO;
  replyBufferShrinks = 0;
  replyBufferExpands = 0;
  aclDeniedAuth = 0;
  aclDeniedCommand = 0;
  aclDeniedKey = 0;
  aclDeniedChannel = 0;
  /** Events of the host; idle slices for background work are none. */
  cycles: number = WIDE_ZERO;
  cycleMicroseconds: number = WIDE_ZERO;
  cycleMicrosecondsMax = 0;
  commandsPerCycleMax: number = WIDE_ZERO;
  commandMicroseconds: number = WIDE_ZERO;
  cronMicroseconds: number = WIDE_ZERO;
  #commandsBeforeCycle = WIDE_ZERO;
  readonly commandRate: Rate = new Rate();
  readonly inputRate: Rate = new Rate();
  readonly outputRate: Rate = new Rate();
  readonly cycleRate: Rate = new Rate();
  readonly cycleDuration: Rate = new Rate();
  /** Error code → number of replies. */
  readonly errors: Map<string, number> = new Map();
  errorsDisabled = false;

  constructor(node: Node) {
    this.#node = node;
    this.evictedKeys = 0;
  }

  /** The used memory was compared with maxmemory. */
  noteMemoryLimit(isExceeded: boolean): void {
    if (isExceeded === this.#memoryExceededSinceUs >= 0) return;
    const nowUs = this.#node.host.monotonicUs();
    if (!isExceeded) this.#memoryExceededUs += nowUs - this.#memoryExceededSinceUs;
    this.#memoryExceededSinceUs = isExceeded ? nowUs : -1;
  }

  /** Microseconds for which the used memory is above maxmemory now. */
  get currentMemoryExceededUs(): number {
    const sinceUs = this.#memoryExceededSinceUs;
    return sinceUs < 0 ? 0 : this.#node.host.monotonicUs() - sinceUs;
  }

  /** Microseconds for which it was so at any time, now included. */
  get memoryExceededUs(): number {
    return this.#memoryExceededUs + this.currentMemoryExceededUs;
  }

  /** Counts an error reply by its code. */
  noteError(text: string): void {
    this.errorReplies++;
    if (this.errorsDisabled) return;
    const space = text.indexOf(" ");
    const code = space === -1 || space > ERROR_CODE_CHARS_MAX ? "ERR" : text.slice(0, space);
    const count = this.errors.get(code);
    if (count === undefined && this.errors.size >= ERROR_CODES_MAX) {
      const codes = [...this.errors.keys()].sort().map(safeInfoText).join(", ");
      this.#node.log(
        "warning",
        `Errorstats stopped adding new errors because there are ${ERROR_CODES_MAX} kinds already, perhaps made up by scripts; see INFO ERRORSTATS. CONFIG RESETSTAT starts it anew.`,
      );
      this.#node.log("warning", `Current errors code list: ${codes}`);
      this.#resetErrors();
      this.errors.set("ERRORSTATS_DISABLED", 1);
      this.errorsDisabled = true;
      return;
    }
    this.errors.set(code, (count ?? 0) + 1);
  }

  #resetErrors(): void {
    const { size } = this.errors;
    if (size > LAZY_CODES_MIN) this.#node.keyspace.lazyFree.freedObjects += size;
    this.errors.clear();
    this.errorsDisabled = false;
  }

  /** Counts the errors in a reply that are not counted yet; only the last one's text is known. */
  noteErrors(reply: Reply): void {
    for (; reply.errorCount > 0; reply.errorCount--) this.noteError(reply.lastError);
  }

  /** A client's reply buffer became smaller (-1), larger (1), or stayed as it is (0). */
  noteReplyBuffer(change: number): void {
    if (change < 0) this.replyBufferShrinks++;
    else if (change > 0) this.replyBufferExpands++;
  }

  /** An event has been dealt with: began at `startUs`, its last command ended at `endUs`. */
  endCycle(startUs: number, endUs: number): void {
    this.cycles++;
    if (endUs > startUs) {
      this.cycleMicroseconds += endUs - startUs;
      this.cycleMicrosecondsMax = Math.max(this.cycleMicrosecondsMax, endUs - startUs);
    }
    const commands = this.commandsProcessed - this.#commandsBeforeCycle;
    if (commands > this.commandsPerCycleMax) this.commandsPerCycleMax = commands;
    this.#commandsBeforeCycle = this.commandsProcessed;
    const usedBytes = this.#node.usedMemory();
    if (usedBytes > this.peakMemoryBytes) this.peakMemoryBytes = usedBytes;
  }

  /** Ten times a second: the rates. */
  sample(): void {
    const seconds = this.#node.monotonicUs / 1e6;
    this.commandRate.sample(this.commandsProcessed, seconds);
    this.inputRate.sample(this.netInputBytes, seconds);
    this.outputRate.sample(this.netOutputBytes, seconds);
    this.cycleRate.sample(this.cycles, seconds);
    this.cycleDuration.sample(this.cycleMicroseconds, this.cycles);
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
    this.#memoryExceededUs = 0;
    this.#memoryExceededSinceUs = -1;
    this.expiredSubkeys = 0;
    this.expiredTimeCapReached = 0;
    this.expiredStalePercent = 0;
    this.peakMemoryBytes = this.#node.usedMemory();
    this.activeExpireMicroseconds = 0;
    this.readsProcessed = 0;
    this.writesProcessed = 0;
    this.replyBufferShrinks = 0;
    this.replyBufferExpands = 0;
    this.cycles = 0;
    this.cycleMicroseconds = 0;
    this.cycleMicrosecondsMax = 0;
    this.commandsPerCycleMax = 0;
    this.commandMicroseconds = 0;
    this.cronMicroseconds = 0;
    this.#commandsBeforeCycle = 0;
    this.commandRate.reset();
    this.inputRate.reset();
    this.outputRate.reset();
    this.cycleRate.reset();
    this.cycleDuration.reset();
    const { keyspace } = this.#node;
    keyspace.hits = 0;
    keyspace.misses = 0;
    keyspace.expiredKeys = 0;
    keyspace.lazyFree.freedObjects = 0;
    this.#resetErrors();
    keyspace.rdbTypes.reader.sanitizations = 0;
  }
}
