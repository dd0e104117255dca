import { describe, expect, it } from "vitest";
import {
  formatExponential,
  formatFixed,
  formatGeneral,
  formatNumber,
  parseNumber,
  parseNumberPrefix,
} from "../../../../core/script/lib/number-format.ts";

describe("formatNumber", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0"],
    [-0, "-0"],
    [42, "42"],
    [99999999999999, "99999999999999"],
    [100000000000000, "1e+14"],
    [-123456789012345680, "-1.2345678901235e+17"],
    [0.1, "0.1"],
    [-0.0001, "-0.0001"],
    [0.00001, "1e-05"],
    [1 / 3, "0.33333333333333"],
    [Math.PI, "3.1415926535898"],
    [1e100, "1e+100"],
    [5e-324, "4.9406564584125e-324"],
    [1.7976931348623157e308, "1.7976931348623e+308"],
    // Exact ties go to the even digit.
    [1000000000000.25, "1000000000000.2"],
    [1000000000000.75, "1000000000000.8"],
    [100000000000005, "1e+14"],
    [100000000000015, "1.0000000000002e+14"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [Number.NaN, "-nan"],
  ];
  for (const [value, text] of cases) {
    it(`${value} is ${text}`, () => expect(formatNumber(value)).toBe(text));
  }
});

describe("printf's formats", () => {
  const cases: readonly (readonly [string, string])[] = [
    [formatFixed(2.5, 0, false), "2"],
    [formatFixed(3.5, 0, false), "4"],
    [formatFixed(0.5, 0, true), "0."],
    [formatFixed(0.125, 2, false), "0.12"],
    [formatFixed(0.375, 2, false), "0.38"],
    [formatFixed(1e22, 2, false), "10000000000000000000000.00"],
    [formatFixed(-0.001, 2, false), "-0.00"],
    [formatExponential(2.5, 0, false), "2e+00"],
    [formatExponential(9.5, 0, false), "1e+01"],
    [formatExponential(0, 3, false), "0.000e+00"],
    [formatExponential(-1e300, 1, false), "-1.0e+300"],
    [formatExponential(7, 0, true), "7.e+00"],
    [formatGeneral(100000, 6, false), "100000"],
    [formatGeneral(1000000, 6, false), "1e+06"],
    [formatGeneral(1000000, 6, true), "1.00000e+06"],
    [formatGeneral(0.0001, 6, true), "0.000100000"],
    [formatGeneral(12, 0, false), "1e+01"],
    [formatGeneral(0.1, 20, false), "0.10000000000000000555"],
  ];
  for (const [got, expected] of cases) {
    it(expected, () => expect(got).toBe(expected));
  }
});

describe("parseNumber", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["0", 0],
    ["-0", -0],
    ["007", 7],
    ["  12 \t\n\v\f\r", 12],
    ["1.", 1],
    [".5e1", 5],
    ["1e999", Number.POSITIVE_INFINITY],
    ["1e-999", 0],
    ["0x10", 16],
    ["-0X.8p1", -1],
    ["0x1p-1074", 5e-324],
    ["0x1p-1075", 0],
    ["0x1.8p-1075", 5e-324],
    ["0x20000000000001", 9007199254740992],
    ["0x20000000000003", 9007199254740996],
    ["0x1p1024", Number.POSITIVE_INFINITY],
    ["INF", Number.POSITIVE_INFINITY],
    ["-infinity", Number.NEGATIVE_INFINITY],
    ["nan(0x1)", Number.NaN],
    ["10\x00abc", 10],
    ["", undefined],
    [" ", undefined],
    [".", undefined],
    ["1e", undefined],
    ["0x", undefined],
    ["0x1p", undefined],
    ["1 2", undefined],
    ["infinit", undefined],
    ["\xa01", undefined],
    ["1_000", undefined],
    ["0b1", undefined],
  ];
  for (const [text, value] of cases) {
    it(`${JSON.stringify(text)} is ${value}`, () => expect(parseNumber(text)).toBe(value));
  }

  it("refuses a long text in no time", () => {
    const digits = "1".repeat(200_000);
    expect(parseNumber(`${digits}z`)).toBeUndefined();
    expect(parseNumber(`0x${digits}z`)).toBeUndefined();
    expect(parseNumber(`${" ".repeat(200_000)}z`)).toBeUndefined();
  });

  it("finds the number a text begins with", () => {
    expect(parseNumberPrefix("[-1.5e3,", 1)).toEqual({ value: -1500, end: 7 });
    expect(parseNumberPrefix("0x", 0)).toEqual({ value: 0, end: 1 });
    expect(parseNumberPrefix("0x1.8p1z", 0)).toEqual({ value: 3, end: 7 });
    expect(parseNumberPrefix("-x", 0)).toEqual({ value: 0, end: 0 });
  });
});
