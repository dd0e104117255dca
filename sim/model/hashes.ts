// The model of the hash commands. A field whose time is over stays until somebody asks for it or the
// node's background work comes upon it; until then it counts in HLEN, but nobody sees its value.
import { anyOrder, type ContentOf, contentOf, contentOrNew, dropIfEmpty } from "./collections.ts";
import type { Judge, Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import { judgeRandom, pairsOf } from "./random-members.ts";
import {
  array,
  bulk,
  error,
  integer,
  NOT_FLOAT,
  NOT_INTEGER,
  nil,
  OK,
  SYNTAX_ERROR,
  WRONG_TYPE,
  wrongArity,
} from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

export type ModelHash = ContentOf<"hash">;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function fresh(): ModelHash {
  return { kind: "hash", fields: new Map(), expiries: new Map() };
}

// -- fields and their time --------------------------------------------------------------------------

export function isOver(model: Model, hash: ModelHash, field: string): boolean {
  const at = hash.expiries.get(field);
  return at !== undefined && at < model.nowMs;
}

export function removeField(hash: ModelHash, field: string): boolean {
  hash.expiries.delete(field);
  return hash.fields.delete(field);
}

/** Fields were removed because their time is over; `quiet`: nobody is told. */
function fieldsAreGone(
  model: Model,
  session: Session,
  key: string,
  hash: ModelHash,
  quiet: boolean,
): void {
  if (!quiet) model.fieldsExpired(session.db, key);
  if (hash.fields.size === 0) model.removeKey(session.db, key);
  if (hash.fields.size === 0 && !quiet) model.notify(session.db, "g", "del", key);
  model.touch(session.db, key);
}

/** The value that a client may see; looking removes a field whose time is over. */
function look(
  model: Model,
  session: Session,
  key: string,
  hash: ModelHash,
  field: string,
  quiet = false,
): string | undefined {
  if (!isOver(model, hash, field)) return hash.fields.get(field);
  model.expectFieldGone(session.db, key, field);
  removeField(hash, field);
  fieldsAreGone(model, session, key, hash, quiet);
  return undefined;
}

function seen(model: Model, hash: ModelHash | undefined): [string, string][] {
  return [...(hash?.fields ?? [])].filter(([field]) => !isOver(model, hash!, field));
}

// -- setting ------------------------------------------------------------------------------------------

function hset(name: string, answersCount: boolean): ModelCommand {
  return (model, session, words) => {
    if (words.length % 2 !== 0) return wrongArity(name);
    const key = words[1];
    const hash = contentOrNew<"hash">(model, session, key, fresh());
    if (hash === null) return WRONG_TYPE;
    const before = hash.fields.size;
    for (let i = 2; i < words.length; i += 2) {
      hash.fields.set(words[i], words[i + 1]);
      hash.expiries.delete(words[i]);
    }
    model.changed(session, key, "h", "hset");
    return answersCount ? integer(hash.fields.size - before) : OK;
  };
}

/** Sets a field that was just looked up: the hash may be gone with the last one that expired. */
function store(
  model: Model,
  session: Session,
  key: string,
  field: string,
  value: string,
  event: string,
): void {
  contentOrNew<"hash">(model, session, key, fresh())!.fields.set(field, value);
  model.changed(session, key, "h", event);
}

const hsetnx: ModelCommand = (model, session, [, key, field, value]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  if (hash !== undefined && look(model, session, key, hash, field) !== undefined) return integer(0);
  store(model, session, key, field, value, "hset");
  return integer(1);
};

const hincrby: ModelCommand = (model, session, [, key, field, byText]) => {
  const by = int64(byText);
  if (by === null) return NOT_INTEGER;
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  const text = hash === undefined ? undefined : look(model, session, key, hash, field);
  const value = int64(text ?? "0");
  if (value === null) return error("hash value is not an integer");
  const sum = value + by;
  if (sum > INT64_MAX || sum < INT64_MIN) return error("increment or decrement would overflow");
  store(model, session, key, field, String(sum), "hincrby");
  return integer(sum);
};

/** Exact for the quarters that the workloads use. */
const hincrbyfloat: ModelCommand = (model, session, [, key, field, by]) => {
  const float = /^-?[0-9]{1,9}(\.[0-9]{1,2})?$/;
  if (!float.test(by)) return NOT_FLOAT;
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  const text = (hash === undefined ? undefined : look(model, session, key, hash, field)) ?? "0";
  if (!float.test(text)) return error("hash value is not a float");
  const sum = String(Number(text) + Number(by));
  store(model, session, key, field, sum, "hincrbyfloat");
  return bulk(sum);
};

const hdel: ModelCommand = (model, session, [, key, ...fields]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === undefined) return integer(0);
  if (hash === null) return WRONG_TYPE;
  const removed = fields.filter((field) => removeField(hash, field)).length;
  if (removed > 0) dropIfEmpty(model, session, key, hash.fields.size, "h", "hdel");
  return integer(removed);
};

// -- looking ------------------------------------------------------------------------------------------

/** A command on one field. */
function onField(
  answer: (session: Session, value: string | undefined) => Prediction,
): ModelCommand {
  return (model, session, [, key, field]) => {
    const hash = contentOf(model, session, key, "hash");
    if (hash === null) return WRONG_TYPE;
    return answer(session, hash === undefined ? undefined : look(model, session, key, hash, field));
  };
}

const hget = onField((session, value) => (value === undefined ? nil(session) : bulk(value)));
const hexists = onField((_session, value) => integer(value === undefined ? 0 : 1));
const hstrlen = onField((_session, value) => integer(value?.length ?? 0));

const hmget: ModelCommand = (model, session, [, key, ...fields]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  let someExpired = false;
  const values = fields.map((field) => {
    const expired = hash !== undefined && isOver(model, hash, field);
    const value = hash === undefined ? undefined : look(model, session, key, hash, field, true);
    if (expired && hash!.fields.size > 0) someExpired = true;
    return value === undefined ? nil(session) : bulk(value);
  });
  if (someExpired) {
    model.fieldsExpired(session.db, key);
    if (hash!.fields.size === 0) model.notify(session.db, "g", "del", key);
  }
  return array(values);
};

const hlen: ModelCommand = (model, session, [, key]) => {
  const hash = contentOf(model, session, key, "hash");
  return hash === null ? WRONG_TYPE : integer(hash?.fields.size ?? 0);
};

const hgetall: ModelCommand = (model, session, [, key]) => {
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  const wanted = JSON.stringify(
    seen(model, hash)
      .map((pair) => JSON.stringify(pair))
      .sort(),
  );
  return (reply) => {
    const given = pairsOf(reply, false).map((pair) => JSON.stringify(pair));
    return JSON.stringify(given.sort()) === wanted ? null : `expected ${wanted} in any order`;
  };
};

function list(which: 0 | 1): ModelCommand {
  return (model, session, [, key]) => {
    const hash = contentOf(model, session, key, "hash");
    return hash === null ? WRONG_TYPE : anyOrder(seen(model, hash).map((pair) => pair[which]));
  };
}

const hrandfield: ModelCommand = (model, session, words) => {
  const [, key, countText] = words;
  const count = words.length > 2 ? int64(countText) : 1n;
  if (count === null) return NOT_INTEGER;
  const withValues = words.length === 4 && words[3].toLowerCase() === "withvalues";
  if (words.length > 3 && !withValues) return SYNTAX_ERROR;
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  if (hash !== undefined) removeOver(model, session, key, hash);
  if (words.length > 2)
    return judgeRandom(hash?.fields ?? new Map(), count, withValues, session.resp);
  if (hash === undefined || hash.fields.size === 0) return nil(session);
  const fields = new Set(hash.fields.keys());
  return (({ text }) => (fields.has(text) ? null : "not a field")) satisfies Judge;
};

/** Removes all fields whose time is over. */
function removeOver(model: Model, session: Session, key: string, hash: ModelHash): void {
  const over = [...hash.expiries.keys()].filter((field) => isOver(model, hash, field));
  for (const field of over) {
    model.expectFieldGone(session.db, key, field);
    removeField(hash, field);
  }
  if (over.length > 0) fieldsAreGone(model, session, key, hash, false);
}

export const hashModel: ModelFamily = [
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
  ["hkeys", 2, list(0)],
  ["hvals", 2, list(1)],
  ["hincrby", 4, hincrby],
  ["hincrbyfloat", 4, hincrbyfloat],
  ["hrandfield", -2, hrandfield],
];
