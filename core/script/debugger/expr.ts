// An expression on its way to a register: where its value is, or which instruction will have it.
export const VOID = 0;
export const NIL = 1;
export const TRUE = 2;
export const FALSE = 3;
/** A constant: `info` is its number. */
export const K = 4;
/** A number that has no constant yet: `number`. */
export const NUMBER = 5;
/** A local variable: its register. */
export const LOCAL = 6;
export const UPVALUE = 7;
export const GLOBAL = 8;
/** A field: the table's register, and in `aux` the key as an operand. */
export const INDEXED = 9;
/** The outcome of a comparison: the jump's place. */
export const JUMP = 10;
/** The result of an instruction whose register is open: its place. */
export const RELOCATABLE = 11;
/** In a register. */
export const FIXED = 12;
export const CALLED = 13;
export const DOTS = 14;

/** No jump: the end of a list of jumps. */
export const NO_JUMP = -1;
/** All results. */
export const ALL = -1;

export class Expr {
  kind: number = VOID;
  info = 0;
  aux = 0;
  number = 0;
  /** Jumps that leave when it is true, and when it is false. */
  ifTrue: number = NO_JUMP;
  ifFalse: number = NO_JUMP;

  init(kind: number, info: number): void {
    this.kind = kind;
    this.info = info;
    this.ifTrue = NO_JUMP;
    this.ifFalse = NO_JUMP;
  }

  assign(other: Expr): void {
    this.kind = other.kind;
    this.info = other.info;
    this.aux = other.aux;
    this.number = other.number;
    this.ifTrue = other.ifTrue;
    this.ifFalse = other.ifFalse;
  }

  get hasJumps(): boolean {
    return this.ifTrue !== this.ifFalse;
  }

  get isNumeral(): boolean {
    return this.kind === NUMBER && !this.hasJumps && this.ifTrue === NO_JUMP;
  }

  get isOpen(): boolean {
    return this.kind === CALLED || this.kind === DOTS;
  }
}
