// Active expiry: keys whose time is over go away even if nobody asks for them.
//
// Every tick starts a cycle, a background job that visits the databases in turn. A step looks at one
// page of the dict of keys with a time to live, some 200 keys at most, and removes those that are
// expired; a database is left as soon as few of the keys in a step were, or when it has been walked
// through. So the memory held by dead keys stays small, and a million keys that expire at once become
// thousands of small steps in idle slices.
//
// A cycle takes no more than a share of the time between two ticks; what is left waits for the next
// tick. `active-expire-effort` raises that share and lowers the number of dead keys that is left alone.

import { RefList } from "../memory/dict.ts";
import type { Job } from "../node/jobs.ts";
import type { Node } from "../node/node.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { Database } from "./database.ts";

// At effort 1; each step of effort adds 2 % of time and takes 1 % of tolerance.
const TIME_PERCENT = 25;
const TIME_PERCENT_PER_EFFORT = 2;
const STALE_PERCENT = 10;
const EFFORT_MIN = 1;
/** Weights of the newest sample in the running averages of stale keys and of times to live. */
const STALE_WEIGHT = 0.05;
const TTL_WEIGHT = 0.02;

export class ExpireCycle implements Job {
  readonly #node: Node;
  readonly #entries: RefList = new RefList();
  readonly #hashes: RefList = new RefList();
  /** Index of the database in work; goes on where the last cycle stopped. */
  #database = 0;
  /** Databases that are still to be visited in this cycle. */
  #databasesLeft = 0;
  #running = false;
  #sampled = 0;
  #expired = 0;
  #usedUs = WIDE_ZERO;
  #limitUs = WIDE_ZERO;
  #stalePercentMax = STALE_PERCENT;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  enabled = true;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Once per tick. */
  start(): void {
    const { databases, jobs, keyspace, config, cron } = this.#node;
    if (this.#running) this.#finish();
    if (!this.enabled || !keyspace.deletesExpired || keyspace.expiryPaused) return;
    const effort = config.values.activeExpireEffort - EFFORT_MIN;
    const timePercent = TIME_PERCENT + TIME_PERCENT_PER_EFFORT * effort;
    this.#limitUs = (timePercent * 1e6) / cron.hz / 100;
    this.#stalePercentMax = STALE_PERCENT - effort;
    this.#sampled = 0;
    this.#expired = 0;
    this.#usedUs = 0;
    this.#databasesLeft = databases.length;
    this.#running = true;
    jobs.add(this);
  }

  step(): boolean {
    const { host, keyspace, statistics } = this.#node;
    if (!this.#running) return false;
    if (!this.enabled || !keyspace.deletesExpired || keyspace.expiryPaused) this.#databasesLeft = 0;
    const db = this.#nextDatabase();
    if (db === null) {
      this.#finish();
      return false;
    }
    const startUs = host.monotonicUs();
    if (!this.#visit(db)) this.#leaveDatabase();
    const usedUs = host.monotonicUs() - startUs;
    this.#usedUs += usedUs;
    statistics.activeExpireMicroseconds += usedUs;
    if (this.#usedUs > this.#limitUs && this.#databasesLeft > 0) {
      statistics.expiredTimeCapReached++;
      this.#databasesLeft = 0;
    }
    if (this.#databasesLeft === 0) this.#finish();
    return this.#running;
  }

  #nextDatabase(): Database | null {
    const { databases } = this.#node;
    while (this.#databasesLeft > 0) {
      const db = databases[this.#database % databases.length];
      if (db.volatileCount > 0) return db;
      db.averageTtlMs = 0;
      this.#leaveDatabase();
    }
    return null;
  }

  #leaveDatabase(): void {
    this.#database = (this.#database + 1) % this.#node.databases.length;
    this.#databasesLeft--;
  }

  /** Removes the expired keys of one page. Answers with whether to go on with this database. */
  #visit(db: Database): boolean {
    const { keyspace } = this.#node;
    const entries = this.#entries;
    const hashes = this.#hashes;
    entries.count = 0;
    hashes.count = 0;
    db.expireCursor = keyspace.dicts.scanPage(db.expires, db.expireCursor, entries, hashes);
    let expired = 0;
    let ttlSum = 0;
    for (let i = 0; i < entries.count; i++) {
      const ttlMs = db.expiryOf(entries.items[i]) - keyspace.nowMs;
      if (ttlMs < 0) {
        db.expire(entries.items[i], hashes.items[i]);
        expired++;
      } else {
        ttlSum += ttlMs;
      }
    }
    const live = entries.count - expired;
    if (live > 0) {
      const average = ttlSum / live;
      db.averageTtlMs =
        db.averageTtlMs === 0
          ? average
          : db.averageTtlMs + (average - db.averageTtlMs) * TTL_WEIGHT;
    }
    this.#sampled += entries.count;
    this.#expired += expired;
    if (db.expireCursor === 0) return false;
    return entries.count === 0 || (expired * 100) / entries.count > this.#stalePercentMax;
  }

  /** Ends the cycle: what it has seen goes into the estimate of how many keys are dead. */
  #finish(): void {
    const { latency, statistics, wallMs } = this.#node;
    this.#running = false;
    const percent = this.#sampled === 0 ? 0 : (this.#expired * 100) / this.#sampled;
    statistics.expiredStalePercent += (percent - statistics.expiredStalePercent) * STALE_WEIGHT;
    latency.addIfSlow("expire-cycle", Math.floor(this.#usedUs / 1000), wallMs);
  }
}
