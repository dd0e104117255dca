import fc from "fast-check";
import { expect, test } from "vitest";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { lcsLength, lcsTableBytes, longestCommonSubsequence } from "../../../core/util/lcs.ts";

/** The subsequence and the runs in the form of the reply of LCS ... IDX WITHMATCHLEN. */
function lcs(a: string, b: string, minMatchLength = 0): { text: string; runs: number[] } {
  const { text, runs } = longestCommonSubsequence(
    toBytes(`b${a}a`),
    1,
    a.length,
    toBytes(`ab${b}b`),
    2,
    b.length,
    minMatchLength,
  );
  return { text: latin1(text), runs };
}

test("the example of Redis's documentation", () => {
  expect(lcs("ohmytext", "mynewtext")).toEqual({ text: "mytext", runs: [4, 7, 5, 8, 2, 3, 0, 1] });
  expect(lcs("ohmytext", "mynewtext", 4)).toEqual({ text: "mytext", runs: [4, 7, 5, 8] });
  expect(lcs("ohmytext", "mynewtext", 5)).toEqual({ text: "mytext", runs: [] });
});

test.each([
  ["", "", "", []],
  ["abc", "", "", []],
  ["abc", "xyz", "", []],
  ["abc", "abc", "abc", [0, 2, 0, 2]],
  ["xabc", "abc", "abc", [1, 3, 0, 2]],
  ["ab", "ba", "b", [1, 1, 0, 0]],
  ["a-b-c", "abc", "abc", [4, 4, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0]],
])("%j and %j", (a, b, text, runs) => {
  expect(lcs(a, b)).toEqual({ text, runs });
});

test("what is found is in both strings, and as long as it can be", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abc"), maxLength: 14 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const { text, runs } = lcs(a, b);
      expect(lcsLength(toBytes(a), 0, a.length, toBytes(b), 0, b.length)).toBe(text.length);
      expect(text.length).toBe(longest(a, b));
      let joined = "";
      for (let i = runs.length - 4; i >= 0; i -= 4) {
        const [aFirst, aLast, bFirst, bLast] = runs.slice(i, i + 4);
        expect(a.slice(aFirst, aLast + 1)).toBe(b.slice(bFirst, bLast + 1));
        joined += a.slice(aFirst, aLast + 1);
      }
      expect(joined).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test("lengths beyond 16 bits", () => {
  const a = "ab".repeat(33_000);
  const bytes = toBytes(a);
  expect(lcsLength(bytes, 0, a.length, toBytes("bb"), 0, 2)).toBe(2);
  expect(lcs(a, "bb").runs).toEqual([65_999, 65_999, 1, 1, 65_997, 65_997, 0, 0]);
  expect(lcsTableBytes(66_000, 2)).toBe(792_012);
});

/** By trying everything. */
function longest(a: string, b: string): number {
  const known = new Map<number, number>();
  const from = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return 0;
    const key = i * 100 + j;
    const value =
      known.get(key) ??
      (a[i] === b[j] ? 1 + from(i + 1, j + 1) : Math.max(from(i + 1, j), from(i, j + 1)));
    known.set(key, value);
    return value;
  };
  return from(0, 0);
}
