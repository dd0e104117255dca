// Writes one function's instructions: registers, constants and jumps, as Lua 5.1's code generator
// allots them. The method names say what becomes of an expression, whose value may still be on its way:
// a constant, a variable, the result of the last instruction, the outcome of a jump. It is one class
// because each part patches what others have emitted: a test its jump, an operator its operands' registers.
import { power } from "../lib/exponential.ts";
import { remainder } from "../lua/arithmetic.ts";
import type { Lexer } from "../lua/lexer.ts";
import {
  ADD,
  CONCAT,
  CONSTANT,
  CONSTANT_MAX,
  type Code,
  DIV,
  decidesJump,
  EQ,
  GETGLOBAL,
  GETTABLE,
  GETUPVAL,
  ITEMS_PER_SETLIST,
  JMP,
  LE,
  LEN,
  LOADBOOL,
  LOADK,
  LOADNIL,
  LT,
  MOD,
  MOVE,
  MUL,
  NOT,
  POW,
  RETURN,
  SELF,
  SETGLOBAL,
  SETLIST,
  SETTABLE,
  SETUPVAL,
  SUB,
  TEST,
  TESTSET,
  UNM,
} from "./code.ts";
import {
  ALL,
  CALLED,
  DOTS,
  Expr,
  FALSE,
  FIXED,
  GLOBAL,
  INDEXED,
  JUMP,
  K,
  LOCAL,
  NIL,
  NO_JUMP,
  NUMBER,
  RELOCATABLE,
  TRUE,
  UPVALUE,
} from "./expr.ts";

const NO_REGISTER = 255;

interface Block {
  readonly outer: Block | null;
  readonly isLoop: boolean;
  readonly activeCount: number;
  breaks: number;
  /** A variable of it is captured. */
  hasUpvalue: boolean;
}

export class CodeWriter {
  readonly code: Code;
  readonly outer: CodeWriter | null;
  readonly #lexer: Lexer;
  /** Indexes of the variables in scope in `code.locals`; their registers are the indexes here. */
  readonly active: number[] = [];
  activeCount = 0;
  free = 0;
  block: Block | null = null;
  /** By upvalue: whether it is the outer function's variable, and its number there. */
  readonly captures: { readonly isLocal: boolean; readonly index: number }[] = [];
  #lastTarget = -1;
  /** Jumps to the instruction that comes next. */
  #pending: number = NO_JUMP;
  readonly #constantNumbers: Map<unknown, number> = new Map();

  constructor(lexer: Lexer, code: Code, outer: CodeWriter | null) {
    this.#lexer = lexer;
    this.code = code;
    this.outer = outer;
  }

  get at(): number {
    return this.code.op.length;
  }

  // -- instructions -------------------------------------------------------------------------------

  emit(op: number, a: number, b: number, c: number): number {
    this.#patch(this.#pending, this.at, NO_REGISTER, this.at);
    this.#pending = NO_JUMP;
    const { code } = this;
    code.a.push(a);
    code.b.push(b);
    code.c.push(c);
    code.line.push(this.#lexer.lastLine);
    return code.op.push(op) - 1;
  }

  fixLine(line: number): void {
    this.code.line[this.at - 1] = line;
  }

  ret(first: number, count: number): void {
    this.emit(RETURN, first, count + 1, 0);
  }

  loadNil(from: number, count: number): void {
    const { code } = this;
    if (this.at > this.#lastTarget) {
      const last = this.at - 1;
      if (last < 0) {
        // Registers are nil when a function begins.
        if (from >= this.activeCount) return;
      } else if (code.op[last] === LOADNIL && code.a[last] <= from && from <= code.b[last] + 1) {
        code.b[last] = Math.max(code.b[last], from + count - 1);
        return;
      }
    }
    this.emit(LOADNIL, from, from + count - 1, 0);
  }

  // -- jumps ----------------------------------------------------------------------------------------

  jump(): number {
    const pending = this.#pending;
    this.#pending = NO_JUMP;
    return this.joined(this.emit(JMP, 0, NO_JUMP, 0), pending);
  }

  #conditional(op: number, a: number, b: number, c: number): number {
    this.emit(op, a, b, c);
    return this.jump();
  }

  label(): number {
    this.#lastTarget = this.at;
    return this.at;
  }

  #next(jump: number): number {
    const distance = this.code.b[jump];
    return distance === NO_JUMP ? NO_JUMP : jump + 1 + distance;
  }

  #fix(jump: number, target: number): void {
    this.code.b[jump] = target - (jump + 1);
  }

  /** The list `list` followed by the list `more`. */
  joined(list: number, more: number): number {
    if (more === NO_JUMP) return list;
    if (list === NO_JUMP) return more;
    let last = list;
    for (let next = this.#next(last); next !== NO_JUMP; next = this.#next(last)) last = next;
    this.#fix(last, more);
    return list;
  }

  /** The instruction that decides about a jump: the one before it, or the jump. */
  #decider(jump: number): number {
    return jump >= 1 && decidesJump(this.code.op[jump - 1]) ? jump - 1 : jump;
  }

  #needsValue(list: number): boolean {
    for (let at = list; at !== NO_JUMP; at = this.#next(at)) {
      if (this.code.op[this.#decider(at)] !== TESTSET) return true;
    }
    return false;
  }

  #patchTest(jump: number, register: number): boolean {
    const { op, a, b } = this.code;
    const i = this.#decider(jump);
    if (op[i] !== TESTSET) return false;
    if (register !== NO_REGISTER && register !== b[i]) {
      a[i] = register;
    } else {
      op[i] = TEST;
      a[i] = b[i];
      b[i] = 0;
    }
    return true;
  }

  #patch(list: number, valueTarget: number, register: number, target: number): void {
    for (let at = list; at !== NO_JUMP; ) {
      const next = this.#next(at);
      this.#fix(at, this.#patchTest(at, register) ? valueTarget : target);
      at = next;
    }
  }

  patchTo(list: number, target: number): void {
    if (target === this.at) this.patchHere(list);
    else this.#patch(list, target, NO_REGISTER, target);
  }

  patchHere(list: number): void {
    this.label();
    this.#pending = this.joined(this.#pending, list);
  }

  // -- registers and constants ----------------------------------------------------------------------

  checkStack(count: number): void {
    this.code.registerCount = Math.max(this.code.registerCount, this.free + count);
  }

  reserve(count: number): void {
    this.checkStack(count);
    this.free += count;
  }

  #freeRegister(register: number): void {
    if (register < CONSTANT && register >= this.activeCount) this.free--;
  }

  #release(e: Expr): void {
    if (e.kind === FIXED) this.#freeRegister(e.info);
  }

  constant(value: string | number | boolean | undefined): number {
    // 0 and -0 are one constant, and so they are one key of a Map.
    const known = this.#constantNumbers.get(value);
    if (known !== undefined) return known;
    const number = this.code.constants.push(value) - 1;
    this.#constantNumbers.set(value, number);
    return number;
  }

  // -- expressions ----------------------------------------------------------------------------------

  setResults(e: Expr, count: number): void {
    const { a, b, c } = this.code;
    if (e.kind === CALLED) {
      c[e.info] = count + 1;
    } else if (e.kind === DOTS) {
      b[e.info] = count + 1;
      a[e.info] = this.free;
      this.reserve(1);
    }
  }

  setOneResult(e: Expr): void {
    if (e.kind === CALLED) {
      e.kind = FIXED;
      e.info = this.code.a[e.info];
    } else if (e.kind === DOTS) {
      this.code.b[e.info] = 2;
      e.kind = RELOCATABLE;
    }
  }

  /** A variable becomes a value. */
  discharge(e: Expr): void {
    switch (e.kind) {
      case LOCAL:
        e.kind = FIXED;
        return;
      case UPVALUE:
        e.info = this.emit(GETUPVAL, 0, e.info, 0);
        break;
      case GLOBAL:
        e.info = this.emit(GETGLOBAL, 0, e.info, 0);
        break;
      case INDEXED:
        this.#freeRegister(e.aux);
        this.#freeRegister(e.info);
        e.info = this.emit(GETTABLE, 0, e.info, e.aux);
        break;
      case CALLED:
      case DOTS:
        this.setOneResult(e);
        return;
      default:
        return;
    }
    e.kind = RELOCATABLE;
  }

  #toRegister(e: Expr, register: number): void {
    this.discharge(e);
    switch (e.kind) {
      case NIL:
        this.loadNil(register, 1);
        break;
      case FALSE:
      case TRUE:
        this.emit(LOADBOOL, register, e.kind === TRUE ? 1 : 0, 0);
        break;
      case K:
        this.emit(LOADK, register, e.info, 0);
        break;
      case NUMBER:
        this.emit(LOADK, register, this.constant(e.number), 0);
        break;
      case RELOCATABLE:
        this.code.a[e.info] = register;
        break;
      case FIXED:
        if (register !== e.info) this.emit(MOVE, register, e.info, 0);
        break;
      default:
        return;
    }
    e.info = register;
    e.kind = FIXED;
  }

  #toAnyRegister(e: Expr): void {
    if (e.kind === FIXED) return;
    this.reserve(1);
    this.#toRegister(e, this.free - 1);
  }

  #into(e: Expr, register: number): void {
    this.#toRegister(e, register);
    if (e.kind === JUMP) e.ifTrue = this.joined(e.ifTrue, e.info);
    if (e.hasJumps) {
      let loadFalse = NO_JUMP;
      let loadTrue = NO_JUMP;
      if (this.#needsValue(e.ifTrue) || this.#needsValue(e.ifFalse)) {
        const skip = e.kind === JUMP ? NO_JUMP : this.jump();
        this.label();
        loadFalse = this.emit(LOADBOOL, register, 0, 1);
        this.label();
        loadTrue = this.emit(LOADBOOL, register, 1, 0);
        this.patchHere(skip);
      }
      const end = this.label();
      this.#patch(e.ifFalse, end, register, loadFalse);
      this.#patch(e.ifTrue, end, register, loadTrue);
    }
    e.init(FIXED, register);
  }

  toNextRegister(e: Expr): void {
    this.discharge(e);
    this.#release(e);
    this.reserve(1);
    this.#into(e, this.free - 1);
  }

  toSomeRegister(e: Expr): number {
    this.discharge(e);
    if (e.kind === FIXED) {
      if (!e.hasJumps) return e.info;
      if (e.info >= this.activeCount) {
        this.#into(e, e.info);
        return e.info;
      }
    }
    this.toNextRegister(e);
    return e.info;
  }

  toValue(e: Expr): void {
    if (e.hasJumps) this.toSomeRegister(e);
    else this.discharge(e);
  }

  /** A register or, where it fits, a constant. */
  toOperand(e: Expr): number {
    this.toValue(e);
    const isSimple = e.kind === NUMBER || e.kind === TRUE || e.kind === FALSE || e.kind === NIL;
    if (isSimple && this.code.constants.length <= CONSTANT_MAX) {
      const value = e.kind === NUMBER ? e.number : e.kind === NIL ? undefined : e.kind === TRUE;
      e.info = this.constant(value);
      e.kind = K;
      return CONSTANT + e.info;
    }
    if (e.kind === K && e.info <= CONSTANT_MAX) return CONSTANT + e.info;
    return this.toSomeRegister(e);
  }

  store(target: Expr, e: Expr): void {
    if (target.kind === LOCAL) {
      this.#release(e);
      this.#into(e, target.info);
      return;
    }
    if (target.kind === INDEXED) {
      const operand = this.toOperand(e);
      this.emit(SETTABLE, target.info, target.aux, operand);
    } else {
      const register = this.toSomeRegister(e);
      this.emit(target.kind === UPVALUE ? SETUPVAL : SETGLOBAL, register, target.info, 0);
    }
    this.#release(e);
  }

  self(e: Expr, key: Expr): void {
    this.toSomeRegister(e);
    this.#release(e);
    const register = this.free;
    this.reserve(2);
    const operand = this.toOperand(key);
    this.emit(SELF, register, e.info, operand);
    this.#release(key);
    e.info = register;
    e.kind = FIXED;
  }

  indexed(table: Expr, key: Expr): void {
    table.aux = this.toOperand(key);
    table.kind = INDEXED;
  }

  setList(base: number, itemCount: number, waiting: number): void {
    const batch = Math.floor((itemCount - 1) / ITEMS_PER_SETLIST) + 1;
    this.emit(SETLIST, base, waiting === ALL ? 0 : waiting, batch);
    this.free = base + 1;
  }

  // -- conditions -----------------------------------------------------------------------------------

  #invert(e: Expr): void {
    const i = this.#decider(e.info);
    this.code.a[i] = this.code.a[i] === 0 ? 1 : 0;
  }

  #jumpWhen(e: Expr, condition: number): number {
    if (e.kind === RELOCATABLE && this.code.op[e.info] === NOT) {
      const operand = this.code.b[e.info];
      this.#removeLast();
      return this.#conditional(TEST, operand, 0, condition === 0 ? 1 : 0);
    }
    this.#toAnyRegister(e);
    this.#release(e);
    return this.#conditional(TESTSET, NO_REGISTER, e.info, condition);
  }

  #removeLast(): void {
    const { op, a, b, c, line } = this.code;
    for (const list of [op, a, b, c, line]) list.pop();
  }

  goIfTrue(e: Expr): void {
    this.discharge(e);
    let jump: number = NO_JUMP;
    if (e.kind === JUMP) {
      this.#invert(e);
      jump = e.info;
    } else if (e.kind !== K && e.kind !== NUMBER && e.kind !== TRUE) {
      jump = this.#jumpWhen(e, 0);
    }
    e.ifFalse = this.joined(e.ifFalse, jump);
    this.patchHere(e.ifTrue);
    e.ifTrue = NO_JUMP;
  }

  #goIfFalse(e: Expr): void {
    this.discharge(e);
    let jump: number = NO_JUMP;
    if (e.kind === JUMP) jump = e.info;
    else if (e.kind !== NIL && e.kind !== FALSE) jump = this.#jumpWhen(e, 1);
    e.ifTrue = this.joined(e.ifTrue, jump);
    this.patchHere(e.ifFalse);
    e.ifFalse = NO_JUMP;
  }

  #not(e: Expr): void {
    this.discharge(e);
    if (e.kind === NIL || e.kind === FALSE) e.kind = TRUE;
    else if (e.kind === K || e.kind === NUMBER || e.kind === TRUE) e.kind = FALSE;
    else if (e.kind === JUMP) this.#invert(e);
    else {
      this.#toAnyRegister(e);
      this.#release(e);
      e.info = this.emit(NOT, 0, e.info, 0);
      e.kind = RELOCATABLE;
    }
    [e.ifTrue, e.ifFalse] = [e.ifFalse, e.ifTrue];
    for (const list of [e.ifFalse, e.ifTrue]) {
      for (let at = list; at !== NO_JUMP; at = this.#next(at)) this.#patchTest(at, NO_REGISTER);
    }
  }

  // -- operators ------------------------------------------------------------------------------------

  prefix(operator: string, e: Expr): void {
    if (operator === "not") return this.#not(e);
    const zero = new Expr();
    zero.init(NUMBER, 0);
    if (operator === "#") {
      this.toSomeRegister(e);
      this.#arithmetic(LEN, e, zero);
    } else {
      if (!e.isNumeral) this.toSomeRegister(e);
      this.#arithmetic(UNM, e, zero);
    }
  }

  /** The left operand is there, the right one follows. */
  infix(operator: string, e: Expr): void {
    if (operator === "and") this.goIfTrue(e);
    else if (operator === "or") this.#goIfFalse(e);
    else if (operator === "..") this.toNextRegister(e);
    else if (ARITHMETIC.has(operator)) {
      if (!e.isNumeral) this.toOperand(e);
    } else this.toOperand(e);
  }

  /** Both operands are there: the result is in `left`. */
  postfix(operator: string, left: Expr, right: Expr): void {
    const arithmetic = ARITHMETIC.get(operator);
    if (arithmetic !== undefined) return this.#arithmetic(arithmetic, left, right);
    if (operator === "and") {
      this.discharge(right);
      right.ifFalse = this.joined(right.ifFalse, left.ifFalse);
      left.assign(right);
    } else if (operator === "or") {
      this.discharge(right);
      right.ifTrue = this.joined(right.ifTrue, left.ifTrue);
      left.assign(right);
    } else if (operator === "..") {
      this.#concatenation(left, right);
    } else {
      const { op, condition } = COMPARISONS.get(operator)!;
      this.#comparison(op, condition, left, right);
    }
  }

  #concatenation(left: Expr, right: Expr): void {
    this.toValue(right);
    if (right.kind === RELOCATABLE && this.code.op[right.info] === CONCAT) {
      this.#release(left);
      this.code.b[right.info] = left.info;
      left.kind = RELOCATABLE;
      left.info = right.info;
      return;
    }
    this.toNextRegister(right);
    this.#arithmetic(CONCAT, left, right);
  }

  #arithmetic(op: number, left: Expr, right: Expr): void {
    if (fold(op, left, right)) return;
    const two = op !== UNM && op !== LEN ? this.toOperand(right) : 0;
    const one = this.toOperand(left);
    if (one > two) {
      this.#release(left);
      this.#release(right);
    } else {
      this.#release(right);
      this.#release(left);
    }
    left.info = this.emit(op, 0, one, two);
    left.kind = RELOCATABLE;
  }

  #comparison(op: number, condition: number, left: Expr, right: Expr): void {
    const one = this.toOperand(left);
    const two = this.toOperand(right);
    this.#release(right);
    this.#release(left);
    // > and >= are < and <= with their operands exchanged.
    left.info =
      condition === 0 && op !== EQ
        ? this.#conditional(op, 1, two, one)
        : this.#conditional(op, condition, one, two);
    left.kind = JUMP;
  }
}

const ARITHMETIC: ReadonlyMap<string, number> = new Map([
  ["+", ADD],
  ["-", SUB],
  ["*", MUL],
  ["/", DIV],
  ["%", MOD],
  ["^", POW],
]);

const COMPARISONS: ReadonlyMap<string, { readonly op: number; readonly condition: number }> =
  new Map([
    ["==", { op: EQ, condition: 1 }],
    ["~=", { op: EQ, condition: 0 }],
    ["<", { op: LT, condition: 1 }],
    ["<=", { op: LE, condition: 1 }],
    [">", { op: LT, condition: 0 }],
    [">=", { op: LE, condition: 0 }],
  ]);

/** Computes what can be computed now. */
function fold(op: number, left: Expr, right: Expr): boolean {
  if (!left.isNumeral || !right.isNumeral) return false;
  const value = computed(op, left.number, right.number);
  if (Number.isNaN(value)) return false;
  left.number = value;
  return true;
}

function computed(op: number, a: number, b: number): number {
  switch (op) {
    case ADD:
      return a + b;
    case SUB:
      return a - b;
    case MUL:
      return a * b;
    case DIV:
      return b === 0 ? Number.NaN : a / b;
    case MOD:
      return b === 0 ? Number.NaN : remainder(a, b);
    case POW:
      return power(a, b);
    case UNM:
      return -a;
    default:
      return Number.NaN;
  }
}
