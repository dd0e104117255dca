// Runs debugged functions: one generator per call interprets its instructions. It works with the machine
// of suspendable bodies (lua/machine.ts) as these do: it yields when a call has to be made for it, when
// the fuel is used up, and while the debugger has stopped it.
//
// Before each instruction the debugger is told when Lua's hooks would fire: for a new line (at a
// function's beginning, on another line than before, after a jump back), and after every so many
// instructions.

import { power } from "../lib/exponential.ts";
import { remainder } from "../lua/arithmetic.ts";
import { LuaFunction, type Request, type Upvalue } from "../lua/function.ts";
import { createHelpers } from "../lua/helpers.ts";
import { Machine } from "../lua/machine.ts";
import { createOperations, type Operations } from "../lua/operations.ts";
import { PENDING, PENDING_META, REQUEST_CALL, REQUEST_PAUSE, TAIL } from "../lua/pending.ts";
import type { Runtime } from "../lua/runtime.ts";
import { LuaTable } from "../lua/table.ts";
import { constructorSize } from "../lua/table-sizes.ts";
import { LuaThread } from "../lua/thread.ts";
import { all, type LuaValue, NOTHING, type Results, results } from "../lua/value.ts";
import * as I from "./code.ts";
import { DebugChunk, registerName } from "./debug-chunk.ts";

/** Instructions between two looks at the clock, as in Redis. */
const INSTRUCTIONS_PER_COUNT = 100_000;

/** What a call that cannot be stopped may take: about a second. */
const FUEL_PER_ROUND = 100_000;
const ROUNDS_MAX = 50;

/** Who is told where the script is. Both answer true when it has to stop there. */
export interface LineListener {
  onLine(activation: Activation, line: number): boolean;
  onCount(activation: Activation, line: number): boolean;
  /** A coroutine of the debugger's own code has come to a line; it cannot stop. */
  onPass(line: number): void;
  /** It is still stopped. Throws when it must go on with an error. */
  isWaiting(): boolean;
}

/** A captured variable: a register while its function runs, then a place of its own. */
class Cell {
  registers: LuaValue[];
  index: number;

  constructor(registers: LuaValue[], index: number) {
    this.registers = registers;
    this.index = index;
  }

  close(): void {
    this.registers = [this.registers[this.index]];
    this.index = 0;
  }
}

/** A call that runs. */
export class Activation {
  readonly f: LuaFunction;
  readonly code: I.Code;
  readonly registers: LuaValue[];
  readonly extra: readonly LuaValue[];
  /** Frames that tail calls have replaced by this one. */
  readonly tails: number;
  /** Compiled code has called it: not a native, and not from outside. */
  readonly hasCaller: boolean;
  /** The instruction in work. */
  at = 0;
  /** Captured registers. */
  cells: Cell[] = [];

  constructor(
    f: LuaFunction,
    code: I.Code,
    args: readonly LuaValue[],
    tails: number,
    hasCaller: boolean,
  ) {
    this.f = f;
    this.code = code;
    this.tails = tails;
    this.hasCaller = hasCaller;
    const { parameterCount, registerCount } = code;
    this.registers = new Array<LuaValue>(registerCount).fill(undefined);
    for (let i = 0; i < parameterCount && i < args.length; i++) this.registers[i] = args[i];
    this.extra = code.isVararg ? args.slice(parameterCount) : NOTHING;
  }

  get line(): number {
    return this.code.line[this.at];
  }

  /** What the function is called that the instruction in work calls, if it calls one. */
  get calleeName(): string | undefined {
    const { code, at } = this;
    const op = code.op[at];
    if (op !== I.CALL && op !== I.TAILCALL && op !== I.TFORLOOP) return undefined;
    return registerName(code, code.a[at], at)?.slice(1);
  }

  capture(index: number): Cell {
    const known = this.cells.find((cell) => cell.index === index);
    if (known !== undefined) return known;
    const cell = new Cell(this.registers, index);
    this.cells.push(cell);
    return cell;
  }

  close(from: number): void {
    if (this.cells.length === 0) return;
    for (const cell of this.cells) if (cell.index >= from) cell.close();
    this.cells = this.cells.filter((cell) => cell.registers === this.registers);
  }
}

interface Helpers {
  call(f: LuaValue, args: LuaValue[], site: number): Results;
  callIterator(f: LuaValue, state: LuaValue, control: LuaValue, site: number): Results;
  tail(f: LuaValue, args: LuaValue[], site: number): Results | typeof TAIL;
  flush(table: LuaTable, items: LuaValue[], from: number): void;
  argTable(args: readonly LuaValue[]): LuaTable;
  loopNumber(value: LuaValue, which: number, site: number): number;
}

type Body = Generator<Request, Results | typeof TAIL, Results>;

export class Interpreter {
  readonly #rt: Runtime;
  readonly #listener: LineListener;
  readonly #operations: Operations;
  readonly #helpers: Helpers;
  /** The running calls of each coroutine, the innermost last. */
  readonly #stacks: WeakMap<LuaThread, Activation[]> = new WeakMap();
  #instructionsLeft = INSTRUCTIONS_PER_COUNT;
  /** Nobody is told where the script is: the debugger itself runs code. */
  isSilent = false;

  constructor(rt: Runtime, listener: LineListener) {
    this.#rt = rt;
    this.#listener = listener;
    this.#operations = createOperations(rt, (f, args, answer) =>
      rt.defer(f, args, answer, PENDING_META),
    );
    this.#helpers = createHelpers(rt) as unknown as Helpers;
  }

  /** A chunk's main function. The text is known to be right. */
  compile(source: string, chunkName: string): LuaFunction {
    return this.#function(new DebugChunk(source, chunkName).main, this.#rt.globals, []);
  }

  /** The running calls of the coroutine in work, the outermost first. */
  get activations(): readonly Activation[] {
    const { thread } = this.#rt;
    return thread === null ? [] : this.#stackOf(thread);
  }

  #stackOf(thread: LuaThread): Activation[] {
    let stack = this.#stacks.get(thread);
    if (stack === undefined) {
      stack = [];
      this.#stacks.set(thread, stack);
    }
    return stack;
  }

  #function(code: I.Code, env: LuaTable, cells: readonly Cell[]): LuaFunction {
    const upvalues = cells as unknown as readonly Upvalue[];
    const f = new LuaFunction(this.#rt, code.prototype, env, upvalues, "", null!, null);
    f.suspendable = (...args: LuaValue[]) =>
      this.#run(f, code, args) as Generator<Request, Results, Results>;
    f.fast = (...args: LuaValue[]) => this.#runNow(f, args);
    return f;
  }

  /** For natives that cannot wait: the call cannot be stopped either, and must not take for ever. */
  #runNow(f: LuaFunction, args: readonly LuaValue[]): Results {
    const rt = this.#rt;
    const { depthMax } = rt;
    const { isSilent } = this;
    const goBack = this.placeInScript();
    this.isSilent = true;
    const machine = new Machine(rt);
    machine.enter(new LuaThread({ objectCount: 0 }, f, true), args);
    let hasEnded = false;
    for (let i = 0; i < ROUNDS_MAX && !hasEnded; i++) {
      rt.fuel = FUEL_PER_ROUND;
      hasEnded = machine.run(true);
    }
    rt.depthMax = depthMax;
    this.isSilent = isSilent;
    if (!hasEnded) {
      goBack();
      return rt.raise("interrupted");
    }
    const { values, error } = machine.outcome;
    if (error !== null) throw error;
    return results([...values]);
  }

  /** Remembers where the script is: the function that is answered goes back there. */
  placeInScript(): () => void {
    const rt = this.#rt;
    const { depth, base, nativeCalls, thread, errorFunction } = rt;
    return () => {
      rt.popTo(depth);
      rt.base = base;
      rt.nativeCalls = nativeCalls;
      rt.thread = thread;
      rt.errorFunction = errorFunction;
      if (thread !== null) thread.status = "running";
    };
  }

  *#run(f: LuaFunction, code: I.Code, args: readonly LuaValue[]): Body {
    const rt = this.#rt;
    const { depth, base } = rt;
    const below = depth - code.prototype.weight;
    const hasCaller = below > base && rt.frames[below] !== null;
    const activation = new Activation(f, code, args, rt.tails[depth], hasCaller);
    if (code.needsArg) {
      activation.registers[code.parameterCount] = this.#helpers.argTable(activation.extra);
    }
    const stack = this.#stackOf(rt.thread!);
    stack.push(activation);
    try {
      return yield* this.#interpret(activation);
    } finally {
      // After an error deeper calls may be left.
      stack.length = stack.indexOf(activation);
    }
  }

  /** Tells the listener about the instruction that comes next. Answers with whether to stop. */
  #hook(activation: Activation, at: number, before: number): boolean {
    const { line } = activation.code;
    let stops = false;
    if (this.isSilent) {
      if (!this.#rt.thread!.isMain) this.#listener.onPass(line[at]);
      return false;
    }
    if (--this.#instructionsLeft === 0) {
      this.#instructionsLeft = INSTRUCTIONS_PER_COUNT;
      stops = this.#listener.onCount(activation, line[at]);
      if (stops) return true;
    }
    if (at === 0 || at <= before || line[at] !== line[before]) {
      stops = this.#listener.onLine(activation, line[at]);
    }
    return stops;
  }

  *#interpret(activation: Activation): Body {
    const rt = this.#rt;
    const operations = this.#operations;
    const helpers = this.#helpers;
    const { f, code, registers: R, extra } = activation;
    const { op, a: As, b: Bs, c: Cs, constants, firstSite } = code;
    const chunk = code.prototype.chunk as DebugChunk;
    const cells = f.upvalues as unknown as readonly Cell[];
    const operand = (i: number): LuaValue => (i < I.CONSTANT ? R[i] : constants[i - I.CONSTANT]);
    /** Where open results end. */
    let top = 0;
    let pc = 0;
    let before = 0;
    let y: LuaValue;
    for (;;) {
      const at = pc++;
      activation.at = at;
      const site = firstSite + at;
      if (this.#hook(activation, at, before)) {
        rt.sites[rt.depth] = site;
        do yield REQUEST_PAUSE;
        while (this.#listener.isWaiting());
      }
      before = at;
      if (--rt.fuel < 0) {
        rt.sites[rt.depth] = site;
        yield REQUEST_PAUSE;
      }
      const a = As[at];
      const b = Bs[at];
      const c = Cs[at];
      switch (op[at]) {
        case I.MOVE:
          R[a] = R[b];
          break;
        case I.LOADK:
          R[a] = constants[b];
          break;
        case I.LOADBOOL:
          R[a] = b !== 0;
          if (c !== 0) pc++;
          break;
        case I.LOADNIL:
          for (let i = a; i <= b; i++) R[i] = undefined;
          break;
        case I.GETUPVAL:
          R[a] = cells[b].registers[cells[b].index];
          break;
        case I.SETUPVAL:
          cells[b].registers[cells[b].index] = R[a];
          break;
        case I.GETGLOBAL:
          y = operations.getIndex(f.env, constants[b], site);
          R[a] = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          break;
        case I.GETTABLE:
          y = operations.getIndex(R[b], operand(c), site);
          R[a] = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          break;
        case I.SELF: {
          const object = R[b];
          R[a + 1] = object;
          y = operations.getIndex(object, operand(c), site);
          R[a] = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          break;
        }
        case I.SETGLOBAL:
          y = operations.setIndex(f.env, constants[b], R[a], site);
          if (isPending(y)) yield REQUEST_CALL;
          break;
        case I.SETTABLE:
          y = operations.setIndex(R[a], operand(b), operand(c), site);
          if (isPending(y)) yield REQUEST_CALL;
          break;
        case I.NEWTABLE:
          R[a] = new LuaTable(rt, constructorSize(b), constructorSize(c));
          break;
        case I.ADD:
        case I.SUB:
        case I.MUL:
        case I.DIV:
        case I.MOD:
        case I.POW:
          y = this.#arithmetic(op[at], operand(b), operand(c), site);
          R[a] = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          break;
        case I.UNM:
          y = R[b];
          y = typeof y === "number" ? -y : operations.unm(y, site);
          R[a] = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          break;
        case I.NOT:
          R[a] = isFalse(R[b]);
          break;
        case I.LEN:
          y = operations.length(R[b], site);
          R[a] = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          break;
        case I.CONCAT: {
          let right = R[c];
          for (let i = c - 1; i >= b; i--) {
            chunk.concatRegister = i;
            y = operations.concat(R[i], right, site);
            right = isPending(y) ? ((yield REQUEST_CALL) as LuaValue) : y;
          }
          R[a] = right;
          break;
        }
        case I.JMP:
          pc += b;
          break;
        case I.EQ:
        case I.LT:
        case I.LE: {
          const [one, other] = [operand(b), operand(c)];
          if (op[at] === I.EQ) y = operations.equals(one, other, site);
          else if (op[at] === I.LT) y = operations.less(one, other, site);
          else y = operations.lessEqual(one, other, site);
          if (isPending(y)) y = (yield REQUEST_CALL) as LuaValue;
          if (y === (a !== 0)) pc += Bs[pc];
          pc++;
          break;
        }
        case I.TEST:
          if (isFalse(R[a]) !== (c !== 0)) pc += Bs[pc];
          pc++;
          break;
        case I.TESTSET:
          if (isFalse(R[b]) !== (c !== 0)) {
            R[a] = R[b];
            pc += Bs[pc];
          }
          pc++;
          break;
        case I.CALL: {
          const args = R.slice(a + 1, b === 0 ? top : a + b);
          let given = helpers.call(R[a], args, site);
          if (isPending(given)) given = yield REQUEST_CALL;
          top = place(R, a, c - 1, all(given));
          break;
        }
        case I.TAILCALL: {
          const args = R.slice(a + 1, b === 0 ? top : a + b);
          const callee = R[a];
          let given: Results | typeof TAIL;
          if (callee instanceof LuaFunction && callee.prototype === null) {
            // A native does not take the frame's place.
            given = helpers.call(callee, args, site);
            if (isPending(given)) given = yield REQUEST_CALL;
          } else {
            activation.close(0);
            given = helpers.tail(callee, args, site);
            if (given === TAIL) return TAIL;
          }
          top = place(R, a, I.ALL_RESULTS, all(given as Results));
          break;
        }
        case I.RETURN: {
          const values = R.slice(a, b === 0 ? top : a + b - 1);
          activation.close(0);
          return values.length === 0 ? NOTHING : results(values);
        }
        case I.FORPREP:
          for (let which = 0; which < 3; which++) {
            const value = R[a + which];
            if (typeof value !== "number") R[a + which] = helpers.loopNumber(value, which, site);
          }
          R[a] = (R[a] as number) - (R[a + 2] as number);
          pc += b;
          break;
        case I.FORLOOP: {
          const step = R[a + 2] as number;
          const index = (R[a] as number) + step;
          const limit = R[a + 1] as number;
          if (step > 0 ? index <= limit : limit <= index) {
            pc += b;
            R[a] = index;
            R[a + 3] = index;
          }
          break;
        }
        case I.TFORLOOP: {
          let given = helpers.callIterator(R[a], R[a + 1], R[a + 2], site);
          if (isPending(given)) given = yield REQUEST_CALL;
          place(R, a + 3, c, all(given));
          if (R[a + 3] !== undefined) {
            R[a + 2] = R[a + 3];
            pc += Bs[pc];
          }
          pc++;
          break;
        }
        case I.SETLIST: {
          const items = R.slice(a + 1, b === 0 ? top : a + 1 + b);
          helpers.flush(R[a] as LuaTable, items, (c - 1) * I.ITEMS_PER_SETLIST);
          break;
        }
        case I.CLOSE:
          activation.close(a);
          break;
        case I.CLOSURE: {
          const inner = code.functions[b];
          const captured = inner.upvalueNames.map((_, i) =>
            op[pc + i] === I.MOVE ? activation.capture(Bs[pc + i]) : cells[Bs[pc + i]],
          );
          R[a] = this.#function(inner, f.env, captured);
          pc += captured.length;
          break;
        }
        case I.VARARG:
          top = place(R, a, b - 1, extra);
          break;
      }
    }
  }

  #arithmetic(op: number, a: LuaValue, b: LuaValue, site: number): LuaValue {
    const operations = this.#operations;
    const areNumbers = typeof a === "number" && typeof b === "number";
    switch (op) {
      case I.ADD:
        return areNumbers ? a + b : operations.add(a, b, site);
      case I.SUB:
        return areNumbers ? a - b : operations.sub(a, b, site);
      case I.MUL:
        return areNumbers ? a * b : operations.mul(a, b, site);
      case I.DIV:
        return areNumbers ? a / b : operations.div(a, b, site);
      case I.MOD:
        return areNumbers ? remainder(a, b) : operations.mod(a, b, site);
      default:
        return areNumbers ? power(a, b) : operations.pow(a, b, site);
    }
  }
}

function isPending(value: unknown): boolean {
  return value === PENDING;
}

function isFalse(value: LuaValue): boolean {
  return value === undefined || value === false;
}

/** Puts `count` results, or all, into registers from `at` on; answers with where they end. */
function place(R: LuaValue[], at: number, count: number, values: readonly LuaValue[]): number {
  const wanted = count < 0 ? values.length : count;
  for (let i = 0; i < wanted; i++) R[at + i] = values[i];
  return at + wanted;
}
