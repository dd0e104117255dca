// A keyspace without a node, for tests of values.
import { Keyspace } from "../../../core/keyspace/keyspace.ts";
import { Prng } from "../../../core/util/prng.ts";

export function keyspaceForTests(seed = 1): Keyspace {
  const listener = { keyModified: () => {}, keyEvent: () => {}, keyExpired: () => {} };
  return new Keyspace(listener, new Prng(Uint8Array.of(seed)), 64 * 1024);
}
