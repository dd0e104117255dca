// Statements and functions: from a chunk's text to its prototypes, by Lua 5.1's grammar.
import {
  type AssignStatement,
  type Block,
  CALL,
  type CallExpression,
  type Expression,
  FUNCTION,
  GLOBAL,
  INDEX,
  LOCAL,
  METHOD,
  type MethodExpression,
  S_ASSIGN,
  S_BREAK,
  S_CALL,
  S_DO,
  S_FOR_IN,
  S_FOR_NUMBER,
  S_IF,
  S_LOCAL,
  S_LOCAL_FUNCTION,
  S_REPEAT,
  S_RETURN,
  S_WHILE,
  type Statement,
  type Target,
  UPVALUE,
} from "./ast.ts";
import { Chunk } from "./chunk.ts";
import { ExpressionParser } from "./expression-parser.ts";
import { FunctionState } from "./function-state.ts";
import { LEVELS_MAX } from "./parser-base.ts";
import type { Prototype } from "./prototype.ts";
import {
  TK_BREAK,
  TK_DO,
  TK_DOTS,
  TK_ELSE,
  TK_ELSEIF,
  TK_END,
  TK_EOS,
  TK_FOR,
  TK_FUNCTION,
  TK_IF,
  TK_IN,
  TK_LOCAL,
  TK_NAME,
  TK_REPEAT,
  TK_RETURN,
  TK_THEN,
  TK_UNTIL,
  TK_WHILE,
} from "./tokens.ts";
import type { Variable } from "./variable.ts";

const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;

/** Parses a chunk; `levels` are the nested calls that are running already. */
export function parse(source: string, chunkName: string, levels = 0): Chunk {
  const chunk = new Chunk(chunkName);
  new Parser(source, chunk, levels).main();
  return chunk;
}

class Parser extends ExpressionParser {
  main(): void {
    const { prototype } = this.state;
    prototype.isVararg = true;
    this.lexer.next();
    prototype.body = this.block();
    if (this.lexer.token !== TK_EOS) this.lexer.fail("'<eof>' expected");
  }

  protected functionBody(needsSelf: boolean, line: number): Prototype {
    const state = new FunctionState(this.lexer, this.chunk, this.state, line);
    const outer = this.state;
    this.state = state;
    this.expect(OPEN_PAREN);
    if (needsSelf) this.parameter("self", 0);
    state.active.push(...state.prototype.parameters);
    this.parameters();
    this.expect(CLOSE_PAREN);
    state.prototype.body = this.block();
    this.expectClosing(TK_END, TK_FUNCTION, line);
    this.state = outer;
    return state.prototype;
  }

  private parameter(name: string, pending: number): void {
    this.state.checkVariables(pending + 1);
    this.state.prototype.parameters.push(this.state.newVariable(name));
  }

  private parameters(): void {
    const { lexer, state } = this;
    const { prototype } = state;
    const before = prototype.parameters.length;
    if (lexer.token !== CLOSE_PAREN) {
      do {
        const pending = prototype.parameters.length - before;
        if (lexer.token === TK_NAME) this.parameter(this.name(), pending);
        else if (lexer.token === TK_DOTS) {
          lexer.next();
          state.checkVariables(pending + 1);
          prototype.isVararg = true;
          prototype.argTable = state.newVariable("arg");
        } else lexer.fail("<name> or '...' expected");
      } while (!prototype.isVararg && this.accept(COMMA));
    }
    state.active.push(...prototype.parameters.slice(before));
    if (prototype.argTable !== null) state.activate(prototype.argTable);
    state.reserve(state.active.length);
  }

  /** Statements up to a token that ends a block. */
  private block(): Block {
    const statements: Block = [];
    const { lexer } = this;
    this.enterLevel();
    for (let isLast = false; !isLast && !endsBlock(lexer.token); ) {
      isLast = lexer.token === TK_RETURN || lexer.token === TK_BREAK;
      const statement = this.statement();
      statements.push(statement);
      this.accept(SEMICOLON);
      this.state.registers = this.state.active.length;
    }
    this.levels--;
    return statements;
  }

  private scopedBlock(): Block {
    this.state.enterBlock(false);
    const block = this.block();
    this.state.leaveBlock();
    return block;
  }

  private statement(): Statement {
    const { lexer } = this;
    const { line } = lexer;
    switch (lexer.token) {
      case TK_IF:
        return this.ifStatement(line);
      case TK_WHILE:
        return this.whileStatement(line);
      case TK_DO: {
        lexer.next();
        const body = this.scopedBlock();
        this.expectClosing(TK_END, TK_DO, line);
        return { kind: S_DO, body };
      }
      case TK_FOR:
        return this.forStatement(line);
      case TK_REPEAT:
        return this.repeatStatement(line);
      case TK_FUNCTION:
        return this.functionStatement(line);
      case TK_LOCAL:
        lexer.next();
        return this.accept(TK_FUNCTION) ? this.localFunction() : this.localStatement();
      case TK_RETURN:
        return this.returnStatement();
      case TK_BREAK:
        lexer.next();
        if (!this.state.blocks.some((block) => block.isLoop)) lexer.fail("no loop to break");
        return { kind: S_BREAK };
      default:
        return this.expressionStatement();
    }
  }

  private condition(): Expression {
    const condition = this.expression();
    this.settle(condition);
    return condition;
  }

  private ifStatement(line: number): Statement {
    const clauses: { condition: Expression; body: Block }[] = [];
    do {
      this.lexer.next();
      const condition = this.condition();
      this.expect(TK_THEN);
      clauses.push({ condition, body: this.scopedBlock() });
    } while (this.lexer.token === TK_ELSEIF);
    const otherwise = this.accept(TK_ELSE) ? this.scopedBlock() : null;
    this.expectClosing(TK_END, TK_IF, line);
    return { kind: S_IF, clauses, otherwise };
  }

  private whileStatement(line: number): Statement {
    this.lexer.next();
    const condition = this.condition();
    this.state.enterBlock(true);
    this.expect(TK_DO);
    const body = this.scopedBlock();
    this.expectClosing(TK_END, TK_WHILE, line);
    this.state.leaveBlock();
    return { kind: S_WHILE, condition, body, line };
  }

  private repeatStatement(line: number): Statement {
    this.state.enterBlock(true);
    this.state.enterBlock(false);
    this.lexer.next();
    const body = this.block();
    this.expectClosing(TK_UNTIL, TK_REPEAT, line);
    const condition = this.condition();
    this.state.leaveBlock();
    this.state.leaveBlock();
    return { kind: S_REPEAT, body, condition, line };
  }

  private forStatement(line: number): Statement {
    const { lexer, state } = this;
    state.enterBlock(true);
    lexer.next();
    const name = this.name();
    let statement: Statement;
    if (lexer.token === EQUALS) statement = this.forNumber(name, line);
    else if (lexer.token === COMMA || lexer.token === TK_IN) statement = this.forIn(name);
    else return lexer.fail("'=' or 'in' expected");
    this.expectClosing(TK_END, TK_FOR, line);
    state.leaveBlock();
    return statement;
  }

  private forNumber(name: string, line: number): Statement {
    const { state } = this;
    state.checkVariables(4);
    const variable = state.newVariable(name);
    this.lexer.next();
    const start = this.registerExpression();
    this.expect(COMMA);
    const limit = this.registerExpression();
    const step = this.accept(COMMA) ? this.registerExpression() : null;
    if (step === null) state.reserve(1);
    for (let i = 0; i < 3; i++) state.activate(null);
    this.expect(TK_DO);
    const prepareLine = this.lexer.lastLine;
    const body = this.loopBody([variable]);
    variable.isNumber = !variable.assigned;
    // The loop instruction counts as being on the line of its `for`, the preparing one does not.
    return { kind: S_FOR_NUMBER, variable, start, limit, step, body, line: prepareLine || line };
  }

  private forIn(firstName: string): Statement {
    const { state } = this;
    state.checkVariables(4);
    const variables = [state.newVariable(firstName)];
    while (this.accept(COMMA)) {
      const name = this.name();
      state.checkVariables(variables.length + 4);
      variables.push(state.newVariable(name));
    }
    this.expect(TK_IN);
    const { line } = this.lexer;
    const values = this.expressionList();
    this.adjust(values, 3);
    for (let i = 0; i < 3; i++) state.activate(null);
    state.registers = state.active.length;
    state.reserve(3);
    state.registers -= 3;
    this.expect(TK_DO);
    const body = this.loopBody(variables);
    return { kind: S_FOR_IN, variables, values, body, line };
  }

  private registerExpression(): Expression {
    const expression = this.expression();
    this.settleInRegister(expression);
    return expression;
  }

  private loopBody(variables: readonly Variable[]): Block {
    const { state } = this;
    state.enterBlock(false);
    for (const variable of variables) state.activate(variable);
    state.registers = state.active.length - variables.length;
    state.reserve(variables.length);
    const body = this.scopedBlock();
    state.leaveBlock();
    return body;
  }

  private localFunction(): Statement {
    const { state } = this;
    const name = this.name();
    state.checkVariables(1);
    const variable = state.newVariable(name);
    state.activate(variable);
    state.reserve(1);
    const prototype = this.functionBody(false, this.lexer.line);
    variable.holds = prototype;
    prototype.ownName = variable;
    return { kind: S_LOCAL_FUNCTION, variable, prototype };
  }

  private localStatement(): Statement {
    const { state } = this;
    const variables: Variable[] = [];
    do {
      const name = this.name();
      state.checkVariables(variables.length + 1);
      variables.push(state.newVariable(name));
    } while (this.accept(COMMA));
    const values = this.accept(EQUALS) ? this.expressionList() : [];
    this.adjust(values, variables.length);
    for (const variable of variables) state.activate(variable);
    values.forEach((value, i) => {
      if (value.kind === FUNCTION && i < variables.length) variables[i].holds = value.prototype;
    });
    return { kind: S_LOCAL, variables, values };
  }

  /** Settles the last of some values that go to `count` variables. */
  private adjust(values: readonly Expression[], count: number): void {
    if (values.length > 0) this.settleInRegister(values[values.length - 1]);
    if (count > values.length) this.state.reserve(count - values.length);
  }

  private functionStatement(line: number): Statement {
    this.lexer.next();
    let target = this.variable(this.name());
    let needsSelf = false;
    while (this.lexer.token === DOT) target = this.field(target);
    if (this.lexer.token === COLON) {
      needsSelf = true;
      target = this.field(target);
    }
    const prototype = this.functionBody(needsSelf, line);
    markAssigned(target);
    return {
      kind: S_ASSIGN,
      targets: [target as Target],
      values: [{ kind: FUNCTION, prototype }],
      line,
    };
  }

  private expressionStatement(): Statement {
    const first = this.primaryExpression();
    if (first.kind === CALL || first.kind === METHOD) return { kind: S_CALL, call: first };
    return this.assignment(first);
  }

  private assignment(first: Expression): AssignStatement {
    const targets: Target[] = [];
    let target = first;
    for (;;) {
      if (!isTarget(target)) this.lexer.fail("syntax error");
      if (target.kind === INDEX) this.state.reserve(1);
      targets.push(target);
      if (!this.accept(COMMA)) break;
      target = this.primaryExpression();
      const max = LEVELS_MAX - this.levels;
      if (targets.length > max) this.state.limit(max, "variables in assignment");
    }
    this.expect(EQUALS);
    const values = this.expressionList();
    this.settle(values[values.length - 1]);
    for (const each of targets) markAssigned(each);
    return { kind: S_ASSIGN, targets, values, line: this.lexer.lastLine };
  }

  private returnStatement(): Statement {
    const { lexer } = this;
    lexer.next();
    if (endsBlock(lexer.token) || lexer.token === SEMICOLON) return { kind: S_RETURN, values: [] };
    const values = this.expressionList();
    const last = values[values.length - 1];
    this.settleInRegister(last);
    if (values.length === 1 && (last.kind === CALL || last.kind === METHOD)) {
      this.markTail(last as CallExpression | MethodExpression);
    }
    return { kind: S_RETURN, values };
  }
}

function endsBlock(token: number): boolean {
  switch (token) {
    case TK_ELSE:
    case TK_ELSEIF:
    case TK_END:
    case TK_UNTIL:
    case TK_EOS:
      return true;
    default:
      return false;
  }
}

function isTarget(expression: Expression): expression is Target {
  const { kind } = expression;
  return kind === LOCAL || kind === UPVALUE || kind === GLOBAL || kind === INDEX;
}

function markAssigned(target: Expression): void {
  if (target.kind === LOCAL || target.kind === UPVALUE) target.variable.assigned = true;
}
