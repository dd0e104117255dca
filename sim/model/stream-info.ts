// The model of XINFO.
import { contentOf } from "./collections.ts";
import type { Judge, ModelCommand, ModelFamily } from "./model.ts";
import {
  array,
  bulk,
  error,
  integer,
  map,
  NO_KEY,
  NOT_INTEGER,
  nil,
  WRONG_TYPE,
} from "./replies.ts";
import type { Session } from "./session.ts";
import {
  entryReply,
  type Group,
  idText,
  lagOf,
  type ModelStream,
  sortedIds,
} from "./stream-content.ts";
import { int64 } from "./strings.ts";

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

export const streamInfoModel: ModelFamily = [
  ["xinfo|stream", -3, infoStream],
  ["xinfo|groups", 3, infoGroups],
  ["xinfo|consumers", 4, infoConsumers],
];
