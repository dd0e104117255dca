// Memory that the node has given up is not free yet: a segment of the arena is an object for the host's
// garbage collector, which may not look for hours when nobody is served. So when much was given up, and
// clients leave time for it, the host is asked to look now (it takes some milliseconds); MEMORY PURGE asks
// at any time. What the platform's allocator then keeps for later use is out of reach.
import { WIDE_ZERO } from "../util/wide.ts";
import type { Node } from "./node.ts";

const PERIOD_US = 1_000_000;
/** Less than this can wait. */
const GIVEN_UP_BYTES_MIN = 64 * 1024 * 1024;
/** Clients that send more in a second are busy. */
const FEW_COMMANDS = 20;

export class MemoryReturn {
  readonly #node: Node;
  #nextUs = WIDE_ZERO;
  #commands: number = WIDE_ZERO;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Looks once a second whether it is worthwhile and nobody minds. */
  tick(): void {
    const { keyspace, monotonicUs, statistics } = this.#node;
    if (monotonicUs < this.#nextUs) return;
    this.#nextUs = monotonicUs + PERIOD_US;
    const sent = statistics.commandsProcessed - this.#commands;
    this.#commands = statistics.commandsProcessed;
    if (sent > FEW_COMMANDS || !keyspace.lazyFree.idle) return;
    if (keyspace.arena.givenUpBytes >= GIVEN_UP_BYTES_MIN) this.now();
  }

  now(): void {
    this.#node.keyspace.arena.givenUpBytes = 0;
    this.#node.host.returnMemory?.();
  }
}
