// Finding elements of lists by what they are: LPOS, LREM, LINSERT.
import { NOTIFY_LIST } from "../keyspace/events.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { parseInt64 } from "../util/integer.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { elementsRemoved, openList } from "./list-shared.ts";
import { longArgument } from "./numbers.ts";

const INT64_MIN = -(2n ** 63n);
const NO_OPPOSITE =
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";
const COUNT_NEGATIVE = "ERR COUNT can't be negative";
const MAXLEN_NEGATIVE = "ERR MAXLEN can't be negative";

/** An integer whose sign says from which end to search: the least one has no opposite. */
function signedArgument(args: Args, i: number, reply: Reply): number {
  const value = longArgument(args, i, reply);
  if (value > Number(INT64_MIN) || Number.isNaN(value)) return value;
  if (parseInt64(args.bytes, args.offset[i], args.length[i]) !== INT64_MIN) return value;
  reply.error(NO_OPPOSITE);
  return Number.NaN;
}

function naturalArgument(args: Args, i: number, reply: Reply, error: string): number {
  const value = longArgument(args, i, reply, error);
  if (Number.isNaN(value) || value >= 0) return value;
  reply.error(error);
  return Number.NaN;
}

/** LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len] */
function lpos(ctx: Context, args: Args, reply: Reply): void {
  let rank = 1;
  let count = -1;
  let lengthMax = 0;
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) return reply.error(SYNTAX_ERROR);
    if (args.is(i, "rank")) {
      rank = signedArgument(args, i + 1, reply);
      if (Number.isNaN(rank)) return;
      if (rank === 0) return reply.error(RANK_ZERO);
    } else if (args.is(i, "count")) {
      count = naturalArgument(args, i + 1, reply, COUNT_NEGATIVE);
      if (Number.isNaN(count)) return;
    } else if (args.is(i, "maxlen")) {
      lengthMax = naturalArgument(args, i + 1, reply, MAXLEN_NEGATIVE);
      if (Number.isNaN(lengthMax)) return;
    } else {
      return reply.error(SYNTAX_ERROR);
    }
  }
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return count === -1 ? reply.nil() : reply.array(0);
  if (!openList(ctx, entry, reply)) return;
  const matchesMax = count === -1 ? 1 : count === 0 ? Number.POSITIVE_INFINITY : count;
  const mark = reply.mark();
  const found = replyMatches(ctx, args, reply, rank, matchesMax, lengthMax);
  if (count !== -1) reply.insertArray(mark, found);
  else if (found === 0) reply.nil();
}

/** Replies with the indexes of up to `matchesMax` matches; answers with how many there were. */
function replyMatches(
  ctx: Context,
  args: Args,
  reply: Reply,
  rank: number,
  matchesMax: number,
  lengthMax: number,
): number {
  const { lists } = ctx.node;
  const { needle } = lists;
  const { count } = lists;
  const forward = rank > 0;
  const limit = lengthMax === 0 ? count : Math.min(lengthMax, count);
  let skipped = Math.abs(rank) - 1;
  let found = 0;
  needle.set(args.bytes, args.offset[2], args.length[2]);
  const cursor = lists.start(forward ? 0 : count - 1, forward);
  let i = cursor.find(needle, limit);
  while (cursor.at >= 0) {
    if (skipped-- <= 0) {
      reply.integer(forward ? i : count - 1 - i);
      if (++found === matchesMax) break;
    }
    cursor.advance();
    i++;
    i += cursor.find(needle, limit - i);
  }
  return found;
}

/** LREM key count element */
function lrem(ctx: Context, args: Args, reply: Reply): void {
  const { lists } = ctx.node;
  const limit = signedArgument(args, 2, reply);
  if (Number.isNaN(limit)) return;
  const entry = ctx.db.write(args, 1);
  const hash = ctx.db.lastHash;
  if (entry === NONE) return reply.integer(0);
  if (!openList(ctx, entry, reply)) return;
  lists.needle.set(args.bytes, args.offset[3], args.length[3]);
  const limitMax = limit === 0 ? Number.POSITIVE_INFINITY : Math.abs(limit);
  const removed = lists.removeMatching(limit < 0, limitMax);
  if (removed > 0) {
    elementsRemoved(ctx, args, 1, entry, hash, removed, lists.count === 0, "lrem");
  }
  reply.integer(removed);
}

/** LINSERT key BEFORE | AFTER pivot element */
function linsert(ctx: Context, args: Args, reply: Reply): void {
  const { lists } = ctx.node;
  const after = args.is(2, "after");
  if (!after && !args.is(2, "before")) return reply.error(SYNTAX_ERROR);
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (!openList(ctx, entry, reply)) return;
  // As in Redis the encoding may change even if there is no such pivot.
  lists.makeRoomFor(args, 4, 4);
  const { needle } = lists;
  needle.set(args.bytes, args.offset[3], args.length[3]);
  const cursor = lists.start(0, true);
  cursor.find(needle, Number.POSITIVE_INFINITY);
  const isFound = cursor.at >= 0;
  if (isFound) lists.insertAtCursor(after, args.bytes, args.offset[4], args.length[4]);
  lists.close();
  if (!isFound) return reply.integer(-1);
  ctx.changed(args, 1, NOTIFY_LIST, "linsert");
  reply.integer(lists.count);
}

export const listSearchCommands: readonly CommandEntry[] = [
  command("lpos", lpos),
  command("lrem", lrem),
  command("linsert", linsert),
];
