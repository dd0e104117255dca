// A SocketServer with a node's place taken by a recorder: it notes every event, counts what waits to
// be sent the way a node does, and answers through `onReceived`.
import { connect, type Socket } from "node:net";
import type { PeerInfo } from "../../core/node/host.ts";
import { SocketServer } from "../../net/socket-server.ts";

export class EchoServer {
  readonly server: SocketServer;
  /** "connected 0", "ended 0", "closed 0". */
  readonly events: string[] = [];
  readonly log: string[] = [];
  readonly peers: PeerInfo[] = [];
  /** Bytes received per turn and connection, as "turn:id". */
  readonly receivedPerTurn = new Map<string, number>();
  /** Events `sent`, in order. */
  readonly sent: { id: number; count: number }[] = [];
  /** What the node would believe to wait in the host, by connection. */
  readonly unsentBytes: number[] = [];
  keepAliveSeconds = 0;
  /** How far the clock goes between two looks at it. */
  clockStepUs = 0;
  #clockUs = 0;
  /** Whether a turn has lasted too long, after this many pieces received in it. */
  turnPieceCountMax = Infinity;
  #turnPieceCount = 0;
  onReceived: (id: number, bytes: Buffer) => void = (id, bytes) => this.send(id, bytes);
  onEnded: (id: number) => void = (id) => this.server.close(id, true);
  #turn = 0;
  #turnEndRequested = false;

  constructor(options: { lingerMs?: number } = {}) {
    this.server = new SocketServer({
      events: {
        connected: (id, peer) => {
          this.peers.push(peer);
          this.unsentBytes[id] = 0;
          this.events.push(`connected ${id}`);
        },
        received: (id, bytes, start, end) => {
          this.#requestTurnEnd();
          this.#turnPieceCount++;
          const key = `${this.#turn}:${id}`;
          this.receivedPerTurn.set(key, (this.receivedPerTurn.get(key) ?? 0) + end - start);
          this.onReceived(id, Buffer.from(bytes.slice(start, end)));
        },
        ended: (id) => {
          this.events.push(`ended ${id}`);
          this.onEnded(id);
        },
        closed: (id) => this.events.push(`closed ${id}`),
        sent: (id, count) => {
          this.sent.push({ id, count });
          this.unsentBytes[id] -= count;
        },
      },
      requestTurnEnd: () => this.#requestTurnEnd(),
      turnIsLong: () => this.#turnPieceCount >= this.turnPieceCountMax,
      ...options,
      log: (level, message) => this.log.push(`${level}: ${message}`),
      keepAliveSeconds: () => this.keepAliveSeconds,
      monotonicUs: () => {
        this.#clockUs += this.clockStepUs;
        return this.#clockUs;
      },
    });
  }

  #requestTurnEnd(): void {
    if (this.#turnEndRequested) return;
    this.#turnEndRequested = true;
    setImmediate(() => {
      this.#turnEndRequested = false;
      this.#turn++;
      this.server.goOn();
      this.server.endTurn();
      this.#turnPieceCount = 0;
    });
  }

  /** Listens on a free port of the loopback interface. */
  listen(): this {
    if (!this.server.listeners.listenTcp(["127.0.0.1"], 0, 511)) throw new Error(this.log.join());
    return this;
  }

  get port(): number {
    return this.server.listeners.port;
  }

  send(id: number, bytes: Uint8Array): void {
    this.unsentBytes[id] = this.server.send(id, bytes, 0, bytes.length);
  }

  async connect(): Promise<Socket> {
    const before = this.peers.length;
    const socket = connect({ port: this.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    await until(() => this.peers.length > before);
    return socket;
  }

  /** So many connections with the numbers from 0 on, when there were none. */
  async connectAll(count: number): Promise<Socket[]> {
    const sockets: Socket[] = [];
    while (sockets.length < count) sockets.push(await this.connect());
    return sockets;
  }
}

/** Waits for a condition; a test that hangs here fails by its own time limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Everything a socket receives until the other side ends it, or until `count` bytes are there. */
export function receive(socket: Socket, count = Infinity): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (): void => {
      socket.off("data", onData).off("end", done).off("close", done);
      resolve(Buffer.concat(chunks));
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= count) done();
    };
    socket.on("data", onData);
    socket.on("end", done);
    socket.on("close", done);
  });
}

/** `length` bytes that differ from place to place, so that a lost or doubled one shows. */
export function pattern(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + seed, 2654435761);
  return Buffer.from(words.buffer, 0, length);
}
