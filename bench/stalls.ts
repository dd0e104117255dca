// The worst stall: how long a PING waits at most while millions of keys are loaded, expire at once
// and are flushed. Seen from outside for both servers; for Seedis also from inside, as the longest
// delay of its event loop.
import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { promisify } from "node:util";
import { ask, info, type Server } from "./servers.ts";
import type { Row } from "./table.ts";

const run = promisify(execFile);
const PROBE_INTERVAL_MS = 1;

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
  await run("redis-benchmark", [
    "-p",
    String(port),
    "-n",
    String(count),
    "-r",
    "1000000000",
    "-P",
    "32",
    "-q",
    "SET",
    `key:__rand_int__`,
    "value:0123456789",
    ...extra,
  ]);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The event loop's longest delay since the last call, which the preloaded module keeps. */
function loopDelayMs(server: Server, reportFile: string | null): string {
  if (server.name === "redis" || reportFile === null) return "";
  rmSync(reportFile, { force: true });
  process.kill(server.pid, "SIGUSR2");
  const deadline = performance.now() + 2000;
  while (performance.now() < deadline) {
    try {
      const [pid, worst] = readFileSync(reportFile, "utf8").trim().split(" ");
      if (Number(pid) === server.pid) return worst;
    } catch {
      // The file is not written yet.
    }
  }
  return "?";
}

/** Load, expire, flush: worst PING of each in milliseconds. */
export async function measureStalls(
  server: Server,
  keyCount: number,
  expiringCount: number,
  reportFile: string | null,
): Promise<Row[]> {
  const rows: Row[] = [];
  const measure = async (label: string, work: () => Promise<void>): Promise<void> => {
    // Forgets what was before: the start of the program, the work in between.
    loopDelayMs(server, reportFile);
    const worst = await worstPingMs(server.port, work);
    rows.push([`${server.name}: ${label}`, worst.toFixed(1), loopDelayMs(server, reportFile)]);
  };
  await ask(server.port, "FLUSHALL");
  await measure(`${keyCount} keys loaded`, () => fill(server.port, keyCount));
  const before = await info(server.port, "expired_keys");
  const at = Date.now() + Math.max(2000, expiringCount / 100);
  await fill(server.port, expiringCount, "PXAT", String(at));
  await until(async () => Date.now() >= at - 100);
  await measure(`${expiringCount} keys expire at once`, () =>
    until(async () => {
      const expired = (await info(server.port, "expired_keys")) - before;
      return expired >= expiringCount * 0.95 || Date.now() > at + 20_000;
    }),
  );
  await measure("FLUSHALL ASYNC", async () => {
    await ask(server.port, "FLUSHALL", "ASYNC");
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
  return rows;
}
