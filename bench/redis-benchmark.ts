// One run of redis-benchmark against one server: speed as the client sees it, and the processor time
// that the server spent per request, which other work on the machine disturbs least.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Server } from "./servers.ts";

const run = promisify(execFile);

export interface Measured {
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** User and system time of the server per request, in microseconds. */
  readonly cpuUs: number;
}

/** Runs a single test of redis-benchmark: `-t name`, or a command as the last arguments. */
export async function runBenchmark(
  server: Server,
  requests: number,
  args: readonly string[],
): Promise<Measured> {
  const before = server.cpuUs();
  const { stdout } = await run(
    "redis-benchmark",
    ["-p", String(server.port), "-n", String(requests), "--csv", ...args],
    { maxBuffer: 1 << 24 },
  );
  const cpuUs = (server.cpuUs() - before) / requests;
  // The last line is the test; those before are the header and what the test had to set up.
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  const cells = last.split('","').map((cell) => cell.replaceAll('"', ""));
  return { rps: Number(cells[1]), p50Ms: Number(cells[4]), p99Ms: Number(cells[6]), cpuUs };
}
