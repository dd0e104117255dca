// linear-search.ts over bytes, for a subject of which all is going to be looked at: bytes are read
// several times faster than the characters of a string. The two are written out one by one on purpose:
// with the subject behind a function, or of two types, neither is fast. A change of one belongs in both.
import type { SearchState } from "./linear-search.ts";
import { INTERRUPTED } from "./linear-search.ts";
import type { Pattern } from "./pattern.ts";
import {
  ARGUMENT,
  AT_END,
  CLOSE,
  FRONTIER,
  ONE,
  OPEN,
  OPERATION_WORDS,
  PLUS_ALL,
  POSITION,
  STAR_ALL,
} from "./pattern-operations.ts";

const NO_MATCH = -1;

/** As findLinear, for patterns that are not anchored; the subject is bytes[0, length). */
export function findInBytes(
  state: SearchState,
  pattern: Pattern,
  bytes: Uint8Array,
  length: number,
  from: number,
): number {
  const { first } = pattern;
  let start = from;
  for (;;) {
    const before = start;
    if (first !== null) {
      while (start < length && first[bytes[start]] === 0) start++;
      if (start === length) start++;
    }
    state.steps -= start - before;
    if (start > length) return NO_MATCH;
    const end = matchBytes(state, pattern, bytes, length, start);
    if (end >= 0) {
      state.steps -= end - start;
      state.start = start;
      return end;
    }
    state.steps += end;
    start++;
    if (state.steps < 0) {
      state.start = start;
      return INTERRUPTED;
    }
  }
}

/** The end of the match that begins at `start`; below 0, how many characters a failure has cost. */
function matchBytes(
  state: SearchState,
  pattern: Pattern,
  bytes: Uint8Array,
  length: number,
  start: number,
): number {
  const { operations, members } = pattern;
  const { starts, ends } = state;
  let at = start;
  for (let pc = 0; ; pc += OPERATION_WORDS) {
    const argument = operations[pc + ARGUMENT];
    // Where the set of an operation on one begins in `members`.
    const set = argument << 8;
    switch (operations[pc]) {
      case ONE:
        if (at >= length || members[set + bytes[at]] === 0) return start - at - 1;
        at++;
        break;
      case PLUS_ALL:
        if (at >= length || members[set + bytes[at]] === 0) return start - at - 1;
        at++;
        while (at < length && members[set + bytes[at]] === 1) at++;
        break;
      case STAR_ALL:
        while (at < length && members[set + bytes[at]] === 1) at++;
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
        const before = at === 0 ? 0 : bytes[at - 1];
        const after = at < length ? bytes[at] : 0;
        if (members[set + before] === 1 || members[set + after] === 0) return start - at - 1;
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
