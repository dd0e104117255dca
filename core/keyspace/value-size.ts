// MEMORY USAGE: the bytes that one key takes in the arena, block headers included.
import { NONE, type Ref } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { STRING } from "./types.ts";

/** A dict's slot: where the entry is found by its hash. */
const SLOT_BYTES = 8;

/** Bytes of the key in `entry`: its entry, its value, its places in the indexes. */
export function keyBytes(db: Database, entry: Ref, samples: number): number {
  const { arena, sizers } = db.keyspace;
  const indexes = db.expiryOf(entry) >= 0 ? 2 : 1;
  const own = arena.blockBytes(entry) + indexes * SLOT_BYTES;
  const type = db.typeOf(entry);
  if (type === STRING) return own;
  const value = db.valueOf(entry);
  return own + (value === NONE ? 0 : (sizers[type]?.(value, db.encodingOf(entry), samples) ?? 0));
}
