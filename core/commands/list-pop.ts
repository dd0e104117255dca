// Taking elements from the ends of lists, waiting for them if need be.
import { LIST } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { replyElements } from "../types/list/reply-elements.ts";
import { blockingDeadline, waitForKeys } from "./blocking.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, wrongArity } from "./errors.ts";
import { elementsRemoved, endArgument, openList, popEvent } from "./list-shared.ts";
import { longArgument, positiveArgument } from "./numbers.ts";

const NUMKEYS_TOO_SMALL = "ERR numkeys should be greater than 0";
const COUNT_TOO_SMALL = "ERR count should be greater than 0";

/** LPOP key [count] */
function lpop(ctx: Context, args: Args, reply: Reply): void {
  popGeneric(ctx, args, reply, true);
}

/** RPOP key [count] */
function rpop(ctx: Context, args: Args, reply: Reply): void {
  popGeneric(ctx, args, reply, false);
}

function popGeneric(ctx: Context, args: Args, reply: Reply, atHead: boolean): void {
  if (args.count > 3) return reply.error(wrongArity(ctx.command.fullName));
  const hasCount = args.count === 3;
  const count = hasCount ? positiveArgument(args, 2, reply) : 1;
  if (Number.isNaN(count)) return;
  const entry = ctx.db.write(args, 1);
  const hash = ctx.db.lastHash;
  if (entry === NONE) return hasCount ? reply.nilArray() : reply.nil();
  if (!openList(ctx, entry, reply)) return;
  if (!hasCount) popOne(ctx, args, 1, entry, hash, atHead, reply);
  else if (count === 0) reply.array(0);
  else popMany(ctx, args, 1, entry, hash, count, atHead, reply);
}

/** Replies with an element of the open list, that of the key in argument i, and removes it. */
function popOne(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  hash: number,
  atHead: boolean,
  reply: Reply,
): void {
  const { lists } = ctx.node;
  lists.lookAtEnd(atHead);
  reply.bulk(lists.bytes, lists.offset, lists.length);
  const isEmpty = lists.count === 1;
  if (!isEmpty) lists.pop(atHead);
  elementsRemoved(ctx, args, i, entry, hash, 1, isEmpty, popEvent(atHead));
}

/** As `popOne` for up to `count` elements, as an array; answers with how many they were. */
function popMany(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  hash: number,
  count: number,
  atHead: boolean,
  reply: Reply,
): number {
  const { lists } = ctx.node;
  const total = lists.count;
  const popped = Math.min(count, total);
  reply.array(popped);
  replyElements(reply, lists.start(atHead ? 0 : total - 1, atHead), popped, atHead);
  const isEmpty = popped === total;
  if (!isEmpty) lists.removeRange(atHead ? 0 : total - popped, popped);
  elementsRemoved(ctx, args, i, entry, hash, popped, isEmpty, popEvent(atHead));
  return popped;
}

/** LMPOP numkeys key [key …] LEFT | RIGHT [COUNT count] */
function lmpop(ctx: Context, args: Args, reply: Reply): void {
  mpopGeneric(ctx, args, reply, 1, false);
}

/** BLMPOP timeout numkeys key [key …] LEFT | RIGHT [COUNT count] */
function blmpop(ctx: Context, args: Args, reply: Reply): void {
  mpopGeneric(ctx, args, reply, 2, true);
}

function mpopGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  numkeysArg: number,
  waits: boolean,
): void {
  const numkeys = atLeastOne(args, numkeysArg, reply, NUMKEYS_TOO_SMALL);
  if (Number.isNaN(numkeys)) return;
  const first = numkeysArg + 1;
  const endArg = first + numkeys;
  if (endArg >= args.count) return reply.error(SYNTAX_ERROR);
  const end = endArgument(args, endArg, reply);
  if (end < 0) return;
  let count = 1;
  for (let i = endArg + 1; i < args.count; i += 2) {
    // COUNT may come once.
    const isCount = i === endArg + 1 && i + 1 < args.count && args.is(i, "count");
    if (!isCount) return reply.error(SYNTAX_ERROR);
    count = atLeastOne(args, i + 1, reply, COUNT_TOO_SMALL);
    if (Number.isNaN(count)) return;
  }
  const deadlineMs = waits ? blockingDeadline(ctx, args, 1, reply) : 0;
  if (Number.isNaN(deadlineMs)) return;
  for (let i = first; i < endArg; i++) {
    const entry = ctx.db.write(args, i);
    if (entry !== NONE) return popFrom(ctx, args, i, entry, count, end === 1, reply);
  }
  if (waits) waitForKeys(ctx, args, first, numkeys, LIST, deadlineMs, reply);
  else reply.nilArray();
}

function atLeastOne(args: Args, i: number, reply: Reply, error: string): number {
  const value = longArgument(args, i, reply, error);
  if (Number.isNaN(value) || value >= 1) return value;
  reply.error(error);
  return Number.NaN;
}

/** Takes up to `count` elements from the key in argument i, for LMPOP and BLMPOP. */
function popFrom(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  count: number,
  atHead: boolean,
  reply: Reply,
): void {
  const hash = ctx.db.lastHash;
  if (!openList(ctx, entry, reply)) return;
  reply.array(2);
  reply.bulk(args.bytes, args.offset[i], args.length[i]);
  const popped = popMany(ctx, args, i, entry, hash, count, atHead, reply);
  if (!ctx.node.propagation.active) return;
  ctx.propagateInstead(atHead ? "LPOP" : "RPOP", args.latin1(i), String(popped));
}

/** BLPOP key [key …] timeout */
function blpop(ctx: Context, args: Args, reply: Reply): void {
  blockingPop(ctx, args, reply, true);
}

/** BRPOP key [key …] timeout */
function brpop(ctx: Context, args: Args, reply: Reply): void {
  blockingPop(ctx, args, reply, false);
}

function blockingPop(ctx: Context, args: Args, reply: Reply, atHead: boolean): void {
  const last = args.count - 1;
  const deadlineMs = blockingDeadline(ctx, args, last, reply);
  if (Number.isNaN(deadlineMs)) return;
  for (let i = 1; i < last; i++) {
    const entry = ctx.db.write(args, i);
    if (entry === NONE) continue;
    const hash = ctx.db.lastHash;
    if (!openList(ctx, entry, reply)) return;
    reply.array(2);
    reply.bulk(args.bytes, args.offset[i], args.length[i]);
    popOne(ctx, args, i, entry, hash, atHead, reply);
    if (ctx.node.propagation.active) {
      ctx.propagateInstead(atHead ? "LPOP" : "RPOP", args.latin1(i));
    }
    return;
  }
  waitForKeys(ctx, args, 1, last - 1, LIST, deadlineMs, reply);
}

export const listPopCommands: readonly CommandEntry[] = [
  command("lpop", lpop),
  command("rpop", rpop),
  command("lmpop", lmpop),
  command("blpop", blpop),
  command("brpop", brpop),
  command("blmpop", blmpop),
];
