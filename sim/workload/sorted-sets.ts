// Random commands on sorted sets.
import type { Random } from "../random.ts";
import { integer, zsetKey as key, type Maker, member, score, setKey } from "./words.ts";

/** All members of these have the same score, so that ranges by name mean something. */
const lexKey = (r: Random): string => `lex:${r.below(3)}`;
const lexMember = (r: Random): string => r.pick(["a", "aa", "b", "ba", "c", "", "\xff", "z\0"]);
const lexEdge = (r: Random): string =>
  r.chance(95) ? r.pick(["-", "+", `[${lexMember(r)}`, `(${lexMember(r)}`]) : lexMember(r);
const scoreEdge = (r: Random): string => (r.chance(25) ? `(${score(r)}` : score(r));
/** A negative offset means something else in each encoding. */
const limit = (r: Random): string[] =>
  r.chance(50) ? [] : ["LIMIT", String(r.below(5)), String(r.between(-1, 6))];
const scores = (r: Random): string[] => (r.chance(50) ? ["WITHSCORES"] : []);
const input = (r: Random, n: number): string => (r.chance(85) ? key(r, n) : setKey(r, n));
const mixing = (r: Random): string[] => [
  ...(r.chance(40)
    ? ["WEIGHTS", r.pick(["2", "7", "0.5", "inf", "x"]), r.pick(["1", "3", "0.25"])]
    : []),
  ...(r.chance(40) ? ["AGGREGATE", r.pick(["SUM", "min", "MAX", "x"])] : []),
];
const addOptions = (r: Random): string[] =>
  r.pick([
    ["NX"],
    ["XX"],
    ["GT"],
    ["LT"],
    ["CH"],
    ["GT", "CH"],
    ["XX", "LT", "CH"],
    ["NX", "XX"],
    ["INCR"],
    ["NX", "INCR"],
    ["GT", "INCR"],
  ]);

export const sortedSets: readonly Maker[] = [
  (r, n) => ["ZADD", key(r, n), score(r), member(r)],
  (r, n) => ["ZADD", key(r, n), score(r), member(r), score(r), member(r), score(r), member(r)],
  (r, n) => ["ZADD", key(r, n), ...addOptions(r), score(r), member(r)],
  (r, n) => ["ZADD", key(r, n), ...addOptions(r), score(r), member(r), score(r), member(r)],
  (r) => ["ZADD", lexKey(r), "0", lexMember(r), "0", lexMember(r)],
  (r, n) => ["ZINCRBY", key(r, n), score(r), member(r)],
  (r, n) => ["ZREM", key(r, n), member(r), member(r)],
  (r, n) => ["ZCARD", key(r, n)],
  (r, n) => ["ZSCORE", key(r, n), member(r)],
  (r, n) => ["ZMSCORE", key(r, n), member(r), member(r)],
  (r, n) => [r.pick(["ZRANK", "ZREVRANK"]), key(r, n), member(r)],
  (r, n) => [r.pick(["ZRANK", "ZREVRANK"]), key(r, n), member(r), r.pick(["WITHSCORE", "x"])],
  (r, n) => [r.pick(["ZRANGE", "ZREVRANGE"]), key(r, n), integer(r), integer(r)],
  (r, n) => [r.pick(["ZRANGE", "ZREVRANGE"]), key(r, n), "0", "-1", "WITHSCORES"],
  (r, n) => ["ZRANGE", key(r, n), String(r.between(-9, 5)), String(r.between(-3, 9)), "REV"],
  (r, n) => ["ZRANGE", key(r, n), scoreEdge(r), scoreEdge(r), "BYSCORE", ...limit(r), ...scores(r)],
  (r, n) => ["ZRANGE", key(r, n), "inf", scoreEdge(r), "BYSCORE", "REV", ...limit(r)],
  (r) => ["ZRANGE", lexKey(r), lexEdge(r), lexEdge(r), "BYLEX", ...limit(r)],
  (r) => ["ZRANGE", lexKey(r), lexEdge(r), lexEdge(r), "REV", "BYLEX", ...limit(r)],
  (r, n) => ["ZRANGEBYSCORE", key(r, n), scoreEdge(r), scoreEdge(r), ...scores(r), ...limit(r)],
  (r, n) => ["ZREVRANGEBYSCORE", key(r, n), scoreEdge(r), scoreEdge(r), ...limit(r)],
  (r) => ["ZRANGEBYLEX", lexKey(r), lexEdge(r), lexEdge(r), ...limit(r)],
  (r) => ["ZREVRANGEBYLEX", lexKey(r), lexEdge(r), lexEdge(r), ...limit(r)],
  (r, n) => [
    "ZRANGESTORE",
    key(r, n),
    key(r, n),
    String(r.between(-5, 2)),
    String(r.between(-1, 9)),
  ],
  (r, n) => [
    "ZRANGESTORE",
    key(r, n),
    key(r, n),
    scoreEdge(r),
    scoreEdge(r),
    "BYSCORE",
    ...limit(r),
  ],
  (r, n) => ["ZCOUNT", key(r, n), scoreEdge(r), scoreEdge(r)],
  (r) => ["ZLEXCOUNT", lexKey(r), lexEdge(r), lexEdge(r)],
  (r, n) => ["ZREMRANGEBYRANK", key(r, n), String(r.between(-3, 2)), String(r.between(-1, 3))],
  (r, n) => ["ZREMRANGEBYSCORE", key(r, n), score(r), scoreEdge(r)],
  (r) => ["ZREMRANGEBYLEX", lexKey(r), lexEdge(r), lexEdge(r)],
  (r, n) => [r.pick(["ZPOPMIN", "ZPOPMAX"]), key(r, n)],
  (r, n) => [r.pick(["ZPOPMIN", "ZPOPMAX"]), key(r, n), String(r.between(-1, 4))],
  (r, n) => [
    "ZMPOP",
    "2",
    key(r, n),
    key(r, n),
    r.pick(["MIN", "MAX", "x"]),
    "COUNT",
    String(r.below(4)),
  ],
  (r, n) => ["ZRANDMEMBER", key(r, n)],
  (r, n) => ["ZRANDMEMBER", key(r, n), String(r.between(-5, 8)), ...scores(r)],
  (r, n) => [
    r.pick(["ZUNION", "ZINTER"]),
    "2",
    input(r, n),
    input(r, n),
    ...mixing(r),
    ...scores(r),
  ],
  (r, n) => ["ZDIFF", r.pick(["2", "3", "1", "0"]), input(r, n), input(r, n), ...scores(r)],
  (r, n) => ["ZINTERCARD", "2", input(r, n), input(r, n), ...(r.chance(50) ? ["LIMIT", "2"] : [])],
  (r, n) => [
    r.pick(["ZUNIONSTORE", "ZINTERSTORE"]),
    key(r, n),
    "2",
    input(r, n),
    input(r, n),
    ...mixing(r),
  ],
  (r, n) => ["ZDIFFSTORE", key(r, n), "2", input(r, n), input(r, n)],
];
