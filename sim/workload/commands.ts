// Random commands, by family. A workload draws families and commands by weight from the run's seed.
import type { Random } from "../random.ts";
import { EPOCH_MS } from "../world.ts";
import { bits } from "./bits.ts";
import { blocking } from "./blocking.ts";
import { dumping, logs, scanning, sorting } from "./extras.ts";
import { geo } from "./geo.ts";
import { listening, publishing } from "./pubsub.ts";
import { scripts } from "./scripts.ts";
import { sortedSets } from "./sorted-sets.ts";
import { streams } from "./streams.ts";
import { tracking } from "./tracking.ts";
import {
  anyKey,
  hashKey,
  integer,
  key,
  listKey,
  type Maker,
  member,
  quarter,
  setKey,
  timeInteger,
  ttlMs,
  value,
} from "./words.ts";

export interface Family {
  readonly makers: readonly Maker[];
  readonly weightMax: number;
}

const seconds = (random: Random): string => String(Math.ceil(ttlMs(random) / 1000));
const millis = (random: Random): string => String(ttlMs(random));
/** An absolute time around the run's start. */
const atMs = (random: Random): string => String(EPOCH_MS + random.between(-5000, 60_000));

const strings: readonly Maker[] = [
  (r, n) => ["GET", key(r, n)],
  (r, n) => ["GET", key(r, n)],
  (r, n) => ["SET", key(r, n), value(r)],
  (r, n) => ["SET", key(r, n), value(r)],
  (r, n) => ["set", key(r, n), value(r), r.pick(["NX", "xx", "GET", "KEEPTTL", "bogus"])],
  (r, n) => ["SET", key(r, n), value(r), "EX", seconds(r)],
  (r, n) => ["SET", key(r, n), value(r), "PX", millis(r), r.pick(["NX", "XX", "GET"])],
  (r, n) => ["SET", key(r, n), value(r), "PXAT", atMs(r)],
  (r, n) => ["SET", key(r, n), value(r), "px", timeInteger(r)],
  (r, n) => ["SETNX", key(r, n), value(r)],
  (r, n) => ["SETEX", key(r, n), r.chance(90) ? seconds(r) : timeInteger(r), value(r)],
  (r, n) => ["PSETEX", key(r, n), millis(r), value(r)],
  (r, n) => ["GETSET", key(r, n), value(r)],
  (r, n) => ["GETDEL", key(r, n)],
  (r, n) => ["GETEX", key(r, n)],
  (r, n) => ["GETEX", key(r, n), "PERSIST"],
  (r, n) => ["GETEX", key(r, n), r.pick(["PX", "EX"]), millis(r)],
  (r, n) => ["GETEX", key(r, n), "PXAT", atMs(r)],
  (r, n) => ["MGET", key(r, n), key(r, n), key(r, n)],
  (r, n) => ["MSET", key(r, n), value(r), key(r, n), value(r)],
  (r, n) => ["MSETNX", key(r, n), value(r), key(r, n), value(r)],
  (r, n) => ["MSET", key(r, n), value(r), key(r, n)],
  (r, n) => ["STRLEN", key(r, n)],
  (r, n) => ["APPEND", key(r, n), value(r)],
  (r, n) => ["SETRANGE", key(r, n), integer(r), value(r)],
  (r, n) => ["GETRANGE", key(r, n), integer(r), integer(r)],
  (r, n) => ["SUBSTR", key(r, n), integer(r), integer(r)],
  (r, n) => ["INCR", key(r, n)],
  (r, n) => ["DECR", key(r, n)],
  (r, n) => ["INCRBY", key(r, n), integer(r)],
  (r, n) => ["DECRBY", key(r, n), integer(r)],
  (r) => ["INCRBY", `counter:${r.below(2)}`, r.pick(["1500000000", "-3000000000", "9", "7"])],
  (r) => ["GET", `counter:${r.below(2)}`],
  (r, n) => ["INCRBYFLOAT", `float:${r.below(n)}`, quarter(r)],
];

const generic: readonly Maker[] = [
  (r, n) => ["DEL", key(r, n)],
  (r, n) => ["DEL", key(r, n), key(r, n)],
  (r, n) => ["UNLINK", key(r, n)],
  (r, n) => ["EXISTS", key(r, n), key(r, n)],
  (r, n) => ["TOUCH", key(r, n), key(r, n)],
  (r, n) => ["TYPE", key(r, n)],
  (r, n) => ["EXPIRE", key(r, n), r.chance(80) ? seconds(r) : timeInteger(r)],
  (r, n) => ["PEXPIRE", key(r, n), millis(r)],
  (r, n) => ["PEXPIRE", key(r, n), millis(r), r.pick(["NX", "XX", "GT", "LT", "zz"])],
  (r, n) => ["PEXPIREAT", key(r, n), atMs(r)],
  (r, n) => ["EXPIREAT", key(r, n), String(Math.floor(EPOCH_MS / 1000) + r.between(-5, 60))],
  (r, n) => ["TTL", key(r, n)],
  (r, n) => ["PTTL", key(r, n)],
  (r, n) => ["EXPIRETIME", key(r, n)],
  (r, n) => ["PEXPIRETIME", key(r, n)],
  (r, n) => ["PERSIST", key(r, n)],
  (r, n) => ["RENAME", key(r, n), key(r, n)],
  (r, n) => ["RENAMENX", key(r, n), key(r, n)],
  (r, n) => ["MOVE", key(r, n), r.pick(["0", "1", "2", "99"])],
  (r, n) => ["COPY", key(r, n), key(r, n)],
  (r, n) => ["COPY", key(r, n), key(r, n), "REPLACE"],
  (r, n) => [
    "COPY",
    anyKey(r, n),
    anyKey(r, n),
    "DB",
    r.pick(["0", "1", "2", "x", "99"]),
    "REPLACE",
  ],
  (r, n) => ["RENAME", anyKey(r, n), anyKey(r, n)],
  (r, n) => ["MOVE", anyKey(r, n), r.pick(["0", "1", "2"])],
  (r, n) => [r.pick(["DEL", "UNLINK", "PERSIST", "TTL", "TYPE"]), anyKey(r, n)],
  (r, n) => ["PEXPIRE", anyKey(r, n), millis(r)],
  () => ["RANDOMKEY"],
  (r) => ["KEYS", `key:${r.below(10)}*`],
  () => ["DBSIZE"],
];

const sessions: readonly Maker[] = [
  () => ["PING"],
  (r) => ["PING", value(r)],
  (r) => ["ECHO", value(r)],
  (r) => ["SELECT", r.pick(["0", "1", "2", "16", "x"])],
  (r) => ["HELLO", r.pick(["2", "3", "4"])],
  () => ["RESET"],
  (r) => (r.chance(20) ? ["QUIT"] : ["PING"]),
  (r) => [`nosuch${r.below(5)}`, value(r).replace(/[^a-z]/g, "")],
  () => ["GET"],
];

const transactions: readonly Maker[] = [
  () => ["MULTI"],
  () => ["MULTI"],
  () => ["EXEC"],
  () => ["EXEC"],
  () => ["EXEC"],
  () => ["DISCARD"],
  (r, n) => ["WATCH", key(r, n)],
  (r, n) => ["WATCH", key(r, n), key(r, n)],
  () => ["UNWATCH"],
];

const flushes: readonly Maker[] = [
  () => ["FLUSHDB"],
  () => ["FLUSHALL"],
  () => ["FLUSHALL", "ASYNC"],
  (r) => ["SWAPDB", r.pick(["0", "1", "x"]), r.pick(["0", "1", "2", "99"])],
];

const lists: readonly Maker[] = [
  (r, n) => ["LPUSH", listKey(r, n), value(r)],
  (r, n) => ["RPUSH", listKey(r, n), value(r), member(r), member(r)],
  (r, n) => [r.pick(["LPUSHX", "RPUSHX"]), listKey(r, n), value(r)],
  (r, n) => [r.pick(["LPOP", "RPOP"]), listKey(r, n)],
  (r, n) => [r.pick(["LPOP", "RPOP"]), listKey(r, n), r.pick(["0", "1", "2", "5", "-1", "x"])],
  (r, n) => ["LLEN", listKey(r, n)],
  (r, n) => ["LRANGE", listKey(r, n), integer(r), integer(r)],
  (r, n) => ["LRANGE", listKey(r, n), "0", "-1"],
  (r, n) => ["LTRIM", listKey(r, n), String(r.between(-10, 3)), String(r.between(-5, 100))],
  (r, n) => ["LINDEX", listKey(r, n), integer(r)],
  (r, n) => ["LSET", listKey(r, n), integer(r), value(r)],
  (r, n) => ["LINSERT", listKey(r, n), r.pick(["BEFORE", "after", "x"]), member(r), value(r)],
  (r, n) => ["LREM", listKey(r, n), String(r.between(-2, 2)), member(r)],
  (r, n) => [
    "LMOVE",
    listKey(r, n),
    listKey(r, n),
    r.pick(["LEFT", "RIGHT"]),
    r.pick(["left", "right"]),
  ],
  (r, n) => ["RPOPLPUSH", listKey(r, n), listKey(r, n)],
  (r, n) => ["LPOS", listKey(r, n), member(r)],
  (r, n) => [
    "LPOS",
    listKey(r, n),
    member(r),
    "RANK",
    String(r.between(-3, 3)),
    "COUNT",
    String(r.between(-1, 3)),
  ],
  (r, n) => ["LPOS", listKey(r, n), member(r), "MAXLEN", String(r.between(-1, 6)), "COUNT", "0"],
  (r, n) => [
    "LMPOP",
    "2",
    listKey(r, n),
    listKey(r, n),
    r.pick(["LEFT", "RIGHT"]),
    "COUNT",
    String(r.below(4)),
  ],
  (r, n) => ["LMPOP", r.pick(["1", "0", "3"]), listKey(r, n), "left"],
];

const sets: readonly Maker[] = [
  (r, n) => ["SADD", setKey(r, n), member(r)],
  (r, n) => ["SADD", setKey(r, n), member(r), member(r), member(r), member(r)],
  (r, n) => ["SREM", setKey(r, n), member(r), member(r)],
  (r, n) => ["SCARD", setKey(r, n)],
  (r, n) => ["SISMEMBER", setKey(r, n), member(r)],
  (r, n) => ["SMISMEMBER", setKey(r, n), member(r), member(r)],
  (r, n) => ["SMEMBERS", setKey(r, n)],
  (r, n) => ["SRANDMEMBER", setKey(r, n)],
  (r, n) => ["SRANDMEMBER", setKey(r, n), String(r.between(-5, 8))],
  (r, n) => ["SPOP", setKey(r, n)],
  (r, n) => ["SPOP", setKey(r, n), String(r.between(-1, 4))],
  (r, n) => [
    "SINTERCARD",
    r.pick(["1", "2", "0", "9"]),
    setKey(r, n),
    setKey(r, n),
    "LIMIT",
    String(r.between(-1, 3)),
  ],
  (r, n) => ["SINTERCARD", "2", setKey(r, n), setKey(r, n)],
  (r, n) => ["SMOVE", setKey(r, n), setKey(r, n), member(r)],
  (r, n) => [r.pick(["SINTER", "SUNION", "SDIFF"]), setKey(r, n), setKey(r, n), setKey(r, n)],
  (r, n) => [
    r.pick(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]),
    setKey(r, n),
    setKey(r, n),
    setKey(r, n),
  ],
];

/** HEXPIRE and its relatives. */
const fieldExpiry: Maker = (r, n) => {
  const [name, time] = r.pick([
    ["HPEXPIRE", millis(r)],
    ["HPEXPIRE", millis(r)],
    ["HEXPIRE", r.chance(90) ? seconds(r) : timeInteger(r)],
    ["HPEXPIREAT", atMs(r)],
    ["HEXPIREAT", String(Math.floor(EPOCH_MS / 1000) + r.between(-5, 60))],
  ]);
  const condition = r.chance(60) ? [] : [r.pick(["NX", "XX", "GT", "lt", "zz"])];
  const fields = Array.from({ length: r.between(1, 3) }, () => member(r));
  const count = r.chance(95) ? String(fields.length) : "7";
  return [name, hashKey(r, n), time, ...condition, "FIELDS", count, ...fields];
};

const hashes: readonly Maker[] = [
  (r, n) => ["HSET", hashKey(r, n), member(r), value(r)],
  (r, n) => ["HSET", hashKey(r, n), member(r), value(r), member(r), value(r)],
  (r, n) => ["HSET", hashKey(r, n), member(r), value(r), member(r)],
  (r, n) => ["HMSET", hashKey(r, n), member(r), value(r)],
  (r, n) => ["HSETNX", hashKey(r, n), member(r), value(r)],
  (r, n) => ["HGET", hashKey(r, n), member(r)],
  (r, n) => ["HMGET", hashKey(r, n), member(r), member(r)],
  (r, n) => ["HDEL", hashKey(r, n), member(r), member(r)],
  (r, n) => ["HLEN", hashKey(r, n)],
  (r, n) => ["HEXISTS", hashKey(r, n), member(r)],
  (r, n) => ["HSTRLEN", hashKey(r, n), member(r)],
  (r, n) => [r.pick(["HGETALL", "HKEYS", "HVALS"]), hashKey(r, n)],
  (r, n) => ["HINCRBY", hashKey(r, n), `count${r.below(3)}`, integer(r)],
  (r, n) => ["HINCRBY", hashKey(r, n), member(r), String(r.below(9))],
  (r, n) => ["HINCRBYFLOAT", hashKey(r, n), `float${r.below(3)}`, quarter(r)],
  (r, n) => ["HRANDFIELD", hashKey(r, n), ...(r.chance(30) ? [] : [String(r.between(-4, 6))])],
  (r, n) => ["HRANDFIELD", hashKey(r, n), String(r.between(-4, 6)), "WITHVALUES"],
  fieldExpiry,
  fieldExpiry,
  fieldExpiry,
  // One hash whose few fields get times to live and lose them all the time.
  (r) => ["HPEXPIRE", "hot:hash", millis(r), "FIELDS", "2", `f${r.below(3)}`, `f${r.below(3)}`],
  (r) => ["HSET", "hot:hash", `f${r.below(3)}`, value(r)],
  () => ["HPTTL", "hot:hash", "FIELDS", "3", "f0", "f1", "f2"],
  (r) => [r.pick(["HGET", "HDEL", "HEXISTS"]), "hot:hash", `f${r.below(3)}`],
  (r) => ["HINCRBY", "hot:hash", `f${r.below(3)}`, "1"],
  (r, n) => [
    r.pick(["HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME", "HPERSIST"]),
    hashKey(r, n),
    "FIELDS",
    r.pick(["2", "2", "2", "1", "0"]),
    member(r),
    member(r),
  ],
];

/** Of clients that listen to channels, this family comes in addition. */
export const listeningFamily: Family = { makers: listening, weightMax: 60 };
export const trackingFamily: Family = { makers: tracking, weightMax: 60 };

/** Families with the share that a run gives them: drawn anew for every seed. */
export const families: Readonly<Record<string, Family>> = {
  strings: { makers: strings, weightMax: 100 },
  generic: { makers: generic, weightMax: 60 },
  lists: { makers: lists, weightMax: 60 },
  sets: { makers: sets, weightMax: 60 },
  hashes: { makers: hashes, weightMax: 60 },
  bits: { makers: bits, weightMax: 30 },
  geo: { makers: geo, weightMax: 30 },
  logs: { makers: logs, weightMax: 20 },
  sorting: { makers: sorting, weightMax: 30 },
  scanning: { makers: scanning, weightMax: 30 },
  dumping: { makers: dumping, weightMax: 25 },
  sortedSets: { makers: sortedSets, weightMax: 60 },
  streams: { makers: streams, weightMax: 60 },
  blocking: { makers: blocking, weightMax: 40 },
  sessions: { makers: sessions, weightMax: 15 },
  transactions: { makers: transactions, weightMax: 30 },
  flushes: { makers: flushes, weightMax: 2 },
  publishing: { makers: publishing, weightMax: 20 },
};

/** Only while no memory limit is set. */
export const scriptFamily: Family = { makers: scripts, weightMax: 30 };
