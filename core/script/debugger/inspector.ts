// What the debugger tells of a script that has stopped: its text, its variables, its calls; and what can
// be set there, breakpoints and how much is shown.
import { cString } from "../../commands/errors.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { DebugLog } from "./debug-natives.ts";
import type { Activation, Interpreter } from "./interpreter.ts";
import { atoi, exactLong } from "./request.ts";
import type { DebugState } from "./state.ts";
import { valueText } from "./value-text.ts";

export const USER_SCRIPT = "user_script";
const LIST_CONTEXT = 5;
/** Less is not shown of a text that is cut. */
const TEXT_LENGTH_MIN = 60;

export class Inspector {
  readonly #runtime: Runtime;
  readonly #interpreter: Interpreter;
  readonly #state: DebugState;
  readonly #log: DebugLog;
  readonly #source: readonly string[];

  constructor(
    runtime: Runtime,
    interpreter: Interpreter,
    state: DebugState,
    log: DebugLog,
    script: string,
  ) {
    this.#runtime = runtime;
    this.#interpreter = interpreter;
    this.#state = state;
    this.#log = log;
    const text = script.replace(/[\r\n]+$/, "");
    this.#source = text === "" ? [] : text.split("\n");
  }

  // -- the script's text ----------------------------------------------------------------------------

  logLine(line: number): void {
    const text = this.#source[line - 1] ?? "<out of range source code line>";
    const arrow = this.#log.line === line ? "->" : "  ";
    const mark = this.#state.breakpoints.has(line) ? "#" : " ";
    this.#log.log(`${arrow}${mark}${String(line).padEnd(3)} ${cString(text)}`);
  }

  list(around: number, context: number): void {
    for (let line = 1; line <= this.#source.length; line++) {
      if (around === 0 || Math.abs(around - line) <= context) this.logLine(line);
    }
  }

  listAround(args: readonly string[]): void {
    const wanted = args.length > 1 ? atoi(args[1]) : 0;
    const context = args.length > 2 ? atoi(args[2]) : LIST_CONTEXT;
    this.list(wanted > 0 ? wanted : this.#log.line, context);
  }

  // -- breakpoints and limits -----------------------------------------------------------------------

  break(args: readonly string[]): void {
    const { breakpoints } = this.#state;
    if (args.length > 1) {
      for (const arg of args.slice(1)) this.#changeBreakpoint(arg);
    } else if (breakpoints.count === 0) {
      this.#log.log("No breakpoints set. Use 'b <line>' to add one.");
    } else {
      this.#log.log(`${breakpoints.count} breakpoints set:`);
      for (const line of breakpoints.all()) this.logLine(line);
    }
  }

  #changeBreakpoint(arg: string): void {
    const { breakpoints } = this.#state;
    const number = exactLong(arg);
    if (number === null) return this.#log.log(`Invalid argument:'${cString(arg)}'`);
    const line = Number(BigInt.asIntN(32, number));
    if (number === 0n) {
      breakpoints.clear();
      this.#log.log("All breakpoints removed.");
    } else if (number < 0n) {
      const isGone = breakpoints.remove(-line);
      this.#log.log(isGone ? "Breakpoint removed." : "No breakpoint in the specified line.");
    } else if (breakpoints.isFull) {
      this.#log.log("Too many breakpoints set.");
    } else if (line > 0 && line <= this.#source.length && breakpoints.add(line)) {
      this.list(line, 1);
    } else {
      this.#log.log("Wrong line number.");
    }
  }

  limit(args: readonly string[]): void {
    const state = this.#state;
    if (args.length === 2) {
      const wanted = atoi(args[1]);
      state.isHinted = true;
      state.textLengthMax = wanted === 0 ? 0 : Math.max(wanted, TEXT_LENGTH_MIN);
    }
    const max = state.textLengthMax;
    this.#log.log(
      max === 0
        ? "<value> replies are unlimited."
        : `<value> replies are truncated at ${max} bytes.`,
    );
  }

  // -- variables and calls --------------------------------------------------------------------------

  print(name: string): void {
    const activations = this.#interpreter.activations;
    for (let i = activations.length - 1; i >= 0; i--) {
      const { code, at, registers } = activations[i];
      for (let n = 1; ; n++) {
        const local = code.localName(n, at);
        if (local === null) break;
        if (local === name) return this.#log.logLimited(`<value> ${valueText(registers[n - 1])}`);
      }
    }
    if (name === "KEYS" || name === "ARGV") {
      const value = this.#runtime.globals.get(name);
      return this.#log.logLimited(`<value> ${valueText(value)}`);
    }
    this.#log.log("No such variable.");
  }

  printAll(): void {
    const { code, at, registers } = this.#interpreter.activations.at(-1)!;
    let count = 0;
    for (let name = code.localName(1, at); name !== null; name = code.localName(count + 1, at)) {
      this.#log.logLimited(`<value> ${name} = ${valueText(registers[count])}`);
      count++;
    }
    if (count === 0) this.#log.log("No local variables in the current context.");
  }

  trace(): void {
    const { activations } = this.#interpreter;
    for (let i = activations.length - 1; i >= 0; i--) {
      const activation = activations[i];
      if (!isUserScript(activation)) continue;
      const name = calledName(activation, activations[i - 1]);
      this.#log.log(`${i === activations.length - 1 ? "In" : "From"} ${name}:`);
      this.logLine(activation.line);
    }
  }
}

export function isUserScript({ code }: Activation): boolean {
  return code.prototype.chunk.id.includes(USER_SCRIPT);
}

/** What the function is called by the call that runs it. */
function calledName(activation: Activation, caller: Activation | undefined): string {
  if (!activation.hasCaller || activation.tails > 0 || caller === undefined) return "top level";
  return caller.calleeName ?? "top level";
}
