// Functions: Lua's closures and the natives written in JavaScript.
import type { ArrayPool } from "./array-pool.ts";
import type { Prototype } from "./prototype.ts";
import type { LuaTable } from "./table.ts";
import type { FastBody, LuaValue, Results } from "./value.ts";

/** What a suspendable body yields: see pending.ts. */
export type Request = number;

// biome-ignore lint/suspicious/noExplicitAny: arguments are checked by the callee, as in Lua.
export type SuspendableBody = (...args: any[]) => Generator<Request, Results, any>;

/** A captured variable that changes after it was captured. */
export interface Box {
  v: LuaValue;
}

export type Upvalue = LuaValue | Box;

/** Whoever hands out object numbers and counts bytes: the runtime. */
export interface Heap {
  objectCount: number;
  allocated: number;
  /** Large arrays that tables may use again. */
  readonly arrays: ArrayPool;
  /** So many bytes are going to be allocated in one piece: raises "not enough memory" without room. */
  makeSure(bytes: number): void;
  /** Raises an error for a native: without the position of the Lua function that called it. */
  raise(message: string): never;
}

export class LuaFunction {
  /** The object's number: its hash and its address in texts. */
  readonly id: number;
  /** What it was compiled from; null for natives. */
  readonly prototype: Prototype | null;
  /** The name a native was made with; texts use the caller's name for it instead, as Lua does. */
  readonly name: string;
  env: LuaTable;
  fast: FastBody;
  /** A native's generator body, or null: such a native calls no functions and is called directly. */
  suspendable: SuspendableBody | null;
  /** Captured values and boxes, to instantiate the other body later. */
  readonly upvalues: readonly Upvalue[];

  constructor(
    heap: Heap,
    prototype: Prototype | null,
    env: LuaTable,
    upvalues: readonly Upvalue[],
    name: string,
    fast: FastBody,
    suspendable: SuspendableBody | null,
  ) {
    this.id = ++heap.objectCount;
    this.prototype = prototype;
    this.env = env;
    this.upvalues = upvalues;
    this.name = name;
    this.fast = fast;
    this.suspendable = suspendable;
  }
}
