// Publish/subscribe: who listens to which channels and patterns, and the delivery of messages.
// Channels and patterns are text of one character per byte.
import { globMatchText } from "../util/glob.ts";
import { type Client, PUBSUB } from "./client.ts";
import type { Node } from "./node.ts";

/** The three kinds of subscription, each with a namespace of its own. */
export type SubscriptionKind = "channels" | "patterns" | "shardChannels";

export class PubSub {
  readonly #node: Node;
  readonly channels: Map<string, Set<Client>> = new Map();
  readonly patterns: Map<string, Set<Client>> = new Map();
  readonly shardChannels: Map<string, Set<Client>> = new Map();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Number of clients with any subscription. */
  get clientCount(): number {
    const clients = new Set<Client>();
    for (const map of [this.channels, this.patterns, this.shardChannels]) {
      for (const subscribers of map.values()) for (const client of subscribers) clients.add(client);
    }
    return clients.size;
  }

  subscribe(client: Client, kind: SubscriptionKind, name: string): void {
    client[kind] ??= new Set();
    client[kind].add(name);
    const clients = this[kind].get(name);
    if (clients === undefined) this[kind].set(name, new Set([client]));
    else clients.add(client);
    client.set(PUBSUB);
  }

  unsubscribe(client: Client, kind: SubscriptionKind, name: string): void {
    if (client[kind]?.delete(name) !== true) return;
    const clients = this[kind].get(name);
    clients?.delete(client);
    if (clients?.size === 0) this[kind].delete(name);
    const left = client.subscriptionCount + (client.shardChannels?.size ?? 0);
    if (left === 0) client.unset(PUBSUB);
  }

  /** Delivers a message; answers with the number of receivers, one for each matching pattern. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const client of this.channels.get(channel) ?? []) {
      this.#send(client, ["message", channel, message]);
      receivers++;
    }
    for (const [pattern, clients] of this.patterns) {
      if (!globMatchText(pattern, channel, false)) continue;
      for (const client of clients) {
        this.#send(client, ["pmessage", pattern, channel, message]);
        receivers++;
      }
    }
    return receivers;
  }

  /** Delivers to the subscribers of a shard channel. */
  publishShard(channel: string, message: string): number {
    const clients = this.shardChannels.get(channel);
    for (const client of clients ?? []) this.#send(client, ["smessage", channel, message]);
    return clients?.size ?? 0;
  }

  #send(client: Client, words: readonly string[]): void {
    const reply = this.#node.messageTo(client);
    reply.push(words.length);
    for (const word of words) reply.bulkText(word);
  }

  forget(client: Client): void {
    for (const kind of ["channels", "patterns", "shardChannels"] as const) {
      for (const name of client[kind] ?? []) this.unsubscribe(client, kind, name);
      client[kind] = null;
    }
  }
}
