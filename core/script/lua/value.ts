// Lua's values as JavaScript's, and the conventions by which compiled code and libraries call each other.
//
//   nil       undefined                 boolean   true, false
//   number    number (a double)         string    string of one character per byte
//   table     LuaTable (table.ts)       function  LuaFunction
//   thread    LuaThread (thread.ts)     userdata  LuaUserdata
//
// Calls. A function's `fast` takes its arguments as JavaScript arguments; a missing argument is an
// argument that was not passed (`arguments.length` tells), as "no value" differs from nil in messages.
// It answers with its one result, or with an Array of all results when there are none or several:
// no Lua value is an Array, so `first(result)` and `all(result)` tell them apart. NOTHING is the
// array of no results.
//
// `suspendable` is the same function as a generator: code that must be able to stop in the middle
// (coroutines, scripts that run for long) runs on it. Natives that call no functions need none.
import type { LuaFunction } from "./function.ts";
import type { LuaTable } from "./table.ts";

export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction | LuaObject;

/** One result, or the array of all results when there are none or several. */
export type Results = LuaValue | LuaValue[];

export const NOTHING: LuaValue[] = [];

/** The first result, nil when there is none. */
export function first(results: Results): LuaValue {
  return Array.isArray(results) ? results[0] : results;
}

/** All results as an array, which must not be changed. */
export function all(results: Results): readonly LuaValue[] {
  return Array.isArray(results) ? results : [results];
}

/** Results from an array of any length. */
export function results(values: LuaValue[]): Results {
  return values.length === 1 ? values[0] : values;
}

// biome-ignore lint/suspicious/noExplicitAny: arguments are checked by the callee, as in Lua.
export type FastBody = (...args: any[]) => Results;

/** Threads and userdata: values that are only themselves. */
export abstract class LuaObject {
  abstract readonly typeName: "thread" | "userdata";
  /** The object's number: its hash and its address in texts. */
  readonly id: number;
  metatable: LuaTable | null = null;

  constructor(heap: { objectCount: number }) {
    this.id = ++heap.objectCount;
  }
}

export class LuaUserdata extends LuaObject {
  readonly typeName = "userdata";
}
