// Random commands, by family. A workload draws families and commands by weight from the run's seed.
import type { Random } from "../random.ts";
import { EPOCH_MS } from "../world.ts";
import { scripts } from "./scripts.ts";
import { integer, key, quarter, timeInteger, ttlMs, value } from "./words.ts";

/** Makes one command. */
export type Maker = (random: Random, keyCount: number) => string[];

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
  () => ["RANDOMKEY"],
  (r) => ["KEYS", `key:${r.below(10)}*`],
  () => ["SCAN", "0", "COUNT", "100000"],
  () => ["DBSIZE"],
  (r, n) => ["OBJECT", "ENCODING", key(r, n)],
];

const sessions: readonly Maker[] = [
  () => ["PING"],
  (r) => ["PING", value(r)],
  (r) => ["ECHO", value(r)],
  (r) => ["SELECT", r.pick(["0", "1", "2", "16", "x"])],
  (r) => ["HELLO", r.pick(["2", "3", "4"])],
  () => ["RESET"],
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
];

/** Elements of collections: few, so that they meet. */
const member = (r: Random): string => (r.chance(60) ? String(r.below(30)) : value(r));
const score = (r: Random): string => (r.chance(95) ? String(r.between(-50, 50)) : "abc");

const lists: readonly Maker[] = [
  (r, n) => ["LPUSH", key(r, n), value(r)],
  (r, n) => ["RPUSH", key(r, n), value(r), member(r), member(r)],
  (r, n) => [r.pick(["LPUSHX", "RPUSHX"]), key(r, n), value(r)],
  (r, n) => [r.pick(["LPOP", "RPOP"]), key(r, n)],
  (r, n) => [r.pick(["LPOP", "RPOP"]), key(r, n), r.pick(["0", "1", "2", "5", "-1", "x"])],
  (r, n) => ["LLEN", key(r, n)],
  (r, n) => ["LRANGE", key(r, n), integer(r), integer(r)],
  (r, n) => ["LRANGE", key(r, n), "0", "-1"],
  (r, n) => ["LTRIM", key(r, n), String(r.between(-10, 3)), String(r.between(-5, 100))],
  (r, n) => ["LINDEX", key(r, n), integer(r)],
  (r, n) => ["LSET", key(r, n), integer(r), value(r)],
  (r, n) => ["LINSERT", key(r, n), r.pick(["BEFORE", "after", "x"]), member(r), value(r)],
  (r, n) => ["LREM", key(r, n), String(r.between(-2, 2)), member(r)],
  (r, n) => ["LMOVE", key(r, n), key(r, n), r.pick(["LEFT", "RIGHT"]), r.pick(["left", "right"])],
  (r, n) => ["RPOPLPUSH", key(r, n), key(r, n)],
  (r, n) => ["LPOS", key(r, n), member(r)],
];

const sets: readonly Maker[] = [
  (r, n) => ["SADD", key(r, n), member(r)],
  (r, n) => ["SADD", key(r, n), member(r), member(r), member(r), member(r)],
  (r, n) => ["SREM", key(r, n), member(r), member(r)],
  (r, n) => ["SCARD", key(r, n)],
  (r, n) => ["SISMEMBER", key(r, n), member(r)],
  (r, n) => ["SMISMEMBER", key(r, n), member(r), member(r)],
  (r, n) => ["SMEMBERS", key(r, n)],
  (r, n) => ["SRANDMEMBER", key(r, n)],
  (r, n) => ["SMOVE", key(r, n), key(r, n), member(r)],
  (r, n) => [r.pick(["SINTER", "SUNION", "SDIFF"]), key(r, n), key(r, n), key(r, n)],
  (r, n) => [r.pick(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]), key(r, n), key(r, n), key(r, n)],
];

const hashes: readonly Maker[] = [
  (r, n) => ["HSET", key(r, n), member(r), value(r)],
  (r, n) => ["HSET", key(r, n), member(r), value(r), member(r), value(r)],
  (r, n) => ["HSET", key(r, n), member(r), value(r), member(r)],
  (r, n) => ["HMSET", key(r, n), member(r), value(r)],
  (r, n) => ["HSETNX", key(r, n), member(r), value(r)],
  (r, n) => ["HGET", key(r, n), member(r)],
  (r, n) => ["HMGET", key(r, n), member(r), member(r)],
  (r, n) => ["HDEL", key(r, n), member(r), member(r)],
  (r, n) => ["HLEN", key(r, n)],
  (r, n) => ["HEXISTS", key(r, n), member(r)],
  (r, n) => ["HSTRLEN", key(r, n), member(r)],
  (r, n) => [r.pick(["HGETALL", "HKEYS", "HVALS"]), key(r, n)],
  (r, n) => ["HINCRBY", key(r, n), `count${r.below(3)}`, integer(r)],
];

const sortedSets: readonly Maker[] = [
  (r, n) => ["ZADD", key(r, n), score(r), member(r)],
  (r, n) => ["ZADD", key(r, n), score(r), member(r), score(r), member(r), score(r), member(r)],
  (r, n) => ["ZINCRBY", key(r, n), score(r), member(r)],
  (r, n) => ["ZREM", key(r, n), member(r), member(r)],
  (r, n) => ["ZCARD", key(r, n)],
  (r, n) => ["ZSCORE", key(r, n), member(r)],
  (r, n) => [r.pick(["ZRANK", "ZREVRANK"]), key(r, n), member(r)],
  (r, n) => [r.pick(["ZRANGE", "ZREVRANGE"]), key(r, n), integer(r), integer(r)],
  (r, n) => ["ZRANGE", key(r, n), "0", "-1"],
  (r, n) => ["ZCOUNT", key(r, n), score(r), score(r)],
  (r, n) => [r.pick(["ZPOPMIN", "ZPOPMAX"]), key(r, n)],
];

/** Families with the share that a run gives them: drawn anew for every seed. */
export const families: Readonly<Record<string, { makers: readonly Maker[]; weightMax: number }>> = {
  strings: { makers: strings, weightMax: 100 },
  generic: { makers: generic, weightMax: 60 },
  lists: { makers: lists, weightMax: 60 },
  sets: { makers: sets, weightMax: 60 },
  hashes: { makers: hashes, weightMax: 60 },
  sortedSets: { makers: sortedSets, weightMax: 60 },
  sessions: { makers: sessions, weightMax: 15 },
  transactions: { makers: transactions, weightMax: 30 },
  flushes: { makers: flushes, weightMax: 2 },
  scripts: { makers: scripts, weightMax: 30 },
};
