// The library `coroutine`. Coroutines always run on generators: code on fast bodies that resumes one
// runs a machine of its own for it, code on generators leaves it to the machine it runs on.
import { NATIVE_CALLS_MAX } from "./call-stack.ts";
import { LuaFunction, type Request } from "./function.ts";
import { Machine, type Resumed } from "./machine.ts";
import { REQUEST_RESUME, REQUEST_YIELD } from "./pending.ts";
import type { Runtime } from "./runtime.ts";
import { LuaThread } from "./thread.ts";
import { type LuaValue, NOTHING, type Results } from "./value.ts";

export function openCoroutines(rt: Runtime): void {
  const library = rt.table(0, 6);
  rt.globals.setString("coroutine", library);
  for (const native of [
    rt.native("create", (f: LuaValue) => create(rt, f)),
    resume(rt),
    rt.native("running", () => (isMain(rt) ? undefined : rt.thread!)),
    rt.native("status", (thread: LuaValue) => checkThread(rt, thread).status),
    rt.native("wrap", (f: LuaValue) => wrap(rt, f)),
    yieldFunction(rt),
  ]) {
    library.setString(native.name, native);
  }
}

function isMain(rt: Runtime): boolean {
  return rt.thread === null || rt.thread.isMain;
}

function create(rt: Runtime, f: LuaValue): LuaThread {
  // Lua has made the thread before it looks at the function.
  if (!(f instanceof LuaFunction) || f.prototype === null) {
    return rt.argError(1, "Lua function expected");
  }
  return new LuaThread(rt, f);
}

function checkThread(rt: Runtime, thread: LuaValue): LuaThread {
  return thread instanceof LuaThread ? thread : rt.argError(1, "coroutine expected");
}

/** Why a coroutine cannot be resumed, "" when it can. */
function refusal(rt: Runtime, thread: LuaThread): string {
  if (thread.status !== "suspended") return `cannot resume ${thread.status} coroutine`;
  return rt.nativeCalls >= NATIVE_CALLS_MAX ? "C stack overflow" : "";
}

function resumeNow(rt: Runtime, thread: LuaThread, args: readonly LuaValue[]): Resumed {
  const { depthMax } = rt;
  const machine = new Machine(rt);
  machine.enter(thread, args);
  machine.run(false);
  rt.depthMax = depthMax;
  return machine.outcome;
}

function* resumeLater(
  rt: Runtime,
  thread: LuaThread,
  args: readonly LuaValue[],
): Generator<Request, Resumed, Resumed> {
  rt.pendingThread = thread;
  rt.pendingArgs = args;
  return yield REQUEST_RESUME;
}

function resume(rt: Runtime): LuaFunction {
  const answer = ({ values, error }: Resumed): Results =>
    error === null ? [true, ...values] : [false, error.value];
  return rt.native(
    "resume",
    (thread: LuaValue, ...args: LuaValue[]) => {
      const why = refusal(rt, checkThread(rt, thread));
      return why === "" ? answer(resumeNow(rt, thread as LuaThread, args)) : [false, why];
    },
    function* (thread: LuaValue, ...args: LuaValue[]) {
      const why = refusal(rt, checkThread(rt, thread));
      if (why !== "") return [false, why];
      return answer(yield* resumeLater(rt, thread as LuaThread, args));
    },
  );
}

function wrap(rt: Runtime, f: LuaValue): LuaFunction {
  const thread = create(rt, f);
  const answer = ({ values, error }: Resumed): Results => {
    if (error !== null) fail(error.value);
    return values.length === 1 ? values[0] : [...values];
  };
  // Errors that are texts get the position of who called the function.
  const fail = (value: LuaValue): never => {
    if (typeof value === "string") rt.error(value);
    if (typeof value === "number") rt.error(rt.tostring(value));
    rt.raise(value);
  };
  return rt.native(
    "wrap",
    (...args: LuaValue[]) => {
      const why = refusal(rt, thread);
      return why === "" ? answer(resumeNow(rt, thread, args)) : fail(why);
    },
    function* (...args: LuaValue[]) {
      const why = refusal(rt, thread);
      return why === "" ? answer(yield* resumeLater(rt, thread, args)) : fail(why);
    },
  );
}

function yieldFunction(rt: Runtime): LuaFunction {
  const refuse = (): never => rt.raise("attempt to yield across metamethod/C-call boundary");
  return rt.native("yield", refuse, function* (...args: LuaValue[]) {
    if (isMain(rt) || rt.nativeCalls > rt.thread!.nativeBase) refuse();
    rt.pendingArgs = args.length === 0 ? NOTHING : args;
    return yield REQUEST_YIELD;
  });
}
