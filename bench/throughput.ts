// redis-benchmark against both servers in turn, several rounds interleaved, so that whatever else
// the machine does falls on both.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ask, type Server } from "./servers.ts";
import { median, type Row } from "./table.ts";

const run = promisify(execFile);

/** One line of the table: arguments for redis-benchmark and what they are called. */
export interface Workload {
  readonly label: string;
  readonly args: readonly string[];
  readonly requests: number;
}

interface Measured {
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measure(server: Server, workload: Workload): Promise<Map<string, Measured>> {
  const { stdout } = await run(
    "redis-benchmark",
    ["-p", String(server.port), "-n", String(workload.requests), "--csv", ...workload.args],
    { maxBuffer: 1 << 24 },
  );
  const results = new Map<string, Measured>();
  for (const line of stdout.split("\n").slice(1)) {
    const cells = line.split('","').map((cell) => cell.replaceAll('"', ""));
    if (cells.length < 8) continue;
    results.set(cells[0], {
      rps: Number(cells[1]),
      p50Ms: Number(cells[4]),
      p99Ms: Number(cells[6]),
    });
  }
  return results;
}

/** Medians over the rounds, as ratios Seedis : Redis (throughput above 1 and latency below 1 are better). */
export async function compareThroughput(
  redis: Server,
  seedis: Server,
  workloads: readonly Workload[],
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workload of workloads) {
    const samples: Record<Server["name"], Map<string, Measured[]>> = {
      redis: new Map(),
      seedis: new Map(),
    };
    const cpu = { redis: 0, seedis: 0 };
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? [redis, seedis] : [seedis, redis];
      for (const server of order) {
        await ask(server.port, "FLUSHALL");
        const cpuBefore = server.cpuMs();
        for (const [test, measured] of await measure(server, workload)) {
          const list = samples[server.name].get(test) ?? [];
          list.push(measured);
          samples[server.name].set(test, list);
        }
        cpu[server.name] += server.cpuMs() - cpuBefore;
      }
    }
    for (const [test, redisSamples] of samples.redis) {
      const seedisSamples = samples.seedis.get(test) ?? [];
      const ratio = (pick: (m: Measured) => number): string =>
        (median(seedisSamples.map(pick)) / median(redisSamples.map(pick))).toFixed(2);
      rows.push([
        `${test} ${workload.label}`,
        ratio((m) => m.rps),
        ratio((m) => m.p50Ms),
        ratio((m) => m.p99Ms),
        (cpu.seedis / cpu.redis).toFixed(2),
      ]);
    }
  }
  return rows;
}
