// A script that never ends, or not within a lifetime, can be ended wherever it is at that: in every kind
// of callback, and in the libraries' own long work. Over real sockets, with a real clock.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RespClient } from "../support/resp-client.ts";
import { ServerProcess } from "../support/server-process.ts";

const TIMEOUT_MS = 30_000;
const ROUNDS_MAX = 1000;

let server: ServerProcess;
let runner: RespClient;
let other: RespClient;

beforeAll(async () => {
  server = await ServerProcess.start({ program: "seedis", args: ["--busy-reply-threshold", "20"] });
  runner = await server.connect("runner", TIMEOUT_MS);
  other = await server.connect("other", TIMEOUT_MS);
});

afterAll(async () => {
  runner?.close();
  other?.close();
  await server?.stop();
});

const FOREVER = "while true do end";

it.each([
  // Statements and calls.
  "repeat until false",
  "for i = 1, math.huge do end",
  "for i = 2, 1, 0 do end",
  "for x in function() return 1 end do end",
  "local function f() return f() end return f()",
  "local function f(n) if n == 0 then return 0 end return f(n - 1) + f(n - 1) end return f(60)",
  "while true do local t = {} for i = 1, 100 do t[i] = {i} end end",
  "while true do local s = ('x'):rep(100) .. tostring({}) end",
  // Callbacks of the libraries.
  `string.gsub("abc", ".", function() ${FOREVER} end)`,
  `table.sort({3, 2, 1}, function() ${FOREVER} end)`,
  `table.foreach({1}, function() ${FOREVER} end)`,
  `table.foreachi({1}, function() ${FOREVER} end)`,
  `load(function() ${FOREVER} end)`,
  "load(function() return 5 end)",
  "load(function() return ' ' end)",
  `loadstring("${FOREVER}")()`,
  `setfenv(function() ${FOREVER} end, {})()`,
  `tostring(setmetatable({}, {__tostring = function() ${FOREVER} end}))`,
  // Error handling.
  `pcall(function() ${FOREVER} end)`,
  `while true do pcall(function() ${FOREVER} end) end`,
  "while true do pcall(error) end",
  `xpcall(error, function() ${FOREVER} end)`,
  `xpcall(function() ${FOREVER} end, function() ${FOREVER} end)`,
  "local function f() pcall(f) pcall(f) end f()",
  // Coroutines.
  `coroutine.wrap(function() ${FOREVER} end)()`,
  `while true do coroutine.resume(coroutine.create(function() ${FOREVER} end)) end`,
  "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
  `coroutine.wrap(function() pcall(function() coroutine.wrap(function() ${FOREVER} end)() end) end)()`,
  // Metamethods.
  ...["add", "sub", "mul", "div", "mod", "pow"].map(
    (name, i) =>
      `return setmetatable({}, {__${name} = function() ${FOREVER} end}) ${"+-*/%^"[i]} 1`,
  ),
  `return -setmetatable({}, {__unm = function() ${FOREVER} end})`,
  `return setmetatable({}, {__concat = function() ${FOREVER} end}) .. "x"`,
  `return setmetatable({}, {__index = function() ${FOREVER} end}).x`,
  `setmetatable({}, {__newindex = function() ${FOREVER} end}).x = 1`,
  `setmetatable({}, {__call = function() ${FOREVER} end})()`,
  `local m = {__eq = function() ${FOREVER} end} return setmetatable({}, m) == setmetatable({}, m)`,
  `local m = {__lt = function() ${FOREVER} end} return setmetatable({}, m) < setmetatable({}, m)`,
  `local m = {__lt = function() ${FOREVER} end} return setmetatable({}, m) <= setmetatable({}, m)`,
  `local m = {__le = function() ${FOREVER} end} return setmetatable({}, m) <= setmetatable({}, m)`,
  `local m = {__lt = function() ${FOREVER} end} table.sort({setmetatable({}, m), setmetatable({}, m)})`,
  `return ("x"):gsub("x", setmetatable({}, {__index = function() ${FOREVER} end}))`,
  // The libraries' own work.
  `return ("a"):rep(300):find(("a?"):rep(300) .. ("a"):rep(300))`,
  `return ("a"):rep(100000):match(".-.-.-b")`,
  `return ("a"):rep(100000):gsub(".-.-.-b", "")`,
  `for x in ("a"):rep(100000):gmatch(".-.-.-b") do end`,
  "local t = {} for i = 1, 40 do t = {t, t} end return cjson.encode(t)",
  "local t = {} for i = 1, 15 do t = {t, t, t, t, t, t, t, t, t, t, t, t} end return cmsgpack.pack(t)",
  "while true do local t = {} for i = 1, 1000 do t[i] = -i end table.sort(t) end",
  "while true do string.format('%99.99f', 1 / 3) end",
  "while true do redis.call('PING') end",
  "while true do redis.pcall('NOSUCH') end",
  "while true do cjson.decode('[[[1,2,3]]]') end",
])("SCRIPT KILL ends %s", async (script) => {
  runner.send("EVAL", script, "0");
  expect(await untilBusy()).toMatch(/^-BUSY /);
  expect((await other.command("SCRIPT", "KILL")).raw).toBe("+OK\r\n");
  const reply = (await runner.read())?.raw;
  expect(reply).toMatch(/^-ERR Script killed by user with SCRIPT KILL\.\.\. /);
  expect((await other.command("PING")).raw).toBe("+PONG\r\n");
});

/** The other client's reply once the script is noticed; its requests may come before the script's. */
async function untilBusy(): Promise<string> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { raw } = await other.command("PING");
    if (raw !== "+PONG\r\n") return raw;
  }
  return "never busy";
}
