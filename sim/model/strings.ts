// The model of the string commands.
import type { Model, ModelCommand, ModelFamily, ModelKey, Prediction } from "./model.ts";
import { bulk, integer, NOT_INTEGER, nil, OK, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A signed 64-bit integer in canonical form, or null. */
export function int64(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return value < INT64_MIN || value > INT64_MAX ? null : value;
}

/** The text of a string key; undefined when absent, null when of another type. */
export function textOf(found: ModelKey | undefined): string | null | undefined {
  if (found === undefined) return undefined;
  return found.content.kind === "string" ? found.content.text : null;
}

function put(model: Model, session: Session, key: string, text: string, expireAtMs = -1): void {
  model.set(session, key, { kind: "string", text }, expireAtMs);
  model.notify(session.db, "$", "set", key);
}

const get: ModelCommand = (model, session, [, key]) => {
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  return text === undefined ? nil(session) : bulk(text);
};

/** An expiry argument as absolute ms, or an error reply. */
export function expiryOf(
  model: Model,
  command: string,
  unit: string,
  text: string,
): number | { error: string } {
  const value = int64(text);
  if (value === null) return { error: NOT_INTEGER };
  const invalid = { error: `-ERR invalid expire time in '${command}' command\r\n` };
  if (value <= 0n) return invalid;
  let ms = unit.startsWith("e") ? value * 1000n : value;
  if (ms > INT64_MAX) return invalid;
  if (unit === "ex" || unit === "px") ms += BigInt(model.nowMs);
  return ms > INT64_MAX ? invalid : Number(ms);
}

const set: ModelCommand = (model, session, words) => {
  const [, key, value] = words;
  let unit = "";
  let time = "";
  let nx = false;
  let xx = false;
  let old = false;
  let keep = false;
  for (let i = 3; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "nx" && !xx) nx = true;
    else if (option === "xx" && !nx) xx = true;
    else if (option === "get") old = true;
    else if (option === "keepttl" && unit === "") keep = true;
    else if (
      ["ex", "px", "exat", "pxat"].includes(option) &&
      !keep &&
      unit === "" &&
      i + 1 < words.length
    ) {
      unit = option;
      time = words[++i];
    } else return SYNTAX_ERROR;
  }
  let expireAtMs = -1;
  if (unit !== "") {
    const at = expiryOf(model, "set", unit, time);
    if (typeof at !== "number") return at.error;
    expireAtMs = at;
  }
  const found = model.get(session, key);
  const text = textOf(found);
  if (old && text === null) return WRONG_TYPE;
  const previous = old ? (text === undefined ? nil(session) : bulk(text!)) : null;
  if ((nx && found !== undefined) || (xx && found === undefined)) return previous ?? nil(session);
  if (keep && found !== undefined) expireAtMs = found.expireAtMs;
  put(model, session, key, value, expireAtMs);
  if (unit !== "") model.notify(session.db, "g", "expire", key);
  return previous ?? OK;
};

const setnx: ModelCommand = (model, session, [, key, value]) => {
  if (model.get(session, key) !== undefined) return integer(0);
  put(model, session, key, value);
  return integer(1);
};

function setWithTime(name: string, unit: string): ModelCommand {
  return (model, session, [, key, time, value]) => {
    const at = expiryOf(model, name, unit, time);
    if (typeof at !== "number") return at.error;
    put(model, session, key, value, at);
    model.notify(session.db, "g", "expire", key);
    return OK;
  };
}

const getset: ModelCommand = (model, session, [, key, value]) => {
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  put(model, session, key, value);
  return text === undefined ? nil(session) : bulk(text);
};

const getdel: ModelCommand = (model, session, [, key]) => {
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  if (text === undefined) return nil(session);
  model.delete(session, key);
  model.notify(session.db, "g", "del", key);
  return bulk(text);
};

const getex: ModelCommand = (model, session, words) => {
  const key = words[1];
  const option = words[2]?.toLowerCase() ?? "";
  const timed = ["ex", "px", "exat", "pxat"].includes(option);
  if (
    words.length > 2 &&
    !(option === "persist" && words.length === 3) &&
    !(timed && words.length === 4)
  ) {
    return SYNTAX_ERROR;
  }
  const found = model.get(session, key);
  const text = textOf(found);
  if (found === undefined || text === undefined) return nil(session);
  if (text === null) return WRONG_TYPE;
  if (timed) {
    const at = expiryOf(model, "getex", option, words[3]);
    if (typeof at !== "number") return at.error;
    if (option.endsWith("at") && at <= model.nowMs) {
      model.delete(session, key);
      model.notify(session.db, "g", "del", key);
    } else {
      found.expireAtMs = at;
      model.changed(session, key, "g", "expire");
    }
  } else if (option === "persist" && found.expireAtMs >= 0) {
    found.expireAtMs = -1;
    model.changed(session, key, "g", "persist");
  }
  return bulk(text);
};

const mget: ModelCommand = (model, session, [, ...keys]) =>
  `*${keys.length}\r\n${keys
    .map((key) => {
      const text = textOf(model.get(session, key));
      return typeof text === "string" ? bulk(text) : nil(session);
    })
    .join("")}`;

const mset: ModelCommand = (model, session, words) => {
  if (words.length % 2 === 0) return "-ERR wrong number of arguments for 'mset' command\r\n";
  for (let i = 1; i < words.length; i += 2) put(model, session, words[i], words[i + 1]);
  return OK;
};

const msetnx: ModelCommand = (model, session, words) => {
  if (words.length % 2 === 0) return "-ERR wrong number of arguments for 'msetnx' command\r\n";
  for (let i = 1; i < words.length; i += 2) {
    if (model.get(session, words[i]) !== undefined) return integer(0);
  }
  for (let i = 1; i < words.length; i += 2) put(model, session, words[i], words[i + 1]);
  return integer(1);
};

const strlen: ModelCommand = (model, session, [, key]) => {
  const text = textOf(model.get(session, key));
  return text === null ? WRONG_TYPE : integer(text?.length ?? 0);
};

/** Changes the text of a key and keeps its time to live. */
export function edit(
  model: Model,
  session: Session,
  key: string,
  text: string,
  event: string,
): void {
  const found = model.get(session, key);
  if (found === undefined) model.set(session, key, { kind: "string", text }, -1);
  else {
    found.content = { kind: "string", text };
    model.touch(session.db, key);
  }
  model.notify(session.db, "$", event, key);
}

const append: ModelCommand = (model, session, [, key, more]) => {
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  edit(model, session, key, (text ?? "") + more, "append");
  return integer((text?.length ?? 0) + more.length);
};

const setrange: ModelCommand = (model, session, [, key, offsetText, patch]) => {
  const offset = int64(offsetText);
  if (offset === null) return NOT_INTEGER;
  if (offset < 0n) return "-ERR offset is out of range\r\n";
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  if (patch === "") return integer(text?.length ?? 0);
  if (offset + BigInt(patch.length) > 536870912n) {
    return "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
  }
  const at = Number(offset);
  const old = (text ?? "").padEnd(at, "\0");
  const edited = old.slice(0, at) + patch + old.slice(at + patch.length);
  edit(model, session, key, edited, "setrange");
  return integer(edited.length);
};

const getrange: ModelCommand = (model, session, [, key, from, to]) => {
  const start = int64(from);
  const end = int64(to);
  if (start === null || end === null) return NOT_INTEGER;
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  if (text === undefined) return bulk("");
  if (start < 0n && end < 0n && start > end) return bulk("");
  const length = BigInt(text.length);
  const first = start < 0n ? (length + start < 0n ? 0n : length + start) : start;
  const last = end < 0n ? (length + end < 0n ? 0n : length + end) : end;
  return bulk(first > last ? "" : text.slice(Number(first), Number(last) + 1));
};

function add(model: Model, session: Session, key: string, by: bigint): Prediction {
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  const value = int64(text ?? "0");
  if (value === null) return NOT_INTEGER;
  const sum = value + by;
  if (sum > INT64_MAX || sum < INT64_MIN) {
    return "-ERR increment or decrement would overflow\r\n";
  }
  edit(model, session, key, String(sum), "incrby");
  return integer(sum);
}

const incrby: ModelCommand = (model, session, [, key, by]) => {
  const value = int64(by);
  return value === null ? NOT_INTEGER : add(model, session, key, value);
};

const decrby: ModelCommand = (model, session, [, key, by]) => {
  const value = int64(by);
  if (value === null) return NOT_INTEGER;
  if (value === INT64_MIN) return "-ERR decrement would overflow\r\n";
  return add(model, session, key, -value);
};

/** Exact for the quarters that the workloads use. */
const incrbyfloat: ModelCommand = (model, session, [, key, by]) => {
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  const float = /^-?[0-9]{1,9}(\.[0-9]{1,2})?$/;
  if (!float.test(text ?? "0") || !float.test(by)) return "-ERR value is not a valid float\r\n";
  const sum = String(Number(text ?? "0") + Number(by));
  edit(model, session, key, sum, "incrbyfloat");
  return bulk(sum);
};

export const stringModel: ModelFamily = [
  ["get", 2, get],
  ["set", -3, set],
  ["setnx", 3, setnx],
  ["setex", 4, setWithTime("setex", "ex")],
  ["psetex", 4, setWithTime("psetex", "px")],
  ["getset", 3, getset],
  ["getdel", 2, getdel],
  ["getex", -2, getex],
  ["mget", -2, mget],
  ["mset", -3, mset],
  ["msetnx", -3, msetnx],
  ["strlen", 2, strlen],
  ["append", 3, append],
  ["setrange", 4, setrange],
  ["getrange", 4, getrange],
  ["substr", 4, getrange],
  ["incr", 2, (model, session, [, key]) => add(model, session, key, 1n)],
  ["decr", 2, (model, session, [, key]) => add(model, session, key, -1n)],
  ["incrby", 3, incrby],
  ["decrby", 3, decrby],
  ["incrbyfloat", 3, incrbyfloat],
];
