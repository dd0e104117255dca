// OBJECT: how a value is kept and how much it is used.
import { encodingName, INT, STRING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { helpCommand } from "./help.ts";

const SHARED_INTEGER_MAX = 9999;
const SHARED_REFCOUNT = 2147483647;
const SWITCHING =
  "Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";
const IDLE_UNKNOWN = `ERR An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`;
const USE_UNKNOWN = `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`;

/** The key in argument 2; answers nil itself when there is none. */
function lookup(ctx: Context, args: Args, reply: Reply): Ref {
  const entry = ctx.db.inspectQuietly(args, 2);
  if (entry === NONE) reply.nil();
  return entry;
}

/** OBJECT ENCODING key */
function encoding(ctx: Context, args: Args, reply: Reply): void {
  const entry = lookup(ctx, args, reply);
  if (entry !== NONE) reply.bulkText(encodingName(ctx.db.encodingOf(entry)));
}

/** OBJECT REFCOUNT key */
function refcount(ctx: Context, args: Args, reply: Reply): void {
  const entry = lookup(ctx, args, reply);
  if (entry !== NONE) reply.integer(refcountOf(ctx, entry));
}

/**
 * How many users a value has: one, its key. But Redis shares one object for each of the integers up
 * to 9999, unless keys must have access times of their own or the value was copied.
 */
export function refcountOf(ctx: Context, entry: Ref): number {
  const { db, node } = ctx;
  const { maxmemory, maxmemoryPolicy } = node.config.values;
  const shares = maxmemory === 0 || !/l[rf]u$/.test(maxmemoryPolicy);
  const isInteger = db.typeOf(entry) === STRING && db.encodingOf(entry) === INT;
  const isShared = shares && isInteger && !node.strings.isUnshared(entry);
  const value = isShared ? node.strings.integerOf(entry) : -1;
  return value >= 0 && value <= SHARED_INTEGER_MAX ? SHARED_REFCOUNT : 1;
}

/** OBJECT IDLETIME key */
function idletime(ctx: Context, args: Args, reply: Reply): void {
  const entry = lookup(ctx, args, reply);
  if (entry === NONE) return;
  if (ctx.keyspace.lfu) return reply.error(IDLE_UNKNOWN);
  reply.integer(ctx.db.idleSeconds(entry));
}

/** OBJECT FREQ key */
function freq(ctx: Context, args: Args, reply: Reply): void {
  const entry = lookup(ctx, args, reply);
  if (entry === NONE) return;
  if (!ctx.keyspace.lfu) return reply.error(USE_UNKNOWN);
  reply.integer(ctx.db.lfuCounter(entry));
}

export const objectCommands: readonly CommandEntry[] = [
  command("object|encoding", encoding),
  command("object|refcount", refcount),
  command("object|idletime", idletime),
  command("object|freq", freq),
  helpCommand("object"),
];
