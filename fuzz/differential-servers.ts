// The two servers of the differential fuzzer, and connections that send many commands at once.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Words } from "./differential-commands.ts";

/** Small limits, so that values change their encoding often. */
const LIMITS = [
  ["list-max-listpack-size", "8"],
  ["hash-max-listpack-entries", "12"],
  ["hash-max-listpack-value", "30"],
  ["zset-max-listpack-entries", "12"],
  ["zset-max-listpack-value", "30"],
  ["set-max-intset-entries", "12"],
  ["stream-node-max-entries", "5"],
  ["hll-sparse-max-bytes", "300"],
].flatMap(([name, value]) => [`--${name}`, value]);

/** Where a server stands still, nothing else ends the wait. */
const REPLY_TIMEOUT_MS = 60_000;
const CONNECT_ATTEMPTS = 400;
const CONNECT_PAUSE_MS = 50;

export class FuzzedServer {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #wake: (() => void) | null = null;
  #isClosed = false;
  #batches = 0;

  private constructor(name: string, child: ChildProcess, directory: string, socket: Socket) {
    this.name = name;
    this.#child = child;
    this.#directory = directory;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.#received.push(chunk);
      this.#wake?.();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  /** `redis-server` from the PATH, or the one that REDIS_SERVER names. */
  static startReference(): Promise<FuzzedServer> {
    return FuzzedServer.#start("redis", process.env.REDIS_SERVER ?? "redis-server", []);
  }

  /** This project's server, or the program that SEEDIS_SERVER names. */
  static startSeedis(): Promise<FuzzedServer> {
    const program = fileURLToPath(new URL("../bin/seedis", import.meta.url));
    return FuzzedServer.#start("seedis", process.execPath, [process.env.SEEDIS_SERVER ?? program]);
  }

  static async #start(name: string, file: string, before: string[]): Promise<FuzzedServer> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), `seedis-fuzz-${name}-`));
    const options = [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--enable-debug-command",
      "local",
      "--dir",
      directory,
    ];
    const child = spawn(file, [...before, ...options, ...LIMITS], { stdio: "ignore" });
    for (let attempt = 0; ; attempt++) {
      const socket = await tryConnect(port);
      if (socket !== null) return new FuzzedServer(name, child, directory, socket);
      if (child.exitCode !== null || attempt === CONNECT_ATTEMPTS) {
        throw new Error(`${file} does not start`);
      }
      await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE_MS));
    }
  }

  /**
   * Sends the commands at once and answers with the bytes of all replies. A transaction that is left
   * open is discarded.
   */
  async run(commands: readonly Words[]): Promise<Buffer> {
    const mark = `end of batch ${this.#batches++}`;
    this.#socket.write(encode([...commands, ["DISCARD"], ["ECHO", mark]]));
    const tail = Buffer.from(`$${mark.length}\r\n${mark}\r\n`);
    const timer = setTimeout(() => this.#socket.destroy(), REPLY_TIMEOUT_MS);
    for (;;) {
      const last = this.#received.at(-1);
      if (last !== undefined && last[last.length - 1] === 10) {
        const whole = Buffer.concat(this.#received);
        this.#received = [whole];
        if (whole.length >= tail.length && whole.subarray(-tail.length).equals(tail)) {
          clearTimeout(timer);
          this.#received = [];
          return whole.subarray(0, -tail.length);
        }
      }
      if (this.#isClosed) throw new Error(`${this.name} closed the connection, or did not answer`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  stop(): void {
    this.#socket.destroy();
    this.#child.kill("SIGKILL");
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function encode(commands: readonly Words[]): Buffer {
  let text = "";
  for (const words of commands) {
    text += `*${words.length}\r\n`;
    for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  }
  return Buffer.from(text, "latin1");
}

function tryConnect(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** Offsets behind each reply in the bytes. */
export function replyEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    at = replyEnd(bytes, at);
    ends.push(at);
  }
  return ends;
}

function replyEnd(bytes: Buffer, start: number): number {
  const lineEnd = bytes.indexOf("\r\n", start) + 2;
  const count = (): number => Number(bytes.toString("latin1", start + 1, lineEnd - 2));
  switch (String.fromCharCode(bytes[start])) {
    case "$":
    case "=":
    case "!": {
      const length = count();
      return length < 0 ? lineEnd : lineEnd + length + 2;
    }
    case "*":
    case "~":
    case ">":
    case "%": {
      let items = bytes[start] === 37 ? count() * 2 : count();
      let at = lineEnd;
      for (; items > 0; items--) at = replyEnd(bytes, at);
      return at;
    }
    default:
      return lineEnd;
  }
}
