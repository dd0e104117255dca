// A connected client: everything the node knows about one connection.
import type { Command } from "../commands/table.ts";
import type { Args } from "../resp/args.ts";
import { Reply } from "../resp/reply.ts";
import type { RequestParser } from "../resp/request-parser.ts";
import type { DebugState } from "../script/debugger/state.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { Timed } from "./deadlines.ts";
import type { ConnectionId, PeerInfo } from "./host.ts";

// Flags. Several are set by features of their own (pub/sub, tracking, replication).
export const MULTI = 0x1;
/** A watched key changed: EXEC answers with null. */
export const DIRTY_CAS = 0x2;
/** A command could not be queued: EXEC answers with EXECABORT. */
export const DIRTY_EXEC = 0x4;
export const CLOSE_AFTER_REPLY = 0x8;
/** Gone already as far as the node is concerned. */
export const CLOSED = 0x10;
/** Waits inside a blocking command. */
export const BLOCKED = 0x20;
/** Its next command waits until CLIENT UNPAUSE or the pause's end. */
export const POSTPONED = 0x40;
export const MONITOR = 0x80;
export const PUBSUB = 0x100;
export const REPLY_OFF = 0x200;
/** No reply to the command in work. */
export const REPLY_SKIP = 0x400;
/** No reply to the next command. */
export const REPLY_SKIP_NEXT = 0x800;
export const NO_EVICT = 0x1000;
export const NO_TOUCH = 0x2000;
export const TRACKING = 0x4000;
export const TRACKING_BCAST = 0x8000;
export const TRACKING_OPTIN = 0x10000;
export const TRACKING_OPTOUT = 0x20000;
export const TRACKING_CACHING = 0x40000;
export const TRACKING_NOLOOP = 0x80000;
export const TRACKING_BROKEN_REDIRECT = 0x100000;
export const UNBLOCKED = 0x200000;
export const REPLICA = 0x400000;
export const PRIMARY = 0x800000;
export const READONLY_CLUSTER = 0x1000000;
export const ASKING_FLAG = 0x2000000;
/** Runs commands for the node itself (scripts, loading): no connection behind it. */
export const INTERNAL = 0x4000000;
/** Must not wait now: a command inside EXEC answers as if it had waited in vain. */
export const DENY_BLOCKING = 0x8000000;
/** Will be closed at the end of the event, what waits for it is dropped. */
export const CLOSE_ASAP = 0x10000000;

/** The allowance for waiting replies that a client begins with. */
export const REPLY_BUFFER_BYTES_MAX = 16384;

/** A command that MULTI keeps for EXEC. */
export interface QueuedCommand {
  readonly command: Command;
  /** The command's flags, or what the script that it calls makes of them. */
  readonly flags: number;
  readonly args: Args;
}

/** A key that WATCH observes. */
export interface WatchedKey {
  readonly db: number;
  /** The key, one character per byte. */
  readonly key: string;
  /** It was expired, but still there, when WATCH was called: its removal is no change. */
  expired: boolean;
}

export class Client {
  /** Unique over the node's life: CLIENT ID. */
  readonly id: number;
  readonly connection: ConnectionId;
  readonly peer: PeerInfo;
  readonly createdMs: number;
  lastInteractionMs: number;
  name = "";
  libName = "";
  libVersion = "";
  user = "default";
  authenticated: boolean;
  /** Index of the selected database. */
  db = 0;
  resp = 2;
  flags = 0;
  lastCommand: Command | null = null;

  /** The parser that holds an incomplete command, or null between commands. */
  parser: RequestParser | null = null;
  /** Received bytes that are not executed yet: query[0, queryEnd). Empty most of the time. */
  query: Uint8Array | null = null;
  queryView: DataView | null = null;
  queryEnd = 0;
  /** Most bytes of `query` in use since the cron looked last: what it is not shrunk below. */
  queryPeakBytes = 0;

  /** Bytes handed to the host that the peer's kernel has not taken yet. */
  unsentBytes = 0;
  /** Wall time since which the unsent bytes are above the soft limit, 0 when they are not. */
  softLimitSinceMs: number = WIDE_ZERO;
  /** Waiting replies up to this size are not limited, and how much of it was used lately. */
  replyBufferBytes: number = REPLY_BUFFER_BYTES_MAX;
  replyPeakBytes: number = REPLY_BUFFER_BYTES_MAX;
  replyPeakResetMs: number = WIDE_ZERO;
  /** What this client holds as of the last look; part of `Clients.memoryBytes`. */
  memoryBytes = 0;
  /** For messages that are no replies of its own commands (see Node.replyTo). */
  pushReply: Reply | null = null;
  netInputBytes: number = WIDE_ZERO;
  netOutputBytes: number = WIDE_ZERO;
  commandsProcessed: number = WIDE_ZERO;

  /** Commands queued since MULTI. */
  queue: QueuedCommand[] = [];
  queueBytes = 0;
  watched: WatchedKey[] = [];
  /** What a blocked client waits for; owned by the blocking feature. */
  blocked: BlockedState | null = null;
  /** Microseconds that the command in work took so far (over several runs when it blocks). */
  durationUs: number = WIDE_ZERO;
  channels: Set<string> | null = null;
  patterns: Set<string> | null = null;
  shardChannels: Set<string> | null = null;
  /** SCRIPT DEBUG: how its scripts are debugged, null when they are not. */
  debugging: DebugState | null = null;
  /** Client-side caching: the client that gets the invalidations (0: itself) and the prefixes. */
  trackingRedirect: number = WIDE_ZERO;
  trackingPrefixes: Set<string> | null = null;

  constructor(id: number, connection: ConnectionId, peer: PeerInfo, nowMs: number) {
    this.id = id;
    this.connection = connection;
    this.peer = peer;
    this.createdMs = nowMs;
    this.replyPeakResetMs = nowMs;
    this.lastInteractionMs = nowMs;
    this.authenticated = false;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  set(flag: number): void {
    this.flags |= flag;
  }

  unset(flag: number): void {
    this.flags &= ~flag;
  }

  /** The Reply for messages, made when first needed. */
  pushTarget(): Reply {
    this.pushReply ??= new Reply(256);
    this.pushReply.resp = this.resp;
    return this.pushReply;
  }

  /** Gives `query` another size, not below what it holds; 0 takes it away. */
  resizeQuery(size: number): void {
    const { query, queryEnd } = this;
    if (size === 0) {
      this.query = null;
      this.queryView = null;
      return;
    }
    const resized = new Uint8Array(size);
    if (queryEnd > 0) resized.set(query!.subarray(0, queryEnd));
    this.query = resized;
    this.queryView = new DataView(resized.buffer);
  }

  /** Bytes that `query` must hold until the end of the argument in work, 0 between commands. */
  get announcedBytes(): number {
    const { parser } = this;
    return parser === null || parser.wantedBytes === 1 ? 0 : parser.position + parser.wantedBytes;
  }

  get subscriptionCount(): number {
    return (this.channels?.size ?? 0) + (this.patterns?.size ?? 0);
  }
}

/** A client inside a blocking command. */
export interface BlockedState extends Timed {
  readonly client: Client;
  readonly command: Command;
  readonly args: Args;
  /** Wall time in ms after which it gives up; Infinity for never. */
  readonly deadlineMs: number;
  /** The keys that it waits for, "db key". */
  readonly keys: readonly string[];
  /** The type that a key must have to wake it, NO_TYPE when it waits for no key. */
  readonly type: number;
  /** It also wakes when a key goes away. */
  readonly wakesWhenGone: boolean;
  /** Writes the reply of nothing when the time is over; null: nothing but its end ends the wait. */
  readonly onTimeout: ((client: Client, reply: Reply) => void) | null;
}
