// What a debugged function is compiled to: the instructions of Lua 5.1's virtual machine, one for one.
//
// The debugger shows what that machine does: it stops where the machine's hook for lines fires, prints
// the registers that variables live in, and calls functions what the machine's instructions tell. Only
// the same instructions on the same lines and registers give the same stops, so a debugged script runs on
// them (interpreter.ts), while all other scripts run on compiled code.
//
// Instruction i is op[i] with a[i], b[i], c[i] and belongs to line[i]. A register operand of CONSTANT + k
// or more is constant k. Jumps keep their distance in b, relative to the instruction behind them.
import type { Prototype } from "../lua/prototype.ts";
import type { LuaValue } from "../lua/value.ts";

export const MOVE = 0;
export const LOADK = 1;
export const LOADBOOL = 2;
export const LOADNIL = 3;
export const GETUPVAL = 4;
export const GETGLOBAL = 5;
export const GETTABLE = 6;
export const SETGLOBAL = 7;
export const SETUPVAL = 8;
export const SETTABLE = 9;
export const NEWTABLE = 10;
export const SELF = 11;
export const ADD = 12;
export const SUB = 13;
export const MUL = 14;
export const DIV = 15;
export const MOD = 16;
export const POW = 17;
export const UNM = 18;
export const NOT = 19;
export const LEN = 20;
export const CONCAT = 21;
export const JMP = 22;
export const EQ = 23;
export const LT = 24;
export const LE = 25;
export const TEST = 26;
export const TESTSET = 27;
export const CALL = 28;
export const TAILCALL = 29;
export const RETURN = 30;
export const FORLOOP = 31;
export const FORPREP = 32;
export const TFORLOOP = 33;
export const SETLIST = 34;
export const CLOSE = 35;
export const CLOSURE = 36;
export const VARARG = 37;

/** Operands from here on are constants. */
export const CONSTANT = 256;
/** Only so many constants can be operands. */
export const CONSTANT_MAX = 255;
/** Items of a constructor's list that one SETLIST stores. */
export const ITEMS_PER_SETLIST = 50;
/** As a count of results: all there are. */
export const ALL_RESULTS = -1;

const JUMPS_BEHIND: ReadonlySet<number> = new Set([EQ, LT, LE, TEST, TESTSET, TFORLOOP]);
const CHANGES_NOTHING: ReadonlySet<number> = new Set([
  SETGLOBAL,
  SETUPVAL,
  SETTABLE,
  JMP,
  EQ,
  LT,
  LE,
  RETURN,
  TFORLOOP,
  SETLIST,
  CLOSE,
]);

/** The instruction decides about the jump that follows it. */
export function decidesJump(op: number): boolean {
  return JUMPS_BEHIND.has(op);
}

/** The instruction puts a value into register a. */
export function setsRegister(op: number): boolean {
  return !CHANGES_NOTHING.has(op);
}

/** A local variable and the instructions [start, end) in which it is in scope. */
export interface LocalScope {
  readonly name: string;
  start: number;
  end: number;
}

/** One function's instructions. */
export class Code {
  readonly op: number[] = [];
  readonly a: number[] = [];
  readonly b: number[] = [];
  readonly c: number[] = [];
  readonly line: number[] = [];
  readonly constants: LuaValue[] = [];
  readonly functions: Code[] = [];
  /** All its variables in the order of their declaration. */
  readonly locals: LocalScope[] = [];
  readonly upvalueNames: string[] = [];
  readonly prototype: Prototype;
  parameterCount = 0;
  isVararg = false;
  /** It has a variable `arg`, and that one gets the extra arguments. */
  hasArg = false;
  needsArg = false;
  registerCount = 2;
  /** What its first instruction is called on the shadow stack: its sites follow each other. */
  firstSite = 0;

  constructor(prototype: Prototype) {
    this.prototype = prototype;
  }

  /** The name of the n-th variable (from 1) in scope at an instruction, or null. */
  localName(n: number, at: number): string | null {
    let left = n;
    for (const local of this.locals) {
      if (local.start > at) return null;
      if (at < local.end && --left === 0) return local.name;
    }
    return null;
  }
}
