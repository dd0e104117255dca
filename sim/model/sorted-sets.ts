// The model of the sorted-set commands, with scores that are whole numbers.
import { contentOf, contentOrNew, dropIfEmpty, indexRange } from "./collections.ts";
import type { ModelCommand } from "./model.ts";
import { bulk, integer, NOT_FLOAT, NOT_INTEGER, nil, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

/** Members by score, then by bytes. */
function inOrder(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
}

function score(session: Session, value: number): string {
  return session.resp === 2 ? bulk(String(value)) : `,${value}\r\n`;
}

function parse(text: string): number | null {
  return /^-?[0-9]{1,9}$/.test(text) ? Number(text) : null;
}

const zadd: ModelCommand = (model, session, words) => {
  const key = words[1];
  const pairs: [string, number][] = [];
  for (let i = 2; i < words.length; i += 2) {
    const value = parse(words[i]);
    if (value === null) return NOT_FLOAT;
    pairs.push([words[i + 1], value]);
  }
  const zset = contentOrNew(model, session, key, { kind: "zset", scores: new Map() });
  if (zset === null) return WRONG_TYPE;
  let added = 0;
  let changed = false;
  for (const [member, value] of pairs) {
    if (!zset.scores.has(member)) added++;
    if (zset.scores.get(member) !== value) changed = true;
    zset.scores.set(member, value);
  }
  if (changed) model.touch(session.db, key);
  return integer(added);
};

const zincrby: ModelCommand = (model, session, [, key, byText, member]) => {
  const by = parse(byText);
  if (by === null) return NOT_FLOAT;
  const zset = contentOrNew(model, session, key, { kind: "zset", scores: new Map() });
  if (zset === null) return WRONG_TYPE;
  const sum = (zset.scores.get(member) ?? 0) + by;
  zset.scores.set(member, sum);
  model.touch(session.db, key);
  return score(session, sum);
};

const zrem: ModelCommand = (model, session, [, key, ...members]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === undefined) return integer(0);
  if (zset === null) return WRONG_TYPE;
  const removed = members.filter((member) => zset.scores.delete(member)).length;
  if (removed > 0) dropIfEmpty(model, session, key, zset.scores.size);
  return integer(removed);
};

const zcard: ModelCommand = (model, session, [, key]) => {
  const zset = contentOf(model, session, key, "zset");
  return zset === null ? WRONG_TYPE : integer(zset?.scores.size ?? 0);
};

const zscore: ModelCommand = (model, session, [, key, member]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  const value = zset?.scores.get(member);
  return value === undefined ? nil(session) : score(session, value);
};

function rank(reverse: boolean): ModelCommand {
  return (model, session, [, key, member]) => {
    const zset = contentOf(model, session, key, "zset");
    if (zset === null) return WRONG_TYPE;
    const order = inOrder(zset?.scores ?? new Map());
    const at = order.findIndex(([other]) => other === member);
    if (at === -1) return nil(session);
    return integer(reverse ? order.length - 1 - at : at);
  };
}

function range(reverse: boolean): ModelCommand {
  return (model, session, [, key, from, to]) => {
    const start = int64(from);
    const end = int64(to);
    if (start === null || end === null) return NOT_INTEGER;
    const zset = contentOf(model, session, key, "zset");
    if (zset === null) return WRONG_TYPE;
    const order = inOrder(zset?.scores ?? new Map());
    if (reverse) order.reverse();
    const picked = order.slice(...indexRange(start, end, order.length));
    return `*${picked.length}\r\n${picked.map(([member]) => bulk(member)).join("")}`;
  };
}

const zcount: ModelCommand = (model, session, [, key, from, to]) => {
  const min = parse(from);
  const max = parse(to);
  if (min === null || max === null) return "-ERR min or max is not a float\r\n";
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  const values = [...(zset?.scores.values() ?? [])];
  return integer(values.filter((value) => value >= min && value <= max).length);
};

/** ZPOPMIN and ZPOPMAX without a count. */
function pop(reverse: boolean): ModelCommand {
  return (model, session, [, key]) => {
    const zset = contentOf(model, session, key, "zset");
    if (zset === null) return WRONG_TYPE;
    if (zset === undefined) return "*0\r\n";
    const order = inOrder(zset.scores);
    const [member, value] = order[reverse ? order.length - 1 : 0];
    zset.scores.delete(member);
    dropIfEmpty(model, session, key, zset.scores.size);
    return `*2\r\n${bulk(member)}${score(session, value)}`;
  };
}

export const sortedSetModel: readonly (readonly [string, number, ModelCommand])[] = [
  ["zadd", -4, zadd],
  ["zincrby", 4, zincrby],
  ["zrem", -3, zrem],
  ["zcard", 2, zcard],
  ["zscore", 3, zscore],
  ["zrank", 3, rank(false)],
  ["zrevrank", 3, rank(true)],
  ["zrange", 4, range(false)],
  ["zrevrange", 4, range(true)],
  ["zcount", 4, zcount],
  ["zpopmin", 2, pop(false)],
  ["zpopmax", 2, pop(true)],
];
