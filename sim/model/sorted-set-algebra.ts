// The model of unions, intersections and differences of sorted sets (sets count as such, every
// member with score 1), and of random members.

import { contentOf } from "./collections.ts";
import type { Judge, Model, ModelCommand, ModelFamily } from "./model.ts";
import { judgeRandom } from "./random-members.ts";
import { bulks, error, integer, NOT_INTEGER, nil, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import { storeZset } from "./sorted-set-ranges.ts";
import { inOrder, parseScore, scoreText, withScores } from "./sorted-sets.ts";
import { int64 } from "./strings.ts";

type Scores = ReadonlyMap<string, number>;

/** What a key gives to the algebra; null when it is of a wrong type. */
function scoresOf(model: Model, session: Session, key: string): Scores | null {
  const content = model.get(session, key)?.content;
  if (content === undefined) return new Map();
  if (content.kind === "zset") return content.scores;
  return content.kind === "set" ? new Map([...content.members].map((m) => [m, 1])) : null;
}

interface Algebra {
  readonly inputs: Scores[];
  readonly weights: number[];
  readonly aggregate: string;
  readonly withScores: boolean;
  /** ZINTERCARD. */
  readonly limit: bigint;
}

type Kind = "union" | "inter" | "diff" | "card";

/** Parses "numkeys key … options" from word `at` on; an error reply when it is wrong. */
function parse(
  model: Model,
  session: Session,
  words: readonly string[],
  at: number,
  kind: Kind,
  name: string,
  stores: boolean,
): Algebra | string {
  const numkeys = int64(words[at]);
  if (numkeys === null) return NOT_INTEGER;
  if (numkeys < 1n) return error(`at least 1 input key is needed for '${name}' command`);
  if (numkeys > BigInt(words.length - at - 1)) return SYNTAX_ERROR;
  const keys = words.slice(at + 1, at + 1 + Number(numkeys));
  const inputs: Scores[] = [];
  for (const key of keys) {
    const scores = scoresOf(model, session, key);
    if (scores === null) return WRONG_TYPE;
    inputs.push(scores);
  }
  const algebra = { inputs, weights: keys.map(() => 1), aggregate: "sum", withScores: false };
  let limit = 0n;
  for (let i = at + 1 + keys.length; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const left = words.length - i - 1;
    const mixes = kind === "union" || kind === "inter";
    if (mixes && option === "weights" && left >= keys.length) {
      const weights = words.slice(i + 1, i + 1 + keys.length).map(parseScore);
      if (weights.includes(null)) return error("weight value is not a float");
      algebra.weights = weights as number[];
      i += keys.length;
    } else if (mixes && option === "aggregate" && left >= 1) {
      algebra.aggregate = words[++i].toLowerCase();
      if (!["sum", "min", "max"].includes(algebra.aggregate)) return SYNTAX_ERROR;
    } else if (!stores && kind !== "card" && option === "withscores") {
      algebra.withScores = true;
    } else if (kind === "card" && option === "limit" && left >= 1) {
      const value = int64(words[++i]);
      if (value === null || value < 0n) return error("LIMIT can't be negative");
      limit = value;
    } else {
      return SYNTAX_ERROR;
    }
  }
  return { ...algebra, limit };
}

function weighted(score: number, weight: number): number {
  const product = score * weight;
  return Number.isNaN(product) ? 0 : product;
}

function combine(aggregate: string, a: number, b: number): number {
  if (aggregate === "min") return Math.min(a, b);
  if (aggregate === "max") return Math.max(a, b);
  const sum = a + b;
  return Number.isNaN(sum) ? 0 : sum;
}

function result(kind: Kind, { inputs, weights, aggregate }: Algebra): Map<string, number> {
  const [first, ...rest] = inputs;
  if (kind === "diff") {
    return new Map([...first].filter(([member]) => !rest.some((other) => other.has(member))));
  }
  const members = new Set(inputs.flatMap((input) => [...input.keys()]));
  const scores = new Map<string, number>();
  for (const member of members) {
    if (kind !== "union" && !inputs.every((input) => input.has(member))) continue;
    let score: number | null = null;
    for (const [i, input] of inputs.entries()) {
      const given = input.get(member);
      if (given === undefined) continue;
      const value = weighted(given, weights[i]);
      score = score === null ? value : combine(aggregate, score, value);
    }
    scores.set(member, score!);
  }
  return scores;
}

function read(name: string, kind: Kind): ModelCommand {
  return (model, session, words) => {
    const algebra = parse(model, session, words, 1, kind, name, false);
    if (typeof algebra === "string") return algebra;
    const scores = result(kind, algebra);
    if (kind === "card") {
      const limit = algebra.limit === 0n ? scores.size : Number(algebra.limit);
      return integer(Math.min(limit, scores.size));
    }
    const pairs = inOrder(scores);
    return algebra.withScores ? withScores(session, pairs) : bulks(pairs.map(([member]) => member));
  };
}

function store(name: string, kind: Kind): ModelCommand {
  return (model, session, words) => {
    const algebra = parse(model, session, words, 2, kind, name, true);
    if (typeof algebra === "string") return algebra;
    return storeZset(model, session, words[1], result(kind, algebra), name);
  };
}

const zrandmember: ModelCommand = (model, session, words) => {
  const [, key, countText] = words;
  const count = words.length > 2 ? int64(countText) : 1n;
  if (count === null) return NOT_INTEGER;
  const hasScores = words.length > 3;
  if (words.length > 4 || (hasScores && words[3].toLowerCase() !== "withscores")) {
    return SYNTAX_ERROR;
  }
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  if (words.length === 2) {
    if (zset === undefined) return nil(session);
    const members = new Set(zset.scores.keys());
    return ({ text }) => (members.has(text) ? null : "not a member");
  }
  const texts = new Map([...(zset?.scores ?? [])].map(([m, score]) => [m, scoreText(score)]));
  return judgeRandom(texts, count, hasScores, session.resp) satisfies Judge;
};

export const sortedSetAlgebraModel: ModelFamily = [
  ["zunion", -3, read("zunion", "union")],
  ["zinter", -3, read("zinter", "inter")],
  ["zdiff", -3, read("zdiff", "diff")],
  ["zintercard", -3, read("zintercard", "card")],
  ["zunionstore", -4, store("zunionstore", "union")],
  ["zinterstore", -4, store("zinterstore", "inter")],
  ["zdiffstore", -4, store("zdiffstore", "diff")],
  ["zrandmember", -2, zrandmember],
];
