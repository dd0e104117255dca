// Clients that wait inside a command: for keys to get elements, or for a time.
//
// A blocked client keeps its command. When a key that it waits for becomes ready, the command is
// run again from the start, clients in the order in which they began to wait; the command either
// answers, or finds nothing after all and goes on waiting.
import type { Command } from "../commands/table.ts";
import type { Args } from "../resp/args.ts";
import { latin1 } from "../util/bytes.ts";
import { BLOCKED, type BlockedState, CLOSED, type Client, UNBLOCKED } from "./client.ts";
import type { Node } from "./node.ts";

export class Blocking {
  readonly #node: Node;
  /** "db key" → clients in the order of their arrival. */
  readonly #waiters: Map<string, Set<Client>> = new Map();
  readonly #blocked: Set<Client> = new Set();
  /** Keys that changed since the last serving, in the order of change. */
  readonly #ready: Set<string> = new Set();
  #nextDeadlineMs: number = Number.POSITIVE_INFINITY;

  constructor(node: Node) {
    this.#node = node;
  }

  get count(): number {
    return this.#blocked.size;
  }

  /** Number of clients that wait for a limited time. */
  get timedCount(): number {
    let count = 0;
    for (const { blocked } of this.#blocked) {
      if (blocked!.deadlineMs !== Number.POSITIVE_INFINITY) count++;
    }
    return count;
  }

  /** Number of keys that somebody waits for. */
  get keyCount(): number {
    return this.#waiters.size;
  }

  get hasReadyKeys(): boolean {
    return this.#ready.size > 0;
  }

  get nextDeadlineMs(): number {
    return this.#nextDeadlineMs;
  }

  isBlocked(client: Client): boolean {
    return this.#blocked.has(client);
  }

  /**
   * The client in work waits from now on; its command writes no reply. `deadlineMs`: wall time when
   * it gives up, Infinity for never. `onTimeout` writes the reply of nothing.
   */
  block(
    client: Client,
    command: Command,
    args: Args,
    keys: readonly string[],
    deadlineMs: number,
    onTimeout: BlockedState["onTimeout"],
  ): void {
    const rerun = client.blocked !== null;
    client.set(BLOCKED);
    client.blocked = {
      command,
      args: rerun ? client.blocked!.args : args.clone(),
      deadlineMs: rerun ? client.blocked!.deadlineMs : deadlineMs,
      keys: keys.map((key) => `${client.db} ${key}`),
      onTimeout,
    };
    this.#blocked.add(client);
    for (const key of client.blocked.keys) {
      const clients = this.#waiters.get(key);
      if (clients === undefined) this.#waiters.set(key, new Set([client]));
      else clients.add(client);
    }
    this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, client.blocked.deadlineMs);
  }

  /** A key got something that blocked clients may want, or went away under XREADGROUP. */
  signal(db: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.#waiters.size === 0) return;
    const key = `${db} ${latin1(bytes, offset, offset + length)}`;
    if (this.#waiters.has(key)) this.#ready.add(key);
  }

  /** As `signal`, for all keys of a database that somebody waits for (SWAPDB, FLUSHALL). */
  signalAll(db: number): void {
    for (const key of this.#waiters.keys()) {
      if (key.startsWith(`${db} `)) this.#ready.add(key);
    }
  }

  /** Runs the commands of clients whose keys became ready, until no key is ready any more. */
  serveReadyKeys(): void {
    while (this.#ready.size > 0) {
      const keys = [...this.#ready];
      this.#ready.clear();
      for (const key of keys) {
        for (const client of [...(this.#waiters.get(key) ?? [])]) {
          if (client.has(CLOSED) || client.blocked === null) continue;
          this.#rerun(client, key);
        }
      }
    }
  }

  #rerun(client: Client, key: string): void {
    const node = this.#node;
    const state = client.blocked!;
    client.unset(BLOCKED);
    const before = node.current;
    const target = node.replyTo(client);
    node.dispatcher.call(client, state.command, state.args, target);
    node.current = before;
    if (client.has(BLOCKED)) {
      // Still nothing for it: it keeps its place in the queue.
      void key;
      return;
    }
    this.#release(client);
    this.resumeLater(client);
  }

  /** Ends the waiting of a client with a reply that the caller has written to `node.replyTo`. */
  unblock(client: Client): void {
    const state = client.blocked;
    if (state === null) return;
    client.unset(BLOCKED);
    this.#release(client);
    this.#node.dispatcher.account(client, state.command, state.args);
    this.resumeLater(client);
  }

  readonly #resumable: Set<Client> = new Set();

  /** The client goes on, at the end of the event, with what it has sent. */
  resumeLater(client: Client): void {
    client.set(UNBLOCKED);
    this.#resumable.add(client);
  }

  /** Clients that were served go on with what they sent meanwhile. At the end of an event. */
  resumeServed(): void {
    while (this.#resumable.size > 0) {
      for (const client of this.#resumable) {
        this.#resumable.delete(client);
        client.unset(UNBLOCKED);
        this.#node.resume(client);
      }
    }
  }

  #release(client: Client): void {
    for (const key of client.blocked?.keys ?? []) {
      const clients = this.#waiters.get(key);
      clients?.delete(client);
      if (clients?.size === 0) this.#waiters.delete(key);
    }
    client.blocked = null;
    this.#blocked.delete(client);
  }

  /** Clients whose time is over. */
  checkTimeouts(): void {
    const { wallMs } = this.#node;
    if (wallMs < this.#nextDeadlineMs) return;
    let next = Number.POSITIVE_INFINITY;
    for (const client of [...this.#blocked]) {
      const state = client.blocked!;
      if (state.deadlineMs <= wallMs) {
        state.onTimeout?.(client, this.#node.replyTo(client));
        this.unblock(client);
      } else {
        next = Math.min(next, state.deadlineMs);
      }
    }
    this.#nextDeadlineMs = next;
  }

  forget(client: Client): void {
    this.#release(client);
    this.#resumable.delete(client);
  }
}
