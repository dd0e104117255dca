// Whether a turn that has nothing to do should look for input a little longer before it sleeps.
//
// Going to sleep and being woken cost more than a short command does, on both sides: the peer pays for
// the wake-up in its own system call. So while clients come faster than that, it is cheaper to look
// again at once, some ten times, as spinning locks and network drivers do. Whether they come that fast
// is judged by the last time; and where it did not help (the peer may need this very processor),
// it is tried less and less often. A single client that waits for each reply is answered twice as often
// like this, two clients 2.4 times as often; with 50 that keep the server busy there are a tenth of the
// sleeps and nothing else changes. (redis-benchmark on two cores of a virtual machine.)

/** Looking much longer than sleeping and being woken takes would be a waste. */
export const SPIN_US = 80;
/** A wait asleep that was shorter than this may be within `SPIN_US` without the sleep. */
export const SHORT_SLEEP_US = 200;
/** After this many failures in a row (as a power of two) it gets no rarer. */
const FAILURES_MAX = 10;

export class SpinWait {
  #idleSinceUs = Number.NEGATIVE_INFINITY;
  /** The last wait was short enough to be spent looking. */
  #isWorthwhile = false;
  #isSpinning = false;
  /** How often in a row nobody came while this was looking. */
  #failures = 0;
  /** Waits that are spent asleep without asking. */
  #skips = 0;

  /** There is nothing more to do. True: look again. */
  begin(nowUs: number): boolean {
    this.#idleSinceUs = nowUs;
    this.#isSpinning = this.#isWorthwhile && this.#skips === 0;
    if (this.#skips > 0) this.#skips--;
    return this.#isSpinning;
  }

  /** Nobody has come yet. True: look again. */
  goOn(nowUs: number): boolean {
    if (nowUs - this.#idleSinceUs < SPIN_US) return true;
    this.#isSpinning = false;
    this.#failures = Math.min(this.#failures + 1, FAILURES_MAX);
    this.#skips = 1 << this.#failures;
    return false;
  }

  /** Somebody has come. */
  end(nowUs: number): void {
    this.#isWorthwhile = nowUs - this.#idleSinceUs < SHORT_SLEEP_US;
    if (this.#isSpinning) this.#failures = 0;
    this.#isSpinning = false;
  }
}
