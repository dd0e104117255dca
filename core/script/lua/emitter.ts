// From the tree to JavaScript. Every Lua function becomes a factory at the top level of the code,
// `const P3=(self,u0,u1)=>function f3(v0,v1){…}`: its upvalues are the factory's parameters, so
// functions nest in Lua but not in JavaScript and the code stays linear in size. A variable that
// changes after its capture lives in a box, `{v: value}`.
//
// Two codes come from the same walk. The fast one is plain functions. The suspendable one is
// generators: whatever may call goes through `wait(…)`, which lets machine.ts make the call when the
// helper answered PENDING. Sites are numbered in the order of the walk, so both codes share them.
//
// Only identifiers made here and escaped literals get into the code.
import {
  BINARY,
  type Expression,
  FALSE,
  LOCAL,
  NIL,
  NUMBER,
  PAREN,
  STRING,
  TRUE,
  UNARY,
  UPVALUE,
} from "./ast.ts";
import type { Chunk } from "./chunk.ts";
import { stringHash } from "./hash.ts";
import type { Prototype } from "./prototype.ts";
import type { Variable } from "./variable.ts";

export type StaticType = "number" | "string" | "boolean" | null;

export class EmitterBase {
  protected readonly chunk: Chunk;
  protected readonly isFast: boolean;
  protected prototype: Prototype;
  /** Temporaries of the function being written: in use, and ever used. */
  private tempsUsed = 0;
  private tempsMax = 0;

  constructor(chunk: Chunk, isFast: boolean) {
    this.chunk = chunk;
    this.isFast = isFast;
    this.prototype = chunk.prototypes[0];
  }

  protected startFunction(prototype: Prototype): void {
    this.prototype = prototype;
    this.tempsUsed = 0;
    this.tempsMax = 0;
  }

  /** The declaration of all temporaries. */
  protected temporaries(): string {
    let code = "let Y,R,N,E,W";
    for (let i = 0; i < this.tempsMax; i++) code += `,t${i}`;
    return `${code};`;
  }

  protected get temporaryCount(): number {
    return this.tempsMax;
  }

  protected takeTemp(): string {
    if (++this.tempsUsed > this.tempsMax) this.tempsMax = this.tempsUsed;
    return `t${this.tempsUsed - 1}`;
  }

  /** Temporaries are given back in one go, to what `mark` was before. */
  protected get mark(): number {
    return this.tempsUsed;
  }

  protected release(mark: number): void {
    this.tempsUsed = mark;
  }

  /** In generators, lets the call happen that a helper asked for. */
  protected wait(code: string): string {
    return this.isFast ? code : `((Y=${code})===PENDING?yield 1:Y)`;
  }

  protected site(line: number, kind: number, name?: string, otherName?: string): number {
    return this.chunk.addSite(line, kind, name, otherName);
  }

  protected variableName(variable: Variable): string {
    if (variable.owner === this.prototype) return `v${variable.number}`;
    const isOwn = this.prototype.ownName === variable && !variable.assigned;
    return isOwn ? "self" : `u${this.prototype.upvalues.indexOf(variable)}`;
  }

  protected variableValue(variable: Variable): string {
    const name = this.variableName(variable);
    return variable.boxed ? `${name}.v` : name;
  }

  /** A string key and its hash, as two arguments. */
  protected key(text: string): string {
    return `${quote(text)},${stringHash(text)}`;
  }

  /** Code without effects that no call can change: it may stand anywhere and twice. */
  protected isStable(expression: Expression): boolean {
    switch (expression.kind) {
      case NIL:
      case TRUE:
      case FALSE:
      case NUMBER:
      case STRING:
        return true;
      case LOCAL:
      case UPVALUE:
        return !expression.variable.boxed;
      case PAREN:
        return this.isStable(expression.inner);
      default:
        return false;
    }
  }

  protected staticType(expression: Expression): StaticType {
    switch (expression.kind) {
      case NUMBER:
        return "number";
      case STRING:
        return "string";
      case TRUE:
      case FALSE:
        return "boolean";
      case LOCAL:
      case UPVALUE:
        return expression.variable.isNumber && !expression.variable.assigned ? "number" : null;
      case PAREN:
        return this.staticType(expression.inner);
      case UNARY:
        if (expression.operator === "not") return "boolean";
        if (expression.operator === "#") return null;
        return this.staticType(expression.operand) === "number" ? "number" : null;
      case BINARY:
        return this.binaryType(expression.operator, expression.left, expression.right);
      default:
        return null;
    }
  }

  private binaryType(operator: string, left: Expression, right: Expression): StaticType {
    switch (operator) {
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
      case "^": {
        const areNumbers =
          this.staticType(left) === "number" && this.staticType(right) === "number";
        return areNumbers ? "number" : null;
      }
      case "..":
        return null;
      default:
        return "boolean";
    }
  }
}

/** A literal: JSON has no characters beyond Latin-1 here, so its escapes are JavaScript's. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

export function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  // In parentheses: what follows may be a minus' operand or a `.`, as in `(2)[k]`.
  return `(${value})`;
}
