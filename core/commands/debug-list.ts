// DEBUG about lists.
import { parseMemory } from "../config/numbers.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type DebugEntry, debugCommand } from "./debug-entry.ts";

/** As in Redis: somewhat below what the length of an element can be. */
const THRESHOLD_MAX = (1n << 32n) - (1n << 20n);

/** DEBUG QUICKLIST-PACKED-THRESHOLD size */
function packedThreshold(ctx: Context, args: Args, reply: Reply): void {
  const size = parseMemory(args.latin1(2));
  if (size === null || size > THRESHOLD_MAX) {
    return reply.error("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  }
  ctx.node.lists.quicklists.packedThreshold = Number(size);
  reply.ok();
}

export const debugList: readonly DebugEntry[] = [
  debugCommand("quicklist-packed-threshold", 3, 3, packedThreshold),
];
