import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  INTSET_EMPTY_BYTES,
  initIntset,
  intsetAdd,
  intsetBigInt,
  intsetBytes,
  intsetFormat,
  intsetGet,
  intsetGrowth,
  intsetHas,
  intsetHigh,
  intsetLength,
  intsetLow,
  intsetRemove,
  intsetRemoveAt,
  intsetSearch,
  intsetTextLength,
  intsetValidate,
} from "../../../core/memory/intset.ts";
import { latin1 } from "../../../core/util/bytes.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";
import { highOf, lowOf } from "../../../core/util/int64.ts";

const BASE = 13;
const FILL = 0xaa;

function halves(value: bigint): [high: number, low: number] {
  return [Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];
}

function create(...values: bigint[]): Uint8Array {
  const bytes = new Uint8Array(4000).fill(FILL);
  initIntset(bytes, BASE);
  for (const value of values) intsetAdd(bytes, BASE, ...halves(value));
  return bytes;
}

function hexOf(bytes: Uint8Array): string {
  return toHex(bytes, BASE, BASE + intsetBytes(bytes, BASE));
}

function valuesOf(bytes: Uint8Array): bigint[] {
  return Array.from({ length: intsetLength(bytes, BASE) }, (_, i) => intsetBigInt(bytes, BASE, i));
}

function isSound(bytes: Uint8Array): boolean {
  const total = intsetBytes(bytes, BASE);
  return (
    (total === INTSET_EMPTY_BYTES || intsetValidate(bytes, BASE, total, true)) &&
    bytes.subarray(0, BASE).every((byte) => byte === FILL)
  );
}

describe("layout", () => {
  test.each<[bigint[], string]>([
    [[], "02000000 00000000"],
    [[3n, 1n, 2n], "02000000 03000000 0100 0200 0300"],
    [[-32768n, 32767n], "02000000 02000000 0080 ff7f"],
    [[1n, 70000n], "04000000 02000000 01000000 70110100"],
    [[1n, -70000n], "04000000 02000000 90eefeff 01000000"],
    [[-1n, 2147483648n], "08000000 02000000 ffffffffffffffff 0000008000000000"],
    [[5n, -2147483649n], "08000000 02000000 ffffff7fffffffff 0500000000000000"],
  ])("%s", (values, hex) => {
    expect(hexOf(create(...values))).toBe(hex.replaceAll(" ", ""));
  });

  test("the width stays when the wide value goes", () => {
    const bytes = create(1n, 2n ** 40n);
    expect(intsetRemove(bytes, BASE, ...halves(2n ** 40n))).toBe(true);
    expect(hexOf(bytes)).toBe("08000000010000000100000000000000");
  });
});

describe("reading", () => {
  test("numbers, halves and text", () => {
    const bytes = create(-(2n ** 63n), -5n, 2n ** 53n - 1n, 2n ** 53n);
    const numbers = [0, 1, 2, 3].map((index) => intsetGet(bytes, BASE, index));
    expect(numbers).toEqual([Number.NaN, -5, Number.MAX_SAFE_INTEGER, Number.NaN]);
    expect([intsetHigh(bytes, BASE, 1), intsetLow(bytes, BASE, 1)]).toEqual([-1, -5]);
    const texts = [0, 1, 2, 3].map((index) => {
      const out = new Uint8Array(30);
      const end = intsetFormat(bytes, BASE, index, out, 4);
      expect(intsetTextLength(bytes, BASE, index)).toBe(end - 4);
      return latin1(out, 4, end);
    });
    expect(texts).toEqual(["-9223372036854775808", "-5", "9007199254740991", "9007199254740992"]);
  });

  test("search tells where a value is or would be", () => {
    const bytes = create(-10n, 0n, 10n);
    const search = (value: number): number =>
      intsetSearch(bytes, BASE, highOf(value), lowOf(value));
    expect([search(-10), search(0), search(10)]).toEqual([0, 1, 2]);
    expect([search(-11), search(5), search(11)]).toEqual([-1, -3, -4]);
    expect([search(-(2 ** 40)), search(2 ** 40), search(70000), search(-70000)]).toEqual([
      -1, -4, -4, -1,
    ]);
    const empty = create();
    expect(intsetSearch(empty, BASE, 0, 1)).toBe(-1);
    expect(intsetHas(empty, BASE, 0, 0)).toBe(false);
  });
});

const value = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -40_000n, max: 40_000n }),
  fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(15n, 31n, 63n).map((bits) => 2n ** bits - 1n),
  fc.constantFrom(15n, 31n, 63n).map((bits) => -(2n ** bits)),
);

test("reads like the sorted array it stands for, whatever is done to it", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("add", "add", "remove", "at"), value), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (script) => {
      const bytes = create();
      const model = new Set<bigint>();
      for (const [kind, member] of script) {
        const [high, low] = halves(member);
        const before = intsetBytes(bytes, BASE);
        expect(intsetHas(bytes, BASE, high, low)).toBe(model.has(member));
        if (kind === "add") {
          const growth = intsetGrowth(bytes, BASE, high, low);
          const isNew = intsetAdd(bytes, BASE, high, low);
          expect(isNew).toBe(!model.has(member));
          expect(intsetBytes(bytes, BASE)).toBe(isNew ? before + growth : before);
          model.add(member);
        } else if (kind === "remove" || model.size === 0) {
          expect(intsetRemove(bytes, BASE, high, low)).toBe(model.delete(member));
        } else {
          const index = Number(BigInt.asUintN(16, member)) % model.size;
          model.delete(intsetBigInt(bytes, BASE, index));
          intsetRemoveAt(bytes, BASE, index);
        }
        expect(valuesOf(bytes)).toEqual([...model].sort((a, b) => (a < b ? -1 : 1)));
        expect(isSound(bytes)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

describe("validation", () => {
  test.each([
    ["", false, false],
    ["02000000 000000", false, false],
    ["02000000 00000000", false, false],
    ["02000000 01000000 0500", true, true],
    ["02000000 01000000 05", false, false],
    ["02000000 01000000 050000", false, false],
    ["03000000 01000000 050000", false, false],
    ["00000000 01000000", false, false],
    ["02000000 02000000 0500 0500", true, false],
    ["02000000 02000000 0500 0400", true, false],
    ["02000000 02000000 ffff 0400", true, true],
    ["08000000 02000000 ffffffff00000000 0000000001000000", true, true],
    ["08000000 02000000 0000000001000000 ffffffff00000000", true, false],
    ["04000000 ffffffff 01000000", false, false],
  ])("%s", (hex, shallow, deep) => {
    const blob = fromHex(hex.replaceAll(" ", ""))!;
    expect(intsetValidate(blob, 0, blob.length, false)).toBe(shallow);
    expect(intsetValidate(blob, 0, blob.length, true)).toBe(deep);
  });
});
