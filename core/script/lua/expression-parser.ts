// Expressions, by recursive descent with operator priorities. settle… stands where Lua's compiler
// writes an instruction: that decides the lines of error messages.
import {
  AND,
  BINARY,
  type BinaryOperator,
  CALL,
  type CallExpression,
  type Expression,
  FALSE,
  FUNCTION,
  GLOBAL,
  INDEX,
  LOCAL,
  METHOD,
  type MethodExpression,
  NIL,
  NUMBER,
  OR,
  PAREN,
  STRING,
  TABLE,
  type TableExpression,
  TRUE,
  UPVALUE,
  VARARG,
} from "./ast.ts";
import {
  BINARY_OPERATORS,
  foldBinary,
  foldUnary,
  UNARY_PRIORITY,
  unaryOperator,
} from "./folding.ts";
import { ParserBase } from "./parser-base.ts";
import type { Prototype } from "./prototype.ts";
import {
  TK_DOTS,
  TK_FALSE,
  TK_FUNCTION,
  TK_NAME,
  TK_NIL,
  TK_NUMBER,
  TK_STRING,
  TK_TRUE,
} from "./tokens.ts";

const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** From + on operators may be computed while parsing; `..` is below. */
const ARITHMETIC_PRIORITY = 6;
/** A list constructor stores its items by so many. */
const ITEMS_PER_FLUSH = 50;

export abstract class ExpressionParser extends ParserBase {
  /** A function from its parameters to its `end`. */
  protected abstract functionBody(needsSelf: boolean, line: number): Prototype;

  protected expression(): Expression {
    return this.subexpression(0);
  }

  /** Expressions with commas; the last one is not settled yet. */
  protected expressionList(): Expression[] {
    const list = [this.expression()];
    while (this.accept(COMMA)) {
      this.settleInRegister(list[list.length - 1]);
      list.push(this.expression());
    }
    return list;
  }

  private subexpression(limit: number): Expression {
    this.enterLevel();
    const { lexer, state } = this;
    const registers = state.registers;
    const unary = unaryOperator(lexer.token);
    let left: Expression;
    if (unary !== null) {
      lexer.next();
      const operand = this.subexpression(UNARY_PRIORITY);
      if (unary === "#" || operand.kind !== NUMBER) this.settle(operand);
      left = foldUnary(unary, operand, lexer.lastLine);
    } else left = this.simpleExpression();
    let operator = BINARY_OPERATORS.get(lexer.token);
    while (operator !== undefined && operator.left > limit) {
      lexer.next();
      // Numbers wait: the operation may be computed at once.
      const waits = operator.left >= ARITHMETIC_PRIORITY && left.kind === NUMBER;
      if (!waits) this.settleOperand(left);
      const right = this.subexpression(operator.right);
      const { text } = operator;
      if (!waits || right.kind !== NUMBER) {
        this.settleOperand(right);
        this.settle(left);
      }
      state.registers = registers;
      if (text === "and") left = { kind: AND, left, right };
      else if (text === "or") left = { kind: OR, left, right };
      else {
        left = foldBinary(text as BinaryOperator, left, right, lexer.lastLine);
        if (left.kind === BINARY && waits && right.kind === NUMBER) {
          this.settle(right);
          this.settle(left.left);
        }
      }
      operator = BINARY_OPERATORS.get(lexer.token);
    }
    this.levels--;
    return left;
  }

  private simpleExpression(): Expression {
    const { lexer } = this;
    let result: Expression;
    switch (lexer.token) {
      case TK_NUMBER:
        result = { kind: NUMBER, value: lexer.number };
        break;
      case TK_STRING:
        result = { kind: STRING, value: lexer.text };
        break;
      case TK_NIL:
        result = { kind: NIL };
        break;
      case TK_TRUE:
        result = { kind: TRUE };
        break;
      case TK_FALSE:
        result = { kind: FALSE };
        break;
      case TK_DOTS: {
        const { prototype } = this.state;
        if (!prototype.isVararg) lexer.fail("cannot use '...' outside a vararg function");
        prototype.argTable = null;
        result = { kind: VARARG };
        break;
      }
      case OPEN_BRACE:
        return this.table();
      case TK_FUNCTION:
        lexer.next();
        return { kind: FUNCTION, prototype: this.functionBody(false, lexer.line) };
      default:
        return this.primaryExpression();
    }
    lexer.next();
    return result;
  }

  protected variable(name: string): Expression {
    const variable = this.findVariable(name);
    if (variable === null) return { kind: GLOBAL, name, line: 0 };
    if (variable.owner === this.state.prototype) return { kind: LOCAL, variable };
    return { kind: UPVALUE, variable, index: this.upvalueIndex(variable) };
  }

  private prefixExpression(): Expression {
    const { lexer } = this;
    if (lexer.token === OPEN_PAREN) {
      const { line } = lexer;
      lexer.next();
      const inner = this.expression();
      this.expectClosing(CLOSE_PAREN, OPEN_PAREN, line);
      // A number stays one that can be computed with: `-(0)` makes no constant 0.
      if (inner.kind !== NUMBER) this.settle(inner);
      const isMultiple = inner.kind === CALL || inner.kind === METHOD || inner.kind === VARARG;
      // Parentheses also end what may be assigned to: `(a) = 1` is no statement.
      const isVariable =
        inner.kind === GLOBAL ||
        inner.kind === INDEX ||
        inner.kind === UPVALUE ||
        inner.kind === LOCAL;
      return isMultiple || isVariable ? { kind: PAREN, inner } : inner;
    }
    if (lexer.token === TK_NAME) return this.variable(this.name());
    return lexer.fail("unexpected symbol");
  }

  protected primaryExpression(): Expression {
    const { lexer, state } = this;
    const registers = state.registers;
    let result = this.prefixExpression();
    for (;;) {
      switch (lexer.token) {
        case DOT:
          result = this.field(result);
          break;
        case OPEN_BRACKET: {
          this.settleOperand(result);
          const key = this.bracketedKey();
          result = { kind: INDEX, object: result, key, line: 0 };
          break;
        }
        case COLON: {
          lexer.next();
          const name = this.name();
          this.settle(result);
          state.reserve(2);
          result = this.methodCall(result, name, lexer.lastLine);
          break;
        }
        case OPEN_PAREN:
        case TK_STRING:
        case OPEN_BRACE: {
          this.settleInRegister(result);
          const { line } = lexer;
          const args = this.callArguments(line);
          result = { kind: CALL, callee: result, args, line, isTail: false };
          break;
        }
        default:
          return result;
      }
      state.registers = registers;
    }
  }

  /** A dot or colon and a name. */
  protected field(object: Expression): Expression {
    this.settleOperand(object);
    this.lexer.next();
    return { kind: INDEX, object, key: { kind: STRING, value: this.name() }, line: 0 };
  }

  private bracketedKey(): Expression {
    this.lexer.next();
    const key = this.expression();
    this.settleOperand(key);
    this.expect(CLOSE_BRACKET);
    return key;
  }

  private methodCall(object: Expression, name: string, selfLine: number): MethodExpression {
    const { line } = this.lexer;
    const args = this.callArguments(line);
    return { kind: METHOD, object, name, args, selfLine, line, isTail: false };
  }

  private callArguments(line: number): Expression[] {
    const { lexer } = this;
    switch (lexer.token) {
      case OPEN_PAREN: {
        if (line !== lexer.lastLine) {
          lexer.fail("ambiguous syntax (function call x new statement)");
        }
        lexer.next();
        const args = this.isAt(CLOSE_PAREN) ? [] : this.expressionList();
        this.expectClosing(CLOSE_PAREN, OPEN_PAREN, line);
        if (args.length > 0) this.settleInRegister(args[args.length - 1]);
        return args;
      }
      case OPEN_BRACE:
        return [this.table()];
      case TK_STRING: {
        const value = lexer.text;
        lexer.next();
        return [{ kind: STRING, value }];
      }
      default:
        return lexer.fail("function arguments expected");
    }
  }

  private table(): TableExpression {
    const { lexer, state } = this;
    const { line } = lexer;
    const fields: TableExpression["fields"] = [];
    let listCount = 0;
    let pending: Expression | null = null;
    state.reserve(1);
    const registers = state.registers;
    this.expect(OPEN_BRACE);
    while (lexer.token !== CLOSE_BRACE) {
      if (pending !== null) {
        this.settleInRegister(pending);
        if (listCount % ITEMS_PER_FLUSH === 0) state.registers = registers;
      }
      pending = null;
      const isRecord =
        lexer.token === OPEN_BRACKET || (lexer.token === TK_NAME && lexer.lookAhead() === EQUALS);
      if (isRecord) fields.push(this.recordField());
      else {
        pending = this.expression();
        listCount++;
        fields.push({ key: null, value: pending, line: 0 });
      }
      if (!this.accept(COMMA) && !this.accept(SEMICOLON)) break;
    }
    this.expectClosing(CLOSE_BRACE, OPEN_BRACE, line);
    if (pending !== null) this.settleInRegister(pending);
    state.registers = registers - 1;
    return { kind: TABLE, fields, listCount, recordCount: fields.length - listCount };
  }

  private recordField(): TableExpression["fields"][number] {
    const registers = this.state.registers;
    const key: Expression =
      this.lexer.token === TK_NAME ? { kind: STRING, value: this.name() } : this.bracketedKey();
    this.expect(EQUALS);
    const value = this.expression();
    this.settleOperand(value);
    this.state.registers = registers;
    return { key, value, line: this.lexer.lastLine };
  }

  protected markTail(call: CallExpression | MethodExpression): void {
    call.isTail = true;
  }
}
