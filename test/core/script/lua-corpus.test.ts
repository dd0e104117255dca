// The Lua snippets of test/fixtures/lua-corpus against what Redis 7.4.1 answers to them, as they are and
// begun with a loop so long that they go on as scripts that can be suspended. The conformance suite runs
// the same through sockets, and asks redis-server, too.
import { describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";
import {
  comparable,
  corpusFiles,
  describeSnippet,
  evalOf,
  readCorpus,
  type Snippet,
} from "../../support/lua-corpus.ts";

const SNIPPETS_MIN = 1500;
const FAILURES_SHOWN = 10;
/** On the snippet's first line, so that its lines keep their numbers. */
const LONG_LOOP = "for i = 1, 50000 do end ";

const corpus = new Map(corpusFiles().map((file) => [file, readCorpus(file)]));

function start(): CoreNode {
  const core = new CoreNode({
    configuration: "enable-debug-command yes\nbusy-reply-threshold 10",
  });
  core.usPerLook = 20_000;
  core.send(3, "HELLO", "3");
  return core;
}

/** What is wrong with the replies to the snippets; `change` makes a script of a snippet's. */
function failuresOf(snippets: readonly Snippet[], change: (script: string) => string): string {
  const failures: string[] = [];
  let core = start();
  for (const snippet of snippets) {
    let given: string;
    try {
      core.send(snippet.protocol, "FLUSHALL");
      core.send(snippet.protocol, "SCRIPT", "FLUSH", "SYNC");
      given = core.send(
        snippet.protocol,
        ...evalOf({ ...snippet, script: change(snippet.script) }),
      );
      if (given === "") {
        core.runJobs();
        given = core.take(snippet.protocol);
      }
    } catch (error) {
      given = error instanceof Error ? (error.stack ?? "") : String(error);
      core = start();
    }
    if (withoutHash(comparable(given)) !== withoutHash(snippet.reply ?? "")) {
      failures.push(describeSnippet(snippet, snippet.reply, given));
    }
  }
  const hidden = failures.length - FAILURES_SHOWN;
  const shown = failures.slice(0, FAILURES_SHOWN);
  if (hidden > 0) shown.push(`and ${hidden} more`);
  return shown.join("\n");
}

/** A changed script has another hash. */
function withoutHash(reply: string): string {
  return reply.replace(/ script: [0-9a-f]{40}, on /, " script: ");
}

/** Where the loop itself would be what is different: limits of one function, flags in the first line. */
function canBeLonger({ script, reply }: Snippet): boolean {
  return !script.startsWith("#") && !reply?.startsWith("-ERR Error compiling");
}

describe("Lua snippets", () => {
  it.each([...corpus.keys()])("%s", (file) => {
    expect(failuresOf(corpus.get(file)!, (script) => script)).toBe("");
  });

  it.each([...corpus.keys()])("%s, suspended", (file) => {
    const snippets = corpus.get(file)!.filter(canBeLonger);
    expect(failuresOf(snippets, (script) => LONG_LOOP + script)).toBe("");
  });

  it("are many, and all have a reply", () => {
    const snippets = [...corpus.values()].flat();
    expect(snippets.length).toBeGreaterThanOrEqual(SNIPPETS_MIN);
    expect(snippets.filter(({ reply }) => reply === null)).toEqual([]);
  });
});
