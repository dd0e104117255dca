// Hashes: setting, getting, removing, iterating. Counters are in hash-counter.ts, times to live of
// fields in hash-expire.ts, random fields in hash-random.ts.
import { NOTIFY_GENERIC, NOTIFY_HASH } from "../keyspace/events.ts";
import { HASHTABLE } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { NO_EXPIRY } from "../types/hash/hash-fields.ts";
import { dictOf } from "../types/hash/hash-value.ts";
import { type CommandEntry, command } from "./command.ts";
import { wrongArity } from "./errors.ts";
import {
  EXPIRED,
  EXPIRED_WITH_HASH,
  findLive,
  LIVE,
  openHash,
  openOrCreate,
  storeHash,
} from "./hash-shared.ts";
import { type ScanOptions, scanCursor, scanOptions } from "./scan.ts";
import { elementMatches, replyElement, replyEmptyScan } from "./set.ts";

/** HSET key field value [field value …] */
function hset(ctx: Context, args: Args, reply: Reply): void {
  const created = setFields(ctx, args, reply);
  if (created >= 0) reply.integer(created);
}

/** HMSET key field value [field value …] */
function hmset(ctx: Context, args: Args, reply: Reply): void {
  if (setFields(ctx, args, reply) >= 0) reply.ok();
}

/** Answers with the number of new fields, or with -1 after an error. */
function setFields(ctx: Context, args: Args, reply: Reply): number {
  if (args.count % 2 === 1) {
    reply.error(wrongArity(ctx.command.fullName));
    return -1;
  }
  if (!openOrCreate(ctx, args, reply)) return -1;
  const { hashes } = ctx.node;
  const { hash, field, value } = hashes;
  let bytes = 0;
  for (let i = 2; i < args.count; i++) bytes += args.length[i];
  hashes.expect(hash, (args.count - 2) / 2, bytes);
  let created = 0;
  for (let i = 2; i < args.count; i += 2) {
    field.argument(args, i);
    value.argument(args, i + 1);
    if (!hashes.set(hash, field, value, false)) created++;
  }
  storeHash(ctx, args, hash);
  ctx.changed(args, 1, NOTIFY_HASH, "hset");
  ctx.keyspace.dirty += (args.count - 2) / 2 - 1;
  return created;
}

/** HSETNX key field value */
function hsetnx(ctx: Context, args: Args, reply: Reply): void {
  if (!openOrCreate(ctx, args, reply)) return;
  const { hashes } = ctx.node;
  const { hash, field, value } = hashes;
  field.argument(args, 2);
  const found = findLive(ctx, hash, field);
  if (found === LIVE) return reply.integer(0);
  if (found === EXPIRED_WITH_HASH) hashes.create(hash);
  value.argument(args, 3);
  hashes.set(hash, field, value, false);
  storeHash(ctx, args, hash);
  ctx.changed(args, 1, NOTIFY_HASH, "hset");
  reply.integer(1);
}

/** HGET key field */
function hget(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.nil();
  if (!openHash(ctx, entry, reply)) return;
  const { hash, field } = ctx.node.hashes;
  field.argument(args, 2);
  replyField(ctx, findLive(ctx, hash, field), reply);
}

function replyField(ctx: Context, found: number, reply: Reply): void {
  if (found !== LIVE) return reply.nil();
  const { hashes } = ctx.node;
  hashes.loadFound(hashes.hash, hashes.value);
  replyElement(hashes.value, reply);
}

/** HMGET key field [field …] */
function hmget(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { hash, field } = ctx.node.hashes;
  const entry = db.read(args, 1);
  if (entry !== NONE && !openHash(ctx, entry, reply)) return;
  reply.array(args.count - 2);
  let isThere = entry !== NONE;
  let someExpired = false;
  for (let i = 2; i < args.count; i++) {
    if (!isThere) {
      reply.nil();
      continue;
    }
    field.argument(args, i);
    const found = findLive(ctx, hash, field, true);
    replyField(ctx, found, reply);
    if (found === EXPIRED) someExpired = true;
    if (found === EXPIRED_WITH_HASH) isThere = false;
  }
  if (!someExpired) return;
  ctx.notify(args, 1, NOTIFY_HASH, "hexpired");
  if (!isThere) ctx.notify(args, 1, NOTIFY_GENERIC, "del");
}

/** HDEL key field [field …] */
function hdel(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { hashes } = ctx.node;
  const { hash, field } = hashes;
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const keyHash = db.lastHash;
  if (!openHash(ctx, entry, reply)) return;
  let removed = 0;
  for (let i = 2; i < args.count; i++) {
    field.argument(args, i);
    if (hashes.remove(hash, field)) removed++;
  }
  if (removed > 0) {
    hashes.store(hash);
    const isGone = hashes.count(hash) === 0;
    if (isGone) db.removeEntry(entry, keyHash);
    ctx.changed(args, 1, NOTIFY_HASH, "hdel");
    if (isGone) ctx.notify(args, 1, NOTIFY_GENERIC, "del");
    ctx.keyspace.dirty += removed - 1;
  }
  reply.integer(removed);
}

/** HLEN key */
function hlen(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (!openHash(ctx, entry, reply)) return;
  const { hashes } = ctx.node;
  reply.integer(hashes.count(hashes.hash));
}

/** HSTRLEN key field */
function hstrlen(ctx: Context, args: Args, reply: Reply): void {
  const found = findArgument(ctx, args, reply);
  if (found < 0) return;
  const { hashes } = ctx.node;
  reply.integer(found === LIVE ? hashes.foundLength(hashes.hash) : 0);
}

/** HEXISTS key field */
function hexists(ctx: Context, args: Args, reply: Reply): void {
  const found = findArgument(ctx, args, reply);
  if (found >= 0) reply.integer(found === LIVE ? 1 : 0);
}

/** As `findLive` for the field in argument 2; -1 after the answer when there is no such hash. */
function findArgument(ctx: Context, args: Args, reply: Reply): number {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) {
    reply.integer(0);
    return -1;
  }
  if (!openHash(ctx, entry, reply)) return -1;
  const { hash, field } = ctx.node.hashes;
  field.argument(args, 2);
  return findLive(ctx, hash, field);
}

// What HGETALL and its like show.
const FIELDS = 1;
const VALUES = 2;

/** HGETALL key */
function hgetall(ctx: Context, args: Args, reply: Reply): void {
  replyFields(ctx, args, reply, FIELDS | VALUES);
}

/** HKEYS key */
function hkeys(ctx: Context, args: Args, reply: Reply): void {
  replyFields(ctx, args, reply, FIELDS);
}

/** HVALS key */
function hvals(ctx: Context, args: Args, reply: Reply): void {
  replyFields(ctx, args, reply, VALUES);
}

function replyFields(ctx: Context, args: Args, reply: Reply, shown: number): void {
  const { nowMs } = ctx;
  const { hashes } = ctx.node;
  const { hash, cursor } = hashes;
  const entry = ctx.db.read(args, 1);
  if (entry !== NONE && !openHash(ctx, entry, reply)) return;
  const count = entry === NONE ? 0 : hashes.count(hash) - hashes.countExpired(hash, nowMs);
  if (shown === (FIELDS | VALUES)) reply.map(count);
  else reply.array(count);
  if (count === 0) return;
  cursor.start(hash.value, hash.encoding);
  while (cursor.next()) {
    if (cursor.expiryMs !== NO_EXPIRY && cursor.expiryMs < nowMs) continue;
    if ((shown & FIELDS) !== 0) replyElement(cursor.field, reply);
    if ((shown & VALUES) === 0) continue;
    cursor.loadValue();
    replyElement(cursor.value, reply);
  }
}

/** HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES] */
function hscan(ctx: Context, args: Args, reply: Reply): void {
  const cursor = scanCursor(args, 2, reply);
  if (Number.isNaN(cursor)) return;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return replyEmptyScan(reply);
  if (!openHash(ctx, entry, reply)) return;
  const options = scanOptions(args, 3, "hash", reply);
  if (options === null) return;
  reply.array(2);
  if (ctx.node.hashes.hash.encoding === HASHTABLE) scanDict(ctx, args, cursor, options, reply);
  else scanListpack(ctx, args, options, reply);
}

function scanDict(
  ctx: Context,
  args: Args,
  cursor: number,
  options: ScanOptions,
  reply: Reply,
): void {
  const { arena, dicts, scanned } = ctx.keyspace;
  const { hashes } = ctx.node;
  const { hash, field, value } = hashes;
  scanned.count = 0;
  reply.bulkInteger(dicts.scan(dictOf(arena, hash.value), cursor, options.count, scanned));
  const mark = reply.mark();
  let elements = 0;
  for (let i = 0; i < scanned.count; i++) {
    hashes.findEntry(scanned.items[i]);
    if (hashes.expiryMs !== NO_EXPIRY && hashes.expiryMs < ctx.nowMs) continue;
    field.entryKey(dicts, scanned.items[i]);
    if (!elementMatches(args, options.patternArg, field)) continue;
    replyElement(field, reply);
    elements++;
    if (options.noValues) continue;
    hashes.loadFound(hash, value);
    replyElement(value, reply);
    elements++;
  }
  scanned.clear();
  reply.insertArray(mark, elements);
}

/** A listpack is small: everything is returned at once. */
function scanListpack(ctx: Context, args: Args, options: ScanOptions, reply: Reply): void {
  const { hash, cursor } = ctx.node.hashes;
  reply.bulkInteger(0);
  const mark = reply.mark();
  let elements = 0;
  cursor.start(hash.value, hash.encoding);
  while (cursor.next()) {
    if (cursor.expiryMs !== NO_EXPIRY && cursor.expiryMs < ctx.nowMs) continue;
    if (!elementMatches(args, options.patternArg, cursor.field)) continue;
    replyElement(cursor.field, reply);
    elements++;
    if (options.noValues) continue;
    cursor.loadValue();
    replyElement(cursor.value, reply);
    elements++;
  }
  reply.insertArray(mark, elements);
}

export const hashCommands: readonly CommandEntry[] = [
  command("hset", hset),
  command("hmset", hmset),
  command("hsetnx", hsetnx),
  command("hget", hget),
  command("hmget", hmget),
  command("hdel", hdel),
  command("hlen", hlen),
  command("hstrlen", hstrlen),
  command("hexists", hexists),
  command("hgetall", hgetall),
  command("hkeys", hkeys),
  command("hvals", hvals),
  command("hscan", hscan),
];
