// How Lua 5.1 chooses the sizes of a table's two parts: the array part is the largest power of 2
// of which more than half would be in use.
import type { LuaValue } from "./value.ts";

const MAX_BITS = 26;
const ARRAY_SIZE_MAX = 2 ** MAX_BITS;

/** How many integer keys lie in each slice (2^(i-1), 2^i]. */
export interface Counts {
  readonly slices: Int32Array;
  total: number;
}

/** The smallest b with 2^b >= n. */
export function log2Ceiling(n: number): number {
  return n <= 1 ? 0 : 32 - Math.clz32(n - 1);
}

const slices = new Int32Array(MAX_BITS + 1);

/** The counts of an array part; there is one counter, for one table at a time. */
export function arrayCounts(table: {
  readonly array: LuaValue[];
  readonly end: number;
  readonly dense: boolean;
}): Counts {
  const { array, dense } = table;
  slices.fill(0);
  const end = table.end - 1;
  let total = 0;
  let i = 1;
  for (let bits = 0; i <= end; bits++) {
    const limit = Math.min(2 ** bits, end);
    let used = limit - i + 1;
    if (dense) i = limit + 1;
    else for (; i <= limit; i++) if (array[i] === undefined) used--;
    slices[bits] = used;
    total += used;
  }
  return { slices, total };
}

export function countInteger(key: unknown, counts: Counts): void {
  if (typeof key !== "number" || key < 1 || key > ARRAY_SIZE_MAX || Math.floor(key) !== key) return;
  counts.slices[log2Ceiling(key)]++;
  counts.total++;
}

/** Adds the integer keys of a node part; answers with the number of all its keys. */
export function nodeCounts(nodes: readonly unknown[], counts: Counts): number {
  let used = 0;
  for (let at = 0; at < nodes.length; at += 4) {
    if (nodes[at + 1] === undefined) continue;
    countInteger(nodes[at], counts);
    used++;
  }
  return used;
}

/** The number of a node part's keys if none is a number, else -1: most tables are records. */
export function usedWithoutNumbers(nodes: readonly unknown[]): number {
  let used = 0;
  for (let at = 0; at < nodes.length; at += 4) {
    if (nodes[at + 1] === undefined) continue;
    if (typeof nodes[at] === "number") return -1;
    used++;
  }
  return used;
}

export function computeSizes(counts: Counts): { arraySize: number; inArray: number } {
  let below = 0;
  let arraySize = 0;
  let inArray = 0;
  for (let bits = 0, power = 1; power / 2 < counts.total; bits++, power *= 2) {
    const used = counts.slices[bits];
    if (used > 0) {
      below += used;
      if (below > power / 2) {
        arraySize = power;
        inArray = below;
      }
    }
    if (below === counts.total) break;
  }
  return { arraySize, inArray };
}

/** The size a constructor asks for: Lua keeps it in a byte, three bits and an exponent. */
export function constructorSize(count: number): number {
  let mantissa = count;
  let exponent = 0;
  while (mantissa >= 16) {
    mantissa = (mantissa + 1) >> 1;
    exponent++;
  }
  return mantissa * 2 ** exponent;
}
