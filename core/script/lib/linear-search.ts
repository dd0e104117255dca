// The search for patterns without alternatives: each of their items takes what it takes, and a match
// that fails fails for good. Most patterns of scripts are like that ("(%w+)=(%w+)", "^%d+$"), and
// without a stack of alternatives they take half the time.
import type { Pattern } from "./pattern.ts";
import {
  ARGUMENT,
  AT_END,
  CLOSE,
  DONE,
  FRONTIER,
  ONE,
  OPEN,
  OPERATION_WORDS,
  PLUS_ALL,
  POSITION,
  STAR_ALL,
} from "./pattern-operations.ts";
import { endOfRun, indexOfMember } from "./spans.ts";

/** No match. */
const NO_MATCH = -1;
/** There was much to look at: the search goes on from `start`. */
export const INTERRUPTED = -2;

/** Where a search puts what it finds. */
export interface SearchState {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  start: number;
  /** Characters and places that may be looked at before it must pause. */
  steps: number;
}

export function isLinearOperation(code: number): boolean {
  switch (code) {
    case ONE:
    case STAR_ALL:
    case PLUS_ALL:
    case OPEN:
    case CLOSE:
    case POSITION:
    case FRONTIER:
    case AT_END:
    case DONE:
      return true;
    default:
      return false;
  }
}

/** Answers with the end of the first match that begins at or behind `from`, or only there if anchored. */
export function findLinear(
  state: SearchState,
  pattern: Pattern,
  subject: string,
  from: number,
  isAnchored: boolean,
): number {
  const { first, prefix } = pattern;
  const { length } = subject;
  /** So many characters are known to match where a search by them ends. */
  const known = isAnchored || prefix.length < 2 ? 0 : prefix.length;
  let start = from;
  for (;;) {
    const before = start;
    if (!isAnchored) {
      if (known > 0) start = subject.indexOf(prefix, start);
      else if (first !== null) start = indexOfMember(first, subject, start);
      if (start < 0 || start > length || (start === length && first !== null)) {
        state.steps -= length - before;
        return NO_MATCH;
      }
    }
    const end =
      pattern.isPlain && known > 0
        ? start + known
        : matchLinear(state, pattern, subject, start, known);
    if (end >= 0) {
      state.steps -= end - before;
      state.start = start;
      return end;
    }
    // What a failure has looked at is in its answer.
    state.steps -= start - before - end;
    if (isAnchored) return NO_MATCH;
    start++;
    if (state.steps < 0) {
      state.start = start;
      return INTERRUPTED;
    }
  }
}

/** The end of the match that begins at `start`; below 0, how many characters a failure has cost. */
function matchLinear(
  state: SearchState,
  pattern: Pattern,
  subject: string,
  start: number,
  known: number,
): number {
  const { operations, sets } = pattern;
  const { starts, ends } = state;
  const { length } = subject;
  let at = start + known;
  for (let pc = known * OPERATION_WORDS; ; pc += OPERATION_WORDS) {
    const argument = operations[pc + ARGUMENT];
    switch (operations[pc]) {
      case ONE:
        if (at >= length || sets[argument][subject.charCodeAt(at)] === 0) return start - at - 1;
        at++;
        break;
      case PLUS_ALL:
        if (at >= length || sets[argument][subject.charCodeAt(at)] === 0) return start - at - 1;
        at = endOfRun(sets[argument], subject, at + 1);
        break;
      case STAR_ALL:
        at = endOfRun(sets[argument], subject, at);
        break;
      case OPEN:
        starts[argument] = at;
        break;
      case CLOSE:
        ends[argument] = at;
        break;
      case POSITION:
        starts[argument] = at;
        ends[argument] = at;
        break;
      case FRONTIER: {
        const before = at === 0 ? 0 : subject.charCodeAt(at - 1);
        const after = at < length ? subject.charCodeAt(at) : 0;
        if (sets[argument][before] === 1 || sets[argument][after] === 0) return start - at - 1;
        break;
      }
      case AT_END:
        if (at !== length) return start - at - 1;
        break;
      default:
        return at;
    }
  }
}
