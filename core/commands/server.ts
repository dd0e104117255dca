// About the server as a whole: TIME, MONITOR, LOLWUT, SHUTDOWN.
import { DENY_BLOCKING, MONITOR, REPLICA } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { lolwutPlain, lolwutSchotter, lolwutSkyline } from "../util/lolwut.ts";
import { REDIS_VERSION } from "../version.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";

const MICROSECONDS = 1_000_000;
const UINT32 = 2 ** 32;
/** LOLWUT's pictures by version, with the sizes they have when nothing is said. */
const SCHOTTER = { version: 5, sizes: [66, 8, 12] };
const SKYLINE = { version: 6, sizes: [80, 20] };

/** TIME */
function time({ node }: Context, _args: Args, reply: Reply): void {
  const { wallUs } = node;
  reply.array(2);
  reply.bulkInteger(Math.floor(wallUs / MICROSECONDS));
  reply.bulkInteger(wallUs % MICROSECONDS);
}

/** MONITOR */
function monitor({ client, node }: Context, _args: Args, reply: Reply): void {
  if (client.has(DENY_BLOCKING)) {
    return reply.error("ERR MONITOR isn't allowed for DENY BLOCKING client");
  }
  // The second time is not answered at all: the reply would be taken for a command.
  if (client.has(MONITOR | REPLICA)) return;
  client.set(MONITOR);
  node.clients.monitors.add(client);
  reply.ok();
}

/** LOLWUT [VERSION version [size ...]] */
function lolwut({ node }: Context, args: Args, reply: Reply): void {
  let version = 0;
  if (args.count >= 3 && args.is(1, "version")) {
    version = longArgument(args, 2, reply);
    if (Number.isNaN(version)) return;
    version = ((version % UINT32) + UINT32) % UINT32;
  }
  if (version === SCHOTTER.version) {
    const sizes = sizeArguments(args, SCHOTTER.sizes, reply);
    if (sizes === null) return;
    const [columns, perRow, perColumn] = sizes;
    const text = lolwutSchotter(node.prng, columns, perRow, perColumn, REDIS_VERSION);
    reply.verbatim("txt", text);
  } else if (version === SKYLINE.version) {
    const sizes = sizeArguments(args, SKYLINE.sizes, reply);
    if (sizes === null) return;
    reply.verbatim("txt", lolwutSkyline(node.prng, sizes[0], sizes[1], REDIS_VERSION));
  } else {
    reply.verbatim("txt", lolwutPlain(REDIS_VERSION));
  }
}

/** The arguments behind the version, or their defaults; null after an error. */
function sizeArguments(args: Args, defaults: readonly number[], reply: Reply): number[] | null {
  const sizes = [...defaults];
  for (let i = 0; i < sizes.length && i + 3 < args.count; i++) {
    sizes[i] = longArgument(args, i + 3, reply);
    if (Number.isNaN(sizes[i])) return null;
  }
  return sizes;
}

/** SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT] */
function shutdown({ client, command: called, node }: Context, args: Args, reply: Reply): void {
  const words = new Set<string>();
  for (let i = 1; i < args.count; i++) {
    const word = ["nosave", "save", "now", "force", "abort"].find((known) => args.is(i, known));
    if (word === undefined) return reply.error(SYNTAX_ERROR);
    words.add(word);
  }
  const aborts = words.has("abort");
  if ((aborts && words.size > 1) || (words.has("nosave") && words.has("save"))) {
    return reply.error(SYNTAX_ERROR);
  }
  if (aborts) {
    if (node.shutdown.abort()) reply.ok();
    else reply.error("ERR No shutdown in progress.");
    return;
  }
  // What a script has done by half must not be saved.
  if (node.scripting.isBusy && !words.has("nosave")) return reply.error(node.scripting.busyError);
  node.shutdown.wait(client, called, args);
  const [save, noSave, now, force] = ["save", "nosave", "now", "force"].map((word) =>
    words.has(word),
  );
  node.shutdown.begin({ save, noSave, now, force });
}

export const serverCommands: readonly CommandEntry[] = [
  command("time", time),
  command("monitor", monitor),
  command("lolwut", lolwut),
  command("shutdown", shutdown),
];
