// Calls. Before one, its site goes to the frame's slot of the shadow stack, `S[d]`, so that errors
// know where every frame stands; it must be stored after the arguments are there, as these may call.
import {
  type CallExpression,
  type Expression,
  LOCAL,
  METHOD,
  type MethodExpression,
  UPVALUE,
  VARARG,
} from "./ast.ts";
import { SITE_CALL, SITE_OPERATION, SITE_TAIL_CALL } from "./chunk.ts";
import { ExpressionEmitter } from "./emit-expressions.ts";
import { nameOf } from "./naming.ts";
import type { Prototype } from "./prototype.ts";

export abstract class CallEmitter extends ExpressionEmitter {
  protected call(expression: Expression, wantsFirst: boolean): string {
    if (expression.kind === VARARG) return wantsFirst ? "va[0]" : "va";
    if (expression.kind === METHOD) return this.methodCall(expression, wantsFirst);
    return this.plainCall(expression as CallExpression, wantsFirst);
  }

  private plainCall(expression: CallExpression, wantsFirst: boolean): string {
    const { callee, args } = expression;
    const mark = this.mark;
    const known = knownFunction(callee);
    const kind = expression.isTail ? SITE_TAIL_CALL : SITE_CALL;
    let before = "";
    let target: string;
    if (known !== null) target = this.value(callee);
    else ({ before, value: target } = this.copied(callee));
    const list = this.arguments(args);
    const site = this.site(expression.line, kind, nameOf(callee));
    this.release(mark);
    if (!this.isFast) return this.suspendableCall(before, target, list, site, kind, wantsFirst);
    let called = functionCode(target);
    if (known !== null) {
      called = known === this.prototype ? `f${known.index}` : `(0,${target}.fast)`;
    }
    return this.finish(before, called, list, site, wantsFirst && !known?.returnsOne);
  }

  private methodCall(expression: MethodExpression, wantsFirst: boolean): string {
    const mark = this.mark;
    const object = this.copied(expression.object);
    const selfSite = this.site(expression.selfLine, SITE_OPERATION, nameOf(expression.object));
    const method = this.takeTemp();
    const get = this.fieldCode(object.value, expression.name, selfSite);
    const before = `${object.before}${method}=${get},`;
    const list = [object.value, ...this.arguments(expression.args)];
    const kind = expression.isTail ? SITE_TAIL_CALL : SITE_CALL;
    const site = this.site(expression.line, kind, `m${expression.name}`);
    this.release(mark);
    if (!this.isFast) return this.suspendableCall(before, method, list, site, kind, wantsFirst);
    const called = functionCode(method);
    return this.finish(before, called, list, site, wantsFirst);
  }

  /** The arguments' codes; the last may spread. Each leaves its temporaries to the next. */
  private arguments(args: readonly Expression[]): string[] {
    return args.map((arg, i) => {
      const mark = this.mark;
      const isOpen = i === args.length - 1 && this.isMultiple(arg);
      const code = isOpen ? `...${this.spread(arg)}` : this.value(arg);
      this.release(mark);
      return code;
    });
  }

  private finish(
    before: string,
    called: string,
    list: readonly string[],
    site: number,
    wantsFirst: boolean,
  ): string {
    const store = `S[d]=${site}`;
    let call: string;
    if (list.length === 0) call = storeThenCall(store, called);
    else {
      const last = list[list.length - 1];
      const spread = last.startsWith("...") ? "..." : "";
      const bare = last.slice(spread.length);
      let stored = /^\w+$/.test(bare) ? `(${store},${bare})` : `(R=${bare},${store},R)`;
      // Many arguments take room on JavaScript's stack while the call goes on.
      if (spread !== "") stored = `(R=${bare},${store},rt.depthMax-=R.length>>6,R)`;
      call = `${called}(${[...list.slice(0, -1), spread + stored].join(",")})`;
      if (spread !== "") call = `(R=(W=rt.depthMax,${call}),rt.depthMax=W,R)`;
    }
    if (wantsFirst) call = `isArray(R=${call})?R[0]:R`;
    return before === "" && !wantsFirst ? call : `(${before}${call})`;
  }

  private suspendableCall(
    before: string,
    target: string,
    list: readonly string[],
    site: number,
    kind: number,
    wantsFirst: boolean,
  ): string {
    const args = `${target},[${list.join(",")}],${site}`;
    // A tail call's generator ends first: machine.ts puts the new frame in its place.
    if (kind === SITE_TAIL_CALL) return `(${before}tail(${args}))`;
    const call = this.wait(`call(${args})`);
    if (wantsFirst) return `(${before}R=${call},isArray(R)?R[0]:R)`;
    return before === "" ? call : `(${before}${call})`;
  }
}

/** With nothing to pass, the site is stored before the function is looked at. */
function storeThenCall(store: string, called: string): string {
  return `(${store},${called})()`;
}

/** The JavaScript function behind a value; only Lua functions have such a property. */
function functionCode(value: string): string {
  return `(${value}!==undefined&&${value}.fast||callable(${value}))`;
}

/** The function a variable that never changes was declared as. */
function knownFunction(callee: Expression): Prototype | null {
  if (callee.kind !== LOCAL && callee.kind !== UPVALUE) return null;
  const { variable } = callee;
  return variable.assigned ? null : variable.holds;
}
