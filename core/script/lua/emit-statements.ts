// Statements and functions as JavaScript.
import {
  type AssignStatement,
  type Block,
  type Expression,
  type ForInStatement,
  type ForNumberStatement,
  GLOBAL,
  INDEX,
  LOCAL,
  NUMBER,
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
  STRING,
  type Statement,
  type Target,
  UPVALUE,
} from "./ast.ts";
import { SITE_FOR, SITE_OPERATION } from "./chunk.ts";
import { CallEmitter } from "./emit-calls.ts";
import { numberLiteral } from "./emitter.ts";
import { nameOf } from "./naming.ts";
import type { Prototype } from "./prototype.ts";
import type { Variable } from "./variable.ts";

/** A target with its parts evaluated. */
interface Place {
  readonly target: Target;
  readonly object: string;
  readonly key: string;
  readonly before: string;
}

export class Emitter extends CallEmitter {
  /** The factories of all functions, and the array of them. */
  code(): string {
    const { prototypes } = this.chunk;
    const parts = prototypes.map((prototype) => this.factory(prototype));
    return `"use strict";${parts.join("\n")}\nreturn[${prototypes.map((_, i) => `P${i}`).join(",")}];`;
  }

  private factory(prototype: Prototype): string {
    this.startFunction(prototype);
    const body = this.block(prototype.body);
    const { index, parameters, upvalues, argTable, isVararg } = prototype;
    const names = parameters.map((parameter) => `v${parameter.number}`);
    if (isVararg) names.push("...va");
    let head = this.temporaries();
    if (this.isFast) head += this.entry(prototype);
    else head += this.fuel(prototype.line || 1);
    for (const parameter of parameters) {
      if (parameter.boxed) head += `v${parameter.number}={v:v${parameter.number}};`;
    }
    if (argTable !== null) {
      const made = "argTable(va)";
      head += `let v${argTable.number}=${argTable.boxed ? `{v:${made}}` : made};`;
    }
    const end = `${this.leave()}return NOTHING;`;
    const ups = ["self", ...upvalues.map((_, i) => `u${i}`)].join(",");
    const star = this.isFast ? "" : "*";
    const made = `function${star} f${index}(${names.join(",")}){${head}${body}${end}}`;
    // A function in parentheses V8 compiles together with what is around it; all others it reads
    // again when they are first called. Factories and main functions are needed for certain.
    const isNeeded = index === 0 && this.isFast;
    return `const P${index}=(function(${ups}){return${isNeeded ? `(${made})` : ` ${made}`}});`;
  }

  /** Takes the frame's room on the shadow stack. */
  private entry(prototype: Prototype): string {
    // Arguments lie in registers, too: Lua's own count stands for them.
    prototype.weight = weightOf(
      prototype.variableCount + this.temporaryCount + prototype.registersMax + 8,
    );
    const { weight } = prototype;
    return `const b=rt.depth,d=b+${weight};rt.depth=d;F[d]=self;if(d>rt.depthMax)rt.tooDeep();${this.fuel(prototype.line || 1)}`;
  }

  private leave(): string {
    return this.isFast ? "rt.depth=b;" : "";
  }

  private block(block: Block): string {
    let code = "";
    for (const statement of block) {
      const mark = this.mark;
      code += this.statement(statement);
      this.release(mark);
    }
    return code;
  }

  private statement(statement: Statement): string {
    switch (statement.kind) {
      case S_LOCAL:
        return this.local(statement.variables, statement.values);
      case S_ASSIGN:
        return this.assignment(statement);
      case S_CALL:
        return `${this.call(statement.call, false)};`;
      case S_DO:
        return `{${this.block(statement.body)}}`;
      case S_WHILE: {
        const condition = this.condition(statement.condition);
        return `while(${condition}){${this.fuel(statement.line)}${this.block(statement.body)}}`;
      }
      case S_REPEAT: {
        const fuel = this.fuel(statement.line);
        const body = this.block(statement.body);
        return `for(;;){${fuel}${body}if(${this.condition(statement.condition)})break;}`;
      }
      case S_IF: {
        const clauses = statement.clauses.map(
          ({ condition, body }) => `if(${this.condition(condition)}){${this.block(body)}}`,
        );
        const { otherwise } = statement;
        return `${clauses.join("else ")}${otherwise === null ? "" : `else{${this.block(otherwise)}}`}`;
      }
      case S_FOR_NUMBER:
        return this.forNumber(statement);
      case S_FOR_IN:
        return this.forIn(statement);
      case S_LOCAL_FUNCTION: {
        const name = this.variableName(statement.variable);
        const closure = this.closure(statement.prototype);
        if (!statement.variable.boxed) return `let ${name}=${closure};`;
        return `const ${name}={v:undefined};${name}.v=${closure};`;
      }
      case S_RETURN:
        return this.returnStatement(statement.values);
      case S_BREAK:
        return "break;";
    }
  }

  /** Takes one unit; a script that is ended while it waits for more is known to be on this line. */
  private fuel(line: number): string {
    const site = this.site(line, SITE_OPERATION);
    if (this.isFast) return "if(--rt.fuel<0)rt.refuel();";
    return `if(--rt.fuel<0){S[rt.depth]=${site};yield 0;}`;
  }

  private declare(variable: Variable, value: string): string {
    const name = this.variableName(variable);
    return variable.boxed ? `const ${name}={v:${value}};` : `let ${name}=${value};`;
  }

  private local(variables: readonly Variable[], values: readonly Expression[]): string {
    const { before, codes } = this.adjusted(values, variables.length, false);
    return before + variables.map((variable, i) => this.declare(variable, codes[i])).join("");
  }

  /**
   * Exactly `count` values in order: the last of several results fill up, what is too many goes.
   * With `hold` all are evaluated by the code before, and no store changes them any more.
   */
  private adjusted(
    values: readonly Expression[],
    count: number,
    hold: boolean,
  ): { before: string; codes: string[] } {
    const last = values.length - 1;
    const isOpen = values.length > 0 && values.length < count && this.isMultiple(values[last]);
    if (!hold && !isOpen && values.length <= count) {
      const codes = values.map((value) => this.valueAndRelease(value));
      while (codes.length < count) codes.push("undefined");
      return { before: "", codes };
    }
    let before = "";
    const codes: string[] = [];
    values.forEach((value, i) => {
      if (isOpen && i === last) {
        const results = this.takeTemp();
        before += `${results}=${this.spread(value)};`;
        for (let k = 0; k + last < count; k++) codes.push(`${results}[${k}]`);
        return;
      }
      const code = this.valueAndRelease(value);
      const temp = this.takeTemp();
      before += `${temp}=${code};`;
      if (i < count) codes.push(temp);
    });
    while (codes.length < count) codes.push("undefined");
    return { before, codes };
  }

  private valueAndRelease(expression: Expression): string {
    const mark = this.mark;
    const code = this.value(expression);
    this.release(mark);
    return code;
  }

  private assignment(statement: AssignStatement): string {
    const { targets, values, line } = statement;
    if (targets.length === 1 && values.length === 1) {
      const place = this.place(targets[0], []);
      return place.before + this.store(place, values[0], line);
    }
    const places = targets.map((target) => this.place(target, targets));
    const { before, codes } = this.adjusted(values, targets.length, true);
    let code = places.map((place) => place.before).join("") + before;
    for (let i = targets.length - 1; i >= 0; i--) code += this.storeCode(places[i], codes[i], line);
    return code;
  }

  /** Evaluates the parts of a target; variables that the same statement changes are copied. */
  private place(target: Target, all: readonly Target[]): Place {
    if (target.kind !== INDEX) return { target, object: "", key: "", before: "" };
    const part = (expression: Expression) => {
      const isChanged = all.some(
        (other) =>
          other.kind === LOCAL &&
          expression.kind === LOCAL &&
          other.variable === expression.variable,
      );
      if (!isChanged) return this.operand(expression);
      const temp = this.takeTemp();
      return { before: `${temp}=${this.value(expression)},`, value: temp };
    };
    const object = part(target.object);
    const key = part(target.key);
    const before = `${object.before}${key.before}`;
    return {
      target,
      object: object.value,
      key: key.value,
      before: before === "" ? "" : `${before.slice(0, -1)};`,
    };
  }

  private store(place: Place, value: Expression, line: number): string {
    if (place.target.kind !== INDEX) {
      return this.storeCode(place, this.valueAndRelease(value), line);
    }
    const { before, value: code } = this.operand(value);
    return `${before === "" ? "" : `${before.slice(0, -1)};`}${this.storeCode(place, code, line)}`;
  }

  private storeCode(place: Place, value: string, line: number): string {
    const { target, object, key } = place;
    if (target.kind === LOCAL || target.kind === UPVALUE) {
      return `${this.variableValue(target.variable)}=${value};`;
    }
    if (target.kind === GLOBAL) {
      const site = this.site(line, SITE_OPERATION);
      return `${this.wait(`setGlobal(self,${this.key(target.name)},${value},${site})`)};`;
    }
    const site = this.site(line, SITE_OPERATION, nameOf(target.object));
    if (target.key.kind === STRING) {
      const hashed = this.key(target.key.value);
      return `${this.wait(`setField(${object},${hashed},${value},${site})`)};`;
    }
    const set = this.wait(`setIndex(${object},${key},${value},${site})`);
    const type = this.staticType(target.key);
    if (type !== null && type !== "number") return `${set};`;
    const isNumber = type === "number" ? "" : `typeof ${key}==="number"&&`;
    const isTable = `${object}!==undefined&&${object}.isTable`;
    const test = `${isNumber}${isTable}&&${key}<${object}.end&&${object}.array[${key}]!==undefined`;
    return `if(${test}&&${value}!==undefined&&!${object}.readonly)${object}.array[${key}]=${value};else ${set};`;
  }

  private returnStatement(values: readonly Expression[]): string {
    const leave = this.leave();
    if (values.length === 0) return `${leave}return NOTHING;`;
    const last = values[values.length - 1];
    let code: string;
    if (values.length > 1) {
      const items = values.map((value, i) =>
        i === values.length - 1 && this.isMultiple(value)
          ? `...${this.spread(value)}`
          : this.valueAndRelease(value),
      );
      code = `[${items.join(",")}]`;
    } else if (this.isMultiple(last)) code = this.call(last, false);
    else if (this.isStable(last)) return `${leave}return ${this.value(last)};`;
    else code = this.value(last);
    return this.isFast ? `R=${code};${leave}return R;` : `return ${code};`;
  }

  private forNumber(statement: ForNumberStatement): string {
    const { variable, start, limit, step, line } = statement;
    const n = variable.number;
    const isOwnIndex = !variable.assigned;
    const index = isOwnIndex ? `v${n}` : `i${n}`;
    const stepValue = step === null ? 1 : step.kind === NUMBER ? step.value : null;
    let code = `{let ${index}=${this.value(start)},l${n}=${this.value(limit)}`;
    if (stepValue === null) code += `,s${n}=${this.value(step!)}`;
    code += ";";
    const site = this.site(line, SITE_OPERATION);
    code += this.loopNumber(index, start, 0, site) + this.loopNumber(`l${n}`, limit, 1, site);
    if (stepValue === null) code += this.loopNumber(`s${n}`, step!, 2, site);
    const by = stepValue === null ? `s${n}` : numberLiteral(stepValue);
    // Lua subtracts the step before the first round and adds it again, with what rounding that has.
    const isExact =
      start.kind === NUMBER &&
      Number.isSafeInteger(start.value - (stepValue ?? 0.5)) &&
      !Object.is(start.value, -0);
    if (!isExact) code += `${index}=${index} - ${by} + ${by};`;
    code += `for(;${loopTest(index, `l${n}`, by, stepValue)};${index}+=${by}){${this.fuel(line)}`;
    if (!isOwnIndex) code += this.declare(variable, index);
    return `${code}${this.block(statement.body)}}}`;
  }

  private loopNumber(name: string, value: Expression, which: number, site: number): string {
    if (this.staticType(value) === "number") return "";
    return `if(typeof ${name}!=="number")${name}=loopNumber(${name},${which},${site});`;
  }

  private forIn(statement: ForInStatement): string {
    const { variables, values, body, line } = statement;
    const n = variables[0].number;
    const [f, s, c, p, m] = ["g", "s", "c", "p", "m"].map((letter) => `${letter}${n}`);
    const { before, codes } = this.adjusted(values, 3, false);
    const site = this.site(line, SITE_FOR, "l(for generator)");
    const results = this.takeTemp();
    const names = variables.map((variable) => `x${variable.number}`);
    const call = this.isFast
      ? `(S[d]=${site},rt.countNativeCall(),${f}!==undefined&&${f}.fast||callable(${f}))(${s},${c})`
      : this.wait(`callIterator(${f},${s},${c},${site})`);
    const unpack = names.map((name, i) => `${name}=${results}[${i}];`).join("");
    const rest = names.slice(1).map((name) => `${name}=undefined;`);
    let code = `{${before}const ${f}=${codes[0]},${s}=${codes[1]};let ${c}=${codes[2]},${p}=-1;`;
    code += `const ${m}=iteration(${f},${s},${c});for(;;){${this.fuel(line)}let ${names.join(",")};`;
    // pairs and ipairs over tables, the nearly only iterators, are walked in place.
    code += `if(${m}===1){${p}=nextPlace(${s},${p},${c},${site});if(${p}<0)break;`;
    code += `${names[0]}=${s}.keyAt(${p});${names.length > 1 ? `${names[1]}=${s}.valueAt(${p});` : ""}}`;
    code += `else if(${m}===2){R=${s}.getNumber(${c}+1);if(R===undefined)break;`;
    code += `${names[0]}=${c}+1;${names.length > 1 ? `${names[1]}=R;` : ""}}`;
    const counted = this.isFast ? "rt.nativeCalls--;" : "";
    code += `else{${results}=${call};${counted}if(isArray(${results})){${unpack}}else{${names[0]}=${results};`;
    code += `${rest.join("")}}if(${names[0]}===undefined)break;}`;
    code += `${c}=${names[0]};`;
    code += variables.map((variable, i) => this.declare(variable, names[i])).join("");
    return `${code}${this.block(body)}}}`;
  }
}

function loopTest(index: string, limit: string, by: string, step: number | null): string {
  if (step === null) return `${by}>0?${index}<=${limit}:${limit}<=${index}`;
  return step > 0 ? `${index}<=${limit}` : `${limit}<=${index}`;
}

/** Registers of an interpreted frame take 8 bytes each, and a frame has some more. */
const STACK_UNIT_BYTES = 512;

function weightOf(registers: number): number {
  return Math.ceil((registers * 8 + 128) / STACK_UNIT_BYTES);
}
