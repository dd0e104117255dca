// The model of the list commands.
import { deadlineOf, parseManyPop } from "./arguments.ts";
import { type ContentOf, contentOf, contentOrNew, dropIfEmpty, indexRange } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import {
  array,
  bulk,
  bulks,
  error,
  integer,
  NOT_INTEGER,
  nil,
  nilArray,
  OK,
  SYNTAX_ERROR,
  WRONG_TYPE,
} from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

type ModelList = ContentOf<"list">;

const pushEvent = (atHead: boolean): string => (atHead ? "lpush" : "rpush");
const popEvent = (atHead: boolean): string => (atHead ? "lpop" : "rpop");

/** Takes up to `count` elements from an end. */
function take(
  model: Model,
  session: Session,
  key: string,
  list: ModelList,
  atHead: boolean,
  count: number,
): string[] {
  const taken: string[] = [];
  while (taken.length < count && list.items.length > 0) {
    taken.push(atHead ? list.items.shift()! : list.items.pop()!);
  }
  dropIfEmpty(model, session, key, list.items.length, "l", popEvent(atHead), false);
  return taken;
}

function push(atHead: boolean, onlyExisting: boolean): ModelCommand {
  return (model, session, [, key, ...values]) => {
    if (onlyExisting && model.get(session, key) === undefined) return integer(0);
    const list = contentOrNew(model, session, key, { kind: "list", items: [] });
    if (list === null) return WRONG_TYPE;
    if (atHead) list.items.unshift(...values.reverse());
    else list.items.push(...values);
    model.changed(session, key, "l", pushEvent(atHead));
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
    const taken = take(model, session, key, list, atHead, Number(count));
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
  dropIfEmpty(model, session, key, list.items.length, "l", "ltrim", false);
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
  model.changed(session, key, "l", "lset");
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
  model.changed(session, key, "l", "linsert");
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
  if (removed > 0) dropIfEmpty(model, session, key, kept.length, "l", "lrem", false);
  return integer(removed);
};

// -- moving -------------------------------------------------------------------------------------------

/** Moves an element between lists; null when there is none. */
function move(
  model: Model,
  session: Session,
  from: string,
  to: string,
  fromHead: boolean,
  toHead: boolean,
): string | null {
  const source = contentOf(model, session, from, "list");
  if (source === undefined) return null;
  if (source === null || contentOf(model, session, to, "list") === null) return WRONG_TYPE;
  const item = fromHead ? source.items.shift()! : source.items.pop()!;
  const target = contentOrNew<"list">(model, session, to, { kind: "list", items: [] })!;
  if (toHead) target.items.unshift(item);
  else target.items.push(item);
  model.changed(session, to, "l", pushEvent(toHead));
  dropIfEmpty(model, session, from, source.items.length, "l", popEvent(fromHead), false);
  return bulk(item);
}

function sides(where: string, whereTo: string): [boolean, boolean] | null {
  const words = [where.toLowerCase(), whereTo.toLowerCase()];
  if (words.some((side) => side !== "left" && side !== "right")) return null;
  return [words[0] === "left", words[1] === "left"];
}

const lmove: ModelCommand = (model, session, [, from, to, where, whereTo]) => {
  const heads = sides(where, whereTo);
  if (heads === null) return SYNTAX_ERROR;
  return move(model, session, from, to, ...heads) ?? nil(session);
};

const rpoplpush: ModelCommand = (model, session, [, from, to]) =>
  move(model, session, from, to, false, true) ?? nil(session);

function moveOrWait(
  model: Model,
  session: Session,
  words: string[],
  heads: [boolean, boolean],
  timeout: string,
): Prediction | null {
  const deadline = deadlineOf(model, timeout);
  if (typeof deadline === "string") return deadline;
  const [, from, to] = words;
  const moved = move(model, session, from, to, ...heads);
  if (moved !== null) return moved;
  if (model.insideTransaction) return nil(session);
  return model.blocking.wait(session, words, [from], "list", deadline, nilArray(session));
}

const blmove: ModelCommand = (model, session, words) => {
  const heads = sides(words[3], words[4]);
  if (heads === null) return SYNTAX_ERROR;
  return moveOrWait(model, session, words, heads, words[5]);
};

const brpoplpush: ModelCommand = (model, session, words) =>
  moveOrWait(model, session, words, [false, true], words[3]);

// -- popping from the first of several ------------------------------------------------------------------

function bpop(atHead: boolean): ModelCommand {
  return (model, session, words) => {
    const deadline = deadlineOf(model, words.at(-1)!);
    if (typeof deadline === "string") return deadline;
    const keys = words.slice(1, -1);
    for (const key of keys) {
      const list = contentOf(model, session, key, "list");
      if (list === null) return WRONG_TYPE;
      if (list !== undefined) return bulks([key, ...take(model, session, key, list, atHead, 1)]);
    }
    return model.blocking.wait(session, words, keys, "list", deadline, nilArray(session));
  };
}

function mpop(blocks: boolean): ModelCommand {
  return (model, session, words) => {
    const args = parseManyPop(words, blocks ? 2 : 1, ["left", "right"]);
    if (typeof args === "string") return args;
    const deadline = blocks ? deadlineOf(model, words[1]) : 0;
    if (typeof deadline === "string") return deadline;
    const { keys, isFirst, count } = args;
    for (const key of keys) {
      const list = contentOf(model, session, key, "list");
      if (list === null) return WRONG_TYPE;
      if (list === undefined) continue;
      return array([bulk(key), bulks(take(model, session, key, list, isFirst, count))]);
    }
    if (!blocks) return nilArray(session);
    return model.blocking.wait(session, words, keys, "list", deadline, nilArray(session));
  };
}

// -- searching ------------------------------------------------------------------------------------------

const lpos: ModelCommand = (model, session, words) => {
  const [, key, value] = words;
  let rank = 1n;
  let count = -1n;
  let maxLength = 0n;
  for (let i = 3; i < words.length; i += 2) {
    const option = words[i].toLowerCase();
    if (!["rank", "count", "maxlen"].includes(option) || i + 1 >= words.length) return SYNTAX_ERROR;
    const number = int64(words[i + 1]);
    if (option === "rank") {
      if (number === null || number === -(2n ** 63n)) {
        return number === null ? NOT_INTEGER : error("value is out of range");
      }
      if (number === 0n) {
        return error(
          "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        );
      }
      rank = number;
    } else if (number === null || number < 0n) {
      return error(`${option.toUpperCase()} can't be negative`);
    } else if (option === "count") count = number;
    else maxLength = number;
  }
  const list = contentOf(model, session, key, "list");
  if (list === null) return WRONG_TYPE;
  const length = list?.items.length ?? 0;
  const found: string[] = [];
  let skip = (rank < 0n ? -rank : rank) - 1n;
  const wanted = count === -1n ? 1n : count;
  for (let step = 0; step < length; step++) {
    if (maxLength > 0n && BigInt(step) >= maxLength) break;
    const at = rank > 0n ? step : length - 1 - step;
    if (list!.items[at] !== value || skip-- > 0n) continue;
    found.push(integer(at));
    if (wanted > 0n && BigInt(found.length) >= wanted) break;
  }
  if (count !== -1n) return array(found);
  return found[0] ?? nil(session);
};

export const listModel: ModelFamily = [
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
  ["rpoplpush", 3, rpoplpush],
  ["blmove", 6, blmove],
  ["brpoplpush", 4, brpoplpush],
  ["blpop", -3, bpop(true)],
  ["brpop", -3, bpop(false)],
  ["lmpop", -4, mpop(false)],
  ["blmpop", -5, mpop(true)],
  ["lpos", -3, lpos],
];
