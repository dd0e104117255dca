// The Lua snippets of test/fixtures/lua-corpus as debugged scripts: run to their end without a stop, they
// answer what they answer otherwise. So the debugger's own compiler and interpreter are held to the same
// replies of Redis 7.4.1.
import { describe, expect, it } from "vitest";
import { CoreNode } from "../../../support/core-node.ts";
import {
  comparable,
  corpusFiles,
  describeSnippet,
  evalOf,
  readCorpus,
  type Snippet,
} from "../../../support/lua-corpus.ts";

const FAILURES_SHOWN = 10;
const FIRST_STOP = /^\*2\r\n\+\* Stopped at \d+, stop reason = step over\r\n\+[^\r]*\r\n$/;
const LAST_LOGS = /^\*(\d+)\r\n(?:\+[^\r]*\r\n)*?\+<endsession>\r\n/;
/** A session ends with its connection. */
let clientCount = 0;

/** The reply to the script, after `continue` at the first line. */
function debugged(core: CoreNode, snippet: Snippet): string {
  const client = ++clientCount;
  core.send(client, "HELLO", String(snippet.protocol));
  core.send(client, "FLUSHALL");
  core.send(client, "SCRIPT", "FLUSH", "SYNC");
  core.send(client, "SCRIPT", "DEBUG", "SYNC");
  let text = core.send(client, ...evalOf(snippet));
  core.runJobs();
  text += core.take(client);
  if (FIRST_STOP.test(text)) {
    core.send(client, "c");
    core.runJobs();
    text = core.take(client);
  }
  if (!LAST_LOGS.test(text)) return `no end of a session: ${text}`;
  return text.replace(LAST_LOGS, "");
}

function failuresOf(snippets: readonly Snippet[]): string {
  const failures: string[] = [];
  let core = new CoreNode({ configuration: "enable-debug-command yes" });
  for (const snippet of snippets) {
    let given: string;
    try {
      given = debugged(core, snippet);
    } catch (error) {
      given = error instanceof Error ? (error.stack ?? "") : String(error);
      core = new CoreNode({ configuration: "enable-debug-command yes" });
    }
    if (comparable(given) !== snippet.reply) {
      failures.push(describeSnippet(snippet, snippet.reply, given));
    }
  }
  const hidden = failures.length - FAILURES_SHOWN;
  const shown = failures.slice(0, FAILURES_SHOWN);
  if (hidden > 0) shown.push(`and ${hidden} more`);
  return shown.join("\n");
}

describe("debugged Lua snippets", () => {
  it.each(corpusFiles())("%s", (file) => {
    // Only in a debugged script this one stops, and answers true.
    const snippets = readCorpus(file).filter(({ script }) => !script.includes("redis.breakpoint"));
    expect(failuresOf(snippets)).toBe("");
  });
});
