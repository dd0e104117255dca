// Entries of streams: XADD, XLEN, XRANGE, XREVRANGE, XDEL, XTRIM, XSETID.
import { NOTIFY_STREAM } from "../keyspace/events.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { TRIM_NOTHING } from "../types/stream/options.ts";
import type { Stream } from "../types/stream/stream.ts";
import { ID_INVALID, ID_WHOLE, ID_WITHOUT_SEQUENCE } from "../types/stream/stream-id.ts";
import { NODE_BYTES_MAX } from "../types/stream/streams.ts";
import { parseInt64 } from "../util/integer.ts";
import { type CommandEntry, command } from "./command.ts";
import { NO_SUCH_KEY, NOT_INTEGER, SYNTAX_ERROR, wrongArity } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import {
  createStream,
  endArgument,
  idArgument,
  openStream,
  replyEntries,
  replyId,
  startArgument,
} from "./stream-shared.ts";
import { exactTrim, parseAddOptions } from "./stream-trim.ts";

const ID_ZERO = "ERR The ID specified in XADD must be greater than 0-0";
const ID_TOO_SMALL =
  "ERR The ID specified in XADD is equal or smaller than the target stream top item";
const EXHAUSTED = "ERR The stream has exhausted the last possible ID, unable to add more items";
const TOO_LARGE = "ERR Elements are too large to be stored";

// -- XADD -------------------------------------------------------------------------------------------

/**
 * XADD key [NOMKSTREAM] [MAXLEN | MINID [= | ~] threshold [LIMIT count]] * | id field value
 * [field value ...]
 */
function xadd(ctx: Context, args: Args, reply: Reply): void {
  const idAt = parseAddOptions(ctx, args, reply, true);
  if (idAt < 0) return;
  const { streams } = ctx.node;
  const { addOptions: options } = streams;
  const { id } = options;
  const first = idAt + 1;
  const textCount = args.count - first;
  if (textCount < 2 || textCount % 2 === 1) return reply.error(wrongArity("xadd"));
  if (options.idKind === ID_WHOLE && id.isMin) return reply.error(ID_ZERO);
  const entry = ctx.db.write(args, 1);
  let textBytes = 0;
  for (let i = first; i < args.count; i++) textBytes += args.length[i];
  let stream: Stream | null;
  if (entry !== NONE) {
    stream = openStream(ctx, entry, reply);
    if (stream === null) return;
    if (!chooseId(ctx, stream, reply)) return;
  } else {
    if (options.onlyExisting) return reply.nil();
    if (textBytes > NODE_BYTES_MAX) return reply.error(TOO_LARGE);
    stream = createStream(ctx, args, 1);
    chooseId(ctx, stream, reply);
  }
  if (textBytes > NODE_BYTES_MAX) return reply.error(TOO_LARGE);
  streams.add(stream, id, args, first, textCount / 2, textBytes);
  replyId(reply, streams.idText, id);
  ctx.notify(args, 1, NOTIFY_STREAM, "xadd");
  ctx.keyspace.dirty++;
  if (options.trim.strategy !== TRIM_NOTHING && streams.trim(stream, options.trim) > 0) {
    ctx.notify(args, 1, NOTIFY_STREAM, "xtrim");
  }
  ctx.modified(args, 1);
  if (ctx.node.propagation.active) propagateAdd(ctx, args, idAt, stream);
  ctx.node.blocking.signal(ctx.db.index, args.bytes, args.offset[1], args.length[1]);
}

/** Completes the new entry's ID. Answers with the error itself when no entry can have it. */
function chooseId(ctx: Context, stream: Stream, reply: Reply): boolean {
  const { streams } = ctx.node;
  const { id, idKind } = streams.addOptions;
  const last = streams.from;
  stream.loadLastId(last);
  if (last.isMax) {
    reply.error(EXHAUSTED);
    return false;
  }
  if (idKind === ID_INVALID) {
    streams.nextId(stream, ctx.nowMs, id);
    return true;
  }
  const isLastTime = last.msHigh === id.msHigh && last.msLow === id.msLow;
  if (idKind === ID_WITHOUT_SEQUENCE && isLastTime && (last.seqHigh & last.seqLow) !== -1) {
    id.copy(last);
    id.increment();
  }
  if (id.compare(last) > 0) return true;
  reply.error(ID_TOO_SMALL);
  return false;
}

/** The copies get the ID that was chosen, and the threshold that the trimming came to. */
function propagateAdd(ctx: Context, args: Args, idAt: number, stream: Stream): void {
  const { id, idKind, trim } = ctx.node.streams.addOptions;
  if (idKind === ID_WHOLE && !trim.isApproximate) return;
  const words = wordsOf(args);
  words[idAt] = String(id);
  exactTrim(ctx, stream, words);
  ctx.propagateInstead(...words);
}

function wordsOf(args: Args): string[] {
  const words: string[] = [];
  for (let i = 0; i < args.count; i++) words.push(args.latin1(i));
  return words;
}

// -- reading ----------------------------------------------------------------------------------------

/** XLEN key */
function xlen(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  const stream = openStream(ctx, entry, reply);
  if (stream !== null) reply.integer(stream.length);
}

/** XRANGE key start end [COUNT count] */
function xrange(ctx: Context, args: Args, reply: Reply): void {
  replyRange(ctx, args, reply, false);
}

/** XREVRANGE key end start [COUNT count] */
function xrevrange(ctx: Context, args: Args, reply: Reply): void {
  replyRange(ctx, args, reply, true);
}

function replyRange(ctx: Context, args: Args, reply: Reply, isReverse: boolean): void {
  const { streams } = ctx.node;
  const { from, to, cursor, idText } = streams;
  if (!startArgument(args, isReverse ? 3 : 2, from, reply)) return;
  if (!endArgument(args, isReverse ? 2 : 3, to, reply)) return;
  let countMax = -1;
  for (let i = 4; i < args.count; i += 2) {
    if (!args.is(i, "count") || i + 1 === args.count) return reply.error(SYNTAX_ERROR);
    countMax = longArgument(args, i + 1, reply);
    if (Number.isNaN(countMax)) return;
    if (countMax < 0) countMax = 0;
  }
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.array(0);
  const stream = openStream(ctx, entry, reply);
  if (stream === null) return;
  if (countMax === 0) return reply.nilArray();
  cursor.start(stream.nodes, from, to, isReverse);
  replyEntries(reply, idText, cursor, countMax);
}

// -- removing ---------------------------------------------------------------------------------------

/** XDEL key id [id ...] */
function xdel(ctx: Context, args: Args, reply: Reply): void {
  const { streams } = ctx.node;
  const { from: id } = streams;
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const stream = openStream(ctx, entry, reply);
  if (stream === null) return;
  // All or nothing: an ID that is none must not be found when others are gone already.
  for (let i = 2; i < args.count; i++) if (!idArgument(args, i, id, reply)) return;
  let deleted = 0;
  let hasDeletedFirst = false;
  for (let i = 2; i < args.count; i++) {
    idArgument(args, i, id, reply);
    if (!streams.delete(stream, id)) continue;
    if (stream.compareFirstId(id) === 0) hasDeletedFirst = true;
    if (stream.compareMaxDeletedId(id) > 0) stream.storeMaxDeletedId(id);
    deleted++;
  }
  if (deleted > 0) {
    if (stream.length === 0 || hasDeletedFirst) streams.renewFirstId(stream);
    ctx.modified(args, 1);
    ctx.notify(args, 1, NOTIFY_STREAM, "xdel");
    ctx.keyspace.dirty += deleted;
  }
  reply.integer(deleted);
}

/** XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT count] */
function xtrim(ctx: Context, args: Args, reply: Reply): void {
  if (parseAddOptions(ctx, args, reply, false) < 0) return;
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const stream = openStream(ctx, entry, reply);
  if (stream === null) return;
  const { trim } = ctx.node.streams.addOptions;
  const removed = ctx.node.streams.trim(stream, trim);
  if (removed > 0) {
    ctx.notify(args, 1, NOTIFY_STREAM, "xtrim");
    if (trim.isApproximate && ctx.node.propagation.active) {
      const words = wordsOf(args);
      exactTrim(ctx, stream, words);
      ctx.propagateInstead(...words);
    }
    ctx.modified(args, 1);
    ctx.keyspace.dirty += removed;
  }
  reply.integer(removed);
}

// -- XSETID -----------------------------------------------------------------------------------------

const SMALLER_THAN_GIVEN =
  "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
const SMALLER_THAN_DELETED =
  "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id";
const SMALLER_THAN_LAST =
  "ERR The ID specified in XSETID is smaller than the target stream top item";
const FEWER_THAN_LENGTH =
  "ERR The entries_added specified in XSETID is smaller than the target stream length";

/** XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id] */
function xsetid(ctx: Context, args: Args, reply: Reply): void {
  const { streams } = ctx.node;
  const id = streams.from;
  const maxDeleted = streams.to;
  maxDeleted.setMin();
  if (!idArgument(args, 2, id, reply)) return;
  let entriesAdded = -1n;
  for (let i = 3; i < args.count; i += 2) {
    const hasMore = i + 1 < args.count;
    if (hasMore && args.is(i, "entriesadded")) {
      const given = parseInt64(args.bytes, args.offset[i + 1], args.length[i + 1]);
      if (given === null) return reply.error(NOT_INTEGER);
      if (given < 0n) return reply.error("ERR entries_added must be positive");
      entriesAdded = given;
    } else if (hasMore && args.is(i, "maxdeletedid")) {
      if (!idArgument(args, i + 1, maxDeleted, reply)) return;
      if (id.compare(maxDeleted) < 0) return reply.error(SMALLER_THAN_GIVEN);
    } else {
      return reply.error(SYNTAX_ERROR);
    }
  }
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  const stream = openStream(ctx, entry, reply);
  if (stream === null) return;
  if (stream.compareMaxDeletedId(id) < 0) return reply.error(SMALLER_THAN_DELETED);
  if (stream.length > 0) {
    if (streams.hasAbove(stream, id)) return reply.error(SMALLER_THAN_LAST);
    if (entriesAdded !== -1n && stream.length > entriesAdded) return reply.error(FEWER_THAN_LENGTH);
  }
  stream.storeLastId(id);
  if (entriesAdded !== -1n) {
    stream.setEntriesAdded(Number(entriesAdded >> 32n), Number(BigInt.asIntN(32, entriesAdded)));
  }
  if (!maxDeleted.isMin) stream.storeMaxDeletedId(maxDeleted);
  reply.ok();
  ctx.keyspace.dirty++;
  ctx.notify(args, 1, NOTIFY_STREAM, "xsetid");
}

export const streamCommands: readonly CommandEntry[] = [
  command("xadd", xadd),
  command("xlen", xlen),
  command("xrange", xrange),
  command("xrevrange", xrevrange),
  command("xdel", xdel),
  command("xtrim", xtrim),
  command("xsetid", xsetid),
];
