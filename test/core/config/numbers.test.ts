import { describe, expect, test } from "vitest";
import {
  formatDecimal,
  formatMemory,
  parseCanonicalInteger,
  parseDecimal,
  parseLeadingInteger,
  parseMemory,
} from "../../../core/config/numbers.ts";

test.each<[text: string, value: bigint | null]>([
  ["0", 0n],
  ["-1", -1n],
  ["9223372036854775807", 9223372036854775807n],
  ["9223372036854775808", null],
  ["-9223372036854775808", -9223372036854775808n],
  ["-9223372036854775809", null],
  ["-0", null],
  ["01", null],
  ["+1", null],
  [" 1", null],
  ["1\n", null],
  ["", null],
  ["-", null],
])("parseCanonicalInteger(%j)", (text, value) => {
  expect(parseCanonicalInteger(text)).toBe(value);
});

test.each<[text: string, value: bigint | null]>([
  ["", 0n],
  ["0", 0n],
  ["100b", 100n],
  ["1k", 1000n],
  ["1KB", 1024n],
  ["2m", 2000000n],
  ["2Mb", 2097152n],
  ["3g", 3000000000n],
  ["3gB", 3221225472n],
  ["gb", 0n],
  ["1tb", null],
  ["-1", null],
  ["1 mb", null],
  ["1.5gb", null],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551616", 18446744073709551615n],
  ["17179869185gb", 1073741824n],
  ["9".repeat(127), 18446744073709551615n],
  ["9".repeat(128), null],
])("parseMemory(%j)", (text, value) => {
  expect(parseMemory(text)).toBe(value);
});

test.each<[text: string, base: 8 | 10, value: bigint, complete: boolean]>([
  ["", 10, 0n, true],
  ["12", 10, 12n, true],
  [" \t-12", 10, -12n, true],
  ["+7", 10, 7n, true],
  ["12x", 10, 12n, false],
  ["x", 10, 0n, false],
  [" ", 10, 0n, false],
  ["0755", 8, 0o755n, true],
  ["758", 8, 0o75n, false],
  ["-1", 8, -1n, true],
  ["99999999999999999999", 10, 9223372036854775807n, true],
  ["-99999999999999999999", 10, -9223372036854775808n, true],
])("parseLeadingInteger(%j, %i)", (text, base, value, complete) => {
  expect(parseLeadingInteger(text, base)).toMatchObject({ value, complete });
});

test.each<[bytes: bigint, text: string]>([
  [0n, "0"],
  [1023n, "1023"],
  [1024n, "1kb"],
  [1000000n, "1000000"],
  [10485760n, "10mb"],
  [3221225472n, "3gb"],
  [18446744073709551615n, "18446744073709551615"],
])("formatMemory(%s)", (bytes, text) => {
  expect(formatMemory(bytes)).toBe(text);
});

describe("decimals", () => {
  test.each<[text: string, value: number | null]>([
    ["50", 50],
    ["99.9", 99.9],
    [".5", 0.5],
    ["5.", 5],
    ["1e1", 10],
    ["-3", -3],
    ["0x10", 16],
    ["0x1.8p1", 3],
    ["inf", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["nan", null],
    ["", null],
    [" 5", null],
    ["5 ", null],
    ["1e", null],
    ["1e999", null],
    ["1e-999", null],
    ["0e-999", 0],
    ["x", null],
  ])("parseDecimal(%j)", (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  test.each<[value: number, text: string]>([
    [0, "0"],
    [100, "100"],
    [99.9, "99.9"],
    [33.3333333, "33.333333"],
    // Ties go to the even digit, as in C.
    [0.0078125, "0.007812"],
    [0.0234375, "0.023438"],
  ])("formatDecimal(%d)", (value, text) => {
    expect(formatDecimal(value)).toBe(text);
  });
});
