import { describe, expect, it } from "vitest";
import { SHORT_SLEEP_US, SPIN_US, SpinWait } from "../../server/spin-wait.ts";

/** A client that comes `gapUs` after each turn; tells for each wait whether it was spent looking. */
function waits(spin: SpinWait, gapsUs: readonly number[], sleepUs = 0): boolean[] {
  let nowUs = 1_000_000;
  return gapsUs.map((gapUs) => {
    const began = spin.begin(nowUs);
    let looking = began;
    let atUs = nowUs;
    while (looking && atUs + 10 < nowUs + gapUs) {
      atUs += 10;
      looking = spin.goOn(atUs);
    }
    nowUs += gapUs + (looking ? 0 : sleepUs);
    spin.end(nowUs);
    nowUs += 5;
    return began;
  });
}

describe("waiting for the next client", () => {
  it("sleeps the first time, and as long as nobody comes soon", () => {
    expect(waits(new SpinWait(), [1e6, SHORT_SLEEP_US, 5000, 1e9])).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  it("looks again while clients come in quick succession", () => {
    expect(waits(new SpinWait(), [10, 20, SPIN_US - 1, 30, 10])).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it("counts a short sleep as quick: it would have been quicker without", () => {
    expect(waits(new SpinWait(), [60, 60, 60], 100)).toEqual([false, true, true]);
  });

  it("stops looking when somebody has come late", () => {
    expect(waits(new SpinWait(), [10, 10, 5000, 10, 10])).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it("is tried less and less often where it does not help, but never given up", () => {
    const tried = waits(new SpinWait(), new Array<number>(10_000).fill(SPIN_US + 20));
    const places = tried.flatMap((looked, i) => (looked ? [i] : []));
    const distances = places.slice(1).map((place, i) => place - places[i]);
    expect(distances.slice(0, 4)).toEqual([3, 5, 9, 17]);
    expect(Math.max(...distances)).toBe(1025);
    expect(distances.at(-1)).toBe(1025);
  });

  it("is tried every time again after it has helped", () => {
    const spin = new SpinWait();
    waits(spin, new Array<number>(5000).fill(SPIN_US + 20));
    const tried = waits(spin, new Array<number>(3000).fill(20));
    const first = tried.indexOf(true);
    expect(first).toBeLessThanOrEqual(1024);
    expect(tried.slice(first)).not.toContain(false);
  });
});
