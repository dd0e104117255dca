// A client for tests that hides nothing: it sends exactly the bytes it is given and hands out exactly
// the bytes of each reply, with their decoded form beside them.
//
// Replies and pushes come out in the order of the wire, one per `read()`; nothing is matched to a
// command, so a test can look at pipelines, pushes and half-closed connections as they are.

import { connect, type Socket } from "node:net";
import { encodeReply, parseReply, type RespValue } from "./resp-value.ts";

/** One reply: the bytes as they came (latin1 string) and what they mean. */
export interface Reply {
  raw: string;
  value: RespValue;
}

export interface RespClientOptions {
  port: number;
  host?: string;
  /** The path of a unix socket; takes the place of host and port. */
  path?: string;
  /** Shown in error messages. */
  name?: string;
  /** How long `read` waits before it gives up. Only a hang ever takes that long. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;

/** A command as RESP bytes: arguments are latin1 strings (one character per byte) or buffers. */
export function encodeCommand(args: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "string" ? Buffer.from(arg, "latin1") : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

export class RespClient {
  readonly name: string;
  private readonly socket: Socket;
  private readonly timeoutMs: number;
  private received: Buffer = Buffer.alloc(0);
  /** Below this many buffered bytes no whole reply can be there. */
  private bytesNeeded = 1;
  private ended = false;
  private wake: (() => void) | null = null;

  private constructor(socket: Socket, options: RespClientOptions) {
    this.socket = socket;
    this.name = options.name ?? "client";
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
      this.wake?.();
    });
    socket.on("close", () => {
      this.ended = true;
      this.wake?.();
    });
    // A reset is how a server drops a connection with unread input; for a test it is a close.
    socket.on("error", () => {});
  }

  static open(options: RespClientOptions): Promise<RespClient> {
    const { port, host = "127.0.0.1", path } = options;
    const socket = path === undefined ? connect(port, host) : connect(path);
    return new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(new RespClient(socket, options)));
      socket.once("error", (error) => {
        const place = path ?? `${host}:${port}`;
        reject(new Error(`cannot connect to ${place}: ${error.message}`));
      });
    });
  }

  /** Sends bytes as they are (a string is latin1). */
  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Sends a command without waiting for its reply. */
  send(...args: (string | Buffer)[]): void {
    this.write(encodeCommand(args));
  }

  /** Sends a command and reads one reply. */
  async command(...args: (string | Buffer)[]): Promise<Reply> {
    this.send(...args);
    const reply = await this.read();
    if (reply === null) {
      throw new Error(`${this.name}: connection closed instead of a reply to ${String(args[0])}`);
    }
    return reply;
  }

  /** The next reply or push; null when the server has closed the connection. */
  async read(): Promise<Reply | null> {
    let expired = false;
    const deadline = setTimeout(() => {
      expired = true;
      this.wake?.();
    }, this.timeoutMs);
    try {
      for (;;) {
        const reply = this.takeReply();
        if (reply !== null) return reply;
        if (this.ended && this.received.length === 0) return null;
        const rest = JSON.stringify(this.unreadBytes().slice(0, 120));
        if (this.ended) throw new Error(`${this.name}: closed inside a reply: ${rest}`);
        if (expired) {
          throw new Error(
            `${this.name}: no whole reply within ${this.timeoutMs} ms; received so far: ${rest}`,
          );
        }
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        this.wake = null;
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Bytes that have arrived and were not read. */
  unreadBytes(): string {
    return this.received.toString("latin1");
  }

  /** Tells the server that nothing more will be sent; replies can still be read. */
  endInput(): void {
    this.socket.end();
  }

  /** Drops the connection at once. A reset, so that thousands of short connections leave no TIME_WAIT behind. */
  close(): void {
    this.socket.resetAndDestroy();
  }

  private takeReply(): Reply | null {
    if (this.received.length < this.bytesNeeded) return null;
    const parsed = parseReply(this.received);
    if (parsed.value === null) {
      this.bytesNeeded = parsed.bytesNeeded;
      return null;
    }
    const raw = this.received.toString("latin1", 0, parsed.end);
    if (encodeReply(parsed.value) !== raw) {
      throw new Error(`${this.name}: reply is not in canonical form: ${JSON.stringify(raw)}`);
    }
    this.received = this.received.subarray(parsed.end);
    this.bytesNeeded = 1;
    return { raw, value: parsed.value };
  }
}
