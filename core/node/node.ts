// The node: one Redis server as a deterministic state machine. Events come in through the `on…`
// methods, each with the time the host set before (`setTime`); effects leave through `Host`
// (host.ts). Same initial state and same events: same state and same effects, bit for bit.
//
// This file owns connections, buffers and time. Executing a command is dispatch.ts; what a command
// does is in core/commands; the data is in core/keyspace and core/memory. It is one class because every
// event touches the same few things: a client's buffers, the one Reply in work, what follows at the end.
import { commandFamilies } from "../commands/families.ts";
import { type Command, CommandTable } from "../commands/table.ts";
import type { Config } from "../config/config.ts";
import { Database } from "../keyspace/database.ts";
import { Eviction } from "../keyspace/eviction.ts";
import { ExpireCycle } from "../keyspace/expire-cycle.ts";
import { FieldExpiry } from "../keyspace/field-expiry.ts";
import { Keyspace, type KeyspaceListener } from "../keyspace/keyspace.ts";
import { STREAM } from "../keyspace/types.ts";
import { type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Args } from "../resp/args.ts";
import { Reply } from "../resp/reply.ts";
import { COMPLETE, INCOMPLETE, INVALID, RequestParser } from "../resp/request-parser.ts";
import { Forks } from "../script/debugger/forks.ts";
import type { DebugGate } from "../script/debugger/gate.ts";
import { Scripting } from "../script/scripting.ts";
import { GeoPoints } from "../types/geo/points.ts";
import { registerHashRdb } from "../types/hash/hash-rdb.ts";
import { Hashes } from "../types/hash/hashes.ts";
import { HyperLogLogs } from "../types/hyperloglog/hyperloglogs.ts";
import { registerLists } from "../types/list/list-registry.ts";
import { Lists } from "../types/list/lists.ts";
import { registerSetRdb } from "../types/set/set-rdb.ts";
import { Sets } from "../types/set/sets.ts";
import { createStreams } from "../types/stream/stream-values.ts";
import type { Streams } from "../types/stream/streams.ts";
import { Strings } from "../types/strings.ts";
import { registerSortedSetRdb } from "../types/zset/sorted-set-rdb.ts";
import { SortedSets } from "../types/zset/sorted-sets.ts";
import { latin1 } from "../util/bytes.ts";
import { Prng } from "../util/prng.ts";
import { quoted } from "../util/quoted.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import { Blocking } from "./blocking.ts";
import {
  BLOCKED,
  CLOSE_AFTER_REPLY,
  CLOSE_ASAP,
  CLOSED,
  type Client,
  POSTPONED,
  REPLY_BUFFER_BYTES_MAX,
} from "./client.ts";
import { querySize, REPLY_BLOCK_BYTES } from "./client-memory.ts";
import { Clients } from "./clients.ts";
import { Cron } from "./cron.ts";
import { Dispatcher } from "./dispatch.ts";
import { FileRequests } from "./file-requests.ts";
import type { ConnectionId, Host, LogLevel, PeerInfo } from "./host.ts";
import { Jobs } from "./jobs.ts";
import { LatencyMonitor } from "./latency.ts";
import { MemoryReturn } from "./memory-return.ts";
import { Notifications } from "./notifications.ts";
import { Pipeline, READ_AHEAD, type ReadAhead } from "./pipeline.ts";
import { Propagation, TO_ALL } from "./propagation.ts";
import { PubSub } from "./pubsub.ts";
import { Shutdown } from "./shutdown.ts";
import { SlowLog } from "./slowlog.ts";
import { Statistics } from "./statistics.ts";
import { Tracking } from "./tracking.ts";
import { Watch } from "./watch.ts";

/** Replies are handed to the host in pieces of about this size while a long pipeline runs. */
const FLUSH_BYTES = 256 * 1024;
/** A client keeps a buffer for messages up to this size: many clients would keep much. */
const PUSH_BYTES_KEPT_MAX = 1024;
const UNAUTHENTICATED_QUERY_BYTES_MAX = 1024 * 1024;
/** Of the bytes of a client that sends too much, this many are logged. */
const LOGGED_QUERY_BYTES = 64;
const RUN_ID_BYTES = 20;

/**
 * What a node without data and clients takes on the JavaScript heap: command table, configuration,
 * buffers. Measured once (heap growth by creating nodes), rounded; a constant, so that figures stay
 * deterministic.
 */
const NODE_BYTES = 448 * 1024;

export interface NodeOptions {
  /** Bytes of the first memory segment; a simulated node starts small. */
  firstSegmentBytes?: number;
  /** When pipelines are read ahead. */
  readAhead?: ReadAhead;
}

export class Node implements KeyspaceListener {
  readonly host: Host;
  readonly config: Config;
  readonly prng: Prng;
  readonly keyspace: Keyspace;
  readonly strings: Strings;
  readonly hyperLogLogs: HyperLogLogs;
  readonly sets: Sets;
  readonly hashes: Hashes;
  readonly sortedSets: SortedSets;
  /** What a search for places has found; empty between searches. */
  readonly geoPoints: GeoPoints = new GeoPoints();
  readonly streams: Streams;
  readonly lists: Lists;
  readonly commands: CommandTable;
  /** What the client in work has sent at once, while there are many keys. */
  readonly #pipeline: Pipeline;
  readonly clients: Clients;
  readonly statistics: Statistics;
  readonly slowlog: SlowLog = new SlowLog();
  readonly latency: LatencyMonitor = new LatencyMonitor();
  readonly watch: Watch = new Watch();
  readonly pubsub: PubSub;
  readonly tracking: Tracking;
  readonly notifications: Notifications;
  readonly propagation: Propagation = new Propagation();
  readonly jobs: Jobs = new Jobs();
  readonly memoryReturn: MemoryReturn = new MemoryReturn(this);
  readonly files: FileRequests;
  readonly blocking: Blocking;
  readonly dispatcher: Dispatcher;
  readonly scripting: Scripting;
  readonly cron: Cron;
  readonly shutdown: Shutdown;
  readonly expireCycle: ExpireCycle;
  readonly eviction: Eviction;
  readonly fieldExpiry: FieldExpiry;
  databases: Database[];
  /** 40 hexadecimal characters, new with every start. */
  readonly runId: string;
  /** 40 hexadecimal characters: names the history of this data set to replicas. */
  replicationId: string;
  /** The Reply of the client whose input is in work. */
  readonly reply: Reply = new Reply();
  /** Takes what clients send while a script is debugged on this node's data, or null. */
  debugging: DebugGate | null = null;
  /** Copies of this node in which scripts are debugged. */
  readonly forks: Forks;
  /** The client whose input is in work, or null. */
  current: Client | null = null;
  wallMs: number = WIDE_ZERO;
  /** Wall time at the start of the event. */
  #eventWallMs = WIDE_ZERO;
  monotonicUs: number = WIDE_ZERO;
  startedMs: number = WIDE_ZERO;
  /** Memory in use before the first client and key: the empty databases. */
  readonly startupBytes: number;
  /** The input in work, as CLIENT LIST shows it: its bytes, and the arguments of its command. */
  inputBytes: number = WIDE_ZERO;
  inputArgs: Args | null = null;
  /** What `wallUs` answers while a script goes on that has begun in an earlier event, or -1. */
  #frozenWallUs = -1;
  /** Monotonic time when `wallMs` was first seen: it tells the microseconds within the ms. */
  #wallChangedUs = WIDE_ZERO;
  readonly #heldMessages: Reply = new Reply(256);
  /** Clients with messages in their push reply, sent at the end of the event. */
  readonly #pushed: Set<Client> = new Set();
  #parser: RequestParser = new RequestParser();
  // Not empty, so that V8 knows from the start what is in it.
  readonly #spareParsers: RequestParser[] = [new RequestParser()];
  /** A reply that gets longer than this is handed over before the next command runs. */
  #flushBytes: number = FLUSH_BYTES;
  /** No class of clients has a limit of waiting replies below this. */
  #outputLimitBytes: number = Number.POSITIVE_INFINITY;
  #inputBytes: Uint8Array = new Uint8Array(0);
  #inputView: DataView = new DataView(new ArrayBuffer(0));

  constructor(host: Host, config: Config, seed: Uint8Array, options: NodeOptions = {}) {
    this.host = host;
    this.config = config;
    this.prng = new Prng(seed);
    this.runId = this.randomHex(RUN_ID_BYTES);
    this.replicationId = this.randomHex(RUN_ID_BYTES);
    this.keyspace = new Keyspace(this, this.prng, options.firstSegmentBytes ?? 64 * 1024);
    this.keyspace.lazyFree.schedule = () => this.jobs.add(this.keyspace.lazyFree);
    this.strings = new Strings(this.keyspace);
    this.hyperLogLogs = new HyperLogLogs(this.strings, config.values);
    this.sets = new Sets(this.keyspace, config.values);
    this.sortedSets = new SortedSets(this.keyspace, config.values);
    this.streams = createStreams(this.keyspace, config.values);
    this.lists = new Lists(this.keyspace.arena, config.values);
    registerLists(this.keyspace, this.lists);
    registerSortedSetRdb(this.keyspace.rdbTypes, this.sortedSets);
    this.hashes = new Hashes(this.keyspace, config.values);
    registerHashRdb(this.keyspace.rdbTypes, this.hashes, this.keyspace.dicts);
    registerSetRdb(this.keyspace.rdbTypes, this.sets, this.keyspace.dicts, config.values);
    this.commands = new CommandTable(commandFamilies);
    this.#pipeline = new Pipeline(
      this.commands,
      this.keyspace.dicts.ahead,
      options.readAhead ?? READ_AHEAD,
    );
    // The configuration has checked that there are such commands.
    for (const { from, to } of config.renamedCommands) this.commands.rename(from, to);
    this.clients = new Clients(this);
    this.statistics = new Statistics(this);
    this.pubsub = new PubSub(this);
    this.tracking = new Tracking(this);
    this.notifications = new Notifications(this);
    this.files = new FileRequests(host);
    this.blocking = new Blocking(this);
    // Whoever waits in XREADGROUP learns that the stream is gone.
    this.keyspace.departures[STREAM] = (db, entry) => this.#signalKey(db, entry);
    this.databases = [];
    for (let i = 0; i < config.values.databases; i++) {
      this.databases.push(new Database(i, this.keyspace));
    }
    this.dispatcher = new Dispatcher(this);
    this.scripting = new Scripting(this);
    this.forks = new Forks(this, (itsHost, itsSeed) => new Node(itsHost, config, itsSeed));
    this.expireCycle = new ExpireCycle(this);
    this.eviction = new Eviction(this);
    this.fieldExpiry = new FieldExpiry(this);
    this.cron = new Cron(this);
    this.shutdown = new Shutdown(this);
    this.startupBytes = this.usedMemory();
    this.configChanged();
  }

  // -- events -----------------------------------------------------------------------------------

  /** The host's clocks; set before every event. */
  setTime(wallMs: number, monotonicUs: number): void {
    if (wallMs !== this.wallMs) this.#wallChangedUs = monotonicUs;
    this.#eventWallMs = wallMs;
    this.wallMs = wallMs;
    this.monotonicUs = monotonicUs;
    this.keyspace.nowMs = wallMs;
    this.dispatcher.clock.us = monotonicUs;
    if (this.startedMs === 0) {
      this.startedMs = wallMs;
      this.cron.updateAccessClock();
    }
  }

  /** Wall time in microseconds: TIME, MONITOR. */
  get wallUs(): number {
    if (this.#frozenWallUs >= 0) return this.#frozenWallUs;
    const us = Math.floor(this.monotonicUs - this.#wallChangedUs);
    return Math.floor(this.wallMs) * 1000 + Math.min(Math.max(us, 0), 999);
  }

  /** Time stands still for a script, however long it takes: it goes on at its start. */
  freezeTime(wallMs: number, wallUs: number): void {
    this.keyspace.nowMs = wallMs;
    this.#frozenWallUs = wallUs;
  }

  /** The script pauses: time is what the event says. */
  unfreezeTime(): void {
    this.keyspace.nowMs = this.wallMs;
    this.#frozenWallUs = -1;
  }

  /** Commands of this event have taken time: what follows sees how late it is. */
  catchUp(): void {
    this.dispatcher.clock.settle();
    const elapsedMs = Math.floor((this.dispatcher.clock.us - this.monotonicUs) / 1000);
    this.wallMs = Math.max(this.wallMs, this.#eventWallMs + elapsedMs);
    this.keyspace.nowMs = this.wallMs;
  }

  onConnected(id: ConnectionId, peer: PeerInfo): void {
    this.clients.connect(id, peer);
    this.#endEvent();
  }

  onReceived(id: ConnectionId, bytes: Uint8Array, start: number, end: number): void {
    const client = this.clients.byConnection(id);
    if (client === undefined) {
      this.forks.onReceived(id, bytes, start, end);
      return;
    }
    const count = end - start;
    this.statistics.netInputBytes += count;
    this.statistics.readsProcessed++;
    client.netInputBytes += count;
    client.lastInteractionMs = this.wallMs;
    if (this.debugging !== null) {
      this.debugging.receive(client, bytes, start, end);
    } else if (client.queryEnd > 0) {
      this.#appendQuery(client, bytes, start, end);
      this.#processQuery(client);
    } else if ((client.flags & (BLOCKED | POSTPONED)) !== 0) {
      this.#appendQuery(client, bytes, start, end);
    } else {
      if (bytes !== this.#inputBytes) {
        this.#inputBytes = bytes;
        this.#inputView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
      const rest = this.#process(client, bytes, this.#inputView, start, end);
      if (rest < end && !client.has(CLOSED)) this.#appendQuery(client, bytes, rest, end);
    }
    if (this.clients.countsMemory) this.clients.updateMemory(client);
    this.#endEvent();
  }

  /** The peer will send no more; Redis closes then, after what was received is answered. */
  onEnded(id: ConnectionId): void {
    const client = this.clients.byConnection(id);
    if (client === undefined) this.forks.onEnded(id);
    else if (this.debugging?.end(client) !== true) this.clients.close(client, true);
    this.#endEvent();
  }

  /** The connection is gone. */
  onClosed(id: ConnectionId): void {
    const client = this.clients.byConnection(id);
    if (client === undefined) this.forks.onClosed(id);
    else this.clients.forget(client);
    this.#endEvent();
  }

  /** `count` bytes that waited in the host have left. */
  onSent(id: ConnectionId, count: number): void {
    const client = this.clients.byConnection(id);
    if (client === undefined) {
      this.forks.onSent(id, count);
      return;
    }
    client.unsentBytes = Math.max(0, client.unsentBytes - count);
    client.lastInteractionMs = this.wallMs;
    if (client.unsentBytes === 0) client.softLimitSinceMs = 0;
    if (this.clients.countsMemory) this.clients.updateMemory(client);
  }

  /** Every 1000 / hz ms, and when the time that `nextDeadlineMs` told has come. */
  onTick(): void {
    // While a script is debugged nothing else happens: all timers are late.
    if (this.debugging !== null) return;
    if (this.clients.limitsMemory) this.clients.evict();
    this.cron.tick();
    this.statistics.cronMicroseconds += this.dispatcher.clock.read() - this.monotonicUs;
    this.#endEvent();
  }

  onSignal(signal: "SIGTERM" | "SIGINT"): void {
    this.shutdown.onSignal(signal);
    this.#endEvent();
  }

  onFileRead(tag: number, bytes: Uint8Array | null, error: string): void {
    this.files.onRead(tag, bytes, error);
    this.#endEvent();
  }

  onFileWritten(tag: number, error: string | null): void {
    this.files.onWritten(tag, error);
    this.#endEvent();
  }

  /**
   * Background work: up to `steps` small steps. Answers with whether more is to do. A host with sockets
   * calls it at the end of every turn, when what the turn's events have sent has left as far as it goes:
   * a reply that is on its way gets no client evicted.
   */
  runJobs(steps: number): boolean {
    if (this.clients.limitsMemory && this.debugging === null) this.clients.evict();
    // While a script is in the middle of its work nothing else changes the data.
    let more = this.scripting.isBusy ? this.scripting.goOn(steps) : this.jobs.run(steps);
    if (this.forks.run(steps)) more = true;
    this.#finish();
    if (this.debugging?.session.hasEnded) {
      this.#endDebugging();
      more = true;
    }
    return more;
  }

  #endDebugging(): void {
    const gate = this.debugging!;
    this.debugging = null;
    gate.open();
    this.#finish();
  }

  /** Wall time in ms of the earliest timer that must not wait for the next tick; Infinity for none. */
  nextDeadlineMs(): number {
    if (this.debugging !== null) return Number.POSITIVE_INFINITY;
    return Math.min(this.blocking.nextDeadlineMs, this.clients.pauseEndMs);
  }

  currentHz(): number {
    return this.cron.hz;
  }

  // -- reading ----------------------------------------------------------------------------------

  /** Executes the commands in bytes[start, end); answers with the offset of the unused rest. */
  #process(client: Client, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const parser = client.parser ?? this.#parser;
    const { reply } = this;
    const bulkMax = this.config.values.protoMaxBulkLen;
    // A resumed command knows where it is; its offsets were rebased when the rest was kept.
    if (!parser.busy) parser.position = start;
    // Messages and late replies that wait for it were written earlier: they go first.
    if (client.pushReply !== null && client.pushReply.size > 0)
      this.#send(client, client.pushReply);
    this.current = client;
    this.inputBytes = end - start;
    this.inputArgs = parser.args;
    this.dispatcher.look();
    reply.resp = client.resp;
    const { dispatcher } = this;
    const pipeline = this.#pipeline;
    const looksAhead = !parser.busy && pipeline.isWorthwhile(this.databases[client.db]);
    for (;;) {
      let { args } = parser;
      let command: Command | null | undefined;
      let status = COMPLETE;
      const trusts = dispatcher.trusts(client);
      let next = -1;
      if (looksAhead) {
        // For clients that have not logged in there are other limits.
        if (!trusts) pipeline.clear();
        else next = pipeline.next(parser, bytes, view, end, this.databases[client.db]);
      }
      if (next >= 0) {
        args = pipeline.args(next);
        command = pipeline.command(next);
        this.inputArgs = args;
      } else {
        status = parser.parse(bytes, view, end, bulkMax, trusts);
      }
      if (status === COMPLETE) {
        if (!dispatcher.execute(client, args, command)) {
          // Postponed: the command stays unread and is parsed again later.
          parser.position = parser.start;
          break;
        }
        if (reply.size > this.#flushBytes) this.flushReply(client);
        if ((client.flags & (CLOSE_AFTER_REPLY | CLOSE_ASAP | CLOSED | BLOCKED)) !== 0) break;
      } else if (status === INCOMPLETE) {
        break;
      } else if (status === INVALID) {
        this.#protocolError(client, parser.error);
        break;
      }
    }
    if (looksAhead) pipeline.clear();
    this.dispatcher.clock.settle();
    if (client.has(CLOSED)) reply.reset();
    else this.flushReply(client);
    this.current = null;
    this.inputArgs = null;
    if (client.has(CLOSE_AFTER_REPLY)) this.clients.leaveLater(client);
    const rest = parser.busy ? parser.start : parser.position;
    if (client.has(CLOSED | CLOSE_AFTER_REPLY)) {
      parser.reset();
      this.#releaseParser(client);
      return end;
    }
    if (parser.busy) {
      if (client.parser === null) {
        client.parser = parser;
        this.#parser = this.#spareParsers.pop() ?? new RequestParser();
      }
      parser.rebase(rest);
    } else {
      this.#releaseParser(client);
    }
    return rest;
  }

  #releaseParser(client: Client): void {
    if (client.parser === null) return;
    client.parser.reset();
    if (this.#spareParsers.length < 16) this.#spareParsers.push(client.parser);
    client.parser = null;
  }

  #protocolError(client: Client, error: string): void {
    this.reply.error(`ERR Protocol error: ${error}`);
    this.statistics.noteErrors(this.reply);
    this.log("verbose", `Protocol error (${error}) from client: ${this.clients.describe(client)}.`);
    this.statistics.protocolErrors++;
    client.set(CLOSE_AFTER_REPLY);
  }

  /** What has come for a client while all but another one had to wait. */
  takeHeld(client: Client, bytes: Uint8Array): void {
    if (client.has(CLOSED)) return;
    if (this.debugging !== null) return this.debugging.receive(client, bytes, 0, bytes.length);
    this.#appendQuery(client, bytes, 0, bytes.length);
    this.#processQuery(client);
  }

  /** Keeps received bytes that cannot be executed yet. */
  #appendQuery(client: Client, bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    const needed = client.queryEnd + count;
    // Commands that MULTI has queued are input that waits, too.
    const heldBytes = needed + client.queueBytes;
    if (
      heldBytes > this.config.values.clientQueryBufferLimit ||
      (heldBytes > UNAUTHENTICATED_QUERY_BYTES_MAX && !this.dispatcher.trusts(client))
    ) {
      this.statistics.clientQueryBufferLimitDisconnections++;
      const first = client.queryEnd > 0 ? client.query! : bytes.subarray(start, end);
      const shown = quoted(latin1(first.subarray(0, Math.min(LOGGED_QUERY_BYTES, needed))));
      this.log(
        "warning",
        `Closing client that reached max query buffer length: ${this.clients.describe(client)} (qbuf initial bytes: ${shown})`,
      );
      this.clients.close(client, false);
      return;
    }
    if (client.query === null || needed > client.query.length) {
      client.resizeQuery(querySize(client, needed));
    }
    client.query!.set(bytes.subarray(start, end), client.queryEnd);
    client.queryEnd = needed;
    if (needed > client.queryPeakBytes) client.queryPeakBytes = needed;
  }

  /** Executes what waits in the client's query buffer. */
  #processQuery(client: Client): void {
    const { query, queryView, queryEnd } = client;
    if (queryEnd === 0 || query === null) return;
    if ((client.flags & (BLOCKED | POSTPONED | CLOSED | CLOSE_AFTER_REPLY)) !== 0) return;
    const rest = this.#process(client, query, queryView!, 0, queryEnd);
    this.#pipeline.release();
    if (client.has(CLOSED)) return;
    // `#process` left the parser's offsets relative to the rest: the rest moves to the front. The
    // buffer stays for the next large command until the cron finds it unused.
    if (rest < queryEnd) query.copyWithin(0, rest, queryEnd);
    client.queryEnd = queryEnd - rest;
  }

  /** Goes on with a client that was blocked or postponed. */
  resume(client: Client): void {
    if (client.has(CLOSED)) return;
    this.#processQuery(client);
  }

  // -- writing ----------------------------------------------------------------------------------

  /**
   * The Reply to write a message for `client` with: its own when it is not the client in work, so
   * that a message never lands inside another client's reply.
   */
  replyTo(client: Client): Reply {
    if (client === this.current) return this.reply;
    this.#pushed.add(client);
    return client.pushTarget();
  }

  /**
   * The Reply for a message that is no reply (pub/sub, invalidations). While the client's own command
   * runs, messages to it are held back: they follow the command's reply.
   */
  messageTo(client: Client): Reply {
    if (client !== this.dispatcher.executing) return this.replyTo(client);
    this.#heldMessages.resp = client.resp;
    return this.#heldMessages;
  }

  /** The client's command is answered: messages to itself follow. */
  releaseMessages(client: Client): void {
    // What a script has sent its caller so far follows the reply, which is not there yet.
    if (this.scripting.isBusy) return;
    const held = this.#heldMessages;
    if (held.size > 0) {
      this.replyTo(client).rawBytes(held.bytes, 0, held.size);
      held.reset();
    }
    if (this.tracking.hasPending) this.tracking.releasePending(client);
  }

  /** Hands what the client in work was answered so far to the host. */
  flushReply(client: Client): void {
    const { reply } = this;
    if (reply.size === 0) return;
    this.#send(client, reply);
  }

  #send(client: Client, reply: Reply): void {
    const count = reply.size;
    this.statistics.netOutputBytes += count;
    this.statistics.writesProcessed++;
    client.netOutputBytes += count;
    const waitingBytes = client.unsentBytes + count;
    if (waitingBytes > client.replyPeakBytes) {
      client.replyPeakBytes = Math.min(waitingBytes, client.replyBufferBytes);
    }
    if (waitingBytes + REPLY_BLOCK_BYTES >= this.#outputLimitBytes) {
      this.clients.checkOutputLimit(client, waitingBytes);
      if (client.has(CLOSE_ASAP)) return reply.reset();
    }
    client.unsentBytes = this.host.send(client.connection, reply.bytes, 0, count);
    if (reply === client.pushReply && reply.bytes.length > PUSH_BYTES_KEPT_MAX) {
      client.pushReply = null;
    } else {
      reply.reset();
    }
    if (client.unsentBytes === 0) client.softLimitSinceMs = 0;
    if (this.clients.countsMemory) this.clients.updateMemory(client);
  }

  #endEvent(): void {
    this.#finish();
    this.statistics.endCycle(this.monotonicUs, this.dispatcher.clock.us);
  }

  #finish(): void {
    this.blocking.settle();
    this.tracking.broadcast();
    while (this.#pushed.size > 0) {
      for (const client of this.#pushed) {
        this.#pushed.delete(client);
        if (this.clients.isLeaving(client)) continue;
        if (!client.has(CLOSED) && client.pushReply !== null && client.pushReply.size > 0) {
          client.lastInteractionMs = this.wallMs;
          this.#send(client, client.pushReply);
        }
        if (client.has(CLOSE_AFTER_REPLY)) this.clients.close(client, true);
      }
    }
    this.clients.closeDoomed();
  }

  // -- services for commands ----------------------------------------------------------------------

  log(level: LogLevel, message: string): void {
    this.host.log(level, message);
  }

  /** A new history: replicas of the old one could not go on with it. */
  changeReplicationId(): void {
    this.replicationId = this.randomHex(RUN_ID_BYTES);
  }

  /** `bytes` random bytes as lower-case hexadecimal text. */
  randomHex(bytes: number): string {
    let text = "";
    for (let i = 0; i < bytes; i++) {
      text += (this.prng.next() & 0xff).toString(16).padStart(2, "0");
    }
    return text;
  }

  keyModified(
    db: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    byCommand = true,
  ): void {
    if (this.watch.active) this.watch.touch(db, latin1(bytes, offset, offset + length));
    if (this.tracking.active) this.tracking.invalidate(bytes, offset, length, byCommand);
  }

  keyEvent(
    eventClass: number,
    event: string,
    db: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    if ((this.notifications.mask & eventClass) === 0) return;
    this.notifications.publish(eventClass, event, db, latin1(bytes, offset, offset + length));
  }

  #signalKey(db: Database, entry: Ref): void {
    const { arena } = this.keyspace;
    const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
    this.blocking.signalGone(db.index, bytes, keyOffset(arena, entry), keyLength(arena, entry));
  }

  keyExpired(db: number, bytes: Uint8Array, offset: number, length: number): void {
    if (!this.propagation.active) return;
    const name = this.config.values.lazyfreeLazyExpire ? "UNLINK" : "DEL";
    // That a key is over is no effect of the command that finds it so.
    this.propagation.add(db, [name, latin1(bytes, offset, offset + length)], TO_ALL);
  }

  /** Adds a command to what the execution in work propagates. */
  propagate(db: number, words: readonly string[]): void {
    if (this.propagation.active) this.propagation.add(db, words);
  }

  /** A configuration value changed: what is cached for the hot path is read again. */
  configChanged(): void {
    const { values } = this.config;
    this.keyspace.lfu = values.maxmemoryPolicy.endsWith("lfu");
    this.keyspace.lfuLogFactor = values.lfuLogFactor;
    this.keyspace.lfuDecayMinutes = values.lfuDecayTime;
    this.keyspace.lazyExpire = values.lazyfreeLazyExpire;
    this.keyspace.lazyServerDel = values.lazyfreeLazyServerDel;
    this.keyspace.rdbTypes.writer.compresses = values.rdbcompression;
    this.notifications.configure();
    this.dispatcher.configure();
    this.eviction.configure();
    this.clients.configure();
    this.#outputLimitBytes = this.clients.outputLimitBytesMin();
    // Handed over sooner, replies could leave that together are more than the limit.
    const limitedBytes = this.#outputLimitBytes + REPLY_BUFFER_BYTES_MAX + REPLY_BLOCK_BYTES;
    this.#flushBytes = Math.min(FLUSH_BYTES, limitedBytes);
    this.slowlog.configure(values.slowlogLogSlowerThan, values.slowlogMaxLen);
    this.latency.configure(values.latencyMonitorThreshold);
    this.cron.configure();
  }

  /** Bytes of memory in use: the arena, what clients hold, and the node itself. */
  usedMemory(): number {
    return (
      NODE_BYTES +
      this.keyspace.arena.usedBytes +
      this.clients.memoryBytes +
      this.scripting.cachedBytes
    );
  }
}
