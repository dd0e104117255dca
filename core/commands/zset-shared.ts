// What the commands on sorted sets share: opening the value of a key, storing it back after a
// change, replying with members.
import { NOTIFY_GENERIC, NOTIFY_ZSET } from "../keyspace/events.ts";
import { LISTPACK, ZSET } from "../keyspace/types.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { KEY_LENGTH_MASK, keyStart } from "../memory/entry.ts";
import { LEAF_STRIDE } from "../memory/index-node.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { SortedSet } from "../types/zset/sorted-set.ts";
import { WRONG_TYPE } from "./errors.ts";

/** The sorted set of a key; answers with the error itself and returns null when it is no such. */
export function openSortedSet(ctx: Context, entry: Ref, reply: Reply): SortedSet | null {
  const { db } = ctx;
  if (db.typeOf(entry) !== ZSET) {
    reply.error(WRONG_TYPE);
    return null;
  }
  return ctx.node.sortedSets.set.open(db.valueOf(entry), db.encodingOf(entry));
}

/**
 * After members of the key in argument i were removed, `removed` of them: stores the set back, or
 * removes the key when nothing is left, and tells everybody: as in Redis, those who cache the key after the
 * subscribers or, when `cachesFirst`, before them. `hash` is the key's.
 */
export function membersRemoved(
  ctx: Context,
  args: Args,
  i: number,
  entry: Ref,
  hash: number,
  set: SortedSet,
  removed: number,
  event: string,
  cachesFirst = false,
): void {
  const { db } = ctx;
  const empty = set.length === 0;
  db.setValue(entry, set.value, set.encoding);
  if (empty) db.removeEntry(entry, hash);
  if (cachesFirst) ctx.modified(args, i);
  ctx.notify(args, i, NOTIFY_ZSET, event);
  if (empty) ctx.notify(args, i, NOTIFY_GENERIC, "del");
  if (!cachesFirst) ctx.modified(args, i);
  ctx.keyspace.dirty += removed;
}

/** The key in argument i was made: clients that wait for it are told. */
export function signalReady(ctx: Context, args: Args, i: number): void {
  ctx.node.blocking.signal(ctx.db.index, args.bytes, args.offset[i], args.length[i]);
}

/**
 * Makes `made` the value of the destination key in argument i and tells everybody; when it is empty,
 * frees it and removes the key instead. Answers with the number of members.
 */
export function storeResult(
  ctx: Context,
  args: Args,
  i: number,
  made: SortedSet,
  event: string,
): number {
  const { db, node } = ctx;
  const count = made.length;
  if (count > 0) {
    // A key that is overwritten wakes nobody, not even who waits for what is there now.
    const isNew = db.peek(args, i) === NONE;
    db.store(args, i, ZSET, made.encoding, made.value);
    if (isNew) signalReady(ctx, args, i);
    ctx.changed(args, i, NOTIFY_ZSET, event);
    return count;
  }
  node.sortedSets.free(made.value, made.encoding);
  removeDestination(ctx, args, i);
  return 0;
}

/** A destination key gets an empty result: it goes away. */
export function removeDestination(ctx: Context, args: Args, i: number): void {
  const { db } = ctx;
  const entry = db.findAny(args.view, args.offset[i], args.length[i]);
  if (entry === NONE) return;
  db.removeEntry(entry, db.lastHash);
  ctx.changed(args, i, NOTIFY_GENERIC, "del");
}

/** Starts the reply of `count` members, flat in RESP2, in pairs in RESP3 when scores follow. */
export function beginMembers(reply: Reply, count: number, withScores: boolean): void {
  reply.array(withScores && reply.resp === 2 ? count * 2 : count);
}

/**
 * Replies with `count` members from rank `first` on, the array's header included; going down
 * towards rank 0 when `reverse`.
 */
export function replyRange(
  ctx: Context,
  set: SortedSet,
  first: number,
  count: number,
  reverse: boolean,
  withScores: boolean,
  reply: Reply,
): void {
  beginMembers(reply, count, withScores);
  replyMembers(ctx, set, first, count, reverse, withScores, withScores && reply.resp > 2, reply);
}

/** As `replyRange` without the header; each pair is an array when `inPairs`. */
export function replyMembers(
  ctx: Context,
  set: SortedSet,
  first: number,
  count: number,
  reverse: boolean,
  withScores: boolean,
  inPairs: boolean,
  reply: Reply,
): void {
  if (count === 0) return;
  const { cursor, member } = ctx.node.sortedSets;
  cursor.seek(set, first);
  if (set.encoding !== LISTPACK && !withScores && !inPairs) {
    return replyEntryKeys(ctx, count, reverse, reply);
  }
  for (let left = count; left > 0; left--) {
    if (inPairs) reply.array(2);
    cursor.member(member);
    reply.bulk(member.bytes, member.offset, member.length);
    if (withScores) reply.double(cursor.score);
    if (reverse) cursor.previous();
    else cursor.next();
  }
}

/** Replies with the keys of `count` entries from the cursor on: the members of a large set. */
function replyEntryKeys(ctx: Context, count: number, reverse: boolean, reply: Reply): void {
  const { index } = ctx.node.sortedSets.cursor;
  const { arena } = ctx.keyspace;
  const step = reverse ? -LEAF_STRIDE : LEAF_STRIDE;
  for (let left = count; left > 0; ) {
    const run = Math.min(left, index.leftInLeaf(reverse));
    const words = arena.i32[index.leaf >>> SEGMENT_SHIFT];
    const end = index.word + run * step;
    for (let at = index.word; at !== end; at += step) replyEntryKey(arena, words[at], reply);
    left -= run;
    if (left > 0) index.leaveLeaf(reverse);
  }
}

function replyEntryKey(arena: Arena, entry: Ref, reply: Reply): void {
  const segment = entry >>> SEGMENT_SHIFT;
  const at = (entry & GRANULE_MASK) << 1;
  const word0 = arena.i32[segment][at];
  const start = (at << 2) + keyStart(word0);
  reply.arenaBulk(arena.u8[segment], arena.view[segment], start, word0 & KEY_LENGTH_MASK);
}
