// SET at the memory limit: every new key makes others go.
import { ratioRow, runRounds, type Test } from "./compare.ts";
import { runBenchmark } from "./redis-benchmark.ts";
import { ask, info, type Server } from "./servers.ts";
import type { Row } from "./table.ts";

const POLICIES = ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-ttl"];

export async function compareEviction(
  redis: Server,
  seedis: Server,
  quick: boolean,
): Promise<Row[]> {
  const requests = quick ? 20_000 : 200_000;
  const rows: Row[] = [];
  for (const limitMb of quick ? [10] : [20, 100]) {
    const tests: Test[] = (quick ? POLICIES.slice(0, 1) : POLICIES).map((policy) => ({
      label: `SET ${policy}, ${limitMb} MB`,
      requests,
      args: ["-P", "16", "-r", "100000000", ...command(policy)],
      prepare: (server) => fillUp(server, policy, limitMb),
    }));
    const samples = await runRounds(redis, seedis, tests, quick ? 1 : 3);
    rows.push(...tests.map((test, i) => ratioRow(test.label, samples[i])));
  }
  return rows;
}

function command(policy: string): string[] {
  const words = ["SET", "key:__rand_int__", "x".repeat(100)];
  if (policy.startsWith("volatile")) words.push("EX", "10000");
  return words;
}

/** Writes until the server has evicted something. */
async function fillUp(server: Server, policy: string, limitMb: number): Promise<void> {
  const { port } = server;
  await ask(port, "CONFIG", "SET", "maxmemory", "0");
  await ask(port, "FLUSHALL");
  await ask(port, "CONFIG", "RESETSTAT");
  await ask(port, "CONFIG", "SET", "maxmemory-policy", policy);
  await ask(port, "CONFIG", "SET", "maxmemory", `${limitMb}mb`);
  const args = ["-P", "16", "-r", "100000000", ...command(policy)];
  const step = limitMb * 2000;
  while ((await info(port, "evicted_keys")) === 0) await runBenchmark(server, step, args);
}
