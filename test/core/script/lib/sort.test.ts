// table.sort on both bodies: the same comparisons in the same order, so the same result even from a
// comparator that lies, changes the table or fails.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runFast, runInSteps } from "../../../support/lua-modes.ts";

const COMPARATORS = [
  "nil",
  "function(a, b) log(a, b) return a > b end",
  "function(a, b) log(a, b) return a <= b end",
  "function(a, b) calls = calls + 1 return calls % 3 == 0 end",
  "function(a, b) calls = calls + 1 if calls == 9 then t[#t] = nil end return a < b end",
  "function(a, b) calls = calls + 1 if calls == 9 then t[#t + 1] = 5 end return a < b end",
  "function(a, b) calls = calls + 1 if calls == 12 then error('x', 2) end return a < b end",
  "function(a, b) return math.floor(a) < math.floor(b), 1, 2 end",
  "function(a, b) return string.format('%s', a) < string.format('%s', b) end",
];

function program(values: readonly string[], comparator: string): string {
  return `
    local calls, logged, t = 0, {}, {${values.join(", ")}}
    local function log(a, b) logged[#logged + 1] = tostring(a) .. " " .. tostring(b) end
    print(pcall(table.sort, t, ${comparator}))
    for i = 1, #t do t[i] = tostring(t[i]) end
    print(table.concat(t, " "))
    print(table.concat(logged, ";"))`;
}

const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }).map(String),
  fc.constantFrom("0.5", "-0.25", "1e300", "-1e300", "0", "-0", "1/0", "0/0"),
);

describe("table.sort", () => {
  it("is one algorithm on both bodies", () => {
    fc.assert(
      fc.property(
        fc.array(number, { maxLength: 60 }),
        fc.constantFrom(...COMPARATORS),
        (values, comparator) => {
          const source = program(values, comparator);
          expect(runFast(source), source).toEqual(runInSteps(source, 100));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("sorts what is no number", () => {
    const word = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("a", "\xe9", "B"));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const literals = words.map((text) =>
          JSON.stringify([...text].filter((c) => c >= " " && c < "\x7f").join("")),
        );
        const source = program(literals, "nil");
        expect(runFast(source), source).toEqual(runInSteps(source, 100));
      }),
      { numRuns: 100 },
    );
  });

  it("says where it failed", () => {
    const sources = [
      "local t = {3, 1, 2} table.sort(t, function() error('x') end)",
      "local t = {3, 1, 2} table.sort(t, function() error('x', 2) end)",
      "local t = {3, 1, 2, 5, 4} table.sort(t, function() return true end)",
      "table.sort({1, 'a'})",
      "local function f() table.sort({2, 1}, f) end f()",
    ];
    for (const source of sources) {
      const fast = runFast(source);
      expect(fast.ended, source).toMatch(/^raised/);
      expect(fast, source).toEqual(runInSteps(source, 100));
    }
  });
});
