// The clients of a node: accepting, naming, limiting, pausing, closing.

import type { OutputBufferLimits } from "../config/directive.ts";
import type { Args } from "../resp/args.ts";
import {
  BLOCKED,
  CLOSE_AFTER_REPLY,
  CLOSED,
  Client,
  MONITOR,
  POSTPONED,
  PRIMARY,
  PUBSUB,
  REPLICA,
} from "./client.ts";
import { clientLine } from "./client-line.ts";
import type { ConnectionId, PeerInfo } from "./host.ts";
import { monitorLine } from "./monitor-line.ts";
import type { Node } from "./node.ts";

/** What a Client and its connection cost besides their buffers; an estimate for CLIENT LIST. */
const CLIENT_BYTES = 1024;

const DENIED =
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n";

export class Clients {
  readonly #node: Node;
  readonly #byConnection: Map<ConnectionId, Client> = new Map();
  /** In the order of their ids. */
  readonly #byId: Map<number, Client> = new Map();
  #nextId = 1;
  readonly monitors: Set<Client> = new Set();
  /** Clients whose next command waits for the end of a pause. */
  readonly postponed: Set<Client> = new Set();
  /** Closed at the end of the event: closing in the middle would pull buffers from under others. */
  readonly #doomed: Set<Client> = new Set();
  /** CLIENT PAUSE: until when, and whether only writes wait. */
  pauseEndMs: number = Number.POSITIVE_INFINITY;
  #pauseWritesOnly = false;
  paused = false;

  constructor(node: Node) {
    this.#node = node;
  }

  get count(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<Client> {
    return this.#byId.values();
  }

  byConnection(id: ConnectionId): Client | undefined {
    return this.#byConnection.get(id);
  }

  byId(id: number): Client | undefined {
    return this.#byId.get(id);
  }

  /** A new connection: refused when there are too many or when protected mode forbids it. */
  connect(connection: ConnectionId, peer: PeerInfo): void {
    const { values } = this.#node.config;
    const { statistics, host } = this.#node;
    if (this.#byId.size >= values.maxclients) {
      statistics.rejectedConnections++;
      sendText(host, connection, "-ERR max number of clients reached\r\n");
      host.close(connection, true);
      return;
    }
    if (values.protectedMode && values.requirepass === "" && !peer.loopback && !peer.unixSocket) {
      statistics.rejectedConnections++;
      sendText(host, connection, DENIED);
      host.close(connection, true);
      return;
    }
    statistics.connectionsReceived++;
    const client = new Client(this.#nextId++, connection, peer, this.#node.wallMs);
    client.authenticated = values.requirepass === "";
    this.#byConnection.set(connection, client);
    this.#byId.set(client.id, client);
  }

  /**
   * Closes a client. `flush`: what was written for it still goes out. Its state is cleared at once;
   * a client that is in work stays a valid object until its command ends.
   */
  close(client: Client, flush: boolean): void {
    if (client.has(CLOSED)) return;
    if (flush && this.#node.current === client) this.#node.flushReply(client);
    this.#node.host.close(client.connection, flush);
    this.forget(client);
  }

  /** Closes a client at the end of the event. */
  closeLater(client: Client): void {
    this.#doomed.add(client);
  }

  closeDoomed(): void {
    for (const client of this.#doomed) {
      this.#doomed.delete(client);
      this.close(client, false);
    }
  }

  /** Removes all traces of a client whose connection is gone. */
  forget(client: Client): void {
    if (client.has(CLOSED)) return;
    const node = this.#node;
    client.set(CLOSED);
    node.watch.clear(client);
    node.blocking.forget(client);
    node.notifications.forget(client);
    this.monitors.delete(client);
    this.postponed.delete(client);
    this.#doomed.delete(client);
    client.queue = [];
    client.queueBytes = 0;
    client.query = null;
    client.queryEnd = 0;
    this.#byConnection.delete(client.connection);
    this.#byId.delete(client.id);
  }

  // -- pause --------------------------------------------------------------------------------------

  /** CLIENT PAUSE: a longer pause or a stricter mode wins over the one in force. */
  pause(endMs: number, writesOnly: boolean): void {
    if (this.paused) {
      this.pauseEndMs = Math.max(this.pauseEndMs, endMs);
      this.#pauseWritesOnly = this.#pauseWritesOnly && writesOnly;
    } else {
      this.paused = true;
      this.#node.keyspace.expiryPaused = true;
      this.pauseEndMs = endMs;
      this.#pauseWritesOnly = writesOnly;
    }
  }

  /** True while a command of this kind must wait. */
  pauseHolds(mayReplicate: boolean): boolean {
    return this.paused && (!this.#pauseWritesOnly || mayReplicate);
  }

  get pauseWritesOnly(): boolean {
    return this.#pauseWritesOnly;
  }

  /** Ends the pause: those who waited go on, in the order in which they came. */
  unpause(): void {
    this.paused = false;
    this.#node.keyspace.expiryPaused = false;
    this.pauseEndMs = Number.POSITIVE_INFINITY;
    for (const client of this.postponed) {
      this.postponed.delete(client);
      client.unset(POSTPONED);
      this.#node.resume(client);
    }
  }

  // -- limits ---------------------------------------------------------------------------------------

  /** The class whose client-output-buffer-limit applies, as in CLIENT KILL TYPE. */
  classOf(client: Client): "normal" | "replica" | "pubsub" | "master" {
    if (client.has(PRIMARY)) return "master";
    if (client.has(REPLICA) && !client.has(MONITOR)) return "replica";
    return client.has(PUBSUB) ? "pubsub" : "normal";
  }

  /** Dooms a client whose unsent replies are above its limits. */
  checkOutputLimit(client: Client): void {
    const limits: OutputBufferLimits = this.#node.config.values.clientOutputBufferLimit;
    const kind = this.classOf(client);
    if (kind === "master" || client.has(CLOSE_AFTER_REPLY)) return;
    const { hardBytes, softBytes, softSeconds } = limits[kind];
    const used = client.unsentBytes;
    let over = hardBytes > 0 && used >= hardBytes;
    if (softBytes > 0 && used >= softBytes) {
      if (client.softLimitSinceMs === 0) client.softLimitSinceMs = this.#node.wallMs;
      else if (this.#node.wallMs - client.softLimitSinceMs > softSeconds * 1000) over = true;
    } else {
      client.softLimitSinceMs = 0;
    }
    if (!over) return;
    this.#node.statistics.clientOutputBufferLimitDisconnections++;
    this.#node.log(
      "warning",
      `Client ${this.describe(client)} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    );
    client.set(CLOSE_AFTER_REPLY);
    this.closeLater(client);
  }

  /** Once per tick: idle clients, soft limits. */
  tick(): void {
    const { wallMs, config } = this.#node;
    if (this.paused && wallMs >= this.pauseEndMs) this.unpause();
    const timeoutMs = config.values.timeout * 1000;
    for (const client of this.#byId.values()) {
      if (client.unsentBytes > 0) this.checkOutputLimit(client);
      if (
        timeoutMs > 0 &&
        wallMs - client.lastInteractionMs > timeoutMs &&
        (client.flags & (REPLICA | PRIMARY | BLOCKED | PUBSUB)) === 0
      ) {
        this.#node.log("verbose", "Closing idle client");
        this.close(client, false);
      }
    }
  }

  /** The host's word on time limits may be finer than the tick: called when a deadline passed. */
  checkPause(): void {
    if (this.paused && this.#node.wallMs >= this.pauseEndMs) this.unpause();
  }

  /** Bytes that all clients hold, as of the last tick: adding them up takes a walk over all. */
  memoryBytes = 0;

  sampleMemory(): void {
    let bytes = 0;
    for (const client of this.#byId.values()) bytes += this.memoryOf(client);
    this.memoryBytes = bytes;
  }

  memoryOf(client: Client): number {
    return (
      CLIENT_BYTES +
      (client.query?.length ?? 0) +
      (client.pushReply?.bytes.length ?? 0) +
      client.unsentBytes +
      client.queueBytes +
      client.watched.length * 64
    );
  }

  // -- looking --------------------------------------------------------------------------------------

  /** The client as CLIENT LIST shows it. */
  describe(client: Client): string {
    return clientLine(this.#node, client);
  }

  /** Sends a command to all clients in MONITOR mode. */
  feedMonitors(client: Client, args: Args): void {
    const line = monitorLine(this.#node, client, args);
    for (const monitor of this.monitors) {
      this.#node.replyTo(monitor).raw(line);
    }
  }
}

function sendText(host: Node["host"], connection: ConnectionId, text: string): void {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  host.send(connection, bytes, 0, bytes.length);
}
