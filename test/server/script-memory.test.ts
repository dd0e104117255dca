// Scripts that would fill the heap, on a server with a small one: an error for the script, and the server
// goes on.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RespClient } from "../support/resp-client.ts";
import { ServerProcess } from "../support/server-process.ts";

const HEAP_MB = 300;
const TIMEOUT_MS = 60_000;

let server: ServerProcess;
let client: RespClient;

beforeAll(async () => {
  const { NODE_OPTIONS: before } = process.env;
  process.env.NODE_OPTIONS = `${before ?? ""} --max-old-space-size=${HEAP_MB}`;
  try {
    server = await ServerProcess.start({ program: "seedis" });
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
  client = await server.connect("client", TIMEOUT_MS);
});

afterAll(async () => {
  client?.close();
  await server?.stop();
});

it.each([
  "local t = {} while true do t[#t + 1] = {} end",
  "local t = {} for i = 1, 1e9 do t[i] = i end",
  "local t = {} for i = 1, 1e9 do t[i + 0.5] = i end",
  "local t, i = {}, 0 while true do i = i + 1 t['key' .. i] = i end",
  "local t = {} while true do t = {t} end",
  "local f while true do local g = f f = function() return g end end",
  "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
  "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end",
  "local t = {} while true do t[#t + 1] = redis.call('TIME') end",
  "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
])("%s", async (script) => {
  expect((await client.command("EVAL", script, "0")).raw).toMatch(/^-ERR .*not enough memory/);
  expect((await client.command("EVAL", "return #('x'):rep(1e6)", "0")).raw).toBe(":1000000\r\n");
});
