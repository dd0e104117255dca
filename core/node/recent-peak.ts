// The largest value of the last eight seconds, kept in one slot per second.

const SLOTS = 8;

export class RecentPeak {
  readonly #peaks: Float64Array = new Float64Array(SLOTS);
  #second = 0;

  note(value: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.#advance(second);
    const slot = second % SLOTS;
    if (value > this.#peaks[slot]) this.#peaks[slot] = value;
  }

  /** Seconds in which nothing was noted count as 0; a clock that jumps forgets everything. */
  #advance(second: number): void {
    const passed = second - this.#second;
    if (passed < 0 || passed >= SLOTS) this.#peaks.fill(0);
    else for (let i = 1; i <= passed; i++) this.#peaks[(this.#second + i) % SLOTS] = 0;
    this.#second = second;
  }

  get max(): number {
    return Math.max(...this.#peaks);
  }
}
