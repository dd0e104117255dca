// INFO clients.
import { PUBSUB, REPLICA, TRACKING } from "../node/client.ts";
import type { Node } from "../node/node.ts";
import type { Field } from "./fields.ts";

export function clientFields(node: Node): Field[] {
  const { blocking, clients, watch } = node;
  let replicas = 0;
  let tracking = 0;
  let subscribers = 0;
  for (const client of clients.all()) {
    if (client.has(REPLICA)) replicas++;
    if (client.has(TRACKING)) tracking++;
    if (client.has(PUBSUB)) subscribers++;
  }
  return [
    ["connected_clients", clients.count - replicas],
    ["cluster_connections", 0],
    ["maxclients", node.config.text("maxclients") ?? ""],
    ["client_recent_max_input_buffer", clients.recentInputBytes.max],
    ["client_recent_max_output_buffer", clients.recentOutputBytes.max],
    ["blocked_clients", blocking.count + clients.postponed.size],
    ["tracking_clients", tracking],
    ["pubsub_clients", subscribers],
    ["watching_clients", watch.clientCount],
    ["clients_in_timeout_table", blocking.timedCount],
    ["total_watched_keys", watch.keyCount],
    ["total_blocking_keys", blocking.keyCount],
    ["total_blocking_keys_on_nokey", blocking.goneKeyCount],
  ];
}
