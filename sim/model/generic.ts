// The model of keys whatever they hold: existence, names, times to live.
import type { Model, ModelCommand, ModelFamily, ModelKey } from "./model.ts";
import { integer, NO_KEY, NOT_INTEGER, OK, SYNTAX_ERROR } from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

const INT64_MAX = 2n ** 63n - 1n;

const count =
  (each: (model: Model, session: Session, key: string) => boolean): ModelCommand =>
  (model, session, [, ...keys]) =>
    integer(keys.filter((key) => each(model, session, key)).length);

const del = count((model, session, key) => {
  const had = model.delete(session, key);
  if (had) model.notify(session.db, "g", "del", key);
  return had;
});
const exists = count((model, session, key) => model.get(session, key) !== undefined);

const type: ModelCommand = (model, session, [, key]) =>
  `+${model.get(session, key)?.content.kind ?? "none"}\r\n`;

/** EXPIRE and its relatives: unit in ms, and whether the time counts from now. */
function expire(name: string, unitMs: bigint, relative: boolean): ModelCommand {
  return (model, session, words) => {
    const [, key, time] = words;
    const options = words.slice(3).map((word) => word.toLowerCase());
    const value = int64(time);
    const unknown = options.findIndex((option) => !["nx", "xx", "gt", "lt"].includes(option));
    if (unknown !== -1) return `-ERR Unsupported option ${words[3 + unknown]}\r\n`;
    const has = (option: string): boolean => options.includes(option);
    if (has("nx") && (has("xx") || has("gt") || has("lt"))) {
      return "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n";
    }
    if (has("gt") && has("lt")) {
      return "-ERR GT and LT options at the same time are not compatible\r\n";
    }
    if (value === null) return NOT_INTEGER;
    let at = value * unitMs;
    const invalid = `-ERR invalid expire time in '${name}' command\r\n`;
    if (at > INT64_MAX || at < -INT64_MAX) return invalid;
    if (relative) at += BigInt(model.nowMs);
    if (at > INT64_MAX) return invalid;
    const found = model.get(session, key);
    if (found === undefined) return integer(0);
    if (!allowed(found, Number(at), has)) return integer(0);
    if (at <= BigInt(model.nowMs)) {
      model.delete(session, key);
      model.notify(session.db, "g", "del", key);
    } else {
      found.expireAtMs = Number(at);
      model.changed(session, key, "g", "expire");
    }
    return integer(1);
  };
}

function allowed(found: ModelKey, at: number, has: (option: string) => boolean): boolean {
  const current = found.expireAtMs;
  if (has("nx") && current >= 0) return false;
  if (has("xx") && current < 0) return false;
  if (has("gt") && (current < 0 || at <= current)) return false;
  return !(has("lt") && current >= 0 && at >= current);
}

/** TTL and its relatives. */
function ttl(read: (atMs: number, nowMs: number) => number): ModelCommand {
  return (model, session, [, key]) => {
    const found = model.get(session, key);
    if (found === undefined) return integer(-2);
    return integer(found.expireAtMs < 0 ? -1 : read(found.expireAtMs, model.nowMs));
  };
}

const persist: ModelCommand = (model, session, [, key]) => {
  const found = model.get(session, key);
  if (found === undefined || found.expireAtMs < 0) return integer(0);
  found.expireAtMs = -1;
  model.changed(session, key, "g", "persist");
  return integer(1);
};

function moveKey(model: Model, session: Session, from: string, to: string, found: ModelKey): void {
  const { db } = session;
  if (model.get(session, to) !== undefined) model.removeKey(db, to);
  model.addSilently(session, to, found.content, found.expireAtMs);
  model.blocking.signal(db, to);
  model.removeKey(db, from);
  // Whoever caches both hears of the old name first.
  model.touch(db, from);
  model.touch(db, to);
  model.notify(db, "g", "rename_from", from);
  model.notify(db, "g", "rename_to", to);
}

const rename: ModelCommand = (model, session, [, from, to]) => {
  const found = model.get(session, from);
  if (found === undefined) return NO_KEY;
  if (from === to) return OK;
  moveKey(model, session, from, to, found);
  return OK;
};

const renamenx: ModelCommand = (model, session, [, from, to]) => {
  const found = model.get(session, from);
  if (found === undefined) return NO_KEY;
  if (from === to || model.get(session, to) !== undefined) return integer(0);
  moveKey(model, session, from, to, found);
  return integer(1);
};

const move: ModelCommand = (model, session, [, key, index]) => {
  const value = int64(index);
  if (value === null) return NOT_INTEGER;
  if (value < 0n || value >= BigInt(model.databases.length)) {
    return "-ERR DB index is out of range\r\n";
  }
  const target = Number(value);
  if (target === session.db) return "-ERR source and destination objects are the same\r\n";
  const found = model.get(session, key);
  if (found === undefined || model.getIn(target, key) !== undefined) return integer(0);
  model.setIn(target, key, found.content, found.expireAtMs);
  model.delete(session, key);
  model.notify(session.db, "g", "move_from", key);
  model.notify(target, "g", "move_to", key);
  return integer(1);
};

/** COPY source destination [DB destination-db] [REPLACE] */
const copy: ModelCommand = (model, session, words) => {
  const [, from, to] = words;
  let replace = false;
  let target = session.db;
  for (let i = 3; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "replace") replace = true;
    else if (option === "db" && i + 1 < words.length) {
      const index = int64(words[++i]);
      if (index === null) return NOT_INTEGER;
      if (index < 0n || index >= BigInt(model.databases.length)) {
        return "-ERR DB index is out of range\r\n";
      }
      target = Number(index);
    } else return SYNTAX_ERROR;
  }
  if (from === to && target === session.db) {
    return "-ERR source and destination objects are the same\r\n";
  }
  const found = model.get(session, from);
  if (found === undefined) return integer(0);
  const before = model.getIn(target, to);
  if (before !== undefined && !replace) return integer(0);
  if (before !== undefined) model.removeKey(target, to);
  model.setIn(target, to, model.duplicate(found.content), found.expireAtMs);
  model.notify(target, "g", "copy_to", to);
  return integer(1);
};

/** SWAPDB index index */
const swapdb: ModelCommand = (model, _session, [, first, second]) => {
  const a = int64(first);
  if (a === null) return "-ERR invalid first DB index\r\n";
  const b = int64(second);
  if (b === null) return "-ERR invalid second DB index\r\n";
  const size = BigInt(model.databases.length);
  if (a < 0n || b < 0n || a >= size || b >= size) return "-ERR DB index is out of range\r\n";
  model.swap(Number(a), Number(b));
  return OK;
};

/** Keys of the database that are alive. */
function liveKeys(model: Model, session: Session): string[] {
  const { db } = session;
  return [...model.databases[db].keys()].filter((key) => model.peek(db, key) !== undefined);
}

const randomkey: ModelCommand = (model, session) => {
  const keys = new Set(liveKeys(model, session));
  if (keys.size === 0) return (reply) => (reply.kind === "null" ? null : "not null");
  return (reply) => (keys.has(reply.text) ? null : "a key that is not there");
};

/** KEYS with a literal prefix and a star, which is what the workloads ask for. */
const keys: ModelCommand = (model, session, [, pattern]) => {
  const prefix = pattern.slice(0, -1);
  const expected = liveKeys(model, session)
    .filter((key) => key.startsWith(prefix))
    .sort();
  return (reply) => {
    const given = reply.items.map((item) => item.text).sort();
    return JSON.stringify(given) === JSON.stringify(expected) ? null : `expected ${expected}`;
  };
};

/** Keys whose time is over are counted as long as the node has not removed them. */
const dbsize: ModelCommand = (model, session) => integer(model.databases[session.db].size);

function flush(all: boolean): ModelCommand {
  return (model, session, words) => {
    if (words.length > 2 || (words.length === 2 && !/^(a?sync)$/i.test(words[1]))) {
      return SYNTAX_ERROR;
    }
    for (let db = 0; db < model.databases.length; db++) {
      if (!all && db !== session.db) continue;
      model.blocking.signalAll(db);
      model.transactions.touchReplaced(db, model.databases[db], null);
      model.databases[db] = new Map();
      model.scans.clear(db);
    }
    model.tracking.flushed();
    if (words[1]?.toLowerCase() === "async" || model.insideTransaction) return OK;
    // Freeing a large database takes a while; a client that wants to know when it is done waits.
    const memoryWait = model.takeFreeing();
    return memoryWait === 0 ? OK : model.blocking.waitForMemory(session, words, memoryWait);
  };
}

const expireTime = (read: (atMs: number) => number): ModelCommand => ttl((at) => read(at));

export const genericModel: ModelFamily = [
  ["del", -2, del],
  ["unlink", -2, del],
  ["exists", -2, exists],
  ["touch", -2, exists],
  ["type", 2, type],
  ["expire", -3, expire("expire", 1000n, true)],
  ["pexpire", -3, expire("pexpire", 1n, true)],
  ["expireat", -3, expire("expireat", 1000n, false)],
  ["pexpireat", -3, expire("pexpireat", 1n, false)],
  ["ttl", 2, ttl((at, now) => Math.floor((at - now + 500) / 1000))],
  ["pttl", 2, ttl((at, now) => at - now)],
  ["expiretime", 2, expireTime((at) => Math.floor((at + 500) / 1000))],
  ["pexpiretime", 2, expireTime((at) => at)],
  ["persist", 2, persist],
  ["rename", 3, rename],
  ["renamenx", 3, renamenx],
  ["move", 3, move],
  ["copy", -3, copy],
  ["swapdb", 3, swapdb],
  ["randomkey", 1, randomkey],
  ["keys", 2, keys],
  ["dbsize", 1, dbsize],
  ["flushdb", -1, flush(false)],
  ["flushall", -1, flush(true)],
];
