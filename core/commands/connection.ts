// Connection: PING, ECHO and SELECT. CLIENT is in client.ts, AUTH and HELLO in auth.ts.
import { PUBSUB } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { toBytes } from "../util/bytes.ts";
import { type CommandEntry, command } from "./command.ts";
import { DB_OUT_OF_RANGE, wrongArity } from "./errors.ts";
import { intArgument } from "./numbers.ts";

const PONG = toBytes("+PONG\r\n");

/** PING [message] */
function ping(ctx: Context, args: Args, reply: Reply): void {
  if (args.count > 2) return reply.error(wrongArity("ping"));
  if (ctx.client.has(PUBSUB) && ctx.client.resp === 2) {
    reply.array(2);
    reply.bulkText("pong");
    if (args.count === 1) reply.bulkText("");
    else reply.bulk(args.bytes, args.offset[1], args.length[1]);
  } else if (args.count === 1) {
    reply.rawBytes(PONG);
  } else {
    reply.bulk(args.bytes, args.offset[1], args.length[1]);
  }
}

/** ECHO message */
function echo(_ctx: Context, args: Args, reply: Reply): void {
  reply.bulk(args.bytes, args.offset[1], args.length[1]);
}

/** SELECT index */
function select(ctx: Context, args: Args, reply: Reply): void {
  const index = intArgument(args, 1, reply);
  if (Number.isNaN(index)) return;
  if (index < 0 || index >= ctx.node.databases.length) return reply.error(DB_OUT_OF_RANGE);
  ctx.client.db = index;
  reply.ok();
}

export const connectionCommands: readonly CommandEntry[] = [
  command("ping", ping),
  command("echo", echo),
  command("select", select),
];
