// Random commands on streams.
import type { Random } from "../random.ts";
import { EPOCH_MS } from "../world.ts";
import { integer, streamKey as key, type Maker, member, value } from "./words.ts";

const group = (r: Random): string => `g${r.below(2)}`;
const consumer = (r: Random): string => `c${r.below(4)}`;
/** How far IDs have come: they grow slowly, so that several clients use the same ones. */
const top = (progress: number): number => 1 + (progress >> 3);

/** An ID that is probably in the stream. */
function id(r: Random, progress: number): string {
  const near = Math.max(1, top(progress) - r.below(8));
  if (r.chance(90)) return `${near}-${r.below(4)}`;
  return r.pick(["0", "0-1", "5", String(EPOCH_MS), "18446744073709551615-18446744073709551615"]);
}

/** An argument where an ID belongs, sometimes none. */
function anyId(r: Random, progress: number): string {
  return r.chance(96)
    ? id(r, progress)
    : r.pick(["x", "1-", "-1", "1-1-1", "18446744073709551616"]);
}

function newId(r: Random, progress: number): string {
  const kind = r.below(20);
  if (kind < 1) return "*";
  if (kind < 12) return `${top(progress)}-*`;
  return kind < 18 ? `${top(progress)}-${r.below(6)}` : anyId(r, progress);
}

/** Two streams take their IDs from the clock. */
function add(r: Random, n: number, progress: number, ...options: string[]): string[] {
  const fields = ["field", value(r), ...(r.chance(30) ? [member(r), value(r)] : [])];
  if (r.chance(25)) return ["XADD", `clock:${r.below(2)}`, ...options, "*", ...fields];
  return ["XADD", key(r, n), ...options, newId(r, progress), ...fields];
}

function trimming(r: Random, progress: number): string[] {
  const how = r.pick([[], ["="], ["~"], ["~"]]);
  const limit = r.chance(15) ? ["LIMIT", r.pick(["0", "1", "5", "100", "-1"])] : [];
  if (r.chance(50)) return ["MINID", ...how, anyId(r, progress), ...limit];
  return [
    "maxlen",
    ...how,
    r.chance(95) ? String(r.below(r.pick([4, 10, 40]))) : integer(r),
    ...limit,
  ];
}

const edge = (r: Random, progress: number): string =>
  r.chance(40) ? r.pick(["-", "+"]) : `${r.chance(20) ? "(" : ""}${anyId(r, progress)}`;
const count = (r: Random): string[] =>
  r.chance(50) ? [] : ["COUNT", r.chance(90) ? String(r.below(6)) : integer(r)];
const streamOrClock = (r: Random, n: number): string =>
  r.chance(80) ? key(r, n) : `clock:${r.below(2)}`;

function readGroup(r: Random, n: number, progress: number): string[] {
  const from = r.chance(75) ? ">" : anyId(r, progress);
  const noAck = r.chance(10) ? ["NOACK"] : [];
  const head = ["XREADGROUP", "GROUP", group(r), consumer(r), ...count(r), ...noAck, "STREAMS"];
  if (r.chance(80)) return [...head, streamOrClock(r, n), from];
  return [...head, streamOrClock(r, n), streamOrClock(r, n), from, r.chance(90) ? ">" : "$"];
}

function claim(r: Random, n: number, progress: number): string[] {
  const ids = Array.from({ length: r.between(1, 4) }, () => anyId(r, progress));
  const options = r.pick([
    [],
    [],
    ["JUSTID"],
    ["FORCE"],
    ["IDLE", String(r.below(500))],
    ["TIME", String(EPOCH_MS + r.between(-1000, 20_000))],
    ["RETRYCOUNT", String(r.below(5)), "FORCE"],
    ["LASTID", id(r, progress)],
    ["zz"],
  ]);
  return ["XCLAIM", key(r, n), group(r), consumer(r), String(r.below(60)), ...ids, ...options];
}

/** The stream begins anew now and then, so that its IDs stay few. */
function hotClaim(r: Random): string[] {
  const ids = Array.from({ length: 5 }, () => `1-${1 + r.below(10)}`);
  return ["XCLAIM", "hot", "g0", consumer(r), r.pick(["1", "1", "2", "5"]), ...ids, "JUSTID"];
}

export const streams: readonly Maker[] = [
  add,
  add,
  add,
  add,
  add,
  (r, n, p) => add(r, n, p, "NOMKSTREAM"),
  (r, n, p) => add(r, n, p, ...trimming(r, p)),
  (r, n, p) => add(r, n, p, ...trimming(r, p)),
  (r, n, p) => ["XTRIM", streamOrClock(r, n), ...trimming(r, p)],
  (r, n, p) => ["XDEL", key(r, n), anyId(r, p), anyId(r, p)],
  (r, n, p) => ["XDEL", key(r, n), id(r, p), id(r, p), id(r, p), id(r, p)],
  (r, n) => ["XLEN", streamOrClock(r, n)],
  (r, n, p) => ["XRANGE", streamOrClock(r, n), edge(r, p), edge(r, p), ...count(r)],
  (r, n, p) => ["XREVRANGE", streamOrClock(r, n), edge(r, p), edge(r, p), ...count(r)],
  (r, n) => ["XRANGE", key(r, n), "-", "+"],
  (r, n, p) => ["XREAD", ...count(r), "STREAMS", streamOrClock(r, n), anyId(r, p)],
  (r, n) => [
    "XREAD",
    ...count(r),
    "STREAMS",
    key(r, n),
    key(r, n),
    "0",
    r.pick(["0", "$", "+", ">"]),
  ],
  readGroup,
  readGroup,
  readGroup,
  (r, n, p) => [
    "XGROUP",
    "CREATE",
    key(r, n),
    group(r),
    r.chance(60) ? r.pick(["0", "$"]) : id(r, p),
  ],
  (r, n, p) => [
    "XGROUP",
    "CREATE",
    key(r, n),
    group(r),
    id(r, p),
    "ENTRIESREAD",
    String(r.between(-2, 9)),
  ],
  (r, n) => ["xgroup", "create", streamOrClock(r, n), group(r), "0", "MKSTREAM"],
  (r, n) => ["xgroup", "create", streamOrClock(r, n), group(r), "0", "MKSTREAM"],
  (r, n) => ["xgroup", "create", streamOrClock(r, n), group(r), "0", "MKSTREAM"],
  (r, n) => ["xgroup", "create", streamOrClock(r, n), group(r), "0", "MKSTREAM"],
  (r, n) => ["xgroup", "create", streamOrClock(r, n), group(r), "$", "mkstream"],
  (r, n, p) => ["XGROUP", "SETID", key(r, n), group(r), r.chance(30) ? "$" : anyId(r, p)],
  (r, n, p) => [
    "XGROUP",
    "SETID",
    key(r, n),
    group(r),
    id(r, p),
    "ENTRIESREAD",
    String(r.below(20)),
  ],
  (r, n) => (r.chance(20) ? ["XGROUP", "DESTROY", key(r, n), group(r)] : ["XLEN", key(r, n)]),
  (r, n) => ["XGROUP", "CREATECONSUMER", key(r, n), group(r), consumer(r)],
  (r, n) =>
    r.chance(30)
      ? ["XGROUP", "DELCONSUMER", key(r, n), group(r), consumer(r)]
      : ["XLEN", key(r, n)],
  (r, n, p) => ["XACK", key(r, n), group(r), anyId(r, p), id(r, p), id(r, p)],
  (r, n) => ["XPENDING", streamOrClock(r, n), group(r)],
  (r, n, p) => ["XPENDING", key(r, n), group(r), edge(r, p), edge(r, p), String(r.between(-1, 10))],
  (r, n) => [
    "XPENDING",
    key(r, n),
    group(r),
    "IDLE",
    String(r.below(100)),
    "-",
    "+",
    "10",
    consumer(r),
  ],
  claim,
  claim,
  // One stream whose entries are read and change hands all the time, at once or nearly so.
  (r) => ["XADD", "hot", "1-*", "field", value(r)],
  (r) => ["XADD", "hot", "1-*", "field", value(r)],
  (r) => (r.chance(50) ? ["DEL", "hot"] : ["XLEN", "hot"]),
  () => ["XGROUP", "CREATE", "hot", "g0", "0", "MKSTREAM"],
  () => ["XGROUP", "CREATE", "hot", "g0", "0", "MKSTREAM"],
  (r) => ["XREADGROUP", "GROUP", "g0", consumer(r), "COUNT", "3", "STREAMS", "hot", ">"],
  (r) => ["XREADGROUP", "GROUP", "g0", consumer(r), "COUNT", "3", "STREAMS", "hot", ">"],
  hotClaim,
  hotClaim,
  (r) => ["XACK", "hot", "g0", ...Array.from({ length: 4 }, () => `1-${1 + r.below(10)}`)],
  (r) => ["XACK", "hot", "g0", ...Array.from({ length: 4 }, () => `1-${1 + r.below(10)}`)],
  (r) => ["XTRIM", "hot", "MAXLEN", String(r.below(8))],
  (r) => ["XAUTOCLAIM", "hot", "g0", consumer(r), r.pick(["1", "5"]), "0", "COUNT", "2"],
  () => ["XPENDING", "hot", "g0", "-", "+", "5"],
  (r, n, p) => [
    "XAUTOCLAIM",
    key(r, n),
    group(r),
    consumer(r),
    String(r.below(60)),
    edge(r, p),
    ...count(r),
  ],
  (r, n) => [
    "XAUTOCLAIM",
    streamOrClock(r, n),
    group(r),
    consumer(r),
    "0",
    "0",
    ...count(r),
    "JUSTID",
  ],
  (r, n) => ["XINFO", "STREAM", streamOrClock(r, n)],
  (r, n) => ["XINFO", "STREAM", key(r, n), "FULL", ...count(r)],
  (r, n) => ["XINFO", "GROUPS", streamOrClock(r, n)],
  (r, n) => ["XINFO", "CONSUMERS", streamOrClock(r, n), group(r)],
  (r, n, p) => ["XSETID", key(r, n), id(r, p)],
  (r, n, p) => [
    "XSETID",
    key(r, n),
    id(r, p),
    "ENTRIESADDED",
    String(r.below(50)),
    "MAXDELETEDID",
    id(r, p),
  ],
];
