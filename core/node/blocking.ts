// Clients that wait inside a command: for keys to get elements, for a time, or for an end that
// somebody else declares (`unblock`).
//
// A client that waits for keys keeps its command. When a key becomes ready, the clients that wait
// for it are served in the order in which they began to wait: each is taken out of all its queues and
// its command is run again from the start, with all checks of a new command. It answers, or finds
// nothing after all and waits again, at the end of the queues but with its old deadline.
//
// Keys are served in the order in which they became ready, and only between units of execution: what
// a transaction or a script pushes and takes away again wakes nobody. Serving one client may make
// further keys ready (BLMOVE); they come after those that were ready before.
import { MAY_REPLICATE, WRITE } from "../commands/flags.ts";
import type { Command } from "../commands/table.ts";
import { NONE } from "../memory/arena.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { latin1, toBytes } from "../util/bytes.ts";
import {
  BLOCKED,
  type BlockedState,
  CLOSE_AFTER_REPLY,
  type Client,
  TRACKING_CACHING,
  UNBLOCKED,
} from "./client.ts";
import { Deadlines } from "./deadlines.ts";
import type { Node } from "./node.ts";

/** A wait that no key ends. */
export const NO_TYPE = -1;

const UNBLOCKED_BY_CLIENT = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
const UNBLOCKED_BY_ROLE =
  "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

export class Blocking {
  readonly #node: Node;
  /** "db key" → clients in the order of their arrival. */
  readonly #waiters: Map<string, Set<Client>> = new Map();
  /** "db key" → number of its waiters that also wake when the key goes away. */
  readonly #goneWaiters: Map<string, number> = new Map();
  readonly #blocked: Set<Client> = new Set();
  readonly #deadlines: Deadlines<BlockedState> = new Deadlines();
  /** Keys that became ready since the serving in work began, in that order. */
  #ready: Set<string> = new Set();
  /** There are such keys. Every command asks. */
  hasReadyKeys = false;
  /** Keys that the serving in work has yet to come to. */
  #queue: Set<string> = new Set();
  /** Keys that are ready for clients whose commands CLIENT PAUSE holds back. */
  readonly #held: Set<string> = new Set();
  readonly #resumable: Set<Client> = new Set();
  #sequence = 0;
  #serving = false;
  /** The wait of the client whose command is run again now, or null. */
  #rerun: BlockedState | null = null;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Number of clients that wait. */
  get count(): number {
    return this.#blocked.size;
  }

  /** Number of clients that wait for a limited time. */
  get timedCount(): number {
    return this.#deadlines.count;
  }

  /** Number of keys that somebody waits for. */
  get keyCount(): number {
    return this.#waiters.size;
  }

  /** Number of keys whose going away somebody waits for. */
  get goneKeyCount(): number {
    return this.#goneWaiters.size;
  }

  /** True while a command runs that has run before and blocked its client. */
  get isRerun(): boolean {
    return this.#rerun !== null;
  }

  /** Wall time in ms of the first moment at which somebody's time is over; Infinity for none. */
  get nextDeadlineMs(): number {
    const { first } = this.#deadlines;
    return first === null ? Number.POSITIVE_INFINITY : first.deadlineMs + 1;
  }

  isBlocked(client: Client): boolean {
    return this.#blocked.has(client);
  }

  /** All who wait, the longest first. */
  all(): IterableIterator<Client> {
    return this.#blocked.values();
  }

  /**
   * The client in work waits from now on; its command writes no reply. `keys`: one character per
   * byte. `deadlineMs`: wall time after which it gives up, Infinity for never. `onTimeout` writes the
   * reply of nothing; null when the wait has no such end. Only a key of `type` (types.ts) wakes it,
   * and if `wakesWhenGone` also the end of a key.
   */
  block(
    client: Client,
    command: Command,
    args: Args,
    keys: readonly string[],
    deadlineMs: number,
    onTimeout: BlockedState["onTimeout"],
    type: number = NO_TYPE,
    wakesWhenGone = false,
  ): void {
    const before = this.#rerun;
    const state: BlockedState = {
      client,
      command,
      args: before?.args ?? args.clone(),
      deadlineMs: before?.deadlineMs ?? deadlineMs,
      keys: [...new Set(keys)].map((key) => `${client.db} ${key}`),
      type,
      wakesWhenGone,
      onTimeout,
      sequence: ++this.#sequence,
      heapIndex: -1,
    };
    client.set(BLOCKED);
    client.blocked = state;
    this.#blocked.add(client);
    for (const key of state.keys) {
      const clients = this.#waiters.get(key);
      if (clients === undefined) this.#waiters.set(key, new Set([client]));
      else clients.add(client);
      if (wakesWhenGone) this.#goneWaiters.set(key, (this.#goneWaiters.get(key) ?? 0) + 1);
    }
    if (state.deadlineMs !== Number.POSITIVE_INFINITY) this.#deadlines.add(state);
  }

  // -- keys -----------------------------------------------------------------------------------------

  /** A key got something that blocked clients may want. */
  signal(db: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.#waiters.size === 0) return;
    const key = `${db} ${latin1(bytes, offset, offset + length)}`;
    if (this.#waiters.has(key)) this.#becomesReady(key);
  }

  /** A key went away, or has another type now. */
  signalGone(db: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.#goneWaiters.size === 0) return;
    const key = `${db} ${latin1(bytes, offset, offset + length)}`;
    if (this.#goneWaiters.has(key)) this.#becomesReady(key);
  }

  #becomesReady(key: string): void {
    if (this.#queue.has(key)) return;
    this.#ready.add(key);
    this.hasReadyKeys = true;
  }

  /** Any key of a database may have come or gone (SWAPDB, FLUSHALL, loading). */
  signalAll(db: number): void {
    for (const key of this.#waiters.keys()) {
      if (key.startsWith(`${db} `)) this.#becomesReady(key);
    }
  }

  /** Runs the commands of clients whose keys became ready, until no key is ready any more. */
  serveReadyKeys(): void {
    if (this.#serving) return;
    this.#serving = true;
    this.#node.catchUp();
    while (this.hasReadyKeys) {
      this.#queue = this.#ready;
      this.#ready = new Set();
      this.hasReadyKeys = false;
      for (const key of this.#queue) {
        // From here on a change makes the key ready again.
        this.#queue.delete(key);
        this.#serve(key);
      }
    }
    this.#serving = false;
  }

  #serve(key: string): void {
    const waiters = this.#waiters.get(key);
    if (waiters === undefined) return;
    const space = key.indexOf(" ");
    const db = this.#node.databases[Number(key.slice(0, space))];
    const bytes = toBytes(key.slice(space + 1));
    const view = new DataView(bytes.buffer);
    // Those who begin to wait again while this goes on are not served twice.
    for (const client of [...waiters]) {
      const state = client.blocked;
      if (state === null || !waiters.has(client)) continue;
      const entry = db.findAny(view, 0, bytes.length);
      const exists = entry !== NONE && db.isValid(entry);
      if (!(exists && db.typeOf(entry) === state.type) && !state.wakesWhenGone) continue;
      if (this.#isHeld(state)) this.#held.add(key);
      else this.#runAgain(client, state);
    }
  }

  /** CLIENT PAUSE: the command is not run now. */
  #isHeld(state: BlockedState): boolean {
    const { clients } = this.#node;
    return clients.pauseHolds((state.command.flags & (WRITE | MAY_REPLICATE)) !== 0);
  }

  #runAgain(client: Client, state: BlockedState): void {
    this.#release(client);
    this.#rerun = state;
    this.#node.dispatcher.admit(client, state.command, state.args);
    this.#rerun = null;
    if (!client.has(BLOCKED)) this.#goOn(client);
  }

  // -- other ends -----------------------------------------------------------------------------------

  /** Ends the waiting of a client with a reply that the caller has written to `node.replyTo`. */
  unblock(client: Client): void {
    const state = client.blocked;
    if (state === null) return;
    this.#release(client);
    this.#node.dispatcher.account(client, state.command, state.args);
    this.#goOn(client);
  }

  /** The blocking command is done. */
  #goOn(client: Client): void {
    client.unset(TRACKING_CACHING);
    this.resumeLater(client);
  }

  /**
   * CLIENT UNBLOCK: ends the wait as if its time was over, or with an error. False when the client
   * does not wait, or in a way that nobody may end.
   */
  unblockWith(client: Client, withError: boolean): boolean {
    const state = client.blocked;
    if (state === null || state.onTimeout === null) return false;
    if (withError) this.#fail(client, state, UNBLOCKED_BY_CLIENT);
    else this.#timeOut(client, state);
    return true;
  }

  /** This node is a replica now: nobody may wait for writes any more. All are disconnected. */
  disconnectAll(): void {
    for (const client of [...this.#blocked]) {
      this.#fail(client, client.blocked!, UNBLOCKED_BY_ROLE);
      client.set(CLOSE_AFTER_REPLY);
    }
  }

  /** Ends the waiting of a client with an error. */
  fail(client: Client, error: string): void {
    if (client.blocked !== null) this.#fail(client, client.blocked, error);
  }

  #fail(client: Client, state: BlockedState, error: string): void {
    const reply: Reply = this.#node.replyTo(client);
    reply.error(error);
    this.#node.statistics.noteErrors(reply);
    state.command.failedCalls++;
    this.unblock(client);
  }

  #timeOut(client: Client, state: BlockedState): void {
    state.onTimeout?.(client, this.#node.replyTo(client));
    this.unblock(client);
  }

  /** A client is gone. */
  forget(client: Client): void {
    if (client.blocked !== null) this.#release(client);
    this.#resumable.delete(client);
  }

  #release(client: Client): void {
    const state = client.blocked!;
    client.unset(BLOCKED);
    client.blocked = null;
    this.#blocked.delete(client);
    this.#deadlines.remove(state);
    for (const key of state.keys) {
      const clients = this.#waiters.get(key)!;
      clients.delete(client);
      if (clients.size === 0) this.#waiters.delete(key);
      if (!state.wakesWhenGone) continue;
      const left = this.#goneWaiters.get(key)! - 1;
      if (left === 0) this.#goneWaiters.delete(key);
      else this.#goneWaiters.set(key, left);
    }
  }

  // -- the end of an event --------------------------------------------------------------------------

  /** Ends the waits whose time is over, serves what became ready, goes on with who was served. */
  settle(): void {
    if (this.#blocked.size > 0 && !this.#node.scripting.isBusy) {
      this.#checkDeadlines();
      if (this.#held.size > 0) this.#checkHeld();
      if (this.hasReadyKeys) this.serveReadyKeys();
    }
    if (this.#resumable.size > 0) this.#resumeServed();
  }

  #checkDeadlines(): void {
    const { wallMs } = this.#node;
    let { first } = this.#deadlines;
    while (first !== null && first.deadlineMs < wallMs) {
      this.#timeOut(first.client, first);
      ({ first } = this.#deadlines);
    }
  }

  #checkHeld(): void {
    if (this.#node.clients.paused) return;
    for (const key of this.#held) this.#becomesReady(key);
    this.#held.clear();
  }

  /** The client goes on, at the end of the event, with what it has sent. */
  resumeLater(client: Client): void {
    client.set(UNBLOCKED);
    this.#resumable.add(client);
  }

  #resumeServed(): void {
    // Who is resumed may serve others: they are added and reached by the same loop.
    for (const client of this.#resumable) {
      this.#resumable.delete(client);
      client.unset(UNBLOCKED);
      this.#node.resume(client);
    }
  }
}
