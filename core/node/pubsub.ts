// Publish/subscribe: who listens to which channels and patterns.
import { globMatchText } from "../util/glob.ts";
import { type Client, PUBSUB } from "./client.ts";
import type { Node } from "./node.ts";

export class PubSub {
  readonly #node: Node;
  readonly channels: Map<string, Set<Client>> = new Map();
  readonly patterns: Map<string, Set<Client>> = new Map();
  readonly shardChannels: Map<string, Set<Client>> = new Map();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Delivers a message; answers with the number of receivers. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const client of this.channels.get(channel) ?? []) {
      const reply = this.#node.replyTo(client);
      reply.push(3);
      reply.bulkText("message");
      reply.bulkText(channel);
      reply.bulkText(message);
      receivers++;
    }
    for (const [pattern, clients] of this.patterns) {
      if (!globMatchText(pattern, channel, false)) continue;
      for (const client of clients) {
        const reply = this.#node.replyTo(client);
        reply.push(4);
        reply.bulkText("pmessage");
        reply.bulkText(pattern);
        reply.bulkText(channel);
        reply.bulkText(message);
        receivers++;
      }
    }
    return receivers;
  }

  forget(client: Client): void {
    for (const name of client.channels ?? []) removeFrom(this.channels, name, client);
    for (const name of client.patterns ?? []) removeFrom(this.patterns, name, client);
    for (const name of client.shardChannels ?? []) removeFrom(this.shardChannels, name, client);
    client.channels = null;
    client.patterns = null;
    client.shardChannels = null;
    client.unset(PUBSUB);
  }
}

function removeFrom(map: Map<string, Set<Client>>, name: string, client: Client): void {
  const clients = map.get(name);
  clients?.delete(client);
  if (clients?.size === 0) map.delete(name);
}
