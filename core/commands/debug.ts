// DEBUG: what tests and developers need. Subcommands about data are in debug-data.ts; a feature adds
// its own to the lists here.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { asciiLower } from "../util/bytes.ts";
import { globMatch } from "../util/glob.ts";
import { type CommandEntry, command } from "./command.ts";
import { debugData } from "./debug-data.ts";
import { type DebugEntry, debugCommand, leadingInteger } from "./debug-entry.ts";
import { debugList } from "./debug-list.ts";
import { debugProtocol } from "./debug-protocol.ts";
import { debugServer } from "./debug-server.ts";
import { cString, unknownSubcommand } from "./errors.ts";
import { helpReply } from "./help.ts";

const STRINGMATCH_ROUNDS = 5000;
const STRINGMATCH_BYTES_MAX = 32;

/** DEBUG SLEEP seconds */
function sleep(ctx: Context, args: Args, reply: Reply): void {
  const seconds = Number.parseFloat(args.latin1(2));
  if (seconds > 0) ctx.node.host.sleep(Math.floor(seconds * 1e6));
  reply.ok();
}

/** DEBUG LOG message */
function log(ctx: Context, args: Args, reply: Reply): void {
  ctx.node.log("warning", `DEBUG LOG: ${cString(args.latin1(2))}`);
  reply.ok();
}

/** DEBUG ERROR string: this very text, which has to bring its own code. */
function error(_ctx: Context, args: Args, reply: Reply): void {
  reply.raw(`-${args.latin1(2).replace(/[\r\n]/g, " ")}\r\n`);
}

/** DEBUG LEAK string */
function leak(ctx: Context, args: Args, reply: Reply): void {
  ctx.keyspace.arena.alloc(args.length[2]);
  reply.ok();
}

/** DEBUG STRINGMATCH-TEST */
function stringmatchTest(ctx: Context, _args: Args, reply: Reply): void {
  const { prng } = ctx.keyspace;
  const bytes = new Uint8Array(2 * STRINGMATCH_BYTES_MAX);
  for (let round = 0; round < STRINGMATCH_ROUNDS; round++) {
    for (let i = 0; i < bytes.length; i++) bytes[i] = prng.below(128);
    const patternLength = prng.below(STRINGMATCH_BYTES_MAX);
    const textLength = prng.below(STRINGMATCH_BYTES_MAX);
    globMatch(bytes, 0, patternLength, bytes, STRINGMATCH_BYTES_MAX, textLength, false);
  }
  reply.simple("Apparently Redis did not crash: test passed");
}

/** A subcommand that sets a switch to the number in its argument: 0 or not. */
function switchCommand(name: string, set: (ctx: Context, on: boolean) => void): DebugEntry {
  return debugCommand(name, 3, 3, (ctx, args, reply) => {
    set(ctx, leadingInteger(args.latin1(2)) !== 0);
    reply.ok();
  });
}

const SIMPLE: readonly DebugEntry[] = [
  debugCommand("help", 2, 2, (_ctx, args, reply) => helpReply(args, reply, "debug")),
  debugCommand("sleep", 3, 3, sleep),
  debugCommand("log", 3, 3, log),
  debugCommand("error", 3, 3, error),
  debugCommand("leak", 3, 3, leak),
  debugCommand("stringmatch-test", 2, 2, stringmatchTest),
  switchCommand("set-active-expire", (ctx, on) => {
    ctx.node.expireCycle.enabled = on;
  }),
  switchCommand("set-skip-checksum-validation", (ctx, on) => {
    ctx.keyspace.rdbTypes.skipsChecksums = on;
  }),
  switchCommand("dict-resizing", (ctx, on) => {
    ctx.keyspace.dicts.shrinks = on;
  }),
  switchCommand("set-disable-deny-scripts", (ctx, on) => {
    ctx.node.scripting.allowsAllCommands = on;
  }),
  switchCommand("pause-cron", (ctx, on) => {
    ctx.node.cron.paused = on;
  }),
];

const SUBCOMMANDS: ReadonlyMap<string, DebugEntry> = new Map(
  [...SIMPLE, ...debugData, ...debugList, ...debugProtocol, ...debugServer].map((entry) => [
    entry.name,
    entry,
  ]),
);

/** DEBUG subcommand [argument …] */
function debug(ctx: Context, args: Args, reply: Reply): void {
  const name = args.latin1(1);
  const entry = SUBCOMMANDS.get(asciiLower(name));
  if (entry === undefined || args.count < entry.countMin || args.count > entry.countMax) {
    return reply.error(unknownSubcommand(cString(args.latin1(0)), cString(name)));
  }
  entry.run(ctx, args, reply);
}

export const debugCommands: readonly CommandEntry[] = [command("debug", debug)];
