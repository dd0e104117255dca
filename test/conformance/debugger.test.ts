// Sessions with the debugger of scripts, against redis-server and Seedis over sockets: both must send the
// recorded bytes (test/support/debug-sessions.ts).
//
//   UPDATE=1 npm run conformance -- debugger     records; REDIS_SERVER names a Redis 7.4
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  answerLines,
  type DebugSessionText,
  PREPARATION,
  readSessions,
  sessionFiles,
  transcriptOf,
  writeSessions,
} from "../support/debug-sessions.ts";
import { encodeCommand, type RespClient } from "../support/resp-client.ts";
import { referenceVersion, ServerProcess } from "../support/server-process.ts";
import { escapeBytes } from "../support/transcript/text.ts";

const UPDATE = process.env.UPDATE === "1";

for (const program of UPDATE ? (["redis"] as const) : (["redis", "seedis"] as const)) {
  const isOlder = program === "redis" && referenceVersion() < "7.4";
  describe(program === "seedis" ? "seedis" : `redis-server ${referenceVersion()}`, () => {
    let server: ServerProcess;
    let client: RespClient;

    beforeAll(async () => {
      // A stop because of the time a script takes comes soon.
      server = await ServerProcess.start({ program, args: ["--busy-reply-threshold", "200"] });
      client = await server.connect();
    });

    afterAll(async () => {
      client?.close();
      await server?.stop();
    });

    it.each(sessionFiles())("%s", async (file) => {
      const sessions = readSessions(file);
      for (const session of sessions) {
        for (const command of PREPARATION) await client.command(...command);
        const answers = await play(server, session);
        const left = escapeBytes((await client.command("GET", "k")).raw);
        const given = { ...session, answers, left };
        if (UPDATE) Object.assign(session, given);
        else expect(transcriptOf(given)).toBe(transcriptOf(session, isOlder));
      }
      if (UPDATE) writeSessions(file, sessions);
    });
  });
}

async function play(server: ServerProcess, session: DebugSessionText): Promise<string[][]> {
  const client = await server.connect(session.title);
  if (session.protocol === 3) await client.command("HELLO", "3");
  await client.command("SCRIPT", "DEBUG", session.isForked ? "YES" : "SYNC");
  const { script, keys, argv } = session;
  client.send("EVAL", script, `${keys.length}`, ...keys, ...argv);
  const answers = [await answer(client)];
  for (const { words, bytes, isEnd } of session.requests) {
    if (isEnd) client.endInput();
    else client.write(words === null ? bytes : encodeCommand(words));
    answers.push(await answer(client, isEnd));
  }
  client.close();
  return answers;
}

/**
 * An array of logs; at the session's end the reply to EVAL and the connection's end, too. `isLast`:
 * all that comes.
 */
async function answer(client: RespClient, isLast = false): Promise<string[]> {
  let bytes = "";
  for (;;) {
    const reply = await client.read();
    if (reply === null) return [...answerLines(bytes), "  (closed)"];
    bytes += reply.raw;
    if (!isLast && !bytes.includes("<endsession>")) return answerLines(bytes);
  }
}
