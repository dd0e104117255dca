// INFO replication.
import type { Node } from "../node/node.ts";
import type { Field } from "./fields.ts";

const NO_ID = "0".repeat(40);

export function replicationFields(node: Node): Field[] {
  const { values } = node.config;
  const fields: Field[] = [
    ["role", "master"],
    ["connected_slaves", 0],
  ];
  if (values.minReplicasToWrite > 0 && values.minReplicasMaxLag > 0) {
    fields.push(["min_slaves_good_slaves", 0]);
  }
  fields.push(
    ["master_failover_state", "no-failover"],
    ["master_replid", node.replicationId],
    ["master_replid2", NO_ID],
    ["master_repl_offset", 0],
    ["second_repl_offset", -1],
    ["repl_backlog_active", 0],
    ["repl_backlog_size", values.replBacklogSize],
    ["repl_backlog_first_byte_offset", 0],
    ["repl_backlog_histlen", 0],
  );
  return fields;
}
