// Commands on keys whatever their type: removing, looking, renaming, moving, copying. Expiry is in
// expire.ts, iteration in scan.ts, databases as a whole in databases.ts.
import type { Database } from "../keyspace/database.ts";
import { NOTIFY_GENERIC } from "../keyspace/events.ts";
import { INT, STRING, typeName } from "../keyspace/types.ts";
import { NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { DB_OUT_OF_RANGE, NO_SUCH_KEY, SYNTAX_ERROR } from "./errors.ts";
import { intArgument } from "./numbers.ts";

const SAME_OBJECT = "ERR source and destination objects are the same";
/** A replica that has nothing but expired keys, which it must not remove, gives up after so many. */
const RANDOM_TRIES_MAX = 100;

/** DEL key [key …] */
function del(ctx: Context, args: Args, reply: Reply): void {
  remove(ctx, args, reply, ctx.node.config.values.lazyfreeLazyUserDel);
}

/** UNLINK key [key …] */
function unlink(ctx: Context, args: Args, reply: Reply): void {
  remove(ctx, args, reply, true);
}

function remove(ctx: Context, args: Args, reply: Reply, lazy: boolean): void {
  const { db } = ctx;
  let removed = 0;
  for (let i = 1; i < args.count; i++) {
    const entry = db.findAny(args.view, args.offset[i], args.length[i]);
    if (entry === NONE) continue;
    const hash = db.lastHash;
    if (db.removeIfExpired(entry, hash)) continue;
    db.removeEntry(entry, hash, lazy);
    ctx.changed(args, i, NOTIFY_GENERIC, "del");
    removed++;
  }
  reply.integer(removed);
}

/** EXISTS key [key …] */
function exists(ctx: Context, args: Args, reply: Reply): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    if (ctx.db.inspect(args, i) !== NONE) count++;
  }
  reply.integer(count);
}

/** TOUCH key [key …] */
function touch(ctx: Context, args: Args, reply: Reply): void {
  // Also for a client with CLIENT NO-TOUCH: touching is what this command is for.
  ctx.keyspace.noTouch = false;
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    if (ctx.db.read(args, i) !== NONE) count++;
  }
  reply.integer(count);
}

/** TYPE key */
function type(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.inspect(args, 1);
  reply.simple(entry === NONE ? "none" : typeName(ctx.db.typeOf(entry)));
}

/** RANDOMKEY */
function randomkey(ctx: Context, _args: Args, reply: Reply): void {
  const { db, keyspace, node } = ctx;
  let tries = RANDOM_TRIES_MAX;
  let entry = keyspace.dicts.random(db.dict, keyspace.prng);
  while (entry !== NONE && !db.isValid(entry)) {
    if (!db.removeIfExpired(entry, keyspace.dicts.hashOf(entry)) && --tries === 0) break;
    entry = keyspace.dicts.random(db.dict, keyspace.prng);
  }
  node.propagation.separate();
  if (entry === NONE) return reply.nil();
  replyKey(ctx, entry, reply);
}

/** Replies with the name of the key at `entry`. */
export function replyKey(ctx: Context, entry: Ref, reply: Reply): void {
  const { arena } = ctx.keyspace;
  reply.bulk(arena.u8[entry >>> SEGMENT_SHIFT], keyOffset(arena, entry), keyLength(arena, entry));
}

/** RENAME key newkey */
function rename(ctx: Context, args: Args, reply: Reply): void {
  renameGeneric(ctx, args, reply, false);
}

/** RENAMENX key newkey */
function renamenx(ctx: Context, args: Args, reply: Reply): void {
  renameGeneric(ctx, args, reply, true);
}

function renameGeneric(ctx: Context, args: Args, reply: Reply, onlyNew: boolean): void {
  const { db } = ctx;
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  if (args.same(1, 2)) return onlyNew ? reply.integer(0) : reply.ok();
  const hash = db.lastHash;
  const target = db.write(args, 2);
  if (target !== NONE) {
    if (onlyNew) return reply.integer(0);
    db.removeEntry(target, db.lastHash);
  }
  moveEntry(ctx, db, entry, hash, db, args, 2);
  ctx.modified(args, 1);
  ctx.modified(args, 2);
  ctx.notify(args, 1, NOTIFY_GENERIC, "rename_from");
  ctx.notify(args, 2, NOTIFY_GENERIC, "rename_to");
  ctx.keyspace.dirty++;
  if (onlyNew) reply.integer(1);
  else reply.ok();
}

/**
 * Gives the value of `entry`, with its expiry, to the key in argument i of the database `to`, which
 * has just been looked up there and is free. A value outside of the entry moves along untouched.
 */
function moveEntry(
  ctx: Context,
  from: Database,
  entry: Ref,
  hash: number,
  to: Database,
  args: Args,
  i: number,
): void {
  const value = from.valueOf(entry);
  const made = to.entryLike(entry, args.bytes, args.offset[i], args.length[i], value);
  const newHash = to.lastHash;
  from.unlink(entry, hash);
  to.insertNew(made);
  ctx.keyspace.arena.free(entry);
  arrived(ctx, to, made, newHash, args, i);
}

/** A value has come to a key as a whole: its type and clients that wait for the key are told. */
export function arrived(
  ctx: Context,
  db: Database,
  entry: Ref,
  hash: number,
  args: Args,
  i: number,
): void {
  db.arrived(entry, hash);
  if (db.typeOf(entry) === STRING) return;
  ctx.node.blocking.signal(db.index, args.bytes, args.offset[i], args.length[i]);
}

/** MOVE key db */
function move(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  if (node.config.values.clusterEnabled) {
    return reply.error("ERR MOVE is not allowed in cluster mode");
  }
  const index = intArgument(args, 2, reply);
  if (Number.isNaN(index)) return;
  if (index < 0 || index >= node.databases.length) return reply.error(DB_OUT_OF_RANGE);
  const to = node.databases[index];
  if (to === db) return reply.error(SAME_OBJECT);
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const hash = db.lastHash;
  if (to.write(args, 1) !== NONE) return reply.integer(0);
  moveEntry(ctx, db, entry, hash, to, args, 1);
  ctx.modified(args, 1);
  modifiedIn(ctx, to, args, 1);
  ctx.notify(args, 1, NOTIFY_GENERIC, "move_from");
  notifyIn(ctx, to, args, 1, "move_to");
  ctx.keyspace.dirty++;
  reply.integer(1);
}

function modifiedIn(ctx: Context, db: Database, args: Args, i: number): void {
  ctx.node.keyModified(db.index, args.bytes, args.offset[i], args.length[i]);
}

function notifyIn(ctx: Context, db: Database, args: Args, i: number, event: string): void {
  const { bytes } = args;
  ctx.node.keyEvent(NOTIFY_GENERIC, event, db.index, bytes, args.offset[i], args.length[i]);
}

/** COPY source destination [DB destination-db] [REPLACE] */
function copy(ctx: Context, args: Args, reply: Reply): void {
  const { db, node, keyspace } = ctx;
  let to = db;
  let replace = false;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "replace")) {
      replace = true;
    } else if (args.is(i, "db") && i + 1 < args.count) {
      const index = intArgument(args, ++i, reply);
      if (Number.isNaN(index)) return;
      if (index < 0 || index >= node.databases.length) return reply.error(DB_OUT_OF_RANGE);
      to = node.databases[index];
    } else {
      return reply.error(SYNTAX_ERROR);
    }
  }
  if (node.config.values.clusterEnabled && (db.index !== 0 || to.index !== 0)) {
    return reply.error("ERR Copying to another database is not allowed in cluster mode");
  }
  if (to === db && args.same(1, 2)) return reply.error(SAME_OBJECT);
  const entry = db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  const target = to.write(args, 2);
  if (target !== NONE && !replace) return reply.integer(0);
  const hash = to.lastHash;
  const copied = db.typeOf(entry) === STRING ? NONE : copyValue(ctx, entry);
  const made = to.entryLike(entry, args.bytes, args.offset[2], args.length[2], copied);
  if (isInteger(to, made)) ctx.node.strings.unshare(made);
  if (target !== NONE) to.removeEntry(target, hash);
  to.insertNew(made);
  arrived(ctx, to, made, hash, args, 2);
  modifiedIn(ctx, to, args, 2);
  notifyIn(ctx, to, args, 2, "copy_to");
  keyspace.dirty++;
  reply.integer(1);
}

function isInteger(db: Database, entry: Ref): boolean {
  return db.typeOf(entry) === STRING && db.encodingOf(entry) === INT;
}

function copyValue(ctx: Context, entry: Ref): Ref {
  const { db, keyspace } = ctx;
  const copier = keyspace.copiers[db.typeOf(entry)];
  if (copier === undefined) throw new Error(`nobody copies values of type ${db.typeOf(entry)}`);
  return copier(db.valueOf(entry), db.encodingOf(entry));
}

export const genericCommands: readonly CommandEntry[] = [
  command("del", del),
  command("unlink", unlink),
  command("exists", exists),
  command("touch", touch),
  command("type", type),
  command("randomkey", randomkey),
  command("rename", rename),
  command("renamenx", renamenx),
  command("move", move),
  command("copy", copy),
];
