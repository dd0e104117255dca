// XINFO: what there is to know about a stream, its groups and their consumers.
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Group, Stream } from "../types/stream/stream.ts";
import { type CommandEntry, command } from "./command.ts";
import { NO_SUCH_KEY, unknownSubcommand } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { longArgument } from "./numbers.ts";
import {
  openGroup,
  openStream,
  quotedArgument,
  replyEntries,
  replyEntry,
  replyId,
  replyInt64,
} from "./stream-shared.ts";

/** Entries of each kind that FULL shows when nothing else is said. */
const COUNT_DEFAULT = 10;

/** Opens the stream in argument 2; answers with the error itself and returns null otherwise. */
function openInspected(ctx: Context, args: Args, reply: Reply): Stream | null {
  const entry = ctx.db.read(args, 2);
  if (entry !== NONE) return openStream(ctx, entry, reply);
  reply.error(NO_SUCH_KEY);
  return null;
}

// -- XINFO STREAM -----------------------------------------------------------------------------------

/** XINFO STREAM key [FULL [COUNT count]] */
function infoStream(ctx: Context, args: Args, reply: Reply): void {
  const stream = openInspected(ctx, args, reply);
  if (stream === null) return;
  if (args.count === 3) {
    reply.map(10);
    replyFacts(ctx, stream, reply);
    reply.bulkText("groups");
    reply.integer(ctx.node.streams.groups.nameCount(stream.groups));
    reply.bulkText("first-entry");
    replyEdge(ctx, stream, false, reply);
    reply.bulkText("last-entry");
    replyEdge(ctx, stream, true, reply);
    return;
  }
  const isSyntax =
    args.is(3, "full") && (args.count === 4 || (args.count === 6 && args.is(4, "count")));
  if (!isSyntax) return reply.error(unknownSubcommand(args.latin1(0), args.latin1(1)));
  let countMax = COUNT_DEFAULT;
  if (args.count === 6) {
    countMax = longArgument(args, 5, reply);
    if (Number.isNaN(countMax)) return;
    if (countMax < 0) countMax = COUNT_DEFAULT;
  }
  replyFull(ctx, stream, countMax, reply);
}

/** The seven facts that both forms begin with. */
function replyFacts(ctx: Context, stream: Stream, reply: Reply): void {
  const { indexes, idText, from: id } = ctx.node.streams;
  reply.bulkText("length");
  reply.integer(stream.length);
  reply.bulkText("radix-tree-keys");
  reply.integer(indexes.count(stream.nodes));
  reply.bulkText("radix-tree-nodes");
  reply.integer(stream.radixNodes);
  reply.bulkText("last-generated-id");
  stream.loadLastId(id);
  replyId(reply, idText, id);
  reply.bulkText("max-deleted-entry-id");
  stream.loadMaxDeletedId(id);
  replyId(reply, idText, id);
  reply.bulkText("entries-added");
  replyInt64(reply, stream.entriesAddedHigh, stream.entriesAddedLow);
  reply.bulkText("recorded-first-entry-id");
  stream.loadFirstId(id);
  replyId(reply, idText, id);
}

function replyEdge(ctx: Context, stream: Stream, isLast: boolean, reply: Reply): void {
  startWhole(ctx, stream, isLast);
  const { cursor, idText } = ctx.node.streams;
  if (cursor.next()) replyEntry(reply, idText, cursor);
  else reply.nil();
}

function startWhole(ctx: Context, stream: Stream, isReverse: boolean): void {
  const { cursor, from, to } = ctx.node.streams;
  from.setMin();
  to.setMax();
  cursor.start(stream.nodes, from, to, isReverse);
}

function replyFull(ctx: Context, stream: Stream, countMax: number, reply: Reply): void {
  const { streams } = ctx.node;
  const { groups, cursor, idText } = streams;
  const { nameCursor } = groups;
  reply.map(9);
  replyFacts(ctx, stream, reply);
  reply.bulkText("entries");
  startWhole(ctx, stream, false);
  replyEntries(reply, idText, cursor, countMax);
  reply.bulkText("groups");
  reply.array(groups.nameCount(stream.groups));
  for (let more = groups.firstName(stream.groups, nameCursor); more; more = nameCursor.next()) {
    groups.group.open(groups.owner(nameCursor.entry));
    replyFullGroup(ctx, stream, countMax, reply);
  }
}

/** The group that is open, with its pending entries and consumers. */
function replyFullGroup(ctx: Context, stream: Stream, countMax: number, reply: Reply): void {
  const { groups } = ctx.node.streams;
  const { group, consumerCursor } = groups;
  reply.map(7);
  reply.bulkText("name");
  replyName(ctx, group.name, reply);
  replyProgress(ctx, stream, group, reply);
  reply.bulkText("pel-count");
  reply.integer(groups.pendingCount(group));
  reply.bulkText("pending");
  replyPending(ctx, countMax, false, reply);
  reply.bulkText("consumers");
  reply.array(groups.nameCount(group.consumers));
  const cursor = consumerCursor;
  for (let more = groups.firstName(group.consumers, cursor); more; more = cursor.next()) {
    groups.consumer.open(groups.owner(cursor.entry));
    replyFullConsumer(ctx, countMax, reply);
  }
}

function replyFullConsumer(ctx: Context, countMax: number, reply: Reply): void {
  const { groups } = ctx.node.streams;
  const { consumer } = groups;
  reply.map(5);
  reply.bulkText("name");
  replyName(ctx, consumer.name, reply);
  reply.bulkText("seen-time");
  replyInt64(reply, consumer.timeWord(1), consumer.timeWord(0));
  reply.bulkText("active-time");
  replyInt64(reply, consumer.timeWord(3), consumer.timeWord(2));
  reply.bulkText("pel-count");
  reply.integer(groups.ownCount(consumer));
  reply.bulkText("pending");
  replyPending(ctx, countMax, true, reply);
}

/** Pending entries of the open group, or of the open consumer. */
function replyPending(ctx: Context, countMax: number, ofConsumer: boolean, reply: Reply): void {
  const { groups, idText, from: id } = ctx.node.streams;
  const { group, consumer, entry } = groups;
  const indexes = ofConsumer ? groups.owned : groups.pending;
  const cursor = ofConsumer ? groups.ownCursor : groups.cursor;
  const index = ofConsumer ? consumer.pending : group.pending;
  const mark = reply.mark();
  let count = 0;
  let more = index !== NONE && indexes.first(index, cursor);
  for (; more && (countMax === 0 || count < countMax); more = cursor.next()) {
    id.load(cursor.words, cursor.at);
    if (ofConsumer) groups.findPending(group, id);
    else entry.place(cursor.words, cursor.at);
    reply.array(ofConsumer ? 3 : 4);
    replyId(reply, idText, id);
    if (!ofConsumer) replyName(ctx, groups.consumerNameOf(entry.consumer), reply);
    replyInt64(reply, entry.timeHigh, entry.timeLow);
    replyInt64(reply, entry.countHigh, entry.countLow);
    count++;
  }
  reply.insertArray(mark, count);
}

function replyName(ctx: Context, entry: number, reply: Reply): void {
  const { name, arena } = ctx.node.streams.groups;
  name.open(arena, entry);
  reply.bulk(name.bytes, name.offset, name.length);
}

/** How far a group has come: its last ID, how much it has read, how much it has not. */
function replyProgress(ctx: Context, stream: Stream, group: Group, reply: Reply): void {
  const { streams } = ctx.node;
  reply.bulkText("last-delivered-id");
  group.loadLastId(streams.from);
  replyId(reply, streams.idText, streams.from);
  reply.bulkText("entries-read");
  if (group.knowsEntriesRead) replyInt64(reply, group.entriesReadHigh, group.entriesReadLow);
  else reply.nil();
  reply.bulkText("lag");
  if (streams.lag(stream, group)) replyInt64(reply, streams.readHigh, streams.readLow);
  else reply.nil();
}

// -- XINFO GROUPS, XINFO CONSUMERS --------------------------------------------------------------------

/** XINFO GROUPS key */
function infoGroups(ctx: Context, args: Args, reply: Reply): void {
  const stream = openInspected(ctx, args, reply);
  if (stream === null) return;
  const { groups } = ctx.node.streams;
  const { group, nameCursor } = groups;
  reply.array(groups.nameCount(stream.groups));
  for (let more = groups.firstName(stream.groups, nameCursor); more; more = nameCursor.next()) {
    group.open(groups.owner(nameCursor.entry));
    reply.map(6);
    reply.bulkText("name");
    replyName(ctx, nameCursor.entry, reply);
    reply.bulkText("consumers");
    reply.integer(groups.nameCount(group.consumers));
    reply.bulkText("pending");
    reply.integer(groups.pendingCount(group));
    replyProgress(ctx, stream, group, reply);
  }
}

/** XINFO CONSUMERS key group */
function infoConsumers(ctx: Context, args: Args, reply: Reply): void {
  if (openInspected(ctx, args, reply) === null) return;
  if (!openGroup(ctx, args, 3)) {
    return reply.error(
      `NOGROUP No such consumer group ${quotedArgument(args, 3)} for key name ${quotedArgument(args, 2)}`,
    );
  }
  const { groups } = ctx.node.streams;
  const { group, consumer, nameCursor: cursor } = groups;
  reply.array(groups.nameCount(group.consumers));
  for (let more = groups.firstName(group.consumers, cursor); more; more = cursor.next()) {
    consumer.open(groups.owner(cursor.entry));
    const { activeMs, seenMs } = consumer;
    reply.map(4);
    reply.bulkText("name");
    replyName(ctx, cursor.entry, reply);
    reply.bulkText("pending");
    reply.integer(groups.ownCount(consumer));
    reply.bulkText("idle");
    reply.integer(Math.max(ctx.nowMs - seenMs, 0));
    reply.bulkText("inactive");
    reply.integer(activeMs === -1 ? -1 : ctx.nowMs - activeMs);
  }
}

export const streamInfoCommands: readonly CommandEntry[] = [
  command("xinfo|stream", infoStream),
  command("xinfo|groups", infoGroups),
  command("xinfo|consumers", infoConsumers),
  helpCommand("xinfo"),
];
