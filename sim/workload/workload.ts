// One run's mix of commands: every seed draws its own weights, so that some runs are nearly all
// transactions and others have none (swarm testing).
import type { Random } from "../random.ts";
import { families } from "./commands.ts";
import type { Maker } from "./words.ts";

export class Workload {
  readonly #random: Random;
  readonly #keyCount: number;
  readonly #families: { makers: readonly Maker[]; upTo: number }[] = [];
  #total = 0;
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#keyCount = random.pick([2, 10, 100, 1000]);
    for (const { makers, weightMax } of Object.values(families)) {
      const weight = random.chance(20) ? 0 : 1 + random.below(weightMax);
      this.#total += weight;
      if (weight > 0) this.#families.push({ makers, upTo: this.#total });
    }
    if (this.#total === 0) {
      this.#families.push({ makers: families.strings.makers, upTo: 1 });
      this.#total = 1;
    }
  }

  next(): string[] {
    const draw = this.#random.below(this.#total);
    const family = this.#families.find(({ upTo }) => draw < upTo)!;
    return this.#random.pick(family.makers)(this.#random, this.#keyCount, ++this.#count);
  }
}
