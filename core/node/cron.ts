// What happens `hz` times a second whether or not anybody sends anything.
import type { Node } from "./node.ts";

/** dynamic-hz: with more clients than this per tick, ticks come more often. */
const CLIENTS_PER_TICK_MAX = 200;
const HZ_MAX = 500;
const LRU_BITS_MASK = 0xffffff;

export class Cron {
  readonly #node: Node;
  hz = 10;
  #ticks = 0;

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

  tick(): void {
    const node = this.#node;
    this.#ticks++;
    node.keyspace.lruClock = Math.floor(node.wallMs / 1000) & LRU_BITS_MASK;
    this.#chooseHz();
    node.blocking.checkTimeouts();
    node.clients.tick();
    if (this.#everyMs(100)) {
      node.clients.sampleMemory();
      node.statistics.sample();
    }
    node.expireCycle.start();
    node.shutdown.tick();
  }

  /** True on those ticks that make about one per `ms`. */
  #everyMs(ms: number): boolean {
    return ms <= 1000 / this.hz || this.#ticks % Math.floor((ms * this.hz) / 1000) === 0;
  }
}
