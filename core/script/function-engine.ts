// The engine for functions: loading libraries, and what their code may use.
//
// A library is Lua code that is run once, to register its functions. While it runs it has nothing
// but a table `redis` with register_function, log and the version; its functions have all that
// scripts have when they are called. Both see the same empty table of globals, which nobody can
// change: what is behind it (its metatable's __index) is changed between loading and calling.
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { CommandCalls } from "./command-calls.ts";
import { type Registration, readRegistration } from "./function-registration.ts";
import { mayKeepState } from "./kept-state.ts";
import type { Random } from "./lib/random.ts";
import { isName, type Library, WRONG_NAME } from "./libraries.ts";
import { LuaError, SwitchToSuspendable } from "./lua/error.ts";
import type { LuaFunction } from "./lua/function.ts";
import type { LuaTable } from "./lua/table.ts";
import { type LuaValue, NOTHING, type Results } from "./lua/value.ts";
import {
  errorTable,
  makeLoadTable,
  makeRedisTable,
  protect,
  refuseUnknownNames,
} from "./redis-api.ts";
import { FUEL_PER_LOOK, ScriptEngine } from "./script-engine.ts";
import { describeLoadError, NOT_ENOUGH_MEMORY } from "./script-errors.ts";
import type { LibraryHead } from "./script-flags.ts";
import type { ScriptRun } from "./script-run.ts";

/** Loading takes no longer than this: it is meant to register functions and nothing else. */
const LOAD_MS_MAX = 500;
/** Thrown through all of Lua: pcall cannot catch it. */
class LoadAborted {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class FunctionEngine extends ScriptEngine {
  readonly #node: Node;
  readonly #globalsMetatable: LuaTable;
  readonly #runGlobals: LuaTable;
  readonly #loadGlobals: LuaTable;
  /** The library that is being loaded, or null. */
  #loading: Library | null = null;
  #loadStartUs = 0;

  constructor(node: Node, run: ScriptRun, calls: CommandCalls, random: Random) {
    super(node, run, calls, random);
    this.#node = node;
    const { runtime } = this;
    this.#runGlobals = runtime.globals;
    this.#runGlobals.setString("redis", makeRedisTable(this));
    this.#loadGlobals = runtime.table();
    const loadTable = makeLoadTable(this, (...args) => this.#register(args));
    refuseUnknownNames(runtime, loadTable);
    this.#loadGlobals.setString("redis", loadTable);
    refuseUnknownNames(runtime, this.#loadGlobals);
    protect(this.#loadGlobals);
    this.#runGlobals.setString("debug", undefined);
    refuseUnknownNames(runtime, this.#runGlobals);
    protect(this.#runGlobals);
    const globals = runtime.table();
    this.#globalsMetatable = runtime.table();
    this.#globalsMetatable.setString("__index", this.#runGlobals);
    this.#globalsMetatable.readonly = true;
    globals.metatable = this.#globalsMetatable;
    globals.readonly = true;
    runtime.globals = globals;
  }

  /** Functions may keep what they have made in variables of their library. */
  protected leavesNothing(): boolean {
    return false;
  }

  bind(args: Args, keyCount: number): readonly LuaValue[] {
    const firstArgument = 3 + keyCount;
    return [this.list(args, 3, firstArgument), this.list(args, firstArgument, args.count)];
  }

  /** Runs the code of a library. Answers with the library, or with the error. */
  load(code: string, head: LibraryHead): Library | string {
    const { runtime } = this;
    let main: LuaFunction;
    try {
      main = runtime.load(code.slice(head.length), "@user_function");
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      return `ERR Error compiling function: ${String(error.value)}`;
    }
    this.#globalsMetatable.setString("__index", this.#loadGlobals);
    const library: Library = { name: head.name, code, functions: new Map() };
    const error = this.#runMain(library, main);
    this.#globalsMetatable.setString("__index", this.#runGlobals);
    this.#loading = null;
    if (error !== "") return `ERR Error registering functions: ${error}`;
    return library.functions.size === 0 ? "ERR No functions registered" : library;
  }

  /** Answers with the error, "" when there is none. */
  #runMain(library: Library, main: LuaFunction): string {
    const { runtime } = this;
    this.#loading = library;
    this.#loadStartUs = this.#node.host.monotonicUs();
    runtime.onFuel = () => this.#onFuel();
    this.begin();
    this.calls.record.reset();
    try {
      try {
        runtime.run(main, NOTHING);
      } catch (error) {
        if (!(error instanceof SwitchToSuspendable)) throw error;
        this.#runMainAgain(library, main);
      }
    } catch (error) {
      if (error instanceof LoadAborted) return error.text;
      if (!(error instanceof LuaError)) throw error;
      return describeLoadError(runtime, error);
    }
    return "";
  }

  /** The code nests too deep for fast bodies. */
  #runMainAgain(library: Library, main: LuaFunction): void {
    library.functions.clear();
    this.rewind();
    this.calls.record.rewind();
    this.runtime.onFuel = () => 0;
    const script = this.runtime.start(main, NOTHING);
    while (!script.step(FUEL_PER_LOOK)) this.#onFuel();
  }

  #onFuel(): number {
    const elapsedUs = this.#node.host.monotonicUs() - this.#loadStartUs;
    if (this.#node.host.heapIsShort(0)) throw new LoadAborted(`ERR ${NOT_ENOUGH_MEMORY}`);
    if (elapsedUs > LOAD_MS_MAX * 1000) throw new LoadAborted("ERR FUNCTION LOAD timeout");
    return FUEL_PER_LOOK;
  }

  /** redis.register_function */
  #register(args: readonly LuaValue[]): Results {
    const { runtime } = this;
    const library = this.#loading;
    if (library === null) {
      const text = "redis.register_function can only be called on FUNCTION LOAD command";
      return runtime.raise(errorTable(runtime, text));
    }
    const registration = readRegistration(runtime, args);
    const error =
      typeof registration === "string" ? registration : addFunction(library, registration);
    return error === "" ? NOTHING : runtime.raise(errorTable(runtime, error));
  }
}

/** Answers with the error, "" when there is none. */
function addFunction(library: Library, registration: Registration): string {
  const { name, callback } = registration;
  if (!isName(name)) return WRONG_NAME.slice(4);
  if (library.functions.has(name)) return "Function already exists in the library";
  library.functions.set(name, { ...registration, keepsState: mayKeepState(callback) });
  return "";
}
