// Expressions, functions and variables: from their text to instructions. The statements are in code-parser.ts.
import type { Chunk } from "../lua/chunk.ts";
import { BINARY_OPERATORS, UNARY_PRIORITY, unaryOperator } from "../lua/folding.ts";
import { Lexer } from "../lua/lexer.ts";
import { Prototype } from "../lua/prototype.ts";
import {
  TK_DOTS,
  TK_FALSE,
  TK_FUNCTION,
  TK_NAME,
  TK_NIL,
  TK_NUMBER,
  TK_STRING,
  TK_TRUE,
} from "../lua/tokens.ts";
import {
  CALL,
  CLOSURE,
  Code,
  GETUPVAL,
  ITEMS_PER_SETLIST,
  MOVE,
  NEWTABLE,
  SETTABLE,
  VARARG,
} from "./code.ts";
import { CodeWriter } from "./code-writer.ts";
import {
  ALL,
  CALLED,
  DOTS,
  Expr,
  FALSE,
  GLOBAL,
  K,
  LOCAL,
  NIL,
  NUMBER,
  RELOCATABLE,
  TRUE,
  UPVALUE,
  VOID,
} from "./expr.ts";

const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const OPEN_BRACKET = 91;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** A table constructor in work. */
interface Constructor {
  readonly register: number;
  /** The item read last, which is not stored yet. */
  readonly item: Expr;
  itemCount: number;
  fieldCount: number;
  /** Items in registers. */
  waiting: number;
}

export abstract class ExpressionCodeParser {
  protected readonly lexer: Lexer;
  protected readonly chunk: Chunk;
  protected writer: CodeWriter;

  constructor(source: string, chunk: Chunk) {
    this.lexer = new Lexer(source, chunk.id);
    this.chunk = chunk;
    this.writer = this.open(null, 0);
  }

  protected open(outer: CodeWriter | null, line: number): CodeWriter {
    const parent = outer?.code.prototype ?? null;
    const code = new Code(new Prototype(this.chunk, parent, line));
    return new CodeWriter(this.lexer, code, outer);
  }

  protected close(): void {
    this.removeVariables(0);
    this.writer.ret(0, 0);
  }

  /** Statements up to a token that ends a block. */
  protected abstract statements(): void;

  // -- tokens ---------------------------------------------------------------------------------------

  protected get token(): number {
    return this.lexer.token;
  }

  protected accept(token: number): boolean {
    if (this.lexer.token !== token) return false;
    this.lexer.next();
    return true;
  }

  protected skip(): void {
    this.lexer.next();
  }

  protected name(): string {
    const { text } = this.lexer;
    this.lexer.next();
    return text;
  }

  // -- variables ------------------------------------------------------------------------------------

  /** Declares a variable that comes into scope with `#activate`; the n-th that waits for it. */
  protected declare(name: string, n: number): void {
    const { active, activeCount, code } = this.writer;
    active[activeCount + n] = code.locals.push({ name, start: 0, end: 0 }) - 1;
  }

  protected declareAll(names: readonly string[]): void {
    for (let i = 0; i < names.length; i++) this.declare(names[i], i);
  }

  protected activate(count: number): void {
    const writer = this.writer;
    for (let i = 0; i < count; i++) {
      writer.code.locals[writer.active[writer.activeCount++]].start = writer.at;
    }
  }

  protected removeVariables(count: number): void {
    const writer = this.writer;
    while (writer.activeCount > count) {
      writer.code.locals[writer.active[--writer.activeCount]].end = writer.at;
    }
  }

  protected variable(e: Expr): void {
    const name = this.name();
    if (!this.find(this.writer, name, e, true)) e.info = this.writer.constant(name);
  }

  /** True when it is a local variable, of this function or another one around it. */
  protected find(writer: CodeWriter | null, name: string, e: Expr, isOwn: boolean): boolean {
    if (writer === null) {
      e.init(GLOBAL, 0);
      return false;
    }
    for (let i = writer.activeCount - 1; i >= 0; i--) {
      if (writer.code.locals[writer.active[i]].name !== name) continue;
      e.init(LOCAL, i);
      if (!isOwn) markCaptured(writer, i);
      return true;
    }
    if (!this.find(writer.outer, name, e, false)) return false;
    e.init(UPVALUE, captureOf(writer, name, e.kind === LOCAL, e.info));
    return true;
  }

  // -- functions ------------------------------------------------------------------------------------

  protected body(e: Expr, needsSelf: boolean, line: number): void {
    const outer = this.writer;
    const writer = this.open(outer, line);
    this.writer = writer;
    this.skip();
    if (needsSelf) {
      this.declare("self", 0);
      this.activate(1);
    }
    this.parameters();
    this.skip();
    this.statements();
    this.skip();
    this.close();
    this.writer = outer;
    const { code } = outer;
    const number = code.functions.push(writer.code) - 1;
    e.init(RELOCATABLE, outer.emit(CLOSURE, 0, number, 0));
    for (const { isLocal, index } of writer.captures) {
      outer.emit(isLocal ? MOVE : GETUPVAL, 0, index, 0);
    }
  }

  protected parameters(): void {
    const { code } = this.writer;
    let count = 0;
    if (this.token !== CLOSE_PAREN) {
      do {
        if (this.accept(TK_DOTS)) {
          this.declare("arg", count++);
          code.isVararg = true;
          code.hasArg = true;
          code.needsArg = true;
        } else this.declare(this.name(), count++);
      } while (!code.isVararg && this.accept(COMMA));
    }
    this.activate(count);
    const { activeCount } = this.writer;
    code.parameterCount = activeCount - (code.hasArg ? 1 : 0);
    this.writer.reserve(activeCount);
  }

  // -- expressions ----------------------------------------------------------------------------------

  /** A list of expressions: all but the last, `e`, are in registers. */
  protected expressions(e: Expr): number {
    let count = 1;
    this.expression(e);
    while (this.accept(COMMA)) {
      this.writer.toNextRegister(e);
      this.expression(e);
      count++;
    }
    return count;
  }

  protected expression(e: Expr): void {
    this.operation(e, 0);
  }

  protected operation(e: Expr, limit: number): void {
    const writer = this.writer;
    const unary = unaryOperator(this.token);
    if (unary !== null) {
      this.skip();
      this.operation(e, UNARY_PRIORITY);
      writer.prefix(unary, e);
    } else this.simple(e);
    for (;;) {
      const operator = BINARY_OPERATORS.get(this.token);
      if (operator === undefined || operator.left <= limit) return;
      this.skip();
      writer.infix(operator.text, e);
      const right = new Expr();
      this.operation(right, operator.right);
      writer.postfix(operator.text, e, right);
    }
  }

  protected simple(e: Expr): void {
    const { code } = this.writer;
    switch (this.token) {
      case TK_NUMBER:
        e.init(NUMBER, 0);
        e.number = this.lexer.number;
        break;
      case TK_STRING:
        e.init(K, this.writer.constant(this.lexer.text));
        break;
      case TK_NIL:
        e.init(NIL, 0);
        break;
      case TK_TRUE:
        e.init(TRUE, 0);
        break;
      case TK_FALSE:
        e.init(FALSE, 0);
        break;
      case TK_DOTS:
        code.needsArg = false;
        e.init(DOTS, this.writer.emit(VARARG, 0, 1, 0));
        break;
      case OPEN_BRACE:
        return this.tableConstructor(e);
      case TK_FUNCTION:
        this.skip();
        return this.body(e, false, this.lexer.line);
      default:
        return this.primary(e);
    }
    this.skip();
  }

  protected primary(e: Expr): void {
    const writer = this.writer;
    if (this.accept(OPEN_PAREN)) {
      this.expression(e);
      this.skip();
      writer.discharge(e);
    } else this.variable(e);
    for (;;) {
      switch (this.token) {
        case DOT:
          this.field(e);
          break;
        case OPEN_BRACKET: {
          writer.toSomeRegister(e);
          const key = new Expr();
          this.index(key);
          writer.indexed(e, key);
          break;
        }
        case COLON: {
          this.skip();
          const key = new Expr();
          key.init(K, writer.constant(this.name()));
          writer.self(e, key);
          this.arguments(e);
          break;
        }
        case OPEN_PAREN:
        case TK_STRING:
        case OPEN_BRACE:
          writer.toNextRegister(e);
          this.arguments(e);
          break;
        default:
          return;
      }
    }
  }

  protected field(e: Expr): void {
    this.writer.toSomeRegister(e);
    this.skip();
    const key = new Expr();
    key.init(K, this.writer.constant(this.name()));
    this.writer.indexed(e, key);
  }

  protected index(key: Expr): void {
    this.skip();
    this.expression(key);
    this.writer.toValue(key);
    this.skip();
  }

  protected arguments(f: Expr): void {
    const writer = this.writer;
    const { line } = this.lexer;
    const args = new Expr();
    switch (this.token) {
      case OPEN_PAREN:
        this.skip();
        if (!this.accept(CLOSE_PAREN)) {
          this.expressions(args);
          writer.setResults(args, ALL);
          this.skip();
        }
        break;
      case OPEN_BRACE:
        this.tableConstructor(args);
        break;
      default:
        args.init(K, writer.constant(this.lexer.text));
        this.skip();
    }
    const base = f.info;
    let count: number = ALL;
    if (!args.isOpen) {
      if (args.kind !== VOID) writer.toNextRegister(args);
      count = writer.free - (base + 1);
    }
    f.init(CALLED, writer.emit(CALL, base, count + 1, 2));
    writer.fixLine(line);
    writer.free = base + 1;
  }

  // -- constructors ---------------------------------------------------------------------------------

  protected tableConstructor(e: Expr): void {
    const writer = this.writer;
    const at = writer.emit(NEWTABLE, 0, 0, 0);
    e.init(RELOCATABLE, at);
    writer.toNextRegister(e);
    this.skip();
    const made: Constructor = {
      register: e.info,
      item: new Expr(),
      itemCount: 0,
      fieldCount: 0,
      waiting: 0,
    };
    do {
      if (this.token === CLOSE_BRACE) break;
      this.storeItem(made);
      const isField =
        this.token === OPEN_BRACKET ||
        (this.token === TK_NAME && this.lexer.lookAhead() === EQUALS);
      if (isField) this.record(made);
      else {
        this.expression(made.item);
        made.itemCount++;
        made.waiting++;
      }
    } while (this.accept(COMMA) || this.accept(SEMICOLON));
    this.skip();
    this.storeLastItems(made);
    writer.code.b[at] = made.itemCount;
    writer.code.c[at] = made.fieldCount;
  }

  protected record(made: Constructor): void {
    const writer = this.writer;
    const { free } = writer;
    const key = new Expr();
    if (this.token === TK_NAME) key.init(K, writer.constant(this.name()));
    else this.index(key);
    made.fieldCount++;
    this.skip();
    const keyOperand = writer.toOperand(key);
    const value = new Expr();
    this.expression(value);
    const valueOperand = writer.toOperand(value);
    writer.emit(SETTABLE, made.register, keyOperand, valueOperand);
    writer.free = free;
  }

  protected storeItem(made: Constructor): void {
    const { item } = made;
    if (item.kind === VOID) return;
    this.writer.toNextRegister(item);
    item.kind = VOID;
    if (made.waiting < ITEMS_PER_SETLIST) return;
    this.writer.setList(made.register, made.itemCount, made.waiting);
    made.waiting = 0;
  }

  protected storeLastItems(made: Constructor): void {
    const writer = this.writer;
    const { item, register } = made;
    if (made.waiting === 0) return;
    if (item.isOpen) {
      writer.setResults(item, ALL);
      writer.setList(register, made.itemCount, ALL);
      // How many values it gives is not known.
      made.itemCount--;
      return;
    }
    if (item.kind !== VOID) writer.toNextRegister(item);
    writer.setList(register, made.itemCount, made.waiting);
  }
}

/** The block that declares the variable in a register has to close it. */
function markCaptured(writer: CodeWriter, register: number): void {
  let { block } = writer;
  while (block !== null && block.activeCount > register) block = block.outer;
  if (block !== null) block.hasUpvalue = true;
}

function captureOf(writer: CodeWriter, name: string, isLocal: boolean, index: number): number {
  const known = writer.captures.findIndex(
    (capture) => capture.isLocal === isLocal && capture.index === index,
  );
  if (known >= 0) return known;
  writer.code.upvalueNames.push(name);
  return writer.captures.push({ isLocal, index }) - 1;
}
