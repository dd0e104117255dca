// A call from outside that runs in steps: others can act between them, or end it by never stepping
// again.
import type { LuaError } from "./error.ts";
import type { LuaFunction } from "./function.ts";
import { Machine } from "./machine.ts";
import type { Runtime } from "./runtime.ts";
import { LuaThread } from "./thread.ts";
import { type LuaValue, type Results, results } from "./value.ts";

export class Run {
  /** What the function returned, once `step` has answered true. */
  results: Results = undefined;
  private readonly rt: Runtime;
  private readonly machine: Machine;
  private failure: unknown = null;

  constructor(rt: Runtime, f: LuaFunction, args: readonly LuaValue[]) {
    this.rt = rt;
    this.machine = new Machine(rt);
    try {
      // The main thread is no value of the script: it takes no object number.
      this.machine.enter(new LuaThread({ objectCount: 0 }, f, true), args);
    } catch (error) {
      // A body that is too much for JavaScript's stack fails as soon as it is made.
      rt.activeRun = this;
      this.failure = rt.translate(error);
    }
  }

  /** Runs until `fuel` is used up (false) or the function has returned (true). Throws its LuaError. */
  step(fuel: number): boolean {
    const { rt } = this;
    if (this.failure !== null) {
      rt.activeRun = null;
      throw this.failure;
    }
    rt.activeRun = this;
    rt.fuel = fuel;
    if (!this.machine.run(true)) return false;
    rt.activeRun = null;
    const { values, error }: { values: readonly LuaValue[]; error: LuaError | null } =
      this.machine.outcome;
    if (error !== null) throw error;
    this.results = results([...values]);
    return true;
  }

  /** Where it has stopped: the chunk name and line of the frame on top. */
  position(): { source: string; line: number } {
    return this.rt.position();
  }
}
