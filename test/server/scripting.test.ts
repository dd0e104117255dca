// Scripts that take long, over real sockets and with a real clock: the others are told, may end them,
// and nobody's connection suffers.
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RespClient } from "../support/resp-client.ts";
import { ServerProcess } from "../support/server-process.ts";

const BUSY =
  "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";

let server: ServerProcess;
let runner: RespClient;
let other: RespClient;

beforeEach(async () => {
  server = await ServerProcess.start({ program: "seedis", args: ["--busy-reply-threshold", "50"] });
  runner = await server.connect();
  other = await server.connect();
});

afterEach(async () => {
  runner.close();
  other.close();
  await server.stop();
});

/** The script has begun and made way: what was sent on another connection may have come before it. */
async function untilBusy(): Promise<void> {
  while ((await ask(other, "PING")) !== BUSY) {
    // Asked again.
  }
}

async function ask(client: RespClient, ...words: string[]): Promise<string> {
  return (await client.command(...words)).raw;
}

it.each([
  "while true do end",
  "while true do redis.call('PING') end",
  "while true do pcall(function() while true do redis.pcall('NOSUCH') end end) end",
  "local t = {} for i = 1, 5000 do t[i] = i % 7 end table.sort(t, function(a, b) while true do end end)",
])("%s is ended by SCRIPT KILL", async (script) => {
  runner.send("EVAL", script, "0");
  runner.send("PING");
  await untilBusy();
  expect(await ask(other, "SET", "k", "v")).toBe(BUSY);
  expect(await ask(other, "SCRIPT", "KILL")).toBe("+OK\r\n");
  expect((await runner.read())?.raw).toMatch(/^-ERR Script killed by user with SCRIPT KILL\.\.\. /);
  expect((await runner.read())?.raw).toBe("+PONG\r\n");
  expect(await ask(other, "SET", "k", "v")).toBe("+OK\r\n");
});

it("a script that takes its time comes to its end", async () => {
  const script = `
    local sum = 0
    for i = 1, 40000000 do sum = sum + i % 3 if i % 1000000 == 0 then redis.call('INCR', 'n') end end
    return {sum, redis.call('GET', 'n')}`;
  runner.send("EVAL", script, "0");
  await untilBusy();
  expect((await runner.read())?.raw).toBe("*2\r\n:40000000\r\n$2\r\n40\r\n");
  expect(await ask(other, "GET", "n")).toBe("$2\r\n40\r\n");
});

it("new clients are let in and told", async () => {
  runner.send("EVAL", "while true do end", "0");
  await untilBusy();
  const third = await server.connect();
  expect(await ask(third, "GET", "k")).toBe(BUSY);
  third.close();
  expect(await ask(other, "SCRIPT", "KILL")).toBe("+OK\r\n");
});

it("a script goes on when its client is gone, and can still be ended", async () => {
  runner.send("EVAL", "while true do end", "0");
  await untilBusy();
  runner.close();
  expect(await ask(other, "PING")).toBe(BUSY);
  expect(await ask(other, "SCRIPT", "KILL")).toBe("+OK\r\n");
  let reply = BUSY;
  while (reply === BUSY) reply = await ask(other, "PING");
  expect(reply).toBe("+PONG\r\n");
});

it("SHUTDOWN NOSAVE ends a script that cannot be ended otherwise", async () => {
  runner.send("EVAL", "redis.call('SET', 'k', 'v') while true do end", "0");
  await untilBusy();
  expect(await ask(other, "SCRIPT", "KILL")).toMatch(/^-UNKILLABLE /);
  expect(await ask(other, "SHUTDOWN")).toBe(BUSY);
  other.send("SHUTDOWN", "NOSAVE");
  expect(await other.read()).toBe(null);
});
