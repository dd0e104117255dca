import fc from "fast-check";
import { expect, test } from "vitest";
import { SortVector } from "../../../core/commands/sort-vector.ts";
import { latin1, toBytes } from "../../../core/util/bytes.ts";

// Enough elements for sorting by keys, with much in common, and with NUL bytes.
const text = fc
  .tuple(
    fc.constantFrom("", "key:", "key:00"),
    fc.array(fc.constantFrom("\0", "0", "1", "a", "\xff")),
  )
  .map(([start, rest]) => start + rest.join(""));
const texts = fc.array(text, { minLength: 256, maxLength: 400 });

function filled(elements: readonly string[]): SortVector {
  const vector = new SortVector(elements.length);
  for (const element of elements) vector.add(toBytes(element), 0, element.length);
  return vector;
}

function shown(vector: SortVector): string[] {
  return [...vector.order].map((i) => {
    vector.look(i);
    return latin1(vector.text, vector.offset, vector.offset + vector.length);
  });
}

const cut = (element: string): string => element.split("\0")[0];
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

test("many texts are in order", () => {
  fc.assert(
    fc.property(texts, fc.boolean(), fc.boolean(), (elements, isDescending, wholeText) => {
      const vector = filled(elements);
      vector.sort({ isDescending, isAlpha: true, byWeight: false, wholeText });
      const sign = isDescending ? -1 : 1;
      const known = (element: string): string => (wholeText ? element : cut(element));
      const expected = [...elements].sort((a, b) => sign * compare(known(a), known(b)));
      expect(shown(vector)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test("many elements are in the order of their weights, those without one first", () => {
  fc.assert(
    fc.property(texts, fc.boolean(), (weights, isDescending) => {
      const elements = weights.map((_, i) => `e${i}`);
      const vector = filled(elements);
      const weightOf = (i: number): string | null => (i % 7 === 3 ? null : weights[i]);
      for (const i of weights.keys()) {
        const weight = weightOf(i);
        if (weight !== null) vector.setWeight(i, toBytes(weight), 0, weight.length);
      }
      vector.sort({ isDescending, isAlpha: true, byWeight: true, wholeText: true });
      const sign = isDescending ? -1 : 1;
      const order = [...weights.keys()].sort((a, b) => {
        const [first, second] = [weightOf(a), weightOf(b)];
        if (first === null || second === null) {
          return sign * (Number(first !== null) - Number(second !== null));
        }
        return sign * compare(first, second);
      });
      expect(shown(vector)).toEqual(order.map((i) => elements[i]));
    }),
    { numRuns: 40 },
  );
});

const INTEGERS = ["1", "0", "2", "-15", "300", "9007199254740991"];

test.each([
  ["numbers", ["1", "1.0", "01", "-0", "0", "inf", "-inf", "2", "3e2", "-7.5"]],
  ["integers", INTEGERS],
  ["integers with other numbers among them", [...INTEGERS, "01", "1.0", "3e2", "-inf"]],
])("many %s are in order, the same number by its text", (_name, numbers) => {
  const number = fc.constantFrom(...numbers);
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 0, maxLength: 400, size: "max" }),
      fc.boolean(),
      (elements, isDescending) => {
        const vector = new SortVector(elements.length);
        for (const [i, element] of elements.entries()) {
          if (INTEGERS.includes(element)) {
            vector.addInteger(Number(element));
            continue;
          }
          vector.add(toBytes(element), 0, element.length);
          expect(vector.setScore(i, toBytes(element), 0, element.length)).toBe(true);
        }
        vector.sort({ isDescending, isAlpha: false, byWeight: false, wholeText: false });
        const sign = isDescending ? -1 : 1;
        const numberOf = (element: string): number => Number(element.replace("inf", "Infinity"));
        const expected = [...elements].sort((a, b) => {
          const [first, second] = [numberOf(a), numberOf(b)];
          return sign * (first === second ? compare(a, b) : first < second ? -1 : 1);
        });
        expect(shown(vector)).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});
