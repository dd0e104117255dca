// The model of the sorted-set commands that name members, and of those that pop.
import { deadlineOf, parseManyPop } from "./arguments.ts";
import { type ContentOf, contentOf, contentOrNew, dropIfEmpty } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import {
  array,
  bulk,
  error,
  integer,
  NOT_FLOAT,
  nil,
  nilArray,
  SYNTAX_ERROR,
  WRONG_TYPE,
} from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

export type ModelZset = ContentOf<"zset">;

/** Members by score, then by bytes. */
export function inOrder(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? -1 : 1));
}

export function scoreText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

export function scoreReply(session: Session, value: number): string {
  const text = scoreText(value);
  return session.resp === 2 ? bulk(text) : `,${text}\r\n`;
}

/** Members with their scores: flat in RESP2, pairs in RESP3. */
export function withScores(
  session: Session,
  pairs: readonly (readonly [string, number])[],
): string {
  const parts = pairs.map(([member, value]) => bulk(member) + scoreReply(session, value));
  if (session.resp === 2) return `*${parts.length * 2}\r\n${parts.join("")}`;
  return `*${parts.length}\r\n${parts.map((part) => `*2\r\n${part}`).join("")}`;
}

/** The scores that the workloads use: decimals that doubles hold exactly, and infinity. */
export function parseScore(text: string): number | null {
  if (/^[+-]?inf$/i.test(text)) return text[0] === "-" ? -Infinity : Infinity;
  return /^-?[0-9]{1,9}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : null;
}

export function freshZset(): ModelZset {
  return { kind: "zset", scores: new Map() };
}

// -- adding -------------------------------------------------------------------------------------------

const NAN = error("resulting score is not a number (NaN)");

const zadd: ModelCommand = (model, session, words) => {
  const key = words[1];
  const has = new Set<string>();
  let at = 2;
  while (/^(nx|xx|gt|lt|ch|incr)$/i.test(words[at] ?? "")) has.add(words[at++].toLowerCase());
  const count = words.length - at;
  if (count === 0 || count % 2 !== 0) return SYNTAX_ERROR;
  if (has.has("nx") && has.has("xx")) {
    return error("XX and NX options at the same time are not compatible");
  }
  if ([has.has("gt"), has.has("lt"), has.has("nx")].filter(Boolean).length > 1) {
    return error("GT, LT, and/or NX options at the same time are not compatible");
  }
  if (has.has("incr") && count > 2) {
    return error("INCR option supports a single increment-element pair");
  }
  const pairs: [string, number][] = [];
  for (let i = at; i < words.length; i += 2) {
    const value = parseScore(words[i]);
    if (value === null) return NOT_FLOAT;
    pairs.push([words[i + 1], value]);
  }
  return add(model, session, key, pairs, has);
};

function add(
  model: Model,
  session: Session,
  key: string,
  pairs: readonly (readonly [string, number])[],
  has: ReadonlySet<string>,
): string {
  const isIncrement = has.has("incr");
  const found = contentOf(model, session, key, "zset");
  if (found === null) return WRONG_TYPE;
  if (found === undefined && has.has("xx")) return isIncrement ? nil(session) : integer(0);
  const zset = contentOrNew<"zset">(model, session, key, freshZset())!;
  let added = 0;
  let updated = 0;
  let last: number | null = null;
  for (const [member, value] of pairs) {
    const before = zset.scores.get(member);
    const after = isIncrement && before !== undefined ? before + value : value;
    last = null;
    // NX: what is there is not even added to.
    if (before === undefined ? has.has("xx") : has.has("nx")) continue;
    if (Number.isNaN(after)) return NAN;
    if (before !== undefined && has.has("gt") && after <= before) continue;
    if (before !== undefined && has.has("lt") && after >= before) continue;
    last = after;
    if (before === undefined) added++;
    else if (after !== before) updated++;
    if (after !== before) zset.scores.set(member, after);
  }
  if (added + updated > 0) model.changed(session, key, "z", isIncrement ? "zincr" : "zadd");
  if (!isIncrement) return integer(has.has("ch") ? added + updated : added);
  return last === null ? nil(session) : scoreReply(session, last);
}

const zincrby: ModelCommand = (model, session, [, key, byText, member]) => {
  const by = parseScore(byText);
  if (by === null) return NOT_FLOAT;
  return add(model, session, key, [[member, by]], new Set(["incr"]));
};

const zrem: ModelCommand = (model, session, [, key, ...members]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === undefined) return integer(0);
  if (zset === null) return WRONG_TYPE;
  const removed = members.filter((member) => zset.scores.delete(member)).length;
  if (removed > 0) dropIfEmpty(model, session, key, zset.scores.size, "z", "zrem", false);
  return integer(removed);
};

// -- looking ------------------------------------------------------------------------------------------

const zcard: ModelCommand = (model, session, [, key]) => {
  const zset = contentOf(model, session, key, "zset");
  return zset === null ? WRONG_TYPE : integer(zset?.scores.size ?? 0);
};

const zscore: ModelCommand = (model, session, [, key, member]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  const value = zset?.scores.get(member);
  return value === undefined ? nil(session) : scoreReply(session, value);
};

const zmscore: ModelCommand = (model, session, [, key, ...members]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  return array(
    members.map((member) => {
      const value = zset?.scores.get(member);
      return value === undefined ? nil(session) : scoreReply(session, value);
    }),
  );
};

function rank(name: string, reverse: boolean): ModelCommand {
  return (model, session, words) => {
    const [, key, member] = words;
    const withScore = words.length > 3;
    if (words.length > 4) return `-ERR wrong number of arguments for '${name}' command\r\n`;
    if (withScore && words[3].toLowerCase() !== "withscore") return SYNTAX_ERROR;
    const zset = contentOf(model, session, key, "zset");
    if (zset === null) return WRONG_TYPE;
    const order = inOrder(zset?.scores ?? new Map());
    const at = order.findIndex(([other]) => other === member);
    if (at === -1) return withScore ? nilArray(session) : nil(session);
    const index = integer(reverse ? order.length - 1 - at : at);
    return withScore ? array([index, scoreReply(session, order[at][1])]) : index;
  };
}

// -- popping ------------------------------------------------------------------------------------------

/** Takes the `count` members with the lowest, or highest, scores. */
function take(
  model: Model,
  session: Session,
  key: string,
  zset: ModelZset,
  fromLowest: boolean,
  count: number,
): [string, number][] {
  const order = inOrder(zset.scores);
  if (!fromLowest) order.reverse();
  const taken = order.slice(0, count);
  for (const [member] of taken) zset.scores.delete(member);
  dropIfEmpty(
    model,
    session,
    key,
    zset.scores.size,
    "z",
    fromLowest ? "zpopmin" : "zpopmax",
    false,
  );
  return taken;
}

function pop(name: string, fromLowest: boolean): ModelCommand {
  return (model, session, words) => {
    const [, key, countText] = words;
    if (words.length > 3) return `-ERR wrong number of arguments for '${name}' command\r\n`;
    const count = words.length === 3 ? int64(countText) : 1n;
    if (count === null || count < 0n) return error("value is out of range, must be positive");
    const zset = contentOf(model, session, key, "zset");
    if (zset === null) return WRONG_TYPE;
    if (zset === undefined || count === 0n) return array([]);
    const taken = take(model, session, key, zset, fromLowest, Number(count));
    if (words.length === 3) return withScores(session, taken);
    const [[member, value]] = taken;
    return array([bulk(member), scoreReply(session, value)]);
  };
}

function bpop(fromLowest: boolean): ModelCommand {
  return (model, session, words) => {
    const deadline = deadlineOf(model, words.at(-1)!);
    if (typeof deadline === "string") return deadline;
    const keys = words.slice(1, -1);
    for (const key of keys) {
      const zset = contentOf(model, session, key, "zset");
      if (zset === null) return WRONG_TYPE;
      if (zset === undefined) continue;
      const [[member, value]] = take(model, session, key, zset, fromLowest, 1);
      return array([bulk(key), bulk(member), scoreReply(session, value)]);
    }
    return model.blocking.wait(session, words, keys, "zset", deadline, nilArray(session));
  };
}

function mpop(blocks: boolean): ModelCommand {
  return (model, session, words) => {
    const args = parseManyPop(words, blocks ? 2 : 1, ["min", "max"]);
    if (typeof args === "string") return args;
    const deadline = blocks ? deadlineOf(model, words[1]) : 0;
    if (typeof deadline === "string") return deadline;
    const { keys, isFirst, count } = args;
    for (const key of keys) {
      const zset = contentOf(model, session, key, "zset");
      if (zset === null) return WRONG_TYPE;
      if (zset === undefined) continue;
      const pairs = take(model, session, key, zset, isFirst, count);
      const rows = pairs.map(([member, value]) =>
        array([bulk(member), scoreReply(session, value)]),
      );
      return array([bulk(key), array(rows)]);
    }
    if (!blocks) return nilArray(session);
    return model.blocking.wait(session, words, keys, "zset", deadline, nilArray(session));
  };
}

export const sortedSetModel: ModelFamily = [
  ["zadd", -4, zadd],
  ["zincrby", 4, zincrby],
  ["zrem", -3, zrem],
  ["zcard", 2, zcard],
  ["zscore", 3, zscore],
  ["zmscore", -3, zmscore],
  ["zrank", -3, rank("zrank", false)],
  ["zrevrank", -3, rank("zrevrank", true)],
  ["zpopmin", -2, pop("zpopmin", true)],
  ["zpopmax", -2, pop("zpopmax", false)],
  ["bzpopmin", -3, bpop(true)],
  ["bzpopmax", -3, bpop(false)],
  ["zmpop", -4, mpop(false)],
  ["bzmpop", -5, mpop(true)],
];
