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

/** One call of gsub: what is found is replaced piece by piece. */
class Substitution {
  readonly text: string;
  readonly pattern: Pattern;
  readonly anchored: boolean;
  readonly replacement: LuaValue;
  readonly #rt: Runtime;
  readonly #search: PatternSearch;
  readonly #countMax: number;
  /** Where to look next, and up to where the text has been dealt with. */
  at = 0;
  #copied = 0;
  #result = "";
  #count = 0;
  // The current match.
  #start = 0;
  #end = 0;

  constructor(rt: Runtime, search: PatternSearch, args: readonly LuaValue[], count: number) {
    this.#rt = rt;
    this.#search = search;
    const [s, p, replacement, max] = args;
    this.text = checkString(rt, s, 1, count);
    const pattern = checkString(rt, p, 2, count);
    this.#countMax = optInt(rt, max, 4, count, this.text.length + 1);
    const isText = typeof replacement === "string" || typeof replacement === "number";
    if (!isText && !(replacement instanceof LuaFunction) && !(replacement instanceof LuaTable)) {
      rt.argError(3, "string/function/table expected");
    }
    this.pattern = search.compile(pattern);
    this.anchored = isAnchored(pattern);
    this.replacement = replacement;
  }

  get isDone(): boolean {
    return this.#count >= this.#countMax || this.at > this.text.length;
  }

  /** Takes the match that was found; false when there was none. */
  take(end: number): boolean {
    if (end < 0) return false;
    this.#start = this.#search.start;
    this.#end = end;
    this.#count++;
    return true;
  }

  /** The first capture, or the match. */
  key(): LuaValue {
    return this.#search.capture(this.pattern, this.text, this.#end, 0);
  }

  captures(): LuaValue[] {
    return this.#search.captures(this.pattern, this.text, this.#end);
  }

  /** Puts a function's or a table's value in place of the match; false keeps the match. */
  put(value: LuaValue): void {
    if (typeof value === "string") this.putText(value);
    else if (typeof value === "number") this.putText(formatNumber(value));
    else if (value === undefined || value === false) {
      this.putText(this.text.slice(this.#start, this.#end));
    } else this.#rt.error(`invalid replacement value (a ${this.#rt.typeName(value)})`);
  }

  putText(text: string): void {
    this.#append(this.text.slice(this.#copied, this.#start) + text);
    this.#copied = this.#end;
    // After an empty match the next character stays as it is.
    this.at = this.#end > this.#start ? this.#end : this.#end + 1;
    if (this.anchored) this.at = this.text.length + 1;
  }

  putTemplate(template: Template): void {
    let text = "";
    for (const part of template) {
      if (typeof part === "string") text += part;
      else if (part === 0) text += this.text.slice(this.#start, this.#end);
      else {
        const value = this.#search.capture(this.pattern, this.text, this.#end, part - 1);
        text += typeof value === "string" ? value : formatNumber(value);
      }
    }
    this.putText(text);
  }

  results(): Results {
    if (this.#count === 0) return [this.text, 0];
    this.#append(this.text.slice(this.#copied));
    return [this.#result, this.#count];
  }

  #append(text: string): void {
    if (this.#result.length + text.length > STRING_BYTES_MAX) outOfMemory(this.#rt);
    this.#rt.allocated += text.length;
    this.#result += text;
  }
}

export function gsubFunction(rt: Runtime, search: PatternSearch): LuaFunction {
  /** With a text to put in place; calls nothing. */
  function substituteText(work: Substitution, text: string): Results {
    const { pattern } = work;
    const template = text.includes("%") ? parseTemplate(text) : null;
    while (!work.isDone && work.take(search.find(pattern, work.text, work.at, work.anchored))) {
      if (template === null) work.putText(text);
      else work.putTemplate(template);
    }
    return work.results();
  }

  return rt.native(
    "gsub",
    (...args: LuaValue[]): Results => {
      const work = new Substitution(rt, search, args, args.length);
      const { pattern, text, replacement } = work;
      if (replacement instanceof LuaFunction) {
        const isSimple = pattern.captureCount <= 1;
        while (!work.isDone && work.take(search.find(pattern, text, work.at, work.anchored))) {
          const result = isSimple
            ? rt.call1(replacement, work.key())
            : rt.call(replacement, work.captures());
          work.put(first(result));
        }
        return work.results();
      }
      if (replacement instanceof LuaTable) {
        while (!work.isDone && work.take(search.find(pattern, text, work.at, work.anchored))) {
          work.put(rt.index(replacement, work.key()));
        }
        return work.results();
      }
      return substituteText(work, checkString(rt, replacement, 3, 3));
    },
    function* (...args: LuaValue[]) {
      const work = new Substitution(rt, search, args, args.length);
      const { pattern, text, replacement, anchored } = work;
      const template =
        replacement instanceof LuaFunction || replacement instanceof LuaTable
          ? null
          : parseTemplate(checkString(rt, replacement, 3, 3));
      while (!work.isDone) {
        const end = yield* search.findSuspendable(pattern, text, work.at, anchored);
        if (!work.take(end)) break;
        if (template !== null) work.putTemplate(template);
        else if (replacement instanceof LuaFunction) {
          work.put(first(yield* rt.callSuspendable(replacement, work.captures())));
        } else work.put(yield* rt.indexSuspendable(replacement, work.key()));
      }
      return work.results();
    },
  );
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
