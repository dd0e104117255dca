// Starting and stopping the two servers that are compared, on loopback.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export interface Server {
  readonly name: "redis" | "seedis";
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of the process to the first PONG. */
  readonly startMs: number;
  /** Processor time that all threads of the process used so far, in microseconds. */
  cpuUs(): number;
  /** The same of its main thread alone: exact while that waits. */
  mainThreadUs(): number;
  /** Resident memory in bytes. */
  residentBytes(): number;
  stop(): Promise<void>;
}

/** One command over a fresh connection; answers with the raw reply text. */
export async function ask(port: number, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    let text = "";
    socket.on("error", reject);
    socket.on("connect", () => {
      const body = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("");
      socket.write(`*${words.length}\r\n${body}`);
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (isWhole(text)) {
        socket.destroy();
        resolve(text);
      }
    });
  });
}

function isWhole(text: string): boolean {
  if (!text.endsWith("\r\n")) return false;
  const bulk = /^\$(\d+)\r\n/.exec(text);
  return bulk === null || text.length >= bulk[0].length + Number(bulk[1]) + 2;
}

/** A number from INFO. */
export async function info(port: number, field: string): Promise<number> {
  const text = await ask(port, "INFO", "everything");
  const match = new RegExp(`^${field}:(.*)\r$`, "m").exec(text);
  return Number(match?.[1] ?? Number.NaN);
}

async function waitForPong(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server on port ${port} ended at once`);
    const reply = await ask(port, "PING").catch(() => "");
    if (reply.startsWith("+PONG")) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** From the scheduler's own count, which is in nanoseconds where /proc/pid/stat has ticks of 10 ms. */
function processorTimeUs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((us, thread) => us + threadTimeUs(pid, thread), 0);
}

function threadTimeUs(pid: number, thread: number | string): number {
  const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
  return Number(text.split(" ")[0]) / 1000;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

interface StartOptions {
  /** A module for Node to load first. */
  readonly preload?: string;
  /** More directives, as on the command line. */
  readonly directives?: readonly string[];
}

/** Starts one of the two without persistence. */
export async function startServer(
  name: Server["name"],
  { preload, directives = [] }: StartOptions = {},
): Promise<Server> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "seedis-bench-"));
  const options = ["--port", String(port), "--save", "", "--dir", directory];
  options.push("--enable-debug-command", "yes", ...directives);
  const began = performance.now();
  const child =
    name === "redis"
      ? spawn("redis-server", options, { stdio: "ignore" })
      : spawn(
          process.execPath,
          [
            ...(preload === undefined ? [] : ["--import", preload]),
            join(root, "bin/seedis"),
            ...options,
          ],
          { stdio: "ignore" },
        );
  const killAtExit = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", killAtExit);
  await waitForPong(port, child);
  const startMs = performance.now() - began;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  return {
    name,
    port,
    pid,
    startMs,
    cpuUs: () => processorTimeUs(pid),
    mainThreadUs: () => threadTimeUs(pid, pid),
    residentBytes: () => Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      process.removeListener("exit", killAtExit);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
