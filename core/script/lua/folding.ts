// Operators: their priorities, and constant expressions computed while parsing, as Lua does.
import { power } from "../lib/exponential.ts";
import { remainder } from "./arithmetic.ts";
import {
  BINARY,
  type BinaryOperator,
  type Expression,
  FALSE,
  NIL,
  NUMBER,
  STRING,
  TRUE,
  UNARY,
  type UnaryOperator,
} from "./ast.ts";
import { TK_AND, TK_CONCAT, TK_EQ, TK_GE, TK_LE, TK_NE, TK_NOT, TK_OR } from "./tokens.ts";

interface OperatorInfo {
  readonly text: BinaryOperator | "and" | "or";
  readonly left: number;
  readonly right: number;
}

export const UNARY_PRIORITY = 8;

export const BINARY_OPERATORS: ReadonlyMap<number, OperatorInfo> = new Map([
  [43, { text: "+", left: 6, right: 6 }],
  [45, { text: "-", left: 6, right: 6 }],
  [42, { text: "*", left: 7, right: 7 }],
  [47, { text: "/", left: 7, right: 7 }],
  [37, { text: "%", left: 7, right: 7 }],
  [94, { text: "^", left: 10, right: 9 }],
  [TK_CONCAT, { text: "..", left: 5, right: 4 }],
  [TK_EQ, { text: "==", left: 3, right: 3 }],
  [TK_NE, { text: "~=", left: 3, right: 3 }],
  [60, { text: "<", left: 3, right: 3 }],
  [TK_LE, { text: "<=", left: 3, right: 3 }],
  [62, { text: ">", left: 3, right: 3 }],
  [TK_GE, { text: ">=", left: 3, right: 3 }],
  [TK_AND, { text: "and", left: 2, right: 2 }],
  [TK_OR, { text: "or", left: 1, right: 1 }],
]);

export function unaryOperator(token: number): UnaryOperator | null {
  if (token === TK_NOT) return "not";
  if (token === 45) return "-";
  return token === 35 ? "#" : null;
}

export function foldUnary(operator: UnaryOperator, operand: Expression, line: number): Expression {
  if (operator === "-" && operand.kind === NUMBER && !Number.isNaN(operand.value)) {
    return { kind: NUMBER, value: -operand.value };
  }
  if (operator === "not") {
    if (operand.kind === NIL || operand.kind === FALSE) return { kind: TRUE };
    if (operand.kind === TRUE || operand.kind === NUMBER || operand.kind === STRING) {
      return { kind: FALSE };
    }
  }
  return { kind: UNARY, operator, operand, line };
}

export function foldBinary(
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  line: number,
): Expression {
  if (left.kind === NUMBER && right.kind === NUMBER) {
    const value = compute(operator, left.value, right.value);
    if (!Number.isNaN(value)) return { kind: NUMBER, value };
  }
  return { kind: BINARY, operator, left, right, line };
}

/** NaN when it is not to be computed now. */
function compute(operator: BinaryOperator, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? Number.NaN : a / b;
    case "%":
      return b === 0 ? Number.NaN : remainder(a, b);
    case "^":
      return power(a, b);
    default:
      return Number.NaN;
  }
}
