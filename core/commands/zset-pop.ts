// Taking members from either end of sorted sets, waiting for them if need be.
import { ZSET } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { SortedSet } from "../types/zset/sorted-set.ts";
import { blockingDeadline, waitForKeys } from "./blocking.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import { longArgument, positiveArgument } from "./numbers.ts";
import { membersRemoved, openSortedSet, replyMembers } from "./zset-shared.ts";

const NUMKEYS_TOO_SMALL = "ERR numkeys should be greater than 0";
const COUNT_TOO_SMALL = "ERR count should be greater than 0";

/** ZPOPMIN key [count] */
function zpopmin(ctx: Context, args: Args, reply: Reply): void {
  popGeneric(ctx, args, reply, false);
}

/** ZPOPMAX key [count] */
function zpopmax(ctx: Context, args: Args, reply: Reply): void {
  popGeneric(ctx, args, reply, true);
}

function popGeneric(ctx: Context, args: Args, reply: Reply, fromMax: boolean): void {
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  let count = 1;
  if (args.count === 3) {
    count = positiveArgument(args, 2, reply);
    if (Number.isNaN(count)) return;
  }
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.array(0);
  const hash = ctx.db.lastHash;
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  if (count === 0) return reply.array(0);
  const popped = Math.min(count, set.length);
  const inPairs = args.count === 3 && reply.resp > 2;
  reply.array(inPairs ? popped : popped * 2);
  pop(ctx, args, 1, entry, hash, set, popped, fromMax, inPairs, reply);
}

/** Replies with `count` members of the key in argument i, from the end asked for, and removes them. */
function pop(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  hash: number,
  set: SortedSet,
  count: number,
  fromMax: boolean,
  inPairs: boolean,
  reply: Reply,
): void {
  const { length } = set;
  replyMembers(ctx, set, fromMax ? length - 1 : 0, count, fromMax, true, inPairs, reply);
  set.removeRange(fromMax ? length - count : 0, count);
  membersRemoved(ctx, args, i, entry, hash, set, count, fromMax ? "zpopmax" : "zpopmin");
}

/** ZMPOP numkeys key [key …] MIN | MAX [COUNT count] */
function zmpop(ctx: Context, args: Args, reply: Reply): void {
  manyGeneric(ctx, args, reply, 1, Number.NaN);
}

/** BZMPOP timeout numkeys key [key …] MIN | MAX [COUNT count] */
function bzmpop(ctx: Context, args: Args, reply: Reply): void {
  manyGeneric(ctx, args, reply, 2, 1);
}

/** `timeoutArg`: NaN when the command does not wait. */
function manyGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  numkeysArg: number,
  timeoutArg: number,
): void {
  const numkeys = atLeastOne(args, numkeysArg, reply, NUMKEYS_TOO_SMALL);
  if (Number.isNaN(numkeys)) return;
  const whereArg = numkeysArg + numkeys + 1;
  if (whereArg >= args.count) return reply.error(SYNTAX_ERROR);
  const fromMax = args.is(whereArg, "max");
  if (!fromMax && !args.is(whereArg, "min")) return reply.error(SYNTAX_ERROR);
  let count = 1;
  for (let i = whereArg + 1; i < args.count; i += 2) {
    // COUNT may come once.
    const isCount = i === whereArg + 1 && i + 1 < args.count && args.is(i, "count");
    if (!isCount) return reply.error(SYNTAX_ERROR);
    count = atLeastOne(args, i + 1, reply, COUNT_TOO_SMALL);
    if (Number.isNaN(count)) return;
  }
  let deadlineMs = 0;
  if (!Number.isNaN(timeoutArg)) {
    deadlineMs = blockingDeadline(ctx, args, timeoutArg, reply);
    if (Number.isNaN(deadlineMs)) return;
  }
  const first = numkeysArg + 1;
  for (let i = first; i < whereArg; i++) {
    const entry = ctx.db.write(args, i);
    if (entry === NONE) continue;
    popMany(ctx, args, i, entry, count, fromMax, reply);
    return;
  }
  if (Number.isNaN(timeoutArg)) reply.nilArray();
  else waitForKeys(ctx, args, first, numkeys, ZSET, deadlineMs, reply);
}

function atLeastOne(args: Args, i: number, reply: Reply, error: string): number {
  const value = longArgument(args, i, reply, error);
  if (Number.isNaN(value) || value >= 1) return value;
  reply.error(error);
  return Number.NaN;
}

/** Takes members from the key in argument i, which is at `entry`, for ZMPOP and BZMPOP. */
function popMany(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  count: number,
  fromMax: boolean,
  reply: Reply,
): void {
  const hash = ctx.db.lastHash;
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const popped = Math.min(count, set.length);
  reply.array(2);
  reply.bulk(args.bytes, args.offset[i], args.length[i]);
  reply.array(popped);
  pop(ctx, args, i, entry, hash, set, popped, fromMax, true, reply);
  if (!ctx.node.propagation.active) return;
  ctx.propagateInstead(fromMax ? "ZPOPMAX" : "ZPOPMIN", args.latin1(i), String(popped));
}

/** BZPOPMIN key [key …] timeout */
function bzpopmin(ctx: Context, args: Args, reply: Reply): void {
  waitingGeneric(ctx, args, reply, false);
}

/** BZPOPMAX key [key …] timeout */
function bzpopmax(ctx: Context, args: Args, reply: Reply): void {
  waitingGeneric(ctx, args, reply, true);
}

function waitingGeneric(ctx: Context, args: Args, reply: Reply, fromMax: boolean): void {
  const { db } = ctx;
  const last = args.count - 1;
  const deadlineMs = blockingDeadline(ctx, args, last, reply);
  if (Number.isNaN(deadlineMs)) return;
  for (let i = 1; i < last; i++) {
    const entry = db.write(args, i);
    if (entry === NONE) continue;
    if (db.typeOf(entry) !== ZSET) return reply.error(WRONG_TYPE);
    const { set } = ctx.node.sortedSets;
    set.open(db.valueOf(entry), db.encodingOf(entry));
    reply.array(3);
    reply.bulk(args.bytes, args.offset[i], args.length[i]);
    pop(ctx, args, i, entry, db.lastHash, set, 1, fromMax, false, reply);
    if (ctx.node.propagation.active) {
      ctx.propagateInstead(fromMax ? "ZPOPMAX" : "ZPOPMIN", args.latin1(i));
    }
    return;
  }
  waitForKeys(ctx, args, 1, last - 1, ZSET, deadlineMs, reply);
}

export const zsetPopCommands: readonly CommandEntry[] = [
  command("zpopmin", zpopmin),
  command("zpopmax", zpopmax),
  command("zmpop", zmpop),
  command("bzmpop", bzmpop),
  command("bzpopmin", bzpopmin),
  command("bzpopmax", bzpopmax),
];
