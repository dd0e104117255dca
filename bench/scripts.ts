// Lua scripts, Seedis : Redis. What computes, what is called often, what is new, and very many of them.
import { readFileSync } from "node:fs";
import net from "node:net";
import { RATIO_HEADER, RATIO_LEGEND, ratioRow, runRounds, type Test } from "./compare.ts";
import { ask, info, type Server, startServer } from "./servers.ts";
import { worstPingMs } from "./stalls.ts";
import { median, printTable, type Row } from "./table.ts";

/** Scripts that compute and call nothing. */
const COMPUTING: Readonly<Record<string, string>> = {
  "fill and sum a table of 10^5": `
    local t, sum = {}, 0
    for i = 1, 100000 do t[i] = i end
    for i = 1, #t do sum = sum + t[i] end
    return sum`,
  "build a string of 10^5 numbers": `
    local parts = {}
    for i = 1, 100000 do parts[#parts + 1] = i .. "," end
    return #table.concat(parts)`,
  "append to a string 20000 times": `
    local text = ""
    for i = 1, 20000 do text = text .. "x" end
    return #text`,
  "fibonacci(27)": `
    local function fibonacci(n)
      if n < 2 then return n end
      return fibonacci(n - 1) + fibonacci(n - 2)
    end
    return fibonacci(27)`,
  "gsub over 100 KB": `
    local text = string.rep("the quick brown fox ", 5000)
    local replaced, count = string.gsub(text, "(%w+) (%w+)", "%2 %1")
    return count + #replaced`,
  "gsub with a function over 100 KB": `
    local text = string.rep("the quick brown fox ", 5000)
    local replaced = string.gsub(text, "%w+", function(word) return #word > 3 and word:upper() or nil end)
    return #replaced`,
  "sort 20000 numbers": `
    local t, x = {}, 1
    for i = 1, 20000 do x = (x * 16807) % 2147483647 t[i] = x end
    table.sort(t)
    return t[1]`,
  "objects with methods, 10^5 calls": `
    local Point = {}
    Point.__index = Point
    function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
    function Point:add(other) return Point.new(self.x + other.x, self.y + other.y) end
    local sum, one = Point.new(0, 0), Point.new(1, 2)
    for i = 1, 100000 do sum = sum:add(one) end
    return sum.x + sum.y`,
};

const LOCK = `
if redis.call("SETNX", KEYS[1], ARGV[1]) == 1 then
  redis.call("PEXPIRE", KEYS[1], ARGV[2])
  return 1
end
return 0`;
const RATE_LIMIT = readFileSync(
  new URL("../docs/examples/rate-limit.lua", import.meta.url),
  "utf8",
);

const NEW_SCRIPTS = 300;
const MANY_SCRIPTS = 10_000;

/** All tables about scripts. */
export async function benchScripts(quick: boolean): Promise<void> {
  const redis = await startServer("redis");
  const seedis = await startServer("seedis");
  await computing(redis, seedis, quick ? 10 : 30);
  await calling(redis, seedis, quick);
  await newScripts(redis, seedis, quick ? 100 : NEW_SCRIPTS);
  await manyScripts([redis, seedis], quick ? 2000 : MANY_SCRIPTS);
  await redis.stop();
  await seedis.stop();
}

async function computing(redis: Server, seedis: Server, rounds: number): Promise<void> {
  const rows: Row[] = [];
  for (const [label, script] of Object.entries(COMPUTING)) {
    const timesMs = await timesOf(redis, seedis, Array(rounds).fill(["EVAL", script, "0"]));
    rows.push(timesRow(label, timesMs));
  }
  printTable(
    "scripts that compute, ms (medians); speed above 1 and processor time below 1 are better",
    HEADER,
    rows,
  );
}

const HEADER: Row = ["script", "redis", "seedis", "speed", "processor time"];

interface Times {
  readonly redis: number[];
  readonly seedis: number[];
  /** Processor time that each server used for all of them. */
  readonly cpuUs: { redis: number; seedis: number };
}

function timesRow(label: string, { redis, seedis, cpuUs }: Times): Row {
  const [before, now] = [median(redis), median(seedis)];
  const cpu = (cpuUs.seedis / cpuUs.redis).toFixed(2);
  return [label, before.toFixed(2), now.toFixed(2), (before / now).toFixed(2), cpu];
}

/** How long each command takes on both, one after the other. */
async function timesOf(redis: Server, seedis: Server, commands: string[][]): Promise<Times> {
  const cpuUs = { redis: -redis.cpuUs(), seedis: -seedis.cpuUs() };
  const times: Times = { redis: [], seedis: [], cpuUs };
  const connections = { redis: await open(redis.port), seedis: await open(seedis.port) };
  for (const words of commands) {
    for (const name of ["redis", "seedis"] as const) {
      const began = performance.now();
      const reply = await connections[name](words);
      times[name].push(performance.now() - began);
      if (reply.startsWith("-")) throw new Error(`${name}: ${reply}`);
    }
  }
  cpuUs.redis += redis.cpuUs();
  cpuUs.seedis += seedis.cpuUs();
  for (const name of ["redis", "seedis"] as const) await connections[name](["QUIT"]);
  return times;
}

type Connection = (words: readonly string[]) => Promise<string>;

/** Sends a command and waits for what comes back: short replies come whole. */
async function open(port: number): Promise<Connection> {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await new Promise((resolve) => socket.once("connect", resolve));
  return (words) =>
    new Promise((resolve) => {
      socket.once("data", (bytes) => resolve(bytes.toString("latin1")));
      const body = words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
      socket.write(`*${words.length}\r\n${body}`, "latin1");
    });
}

async function calling(redis: Server, seedis: Server, quick: boolean): Promise<void> {
  const tests: Test[] = [];
  for (const [label, script, args] of [
    ["lock", LOCK, ["token", "5000"]],
    ["rate limit", RATE_LIMIT, ["100", "60"]],
  ] as const) {
    for (const server of [redis, seedis]) await ask(server.port, "SCRIPT", "LOAD", script);
    const loaded = await ask(redis.port, "SCRIPT", "LOAD", script);
    const sha = loaded.split("\r\n")[1];
    for (const keys of ["", ":__rand_int__"]) {
      tests.push({
        label: `${label}${keys === "" ? ", one key" : ", 100000 keys"}`,
        args: [
          ...["-c", "50", "-P", "16", "-r", "100000"],
          ...["evalsha", sha, "1", `${label.replace(" ", "-")}${keys}`, ...args],
        ],
        requests: quick ? 100_000 : 400_000,
      });
    }
  }
  const samples = await runRounds(redis, seedis, tests, quick ? 2 : 5);
  printTable(
    `EVALSHA of scripts with two calls, P=16, ${RATIO_LEGEND}`,
    RATIO_HEADER,
    samples.map((each, i) => ratioRow(tests[i].label, each)),
  );
}

async function newScripts(redis: Server, seedis: Server, count: number): Promise<void> {
  const commands = Array.from({ length: count }, (_, i) => [
    "EVAL",
    scriptOf50Lines(i),
    "1",
    "jobs",
    "5",
  ]);
  const timesMs = await timesOf(redis, seedis, commands);
  printTable("first EVAL of a script of 50 lines, compiled anew each time, ms (medians)", HEADER, [
    timesRow(`${count} distinct scripts`, timesMs),
  ]);
}

async function manyScripts(servers: readonly Server[], count: number): Promise<void> {
  const rows: Row[] = [];
  for (const server of servers) {
    await ask(server.port, "SCRIPT", "FLUSH");
    const usedBefore = await info(server.port, "used_memory");
    const residentBefore = server.residentBytes();
    const worst = await worstPingMs(server.port, () => loadScripts(server.port, count));
    const used = ((await info(server.port, "used_memory")) - usedBefore) / count;
    const resident = (server.residentBytes() - residentBefore) / count;
    rows.push([server.name, worst.toFixed(1), used.toFixed(0), resident.toFixed(0)]);
  }
  printTable(
    `${count} distinct scripts of 50 lines loaded`,
    ["server", "worst PING, ms", "used bytes each", "resident bytes each"],
    rows,
  );
}

async function loadScripts(port: number, count: number): Promise<void> {
  const send = await open(port);
  for (let i = 0; i < count; i++) await send(["SCRIPT", "LOAD", scriptOf50Lines(1_000_000 + i)]);
  await send(["QUIT"]);
}

/** A script as there are many: some functions, tables and calls; each number makes another one. */
function scriptOf50Lines(number: number): string {
  return `-- job queue, version ${number}
local queue = KEYS[1]
local limit = tonumber(ARGV[1])
local now = ${number}
local taken, skipped = {}, 0

local function key(...)
  return table.concat({ queue, ... }, ":")
end

local function parse(job)
  local id, priority, rest = job:match("^(%w+):(%d+):(.*)$")
  if not id then
    return nil, "malformed job " .. job
  end
  return { id = id, priority = tonumber(priority), payload = rest, at = now }
end

local function isDue(job)
  if job.priority > 5 then
    return true
  elseif job.priority > 2 then
    return job.at % 2 == 0
  end
  return false
end

local function byPriority(a, b)
  if a.priority ~= b.priority then
    return a.priority > b.priority
  end
  return a.id < b.id
end

for _, text in ipairs(redis.call("LRANGE", key("waiting"), 0, limit - 1)) do
  local job, reason = parse(text)
  if not job then
    redis.call("RPUSH", key("broken"), reason)
  elseif isDue(job) then
    taken[#taken + 1] = job
  else
    skipped = skipped + 1
  end
end
table.sort(taken, byPriority)
local ids = {}
for i, job in ipairs(taken) do
  ids[i] = job.id
  redis.call("HSET", key("taken", job.id), "payload", job.payload, "at", job.at)
end
return { #taken, skipped, table.concat(ids, ","), now }`;
}
