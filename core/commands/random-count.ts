// The count of SRANDMEMBER, HRANDFIELD and ZRANDMEMBER: above 0 so many distinct elements, below 0
// so many draws, each from the whole collection.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { parseInt64 } from "../util/integer.ts";
import { OUT_OF_RANGE } from "./errors.ts";
import { longArgument } from "./numbers.ts";

const INT64_MAX = 9223372036854775807n;

/**
 * The count in argument i, rounded beyond 2^53. Answers with the error itself and returns NaN when it
 * is none, or when `paired` (each element comes with a value) and twice its size is out of range.
 */
export function randomCount(args: Args, i: number, paired: boolean, reply: Reply): number {
  const count = longArgument(args, i, reply);
  if (!(Math.abs(count) > Number.MAX_SAFE_INTEGER)) return count;
  const exact = parseInt64(args.bytes, args.offset[i], args.length[i])!;
  if (exact < -INT64_MAX) {
    reply.error(`ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`);
    return Number.NaN;
  }
  const limit = INT64_MAX / 2n;
  if (paired && (exact < -limit || exact > limit)) {
    reply.error(OUT_OF_RANGE);
    return Number.NaN;
  }
  return count;
}

/** Draws between two looks at the client's limit. */
const DRAWS_PER_LOOK = 256;

/**
 * Asked before draw `i`: true when the reply is already so long that the client will be closed for it
 * (client-output-buffer-limit). A count of minus a billion then ends early.
 */
export function endsClient(ctx: Context, reply: Reply, i: number): boolean {
  return i % DRAWS_PER_LOOK === DRAWS_PER_LOOK - 1 && ctx.overflows(reply);
}
