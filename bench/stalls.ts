// The worst stall: how long a PING waits at most while millions of keys, or one huge value, are
// loaded, expire, are evicted or deleted. Seen from outside for both servers; for Seedis also from
// inside, as the longest turn of its event loop.
import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { promisify } from "node:util";
import { type DataSet, hash, list, set, stream, zset } from "./data.ts";
import { load } from "./load.ts";
import { ask, info, type Server } from "./servers.ts";
import type { Row } from "./table.ts";

const run = promisify(execFile);
const PROBE_INTERVAL_MS = 1;
const EXPIRE_WAIT_MS = 20_000;
/** What is watched after a value has gone: the rest of it is freed in the background. */
const AFTERWARDS_MS_MAX = 300;
const AFTERWARDS_MS_MIN = 50;
const AFTERWARDS_ELEMENTS_PER_MS = 3000;

export const STALLS_HEADER: Row = ["while", "PING", "turn", "turn, processor time"];

/** The longest time that a PING took while `work` ran. */
export async function worstPingMs(port: number, work: () => Promise<void>): Promise<number> {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await new Promise((resolve) => socket.once("connect", resolve));
  let worst = 0;
  let sentAt = 0;
  let running = true;
  const send = (): void => {
    if (!running) return;
    sentAt = performance.now();
    socket.write("PING\r\n");
  };
  socket.on("data", () => {
    worst = Math.max(worst, performance.now() - sentAt);
    setTimeout(send, PROBE_INTERVAL_MS);
  });
  send();
  await work();
  running = false;
  socket.destroy();
  return worst;
}

async function fill(port: number, count: number, ...extra: string[]): Promise<void> {
  const options = ["-p", String(port), "-n", String(count), "-r", "1000000000", "-P", "32", "-q"];
  await run("redis-benchmark", [
    ...options,
    "SET",
    "key:__rand_int__",
    "value:0123456789",
    ...extra,
  ]);
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

/** The event loop's longest turn since the last call, in time and in processor time. */
function longestTurn(server: Server, reportFile: string | null): readonly string[] {
  if (server.name === "redis" || reportFile === null) return ["", ""];
  rmSync(reportFile, { force: true });
  process.kill(server.pid, "SIGUSR2");
  const deadline = performance.now() + 2000;
  while (performance.now() < deadline) {
    try {
      const [pid, ...worst] = readFileSync(reportFile, "utf8").trim().split(" ");
      if (Number(pid) === server.pid) return worst;
    } catch {
      // The file is not written yet.
    }
  }
  return ["?", "?"];
}

type Measure = (label: string, work: () => Promise<void>) => Promise<void>;

/** Many keys: load, expire, flush. */
async function stallsOfKeys(
  { port }: Server,
  keyCount: number,
  expiringCount: number,
  measure: Measure,
): Promise<void> {
  await ask(port, "FLUSHALL");
  await measure(`${keyCount} keys loaded`, () => fill(port, keyCount));
  const before = await info(port, "expired_keys");
  const at = Date.now() + Math.max(2000, expiringCount / 100);
  await fill(port, expiringCount, "PXAT", String(at));
  await until(async () => Date.now() >= at - 100);
  await measure(`${expiringCount} keys expire at once`, () =>
    until(async () => {
      const expired = (await info(port, "expired_keys")) - before;
      return expired >= expiringCount * 0.95 || Date.now() > at + EXPIRE_WAIT_MS;
    }),
  );
  await measure("FLUSHALL ASYNC", async () => {
    await ask(port, "FLUSHALL", "ASYNC");
    await sleep(keyCount / 2500);
  });
}

/** One huge value of each type: growing, and each way to go. */
async function stallsOfValues({ port }: Server, size: number, measure: Measure): Promise<void> {
  const kinds: [string, (key: string, count: number) => DataSet][] = [
    ["list", list],
    ["set", set],
    ["hash", hash],
    ["sorted set", zset],
    ["stream", (key, count) => stream(key, count, 16)],
  ];
  const afterwardsMs = Math.min(
    AFTERWARDS_MS_MAX,
    Math.max(AFTERWARDS_MS_MIN, size / AFTERWARDS_ELEMENTS_PER_MS),
  );
  await ask(port, "FLUSHALL");
  for (const [kind, data] of kinds) {
    const refill = (): Promise<void> => load(port, data("huge", size));
    const isGone = async (): Promise<boolean> => (await ask(port, "EXISTS", "huge")) === ":0\r\n";
    const done = async (): Promise<void> => {
      await until(isGone);
      await sleep(afterwardsMs);
    };
    await measure(`${kind} of ${size} grows`, refill);
    await measure(`${kind} of ${size}, DEL`, async () => {
      await ask(port, "DEL", "huge");
      await done();
    });
    await refill();
    await measure(`${kind} of ${size} expires`, async () => {
      await ask(port, "PEXPIRE", "huge", "1");
      await done();
    });
    await refill();
    await measure(`${kind} of ${size} is evicted`, async () => {
      const limitBytes = Math.floor((await info(port, "used_memory")) / 2);
      await ask(port, "CONFIG", "SET", "maxmemory-policy", "allkeys-random");
      await ask(port, "CONFIG", "SET", "maxmemory", String(limitBytes));
      await until(async () => {
        await ask(port, "SET", "small", "1");
        return isGone();
      });
      await sleep(afterwardsMs);
    });
    await ask(port, "CONFIG", "SET", "maxmemory", "0");
  }
}

/** Values that change their encoding when one element too many comes. */
async function stallsOfConversions({ port }: Server, measure: Measure): Promise<void> {
  const limit = "10000";
  for (const name of ["set", "hash", "zset"]) {
    await ask(port, "CONFIG", "SET", `${name}-max-listpack-entries`, limit);
  }
  await ask(port, "CONFIG", "SET", "set-max-intset-entries", "100000");
  const word = "x".repeat(65);
  const conversions: [string, string[], (i: number) => string[], number][] = [
    ["intset of 100000", ["SADD", "c", word], (i) => ["SADD", "c", String(i)], 100_000],
    ["hash listpack of 5000", ["HSET", "c", "f", word], (i) => ["HSET", "c", `f${i}`, "v"], 5000],
    [
      "zset listpack of 5000",
      ["ZADD", "c", "1", word],
      (i) => ["ZADD", "c", `${i}`, `m${i}`],
      5000,
    ],
  ];
  for (const [label, last, command, count] of conversions) {
    await ask(port, "FLUSHALL");
    await load(port, { label, count, command });
    await measure(`${label} is converted`, async () => {
      await ask(port, ...last);
    });
  }
}

/** Worst PING, and longest turn, of everything that should not stall, in milliseconds. */
export async function measureStalls(
  server: Server,
  quick: boolean,
  reportFile: string | null,
): Promise<Row[]> {
  const rows: Row[] = [];
  const measure: Measure = async (label, work) => {
    // Forgets what was before: the start of the program, the work in between.
    longestTurn(server, reportFile);
    const worst = await worstPingMs(server.port, work);
    rows.push([`${server.name}: ${label}`, worst.toFixed(1), ...longestTurn(server, reportFile)]);
  };
  const [keys, expiring, size] = quick
    ? [100_000, 20_000, 20_000]
    : [5_000_000, 1_000_000, 1_000_000];
  await stallsOfKeys(server, keys, expiring, measure);
  await stallsOfValues(server, size, measure);
  await stallsOfConversions(server, measure);
  return rows;
}
