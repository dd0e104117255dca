// string.gsub: the replacement is a text with captures in it, a function or a table.
import { encodeText } from "../../util/text-codec.ts";
import { checkString, optInt } from "../lua/arguments.ts";
import { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { LuaTable } from "../lua/table.ts";
import { first, type LuaValue, type Results } from "../lua/value.ts";
import { formatNumber } from "./number-format.ts";
import type { Pattern } from "./pattern.ts";
import { isAnchored, type PatternSearch, suitsBytes } from "./pattern-search.ts";
import { checkLength, outOfMemory, STRING_BYTES_MAX } from "./string-limit.ts";
import { TextBuilder } from "./text-builder.ts";

const PERCENT = 37;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** A replacement's texts, and between them numbers of captures: 0 is the whole match. */
interface Template {
  readonly texts: readonly string[];
  readonly captures: readonly number[];
}

const EMPTY_TEMPLATE: Template = { texts: [""], captures: [] };

/** The arguments, checked. */
interface Substitution {
  readonly text: string;
  readonly pattern: Pattern;
  readonly anchored: boolean;
  readonly countMax: number;
}

export function gsubFunction(rt: Runtime, search: PatternSearch): LuaFunction {
  // Used again and again; null while in use.
  let spare: TextBuilder | null = null;
  let subject: Uint8Array | null = null;

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

  /** What to put in place of the match that ends at `end`: the text of a function or a table, or a template. */
  function replacementFor(
    { pattern, text }: Substitution,
    given: LuaValue,
    template: Template,
    end: number,
  ): string | undefined {
    if (given instanceof LuaFunction) {
      return pattern.captureCount > 1
        ? textOf(first(rt.call(given, search.captures(pattern, text, end))))
        : textOf(first(rt.call1(given, search.capture(pattern, text, end, 0))));
    }
    if (given instanceof LuaTable) {
      return textOf(rt.index(given, search.capture(pattern, text, end, 0)));
    }
    return filled(template, pattern, text, end);
  }

  function templateOf(replacement: LuaValue): Template {
    const isText = typeof replacement === "string" || typeof replacement === "number";
    return isText ? parseTemplate(checkString(rt, replacement, 3, 3)) : EMPTY_TEMPLATE;
  }

  function filled(template: Template, pattern: Pattern, text: string, end: number): string {
    const { texts, captures } = template;
    let result = texts[0];
    for (let i = 0; i < captures.length; i++) {
      const number = captures[i];
      if (number === 0) result += text.slice(search.start, end) + texts[i + 1];
      else {
        const value = search.capture(pattern, text, end, number - 1);
        result += (typeof value === "string" ? value : formatNumber(value)) + texts[i + 1];
      }
    }
    return result;
  }

  /** For long subjects: the result is built of bytes, and most matches need no string. */
  function substituteInBytes(work: Substitution, given: LuaValue, template: Template): Results {
    const { text, pattern } = work;
    const bytes = takeBytes(text);
    // A function may call gsub itself.
    const builder = spare ?? new TextBuilder();
    spare = null;
    const { length } = text;
    const { texts, captures } = template;
    let count = 0;
    let copied = 0;
    let isChanged = false;
    for (let at = 0; at <= length; ) {
      const end = search.findInBytes(pattern, bytes, length, at);
      if (end < 0) break;
      count++;
      const { start } = search;
      at = end > start ? end : end + 1;
      if (template === EMPTY_TEMPLATE) {
        const replacement = replacementFor(work, given, template, end);
        if (replacement === undefined) continue;
        builder.addBytes(bytes, copied, start);
        builder.add(replacement);
      } else {
        builder.addBytes(bytes, copied, start);
        builder.add(texts[0]);
        for (let i = 0; i < captures.length; i++) {
          search.addCapture(builder, pattern, bytes, end, captures[i] - 1);
          builder.add(texts[i + 1]);
        }
      }
      if (builder.isFull) outOfMemory(rt);
      isChanged = true;
      copied = end;
    }
    let result = text;
    if (isChanged) {
      builder.addBytes(bytes, copied, length);
      result = builder.take();
      checkLength(rt, result.length);
    }
    spare = builder;
    subject = bytes;
    return [result, count];
  }

  /** The text as bytes, in the buffer that is there unless somebody has it. */
  function takeBytes(text: string): Uint8Array {
    const { length } = text;
    const bytes = subject !== null && subject.length >= length ? subject : new Uint8Array(length);
    subject = null;
    encodeText(text, bytes, 0);
    return bytes;
  }

  function checkRoom(result: string, text: string): void {
    if (result.length + text.length > STRING_BYTES_MAX) outOfMemory(rt);
  }

  return rt.native(
    "gsub",
    (...args: LuaValue[]): Results => {
      const work = check(args);
      const { text, pattern, anchored, countMax } = work;
      const given = args[2];
      const template = templateOf(given);
      if (countMax > text.length && !anchored && suitsBytes(pattern, text))
        return substituteInBytes(work, given, template);
      let result = "";
      let count = 0;
      let copied = 0;
      for (let at = 0; count < countMax && at <= text.length; ) {
        const end = search.find(pattern, text, at, anchored);
        if (end < 0) break;
        count++;
        const { start } = search;
        const replacement = replacementFor(work, given, template, end);
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
      const template = templateOf(given);
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
        } else replacement = filled(template, pattern, text, end);
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
  if (!text.includes("%")) return { texts: [text], captures: [] };
  const texts: string[] = [];
  const captures: number[] = [];
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
    texts.push(plain);
    plain = "";
    captures.push(code - DIGIT_0);
  }
  texts.push(plain);
  return { texts, captures };
}
