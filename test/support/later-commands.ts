// Commands of Redis that Seedis does not have yet. Conformance cases and probes that need one wait for
// it, counted and reported; as soon as the server has the command, they run. A name that is not in this
// list must be there.
import type { RespClient } from "./resp-client.ts";

const LATER: readonly string[] = [
  "acl",
  "bgrewriteaof",
  "bgsave",
  "cluster",
  "failover",
  "lastsave",
  "migrate",
  "module",
  "psync",
  "replicaof",
  "role",
  "save",
  "sync",
  "wait",
  "waitaof",
];

/** Those of the list that the server lacks, in lower case. */
export async function missingCommands(client: RespClient): Promise<ReadonlySet<string>> {
  const { value } = await client.command("COMMAND", "INFO", ...LATER);
  if (value.kind !== "array") throw new Error("COMMAND INFO answers no array");
  return new Set(LATER.filter((_, i) => value.items[i]?.kind !== "array"));
}

/** Whether a command line calls one of them, or asks COMMAND about one. */
export function mentions(line: string, missing: ReadonlySet<string>): boolean {
  // In transcripts a connection's name and directives may stand in front: `b> (block) WAIT 1 0`.
  const words = line
    .replace(/^\s*([a-z0-9]+> *)?(\([^)]*\) *)*/i, "")
    .toLowerCase()
    .split(/[\s|"']+/)
    .filter((word) => word !== "");
  return words.some((word, at) => (at === 0 || words[0] === "command") && missing.has(word));
}
