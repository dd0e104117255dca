// The model of DUMP and RESTORE, and of what OBJECT tells. What a payload stands for, the model has
// learnt when it was made.
import type { Content, Model, ModelCommand, ModelFamily } from "./model.ts";
import { error, NOT_INTEGER, nil, OK, SYNTAX_ERROR } from "./replies.ts";
import { int64 } from "./strings.ts";

/** Payloads that are remembered; older ones are no longer sent. */
const PAYLOADS_MAX = 100;

export class Dumps {
  /** The longest idle time that a RESTORE has asked for. */
  idleSecondsMax = 0;
  readonly #contents: Map<string, Content> = new Map();

  learn(payload: string, content: Content): void {
    this.#contents.delete(payload);
    this.#contents.set(payload, content);
    if (this.#contents.size <= PAYLOADS_MAX) return;
    const [oldest] = this.#contents.keys();
    this.#contents.delete(oldest);
  }

  find(payload: string): Content | undefined {
    return this.#contents.get(payload);
  }
}

const dump: ModelCommand = (model, session, [, key]) => {
  const found = model.get(session, key);
  if (found === undefined) return nil(session);
  const payload = model.answer(session)?.text ?? "";
  model.dumps.learn(payload, model.duplicate(found.content));
  return ({ kind }) => (kind === "bulk" ? null : "no payload");
};

const restore: ModelCommand = (model, session, words) => {
  const [, key, ttlText, payload] = words;
  let replace = false;
  let absolute = false;
  for (let i = 4; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "replace") replace = true;
    else if (option === "absttl") absolute = true;
    else if (option === "idletime" && i + 1 < words.length) {
      const seconds = int64(words[++i]);
      if (seconds === null) return NOT_INTEGER;
      if (seconds < 0n) return error("Invalid IDLETIME value, must be >= 0");
      model.dumps.idleSecondsMax = Math.max(model.dumps.idleSecondsMax, Number(seconds));
    } else return SYNTAX_ERROR;
  }
  if (!replace && model.get(session, key) !== undefined) {
    return "-BUSYKEY Target key name already exists.\r\n";
  }
  const ttl = int64(ttlText);
  if (ttl === null) return NOT_INTEGER;
  if (ttl < 0n) return error("Invalid TTL value, must be >= 0");
  const content = model.dumps.find(payload);
  if (content === undefined) return error("DUMP payload version or checksum are wrong");
  const hadKey = replace && model.databases[session.db].has(key);
  if (hadKey) model.removeKey(session.db, key);
  const at = ttl === 0n ? -1 : Number(ttl) + (absolute ? 0 : model.nowMs);
  if (at >= 0 && at <= model.nowMs) {
    if (hadKey) model.changed(session, key, "g", "del");
    return OK;
  }
  model.set(session, key, model.duplicate(content), at);
  model.notify(session.db, "g", "restore", key);
  return OK;
};

/** Encodings that a type may have. */
const ENCODINGS: Readonly<Record<Content["kind"], readonly string[]>> = {
  string: ["int", "embstr", "raw"],
  list: ["listpack", "quicklist"],
  set: ["intset", "listpack", "hashtable"],
  hash: ["listpack", "listpackex", "hashtable"],
  zset: ["listpack", "skiplist"],
  stream: ["stream"],
};

const encoding: ModelCommand = (model, session, [, , key]) => {
  const found = model.get(session, key);
  if (found === undefined) return nil(session);
  const { kind } = found.content;
  const isInt = found.content.kind === "string" && int64(found.content.text) !== null;
  return ({ text }) => {
    if (!ENCODINGS[kind].includes(text)) return `no encoding of a ${kind}`;
    return text === "int" && !isInt ? "no integer" : null;
  };
};

function idleSeconds(model: Model, reply: string): string | null {
  const seconds = Number(reply);
  // When the clock goes back, Redis takes it to have gone all the way round.
  if (model.settings.clockJumps) return seconds >= 0 ? null : "negative";
  const ageSeconds = model.dumps.idleSecondsMax + (model.ageMs + 1000) / 1000;
  return seconds >= 0 && seconds <= ageSeconds ? null : "longer than there is time";
}

const idletime: ModelCommand = (model, session, [, , key]) => {
  if (model.get(session, key) === undefined) return nil(session);
  if (model.settings.isLfu) {
    return error(
      "An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
    );
  }
  return ({ kind, text }) => (kind === "integer" ? idleSeconds(model, text) : "no integer");
};

const refcount: ModelCommand = (model, session, [, , key]) => {
  if (model.get(session, key) === undefined) return nil(session);
  return ({ text }) => (text === "1" || text === "2147483647" ? null : "no count of references");
};

const freq: ModelCommand = (model, session, [, , key]) => {
  if (model.get(session, key) === undefined) return nil(session);
  if (model.settings.isLfu) return ({ text }) => (Number(text) <= 255 ? null : "more than 255");
  return error(
    "An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
  );
};

export const dumpModel: ModelFamily = [
  ["dump", 2, dump],
  ["restore", -4, restore],
  ["object|encoding", 3, encoding],
  ["object|idletime", 3, idletime],
  ["object|refcount", 3, refcount],
  ["object|freq", 3, freq],
];
