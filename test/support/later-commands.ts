// Commands of Redis that Seedis does not have yet. Conformance cases and probes that need one wait for
// it, counted and reported; as soon as the server has the command, they run. A name that is not in this
// list must be there.
import type { RespClient } from "./resp-client.ts";

const LATER: readonly string[] = [
  "acl",
  "bgrewriteaof",
  "bgsave",
  "cluster",
  "eval",
  "eval_ro",
  "evalsha",
  "evalsha_ro",
  "failover",
  "fcall",
  "fcall_ro",
  "function",
  "lastsave",
  "migrate",
  "module",
  "psync",
  "replicaof",
  "role",
  "save",
  "script",
  "sync",
  "wait",
  "waitaof",
];

/** ACL categories that only such commands are in. */
const LATER_CATEGORIES: Readonly<Record<string, string>> = { scripting: "eval" };

/** Those of the list that the server lacks, in lower case, and what stands for them. */
export async function missingCommands(client: RespClient): Promise<ReadonlySet<string>> {
  const { value } = await client.command("COMMAND", "INFO", ...LATER);
  if (value.kind !== "array") throw new Error("COMMAND INFO answers no array");
  const missing = new Set(LATER.filter((_, i) => value.items[i]?.kind !== "array"));
  for (const [category, command] of Object.entries(LATER_CATEGORIES)) {
    if (missing.has(command)) missing.add(category);
  }
  return missing;
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
