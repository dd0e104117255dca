// load and loadstring.
import { checkFunction, checkString, optString } from "./arguments.ts";
import { LuaError } from "./error.ts";
import type { LuaFunction } from "./function.ts";
import type { Runtime } from "./runtime.ts";
import { first, type LuaValue, type Results } from "./value.ts";

export function loadFunctions(rt: Runtime): LuaFunction[] {
  const caught = (error: unknown): Results => {
    if (!(error instanceof LuaError)) throw error;
    return [undefined, error.value];
  };
  const compile = (source: string, name: string): Results => {
    rt.spend(source.length >> 4);
    try {
      return rt.compile(source, name);
    } catch (error) {
      return caught(error);
    }
  };
  /** A reader's error goes through the handler that is in force around the call of load. */
  const handled = (error: LuaError): LuaValue =>
    rt.errorFunction === undefined ? error.value : first(rt.call(rt.errorFunction, [error.value]));
  /** A piece that a reader gave; null at the end. */
  const piece = (value: LuaValue): string | null => {
    if (value === undefined || value === "") return null;
    if (typeof value === "string") return value;
    if (typeof value === "number") return rt.tostring(value);
    return rt.error("reader function must return a string");
  };
  return [
    rt.native("loadstring", function (source: LuaValue, name: LuaValue): Results {
      const text = checkString(rt, source, 1, arguments.length);
      return compile(text, optString(rt, name, 2, arguments.length, text));
    }),
    rt.native(
      "load",
      function (reader: LuaValue, name: LuaValue): Results {
        const chunkName = optString(rt, name, 2, arguments.length, "=(load)");
        checkFunction(rt, reader, 1, arguments.length);
        const { depth, nativeCalls, depthMax } = rt;
        let source = "";
        try {
          for (let text = piece(first(rt.call(reader, []))); text !== null; ) {
            source += text;
            text = piece(first(rt.call(reader, [])));
          }
        } catch (error) {
          if (!(error instanceof LuaError)) throw error;
          rt.popTo(depth);
          rt.nativeCalls = nativeCalls;
          rt.depthMax = depthMax;
          return [undefined, handled(error)];
        }
        return compile(source, chunkName);
      },
      function* (reader: LuaValue, name: LuaValue) {
        const chunkName = optString(rt, name, 2, arguments.length, "=(load)");
        checkFunction(rt, reader, 1, arguments.length);
        let source = "";
        try {
          for (let text = piece(first(yield* rt.callSuspendable(reader, []))); text !== null; ) {
            source += text;
            text = piece(first(yield* rt.callSuspendable(reader, [])));
          }
        } catch (error) {
          if (!(error instanceof LuaError)) throw error;
          return [undefined, handled(error)];
        }
        return compile(source, chunkName);
      },
    ),
  ];
}
