// The scripts of a node: those that are cached for EVALSHA, the libraries of functions, and the one
// that runs. How one is run is in script-runner.ts.
import { TOO_FEW_REPLICAS } from "../commands/errors.ts";
import type { Command } from "../commands/table.ts";
import type { Context } from "../node/context.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { asciiLower, toBytes } from "../util/bytes.ts";
import { sha1Hex } from "../util/sha1.ts";
import { Debugger } from "./debugger/debugger.ts";
import { EvalEngine } from "./eval-engine.ts";
import { FunctionEngine } from "./function-engine.ts";
import { newRandom, type Random } from "./lib/random.ts";
import {
  ENGINE_NAME,
  isName,
  Libraries,
  type Library,
  type LibraryFunction,
  WRONG_NAME,
} from "./libraries.ts";
import { LuaError } from "./lua/error.ts";
import { type Script, ScriptCache } from "./script-cache.ts";
import {
  ALLOW_OOM,
  COMPATIBLE,
  commandFlagsWith,
  NO_WRITES,
  readLibraryHead,
  readScriptHead,
} from "./script-flags.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { SuspendedScript } from "./suspended-script.ts";

const HASH = 35;
const BANG = 33;

const BUSY =
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
const BUSY_FUNCTION =
  "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";
const NOT_BUSY = "NOTBUSY No scripts in execution right now.";
const UNKILLABLE =
  "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.";
const NOT_READ_ONLY = "ERR Can not execute a script with write flag using *_ro command.";
const OUT_OF_MEMORY =
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'";

/** More scripts or functions than this are forgotten in the background, if that is wanted. */
const LAZY_OBJECTS_MIN = 64;

/** Scripts are known by this name to Lua. */
const CHUNK_NAME = "@user_script";
/** A longer script may be too much for what comes after the parser: that shows when it is compiled. */
const CHECKED_LENGTH_MAX = 16_384;

/** What an interpreter without scripts takes. Measured once, rounded; a constant. */
const ENGINE_BYTES = 33 * 1024;
/** What a script or library takes when it is compiled, besides what grows with its text. */
const COMPILED_BYTES = 200;

export class Scripting {
  readonly #node: Node;
  readonly #seed: number;
  readonly #runner: ScriptRunner;
  readonly cache: ScriptCache;
  readonly debugger: Debugger;
  libraries: Libraries;
  /** Made when first needed: most simulated nodes run no scripts. */
  #evalEngine: EvalEngine | null = null;
  #functionEngine: FunctionEngine | null = null;
  /** math.random of both engines; no script starts it anew. */
  readonly #random: Random = newRandom();

  constructor(node: Node) {
    this.#node = node;
    this.#seed = node.prng.next();
    this.#runner = new ScriptRunner(node);
    this.cache = new ScriptCache(this.#seed);
    this.cache.mayForgetCode = ({ main }) => main!.env === this.#evaluator.globals;
    this.debugger = new Debugger(node);
    this.cache.onEvicted = () => node.statistics.evictedScripts++;
    this.libraries = this.emptyLibraries();
  }

  emptyLibraries(): Libraries {
    return new Libraries(this.#seed);
  }

  get #evaluator(): EvalEngine {
    const { run, calls } = this.#runner;
    this.#evalEngine ??= new EvalEngine(this.#node, run, calls, this.#random);
    return this.#evalEngine;
  }

  get #functions(): FunctionEngine {
    const { run, calls } = this.#runner;
    this.#functionEngine ??= new FunctionEngine(this.#node, run, calls, this.#random);
    return this.#functionEngine;
  }

  // -- scripts ------------------------------------------------------------------------------------

  /**
   * The script with this text, or the error that it has. One of EVAL is going to be run; of others
   * only the syntax is looked at, as many never are.
   */
  load(body: string, sha: string, isFromEval: boolean): Script | string {
    const head = readScriptHead(body);
    if (typeof head === "string") return head;
    const { flags, length: codeStart } = head;
    const script: Script = { sha, body, flags, codeStart, main: null, usedAt: 0, isFromEval };
    const isLong = body.length > CHECKED_LENGTH_MAX;
    const error = this.#compile(script, !isFromEval && !isLong);
    if (error !== "") return error;
    this.cache.add(script);
    return script;
  }

  /** Compiles a script or only checks it. Answers with the error that it has, or "". */
  #compile(script: Script, onlyChecks: boolean): string {
    const { runtime } = this.#evaluator;
    const code = script.body.slice(script.codeStart);
    try {
      if (onlyChecks) runtime.check(code, CHUNK_NAME);
      else script.main = runtime.load(code, CHUNK_NAME);
      return "";
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      return `ERR Error compiling script (new function): ${String(error.value)}`;
    }
  }

  /** SCRIPT FLUSH: nothing is left, not even what scripts have changed in Lua's own tables. */
  flushScripts(isLazy: boolean): void {
    if (isLazy) this.#noteLazy(this.cache.count);
    this.cache.clear();
    this.#evalEngine = null;
  }

  /** True when there is a script with this digest. */
  has(sha: string): boolean {
    return this.cache.find(toBytes(sha), 0, sha.length) !== null;
  }

  /** The script whose text (EVAL) or digest (EVALSHA) is in argument 1, or null. */
  find(args: Args, isDigest: boolean): Script | null {
    const { bytes } = args;
    const offset = args.offset[1];
    const length = args.length[1];
    if (isDigest) return this.cache.find(bytes, offset, length);
    const known = this.cache.findText(bytes, offset, length);
    if (known !== null) return known;
    const sha = toBytes(sha1Hex(bytes, offset, length));
    return this.cache.find(sha, 0, sha.length);
  }

  /** Runs a script for EVAL and the like. */
  evaluate(
    ctx: Context,
    args: Args,
    reply: Reply,
    script: Script,
    keyCount: number,
    isReadOnly: boolean,
  ): void {
    ctx.propagateNothing();
    this.cache.touch(script);
    if (!this.#prepare(ctx, reply, script.sha, script.flags, true, isReadOnly)) return;
    const session = this.debugger.sessionOf(ctx.client);
    if (session !== null) {
      const body = script.body.slice(script.codeStart);
      return this.#runner.debug(ctx, args, this.#evaluator, body, keyCount, session);
    }
    if (script.main === null) {
      const error = this.#compile(script, false);
      if (error !== "") return reply.error(error);
      this.cache.noteCompiled(script);
    }
    this.#runner.execute(ctx, args, reply, this.#evaluator, script.main!, keyCount, false);
  }

  /** Many objects are forgotten in the background: INFO's lazyfreed_objects. */
  #noteLazy(count: number, others = 0): void {
    const { lazyFree } = this.#node.keyspace;
    if (count > LAZY_OBJECTS_MIN) lazyFree.freedObjects += count + others;
  }

  // -- functions ----------------------------------------------------------------------------------

  /** Reads and runs the code of a library. Answers with the library, which is not added, or an error. */
  loadLibrary(code: string, into: Libraries, replaces: boolean): Library | string {
    const head = readLibraryHead(code);
    if (typeof head === "string") return head;
    if (!isName(head.name)) return WRONG_NAME;
    if (asciiLower(head.engine) !== asciiLower(ENGINE_NAME))
      return `ERR Engine '${head.engine}' not found`;
    const old = into.get(head.name);
    if (old !== undefined && !replaces) return `ERR Library '${head.name}' already exists`;
    const library = this.#functions.load(code, head);
    if (typeof library === "string") return library;
    if (old !== undefined) into.remove(old);
    const taken = into.conflictOf(library);
    if (taken === null) into.add(library);
    else if (old !== undefined) into.add(old);
    return taken === null ? library : `ERR Function ${taken} already exists`;
  }

  /** Loads libraries that were saved. Answers with what is wrong, or "". */
  loadLibraries(codes: readonly string[], replaces: boolean): string {
    for (const code of codes) {
      const library = this.loadLibrary(code, this.libraries, replaces);
      if (typeof library === "string") return library;
    }
    return "";
  }

  /** FUNCTION FLUSH: as with scripts, Lua begins anew. */
  flushFunctions(isLazy: boolean): void {
    // The engine is one of the objects.
    if (isLazy) this.#noteLazy(this.libraries.functionCount, 1);
    this.libraries = this.emptyLibraries();
    this.#functionEngine = null;
  }

  findFunction(args: Args): LibraryFunction | null {
    return this.libraries.findFunction(args.bytes, args.offset[1], args.length[1]);
  }

  /** Runs a function for FCALL. */
  callFunction(
    ctx: Context,
    args: Args,
    reply: Reply,
    callee: LibraryFunction,
    keyCount: number,
    isReadOnly: boolean,
  ): void {
    ctx.propagateNothing();
    if (!this.#prepare(ctx, reply, callee.name, callee.flags, false, isReadOnly)) return;
    const { callback, keepsState } = callee;
    this.#runner.execute(ctx, args, reply, this.#functions, callback, keyCount, keepsState);
  }

  // -- permission ---------------------------------------------------------------------------------

  /** The flags of a command that runs a script, as the script's own flags make them. */
  commandFlags(command: Command, args: Args): number {
    const { flags, name } = command;
    // fcall, fcall_ro; evalsha, evalsha_ro; eval, eval_ro
    if (name[0] === "f") {
      const callee = this.findFunction(args);
      return callee === null ? flags : commandFlagsWith(flags, callee.flags);
    }
    const isDigest = name[4] === "s";
    const script = this.find(args, isDigest);
    if (script !== null) return commandFlagsWith(flags, script.flags);
    if (isDigest || !startsWithShebang(args)) return flags;
    const head = readScriptHead(args.latin1(1));
    return typeof head === "string" ? flags : commandFlagsWith(flags, head.flags);
  }

  /** Fills in the run. Answers with an error itself and returns false when the script must not run. */
  #prepare(
    ctx: Context,
    reply: Reply,
    name: string,
    flags: number,
    isEval: boolean,
    isReadOnly: boolean,
  ): boolean {
    const { run } = this.#runner;
    const declares = (flags & COMPATIBLE) === 0;
    if (declares && (flags & NO_WRITES) === 0) {
      if (isReadOnly) {
        reply.error(NOT_READ_ONLY);
        return false;
      }
      if (this.#node.dispatcher.lacksReplicas) {
        reply.error(TOO_FEW_REPLICAS);
        return false;
      }
      if ((flags & ALLOW_OOM) === 0 && this.#node.dispatcher.outOfMemory) {
        reply.error(OUT_OF_MEMORY);
        return false;
      }
    }
    run.begin(ctx.client, name, isEval);
    run.isReadOnly = isReadOnly || (declares && (flags & NO_WRITES) !== 0);
    run.allowsOom = declares && (flags & ALLOW_OOM) !== 0;
    return true;
  }

  // -- the script that runs -----------------------------------------------------------------------

  /** A script has made way for others and is in the middle of its work. */
  get isBusy(): boolean {
    return this.#runner.suspended !== null;
  }

  get busyError(): string {
    return this.#runner.run.isEval ? BUSY : BUSY_FUNCTION;
  }

  /** The run that is in the middle of its work, or null. */
  get suspended(): SuspendedScript | null {
    return this.#runner.suspended;
  }

  /** Whether that run is one of EVAL's. */
  get runsEval(): boolean {
    return this.#runner.run.isEval;
  }

  get runningName(): string {
    return this.#runner.run.name;
  }

  /** Monotonic time when it began. */
  get startUs(): number {
    return this.#runner.run.startUs;
  }

  /** Lets it go on for up to so many small steps. Answers with whether there is more to do. */
  goOn(steps: number): boolean {
    for (let i = 0; i < steps && this.#canGoOn; i++) this.#runner.suspended!.step();
    return this.isBusy ? this.#canGoOn : this.#node.jobs.count > 0;
  }

  get #canGoOn(): boolean {
    const { suspended } = this.#runner;
    return suspended !== null && !suspended.session?.isIdle;
  }

  /** What is left of the transaction that has called it comes when it has ended. */
  afterwards(then: () => void): void {
    this.#runner.suspended!.afterwards(then);
  }

  /** SCRIPT KILL and FUNCTION KILL. Answers with the error, "" when it is going to end. */
  kill(isEval: boolean): string {
    const { run } = this.#runner;
    if (!this.isBusy) return NOT_BUSY;
    if (run.hasWritten) return UNKILLABLE;
    if (isEval !== run.isEval) return this.busyError;
    run.isKilled = true;
    return "";
  }

  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may call what they otherwise must not. */
  set allowsAllCommands(allows: boolean) {
    this.#runner.calls.allowsAll = allows;
  }

  // -- memory -------------------------------------------------------------------------------------

  /** What scripts and libraries take: part of the memory in use. */
  get cachedBytes(): number {
    return this.cache.bytes + this.libraries.bytes;
  }

  get evalEngineBytes(): number {
    const runBytes = this.isBusy ? (this.#evalEngine?.allocatedBytes ?? 0) : 0;
    return ENGINE_BYTES + this.cache.textBytes + this.cache.count * COMPILED_BYTES + runBytes;
  }

  get functionEngineBytes(): number {
    const runBytes = this.isBusy ? (this.#functionEngine?.allocatedBytes ?? 0) : 0;
    return ENGINE_BYTES + this.libraries.functionCount * COMPILED_BYTES + runBytes;
  }
}

function startsWithShebang(args: Args): boolean {
  const at = args.offset[1];
  return args.length[1] >= 2 && args.bytes[at] === HASH && args.bytes[at + 1] === BANG;
}
