// `npm run bench`: Seedis side by side with redis-server on this machine, in one run. Prints ratios;
// absolute figures of a shared machine say little. `npm run bench -- memory start` runs those parts
// only, `--quick` all of them small; without names it leaves out `growth`, which is `collections` again
// at several sizes.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareCollections, compareGrowth, growthSizes } from "./collections.ts";
import { RATIO_HEADER, RATIO_LEGEND } from "./compare.ts";
import { compareEviction } from "./eviction.ts";
import { compareMemory, MEMORY_HEADER } from "./memory.ts";
import { benchScripts } from "./scripts.ts";
import { type Server, startServer } from "./servers.ts";
import { measureStalls, STALLS_HEADER } from "./stalls.ts";
import { median, printTable, type Row } from "./table.ts";
import { compareThroughput } from "./throughput.ts";

const quick = process.argv.includes("--quick");
const only = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));

/** Runs a part with a fresh pair of servers and prints what it gives. */
async function withServers(
  title: string,
  header: Row,
  compare: (redis: Server, seedis: Server, quick: boolean) => Promise<Row[]>,
): Promise<void> {
  const redis = await startServer("redis");
  const seedis = await startServer("seedis");
  printTable(title, header, await compare(redis, seedis, quick));
  await redis.stop();
  await seedis.stop();
}

const parts: Record<string, () => Promise<void>> = {
  throughput: () =>
    withServers(`redis-benchmark, ${RATIO_LEGEND}`, RATIO_HEADER, compareThroughput),
  collections: () =>
    withServers(`big collections, ${RATIO_LEGEND}`, RATIO_HEADER, compareCollections),
  growth: () =>
    withServers(
      "processor time per operation as collections grow, Seedis / Redis, microseconds",
      ["elements", ...growthSizes(quick).map(String)],
      compareGrowth,
    ),
  eviction: () =>
    withServers(`at the memory limit, ${RATIO_LEGEND}`, RATIO_HEADER, compareEviction),
  memory: async () =>
    printTable("memory growth, Seedis : Redis", MEMORY_HEADER, await compareMemory(quick)),
  start: startTime,
  scripts: () => benchScripts(quick),
  stalls,
};

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
  const reportFile = join(mkdtempSync(join(tmpdir(), "seedis-bench-")), "delay");
  process.env.LOOP_DELAY_FILE = reportFile;
  const preload = fileURLToPath(new URL("../bench/loop-delay.mjs", import.meta.url));
  const rows: Row[] = [];
  for (const name of ["redis", "seedis"] as const) {
    const server = await startServer(name, { preload });
    rows.push(...(await measureStalls(server, quick, reportFile)));
    await server.stop();
  }
  printTable(
    "worst stall, ms (the PING prober shares two cores with server and load)",
    STALLS_HEADER,
    rows,
  );
}

if (quick) {
  console.log(
    "quick: few requests, most of them to code that is not compiled yet; no measure of speed",
  );
}
for (const [name, run] of Object.entries(parts)) {
  if (only.length === 0 ? !(quick && name === "growth") : only.includes(name)) await run();
}
