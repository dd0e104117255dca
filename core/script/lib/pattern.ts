// Lua's patterns, compiled to a list of operations (pattern-operations.ts) for the matcher, with sets
// of characters, texts of errors and captures as numbers.
//
// Lua reads a pattern while it matches, so a mistake in it shows only when matching gets that far;
// here it becomes an operation that raises the error, and nothing after it is compiled. Which
// captures are open at a place of the pattern depends on the pattern alone, so captures are
// numbered here.
import { ANY, bracketSet, type CharacterSet, escapedSet, singleSet } from "./character-classes.ts";
import { isLinearOperation } from "./linear-search.ts";
import {
  ARGUMENT,
  AT_END,
  BACK,
  BALANCE,
  CAPTURES_MAX,
  CLOSE,
  DONE,
  ERROR,
  FAIL,
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

/** Lua has no such limit, as it compiles nothing; here, a long pattern takes much more than its length. */
const OPERATION_COUNT_MAX = 200_000;
/** Followers of long patterns are not worth their sets. */
const LINKED_COUNT_MAX = 500;

const NO_MEMBERS = new Uint8Array(0);

export interface Pattern {
  readonly operations: Int32Array;
  readonly sets: readonly CharacterSet[];
  /** If it is linear: all sets, 256 bytes each, one behind the other. */
  readonly members: Uint8Array;
  readonly errors: readonly string[];
  /** How many captures a match has, and which of them are positions or never closed. */
  readonly captureCount: number;
  readonly isPosition: readonly boolean[];
  readonly isOpen: readonly boolean[];
  /** What a match can begin with; null when it may be empty or that is not known. */
  readonly first: CharacterSet | null;
  /** The plain characters that every match begins with. */
  readonly prefix: string;
  /** The pattern is its prefix and no more. */
  readonly isPlain: boolean;
  /** A match has no alternatives: see linear-search.ts. */
  readonly isLinear: boolean;
}

/** Compiles a pattern from `start` (behind an anchor) to its end or first zero byte. */
export function compilePattern(text: string, start: number): Pattern {
  const zero = text.indexOf("\0", start);
  return new Compiler(zero < 0 ? text : text.slice(0, zero), start).compile();
}

interface Operation {
  code: number;
  argument: number;
  follower: number;
}

class Compiler {
  readonly #text: string;
  #at: number;
  readonly #operations: Operation[] = [];
  readonly #sets: CharacterSet[] = [];
  readonly #setNumbers: Map<CharacterSet, number> = new Map();
  readonly #errors: string[] = [];
  readonly #isPosition: boolean[] = [];
  readonly #isOpen: boolean[] = [];

  constructor(text: string, start: number) {
    this.#text = text;
    this.#at = start;
  }

  compile(): Pattern {
    while (this.#at < this.#text.length && this.#errors.length === 0) {
      if (this.#operations.length >= OPERATION_COUNT_MAX) this.#error("pattern too complex");
      else this.#item();
    }
    if (this.#errors.length === 0) this.#add(DONE, 0);
    const first = this.#linkFollowers();
    const prefix = this.#prefix();
    const isLinear = this.#operations.every(({ code }) => isLinearOperation(code));
    return {
      operations: this.#words(),
      sets: this.#sets,
      errors: this.#errors,
      captureCount: this.#isOpen.length,
      isPosition: this.#isPosition,
      isOpen: this.#isOpen,
      first,
      prefix,
      isPlain: prefix.length > 0 && this.#operations[prefix.length].code === DONE,
      isLinear,
      members: isLinear ? this.#members() : NO_MEMBERS,
    };
  }

  #add(code: number, argument: number): void {
    this.#operations.push({ code, argument, follower: NO_SET });
  }

  #error(message: string): void {
    this.#add(ERROR, this.#errors.length);
    this.#errors.push(message);
  }

  #setNumber(set: CharacterSet): number {
    let number = this.#setNumbers.get(set);
    if (number === undefined) {
      number = this.#sets.push(set) - 1;
      this.#setNumbers.set(set, number);
    }
    return number;
  }

  #item(): void {
    const text = this.#text;
    const next = text[this.#at + 1];
    switch (text[this.#at]) {
      case "(":
        return this.#open(next === ")");
      case ")":
        return this.#close();
      case "$":
        if (next === undefined) {
          this.#at++;
          return this.#add(AT_END, 0);
        }
        break;
      case "%":
        if (next === "b") return this.#balance();
        if (next === "f") return this.#frontier();
        if (next >= "0" && next <= "9") return this.#back();
    }
    this.#repetition();
  }

  #open(isPosition: boolean): void {
    if (this.#isOpen.length >= CAPTURES_MAX) return this.#error("too many captures");
    this.#add(isPosition ? POSITION : OPEN, this.#isOpen.length);
    this.#isOpen.push(!isPosition);
    this.#isPosition.push(isPosition);
    this.#at += isPosition ? 2 : 1;
  }

  #close(): void {
    const capture = this.#isOpen.lastIndexOf(true);
    if (capture < 0) return this.#error("invalid pattern capture");
    this.#isOpen[capture] = false;
    this.#add(CLOSE, capture);
    this.#at++;
  }

  #back(): void {
    const capture = this.#text.charCodeAt(this.#at + 1) - 49;
    if (capture < 0 || capture >= this.#isOpen.length || this.#isOpen[capture]) {
      return this.#error("invalid capture index");
    }
    // A position has no text that could be found again.
    this.#add(this.#isPosition[capture] ? FAIL : BACK, capture);
    this.#at += 2;
  }

  #balance(): void {
    const text = this.#text;
    if (this.#at + 3 >= text.length) return this.#error("unbalanced pattern");
    this.#add(BALANCE, text.charCodeAt(this.#at + 2) * 256 + text.charCodeAt(this.#at + 3));
    this.#at += 4;
  }

  #frontier(): void {
    this.#at += 2;
    if (this.#text[this.#at] !== "[") return this.#error("missing '[' after '%f' in pattern");
    const set = this.#single();
    if (set !== null) this.#add(FRONTIER, this.#setNumber(set));
  }

  /** One character or a set of them, and how often. */
  #repetition(): void {
    const set = this.#single();
    if (set === null) return;
    let code = ONE;
    switch (this.#text[this.#at]) {
      case "*":
        code = STAR;
        break;
      case "+":
        code = PLUS;
        break;
      case "-":
        code = LAZY;
        break;
      case "?":
        code = OPTION;
    }
    if (code !== ONE) this.#at++;
    this.#add(code, this.#setNumber(set));
  }

  /** Null after an error. */
  #single(): CharacterSet | null {
    const text = this.#text;
    const start = this.#at++;
    if (text[start] === ".") return ANY;
    if (text[start] === "[") return this.#bracket(start);
    if (text[start] !== "%") return singleSet(text.charCodeAt(start));
    if (this.#at >= text.length) {
      this.#error("malformed pattern (ends with '%')");
      return null;
    }
    return escapedSet(text.charCodeAt(this.#at++));
  }

  #bracket(start: number): CharacterSet | null {
    const text = this.#text;
    let at = start + 1;
    if (text[at] === "^") at++;
    // The first character is a member even when it is a closing bracket.
    do {
      if (at >= text.length) {
        this.#error("malformed pattern (missing ']')");
        return null;
      }
      if (text[at++] === "%" && at < text.length) at++;
    } while (text[at] !== "]");
    this.#at = at + 1;
    return bracketSet(text, start, at);
  }

  /** Sets all followers; the answer is what follows the beginning. */
  #linkFollowers(): CharacterSet | null {
    if (this.#operations.length > LINKED_COUNT_MAX) return null;
    let follower: CharacterSet | null = null;
    let next: number = DONE;
    for (let i = this.#operations.length - 1; i >= 0; i--) {
      const operation = this.#operations[i];
      const set = this.#sets[operation.argument];
      if (operation.code === STAR || operation.code === PLUS) {
        // Before the end of the pattern or of the subject no shorter run is worth a try.
        if (next === DONE || next === AT_END) takeAll(operation);
      }
      if (!isCapture(operation.code)) next = operation.code;
      switch (operation.code) {
        case OPEN:
        case CLOSE:
        case POSITION:
          break;
        case ONE:
          follower = set;
          break;
        case PLUS:
        case PLUS_ALL:
          this.#link(operation, set, follower);
          follower = set;
          break;
        case STAR:
        case STAR_ALL:
        case LAZY:
          this.#link(operation, set, follower);
          follower = union(set, follower);
          break;
        case OPTION:
          follower = union(set, follower);
          break;
        default:
          follower = null;
      }
    }
    return follower;
  }

  #link(operation: Operation, set: CharacterSet, follower: CharacterSet | null): void {
    if (follower === null) return;
    operation.follower = this.#setNumber(follower);
    if (operation.code !== STAR && operation.code !== PLUS) return;
    if (!isDisjoint(set, follower)) return;
    takeAll(operation);
  }

  #prefix(): string {
    let prefix = "";
    for (const operation of this.#operations) {
      if (operation.code !== ONE) break;
      const set = this.#sets[operation.argument];
      const code = set.indexOf(1);
      if (set !== singleSet(code)) break;
      prefix += String.fromCharCode(code);
    }
    return prefix;
  }

  #members(): Uint8Array {
    const members = new Uint8Array(256 * this.#sets.length);
    this.#sets.forEach((set, i) => {
      members.set(set, 256 * i);
    });
    return members;
  }

  #words(): Int32Array {
    const words = new Int32Array(this.#operations.length * OPERATION_WORDS);
    this.#operations.forEach((operation, i) => {
      words[i * OPERATION_WORDS] = operation.code;
      words[i * OPERATION_WORDS + ARGUMENT] = operation.argument;
      words[i * OPERATION_WORDS + FOLLOWER] = operation.follower;
    });
    return words;
  }
}

function takeAll(operation: Operation): void {
  operation.code = operation.code === STAR ? STAR_ALL : PLUS_ALL;
}

function isCapture(code: number): boolean {
  return code === OPEN || code === CLOSE || code === POSITION;
}

function union(a: CharacterSet, b: CharacterSet | null): CharacterSet | null {
  if (b === null || a === ANY) return null;
  return a.map((member, i) => member | b[i]);
}

function isDisjoint(a: CharacterSet, b: CharacterSet): boolean {
  return !a.some((member, i) => (member & b[i]) === 1);
}
