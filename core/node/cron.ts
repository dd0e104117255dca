// What happens `hz` times a second whether or not anybody sends anything.

import { WIDE_ZERO } from "../util/wide.ts";
import type { Node } from "./node.ts";

/** dynamic-hz: with more clients than this per tick, ticks come more often. */
const CLIENTS_PER_TICK_MAX = 200;
const HZ_MAX = 500;
/** Rates are looked at this often. */
const SAMPLE_US = 100_000;
const LRU_BITS_MASK = 0xffffff;

export class Cron {
  readonly #node: Node;
  hz = 10;
  /** DEBUG PAUSE-CRON: nothing regular happens, only timers that clients wait for. */
  paused = false;
  #nextTickUs = WIDE_ZERO;
  #nextSampleUs = WIDE_ZERO;

  constructor(node: Node) {
    this.#node = node;
  }

  configure(): void {
    this.#chooseHz();
  }

  #chooseHz(): void {
    const { values } = this.#node.config;
    let { hz } = values;
    if (values.dynamicHz) {
      while (this.#node.clients.count / hz > CLIENTS_PER_TICK_MAX && hz < HZ_MAX) {
        hz = Math.min(hz * 2, HZ_MAX);
      }
    }
    this.hz = hz;
  }

  /** A timer is due, or a tick, or both: the host does not tell them apart. */
  tick(): void {
    const node = this.#node;
    node.clients.checkPause();
    const periodUs = 1e6 / this.hz;
    // The host's timers are not exact: what comes in the second half of a period is the tick.
    if (node.monotonicUs + periodUs / 2 < this.#nextTickUs || this.paused) return;
    this.#nextTickUs = Math.max(this.#nextTickUs, node.monotonicUs - periodUs) + periodUs;
    // A script is in the middle of its work: keys and clients stay as they are until it has ended.
    if (!node.scripting.isBusy) this.#regular();
  }

  /** The clock that keys in use are marked with moves on. */
  updateAccessClock(): void {
    this.#node.keyspace.lruClock = Math.floor(this.#node.wallMs / 1000) & LRU_BITS_MASK;
  }

  #regular(): void {
    const node = this.#node;
    this.updateAccessClock();
    this.#chooseHz();
    node.clients.tick();
    if (node.monotonicUs + SAMPLE_US / 4 >= this.#nextSampleUs) {
      this.#nextSampleUs = node.monotonicUs + SAMPLE_US;
      node.statistics.sample();
    }
    if (node.tracking.clientCount > 0) node.tracking.limitKeys();
    node.expireCycle.start();
    node.fieldExpiry.start();
    node.shutdown.tick();
    node.memoryReturn.tick();
  }
}
