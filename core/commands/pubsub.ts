// SUBSCRIBE and its relatives, PUBLISH, PUBSUB.
import type { Context } from "../node/context.ts";
import type { SubscriptionKind } from "../node/pubsub.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { globMatchText } from "../util/glob.ts";
import { type CommandEntry, command, type Handler } from "./command.ts";
import { unknownSubcommand } from "./errors.ts";
import { helpCommand } from "./help.ts";

/** The number that confirmations carry: shard channels are counted apart. */
function countFor(ctx: Context, kind: SubscriptionKind): number {
  return kind === "shardChannels"
    ? (ctx.client.shardChannels?.size ?? 0)
    : ctx.client.subscriptionCount;
}

function confirm(
  ctx: Context,
  reply: Reply,
  verb: string,
  kind: SubscriptionKind,
  name: string | null,
): void {
  reply.push(3);
  reply.bulkText(verb);
  if (name === null) reply.nil();
  else reply.bulkText(name);
  reply.integer(countFor(ctx, kind));
}

/** SUBSCRIBE channel [channel …], PSUBSCRIBE pattern [pattern …], SSUBSCRIBE channel [channel …] */
function subscribe(verb: string, kind: SubscriptionKind): Handler {
  return (ctx, args, reply) => {
    for (let i = 1; i < args.count; i++) {
      const name = args.latin1(i);
      ctx.node.pubsub.subscribe(ctx.client, kind, name);
      confirm(ctx, reply, verb, kind, name);
    }
  };
}

/** UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE [name …]: from all when none is given. */
function unsubscribe(verb: string, kind: SubscriptionKind): Handler {
  return (ctx, args, reply) => {
    const names = args.count === 1 ? [...(ctx.client[kind] ?? [])] : [];
    for (let i = 1; i < args.count; i++) names.push(args.latin1(i));
    if (names.length === 0) return confirm(ctx, reply, verb, kind, null);
    for (const name of names) {
      ctx.node.pubsub.unsubscribe(ctx.client, kind, name);
      confirm(ctx, reply, verb, kind, name);
    }
  };
}

/** PUBLISH channel message: goes to replicas, never to the append-only file. */
function publish(ctx: Context, args: Args, reply: Reply): void {
  const receivers = ctx.node.pubsub.publish(args.latin1(1), args.latin1(2));
  if (ctx.node.propagation.active) {
    ctx.propagateInstead(args.latin1(0), args.latin1(1), args.latin1(2));
  }
  reply.integer(receivers);
}

/** SPUBLISH shardchannel message */
function spublish(ctx: Context, args: Args, reply: Reply): void {
  const receivers = ctx.node.pubsub.publishShard(args.latin1(1), args.latin1(2));
  if (ctx.node.propagation.active) {
    ctx.propagateInstead(args.latin1(0), args.latin1(1), args.latin1(2));
  }
  reply.integer(receivers);
}

/** PUBSUB CHANNELS [pattern], PUBSUB SHARDCHANNELS [pattern] */
function channels(kind: SubscriptionKind): Handler {
  return (ctx, args, reply) => {
    if (args.count > 3) return reply.error(unknownSubcommand("pubsub", args.latin1(1)));
    const pattern = args.count > 2 ? args.latin1(2) : null;
    const names = [...ctx.node.pubsub[kind].keys()].filter(
      (name) => pattern === null || globMatchText(pattern, name, false),
    );
    reply.array(names.length);
    for (const name of names) reply.bulkText(name);
  };
}

/** PUBSUB NUMSUB [channel …], PUBSUB SHARDNUMSUB [channel …] */
function subscriberCounts(kind: SubscriptionKind): Handler {
  return (ctx, args, reply) => {
    reply.array((args.count - 2) * 2);
    for (let i = 2; i < args.count; i++) {
      reply.bulk(args.bytes, args.offset[i], args.length[i]);
      reply.integer(ctx.node.pubsub[kind].get(args.latin1(i))?.size ?? 0);
    }
  };
}

/** PUBSUB NUMPAT */
function numpat(ctx: Context, _args: Args, reply: Reply): void {
  reply.integer(ctx.node.pubsub.patterns.size);
}

export const pubsubCommands: readonly CommandEntry[] = [
  command("subscribe", subscribe("subscribe", "channels")),
  command("psubscribe", subscribe("psubscribe", "patterns")),
  command("ssubscribe", subscribe("ssubscribe", "shardChannels")),
  command("unsubscribe", unsubscribe("unsubscribe", "channels")),
  command("punsubscribe", unsubscribe("punsubscribe", "patterns")),
  command("sunsubscribe", unsubscribe("sunsubscribe", "shardChannels")),
  command("publish", publish),
  command("spublish", spublish),
  command("pubsub|channels", channels("channels")),
  command("pubsub|shardchannels", channels("shardChannels")),
  command("pubsub|numsub", subscriberCounts("channels")),
  command("pubsub|shardnumsub", subscriberCounts("shardChannels")),
  command("pubsub|numpat", numpat),
  helpCommand("pubsub"),
];
