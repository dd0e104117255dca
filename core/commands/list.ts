// Lists: pushing, looking, changing. Taking elements is in list-pop.ts, moving them in list-move.ts,
// searching in list-search.ts.
import { NOTIFY_LIST } from "../keyspace/events.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { replyElements } from "../types/list/reply-elements.ts";
import { type CommandEntry, command } from "./command.ts";
import { NO_SUCH_KEY } from "./errors.ts";
import { elementsRemoved, openList, pushEvent, storeList } from "./list-shared.ts";
import { longArgument } from "./numbers.ts";

const INDEX_OUT_OF_RANGE = "ERR index out of range";

/** LPUSH key element [element …] */
function lpush(ctx: Context, args: Args, reply: Reply): void {
  pushGeneric(ctx, args, reply, true, false);
}

/** RPUSH key element [element …] */
function rpush(ctx: Context, args: Args, reply: Reply): void {
  pushGeneric(ctx, args, reply, false, false);
}

/** LPUSHX key element [element …] */
function lpushx(ctx: Context, args: Args, reply: Reply): void {
  pushGeneric(ctx, args, reply, true, true);
}

/** RPUSHX key element [element …] */
function rpushx(ctx: Context, args: Args, reply: Reply): void {
  pushGeneric(ctx, args, reply, false, true);
}

function pushGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  atHead: boolean,
  mustExist: boolean,
): void {
  const { lists } = ctx.node;
  const entry = ctx.db.write(args, 1);
  if (entry !== NONE) {
    if (!openList(ctx, entry, reply)) return;
  } else {
    if (mustExist) return reply.integer(0);
    lists.create();
  }
  const { count } = args;
  lists.makeRoomFor(args, 2, count - 1);
  for (let i = 2; i < count; i++) lists.push(atHead, args.bytes, args.offset[i], args.length[i]);
  reply.integer(lists.count);
  storeList(ctx, args, 1, entry);
  ctx.changed(args, 1, NOTIFY_LIST, pushEvent(atHead));
  ctx.keyspace.dirty += count - 3;
}

/** LLEN key */
function llen(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (openList(ctx, entry, reply)) reply.integer(ctx.node.lists.count);
}

/** LINDEX key index */
function lindex(ctx: Context, args: Args, reply: Reply): void {
  const { lists } = ctx.node;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.nil();
  if (!openList(ctx, entry, reply)) return;
  const given = longArgument(args, 2, reply);
  if (Number.isNaN(given)) return;
  const { count } = lists;
  const index = given < 0 ? given + count : given;
  if (index < 0 || index >= count) return reply.nil();
  lists.start(index, true);
  lists.lookAtCursor();
  reply.bulk(lists.bytes, lists.offset, lists.length);
}

/** LSET key index element */
function lset(ctx: Context, args: Args, reply: Reply): void {
  const { lists } = ctx.node;
  const entry = ctx.db.write(args, 1);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  if (!openList(ctx, entry, reply)) return;
  const given = longArgument(args, 2, reply);
  if (Number.isNaN(given)) return;
  // As in Redis the encoding may change even if the index turns out to be wrong.
  lists.makeRoomFor(args, 3, 3);
  const { count } = lists;
  const index = given < 0 ? given + count : given;
  if (index < 0 || index >= count) {
    lists.close();
    return reply.error(INDEX_OUT_OF_RANGE);
  }
  lists.replace(index, args.bytes, args.offset[3], args.length[3]);
  lists.shrink();
  lists.close();
  ctx.changed(args, 1, NOTIFY_LIST, "lset");
  reply.ok();
}

/** LRANGE key start stop */
function lrange(ctx: Context, args: Args, reply: Reply): void {
  const { lists } = ctx.node;
  const from = longArgument(args, 2, reply);
  if (Number.isNaN(from)) return;
  const to = longArgument(args, 3, reply);
  if (Number.isNaN(to)) return;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.array(0);
  if (!openList(ctx, entry, reply)) return;
  const { count } = lists;
  const start = Math.max(0, from < 0 ? from + count : from);
  const stop = Math.min(count - 1, to < 0 ? to + count : to);
  if (start > stop) return reply.array(0);
  const found = stop - start + 1;
  reply.array(found);
  replyElements(reply, lists.start(start, true), found, true);
}

/** LTRIM key start stop */
function ltrim(ctx: Context, args: Args, reply: Reply): void {
  const { lists } = ctx.node;
  const from = longArgument(args, 2, reply);
  if (Number.isNaN(from)) return;
  const to = longArgument(args, 3, reply);
  if (Number.isNaN(to)) return;
  const entry = ctx.db.write(args, 1);
  const hash = ctx.db.lastHash;
  if (entry === NONE) return reply.ok();
  if (!openList(ctx, entry, reply)) return;
  const { count } = lists;
  const start = Math.max(0, from < 0 ? from + count : from);
  const stop = Math.min(count - 1, to < 0 ? to + count : to);
  const isEmpty = start > stop;
  if (!isEmpty) {
    lists.removeRange(stop + 1, count - stop - 1);
    lists.removeRange(0, start);
  }
  const removed = isEmpty ? count : start + count - stop - 1;
  elementsRemoved(ctx, args, 1, entry, hash, removed, isEmpty, "ltrim");
  reply.ok();
}

export const listCommands: readonly CommandEntry[] = [
  command("lpush", lpush),
  command("rpush", rpush),
  command("lpushx", lpushx),
  command("rpushx", rpushx),
  command("llen", llen),
  command("lindex", lindex),
  command("lset", lset),
  command("lrange", lrange),
  command("ltrim", ltrim),
];
