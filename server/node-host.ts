// The real host of a node: sockets, files, clocks and the process. The program (main.ts) and the
// library (index.ts) both run a node on it; they differ in where the log goes, in what an exit means
// and in what else a change of configuration does to the process.
import { machine, release, totalmem, type } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { Config } from "../core/config/config.ts";
import type { ConnectionId, Host, LogLevel, ProcessFacts } from "../core/node/host.ts";
import { useTextCodec } from "../core/util/text-codec.ts";
import { WIDE_ZERO } from "../core/util/wide.ts";
import { monotonicUs } from "../net/clock.ts";
import { type ConnectionEvents, SocketServer } from "../net/socket-server.ts";
import { type DrivenNode, EventLoop } from "./event-loop.ts";
import { Files } from "./files.ts";
import { collectGarbage } from "./garbage.ts";
import { waitMs } from "./logger.ts";
import { nativeTextCodec } from "./native-text.ts";

/** Resident memory is asked for this often at most: it costs a read of /proc. */
const RESIDENT_BYTES_AGE_US_MAX = 100_000;
/** Share of the JavaScript heap's limit that may be in use; the rest is for what is not a script's. */
const HEAP_USED_MAX = 0.75;

export interface NodeHostOptions {
  readonly config: Config;
  readonly log: (level: LogLevel, message: string) => void;
  /** The node has ended with this exit code; its sockets are closed. */
  readonly exit: (code: number) => void;
  /** Directives that concern the process, not the sockets. Null, or why it cannot be done. */
  readonly applyToProcess?: (names: readonly string[]) => string | null;
  /** Path of the program, for INFO. */
  readonly executable: string;
}

export class NodeHost implements Host {
  readonly #options: NodeHostOptions;
  readonly #config: Config;
  readonly #server: SocketServer;
  readonly #files: Files;
  // Set by `drive`, before which nothing can happen.
  #node!: DrivenNode;
  #loop!: EventLoop;
  #exiting = false;
  #residentBytes = WIDE_ZERO;
  #residentReadUs = Number.NEGATIVE_INFINITY;

  constructor(options: NodeHostOptions) {
    useTextCodec(nativeTextCodec);
    this.#options = options;
    this.#config = options.config;
    this.#server = new SocketServer({
      events: this.#connectionEvents(),
      requestTurnEnd: () => this.#loop.requestTurnEnd(),
      turnIsLong: () => this.#loop.turnIsLong(),
      log: options.log,
      keepAliveSeconds: () => this.#config.values.tcpKeepalive,
      monotonicUs,
    });
    this.#files = new Files({
      read: (tag, bytes, error) => {
        if (this.#beginEvent()) this.#node.onFileRead(tag, bytes, error);
      },
      written: (tag, error) => {
        if (this.#beginEvent()) this.#node.onFileWritten(tag, error);
      },
    });
  }

  #connectionEvents(): ConnectionEvents {
    return {
      connected: (id, peer) => {
        if (this.#beginEvent()) this.#node.onConnected(id, peer);
      },
      received: (id, bytes, start, end) => {
        if (this.#beginEvent()) this.#node.onReceived(id, bytes, start, end);
      },
      ended: (id) => {
        if (this.#beginEvent()) this.#node.onEnded(id);
      },
      closed: (id) => {
        if (this.#beginEvent()) this.#node.onClosed(id);
      },
      // At the end of a turn, whose time still holds; and nothing follows from it that would need
      // another turn.
      sent: (id, count) => {
        if (!this.#exiting) this.#node.onSent(id, count);
      },
    };
  }

  /** False once the node has asked to exit: it hears of nothing more then. */
  #beginEvent(): boolean {
    if (this.#exiting) return false;
    this.#loop.beginEvent();
    return true;
  }

  /** Connects the node, which was made with this host, to the world. To be called once. */
  drive(node: DrivenNode): void {
    this.#node = node;
    this.#loop = new EventLoop(
      node,
      this.#server,
      () => this.#config.values.maxmemoryClients !== 0,
    );
    this.#loop.start();
  }

  /** Listens where the configuration says. Null, or why the server cannot start, for the log. */
  async listen(): Promise<string | null> {
    const { values } = this.#config;
    if (!this.#listenTcp()) return `Failed listening on port ${values.port} (tcp), aborting.`;
    if (values.unixsocket !== "") {
      const { unixsocket, unixsocketperm, tcpBacklog } = values;
      const error = await this.#server.listenUnix(unixsocket, unixsocketperm, tcpBacklog);
      if (error !== null) return `Failed opening Unix socket: ${error}`;
    }
    if (this.#server.listeners.count > 0) return null;
    return "Configured to not listen anywhere, exiting.";
  }

  /** As `listen`, on a free port of the first address, which the configuration then says. */
  listenOnFreePort(): Promise<string | null> {
    const { bind, tcpBacklog } = this.#config.values;
    const { listeners } = this.#server;
    if (listeners.listenTcp(bind.slice(0, 1), 0, tcpBacklog)) {
      this.#config.assign("port", [String(listeners.port)]);
    }
    return this.listen();
  }

  /** See `SocketServer.connectNobody`. */
  connectNobody(descriptor: number): (bytes: Uint8Array) => void {
    return this.#server.connectNobody(descriptor);
  }

  #listenTcp(): boolean {
    const { bind, port, tcpBacklog } = this.#config.values;
    return this.#server.listeners.listenTcp(port === 0 ? [] : bind, port, tcpBacklog);
  }

  /** Ends the node from outside, as a SHUTDOWN NOSAVE would. */
  stop(): void {
    this.exit(0);
  }

  /** A signal that asks the process to end. */
  signal(signal: "SIGTERM" | "SIGINT"): void {
    if (this.#beginEvent()) this.#node.onSignal(signal);
  }

  // -- effects ----------------------------------------------------------------------------------

  send(connection: ConnectionId, bytes: Uint8Array, start: number, end: number): number {
    return this.#server.send(connection, bytes, start, end);
  }

  close(connection: ConnectionId, flush: boolean): void {
    this.#server.close(connection, flush);
  }

  pauseReading(connection: ConnectionId, paused: boolean): void {
    this.#server.pauseReading(connection, paused);
  }

  log(level: LogLevel, message: string): void {
    this.#options.log(level, message);
  }

  readFile(tag: number, path: string): void {
    this.#files.read(tag, path);
  }

  writeFile(tag: number, path: string, bytes: Uint8Array): void {
    this.#files.write(tag, path, bytes);
  }

  configChanged(names: readonly string[]): string | null {
    if (names.includes("port") && !this.#listenTcp()) {
      return "Unable to listen on this port. Check server logs.";
    }
    if (names.includes("bind") && !this.#listenTcp()) {
      return "Failed to bind to specified addresses.";
    }
    return this.#options.applyToProcess?.(names) ?? null;
  }

  exit(code: number): void {
    if (this.#exiting) return;
    this.#exiting = true;
    this.#loop.stop();
    this.#server.shutdown();
    this.#files.idle.then(() => this.#options.exit(code));
  }

  monotonicUs(): number {
    return monotonicUs();
  }

  sleep(microseconds: number): void {
    waitMs(microseconds / 1000);
  }

  heapIsShort(wantedBytes: number): boolean {
    const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
    return usedBytes + wantedBytes > limitBytes * HEAP_USED_MAX;
  }

  returnMemory(): void {
    collectGarbage();
  }

  processFacts(): ProcessFacts {
    const { user, system } = process.cpuUsage();
    return {
      pid: process.pid,
      executable: this.#options.executable,
      configFile: this.#config.configFile,
      osName: `${type()} ${release()} ${machine()}`,
      archBits: 64,
      residentBytes: this.#resident(),
      systemMemoryBytes: totalmem(),
      cpuUserSeconds: user / 1e6,
      cpuSystemSeconds: system / 1e6,
      runtime: `node-${process.versions.node}`,
    };
  }

  #resident(): number {
    const nowUs = monotonicUs();
    if (nowUs - this.#residentReadUs > RESIDENT_BYTES_AGE_US_MAX) {
      this.#residentReadUs = nowUs;
      this.#residentBytes = process.memoryUsage.rss();
    }
    return this.#residentBytes;
  }
}
