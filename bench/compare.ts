// Both servers take the same tests in turn, round by round, so that whatever else the machine does
// falls on both. What is told is the median of the rounds' ratios, Seedis : Redis: the speed of a shared
// machine changes from minute to minute, and the two of a round follow each other closely. Many short
// rounds tell more than a few long ones: single ratios are off by a fifth.
import { type Measured, runBenchmark } from "./redis-benchmark.ts";
import type { Server } from "./servers.ts";
import { median, medianInterval, type Row } from "./table.ts";

/** One line of a table: a test of redis-benchmark and what it is called. */
export interface Test {
  readonly label: string;
  readonly requests: number;
  readonly args: readonly string[];
  /** Brings the server into the state that the test begins with. */
  prepare?(server: Server): Promise<void>;
}

/** What a test gave on one server, a figure per round. */
export type Samples = Record<Server["name"], Measured[]>;

export const RATIO_HEADER: Row = [
  "test",
  "requests/s",
  "(95 %)",
  "p50",
  "p99",
  "processor time",
  "us per request",
];
export const RATIO_LEGEND =
  "Seedis : Redis, medians of the rounds' ratios (requests/s above 1, times below 1 are better)\n" +
  "  95 %: where the median of many more rounds would be; of fewer than six rounds, their extremes";

/**
 * Runs all tests `rounds` times; every round goes through them in their order. One more round in
 * front does not count: in it Node compiles what the tests need.
 */
export async function runRounds(
  redis: Server,
  seedis: Server,
  tests: readonly Test[],
  rounds: number,
): Promise<Samples[]> {
  const samples: Samples[] = tests.map(() => ({ redis: [], seedis: [] }));
  for (let round = -1; round < rounds; round++) {
    for (const [i, test] of tests.entries()) {
      for (const server of (round + i) % 2 === 0 ? [redis, seedis] : [seedis, redis]) {
        await test.prepare?.(server);
        const measured = await runBenchmark(server, test.requests, test.args);
        if (round >= 0) samples[i][server.name].push(measured);
      }
    }
  }
  return samples;
}

/** The median of one figure on one server. */
export function medianOf(samples: readonly Measured[], pick: (m: Measured) => number): number {
  return median(samples.map(pick));
}

export function ratioRow(label: string, samples: Samples): Row {
  const ratios = (pick: (m: Measured) => number): number[] =>
    samples.seedis.map((ours, i) => pick(ours) / pick(samples.redis[i]));
  const ratio = (pick: (m: Measured) => number): string => median(ratios(pick)).toFixed(2);
  const [low, high] = medianInterval(ratios((m) => m.rps));
  return [
    label,
    ratio((m) => m.rps),
    `${low.toFixed(2)}-${high.toFixed(2)}`,
    ratio((m) => m.p50Ms),
    ratio((m) => m.p99Ms),
    ratio((m) => m.cpuUs),
    cpuFigures(samples),
  ];
}

/** Processor time per request, "Seedis / Redis". */
export function cpuFigures(samples: Samples): string {
  const figure = (us: number): string => (us >= 100 ? us.toFixed(0) : us.toFixed(2));
  const [ours, theirs] = [samples.seedis, samples.redis].map((one) =>
    medianOf(one, (m) => m.cpuUs),
  );
  return `${figure(ours)} / ${figure(theirs)}`;
}
