// getfenv and setfenv.
import { checkInt, checkTable, optInt } from "./arguments.ts";
import { LuaFunction } from "./function.ts";
import type { Runtime } from "./runtime.ts";
import type { LuaValue, Results } from "./value.ts";

export function environmentFunctions(rt: Runtime): LuaFunction[] {
  /** The function meant by an argument; null for the native itself, or another one. */
  const functionOf = (value: LuaValue, level: number): LuaFunction | null => {
    if (value instanceof LuaFunction) return value;
    if (level < 0) rt.argError(1, "level must be non-negative");
    if (level === 0) return null;
    const f = rt.functionAt(level);
    return f === undefined ? rt.argError(1, "invalid level") : f;
  };
  return [
    rt.native("getfenv", function (value: LuaValue): Results {
      const isFunction = value instanceof LuaFunction;
      const level = isFunction ? 0 : optInt(rt, value, 1, arguments.length, 1);
      const f = functionOf(value, level);
      return f === null || f.prototype === null ? rt.globals : f.env;
    }),
    rt.native("setfenv", function (value: LuaValue, env: LuaValue): Results {
      const table = checkTable(rt, env, 2, arguments.length);
      const isFunction = value instanceof LuaFunction;
      const level = isFunction ? -1 : checkInt(rt, value, 1, arguments.length);
      const f = functionOf(value, level);
      if (!isFunction && rt.tonumber(value) === 0) {
        rt.globals = table;
        return [];
      }
      if (f === null || f.prototype === null) {
        return rt.error("'setfenv' cannot change environment of given object");
      }
      f.env = table;
      return f;
    }),
  ];
}
