// EVAL and its relatives, SCRIPT.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { DebugState } from "../script/debugger/state.ts";
import { DIGEST_BYTES } from "../script/script-cache.ts";
import { sha1Hex } from "../util/sha1.ts";
import { type CommandEntry, command } from "./command.ts";
import { NO_SCRIPT } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { longArgument } from "./numbers.ts";

const NOT_DEBUGGED = "ERR Please use EVAL instead of EVALSHA for debugging";

/** MONITOR shows scripts and functions before the commands that they call. */
export function feedMonitors(ctx: Context, args: Args): void {
  const { clients } = ctx.node;
  if (clients.monitors.size > 0) clients.feedMonitors(ctx.client, args, null);
}

/**
 * The number of keys in argument 2, which must not be more than the arguments behind it. Answers
 * with an error itself, `notNumber` if that is given, and returns NaN when it is wrong.
 */
export function keyCountArgument(args: Args, reply: Reply, notNumber?: string): number {
  const count = longArgument(args, 2, reply, notNumber);
  if (Number.isNaN(count)) return count;
  if (count > args.count - 3) {
    reply.error("ERR Number of keys can't be greater than number of args");
    return Number.NaN;
  }
  if (count >= 0) return count;
  reply.error("ERR Number of keys can't be negative");
  return Number.NaN;
}

/** EVAL script numkeys [key ...] [arg ...] */
function evaluate(ctx: Context, args: Args, reply: Reply, isReadOnly: boolean): void {
  const { scripting } = ctx.node;
  feedMonitors(ctx, args);
  if (ctx.client.debugging === null) return run(ctx, args, reply, isReadOnly);
  scripting.debugger.debug(ctx, args, reply, () => run(ctx, args, reply, isReadOnly));
}

function run(ctx: Context, args: Args, reply: Reply, isReadOnly: boolean): void {
  const { scripting } = ctx.node;
  const keyCount = keyCountArgument(args, reply);
  if (Number.isNaN(keyCount)) return;
  let script = scripting.find(args, false);
  if (script === null) {
    const sha = sha1Hex(args.bytes, args.offset[1], args.length[1]);
    const loaded = scripting.load(args.latin1(1), sha, true);
    if (typeof loaded === "string") return reply.error(loaded);
    script = loaded;
  }
  scripting.evaluate(ctx, args, reply, script, keyCount, isReadOnly);
}

/** EVALSHA digest numkeys [key ...] [arg ...] */
function evaluateDigest(ctx: Context, args: Args, reply: Reply, isReadOnly: boolean): void {
  const { scripting } = ctx.node;
  feedMonitors(ctx, args);
  if (args.length[1] !== DIGEST_BYTES) return reply.error(NO_SCRIPT);
  if (ctx.client.debugging !== null) return reply.error(NOT_DEBUGGED);
  const keyCount = keyCountArgument(args, reply);
  if (Number.isNaN(keyCount)) return;
  const script = scripting.find(args, true);
  if (script === null) return reply.error(NO_SCRIPT);
  scripting.evaluate(ctx, args, reply, script, keyCount, isReadOnly);
}

/** SCRIPT LOAD script */
function load({ node }: Context, args: Args, reply: Reply): void {
  const sha = sha1Hex(args.bytes, args.offset[2], args.length[2]);
  if (!node.scripting.has(sha)) {
    const loaded = node.scripting.load(args.latin1(2), sha, false);
    if (typeof loaded === "string") return reply.error(loaded);
  }
  reply.bulkText(sha);
}

/** SCRIPT EXISTS digest [digest ...] */
function exists({ node }: Context, args: Args, reply: Reply): void {
  const { cache } = node.scripting;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const found = cache.find(args.bytes, args.offset[i], args.length[i]) !== null;
    reply.integer(found ? 1 : 0);
  }
}

/**
 * The word ASYNC or SYNC in argument 2, or what is configured: whether to forget in the background.
 * Null when there is another word or more than one. The garbage collector forgets either way.
 */
export function lazyArgument({ node }: Context, args: Args): boolean | null {
  if (args.count === 2) return node.config.values.lazyfreeLazyUserFlush;
  if (args.count > 3) return null;
  if (args.is(2, "async")) return true;
  return args.is(2, "sync") ? false : null;
}

/** SCRIPT FLUSH [ASYNC | SYNC] */
function flush(ctx: Context, args: Args, reply: Reply): void {
  const isLazy = lazyArgument(ctx, args);
  if (isLazy === null) return reply.error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  ctx.node.scripting.flushScripts(isLazy);
  reply.ok();
}

/** SCRIPT DEBUG YES | SYNC | NO */
function debug({ client }: Context, args: Args, reply: Reply): void {
  if (reply.size > 0 || client.unsentBytes > 0) {
    return reply.error("ERR SCRIPT DEBUG must be called outside a pipeline");
  }
  if (args.is(2, "no")) client.debugging = null;
  else if (args.is(2, "yes")) client.debugging = new DebugState(false);
  else if (args.is(2, "sync")) client.debugging = new DebugState(true);
  else return reply.error("ERR Use SCRIPT DEBUG YES/SYNC/NO");
  reply.ok();
}

/** SCRIPT KILL */
function kill({ node }: Context, _args: Args, reply: Reply): void {
  const error = node.scripting.kill(true);
  if (error === "") reply.ok();
  else reply.error(error);
}

export const scriptingCommands: readonly CommandEntry[] = [
  command("eval", (ctx, args, reply) => evaluate(ctx, args, reply, false)),
  command("eval_ro", (ctx, args, reply) => evaluate(ctx, args, reply, true)),
  command("evalsha", (ctx, args, reply) => evaluateDigest(ctx, args, reply, false)),
  command("evalsha_ro", (ctx, args, reply) => evaluateDigest(ctx, args, reply, true)),
  command("script|debug", debug),
  command("script|exists", exists),
  command("script|flush", flush),
  helpCommand("script"),
  command("script|kill", kill),
  command("script|load", load),
];
