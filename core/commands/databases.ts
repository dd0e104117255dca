// Databases as a whole: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.
import type { Database } from "../keyspace/database.ts";
import { type Client, DENY_BLOCKING, MULTI } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { DB_OUT_OF_RANGE, SYNTAX_ERROR } from "./errors.ts";
import { intArgument } from "./numbers.ts";

/** A flush that is small enough is finished in so many steps of the job, without waiting for it. */
const FLUSH_STEPS_AT_ONCE = 32;

/** DBSIZE */
function dbsize(ctx: Context, _args: Args, reply: Reply): void {
  reply.integer(ctx.db.size);
}

/** FLUSHDB [ASYNC | SYNC] */
function flushdb(ctx: Context, args: Args, reply: Reply): void {
  flush(ctx, args, reply, [ctx.db]);
}

/** FLUSHALL [ASYNC | SYNC] */
function flushall(ctx: Context, args: Args, reply: Reply): void {
  flush(ctx, args, reply, ctx.node.databases);
}

/**
 * Empties databases. The keys are out of reach at once, their memory is freed by a job; SYNC means
 * that the client waits for that job, and nobody else does. Where a client must not wait (EXEC,
 * scripts), SYNC frees at once.
 */
function flush(ctx: Context, args: Args, reply: Reply, databases: readonly Database[]): void {
  const { node, keyspace, client } = ctx;
  let lazy = node.config.values.lazyfreeLazyUserFlush;
  if (args.count === 2 && args.is(1, "sync")) lazy = false;
  else if (args.count === 2 && args.is(1, "async")) lazy = true;
  else if (args.count !== 1) return reply.error(SYNTAX_ERROR);
  const waits = !lazy && (client.flags & (MULTI | DENY_BLOCKING)) === 0;
  keyspace.dirty += emptyDatabases(node, databases, lazy || waits);
  if (node.propagation.active) {
    const words: string[] = [];
    for (let i = 0; i < args.count; i++) words.push(args.latin1(i));
    ctx.propagateInstead(...words);
  }
  const { lazyFree } = keyspace;
  if (!waits || !lazyFree.run(FLUSH_STEPS_AT_ONCE)) return reply.ok();
  // CLIENT UNBLOCK ends the wait, not the job.
  const ok = (_client: Client, target: Reply): void => target.ok();
  node.blocking.block(client, ctx.command, args, [], Number.POSITIVE_INFINITY, ok);
  const state = client.blocked;
  lazyFree.whenDone(() => {
    if (client.blocked !== state) return;
    node.replyTo(client).ok();
    node.blocking.unblock(client);
  });
}

/** Removes all keys of the databases and tells who must know. Answers with how many there were. */
export function emptyDatabases(node: Node, databases: readonly Database[], lazy: boolean): number {
  let removed = 0;
  for (const db of databases) {
    node.watch.databaseReplaced(db, null);
    removed += db.clear(lazy);
    node.blocking.signalAll(db.index);
  }
  node.tracking.flushed();
  return removed;
}

/** SWAPDB index1 index2 */
function swapdb(ctx: Context, args: Args, reply: Reply): void {
  const { node, keyspace } = ctx;
  if (node.config.values.clusterEnabled) {
    return reply.error("ERR SWAPDB is not allowed in cluster mode");
  }
  const first = intArgument(args, 1, reply, "ERR invalid first DB index");
  if (Number.isNaN(first)) return;
  const second = intArgument(args, 2, reply, "ERR invalid second DB index");
  if (Number.isNaN(second)) return;
  const { databases } = node;
  if (Math.min(first, second) < 0 || Math.max(first, second) >= databases.length) {
    return reply.error(DB_OUT_OF_RANGE);
  }
  if (first !== second) {
    const a = databases[first];
    const b = databases[second];
    node.watch.databaseReplaced(a, b);
    node.watch.databaseReplaced(b, a);
    a.swap(b);
    node.blocking.signalAll(first);
    node.blocking.signalAll(second);
  }
  keyspace.dirty++;
  reply.ok();
}

export const databaseCommands: readonly CommandEntry[] = [
  command("dbsize", dbsize),
  command("flushdb", flushdb),
  command("flushall", flushall),
  command("swapdb", swapdb),
];
