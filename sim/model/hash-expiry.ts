// The model of the times to live of hash fields.
import { contentOf } from "./collections.ts";
import { isOver, type ModelHash, removeField } from "./hashes.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { array, error, integer, NOT_INTEGER, WRONG_TYPE } from "./replies.ts";
import { int64 } from "./strings.ts";

/** Redis keeps 46 bits of a field's expiry. */
const EXPIRY_MAX = 2n ** 46n - 1n;
const TOO_FEW = error("Parameter `numFields` should be greater than 0");
const NO_COUNT = error("Number of fields must be a positive integer");

/** "FIELDS n field …", of which n is word `at`; an error reply when it is wrong. */
function fieldsAt(words: readonly string[], at: number, tooFew: string): string[] | string {
  if (words[at - 1]?.toLowerCase() !== "fields") {
    return error("Mandatory argument FIELDS is missing or not at the right position");
  }
  const count = int64(words[at] ?? "");
  if (count === null || count < 1n) return tooFew;
  const fields = words.slice(at + 1);
  if (count === BigInt(fields.length)) return fields;
  return error("The `numfields` parameter must match the number of arguments");
}

/** HEXPIRE and its relatives: unit in ms, and whether the time counts from now. */
function hexpire(name: string, unitMs: bigint, relative: boolean): ModelCommand {
  return (model, session, words) => {
    const [, key, timeText] = words;
    const hash = contentOf(model, session, key, "hash");
    if (hash === null) return WRONG_TYPE;
    const time = int64(timeText);
    if (time === null) return NOT_INTEGER;
    if (time < 0n) return error("invalid expire time, must be >= 0");
    const at = time * unitMs + (relative ? BigInt(model.nowMs) : 0n);
    if (at > EXPIRY_MAX) return error(`invalid expire time in '${name}' command`);
    const condition = words[3].toLowerCase();
    const hasCondition = ["nx", "xx", "gt", "lt"].includes(condition);
    const fields = fieldsAt(words, hasCondition ? 5 : 4, TOO_FEW);
    if (typeof fields === "string") return fields;
    if (hash === undefined) return array(fields.map(() => integer(-2)));
    const results = fields.map((field) => {
      if (!hash.fields.has(field)) return -2;
      if (!mayExpire(hash, field, hasCondition ? condition : "", Number(at))) return 0;
      if (at > BigInt(model.nowMs)) {
        hash.expiries.set(field, Number(at));
        return 1;
      }
      model.expectFieldGone(session.db, key, field);
      removeField(hash, field);
      return 2;
    });
    if (results.some((result) => result > 0)) {
      const isGone = hash.fields.size === 0;
      if (isGone) model.removeKey(session.db, key);
      model.changed(session, key, "h", results.includes(2) ? "hdel" : "hexpire");
      if (isGone) model.notify(session.db, "g", "del", key);
    }
    return array(results.map(integer));
  };
}

function mayExpire(hash: ModelHash, field: string, condition: string, at: number): boolean {
  const current = hash.expiries.get(field);
  if (current === undefined) return condition !== "xx" && condition !== "gt";
  if (condition === "nx") return false;
  if (condition === "gt") return at > current;
  return condition !== "lt" || at < current;
}

/** HTTL and its relatives. */
function httl(read: (atMs: number, nowMs: number) => number): ModelCommand {
  return (model, session, words) => {
    const hash = contentOf(model, session, words[1], "hash");
    if (hash === null) return WRONG_TYPE;
    const fields = fieldsAt(words, 3, NO_COUNT);
    if (typeof fields === "string") return fields;
    const options = fields.map((field) => timesOf(model, hash, field, read));
    if (options.every((option) => option.length === 1)) {
      return array(options.map(([option]) => option));
    }
    return ({ items }) =>
      items.length === options.length && items.every(({ raw }, i) => options[i].includes(raw))
        ? null
        : `expected ${JSON.stringify(options)}`;
  };
}

/** What HTTL may answer: whether a field is over in its last millisecond depends on the encoding. */
function timesOf(
  model: Model,
  hash: ModelHash | undefined,
  field: string,
  read: (atMs: number, nowMs: number) => number,
): string[] {
  if (hash === undefined || !hash.fields.has(field)) return [integer(-2)];
  const at = hash.expiries.get(field);
  if (at === undefined) return [integer(-1)];
  if (at < model.nowMs) return [integer(-2)];
  const given = integer(read(at, model.nowMs));
  return at === model.nowMs ? [integer(-2), given] : [given];
}

const hpersist: ModelCommand = (model, session, words) => {
  const [, key] = words;
  const hash = contentOf(model, session, key, "hash");
  if (hash === null) return WRONG_TYPE;
  const fields = fieldsAt(words, 3, NO_COUNT);
  if (typeof fields === "string") return fields;
  const results = fields.map((field) => {
    if (hash === undefined || !hash.fields.has(field)) return -2;
    if (!hash.expiries.has(field)) return -1;
    if (isOver(model, hash, field)) return -2;
    hash.expiries.delete(field);
    return 1;
  });
  if (results.includes(1)) {
    model.notify(session.db, "h", "hpersist", key);
    model.touch(session.db, key);
  }
  return array(results.map(integer));
};

export const hashExpiryModel: ModelFamily = [
  ["hexpire", -6, hexpire("hexpire", 1000n, true)],
  ["hpexpire", -6, hexpire("hpexpire", 1n, true)],
  ["hexpireat", -6, hexpire("hexpireat", 1000n, false)],
  ["hpexpireat", -6, hexpire("hpexpireat", 1n, false)],
  ["httl", -5, httl((at, now) => Math.ceil((at - now) / 1000))],
  ["hpttl", -5, httl((at, now) => at - now)],
  ["hexpiretime", -5, httl((at) => Math.ceil(at / 1000))],
  ["hpexpiretime", -5, httl((at) => at)],
  ["hpersist", -5, hpersist],
];
