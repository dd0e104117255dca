// The connections of the real host: it accepts them, tells the node what comes in, and writes what
// the node sends. The node knows a connection by a small number, which is free again as soon as
// either side has said that it is over.
//
// Time is cut into turns of the event loop. In a turn sockets are read, each for its share of time.
// Once a turn has lasted too long (many clients at once, or code that V8 has not compiled yet), what is
// still read in it is put aside, in order, for the next turns: those who were served get their replies
// first, and timers are on time.
//
// What the node sends, replies and messages alike, piles up and is written by `endTurn`: one write
// per connection and turn. Writing each reply at once was measured too and is slower: a client that
// waits is woken by its first reply, serves it, sleeps, and is woken again by the next, and every
// one of these wake-ups is paid for in our write (redis-benchmark with 50 connections, pipelines of
// 16 and random keys: a quarter more processor time). Replies that become large go out on the way.
import net from "node:net";
import type { ConnectionId, PeerInfo } from "../core/node/host.ts";
import {
  ChunkPool,
  Connection,
  type ConnectionListener,
  ReadBuffer,
  type Shared,
} from "./connection.ts";
import { Listeners } from "./listeners.ts";
import { peerInfo } from "./peer.ts";
import { TurnBuffer } from "./turn-buffer.ts";

/** A connection that has kept the node busy for so long with full reads waits for the next turn. */
const SHARE_US = 200;
const LINGER_MS = 60_000;
/** A reply of this size does not wait for the end of the turn. */
const EARLY_WRITE_BYTES = 64 * 1024;

/** What happens on connections: the node's events, without the time. */
export interface ConnectionEvents {
  connected(id: ConnectionId, peer: PeerInfo): void;
  received(id: ConnectionId, bytes: Uint8Array, start: number, end: number): void;
  ended(id: ConnectionId): void;
  closed(id: ConnectionId): void;
  sent(id: ConnectionId, count: number): void;
}

export interface SocketServerOptions {
  readonly events: ConnectionEvents;
  /** There is something to do at the end of this turn: call `goOn`, `endTurn` then. May come often. */
  readonly requestTurnEnd: () => void;
  /** The node has been busy for so long in this turn that it should come to an end. */
  readonly turnIsLong: () => boolean;
  readonly log: (level: "verbose" | "warning", message: string) => void;
  /** Seconds without traffic after which the kernel asks whether the peer is alive; 0 = never. */
  readonly keepAliveSeconds: () => number;
  /** A clock, to share out the time. */
  readonly monotonicUs: () => number;
  /** How long a connection whose last bytes go out may make no progress: a minute unless given. */
  readonly lingerMs?: number;
}

/** What the node is told of a connection without a peer. */
const NOBODY: PeerInfo = {
  address: "127.0.0.1:0",
  localAddress: "127.0.0.1:0",
  unixSocket: false,
  loopback: true,
  descriptor: -1,
};

export class SocketServer implements ConnectionListener {
  readonly listeners: Listeners;
  readonly #options: SocketServerOptions;
  readonly #events: ConnectionEvents;
  readonly #shared: Shared;
  readonly #readBuffer = new ReadBuffer();
  readonly #turnBuffer = new TurnBuffer();
  /** By number; null where a number is free. */
  readonly #connections: (Connection | null)[] = [];
  readonly #freeIds: number[] = [];
  /** Connections the node has forgotten but whose last bytes are still going out. */
  readonly #lingering = new Set<Connection>();
  /** The connection whose bytes the node is working on. */
  #reading: Connection | null = null;
  /** Have something to write in `endTurn`. */
  #dirty: Connection[] = [];
  /** Go on reading in the next turn. */
  #resting: Connection[] = [];
  /** Rest as well, and have something put aside. The first is served first. */
  #late: Connection[] = [];
  #unixPath = "";

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#events = options.events;
    this.#shared = {
      listener: this,
      pool: new ChunkPool(),
      turnBuffer: this.#turnBuffer,
      readBuffer: this.#readBuffer,
    };
    this.listeners = new Listeners({
      accept: (socket, unixSocket) => this.#accept(socket, unixSocket),
      warn: (message) => options.log("warning", message),
    });
  }

  /** As `Listeners.listenUnix`; the path is how peers on it are shown. */
  listenUnix(path: string, mode: number, backlog: number): Promise<string | null> {
    this.#unixPath = path;
    return this.listeners.listenUnix(path, mode, backlog);
  }

  #accept(accepted: net.Socket, unixSocket: boolean): void {
    const peer = peerInfo(accepted, unixSocket ? this.#unixPath : null);
    this.#options.log(
      "verbose",
      unixSocket ? `Accepted connection to ${this.#unixPath}` : `Accepted ${peer.address}`,
    );
    const connection = this.#add(accepted);
    const keepAliveSeconds = unixSocket ? 0 : this.#options.keepAliveSeconds();
    if (keepAliveSeconds > 0) connection.socket.setKeepAlive(true, keepAliveSeconds * 1000);
    this.#events.connected(connection.id, peer);
  }

  #add(socket: net.Socket, descriptor?: number): Connection {
    const id = this.#freeIds.pop() ?? this.#connections.length;
    const connection = new Connection(id, socket, this.#shared, descriptor);
    this.#connections[id] = connection;
    return connection;
  }

  /**
   * A connection without a peer: what is sent to it is written to `descriptor`, which stays open, and what
   * the answer is called with is received from it, as if it came through a socket.
   */
  connectNobody(descriptor: number): (bytes: Uint8Array) => void {
    const connection = this.#add(new net.Socket(), descriptor);
    this.#events.connected(connection.id, NOBODY);
    return (bytes) => {
      let start = 0;
      while (start < bytes.length) {
        const end = Math.min(start + connection.readBytesMax, bytes.length);
        this.#readBuffer.bytes.set(bytes.subarray(start, end));
        this.#take(connection, end - start);
        start = end;
      }
    };
  }

  // What the node does to connections.

  /** Answers with the number of bytes that now wait for the kernel; `sent` follows for these. */
  send(id: ConnectionId, bytes: Uint8Array, start: number, end: number): number {
    const connection = this.#connections[id]!;
    try {
      connection.append(bytes, start, end);
    } catch (error) {
      return this.#giveUp(connection, end - start, error);
    }
    if (connection.waitingBytes > EARLY_WRITE_BYTES && connection === this.#reading) {
      connection.flush();
    }
    // The answer counts what is written up to now.
    connection.takeWritten();
    if (connection.waitingBytes > 0) this.#markDirty(connection);
    return connection.waitingBytes;
  }

  /** There is no memory for a reply: its connection is lost, and nothing else. */
  #giveUp(connection: Connection, count: number, error: unknown): number {
    if (!(error instanceof RangeError)) throw error;
    this.#options.log("warning", `Out Of Memory allocating ${count} bytes for a reply!`);
    connection.socket.destroy();
    return connection.waitingBytes;
  }

  close(id: ConnectionId, flush: boolean): void {
    const connection = this.#connections[id]!;
    this.#forget(connection);
    if (!flush || connection.waitingBytes === 0) {
      connection.socket.destroy();
      return;
    }
    this.#lingering.add(connection);
    const { lingerMs = LINGER_MS } = this.#options;
    connection.socket.setTimeout(lingerMs, () => connection.socket.destroy());
    // What the peer still says is of no interest, and must not keep this process busy.
    connection.socket.pause();
    this.#markDirty(connection);
  }

  pauseReading(id: ConnectionId, paused: boolean): void {
    const connection = this.#connections[id]!;
    connection.paused = paused;
    if (paused) connection.socket.pause();
    else if (!connection.resting) this.#resume(connection);
  }

  #resume(connection: Connection): void {
    if (connection.lateBytes === null) connection.socket.resume();
    else this.#putAside(connection);
  }

  #forget(connection: Connection): void {
    connection.forgotten = true;
    this.#connections[connection.id] = null;
    this.#freeIds.push(connection.id);
  }

  // What connections report.

  onRead(connection: Connection, count: number): boolean {
    if (connection.forgotten) return false;
    if (this.#late.length > 0 || this.#options.turnIsLong()) {
      connection.lateBytes = this.#readBuffer.bytes.slice(0, count);
      this.#putAside(connection);
      return false;
    }
    this.#take(connection, count);
    return !(connection.forgotten || connection.paused || connection.resting);
  }

  /** What the connection has read waits for its turn, and it reads no more until then. */
  #putAside(connection: Connection): void {
    connection.resting = true;
    this.#late.push(connection);
    this.#options.requestTurnEnd();
  }

  /** `count` bytes that are in the buffer go to the node. */
  #take(connection: Connection, count: number): void {
    // Looking at the clock is for those who send a lot.
    if (connection.isFullRead(count)) this.#receiveFull(connection, count);
    else this.#receive(connection, count);
  }

  #receive(connection: Connection, count: number): void {
    this.#reading = connection;
    this.#events.received(connection.id, this.#readBuffer.bytes, 0, count);
    this.#reading = null;
  }

  #receiveFull(connection: Connection, count: number): void {
    const startUs = this.#options.monotonicUs();
    this.#receive(connection, count);
    connection.noteFullRead(this.#options.monotonicUs() - startUs);
    if (connection.busyUs < SHARE_US || connection.resting) return;
    connection.resting = true;
    this.#resting.push(connection);
    this.#options.requestTurnEnd();
  }

  onPeerEnded(connection: Connection): void {
    if (!connection.forgotten) this.#events.ended(connection.id);
  }

  onSocketClosed(connection: Connection): void {
    this.#lingering.delete(connection);
    if (connection.forgotten) return;
    this.#forget(connection);
    this.#events.closed(connection.id);
  }

  onWritable(connection: Connection): void {
    this.#markDirty(connection);
  }

  // The end of a turn.

  /** At the end of the next turn: takes up what was put aside, until that has lasted too long as well. */
  goOn(): void {
    if (this.#late.length === 0) return;
    let count = 0;
    while (count < this.#late.length && !this.#options.turnIsLong()) {
      this.#takeLate(this.#late[count++]);
    }
    this.#late.splice(0, count);
    if (this.#late.length > 0) this.#options.requestTurnEnd();
  }

  #takeLate(connection: Connection): void {
    connection.resting = false;
    const { lateBytes } = connection;
    // A pause keeps what was put aside.
    if (connection.forgotten || connection.paused || lateBytes === null) return;
    connection.lateBytes = null;
    this.#readBuffer.bytes.set(lateBytes);
    this.#take(connection, lateBytes.length);
    if (!connection.forgotten && !connection.paused && !connection.resting) {
      connection.socket.resume();
    }
  }

  #markDirty(connection: Connection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    this.#dirty.push(connection);
    this.#options.requestTurnEnd();
  }

  /** Writes what was sent in this turn, and lets those read on that had their share of it. */
  endTurn(): void {
    const resting = this.#resting;
    this.#resting = [];
    for (const connection of resting) {
      connection.resting = false;
      connection.busyUs = 0;
      if (!connection.paused && !connection.forgotten) connection.socket.resume();
    }
    const dirty = this.#dirty;
    const { size } = this.#turnBuffer;
    this.#dirty = [];
    for (const connection of dirty) {
      connection.dirty = false;
      this.#flush(connection);
    }
    // All that was in there is with the kernel or in a chunk.
    if (this.#turnBuffer.size === size) this.#turnBuffer.clear();
  }

  #flush(connection: Connection): void {
    connection.flush();
    const count = connection.takeWritten();
    if (connection.forgotten) {
      if (connection.waitingBytes === 0) connection.socket.destroy();
    } else if (count > 0) {
      this.#events.sent(connection.id, count);
    }
    if (connection.writable) this.#markDirty(connection);
  }

  /** Number of connections that the node knows of. */
  get connectionCount(): number {
    return this.#connections.length - this.#freeIds.length;
  }

  /** Number of connections that the node has closed and whose last bytes are still going out. */
  get lingeringCount(): number {
    return this.#lingering.size;
  }

  /** Stops listening and ends all connections, after giving the kernel what it takes at once. */
  shutdown(): void {
    this.listeners.close();
    for (const connection of [...this.#connections, ...this.#lingering]) {
      while (connection?.writable) connection.flush();
      connection?.socket.destroy();
    }
  }
}
