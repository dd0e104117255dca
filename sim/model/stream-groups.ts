// The model of consumer groups: XGROUP, XACK, XPENDING.
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
  type Group,
  ID_MAX,
  INVALID_ID,
  idText,
  type ModelStream,
  parseEdge,
  parseId,
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
  ["xgroup|create", -5, create],
  ["xgroup|setid", -5, setId],
  ["xgroup|destroy", 4, destroy],
  ["xgroup|createconsumer", 5, createConsumer],
  ["xgroup|delconsumer", 5, delConsumer],
  ["xack", -4, xack],
  ["xpending", -3, xpending],
];
