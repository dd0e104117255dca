// `npm run bench`: Seedis side by side with redis-server on this machine, in one run. Prints ratios;
// absolute figures of a shared machine say little.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareMemory, stringKeys } from "./memory.ts";
import { benchScripts } from "./scripts.ts";
import { startServer } from "./servers.ts";
import { measureStalls } from "./stalls.ts";
import { median, printTable, type Row } from "./table.ts";
import { compareThroughput, type Workload } from "./throughput.ts";

const quick = process.argv.includes("--quick");
const only = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const wanted = (part: string): boolean => only.length === 0 || only.includes(part);

function workloads(): Workload[] {
  const plain = quick ? 30_000 : 100_000;
  const piped = quick ? 200_000 : 1_000_000;
  const tests = "ping_mbulk,set,get,incr,mset";
  return [
    { label: "P=1", args: ["-t", tests, "-c", "50"], requests: plain },
    { label: "P=16", args: ["-t", tests, "-c", "50", "-P", "16"], requests: piped },
    {
      label: "P=16 -r 1000000 -d 16",
      args: ["-t", "set,get", "-c", "50", "-P", "16", "-r", "1000000", "-d", "16"],
      requests: piped,
    },
    {
      label: "P=16 -d 1024",
      args: ["-t", "set,get", "-c", "50", "-P", "16", "-d", "1024"],
      requests: piped / 2,
    },
  ];
}

async function throughput(): Promise<void> {
  const redis = await startServer("redis");
  const seedis = await startServer("seedis");
  const rows = await compareThroughput(redis, seedis, workloads(), quick ? 2 : 5);
  printTable(
    "redis-benchmark, Seedis : Redis, medians (requests/s above 1, times below 1 are better)",
    ["test", "requests/s", "p50", "p99", "processor time"],
    rows,
  );
  await redis.stop();
  await seedis.stop();
}

async function memory(): Promise<void> {
  const redis = await startServer("redis");
  const seedis = await startServer("seedis");
  const row = await compareMemory(redis, seedis, stringKeys(quick ? 200_000 : 1_000_000));
  printTable(
    "memory growth, Seedis : Redis",
    ["data", "used", "resident", "used bytes per key"],
    [row],
  );
  await redis.stop();
  await seedis.stop();
}

async function startTime(): Promise<void> {
  const times: Record<string, number[]> = { redis: [], seedis: [] };
  for (let round = 0; round < (quick ? 3 : 7); round++) {
    for (const name of ["redis", "seedis"] as const) {
      const server = await startServer(name);
      times[name].push(server.startMs);
      await server.stop();
    }
  }
  printTable(
    "process start to first PONG, ms (medians)",
    ["redis", "seedis"],
    [[median(times.redis).toFixed(0), median(times.seedis).toFixed(0)]],
  );
}

async function stalls(): Promise<void> {
  const [keys, expiring] = quick ? [500_000, 100_000] : [5_000_000, 1_000_000];
  const reportFile = join(mkdtempSync(join(tmpdir(), "seedis-bench-")), "delay");
  process.env.LOOP_DELAY_FILE = reportFile;
  const preload = fileURLToPath(new URL("../bench/loop-delay.mjs", import.meta.url));
  const rows: Row[] = [];
  for (const name of ["redis", "seedis"] as const) {
    const server = await startServer(name, preload);
    rows.push(...(await measureStalls(server, keys, expiring, reportFile)));
    await server.stop();
  }
  printTable(
    "worst stall, ms (the PING prober shares two cores with server and load)",
    ["while", "PING", "event loop"],
    rows,
  );
}

if (wanted("throughput")) await throughput();
if (wanted("memory")) await memory();
if (wanted("start")) await startTime();
if (wanted("stalls")) await stalls();
if (wanted("scripts")) await benchScripts(quick);
