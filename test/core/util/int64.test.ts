import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import {
  compareInt64,
  highOf,
  int64BigInt,
  int64Length,
  int64Number,
  isInt64,
  lowOf,
  parseHigh,
  parseLow,
  writeInt64,
} from "../../../core/util/int64.ts";
import { parseInt64 } from "../../../core/util/integer.ts";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** Signed 64-bit integers of every size, with those at the edges more often. */
const int64 = fc.oneof(
  fc.bigInt({ min: MIN, max: MAX }),
  fc
    .tuple(fc.nat(63), fc.integer({ min: -3, max: 3 }), fc.boolean())
    .map(([bits, offset, negative]) =>
      BigInt.asIntN(64, (2n ** BigInt(bits) + BigInt(offset)) * (negative ? -1n : 1n)),
    ),
  fc
    .tuple(fc.nat(18), fc.integer({ min: -3, max: 3 }))
    .map(([digits, offset]) => 10n ** BigInt(digits) + BigInt(offset)),
);

function halves(value: bigint): [high: number, low: number] {
  return [Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];
}

describe("int64", () => {
  test("text and back", () => {
    fc.assert(
      fc.property(int64, (value) => {
        const [high, low] = halves(value);
        const text = `${value}`;
        const bytes = toBytes(`1${text}1`);
        expect(isInt64(bytes, 1, text.length)).toBe(true);
        expect(parseHigh(bytes, 1, text.length)).toBe(high);
        expect(parseLow(bytes, 1, text.length)).toBe(low);
        expect(int64BigInt(high, low)).toBe(value);
        expect(int64Length(high, low)).toBe(text.length);
        const out = new Uint8Array(24);
        expect(latin1(out, 2, writeInt64(out, 2, high, low))).toBe(text);
        const number = Number(value);
        expect(int64Number(high, low)).toBe(Number.isSafeInteger(number) ? number : Number.NaN);
      }),
      { numRuns: 3000 },
    );
  });

  test("halves of safe integers", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect([highOf(value), lowOf(value)]).toEqual(halves(BigInt(value)));
      }),
    );
  });

  test("order", () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const sign = Math.sign(compareInt64(...halves(a), ...halves(b)));
        expect(sign).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["0", true],
    ["-1", true],
    ["9223372036854775807", true],
    ["9223372036854775808", false],
    ["-9223372036854775808", true],
    ["-9223372036854775809", false],
    ["-9223372036854775818", false],
    ["9223372036854775907", false],
    ["9199999999999999999", true],
    ["10000000000000000000", false],
    ["", false],
    ["-", false],
    ["-0", false],
    ["00", false],
    ["01", false],
    ["+1", false],
    [" 1", false],
    ["1 ", false],
    ["1a", false],
    ["1.0", false],
  ])("%j is canonical: %s", (text, expected) => {
    const bytes = toBytes(`1${text}1`);
    expect(isInt64(bytes, 1, text.length)).toBe(expected);
    expect(parseInt64(bytes, 1, text.length) !== null).toBe(expected);
  });
});
