// A chunk compiled to instructions. Its sites are its instructions: what messages need to know about
// one, its line and what its operands are called, is read off the instructions when it is asked for.
import { Chunk, SITE_CALL, SITE_FOR, SITE_OPERATION, SITE_TAIL_CALL } from "../lua/chunk.ts";
import {
  CALL,
  CLOSURE,
  CONCAT,
  CONSTANT,
  type Code,
  FORLOOP,
  FORPREP,
  GETGLOBAL,
  GETTABLE,
  GETUPVAL,
  JMP,
  LOADNIL,
  MOVE,
  SELF,
  SETTABLE,
  setsRegister,
  TAILCALL,
  TFORLOOP,
} from "./code.ts";
import { parseCode } from "./code-parser.ts";

export class DebugChunk extends Chunk {
  readonly main: Code;
  readonly #codes: Code[] = [];
  /** The register of the left operand of the concatenation in work. */
  concatRegister = 0;

  constructor(source: string, name: string) {
    super(name);
    this.main = parseCode(source, this);
    this.#number(this.main, 0);
  }

  /** Gives a function and those inside it their sites; answers with the next free one. */
  #number(code: Code, first: number): number {
    code.firstSite = first;
    this.#codes.push(code);
    let next = first + code.op.length;
    for (const inner of code.functions) next = this.#number(inner, next);
    return next;
  }

  /** The function that a site is in: they are in the order of their first sites. */
  #codeOf(site: number): Code {
    const codes = this.#codes;
    let low = 0;
    let high = codes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (codes[middle].firstSite <= site) low = middle;
      else high = middle - 1;
    }
    return codes[low];
  }

  override lineOf(site: number): number {
    const code = this.#codeOf(site);
    return code.line[site - code.firstSite];
  }

  override kindOf(site: number): number {
    const code = this.#codeOf(site);
    switch (code.op[site - code.firstSite]) {
      case CALL:
        return SITE_CALL;
      case TAILCALL:
        return SITE_TAIL_CALL;
      case TFORLOOP:
        return SITE_FOR;
      default:
        return SITE_OPERATION;
    }
  }

  override nameOf(site: number, which: number): string | undefined {
    const code = this.#codeOf(site);
    const at = site - code.firstSite;
    const operand = this.#operand(code, at, which);
    return operand < CONSTANT ? registerName(code, operand, at) : undefined;
  }

  /** The register of an instruction's first or second operand. */
  #operand(code: Code, at: number, which: number): number {
    switch (code.op[at]) {
      case CALL:
      case TAILCALL:
      case SETTABLE:
        return code.a[at];
      case TFORLOOP:
        return code.a[at];
      case CONCAT:
        return this.concatRegister + which - 1;
      default:
        return which === 1 ? code.b[at] : code.c[at];
    }
  }
}

/**
 * What the value in a register is called at an instruction, a letter for the kind before the name (see
 * lua/naming.ts): the variable that lives there, or what the instruction that put it there has loaded.
 */
export function registerName(code: Code, register: number, at: number): string | undefined {
  const local = code.localName(register + 1, at);
  if (local !== null) return `l${local}`;
  const setter = lastSetter(code, register, at);
  switch (code.op[setter]) {
    case GETGLOBAL:
      return `g${code.constants[code.b[setter]]}`;
    case MOVE:
      if (code.b[setter] >= code.a[setter]) return undefined;
      return registerName(code, code.b[setter], at);
    case GETTABLE:
      return `f${keyName(code, code.c[setter])}`;
    case GETUPVAL:
      return `u${code.upvalueNames[code.b[setter]]}`;
    case SELF:
      return `m${keyName(code, code.c[setter])}`;
    default:
      return undefined;
  }
}

function keyName(code: Code, operand: number): string {
  const key = operand >= CONSTANT ? code.constants[operand - CONSTANT] : undefined;
  return typeof key === "string" ? key : "?";
}

/** The instruction before `end` that changed the register last, on Lua's simple way through the code. */
function lastSetter(code: Code, register: number, end: number): number {
  const { op, a, b, functions } = code;
  let last = op.length - 1;
  for (let i = 0; i < end; i++) {
    const first = a[i];
    if (setsRegister(op[i]) && first === register) last = i;
    switch (op[i]) {
      case LOADNIL:
        if (first <= register && register <= b[i]) last = i;
        break;
      case SELF:
        if (register === first + 1) last = i;
        break;
      case TFORLOOP:
        if (register >= first + 2) last = i;
        break;
      case CALL:
      case TAILCALL:
        if (register >= first) last = i;
        break;
      case FORLOOP:
      case FORPREP:
      case JMP: {
        // Only jumps forward, and not beyond what is looked for.
        const target = i + 1 + b[i];
        if (i < target && target <= end) i += b[i];
        break;
      }
      case CLOSURE:
        i += functions[b[i]].upvalueNames.length;
        break;
      default:
    }
  }
  return last;
}
