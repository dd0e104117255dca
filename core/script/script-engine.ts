// A Lua interpreter with what Redis gives to all scripts. There are two, as in Redis: one for scripts
// of EVAL (eval-engine.ts), one for functions (function-engine.ts), so that neither sees anything of
// the other.
import type { LogLevel } from "../node/host.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import { decodeText } from "../util/text-codec.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { CommandCalls } from "./command-calls.ts";
import { openLibraries } from "./lib/open.ts";
import type { Random } from "./lib/random.ts";
import { SwitchToSuspendable } from "./lua/error.ts";
import type { LuaFunction } from "./lua/function.ts";
import { Runtime } from "./lua/runtime.ts";
import type { LuaTable } from "./lua/table.ts";
import type { LuaValue } from "./lua/value.ts";
import { ReplyToLua } from "./reply-to-lua.ts";
import type { ScriptRun } from "./script-run.ts";

const LEVELS: readonly string[] = ["debug", "verbose", "notice", "warning", "nothing"];
/** What executing a command counts for, besides the loops and calls of Lua. */
const COMMAND_FUEL = 20;
/** Loops and calls of Lua between two looks at the clock: about a millisecond. */
export const FUEL_PER_LOOK = 20_000;

export abstract class ScriptEngine {
  readonly #node: Node;
  readonly #random: Random;
  readonly runtime: Runtime;
  readonly run: ScriptRun;
  readonly calls: CommandCalls;
  readonly toLua: ReplyToLua;
  /** State of the runtime when the script in work began, to begin again. */
  #objectCount = 0;
  #randomState = WIDE_ZERO;
  #allocatedBefore = WIDE_ZERO;

  constructor(node: Node, run: ScriptRun, calls: CommandCalls, random: Random) {
    this.#node = node;
    this.#random = random;
    this.run = run;
    this.calls = calls;
    this.runtime = new Runtime();
    this.runtime.clock = () => calls.record.seconds(node.host.monotonicUs() / 1e6);
    this.runtime.hasNoRoom = (bytes) => node.host.heapIsShort(bytes);
    this.toLua = new ReplyToLua(this.runtime);
    openLibraries(this.runtime);
    this.runtime.random = random;
  }

  /** A script begins. */
  begin(): void {
    const { runtime } = this;
    this.#objectCount = runtime.objectCount;
    this.#randomState = this.#random.state;
    this.#allocatedBefore = runtime.allocated;
    runtime.reset();
    runtime.arrays.forget();
    runtime.fuel = FUEL_PER_LOOK;
  }

  /** The script has ended, and its reply is written: nobody needs what it has made, if it let go of it. */
  end(main: LuaFunction): void {
    if (this.leavesNothing(main)) this.runtime.arrays.recycle();
  }

  /** True when no value that a script has made can be reached any more. */
  protected abstract leavesNothing(main: LuaFunction): boolean;

  /** The script begins once more. */
  rewind(): void {
    this.runtime.reset(this.#objectCount);
    this.#random.state = this.#randomState;
  }

  /** Bytes that the script has allocated so far, about. */
  get allocatedBytes(): number {
    return this.runtime.allocated - this.#allocatedBefore;
  }

  /** Executes the command whose arguments `calls` has. */
  execute(): void {
    // Whether that was too much is asked when the script's code goes on.
    this.runtime.fuel -= COMMAND_FUEL;
    this.calls.execute();
    if (this.calls.record.isFull) throw new SwitchToSuspendable("fuel");
  }

  log(level: LogLevel, text: string): void {
    const { loglevel } = this.#node.config.values;
    if (LEVELS.indexOf(level) < LEVELS.indexOf(loglevel)) return;
    if (this.calls.record.noteLog()) this.#node.log(level, text);
  }

  /**
   * Gives the script its keys and arguments, which begin at argument 3. Answers with the arguments
   * for its Lua function.
   */
  abstract bind(args: Args, keyCount: number): readonly LuaValue[];

  /** A table of the arguments from `first` to before `end`, as KEYS and ARGV are. */
  protected list(args: Args, first: number, end: number): LuaTable {
    const count = end - first;
    if (count === 0) return this.runtime.table();
    // The size that the array part would have if the elements were added one by one.
    const table = this.runtime.table();
    // biome-ignore lint/suspicious/noSparseArray: slot 0 of a table's array part is a hole.
    const items: LuaValue[] = [,];
    for (let i = first; i < end; i++)
      items.push(decodeText(args.bytes, args.offset[i], args.offset[i] + args.length[i]));
    table.adoptList(items, 2 ** Math.ceil(Math.log2(count)));
    return table;
  }
}
