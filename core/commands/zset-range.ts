// Ranges of sorted sets by rank, by score and by member: reading, counting, storing, removing.
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { ANY_KIND, BY_MEMBER, BY_RANK, BY_SCORE } from "../types/zset/range.ts";
import { ADD_NEW_ONLY } from "../types/zset/sorted-set.ts";
import { type CommandEntry, command } from "./command.ts";
import { ANY_DIRECTION, FORWARD, parsePlainRange, parseRange, REVERSE } from "./zset-range-args.ts";
import { membersRemoved, openSortedSet, replyRange, storeResult } from "./zset-shared.ts";

/** ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES] */
function zrange(ctx: Context, args: Args, reply: Reply): void {
  rangeGeneric(ctx, args, reply, ANY_KIND, ANY_DIRECTION);
}

/** ZREVRANGE key start stop [WITHSCORES] */
function zrevrange(ctx: Context, args: Args, reply: Reply): void {
  rangeGeneric(ctx, args, reply, BY_RANK, REVERSE);
}

/** ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count] */
function zrangebyscore(ctx: Context, args: Args, reply: Reply): void {
  rangeGeneric(ctx, args, reply, BY_SCORE, FORWARD);
}

/** ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count] */
function zrevrangebyscore(ctx: Context, args: Args, reply: Reply): void {
  rangeGeneric(ctx, args, reply, BY_SCORE, REVERSE);
}

/** ZRANGEBYLEX key min max [LIMIT offset count] */
function zrangebylex(ctx: Context, args: Args, reply: Reply): void {
  rangeGeneric(ctx, args, reply, BY_MEMBER, FORWARD);
}

/** ZREVRANGEBYLEX key max min [LIMIT offset count] */
function zrevrangebylex(ctx: Context, args: Args, reply: Reply): void {
  rangeGeneric(ctx, args, reply, BY_MEMBER, REVERSE);
}

function rangeGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  kind: number,
  direction: number,
): void {
  const { range } = ctx.node.sortedSets;
  if (!parseRange(range, args, 2, kind, direction, false, reply)) return;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.array(0);
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  range.measure(set);
  const { count, reverse, withScores } = range;
  const first = reverse ? range.first + count - 1 : range.first;
  replyRange(ctx, set, first, count, reverse, withScores, reply);
}

/** ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count] */
function zrangestore(ctx: Context, args: Args, reply: Reply): void {
  const { range, made, cursor, member } = ctx.node.sortedSets;
  if (!parseRange(range, args, 3, ANY_KIND, ANY_DIRECTION, true, reply)) return;
  const entry = ctx.db.read(args, 2);
  let count = 0;
  if (entry !== NONE) {
    const set = openSortedSet(ctx, entry, reply);
    if (set === null) return;
    range.measure(set);
    ({ count } = range);
    if (count > 0) cursor.seek(set, range.reverse ? range.first + count - 1 : range.first);
  }
  // As in Redis only ranks tell beforehand how many members there will be. Otherwise the first ones
  // are packed for the time being, which makes a score of -0 one of 0.
  made.create(range.kind === BY_RANK ? count : 0, 0);
  for (let left = count; left > 0; left--) {
    cursor.member(member);
    if (range.reverse) {
      made.add(member, cursor.score, ADD_NEW_ONLY);
      cursor.previous();
    } else {
      made.append(member, cursor.score);
      cursor.next();
    }
  }
  reply.integer(storeResult(ctx, args, 1, made, "zrangestore"));
}

/** ZCOUNT key min max */
function zcount(ctx: Context, args: Args, reply: Reply): void {
  countGeneric(ctx, args, reply, BY_SCORE);
}

/** ZLEXCOUNT key min max */
function zlexcount(ctx: Context, args: Args, reply: Reply): void {
  countGeneric(ctx, args, reply, BY_MEMBER);
}

function countGeneric(ctx: Context, args: Args, reply: Reply, kind: number): void {
  const { range } = ctx.node.sortedSets;
  if (!parsePlainRange(range, args, 2, kind, reply)) return;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  range.measure(set);
  reply.integer(range.count);
}

/** ZREMRANGEBYRANK key start stop */
function zremrangebyrank(ctx: Context, args: Args, reply: Reply): void {
  removeGeneric(ctx, args, reply, BY_RANK, "zremrangebyrank");
}

/** ZREMRANGEBYSCORE key min max */
function zremrangebyscore(ctx: Context, args: Args, reply: Reply): void {
  removeGeneric(ctx, args, reply, BY_SCORE, "zremrangebyscore");
}

/** ZREMRANGEBYLEX key min max */
function zremrangebylex(ctx: Context, args: Args, reply: Reply): void {
  removeGeneric(ctx, args, reply, BY_MEMBER, "zremrangebylex");
}

function removeGeneric(ctx: Context, args: Args, reply: Reply, kind: number, event: string): void {
  const { range } = ctx.node.sortedSets;
  if (!parsePlainRange(range, args, 2, kind, reply)) return;
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const hash = ctx.db.lastHash;
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  range.measure(set);
  const { first, count } = range;
  if (count > 0) {
    set.removeRange(first, count);
    membersRemoved(ctx, args, 1, entry, hash, set, count, event, true);
  }
  reply.integer(count);
}

export const zsetRangeCommands: readonly CommandEntry[] = [
  command("zrange", zrange),
  command("zrevrange", zrevrange),
  command("zrangebyscore", zrangebyscore),
  command("zrevrangebyscore", zrevrangebyscore),
  command("zrangebylex", zrangebylex),
  command("zrevrangebylex", zrevrangebylex),
  command("zrangestore", zrangestore),
  command("zcount", zcount),
  command("zlexcount", zlexcount),
  command("zremrangebyrank", zremrangebyrank),
  command("zremrangebyscore", zremrangebyscore),
  command("zremrangebylex", zremrangebylex),
];
