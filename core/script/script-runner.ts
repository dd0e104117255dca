// Running a script to its end, or until it has to make way for others.
//
// A script begins on Lua's fast bodies, inside the command that calls it. One that runs for longer
// than `busy-reply-threshold` must not keep everybody else waiting, and fast bodies cannot stop in
// the middle. So such a script is begun anew, on bodies that can (generators), and is told again what
// its commands have answered so far (call-record.ts); it depends on nothing else, so it comes to where
// it was, and from there on its commands are executed for real. Meanwhile its client waits as in a
// blocking command, and the script goes on in small steps (suspended-script.ts).
//
// The same second beginning, without a pause, is for scripts that nest deeper than JavaScript's stack
// allows. Functions of libraries that keep something from call to call could not be begun twice: they
// run on generators from the start.
import type { Command } from "../commands/table.ts";
import { BLOCKED } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { CommandCalls } from "./command-calls.ts";
import type { DebugSession } from "./debugger/session.ts";
import { LuaError, SwitchToSuspendable } from "./lua/error.ts";
import type { LuaFunction } from "./lua/function.ts";
import type { Run } from "./lua/run.ts";
import { first, type Results } from "./lua/value.ts";
import { LuaToReply } from "./lua-to-reply.ts";
import { FUEL_PER_LOOK, type ScriptEngine } from "./script-engine.ts";
import { describeError, NOT_ENOUGH_MEMORY, outOfMemory, writeRawError } from "./script-errors.ts";
import { ScriptRun } from "./script-run.ts";
import { SuspendedScript } from "./suspended-script.ts";

export class ScriptRunner {
  readonly #node: Node;
  readonly run: ScriptRun = new ScriptRun();
  readonly calls: CommandCalls;
  readonly #toReply: LuaToReply;
  /** The command whose reply is being written. */
  #command: Command | null = null;
  readonly #onFuelCallback = (): number => this.#onFuel();
  /** The engine of the script in work. */
  #engine: ScriptEngine | null = null;
  isRunning = false;
  /** The script that has made way for others, or null. */
  suspended: SuspendedScript | null = null;

  constructor(node: Node) {
    this.#node = node;
    this.calls = new CommandCalls(node, this.run);
    this.#toReply = new LuaToReply((reply, text, isCounted) =>
      this.#writeReturnedError(reply, text, isCounted),
    );
  }

  /**
   * Runs the function that `ctx`'s command calls and answers, or leaves the client waiting.
   * `keepsState`: it must not be begun twice.
   */
  execute(
    ctx: Context,
    args: Args,
    reply: Reply,
    engine: ScriptEngine,
    callee: LuaFunction,
    keyCount: number,
    keepsState: boolean,
  ): void {
    const { run, calls } = this;
    run.startUs = -1;
    calls.prepare(ctx.client);
    engine.begin();
    engine.runtime.onFuel = this.#onFuelCallback;
    this.#engine = engine;
    this.isRunning = true;
    try {
      if (!keepsState) {
        const results = engine.runtime.run(callee, engine.bind(args, keyCount));
        this.answer(reply, ctx.command, results);
        return engine.end(callee);
      }
    } catch (error) {
      if (!(error instanceof SwitchToSuspendable)) {
        return this.answerError(reply, engine, ctx.command, error);
      }
    }
    calls.record.rewind();
    run.rewind();
    engine.rewind();
    // From here on it stops where its fuel ends.
    engine.runtime.onFuel = () => 0;
    const script = engine.runtime.start(callee, engine.bind(args, keyCount));
    this.#runInSteps(ctx, args, reply, engine, script);
  }

  /** Runs a script that can wait until it ends or has to wait. */
  #runInSteps(ctx: Context, args: Args, reply: Reply, engine: ScriptEngine, script: Run): void {
    try {
      while (!this.#isOverdue()) {
        if (script.step(FUEL_PER_LOOK)) return this.answer(reply, ctx.command, script.results);
        if (this.#node.host.heapIsShort(0)) throw outOfMemory(script);
      }
    } catch (error) {
      return this.answerError(reply, engine, ctx.command, error);
    }
    this.#suspend(ctx, args, engine, script);
  }

  /** The script has used up its fuel: it gets more, or has to begin again. */
  #onFuel(): number {
    if (this.#node.host.heapIsShort(0)) this.#engine!.runtime.raise(NOT_ENOUGH_MEMORY);
    if (this.#isOverdue()) throw new SwitchToSuspendable("fuel");
    return FUEL_PER_LOOK;
  }

  #isOverdue(): boolean {
    const { run } = this;
    const nowUs = this.#node.host.monotonicUs();
    // Most scripts end before anybody asks: only now it matters when this one has begun.
    if (run.startUs < 0) run.startUs = nowUs;
    const thresholdMs = this.#node.config.values.busyReplyThreshold;
    return thresholdMs > 0 && nowUs - run.startUs >= thresholdMs * 1000;
  }

  #suspend(ctx: Context, args: Args, engine: ScriptEngine, script: Run): void {
    const { run } = this;
    const node = this.#node;
    const elapsedMs = Math.floor((node.host.monotonicUs() - run.startUs) / 1000);
    node.log(
      "warning",
      `Slow script detected: still in execution after ${elapsedMs} milliseconds. You can try killing the script using the ${run.isEval ? "SCRIPT KILL" : "FUNCTION KILL"} command. Script name is: ${run.name}.`,
    );
    run.startMs = node.keyspace.nowMs;
    run.startWallUs = node.wallUs;
    ctx.client.set(BLOCKED);
    this.suspended = new SuspendedScript(node, this, engine, script, ctx.command, args.clone());
  }

  /** Begins a script that is debugged: it goes on in steps, as its client wants. `body`: its code. */
  debug(
    ctx: Context,
    args: Args,
    engine: ScriptEngine,
    body: string,
    keyCount: number,
    session: DebugSession,
  ): void {
    const { run, calls } = this;
    const node = this.#node;
    run.startUs = node.host.monotonicUs();
    run.startMs = node.keyspace.nowMs;
    run.startWallUs = node.wallUs;
    calls.prepare(ctx.client);
    // It is never begun anew.
    calls.record.rewind();
    engine.begin();
    engine.runtime.onFuel = () => 0;
    this.#engine = engine;
    this.isRunning = true;
    const script = engine.runtime.start(session.begin(engine, body), engine.bind(args, keyCount));
    ctx.client.set(BLOCKED);
    const { command } = ctx;
    this.suspended = new SuspendedScript(
      node,
      this,
      engine,
      script,
      command,
      args.clone(),
      session,
    );
  }

  // -- the end --------------------------------------------------------------------------------------

  /** The script has ended well. */
  answer(reply: Reply, command: Command, results: Results): void {
    this.isRunning = false;
    this.#command = command;
    this.#toReply.write(reply, first(results), this.run.resp);
  }

  /** The script has ended with an error; what is no error of Lua is one of ours. */
  answerError(reply: Reply, engine: ScriptEngine, command: Command, error: unknown): void {
    if (!(error instanceof LuaError)) throw error;
    this.isRunning = false;
    const { text, isCounted } = describeError(engine.runtime, error, this.run.name);
    writeRawError(reply, text);
    if (isCounted) uncount(reply, command);
  }

  /** An error that the script returns instead of raising it. */
  #writeReturnedError(reply: Reply, text: string, isCounted: boolean): void {
    reply.error(text.replace(/^[\r\n]+|[\r\n]+$/g, ""));
    if (isCounted) uncount(reply, this.#command!);
  }
}

/** The error written last has been counted before; still the command has failed. */
function uncount(reply: Reply, command: Command): void {
  reply.errorCount--;
  command.failedCalls++;
}
