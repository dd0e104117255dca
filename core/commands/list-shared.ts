// What the commands on lists share: the list of a key, and what follows when elements were removed.
import { NOTIFY_GENERIC, NOTIFY_LIST } from "../keyspace/events.ts";
import { LIST } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";

/** The event of a push. */
export function pushEvent(atHead: boolean): string {
  return atHead ? "lpush" : "rpush";
}

/** The event of a pop. */
export function popEvent(atHead: boolean): string {
  return atHead ? "lpop" : "rpop";
}

/** Opens the list at `entry`; answers with the error itself and false when it is none. */
export function openList(ctx: Context, entry: Ref, reply: Reply): boolean {
  if (ctx.db.typeOf(entry) !== LIST) {
    reply.error(WRONG_TYPE);
    return false;
  }
  ctx.node.lists.open(ctx.db, entry);
  return true;
}

/**
 * Stores the open list, which got elements, as the key in argument i: the one that was looked up
 * last and is at `entry`, NONE when it is new.
 */
export function storeList(ctx: Context, args: Args, i: number, entry: Ref): void {
  const { db, node } = ctx;
  const { lists } = node;
  if (entry !== NONE) return lists.close();
  db.add(args, i, LIST, lists.encoding, lists.value);
  node.blocking.signal(db.index, args.bytes, args.offset[i], args.length[i]);
}

/**
 * After `removed` elements were taken out of the open list, that of the key in argument i, at `entry`:
 * stores it or, when `isEmpty`, removes the key, and tells everybody. `hash` is the key's.
 */
export function elementsRemoved(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  hash: number,
  removed: number,
  isEmpty: boolean,
  event: string,
): void {
  const { db, node } = ctx;
  if (!isEmpty) node.lists.shrink();
  node.lists.close();
  if (isEmpty) db.removeEntry(entry, hash);
  ctx.notify(args, i, NOTIFY_LIST, event);
  if (isEmpty) ctx.notify(args, i, NOTIFY_GENERIC, "del");
  // As in Redis, subscribers hear of it before those who cache the key.
  ctx.modified(args, i);
  ctx.keyspace.dirty += removed;
}

/** LEFT or RIGHT in argument i: 1 for the head, 0 for the tail; answers the error and -1 otherwise. */
export function endArgument(args: Args, i: number, reply: Reply): number {
  if (args.is(i, "left")) return 1;
  if (args.is(i, "right")) return 0;
  reply.error(SYNTAX_ERROR);
  return -1;
}
