// Active expiry: keys whose time is over go away even if nobody asks for them.
//
// The cycle walks the dict of keys with a time to live, some keys per step, as a background job.
// Every tick starts it on all databases; on each it goes on as long as it finds more than a tenth
// of the keys it looks at expired, so that the memory held by dead keys stays small, and a million
// keys expiring at once become a million small deletions in idle slices.

import { RefList } from "../memory/dict.ts";
import type { Job } from "../node/jobs.ts";
import type { Node } from "../node/node.ts";
import type { Database } from "./database.ts";

const KEYS_PER_STEP = 20;
const STALE_SHARE_MAX = 0.1;

export class ExpireCycle implements Job {
  readonly #node: Node;
  readonly #found: RefList = new RefList();
  #database = 0;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  enabled = true;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Once per tick. */
  start(): void {
    if (!this.enabled || !this.#node.keyspace.deletesExpired) return;
    this.#database = 0;
    if (this.#node.databases.some((db) => db.volatileCount > 0)) this.#node.jobs.add(this);
  }

  step(): boolean {
    const { databases, keyspace } = this.#node;
    while (this.#database < databases.length && databases[this.#database].volatileCount === 0) {
      this.#database++;
    }
    if (this.#database >= databases.length || !this.enabled) return false;
    const staleShare = this.#sample(databases[this.#database]);
    if (staleShare <= STALE_SHARE_MAX) this.#database++;
    keyspace.noTouch = false;
    return this.#database < databases.length;
  }

  /** Looks at some keys and removes the expired ones; answers with their share. */
  #sample(db: Database): number {
    const { keyspace, propagation, statistics } = this.#node;
    const found = this.#found;
    found.count = 0;
    db.expireCursor = keyspace.dicts.scan(db.expires, db.expireCursor, KEYS_PER_STEP, found);
    if (found.count === 0) return 0;
    let expired = 0;
    let ttlSum = 0;
    let ttlCount = 0;
    if (propagation.active) propagation.begin();
    for (let i = 0; i < found.count; i++) {
      const entry = found.items[i];
      const at = db.expiryOf(entry);
      if (at < keyspace.nowMs) {
        db.expire(entry, keyspace.dicts.hashOf(entry));
        expired++;
      } else {
        ttlSum += at - keyspace.nowMs;
        ttlCount++;
      }
    }
    if (propagation.active) propagation.end();
    if (ttlCount > 0) {
      const average = ttlSum / ttlCount;
      db.averageTtlMs =
        db.averageTtlMs === 0 ? average : db.averageTtlMs + (average - db.averageTtlMs) / 50;
    }
    const share = expired / found.count;
    statistics.expiredStalePercent = share * 100 * 0.05 + statistics.expiredStalePercent * 0.95;
    return share;
  }
}
