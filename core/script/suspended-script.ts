// A script that goes on in small steps, between which the node serves others.
//
// Its client waits, blocked, but not for anything that others could do. While it is in the middle of
// its work, time stands still for it, nothing expires or is evicted, keys that become ready wake
// nobody, and the unit of what it propagates stays open. When its client goes away it goes on.
//
// A transaction may have called it: what is left of the transaction follows when it has ended
// (`afterwards`).
import type { Command } from "../commands/table.ts";
import { BLOCKED, CLOSED, type Client, TRACKING_CACHING } from "../node/client.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { DebugSession } from "./debugger/session.ts";
import { LuaError } from "./lua/error.ts";
import type { Run } from "./lua/run.ts";
import { errorTable } from "./redis-api.ts";
import type { ScriptEngine } from "./script-engine.ts";
import { outOfMemory } from "./script-errors.ts";
import type { ScriptRunner } from "./script-runner.ts";

/** Loops and calls of Lua in one step: some tens of microseconds. */
const FUEL_PER_STEP = 2000;
/** Steps between two looks at the heap. */
const STEPS_PER_LOOK = 10;
const KILLED = "Script killed by user with SCRIPT KILL...";

export class SuspendedScript {
  readonly #node: Node;
  readonly #runner: ScriptRunner;
  readonly #engine: ScriptEngine;
  readonly #script: Run;
  readonly caller: Client;
  readonly #command: Command;
  readonly args: Args;
  /** It is debugged: its client says when it goes on. */
  readonly session: DebugSession | null;
  #then: (() => void) | null = null;
  #stepCount = 0;

  constructor(
    node: Node,
    runner: ScriptRunner,
    engine: ScriptEngine,
    script: Run,
    command: Command,
    args: Args,
    session: DebugSession | null = null,
  ) {
    this.#node = node;
    this.#runner = runner;
    this.#engine = engine;
    this.#script = script;
    this.caller = runner.run.caller!;
    this.#command = command;
    this.args = args;
    this.session = session;
    node.propagation.begin();
  }

  /** What is to be done when the script has ended: its client goes on waiting until then. */
  afterwards(then: () => void): void {
    this.#then = then;
  }

  /** Goes on for a little while. */
  step(): void {
    const { run } = this.#runner;
    const { dispatcher } = this.#node;
    const reply = this.#node.replyTo(this.caller);
    this.#node.freezeTime(run.startMs, run.startWallUs);
    dispatcher.enter(this.caller, reply);
    let hasEnded = false;
    let failure: unknown = null;
    try {
      if (run.isKilled) failure = this.#killed();
      else if (this.session !== null) hasEnded = this.session.advance(this.#script, FUEL_PER_STEP);
      else hasEnded = this.#script.step(FUEL_PER_STEP);
      if (!hasEnded && failure === null && this.#isOutOfMemory()) {
        failure = outOfMemory(this.#script);
      }
    } catch (error) {
      failure = error;
    }
    dispatcher.leave();
    this.#node.unfreezeTime();
    if (hasEnded || failure !== null) this.#end(failure);
  }

  /** Looks at the heap now and then. */
  #isOutOfMemory(): boolean {
    return ++this.#stepCount % STEPS_PER_LOOK === 0 && this.#node.host.heapIsShort(0);
  }

  #killed(): LuaError {
    this.#node.log("notice", "Lua script killed by user with SCRIPT KILL.");
    const { source, line } = this.#script.position();
    return new LuaError(errorTable(this.#engine.runtime, KILLED), source, line);
  }

  #end(failure: unknown): void {
    const node = this.#node;
    const runner = this.#runner;
    const { caller } = this;
    this.session?.end();
    const reply = node.replyTo(caller);
    const sizeBefore = reply.size;
    if (failure === null) runner.answer(reply, this.#command, this.#script.results);
    else runner.answerError(reply, this.#engine, this.#command, failure);
    runner.suspended = null;
    caller.unset(BLOCKED);
    caller.durationUs = node.host.monotonicUs() - runner.run.startUs;
    const then = this.#then;
    if (then === null) {
      node.dispatcher.conclude(caller, this.#command, this.args, reply, sizeBefore);
      return this.#release();
    }
    node.dispatcher.enter(caller, reply);
    node.dispatcher.conclude(caller, this.#command, this.args, reply, sizeBefore);
    node.dispatcher.leave();
    then();
    // The transaction may have called another script that has to wait.
    if (runner.suspended === null) this.#release();
    else node.propagation.end();
  }

  /** The command is done: its client goes on, and so do those whom it has made ready. */
  #release(): void {
    const node = this.#node;
    const { caller } = this;
    node.propagation.end();
    if (caller.has(CLOSED)) return;
    node.releaseMessages(caller);
    caller.unset(TRACKING_CACHING);
    node.blocking.resumeLater(caller);
  }
}
