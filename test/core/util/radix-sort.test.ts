import fc from "fast-check";
import { expect, test } from "vitest";
import { sortByKeys } from "../../../core/util/radix-sort.ts";

function orderOf(keys: readonly number[], isDescending = false): number[] {
  const order = Uint32Array.from(keys, (_, i) => i);
  const given = Float64Array.from(keys);
  sortByKeys(order, given, isDescending);
  expect([...given]).toEqual(keys);
  return [...order];
}

test("equal keys stay in their order, and both zeros are equal", () => {
  expect(orderOf([3, -0, 1, 0, -0, 1, Number.NEGATIVE_INFINITY])).toEqual([6, 1, 3, 4, 2, 5, 0]);
  expect(orderOf([3, -0, 1, 0, -0, 1, -70000])).toEqual([6, 1, 3, 4, 2, 5, 0]);
  expect(orderOf([5, 5, 5])).toEqual([0, 1, 2]);
  expect(orderOf([])).toEqual([]);
});

test("sorts as a stable comparison sort does", () => {
  const key = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  );
  const integers = [10, 2 ** 12, 2 ** 23, 2 ** 32 - 1, 2 ** 32, 2 ** 40].map((range) =>
    fc.tuple(fc.maxSafeInteger(), fc.array(fc.integer({ min: 0, max: range }), { maxLength: 300 })),
  );
  const near = fc.oneof(...integers).map(([base, rest]) => rest.map((one) => base + one));
  fc.assert(
    fc.property(fc.oneof(fc.array(key, { maxLength: 300 }), near), (keys) => {
      const sorted = keys.map((_, i) => i);
      sorted.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
      expect(orderOf(keys)).toEqual(sorted);
      sorted.sort((a, b) => a - b);
      sorted.sort((a, b) => (keys[a] > keys[b] ? -1 : keys[a] < keys[b] ? 1 : 0));
      expect(orderOf(keys, true)).toEqual(sorted);
    }),
  );
});
