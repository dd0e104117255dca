// The tree of a chunk. Lines are those Lua gives to the instruction that a node becomes: of the last
// token consumed when the instruction is written, which is not always the node's own.
import type { Prototype } from "./prototype.ts";
import type { Variable } from "./variable.ts";

export const NIL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const NUMBER = 4;
export const STRING = 5;
export const VARARG = 6;
export const FUNCTION = 7;
export const TABLE = 8;
export const LOCAL = 9;
export const UPVALUE = 10;
export const GLOBAL = 11;
export const INDEX = 12;
export const CALL = 13;
export const METHOD = 14;
export const UNARY = 15;
export const BINARY = 16;
export const AND = 17;
export const OR = 18;
/** A value in parentheses: of several results only the first. */
export const PAREN = 19;

export type UnaryOperator = "not" | "-" | "#";
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | ".."
  | "=="
  | "~="
  | "<"
  | "<="
  | ">"
  | ">=";

export type Expression =
  | { readonly kind: typeof NIL | typeof TRUE | typeof FALSE | typeof VARARG }
  | { readonly kind: typeof NUMBER; value: number }
  | { readonly kind: typeof STRING; readonly value: string }
  | { readonly kind: typeof FUNCTION; readonly prototype: Prototype }
  | TableExpression
  | { readonly kind: typeof LOCAL; readonly variable: Variable }
  | { readonly kind: typeof UPVALUE; readonly variable: Variable; readonly index: number }
  | GlobalExpression
  | IndexExpression
  | CallExpression
  | MethodExpression
  | UnaryExpression
  | BinaryExpression
  | {
      readonly kind: typeof AND | typeof OR;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: typeof PAREN; readonly inner: Expression };

export interface GlobalExpression {
  readonly kind: typeof GLOBAL;
  readonly name: string;
  line: number;
}

export interface IndexExpression {
  readonly kind: typeof INDEX;
  readonly object: Expression;
  readonly key: Expression;
  line: number;
}

export interface CallExpression {
  readonly kind: typeof CALL;
  readonly callee: Expression;
  readonly args: Expression[];
  readonly line: number;
  /** It is what a return statement returns: its caller's frame is gone while it runs. */
  isTail: boolean;
}

export interface MethodExpression {
  readonly kind: typeof METHOD;
  readonly object: Expression;
  readonly name: string;
  readonly args: Expression[];
  readonly selfLine: number;
  readonly line: number;
  isTail: boolean;
}

export interface UnaryExpression {
  readonly kind: typeof UNARY;
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly line: number;
}

export interface BinaryExpression {
  readonly kind: typeof BINARY;
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly line: number;
}

export interface TableExpression {
  readonly kind: typeof TABLE;
  /** In the order of the text; key null for the items of the list. */
  readonly fields: { key: Expression | null; value: Expression; line: number }[];
  readonly listCount: number;
  readonly recordCount: number;
}

/** What can stand on the left of an assignment. */
export type Target = Expression & {
  kind: typeof LOCAL | typeof UPVALUE | typeof GLOBAL | typeof INDEX;
};

export const S_LOCAL = 1;
export const S_ASSIGN = 2;
export const S_CALL = 3;
export const S_DO = 4;
export const S_WHILE = 5;
export const S_REPEAT = 6;
export const S_IF = 7;
export const S_FOR_NUMBER = 8;
export const S_FOR_IN = 9;
export const S_LOCAL_FUNCTION = 10;
export const S_RETURN = 11;
export const S_BREAK = 12;

export type Block = Statement[];

export type Statement =
  | { readonly kind: typeof S_LOCAL; readonly variables: Variable[]; readonly values: Expression[] }
  | AssignStatement
  | { readonly kind: typeof S_CALL; readonly call: CallExpression | MethodExpression }
  | { readonly kind: typeof S_DO; readonly body: Block }
  | {
      readonly kind: typeof S_WHILE | typeof S_REPEAT;
      readonly condition: Expression;
      readonly body: Block;
      readonly line: number;
    }
  | IfStatement
  | ForNumberStatement
  | ForInStatement
  | {
      readonly kind: typeof S_LOCAL_FUNCTION;
      readonly variable: Variable;
      readonly prototype: Prototype;
    }
  | { readonly kind: typeof S_RETURN; readonly values: Expression[] }
  | { readonly kind: typeof S_BREAK };

export interface AssignStatement {
  readonly kind: typeof S_ASSIGN;
  readonly targets: Target[];
  readonly values: Expression[];
  readonly line: number;
}

export interface IfStatement {
  readonly kind: typeof S_IF;
  readonly clauses: { condition: Expression; body: Block }[];
  readonly otherwise: Block | null;
}

export interface ForNumberStatement {
  readonly kind: typeof S_FOR_NUMBER;
  readonly variable: Variable;
  readonly start: Expression;
  readonly limit: Expression;
  readonly step: Expression | null;
  readonly body: Block;
  readonly line: number;
}

export interface ForInStatement {
  readonly kind: typeof S_FOR_IN;
  readonly variables: Variable[];
  readonly values: Expression[];
  readonly body: Block;
  readonly line: number;
}
