// string.find, match and gmatch.
import { encodeText } from "../../util/text-codec.ts";
import { checkString, optInteger } from "../lua/arguments.ts";
import type { LuaFunction, Request } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { type LuaValue, NOTHING, type Results } from "../lua/value.ts";
import type { Pattern } from "./pattern.ts";
import { isAnchored, type PatternSearch, suitsBytes } from "./pattern-search.ts";

const SPECIALS = /[\^$*+?.([%-]/;

/** Arguments of find and match, checked: the third is where to begin. */
interface Subject {
  text: string;
  pattern: string;
  from: number;
}

export function matchFunctions(rt: Runtime, search: PatternSearch): LuaFunction[] {
  function check(text: LuaValue, pattern: LuaValue, init: LuaValue, count: number): Subject {
    const s = checkString(rt, text, 1, count);
    const p = checkString(rt, pattern, 2, count);
    let from = init === undefined ? 0 : optInteger(rt, init, 3, count, 1) - 1;
    if (from < -1) from = Math.max(from + s.length + 1, 0);
    else if (from < 0) from = 0;
    return { text: s, pattern: p, from: from > s.length ? s.length : from };
  }

  /** The answer when the pattern is to be taken as plain text, else null. */
  function findPlain(subject: Subject, plain: LuaValue): Results | null {
    const { text, pattern, from } = subject;
    if ((plain === undefined || plain === false) && hasSpecials(pattern)) return null;
    const at = text.indexOf(pattern, from);
    return at < 0 ? undefined : [at + 1, at + pattern.length];
  }

  function found(pattern: Pattern, text: string, end: number): Results {
    if (end < 0) return undefined;
    const values: LuaValue[] = [search.start + 1, end];
    search.addCaptures(values, pattern, text, end);
    return values;
  }

  function matched(pattern: Pattern, text: string, end: number): Results {
    if (end < 0) return undefined;
    if (pattern.captureCount <= 1) return search.capture(pattern, text, end, 0);
    return search.captures(pattern, text, end);
  }

  const find = rt.native(
    "find",
    function (s: LuaValue, p: LuaValue, init: LuaValue, plain: LuaValue): Results {
      const subject = check(s, p, init, arguments.length);
      const answer = findPlain(subject, plain);
      if (answer !== null) return answer;
      const pattern = search.compile(subject.pattern);
      const anchored = isAnchored(subject.pattern);
      return found(
        pattern,
        subject.text,
        search.find(pattern, subject.text, subject.from, anchored),
      );
    },
    function* (s: LuaValue, p: LuaValue, init: LuaValue, plain: LuaValue) {
      const subject = check(s, p, init, arguments.length);
      const answer = findPlain(subject, plain);
      if (answer !== null) return answer;
      const pattern = search.compile(subject.pattern);
      const { text, from } = subject;
      const anchored = isAnchored(subject.pattern);
      return found(pattern, text, yield* search.findSuspendable(pattern, text, from, anchored));
    },
  );

  const match = rt.native(
    "match",
    function (s: LuaValue, p: LuaValue, init: LuaValue): Results {
      const subject = check(s, p, init, arguments.length);
      const pattern = search.compile(subject.pattern);
      const anchored = isAnchored(subject.pattern);
      return matched(
        pattern,
        subject.text,
        search.find(pattern, subject.text, subject.from, anchored),
      );
    },
    function* (s: LuaValue, p: LuaValue, init: LuaValue) {
      const subject = check(s, p, init, arguments.length);
      const pattern = search.compile(subject.pattern);
      const { text, from } = subject;
      const anchored = isAnchored(subject.pattern);
      return matched(pattern, text, yield* search.findSuspendable(pattern, text, from, anchored));
    },
  );

  /** The iterator over all matches. */
  function iterator(text: string, patternText: string): LuaValue {
    const pattern = search.compileWhole(patternText);
    const bytes = suitsBytes(pattern, text) ? new Uint8Array(text.length) : null;
    if (bytes !== null) encodeText(text, bytes, 0);
    let at = 0;

    function next(end: number): Results {
      if (end < 0) {
        // Behind the end there is nothing, however often it is asked.
        at = text.length + 1;
        return NOTHING;
      }
      // After an empty match it goes on at least one character further.
      at = end === search.start ? end + 1 : end;
      return matched(pattern, text, end);
    }

    /** The end of the next match; a long subject that is gone through as a whole is read as bytes. */
    function find(): number {
      if (bytes === null) return search.find(pattern, text, at, false);
      return search.findInBytes(pattern, bytes, bytes.length, at);
    }

    return rt.native(
      "gmatch",
      () => (at > text.length ? NOTHING : next(find())),
      function* (): Generator<Request, Results, unknown> {
        if (at > text.length) return NOTHING;
        return next(yield* search.findSuspendable(pattern, text, at, false));
      },
    );
  }

  const gmatch = rt.native("gmatch", function (s: LuaValue, p: LuaValue): Results {
    const text = checkString(rt, s, 1, arguments.length);
    return iterator(text, checkString(rt, p, 2, arguments.length));
  });

  return [find, gmatch, match];
}

/** Whether the pattern, which ends at its first zero byte, is more than plain text. */
function hasSpecials(pattern: string): boolean {
  const at = pattern.search(SPECIALS);
  if (at < 0) return false;
  const zero = pattern.indexOf("\0");
  return zero < 0 || at < zero;
}
