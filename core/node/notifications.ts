// Keyspace notifications: messages about what happens to keys. They go through pub/sub, so nothing is
// sent, or even put together, while the class of event is switched off.
import { NOTIFY_KEYEVENT, NOTIFY_KEYSPACE } from "../keyspace/events.ts";
import type { Client } from "./client.ts";
import type { Node } from "./node.ts";

export class Notifications {
  readonly #node: Node;
  /** Classes that are switched on; 0 unless K or E is, too. */
  mask = 0;
  #flags = 0;

  constructor(node: Node) {
    this.#node = node;
  }

  configure(): void {
    const flags = this.#node.config.values.notifyKeyspaceEvents;
    this.#flags = flags;
    const channels = NOTIFY_KEYSPACE | NOTIFY_KEYEVENT;
    this.mask = (flags & channels) === 0 ? 0 : flags & ~channels;
  }

  publish(_eventClass: number, event: string, db: number, key: string): void {
    const { pubsub } = this.#node;
    if ((this.#flags & NOTIFY_KEYSPACE) !== 0) {
      pubsub.publish(`__keyspace@${db}__:${key}`, event);
    }
    if ((this.#flags & NOTIFY_KEYEVENT) !== 0) {
      pubsub.publish(`__keyevent@${db}__:${event}`, key);
    }
  }

  /** The client is gone or begins anew: it gets no messages of any kind. */
  forget(client: Client): void {
    this.#node.pubsub.forget(client);
    this.#node.tracking.disable(client);
  }
}
