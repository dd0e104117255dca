// table.sort where nothing has to stop in the middle: the algorithm of sort.ts, comparison by
// comparison, as one function. Numbers alone are sorted by the platform: there, no order of equal
// ones can be told from another.
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import { type FastBody, first, type LuaValue } from "../lua/value.ts";

/** Fewer are not worth a copy. */
const NUMBERS_MIN = 16;
const INVALID_ORDER = "invalid order function for sorting";

/** Sorts t[1] … t[length]. */
export function quicksort(
  rt: Runtime,
  table: LuaTable,
  length: number,
  comparator: LuaFunction | undefined,
): void {
  if (comparator === undefined && length >= NUMBERS_MIN && sortNumbers(table, length)) return;
  if (length < 2) return;
  // One frame for all calls of the comparator; what fails here must not see it (`leave`).
  if (comparator !== undefined) rt.enterNative();
  sortParts(rt, table, length, comparator === undefined ? null : comparator.fast);
  if (comparator !== undefined) rt.leaveNative();
}

function sortParts(
  rt: Runtime,
  table: LuaTable,
  length: number,
  comparator: FastBody | null,
): void {
  /** The larger parts that wait until the smaller ones are sorted: pairs of lower and upper. */
  const waiting: number[] = [];
  let l = 1;
  let u = length;
  for (;;) {
    const middle = l < u ? partition(rt, table, l, u, comparator) : 0;
    if (middle === 0) {
      if (waiting.length === 0) return;
      u = waiting.pop() as number;
      l = waiting.pop() as number;
    } else if (middle - l < u - middle) {
      waiting.push(middle + 1, u);
      u = middle - 1;
    } else {
      waiting.push(l, middle - 1);
      l = middle + 1;
    }
  }
}

/** Puts a pivot in its place, smaller ones before it. Answers with that place, 0 when all is sorted. */
function partition(
  rt: Runtime,
  table: LuaTable,
  l: number,
  u: number,
  comparator: FastBody | null,
): number {
  const lower = get(table, l);
  const upper = get(table, u);
  if (isLess(rt, comparator, upper, lower)) swap(rt, table, comparator, l, upper, u, lower);
  if (u - l === 1) return 0;
  let i = (l + u) >>> 1;
  const middle = get(table, i);
  const least = get(table, l);
  if (isLess(rt, comparator, middle, least)) swap(rt, table, comparator, i, least, l, middle);
  else {
    const most = get(table, u);
    if (isLess(rt, comparator, most, middle)) swap(rt, table, comparator, i, most, u, middle);
  }
  if (u - l === 2) return 0;
  const pivot = get(table, i);
  swap(rt, table, comparator, i, get(table, u - 1), u - 1, pivot);
  i = l;
  let j = u - 1;
  for (;;) {
    let left = get(table, ++i);
    while (isLess(rt, comparator, left, pivot)) {
      if (i > u) invalidOrder(rt, comparator);
      left = get(table, ++i);
    }
    let right = get(table, --j);
    while (isLess(rt, comparator, pivot, right)) {
      if (j < l) invalidOrder(rt, comparator);
      right = get(table, --j);
    }
    if (j < i) break;
    swap(rt, table, comparator, i, right, j, left);
  }
  const last = get(table, u - 1);
  swap(rt, table, comparator, u - 1, get(table, i), i, last);
  return i;
}

/** A comparator may change the table, so nothing of it is kept between two accesses. */
function get(table: LuaTable, index: number): LuaValue {
  if (index > 0 && index < table.end) {
    const value = table.array[index];
    if (value !== undefined) return value;
  }
  return table.getNumber(index);
}

function swap(
  rt: Runtime,
  table: LuaTable,
  comparator: FastBody | null,
  i: number,
  atI: LuaValue,
  j: number,
  atJ: LuaValue,
): void {
  if (!isPlainSet(table, i, atI) || !isPlainSet(table, j, atJ)) {
    if (comparator !== null) rt.leaveNative();
    rt.rawset(table, i, atI);
    rt.rawset(table, j, atJ);
    if (comparator !== null) rt.enterNative();
    return;
  }
  table.array[i] = atI;
  table.array[j] = atJ;
}

/** Whether the value can be put there without any consequences. */
function isPlainSet(table: LuaTable, index: number, value: LuaValue): boolean {
  if (table.readonly || value === undefined || index < 1 || index >= table.end) return false;
  return table.array[index] !== undefined;
}

function invalidOrder(rt: Runtime, comparator: FastBody | null): never {
  if (comparator !== null) rt.leaveNative();
  return rt.error(INVALID_ORDER);
}

function isLess(rt: Runtime, comparator: FastBody | null, a: LuaValue, b: LuaValue): boolean {
  if (comparator !== null) {
    const results = comparator(a, b);
    if (results === true) return true;
    const answer = first(results);
    return answer !== undefined && answer !== false;
  }
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return a < b;
  return rt.lessThan(a, b);
}

/** False when the values are not all numbers whose order is told by `<` alone. */
function sortNumbers(table: LuaTable, length: number): boolean {
  const { array } = table;
  if (table.readonly || length >= table.end) return false;
  let areIntegers = true;
  for (let i = 1; i <= length; i++) {
    const value = array[i];
    if (typeof value !== "number" || Number.isNaN(value) || Object.is(value, -0)) return false;
    if ((value | 0) !== value) areIntegers = false;
  }
  // Integers that stay integers keep the array one of integers.
  const copy = areIntegers ? new Int32Array(length) : new Float64Array(length);
  for (let i = 0; i < length; i++) copy[i] = array[i + 1] as number;
  copy.sort();
  for (let i = 0; i < length; i++) array[i + 1] = copy[i];
  return true;
}
