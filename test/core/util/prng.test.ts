import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { Prng } from "../../../core/util/prng.ts";

const MASK = 0xffffffffn;

/** xoshiro128** as published, on unsigned numbers. */
function* model(state: bigint[]): Generator<number> {
  const rotate = (value: bigint, bits: bigint): bigint =>
    ((value << bits) | (value >> (32n - bits))) & MASK;
  const [...s] = state;
  for (;;) {
    yield Number(BigInt.asIntN(32, rotate((s[1] * 5n) & MASK, 7n) * 9n));
    const t = (s[1] << 9n) & MASK;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
  }
}

describe("Prng", () => {
  test("is xoshiro128**", () => {
    const prng = new Prng(toBytes("seed"));
    const expected = model([...prng.save()].map((word) => BigInt(word >>> 0)));
    for (let i = 0; i < 1000; i++) expect(prng.next()).toBe(expected.next().value);
  });

  test("gives the same sequence for the same seed, and for a restored state", () => {
    const a = new Prng(toBytes("0123456789abcdef0123456789abcdef"));
    const b = new Prng(toBytes("0123456789abcdef0123456789abcdef"));
    const c = new Prng(toBytes("0123456789abcdef0123456789abcdee"));
    const draws = (prng: Prng): number[] => Array.from({ length: 20 }, () => prng.next());
    expect(draws(a)).toEqual(draws(b));
    const state = a.save();
    const next = draws(a);
    expect(next).not.toEqual(draws(c));
    c.restore(state);
    expect(draws(c)).toEqual(next);
  });

  test("short and empty seeds differ too", () => {
    const first = ["", "\0", "\0\0", "a", "b", "ab", "ba"].map((seed) =>
      new Prng(toBytes(seed)).below(2 ** 53),
    );
    expect(new Set(first).size).toBe(first.length);
  });

  test("below is uniform", () => {
    const prng = new Prng(toBytes("uniform"));
    for (const n of [1, 2, 3, 7, 10, 1000]) {
      const draws = n * 2000;
      const counts = new Array<number>(n).fill(0);
      for (let i = 0; i < draws; i++) counts[prng.below(n)]++;
      // The expected chi-squared is n - 1, its standard deviation the root of 2n.
      const chiSquared = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
      expect(Math.abs(chiSquared - (n - 1))).toBeLessThanOrEqual(4 * Math.sqrt(2 * n));
    }
  });

  test.each([2 ** 31, 2 ** 32, 2 ** 32 + 1, 3 * 2 ** 40, 2 ** 53 - 1, 2 ** 53])(
    "below(%d)",
    (n) => {
      const prng = new Prng(toBytes("large"));
      let sum = 0;
      for (let i = 0; i < 2000; i++) {
        const draw = prng.below(n);
        expect(Number.isSafeInteger(draw) && draw >= 0 && draw < n).toBe(true);
        sum += draw / n / 2000;
      }
      expect(sum).toBeCloseTo(0.5, 1);
    },
  );

  test("doubles lie in [0, 1)", () => {
    const prng = new Prng(toBytes("double"));
    const draws = Array.from({ length: 5000 }, () => prng.double());
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(draws.reduce((sum, draw) => sum + draw / 5000, 0)).toBeCloseTo(0.5, 1);
  });
});
