// Client-side caching: clients keep values that they have read, and are told when those change.
//
// In the default mode the node remembers which client has read which key (tracking-table.ts), until
// the key changes; in BCAST mode a client hears of every change of keys with its prefixes, once per
// event. Either way the message goes to the client itself (a RESP3 push) or to another one that it
// has named (REDIRECT), which over RESP2 must be subscribed to something.
//
// A client never gets a message in the middle of a reply: what its own command invalidates is kept
// until the command, with EXEC the transaction, is answered.
//
// With tracking off everywhere all this costs one look at a flag per command and per change.
import { getRoutingKeys, KeyPositions } from "../commands/getkeys.ts";
import type { Command } from "../commands/table.ts";
import { SEGMENT_SHIFT } from "../memory/arena.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { latin1 } from "../util/bytes.ts";
import {
  type Client,
  PUBSUB,
  TRACKING,
  TRACKING_BCAST,
  TRACKING_BROKEN_REDIRECT,
  TRACKING_CACHING,
  TRACKING_NOLOOP,
  TRACKING_OPTIN,
  TRACKING_OPTOUT,
} from "./client.ts";
import type { Node } from "./node.ts";
import { TrackingTable } from "./tracking-table.ts";

/** Where clients without push messages listen. */
const CHANNEL = "__redis__:invalidate";
/** Keys taken out of an overfull table at once; more each time it turns out not to be enough. */
const LIMIT_EFFORT = 100;
const MODES = TRACKING_BCAST | TRACKING_OPTIN | TRACKING_OPTOUT | TRACKING_NOLOOP;

/** A prefix in BCAST mode. */
interface Broadcast {
  readonly clients: Set<Client>;
  /** Keys that changed in this event → the client that changed it last, null if it was none. */
  readonly keys: Map<string, Client | null>;
}

export class Tracking {
  readonly #node: Node;
  readonly #table: TrackingTable;
  /** Prefixes, one character per byte, in the order of their bytes. */
  #broadcasts: Map<string, Broadcast> = new Map();
  /** A broadcast has keys to tell. */
  #hasChanges = false;
  /** What the command in work invalidated for its own client: keys, null for all of them. */
  readonly #pending: (string | null)[] = [];
  readonly #positions: KeyPositions = new KeyPositions();
  #limitRounds = 0;
  /** Number of clients that have tracking switched on. */
  clientCount = 0;
  /** True while a change may matter to anybody. */
  active = false;

  constructor(node: Node) {
    this.#node = node;
    const { arena, dicts } = node.keyspace;
    this.#table = new TrackingTable(arena, dicts);
  }

  /** Number of keys in the table. */
  get keyCount(): number {
    return this.#table.keyCount;
  }

  /** Number of pairs of a key and a client that knows it. */
  get itemCount(): number {
    return this.#table.itemCount;
  }

  /** Number of different prefixes in BCAST mode. */
  get prefixCount(): number {
    return this.#broadcasts.size;
  }

  // -- switching ------------------------------------------------------------------------------------

  /**
   * Switches tracking on for a client, or changes how. `redirect`: id of the client that gets the
   * messages, 0 for itself. `modes`: TRACKING_ bits. `prefixes` are added to those it has.
   */
  enable(client: Client, redirect: number, modes: number, prefixes: readonly string[]): void {
    if (!client.has(TRACKING)) this.clientCount++;
    client.unset(TRACKING_BROKEN_REDIRECT | MODES);
    client.set(TRACKING | (modes & MODES));
    client.trackingRedirect = redirect;
    if ((modes & TRACKING_BCAST) !== 0) {
      for (const prefix of prefixes.length === 0 ? [""] : prefixes) this.#join(client, prefix);
    }
    this.#settleActive();
  }

  /** Switches tracking off. Keys that the client knows stay in the table until they change. */
  disable(client: Client): void {
    if (!client.has(TRACKING)) return;
    this.clientCount--;
    for (const prefix of client.trackingPrefixes ?? []) {
      const broadcast = this.#broadcasts.get(prefix)!;
      broadcast.clients.delete(client);
      if (broadcast.clients.size === 0) this.#broadcasts.delete(prefix);
    }
    client.trackingPrefixes = null;
    client.unset(TRACKING | TRACKING_BROKEN_REDIRECT | MODES | TRACKING_CACHING);
    this.#settleActive();
  }

  #join(client: Client, prefix: string): void {
    let broadcast = this.#broadcasts.get(prefix);
    if (broadcast === undefined) {
      broadcast = { clients: new Set(), keys: new Map() };
      this.#broadcasts.set(prefix, broadcast);
      const sorted = [...this.#broadcasts].sort(([a], [b]) => (a < b ? -1 : 1));
      this.#broadcasts = new Map(sorted);
    }
    broadcast.clients.add(client);
    client.trackingPrefixes ??= new Set();
    client.trackingPrefixes.add(prefix);
  }

  #settleActive(): void {
    this.active = this.clientCount > 0 || this.#table.keyCount > 0;
  }

  // -- reading --------------------------------------------------------------------------------------

  /** The client has read the keys of a command, unless it has opted out of knowing their changes. */
  remember(client: Client, command: Command, args: Args): void {
    const caching = client.has(TRACKING_CACHING);
    if (client.has(caching ? TRACKING_OPTOUT : TRACKING_OPTIN)) return;
    const positions = this.#positions;
    getRoutingKeys(command, args, positions);
    for (let i = 0; i < positions.count; i++) {
      const at = positions.index[i];
      this.#table.add(args.view, args.bytes, args.offset[at], args.length[at], client.id);
    }
  }

  // -- changes --------------------------------------------------------------------------------------

  /** A key has changed; `byCommand`: through the command in work, not by its end or eviction. */
  invalidate(bytes: Uint8Array, offset: number, length: number, byCommand: boolean): void {
    if (this.#broadcasts.size > 0) {
      const client = byCommand ? this.#node.dispatcher.executing : null;
      this.#noteChange(latin1(bytes, offset, offset + length), client);
    }
    if (this.#table.keyCount === 0) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#table.take(view, offset, length);
    this.#tellTaken(bytes, offset, length);
    if (this.clientCount === 0) this.#settleActive();
  }

  /** Databases were emptied: whatever clients have cached is void. */
  flushed(): void {
    if (!this.active) return;
    const { clients, dispatcher, keyspace } = this.#node;
    for (const client of clients.all()) {
      if (!client.has(TRACKING)) continue;
      if (client === dispatcher.executing) this.#pending.push(null);
      else this.#messageTo(client)?.nil();
    }
    keyspace.lazyFree.add(this.#table.clear(), 0);
    this.#settleActive();
  }

  /** Sends what the client's command has invalidated for itself: after its reply. */
  releasePending(client: Client): void {
    for (const key of this.#pending) {
      const reply = this.#messageTo(client);
      if (reply === null) continue;
      if (key === null) {
        reply.nil();
      } else {
        reply.array(1);
        reply.bulkText(key);
      }
    }
    this.#pending.length = 0;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Tells the clients in `taken` that a key changed. */
  #tellTaken(bytes: Uint8Array, offset: number, length: number): void {
    const { clients, dispatcher } = this.#node;
    const { taken, takenCount } = this.#table;
    const own = this.#clientInWork();
    for (let i = 0; i < takenCount; i++) {
      const client = clients.byId(taken[i]);
      if (client === undefined) continue;
      if ((client.flags & (TRACKING | TRACKING_BCAST)) !== TRACKING) continue;
      if (client === own && client.has(TRACKING_NOLOOP)) continue;
      if (client === dispatcher.executing) {
        this.#pending.push(latin1(bytes, offset, offset + length));
        continue;
      }
      const reply = this.#messageTo(client);
      if (reply === null) continue;
      reply.array(1);
      reply.bulk(bytes, offset, length);
    }
  }

  /** The client whose input is in work, or who is served at last. */
  #clientInWork(): Client | null {
    return this.#node.dispatcher.executing ?? this.#node.current;
  }

  /**
   * Begins a message for a tracking client: the Reply in which the keys must follow, as an array or
   * null for all. Null when there is nobody who could get it.
   */
  #messageTo(client: Client): Reply | null {
    const node = this.#node;
    let receiver = client;
    if (client.trackingRedirect !== 0) {
      const redirect = node.clients.byId(client.trackingRedirect);
      if (redirect === undefined) {
        this.#tellBroken(client);
        return null;
      }
      receiver = redirect;
    }
    if (receiver.resp > 2) {
      const reply = node.messageTo(receiver);
      reply.push(2);
      reply.bulkText("invalidate");
      return reply;
    }
    if (receiver === client || !receiver.has(PUBSUB)) return null;
    const reply = node.messageTo(receiver);
    reply.push(3);
    reply.bulkText("message");
    reply.bulkText(CHANNEL);
    return reply;
  }

  /** The client that gets the messages is gone. */
  #tellBroken(client: Client): void {
    client.set(TRACKING_BROKEN_REDIRECT);
    if (client.resp < 3) return;
    const reply = this.#node.messageTo(client);
    reply.push(2);
    reply.bulkText("tracking-redir-broken");
    reply.integer(client.trackingRedirect);
  }

  // -- broadcasts -----------------------------------------------------------------------------------

  #noteChange(key: string, client: Client | null): void {
    for (const [prefix, { keys }] of this.#broadcasts) {
      if (!key.startsWith(prefix)) continue;
      keys.set(key, client);
      this.#hasChanges = true;
    }
  }

  /** At the end of an event: clients in BCAST mode hear of the keys that changed in it. */
  broadcast(): void {
    if (!this.#hasChanges) return;
    this.#hasChanges = false;
    for (const { keys, clients } of this.#broadcasts.values()) {
      if (keys.size === 0) continue;
      const changes = [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
      keys.clear();
      for (const client of clients) {
        const told = client.has(TRACKING_NOLOOP)
          ? changes.filter(([, changer]) => changer !== client)
          : changes;
        if (told.length === 0) continue;
        const reply = this.#messageTo(client);
        if (reply === null) continue;
        reply.array(told.length);
        for (const [key] of told) reply.bulkText(key);
      }
    }
  }

  // -- limits ---------------------------------------------------------------------------------------

  /**
   * Keeps the table below `tracking-table-max-keys`: random keys are taken out, as if they had
   * changed. A table far above its limit takes several calls, each with more effort.
   */
  limitKeys(): void {
    const { config, keyspace, prng } = this.#node;
    const { arena } = keyspace;
    const keysMax = config.values.trackingTableMaxKeys;
    if (keysMax === 0 || this.#table.keyCount <= keysMax) {
      this.#limitRounds = 0;
      return;
    }
    this.#limitRounds++;
    for (let effort = LIMIT_EFFORT * this.#limitRounds; effort > 0; effort--) {
      const entry = this.#table.takeRandom(prng);
      const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
      this.#tellTaken(bytes, keyOffset(arena, entry), keyLength(arena, entry));
      arena.free(entry);
      if (this.#table.keyCount > keysMax) continue;
      this.#limitRounds = 0;
      return;
    }
  }
}
