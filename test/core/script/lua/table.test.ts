// Tables against a plain map: the same values whatever the order of edits, a border for a length,
// and every key once in a traversal. The order itself is compared with Lua's in programs.txt.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArrayPool } from "../../../../core/script/lua/array-pool.ts";
import { LuaTable } from "../../../../core/script/lua/table.ts";
import type { LuaValue } from "../../../../core/script/lua/value.ts";

const heap = {
  objectCount: 0,
  allocated: 0,
  arrays: new ArrayPool(),
  makeSure(): void {},
  raise(message: string): never {
    throw new Error(message);
  },
};

const objects = Array.from({ length: 5 }, () => new LuaTable(heap));

const key: fc.Arbitrary<LuaValue> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
  fc.integer({ min: -3, max: 2 ** 40 }),
  fc.double({ noNaN: true }),
  fc.string({ maxLength: 3 }),
  fc.string({ minLength: 20, maxLength: 40 }),
  fc.boolean(),
  fc.constantFrom(...objects),
);

const edit = fc.record({
  key,
  value: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
});

function keysOf(table: LuaTable): LuaValue[] {
  const keys: LuaValue[] = [];
  for (let i = table.nextIndex(-1); i >= 0; i = table.nextIndex(i)) keys.push(table.keyAt(i));
  return keys;
}

describe("LuaTable", () => {
  it("holds what was put into it", () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 120 }), fc.nat(20), fc.nat(20), (edits, a, n) => {
        const table = new LuaTable(heap, a, n);
        const model = new Map<LuaValue, LuaValue>();
        for (const { key, value } of edits) {
          table.set(key, value);
          if (value === undefined) model.delete(key);
          else model.set(key, value);
          expect(table.get(key)).toBe(value);
        }
        for (const [k, v] of model) expect(table.get(k)).toBe(v);
        const keys = keysOf(table);
        expect(new Set(keys)).toEqual(new Set(model.keys()));
        expect(keys.length).toBe(model.size);
        const length = table.length();
        expect(length === 0 || table.getNumber(length) !== undefined).toBe(true);
        expect(table.getNumber(length + 1)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("lets a traversal go on while what it visits is removed", () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 60 }), (keys) => {
        const table = new LuaTable(heap);
        for (const each of keys) table.set(each, true);
        const seen: LuaValue[] = [];
        for (let i = table.nextIndex(-1); i >= 0; ) {
          const at = table.keyAt(i);
          seen.push(at);
          table.set(at, undefined);
          i = table.nextIndex(table.indexOf(at));
        }
        expect(new Set(seen)).toEqual(new Set(keys.map((each) => (each === 0 ? 0 : each))));
        expect(table.nextIndex(-1)).toBe(-1);
      }),
      { numRuns: 200 },
    );
  });

  it("refuses keys that are no keys", () => {
    const table = new LuaTable(heap);
    expect(() => table.set(undefined, 1)).toThrow("table index is nil");
    expect(() => table.set(Number.NaN, 1)).toThrow("table index is NaN");
    expect(table.get(undefined)).toBeUndefined();
    expect(table.get(Number.NaN)).toBeUndefined();
    expect(table.indexOf("missing")).toBe(-2);
  });

  it("knows no other names than its keys", () => {
    const table = new LuaTable(heap, 4, 4);
    for (const name of ["__proto__", "constructor", "length", "toString", "0", "-1", "1.5"]) {
      expect(table.get(name)).toBeUndefined();
    }
    for (const n of [0, -0, -1, 1.5, 2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(table.get(n)).toBeUndefined();
    }
  });

  it("is refused more slots than JavaScript has", () => {
    const list = new LuaTable(heap);
    const fill = (from: number, to: number): void => {
      for (let i = from; i <= to; i++) list.setNumber(i, i);
    };
    fill(1, 2 ** 24);
    expect(() => fill(2 ** 24 + 1, 2 ** 25)).toThrow("not enough memory");
    expect(list.getNumber(2 ** 24)).toBe(2 ** 24);
  });

  it("shows nothing of what was in an array before", () => {
    const COUNT = 20_000;
    for (const value of [(i: number) => i, (i: number) => `text ${i}`]) {
      const old = new LuaTable(heap);
      for (let i = 1; i <= COUNT; i++) old.setNumber(i, value(i));
      const { array } = old;
      heap.arrays.recycle();
      expect(old.length()).toBe(0);

      const table = new LuaTable(heap);
      const count = COUNT / 2;
      for (let i = 1; i <= count; i++) table.setNumber(i, value(-i));
      expect(table.array).toBe(array);
      expect(table.length()).toBe(count);
      expect(table.getNumber(count)).toBe(value(-count));
      expect(table.getNumber(count + 1)).toBeUndefined();
      expect(keysOf(table)).toHaveLength(count);
      table.setNumber(count + 3, value(3));
      expect(table.getNumber(count + 1)).toBeUndefined();
      table.setNumber(count + 3, undefined);
      table.setNumber(count, undefined);
      expect(table.getNumber(count)).toBeUndefined();
      expect(table.length()).toBe(count - 1);
      heap.arrays.forget();
    }
  });

  it("keeps its array when it may live on", () => {
    const table = new LuaTable(heap);
    for (let i = 1; i <= 20_000; i++) table.setNumber(i, i);
    heap.arrays.forget();
    heap.arrays.recycle();
    expect(table.length()).toBe(20_000);
  });
});
