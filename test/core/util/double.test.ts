import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import {
  DOUBLE_TEXT_BYTES_MAX,
  formatDouble,
  formatDouble17,
  formatDoubleShort,
  formatFixed,
  formatHumanLongDouble,
  formatScaled,
  parseDouble,
  parseDoubleText,
  writeDouble,
} from "../../../core/util/double.ts";

// value, as replies show it, with an exponent for integers too, "%.17g". From Redis 7.4's fpconv
// and the C library.
const rows: [number, string, string, string][] = [
  [3, "3", "3", "3"],
  [-17, "-17", "-17", "-17"],
  [0, "0", "0", "0"],
  [-0, "-0", "-0", "-0"],
  [Number.POSITIVE_INFINITY, "inf", "inf", "inf"],
  [Number.NEGATIVE_INFINITY, "-inf", "-inf", "-inf"],
  [Number.NaN, "nan", "nan", "nan"],
  [0.1, "0.1", "0.1", "0.10000000000000001"],
  [-2.5, "-2.5", "-2.5", "-2.5"],
  [0.3, "0.3", "0.3", "0.29999999999999999"],
  [19.99, "19.99", "19.99", "19.989999999999998"],
  [10.05, "10.05", "10.05", "10.050000000000001"],
  [1e7, "10000000", "10000000", "10000000"],
  [1e8, "100000000", "1e+8", "100000000"],
  [1e16, "10000000000000000", "1e+16", "10000000000000000"],
  [1e20, "1e+20", "1e+20", "1e+20"],
  [2 ** 53, "9007199254740992", "9007199254740992", "9007199254740992"],
  [2 ** 62, "4611686018427387904", "4611686018427388000", "4.6116860184273879e+18"],
  [2 ** 62 + 1024, "4611686018427389000", "4611686018427389000", "4.6116860184273889e+18"],
  [1e23, "99999999999999990000000", "99999999999999990000000", "9.9999999999999992e+22"],
  [
    123456789012345680000,
    "123456789012345680000",
    "123456789012345680000",
    "1.2345678901234568e+20",
  ],
  [1.5e300, "1.5e+300", "1.5e+300", "1.5000000000000001e+300"],
  [1e-5, "0.00001", "0.00001", "1.0000000000000001e-05"],
  [1e-6, "0.000001", "0.000001", "9.9999999999999995e-07"],
  [1e-7, "1e-7", "1e-7", "9.9999999999999995e-08"],
  [0.00012345, "1.2345e-4", "1.2345e-4", "0.00012344999999999999"],
  [0.00123456789012345, "0.00123456789012345", "0.00123456789012345", "0.00123456789012345"],
  [-1.25e-9, "-1.25e-9", "-1.25e-9", "-1.25e-09"],
  [5e-324, "5e-324", "5e-324", "4.9406564584124654e-324"],
  [
    -2.2250738585072014e-308,
    "-2.2250738585072014e-308",
    "-2.2250738585072014e-308",
    "-2.2250738585072014e-308",
  ],
  [
    1.7976931348623157e308,
    "1.7976931348623157e+308",
    "1.7976931348623157e+308",
    "1.7976931348623157e+308",
  ],
  // Grisu2 does not find the shortest digits of these.
  [0.0007410049438476562, "7.410049438476563e-4", "7.410049438476563e-4", "0.00074100494384765625"],
  [75.6628062286673, "75.66280622866731", "75.66280622866731", "75.662806228667307"],
  [9.04631e80, "9.046310000000001e+80", "9.046310000000001e+80", "9.0463100000000005e+80"],
  // Exactly half-way between two numbers of 17 digits.
  [1e15 + 0.25, "1000000000000000.3", "1000000000000000.3", "1000000000000000.2"],
  [1e15 + 0.75, "1000000000000000.7", "1000000000000000.7", "1000000000000000.8"],
];

describe("writing", () => {
  test.each(rows)("%d", (value, text, short, seventeen) => {
    expect(formatDouble(value)).toBe(text);
    expect(formatDoubleShort(value)).toBe(short);
    expect(formatDouble17(value)).toBe(seventeen);
  });

  test("reads back as the same double and fits its bound", () => {
    const bytes = new Uint8Array(DOUBLE_TEXT_BYTES_MAX);
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const end = writeDouble(bytes, 0, value);
        expect(end).toBeLessThanOrEqual(DOUBLE_TEXT_BYTES_MAX);
        expect(parseDouble(bytes, 0, end)).toBe(value);
        expect(parseDoubleText(formatDouble17(value))).toBe(value);
      }),
      { numRuns: 3000 },
    );
  });

  test("writes where it is told", () => {
    const bytes = new Uint8Array(12).fill(120);
    expect(writeDouble(bytes, 2, -0.125)).toBe(8);
    expect(latin1(bytes)).toBe("xx-0.125xxxx");
  });

  test.each([
    [13.361389338970184, "13.36138933897018433"],
    [-122.4194, "-122.41939999999999600"],
    [0.1, "0.10000000000000001"],
    [2, "2"],
    [-0, "0"],
    [-1e-30, "0"],
    [1e22, "10000000000000000000000"],
    [2 ** -18, "0.00000381469726562"],
    [3 * 2 ** -18, "0.00001144409179688"],
  ])("human long double %d", (value, text) => {
    expect(formatHumanLongDouble(value)).toBe(text.replace(/(\.\d*?)0+$/, "$1"));
  });

  test.each([
    [0.125, 2, "0.12"],
    [0.375, 2, "0.38"],
    [-0.5, 0, "-0"],
    [1.5, 0, "2"],
    [2.5, 0, "2"],
    [1e21, 2, "1000000000000000000000.00"],
    [-0.001, 2, "-0.00"],
    [166274.15156, 4, "166274.1516"],
  ])("formatFixed(%d, %d)", (value, digits, text) => {
    expect(formatFixed(value, digits)).toBe(text);
  });

  test.each([
    [0, "0.0000"],
    [166274.1516, "166274.1516"],
    [0.00005, "0.0000"],
    [0.00015, "0.0001"],
    [0.00025, "0.0002"],
    [-0.00001, "0.0000"],
    [-12.34567, "-12.3457"],
  ])("formatScaled(%d, 4)", (value, text) => {
    expect(formatScaled(value, 4)).toBe(text);
  });
});

describe("reading", () => {
  // Text and value; NaN for what Redis refuses. From strtod with Redis's checks.
  test.each<[string, number]>([
    ["0", 0],
    ["-0", -0],
    ["3.0", 3],
    ["+5", 5],
    [".5", 0.5],
    ["5.", 5],
    ["00012", 12],
    ["1e3", 1000],
    ["1.E+3", 1000],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["0.1234567890123456789", 0.12345678901234568],
    ["9007199254740993", 9007199254740992],
    ["inf", Number.POSITIVE_INFINITY],
    ["+InF", Number.POSITIVE_INFINITY],
    ["-infinity", Number.NEGATIVE_INFINITY],
    ["0x10", 16],
    ["-0X1.8p1", -3],
    ["0x.8", 0.5],
    ["0x1p-1074", 5e-324],
    ["0x1.fffffffffffff7p1023", Number.MAX_VALUE],
    ["4.94e-324", 5e-324],
    ["0e999999999999", 0],
    ["", Number.NaN],
    [".", Number.NaN],
    ["-", Number.NaN],
    ["--1", Number.NaN],
    ["1 ", Number.NaN],
    [" 1", Number.NaN],
    ["1\0", Number.NaN],
    ["1e", Number.NaN],
    ["1e+", Number.NaN],
    ["1_0", Number.NaN],
    ["1.2.3", Number.NaN],
    ["infinit", Number.NaN],
    ["nan", Number.NaN],
    ["nan(1)", Number.NaN],
    ["0x", Number.NaN],
    ["0x.", Number.NaN],
    ["0x1p", Number.NaN],
    ["1e309", Number.NaN],
    ["-1e309", Number.NaN],
    ["1e-400", Number.NaN],
    ["0x1p1024", Number.NaN],
    ["0x1.fffffffffffff8p1023", Number.NaN],
    ["0x1p-1075", Number.NaN],
  ])("%j", (text, value) => {
    const bytes = toBytes(`12${text}34`);
    expect(parseDouble(bytes, 2, text.length)).toBe(value);
    expect(parseDoubleText(text)).toBe(value);
  });

  test("short decimals read as the language reads them", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(5), (units, places) => {
        const text = (units / 10 ** places).toFixed(places);
        expect(parseDouble(toBytes(text), 0, text.length)).toBe(Number(text));
      }),
    );
  });

  test("refuses a long text of digits as fast as it is read", () => {
    // With two ways to share the digits out this would take hours.
    for (const text of [`${"1".repeat(1e6)}x`, `0x${"f".repeat(1e6)}g`]) {
      expect(parseDoubleText(text)).toBeNaN();
    }
  });
});
