// The sessions of test/fixtures/debugger with a node that has no server around it. The conformance suite
// runs the same through sockets, and asks redis-server, too.
import { describe, expect, it } from "vitest";
import { CoreNode } from "../../../support/core-node.ts";
import {
  answerLines,
  type DebugSessionText,
  PREPARATION,
  readSessions,
  sessionFiles,
  transcriptOf,
} from "../../../support/debug-sessions.ts";
import { escapeBytes } from "../../../support/transcript/text.ts";

const SESSIONS_MIN = 75;
const OWNER = 1;
const DEBUGGING = 2;

/** What is sent in a session. */
function play(session: DebugSessionText): DebugSessionText {
  const core = new CoreNode({ configuration: "busy-reply-threshold 200" });
  core.usPerLook = 50_000;
  const answer = (sent: string): string[] => {
    core.runJobs();
    const lines = answerLines(sent + core.take(DEBUGGING));
    return core.isOpen(DEBUGGING) ? lines : [...lines, "  (closed)"];
  };
  for (const command of PREPARATION) core.send(OWNER, ...command);
  if (session.protocol === 3) core.send(DEBUGGING, "HELLO", "3");
  core.send(DEBUGGING, "SCRIPT", "DEBUG", session.isForked ? "YES" : "SYNC");
  const { script, keys, argv } = session;
  const started = core.send(DEBUGGING, "EVAL", script, `${keys.length}`, ...keys, ...argv);
  const answers = [answer(started)];
  for (const { words, bytes, isEnd } of session.requests) {
    if (!core.isOpen(DEBUGGING)) answers.push(["  (closed)"]);
    else if (isEnd) {
      core.node.onEnded(DEBUGGING);
      answers.push(answer(""));
    } else {
      answers.push(
        answer(words === null ? core.write(DEBUGGING, bytes) : core.send(DEBUGGING, ...words)),
      );
    }
  }
  if (core.isOpen(DEBUGGING)) core.node.onClosed(DEBUGGING);
  core.runJobs();
  const left = escapeBytes(core.send(OWNER, "GET", "k"));
  core.verify();
  return { ...session, answers, left };
}

const files = new Map(sessionFiles().map((file) => [file, readSessions(file)]));

describe("debugging sessions", () => {
  it.each([...files.keys()])("%s", (file) => {
    for (const session of files.get(file)!) {
      expect(transcriptOf(play(session))).toBe(transcriptOf(session));
    }
  });

  it("are many, and all have been recorded", () => {
    const sessions = [...files.values()].flat();
    expect(sessions.length).toBeGreaterThanOrEqual(SESSIONS_MIN);
    expect(sessions.filter(({ answers }) => answers[0].length === 0)).toEqual([]);
  });
});
