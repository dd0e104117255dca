// The model of sorted sets by ranges: of ranks, of scores, of names.
import { contentOf, dropIfEmpty, indexRange } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { bulks, error, integer, NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import { inOrder, parseScore, withScores } from "./sorted-sets.ts";
import { int64 } from "./strings.ts";

type By = "rank" | "score" | "lex";
type Pair = [string, number];
type Test = (pair: Pair) => boolean;

const NO_FLOAT_RANGE = error("min or max is not a float");
const NO_LEX_RANGE = error("min or max not valid string range item");

/** Which members are between two scores; an error reply when these are none. */
function scoreTest(min: string, max: string): Test | string {
  const [openMin, openMax] = [min[0] === "(", max[0] === "("];
  const low = parseScore(openMin ? min.slice(1) : min);
  const high = parseScore(openMax ? max.slice(1) : max);
  if (low === null || high === null) return NO_FLOAT_RANGE;
  return ([, score]) =>
    (openMin ? score > low : score >= low) && (openMax ? score < high : score <= high);
}

/** Which members are between two names. */
function lexTest(min: string, max: string): Test | string {
  for (const edge of [min, max]) {
    if (edge !== "-" && edge !== "+" && !/^[[(]/.test(edge)) return NO_LEX_RANGE;
  }
  const above = (member: string): boolean =>
    min === "-" ||
    (min !== "+" && (min[0] === "[" ? member >= min.slice(1) : member > min.slice(1)));
  const below = (member: string): boolean =>
    max === "+" ||
    (max !== "-" && (max[0] === "[" ? member <= max.slice(1) : member < max.slice(1)));
  return ([member]) => above(member) && below(member);
}

interface RangeQuery {
  by: By;
  reverse: boolean;
  withScores: boolean;
  offset: bigint;
  /** Negative: no limit. */
  count: bigint;
  hasLimit: boolean;
  from: string;
  to: string;
}

/** Options from word `at` on. `fixed`: an old command, whose kind and direction are given. */
function parseQuery(
  words: readonly string[],
  at: number,
  by: By,
  reverse: boolean,
  fixed: boolean,
  stores: boolean,
): RangeQuery | string {
  const query: RangeQuery = {
    by,
    reverse,
    withScores: false,
    offset: 0n,
    count: -1n,
    hasLimit: false,
    from: words[at - 2],
    to: words[at - 1],
  };
  for (let i = at; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (!stores && option === "withscores") query.withScores = true;
    else if (option === "limit" && i + 2 < words.length) {
      const offset = int64(words[i + 1]);
      const count = int64(words[i + 2]);
      if (offset === null || count === null) return NOT_INTEGER;
      query.offset = offset;
      query.count = count;
      query.hasLimit = true;
      i += 2;
    } else if (!fixed && option === "rev") query.reverse = true;
    else if (!fixed && option === "bylex") query.by = "lex";
    else if (!fixed && option === "byscore") query.by = "score";
    else return SYNTAX_ERROR;
  }
  if (query.hasLimit && query.count !== -1n && query.by === "rank") {
    return error(
      "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
  }
  if (query.withScores && query.by === "lex") {
    return error("syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  return query;
}

/** A function that picks from the members in order; an error reply when the range is none. */
function picker(query: RangeQuery): ((order: Pair[]) => Pair[]) | string {
  const { by, reverse, from, to, offset, count } = query;
  if (by === "rank") {
    const start = int64(from);
    const end = int64(to);
    if (start === null || end === null) return NOT_INTEGER;
    return (order) => {
      if (reverse) order.reverse();
      return order.slice(...indexRange(start, end, order.length));
    };
  }
  const [min, max] = reverse ? [to, from] : [from, to];
  const test = by === "score" ? scoreTest(min, max) : lexTest(min, max);
  if (typeof test === "string") return test;
  return (order) => {
    const picked = order.filter(test);
    if (reverse) picked.reverse();
    if (offset < 0n) return [];
    const end = count < 0n ? undefined : Number(offset + count);
    return picked.slice(Number(offset), end);
  };
}

function range(by: By, reverse: boolean, fixed: boolean): ModelCommand {
  return (model, session, words) => {
    const query = parseQuery(words, 4, by, reverse, fixed, false);
    if (typeof query === "string") return query;
    const pick = picker(query);
    if (typeof pick === "string") return pick;
    const zset = contentOf(model, session, words[1], "zset");
    if (zset === null) return WRONG_TYPE;
    const picked = pick(inOrder(zset?.scores ?? new Map()));
    if (query.withScores) return withScores(session, picked);
    return bulks(picked.map(([member]) => member));
  };
}

const rangestore: ModelCommand = (model, session, words) => {
  const query = parseQuery(words, 5, "rank", false, false, true);
  if (typeof query === "string") return query;
  const pick = picker(query);
  if (typeof pick === "string") return pick;
  const zset = contentOf(model, session, words[2], "zset");
  if (zset === null) return WRONG_TYPE;
  const picked = pick(inOrder(zset?.scores ?? new Map()));
  return storeZset(model, session, words[1], new Map(picked), "zrangestore");
};

/** Stores a result as a sorted set; one without members is no key. */
export function storeZset(
  model: Model,
  session: Session,
  key: string,
  scores: Map<string, number>,
  event: string,
): string {
  if (scores.size > 0) {
    model.set(session, key, { kind: "zset", scores }, -1);
    model.notify(session.db, "z", event, key);
  } else if (model.drop(session, key)) model.notify(session.db, "g", "del", key);
  return integer(scores.size);
}

function count(makeTest: (min: string, max: string) => Test | string): ModelCommand {
  return (model, session, [, key, min, max]) => {
    const test = makeTest(min, max);
    if (typeof test === "string") return test;
    const zset = contentOf(model, session, key, "zset");
    if (zset === null) return WRONG_TYPE;
    return integer([...(zset?.scores ?? [])].filter(test).length);
  };
}

function remove(by: By, event: string): ModelCommand {
  return (model, session, words) => {
    const [, key] = words;
    const query = parseQuery(words, 4, by, false, true, true);
    if (typeof query === "string") return query;
    const pick = picker(query);
    if (typeof pick === "string") return pick;
    const zset = contentOf(model, session, key, "zset");
    if (zset === undefined) return integer(0);
    if (zset === null) return WRONG_TYPE;
    const picked = pick(inOrder(zset.scores));
    for (const [member] of picked) zset.scores.delete(member);
    if (picked.length > 0) dropIfEmpty(model, session, key, zset.scores.size, "z", event);
    return integer(picked.length);
  };
}

export const sortedSetRangeModel: ModelFamily = [
  ["zrange", -4, range("rank", false, false)],
  ["zrevrange", -4, range("rank", true, true)],
  ["zrangebyscore", -4, range("score", false, true)],
  ["zrevrangebyscore", -4, range("score", true, true)],
  ["zrangebylex", -4, range("lex", false, true)],
  ["zrevrangebylex", -4, range("lex", true, true)],
  ["zrangestore", -5, rangestore],
  ["zcount", 4, count(scoreTest)],
  ["zlexcount", 4, count(lexTest)],
  ["zremrangebyrank", 4, remove("rank", "zremrangebyrank")],
  ["zremrangebyscore", 4, remove("score", "zremrangebyscore")],
  ["zremrangebylex", 4, remove("lex", "zremrangebylex")],
];
