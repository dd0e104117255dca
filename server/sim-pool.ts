// Runs many seeds on several threads. A run depends on its seed alone, so the threads change nothing
// but the time; results are handed on in the order of the seeds.
import { parentPort, Worker, workerData } from "node:worker_threads";
import { bugs } from "../sim/bugs.ts";
import { type RunOptions, type RunResult, runSeed } from "../sim/run.ts";

/** What a thread has to know to run any seed: plain data, which can be sent. */
export interface SeedTask {
  /** Commands per run, 0 for what the seed draws. */
  readonly commandCount: number;
  /** A planted bug's name, or empty. */
  readonly bug: string;
  /** Names of the families of commands to send, none for all. */
  readonly only: readonly string[];
}

export function optionsOf(task: SeedTask): RunOptions {
  return {
    ...(task.commandCount > 0 ? { commandCount: task.commandCount } : {}),
    only: task.only,
    ...(task.bug === "" ? {} : { bug: bugs[task.bug] }),
  };
}

/** The thread's side: runs the seeds that it is sent, one after the other. */
export function serveSeeds(): void {
  const options = optionsOf(workerData as SeedTask);
  parentPort!.on("message", (seed: number) => {
    parentPort!.postMessage(runSeed(String(seed), options));
  });
}

/**
 * Runs seeds `from` … `from` + `count` - 1 on `threads` threads of the program `url`, and calls
 * `take` with each result in the order of the seeds. Stops when `take` answers false.
 */
export function runOnThreads(
  url: URL,
  threads: number,
  task: SeedTask,
  from: number,
  count: number,
  take: (seed: number, result: RunResult) => boolean,
): Promise<void> {
  const waiting: Map<number, RunResult> = new Map();
  const workers: Worker[] = [];
  let nextToRun = from;
  let nextToTake = from;
  const end = from + count;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      for (const worker of workers) void worker.terminate();
      resolve();
    };
    const feed = (worker: Worker): void => {
      if (nextToRun < end) worker.postMessage(nextToRun++);
    };
    const arrived = (worker: Worker, result: RunResult): void => {
      waiting.set(Number(result.seed), result);
      feed(worker);
      for (;;) {
        const first = waiting.get(nextToTake);
        if (first === undefined) return;
        waiting.delete(nextToTake);
        if (!take(nextToTake++, first) || nextToTake === end) {
          finish();
          return;
        }
      }
    };
    for (let i = 0; i < Math.min(threads, count); i++) {
      const worker = new Worker(url, { workerData: task });
      workers.push(worker);
      worker.on("message", (result: RunResult) => arrived(worker, result));
      worker.on("error", reject);
      feed(worker);
    }
  });
}
