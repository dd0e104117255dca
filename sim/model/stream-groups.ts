// The model of reading streams, alone and in groups: XREAD, XREADGROUP, XGROUP, XACK, XPENDING.
import { contentOf, contentOrNew } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import {
  array,
  bulk,
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
import {
  type Consumer,
  emptyStream,
  entryAt,
  entryReply,
  type Group,
  ID_MAX,
  INVALID_ID,
  idText,
  lowerBound,
  type ModelStream,
  moveOn,
  parseEdge,
  parseId,
  type StreamEntry,
  sortedIds,
} from "./stream-content.ts";
import { int64 } from "./strings.ts";

export function consumerOf(
  model: Model,
  session: Session,
  key: string,
  group: Group,
  name: string,
): Consumer {
  const found = group.consumers.get(name);
  if (found !== undefined) return found;
  const made = { seenMs: model.nowMs, activeMs: -1 };
  group.consumers.set(name, made);
  model.notify(session.db, "t", "xgroup-createconsumer", key);
  return made;
}

// -- XREAD, XREADGROUP ----------------------------------------------------------------------------------

interface Reading {
  /** Undefined: no BLOCK. Infinity: for ever. */
  deadlineMs: number | undefined;
  count: number;
  noAck: boolean;
  /** Both empty for XREAD. */
  group: string;
  consumer: string;
  keys: string[];
  ids: string[];
}

function parseReading(model: Model, words: readonly string[], inGroup: boolean): Reading | string {
  const reading: Reading = {
    deadlineMs: undefined,
    count: 0,
    noAck: false,
    group: "",
    consumer: "",
    keys: [],
    ids: [],
  };
  const name = inGroup ? "XREADGROUP" : "XREAD";
  let hasGroup = false;
  for (let i = 1; i < words.length; i++) {
    const more = words.length - 1 - i;
    const option = words[i].toLowerCase();
    if (option === "block" && more > 0) {
      const deadline = parseBlock(model, words[++i]);
      if (typeof deadline === "string") return deadline;
      reading.deadlineMs = deadline;
    } else if (option === "count" && more > 0) {
      const count = int64(words[++i]);
      if (count === null) return NOT_INTEGER;
      reading.count = count < 0n ? 0 : Number(count);
    } else if (option === "streams" && more > 0) {
      const rest = words.slice(i + 1);
      if (rest.length % 2 !== 0) {
        return error(
          `Unbalanced '${name.toLowerCase()}' list of streams: for each stream key an ID or '${inGroup ? ">" : "$"}' must be specified.`,
        );
      }
      reading.keys = rest.slice(0, rest.length / 2);
      reading.ids = rest.slice(rest.length / 2);
      break;
    } else if (option === "group" && more >= 2) {
      if (!inGroup) {
        return error("The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
      }
      hasGroup = true;
      reading.group = words[++i];
      reading.consumer = words[++i];
    } else if (option === "noack") {
      if (!inGroup) {
        return error("The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
      }
      reading.noAck = true;
    } else {
      return SYNTAX_ERROR;
    }
  }
  if (reading.keys.length === 0) return SYNTAX_ERROR;
  return inGroup && !hasGroup ? error("Missing GROUP option for XREADGROUP") : reading;
}

function parseBlock(model: Model, text: string): number | string {
  const ms = int64(text);
  if (ms === null) return error("timeout is not an integer or out of range");
  if (ms < 0n) return error("timeout is negative");
  if (ms + BigInt(model.nowMs) >= 2n ** 63n) return error("timeout is out of range");
  return ms === 0n ? Number.POSITIVE_INFINITY : Number(ms) + model.nowMs;
}

/** The ID behind which to read; an error reply when it is none. */
function startOf(word: string, stream: ModelStream | undefined, inGroup: boolean): bigint | string {
  if (word === "$" || word === "+") {
    if (inGroup) {
      return error(
        `The ${word} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${word} ID would just return an empty result set.`,
      );
    }
    if (stream === undefined) return 0n;
    if (word === "$") return stream.lastId;
    return stream.lastId === 0n ? error("the stream last element ID is 0-0") : stream.lastId - 1n;
  }
  if (word === ">") {
    if (inGroup) return ID_MAX;
    return error(
      "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
    );
  }
  return parseId(word) ?? INVALID_ID;
}

function read(inGroup: boolean): ModelCommand {
  return (model, session, words) => {
    const reading = parseReading(model, words, inGroup);
    if (typeof reading === "string") return reading;
    const { keys, ids } = reading;
    const starts: bigint[] = [];
    for (const [i, key] of keys.entries()) {
      const stream = contentOf(model, session, key, "stream");
      if (stream === null) return WRONG_TYPE;
      if (inGroup && !stream?.groups.has(reading.group)) {
        return `-NOGROUP No such key '${key}' or consumer group '${reading.group}' in XREADGROUP with GROUP option\r\n`;
      }
      const start = startOf(ids[i], stream, inGroup);
      if (typeof start === "string") return start;
      starts.push(start);
    }
    const parts: string[] = [];
    for (const [i, key] of keys.entries()) {
      const stream = contentOf(model, session, key, "stream") ?? undefined;
      if (stream === undefined) continue;
      const entries = inGroup
        ? readInGroup(model, session, key, stream, reading, starts[i])
        : readAlone(stream, reading, starts[i]);
      if (entries === null) continue;
      const items = array(entries);
      parts.push(session.resp === 2 ? array([bulk(key), items]) : bulk(key) + items);
    }
    if (parts.length > 0) {
      return `${session.resp === 2 ? "*" : "%"}${parts.length}\r\n${parts.join("")}`;
    }
    if (reading.deadlineMs === undefined) return nilArray(session);
    // "$" means the end of the stream as it is now, also when the command runs again.
    const behind = words.length - ids.length;
    const fixed = words.map((word, i) =>
      i >= behind && word === "$" ? idText(starts[i - behind]) : word,
    );
    return model.blocking.wait(
      session,
      fixed,
      keys,
      "stream",
      reading.deadlineMs,
      nilArray(session),
      inGroup,
    );
  };
}

function readAlone(stream: ModelStream, { count }: Reading, start: bigint): string[] | null {
  const { entries } = stream;
  const last = entries.at(-1);
  if (last === undefined || last.id <= start) return null;
  const picked = entries.slice(lowerBound(entries, start + 1n));
  return (count === 0 ? picked : picked.slice(0, count)).map(entryReply);
}

function readInGroup(
  model: Model,
  session: Session,
  key: string,
  stream: ModelStream,
  reading: Reading,
  start: bigint,
): string[] | null {
  const group = stream.groups.get(reading.group)!;
  const last = stream.entries.at(-1);
  const isNews = start === ID_MAX;
  const { lastId } = group;
  const consumer = consumerOf(model, session, key, group, reading.consumer);
  consumer.seenMs = model.nowMs;
  if (!isNews) return readHistory(model, stream, group, reading, start);
  if (last === undefined || last.id <= lastId) return null;
  const picked = stream.entries.slice(lowerBound(stream.entries, lastId + 1n));
  const { count } = reading;
  return (count === 0 ? picked : picked.slice(0, count)).map((entry) => {
    deliver(model, stream, group, reading, consumer, entry);
    return entryReply(entry);
  });
}

function deliver(
  model: Model,
  stream: ModelStream,
  group: Group,
  reading: Reading,
  consumer: Consumer,
  { id }: StreamEntry,
): void {
  if (id > group.lastId) moveOn(stream, group, id);
  if (reading.noAck) return;
  group.pending.set(id, { consumer: reading.consumer, timeMs: model.nowMs, count: 1n });
  consumer.activeMs = model.nowMs;
}

function readHistory(
  model: Model,
  stream: ModelStream,
  group: Group,
  { consumer, count }: Reading,
  start: bigint,
): string[] {
  const own = [...group.pending].filter(([id, p]) => id > start && p.consumer === consumer);
  const ids = sortedIds(own.map(([id]) => id));
  return (count === 0 ? ids : ids.slice(0, count)).map((id) => {
    const entry = entryAt(stream, id);
    if (entry === undefined) return `*2\r\n${bulk(idText(id))}${"*-1\r\n"}`;
    const pending = group.pending.get(id)!;
    pending.timeMs = model.nowMs;
    pending.count++;
    return entryReply(entry);
  });
}

// -- XGROUP -----------------------------------------------------------------------------------------------

const NEEDS_KEY = error(
  "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);

function noGroup(key: string, name: string): string {
  return `-NOGROUP No such consumer group '${name}' for key name '${key}'\r\n`;
}

const create: ModelCommand = (model, session, words) => {
  const [, , key, name, idWord] = words;
  let makes = false;
  let entriesRead = -1n;
  for (let i = 5; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "mkstream") makes = true;
    else if (option === "entriesread" && i + 1 < words.length) {
      const value = int64(words[++i]);
      if (value === null) return NOT_INTEGER;
      if (value < -1n) return error("value for ENTRIESREAD must be positive or -1");
      entriesRead = value;
    } else {
      return error(
        "unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.",
      );
    }
  }
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  if (stream === undefined && !makes) return NEEDS_KEY;
  const id = idWord === "$" ? (stream?.lastId ?? 0n) : parseId(idWord);
  if (id === null) return INVALID_ID;
  const target = contentOrNew<"stream">(model, session, key, emptyStream())!;
  if (target.groups.has(name)) return "-BUSYGROUP Consumer Group name already exists\r\n";
  target.groups.set(name, {
    lastId: id,
    entriesRead,
    pending: new Map(),
    consumers: new Map(),
  });
  model.notify(session.db, "t", "xgroup-create", key);
  return OK;
};

/** A subcommand of XGROUP for a key that must exist. */
function onGroup(
  run: (
    model: Model,
    session: Session,
    words: string[],
    stream: ModelStream,
    group: Group | undefined,
  ) => Prediction,
  needsGroup: boolean,
): ModelCommand {
  return (model, session, words) => {
    const [, , key, name] = words;
    const stream = contentOf(model, session, key, "stream");
    if (stream === null) return WRONG_TYPE;
    if (stream === undefined) return NEEDS_KEY;
    const group = stream.groups.get(name);
    if (group === undefined && needsGroup) return noGroup(key, name);
    return run(model, session, words, stream, group);
  };
}

const setId = onGroup((model, session, words, stream, group) => {
  const idWord = words[4];
  const id =
    idWord === "$"
      ? stream.lastId
      : idWord === "-"
        ? 0n
        : idWord === "+"
          ? ID_MAX
          : parseId(idWord);
  if (id === null) return INVALID_ID;
  group!.lastId = id;
  group!.entriesRead = words.length > 5 ? int64(words[6])! : -1n;
  model.notify(session.db, "t", "xgroup-setid", words[2]);
  return OK;
}, true);

const destroy = onGroup((model, session, [, , key, name], stream, group) => {
  if (group === undefined) return integer(0);
  stream.groups.delete(name);
  model.notify(session.db, "t", "xgroup-destroy", key);
  model.blocking.signal(session.db, key);
  return integer(1);
}, false);

const createConsumer = onGroup((model, session, [, , key, , name], _stream, group) => {
  if (group!.consumers.has(name)) return integer(0);
  consumerOf(model, session, key, group!, name);
  return integer(1);
}, true);

const delConsumer = onGroup((model, session, [, , key, , name], _stream, group) => {
  if (!group!.consumers.delete(name)) return integer(0);
  let count = 0;
  for (const [id, { consumer }] of [...group!.pending]) {
    if (consumer !== name) continue;
    group!.pending.delete(id);
    count++;
  }
  model.notify(session.db, "t", "xgroup-delconsumer", key);
  return integer(count);
}, true);

// -- XACK, XPENDING ---------------------------------------------------------------------------------------

const xack: ModelCommand = (model, session, [, key, name, ...words]) => {
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  const group = stream?.groups.get(name);
  if (group === undefined) return integer(0);
  const ids = words.map((word) => parseId(word));
  if (ids.includes(null)) return INVALID_ID;
  return integer(ids.filter((id) => group.pending.delete(id!)).length);
};

const xpending: ModelCommand = (model, session, words) => {
  const [, key, name] = words;
  if (words.length !== 3 && (words.length < 6 || words.length > 9)) return SYNTAX_ERROR;
  const query = words.length === 3 ? null : parseQuery(words);
  if (typeof query === "string") return query;
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  const group = stream?.groups.get(name);
  if (group === undefined) {
    return `-NOGROUP No such key '${key}' or consumer group '${name}'\r\n`;
  }
  return query === null ? summary(session, group) : pendingList(model, group, query);
};

interface PendingQuery {
  from: bigint;
  to: bigint;
  count: bigint;
  consumer: string | undefined;
  minIdleMs: bigint;
}

function parseQuery(words: readonly string[]): PendingQuery | string {
  let at = 3;
  let minIdleMs = 0n;
  if (words[3].toLowerCase() === "idle") {
    const idle = int64(words[4]);
    if (idle === null) return NOT_INTEGER;
    if (words.length < 8) return SYNTAX_ERROR;
    minIdleMs = idle;
    at += 2;
  }
  const count = int64(words[at + 2]);
  if (count === null) return NOT_INTEGER;
  const from = parseEdge(words[at], true);
  if (typeof from === "string") return from;
  const to = parseEdge(words[at + 1], false);
  if (typeof to === "string") return to;
  return { from, to, count, consumer: words[at + 3], minIdleMs };
}

function summary(session: Session, group: Group): string {
  const ids = sortedIds(group.pending.keys());
  if (ids.length === 0) {
    return `*4\r\n:0\r\n${nil(session)}${nil(session)}${nilArray(session)}`;
  }
  const counts = new Map<string, number>();
  for (const { consumer } of group.pending.values()) {
    counts.set(consumer, (counts.get(consumer) ?? 0) + 1);
  }
  const rows = [...counts.keys()]
    .sort()
    .map((consumer) => array([bulk(consumer), bulk(String(counts.get(consumer)))]));
  return array([integer(ids.length), bulk(idText(ids[0])), bulk(idText(ids.at(-1)!)), array(rows)]);
}

function pendingList(model: Model, group: Group, query: PendingQuery): string {
  const { from, to, count, consumer, minIdleMs } = query;
  if (consumer !== undefined && !group.consumers.has(consumer)) return array([]);
  const rows: string[] = [];
  for (const id of sortedIds(group.pending.keys())) {
    if (BigInt(rows.length) >= count) break;
    const pending = group.pending.get(id)!;
    const idleMs = model.nowMs - pending.timeMs;
    if (id < from || id > to || (consumer !== undefined && pending.consumer !== consumer)) continue;
    if (minIdleMs !== 0n && BigInt(idleMs) < minIdleMs) continue;
    rows.push(
      array([
        bulk(idText(id)),
        bulk(pending.consumer),
        integer(Math.max(0, idleMs)),
        integer(BigInt.asIntN(64, pending.count)),
      ]),
    );
  }
  return array(rows);
}

export const streamGroupModel: ModelFamily = [
  ["xread", -4, read(false)],
  ["xreadgroup", -7, read(true)],
  ["xgroup|create", -5, create],
  ["xgroup|setid", -5, setId],
  ["xgroup|destroy", 4, destroy],
  ["xgroup|createconsumer", 5, createConsumer],
  ["xgroup|delconsumer", 5, delConsumer],
  ["xack", -4, xack],
  ["xpending", -3, xpending],
];
