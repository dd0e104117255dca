// Integers among the arguments, with the range checks and error replies that many commands share.
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { MUST_BE_POSITIVE, NOT_INTEGER } from "./errors.ts";
import { wideInteger } from "./expiry.ts";

const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;

/**
 * Argument i as a signed 64-bit integer: exact up to 2^53, beyond it rounded. Answers `error`
 * itself and returns NaN when it is none.
 */
export function longArgument(
  args: Args,
  i: number,
  reply: Reply,
  error: string = NOT_INTEGER,
): number {
  const value = wideInteger(args, i);
  if (Number.isNaN(value)) reply.error(error);
  return value;
}

/**
 * Argument i as a signed 32-bit integer. Answers with an error, `error` if it is given, and returns
 * NaN when it is none.
 */
export function intArgument(args: Args, i: number, reply: Reply, error = ""): number {
  const value = longArgument(args, i, reply, error === "" ? NOT_INTEGER : error);
  if (Number.isNaN(value) || (value >= INT32_MIN && value <= INT32_MAX)) return value;
  reply.error(
    error === ""
      ? `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`
      : error,
  );
  return Number.NaN;
}

/** As `longArgument`, for a number that must not be negative. */
export function positiveArgument(args: Args, i: number, reply: Reply): number {
  const value = longArgument(args, i, reply, MUST_BE_POSITIVE);
  if (Number.isNaN(value) || value >= 0) return value;
  reply.error(MUST_BE_POSITIVE);
  return Number.NaN;
}
