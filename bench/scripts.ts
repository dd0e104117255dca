// Lua scripts, Seedis : Redis. What computes, what is called often, what is new, and very many of them.
import { readFileSync } from "node:fs";
import net from "node:net";
import { RATIO_HEADER, RATIO_LEGEND, ratioRow, runRounds, type Test } from "./compare.ts";
import { COMPUTING, scriptOf50Lines } from "./script-samples.ts";
import { ask, info, type Server, startServer } from "./servers.ts";
import { worstPingMs } from "./stalls.ts";
import { median, printTable, type Row } from "./table.ts";

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
  await computing(redis, seedis, quick ? 4 : 30);
  await calling(redis, seedis, quick);
  await newScripts(redis, seedis, quick ? 50 : NEW_SCRIPTS);
  await manyScripts([redis, seedis], quick ? 400 : MANY_SCRIPTS);
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

/** What each command took, in time and in processor time of the server's main thread. */
interface Times {
  readonly ms: Record<Server["name"], number[]>;
  readonly cpuMs: Record<Server["name"], number[]>;
}

function timesRow(label: string, { ms, cpuMs }: Times): Row {
  const [before, now] = [median(ms.redis), median(ms.seedis)];
  const cpu = (median(cpuMs.seedis) / median(cpuMs.redis)).toFixed(2);
  return [label, before.toFixed(2), now.toFixed(2), (before / now).toFixed(2), cpu];
}

/** How long each command takes on both, one after the other. */
async function timesOf(redis: Server, seedis: Server, commands: string[][]): Promise<Times> {
  const times: Times = { ms: { redis: [], seedis: [] }, cpuMs: { redis: [], seedis: [] } };
  const servers = [redis, seedis];
  const connections = [await open(redis.port), await open(seedis.port)];
  for (const words of commands) {
    for (const [i, server] of servers.entries()) {
      const cpuBeganUs = server.mainThreadUs();
      const began = performance.now();
      const reply = await connections[i](words);
      times.ms[server.name].push(performance.now() - began);
      times.cpuMs[server.name].push((server.mainThreadUs() - cpuBeganUs) / 1000);
      if (reply.startsWith("-")) throw new Error(`${server.name}: ${reply}`);
    }
  }
  for (const send of connections) await send(["QUIT"]);
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
        requests: quick ? 50_000 : 400_000,
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
    // What earlier parts have left expires now; how long that takes is not the question here.
    await ask(server.port, "FLUSHALL");
    for (const how of ["SCRIPT LOAD", "EVAL"] as const) {
      await ask(server.port, "SCRIPT", "FLUSH");
      const usedBefore = await info(server.port, "used_memory");
      const residentBefore = server.residentBytes();
      let longestMs = 0;
      const worst = await worstPingMs(server.port, async () => {
        longestMs = await sendScripts(server, count, how);
      });
      const used = ((await info(server.port, "used_memory")) - usedBefore) / count;
      const resident = (server.residentBytes() - residentBefore) / count;
      rows.push([
        `${server.name}: ${how}`,
        ...[worst, longestMs].map((ms) => ms.toFixed(1)),
        ...[used, resident].map((bytes) => bytes.toFixed(0)),
      ]);
    }
  }
  printTable(
    `${count} distinct scripts of 50 lines`,
    [
      "server",
      "worst PING, ms",
      "most processor time, ms",
      "used bytes each",
      "resident bytes each",
    ],
    rows,
  );
}

/** Sends distinct scripts; answers with the most that one took of the server's main thread. */
async function sendScripts(
  server: Server,
  count: number,
  how: "SCRIPT LOAD" | "EVAL",
): Promise<number> {
  const send = await open(server.port);
  let longestUs = 0;
  for (let i = 0; i < count; i++) {
    const script = scriptOf50Lines((how === "EVAL" ? 2_000_000 : 1_000_000) + i);
    const beganUs = server.mainThreadUs();
    await send(how === "EVAL" ? ["EVAL", script, "1", "jobs", "5"] : ["SCRIPT", "LOAD", script]);
    longestUs = Math.max(longestUs, server.mainThreadUs() - beganUs);
  }
  await send(["QUIT"]);
  return longestUs / 1000;
}
