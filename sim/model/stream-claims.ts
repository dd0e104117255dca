// The model of pending entries that change hands, XCLAIM and XAUTOCLAIM, and of XINFO.
import { contentOf } from "./collections.ts";
import type { Judge, Model, ModelCommand, ModelFamily } from "./model.ts";
import {
  array,
  bulk,
  error,
  integer,
  map,
  NO_KEY,
  NOT_INTEGER,
  nil,
  SYNTAX_ERROR,
  WRONG_TYPE,
} from "./replies.ts";
import type { Session } from "./session.ts";
import {
  type Consumer,
  entryAt,
  entryReply,
  type Group,
  INVALID_ID,
  idText,
  lagOf,
  type ModelStream,
  type PendingEntry,
  parseEdge,
  parseId,
  sortedIds,
} from "./stream-content.ts";
import { consumerOf } from "./stream-groups.ts";
import { int64 } from "./strings.ts";

function noGroup(key: string, group: string): string {
  return `-NOGROUP No such key '${key}' or consumer group '${group}'\r\n`;
}

/** Gives a pending entry to a consumer. */
function handOver(
  pending: PendingEntry,
  name: string,
  consumer: Consumer,
  timeMs: number,
  nowMs: number,
): void {
  pending.consumer = name;
  pending.timeMs = timeMs;
  consumer.activeMs = nowMs;
}

// -- XCLAIM -----------------------------------------------------------------------------------------------

interface Claim {
  ids: bigint[];
  force: boolean;
  justId: boolean;
  timeMs: number;
  retryCount: bigint;
  lastId: bigint;
}

function parseClaim(model: Model, words: readonly string[]): Claim | string {
  const claim: Claim = {
    ids: [],
    force: false,
    justId: false,
    timeMs: -1,
    retryCount: -1n,
    lastId: 0n,
  };
  let i = 5;
  for (; i < words.length; i++) {
    const id = parseId(words[i]);
    if (id === null) break;
    claim.ids.push(id);
  }
  for (; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const hasMore = i + 1 < words.length;
    if (option === "force") claim.force = true;
    else if (option === "justid") claim.justId = true;
    else if (option === "lastid" && hasMore) {
      const id = parseId(words[++i]);
      if (id === null) return INVALID_ID;
      claim.lastId = id;
    } else if (["idle", "time", "retrycount"].includes(option) && hasMore) {
      const value = int64(words[++i]);
      if (value === null) {
        return error(`Invalid ${option.toUpperCase()} option argument for XCLAIM`);
      }
      if (option === "retrycount") claim.retryCount = value;
      else claim.timeMs = option === "idle" ? model.nowMs - Number(value) : Number(value);
    } else {
      return error(`Unrecognized XCLAIM option '${words[i]}'`);
    }
  }
  if (claim.timeMs < 0 || claim.timeMs > model.nowMs) claim.timeMs = model.nowMs;
  return claim;
}

const xclaim: ModelCommand = (model, session, words) => {
  const [, key, groupName, name, minIdleText] = words;
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  const group = stream?.groups.get(groupName);
  if (stream === undefined || group === undefined) return noGroup(key, groupName);
  const minIdle = int64(minIdleText);
  if (minIdle === null) return error("Invalid min-idle-time argument for XCLAIM");
  const claim = parseClaim(model, words);
  if (typeof claim === "string") return claim;
  if (claim.lastId > group.lastId) group.lastId = claim.lastId;
  const consumer = consumerOf(model, session, key, group, name);
  consumer.seenMs = model.nowMs;
  const items: string[] = [];
  for (const id of claim.ids) {
    const item = claimOne(model, stream, group, claim, id, name, consumer, minIdle);
    if (item !== null) items.push(item);
  }
  return array(items);
};

function claimOne(
  model: Model,
  stream: ModelStream,
  group: Group,
  claim: Claim,
  id: bigint,
  name: string,
  consumer: Consumer,
  minIdle: bigint,
): string | null {
  const entry = entryAt(stream, id);
  let pending = group.pending.get(id);
  if (entry === undefined) {
    group.pending.delete(id);
    return null;
  }
  if (pending === undefined) {
    if (!claim.force) return null;
    pending = { consumer: name, timeMs: model.nowMs, count: 1n };
    group.pending.set(id, pending);
  } else if (minIdle > 0n && BigInt(model.nowMs - pending.timeMs) < minIdle) {
    return null;
  }
  handOver(pending, name, consumer, claim.timeMs, model.nowMs);
  if (claim.retryCount >= 0n) pending.count = claim.retryCount;
  else if (!claim.justId) pending.count++;
  return claim.justId ? bulk(idText(id)) : entryReply(entry);
}

// -- XAUTOCLAIM -------------------------------------------------------------------------------------------

const xautoclaim: ModelCommand = (model, session, words) => {
  const [, key, groupName, name, minIdleText, startText] = words;
  const minIdle = int64(minIdleText);
  if (minIdle === null) return error("Invalid min-idle-time argument for XAUTOCLAIM");
  const start = parseEdge(startText, true);
  if (typeof start === "string") return start;
  let count = 100;
  let justId = false;
  for (let i = 6; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "count" && i + 1 < words.length) {
      const value = int64(words[++i]);
      if (value === null) return error("COUNT must be > 0");
      if (value < 1n || value > (2n ** 63n - 1n) / 16n) return error("COUNT must be > 0");
      count = Number(value);
    } else if (option === "justid") justId = true;
    else return SYNTAX_ERROR;
  }
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  const group = stream?.groups.get(groupName);
  if (stream === undefined || group === undefined) return noGroup(key, groupName);
  const consumer = consumerOf(model, session, key, group, name);
  consumer.seenMs = model.nowMs;
  const ids = sortedIds(group.pending.keys()).filter((id) => id >= start);
  const items: string[] = [];
  const gone: string[] = [];
  let at = 0;
  for (let attempts = count * 10; attempts > 0 && count > 0 && at < ids.length; attempts--) {
    const id = ids[at++];
    const pending = group.pending.get(id)!;
    const entry = entryAt(stream, id);
    if (entry === undefined) {
      group.pending.delete(id);
      gone.push(bulk(idText(id)));
      count--;
      continue;
    }
    if (minIdle > 0n && BigInt(model.nowMs - pending.timeMs) < minIdle) continue;
    handOver(pending, name, consumer, model.nowMs, model.nowMs);
    if (!justId) pending.count++;
    items.push(justId ? bulk(idText(id)) : entryReply(entry));
    count--;
  }
  return array([bulk(idText(ids[at] ?? 0n)), array(items), array(gone)]);
};

// -- XINFO ------------------------------------------------------------------------------------------------

/** A reply with one integer in the middle that only its server knows. */
function aroundInteger(before: string, after: string): Judge {
  return ({ raw }) => {
    if (!raw.startsWith(before) || !raw.endsWith(after)) {
      return `expected ${JSON.stringify(before)}…${JSON.stringify(after)}`;
    }
    const middle = raw.slice(before.length, raw.length - after.length);
    return /^:\d+\r\n$/.test(middle) ? null : "no integer in the middle";
  };
}

const infoStream: ModelCommand = (model, session, words) => {
  const stream = contentOf(model, session, words[2], "stream");
  if (stream === undefined) return NO_KEY;
  if (stream === null) return WRONG_TYPE;
  let count = 10;
  if (words.length > 3) {
    const usage = error(
      `unknown subcommand or wrong number of arguments for '${words[1]}'. Try XINFO HELP.`,
    );
    if ((words.length !== 4 && words.length !== 6) || words[3].toLowerCase() !== "full") {
      return usage;
    }
    if (words.length === 6) {
      if (words[4].toLowerCase() !== "count") return usage;
      const value = int64(words[5]);
      if (value === null) return NOT_INTEGER;
      count = value < 0n ? 10 : Number(value);
    }
  }
  const head = map(
    session,
    Array.from({ length: words.length > 3 ? 18 : 20 }, () => ""),
  );
  const before = [
    bulk("length"),
    integer(stream.entries.length),
    bulk("radix-tree-keys"),
    integer(stream.nodes.length),
    bulk("radix-tree-nodes"),
  ].join("");
  const after = [
    bulk("last-generated-id"),
    bulk(idText(stream.lastId)),
    bulk("max-deleted-entry-id"),
    bulk(idText(stream.maxDeletedId)),
    bulk("entries-added"),
    integer(stream.entriesAdded),
    bulk("recorded-first-entry-id"),
    bulk(idText(stream.firstId)),
    words.length > 3 ? full(session, stream, count) : brief(session, stream),
  ].join("");
  return aroundInteger(head + before, after);
};

function brief(session: Session, { entries, groups }: ModelStream): string {
  const [first] = entries;
  const last = entries.at(-1);
  return [
    bulk("groups"),
    integer(groups.size),
    bulk("first-entry"),
    first === undefined ? nil(session) : entryReply(first),
    bulk("last-entry"),
    last === undefined ? nil(session) : entryReply(last),
  ].join("");
}

function full(session: Session, stream: ModelStream, count: number): string {
  const shown = count === 0 ? stream.entries : stream.entries.slice(0, count);
  const groups = [...stream.groups.keys()]
    .sort()
    .map((name) => fullGroup(session, stream, name, count));
  return [bulk("entries"), array(shown.map(entryReply)), bulk("groups"), array(groups)].join("");
}

/** What XINFO GROUPS and STREAM FULL tell of a group's progress. */
function progress(session: Session, stream: ModelStream, group: Group): string[] {
  const { entriesRead } = group;
  const lag = lagOf(stream, group);
  return [
    bulk("last-delivered-id"),
    bulk(idText(group.lastId)),
    bulk("entries-read"),
    entriesRead === -1n ? nil(session) : integer(entriesRead),
    bulk("lag"),
    lag === null ? nil(session) : integer(lag),
  ];
}

function fullGroup(session: Session, stream: ModelStream, name: string, count: number): string {
  const group = stream.groups.get(name)!;
  const ids = sortedIds(group.pending.keys());
  const row = (id: bigint, withConsumer: boolean): string => {
    const { consumer, timeMs, count: deliveries } = group.pending.get(id)!;
    const owner = withConsumer ? [bulk(consumer)] : [];
    return array([
      bulk(idText(id)),
      ...owner,
      integer(timeMs),
      integer(BigInt.asIntN(64, deliveries)),
    ]);
  };
  const limited = (all: bigint[]): bigint[] => (count === 0 ? all : all.slice(0, count));
  const consumers = [...group.consumers.keys()].sort().map((consumer) => {
    const own = ids.filter((id) => group.pending.get(id)!.consumer === consumer);
    const { seenMs, activeMs } = group.consumers.get(consumer)!;
    return map(session, [
      bulk("name"),
      bulk(consumer),
      bulk("seen-time"),
      integer(seenMs),
      bulk("active-time"),
      integer(activeMs),
      bulk("pel-count"),
      integer(own.length),
      bulk("pending"),
      array(limited(own).map((id) => row(id, false))),
    ]);
  });
  return map(session, [
    bulk("name"),
    bulk(name),
    ...progress(session, stream, group),
    bulk("pel-count"),
    integer(ids.length),
    bulk("pending"),
    array(limited(ids).map((id) => row(id, true))),
    bulk("consumers"),
    array(consumers),
  ]);
}

const infoGroups: ModelCommand = (model, session, [, , key]) => {
  const stream = contentOf(model, session, key, "stream");
  if (stream === undefined) return NO_KEY;
  if (stream === null) return WRONG_TYPE;
  return array(
    [...stream.groups.keys()].sort().map((name) => {
      const group = stream.groups.get(name)!;
      return map(session, [
        bulk("name"),
        bulk(name),
        bulk("consumers"),
        integer(group.consumers.size),
        bulk("pending"),
        integer(group.pending.size),
        ...progress(session, stream, group),
      ]);
    }),
  );
};

const infoConsumers: ModelCommand = (model, session, [, , key, name]) => {
  const stream = contentOf(model, session, key, "stream");
  if (stream === undefined) return NO_KEY;
  if (stream === null) return WRONG_TYPE;
  const group = stream.groups.get(name);
  if (group === undefined) {
    return `-NOGROUP No such consumer group '${name}' for key name '${key}'\r\n`;
  }
  return array(
    [...group.consumers.keys()].sort().map((consumer) => {
      const { seenMs, activeMs } = group.consumers.get(consumer)!;
      const own = [...group.pending.values()].filter((entry) => entry.consumer === consumer);
      return map(session, [
        bulk("name"),
        bulk(consumer),
        bulk("pending"),
        integer(own.length),
        bulk("idle"),
        integer(Math.max(0, model.nowMs - seenMs)),
        bulk("inactive"),
        integer(activeMs === -1 ? -1 : model.nowMs - activeMs),
      ]);
    }),
  );
};

export const streamClaimModel: ModelFamily = [
  ["xclaim", -6, xclaim],
  ["xautoclaim", -6, xautoclaim],
  ["xinfo|stream", -3, infoStream],
  ["xinfo|groups", 3, infoGroups],
  ["xinfo|consumers", 4, infoConsumers],
];
