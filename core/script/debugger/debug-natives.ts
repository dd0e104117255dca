// What scripts see of the debugger: redis.call and redis.pcall that log what they do, redis.debug and
// redis.breakpoint. They stand in the table `redis` for as long as a script is debugged.
import { latin1 } from "../../util/bytes.ts";
import type { LuaTable } from "../lua/table.ts";
import { type LuaValue, NOTHING, type Results } from "../lua/value.ts";
import { errorTable, NO_ARGUMENTS, WRONG_ARGUMENTS } from "../redis-api.ts";
import type { ScriptEngine } from "../script-engine.ts";
import { replyText } from "./reply-text.ts";
import { TEXT_LENGTH_MAX, valueText } from "./value-text.ts";

const CR = 13;
/** So many arguments of a command are logged. */
const LOGGED_ARGUMENTS = 10;
const NAMES = ["call", "pcall", "breakpoint", "debug"];

/** Who logs. */
export interface DebugLog {
  /** Commands and their replies are logged now. */
  readonly isStepping: boolean;
  readonly line: number;
  log(text: string): void;
  /** As `log`, cut to the length that the client wants. */
  logLimited(text: string): void;
  breakNext(): void;
}

export class DebugNatives {
  readonly #engine: ScriptEngine;
  readonly #log: DebugLog;
  readonly #redis: LuaTable;
  readonly #replaced: Map<string, LuaValue> = new Map();

  constructor(engine: ScriptEngine, log: DebugLog) {
    this.#engine = engine;
    this.#log = log;
    this.#redis = engine.runtime.globals.get("redis") as LuaTable;
  }

  install(): void {
    const { runtime } = this.#engine;
    for (const name of NAMES) this.#replaced.set(name, this.#redis.get(name));
    const set = (name: string, body: (...args: LuaValue[]) => Results) =>
      this.#redis.setString(name, runtime.native(name, body));
    set("call", (...args) => this.call(args, true));
    set("pcall", (...args) => this.call(args, false));
    set("breakpoint", () => {
      this.#log.breakNext();
      return true;
    });
    set("debug", (...args) => {
      const texts = args.map(valueText);
      this.#log.log(`<debug> line ${this.#log.line}: ${texts.join(", ")}`);
      return NOTHING;
    });
    runtime.onErrorTable = (text) => {
      if (this.#log.isStepping) this.#log.log(`<error> ${text}`);
    };
  }

  remove(): void {
    for (const [name, value] of this.#replaced) this.#redis.setString(name, value);
    this.#engine.runtime.onErrorTable = null;
  }

  /** redis.call and redis.pcall. */
  call(args: readonly LuaValue[], raises: boolean): Results {
    const { runtime, calls, toLua } = this.#engine;
    const refuse = (text: string) => {
      const table = errorTable(runtime, text);
      return raises ? runtime.raise(table) : table;
    };
    calls.begin();
    for (const arg of args) if (!calls.add(arg)) return refuse(WRONG_ARGUMENTS);
    if (args.length === 0) return refuse(NO_ARGUMENTS);
    if (this.#log.isStepping) this.#logCommand();
    calls.refusal = "";
    this.#engine.execute();
    const value = toLua.convert(calls.replyBytes, calls.replyStart);
    if (this.#log.isStepping) this.#logReply();
    return raises && calls.isError ? runtime.raise(value) : value;
  }

  #logCommand(): void {
    const { args } = this.#engine.calls;
    this.#engine.calls.resolve();
    let text = "<redis>";
    for (let i = 0; i < args.count && i < LOGGED_ARGUMENTS; i++) {
      text += ` ${args.latin1(i).slice(0, TEXT_LENGTH_MAX)}`;
    }
    const more = args.count - LOGGED_ARGUMENTS;
    if (more > 0) text += ` ... (${more - 1} more)`;
    this.#log.log(text);
  }

  #logReply(): void {
    const { calls } = this.#engine;
    const { replyBytes, replyStart } = calls;
    if (calls.refusal !== "") {
      // Its own refusals Redis knows without a code, but for those that are replies of their own.
      const { refusal } = calls;
      const text = refusal.startsWith("ERR ") ? refusal.slice(4) : `-${refusal}\r\n`;
      return this.#log.log(`<error> ${text}`);
    }
    this.#logError(replyBytes, replyStart);
    this.#log.logLimited(`<reply> ${replyText(replyBytes, replyStart)}`);
  }

  /** An error that a command has answered with. */
  #logError(bytes: Uint8Array, start: number): void {
    if (!this.#engine.calls.isError) return;
    let end = start;
    while (bytes[end] !== CR) end++;
    this.#log.log(`<error> ${latin1(bytes, start, end)}`);
  }
}
