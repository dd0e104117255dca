// What a command's handler works with besides its arguments and its reply. One instance per node,
// refilled before every command.
import type { Command } from "../commands/table.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Client } from "./client.ts";
import type { Node } from "./node.ts";

/** Propagate the command as it was called. */
export const PROPAGATE_VERBATIM = 0;
/** Propagate nothing. */
export const PROPAGATE_NOTHING = 1;
/** Propagate what the handler put into the node's effects instead. */
export const PROPAGATE_INSTEAD = 2;

export class Context {
  readonly node: Node;
  readonly keyspace: Keyspace;
  client: Client;
  db: Database;
  command: Command;
  /** How the command's effect is propagated; handlers change it through the methods below. */
  propagation: number = PROPAGATE_VERBATIM;
  /** Arguments that SLOWLOG and MONITOR must not show; null for none. */
  redacted: Set<number> | null = null;

  constructor(node: Node, client: Client, db: Database, command: Command) {
    this.node = node;
    this.keyspace = node.keyspace;
    this.client = client;
    this.db = db;
    this.command = command;
  }

  /** Wall time in ms; the same during the whole command. */
  get nowMs(): number {
    return this.keyspace.nowMs;
  }

  /**
   * The key in argument i was changed: counts a change, tells WATCH and client-side caching, sends
   * the keyspace notification. The one call after every successful write of a key.
   */
  changed(args: Args, i: number, eventClass: number, event: string): void {
    const { bytes } = args;
    const offset = args.offset[i];
    const length = args.length[i];
    this.keyspace.dirty++;
    this.node.keyModified(this.db.index, bytes, offset, length);
    this.node.keyEvent(eventClass, event, this.db.index, bytes, offset, length);
  }

  /** Only WATCH and client-side caching: for a second event of the same change, or none. */
  modified(args: Args, i: number): void {
    this.node.keyModified(this.db.index, args.bytes, args.offset[i], args.length[i]);
  }

  /** Only the keyspace notification. */
  notify(args: Args, i: number, eventClass: number, event: string): void {
    this.node.keyEvent(
      eventClass,
      event,
      this.db.index,
      args.bytes,
      args.offset[i],
      args.length[i],
    );
  }

  /** Propagate these words instead of the command; may be called several times for several commands. */
  propagateInstead(...words: string[]): void {
    this.propagation = PROPAGATE_INSTEAD;
    this.node.propagate(this.db.index, words);
  }

  /**
   * True when the reply is already more than the client may have waiting. It will be dropped with the
   * client, so that a command whose reply has no natural end looks now and then and stops.
   */
  overflows(reply: Reply): boolean {
    return this.node.clients.overflows(this.client, reply.size);
  }

  /** Argument i is a password or the like: SLOWLOG and MONITOR show "(redacted)" instead. */
  redact(i: number): void {
    this.redacted ??= new Set();
    this.redacted.add(i);
  }

  /** The command has no effect worth propagating. */
  propagateNothing(): void {
    this.propagation = PROPAGATE_NOTHING;
  }
}
