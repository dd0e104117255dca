// What the commands on hashes share: opening the hash of a key, looking at a field whose time may be
// over, giving the changed hash back.
import { HASH } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import type { HashValue } from "../types/hash/hash-value.ts";
import { WRONG_TYPE } from "./errors.ts";

// What looking for a field comes to.
export const MISSING = 0;
export const LIVE = 1;
/** The field was there, but its time was over. */
export const EXPIRED = 2;
/** As EXPIRED, and the hash is gone with its last field. */
export const EXPIRED_WITH_HASH = 3;

/** Opens the hash of an entry. Answers with the error itself and returns false when it is none. */
export function openHash(ctx: Context, entry: Ref, reply: Reply): boolean {
  const { db } = ctx;
  if (db.typeOf(entry) !== HASH) {
    reply.error(WRONG_TYPE);
    return false;
  }
  ctx.node.hashes.hash.open(db, entry);
  return true;
}

/**
 * Opens the hash in argument 1 for changing it; a new one, of no key yet, when there is none. Answers
 * with the error itself and returns false when it is something else. `storeHash` ends this.
 */
export function openOrCreate(ctx: Context, args: Args, reply: Reply): boolean {
  const entry = ctx.db.write(args, 1);
  if (entry !== NONE) return openHash(ctx, entry, reply);
  const { hashes } = ctx.node;
  hashes.create(hashes.hash);
  return true;
}

/** Gives the hash to the key in argument 1, which has just been looked up. */
export function storeHash(ctx: Context, args: Args, hash: HashValue): void {
  if (hash.db === null) ctx.db.add(args, 1, HASH, hash.encoding, hash.value);
  else ctx.node.hashes.store(hash);
}

/**
 * Looks for a field that a client may see: MISSING, LIVE, EXPIRED or EXPIRED_WITH_HASH. A field whose
 * time is over is removed, if this node may do that; `quiet`: subscribers are not told.
 */
export function findLive(ctx: Context, hash: HashValue, field: Element, quiet = false): number {
  const { hashes, fieldExpiry } = ctx.node;
  if (!hashes.find(hash, field)) return MISSING;
  if (!fieldExpiry.isOver(hashes.expiryMs)) return LIVE;
  if (!fieldExpiry.removes) return EXPIRED;
  return fieldExpiry.removeFound(hash, field, quiet) ? EXPIRED_WITH_HASH : EXPIRED;
}
