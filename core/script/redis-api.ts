// The table `redis` of scripts, and what protects Lua's globals from them.
//
// Names are added in the order in which Redis adds them: `pairs(redis)` shows it.
import { cString } from "../commands/errors.ts";
import { TO_ALL, TO_AOF, TO_REPLICAS } from "../node/propagation.ts";
import { toBytes } from "../util/bytes.ts";
import { sha1Hex } from "../util/sha1.ts";
import { REDIS_VERSION } from "../version.ts";
import { formatNumber } from "./lib/number-format.ts";
import type { Runtime } from "./lua/runtime.ts";
import { LuaTable } from "./lua/table.ts";
import { type LuaValue, NOTHING, type Results } from "./lua/value.ts";
import { errorText } from "./reply-to-lua.ts";
import type { ScriptEngine } from "./script-engine.ts";

const LOG_LEVELS = ["debug", "verbose", "notice", "warning"] as const;

export const NO_ARGUMENTS = "Please specify at least one argument for this redis lib call";
export const WRONG_ARGUMENTS = "Lua redis lib command arguments must be strings or integers";

/** The table of an error that is not counted yet: `text` without a code gets ERR. */
export function errorTable(rt: Runtime, text: string): LuaTable {
  rt.onErrorTable?.(text);
  const table = rt.table();
  table.setString("err", text.startsWith("-") ? errorText(text.slice(1)) : `ERR ${text}`);
  return table;
}

/** Makes the table `redis` of scripts that run. */
export function makeRedisTable(engine: ScriptEngine): LuaTable {
  const rt = engine.runtime;
  const redis = rt.table();
  addCalls(engine, redis);
  addLog(engine, redis);
  addVersion(redis);
  addNative(rt, redis, "setresp", (...args) => setResp(engine, args));
  addNative(rt, redis, "sha1hex", (...args) => {
    if (args.length !== 1) rt.raise(errorTable(rt, "wrong number of arguments"));
    return sha1Hex(toBytes(textOf(args[0]) ?? ""));
  });
  addNative(rt, redis, "error_reply", (...args) => {
    const text = onlyText(args);
    if (text === null) return errorTable(rt, "wrong number or type of arguments");
    return errorTable(rt, text.startsWith("-") ? text : `-${text}`);
  });
  addNative(rt, redis, "status_reply", (...args) => {
    const text = onlyText(args);
    if (text === null) return errorTable(rt, "wrong number or type of arguments");
    const table = rt.table();
    table.setString("ok", text);
    return table;
  });
  addNative(rt, redis, "set_repl", (...args) => setRepl(engine, args));
  redis.setString("REPL_NONE", 0);
  redis.setString("REPL_AOF", TO_AOF);
  redis.setString("REPL_SLAVE", TO_REPLICAS);
  redis.setString("REPL_REPLICA", TO_REPLICAS);
  redis.setString("REPL_ALL", TO_ALL);
  addNative(rt, redis, "acl_check_cmd", (...args) => aclCheck(engine, args));
  return redis;
}

/** What scripts of EVAL have besides. */
export function addEvalFunctions(engine: ScriptEngine, redis: LuaTable): void {
  const rt = engine.runtime;
  addNative(rt, redis, "breakpoint", () => false);
  addNative(rt, redis, "debug", () => NOTHING);
  addNative(rt, redis, "replicate_commands", () => true);
}

/** The table `redis` that a library has while it is loaded. */
export function makeLoadTable(
  engine: ScriptEngine,
  register: (...args: LuaValue[]) => Results,
): LuaTable {
  const redis = engine.runtime.table();
  addNative(engine.runtime, redis, "register_function", register);
  addLog(engine, redis);
  addVersion(redis);
  return redis;
}

function addNative(
  rt: Runtime,
  table: LuaTable,
  name: string,
  body: (...args: LuaValue[]) => Results,
): void {
  table.setString(name, rt.native(name, body));
}

// -- commands -------------------------------------------------------------------------------------

/** redis.call and redis.pcall: the hot path, so each is one function that keeps no arguments. */
function addCalls(engine: ScriptEngine, redis: LuaTable): void {
  const rt = engine.runtime;
  const { calls, toLua } = engine;
  redis.setString(
    "call",
    rt.native("call", function call(): Results {
      calls.begin();
      const count = arguments.length;
      for (let i = 0; i < count; i++) {
        if (!calls.add(arguments[i])) return rt.raise(errorTable(rt, WRONG_ARGUMENTS));
      }
      if (count === 0) return rt.raise(errorTable(rt, NO_ARGUMENTS));
      engine.execute();
      const value = toLua.convert(calls.replyBytes, calls.replyStart);
      return calls.isError ? rt.raise(value) : value;
    }),
  );
  redis.setString(
    "pcall",
    rt.native("pcall", function pcall(): Results {
      calls.begin();
      const count = arguments.length;
      for (let i = 0; i < count; i++) {
        if (!calls.add(arguments[i])) return errorTable(rt, WRONG_ARGUMENTS);
      }
      if (count === 0) return errorTable(rt, NO_ARGUMENTS);
      engine.execute();
      return toLua.convert(calls.replyBytes, calls.replyStart);
    }),
  );
}

/** redis.acl_check_cmd(name, …): whether the caller may execute the command. */
function aclCheck(engine: ScriptEngine, args: readonly LuaValue[]): Results {
  const rt = engine.runtime;
  const { calls } = engine;
  calls.begin();
  for (const arg of args) {
    if (!calls.add(arg)) rt.raise(errorTable(rt, WRONG_ARGUMENTS));
  }
  if (args.length === 0) rt.raise(errorTable(rt, NO_ARGUMENTS));
  if (calls.resolve() === null) {
    rt.raise(errorTable(rt, "Invalid command passed to redis.acl_check_cmd()"));
  }
  return true;
}

// -- settings and log -----------------------------------------------------------------------------

function setResp(engine: ScriptEngine, args: readonly LuaValue[]): Results {
  const rt = engine.runtime;
  if (args.length !== 1) rt.raise(errorTable(rt, "redis.setresp() requires one argument."));
  const resp = integerOf(rt, args[0]);
  if (resp !== 2 && resp !== 3) rt.raise(errorTable(rt, "RESP version must be 2 or 3."));
  engine.run.resp = resp;
  return NOTHING;
}

function setRepl(engine: ScriptEngine, args: readonly LuaValue[]): Results {
  const rt = engine.runtime;
  if (args.length !== 1) rt.raise(errorTable(rt, "redis.set_repl() requires one argument."));
  const targets = integerOf(rt, args[0]);
  if ((targets & ~TO_ALL) !== 0) {
    rt.raise(
      errorTable(
        rt,
        "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.",
      ),
    );
  }
  engine.run.targets = targets;
  return NOTHING;
}

function addLog(engine: ScriptEngine, redis: LuaTable): void {
  addNative(engine.runtime, redis, "log", (...args) => log(engine, args));
  redis.setString("LOG_DEBUG", 0);
  redis.setString("LOG_VERBOSE", 1);
  redis.setString("LOG_NOTICE", 2);
  redis.setString("LOG_WARNING", 3);
}

function log(engine: ScriptEngine, args: readonly LuaValue[]): Results {
  const rt = engine.runtime;
  if (args.length < 2) {
    rt.raise(errorTable(rt, "redis.log() requires two arguments or more."));
  }
  if (rt.tonumber(args[0]) === undefined) {
    rt.raise(errorTable(rt, "First argument must be a number (log level)."));
  }
  const level = LOG_LEVELS[integerOf(rt, args[0])];
  if (level === undefined) rt.raise(errorTable(rt, "Invalid log level."));
  let text = "";
  for (let i = 1; i < args.length; i++) {
    const word = textOf(args[i]);
    if (word !== null) text += i === 1 ? word : ` ${word}`;
  }
  engine.log(level, text);
  return NOTHING;
}

function addVersion(redis: LuaTable): void {
  const [major, minor, patch] = REDIS_VERSION.split(".").map(Number);
  redis.setString("REDIS_VERSION_NUM", (major << 16) | (minor << 8) | patch);
  redis.setString("REDIS_VERSION", REDIS_VERSION);
}

// -- protection -----------------------------------------------------------------------------------

/** Reading a name that the table does not have becomes an error. */
export function refuseUnknownNames(rt: Runtime, table: LuaTable): void {
  const metatable = rt.table();
  metatable.setString(
    "__index",
    rt.native("__index", (...args: LuaValue[]) => {
      if (args.length !== 2) {
        return rt.error("Wrong number of arguments to luaProtectedTableError");
      }
      const name = textOf(args[1]);
      if (name === null) {
        return rt.error("Second argument to luaProtectedTableError must be a string or number");
      }
      return rt.error(`Script attempted to access nonexistent global variable '${cString(name)}'`);
    }),
  );
  table.metatable = metatable;
}

/** Makes the table and all that can be reached from it read-only. */
export function protect(table: LuaTable): void {
  if (table.readonly) return;
  table.readonly = true;
  for (let at = table.nextIndex(-1); at >= 0; at = table.nextIndex(at)) {
    const value = table.valueAt(at);
    if (value instanceof LuaTable) protect(value);
  }
  if (table.metatable !== null) protect(table.metatable);
}

// -- arguments ------------------------------------------------------------------------------------

/** As lua_tolstring: text, numbers as text, null for the rest. */
export function textOf(value: LuaValue): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber(value) : null;
}

/** The one argument, when there is one and it is text. */
function onlyText(args: readonly LuaValue[]): string | null {
  return args.length === 1 && typeof args[0] === "string" ? args[0] : null;
}

/** As C converts lua_tonumber to an int; 0 for what is no number. */
function integerOf(rt: Runtime, value: LuaValue): number {
  return Math.trunc(rt.tonumber(value) ?? 0) | 0;
}
