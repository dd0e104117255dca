// XREAD and XREADGROUP: entries behind an ID, of several streams, and waiting for them.
//
// XREADGROUP hands new entries (">") to one consumer of a group and remembers them as pending. With
// another ID it answers with what is pending for the consumer already. What it does is propagated as
// XCLAIM for each entry, and XGROUP SETID for what the group has read.
import { NOTIFY_STREAM } from "../keyspace/events.ts";
import { STREAM } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import { type Client, DENY_BLOCKING } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { StreamId } from "../types/stream/stream-id.ts";
import type { Streams } from "../types/stream/streams.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import { propagateClaim, propagateGroupId } from "./stream-propagation.ts";
import {
  idArgument,
  isCharacter,
  openConsumer,
  openGroup,
  openStream,
  quotedArgument,
  replyEntries,
  replyEntry,
  replyId,
} from "./stream-shared.ts";

const TIMEOUT_NOT_INTEGER = "ERR timeout is not an integer or out of range";
const TIMEOUT_NEGATIVE = "ERR timeout is negative";
const TIMEOUT_OUT_OF_RANGE = "ERR timeout is out of range";
const MISSING_GROUP = "ERR Missing GROUP option for XREADGROUP";
const ONLY_NEW_FOR_GROUPS =
  "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.";
const LAST_IS_ZERO = "ERR the stream last element ID is 0-0";
const INT64_MAX = 2 ** 63;

const DOLLAR = 36;
const PLUS = 43;
const GREATER = 62;

/** XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...] */
function xread(ctx: Context, args: Args, reply: Reply): void {
  read(ctx, args, reply, false);
}

/**
 * XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...]
 * id [id ...]
 */
function xreadgroup(ctx: Context, args: Args, reply: Reply): void {
  read(ctx, args, reply, true);
}

function read(ctx: Context, args: Args, reply: Reply, isGroup: boolean): void {
  const { readOptions: options } = ctx.node.streams;
  // What is to be propagated is said below, entry by entry.
  ctx.propagateNothing();
  if (!parseOptions(ctx, args, reply, isGroup)) return;
  if (!resolveIds(ctx, args, reply, isGroup)) return;
  const mark = reply.mark();
  let served = 0;
  for (let i = 0; i < options.keyCount; i++) {
    if (isGroup ? readGroup(ctx, args, reply, i) : readStream(ctx, args, reply, i)) served++;
  }
  if (served > 0) {
    if (reply.resp === 2) reply.insertArray(mark, served);
    else reply.insertMap(mark, served);
    return;
  }
  if (Number.isNaN(options.deadlineMs) || ctx.client.has(DENY_BLOCKING)) return reply.nilArray();
  wait(ctx, args, isGroup);
}

// -- options ----------------------------------------------------------------------------------------

function parseOptions(ctx: Context, args: Args, reply: Reply, isGroup: boolean): boolean {
  const { readOptions: options } = ctx.node.streams;
  options.reset();
  for (let i = 1; i < args.count; i++) {
    const left = args.count - i - 1;
    if (left > 0 && args.is(i, "block")) {
      options.deadlineMs = deadlineArgument(ctx, args, ++i, reply);
      if (Number.isNaN(options.deadlineMs)) return false;
    } else if (left > 0 && args.is(i, "count")) {
      options.countMax = longArgument(args, ++i, reply);
      if (Number.isNaN(options.countMax)) return false;
      if (options.countMax < 0) options.countMax = 0;
    } else if (left > 0 && args.is(i, "streams")) {
      options.firstKey = i + 1;
      options.keyCount = left / 2;
      break;
    } else if (left >= 2 && args.is(i, "group")) {
      if (!isGroup) return onlyForGroups(reply, "GROUP");
      options.groupArgument = ++i;
      options.consumerArgument = ++i;
    } else if (args.is(i, "noack")) {
      if (!isGroup) return onlyForGroups(reply, "NOACK");
      options.noAck = true;
    } else {
      reply.error(SYNTAX_ERROR);
      return false;
    }
  }
  return checkOptions(ctx, reply, isGroup);
}

function checkOptions(ctx: Context, reply: Reply, isGroup: boolean): boolean {
  const { firstKey, keyCount, groupArgument } = ctx.node.streams.readOptions;
  if (!Number.isInteger(keyCount)) {
    reply.error(
      `ERR Unbalanced '${ctx.command.fullName}' list of streams: for each stream key an ID or '${isGroup ? ">" : "$"}' must be specified.`,
    );
    return false;
  }
  if (firstKey === 0) reply.error(SYNTAX_ERROR);
  else if (isGroup && groupArgument === 0) reply.error(MISSING_GROUP);
  else return true;
  return false;
}

/** The wall time in ms when the timeout in argument i is over. Answers with the error itself. */
function deadlineArgument(ctx: Context, args: Args, i: number, reply: Reply): number {
  const ms = longArgument(args, i, reply, TIMEOUT_NOT_INTEGER);
  if (ms === 0) return Number.POSITIVE_INFINITY;
  if (ms < 0) reply.error(TIMEOUT_NEGATIVE);
  else if (ms + ctx.nowMs >= INT64_MAX) reply.error(TIMEOUT_OUT_OF_RANGE);
  else return ms + ctx.nowMs;
  return Number.NaN;
}

function onlyForGroups(reply: Reply, option: string): false {
  reply.error(
    `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
  );
  return false;
}

// -- IDs --------------------------------------------------------------------------------------------

/**
 * Reads the IDs behind which to read into `streams.ids`; the greatest ID stands for ">". Looks the
 * groups up on the way. Answers with the error itself.
 */
function resolveIds(ctx: Context, args: Args, reply: Reply, isGroup: boolean): boolean {
  const { streams } = ctx.node;
  const { readOptions: options } = streams;
  options.reserve(options.keyCount);
  for (let i = 0; i < options.keyCount; i++) {
    const key = options.firstKey + i;
    const entry = ctx.db.read(args, key);
    if (entry !== NONE && openStream(ctx, entry, reply) === null) return false;
    if (isGroup) {
      if (entry === NONE || !openGroup(ctx, args, options.groupArgument)) {
        reply.error(
          `NOGROUP No such key ${quotedArgument(args, key)} or consumer group ${quotedArgument(args, options.groupArgument)} in XREADGROUP with GROUP option`,
        );
        return false;
      }
      options.groups[i] = streams.groups.group.ref;
    }
    if (!resolveId(ctx, args, key + options.keyCount, i, entry !== NONE, reply, isGroup)) {
      return false;
    }
  }
  return true;
}

function resolveId(
  ctx: Context,
  args: Args,
  i: number,
  index: number,
  exists: boolean,
  reply: Reply,
  isGroup: boolean,
): boolean {
  const { streams } = ctx.node;
  const id = streams.ids.at(index);
  const isDollar = isCharacter(args, i, DOLLAR);
  if (isDollar || isCharacter(args, i, PLUS)) {
    if (isGroup) return meaningless(reply, isDollar ? "$" : "+");
    id.setMin();
    if (!exists) return true;
    streams.stream.loadLastId(id);
    if (isDollar || id.decrement()) return true;
    reply.error(LAST_IS_ZERO);
    return false;
  }
  if (isCharacter(args, i, GREATER)) {
    id.setMax();
    if (!isGroup) reply.error(ONLY_NEW_FOR_GROUPS);
    return isGroup;
  }
  return idArgument(args, i, id, reply);
}

function meaningless(reply: Reply, id: string): false {
  reply.error(
    `ERR The ${id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${id} ID would just return an empty result set.`,
  );
  return false;
}

// -- reading ----------------------------------------------------------------------------------------

/** Answers with what the stream has behind the ID. False when there is nothing. */
function readStream(ctx: Context, args: Args, reply: Reply, index: number): boolean {
  const { streams } = ctx.node;
  const { readOptions: options, from } = streams;
  const entry = ctx.db.read(args, options.firstKey + index);
  if (entry === NONE) return false;
  const stream = streams.open(ctx.db.valueOf(entry));
  from.copy(streams.ids.at(index));
  if (!streams.hasAbove(stream, from)) return false;
  from.increment();
  replyKey(args, options.firstKey + index, reply);
  streams.to.setMax();
  streams.cursor.start(stream.nodes, from, streams.to, false);
  replyEntries(reply, streams.idText, streams.cursor, options.countMax);
  return true;
}

function replyKey(args: Args, i: number, reply: Reply): void {
  if (reply.resp === 2) reply.array(2);
  reply.bulk(args.bytes, args.offset[i], args.length[i]);
}

/** As `readStream`, for a group's consumer, which is made if there is none. */
function readGroup(ctx: Context, args: Args, reply: Reply, index: number): boolean {
  const { streams } = ctx.node;
  const { readOptions: options, from, groups } = streams;
  const key = options.firstKey + index;
  const entry = ctx.db.read(args, key);
  if (entry === NONE) return false;
  const stream = streams.open(ctx.db.valueOf(entry));
  groups.group.open(options.groups[index]);
  from.copy(streams.ids.at(index));
  const wantsNew = from.isMax;
  if (wantsNew) groups.group.loadLastId(from);
  const serves = !wantsNew || streams.hasAbove(stream, from);
  if (!openConsumer(ctx, args, options.consumerArgument)) {
    makeConsumer(ctx, args, key, options.consumerArgument);
    if (options.noAck && ctx.node.propagation.active) {
      ctx.propagateInstead(
        "XGROUP",
        "CREATECONSUMER",
        args.latin1(key),
        args.latin1(options.groupArgument),
        args.latin1(options.consumerArgument),
      );
    }
  }
  groups.consumer.seenMs = ctx.nowMs;
  if (!serves) return false;
  from.increment();
  replyKey(args, key, reply);
  if (wantsNew) deliver(ctx, args, key, reply);
  else replyHistory(streams, ctx.nowMs, reply);
  return true;
}

/** Adds the consumer named in argument `name` to the open group of the stream in argument `key`. */
export function makeConsumer(ctx: Context, args: Args, key: number, name: number): void {
  const { groups } = ctx.node.streams;
  const { bytes, offset, length } = args;
  groups.createConsumer(groups.group, bytes, offset[name], length[name], ctx.nowMs);
  ctx.keyspace.dirty++;
  ctx.notify(args, key, NOTIFY_STREAM, "xgroup-createconsumer");
}

/** Answers with the entries from `streams.from` on, and hands them to the open consumer. */
function deliver(ctx: Context, args: Args, key: number, reply: Reply): void {
  const { streams, propagation } = ctx.node;
  const { cursor, stream, groups, readOptions: options } = streams;
  const { group, consumer } = groups;
  const nowMs = ctx.nowMs;
  const mark = reply.mark();
  let count = 0;
  let hasMovedOn = false;
  streams.to.setMax();
  cursor.start(stream.nodes, streams.from, streams.to, false);
  while (cursor.next()) {
    const { id } = cursor;
    if (group.compareLastId(id) > 0) {
      countRead(streams, id);
      group.storeLastId(id);
      hasMovedOn = true;
    }
    replyEntry(reply, streams.idText, cursor);
    if (!options.noAck) {
      if (!groups.addPending(group, id, nowMs)) {
        groups.entry.timeMs = nowMs;
        groups.entry.setCount(0, 1);
      }
      groups.assign(id, consumer);
      consumer.activeMs = nowMs;
      if (propagation.active) {
        propagateClaim(ctx, args.latin1(key), args.latin1(options.groupArgument), String(id));
      }
    }
    if (++count === options.countMax) break;
  }
  reply.insertArray(mark, count);
  if (hasMovedOn && propagation.active) {
    propagateGroupId(ctx, args.latin1(key), args.latin1(options.groupArgument));
  }
  if (hasMovedOn || (count > 0 && !options.noAck)) ctx.keyspace.dirty++;
}

/** The open group reads the entry: counts it if it is known how many it has read before. */
function countRead(streams: Streams, id: StreamId): void {
  const { group } = streams.groups;
  const { stream } = streams;
  if (group.knowsEntriesRead && !streams.hasDeletedFrom(stream, id)) {
    group.countRead();
  } else if ((stream.entriesAddedHigh | stream.entriesAddedLow) !== 0) {
    streams.estimateEntriesRead(stream, id);
    group.setEntriesRead(streams.readHigh, streams.readLow);
  }
}

/** Answers with what is pending for the open consumer from `streams.from` on. */
function replyHistory(streams: Streams, nowMs: number, reply: Reply): void {
  const { groups, readOptions: options, cursor, stream } = streams;
  const { group, consumer, ownCursor } = groups;
  const mark = reply.mark();
  let count = 0;
  const id = new StreamId();
  let more =
    consumer.pending !== NONE && groups.owned.seek(consumer.pending, streams.from, ownCursor);
  for (; more && (options.countMax === 0 || count < options.countMax); more = ownCursor.next()) {
    id.load(ownCursor.words, ownCursor.at);
    cursor.start(stream.nodes, id, id, false);
    if (cursor.next()) {
      replyEntry(reply, streams.idText, cursor);
      groups.findPending(group, id);
      groups.entry.timeMs = nowMs;
      groups.entry.countDelivery();
    } else {
      // The entry was deleted: what is left of it is its ID.
      reply.array(2);
      replyId(reply, streams.idText, id);
      reply.nilArray();
    }
    count++;
  }
  reply.insertArray(mark, count);
}

// -- waiting ----------------------------------------------------------------------------------------

/** The client waits for entries; a reader of groups also learns that a stream or group is gone. */
function wait(ctx: Context, args: Args, isGroup: boolean): void {
  const { streams, blocking } = ctx.node;
  const { firstKey, keyCount, deadlineMs } = streams.readOptions;
  const keys: string[] = [];
  for (let i = 0; i < keyCount; i++) keys.push(args.latin1(firstKey + i));
  const kept = blocking.isRerun ? args : withLastIds(ctx, args);
  blocking.block(ctx.client, ctx.command, kept, keys, deadlineMs, replyNothing, STREAM, isGroup);
}

function replyNothing(_client: Client, reply: Reply): void {
  reply.nilArray();
}

/** "$" means the last ID of now, not of the time when the command is run again. */
function withLastIds(ctx: Context, args: Args): Args {
  const { ids, readOptions: options } = ctx.node.streams;
  const firstId = options.firstKey + options.keyCount;
  const words: string[] = [];
  for (let i = 0; i < args.count; i++) {
    const isDollar = i >= firstId && isCharacter(args, i, DOLLAR);
    words.push(isDollar ? String(ids.at(i - firstId)) : args.latin1(i));
  }
  return Args.of(...words);
}

export const streamReadCommands: readonly CommandEntry[] = [
  command("xread", xread),
  command("xreadgroup", xreadgroup),
];
