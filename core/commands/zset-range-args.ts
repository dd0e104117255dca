// Ranges of sorted sets among the arguments:
//
//   ranks     0   -1
//   scores    3   (3   -inf   +inf
//   members   [abc   (abc   -   +
//
// followed by [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES].
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import {
  ANY_KIND,
  BY_MEMBER,
  BY_RANK,
  BY_SCORE,
  HIGHEST,
  LOWEST,
  MEMBER,
  type MemberBound,
  type SortedSetRange,
} from "../types/zset/range.ts";
import { parseDouble, parseDoubleText } from "../util/double.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";

// Directions.
export const ANY_DIRECTION = 0;
export const FORWARD = 1;
export const REVERSE = 2;

const OPEN_PARENTHESIS = 40;
const OPEN_BRACKET = 91;
const PLUS = 43;
const MINUS = 45;

const NOT_A_SCORE_RANGE = "ERR min or max is not a float";
const NOT_A_MEMBER_RANGE = "ERR min or max not valid string range item";
const LIMIT_BY_RANK =
  "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
const SCORES_BY_MEMBER = "ERR syntax error, WITHSCORES not supported in combination with BYLEX";

/**
 * Reads a range with its options from argument `first` on. `kind` and `direction` are those of the
 * command, or ANY_…. Answers with the error itself and returns false when something is wrong.
 */
export function parseRange(
  range: SortedSetRange,
  args: Args,
  first: number,
  kind: number,
  direction: number,
  stores: boolean,
  reply: Reply,
): boolean {
  range.kind = kind;
  range.reverse = direction === REVERSE;
  range.withScores = false;
  range.offset = 0;
  range.limit = -1;
  if (!parseOptions(range, args, first + 2, direction, stores, reply)) return false;
  if (range.kind === ANY_KIND) range.kind = BY_RANK;
  if (range.limit !== -1 && range.kind === BY_RANK) return refuse(reply, LIMIT_BY_RANK);
  if (range.withScores && range.kind === BY_MEMBER) return refuse(reply, SCORES_BY_MEMBER);
  // By score and by member a reverse range is given from its upper bound to its lower one.
  const swapped = range.reverse && range.kind !== BY_RANK;
  return parseBounds(range, args, swapped ? first + 1 : first, swapped ? first : first + 1, reply);
}

function parseOptions(
  range: SortedSetRange,
  args: Args,
  from: number,
  direction: number,
  stores: boolean,
  reply: Reply,
): boolean {
  for (let i = from; i < args.count; i++) {
    if (!stores && args.is(i, "withscores")) {
      range.withScores = true;
    } else if (i + 2 < args.count && args.is(i, "limit")) {
      range.offset = longArgument(args, i + 1, reply);
      if (Number.isNaN(range.offset)) return false;
      range.limit = longArgument(args, i + 2, reply);
      if (Number.isNaN(range.limit)) return false;
      i += 2;
    } else if (direction === ANY_DIRECTION && !range.reverse && args.is(i, "rev")) {
      range.reverse = true;
    } else if (range.kind === ANY_KIND && args.is(i, "bylex")) {
      range.kind = BY_MEMBER;
    } else if (range.kind === ANY_KIND && args.is(i, "byscore")) {
      range.kind = BY_SCORE;
    } else {
      return refuse(reply, SYNTAX_ERROR);
    }
  }
  return true;
}

/** A range without options, of a given kind. Errors are answered as by `parseRange`. */
export function parsePlainRange(
  range: SortedSetRange,
  args: Args,
  first: number,
  kind: number,
  reply: Reply,
): boolean {
  range.kind = kind;
  range.reverse = false;
  range.offset = 0;
  range.limit = -1;
  return parseBounds(range, args, first, first + 1, reply);
}

function parseBounds(
  range: SortedSetRange,
  args: Args,
  min: number,
  max: number,
  reply: Reply,
): boolean {
  if (range.kind === BY_SCORE) {
    return parseScores(range, args, min, max) || refuse(reply, NOT_A_SCORE_RANGE);
  }
  if (range.kind === BY_MEMBER) {
    return (
      (parseMember(range.minMember, args, min) && parseMember(range.maxMember, args, max)) ||
      refuse(reply, NOT_A_MEMBER_RANGE)
    );
  }
  range.start = longArgument(args, min, reply);
  if (Number.isNaN(range.start)) return false;
  range.stop = longArgument(args, max, reply);
  return !Number.isNaN(range.stop);
}

function refuse(reply: Reply, error: string): false {
  reply.error(error);
  return false;
}

function parseScores(range: SortedSetRange, args: Args, min: number, max: number): boolean {
  range.minExclusive = startsWith(args, min, OPEN_PARENTHESIS);
  range.maxExclusive = startsWith(args, max, OPEN_PARENTHESIS);
  range.minScore = scoreAt(args, min, range.minExclusive);
  range.maxScore = scoreAt(args, max, range.maxExclusive);
  return !Number.isNaN(range.minScore) && !Number.isNaN(range.maxScore);
}

function startsWith(args: Args, i: number, byte: number): boolean {
  return args.length[i] > 0 && args.bytes[args.offset[i]] === byte;
}

function scoreAt(args: Args, i: number, exclusive: boolean): number {
  const skip = exclusive ? 1 : 0;
  const score = parseDouble(args.bytes, args.offset[i] + skip, args.length[i] - skip);
  return Number.isNaN(score) ? parseLoosely(args.latin1(i).slice(skip)) : score;
}

/**
 * As strtod alone decides: also white space in front, magnitudes that overflow or vanish, nothing at
 * all (0), and the end at the first NUL.
 */
function parseLoosely(text: string): number {
  const end = text.indexOf("\0");
  const given = end < 0 ? text : text.slice(0, end);
  if (given === "") return 0;
  const number = given.replace(/^[ \t-\r]+/, "");
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(number)) return Number(number);
  return number === "" ? Number.NaN : parseDoubleText(number);
}

function parseMember(bound: MemberBound, args: Args, i: number): boolean {
  if (args.length[i] === 0) return false;
  const offset = args.offset[i];
  const first = args.bytes[offset];
  bound.exclusive = first === OPEN_PARENTHESIS;
  if (first === OPEN_PARENTHESIS || first === OPEN_BRACKET) {
    bound.kind = MEMBER;
    bound.bytes = args.bytes;
    bound.view = args.view;
    bound.offset = offset + 1;
    bound.length = args.length[i] - 1;
    return true;
  }
  if (first !== PLUS && first !== MINUS) return false;
  bound.kind = first === PLUS ? HIGHEST : LOWEST;
  // A NUL ends the text as Redis sees it.
  return args.length[i] === 1 || args.bytes[offset + 1] === 0;
}
