// The Lua snippets of test/fixtures/lua-corpus against what Redis 7.4.1 answers to them. The conformance
// suite runs the same through sockets, and asks redis-server, too.
import { describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";
import {
  comparable,
  corpusFiles,
  describeSnippet,
  evalOf,
  readCorpus,
} from "../../support/lua-corpus.ts";

const SNIPPETS_MIN = 1500;
const FAILURES_SHOWN = 10;

const corpus = new Map(corpusFiles().map((file) => [file, readCorpus(file)]));

function start(): CoreNode {
  const core = new CoreNode({ configuration: "enable-debug-command yes" });
  core.send(3, "HELLO", "3");
  return core;
}

describe("Lua snippets", () => {
  it.each([...corpus.keys()])("%s", (file) => {
    const failures: string[] = [];
    let core = start();
    for (const snippet of corpus.get(file)!) {
      let given: string;
      try {
        core.send(snippet.protocol, "FLUSHALL");
        core.send(snippet.protocol, "SCRIPT", "FLUSH", "SYNC");
        given = comparable(core.send(snippet.protocol, ...evalOf(snippet)));
      } catch (error) {
        given = error instanceof Error ? (error.stack ?? "") : String(error);
        core = start();
      }
      if (given !== snippet.reply) failures.push(describeSnippet(snippet, snippet.reply, given));
    }
    const hidden = failures.length - FAILURES_SHOWN;
    const shown = failures.slice(0, FAILURES_SHOWN);
    if (hidden > 0) shown.push(`and ${hidden} more`);
    expect(shown.join("\n")).toBe("");
  });

  it("are many, and all have a reply", () => {
    const snippets = [...corpus.values()].flat();
    expect(snippets.length).toBeGreaterThanOrEqual(SNIPPETS_MIN);
    expect(snippets.filter(({ reply }) => reply === null)).toEqual([]);
  });
});
