// The engine for EVAL. Scripts find their keys and arguments in globals.
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { CommandCalls } from "./command-calls.ts";
import type { Random } from "./lib/random.ts";
import type { LuaFunction } from "./lua/function.ts";
import type { LuaTable } from "./lua/table.ts";
import { type LuaValue, NOTHING } from "./lua/value.ts";
import { addEvalFunctions, makeRedisTable, protect, refuseUnknownNames } from "./redis-api.ts";
import { ScriptEngine } from "./script-engine.ts";
import type { ScriptRun } from "./script-run.ts";

export class EvalEngine extends ScriptEngine {
  /** What scripts see first. */
  readonly globals: LuaTable;

  constructor(node: Node, run: ScriptRun, calls: CommandCalls, random: Random) {
    super(node, run, calls, random);
    const { runtime } = this;
    const { globals } = runtime;
    const redis = makeRedisTable(this);
    globals.setString("redis", redis);
    addEvalFunctions(this, redis);
    runtime.errorHandler = runtime.native("__redis__err__handler", (error: LuaValue) =>
      this.#errorTable(error),
    );
    globals.setString("__redis__err__handler", runtime.errorHandler);
    globals.setString("debug", undefined);
    refuseUnknownNames(runtime, globals);
    protect(globals);
    this.globals = globals;
  }

  /**
   * Globals are protected, KEYS and ARGV are new for every script. What is left are environments and
   * the metatable of strings, which scripts can change.
   */
  protected leavesNothing(main: LuaFunction): boolean {
    const { globals, stringMetatable } = this.runtime;
    if (main.env !== this.globals || globals !== this.globals) return false;
    return stringMetatable !== null && isUntouched(stringMetatable, globals);
  }

  /** Redis's handler of errors is a global that scripts can call. */
  #errorTable(error: LuaValue): LuaValue {
    if (typeof error === "object") return error;
    const table: LuaTable = this.runtime.table();
    table.setString("err", `ERR ${this.runtime.tostring(error)}`);
    return table;
  }

  bind(args: Args, keyCount: number): readonly LuaValue[] {
    const { globals } = this.runtime;
    const firstArgument = 3 + keyCount;
    globals.setString("KEYS", this.list(args, 3, firstArgument));
    globals.setString("ARGV", this.list(args, firstArgument, args.count));
    return NOTHING;
  }
}

/** The metatable of strings has one field, the library. */
function isUntouched(metatable: LuaTable, globals: LuaTable): boolean {
  const field = metatable.nextIndex(-1);
  if (field < 0 || metatable.valueAt(field) !== globals.getString("string")) return false;
  return metatable.metatable === null && metatable.nextIndex(field) < 0;
}
