// Pending entries that change their consumer: XCLAIM, XAUTOCLAIM. What they do is propagated as one
// XCLAIM for each entry.
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { ALLOW_NONE, ID_INVALID, parseStreamId, StreamId } from "../types/stream/stream-id.ts";
import { parseInt64 } from "../util/integer.ts";
import { type CommandEntry, command } from "./command.ts";
import { cString, SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import { propagateClaim, propagateGroupId } from "./stream-propagation.ts";
import { makeConsumer } from "./stream-read.ts";
import {
  idArgument,
  noGroup,
  openConsumer,
  openGroup,
  openStream,
  replyEntry,
  replyId,
  startArgument,
} from "./stream-shared.ts";

/** XAUTOCLAIM looks at so many pending entries for each one that it may claim. */
const ATTEMPTS_PER_ENTRY = 10;
const AUTOCLAIM_COUNT = 100;
/** From LONG_MAX / 16 on Redis cannot even ask for the memory. */
const COUNT_END = 2 ** 59;
/** For more entries nobody has the memory. */
const COUNT_SENSIBLE_MAX = 2 ** 32;
const COUNT_ERROR = "ERR COUNT must be > 0";
const COUNT_TOO_HIGH =
  "ERR Insufficient memory, failed allocating transient memory, COUNT too high.";

// -- XCLAIM -----------------------------------------------------------------------------------------

class ClaimOptions {
  minIdleMs = 0;
  /** Behind the last ID. */
  idsEnd = 0;
  force = false;
  justId = false;
  /** When the entries shall have been delivered; -1 means the present time. */
  deliveryMs = -1;
  retryCount = -1n;
  readonly lastId: StreamId = new StreamId();
}

/**
 * XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds]
 * [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]
 */
function xclaim(ctx: Context, args: Args, reply: Reply): void {
  const { groups, from: id } = ctx.node.streams;
  const { propagation } = ctx.node;
  const entry = ctx.db.read(args, 1);
  if (entry !== NONE && openStream(ctx, entry, reply) === null) return;
  if (entry === NONE || !openGroup(ctx, args, 2)) return reply.error(noGroup(args));
  const options = parseClaim(ctx, args, reply);
  if (options === null) return;
  ctx.propagateNothing();
  let hasMovedOn = groups.group.compareLastId(options.lastId) > 0;
  if (hasMovedOn) groups.group.storeLastId(options.lastId);
  openOrMakeConsumer(ctx, args);
  const mark = reply.mark();
  let claimed = 0;
  for (let i = 5; i < options.idsEnd; i++) {
    idArgument(args, i, id, reply);
    const outcome = claimEntry(ctx, id, options, reply);
    if (outcome === UNTOUCHED) continue;
    if (outcome === CLAIMED) claimed++;
    if (propagation.active) propagateClaim(ctx, args.latin1(1), args.latin1(2), args.latin1(i));
    if (outcome === GONE) groups.removePending(groups.group, id);
    hasMovedOn = false;
    ctx.keyspace.dirty++;
  }
  if (hasMovedOn) {
    if (propagation.active) propagateGroupId(ctx, args.latin1(1), args.latin1(2));
    ctx.keyspace.dirty++;
  }
  reply.insertArray(mark, claimed);
}

/** Reads everything from argument 4 on but the IDs; null after an error reply. */
function parseClaim(ctx: Context, args: Args, reply: Reply): ClaimOptions | null {
  const options = new ClaimOptions();
  const minIdleMs = longArgument(args, 4, reply, "ERR Invalid min-idle-time argument for XCLAIM");
  if (Number.isNaN(minIdleMs)) return null;
  options.minIdleMs = Math.max(minIdleMs, 0);
  let i = 5;
  for (; i < args.count; i++) {
    const { from: id } = ctx.node.streams;
    const kind = parseStreamId(args.bytes, args.offset[i], args.length[i], id, 0, ALLOW_NONE);
    if (kind === ID_INVALID) break;
  }
  options.idsEnd = i;
  for (; i < args.count; i++) {
    if (args.is(i, "force")) {
      options.force = true;
    } else if (args.is(i, "justid")) {
      options.justId = true;
    } else if (i + 1 < args.count && isValueOption(args, i)) {
      if (!parseValue(ctx, args, i, options, reply)) return null;
      i++;
    } else {
      reply.error(`ERR Unrecognized XCLAIM option '${cString(args.latin1(i))}'`);
      return null;
    }
  }
  // A time that cannot be is no reason to fail: the clients' clocks differ.
  if (options.deliveryMs < 0 || options.deliveryMs > ctx.nowMs) options.deliveryMs = ctx.nowMs;
  return options;
}

function isValueOption(args: Args, i: number): boolean {
  return (
    args.is(i, "idle") || args.is(i, "time") || args.is(i, "retrycount") || args.is(i, "lastid")
  );
}

/** Reads the value of the option in argument i. Answers with the error itself. */
function parseValue(
  ctx: Context,
  args: Args,
  i: number,
  options: ClaimOptions,
  reply: Reply,
): boolean {
  if (args.is(i, "lastid")) return idArgument(args, i + 1, options.lastId, reply);
  if (args.is(i, "retrycount")) {
    const count = parseInt64(args.bytes, args.offset[i + 1], args.length[i + 1]);
    if (count === null) reply.error("ERR Invalid RETRYCOUNT option argument for XCLAIM");
    else options.retryCount = count;
    return count !== null;
  }
  const isIdle = args.is(i, "idle");
  const error = `ERR Invalid ${isIdle ? "IDLE" : "TIME"} option argument for XCLAIM`;
  const ms = longArgument(args, i + 1, reply, error);
  options.deliveryMs = isIdle ? ctx.nowMs - ms : ms;
  return !Number.isNaN(ms);
}

/** Opens the consumer in argument 3 of the open group, and notes that it was seen. */
function openOrMakeConsumer(ctx: Context, args: Args): void {
  if (!openConsumer(ctx, args, 3)) makeConsumer(ctx, args, 1, 3);
  ctx.node.streams.groups.consumer.seenMs = ctx.nowMs;
}

const UNTOUCHED = 0;
const CLAIMED = 1;
/** It is pending, but the stream has no such entry any more. */
const GONE = 2;

/** Gives the entry to the open consumer and answers with it, if that may be. */
function claimEntry(ctx: Context, id: StreamId, options: ClaimOptions, reply: Reply): number {
  const { streams } = ctx.node;
  const { groups, stream, cursor } = streams;
  const { group, consumer, entry } = groups;
  const { minIdleMs } = options;
  const isPending = groups.findPending(group, id);
  cursor.start(stream.nodes, id, id, false);
  if (!cursor.next()) return isPending ? GONE : UNTOUCHED;
  if (!isPending) {
    if (!options.force) return UNTOUCHED;
    groups.addPending(group, id, ctx.nowMs);
  } else if (minIdleMs > 0 && ctx.nowMs - entry.timeMs < minIdleMs) {
    return UNTOUCHED;
  }
  groups.assign(id, consumer);
  entry.timeMs = options.deliveryMs;
  const { retryCount } = options;
  if (retryCount >= 0n) {
    entry.setCount(Number(retryCount >> 32n), Number(BigInt.asIntN(32, retryCount)));
  } else if (!options.justId) {
    entry.countDelivery();
  }
  consumer.activeMs = ctx.nowMs;
  if (options.justId) replyId(reply, streams.idText, id);
  else replyEntry(reply, streams.idText, cursor);
  return CLAIMED;
}

// -- XAUTOCLAIM -------------------------------------------------------------------------------------

/** XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID] */
function xautoclaim(ctx: Context, args: Args, reply: Reply): void {
  const { from } = ctx.node.streams;
  const entry = ctx.db.read(args, 1);
  const given = longArgument(args, 4, reply, "ERR Invalid min-idle-time argument for XAUTOCLAIM");
  if (Number.isNaN(given)) return;
  const options = new ClaimOptions();
  options.minIdleMs = Math.max(given, 0);
  options.deliveryMs = ctx.nowMs;
  if (!startArgument(args, 5, from, reply)) return;
  let countMax = AUTOCLAIM_COUNT;
  for (let i = 6; i < args.count; i++) {
    if (args.is(i, "count") && i + 1 < args.count) {
      countMax = longArgument(args, ++i, reply, COUNT_ERROR);
      if (Number.isNaN(countMax)) return;
      if (countMax < 1 || countMax >= COUNT_END) return reply.error(COUNT_ERROR);
    } else if (args.is(i, "justid")) {
      options.justId = true;
    } else {
      return reply.error(SYNTAX_ERROR);
    }
  }
  if (entry !== NONE && openStream(ctx, entry, reply) === null) return;
  if (entry === NONE || !openGroup(ctx, args, 2)) return reply.error(noGroup(args));
  if (countMax > COUNT_SENSIBLE_MAX) return reply.error(COUNT_TOO_HIGH);
  ctx.propagateNothing();
  openOrMakeConsumer(ctx, args);
  autoclaim(ctx, args, options, countMax, reply);
}

/** Goes through the open group's pending entries from `streams.from` on. */
function autoclaim(
  ctx: Context,
  args: Args,
  options: ClaimOptions,
  countMax: number,
  reply: Reply,
): void {
  const { streams, propagation } = ctx.node;
  const { groups, idText } = streams;
  const { group, cursor } = groups;
  const gone: StreamId[] = [];
  const id = new StreamId();
  reply.array(3);
  const mark = reply.mark();
  let claimed = 0;
  let left = countMax;
  let more = group.pending !== NONE && groups.pending.seek(group.pending, streams.from, cursor);
  for (let attempts = countMax * ATTEMPTS_PER_ENTRY; more && attempts > 0 && left > 0; attempts--) {
    id.load(cursor.words, cursor.at);
    const outcome = claimEntry(ctx, id, options, reply);
    if (outcome !== UNTOUCHED) {
      if (propagation.active) propagateClaim(ctx, args.latin1(1), args.latin1(2), String(id));
      ctx.keyspace.dirty++;
      left--;
    }
    if (outcome === CLAIMED) claimed++;
    if (outcome === GONE) {
      groups.removePending(group, id);
      const copy = new StreamId();
      copy.copy(id);
      gone.push(copy);
      more = groups.pending.seek(group.pending, id, cursor);
    } else {
      more = cursor.next();
    }
  }
  // Where the next call shall go on comes before the entries.
  if (more) id.load(cursor.words, cursor.at);
  else id.setMin();
  const text = String(id);
  reply.insertArray(mark, claimed);
  reply.insertBulk(mark, text);
  reply.array(gone.length);
  for (const deleted of gone) replyId(reply, idText, deleted);
}

export const streamClaimCommands: readonly CommandEntry[] = [
  command("xclaim", xclaim),
  command("xautoclaim", xautoclaim),
];
