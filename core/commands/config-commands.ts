// CONFIG: the configuration of the running node. Names, values and their checks are in core/config.
import { isSensitive } from "../config/lookup.ts";
import { DENY_BLOCKING } from "../node/client.ts";
import { rewriteConfigFile } from "../node/config-file.ts";
import type { Context } from "../node/context.ts";
import type { Node } from "../node/node.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { helpCommand } from "./help.ts";

/** CONFIG GET pattern [pattern ...] */
function get({ node }: Context, args: Args, reply: Reply): void {
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(args.latin1(i));
  const found = node.config.get(patterns);
  reply.map(found.length);
  for (const [name, value] of found) {
    reply.bulkText(name);
    reply.bulkText(value);
  }
}

/** CONFIG SET name value [name value ...] */
function set(ctx: Context, args: Args, reply: Reply): void {
  const { client, node } = ctx;
  if (args.count % 2 !== 0) return reply.error(SYNTAX_ERROR);
  const pairs: [name: string, value: string][] = [];
  for (let i = 2; i < args.count; i += 2) {
    const name = args.latin1(i);
    if (isSensitive(name)) ctx.redact(i + 1);
    pairs.push([name, args.latin1(i + 1)]);
  }
  const result = node.config.set(pairs, {
    localClient: client.peer.loopback || client.peer.unixSocket,
    loading: false,
    apply: (names) => apply(node, names),
    warn: (message) => node.log("warning", message),
  });
  if ("error" in result) reply.error(result.error);
  else reply.ok();
}

/** Puts changed directives into effect, in the host and in this node; or answers why not. */
function apply(node: Node, names: readonly string[]): string | null {
  const refusal = node.host.configChanged(names);
  if (refusal !== null) {
    node.log(
      "warning",
      `Failed applying new configuration. Possibly related to new ${names[0]} setting. Restoring previous settings.`,
    );
    return refusal;
  }
  node.configChanged();
  const { maxmemory } = node.config.values;
  if (names.includes("maxmemory") && maxmemory > 0 && maxmemory < node.usedMemory()) {
    node.eviction.start();
    node.log(
      "warning",
      `WARNING: the new maxmemory value set via CONFIG SET (${maxmemory}) is smaller than the current memory usage (${node.usedMemory()}). Keys are evicted or writes refused, as maxmemory-policy says.`,
    );
  }
  return null;
}

/**
 * CONFIG REWRITE. The client waits for the file; inside a transaction nothing can wait, so that it
 * is answered as soon as the rewrite has begun, and only the log tells how it ended.
 */
function rewrite({ client, command: called, node }: Context, args: Args, reply: Reply): void {
  if (node.config.configFile === "") {
    return reply.error("ERR The server is running without a config file");
  }
  if (client.has(DENY_BLOCKING)) {
    rewriteConfigFile(node, false, () => {});
    return reply.ok();
  }
  node.blocking.block(client, called, args, [], Number.POSITIVE_INFINITY, null);
  rewriteConfigFile(node, false, (error) => {
    if (client.blocked?.command !== called) return;
    if (error !== null) return node.blocking.fail(client, `ERR Rewriting config file: ${error}`);
    node.replyTo(client).ok();
    node.blocking.unblock(client);
  });
}

/** CONFIG RESETSTAT */
function resetStatistics({ node }: Context, _args: Args, reply: Reply): void {
  node.statistics.reset();
  node.commands.resetStatistics();
  reply.ok();
}

export const configCommands: readonly CommandEntry[] = [
  helpCommand("config"),
  command("config|get", get),
  command("config|set", set),
  command("config|rewrite", rewrite),
  command("config|resetstat", resetStatistics),
];
