// Consumer groups of streams: XGROUP, XACK, XPENDING.
import { NOTIFY_STREAM } from "../keyspace/events.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { StreamId } from "../types/stream/stream-id.ts";
import { ALLOW_EDGES, ALLOW_NONE } from "../types/stream/stream-id.ts";
import { freeGroup } from "../types/stream/stream-release.ts";
import { parseInt64 } from "../util/integer.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_INTEGER, SYNTAX_ERROR, unknownSubcommand } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { longArgument } from "./numbers.ts";
import { makeConsumer } from "./stream-read.ts";
import {
  createStream,
  endArgument,
  idArgument,
  isCharacter,
  noGroup,
  openConsumer,
  openGroup,
  openStream,
  quotedArgument,
  replyId,
  replyInt64,
  startArgument,
} from "./stream-shared.ts";

const NO_KEY =
  "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.";
const BUSY_GROUP = "BUSYGROUP Consumer Group name already exists";
const NEGATIVE_READ = "ERR value for ENTRIESREAD must be positive or -1";

const DOLLAR = 36;
/** CREATE with all its options, each once. */
const CREATE_ARGUMENTS_MAX = 8;

// -- XGROUP -----------------------------------------------------------------------------------------

/** Options of CREATE and SETID. */
interface GroupOptions {
  mkStream: boolean;
  entriesRead: bigint;
}

/** Reads the options from argument 5 on; null when it has answered with an error itself. */
function parseOptions(args: Args, reply: Reply, isCreate: boolean): GroupOptions | null {
  const options = { mkStream: false, entriesRead: -1n };
  for (let i = 5; i < args.count; i++) {
    if (isCreate && args.is(i, "mkstream")) {
      options.mkStream = true;
    } else if (args.is(i, "entriesread") && i + 1 < args.count) {
      i++;
      const read = parseInt64(args.bytes, args.offset[i], args.length[i]);
      if (read === null) return fail(reply, NOT_INTEGER);
      if (read < -1n) return fail(reply, NEGATIVE_READ);
      options.entriesRead = read;
    } else {
      return fail(reply, syntaxError(args));
    }
  }
  return options;
}

function fail(reply: Reply, error: string): null {
  reply.error(error);
  return null;
}

function syntaxError(args: Args): string {
  return unknownSubcommand(args.latin1(0), args.latin1(1));
}

/**
 * Opens the stream in argument 2, and the group in argument 3 if `needsGroup`. Answers with the error
 * itself and returns false when one is missing.
 */
function openForChange(ctx: Context, args: Args, reply: Reply, needsGroup: boolean): boolean {
  const entry = ctx.db.write(args, 2);
  if (entry === NONE) {
    reply.error(NO_KEY);
    return false;
  }
  if (openStream(ctx, entry, reply) === null) return false;
  if (!needsGroup || openGroup(ctx, args, 3)) return true;
  reply.error(
    `NOGROUP No such consumer group ${quotedArgument(args, 3)} for key name ${quotedArgument(args, 2)}`,
  );
  return false;
}

/** The ID in argument 4, where "$" is the last one of the stream that is open. */
function groupId(
  ctx: Context,
  args: Args,
  id: StreamId,
  exists: boolean,
  allowed: number,
  reply: Reply,
): boolean {
  if (!isCharacter(args, 4, DOLLAR)) return idArgument(args, 4, id, reply, allowed);
  if (exists) ctx.node.streams.stream.loadLastId(id);
  else id.setMin();
  return true;
}

function setGroup(ctx: Context, id: StreamId, entriesRead: bigint): void {
  const { group } = ctx.node.streams.groups;
  group.storeLastId(id);
  group.setEntriesRead(Number(entriesRead >> 32n), Number(BigInt.asIntN(32, entriesRead)));
}

/** XGROUP CREATE key group id | $ [MKSTREAM] [ENTRIESREAD entries-read] */
function create(ctx: Context, args: Args, reply: Reply): void {
  const { streams } = ctx.node;
  const options = parseOptions(args, reply, true);
  if (options === null) return;
  let exists = true;
  if (!options.mkStream) {
    if (!openForChange(ctx, args, reply, false)) return;
  } else {
    const entry = ctx.db.write(args, 2);
    exists = entry !== NONE;
    if (exists && openStream(ctx, entry, reply) === null) return;
  }
  if (args.count > CREATE_ARGUMENTS_MAX) return reply.error(syntaxError(args));
  const id = streams.from;
  if (!groupId(ctx, args, id, exists, ALLOW_NONE, reply)) return;
  if (!exists) {
    createStream(ctx, args, 2);
    ctx.modified(args, 2);
    ctx.node.blocking.signal(ctx.db.index, args.bytes, args.offset[2], args.length[2]);
  } else if (openGroup(ctx, args, 3)) {
    return reply.error(BUSY_GROUP);
  }
  streams.groups.createGroup(streams.stream, args.bytes, args.offset[3], args.length[3]);
  setGroup(ctx, id, options.entriesRead);
  reply.ok();
  ctx.keyspace.dirty++;
  ctx.notify(args, 2, NOTIFY_STREAM, "xgroup-create");
}

/** XGROUP SETID key group id | $ [ENTRIESREAD entries-read] */
function setId(ctx: Context, args: Args, reply: Reply): void {
  const options = parseOptions(args, reply, false);
  if (options === null || !openForChange(ctx, args, reply, true)) return;
  if (args.count !== 5 && args.count !== 7) return reply.error(syntaxError(args));
  const id = ctx.node.streams.from;
  if (!groupId(ctx, args, id, true, ALLOW_EDGES, reply)) return;
  setGroup(ctx, id, options.entriesRead);
  reply.ok();
  ctx.keyspace.dirty++;
  ctx.notify(args, 2, NOTIFY_STREAM, "xgroup-setid");
}

/** XGROUP DESTROY key group */
function destroy(ctx: Context, args: Args, reply: Reply): void {
  const { streams, blocking } = ctx.node;
  if (!openForChange(ctx, args, reply, false)) return;
  if (!openGroup(ctx, args, 3)) return reply.integer(0);
  streams.groups.unlinkGroup(streams.stream, streams.groups.group);
  freeGroup(streams, streams.groups.group);
  reply.integer(1);
  ctx.keyspace.dirty++;
  ctx.notify(args, 2, NOTIFY_STREAM, "xgroup-destroy");
  // Who waits in this group learns that it is gone.
  blocking.signal(ctx.db.index, args.bytes, args.offset[2], args.length[2]);
}

/** XGROUP CREATECONSUMER key group consumer */
function createConsumer(ctx: Context, args: Args, reply: Reply): void {
  if (!openForChange(ctx, args, reply, true)) return;
  const exists = openConsumer(ctx, args, 4);
  if (!exists) makeConsumer(ctx, args, 2, 4);
  reply.integer(exists ? 0 : 1);
}

/** XGROUP DELCONSUMER key group consumer */
function deleteConsumer(ctx: Context, args: Args, reply: Reply): void {
  const { groups } = ctx.node.streams;
  if (!openForChange(ctx, args, reply, true)) return;
  if (!openConsumer(ctx, args, 4)) return reply.integer(0);
  const pending = groups.ownCount(groups.consumer);
  groups.removeConsumer(groups.group, groups.consumer);
  ctx.keyspace.dirty++;
  ctx.notify(args, 2, NOTIFY_STREAM, "xgroup-delconsumer");
  reply.integer(pending);
}

// -- XACK -------------------------------------------------------------------------------------------

/** XACK key group id [id ...] */
function xack(ctx: Context, args: Args, reply: Reply): void {
  const { from: id, groups } = ctx.node.streams;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (openStream(ctx, entry, reply) === null) return;
  if (!openGroup(ctx, args, 2)) return reply.integer(0);
  // All or nothing: an ID that is none must not be found when others are gone already.
  for (let i = 3; i < args.count; i++) if (!idArgument(args, i, id, reply)) return;
  let acknowledged = 0;
  for (let i = 3; i < args.count; i++) {
    idArgument(args, i, id, reply);
    if (groups.removePending(groups.group, id)) acknowledged++;
  }
  ctx.keyspace.dirty += acknowledged;
  reply.integer(acknowledged);
}

// -- XPENDING ---------------------------------------------------------------------------------------

/** XPENDING key group [[IDLE min-idle-time] start end count [consumer]] */
function xpending(ctx: Context, args: Args, reply: Reply): void {
  const isSummary = args.count === 3;
  if (!isSummary && (args.count < 6 || args.count > 9)) return reply.error(SYNTAX_ERROR);
  const { from, to } = ctx.node.streams;
  let first = 3;
  let minIdleMs = 0;
  let countMax = 0;
  if (!isSummary) {
    if (args.is(3, "idle")) {
      minIdleMs = longArgument(args, 4, reply);
      if (Number.isNaN(minIdleMs)) return;
      if (args.count < 8) return reply.error(SYNTAX_ERROR);
      first = 5;
    }
    countMax = longArgument(args, first + 2, reply);
    if (Number.isNaN(countMax)) return;
    if (!startArgument(args, first, from, reply)) return;
    if (!endArgument(args, first + 1, to, reply)) return;
  }
  const entry = ctx.db.read(args, 1);
  if (entry !== NONE && openStream(ctx, entry, reply) === null) return;
  if (entry === NONE || !openGroup(ctx, args, 2)) return reply.error(noGroup(args));
  if (isSummary) return replySummary(ctx, reply);
  const hasConsumer = first + 3 < args.count;
  if (hasConsumer && !openConsumer(ctx, args, first + 3)) return reply.array(0);
  replyPending(ctx, reply, Math.max(countMax, 0), minIdleMs, hasConsumer);
}

/** How much is pending in the open group, from where to where, and for whom. */
function replySummary(ctx: Context, reply: Reply): void {
  const { groups, idText, from: id } = ctx.node.streams;
  const { group, consumer, name, cursor, nameCursor } = groups;
  const count = groups.pendingCount(group);
  reply.array(4);
  reply.integer(count);
  if (count === 0) {
    reply.nil();
    reply.nil();
    return reply.nilArray();
  }
  groups.pending.first(group.pending, cursor);
  id.load(cursor.words, cursor.at);
  replyId(reply, idText, id);
  groups.pending.last(group.pending, cursor);
  id.load(cursor.words, cursor.at);
  replyId(reply, idText, id);
  const mark = reply.mark();
  let consumers = 0;
  for (let more = groups.firstName(group.consumers, nameCursor); more; more = nameCursor.next()) {
    consumer.open(groups.owner(nameCursor.entry));
    const own = groups.ownCount(consumer);
    if (own === 0) continue;
    name.open(groups.arena, nameCursor.entry);
    reply.array(2);
    reply.bulk(name.bytes, name.offset, name.length);
    reply.bulkInteger(own);
    consumers++;
  }
  reply.insertArray(mark, consumers);
}

/** What is pending in the open group, or for the open consumer, from `streams.from` to `.to`. */
function replyPending(
  ctx: Context,
  reply: Reply,
  countMax: number,
  minIdleMs: number,
  ofConsumer: boolean,
): void {
  const { groups, idText, from, to } = ctx.node.streams;
  const { group, consumer, name, entry } = groups;
  const indexes = ofConsumer ? groups.owned : groups.pending;
  const cursor = ofConsumer ? groups.ownCursor : groups.cursor;
  const index = ofConsumer ? consumer.pending : group.pending;
  const id = ctx.node.streams.ids.at(0);
  const mark = reply.mark();
  let count = 0;
  let more = index !== NONE && indexes.seek(index, from, cursor);
  for (; more && count < countMax; more = cursor.next()) {
    id.load(cursor.words, cursor.at);
    if (id.compare(to) > 0) break;
    if (ofConsumer) groups.findPending(group, id);
    else entry.place(cursor.words, cursor.at);
    const idleMs = ctx.nowMs - entry.timeMs;
    if (minIdleMs !== 0 && idleMs < minIdleMs) continue;
    reply.array(4);
    replyId(reply, idText, id);
    name.open(groups.arena, groups.consumerNameOf(entry.consumer));
    reply.bulk(name.bytes, name.offset, name.length);
    reply.integer(Math.max(idleMs, 0));
    replyInt64(reply, entry.countHigh, entry.countLow);
    count++;
  }
  reply.insertArray(mark, count);
}

export const streamGroupCommands: readonly CommandEntry[] = [
  command("xgroup|create", create),
  command("xgroup|setid", setId),
  command("xgroup|destroy", destroy),
  command("xgroup|createconsumer", createConsumer),
  command("xgroup|delconsumer", deleteConsumer),
  helpCommand("xgroup"),
  command("xack", xack),
  command("xpending", xpending),
];
