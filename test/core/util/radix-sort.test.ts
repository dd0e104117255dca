import fc from "fast-check";
import { expect, test } from "vitest";
import { sortByKeys } from "../../../core/util/radix-sort.ts";

function orderOf(keys: readonly number[]): number[] {
  const order = Uint32Array.from(keys, (_, i) => i);
  sortByKeys(order, Float64Array.from(keys));
  return [...order];
}

test("equal keys stay in their order, and both zeros are equal", () => {
  expect(orderOf([3, -0, 1, 0, -0, 1, Number.NEGATIVE_INFINITY])).toEqual([6, 1, 3, 4, 2, 5, 0]);
  expect(orderOf([])).toEqual([]);
});

test("sorts as a stable comparison sort does", () => {
  const key = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
      const sorted = keys.map((_, i) => i);
      sorted.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
      expect(orderOf(keys)).toEqual(sorted);
    }),
  );
});
