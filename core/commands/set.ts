// Sets: adding, removing, looking, moving, iterating. Taking members by chance is in set-random.ts,
// unions and their like in set-algebra.ts.
import { NOTIFY_GENERIC, NOTIFY_SET } from "../keyspace/events.ts";
import { HASHTABLE, SET } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import type { SetValue } from "../types/set/sets.ts";
import { type CommandEntry, command } from "./command.ts";
import { WRONG_TYPE } from "./errors.ts";
import { argMatches, scanCursor, scanOptions } from "./scan.ts";

/** Replies with an element as a bulk string. */
export function replyElement(element: Element, reply: Reply): void {
  reply.bulk(element.bytes, element.offset, element.length);
}

/**
 * Opens the set in argument 1 for reading. Answers false when there is none, after the error if it
 * is something else, or after `replyNone`.
 */
export function openForReading(
  ctx: Context,
  args: Args,
  set: SetValue,
  reply: Reply,
  replyNone: (reply: Reply) => void,
): boolean {
  const { db } = ctx;
  const entry = db.read(args, 1);
  if (entry === NONE) {
    replyNone(reply);
    return false;
  }
  if (db.typeOf(entry) !== SET) {
    reply.error(WRONG_TYPE);
    return false;
  }
  set.open(db.valueOf(entry), db.encodingOf(entry));
  return true;
}

function replyZero(reply: Reply): void {
  reply.integer(0);
}

/**
 * After members were removed: gives the changed set back to its key, or removes the key when the set
 * is empty. Answers with whether it did; the caller notifies.
 */
export function giveBack(ctx: Context, entry: Ref, hash: number, set: SetValue): boolean {
  ctx.db.setValue(entry, set.value, set.encoding);
  if (ctx.node.sets.count(set.value, set.encoding) > 0) return false;
  ctx.db.removeEntry(entry, hash);
  return true;
}

/** SADD key member [member …] */
function sadd(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { sets } = ctx.node;
  const { target, element } = sets;
  const entry = db.write(args, 1);
  if (entry === NONE) {
    element.argument(args, 2);
    sets.create(target, element, args.count - 2);
  } else {
    if (db.typeOf(entry) !== SET) return reply.error(WRONG_TYPE);
    target.open(db.valueOf(entry), db.encodingOf(entry));
    sets.expect(target, args.count - 2);
  }
  let added = 0;
  for (let i = 2; i < args.count; i++) {
    element.argument(args, i);
    if (sets.add(target, element)) added++;
  }
  if (entry === NONE) db.add(args, 1, SET, target.encoding, target.value);
  else db.setValue(entry, target.value, target.encoding);
  if (added > 0) {
    ctx.changed(args, 1, NOTIFY_SET, "sadd");
    ctx.keyspace.dirty += added - 1;
  }
  reply.integer(added);
}

/** SREM key member [member …] */
function srem(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { sets } = ctx.node;
  const { target, element } = sets;
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (db.typeOf(entry) !== SET) return reply.error(WRONG_TYPE);
  const hash = db.lastHash;
  target.open(db.valueOf(entry), db.encodingOf(entry));
  let removed = 0;
  for (let i = 2; i < args.count; i++) {
    element.argument(args, i);
    if (sets.remove(target, element)) removed++;
  }
  if (removed > 0) {
    const isGone = giveBack(ctx, entry, hash, target);
    ctx.changed(args, 1, NOTIFY_SET, "srem");
    if (isGone) ctx.notify(args, 1, NOTIFY_GENERIC, "del");
    ctx.keyspace.dirty += removed - 1;
  }
  reply.integer(removed);
}

/** SMOVE source destination member */
function smove(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const { sets } = ctx.node;
  const { source, target, element } = sets;
  const from = db.write(args, 1);
  const fromHash = db.lastHash;
  const to = db.write(args, 2);
  const toHash = db.lastHash;
  if (from === NONE) return reply.integer(0);
  if (db.typeOf(from) !== SET || (to !== NONE && db.typeOf(to) !== SET)) {
    return reply.error(WRONG_TYPE);
  }
  element.argument(args, 3);
  source.open(db.valueOf(from), db.encodingOf(from));
  if (from === to) {
    return reply.integer(sets.has(source.value, source.encoding, element) ? 1 : 0);
  }
  if (!sets.remove(source, element)) return reply.integer(0);
  const isGone = giveBack(ctx, from, fromHash, source);
  ctx.notify(args, 1, NOTIFY_SET, "srem");
  if (isGone) ctx.notify(args, 1, NOTIFY_GENERIC, "del");
  if (to === NONE) sets.create(target, element, 1);
  else target.open(db.valueOf(to), db.encodingOf(to));
  const added = sets.add(target, element);
  if (to === NONE) {
    db.lastHash = toHash;
    db.add(args, 2, SET, target.encoding, target.value);
  } else {
    db.setValue(to, target.value, target.encoding);
  }
  ctx.modified(args, 1);
  keyspace.dirty++;
  if (added) ctx.changed(args, 2, NOTIFY_SET, "sadd");
  reply.integer(1);
}

/** SISMEMBER key member */
function sismember(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const { source, element } = sets;
  if (!openForReading(ctx, args, source, reply, replyZero)) return;
  element.argument(args, 2);
  reply.integer(sets.has(source.value, source.encoding, element) ? 1 : 0);
}

/** SMISMEMBER key member [member …] */
function smismember(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { sets } = ctx.node;
  const { element } = sets;
  const entry = db.read(args, 1);
  if (entry !== NONE && db.typeOf(entry) !== SET) return reply.error(WRONG_TYPE);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    element.argument(args, i);
    const isMember = entry !== NONE && sets.has(db.valueOf(entry), db.encodingOf(entry), element);
    reply.integer(isMember ? 1 : 0);
  }
}

/** SCARD key */
function scard(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const { source } = sets;
  if (!openForReading(ctx, args, source, reply, replyZero)) return;
  reply.integer(sets.count(source.value, source.encoding));
}

/** SSCAN key cursor [MATCH pattern] [COUNT count] */
function sscan(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const { source } = sets;
  const cursor = scanCursor(args, 2, reply);
  if (Number.isNaN(cursor)) return;
  if (!openForReading(ctx, args, source, reply, replyEmptyScan)) return;
  const options = scanOptions(args, 3, "collection", reply);
  if (options === null) return;
  const { count, patternArg } = options;
  reply.array(2);
  if (source.encoding === HASHTABLE) scanDict(ctx, args, source, cursor, count, patternArg, reply);
  else scanCompact(ctx, args, source, patternArg, reply);
}

/** The answer of SSCAN, HSCAN and ZSCAN when there is no such key. */
export function replyEmptyScan(reply: Reply): void {
  reply.array(2);
  reply.bulkInteger(0);
  reply.array(0);
}

function scanDict(
  ctx: Context,
  args: Args,
  set: SetValue,
  cursor: number,
  count: number,
  patternArg: number,
  reply: Reply,
): void {
  const { dicts, scanned } = ctx.keyspace;
  const { element } = ctx.node.sets;
  scanned.count = 0;
  reply.bulkInteger(dicts.scan(set.value, cursor, count, scanned));
  const mark = reply.mark();
  let matches = 0;
  for (let i = 0; i < scanned.count; i++) {
    element.entryKey(dicts, scanned.items[i]);
    if (!elementMatches(args, patternArg, element)) continue;
    replyElement(element, reply);
    matches++;
  }
  scanned.clear();
  reply.insertArray(mark, matches);
}

/** An intset or listpack is small: everything is returned at once. */
function scanCompact(
  ctx: Context,
  args: Args,
  set: SetValue,
  patternArg: number,
  reply: Reply,
): void {
  const { cursor } = ctx.node.sets;
  reply.bulkInteger(0);
  const mark = reply.mark();
  let matches = 0;
  cursor.start(set.value, set.encoding);
  while (cursor.next()) {
    if (!elementMatches(args, patternArg, cursor.element)) continue;
    replyElement(cursor.element, reply);
    matches++;
  }
  reply.insertArray(mark, matches);
}

/** True when there is no pattern (`patternArg` 0) or the element matches it. */
export function elementMatches(args: Args, patternArg: number, element: Element): boolean {
  if (patternArg === 0) return true;
  return argMatches(args, patternArg, element.bytes, element.offset, element.length);
}

export const setCommands: readonly CommandEntry[] = [
  command("sadd", sadd),
  command("srem", srem),
  command("smove", smove),
  command("sismember", sismember),
  command("smismember", smismember),
  command("scard", scard),
  command("sscan", sscan),
];
