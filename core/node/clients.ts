// The clients of a node: accepting, naming, limiting, pausing, closing.

import type { OutputBufferLimits } from "../config/directive.ts";
import type { Args } from "../resp/args.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import {
  BLOCKED,
  CLOSE_AFTER_REPLY,
  CLOSE_ASAP,
  CLOSED,
  Client,
  MONITOR,
  NO_EVICT,
  POSTPONED,
  PRIMARY,
  PUBSUB,
  REPLICA,
} from "./client.ts";
import { clientLine } from "./client-line.ts";
import {
  adaptReplyBuffer,
  clientMemoryBytes,
  limitedReplyBytes,
  memoryClass,
  secondsBetween,
  trimQuery,
} from "./client-memory.ts";
import type { ConnectionId, PeerInfo } from "./host.ts";
import { monitorLine } from "./monitor-line.ts";
import type { Node } from "./node.ts";
import { RecentPeak } from "./recent-peak.ts";

/** At least so many clients are looked after in each tick. */
const TURNS_MIN = 5;
/** Less than this for all clients together would lock everybody out. */
const MEMORY_LIMIT_BYTES_MIN = 128 * 1024;
/** The largest reply of a client is forgotten after this time, unless DEBUG says otherwise. */
export const REPLY_PEAK_MS = 5000;

const DENIED =
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n";

/** Kinds of clients, as CLIENT KILL TYPE names them. */
export type ClientClass = "normal" | "replica" | "pubsub" | "master";

export class Clients {
  readonly #node: Node;
  /** By the host's numbers, which are small. */
  readonly #byConnection: (Client | undefined)[] = [];
  /** In the order of their ids. */
  readonly #byId: Map<number, Client> = new Map();
  #nextId = 1;
  /** Whose turn it is to be looked after. */
  #turns: IterableIterator<Client> = this.#byId.values();
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
    return this.#byConnection[id];
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
    this.#byConnection[connection] = client;
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
    client.set(CLOSE_ASAP);
    this.#doomed.add(client);
  }

  /**
   * The client has had its last reply. Until the end of the event it is still there for others, who see
   * it in lists and count it among the receivers, but it is told nothing more.
   */
  leaveLater(client: Client): void {
    this.#doomed.add(client);
  }

  isLeaving(client: Client): boolean {
    return client.has(CLOSE_AFTER_REPLY) && this.#doomed.has(client);
  }

  closeDoomed(): void {
    // Asked after every event: an iterator over nothing would cost more than the question.
    if (this.#doomed.size === 0) return;
    for (const client of this.#doomed) {
      this.#doomed.delete(client);
      this.close(client, !client.has(CLOSE_ASAP));
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
    client.queryEnd = 0;
    client.resizeQuery(0);
    this.memoryBytes -= client.memoryBytes;
    client.memoryBytes = 0;
    this.#byConnection[client.connection] = undefined;
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

  /** Ends the pause: those who waited go on at the end of the event, in the order of their coming. */
  unpause(): void {
    this.paused = false;
    this.#node.keyspace.expiryPaused = false;
    this.pauseEndMs = Number.POSITIVE_INFINITY;
    for (const client of this.postponed) {
      this.postponed.delete(client);
      client.unset(POSTPONED);
      this.#node.blocking.resumeLater(client);
    }
  }

  // -- limits ---------------------------------------------------------------------------------------

  /** The class whose client-output-buffer-limit applies, as in CLIENT KILL TYPE. */
  classOf(client: Client): ClientClass {
    if (client.has(PRIMARY)) return "master";
    if (client.has(REPLICA) && !client.has(MONITOR)) return "replica";
    return client.has(PUBSUB) ? "pubsub" : "normal";
  }

  /**
   * Dooms a client with more than its share of replies that wait. As in Redis what was just
   * written counts as waiting, although the kernel might take it at once.
   */
  checkOutputLimit(client: Client, waitingBytes: number): void {
    const limits: OutputBufferLimits = this.#node.config.values.clientOutputBufferLimit;
    const kind = this.classOf(client);
    if (kind === "master" || client.has(CLOSE_ASAP)) return;
    const { hardBytes, softBytes, softSeconds } = limits[kind];
    const usedBytes = limitedReplyBytes(client, waitingBytes);
    let over = hardBytes > 0 && usedBytes >= hardBytes;
    if (softBytes > 0 && usedBytes >= softBytes) {
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
    this.closeLater(client);
  }

  /** True when so long a reply would end the client: the command may stop writing it. */
  overflows(client: Client, replyBytes: number): boolean {
    const kind = this.classOf(client);
    if (kind === "master") return false;
    const { hardBytes } = this.#node.config.values.clientOutputBufferLimit[kind];
    const usedBytes = limitedReplyBytes(client, client.unsentBytes + replyBytes);
    return hardBytes > 0 && usedBytes >= hardBytes;
  }

  /** The lowest limit of waiting replies, Infinity when there is none. */
  outputLimitBytesMin(): number {
    const { normal, replica, pubsub } = this.#node.config.values.clientOutputBufferLimit;
    const limits = [normal, replica, pubsub].flatMap(({ hardBytes, softBytes }) => [
      hardBytes,
      softBytes,
    ]);
    return Math.min(...limits.filter((bytes) => bytes > 0), Number.POSITIVE_INFINITY);
  }

  /**
   * Once per tick: looks after some of the clients, so many that each one's turn comes once a second,
   * or more often when they are few. With many clients that are idle this is all they cost.
   */
  tick(): void {
    const turns = Math.max(this.#byId.size / this.#node.cron.hz, TURNS_MIN);
    for (let i = Math.floor(Math.min(turns, this.#byId.size)); i > 0; i--) {
      let turn = this.#turns.next();
      if (turn.done === true) {
        this.#turns = this.#byId.values();
        turn = this.#turns.next();
      }
      // There may be none left: a turn may end its client.
      if (turn.done === true) return;
      this.#lookAfter(turn.value);
    }
  }

  /** Time out, soft limit; takes back memory that the client does not use, and counts the rest. */
  #lookAfter(client: Client): void {
    const { wallMs, config } = this.#node;
    const timeoutSeconds = config.values.timeout;
    if (client.unsentBytes > 0) this.checkOutputLimit(client, client.unsentBytes);
    if (
      timeoutSeconds > 0 &&
      secondsBetween(client.lastInteractionMs, wallMs) > timeoutSeconds &&
      (client.flags & (REPLICA | PRIMARY | BLOCKED | POSTPONED | PUBSUB | MONITOR)) === 0
    ) {
      this.#node.log("verbose", "Closing idle client");
      return this.close(client, false);
    }
    this.recentInputBytes.note(client.query?.length ?? 0, wallMs);
    this.recentOutputBytes.note(client.unsentBytes, wallMs);
    if (client.query !== null) trimQuery(client, wallMs);
    this.#node.statistics.noteReplyBuffer(adaptReplyBuffer(client));
    if (this.replyPeakMs >= 0 && wallMs - client.replyPeakResetMs >= this.replyPeakMs) {
      client.replyPeakBytes = 0;
      client.replyPeakResetMs = wallMs;
    }
    this.updateMemory(client);
  }

  /** The host's word on time limits may be finer than the tick: called when a deadline passed. */
  checkPause(): void {
    if (this.paused && this.#node.wallMs >= this.pauseEndMs) this.unpause();
  }

  // -- memory -----------------------------------------------------------------------------------------

  /** Bytes that all clients hold: up to date while memory is limited, else as of their last turns. */
  memoryBytes: number = WIDE_ZERO;
  /** The largest buffers of input and output of the last seconds, for INFO. */
  readonly recentInputBytes: RecentPeak = new RecentPeak();
  readonly recentOutputBytes: RecentPeak = new RecentPeak();
  /** maxmemory-clients is set. */
  limitsMemory = false;
  /** There is a limit of memory: every change of what a client holds is counted at once. */
  countsMemory = false;
  /** DEBUG REPLYBUFFER: after this time the largest reply is forgotten; negative for never. */
  replyPeakMs: number = REPLY_PEAK_MS;
  #toldOverLimit = false;

  configure(): void {
    const { maxmemory, maxmemoryClients } = this.#node.config.values;
    const counts = maxmemory > 0 || maxmemoryClients !== 0;
    if (counts && !this.countsMemory) {
      for (const client of this.#byId.values()) this.updateMemory(client);
    }
    this.countsMemory = counts;
    this.limitsMemory = maxmemoryClients !== 0;
  }

  updateMemory(client: Client): void {
    if (client.has(CLOSED)) return;
    const bytes = clientMemoryBytes(client);
    this.memoryBytes += bytes - client.memoryBytes;
    client.memoryBytes = bytes;
  }

  /** maxmemory-clients: closes clients, those who hold most first, until all are below the limit. */
  evict(): void {
    const limit = this.#memoryLimitBytes();
    if (this.memoryBytes < limit) {
      this.#toldOverLimit = false;
      return;
    }
    const evictable = [...this.#byId.values()].filter(
      (client) => !client.has(NO_EVICT | PRIMARY | REPLICA | MONITOR),
    );
    evictable.sort((a, b) => memoryClass(b) - memoryClass(a) || a.id - b.id);
    for (const client of evictable) {
      this.#node.log("notice", `Evicting client: ${this.describe(client)}`);
      this.close(client, false);
      this.#node.statistics.evictedClients++;
      if (this.memoryBytes < limit) return;
    }
    if (this.#toldOverLimit) return;
    this.#toldOverLimit = true;
    this.#node.log("warning", "Over client maxmemory after evicting all evictable clients");
  }

  #memoryLimitBytes(): number {
    const { maxmemoryClients, maxmemory } = this.#node.config.values;
    // A percentage of a limit that is not set limits nothing.
    if (maxmemoryClients < 0 && maxmemory === 0) return Number.POSITIVE_INFINITY;
    const bytes =
      maxmemoryClients < 0 ? Math.floor((maxmemory * -maxmemoryClients) / 100) : maxmemoryClients;
    return Math.max(bytes, MEMORY_LIMIT_BYTES_MIN);
  }

  // -- looking --------------------------------------------------------------------------------------

  /** The client as CLIENT LIST shows it. */
  describe(client: Client): string {
    return clientLine(this.#node, client);
  }

  /** Sends a command to all clients in MONITOR mode; `redacted` arguments are not shown. */
  feedMonitors(client: Client, args: Args, redacted: ReadonlySet<number> | null): void {
    const line = monitorLine(this.#node, client, args, redacted);
    for (const monitor of this.monitors) {
      this.#node.replyTo(monitor).raw(line);
    }
  }
}

function sendText(host: Node["host"], connection: ConnectionId, text: string): void {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  host.send(connection, bytes, 0, bytes.length);
}
