// Runs generators: the trampoline. A generator that wants a function called puts the call into the
// runtime's `pending…` fields and yields REQUEST_CALL; the machine starts the callee, and resumes the
// generator with the results. So frames lie on the heap, nested as deep as Lua allows, and all of
// them can stop at any REQUEST_PAUSE.
//
// Coroutines are stacks of frames; the machine always runs the innermost one. When the machine's
// first stack is a coroutine that fast code resumed, the machine ends at its yield.

import { FAST_DEPTH_MAX } from "./call-stack.ts";
import { LuaError } from "./error.ts";
import { LuaFunction } from "./function.ts";
import { CALL, metamethod } from "./metatables.ts";
import { ANSWER_ALL, answered } from "./operations.ts";
import {
  PENDING_META,
  PENDING_NATIVE,
  REQUEST_CALL,
  REQUEST_PAUSE,
  REQUEST_RESUME,
  TAIL,
} from "./pending.ts";
import type { Runtime } from "./runtime.ts";
import type { Frame, LuaThread } from "./thread.ts";
import { all, type LuaValue, type Results, results } from "./value.ts";

/**
 * Lua doubles its array of calls until that would be more than 20,000, which is an error. Then the
 * array has grown nevertheless, and is cut down to 20,000, which is what fits from then on.
 */
const CALLS_MAX_LATER = 19_999;

/** How a resumed coroutine came back: its values, or its error. */
export interface Resumed {
  readonly values: readonly LuaValue[];
  readonly error: LuaError | null;
}

export class Machine {
  private readonly rt: Runtime;
  private readonly threads: LuaThread[] = [];
  /** What fast code may still use of the JavaScript stack. */
  private readonly room: number;
  private value: unknown = undefined;
  private error: LuaError | null = null;
  private isDone = false;

  constructor(rt: Runtime) {
    this.rt = rt;
    this.room = Math.min(FAST_DEPTH_MAX, rt.depthMax - rt.depth);
  }

  /** Makes a stack the innermost one and gives it what it waits for. */
  enter(thread: LuaThread, args: readonly LuaValue[]): void {
    const { rt } = this;
    thread.resumer = rt.thread;
    if (rt.thread !== null) rt.thread.status = "normal";
    thread.status = "running";
    thread.nativeBase = ++rt.nativeCalls;
    thread.errorFunction = rt.errorFunction;
    if (!thread.isMain) rt.errorFunction = undefined;
    rt.restoreStack(thread);
    rt.thread = thread;
    this.threads.push(thread);
    const { body } = thread;
    if (body === null) {
      this.value = results([...args]);
      return;
    }
    thread.body = null;
    this.begin(body, args, ANSWER_ALL, rt.depth, rt.nativeCalls);
  }

  /** Runs until the first stack has come back (true) or a step's fuel is used up (false). */
  run(inSteps: boolean): boolean {
    const { rt } = this;
    while (!this.isDone) {
      const thread = this.threads[this.threads.length - 1];
      const { frames } = thread;
      if (frames.length === 0) {
        this.leave(thread);
        continue;
      }
      const frame = frames[frames.length - 1];
      let step: IteratorResult<number, Results | typeof TAIL>;
      try {
        step = this.resumeGenerator(frame);
      } catch (error) {
        this.caught(thread, error);
        continue;
      }
      if (step.done) this.finish(thread, frame, step.value);
      else if (step.value === REQUEST_CALL) this.startPending();
      else if (step.value === REQUEST_PAUSE) {
        if (inSteps) return false;
        this.value = undefined;
        rt.refuel();
      } else if (step.value === REQUEST_RESUME) this.resumePending();
      else this.yieldPending(thread);
    }
    return true;
  }

  private resumeGenerator(frame: Frame): IteratorResult<number, Results | typeof TAIL> {
    const { generator } = frame as { generator: Generator<number, Results | typeof TAIL, unknown> };
    this.rt.depthMax = this.rt.depth + this.room;
    const { error } = this;
    if (error === null) return generator.next(this.value);
    this.error = null;
    return generator.throw(error);
  }

  /** The generator on top has thrown: its frame is gone, the error goes to the one below. */
  private caught(thread: LuaThread, thrown: unknown): void {
    const error = this.rt.translate(thrown);
    if (!(error instanceof LuaError)) throw error;
    this.drop(thread);
    this.error = error;
  }

  private drop(thread: LuaThread): void {
    const frame = thread.frames.pop()!;
    this.rt.popTo(thread.base + frame.depthBefore);
    this.rt.nativeCalls = thread.nativeBase + frame.nativeCallsBefore;
  }

  private finish(thread: LuaThread, frame: Frame, results: Results | typeof TAIL): void {
    const { rt } = this;
    if (results !== TAIL) {
      this.drop(thread);
      this.value = answered(results as Results, frame.answer);
      return;
    }
    const tails = rt.tails[rt.depth] + 1;
    const depth = thread.base + frame.depthBefore;
    const nativeCalls = thread.nativeBase + frame.nativeCallsBefore;
    thread.frames.pop();
    const isNative =
      rt.pendingFunction instanceof LuaFunction && rt.pendingFunction.prototype === null;
    // A native does not take the frame's place: it acts for it, as after any other call.
    if (!isNative) rt.popTo(thread.base + frame.depthBelow);
    this.attempt(() => {
      const { pendingFunction, pendingArgs } = rt;
      this.begin(pendingFunction, pendingArgs, frame.answer, depth, nativeCalls, tails);
    });
  }

  private startPending(): void {
    const { rt } = this;
    const { depth, nativeCalls } = rt;
    this.attempt(() => {
      if (rt.pendingKind === PENDING_NATIVE) rt.enterNative();
      else if (rt.pendingKind === PENDING_META) rt.countNativeCall();
      this.begin(rt.pendingFunction, rt.pendingArgs, rt.pendingAnswer, depth, nativeCalls);
    });
  }

  /** What fails before a frame is there fails in the frame on top. */
  private attempt(action: () => void): void {
    const { depth, nativeCalls } = this.rt;
    try {
      action();
    } catch (thrown) {
      const error = this.rt.translate(thrown);
      if (!(error instanceof LuaError)) throw error;
      this.rt.depth = depth;
      this.rt.nativeCalls = nativeCalls;
      this.error = error;
    }
  }

  private begin(
    callee: LuaValue,
    calleeArgs: readonly LuaValue[],
    answer: number,
    depthBefore: number,
    nativeCallsBefore: number,
    tails = 0,
  ): void {
    const { rt } = this;
    let args = calleeArgs;
    if (!(callee instanceof LuaFunction)) args = [callee, ...args];
    const f = callee instanceof LuaFunction ? callee : callHandler(rt, callee);
    const body = rt.suspendableBody(f);
    if (body === null) {
      rt.depthMax = rt.depth + this.room;
      this.value = answered(f.fast(...args), answer);
      rt.depth = depthBefore;
      rt.nativeCalls = nativeCallsBefore;
      return;
    }
    const thread = this.threads[this.threads.length - 1];
    if (thread.frames.length >= thread.callsMax) {
      thread.callsMax = CALLS_MAX_LATER;
      rt.runtimeError("stack overflow");
    }
    const depthBelow = rt.depth - thread.base;
    if (f.prototype !== null) rt.pushFrame(f, tails);
    thread.frames.push({
      depthBelow,
      generator: body(...args),
      answer,
      depthBefore: depthBefore - thread.base,
      nativeCallsBefore: nativeCallsBefore - thread.nativeBase,
    });
    this.value = undefined;
  }

  // -- coroutines ---------------------------------------------------------------------------------

  private resumePending(): void {
    this.enter(this.rt.pendingThread!, this.rt.pendingArgs);
  }

  /** A stack has run to its end, or to its last error. */
  private leave(thread: LuaThread): void {
    const { error } = this;
    this.error = null;
    thread.status = "dead";
    this.back(thread, error === null ? all(this.value as Results) : [], error);
  }

  private yieldPending(thread: LuaThread): void {
    thread.status = "suspended";
    this.rt.saveStack(thread);
    this.back(thread, this.rt.pendingArgs, null);
  }

  /** Goes back to who resumed the stack. */
  private back(thread: LuaThread, values: readonly LuaValue[], error: LuaError | null): void {
    const { rt } = this;
    rt.popTo(thread.base);
    rt.nativeCalls = thread.nativeBase - 1;
    rt.errorFunction = thread.errorFunction;
    rt.thread = thread.resumer;
    rt.base = rt.thread?.base ?? 0;
    if (rt.thread !== null) rt.thread.status = "running";
    this.threads.pop();
    this.isDone = this.threads.length === 0;
    this.value = { values, error } satisfies Resumed;
  }

  /** How the first stack came back. */
  get outcome(): Resumed {
    return this.value as Resumed;
  }
}

function callHandler(rt: Runtime, value: LuaValue): LuaFunction {
  const handler = metamethod(rt, value, CALL);
  return handler instanceof LuaFunction ? handler : rt.operandError("call", value, 1);
}
