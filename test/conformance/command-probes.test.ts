// Single commands with what Redis 7.4.1 answered to them, in RESP2 and RESP3, and the keyspace events
// they caused (test/fixtures/command-probes.jsonl). Seedis must answer with the same bytes.
//
// A line of the fixture: `cmd`, the `setup` before it (the key space is empty otherwise), `resp2`,
// `resp3` where it differs, `events` ("<event> <key>", in a database other than 0 with its number,
// for notify-keyspace-events AEmn), and `propagated`, the commands a replica gets. In the replies `<n>` stands for digits and `<any>` for
// anything; the commands are in the notation of transcripts.
//
// A probe runs when the server knows all its commands. REDIS_SERVER checks another server's answers:
// the fixture itself, when that is a Redis 7.4.1.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mentions, missingCommands } from "../support/later-commands.ts";
import type { RespClient } from "../support/resp-client.ts";
import { encodeReply, type RespValue } from "../support/resp-value.ts";
import { referenceVersion, ServerProcess, type ServerProgram } from "../support/server-process.ts";
import { escapeBytes, splitCommand } from "../support/transcript/text.ts";

interface Probe {
  cmd: string;
  setup?: string[];
  resp2: string;
  resp3?: string;
  events?: string[];
  propagated?: string[];
}

const FIXTURE = new URL("../fixtures/command-probes.jsonl", import.meta.url);
const PROBES: Probe[] = readFileSync(FIXTURE, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Probe);

/** How many probes must run: raised as commands arrive, 552 at the end. */
const RAN_MIN = 400;

const programs: ServerProgram[] = referenceVersion() === "7.4.1" ? ["redis", "seedis"] : ["seedis"];

describe.each(programs)("%s answers as Redis 7.4.1", (program) => {
  let server: ServerProcess;
  let admin: RespClient;
  let known: Set<string>;
  let missing: ReadonlySet<string>;

  beforeAll(async () => {
    server = await ServerProcess.start({ program, args: ["--enable-module-command", "yes"] });
    admin = await server.connect("the harness");
    known = await knownCommands(admin);
    missing = await missingCommands(admin);
    await admin.command("CONFIG", "SET", "notify-keyspace-events", "AEmn");
    // What is over is found by the probe, not by the cycle that may come before it.
    await admin.command("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  });

  afterAll(async () => {
    admin?.close();
    await server?.stop();
  });

  it.each([2, 3] as const)("over RESP%i", async (protocol) => {
    const failures: string[] = [];
    let ran = 0;
    for (const probe of PROBES) {
      if (!commandsOf(probe).every((name) => known.has(name))) continue;
      if (mentions(probe.cmd, missing)) continue;
      ran++;
      const failure = await replay(probe, protocol).catch((error: Error) => error.message);
      if (failure !== null) failures.push(`${probe.cmd}\n${failure}`);
    }
    console.info(`${program}: ${ran} of ${PROBES.length} probes ran over RESP${protocol}`);
    expect(ran).toBeGreaterThanOrEqual(RAN_MIN);
    expect(failures.join("\n")).toBe("");
  });

  async function replay(probe: Probe, protocol: 2 | 3): Promise<string | null> {
    const client = await server.connect(probe.cmd);
    const events = await server.connect("the subscriber");
    try {
      await events.command("PSUBSCRIBE", "__keyevent@*__:*");
      if (protocol === 3) await client.command("HELLO", "3");
      for (const line of probe.setup ?? []) await client.command(...split(line));
      await eventsUntilNow(events);
      const { raw } = await client.command(...split(probe.cmd));
      const expected = protocol === 3 ? (probe.resp3 ?? probe.resp2) : probe.resp2;
      if (!templateOf(expected).test(raw)) return difference(expected, raw);
      const seen = (await eventsUntilNow(events)).join(", ");
      const wanted = (probe.events ?? []).join(", ");
      return seen === wanted ? null : `  - events ${wanted}\n  + events ${seen}`;
    } finally {
      client.close();
      events.close();
      await admin.command("FUNCTION", "FLUSH");
      await admin.command("FLUSHALL");
    }
  }
});

describe("the fixture", () => {
  it("has whole replies", () => {
    expect(PROBES.length).toBe(552);
    for (const { cmd, resp2 } of PROBES) expect(resp2.endsWith("\r\n"), cmd).toBe(true);
  });
});

function split(line: string): string[] {
  return splitCommand(line, new Map());
}

/** Names of the commands and subcommands ("config|get") of a server, in lower case. */
async function knownCommands(admin: RespClient): Promise<Set<string>> {
  const { value } = await admin.command("COMMAND", "INFO");
  if (value.kind !== "array") throw new Error(`COMMAND INFO answers ${encodeReply(value)}`);
  const names = new Set<string>();
  const add = (entry: RespValue): void => {
    if (entry.kind !== "array") return;
    const [name, , , , , , , , , subcommands] = entry.items;
    if (name !== undefined && "text" in name) names.add(name.text);
    if (subcommands !== undefined && "items" in subcommands) subcommands.items.forEach(add);
  };
  value.items.forEach(add);
  return names;
}

const CONTAINERS = new Set(
  "acl client cluster command config function latency memory module object pubsub script slowlog xgroup xinfo".split(
    " ",
  ),
);

/** The commands that must exist for a probe to mean something; none where an unknown one is the point. */
function commandsOf(probe: Probe): string[] {
  if (probe.resp2.startsWith("-ERR unknown command")) return [];
  return [...(probe.setup ?? []), probe.cmd].map((line) => {
    const [name, subcommand] = line.toLowerCase().split(" ") as [string, string | undefined];
    const isUnknown = line === probe.cmd && probe.resp2.startsWith("-ERR unknown subcommand");
    if (!CONTAINERS.has(name) || subcommand === undefined || isUnknown) return name;
    return `${name}|${subcommand}`;
  });
}

/** Reads the events that have come so far: all that precede the answer to a PING. */
async function eventsUntilNow(subscriber: RespClient): Promise<string[]> {
  subscriber.send("PING");
  const events: string[] = [];
  for (;;) {
    const reply = await subscriber.read();
    if (reply === null) throw new Error("the subscriber's connection was closed");
    if (reply.value.kind !== "array") throw new Error(`not an event: ${reply.raw}`);
    const texts = reply.value.items.map((item) => ("text" in item ? item.text : ""));
    if (texts[0] === "pong") return events;
    const [, database, event] = /^__keyevent@(\d+)__:(.*)$/.exec(texts[2]!)!;
    events.push(`${event} ${texts[3]}${database === "0" ? "" : ` @${database}`}`);
  }
}

function templateOf(reply: string): RegExp {
  const source = reply
    .replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
    .replaceAll("<ms>", "\\d{13}")
    .replaceAll("<s>", "\\d{10}")
    .replaceAll("<n>", "\\d+")
    .replaceAll("<any>", "[^]*");
  return new RegExp(`^${source}$`);
}

function difference(expected: string, actual: string): string {
  return `  - ${escapeBytes(expected, false)}\n  + ${escapeBytes(actual, false)}`;
}
