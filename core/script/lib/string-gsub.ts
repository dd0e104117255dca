// string.gsub: the replacement is a text with captures in it, a function or a table.
import { checkString, optInt } from "../lua/arguments.ts";
import { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { LuaTable } from "../lua/table.ts";
import { first, type LuaValue, type Results } from "../lua/value.ts";
import { formatNumber } from "./number-format.ts";
import type { Pattern } from "./pattern.ts";
import { isAnchored, type PatternSearch } from "./pattern-search.ts";
import { outOfMemory, STRING_BYTES_MAX } from "./string-limit.ts";

const PERCENT = 37;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** Texts, and numbers of captures: 0 is the whole match. */
type Template = readonly (string | number)[];

/** The arguments, checked. */
interface Substitution {
  readonly text: string;
  readonly pattern: Pattern;
  readonly anchored: boolean;
  readonly countMax: number;
}

export function gsubFunction(rt: Runtime, search: PatternSearch): LuaFunction {
  function check(args: readonly LuaValue[]): Substitution {
    const [s, p, replacement, max] = args;
    const text = checkString(rt, s, 1, args.length);
    const pattern = checkString(rt, p, 2, args.length);
    const countMax = optInt(rt, max, 4, args.length, text.length + 1);
    const isText = typeof replacement === "string" || typeof replacement === "number";
    if (!isText && !(replacement instanceof LuaFunction) && !(replacement instanceof LuaTable)) {
      rt.argError(3, "string/function/table expected");
    }
    return { text, pattern: search.compile(pattern), anchored: isAnchored(pattern), countMax };
  }

  /** A function's or a table's value as text; undefined keeps the match. */
  function textOf(value: LuaValue): string | undefined {
    if (typeof value === "string") return value;
    if (value === undefined || value === false) return undefined;
    if (typeof value === "number") return formatNumber(value);
    return rt.error(`invalid replacement value (a ${rt.typeName(value)})`);
  }

  /** What to put in place of the match that ends at `end`, by the kind of the replacement. */
  function replacer(
    work: Substitution,
    replacement: LuaValue,
  ): (end: number) => string | undefined {
    const { pattern, text } = work;
    if (replacement instanceof LuaFunction) {
      if (pattern.captureCount > 1) {
        return (end) => textOf(first(rt.call(replacement, search.captures(pattern, text, end))));
      }
      return (end) => textOf(first(rt.call1(replacement, search.capture(pattern, text, end, 0))));
    }
    if (replacement instanceof LuaTable) {
      return (end) => textOf(rt.index(replacement, search.capture(pattern, text, end, 0)));
    }
    const plain = checkString(rt, replacement, 3, 3);
    if (!plain.includes("%")) return () => plain;
    const template = parseTemplate(plain);
    return (end) => filled(template, pattern, text, end);
  }

  function filled(template: Template, pattern: Pattern, text: string, end: number): string {
    let result = "";
    for (const part of template) {
      if (typeof part === "string") result += part;
      else if (part === 0) result += text.slice(search.start, end);
      else {
        const value = search.capture(pattern, text, end, part - 1);
        result += typeof value === "string" ? value : formatNumber(value);
      }
    }
    return result;
  }

  function checkRoom(result: string, text: string): void {
    if (result.length + text.length > STRING_BYTES_MAX) outOfMemory(rt);
  }

  return rt.native(
    "gsub",
    (...args: LuaValue[]): Results => {
      const work = check(args);
      const { text, pattern, anchored, countMax } = work;
      const replace = replacer(work, args[2]);
      let result = "";
      let count = 0;
      let copied = 0;
      for (let at = 0; count < countMax && at <= text.length; ) {
        const end = search.find(pattern, text, at, anchored);
        if (end < 0) break;
        count++;
        const { start } = search;
        const replacement = replace(end);
        if (replacement !== undefined) {
          checkRoom(result, replacement);
          result += text.slice(copied, start) + replacement;
          copied = end;
        }
        // After an empty match the next character stays as it is.
        at = end > start ? end : end + 1;
        if (anchored) break;
      }
      return finish(rt, text, copied, result, count);
    },
    function* (...args: LuaValue[]) {
      const work = check(args);
      const { text, pattern, anchored, countMax } = work;
      const given = args[2];
      const replace = replacer(work, given);
      let result = "";
      let count = 0;
      let copied = 0;
      for (let at = 0; count < countMax && at <= text.length; ) {
        const end = yield* search.findSuspendable(pattern, text, at, anchored);
        if (end < 0) break;
        count++;
        const { start } = search;
        let replacement: string | undefined;
        if (given instanceof LuaFunction) {
          const captures = search.captures(pattern, text, end);
          replacement = textOf(first(yield* rt.callSuspendable(given, captures)));
        } else if (given instanceof LuaTable) {
          const key = search.capture(pattern, text, end, 0);
          replacement = textOf(yield* rt.indexSuspendable(given, key));
        } else replacement = replace(end);
        if (replacement !== undefined) {
          checkRoom(result, replacement);
          result += text.slice(copied, start) + replacement;
          copied = end;
        }
        at = end > start ? end : end + 1;
        if (anchored) break;
      }
      return finish(rt, text, copied, result, count);
    },
  );
}

function finish(rt: Runtime, text: string, copied: number, result: string, count: number): Results {
  if (copied === 0 && result === "") return [text, count];
  if (result.length + text.length - copied > STRING_BYTES_MAX) outOfMemory(rt);
  const whole = result + text.slice(copied);
  rt.allocated += whole.length;
  return [whole, count];
}

/** "%1" is a capture, "%" before any other character is that character. */
function parseTemplate(text: string): Template {
  const parts: (string | number)[] = [];
  let plain = "";
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== PERCENT) {
      const next = text.indexOf("%", i);
      const end = next < 0 ? text.length : next;
      plain += text.slice(i, end);
      i = end - 1;
      continue;
    }
    i++;
    // Behind the end C finds the zero byte that ends the text.
    const code = i < text.length ? text.charCodeAt(i) : 0;
    if (code < DIGIT_0 || code > DIGIT_9) {
      plain += String.fromCharCode(code);
      continue;
    }
    if (plain !== "") parts.push(plain);
    plain = "";
    parts.push(code - DIGIT_0);
  }
  if (plain !== "") parts.push(plain);
  return parts;
}
