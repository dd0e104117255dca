// Coroutines as values. Their frames are generators, kept here while they do not run; so are their
// places on the shadow stack. Depths and call counts are relative to where the coroutine was resumed.
import type { LuaFunction, Request } from "./function.ts";
import { LuaObject, type LuaValue, type Results } from "./value.ts";

export interface Frame {
  readonly generator: Generator<Request, Results, unknown>;
  /** What becomes of its results: see operations.ts. */
  readonly answer: number;
  /** The stack's depth and the count of native calls to go back to when it ends. */
  readonly depthBefore: number;
  readonly nativeCallsBefore: number;
  /** The stack's depth below its own place: above that of a native that called it. */
  readonly depthBelow: number;
}

export type ThreadStatus = "suspended" | "running" | "normal" | "dead";

export class LuaThread extends LuaObject {
  readonly typeName = "thread";
  status: ThreadStatus = "suspended";
  /** The function it begins with, null once it has begun. */
  body: LuaFunction | null;
  readonly frames: Frame[] = [];
  /** Frames it may have: see machine.ts. */
  callsMax = 16_383;
  /** The coroutine that resumed it, null for the main thread. */
  resumer: LuaThread | null = null;
  /** The stack's depth and the count of native calls where it was resumed. */
  base = 0;
  nativeBase = 0;
  /** The error handler in force where it was resumed. */
  errorFunction: LuaValue = undefined;
  // Its part of the shadow stack while it does not run.
  savedFrames: (LuaFunction | null)[] = [];
  savedSites: Int32Array = new Int32Array(0);
  savedTails: Int32Array = new Int32Array(0);

  /** Not a coroutine: what a script begins on when it runs in steps. */
  readonly isMain: boolean;

  constructor(heap: { objectCount: number }, body: LuaFunction, isMain = false) {
    super(heap);
    this.body = body;
    this.isMain = isMain;
  }
}
