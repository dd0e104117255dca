// A Lua program on its two bodies: fast functions, and generators in steps of any size. What it does
// must be the same.

import { openLibraries } from "../../core/script/lib/open.ts";
import { LuaError, SwitchToSuspendable } from "../../core/script/lua/error.ts";
import { Runtime } from "../../core/script/lua/runtime.ts";
import { all, type LuaValue, type Results } from "../../core/script/lua/value.ts";

/** What a program printed and returned, or the error it ended with. */
export interface Outcome {
  readonly printed: string;
  readonly ended: string;
}

/** Scripts that nest deeper than JavaScript's stack have no fast outcome. */
export const TOO_DEEP: Outcome = { printed: "", ended: "too deep for fast bodies" };

/** A runtime with all libraries and a `print` that collects its lines. */
export function createRuntime(): { rt: Runtime; printed: string[] } {
  const rt = new Runtime();
  const printed: string[] = [];
  openLibraries(rt);
  rt.random = { state: 0 } as unknown as Runtime["random"];
  rt.globals.setString(
    "print",
    rt.native("print", (...args: LuaValue[]) => {
      printed.push(args.map((arg) => describe(rt, arg)).join("\t"));
      return [];
    }),
  );
  return { rt, printed };
}

function describe(rt: Runtime, value: LuaValue): string {
  return typeof value === "string" ? value : rt.tostring(value);
}

function outcome(source: string, run: (rt: Runtime, source: string) => Results): Outcome {
  const { rt, printed } = createRuntime();
  let ended: string;
  try {
    const values = all(run(rt, source));
    ended = `returned ${values.map((value) => describe(rt, value)).join(" ")}`;
  } catch (error) {
    if (error instanceof SwitchToSuspendable) return TOO_DEEP;
    if (!(error instanceof LuaError)) throw error;
    ended = `raised ${describe(rt, error.value)} at ${error.source}:${error.line}`;
  }
  return { printed: printed.join("\n"), ended };
}

export function runFast(source: string): Outcome {
  return outcome(source, (rt, text) => rt.run(rt.compile(text, "@test"), []));
}

/** Steps of `fuel` loops and calls; `stepsMax` keeps programs that never end from hanging a test. */
export function runInSteps(source: string, fuel: number, stepsMax = 10_000_000): Outcome {
  return outcome(source, (rt, text) => {
    const run = rt.start(rt.compile(text, "@test"), []);
    for (let steps = 0; !run.step(fuel); steps++) {
      if (steps >= stepsMax) throw new Error(`no end after ${steps} steps`);
    }
    return run.results;
  });
}
