// What is thrown while Lua runs.
import type { LuaValue } from "./value.ts";

/** An error of the script: any Lua value. `source` and `line` say where it was raised. */
export class LuaError {
  readonly value: LuaValue;
  /** The chunk name of the function that was running ("@user_script", "=[C]"). */
  readonly source: string;
  /** Its line, -1 when it was not a Lua function. */
  readonly line: number;
  /** The depth of the call stack when it was raised: an error handler runs on top of it. */
  readonly depth: number;
  /** A native raised it. */
  readonly isNative: boolean;
  /** The error happened in an error handler, once too often. */
  readonly isFatal: boolean;

  constructor(
    value: LuaValue,
    source = "=[C]",
    line = -1,
    depth = -1,
    isNative = false,
    isFatal = false,
  ) {
    this.value = value;
    this.source = source;
    this.line = line;
    this.depth = depth;
    this.isNative = isNative;
    this.isFatal = isFatal;
  }
}

/**
 * The script must run again on generators: it has run for too long, or too deep for the JavaScript
 * stack. Not an error of the script; pcall lets it through.
 */
export class SwitchToSuspendable {
  readonly reason: "fuel" | "depth";

  constructor(reason: "fuel" | "depth") {
    this.reason = reason;
  }
}
