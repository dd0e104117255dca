// Expressions as JavaScript expressions. Operands are evaluated in Lua's order: a local variable is
// read where it is used, as Lua's instructions read registers; everything else goes to a temporary
// when a later operand could change it.
import {
  AND,
  BINARY,
  type BinaryExpression,
  CALL,
  type Expression,
  FALSE,
  FUNCTION,
  GLOBAL,
  INDEX,
  type IndexExpression,
  LOCAL,
  METHOD,
  NIL,
  NUMBER,
  OR,
  PAREN,
  STRING,
  TABLE,
  type TableExpression,
  TRUE,
  UNARY,
  type UnaryExpression,
  UPVALUE,
  VARARG,
} from "./ast.ts";
import { SITE_OPERATION } from "./chunk.ts";
import { EmitterBase, numberLiteral, quote } from "./emitter.ts";
import { stringHash } from "./hash.ts";
import { nameOf } from "./naming.ts";
import type { Prototype } from "./prototype.ts";
import { constructorSize } from "./table-sizes.ts";

const ARITHMETIC: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "^": "pow",
};

const NUMBER_FUNCTIONS: Readonly<Record<string, string>> = { "%": "remainder", "^": "power" };

/** An operand: code to run first (or ""), and code that may then be repeated. */
export interface Operand {
  readonly before: string;
  readonly value: string;
}

export abstract class ExpressionEmitter extends EmitterBase {
  /** A call; its results, or its first result. */
  protected abstract call(expression: Expression, wantsFirst: boolean): string;

  /** One value. */
  protected value(expression: Expression): string {
    switch (expression.kind) {
      case NIL:
        return "undefined";
      case TRUE:
        return "true";
      case FALSE:
        return "false";
      case NUMBER:
        return numberLiteral(expression.value);
      case STRING:
        return quote(expression.value);
      case VARARG:
        return "va[0]";
      case FUNCTION:
        return this.closure(expression.prototype);
      case TABLE:
        return this.table(expression);
      case LOCAL:
      case UPVALUE:
        return this.variableValue(expression.variable);
      case GLOBAL: {
        const site = this.site(expression.line, SITE_OPERATION);
        return this.globalCode(expression.name, site);
      }
      case INDEX:
        return this.index(expression);
      case CALL:
      case METHOD:
        return this.call(expression, true);
      case UNARY:
        return this.unary(expression);
      case BINARY:
        return this.binary(expression);
      case AND:
      case OR:
        return this.choice(expression.kind, expression.left, expression.right);
      case PAREN:
        return this.value(expression.inner);
    }
  }

  protected isMultiple(expression: Expression): boolean {
    return expression.kind === CALL || expression.kind === METHOD || expression.kind === VARARG;
  }

  /** All results, as an array to spread. */
  protected spread(expression: Expression): string {
    return expression.kind === VARARG ? "va" : `all(${this.call(expression, false)})`;
  }

  /** A local variable is its own operand even when boxed: Lua reads registers late. */
  protected operand(expression: Expression): Operand {
    const inner = expression.kind === PAREN ? expression.inner : expression;
    if (inner.kind === LOCAL || this.isStable(inner)) {
      return { before: "", value: this.value(inner) };
    }
    return this.copied(inner);
  }

  /** An operand that Lua copies to a register of its own at once. */
  protected copied(expression: Expression): Operand {
    if (this.isStable(expression)) return { before: "", value: this.value(expression) };
    const mark = this.mark;
    const code = this.value(expression);
    this.release(mark);
    const temp = this.takeTemp();
    return { before: `${temp}=${code},`, value: temp };
  }

  private index(expression: IndexExpression): string {
    const mark = this.mark;
    const object = this.operand(expression.object);
    const name = nameOf(expression.object);
    if (expression.key.kind === STRING) {
      const site = this.site(expression.line, SITE_OPERATION, name);
      this.release(mark);
      return `(${object.before}${this.fieldCode(object.value, expression.key.value, site)})`;
    }
    const key = this.operand(expression.key);
    const site = this.site(expression.line, SITE_OPERATION, name);
    this.release(mark);
    const [o, k] = [object.value, key.value];
    const get = this.wait(`getIndex(${o},${k},${site})`);
    const type = this.staticType(expression.key);
    if (expression.key.kind !== NUMBER && type !== null && type !== "number") {
      return `(${object.before}${key.before}${get})`;
    }
    const isNumber = type === "number" ? "" : `typeof ${k}==="number"&&`;
    const test = `${isNumber}${o}!==undefined&&${o}.isTable&&${k}<${o}.end&&(R=${o}.array[${k}])!==undefined`;
    return `(${object.before}${key.before}${test}?R:${get})`;
  }

  /**
   * A field by a constant name. Most keys lie in their main positions, so that is where to look
   * first; comparing strings there is comparing pointers.
   */
  protected fieldCode(object: string, name: string, site: number): string {
    const slow = this.wait(`getField(${object},${this.key(name)},${site})`);
    const place = `(N=${object}.nodes)[R=(${stringHash(name)}&${object}.mask)<<2]===${quote(name)}`;
    return `${object}!==undefined&&${object}.isTable&&${place}&&(R=N[R+1])!==undefined?R:${slow}`;
  }

  /** A global variable: a field of the function's environment, which is always a table. */
  private globalCode(name: string, site: number): string {
    const slow = this.wait(`getGlobal(self,${this.key(name)},${site})`);
    const place = `(N=(E=self.env).nodes)[R=(${stringHash(name)}&E.mask)<<2]===${quote(name)}`;
    return `(${place}&&(R=N[R+1])!==undefined?R:${slow})`;
  }

  private unary(expression: UnaryExpression): string {
    const { operand: inner, operator, line } = expression;
    if (operator === "not") return `!${this.condition(inner)}`;
    const mark = this.mark;
    const { before, value } = this.operand(inner);
    const site = this.site(line, SITE_OPERATION, nameOf(inner));
    this.release(mark);
    if (operator === "#") return `(${before}${this.wait(`length(${value},${site})`)})`;
    if (this.staticType(inner) === "number") return `(${before}-${value})`;
    return `(${before}typeof ${value}==="number"?-${value}:${this.wait(`unm(${value},${site})`)})`;
  }

  private binary(expression: BinaryExpression): string {
    const { operator, left, right, line } = expression;
    if (operator === "..") return this.concatenation(expression);
    const mark = this.mark;
    const a = this.operand(left);
    const b = this.operand(right);
    const before = a.before + b.before;
    if (operator === "==" || operator === "~=") {
      const site = this.site(line, SITE_OPERATION);
      this.release(mark);
      const equal = this.equality(
        a.value,
        b.value,
        this.isPlain(left) || this.isPlain(right),
        site,
      );
      return `(${before}${operator === "==" ? equal : `!${equal}`})`;
    }
    const site = this.site(line, SITE_OPERATION, nameOf(left), nameOf(right));
    this.release(mark);
    const tests = [left, right]
      .map((side, i) => ({ side, code: i === 0 ? a.value : b.value }))
      .filter(({ side }) => this.staticType(side) !== "number")
      .map(({ code }) => `typeof ${code}==="number"`);
    const name = ARITHMETIC[operator];
    const fast = name === undefined ? a.value + operator + b.value : arithmetic(operator, a, b);
    if (tests.length === 0) return `(${before}${fast})`;
    const slow =
      name === undefined
        ? comparison(operator, a.value, b.value, site)
        : `${name}(${a.value},${b.value},${site})`;
    return `(${before}${tests.join("&&")}?${fast}:${this.wait(slow)})`;
  }

  /** A constant that has no metamethods. */
  private isPlain(expression: Expression): boolean {
    switch (expression.kind) {
      case NIL:
      case TRUE:
      case FALSE:
      case NUMBER:
      case STRING:
        return true;
      default:
        return this.staticType(expression) !== null;
    }
  }

  private equality(a: string, b: string, isPlain: boolean, site: number): string {
    if (isPlain) return `(${a}===${b})`;
    const slow = this.wait(`equals(${a},${b},${site})`);
    return `(${a}===${b}||typeof ${a}==="object"&&typeof ${b}==="object"&&${slow})`;
  }

  /** a .. b .. c is one operation on all its operands, from the right. */
  private concatenation(expression: BinaryExpression): string {
    const parts: Expression[] = [];
    let rest: Expression = expression;
    const lines: number[] = [];
    while (rest.kind === BINARY && rest.operator === "..") {
      parts.push(rest.left);
      lines.push(rest.line);
      rest = rest.right;
    }
    parts.push(rest);
    const line = lines[lines.length - 1];
    const mark = this.mark;
    const operands = parts.map((part) => this.copied(part));
    const before = operands.map((operand) => operand.before).join("");
    const values = operands.map((operand) => operand.value);
    const names = parts.map(nameOf);
    // One step after the other: nested calls would need registers for all at once.
    const result = this.takeTemp();
    this.release(mark);
    let code = "";
    let right = values[values.length - 1];
    for (let i = values.length - 2; i >= 0; i--) {
      const site = this.site(line, SITE_OPERATION, names[i], names[i + 1]);
      const step = this.wait(`concat(${values[i]},${right},${site})`);
      code += i === 0 ? step : `${result}=${step},`;
      right = result;
    }
    return `(${before}${code})`;
  }

  private choice(kind: typeof AND | typeof OR, left: Expression, right: Expression): string {
    if (this.staticType(left) === "boolean") {
      const test = this.condition(left);
      const other = this.value(right);
      return kind === AND ? `(${test}?${other}:false)` : `(${test}||${other})`;
    }
    const mark = this.mark;
    const { before, value } = this.operand(left);
    const isTrue = `${value}!==undefined&&${value}!==false`;
    this.release(mark);
    const other = this.value(right);
    return kind === AND
      ? `(${before}${isTrue}?${other}:${value})`
      : `(${before}${isTrue}?${value}:${other})`;
  }

  /** A JavaScript boolean: whether the value is neither nil nor false. */
  protected condition(expression: Expression): string {
    switch (expression.kind) {
      case NIL:
      case FALSE:
        return "false";
      case TRUE:
      case NUMBER:
      case STRING:
      case FUNCTION:
        return "true";
      case AND:
        return `(${this.condition(expression.left)}&&${this.condition(expression.right)})`;
      case OR:
        return `(${this.condition(expression.left)}||${this.condition(expression.right)})`;
      case PAREN:
        return this.condition(expression.inner);
      default:
    }
    if (this.staticType(expression) === "boolean") return this.value(expression);
    const mark = this.mark;
    const { before, value } = this.operand(expression);
    this.release(mark);
    return `(${before}${value}!==undefined&&${value}!==false)`;
  }

  protected closure(prototype: Prototype): string {
    const { ownName, upvalues, index } = prototype;
    const own = ownName !== null && !ownName.assigned ? ownName : null;
    const values = upvalues.map((variable) =>
      variable === own ? "undefined" : this.variableName(variable),
    );
    const list = values.join(",");
    const made = `new LuaFunction(rt,K[${index}],self.env,[${list}],"",null,null)`;
    const factory = `P${index}(R,${list})`;
    return `(R=${made},R.fast=${this.isFast ? factory : `fast[${index}](R,${list})`},R)`;
  }

  private table(expression: TableExpression): string {
    const { fields, listCount, recordCount } = expression;
    const last = fields.length > 0 ? fields[fields.length - 1] : null;
    const isOpen = last !== null && last.key === null && this.isMultiple(last.value);
    const arraySize = constructorSize(isOpen ? listCount - 1 : listCount);
    const nodeSize = constructorSize(recordCount);
    if (fields.length === 0) return "new LuaTable(rt,0,0)";
    if (recordCount === 0 && listCount <= 50) {
      const items = fields.map(({ value }, i) =>
        isOpen && i === fields.length - 1 ? `...${this.spread(value)}` : this.value(value),
      );
      return `newList(${arraySize},[,${items.join(",")}])`;
    }
    return this.mixedTable(expression, isOpen, arraySize, nodeSize);
  }

  /** Items of the list wait in an array and are stored 50 at a time, as Lua does it. */
  private mixedTable(
    expression: TableExpression,
    isOpen: boolean,
    arraySize: number,
    nodeSize: number,
  ): string {
    const mark = this.mark;
    const table = this.takeTemp();
    const pending = expression.listCount > 0 ? this.takeTemp() : "";
    const code = [`${table}=new LuaTable(rt,${arraySize},${nodeSize})`];
    if (pending !== "") code.push(`${pending}=[]`);
    let items = 0;
    expression.fields.forEach(({ key, value, line }, i) => {
      if (key === null) {
        if (items > 0 && items % 50 === 0) code.push(`flush(${table},${pending},${items - 50})`);
        const isLast = i === expression.fields.length - 1;
        const item = isOpen && isLast ? `...${this.spread(value)}` : this.value(value);
        code.push(`${pending}.push(${item})`);
        items++;
        return;
      }
      code.push(this.record(table, key, value, line));
    });
    if (items > 0) code.push(`flush(${table},${pending},${Math.floor((items - 1) / 50) * 50})`);
    this.release(mark);
    return `(${code.join(",")},${table})`;
  }

  private record(table: string, key: Expression, value: Expression, line: number): string {
    const mark = this.mark;
    const site = this.site(line, SITE_OPERATION);
    if (key.kind === STRING) {
      const code = this.value(value);
      this.release(mark);
      return `${table}.setHashed(${this.key(key.value)},${code})`;
    }
    const k = this.operand(key);
    const v = this.operand(value);
    this.release(mark);
    return `${k.before}${v.before}setRaw(${table},${k.value},${v.value},${site})`;
  }
}

function arithmetic(operator: string, a: Operand, b: Operand): string {
  const name = NUMBER_FUNCTIONS[operator];
  // Spaces keep a - -1 from becoming a decrement.
  return name === undefined
    ? `${a.value} ${operator} ${b.value}`
    : `${name}(${a.value},${b.value})`;
}

/** Lua has only < and <=: the others are these with their operands exchanged. */
function comparison(operator: string, a: string, b: string, site: number): string {
  switch (operator) {
    case "<":
      return `less(${a},${b},${site})`;
    case "<=":
      return `lessEqual(${a},${b},${site})`;
    case ">":
      return `less(${b},${a},${site})`;
    default:
      return `lessEqual(${b},${a},${site})`;
  }
}
