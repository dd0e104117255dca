// A Lua interpreter: global variables, the call stack, and what natives need to work with values.
// It compiles chunks and runs them on their fast bodies (`run`) or in steps on generators (`start`).
// It reads no clock and no entropy: whoever owns it sets `clock`, `random` and `onFuel`.

import { WIDE_ZERO } from "../../util/wide.ts";
import { formatNumber, parseNumber } from "../lib/number-format.ts";
import { ArrayPool } from "./array-pool.ts";
import { openBase } from "./base.ts";
import {
  CallStack,
  FAST_DEPTH_MAX,
  LEVEL_NONE,
  LEVEL_TAIL,
  NATIVE_CALLS_MAX,
} from "./call-stack.ts";
import { chunkId } from "./chunk.ts";
import { compileFast, Linker, suspendableFactories } from "./compiler.ts";
import { openCoroutines } from "./coroutine.ts";
import { LuaError, SwitchToSuspendable } from "./error.ts";
import { type Heap, LuaFunction, type Request, type SuspendableBody } from "./function.ts";
import { addressOf } from "./hash.ts";
import { createHelpers } from "./helpers.ts";
import { CALL, metamethod, metatableOf } from "./metatables.ts";
import { ANSWER_ALL, answered, createOperations, type Operations } from "./operations.ts";
import { parse } from "./parser.ts";
import { PENDING, PENDING_META, PENDING_NATIVE, REQUEST_CALL, REQUEST_PAUSE } from "./pending.ts";
import { Run } from "./run.ts";
import { LuaTable } from "./table.ts";
import { log2Ceiling } from "./table-sizes.ts";
import type { LuaThread } from "./thread.ts";
import { type FastBody, first, LuaObject, type LuaValue, type Results } from "./value.ts";

const FUEL_UNLIMITED = 1_000_000_000;

/** The state of the scripts' random numbers. */
export interface RandomSource {
  state: unknown;
}

export class Runtime extends CallStack implements Heap {
  globals: LuaTable;
  stringMetatable: LuaTable | null = null;
  /** Loops and calls left before `onFuel` is asked for more. */
  fuel: number = FUEL_UNLIMITED;
  /** Answers with more fuel, or throws. */
  onFuel: (() => number) | null = null;
  /** Bytes allocated so far, about; nothing is ever taken off. */
  allocated: number = WIDE_ZERO;
  /** Steps that a script has made in the collection cycle that it believes to be going on. */
  collectorSteps = 0;
  readonly arrays: ArrayPool = new ArrayPool();
  /** Whether there is no room for so many bytes more; null: there always is. */
  hasNoRoom: ((bytes: number) => boolean) | null = null;
  objectCount = 0;
  /** Calls of natives and metamethods that are running. */
  nativeCalls = 0;
  /** The depth at which fast code must give up. */
  depthMax: number = FAST_DEPTH_MAX;
  /** What a script's errors go through where nothing else has caught them. */
  errorHandler: LuaFunction | null = null;
  /** The handler that is in force: the script's, xpcall's, or none inside pcall and coroutines. */
  errorFunction: LuaValue = undefined;
  /** The coroutine that is running, null for the main thread. */
  thread: LuaThread | null = null;
  /** The run in steps that is going on. */
  activeRun: Run | null = null;
  /** Hears of every error that is made of a text, while a script is debugged. */
  onErrorTable: ((text: string) => void) | null = null;
  /** Compiles what a debugged script loads, once it is known to be right. */
  debugCompile: ((source: string, chunkName: string) => LuaFunction) | null = null;
  clock: () => number = () => 0;
  random: RandomSource = { state: undefined };

  // What a generator asks the machine to do: see pending.ts.
  pendingFunction: LuaValue = undefined;
  pendingArgs: readonly LuaValue[] = [];
  pendingAnswer: number = ANSWER_ALL;
  pendingKind = 0;
  pendingThread: LuaThread | null = null;

  /** What `pairs` and `ipairs` give as iterators: compiled loops walk tables for them in place. */
  next: LuaFunction | null = null;
  ipairsNext: LuaFunction | null = null;

  private readonly fast: Operations;
  private readonly deferred: Operations;
  private readonly fastLinker: Linker;
  private readonly suspendableLinker: Linker;

  constructor() {
    super();
    // Lua makes it with room for two: that decides the order of its keys.
    this.globals = new LuaTable(this, 0, 2);
    this.fast = createOperations(this, (f, args, answer) => this.callNow(f, args, answer));
    this.deferred = createOperations(this, (f, args, answer) =>
      this.defer(f, args, answer, PENDING_META),
    );
    this.fastLinker = new Linker(this, this.fast, createHelpers(this));
    this.suspendableLinker = new Linker(this, this.deferred, createHelpers(this));
    openBase(this);
    openCoroutines(this);
  }

  // -- compiling and running ----------------------------------------------------------------------

  /** A chunk's main function. Throws LuaError with the message of a syntax error. */
  compile(source: string, chunkName: string): LuaFunction {
    const chunk = compileFast(source, chunkName, this.nativeCalls, this.fastLinker);
    if (this.debugCompile !== null) return this.debugCompile(source, chunkName);
    const main = new LuaFunction(this, chunk.prototypes[0], this.globals, [], "", null!, null);
    main.fast = chunk.fast[0](main);
    return main;
  }

  /**
   * As `compile`, from outside, while nothing runs. A text too long in one of the ways that nest in
   * JavaScript, but not in Lua (sums, calls of calls), is one with too many levels.
   */
  load(source: string, chunkName: string): LuaFunction {
    return this.outside(chunkName, () => this.compile(source, chunkName));
  }

  /** Only looks for syntax errors, which it throws as `load` does: a fraction of the work. */
  check(source: string, chunkName: string): void {
    this.outside(chunkName, () => parse(source, chunkName));
  }

  private outside<T>(chunkName: string, work: () => T): T {
    this.unwind();
    try {
      return work();
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      const message = `${chunkId(chunkName)}: chunk has too many syntax levels`;
      throw new LuaError(message);
    }
  }

  /** Calls a function from outside on its fast body. */
  run(f: LuaFunction, args: readonly LuaValue[]): Results {
    this.unwind();
    this.nativeCalls = 1;
    try {
      return f.fast(...args);
    } catch (error) {
      throw this.translate(error);
    }
  }

  /** Prepares a call from outside that runs in steps. */
  start(f: LuaFunction, args: readonly LuaValue[]): Run {
    this.unwind();
    return new Run(this, f, args);
  }

  /** Forgets what was running; a second run of a script gets the object count of its start. */
  reset(objectCount: number = this.objectCount): void {
    this.unwind();
    this.objectCount = objectCount;
    this.collectorSteps = 0;
  }

  private unwind(): void {
    this.depth = 0;
    this.base = 0;
    this.nativeCalls = 0;
    this.thread = null;
    this.activeRun = null;
    this.errorFunction = this.errorHandler ?? undefined;
    this.depthMax = FAST_DEPTH_MAX;
  }

  /** The generator body of a Lua function, or of a native that has one. */
  suspendableBody(f: LuaFunction): SuspendableBody | null {
    if (f.suspendable === null && f.prototype !== null) {
      const factories = suspendableFactories(f.prototype.chunk, this.suspendableLinker);
      const body: unknown = factories[f.prototype.index](f, ...f.upvalues);
      f.suspendable = body as SuspendableBody;
    }
    return f.suspendable;
  }

  refuel(): void {
    // In a run in steps the generators see that nothing is left; natives that run fast go on.
    if (this.activeRun !== null) this.fuel = 0;
    else this.fuel = this.onFuel === null ? FUEL_UNLIMITED : this.onFuel();
  }

  tooDeep(): never {
    if (this.activeRun !== null) this.runtimeError("stack overflow");
    throw new SwitchToSuspendable("depth");
  }

  /**
   * JavaScript's own limits as Lua's: what outgrows its stack goes on generators, where it is an
   * error. All else is thrown as it is.
   */
  translate(error: unknown): unknown {
    if (!(error instanceof RangeError)) return error;
    if (isStackOverflow(error)) {
      if (this.activeRun === null) return new SwitchToSuspendable("depth");
      return new LuaError(`${this.where(1)}stack overflow`, "=[C]", -1, this.depth);
    }
    const isMemory = /^(Invalid (string|array) length|Array buffer allocation)/.test(error.message);
    return isMemory ? new LuaError("not enough memory", "=[C]", -1, this.depth) : error;
  }

  // -- making values ------------------------------------------------------------------------------

  native(name: string, fast: FastBody, suspendable: SuspendableBody | null = null): LuaFunction {
    return new LuaFunction(this, null, this.globals, [], name, fast, suspendable);
  }

  table(arraySize = 0, nodeSize = 0): LuaTable {
    return new LuaTable(this, arraySize, nodeSize);
  }

  /** The table that storing `items[1]`, `items[2]`, … one by one gives; `items` has a hole in front. */
  list(items: LuaValue[]): LuaTable {
    const table = new LuaTable(this, 0, 0);
    const count = items.length - 1;
    if (count > 0) table.adoptList(items, 2 ** log2Ceiling(count));
    return table;
  }

  typeName(value: LuaValue): string {
    if (value === undefined) return "nil";
    if (value instanceof LuaTable) return "table";
    if (value instanceof LuaFunction) return "function";
    if (value instanceof LuaObject) return value.typeName;
    return typeof value;
  }

  isUserdata(value: LuaValue): boolean {
    return value instanceof LuaObject && value.typeName === "userdata";
  }

  tonumber(value: LuaValue): number | undefined {
    if (typeof value === "number") return value;
    return typeof value === "string" ? parseNumber(value) : undefined;
  }

  // -- errors -------------------------------------------------------------------------------------

  /** Raises any value, for a native that the frame on top has called. */
  raise(value: LuaValue): never {
    const { source, line } = this.position();
    throw new LuaError(value, source, line, this.depth, true);
  }

  /** luaL_error: a message with the position of the function at a level, 1 being the caller. */
  error(message: string, level = 1): never {
    this.raise(this.where(level) + message);
  }

  /** An error of Lua itself: the position is the frame on top's if that is Lua code. */
  runtimeError(message: string): never {
    const f = this.top;
    if (f === null) return this.nativeError(message);
    const { chunk } = f.prototype!;
    const line = chunk.lineOf(this.sites[this.depth]);
    throw new LuaError(`${chunk.id}:${line}: ${message}`, chunk.name, line, this.depth);
  }

  /** Lua's own error while a native is on top: it says no position, but belongs to its caller. */
  private nativeError(message: string): never {
    const below = this.depth - 1;
    const caller = below > this.base ? this.frames[below] : null;
    if (caller === null) this.raise(message);
    const { chunk } = caller.prototype!;
    throw new LuaError(message, chunk.name, chunk.lineOf(this.sites[below]), this.depth, true);
  }

  makeSure(bytes: number): void {
    if (this.hasNoRoom?.(bytes)) this.memoryError();
  }

  memoryError(): never {
    this.raise("not enough memory");
  }

  /** "attempt to index global 'x' (a nil value)"; `which` operand of the site it is, 0 for none. */
  operandError(action: string, value: LuaValue, which: number): never {
    const name = this.operandName(which);
    const type = this.typeName(value);
    this.runtimeError(
      name === ""
        ? `attempt to ${action} a ${type} value`
        : `attempt to ${action}${name} (a ${type} value)`,
    );
  }

  /** "bad argument #1 to 'insert' (…)", with the name by which the native was called. */
  argError(n: number, message: string): never {
    const called = this.calledName();
    const name = called === undefined ? "?" : called.slice(1).split("\0", 1)[0];
    if (called?.[0] !== "m") this.error(`bad argument #${n} to '${name}' (${message})`);
    if (n === 1) this.error(`calling '${name}' on bad self (${message})`);
    this.error(`bad argument #${n - 1} to '${name}' (${message})`);
  }

  /** The function at a level for getfenv: null for a native, undefined when there is no such level. */
  functionAt(level: number): LuaFunction | null | undefined {
    const d = this.levelDepth(level);
    if (d === LEVEL_TAIL) this.error(`no function environment for tail call at level ${level}`);
    return d === LEVEL_NONE ? undefined : this.frames[d];
  }

  // -- calling ------------------------------------------------------------------------------------

  /** Something callable for a value that is no function: it fails, or calls `__call`, when called. */
  callable(value: LuaValue): FastBody {
    return (...args: LuaValue[]) => {
      const handler = metamethod(this, value, CALL);
      if (handler instanceof LuaFunction) return handler.fast(value, ...args);
      return this.operandError("call", value, 1);
    };
  }

  /** A call by a native, on fast bodies. */
  call(f: LuaValue, args: readonly LuaValue[]): Results {
    const { depth, depthMax } = this;
    this.enterNative();
    // Many arguments take room on JavaScript's stack: the native's own, and those it passes on.
    this.depthMax -= args.length >> 5;
    const target = f instanceof LuaFunction ? f.fast : this.callable(f);
    const results = target(...args);
    this.nativeCalls--;
    this.depth = depth;
    this.depthMax = depthMax;
    return results;
  }

  /** As `call`, with one or two arguments, for natives that call very often. */
  call1(f: LuaFunction, a: LuaValue): Results {
    const { depth } = this;
    this.enterNative();
    const results = f.fast(a);
    this.nativeCalls--;
    this.depth = depth;
    return results;
  }

  call2(f: LuaFunction, a: LuaValue, b: LuaValue): Results {
    const { depth } = this;
    this.enterNative();
    const results = f.fast(a, b);
    this.nativeCalls--;
    this.depth = depth;
    return results;
  }

  /** A call by a native's generator body. */
  *callSuspendable(f: LuaValue, args: readonly LuaValue[]): Generator<Request, Results, Results> {
    this.defer(f, args, ANSWER_ALL, PENDING_NATIVE);
    return yield REQUEST_CALL;
  }

  /** Puts the frame of a native that calls on the stack. */
  enterNative(): void {
    this.pushNative();
    this.countNativeCall();
  }

  /** Takes it off again. */
  leaveNative(): void {
    this.depth--;
    this.nativeCalls--;
  }

  countNativeCall(): void {
    if (++this.nativeCalls < NATIVE_CALLS_MAX) return;
    if (this.nativeCalls === NATIVE_CALLS_MAX) this.runtimeError("C stack overflow");
    if (this.nativeCalls >= NATIVE_CALLS_MAX + NATIVE_CALLS_MAX / 8) {
      throw new LuaError("error in error handling", "=[C]", -1, this.depth, false, true);
    }
  }

  /** A metamethod's call from fast code. */
  private callNow(f: LuaValue, args: readonly LuaValue[], answer: number): LuaValue {
    this.countNativeCall();
    const target = f instanceof LuaFunction ? f.fast : this.callable(f);
    const results = target(...args);
    this.nativeCalls--;
    return answered(results, answer) as LuaValue;
  }

  /** Asks the machine for a call, made by one of PENDING_…. */
  defer(f: LuaValue, args: readonly LuaValue[], answer: number, kind: number): LuaValue {
    this.pendingFunction = f;
    this.pendingArgs = args;
    this.pendingAnswer = answer;
    this.pendingKind = kind;
    return PENDING as unknown as LuaValue;
  }

  // -- operations for natives: they do not stand for a Lua function, so errors have no position ----

  private asNative<T>(action: () => T): T {
    const { depth } = this;
    this.enterNative();
    const result = action();
    this.nativeCalls--;
    this.depth = depth;
    return result;
  }

  index(object: LuaValue, key: LuaValue): LuaValue {
    if (object instanceof LuaTable && object.metatable === null) return object.get(key);
    return this.asNative(() => this.fast.getIndex(object, key, 0));
  }

  setIndex(object: LuaValue, key: LuaValue, value: LuaValue): void {
    this.asNative(() => this.fast.setIndex(object, key, value, 0));
  }

  // Generator bodies' versions: the operations ask the machine when there is a metamethod.

  *indexSuspendable(object: LuaValue, key: LuaValue): Generator<Request, LuaValue, Results> {
    if (object instanceof LuaTable && object.metatable === null) return object.get(key);
    return (yield* this.waitAsNative(() => this.deferred.getIndex(object, key, 0))) as LuaValue;
  }

  *setIndexSuspendable(
    object: LuaValue,
    key: LuaValue,
    value: LuaValue,
  ): Generator<Request, void, Results> {
    yield* this.waitAsNative(() => this.deferred.setIndex(object, key, value, 0));
  }

  *equalsSuspendable(a: LuaValue, b: LuaValue): Generator<Request, boolean, Results> {
    return (yield* this.waitAsNative(() => this.deferred.equals(a, b, 0))) as boolean;
  }

  *lessThanSuspendable(a: LuaValue, b: LuaValue): Generator<Request, boolean, Results> {
    return (yield* this.waitAsNative(() => this.deferred.less(a, b, 0))) as boolean;
  }

  private *waitAsNative(operation: () => LuaValue): Generator<Request, Results, Results> {
    const value: unknown = this.asNative(operation);
    if (value !== PENDING) return value as LuaValue;
    this.pendingKind = PENDING_NATIVE;
    return yield REQUEST_CALL;
  }

  equals(a: LuaValue, b: LuaValue): boolean {
    return a === b || this.asNative(() => this.fast.equals(a, b, 0) as boolean);
  }

  lessThan(a: LuaValue, b: LuaValue): boolean {
    return this.asNative(() => this.fast.less(a, b, 0) as boolean);
  }

  /** Sets without metamethods, but not in a table that is protected. */
  rawset(table: LuaTable, key: LuaValue, value: LuaValue): void {
    const isRefused = table.readonly || key === undefined || Number.isNaN(key);
    if (!isRefused) {
      table.set(key, value);
      return;
    }
    this.asNative(() => {
      if (table.readonly) this.runtimeError("Attempt to modify a readonly table");
      this.runtimeError(key === undefined ? "table index is nil" : "table index is NaN");
    });
  }

  /** What the function tostring answers with. */
  tostring(value: LuaValue): string {
    const handler = this.tostringHandler(value);
    if (handler === undefined) return this.plainText(value);
    return first(this.call(handler, [value])) as string;
  }

  *tostringSuspendable(value: LuaValue): Generator<Request, string, Results> {
    const handler = this.tostringHandler(value);
    if (handler === undefined) return this.plainText(value);
    return first(yield* this.callSuspendable(handler, [value])) as string;
  }

  private tostringHandler(value: LuaValue): LuaValue {
    if (typeof value === "number" || value === undefined || typeof value === "boolean") {
      return undefined;
    }
    return metatableOf(this, value)?.getString("__tostring");
  }

  private plainText(value: LuaValue): string {
    switch (typeof value) {
      case "undefined":
        return "nil";
      case "number":
        return formatNumber(value);
      case "string":
        return value;
      case "boolean":
        return value ? "true" : "false";
      default:
        return `${this.typeName(value)}: ${addressOf(value)}`;
    }
  }

  /** Accounts for `n` units of a native's work. */
  spend(n: number): void {
    this.fuel -= n;
    if (this.fuel < 0) this.refuel();
  }

  *spendSuspendable(n: number): Generator<Request, void, unknown> {
    this.fuel -= n;
    if (this.fuel < 0) yield REQUEST_PAUSE;
  }
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith("Maximum call stack");
}
