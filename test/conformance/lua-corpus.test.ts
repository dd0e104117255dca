// The Lua snippets of test/fixtures/lua-corpus, run with EVAL by redis-server and by Seedis: both must
// answer with the recorded bytes.
//
//   UPDATE=1 npm run conformance -- lua-corpus      records: from a Redis 7.4 (REDIS_SERVER names it) the
//                                                   replies, from an older one where they differ

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  comparable,
  corpusFiles,
  describeSnippet,
  evalOf,
  readCorpus,
  type Snippet,
  writeCorpus,
} from "../support/lua-corpus.ts";
import type { RespClient } from "../support/resp-client.ts";
import { referenceVersion, ServerProcess } from "../support/server-process.ts";

const UPDATE = process.env.UPDATE === "1";
const FAILURES_SHOWN = 10;

for (const program of UPDATE ? (["redis"] as const) : (["redis", "seedis"] as const)) {
  const isOlder = program === "redis" && referenceVersion() < "7.4";
  describe(program === "seedis" ? "seedis" : `redis-server ${referenceVersion()}`, () => {
    let server: ServerProcess;
    let clients: Record<2 | 3, RespClient>;

    beforeAll(async () => {
      server = await ServerProcess.start({ program });
      clients = { 2: await server.connect("resp2"), 3: await server.connect("resp3") };
      await clients[3].command("HELLO", "3");
    });

    afterAll(async () => {
      clients?.[2].close();
      clients?.[3].close();
      await server?.stop();
    });

    async function run(snippet: Snippet): Promise<string> {
      const client = clients[snippet.protocol];
      await client.command("FLUSHALL");
      // What a script did to the string metatable, or to cjson's settings, stays until then.
      await client.command("SCRIPT", "FLUSH", "SYNC");
      return comparable((await client.command(...evalOf(snippet))).raw);
    }

    it.each(corpusFiles())("%s", async (file) => {
      const snippets = readCorpus(file);
      const failures: string[] = [];
      for (const snippet of snippets) {
        const given = await run(snippet);
        if (UPDATE) {
          if (!isOlder) snippet.reply = given;
          snippet.older = isOlder && given !== snippet.reply ? given : null;
          continue;
        }
        const expected = isOlder ? (snippet.older ?? snippet.reply) : snippet.reply;
        if (given !== expected) failures.push(describeSnippet(snippet, expected, given));
      }
      if (UPDATE) writeCorpus(file, snippets);
      const hidden = failures.length - FAILURES_SHOWN;
      const shown = failures.slice(0, FAILURES_SHOWN);
      if (hidden > 0) shown.push(`and ${hidden} more`);
      expect(shown.join("\n")).toBe("");
    });
  });
}
