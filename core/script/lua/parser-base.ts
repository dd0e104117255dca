// What both halves of the parser use: token checks, scopes and limits.
import { type Expression, FALSE, GLOBAL, INDEX, LOCAL, NIL, NUMBER, STRING, TRUE } from "./ast.ts";
import type { Chunk } from "./chunk.ts";
import { chunkId } from "./chunk.ts";
import { FunctionState } from "./function-state.ts";
import { Lexer } from "./lexer.ts";
import { TK_NAME, tokenText } from "./tokens.ts";
import type { Variable } from "./variable.ts";

export const LEVELS_MAX = 200;
/** Syntax errors show more of a chunk's name than others. */
const SYNTAX_ID_SIZE = 80;

export class ParserBase {
  protected readonly lexer: Lexer;
  protected readonly chunk: Chunk;
  protected state: FunctionState;
  /** Nesting of blocks and expressions, on top of that of the running calls. */
  protected levels: number;

  constructor(source: string, chunk: Chunk, levels: number) {
    this.chunk = chunk;
    this.levels = levels;
    this.lexer = new Lexer(source, chunkId(chunk.name, SYNTAX_ID_SIZE));
    this.state = new FunctionState(this.lexer, chunk, null, 0);
  }

  protected isAt(token: number): boolean {
    return this.lexer.token === token;
  }

  protected accept(token: number): boolean {
    if (this.lexer.token !== token) return false;
    this.lexer.next();
    return true;
  }

  protected expect(token: number): void {
    if (this.lexer.token !== token) this.lexer.fail(`'${tokenText(token)}' expected`);
    this.lexer.next();
  }

  /** The end of what `opener` began on `line`. */
  protected expectClosing(token: number, opener: number, line: number): void {
    if (this.accept(token)) return;
    if (line === this.lexer.line) this.lexer.fail(`'${tokenText(token)}' expected`);
    this.lexer.fail(
      `'${tokenText(token)}' expected (to close '${tokenText(opener)}' at line ${line})`,
    );
  }

  protected name(): string {
    const name = this.lexer.text;
    this.expect(TK_NAME);
    return name;
  }

  protected enterLevel(): void {
    if (++this.levels > LEVELS_MAX) this.lexer.failNear("chunk has too many syntax levels", 0);
  }

  /** Where Lua would write the instruction that loads a variable: its line is known now. */
  protected settle(expression: Expression): void {
    if (expression.kind === NUMBER) {
      if (expression.value !== 0) return;
      const { prototype } = this.state;
      prototype.zero ??= expression.value;
      expression.value = prototype.zero;
    } else if (expression.kind === GLOBAL || expression.kind === INDEX) {
      if (expression.line === 0) expression.line = this.lexer.lastLine;
    }
  }

  /** Settles an operand; it takes a register unless it is a constant or already has one. */
  protected settleOperand(expression: Expression): void {
    this.settle(expression);
    switch (expression.kind) {
      case NIL:
      case TRUE:
      case FALSE:
      case NUMBER:
      case STRING:
      case LOCAL:
        return;
      default:
        this.state.reserve(1);
    }
  }

  protected settleInRegister(expression: Expression): void {
    this.settle(expression);
    this.state.reserve(1);
  }

  protected findVariable(name: string): Variable | null {
    let state: FunctionState | null = this.state;
    while (state !== null) {
      const variable = state.find(name);
      if (variable !== null) return variable;
      state = state.parent;
    }
    return null;
  }

  /** The number of an outer function's variable in this one; the functions between get it too. */
  protected upvalueIndex(variable: Variable, state: FunctionState = this.state): number {
    variable.captured = true;
    const parent = state.parent!;
    if (parent.prototype !== variable.owner) this.upvalueIndex(variable, parent);
    return state.upvalueIndex(variable);
  }
}
