// Runs a compiled pattern (pattern.ts) over a subject: backtracking with a stack of its own instead
// of recursion, so that the matcher can stop anywhere and go on later. A frame is three words,
//
//   word 0  the operation that has alternatives left
//   word 1  where in the subject its last alternative began
//   word 2  the earliest place, for repetitions that shrink
//
// Captures need no undoing: an operation that is run again writes its capture again.
import { findLinear, INTERRUPTED } from "./linear-search.ts";
import type { Pattern } from "./pattern.ts";
import {
  ARGUMENT,
  AT_END,
  BACK,
  BALANCE,
  CAPTURES_MAX,
  CLOSE,
  DONE,
  ERROR,
  FOLLOWER,
  FRONTIER,
  LAZY,
  NO_SET,
  ONE,
  OPEN,
  OPERATION_WORDS,
  OPTION,
  PLUS,
  PLUS_ALL,
  POSITION,
  STAR,
  STAR_ALL,
} from "./pattern-operations.ts";
import { balancedEnd, endOfRun, indexOfMember, lazyEnd } from "./spans.ts";

/** No match. */
const NO_MATCH = -1;
/** Not done yet: see `resume`. */
export const PAUSED = -2;
/** The pattern is wrong: see `error`. */
export const MISTAKE = -3;

/** Characters looked at and alternatives taken up before the matcher pauses. */
export const STEPS_MAX = 100_000;

const FRAME_WORDS = 3;
const STACK_WORDS_START = 96;
const NO_OPERATION = -1;

export class Matcher {
  readonly starts: Int32Array = new Int32Array(CAPTURES_MAX);
  readonly ends: Int32Array = new Int32Array(CAPTURES_MAX);
  /** Where the match begins that was found; it ends at the answer of `find` or `matchAt`. */
  start = 0;
  /** What is wrong, after MISTAKE. */
  error = "";
  #pattern!: Pattern;
  #subject = "";
  #isAnchored = false;
  #stack: Int32Array = new Int32Array(STACK_WORDS_START);
  /** Left before the next pause; what one search leaves, the next one has. */
  steps: number = STEPS_MAX;
  // The state of a pause; between two beginnings of a match there is no operation.
  #top = 0;
  #at = 0;
  #pc = NO_OPERATION;

  /**
   * Looks for the first match that begins at or behind `from`, or only there if anchored. Answers
   * with its end, NO_MATCH, PAUSED or MISTAKE.
   */
  find(pattern: Pattern, subject: string, from: number, isAnchored: boolean): number {
    if (pattern.isLinear && this.steps >= 0) {
      const end = findLinear(this, pattern, subject, from, isAnchored);
      if (end !== INTERRUPTED) return end;
    } else this.start = from;
    this.#pattern = pattern;
    this.#subject = subject;
    this.#isAnchored = isAnchored;
    if (this.steps < 0) return this.#pauseBetween();
    return this.#search();
  }

  /** Goes on after PAUSED. */
  resume(): number {
    this.steps = STEPS_MAX;
    if (this.#pc !== NO_OPERATION) {
      const end = this.#run(this.#pc, this.#at, this.#top);
      if (end !== NO_MATCH) return end;
      if (this.#isAnchored) return NO_MATCH;
      this.start++;
    }
    return this.#search();
  }

  #search(): number {
    if (this.#pattern.isLinear) return this.#searchLinear();
    for (;;) {
      if (this.steps < 0) return this.#pauseBetween();
      if (!this.#isAnchored) {
        if (!this.#skip()) return NO_MATCH;
        if (this.#pattern.isPlain) return this.start + this.#pattern.prefix.length;
      }
      const end = this.#run(0, this.start, 0);
      if (end !== NO_MATCH || this.#isAnchored) return end;
      this.start++;
    }
  }

  #searchLinear(): number {
    const end = findLinear(this, this.#pattern, this.#subject, this.start, this.#isAnchored);
    return end === INTERRUPTED ? this.#pauseBetween() : end;
  }

  #pauseBetween(): number {
    this.#pc = NO_OPERATION;
    return PAUSED;
  }

  /** Moves the start on to where a match can begin; false when there is no such place left. */
  #skip(): boolean {
    const { first, prefix } = this.#pattern;
    const subject = this.#subject;
    const { length } = subject;
    if (prefix.length > 1) {
      const at = subject.indexOf(prefix, this.start);
      this.steps -= at < 0 ? length : at - this.start + prefix.length;
      this.start = at;
      return at >= 0;
    }
    if (first !== null) {
      const at = indexOfMember(first, subject, this.start);
      this.steps -= at - this.start;
      this.start = at;
      return at < length;
    }
    return this.start <= length;
  }

  /**
   * From an operation and a place on; the answers are those of `find`. One function, because its
   * variables are the machine's registers.
   */
  #run(startPc: number, startAt: number, startTop: number): number {
    const { operations, sets } = this.#pattern;
    const subject = this.#subject;
    const { length } = subject;
    let stack = this.#stack;
    let pc = startPc;
    let at = startAt;
    let top = startTop;
    let steps = this.steps - 1;
    for (;;) {
      let matched = true;
      const argument = operations[pc + ARGUMENT];
      switch (operations[pc]) {
        case ONE:
          matched = at < length && sets[argument][subject.charCodeAt(at)] === 1;
          at++;
          break;
        case STAR_ALL:
        case PLUS_ALL: {
          const from = at;
          at = endOfRun(sets[argument], subject, from);
          matched = at > from || operations[pc] === STAR_ALL;
          steps -= at - from;
          break;
        }
        case STAR:
        case PLUS: {
          const from = at;
          at = endOfRun(sets[argument], subject, from);
          steps -= at - from;
          const least = operations[pc] === PLUS ? from + 1 : from;
          matched = at >= least;
          if (at > least) {
            if (top + FRAME_WORDS > stack.length) stack = this.#grow();
            stack[top] = pc;
            stack[top + 1] = at;
            stack[top + 2] = least;
            top += FRAME_WORDS;
          }
          break;
        }
        case LAZY:
        case OPTION: {
          const isOption = operations[pc] === OPTION;
          const takes = isOption && at < length && sets[argument][subject.charCodeAt(at)] === 1;
          if (isOption && !takes) break;
          if (top + FRAME_WORDS > stack.length) stack = this.#grow();
          stack[top] = pc;
          stack[top + 1] = at;
          top += FRAME_WORDS;
          if (takes) at++;
          break;
        }
        case OPEN:
          this.starts[argument] = at;
          break;
        case CLOSE:
        case POSITION:
          if (operations[pc] === POSITION) this.starts[argument] = at;
          this.ends[argument] = at;
          break;
        case BACK: {
          const size = this.ends[argument] - this.starts[argument];
          matched = subject.startsWith(
            subject.slice(this.starts[argument], this.ends[argument]),
            at,
          );
          steps -= size;
          at += size;
          break;
        }
        case BALANCE: {
          const end = balancedEnd(subject, at, argument >> 8, argument & 255);
          matched = end >= 0;
          if (matched) steps -= end - at;
          else steps -= at < length && subject.charCodeAt(at) === argument >> 8 ? length - at : 0;
          at = end;
          break;
        }
        case FRONTIER: {
          const set = sets[argument];
          const before = at === 0 ? 0 : subject.charCodeAt(at - 1);
          const after = at < length ? subject.charCodeAt(at) : 0;
          matched = set[before] === 0 && set[after] === 1;
          break;
        }
        case AT_END:
          matched = at === length;
          break;
        case DONE:
          this.steps = steps;
          return at;
        case ERROR:
          this.error = this.#pattern.errors[argument];
          return MISTAKE;
        default:
          matched = false;
      }
      if (matched) {
        pc += OPERATION_WORDS;
        continue;
      }

      // The latest operation with an alternative left.
      for (;;) {
        if (top === 0) {
          this.steps = steps;
          return NO_MATCH;
        }
        const frame = top - FRAME_WORDS;
        pc = stack[frame];
        at = stack[frame + 1];
        steps--;
        const code = operations[pc];
        if (code === OPTION) {
          top = frame;
          break;
        }
        const follower = operations[pc + FOLLOWER];
        const wanted = follower === NO_SET ? null : sets[follower];
        if (code === LAZY) {
          const from = at;
          at = lazyEnd(sets[operations[pc + ARGUMENT]], wanted, subject, from);
          const isAlive = at >= 0;
          if (!isAlive) at = length;
          steps -= at - from;
          stack[frame + 1] = at;
          if (isAlive) break;
        } else {
          const least = stack[frame + 2];
          const from = at--;
          if (wanted !== null) while (at >= least && wanted[subject.charCodeAt(at)] === 0) at--;
          steps -= from - at;
          stack[frame + 1] = at;
          if (at <= least) top = frame;
          if (at >= least) break;
          continue;
        }
        top = frame;
      }
      pc += OPERATION_WORDS;
      if (steps < 0) {
        this.#pc = pc;
        this.#at = at;
        this.#top = top;
        return PAUSED;
      }
    }
  }

  #grow(): Int32Array {
    const larger = new Int32Array(this.#stack.length * 2);
    larger.set(this.#stack);
    this.#stack = larger;
    return larger;
  }
}
