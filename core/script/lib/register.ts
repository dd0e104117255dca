// Puts libraries into a runtime's global variables. The order in which functions are registered is
// Redis's: scripts see it in the order of `pairs`.
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";

/** A library with the functions under the names they were made with. */
export function register(rt: Runtime, name: string, functions: readonly LuaFunction[]): LuaTable {
  const library = rt.table(0, functions.length);
  rt.globals.setString(name, library);
  for (const native of functions) library.setString(native.name, native);
  return library;
}
