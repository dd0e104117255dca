// The model of XREAD and XREADGROUP.
import { contentOf } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { array, bulk, error, NOT_INTEGER, nilArray, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import {
  type Consumer,
  entryAt,
  entryReply,
  type Group,
  ID_MAX,
  INVALID_ID,
  idText,
  lowerBound,
  type ModelStream,
  moveOn,
  parseId,
  type StreamEntry,
  sortedIds,
} from "./stream-content.ts";
import { consumerOf } from "./stream-groups.ts";
import { int64 } from "./strings.ts";

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

export const streamReadModel: ModelFamily = [
  ["xread", -4, read(false)],
  ["xreadgroup", -7, read(true)],
];
