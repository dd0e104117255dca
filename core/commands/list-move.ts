// Moving an element from one list to another, or around in one: LMOVE and its relatives.
import { NOTIFY_LIST } from "../keyspace/events.ts";
import { LIST } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import { DENY_BLOCKING } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { blockingDeadline, waitForKeys } from "./blocking.ts";
import { type CommandEntry, command } from "./command.ts";
import { WRONG_TYPE } from "./errors.ts";
import {
  elementsRemoved,
  endArgument,
  openList,
  popEvent,
  pushEvent,
  storeList,
} from "./list-shared.ts";

const SOURCE = 1;
const DESTINATION = 2;

/** LMOVE source destination LEFT | RIGHT LEFT | RIGHT */
function lmove(ctx: Context, args: Args, reply: Reply): void {
  const from = endArgument(args, 3, reply);
  if (from < 0) return;
  const to = endArgument(args, 4, reply);
  if (to >= 0) move(ctx, args, from === 1, to === 1, reply);
}

/** RPOPLPUSH source destination */
function rpoplpush(ctx: Context, args: Args, reply: Reply): void {
  move(ctx, args, false, true, reply);
}

/** Answers with whether an element was moved; if not, with nil or an error as the reply. */
function move(ctx: Context, args: Args, fromHead: boolean, toHead: boolean, reply: Reply): boolean {
  const { db, node } = ctx;
  const { lists } = node;
  const source = db.write(args, SOURCE);
  const hash = db.lastHash;
  if (source === NONE) {
    reply.nil();
    return false;
  }
  if (!openList(ctx, source, reply)) return false;
  const destination = db.write(args, DESTINATION);
  if (destination !== NONE && db.typeOf(destination) !== LIST) {
    reply.error(WRONG_TYPE);
    return false;
  }
  lists.lookAtEnd(fromHead);
  lists.hold();
  const { bytes, length } = lists;
  reply.bulk(bytes, 0, length);
  lists.pop(fromHead);
  lists.close();
  if (destination === NONE) lists.create();
  else lists.open(db, destination);
  lists.growBy(length, 1);
  lists.push(toHead, bytes, 0, length);
  storeList(ctx, args, DESTINATION, destination);
  ctx.modified(args, DESTINATION);
  ctx.notify(args, DESTINATION, NOTIFY_LIST, pushEvent(toHead));
  lists.open(db, source);
  const isEmpty = lists.count === 0;
  elementsRemoved(ctx, args, SOURCE, source, hash, 1, isEmpty, popEvent(fromHead));
  return true;
}

/** BLMOVE source destination LEFT | RIGHT LEFT | RIGHT timeout */
function blmove(ctx: Context, args: Args, reply: Reply): void {
  const from = endArgument(args, 3, reply);
  if (from < 0) return;
  const to = endArgument(args, 4, reply);
  if (to < 0) return;
  const deadlineMs = blockingDeadline(ctx, args, 5, reply);
  if (Number.isNaN(deadlineMs)) return;
  if (!moveOrWait(ctx, args, from === 1, to === 1, deadlineMs, reply)) return;
  if (!ctx.node.propagation.active) return;
  const [source, destination, fromText, toText] = [1, 2, 3, 4].map((i) => args.latin1(i));
  ctx.propagateInstead("LMOVE", source, destination, fromText, toText);
}

/** BRPOPLPUSH source destination timeout */
function brpoplpush(ctx: Context, args: Args, reply: Reply): void {
  const deadlineMs = blockingDeadline(ctx, args, 3, reply);
  if (Number.isNaN(deadlineMs)) return;
  if (!moveOrWait(ctx, args, false, true, deadlineMs, reply)) return;
  if (!ctx.node.propagation.active) return;
  ctx.propagateInstead("RPOPLPUSH", args.latin1(SOURCE), args.latin1(DESTINATION));
}

/** Answers with whether an element was moved. */
function moveOrWait(
  ctx: Context,
  args: Args,
  fromHead: boolean,
  toHead: boolean,
  deadlineMs: number,
  reply: Reply,
): boolean {
  if (ctx.db.write(args, SOURCE) !== NONE) return move(ctx, args, fromHead, toHead, reply);
  // Where it must not wait it answers with nil; a wait in vain is answered with a null array.
  if (ctx.client.has(DENY_BLOCKING)) reply.nil();
  else waitForKeys(ctx, args, SOURCE, 1, LIST, deadlineMs, reply);
  return false;
}

export const listMoveCommands: readonly CommandEntry[] = [
  command("lmove", lmove),
  command("rpoplpush", rpoplpush),
  command("blmove", blmove),
  command("brpoplpush", brpoplpush),
];
