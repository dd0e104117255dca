// The errors that scripts end with, as replies.
import { cString } from "../commands/errors.ts";
import type { Reply } from "../resp/reply.ts";
import { LuaError, SwitchToSuspendable } from "./lua/error.ts";
import type { Run } from "./lua/run.ts";
import type { Runtime } from "./lua/runtime.ts";
import { LuaTable } from "./lua/table.ts";
import type { LuaValue } from "./lua/value.ts";
import { textOf } from "./redis-api.ts";

/** Of an error that never reached Redis's handler so many characters are shown. */
const BARE_ERROR_CHARS_MAX = 100;
/** Redis's handler notes down where an error was raised; here it fails itself. */
const HANDLER = "err_handler_def:10";

export const NOT_ENOUGH_MEMORY = "not enough memory";

/** What a script's error is to its caller. */
export interface ScriptError {
  /** It begins with its code. */
  readonly text: string;
  /** It was counted when the command answered that it comes from. */
  readonly isCounted: boolean;
}

/** The error of the script called `name`: what it says, and where it was raised. */
export function describeError(rt: Runtime, error: LuaError, name: string): ScriptError {
  const { value } = error;
  if (error.isFatal) {
    const text = cString(typeof value === "string" ? value : "execution failure");
    return {
      text: `ERR Error running script ${name}, ${text.slice(0, BARE_ERROR_CHARS_MAX)}`,
      isCounted: false,
    };
  }
  const place = `${error.source}:${error.line}`;
  if (!(value instanceof LuaTable)) {
    const text = cString(`ERR ${rt.tostring(value)}`);
    return { text: `${text} script: ${name}, on ${place}.`, isCounted: false };
  }
  if (value.readonly) {
    const text = `ERR ${HANDLER}: Attempt to modify a readonly table`;
    return { text: `${text} script: ${name}, on @${HANDLER}.`, isCounted: false };
  }
  // Redis 7.4 crashes when there is no text.
  const text = cString(textOf(fieldOf(rt, value, "err")) ?? "ERR unknown error");
  return {
    text: `${text} script: ${name}, on ${place}.`,
    isCounted: fieldOf(rt, value, "ignore_error_stats_update") === true,
  };
}

/** As `describeError`, for code that runs while a library is loaded. */
export function describeLoadError(rt: Runtime, error: LuaError): string {
  const { value } = error;
  if (!(value instanceof LuaTable)) return cString(`ERR ${textOf(value) ?? "unknown error"}`);
  return cString(textOf(fieldOf(rt, value, "err")) ?? "ERR unknown error");
}

/** A field of an error's table; nil when a metamethod fails, or takes too long, which nothing could catch. */
function fieldOf(rt: Runtime, table: LuaTable, name: string): LuaValue {
  try {
    return rt.index(table, name);
  } catch (error) {
    if (error instanceof LuaError || error instanceof SwitchToSuspendable) return undefined;
    throw error;
  }
}

/** The error of a script that runs in steps: nothing of it runs any more that could catch it. */
export function outOfMemory(script: Run): LuaError {
  const { source, line } = script.position();
  return new LuaError(NOT_ENOUGH_MEMORY, source, line);
}

/**
 * Writes an error as it is, line feeds included, as Redis does. Only what would end the reply in its
 * midst is taken out.
 */
export function writeRawError(reply: Reply, text: string): void {
  reply.errorCount++;
  reply.lastError = text;
  reply.raw(`-${text.replace(/\r\n/g, "  ")}\r\n`);
}
