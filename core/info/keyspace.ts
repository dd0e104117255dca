// INFO keyspace: the databases that have keys.
import type { Node } from "../node/node.ts";
import type { Field } from "./fields.ts";

export function* keyspaceFields(node: Node): Generator<Field> {
  for (const db of node.databases) {
    const { index, size, volatileCount, volatileHashCount, averageTtlMs } = db;
    if (size === 0 && volatileCount === 0) continue;
    const averageTtl = Math.floor(averageTtlMs);
    yield [
      `db${index}`,
      `keys=${size},expires=${volatileCount},avg_ttl=${averageTtl},subexpiry=${volatileHashCount}`,
    ];
  }
}
