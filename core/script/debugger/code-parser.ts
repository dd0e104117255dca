// From a chunk's text to instructions, by Lua 5.1's grammar and in one pass: what is emitted when decides
// on which line an instruction is. The text is known to be right: it has been through the other parser
// (lua/parser.ts), which has Lua's messages and limits.
import type { Chunk } from "../lua/chunk.ts";
import {
  TK_BREAK,
  TK_DO,
  TK_ELSE,
  TK_ELSEIF,
  TK_END,
  TK_EOS,
  TK_FOR,
  TK_FUNCTION,
  TK_IF,
  TK_LOCAL,
  TK_REPEAT,
  TK_RETURN,
  TK_UNTIL,
  TK_WHILE,
} from "../lua/tokens.ts";
import { CLOSE, type Code, FORLOOP, FORPREP, LOADK, MOVE, TAILCALL, TFORLOOP } from "./code.ts";
import { ExpressionCodeParser } from "./code-expressions.ts";
import { ALL, CALLED, Expr, FALSE, FIXED, INDEXED, LOCAL, NIL, NO_JUMP, VOID } from "./expr.ts";

const COMMA = 44;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;

/** The main function's code. The prototypes of all functions are added to `chunk`. */
export function parseCode(source: string, chunk: Chunk): Code {
  return new CodeParser(source, chunk).main();
}

class CodeParser extends ExpressionCodeParser {
  main(): Code {
    const { code } = this.writer;
    code.isVararg = true;
    this.lexer.next();
    this.statements();
    this.close();
    return code;
  }

  // -- blocks ---------------------------------------------------------------------------------------

  protected enter(isLoop: boolean): void {
    const writer = this.writer;
    writer.block = {
      outer: writer.block,
      isLoop,
      activeCount: writer.activeCount,
      breaks: NO_JUMP,
      hasUpvalue: false,
    };
  }

  protected leave(): void {
    const writer = this.writer;
    const block = writer.block!;
    writer.block = block.outer;
    this.removeVariables(block.activeCount);
    if (block.hasUpvalue) writer.emit(CLOSE, block.activeCount, 0, 0);
    writer.free = writer.activeCount;
    writer.patchHere(block.breaks);
  }

  protected scopedBlock(): void {
    this.enter(false);
    this.statements();
    this.leave();
  }

  protected statements(): void {
    for (let isLast = false; !isLast && !endsBlock(this.token); ) {
      isLast = this.statement();
      this.accept(SEMICOLON);
      this.writer.free = this.writer.activeCount;
    }
  }

  // -- statements -----------------------------------------------------------------------------------

  protected statement(): boolean {
    const { line } = this.lexer;
    switch (this.token) {
      case TK_IF:
        this.if();
        return false;
      case TK_WHILE:
        this.while();
        return false;
      case TK_DO:
        this.skip();
        this.scopedBlock();
        this.skip();
        return false;
      case TK_FOR:
        this.for(line);
        return false;
      case TK_REPEAT:
        this.repeat();
        return false;
      case TK_FUNCTION:
        this.functionStatement(line);
        return false;
      case TK_LOCAL:
        this.skip();
        if (this.accept(TK_FUNCTION)) this.localFunction();
        else this.local();
        return false;
      case TK_RETURN:
        this.return();
        return true;
      case TK_BREAK:
        this.skip();
        this.break();
        return true;
      default:
        this.expressionStatement();
        return false;
    }
  }

  protected if(): void {
    const writer = this.writer;
    let exits: number = NO_JUMP;
    let otherwise = this.clause();
    while (this.token === TK_ELSEIF) {
      exits = writer.joined(exits, writer.jump());
      writer.patchHere(otherwise);
      otherwise = this.clause();
    }
    if (this.token === TK_ELSE) {
      exits = writer.joined(exits, writer.jump());
      writer.patchHere(otherwise);
      // Only now: the jump's line is that of the block before.
      this.skip();
      this.scopedBlock();
    } else {
      exits = writer.joined(exits, otherwise);
    }
    writer.patchHere(exits);
    this.skip();
  }

  /** A condition and its block; the jumps when it is false. */
  protected clause(): number {
    this.skip();
    const exits = this.condition();
    this.skip();
    this.scopedBlock();
    return exits;
  }

  protected condition(): number {
    const e = new Expr();
    this.expression(e);
    if (e.kind === NIL) e.kind = FALSE;
    this.writer.goIfTrue(e);
    return e.ifFalse;
  }

  protected while(): void {
    const writer = this.writer;
    this.skip();
    const start = writer.label();
    const exits = this.condition();
    this.enter(true);
    this.skip();
    this.scopedBlock();
    writer.patchTo(writer.jump(), start);
    this.skip();
    this.leave();
    writer.patchHere(exits);
  }

  protected repeat(): void {
    const writer = this.writer;
    const start = writer.label();
    this.enter(true);
    this.enter(false);
    this.skip();
    this.statements();
    this.skip();
    const exits = this.condition();
    if (!writer.block!.hasUpvalue) {
      this.leave();
      writer.patchTo(exits, start);
    } else {
      this.break();
      writer.patchHere(exits);
      this.leave();
      writer.patchTo(writer.jump(), start);
    }
    this.leave();
  }

  protected break(): void {
    const writer = this.writer;
    let block = writer.block!;
    let hasUpvalue = false;
    for (; !block.isLoop; block = block.outer!) hasUpvalue ||= block.hasUpvalue;
    if (hasUpvalue) writer.emit(CLOSE, block.activeCount, 0, 0);
    block.breaks = writer.joined(block.breaks, writer.jump());
  }

  protected for(line: number): void {
    this.enter(true);
    this.skip();
    const name = this.name();
    if (this.token === EQUALS) this.forNumber(name, line);
    else this.forIn(name);
    this.skip();
    this.leave();
  }

  protected forNumber(name: string, line: number): void {
    const writer = this.writer;
    const base = writer.free;
    this.declareAll(["(for index)", "(for limit)", "(for step)", name]);
    this.skip();
    this.registerExpression();
    this.skip();
    this.registerExpression();
    if (this.accept(COMMA)) this.registerExpression();
    else {
      writer.emit(LOADK, writer.free, writer.constant(1), 0);
      writer.reserve(1);
    }
    this.forBody(base, line, 1, true);
  }

  protected forIn(first: string): void {
    const writer = this.writer;
    const base = writer.free;
    const names = ["(for generator)", "(for state)", "(for control)", first];
    this.declareAll(names);
    let count = names.length;
    while (this.accept(COMMA)) this.declare(this.name(), count++);
    this.skip();
    const { line } = this.lexer;
    const e = new Expr();
    const valueCount = this.expressions(e);
    this.adjust(3, valueCount, e);
    writer.checkStack(3);
    this.forBody(base, line, count - 3, false);
  }

  protected forBody(base: number, line: number, count: number, isNumber: boolean): void {
    const writer = this.writer;
    this.activate(3);
    this.skip();
    const prepare = isNumber ? writer.emit(FORPREP, base, NO_JUMP, 0) : writer.jump();
    this.enter(false);
    this.activate(count);
    writer.reserve(count);
    this.scopedBlock();
    this.leave();
    writer.patchHere(prepare);
    const end = isNumber
      ? writer.emit(FORLOOP, base, NO_JUMP, 0)
      : writer.emit(TFORLOOP, base, 0, count);
    // The loop's instruction counts as being on the line of its `for`.
    writer.fixLine(line);
    writer.patchTo(isNumber ? end : writer.jump(), prepare + 1);
  }

  protected registerExpression(): void {
    const e = new Expr();
    this.expression(e);
    this.writer.toNextRegister(e);
  }

  protected localFunction(): void {
    const writer = this.writer;
    this.declare(this.name(), 0);
    const variable = new Expr();
    variable.init(LOCAL, writer.free);
    writer.reserve(1);
    this.activate(1);
    const f = new Expr();
    this.body(f, false, this.lexer.line);
    writer.store(variable, f);
    // A debugger sees the variable only when it has its value.
    writer.code.locals[writer.active[writer.activeCount - 1]].start = writer.at;
  }

  protected local(): void {
    let count = 0;
    do {
      this.declare(this.name(), count++);
    } while (this.accept(COMMA));
    const e = new Expr();
    const valueCount = this.accept(EQUALS) ? this.expressions(e) : 0;
    this.adjust(count, valueCount, e);
    this.activate(count);
  }

  protected functionStatement(line: number): void {
    const target = new Expr();
    this.skip();
    this.variable(target);
    while (this.token === DOT) this.field(target);
    const isMethod = this.token === COLON;
    if (isMethod) this.field(target);
    const f = new Expr();
    this.body(f, isMethod, line);
    this.writer.store(target, f);
    this.writer.fixLine(line);
  }

  protected return(): void {
    const writer = this.writer;
    this.skip();
    if (endsBlock(this.token) || this.token === SEMICOLON) return writer.ret(0, 0);
    const e = new Expr();
    const count = this.expressions(e);
    if (e.isOpen) {
      const isTail = e.kind === CALLED && count === 1;
      const at = e.info;
      writer.setResults(e, ALL);
      if (isTail) writer.code.op[at] = TAILCALL;
      return writer.ret(writer.activeCount, ALL);
    }
    if (count === 1) return writer.ret(writer.toSomeRegister(e), 1);
    writer.toNextRegister(e);
    writer.ret(writer.activeCount, count);
  }

  protected expressionStatement(): void {
    const e = new Expr();
    this.primary(e);
    if (e.kind === CALLED) this.writer.code.c[e.info] = 1;
    else this.assignment([e]);
  }

  protected assignment(targets: Expr[]): void {
    const writer = this.writer;
    while (this.accept(COMMA)) {
      const target = new Expr();
      this.primary(target);
      if (target.kind === LOCAL) this.saveUsed(targets, target.info);
      targets.push(target);
    }
    this.skip();
    const e = new Expr();
    const valueCount = this.expressions(e);
    let last = targets.length - 1;
    if (valueCount === targets.length) {
      writer.setOneResult(e);
      writer.store(targets[last--], e);
    } else {
      this.adjust(targets.length, valueCount, e);
      if (valueCount > targets.length) writer.free -= valueCount - targets.length;
    }
    for (; last >= 0; last--) {
      e.init(FIXED, writer.free - 1);
      writer.store(targets[last], e);
    }
  }

  /** A local variable that is assigned to, and used by a target before it: that one gets a copy. */
  protected saveUsed(targets: readonly Expr[], register: number): void {
    const writer = this.writer;
    const copy = writer.free;
    let isUsed = false;
    for (const target of targets) {
      if (target.kind !== INDEXED) continue;
      if (target.info === register) {
        target.info = copy;
        isUsed = true;
      }
      if (target.aux === register) {
        target.aux = copy;
        isUsed = true;
      }
    }
    if (!isUsed) return;
    writer.emit(MOVE, copy, register, 0);
    writer.reserve(1);
  }

  /** Makes `count` values of `valueCount`, the last of which is `e`. */
  protected adjust(count: number, valueCount: number, e: Expr): void {
    const writer = this.writer;
    let missing = count - valueCount;
    if (e.isOpen) {
      missing = Math.max(missing + 1, 0);
      writer.setResults(e, missing);
      if (missing > 1) writer.reserve(missing - 1);
      return;
    }
    if (e.kind !== VOID) writer.toNextRegister(e);
    if (missing <= 0) return;
    const register = writer.free;
    writer.reserve(missing);
    writer.loadNil(register, missing);
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
