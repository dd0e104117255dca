import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import {
  addLongDoubles,
  formatLongDouble,
  longDoubleOf,
  parseLongDouble,
  parseLongDoubleText,
  parseSecondsMs,
} from "../../../core/util/long-double.ts";

/** The text form of a number; "-" when it is none. */
function shown(text: string): string {
  const value = parseLongDoubleText(text);
  return value === null ? "-" : formatLongDouble(value);
}

function sum(a: string, b: string): string | null {
  return addLongDoubles(parseLongDoubleText(a)!, parseLongDoubleText(b)!);
}

function milliseconds(text: string): number {
  return parseSecondsMs(toBytes(text), 0, text.length);
}

describe("addition", () => {
  // From the C library's long double on x86.
  test.each([
    ["10.5", "0.1", "10.6"],
    ["5000", "0.1", "5000.10000000000000009"],
    ["1234.56", "0.1", "1234.66000000000000003"],
    ["3.0e3", "200", "3200"],
    ["0.1", "0.2", "0.3"],
    ["-0.1", "0.1", "0"],
    ["1", "-1.5", "-0.5"],
    ["44.123", "0.877", "45"],
    ["46.1", "0.2", "46.3"],
    ["99999999999999.9", "0.1", "100000000000000"],
    ["123456789012345678", "0.5", "123456789012345678.5"],
    ["9223372036854775807", "1", "9223372036854775808"],
    ["18446744073709551615", "1", "18446744073709551616"],
    ["18446744073709551617", "2", "18446744073709551618"],
    ["0x1.8", "0xAp-1", "6.5"],
    ["0x1p-64", "1", "1"],
    ["0.000000000000001", "0.3", "0.300000000000001"],
  ])("%s + %s = %s", (a, b, text) => {
    expect(sum(a, b)).toBe(text);
    expect(sum(b, a)).toBe(text);
  });

  test("has no answer beyond the range", () => {
    expect(sum("1e4932", "1e4932")).toBe(null);
    expect(sum("1e4932", "-1e4932")).toBe("0");
    expect(sum("inf", "1")).toBe(null);
    expect(sum("inf", "-inf")).toBe(null);
  });

  test("the path for short decimals and the exact one agree", () => {
    const decimal = fc
      .tuple(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), fc.nat(14))
      .map(([units, places]) => {
        const digits = String(Math.abs(units))
          .padStart(places + 1, "0")
          .slice(0, 15);
        const at = digits.length - Math.min(places, digits.length - 1);
        return `${units < 0 ? "-" : ""}${digits.slice(0, at)}.${digits.slice(at)}`;
      });
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        // An exponent keeps a number from being taken for a short decimal.
        expect(sum(a, b)).toBe(sum(`${a}e0`, `${b}e0`));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("text", () => {
  test.each([
    ["0.000000000000000005", "0"],
    ["0.000000000000000015", "0.00000000000000002"],
    ["1e-4940", "0"],
    ["-5e-18", "0"],
    ["18446744073709551617", "18446744073709551616"],
    ["+1.50", "1.5"],
    ["5.", "5"],
    [".5", "0.5"],
    ["0x.8p1", "1"],
    ["-InFiNiTy", "-inf"],
    ["1.18973149535723176502e4932", shown("0x1.fffffffffffffffep16383")],
    ["3.6451995318824746025e-4951", "0"],
    ["", "-"],
    [".", "-"],
    ["1 ", "-"],
    [" 1", "-"],
    ["1\0", "-"],
    ["1e", "-"],
    ["nan", "-"],
    ["0x", "-"],
    ["1e4933", "-"],
    ["1e-5000", "-"],
    ["1e99999999999", "-"],
    ["0x1p16384", "-"],
    ["0x1p-16446", "-"],
    ["0e99999999999", "0"],
  ])("%j", (text, expected) => {
    expect(shown(text)).toBe(expected);
    const bytes = toBytes(`8${text}8`);
    const value = parseLongDouble(bytes, 1, text.length);
    expect(value === null ? "-" : formatLongDouble(value)).toBe(expected);
  });

  test("is refused when it is longer than Redis's buffer", () => {
    const digits = `0.${"1".repeat(5117)}`;
    expect(shown(digits)).toBe("0.11111111111111111");
    expect(shown(`${digits}1`)).toBe("-");
  });

  test("integers of 64 bits are exact", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(formatLongDouble(longDoubleOf(value))).toBe(`${value}`);
        expect(shown(`${value}`)).toBe(`${value}`);
      }),
    );
    expect(formatLongDouble(longDoubleOf(-42))).toBe("-42");
    expect(formatLongDouble(longDoubleOf(2 ** 53 - 1))).toBe("9007199254740991");
  });
});

describe("timeouts", () => {
  test.each([
    ["0", 0],
    ["1", 1000],
    ["0.1", 100],
    ["0.0001", 1],
    ["-0.0001", 0],
    ["-1", -1000],
    ["1.0005", 1001],
    ["1e-4940", 1],
    ["9223372036854775", 9223372036854775000],
    ["9223372036854776", Number.POSITIVE_INFINITY],
    ["inf", Number.POSITIVE_INFINITY],
    ["-inf", Number.NEGATIVE_INFINITY],
    ["x", Number.NaN],
  ])("%s s", (text, expected) => {
    expect(milliseconds(text) + 0).toBe(expected);
  });
});
