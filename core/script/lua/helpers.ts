// The functions compiled code calls that are no operations: loops, constructors, calls.
import { parseNumber } from "../lib/number-format.ts";
import { LuaFunction } from "./function.ts";
import { CALL, metamethod } from "./metatables.ts";
import { ANSWER_ALL } from "./operations.ts";
import { PENDING_CALL, PENDING_META, TAIL } from "./pending.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import type { FastBody, LuaValue, Results } from "./value.ts";

const LOOP_VALUES = ["initial value", "limit", "step"];

/** How a generic `for` runs: by calling its iterator, or over a table in place. */
const BY_CALLS = 0;
const BY_NEXT = 1;
const BY_INDEX = 2;

export function createHelpers(rt: Runtime): Record<string, unknown> {
  const { sites } = rt;
  return {
    callable: (value: LuaValue): FastBody => rt.callable(value),

    /** A list constructor: `items` has a hole in front. */
    newList(arraySize: number, items: LuaValue[]): LuaTable {
      const size = items.length - 1;
      const table = new LuaTable(rt, 0, 0);
      table.adoptList(items, size > arraySize ? size : arraySize);
      return table;
    },

    /** Stores the waiting items of a constructor's list from `from + 1` on. */
    flush(table: LuaTable, items: LuaValue[], from: number): void {
      table.reserveArray(from + items.length);
      for (let i = items.length; i > 0; i--) table.setNumber(from + i, items[i - 1]);
      items.length = 0;
    },

    setRaw(table: LuaTable, key: LuaValue, value: LuaValue, site: number): void {
      sites[rt.depth] = site;
      if (key === undefined) rt.runtimeError("table index is nil");
      if (Number.isNaN(key)) rt.runtimeError("table index is NaN");
      table.set(key, value);
    },

    /** The table `arg` of a vararg function that does not use `...`. */
    argTable(args: LuaValue[]): LuaTable {
      const table = new LuaTable(rt, args.length, 1);
      for (let i = 0; i < args.length; i++) table.setNumber(i + 1, args[i]);
      table.setString("n", args.length);
      return table;
    },

    loopNumber(value: LuaValue, which: number, site: number): number {
      const number = typeof value === "string" ? parseNumber(value) : undefined;
      if (number !== undefined) return number;
      sites[rt.depth] = site;
      return rt.runtimeError(`'for' ${LOOP_VALUES[which]} must be a number`);
    },

    iteration(f: LuaValue, state: LuaValue, control: LuaValue): number {
      if (!(state instanceof LuaTable)) return BY_CALLS;
      if (f === rt.next && control === undefined) return BY_NEXT;
      return f === rt.ipairsNext && control === 0 ? BY_INDEX : BY_CALLS;
    },

    /** The place after `place`, which is where the key `control` was. */
    nextPlace(table: LuaTable, place: number, control: LuaValue, site: number): number {
      let at = place;
      if (at >= 0 && table.keyAt(at) !== control) {
        at = table.indexOf(control);
        if (at < -1) {
          sites[rt.depth] = site;
          rt.raise("invalid key to 'next'");
        }
      }
      return table.nextIndex(at);
    },

    // -- generators only ------------------------------------------------------------------------

    call(f: LuaValue, args: LuaValue[], site: number): Results {
      sites[rt.depth] = site;
      if (isDirect(f)) return f.fast(...args);
      return rt.defer(f, args, ANSWER_ALL, PENDING_CALL);
    },

    callIterator(f: LuaValue, state: LuaValue, control: LuaValue, site: number): Results {
      sites[rt.depth] = site;
      if (isDirect(f)) {
        rt.countNativeCall();
        const results = f.fast(state, control);
        rt.nativeCalls--;
        return results;
      }
      return rt.defer(f, [state, control], ANSWER_ALL, PENDING_META);
    },

    tail(f: LuaValue, args: LuaValue[], site: number): Results | typeof TAIL {
      sites[rt.depth] = site;
      if (isDirect(f)) return f.fast(...args);
      if (f instanceof LuaFunction) rt.defer(f, args, ANSWER_ALL, PENDING_CALL);
      else {
        const handler = metamethod(rt, f, CALL);
        if (!(handler instanceof LuaFunction)) rt.operandError("call", f, 1);
        rt.defer(handler, [f, ...args], ANSWER_ALL, PENDING_CALL);
      }
      return TAIL;
    },
  };
}

/** Natives that call nothing need no frame. */
function isDirect(f: LuaValue): f is LuaFunction {
  return f instanceof LuaFunction && f.prototype === null && f.suspendable === null;
}
