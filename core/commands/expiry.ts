// Reading expiry times from arguments: SET, GETEX and the EXPIRE family share the rules, not the
// error words.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { parseInt64 } from "../util/integer.ts";
import { NOT_INTEGER } from "./errors.ts";

/** `parseExpiry` has answered with an error. */
export const EXPIRY_INVALID = -2;

/** The largest signed 64-bit integer, rounded as doubles are. */
export const INT64_MAX: number = 2 ** 63;

/** The error of a time that is zero, negative or too far away. */
export function invalidExpireTime(fullName: string): string {
  return `ERR invalid expire time in '${fullName}' command`;
}

/**
 * Argument i as a whole number of the signed 64-bit range, as a double (exact up to 2^53), or NaN
 * when it is none.
 */
export function wideInteger(args: Args, i: number): number {
  const value = args.integer(i);
  if (!Number.isNaN(value)) return value;
  const big = parseInt64(args.bytes, args.offset[i], args.length[i]);
  return big === null ? Number.NaN : Number(big);
}

/**
 * SET's and GETEX's expiry in argument i as absolute ms: a positive number of seconds or ms,
 * relative to now or absolute. Answers the error itself and returns EXPIRY_INVALID otherwise.
 */
export function parseExpiry(
  ctx: Context,
  args: Args,
  i: number,
  seconds: boolean,
  relative: boolean,
  reply: Reply,
): number {
  let ms = wideInteger(args, i);
  if (Number.isNaN(ms)) {
    reply.error(NOT_INTEGER);
    return EXPIRY_INVALID;
  }
  if (seconds) ms *= 1000;
  if (ms > 0 && relative) ms += ctx.nowMs;
  if (ms <= 0 || ms >= INT64_MAX) {
    reply.error(invalidExpireTime(ctx.command.fullName));
    return EXPIRY_INVALID;
  }
  return ms;
}
