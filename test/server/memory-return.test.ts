import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RespClient } from "../support/resp-client.ts";
import { ServerProcess } from "../support/server-process.ts";

const VALUE = "x".repeat(1_000_000);
const COUNT = 200;
const PATIENCE_MS = 20_000;

let server: ServerProcess;
let client: RespClient;

// A server each: with what was freed once the C library keeps what comes next for itself.
beforeEach(async () => {
  server = await ServerProcess.start({ program: "seedis" });
  client = await server.connect("client", PATIENCE_MS);
});

afterEach(async () => {
  client?.close();
  await server?.stop();
});

async function residentBytes(): Promise<number> {
  const { raw } = await client.command("INFO", "memory");
  const bytes = Number(/used_memory_rss:(\d+)/.exec(raw)?.[1]);
  expect(bytes).toBeGreaterThan(0);
  return bytes;
}

async function fill(): Promise<void> {
  for (let i = 0; i < COUNT; i++) await client.command("SET", `key:${i}`, VALUE);
}

it.each([
  ["nobody asks for anything", "PING"],
  ["MEMORY PURGE", "MEMORY PURGE"],
])("what FLUSHALL has freed goes back to the system: %s", async (_when, ask) => {
  await fill();
  const fullBytes = await residentBytes();
  await client.command("FLUSHALL");
  await client.command(...ask.split(" "));
  // Looked at so rarely that nobody is busy. It ends with the test's time limit.
  while ((await residentBytes()) > fullBytes - 100_000_000) await sleep(300);
});
