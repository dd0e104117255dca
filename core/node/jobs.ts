// Background work in small steps: freeing large values, expiring keys, whatever would stall the node
// if it was done at once. The host gives idle time, the simulator decides when; nothing here looks
// at a clock.

export interface Job {
  /** Does a little, at most some tens of microseconds. Answers with whether more is to do. */
  step(): boolean;
}

export class Jobs {
  readonly #jobs: Job[] = [];
  #next = 0;

  /** Adds a job, unless it is there already. */
  add(job: Job): void {
    if (!this.#jobs.includes(job)) this.#jobs.push(job);
  }

  get count(): number {
    return this.#jobs.length;
  }

  /** Runs up to `steps` steps, in turn over all jobs. Answers with whether work is left. */
  run(steps: number): boolean {
    for (let i = 0; i < steps && this.#jobs.length > 0; i++) {
      if (this.#next >= this.#jobs.length) this.#next = 0;
      if (this.#jobs[this.#next].step()) this.#next++;
      else this.#jobs.splice(this.#next, 1);
    }
    return this.#jobs.length > 0;
  }

  /** Runs everything to its end. */
  drain(): void {
    while (this.run(1000)) {
      // Each round does up to a thousand steps.
    }
  }
}
