// The table library. Everything is raw here: metatables are not asked.
import { checkFunction, checkInt, checkTable, optInt, optString } from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import { first, type LuaValue, NOTHING, type Results } from "../lua/value.ts";
import { formatNumber } from "./number-format.ts";
import { quicksort } from "./quicksort.ts";
import { register } from "./register.ts";
import { Sort } from "./sort.ts";
import { outOfMemory, STRING_BYTES_MAX } from "./string-limit.ts";

/** After so many steps of a loop the runtime is told. */
const STEPS = 4096;

export function openTable(rt: Runtime): void {
  const [foreach, foreachi] = visitFunctions(rt);
  const [getn, maxn, setn] = sizeFunctions(rt);
  const [insert, remove] = shiftFunctions(rt);
  register(rt, "table", [
    concatFunction(rt),
    foreach,
    foreachi,
    getn,
    maxn,
    insert,
    remove,
    setn,
    sortFunction(rt),
  ]);
}

function concatFunction(rt: Runtime): LuaFunction {
  return rt.native(
    "concat",
    function (list: LuaValue, sep: LuaValue, from: LuaValue, to: LuaValue): Results {
      const count = arguments.length;
      const separator = optString(rt, sep, 2, count, "");
      const table = checkTable(rt, list, 1, count);
      const start = optInt(rt, from, 3, count, 1);
      const end = to === undefined ? table.length() : checkInt(rt, to, 4, count);
      let text = "";
      for (let i = start; i <= end; i++) {
        const value = table.getNumber(i);
        if (typeof value === "string") text += value;
        else if (typeof value === "number") text += formatNumber(value);
        else {
          const type = rt.typeName(value);
          rt.error(`invalid value (${type}) at index ${i} in table for 'concat'`);
        }
        if (i < end) text += separator;
        if (i % STEPS === 0) rt.spend(STEPS);
        if (text.length > STRING_BYTES_MAX / 2) checkRoom(rt, text, separator, table, i);
      }
      rt.allocated += text.length;
      return text;
    },
  );
}

/** A text that is already long must not outgrow what a string can hold with its next part. */
function checkRoom(rt: Runtime, text: string, separator: string, list: LuaTable, i: number): void {
  const next = list.getNumber(i + 1);
  const added = typeof next === "string" ? next.length : 0;
  if (text.length + added + separator.length > STRING_BYTES_MAX) outOfMemory(rt);
}

function visitFunctions(rt: Runtime): LuaFunction[] {
  const foreach = rt.native(
    "foreach",
    function (list: LuaValue, f: LuaValue): Results {
      const table = checkTable(rt, list, 1, arguments.length);
      const visit = checkFunction(rt, f, 2, arguments.length);
      for (let i = table.nextIndex(-1); i >= 0; ) {
        const key = table.keyAt(i);
        const result = first(rt.call2(visit, key, table.valueAt(i)));
        if (result !== undefined) return result;
        i = indexAfter(rt, table, key);
      }
      return NOTHING;
    },
    function* (list: LuaValue, f: LuaValue) {
      const table = checkTable(rt, list, 1, arguments.length);
      const visit = checkFunction(rt, f, 2, arguments.length);
      for (let i = table.nextIndex(-1); i >= 0; ) {
        const key = table.keyAt(i);
        const result = first(yield* rt.callSuspendable(visit, [key, table.valueAt(i)]));
        if (result !== undefined) return result;
        i = indexAfter(rt, table, key);
      }
      return NOTHING;
    },
  );

  const foreachi = rt.native(
    "foreachi",
    function (list: LuaValue, f: LuaValue): Results {
      const table = checkTable(rt, list, 1, arguments.length);
      const length = table.length();
      const visit = checkFunction(rt, f, 2, arguments.length);
      for (let i = 1; i <= length; i++) {
        const result = first(rt.call2(visit, i, table.getNumber(i)));
        if (result !== undefined) return result;
      }
      return NOTHING;
    },
    function* (list: LuaValue, f: LuaValue) {
      const table = checkTable(rt, list, 1, arguments.length);
      const length = table.length();
      const visit = checkFunction(rt, f, 2, arguments.length);
      for (let i = 1; i <= length; i++) {
        const result = first(yield* rt.callSuspendable(visit, [i, table.getNumber(i)]));
        if (result !== undefined) return result;
      }
      return NOTHING;
    },
  );
  return [foreach, foreachi];
}

function sizeFunctions(rt: Runtime): LuaFunction[] {
  const getn = rt.native("getn", function (list: LuaValue): Results {
    return checkTable(rt, list, 1, arguments.length).length();
  });

  const maxn = rt.native("maxn", function (list: LuaValue): Results {
    const table = checkTable(rt, list, 1, arguments.length);
    let max = 0;
    for (let i = table.nextIndex(-1); i >= 0; i = table.nextIndex(i)) {
      const key = table.keyAt(i);
      if (typeof key === "number" && key > max) max = key;
    }
    return max;
  });

  const setn = rt.native("setn", function (list: LuaValue): Results {
    checkTable(rt, list, 1, arguments.length);
    return rt.error("'setn' is obsolete");
  });
  return [getn, maxn, setn];
}

function shiftFunctions(rt: Runtime): LuaFunction[] {
  function set(table: LuaTable, index: number, value: LuaValue): void {
    if (table.readonly) rt.rawset(table, index, value);
    else table.setNumber(index, value);
  }

  /** Where the value goes: to the end unless there are three arguments. */
  function insertAt(table: LuaTable, count: number, position: LuaValue): number {
    if (count === 2) return table.length() + 1;
    if (count !== 3) rt.error("wrong number of arguments to 'insert'");
    return checkInt(rt, position, 2, count);
  }

  const insert = rt.native(
    "insert",
    function (list: LuaValue, a: LuaValue, b: LuaValue): Results {
      const count = arguments.length;
      const table = checkTable(rt, list, 1, count);
      const at = insertAt(table, count, a);
      for (let i = count === 2 ? at : table.length() + 1; i > at; i--) {
        set(table, i, table.getNumber(i - 1));
        if (i % STEPS === 0) rt.spend(STEPS);
      }
      set(table, at, count === 2 ? a : b);
      return NOTHING;
    },
    function* (list: LuaValue, a: LuaValue, b: LuaValue) {
      const count = arguments.length;
      const table = checkTable(rt, list, 1, count);
      const at = insertAt(table, count, a);
      // A position far below 1 moves nothing for a long time.
      for (let i = count === 2 ? at : table.length() + 1; i > at; i--) {
        set(table, i, table.getNumber(i - 1));
        if (i % STEPS === 0) yield* rt.spendSuspendable(STEPS);
      }
      set(table, at, count === 2 ? a : b);
      return NOTHING;
    },
  );

  const remove = rt.native("remove", function (list: LuaValue, position: LuaValue): Results {
    const table = checkTable(rt, list, 1, arguments.length);
    const end = table.length();
    const at = optInt(rt, position, 2, arguments.length, end);
    if (at < 1 || at > end) return NOTHING;
    const removed = table.getNumber(at);
    for (let i = at; i < end; i++) {
      set(table, i, table.getNumber(i + 1));
      if (i % STEPS === 0) rt.spend(STEPS);
    }
    set(table, end, undefined);
    return removed;
  });
  return [insert, remove];
}

function sortFunction(rt: Runtime): LuaFunction {
  /** The number of values to sort. */
  function check(list: LuaValue, comparator: LuaValue, count: number): number {
    const length = checkTable(rt, list, 1, count).length();
    if (comparator !== undefined) checkFunction(rt, comparator, 2, count);
    rt.spend(length);
    return length;
  }

  return rt.native(
    "sort",
    function (list: LuaTable, comparator: LuaFunction | undefined): Results {
      const length = check(list, comparator, arguments.length);
      quicksort(rt, list, length, comparator);
      return NOTHING;
    },
    function* (list: LuaTable, comparator: LuaFunction | undefined) {
      const sort = new Sort(rt, list, check(list, comparator, arguments.length));
      let isLess = false;
      while (sort.next(isLess)) {
        const { first: a, second: b } = sort;
        if (comparator === undefined) {
          isLess =
            typeof a === "number" && typeof b === "number"
              ? a < b
              : yield* rt.lessThanSuspendable(a, b);
        } else {
          const answer = first(yield* rt.callSuspendable(comparator, [a, b]));
          isLess = answer !== undefined && answer !== false;
        }
      }
      return NOTHING;
    },
  );
}

/** The entry after a key's, which the call in between may have moved. */
function indexAfter(rt: Runtime, table: LuaTable, key: LuaValue): number {
  const index = table.indexOf(key);
  if (index < -1) rt.raise("invalid key to 'next'");
  return table.nextIndex(index);
}
