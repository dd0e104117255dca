// redis.register_function: reading its arguments, positional or by name.

import { cString } from "../commands/errors.ts";
import { asciiLower } from "../util/bytes.ts";
import { LuaFunction } from "./lua/function.ts";
import type { Runtime } from "./lua/runtime.ts";
import { LuaTable } from "./lua/table.ts";
import type { LuaValue } from "./lua/value.ts";
import { textOf } from "./redis-api.ts";
import { scriptFlag } from "./script-flags.ts";

export interface Registration {
  name: string;
  description: string | null;
  flags: number;
  callback: LuaFunction;
}

/** The registration that the arguments describe, or the error. */
export function readRegistration(rt: Runtime, args: readonly LuaValue[]): Registration | string {
  if (args.length < 1 || args.length > 2) {
    return "wrong number of arguments to redis.register_function";
  }
  return args.length === 1 ? readNamed(rt, args[0]) : readPositional(args[0], args[1]);
}

function readPositional(nameValue: LuaValue, callback: LuaValue): Registration | string {
  const name = textOf(nameValue);
  if (name === null) return "first argument to redis.register_function must be a string";
  if (!(callback instanceof LuaFunction)) {
    return "second argument to redis.register_function must be a function";
  }
  return { name, description: null, flags: 0, callback };
}

function readNamed(rt: Runtime, table: LuaValue): Registration | string {
  if (!(table instanceof LuaTable)) {
    return "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).";
  }
  const given: Partial<Registration> = {};
  for (let at = table.nextIndex(-1); at >= 0; at = table.nextIndex(at)) {
    const key = textOf(table.keyAt(at));
    if (key === null) return "named argument key given to redis.register_function is not a string";
    const error = readField(rt, given, asciiLower(cString(key)), table.valueAt(at));
    if (error !== "") return error;
  }
  const { name, description = null, flags = 0, callback } = given;
  if (name === undefined) return "redis.register_function must get a function name argument";
  if (callback === undefined) return "redis.register_function must get a callback argument";
  return { name, description, flags, callback };
}

/** Reads one named argument. Answers with the error, "" when there is none. */
function readField(
  rt: Runtime,
  given: Partial<Registration>,
  key: string,
  value: LuaValue,
): string {
  if (key === "function_name" || key === "description") {
    const text = textOf(value);
    if (text === null) return `${key} argument given to redis.register_function must be a string`;
    given[key === "description" ? "description" : "name"] = text;
  } else if (key === "callback") {
    if (!(value instanceof LuaFunction)) {
      return "callback argument given to redis.register_function must be a function";
    }
    given.callback = value;
  } else if (key === "flags") {
    if (!(value instanceof LuaTable)) {
      return "flags argument to redis.register_function must be a table representing function flags";
    }
    const flags = readFlags(rt, value);
    if (flags < 0) return "unknown flag given";
    given.flags = flags;
  } else {
    return "unknown argument given to redis.register_function";
  }
  return "";
}

/** The flags in a list of their names, -1 when one is unknown. */
function readFlags(rt: Runtime, list: LuaTable): number {
  let flags = 0;
  for (let i = 1; ; i++) {
    const item = rt.index(list, i);
    if (item === undefined) return flags;
    const name = textOf(item);
    const flag = name === null ? 0 : scriptFlag(asciiLower(cString(name)));
    if (flag === 0) return -1;
    flags |= flag;
  }
}
