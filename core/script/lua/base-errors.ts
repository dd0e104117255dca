// assert, error, pcall and xpcall.
import { checkAny, optInt, optString } from "./arguments.ts";
import { LuaError } from "./error.ts";
import { LuaFunction, type Request } from "./function.ts";
import { ANSWER_FIRST } from "./operations.ts";
import { PENDING_META, REQUEST_CALL } from "./pending.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import { all, first, type LuaValue, type Results } from "./value.ts";

export function errorFunctions(rt: Runtime): LuaFunction[] {
  return [
    rt.native("assert", function (value: LuaValue, message: LuaValue): Results {
      const count = arguments.length;
      checkAny(rt, 1, count);
      if (value === undefined || value === false) {
        const text = optString(rt, message, 2, count, "assertion failed!");
        rt.error(text.split("\0", 1)[0]);
      }
      if (count === 1) return value;
      const results: LuaValue[] = [];
      for (let i = 0; i < count; i++) results.push(arguments[i]);
      return results;
    }),
    rt.native("error", function (value: LuaValue, level: LuaValue): Results {
      const from = optInt(rt, level, 2, arguments.length, 1);
      if (from > 0 && (typeof value === "string" || typeof value === "number")) {
        rt.raise(rt.where(from) + rt.tostring(value));
      }
      return rt.raise(value);
    }),
    pcall(rt),
    xpcall(rt),
  ];
}

/** Goes back to a native's own place on the stack, for errors leave it where they were raised. */
function backTo(rt: Runtime, depth: number, nativeCalls: number, depthMax: number): void {
  rt.popTo(depth);
  rt.nativeCalls = nativeCalls;
  rt.depthMax = depthMax;
}

/**
 * pcall is Redis's own. Of an error that is a table it gives the text in `err`, as errors were texts
 * before Redis 7; when there is none, that nil is one more result. It checks no arguments, and
 * without any tries to call what it has put on the stack itself, the boolean.
 */
function pcall(rt: Runtime): LuaFunction {
  const answer = (error: LuaValue, text: LuaValue): Results =>
    typeof text === "string" || typeof text === "number" ? [false, text] : [false, error, text];
  return rt.native(
    "pcall",
    function (f: LuaValue, ...args: LuaValue[]): Results {
      const { depth, nativeCalls, depthMax, errorFunction } = rt;
      rt.errorFunction = undefined;
      try {
        const values = all(rt.call(arguments.length === 0 ? true : f, args));
        rt.errorFunction = errorFunction;
        return [true, ...values];
      } catch (error) {
        if (!(error instanceof LuaError)) throw error;
        rt.errorFunction = errorFunction;
        backTo(rt, depth, nativeCalls, depthMax);
        const { value } = error;
        if (!(value instanceof LuaTable)) return [false, value];
        return answer(value, rt.index(value, "err"));
      }
    },
    function* (f: LuaValue, ...args: LuaValue[]) {
      const { errorFunction } = rt;
      rt.errorFunction = undefined;
      let value: LuaValue;
      try {
        const values = all(yield* rt.callSuspendable(arguments.length === 0 ? true : f, args));
        rt.errorFunction = errorFunction;
        return [true, ...values];
      } catch (error) {
        if (!(error instanceof LuaError)) throw error;
        rt.errorFunction = errorFunction;
        value = error.value;
      }
      if (!(value instanceof LuaTable)) return [false, value];
      return answer(value, yield* rt.indexSuspendable(value, "err"));
    },
  );
}

/**
 * The handler runs on top of the stack as the error left it. Its own errors go to itself again,
 * until calls nest too deep.
 */
function xpcall(rt: Runtime): LuaFunction {
  const prepare = (error: LuaError, handler: LuaValue): boolean => {
    if (error.isFatal || !(handler instanceof LuaFunction)) return false;
    rt.depth = Math.max(rt.depth, error.depth);
    if (error.isNative) rt.pushNative();
    return true;
  };
  const FATAL = "error in error handling";
  return rt.native(
    "xpcall",
    function (f: LuaValue, handler: LuaValue): Results {
      checkAny(rt, 2, arguments.length);
      const { depth, nativeCalls, depthMax, errorFunction } = rt;
      rt.errorFunction = handler;
      let thrown: unknown;
      try {
        const values = all(rt.call(f, []));
        rt.errorFunction = errorFunction;
        return [true, ...values];
      } catch (error) {
        thrown = error;
      }
      rt.errorFunction = errorFunction;
      for (;;) {
        if (!(thrown instanceof LuaError)) throw thrown;
        let value: LuaValue = FATAL;
        try {
          if (prepare(thrown, handler)) {
            rt.countNativeCall();
            value = first((handler as LuaFunction).fast(thrown.value));
          }
          backTo(rt, depth, nativeCalls, depthMax);
          return [false, value];
        } catch (error) {
          thrown = error;
        }
      }
    },
    function* (f: LuaValue, handler: LuaValue): Generator<Request, Results, Results> {
      checkAny(rt, 2, arguments.length);
      const { depth, nativeCalls, depthMax, errorFunction } = rt;
      rt.errorFunction = handler;
      let thrown: unknown;
      try {
        const values = all(yield* rt.callSuspendable(f, []));
        rt.errorFunction = errorFunction;
        return [true, ...values];
      } catch (error) {
        thrown = error;
      }
      rt.errorFunction = errorFunction;
      for (let nested = 0; ; nested++) {
        if (!(thrown instanceof LuaError)) throw thrown;
        let value: LuaValue = FATAL;
        try {
          if (prepare(thrown, handler)) {
            rt.nativeCalls = nativeCalls + 1 + nested;
            rt.defer(handler, [thrown.value], ANSWER_FIRST, PENDING_META);
            value = first(yield REQUEST_CALL);
          }
          backTo(rt, depth, nativeCalls, depthMax);
          return [false, value];
        } catch (error) {
          thrown = error;
        }
      }
    },
  );
}
