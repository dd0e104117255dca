// What the functions on patterns share: compiled patterns, the matcher, and captures as values.
//
// Searches come in two forms. `find` runs to the end and lets the runtime see, every now and then,
// how much work was done; `findSuspendable` stops there.
import type { Request } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaValue } from "../lua/value.ts";
import { findInBytes } from "./byte-search.ts";
import { INTERRUPTED } from "./linear-search.ts";
import { Matcher, MISTAKE, PAUSED, STEPS_MAX } from "./matcher.ts";
import { formatNumber } from "./number-format.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { ownCopy } from "./string-limit.ts";
import type { TextBuilder } from "./text-builder.ts";

const CACHED_COUNT_MAX = 256;
/** Longer patterns are compiled each time. */
const CACHED_LENGTH_MAX = 128;

/** Compiled patterns, forgotten all at once when there are too many. */
class PatternCache {
  readonly #patterns: Map<string, Pattern> = new Map();

  get(text: string, start: number): Pattern {
    let pattern = this.#patterns.get(text);
    if (pattern === undefined) {
      pattern = compilePattern(text, start);
      if (text.length > CACHED_LENGTH_MAX) return pattern;
      if (this.#patterns.size >= CACHED_COUNT_MAX) this.#patterns.clear();
      this.#patterns.set(ownCopy(text), pattern);
    }
    return pattern;
  }
}

export class PatternSearch {
  readonly #rt: Runtime;
  readonly #matcher: Matcher = new Matcher();
  /** Patterns behind their anchor, and whole patterns, in which '^' is a character (gmatch). */
  readonly #patterns: PatternCache = new PatternCache();
  readonly #whole: PatternCache = new PatternCache();

  constructor(rt: Runtime) {
    this.#rt = rt;
  }

  compile(text: string): Pattern {
    return this.#patterns.get(text, isAnchored(text) ? 1 : 0);
  }

  compileWhole(text: string): Pattern {
    return this.#whole.get(text, 0);
  }

  /** Where the match begins that was found last. */
  get start(): number {
    return this.#matcher.start;
  }

  /** The end of the first match from `from` on, or -1. */
  find(pattern: Pattern, subject: string, from: number, anchored: boolean): number {
    let end = this.#matcher.find(pattern, subject, from, anchored);
    while (end === PAUSED) {
      this.#rt.spend(STEPS_MAX);
      end = this.#matcher.resume();
    }
    if (end === MISTAKE) this.#rt.error(this.#matcher.error);
    return end;
  }

  /** As `find`, for a linear pattern that is not anchored, in bytes[0, length). */
  findInBytes(pattern: Pattern, bytes: Uint8Array, length: number, from: number): number {
    const matcher = this.#matcher;
    let end = findInBytes(matcher, pattern, bytes, length, from);
    while (end === INTERRUPTED) {
      this.#rt.spend(STEPS_MAX);
      matcher.steps = STEPS_MAX;
      end = findInBytes(matcher, pattern, bytes, length, matcher.start);
    }
    return end;
  }

  *findSuspendable(
    pattern: Pattern,
    subject: string,
    from: number,
    anchored: boolean,
  ): Generator<Request, number, unknown> {
    let end = this.#matcher.find(pattern, subject, from, anchored);
    while (end === PAUSED) {
      yield* this.#rt.spendSuspendable(STEPS_MAX);
      end = this.#matcher.resume();
    }
    if (end === MISTAKE) this.#rt.error(this.#matcher.error);
    return end;
  }

  /** Capture `index` of the match just found; without captures, the match is the first one. */
  capture(pattern: Pattern, subject: string, end: number, index: number): string | number {
    const { starts, ends, start } = this.#matcher;
    if (index >= pattern.captureCount) {
      if (index > 0) this.#rt.error("invalid capture index");
      return subject.slice(start, end);
    }
    if (pattern.isOpen[index]) this.#rt.error("unfinished capture");
    if (pattern.isPosition[index]) return starts[index] + 1;
    return subject.slice(starts[index], ends[index]);
  }

  /** Adds the text of a capture, or of the match, to what is built of the subject's bytes. */
  addCapture(
    builder: TextBuilder,
    pattern: Pattern,
    bytes: Uint8Array,
    end: number,
    index: number,
  ): void {
    const { starts, ends, start } = this.#matcher;
    if (index < 0 || index >= pattern.captureCount) {
      if (index > 0) this.#rt.error("invalid capture index");
      builder.addBytes(bytes, start, end);
      return;
    }
    if (pattern.isOpen[index]) this.#rt.error("unfinished capture");
    if (pattern.isPosition[index]) builder.add(formatNumber(starts[index] + 1));
    else builder.addBytes(bytes, starts[index], ends[index]);
  }

  /** Adds all captures to `values`. */
  addCaptures(values: LuaValue[], pattern: Pattern, subject: string, end: number): void {
    for (let i = 0; i < pattern.captureCount; i++) {
      values.push(this.capture(pattern, subject, end, i));
    }
  }

  /** All captures, or the match when the pattern has none. */
  captures(pattern: Pattern, subject: string, end: number): LuaValue[] {
    if (pattern.captureCount <= 1) return [this.capture(pattern, subject, end, 0)];
    const values: LuaValue[] = [];
    this.addCaptures(values, pattern, subject, end);
    return values;
  }
}

/** Whether a match can only be at the beginning. */
export function isAnchored(pattern: string): boolean {
  return pattern.charCodeAt(0) === 94;
}

/** Subjects of these lengths are worth being taken as bytes, if they are gone through as a whole. */
const BYTES_LENGTH_MIN = 128;
const BYTES_LENGTH_MAX: number = 1 << 20;

/** Whether all matches of a pattern that is not anchored are to be looked for in bytes. */
export function suitsBytes(pattern: Pattern, subject: string): boolean {
  const { length } = subject;
  if (length < BYTES_LENGTH_MIN || length > BYTES_LENGTH_MAX) return false;
  // Longer plain texts are found best in a string.
  return pattern.isLinear && (!pattern.isPlain || pattern.prefix.length === 1);
}
