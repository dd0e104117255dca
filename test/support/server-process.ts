// Real server processes for tests: `redis-server` (the reference) or `bin/seedis` (the server under
// test), each on a free loopback port and in a directory of its own.
//
// REDIS_SERVER names another reference program than the one on the PATH, for instance a newer Redis.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RespClient } from "./resp-client.ts";

export type ServerProgram = "redis" | "seedis";

export interface ServerOptions {
  program: ServerProgram;
  /** Command line words after the ones that every test server gets. */
  args?: readonly string[];
  /** Where it runs; a fresh directory, removed by `stop`, when it is not given. */
  directory?: string;
  /** A fixed port, to start again where a server was before. */
  port?: number;
}

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
const OUTPUT_CHARS_MAX = 256 * 1024;
const READY = /Ready to accept connections/;
const SEEDIS = fileURLToPath(new URL("../../bin/seedis", import.meta.url));

/** What every test server is started with: loopback, nothing saved by itself, DEBUG allowed. */
const COMMON_ARGS = ["--bind", "127.0.0.1", "--save", "", "--enable-debug-command", "yes"];

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class ServerProcess {
  readonly program: ServerProgram;
  readonly port: number;
  readonly directory: string;
  private readonly options: ServerOptions;
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private log = "";
  private exitText: string | null = null;

  private constructor(options: ServerOptions, port: number, directory: string) {
    this.options = options;
    this.program = options.program;
    this.port = port;
    this.directory = directory;
    const args = ["--port", `${port}`, "--dir", directory, ...COMMON_ARGS, ...(options.args ?? [])];
    const [file, before] = programOf(options.program);
    this.child = spawn(file, [...before, ...args], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(this.child);
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString("latin1")).slice(-OUTPUT_CHARS_MAX);
    };
    this.child.stdout!.on("data", keep);
    this.child.stderr!.on("data", keep);
    this.exited = new Promise((resolve) => {
      const onEnd = (text: string): void => {
        running.delete(this.child);
        this.exitText ??= text;
        resolve();
      };
      this.child.on("error", (error: NodeJS.ErrnoException) => onEnd(spawnFailure(error, file)));
      this.child.on("close", (code, signal) => onEnd(`it exited with ${signal ?? `code ${code}`}`));
    });
  }

  /** Starts a server and waits until it accepts connections. Throws with its output when it does not. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const port = options.port ?? (await freePort());
    const directory =
      options.directory ?? mkdtempSync(join(tmpdir(), `seedis-test-${options.program}-`));
    const server = new ServerProcess(options, port, directory);
    try {
      await server.waitFor(() => READY.test(server.log), "accept connections");
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Everything it has printed (the last 256 KiB). */
  get output(): string {
    return this.log;
  }

  /** How it ended, or null while it runs. */
  get exit(): string | null {
    return this.exitText;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  connect(name = "client", timeoutMs?: number): Promise<RespClient> {
    const options = { port: this.port, name };
    return RespClient.open(timeoutMs === undefined ? options : { ...options, timeoutMs });
  }

  /** Waits until the output matches. */
  waitForOutput(pattern: RegExp): Promise<void> {
    return this.waitFor(() => pattern.test(this.log), `print ${pattern}`);
  }

  /** Sends a signal and returns at once. */
  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** kill -9, and waits until the process is gone. Its directory stays: start another server in it. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** SIGTERM (SIGKILL when that takes too long), and removes a directory that `start` made. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
    if (this.options.directory === undefined) {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }

  private async waitFor(condition: () => boolean, what: string): Promise<void> {
    const deadlineMs = Date.now() + READY_TIMEOUT_MS;
    while (!condition()) {
      if (this.exitText !== null) {
        throw new Error(`${this.program} did not ${what}: ${this.exitText}\n${this.log}`);
      }
      if (Date.now() > deadlineMs) {
        throw new Error(`${this.program} did not ${what} in time; its output:\n${this.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The program file and the words before its arguments. */
function programOf(program: ServerProgram): [string, string[]] {
  if (program === "seedis") return [process.execPath, [SEEDIS]];
  return [process.env.REDIS_SERVER ?? "redis-server", []];
}

function spawnFailure(error: NodeJS.ErrnoException, file: string): string {
  if (error.code === "ENOENT" && file === "redis-server") {
    return "redis-server not found: apt-get install redis-server";
  }
  return `cannot start ${file}: ${error.message}`;
}

const PORT_MIN = 10_000;
const PORT_MAX = 20_000;

/** A loopback port below the ephemeral range that nothing listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error("no free port found");
}

/** The version of the reference server, such as "7.0.15". Throws when it is not installed. */
export function referenceVersion(): string {
  const [file] = programOf("redis");
  const { error, stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
  if (error !== undefined) throw new Error(spawnFailure(error, file));
  return /v=(\S+)/.exec(stdout)?.[1] ?? stdout;
}
