// Transactions: MULTI, EXEC, DISCARD, WATCH and UNWATCH. What happens to the commands between MULTI
// and EXEC is decided in node/dispatch.ts, which keeps them in `client.queue`.
import {
  BLOCKED,
  type Client,
  DENY_BLOCKING,
  DIRTY_CAS,
  DIRTY_EXEC,
  MULTI,
  type QueuedCommand,
  REPLY_OFF,
  REPLY_SKIP,
} from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { EXEC_ABORT } from "./errors.ts";
import type { Command } from "./table.ts";

/** MULTI */
function multi(ctx: Context, _args: Args, reply: Reply): void {
  if (ctx.client.has(MULTI)) return reply.error("ERR MULTI calls can not be nested");
  ctx.client.set(MULTI);
  reply.ok();
}

/** DISCARD */
function discard(ctx: Context, _args: Args, reply: Reply): void {
  if (!ctx.client.has(MULTI)) return reply.error("ERR DISCARD without MULTI");
  ctx.node.dispatcher.discard(ctx.client);
  reply.ok();
}

/** EXEC */
function exec(ctx: Context, args: Args, reply: Reply): void {
  const { client, node } = ctx;
  if (!client.has(MULTI)) return reply.error("ERR EXEC without MULTI");
  if (node.watch.anyExpired(client, node.databases)) client.set(DIRTY_CAS);
  if (client.has(DIRTY_EXEC)) reply.error(EXEC_ABORT);
  else if (client.has(DIRTY_CAS)) reply.nilArray();
  else return begin(ctx, args, reply);
  node.dispatcher.discard(client);
}

/** Runs what was queued; everything is propagated as one unit, that of EXEC itself. */
function begin(ctx: Context, args: Args, reply: Reply): void {
  const { client, node } = ctx;
  const { queue } = client;
  node.watch.clear(client);
  client.set(DENY_BLOCKING);
  // Under CLIENT REPLY OFF and SKIP each part of the reply is dropped when it is written.
  if (!client.has(REPLY_OFF | REPLY_SKIP)) reply.array(queue.length);
  const done = runQueue(node, client, queue, 0, reply);
  if (!client.has(BLOCKED)) return end(node, client);
  goOnLater(node, client, ctx.command, args.clone(), queue, done, node.scripting.startUs);
}

function end(node: Node, client: Client): void {
  client.unset(DENY_BLOCKING);
  node.dispatcher.discard(client);
}

/** Runs the queue from `start` on. Answers with how far it came: a script may have to wait. */
function runQueue(
  node: Node,
  client: Client,
  queue: readonly QueuedCommand[],
  start: number,
  reply: Reply,
): number {
  for (let i = start; i < queue.length; i++) {
    node.dispatcher.call(client, queue[i].command, queue[i].args, reply);
    if (client.has(BLOCKED)) return i + 1;
  }
  return queue.length;
}

/** A script in the transaction takes its time: what is left of the queue follows when it has ended. */
function goOnLater(
  node: Node,
  client: Client,
  command: Command,
  args: Args,
  queue: readonly QueuedCommand[],
  start: number,
  startUs: number,
): void {
  const { dispatcher, scripting } = node;
  scripting.afterwards(() => {
    const reply = node.replyTo(client);
    dispatcher.enter(client, reply);
    const done = runQueue(node, client, queue, start, reply);
    dispatcher.leave();
    if (scripting.isBusy) return goOnLater(node, client, command, args, queue, done, startUs);
    end(node, client);
    client.durationUs = node.host.monotonicUs() - startUs;
    dispatcher.conclude(client, command, args, reply, reply.size);
  });
}

/** WATCH key [key ...] */
function watch(ctx: Context, args: Args, reply: Reply): void {
  const { client, node, db } = ctx;
  if (client.has(MULTI)) return reply.error("ERR WATCH inside MULTI is not allowed");
  // EXEC will fail already: watching more would change nothing.
  if (!client.has(DIRTY_CAS)) {
    for (let i = 1; i < args.count; i++) node.watch.add(client, db, args.latin1(i));
  }
  reply.ok();
}

/** UNWATCH */
function unwatch(ctx: Context, _args: Args, reply: Reply): void {
  ctx.node.watch.clear(ctx.client);
  ctx.client.unset(DIRTY_CAS);
  reply.ok();
}

export const transactionCommands: readonly CommandEntry[] = [
  command("multi", multi),
  command("exec", exec),
  command("discard", discard),
  command("watch", watch),
  command("unwatch", unwatch),
];
