// Whether a function may see in one call what an earlier call has left.
import { LuaFunction, type Upvalue } from "./lua/function.ts";
import { LuaTable } from "./lua/table.ts";

/**
 * True when the function can reach a variable that changes, or a table, through its upvalues. False
 * is certain, true is not: a table may be a constant in fact.
 */
export function mayKeepState(f: LuaFunction, seen: Set<LuaFunction> = new Set()): boolean {
  if (seen.has(f)) return false;
  seen.add(f);
  return f.upvalues.some((upvalue) => keeps(upvalue, seen));
}

function keeps(upvalue: Upvalue, seen: Set<LuaFunction>): boolean {
  if (typeof upvalue !== "object") return false;
  if (upvalue instanceof LuaFunction) return mayKeepState(upvalue, seen);
  if (upvalue instanceof LuaTable) return !upvalue.readonly;
  return true;
}
