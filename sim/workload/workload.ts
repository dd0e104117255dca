// One run's mix of commands: every seed draws its own weights, so that some runs are nearly all
// transactions and others have none (swarm testing).
import type { Random } from "../random.ts";
import { families, listeningFamily, scriptFamily, trackingFamily } from "./commands.ts";
import type { Maker } from "./words.ts";

const LISTENERS_PERCENT = 25;
const TRACKERS_PERCENT = 25;

/** Names of all families of commands. */
export const familyNames: readonly string[] = [
  ...Object.keys(families),
  "listening",
  "tracking",
  "scripts",
];

export class Workload {
  readonly #random: Random;
  readonly #keyCount: number;
  readonly #families: { makers: readonly Maker[]; upTo: number }[] = [];
  #total = 0;
  #count = 0;
  /**
   * Inside MULTI nobody subscribes: a reply of EXEC with confirmations in it is no RESP any more; nor
   * changes the protocol in the middle of a reply.
   */
  #inTransaction = false;

  /**
   * `sendsScripts`: what a script may do while memory is short is not modelled. `only`: the names of
   * the families to draw from; empty for all.
   */
  constructor(random: Random, sendsScripts: boolean, only: readonly string[]) {
    this.#random = random;
    this.#keyCount = random.pick([2, 10, 100, 1000]);
    const listens = random.chance(LISTENERS_PERCENT) || only.includes("listening");
    const tracks = random.chance(TRACKERS_PERCENT) || only.includes("tracking");
    const named = Object.entries({
      ...families,
      ...(listens ? { listening: listeningFamily } : {}),
      ...(tracks ? { tracking: trackingFamily } : {}),
      ...(sendsScripts ? { scripts: scriptFamily } : {}),
    });
    const wanted = named.filter(([name]) => only.length === 0 || only.includes(name));
    for (const [, { makers, weightMax }] of wanted) {
      const weight = random.chance(20) ? 0 : 1 + random.below(weightMax);
      this.#total += weight;
      if (weight > 0) this.#families.push({ makers, upTo: this.#total });
    }
    if (this.#total === 0) {
      // By chance none has a weight; or only scripts are wanted, and none may be sent.
      const [, { makers }] = wanted[0] ?? named[0];
      this.#families.push({ makers, upTo: 1 });
      this.#total = 1;
    }
  }

  next(): string[] {
    const words = this.#draw();
    const name = words[0].toLowerCase();
    if (name === "multi") this.#inTransaction = true;
    if (["exec", "discard", "reset"].includes(name)) this.#inTransaction = false;
    return words;
  }

  #draw(): string[] {
    const draw = this.#random.below(this.#total);
    const family = this.#families.find(({ upTo }) => draw < upTo)!;
    if (family.makers === listeningFamily.makers && this.#inTransaction) return ["PING"];
    const words = this.#random.pick(family.makers)(this.#random, this.#keyCount, ++this.#count);
    return this.#inTransaction && words[0] === "HELLO" ? ["PING"] : words;
  }
}
