// A debugging session: one script of EVAL that stops, and whose client says how it goes on.
//
// The script runs in steps (suspended-script.ts), on instructions that tell where it is (interpreter.ts).
// Where it has to stop, what has been noted down is sent to the client, an array of one-line texts, and
// the client's bytes are requests to the debugger until one lets the script go on. When the client is
// gone, the script goes on without stops.

import { cString } from "../../commands/errors.ts";
import { CLOSED, type Client } from "../../node/client.ts";
import type { Node } from "../../node/node.ts";
import type { Reply } from "../../resp/reply.ts";
import { toBytes } from "../../util/bytes.ts";
import { LuaError } from "../lua/error.ts";
import type { LuaFunction } from "../lua/function.ts";
import { Run } from "../lua/run.ts";
import { LuaTable } from "../lua/table.ts";
import { first } from "../lua/value.ts";
import { errorTable, textOf } from "../redis-api.ts";
import type { ScriptEngine } from "../script-engine.ts";
import { type DebugLog, DebugNatives } from "./debug-natives.ts";
import { DEBUGGER_HELP } from "./help.ts";
import { Inspector, isUserScript, USER_SCRIPT } from "./inspector.ts";
import { type Activation, Interpreter, type LineListener } from "./interpreter.ts";
import { parseRequest } from "./request.ts";
import type { DebugState } from "./state.ts";
import { valueText } from "./value-text.ts";

/** The client's bytes are read in pieces of this size. */
const READ_BYTES = 1024;
/** A request that is longer, or none, ends the script with an error. */
const BUFFER_BYTES_MAX = 1 << 20;
const READS_PER_STEP = 64;
/** More is not taken from the client before it has been read. */
const INPUT_BYTES_MAX = 1 << 20;
/** About so much is handed over in one piece. */
const SENT_LENGTH = 1 << 16;
/** With more than this on its way to the client it is not answered: it has to read first. */
const UNSENT_BYTES_MAX = 1 << 20;
const WHOLE_CONTEXT = 1_000_000;
/** A script that has run so long without a stop is stopped, when nothing is configured. */
const TIME_LIMIT_MS = 5000;
const HINT = "<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.";
const UNKNOWN = "<error> Unknown Redis Lua debugger command or wrong number of arguments.";

const RUNNING = 0;
/** It has stopped and waits for a request. */
const WAITING = 1;
/** It has stopped; code of the client's runs. */
const EVALUATING = 2;

export class DebugSession implements LineListener, DebugLog {
  readonly #node: Node;
  readonly client: Client;
  readonly #state: DebugState;
  readonly #script: string;
  readonly #logs: string[] = [];
  #engine: ScriptEngine | null = null;
  #interpreter: Interpreter | null = null;
  #natives: DebugNatives | null = null;
  #inspector: Inspector | null = null;
  #mode: number = RUNNING;
  line = 0;
  /** Received text that the debugger has not read yet, and whether more can come. */
  #input = "";
  #inputHasEnded = false;
  #isPaused = false;
  /** The script has stopped because it runs for long. */
  #hasTimedOut = false;
  /** What the script goes on with: an error with this text. */
  #error: string | null = null;
  #evaluation: Run | null = null;
  /** Puts the script back where it was when the client's code began. */
  #restore: (() => void) | null = null;
  #heldReply: Uint8Array | null = null;
  hasEnded = false;
  /** Monotonic time since when the script has run without a stop. */
  #runsSinceUs = 0;

  constructor(node: Node, client: Client, state: DebugState, script: string) {
    this.#node = node;
    this.client = client;
    this.#state = state;
    this.#script = script;
  }

  /** The script's main function, made for being debugged. `body`: its text without a shebang. */
  begin(engine: ScriptEngine, body: string): LuaFunction {
    const { runtime } = engine;
    this.#engine = engine;
    this.#interpreter = new Interpreter(runtime, this);
    this.#natives = new DebugNatives(engine, this);
    this.#inspector = new Inspector(runtime, this.#interpreter, this.#state, this, this.#script);
    this.#natives.install();
    this.#runsSinceUs = this.#node.host.monotonicUs();
    const compiled = this.#interpreter;
    runtime.debugCompile = (source, name) => compiled.compile(source, name);
    return compiled.compile(body, `@${USER_SCRIPT}`);
  }

  /** The script has ended, or could not begin. */
  end(): void {
    this.#natives?.remove();
    if (this.#engine !== null) this.#engine.runtime.debugCompile = null;
    this.log("<endsession>");
    this.#send();
    this.hasEnded = true;
    this.#node.scripting.debugger.ended(this);
    const held = this.#heldReply;
    if (held !== null) this.#node.replyTo(this.client).rawBytes(held, 0, held.length);
  }

  /** What the client was answered before, and has not been sent yet, has to wait. */
  hold(reply: Reply): void {
    if (reply.size > 0) this.#heldReply = reply.bytes.slice(0, reply.size);
    reply.size = 0;
  }

  // -- from the client ------------------------------------------------------------------------------

  receive(text: string): void {
    this.#input += text;
    if (this.#input.length > INPUT_BYTES_MAX) this.#pauseReading(true);
  }

  /** The kernel keeps what the debugger has not come to. */
  #pauseReading(pauses: boolean): void {
    if (pauses === this.#isPaused || this.client.has(CLOSED)) return;
    this.#isPaused = pauses;
    this.#node.host.pauseReading(this.client.connection, pauses);
  }

  /** The client will send no more. */
  endInput(): void {
    this.#inputHasEnded = true;
  }

  /** Nothing happens before the client says something. */
  get isIdle(): boolean {
    if (this.#mode !== WAITING) return false;
    if (this.#isGone) return false;
    return this.#input === "" || this.#isUnread;
  }

  /** The client does not take what it has been sent. */
  get #isUnread(): boolean {
    return this.client.unsentBytes > UNSENT_BYTES_MAX;
  }

  get #isGone(): boolean {
    return this.#inputHasEnded || this.client.has(CLOSED);
  }

  /** Lets the script, or the debugger, go on for a while. True when the script has ended. */
  advance(script: Run, fuel: number): boolean {
    if (this.#mode === EVALUATING) this.#stepEvaluation(fuel);
    if (this.#mode === WAITING) this.#read();
    if (this.#mode !== RUNNING) return false;
    return script.step(fuel);
  }

  // -- from the script ------------------------------------------------------------------------------

  onLine(activation: Activation, line: number): boolean {
    this.line = line;
    return isUserScript(activation) && this.#stopsAt(line, false);
  }

  onCount(activation: Activation, line: number): boolean {
    this.line = line;
    if (!isUserScript(activation)) return false;
    const { step, breaksNext, breakpoints } = this.#state;
    if (step || breaksNext || breakpoints.has(line)) return this.#stopsAt(line, false);
    const { busyReplyThreshold } = this.#node.config.values;
    const limitMs = busyReplyThreshold > 0 ? busyReplyThreshold : TIME_LIMIT_MS;
    const elapsedUs = this.#node.host.monotonicUs() - this.#runsSinceUs;
    return elapsedUs >= limitMs * 1000 && this.#stopsAt(line, true);
  }

  onPass(line: number): void {
    this.line = line;
  }

  #stopsAt(line: number, hasTimedOut: boolean): boolean {
    const state = this.#state;
    const isBreak = state.breaksNext || state.breakpoints.has(line);
    if (!state.step && !isBreak && !hasTimedOut) return false;
    let reason = "step over";
    if (isBreak) reason = state.breaksNext ? "redis.breakpoint() called" : "break point";
    else if (hasTimedOut) reason = "timeout reached, infinite loop?";
    state.step = false;
    state.breaksNext = false;
    this.#hasTimedOut = hasTimedOut;
    this.log(`* Stopped at ${line}, stop reason = ${reason}`);
    this.#inspector!.logLine(line);
    this.#send();
    this.#mode = WAITING;
    return true;
  }

  isWaiting(): boolean {
    if (this.#mode !== RUNNING) return true;
    const error = this.#error;
    this.#error = null;
    if (error !== null) {
      const { runtime } = this.#engine!;
      runtime.raise(errorTable(runtime, error));
    }
    return false;
  }

  #resume(error: string | null = null): void {
    this.#mode = RUNNING;
    this.#error = error;
    this.#runsSinceUs = this.#node.host.monotonicUs();
  }

  // -- what is noted down ---------------------------------------------------------------------------

  get isStepping(): boolean {
    return this.#state.step;
  }

  breakNext(): void {
    this.#state.breaksNext = true;
  }

  log(text: string): void {
    this.#logs.push(text);
  }

  logLimited(text: string): void {
    const state = this.#state;
    const max = state.textLengthMax;
    if (max === 0 || text.length <= max) return this.log(text);
    this.log(`${text.slice(0, max)} ...`);
    if (state.isHinted) return;
    state.isHinted = true;
    this.log(HINT);
  }

  /** It goes out at once: what commands have answered waits for the session's end. */
  #send(): void {
    let text = `*${this.#logs.length}\r\n`;
    for (const line of this.#logs) {
      text += `+${line.replace(/[\r\n]/g, " ")}\r\n`;
      if (text.length < SENT_LENGTH) continue;
      this.#sendText(text);
      text = "";
    }
    this.#logs.length = 0;
    this.#sendText(text);
  }

  #sendText(text: string): void {
    const { client } = this;
    if (client.has(CLOSED)) return;
    const bytes = toBytes(text);
    client.unsentBytes = this.#node.host.send(client.connection, bytes, 0, bytes.length);
  }

  // -- requests -------------------------------------------------------------------------------------

  /** Executes what the client has asked for, until the script goes on or more has to come. */
  #read(): void {
    const state = this.#state;
    let reads = 0;
    while (this.#mode === WAITING) {
      const request = parseRequest(state.buffer);
      if (request === "") return this.#resume("protocol error");
      if (request !== null) {
        // What was read together with a request is lost.
        state.buffer = "";
        this.#execute(request);
        continue;
      }
      if (this.#input === "") {
        if (this.#isGone) this.#goOnAlone();
        return;
      }
      if (++reads > READS_PER_STEP || (this.#isUnread && !this.#isGone)) return;
      state.buffer += this.#input.slice(0, READ_BYTES);
      this.#input = this.#input.slice(READ_BYTES);
      if (this.#input === "") this.#pauseReading(false);
      if (state.buffer.length > BUFFER_BYTES_MAX) {
        state.buffer = "";
        return this.#resume("max client buffer reached");
      }
    }
  }

  #goOnAlone(): void {
    const state = this.#state;
    state.step = false;
    state.breakpoints.clear();
    // It might run for ever.
    const error = "timeout during Lua debugging with client closing connection";
    this.#resume(this.#hasTimedOut ? error : null);
  }

  #execute(args: readonly string[]): void {
    const state = this.#state;
    switch (cString(args[0]).toLowerCase()) {
      case "s":
      case "step":
      case "n":
      case "next":
        state.step = true;
        return this.#resume();
      case "c":
      case "continue":
        return this.#resume();
      case "a":
      case "abort":
        return this.#resume("script aborted for user request");
      case "e":
      case "eval":
        return this.#evaluate(args.slice(1).join(" "));
      default:
        this.#answer(args);
        this.#send();
    }
  }

  /** Requests that are answered at once. */
  #answer(args: readonly string[]): void {
    switch (cString(args[0]).toLowerCase()) {
      case "h":
      case "help":
        for (const line of DEBUGGER_HELP) this.log(line);
        return;
      case "t":
      case "trace":
        return this.#inspector!.trace();
      case "m":
      case "maxlen":
        return this.#inspector!.limit(args);
      case "b":
      case "break":
        return this.#inspector!.break(args);
      case "r":
      case "redis":
        if (args.length > 1) return this.#call(args.slice(1));
        break;
      case "p":
      case "print":
        if (args.length === 2) return this.#inspector!.print(cString(args[1]));
        return this.#inspector!.printAll();
      case "l":
      case "list":
        return this.#inspector!.listAround(args);
      case "w":
      case "whole":
        return this.#inspector!.list(1, WHOLE_CONTEXT);
      default:
    }
    this.log(UNKNOWN);
  }

  // -- code and commands ----------------------------------------------------------------------------

  #evaluate(code: string): void {
    const { runtime } = this.#engine!;
    let f: LuaFunction;
    try {
      f = compileEither(runtime, code);
    } catch (error) {
      return this.#endEvaluation(error);
    }
    this.#restore = this.#interpreter!.placeInScript();
    this.#interpreter!.isSilent = true;
    this.#mode = EVALUATING;
    this.#evaluation = new Run(runtime, f, []);
  }

  #stepEvaluation(fuel: number): void {
    const run = this.#evaluation!;
    if (this.#isGone) {
      // Nobody could ever end it.
      this.#restore!();
      return this.#endEvaluation(new LuaError("interrupted"));
    }
    try {
      if (run.step(fuel)) this.#endEvaluation(null);
    } catch (error) {
      this.#endEvaluation(error);
    }
  }

  #endEvaluation(error: unknown): void {
    if (error === null) {
      this.logLimited(`<retval> ${valueText(first(this.#evaluation!.results))}`);
    } else {
      if (!(error instanceof LuaError)) throw error;
      this.log(`<error> ${cString(this.#errorText(error))}`);
    }
    this.#evaluation = null;
    this.#interpreter!.isSilent = false;
    this.#mode = WAITING;
    this.#send();
  }

  /** Of an error that is no text Redis 7.4 looks for the text all the same, and crashes. */
  #errorText({ value }: LuaError): string {
    const { runtime } = this.#engine!;
    const text = value instanceof LuaTable ? value.get("err") : value;
    return textOf(text) ?? `(error object is a ${runtime.typeName(value)} value)`;
  }

  #call(args: readonly string[]): void {
    const state = this.#state;
    state.step = true;
    try {
      this.#natives!.call(args, true);
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
    }
    state.step = false;
  }
}

/** An expression, or else statements. */
function compileEither(runtime: ScriptEngine["runtime"], code: string): LuaFunction {
  try {
    return runtime.compile(`return ${code}`, "@ldb_eval");
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return runtime.compile(code, "@ldb_eval");
  }
}
