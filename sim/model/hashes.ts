// The model of the hash commands (without times to live of fields).
import { anyOrder, anyOrderOfPairs, contentOf, contentOrNew, dropIfEmpty } from "./collections.ts";
import type { ModelCommand } from "./model.ts";
import { bulk, integer, NOT_INTEGER, nil, OK, WRONG_TYPE } from "./replies.ts";
import { int64 } from "./strings.ts";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function hset(name: string, answersCount: boolean): ModelCommand {
  return (model, session, words) => {
    if (words.length % 2 !== 0) return `-ERR wrong number of arguments for '${name}' command\r\n`;
    const key = words[1];
    const hash = contentOrNew(model, session, key, { kind: "hash", fields: new Map() });
    if (hash === null) return WRONG_TYPE;
    const before = hash.fields.size;
    for (let i = 2; i < words.length; i += 2) hash.fields.set(words[i], words[i + 1]);
    model.changed(session, key, "h", "hset");
    return answersCount ? integer(hash.fields.size - before) : OK;
  };
}

const hsetnx: ModelCommand = (model, session, [, key, field, value]) => {
  const hash = contentOrNew(model, session, key, { kind: "hash", fields: new Map() });
  if (hash === null) return WRONG_TYPE;
  if (hash.fields.has(field)) return integer(0);
  hash.fields.set(field, value);
  model.changed(session, key, "h", "hset");
  return integer(1);
};

const hget: ModelCommand = (model, session, [, key, field]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  const value = hash?.fields.get(field);
  return value === undefined ? nil(session) : bulk(value);
};

const hmget: ModelCommand = (model, session, [, key, ...fields]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  const values = fields.map((field) => hash?.fields.get(field));
  return `*${fields.length}\r\n${values
    .map((value) => (value === undefined ? nil(session) : bulk(value)))
    .join("")}`;
};

const hdel: ModelCommand = (model, session, [, key, ...fields]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === undefined) return integer(0);
  if (hash === null) return WRONG_TYPE;
  const removed = fields.filter((field) => hash.fields.delete(field)).length;
  if (removed > 0) dropIfEmpty(model, session, key, hash.fields.size, "h", "hdel");
  return integer(removed);
};

const hlen: ModelCommand = (model, session, [, key]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : integer(hash?.fields.size ?? 0);
};

const hexists: ModelCommand = (model, session, [, key, field]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : integer(hash?.fields.has(field) ? 1 : 0);
};

const hstrlen: ModelCommand = (model, session, [, key, field]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : integer(hash?.fields.get(field)?.length ?? 0);
};

const hgetall: ModelCommand = (model, session, [, key]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : anyOrderOfPairs([...(hash?.fields ?? [])]);
};

const hkeys: ModelCommand = (model, session, [, key]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : anyOrder([...(hash?.fields.keys() ?? [])]);
};

const hvals: ModelCommand = (model, session, [, key]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : anyOrder([...(hash?.fields.values() ?? [])]);
};

const hincrby: ModelCommand = (model, session, [, key, field, byText]) => {
  const by = int64(byText);
  if (by === null) return NOT_INTEGER;
  const hash = contentOrNew(model, session, key, { kind: "hash", fields: new Map() });
  if (hash === null) return WRONG_TYPE;
  const value = int64(hash.fields.get(field) ?? "0");
  if (value === null) return "-ERR hash value is not an integer\r\n";
  const sum = value + by;
  if (sum > INT64_MAX || sum < INT64_MIN) {
    return "-ERR increment or decrement would overflow\r\n";
  }
  hash.fields.set(field, String(sum));
  model.changed(session, key, "h", "hincrby");
  return integer(sum);
};

export const hashModel: readonly (readonly [string, number, ModelCommand])[] = [
  ["hset", -4, hset("hset", true)],
  ["hmset", -4, hset("hmset", false)],
  ["hsetnx", 4, hsetnx],
  ["hget", 3, hget],
  ["hmget", -3, hmget],
  ["hdel", -3, hdel],
  ["hlen", 2, hlen],
  ["hexists", 3, hexists],
  ["hstrlen", 3, hstrlen],
  ["hgetall", 2, hgetall],
  ["hkeys", 2, hkeys],
  ["hvals", 2, hvals],
  ["hincrby", 4, hincrby],
];
