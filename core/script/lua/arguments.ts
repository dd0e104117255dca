// Checks of a native's arguments, with the texts of Lua's auxiliary library: "bad argument #1 to
// 'insert' (table expected, got nil)". Arguments are numbered from 1; `count` is how many were
// passed (`arguments.length`), for a missing argument is "no value" instead of nil.
//
// Where Lua takes a string it takes a number too, and where it takes a number, a string that reads
// as one.
import { formatNumber, parseNumber } from "../lib/number-format.ts";
import { LuaFunction } from "./function.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import type { LuaValue } from "./value.ts";

const TWO_31 = 0x80000000;
const TWO_63 = 0x8000000000000000;

/** "table expected, got nil" */
export function typeError(
  rt: Runtime,
  n: number,
  expected: string,
  value: LuaValue,
  count: number,
): never {
  return rt.argError(n, `${expected} expected, got ${n > count ? "no value" : rt.typeName(value)}`);
}

export function checkString(rt: Runtime, value: LuaValue, n: number, count: number): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value);
  return typeError(rt, n, "string", value, count);
}

/** A string, or `missing` for nil and no value. */
export function optString(
  rt: Runtime,
  value: LuaValue,
  n: number,
  count: number,
  missing: string,
): string {
  return value === undefined ? missing : checkString(rt, value, n, count);
}

export function checkNumber(rt: Runtime, value: LuaValue, n: number, count: number): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" ? parseNumber(value) : undefined;
  return number === undefined ? typeError(rt, n, "number", value, count) : number;
}

/** A number as the 64-bit integer that x86-64 makes of it: see `toInteger`. */
export function checkInteger(rt: Runtime, value: LuaValue, n: number, count: number): number {
  return toInteger(typeof value === "number" ? value : checkNumber(rt, value, n, count));
}

/** The integer, or `missing` for nil and no value. */
export function optInteger(
  rt: Runtime,
  value: LuaValue,
  n: number,
  count: number,
  missing: number,
): number {
  return value === undefined ? missing : checkInteger(rt, value, n, count);
}

/** The lower 32 bits, signed, of the 64-bit integer. */
export function checkInt(rt: Runtime, value: LuaValue, n: number, count: number): number {
  return toInt(typeof value === "number" ? value : checkNumber(rt, value, n, count));
}

/** The int, or `missing` for nil and no value. */
export function optInt(
  rt: Runtime,
  value: LuaValue,
  n: number,
  count: number,
  missing: number,
): number {
  return value === undefined ? missing : checkInt(rt, value, n, count);
}

export function checkTable(rt: Runtime, value: LuaValue, n: number, count: number): LuaTable {
  return value instanceof LuaTable ? value : typeError(rt, n, "table", value, count);
}

export function checkFunction(rt: Runtime, value: LuaValue, n: number, count: number): LuaFunction {
  return value instanceof LuaFunction ? value : typeError(rt, n, "function", value, count);
}

/** Any value, nil too, but there must be one. */
export function checkAny(rt: Runtime, n: number, count: number): void {
  if (n > count) rt.argError(n, "value expected");
}

/**
 * A double as a 64-bit integer: without its fraction; -2^63 for all that does not fit. Integers
 * beyond 2^53 are as exact as the double was.
 */
export function toInteger(value: number): number {
  // Adding zero turns -0 into 0.
  if (value < TWO_63 && value >= -TWO_63) return Math.trunc(value) + 0;
  return -TWO_63;
}

/** A double as C's (int)(int64_t): the lower 32 bits of `toInteger`. */
export function toInt(value: number): number {
  const int = value | 0;
  if (int === value) return int;
  // The operator takes numbers modulo 2^32, also those that are no 64-bit integers.
  return value < TWO_63 && value >= -TWO_63 ? int : 0;
}

/** A double as C's (int): -2^31 for all that does not fit. */
export function toIntDirectly(value: number): number {
  return value < TWO_31 && value > -TWO_31 - 1 ? value | 0 : -TWO_31;
}
