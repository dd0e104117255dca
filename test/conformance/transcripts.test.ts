// Every transcript in test/transcripts, against the reference redis-server and against Seedis, over
// RESP2 and over RESP3. One server process of each kind serves all files.
//
//   UPDATE=1 npm run conformance -- transcripts     rewrites the expectations
//   REDIS_SERVER=/path/to/redis-server …            asks another reference
//   TRANSCRIPTS=string/get …                        only files whose path has this text

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { mentions } from "../support/later-commands.ts";
import { referenceVersion, ServerProcess, type ServerProgram } from "../support/server-process.ts";
import { formatTranscript, parseTranscript, type Transcript } from "../support/transcript/file.ts";
import type { Protocol } from "../support/transcript/notation.ts";
import { type Mismatch, TranscriptServer } from "../support/transcript/session.ts";
import { updateTranscript } from "../support/transcript/update.ts";

const DIRECTORY = fileURLToPath(new URL("../transcripts/", import.meta.url));
const UPDATE = process.env.UPDATE === "1";
const ONLY = process.env.TRANSCRIPTS ?? "";
const MISMATCHES_SHOWN = 12;
const LINES_SHOWN = 10;

const files = readdirSync(DIRECTORY, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".txt") && path.includes(ONLY))
  .sort();
const transcripts = new Map<string, Transcript>(files.map((path) => [path, load(path)]));

for (const program of UPDATE ? (["redis"] as const) : (["redis", "seedis"] as const)) {
  const is74 = program === "seedis" || referenceVersion() >= "7.4";
  describe(program === "seedis" ? "seedis" : `redis-server ${referenceVersion()}`, () => {
    const server = sharedServer(program);
    let waiting = 0;
    afterAll(async () => {
      if (waiting > 0) console.info(`${program}: ${waiting} cases wait for commands to come`);
      await server.stop();
    });

    for (const [path, transcript] of transcripts) {
      if (UPDATE) {
        it(`updates ${path}`, async () => {
          await updateTranscript(transcript, await server.get(), is74);
          writeFileSync(join(DIRECTORY, path), formatTranscript(transcript));
        });
        continue;
      }
      for (const protocol of [2, 3] as const) {
        const cases = casesFor(transcript, protocol, is74);
        if (cases.length === 0) continue;
        it(`${path} over RESP${protocol}: ${cases.length} cases`, async () => {
          const mismatches: Mismatch[] = [];
          for (const current of cases) {
            const started = await server.get();
            if (mustWait(current, await started.missing())) waiting++;
            else mismatches.push(...(await started.check(current, protocol)));
          }
          expect(describeMismatches(path, mismatches)).toBe("");
        });
      }
    }
  });
}

it("has transcripts to run", () => {
  expect(files.length).toBeGreaterThan(0);
});

function load(path: string): Transcript {
  try {
    return parseTranscript(readFileSync(join(DIRECTORY, path), "utf8"));
  } catch (error) {
    throw new Error(`test/transcripts/${path}: ${(error as Error).message}`);
  }
}

/** Whether a case needs a command that the server does not have yet. */
function mustWait(current: Transcript["cases"][number], missing: ReadonlySet<string>): boolean {
  return current.blocks.some(({ lines }) => lines.some((line) => mentions(line, missing)));
}

function casesFor(transcript: Transcript, protocol: Protocol, is74: boolean): Transcript["cases"] {
  return transcript.cases.filter(
    (current) => current.protocols.includes(protocol) && (is74 || !current.since74),
  );
}

/** Starts the server when the first file needs it, and again for the next file after it has died. */
function sharedServer(program: ServerProgram): {
  get(): Promise<TranscriptServer>;
  stop(): Promise<void>;
} {
  let process: Promise<ServerProcess> | null = null;
  let harness: Promise<TranscriptServer> | null = null;
  return {
    async get() {
      if (process !== null && (await process).exit !== null) {
        const { exit, output } = await process;
        process = null;
        harness = null;
        throw withoutStack(`${program} has died: ${exit}\n${output.slice(-4000)}`);
      }
      process ??= ServerProcess.start({ program }).catch((error: Error) => {
        throw withoutStack(error.message);
      });
      harness ??= process.then((started) => TranscriptServer.open(started));
      return harness;
    },
    async stop() {
      (await harness?.catch(() => null))?.close();
      await (await process?.catch(() => null))?.stop();
    },
  };
}

/** An error of the server's, not of a line of ours: hundreds of tests may have to show it. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

function describeMismatches(path: string, mismatches: readonly Mismatch[]): string {
  const texts = mismatches.slice(0, MISMATCHES_SHOWN).map(({ line, source, expected, actual }) => {
    // Long replies are shown from just above the first line that differs.
    const same = expected.findIndex((text, at) => text !== actual[at]);
    const from = expected.length > LINES_SHOWN ? Math.max(0, same - 2) : 0;
    const shown = (lines: string[], mark: string): string[] => [
      ...lines.slice(from, from + LINES_SHOWN).map((text) => `  ${mark} ${text}`),
      ...(lines.length > from + LINES_SHOWN ? [`  ${mark} …`] : []),
    ];
    const head = `test/transcripts/${path}:${line}: ${source}`;
    return [head, ...shown(expected, "-"), ...shown(actual, "+")].join("\n");
  });
  const hidden = mismatches.length - texts.length;
  if (hidden > 0) texts.push(`and ${hidden} more`);
  return texts.join("\n");
}
