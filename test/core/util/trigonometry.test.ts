import { describe, expect, it } from "vitest";
import { Prng } from "../../../core/util/prng.ts";
import { arcsine, cosine, sine } from "../../../core/util/trigonometry.ts";

/** Correctly rounded, from series with 50 digits. */
const SINES = [
  [1e-10, 1e-10],
  [0.1, 0.09983341664682815],
  [0.5, 0.479425538604203],
  [Math.PI / 4, 0.7071067811865475],
  [0.8, 0.7173560908995228],
  [Math.PI / 2, 1],
  [2, 0.9092974268256817],
  [3, 0.1411200080598672],
  [Math.PI, 1.2246467991473532e-16],
  [-2.5, -0.5984721441039565],
];
const COSINES = [
  [1e-10, 1],
  [0.1, 0.9950041652780258],
  [Math.PI / 4, Math.SQRT1_2],
  [0.8, 0.6967067093471654],
  [1.2, 0.3623577544766736],
  [1.4844222297453324, 0.08626673833405434],
  [Math.PI / 2, 6.123233995736766e-17],
  [2.2, -0.5885011172553458],
  [-0.66, 0.7899922314973651],
];
const ARCSINES = [
  [1e-10, 1e-10],
  [0.1, 0.1001674211615598],
  [0.3, 0.3046926540153975],
  [0.5, 0.5235987755982989],
  [0.5000000000000001, 0.523598775598299],
  [0.7, 0.775397496610753],
  [0.9, 1.1197695149986342],
  [0.99, 1.4292568534704693],
  [0.9999999, 1.5703491131957876],
  [1, Math.PI / 2],
  [-0.25, -0.25268025514207865],
];

describe("trigonometry", () => {
  it.each(SINES)("sine of %d", (x, expected) => expect(sine(x)).toBe(expected));
  it.each(COSINES)("cosine of %d", (x, expected) => expect(cosine(x)).toBe(expected));
  it.each(ARCSINES)("arcsine of %d", (x, expected) => expect(arcsine(x)).toBe(expected));

  it("has no value where there is none", () => {
    expect(arcsine(1.0000000000000002)).toBeNaN();
    expect(sine(Number.POSITIVE_INFINITY)).toBeNaN();
    expect(cosine(Number.NaN)).toBeNaN();
    expect(sine(0)).toBe(0);
  });

  it("is as good as what the engine has, and obeys the laws", () => {
    const prng = new Prng(Uint8Array.of(1));
    for (let i = 0; i < 20_000; i++) {
      const x = (prng.double() * 2 - 1) * 2 * Math.PI;
      expect(Math.abs(sine(x) - Math.sin(x))).toBeLessThanOrEqual(1.2e-16);
      expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThanOrEqual(1.2e-16);
      expect(sine(-x)).toBe(-sine(x));
      expect(Math.abs(sine(x) ** 2 + cosine(x) ** 2 - 1)).toBeLessThanOrEqual(4e-16);
      const y = prng.double();
      expect(Math.abs(arcsine(y) - Math.asin(y))).toBeLessThanOrEqual(2.3e-16);
    }
  });
});
