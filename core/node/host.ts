// The boundary between the node and the world. Events go in as calls on `Node` (node.ts), each
// with the host's time; effects come out through `Host`. A host is the TCP server, the simulator
// or an embedding program. Nothing else crosses.
//
// All calls are synchronous; a host never calls back into the node from inside an effect: what an
// effect leads to (bytes sent, a file written, a connection gone) comes as a later event.

/** Connection number, given by the host: unique among open connections, small, reusable. */
export type ConnectionId = number;

export type LogLevel = "debug" | "verbose" | "notice" | "warning";

export interface Host {
  /**
   * Send bytes[start, end) to the peer, in order. The bytes are only valid during this call: a host
   * that cannot pass them on at once copies them. Answers with the number of bytes of this connection
   * that now wait in the host (0 when the kernel took everything): an input like any other. What
   * leaves later is reported by `onSent`.
   */
  send(connection: ConnectionId, bytes: Uint8Array, start: number, end: number): number;
  /**
   * Close the connection: after what was sent has gone out (`flush` true), or at once, dropping it.
   * The node has already forgotten it; no further event of this connection may be delivered.
   */
  close(connection: ConnectionId, flush: boolean): void;
  /** Stop (or go on) reading from the connection: the node has enough of its bytes unanswered. */
  pauseReading(connection: ConnectionId, paused: boolean): void;
  /** A log line, without time and level mark. */
  log(level: LogLevel, message: string): void;
  /** Read a small file whole; answered by `onFileRead` with the same tag. */
  readFile(tag: number, path: string): void;
  /** Replace a small file atomically (temp file, fsync, rename); answered by `onFileWritten`. */
  writeFile(tag: number, path: string, bytes: Uint8Array): void;
  /** Directives changed at run time that the host acts on (port, bind, loglevel, tcp-keepalive …). */
  configChanged(names: readonly string[]): string | null;
  /** End the process with this exit code. Comes after everything sent before has been handed over. */
  exit(code: number): void;
  /**
   * The monotonic clock in microseconds, read around each command for SLOWLOG, LATENCY and
   * commandstats. Its answers are inputs like any other: the simulator gives virtual time.
   */
  monotonicUs(): number;
  /** Let the whole node sleep (DEBUG SLEEP). */
  sleep(microseconds: number): void;
  /**
   * With so many bytes more the JavaScript heap would be nearly full: a script that goes on taking memory
   * would end the process.
   */
  heapIsShort(wantedBytes: number): boolean;
  /** The node has given up much memory: let the garbage collector find it. A host need not be able to. */
  returnMemory?(): void;
  /** Facts of the process for INFO, MEMORY and CLIENT LIST; constants in the simulator. */
  processFacts(): ProcessFacts;
}

/** What INFO reports about the process and machine. Bytes, seconds. */
export interface ProcessFacts {
  pid: number;
  executable: string;
  configFile: string;
  osName: string;
  archBits: number;
  residentBytes: number;
  systemMemoryBytes: number;
  cpuUserSeconds: number;
  cpuSystemSeconds: number;
  /** e.g. "node-20.20.2"; shown as the allocator's runtime. */
  runtime: string;
}

/** Where a new connection comes from, as CLIENT LIST prints it. */
export interface PeerInfo {
  /** "127.0.0.1:50000", "[::1]:50000" or "/path/of.sock:0". */
  address: string;
  /** The local end, in the same form. */
  localAddress: string;
  unixSocket: boolean;
  /** True when the peer is on the loopback interface: protected mode lets it in. */
  loopback: boolean;
  /** The file descriptor shown by CLIENT LIST; any number where there is none. */
  descriptor: number;
}
