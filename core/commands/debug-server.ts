// DEBUG's subcommands about clients, the configuration file and the end of the server.
import { DENY_BLOCKING, MONITOR, NO_EVICT, PRIMARY, REPLICA } from "../node/client.ts";
import { REPLY_PEAK_MS } from "../node/clients.ts";
import { rewriteConfigFile } from "../node/config-file.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { DIGEST_BYTES, type Script } from "../script/script-cache.ts";
import { type DebugEntry, debugCommand } from "./debug-entry.ts";
import { cString, NO_SCRIPT, unknownSubcommand } from "./errors.ts";
import { longArgument } from "./numbers.ts";

/** Classes of clients by powers of two of their memory: below 2^15, up to 2^32 and more. */
const CLASS_LOG2_MIN = 15;
const CLASS_LOG2_MAX = 33;

/** DEBUG REPLYBUFFER PEAK-RESET-TIME NEVER | RESET | ms, DEBUG REPLYBUFFER RESIZING 0 | 1 */
function replybuffer(ctx: Context, args: Args, reply: Reply): void {
  const { clients } = ctx.node;
  if (args.is(2, "peak-reset-time")) {
    let ms = -1;
    if (args.is(3, "reset")) ms = REPLY_PEAK_MS;
    else if (!args.is(3, "never")) ms = longArgument(args, 3, reply);
    if (Number.isNaN(ms)) return;
    clients.replyPeakMs = ms;
  } else if (!args.is(2, "resizing")) {
    // Clients share the buffer they are answered from: there is none to resize.
    return reply.error(unknownSubcommand(cString(args.latin1(0)), cString(args.latin1(1))));
  }
  reply.ok();
}

/** DEBUG CLIENT-EVICTION */
function clientEviction(ctx: Context, _args: Args, reply: Reply): void {
  const { clients } = ctx.node;
  if (!clients.limitsMemory) return reply.error("ERR maxmemory-clients is disabled.");
  const bytes: number[] = new Array(CLASS_LOG2_MAX - CLASS_LOG2_MIN + 1).fill(0);
  const counts: number[] = bytes.slice();
  for (const client of clients.all()) {
    if (client.has(NO_EVICT | PRIMARY | REPLICA | MONITOR)) continue;
    const log2 = Math.floor(Math.log2(client.memoryBytes)) + 1;
    const index = Math.max(CLASS_LOG2_MIN, Math.min(log2, CLASS_LOG2_MAX)) - CLASS_LOG2_MIN;
    bytes[index] += client.memoryBytes;
    counts[index]++;
  }
  let text = "";
  for (const [index, total] of bytes.entries()) {
    const from = index === 0 ? 0 : 2 ** (index - 1 + CLASS_LOG2_MIN);
    const to = 2 ** (index + CLASS_LOG2_MIN) - 1;
    const range = index === bytes.length - 1 ? "+            : " : ` - ${padded(to)}: `;
    text += `bucket ${padded(from)}${range}tot-mem: ${padded(total)}, clients: ${counts[index]}\n`;
  }
  reply.verbatim("txt", text);
}

function padded(value: number): string {
  return String(value).padStart(10);
}

/** DEBUG CONFIG-REWRITE-FORCE-ALL: the client waits for the file, as in CONFIG REWRITE. */
function configRewriteForceAll(ctx: Context, args: Args, reply: Reply): void {
  const { client, node } = ctx;
  if (client.has(DENY_BLOCKING)) {
    rewriteConfigFile(node, true, () => {});
    return reply.ok();
  }
  node.blocking.block(client, ctx.command, args, [], Number.POSITIVE_INFINITY, null);
  const state = client.blocked;
  rewriteConfigFile(node, true, (error) => {
    if (client.blocked !== state) return;
    if (error !== null) {
      return node.blocking.fail(client, `ERR CONFIG-REWRITE-FORCE-ALL failed: ${error}`);
    }
    node.replyTo(client).ok();
    node.blocking.unblock(client);
  });
}

/** DEBUG CHANGE-REPL-ID: a new history, as if the node had started afresh. */
function changeReplicationId(ctx: Context, _args: Args, reply: Reply): void {
  ctx.node.log("notice", "Changing replication IDs after receiving change-repl-id");
  ctx.node.changeReplicationId();
  reply.ok();
}

/** DEBUG SCRIPT LIST | digest: logs all scripts, or one. */
function script(ctx: Context, args: Args, reply: Reply): void {
  const { cache } = ctx.node.scripting;
  const log = (each: Script): void => {
    ctx.node.log("warning", `SCRIPT SHA: ${each.sha}\n${each.body}`);
  };
  if (args.is(2, "list")) {
    for (const each of cache.all()) log(each);
  } else if (args.length[2] === DIGEST_BYTES) {
    const found = cache.find(args.bytes, args.offset[2], args.length[2]);
    if (found === null) return reply.error(NO_SCRIPT);
    log(found);
  } else {
    return reply.error(unknownSubcommand(cString(args.latin1(0)), cString(args.latin1(1))));
  }
  reply.ok();
}

/** Breaks an invariant on purpose: what the host does about it is what it does about any other. */
function crash(name: string, message: (ctx: Context) => string): DebugEntry {
  return debugCommand(name, 2, 2, (ctx) => {
    throw new Error(message(ctx));
  });
}

export const debugServer: readonly DebugEntry[] = [
  crash("segfault", () => "crashed by signal: 11 (DEBUG SEGFAULT)"),
  crash("assert", () => "=== ASSERTION FAILED === '1 == 2' is not true (DEBUG ASSERT)"),
  crash("oom", () => "Out Of Memory (DEBUG OOM)"),
  crash(
    "panic",
    (ctx) => `Guru Meditation: DEBUG PANIC called at Unix time ${Math.floor(ctx.nowMs / 1000)}`,
  ),
  debugCommand("change-repl-id", 2, 2, changeReplicationId),
  debugCommand("replybuffer", 4, 4, replybuffer),
  debugCommand("client-eviction", 2, 2, clientEviction),
  debugCommand("script", 3, 3, script),
  debugCommand("config-rewrite-force-all", 2, 2, configRewriteForceAll),
];
