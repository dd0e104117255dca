// COMMAND GETKEYS, GETKEYSANDFLAGS, INFO and LIST of Seedis's command table against a real
// redis-server, byte by byte, over RESP2 and RESP3. The calls are made from a seed, so they stay the
// same from run to run.
import seedrandom from "seedrandom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMAND_FACTS } from "../../core/commands/command-facts.ts";
import { callRaw, decode, fixture, fullTable } from "../core/commands/support.ts";
import type { RespClient } from "../support/resp-client.ts";
import { encodeReply, type RespValue } from "../support/resp-value.ts";
import { ServerProcess } from "../support/server-process.ts";

const CALL_COUNT = 3000;

const table = fullTable();
/** What 7.4 says otherwise than 7.0, by full name. */
const differences = fixture<Record<string, Record<string, unknown>>>("command-diff-7.0.15.json");

let server: ServerProcess;
let client: RespClient;
let names: string[];

beforeAll(async () => {
  server = await ServerProcess.start({ program: "redis" });
  client = await server.connect("redis-server");
  const existing = decode((await client.command("COMMAND", "LIST")).raw) as Items;
  names = existing.items.map((item) => (item as Text).text).sort();
});

afterAll(async () => {
  client?.close();
  await server?.stop();
});

type Items = Extract<RespValue, { items: RespValue[] }>;
type Text = Extract<RespValue, { text: string }>;

/** Arguments that mean something to a key finder, or nearly. Counts stay within 32 bits, where 7.0 wraps. */
const WORDS = [
  ...["a", "b", "", "0", "1", "2", "3", "-1", "01", " 2", "+1", "2x", "x", "10"],
  ...["streams", "STREAMS", "keys", "KEYS", "store", "STOREDIST", "get", "GET", "by", "limit"],
  ...["set", "incrby", "overflow", "count", "block", "group", "noack", "auth", "auth2", "copy"],
];

/** Commands whose keys are not at fixed places get three calls out of four. */
function randomCalls(): string[][] {
  const random = seedrandom("getkeys");
  const below = (limit: number): number => Math.floor(random() * limit);
  const same = names.filter((name) => differences[name] === undefined && COMMAND_FACTS.has(name));
  const special = same.filter((name) => COMMAND_FACTS.get(name)!.keyFinder !== 0);
  expect(special.length).toBeGreaterThan(20);
  return Array.from({ length: CALL_COUNT }, () => {
    const pool = below(4) > 0 ? special : same;
    const name = pool[below(pool.length)]!;
    const { arity } = COMMAND_FACTS.get(name)!;
    const words = name.split("|");
    const count = arity < 0 ? -arity + below(8) : arity;
    while (words.length < count) words.push(WORDS[below(WORDS.length)]!);
    const way = below(2) === 0 ? "GETKEYS" : "GETKEYSANDFLAGS";
    // 7.0 wants one argument more than 7.4.
    if (words.length === 1) words.push("x");
    return ["COMMAND", way, ...words];
  });
}

describe.each([2, 3] as const)("over RESP%i", (resp) => {
  beforeAll(async () => {
    await client.command("HELLO", `${resp}`);
  });

  async function expectSame(...words: string[]): Promise<void> {
    const real = await client.command(...words);
    expect(callRaw(table, resp, ...words), JSON.stringify(words)).toBe(real.raw);
  }

  it(`finds the same keys in ${CALL_COUNT} calls`, async () => {
    const calls = randomCalls();
    for (const words of calls) client.send(...words);
    let withKeys = 0;
    for (const words of calls) {
      const real = (await client.read())!;
      expect(callRaw(table, resp, ...words), JSON.stringify(words)).toBe(real.raw);
      if (real.raw.startsWith("*")) withKeys++;
    }
    expect(withKeys).toBeGreaterThan(CALL_COUNT / 3);
  });

  it("refuses what has no keys in the same words", async () => {
    await expectSame("COMMAND", "GETKEYS", "nosuch", "a");
    await expectSame("COMMAND", "GETKEYS", "config", "nosuch");
    await expectSame("COMMAND", "GETKEYS", "config", "get");
    await expectSame("COMMAND", "GETKEYS", "ping", "a");
    await expectSame("COMMAND", "GETKEYS", "get", "a", "b");
    await expectSame("COMMAND", "GETKEYSANDFLAGS", "zunion", "0", "a");
    await expectSame("COMMAND", "GETKEYS", "spublish", "channel", "message");
  });

  it("lists the same commands by pattern, and refuses what is no filter", async () => {
    await expectSame("COMMAND", "LIST", "FILTERBY", "PATTERN", "GET");
    await expectSame("COMMAND", "LIST", "FILTERBY", "PATTERN", "config|rewr*");
    await expectSame("COMMAND", "LIST", "FILTERBY", "PATTERN", "nosuch*");
    await expectSame("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch");
    await expectSame("COMMAND", "LIST", "FILTERBY", "MODULE", "nosuch");
    await expectSame("COMMAND", "LIST", "FILTERBY", "NOSUCH", "x");
    await expectSame("COMMAND", "LIST", "FILTERBY", "PATTERN");
    await expectSame("COMMAND", "LIST", "x");
  });

  it("describes every command that both have and did not change the same way", async () => {
    let compared = 0;
    for (const name of names) {
      const command = table.find(name);
      if (command === null || name in differences || command.subcommands.length > 0) continue;
      const real = await client.command("COMMAND", "INFO", name);
      const ours = callRaw(table, resp, "COMMAND", "INFO", name);
      expect(ours, name).toBe(encodeReply(withoutNotes(decode(real.raw))));
      compared++;
    }
    expect(compared).toBeGreaterThan(300);
    await expectSame("COMMAND", "INFO", "nosuch", "get|x", "", "GET");
    await expectSame("COMMAND", "DOCS", "nosuch", "get|x");
  });
});

/** Redis explains some key specs in its authors' words, which are no facts. */
function withoutNotes(value: RespValue): RespValue {
  if (!("items" in value)) return value;
  const items = value.items.map(withoutNotes);
  const [key] = items;
  const hasNotes = key?.kind === "bulk" && key.text === "notes";
  return { ...value, items: hasNotes ? items.slice(2) : items };
}
