// Spans of a subject: where the characters of a set begin and end.
import { ANY, type CharacterSet } from "./character-classes.ts";

/** So many characters are looked at one by one before a regular expression takes over. */
const SHORT_SPAN = 24;

/** Expressions that find a member of a set, and those that find a character outside of it. */
const finders: WeakMap<CharacterSet, RegExp> = new WeakMap();
const enders: WeakMap<CharacterSet, RegExp> = new WeakMap();

/** Offset of the first member of the set from `from` on; the text's length when there is none. */
export function indexOfMember(set: CharacterSet, text: string, from: number): number {
  const { length } = text;
  const near = Math.min(length, from + SHORT_SPAN);
  let at = from;
  while (at < near && set[text.charCodeAt(at)] === 0) at++;
  return at < near || at === length ? at : search(finders, set, 1, text, at);
}

/** Offset of the first character outside of the set from `from` on, or the text's length. */
export function endOfRun(set: CharacterSet, text: string, from: number): number {
  const { length } = text;
  if (set === ANY) return length;
  const near = Math.min(length, from + SHORT_SPAN);
  let at = from;
  while (at < near && set[text.charCodeAt(at)] === 1) at++;
  return at < near || at === length ? at : search(enders, set, 0, text, at);
}

/** Regular expressions are compiled to machine code, which is several times faster. */
function search(
  expressions: WeakMap<CharacterSet, RegExp>,
  set: CharacterSet,
  wanted: 0 | 1,
  text: string,
  from: number,
): number {
  let expression = expressions.get(set);
  if (expression === undefined) {
    expression = expressionFor(set, wanted);
    expressions.set(set, expression);
  }
  expression.lastIndex = from;
  return expression.test(text) ? expression.lastIndex - 1 : text.length;
}

function expressionFor(set: CharacterSet, wanted: 0 | 1): RegExp {
  let ranges = "";
  for (let code = 0; code < 256; code++) {
    if (set[code] !== wanted) continue;
    const first = code;
    while (code < 255 && set[code + 1] === wanted) code++;
    ranges += `${hexadecimal(first)}-${hexadecimal(code)}`;
  }
  return new RegExp(`[${ranges}]`, "g");
}

function hexadecimal(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

/**
 * Where a lazy repetition that went to `from` can end next, -1 when nowhere: it takes at least one
 * more character, and what follows begins with a `wanted` one, if that is known.
 */
export function lazyEnd(
  set: CharacterSet,
  wanted: CharacterSet | null,
  subject: string,
  from: number,
): number {
  const { length } = subject;
  if (wanted !== null && set === ANY) {
    const at = from < length ? indexOfMember(wanted, subject, from + 1) : length;
    return at < length ? at : -1;
  }
  let at = from;
  while (at < length && set[subject.charCodeAt(at)] === 1) {
    at++;
    if (wanted === null || (at < length && wanted[subject.charCodeAt(at)] === 1)) return at;
  }
  return -1;
}

/** Behind the `last` that balances the `first` at `start`, or -1. */
export function balancedEnd(subject: string, start: number, first: number, last: number): number {
  const { length } = subject;
  if (start >= length || subject.charCodeAt(start) !== first) return -1;
  let depth = 1;
  for (let at = start + 1; at < length; at++) {
    const code = subject.charCodeAt(at);
    if (code === last) {
      if (--depth === 0) return at + 1;
    } else if (code === first) depth++;
  }
  return -1;
}
