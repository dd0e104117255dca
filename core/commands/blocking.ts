// What the blocking commands on lists and sorted sets share: their timeout, and the wait itself.
import { DENY_BLOCKING } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { parseSecondsMs } from "../util/long-double.ts";

const TIMEOUT_NOT_FLOAT = "ERR timeout is not a float or out of range";
const TIMEOUT_OUT_OF_RANGE = "ERR timeout is out of range";
const TIMEOUT_NEGATIVE = "ERR timeout is negative";
const INT64_MAX = 2 ** 63;

/**
 * The timeout in argument i, in seconds, as the wall time in ms when it is over; Infinity when it is
 * 0, which means never. Answers with the error itself and returns NaN when it is none.
 */
export function blockingDeadline(ctx: Context, args: Args, i: number, reply: Reply): number {
  const ms = parseSecondsMs(args.bytes, args.offset[i], args.length[i]);
  if (ms === 0) return Number.POSITIVE_INFINITY;
  const error = Number.isNaN(ms)
    ? TIMEOUT_NOT_FLOAT
    : ms < 0
      ? TIMEOUT_NEGATIVE
      : ms + ctx.nowMs >= INT64_MAX
        ? TIMEOUT_OUT_OF_RANGE
        : "";
  if (error === "") return ms + ctx.nowMs;
  reply.error(error);
  return Number.NaN;
}

/**
 * The client waits until one of `count` keys from argument `first` on has a value of `type`, and its
 * command is run again then. Where waiting is not allowed (transactions, scripts), and when the time
 * is over, the reply is a null array, or what `replyNothing` writes.
 */
export function waitForKeys(
  ctx: Context,
  args: Args,
  first: number,
  count: number,
  type: number,
  deadlineMs: number,
  reply: Reply,
  replyNothing: (reply: Reply) => void = replyNullArray,
): void {
  const { client } = ctx;
  if (client.has(DENY_BLOCKING)) return replyNothing(reply);
  const keys: string[] = [];
  for (let i = first; i < first + count; i++) keys.push(args.latin1(i));
  const onTimeout = (_: unknown, to: Reply): void => replyNothing(to);
  ctx.node.blocking.block(client, ctx.command, args, keys, deadlineMs, onTimeout, type);
}

function replyNullArray(reply: Reply): void {
  reply.nilArray();
}
