import { describe, expect, it } from "vitest";
import { median, medianInterval } from "../../bench/table.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe("the interval of a median", () => {
  // Tables of the sign test: the ranks of the order statistics that enclose the median.
  it.each([
    [3, 1, 3],
    [6, 1, 6],
    [9, 2, 8],
    [15, 4, 12],
    [21, 6, 16],
    [25, 8, 18],
    [40, 14, 27],
  ])("of %i values begins with number %i and ends with number %i", (count, low, high) => {
    const values = upTo(count).reverse();
    expect(medianInterval(values)).toEqual([low, high]);
    expect(median(values)).toBe((count + 1) / 2);
  });
});
