// Random commands that look at values in other ways: estimates, sorting, iterating, dumping.
import type { Random } from "../random.ts";
import {
  anyKey,
  hashKey,
  integer,
  listKey,
  logKey,
  type Maker,
  member,
  setKey,
  ttlMs,
  zsetKey,
} from "./words.ts";

/** The client puts the cursor, or the payload, here that it has got last. */
export const LAST_CURSOR = "(cursor)";
export const LAST_PAYLOAD = "(payload)";

/** Nobody reads these as strings: their bytes are the node's. */
const log = (r: Random, n: number): string => (r.chance(4) ? "log:text" : logKey(r, n));
const source = (r: Random, n: number): string => (r.chance(4) ? listKey(r, n) : log(r, n));
const cursor = (r: Random): string =>
  r.chance(70) ? LAST_CURSOR : r.chance(95) ? "0" : r.pick(["17", "x", "-1"]);
const count = (r: Random): string[] =>
  r.chance(70) ? ["COUNT", r.chance(95) ? String(1 + r.below(9)) : integer(r)] : [];
const match = (r: Random): string[] =>
  r.chance(85) ? [] : ["MATCH", r.pick(["*", "1*", "?", "key:*", "v*5"])];

export const logs: readonly Maker[] = [
  (r, n) => ["PFADD", log(r, n), member(r), member(r), member(r)],
  (r, n) => ["PFADD", log(r, n), `e${r.below(100_000)}`, `e${r.below(100_000)}`],
  (r, n) => ["PFADD", logKey(r, n), ...Array.from({ length: 20 }, () => `e${r.below(100_000)}`)],
  (r, n) => ["PFADD", log(r, n)],
  (r, n) => ["PFCOUNT", source(r, n)],
  (r, n) => ["PFCOUNT", source(r, n), source(r, n)],
  (r, n) => ["PFMERGE", log(r, n), source(r, n), log(r, n)],
  (r) => ["SET", "log:text", member(r)],
  (r, n) => ["DEL", logKey(r, n)],
];

const numbers = (r: Random): string => `numbers:${r.below(4)}`;
const sortable = (r: Random, n: number): string =>
  r.chance(60) ? numbers(r) : r.pick([listKey, setKey, zsetKey])(r, n);
const limited = (r: Random): string[] => [
  ...r.pick([[], ["DESC"], ["asc"]]),
  ...r.pick([[], [], ["LIMIT", String(r.between(-1, 4)), String(r.between(-1, 6))]]),
];
const sortOptions = (r: Random): string[] => [
  ...r.pick([[], ["DESC"], ["asc"]]),
  ...r.pick([[], [], ["ALPHA"]]),
  ...r.pick([[], [], ["LIMIT", String(r.between(-1, 4)), String(r.between(-1, 6))]]),
];
const by = (r: Random): string[] =>
  r.pick([[], [], ["BY", "weight:*"], ["BY", "weights:*->w"], ["BY", "nosort"]]);
const get = (r: Random): string[] =>
  r.pick([[], [], ["GET", "weight:*"], ["GET", "#", "GET", "weights:*->w"], ["GET", "none"]]);

export const sorting: readonly Maker[] = [
  (r) => ["RPUSH", numbers(r), String(r.below(12)), String(r.below(12)), String(r.below(12))],
  (r) => ["LTRIM", numbers(r), "-15", "-1"],
  (r) => ["SET", `weight:${r.below(12)}`, String(r.below(9))],
  (r) => ["HSET", `weights:${r.below(12)}`, "w", String(r.below(9))],
  (r, n) => ["SORT", sortable(r, n), ...sortOptions(r)],
  (r) => ["SORT", numbers(r), ...by(r), ...get(r), ...limited(r)],
  (r, n) => [r.pick(["SORT_RO", "SORT"]), sortable(r, n), "ALPHA", ...sortOptions(r)],
  (r, n) => ["SORT", sortable(r, n), "ALPHA", ...sortOptions(r), "STORE", listKey(r, n)],
  (r) => ["SORT", numbers(r), ...by(r), ...get(r), ...limited(r), "STORE", numbers(r)],
  (r) => ["SORT_RO", numbers(r), ...by(r), "STORE", numbers(r)],
  (r) => [
    "SET",
    `text:${r.below(4)}`,
    Array.from({ length: r.below(25) }, () => r.pick(["a", "b", "c"])).join(""),
  ],
  (r) => [
    "LCS",
    `text:${r.below(4)}`,
    `text:${r.below(5)}`,
    ...r.pick([[], ["LEN"], ["IDX"], ["IDX", "WITHMATCHLEN"], ["IDX", "LEN"]]),
  ],
  (r) => [
    "LCS",
    `text:${r.below(4)}`,
    `text:${r.below(5)}`,
    "IDX",
    "MINMATCHLEN",
    String(r.below(4)),
    "WITHMATCHLEN",
  ],
];

export const scanning: readonly Maker[] = [
  (r) => ["SCAN", cursor(r), ...match(r), ...count(r)],
  (r) => ["SCAN", cursor(r), ...count(r)],
  (r) => ["SCAN", cursor(r), ...count(r), "TYPE", r.pick(["string", "list", "zset", "x"])],
  (_r) => ["SCAN", "0", "COUNT", "100000"],
  (r, n) => ["SSCAN", setKey(r, n), cursor(r), ...match(r), ...count(r)],
  (r, n) => ["ZSCAN", zsetKey(r, n), cursor(r), ...match(r), ...count(r)],
  (r, n) => ["HSCAN", hashKey(r, n), cursor(r), ...match(r), ...count(r)],
  (r, n) => ["HSCAN", hashKey(r, n), cursor(r), ...count(r), "NOVALUES"],
  (r, n) => ["SADD", setKey(r, n), ...Array.from({ length: 15 }, () => `m${r.below(1000)}`)],
  (r, n) => ["SSCAN", setKey(r, n), LAST_CURSOR, "COUNT", "10"],
];

export const dumping: readonly Maker[] = [
  (r, n) => ["DUMP", anyKey(r, n)],
  (r, n) => ["DUMP", anyKey(r, n)],
  (r, n) => ["RESTORE", anyKey(r, n), "0", LAST_PAYLOAD, "REPLACE"],
  (r, n) => ["RESTORE", anyKey(r, n), String(ttlMs(r)), LAST_PAYLOAD, "REPLACE"],
  (r, n) => [
    "RESTORE",
    anyKey(r, n),
    r.pick(["0", "5", "-1", "x"]),
    LAST_PAYLOAD,
    ...r.pick([[], ["ABSTTL", "REPLACE"], ["IDLETIME", "9"], ["x"]]),
  ],
  (r, n) => ["RESTORE", anyKey(r, n), "0", "no payload", "REPLACE"],
  (r, n) => ["OBJECT", r.pick(["ENCODING", "IDLETIME", "REFCOUNT", "FREQ"]), anyKey(r, n)],
];
