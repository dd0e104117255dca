// What a command is made of. A family file (string.ts, generic.ts, …) exports an array of
// `command(name, run)` entries: the handler beside its name. Arity, flags, key positions, ACL
// categories and documentation are facts of Redis 7.4 that `table.ts` joins in from `facts.ts`
// (generated), so nothing of them is typed by hand and everything derives from one table.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";

/**
 * Executes a command: reads `args`, changes the state reached through `ctx`, writes exactly one
 * reply. A client's mistake is an error reply, never an exception.
 */
export type Handler = (ctx: Context, args: Args, reply: Reply) => void;

export interface CommandEntry {
  /** Lower case; a subcommand is "container|sub", e.g. "client|kill". */
  readonly name: string;
  readonly run: Handler;
}

/** A table entry. Names are checked against Redis's facts when the table is built. */
export function command(name: string, run: Handler): CommandEntry {
  return { name, run };
}
