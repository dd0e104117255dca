// The model of the list commands.
import { contentOf, contentOrNew, dropIfEmpty, indexRange } from "./collections.ts";
import type { ModelCommand } from "./model.ts";
import {
  bulk,
  bulks,
  integer,
  NOT_INTEGER,
  nil,
  nilArray,
  OK,
  SYNTAX_ERROR,
  WRONG_TYPE,
} from "./replies.ts";
import { int64 } from "./strings.ts";

function push(atHead: boolean, onlyExisting: boolean): ModelCommand {
  return (model, session, [, key, ...values]) => {
    if (onlyExisting && model.get(session, key) === undefined) return integer(0);
    const list = contentOrNew(model, session, key, { kind: "list", items: [] });
    if (list === null) return WRONG_TYPE;
    if (atHead) list.items.unshift(...values.reverse());
    else list.items.push(...values);
    model.touch(session.db, key);
    return integer(list.items.length);
  };
}

function pop(name: string, atHead: boolean): ModelCommand {
  return (model, session, words) => {
    const [, key, countText] = words;
    if (words.length > 3) return `-ERR wrong number of arguments for '${name}' command\r\n`;
    const hasCount = words.length === 3;
    const count = hasCount ? int64(countText) : 1n;
    if (count === null || count < 0n) return "-ERR value is out of range, must be positive\r\n";
    const list = contentOf(model, session, key, "list");
    if (list === null) return WRONG_TYPE;
    if (list === undefined) return hasCount ? nilArray(session) : nil(session);
    if (hasCount && count === 0n) return "*0\r\n";
    const taken: string[] = [];
    while (taken.length < Number(count) && list.items.length > 0) {
      taken.push(atHead ? list.items.shift()! : list.items.pop()!);
    }
    dropIfEmpty(model, session, key, list.items.length);
    return hasCount ? bulks(taken) : bulk(taken[0]);
  };
}

const llen: ModelCommand = (model, session, [, key]) => {
  const list = contentOf(model, session, key, "list");
  return list === null ? WRONG_TYPE : integer(list?.items.length ?? 0);
};

const lrange: ModelCommand = (model, session, [, key, from, to]) => {
  const start = int64(from);
  const end = int64(to);
  if (start === null || end === null) return NOT_INTEGER;
  const list = contentOf(model, session, key, "list");
  if (list === null) return WRONG_TYPE;
  const items = list?.items ?? [];
  return bulks(items.slice(...indexRange(start, end, items.length)));
};

const ltrim: ModelCommand = (model, session, [, key, from, to]) => {
  const start = int64(from);
  const end = int64(to);
  if (start === null || end === null) return NOT_INTEGER;
  const list = contentOf(model, session, key, "list");
  if (list === null) return WRONG_TYPE;
  if (list === undefined) return OK;
  list.items = list.items.slice(...indexRange(start, end, list.items.length));
  dropIfEmpty(model, session, key, list.items.length);
  return OK;
};

const lindex: ModelCommand = (model, session, [, key, indexText]) => {
  const list = contentOf(model, session, key, "list");
  if (list === undefined) return nil(session);
  if (list === null) return WRONG_TYPE;
  const index = int64(indexText);
  if (index === null) return NOT_INTEGER;
  const at = index < 0n ? index + BigInt(list.items.length) : index;
  const item = at < 0n || at > 1_000_000n ? undefined : list.items[Number(at)];
  return item === undefined ? nil(session) : bulk(item);
};

const lset: ModelCommand = (model, session, [, key, indexText, value]) => {
  const list = contentOf(model, session, key, "list");
  if (list === undefined) return "-ERR no such key\r\n";
  if (list === null) return WRONG_TYPE;
  const index = int64(indexText);
  if (index === null) return NOT_INTEGER;
  const at = index < 0n ? index + BigInt(list.items.length) : index;
  if (at < 0n || at >= BigInt(list.items.length)) return "-ERR index out of range\r\n";
  list.items[Number(at)] = value;
  model.touch(session.db, key);
  return OK;
};

const linsert: ModelCommand = (model, session, [, key, where, pivot, value]) => {
  const side = where.toLowerCase();
  if (side !== "before" && side !== "after") return SYNTAX_ERROR;
  const list = contentOf(model, session, key, "list");
  if (list === undefined) return integer(0);
  if (list === null) return WRONG_TYPE;
  const at = list.items.indexOf(pivot);
  if (at === -1) return integer(-1);
  list.items.splice(side === "after" ? at + 1 : at, 0, value);
  model.touch(session.db, key);
  return integer(list.items.length);
};

const lrem: ModelCommand = (model, session, [, key, countText, value]) => {
  const count = int64(countText);
  if (count === null) return NOT_INTEGER;
  const list = contentOf(model, session, key, "list");
  if (list === undefined) return integer(0);
  if (list === null) return WRONG_TYPE;
  let left = count === 0n ? list.items.length : Number(count < 0n ? -count : count);
  const before = list.items.length;
  const items = count < 0n ? list.items.reverse() : list.items;
  const kept = items.filter((item) => item !== value || left-- <= 0);
  list.items = count < 0n ? kept.reverse() : kept;
  const removed = before - kept.length;
  if (removed > 0) dropIfEmpty(model, session, key, kept.length);
  return integer(removed);
};

const lmove: ModelCommand = (model, session, [, from, to, where, whereTo]) => {
  const sides = [where.toLowerCase(), whereTo.toLowerCase()];
  if (sides.some((side) => side !== "left" && side !== "right")) return SYNTAX_ERROR;
  const source = contentOf(model, session, from, "list");
  if (source === undefined) return nil(session);
  if (source === null || contentOf(model, session, to, "list") === null) return WRONG_TYPE;
  const item = sides[0] === "left" ? source.items.shift()! : source.items.pop()!;
  const target = contentOrNew(model, session, to, { kind: "list", items: [] })!;
  if (sides[1] === "left") target.items.unshift(item);
  else target.items.push(item);
  model.touch(session.db, to);
  dropIfEmpty(model, session, from, source.items.length);
  return bulk(item);
};

const lpos: ModelCommand = (model, session, [, key, value]) => {
  const list = contentOf(model, session, key, "list");
  if (list === null) return WRONG_TYPE;
  const at = list?.items.indexOf(value) ?? -1;
  return at === -1 ? nil(session) : integer(at);
};

export const listModel: readonly (readonly [string, number, ModelCommand])[] = [
  ["lpush", -3, push(true, false)],
  ["rpush", -3, push(false, false)],
  ["lpushx", -3, push(true, true)],
  ["rpushx", -3, push(false, true)],
  ["lpop", -2, pop("lpop", true)],
  ["rpop", -2, pop("rpop", false)],
  ["llen", 2, llen],
  ["lrange", 4, lrange],
  ["ltrim", 4, ltrim],
  ["lindex", 3, lindex],
  ["lset", 4, lset],
  ["linsert", 5, linsert],
  ["lrem", 4, lrem],
  ["lmove", 5, lmove],
  [
    "rpoplpush",
    3,
    (model, session, [name, from, to]) => lmove(model, session, [name, from, to, "right", "left"]),
  ],
  ["lpos", 3, lpos],
];
