// Random commands that wait, and those that end the waiting of others.
import type { Random } from "../random.ts";
import { listKey, type Maker, member, score, streamKey, value, zsetKey } from "./words.ts";

/** Seconds; hardly ever for good, because the client itself must go on. */
const seconds = (r: Random): string =>
  r.chance(97) ? r.pick(["0.01", "0.05", "0.2", "1"]) : r.pick(["-1", "x", "0.001"]);
const millis = (r: Random): string =>
  r.chance(97) ? r.pick(["10", "50", "300"]) : r.pick(["-1", "x", "1.5"]);

export const blocking: readonly Maker[] = [
  (r, n) => [r.pick(["BLPOP", "BRPOP"]), listKey(r, n), seconds(r)],
  (r, n) => [r.pick(["BLPOP", "BRPOP"]), listKey(r, n), listKey(r, n), listKey(r, n), seconds(r)],
  (r, n) => ["BRPOPLPUSH", listKey(r, n), listKey(r, n), seconds(r)],
  (r, n) => [
    "BLMOVE",
    listKey(r, n),
    listKey(r, n),
    r.pick(["LEFT", "right", "x"]),
    "LEFT",
    seconds(r),
  ],
  (r, n) => [
    "BLMPOP",
    seconds(r),
    "2",
    listKey(r, n),
    listKey(r, n),
    "LEFT",
    "COUNT",
    String(r.below(4)),
  ],
  (r, n) => ["BLMPOP", seconds(r), "1", listKey(r, n), "RIGHT"],
  (r, n) => [r.pick(["BZPOPMIN", "BZPOPMAX"]), zsetKey(r, n), zsetKey(r, n), seconds(r)],
  (r, n) => [r.pick(["BZPOPMIN", "BZPOPMAX"]), zsetKey(r, n), seconds(r)],
  (r, n) => ["BZMPOP", seconds(r), "2", zsetKey(r, n), zsetKey(r, n), "MIN", "COUNT", "2"],
  (r, n) => ["XREAD", "BLOCK", millis(r), "STREAMS", streamKey(r, n), streamKey(r, n), "$", "$"],
  (r, _n) => ["XREAD", "COUNT", "1", "BLOCK", millis(r), "STREAMS", `clock:${r.below(2)}`, "$"],
  (r, n) => [
    "XREADGROUP",
    "GROUP",
    `g${r.below(2)}`,
    "c1",
    "BLOCK",
    millis(r),
    "STREAMS",
    streamKey(r, n),
    ">",
  ],
  (r, n) => [
    "XREADGROUP",
    "GROUP",
    `g${r.below(2)}`,
    "c2",
    "COUNT",
    "1",
    "BLOCK",
    millis(r),
    "STREAMS",
    streamKey(r, n),
    ">",
  ],
  (r) => [
    "CLIENT",
    "UNBLOCK",
    String(r.between(1, 10)),
    ...r.pick([[], ["TIMEOUT"], ["ERROR"], ["x"]]),
  ],
  () => ["CLIENT", "ID"],
  // Several wait for the same key.
  (r) => [r.pick(["BLPOP", "BRPOP"]), "queue", seconds(r)],
  (r) => ["BLPOP", "queue", seconds(r)],
  (r) => [r.pick(["BZPOPMIN", "BZPOPMAX"]), "ranking", seconds(r)],
  (r) => ["RPUSH", "queue", value(r), ...(r.chance(50) ? [value(r)] : [])],
  (r) => ["ZADD", "ranking", score(r), member(r)],
  // What the others wait for.
  (r, n) => ["RPUSH", listKey(r, n), value(r), member(r)],
  (r, n) => ["LPUSH", listKey(r, n), value(r)],
  (r, n) => ["ZADD", zsetKey(r, n), score(r), member(r)],
  (r, n) => ["ZUNIONSTORE", zsetKey(r, n), "1", zsetKey(r, n)],
  (r, n) => [
    "RENAME",
    r.pick([listKey, zsetKey, streamKey])(r, n),
    r.pick([listKey, zsetKey, streamKey])(r, n),
  ],
  (r, n) => ["DEL", listKey(r, n), zsetKey(r, n), streamKey(r, n)],
  (r, n) => ["SET", r.pick([listKey, zsetKey, streamKey])(r, n), value(r)],
  (r, n) => ["PEXPIRE", r.pick([listKey, zsetKey, streamKey])(r, n), String(r.below(100))],
];
