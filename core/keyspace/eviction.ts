// Eviction: keys that go because `maxmemory` is reached. Which ones, `maxmemory-policy` says; how many
// are looked at for each one that goes, `maxmemory-samples`.
//
// Before a command runs, `makeRoom` brings the used memory below the limit, or as far as it gets in
// the time that `maxmemory-eviction-tenacity` allows; the rest is the work of a job. What is about to
// be freed in the background anyway (lazy-free.ts) is freed first: no key goes whose memory would not
// be needed.
import { NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { RefList } from "../memory/dict.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Job } from "../node/jobs.ts";
import type { Node } from "../node/node.ts";
import { latin1 } from "../util/bytes.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { Database } from "./database.ts";
import { NOTIFY_EVICTED } from "./events.ts";
import { EvictionPool } from "./eviction-pool.ts";

/** The used memory is below the limit, or is none of eviction's business now. */
export const EVICTION_DONE = 0;
/** The limit is exceeded, and a job goes on freeing. */
export const EVICTION_RUNNING = 1;
/** The limit is exceeded, and there is nothing to evict. */
export const EVICTION_FAILED = 2;

/** The clock is looked at after so many keys. */
const KEYS_PER_ROUND = 16;
/** After so many samples it is looked anew which databases have keys. */
const POPULATED_USES = 64;
/** Steps of background freeing between two looks at the clock. */
const FREE_STEPS = 4;
const LFU_COUNTER_MAX = 255;

// Tenacity: up to 10 it is a number of 50 µs each; above, each step adds 15 %; 100 has no limit.
const TENACITY_LINEAR_MAX = 10;
const TENACITY_STEP_US = 50;
const TENACITY_GROWTH = 1.15;
const TENACITY_MAX = 100;

export class Eviction implements Job {
  readonly #node: Node;
  readonly #pool: EvictionPool = new EvictionPool();
  readonly #sampled: RefList = new RefList();
  readonly #sampledHashes: RefList = new RefList();
  readonly #sampledClocks: RefList = new RefList();
  /** The databases that had keys that may go when all were looked at last. */
  #populated: Database[] = [];
  /** So many times those are enough before all are looked at again. */
  #populatedUses = 0;
  #policy = "noeviction";
  /** All keys may go, not only those with a time to live. */
  #takesAllKeys = false;
  /** What the policy goes by: "lru", "lfu", "ttl", "random". */
  #criterion = "";
  #limitBytes: number = Number.POSITIVE_INFINITY;
  #timeLimitUs = WIDE_ZERO;
  /** The database that a random policy took its last key from. */
  #lastDatabase = 0;
  /**
   * Bytes in use that evicting keys would not bring back but make more: output that waits for
   * replicas or for the append-only file. Kept up to date by those who hold it.
   */
  exemptBytes: number = WIDE_ZERO;

  constructor(node: Node) {
    this.#node = node;
  }

  configure(): void {
    const { maxmemory, maxmemoryPolicy, maxmemoryEvictionTenacity } = this.#node.config.values;
    this.#limitBytes = maxmemory > 0 ? maxmemory : Number.POSITIVE_INFINITY;
    if (maxmemoryPolicy !== this.#policy) this.#pool.clear();
    this.#populatedUses = 0;
    this.#policy = maxmemoryPolicy;
    this.#takesAllKeys = maxmemoryPolicy.startsWith("allkeys-");
    this.#criterion = maxmemoryPolicy.slice(maxmemoryPolicy.indexOf("-") + 1);
    this.#timeLimitUs = timeLimitUs(maxmemoryEvictionTenacity);
  }

  /** Brings the used memory below the limit in the background. */
  start(): void {
    this.#node.jobs.add(this);
  }

  step(): boolean {
    return this.#makeRoom(0) === EVICTION_RUNNING;
  }

  /** Before a command: brings the used memory below the limit. Answers with an EVICTION_ value. */
  makeRoom(): number {
    return this.#makeRoom(this.#timeLimitUs);
  }

  #makeRoom(limitUs: number): number {
    let result = EVICTION_DONE;
    if (this.#isOverLimit()) {
      if (!this.#mayEvict()) return EVICTION_DONE;
      result = this.#policy === "noeviction" ? EVICTION_FAILED : this.#evict(limitUs);
    }
    this.#node.statistics.noteMemoryLimit(result !== EVICTION_DONE);
    return result;
  }

  #isOverLimit(): boolean {
    return this.#node.usedMemory() - this.exemptBytes > this.#limitBytes;
  }

  /** False while nothing may be evicted: then the limit does not hold. */
  #mayEvict(): boolean {
    const { clients, config, keyspace } = this.#node;
    const { replicaof, replicaIgnoreMaxmemory } = config.values;
    if (keyspace.loading || clients.paused) return false;
    return replicaof === null || !replicaIgnoreMaxmemory;
  }

  #evict(limitUs: number): number {
    const { host, latency, wallMs } = this.#node;
    const isWatched = latency.thresholdMs > 0;
    const startUs = isWatched ? host.monotonicUs() : 0;
    const result = this.#evictUntil(limitUs);
    if (result === EVICTION_RUNNING) this.start();
    if (isWatched) {
      const elapsedMs = Math.floor((host.monotonicUs() - startUs) / 1000);
      latency.addIfSlow("eviction-cycle", elapsedMs, wallMs);
    }
    return result;
  }

  #evictUntil(limitUs: number): number {
    const { host, keyspace } = this.#node;
    let keys = 0;
    // Mostly one key goes and is enough; the clock is for those who need many.
    let deadlineUs = -1;
    while (this.#isOverLimit()) {
      if (!keyspace.lazyFree.idle) {
        keyspace.lazyFree.run(FREE_STEPS);
      } else {
        if (!this.#evictOne()) return EVICTION_FAILED;
        keys++;
        if (keys % KEYS_PER_ROUND !== 0) continue;
      }
      const nowUs = host.monotonicUs();
      if (deadlineUs < 0) deadlineUs = nowUs + limitUs;
      if (nowUs < deadlineUs) continue;
      return this.#isOverLimit() ? EVICTION_RUNNING : EVICTION_DONE;
    }
    return EVICTION_DONE;
  }

  // -- choosing -------------------------------------------------------------------------------------

  /** Evicts the key that the policy chooses. False when there is none. */
  #evictOne(): boolean {
    return this.#criterion === "random" ? this.#evictRandom() : this.#evictBest();
  }

  /** The dict of the keys of a database that may go. */
  #dictOf(db: Database): Ref {
    return this.#takesAllKeys ? db.dict : db.expires;
  }

  #evictRandom(): boolean {
    const { databases, keyspace } = this.#node;
    for (let i = 0; i < databases.length; i++) {
      this.#lastDatabase = (this.#lastDatabase + 1) % databases.length;
      const db = databases[this.#lastDatabase];
      const entry = keyspace.dicts.random(this.#dictOf(db), keyspace.prng);
      if (entry === NONE) continue;
      this.#remove(db, entry, keyspace.dicts.drawnHash);
      return true;
    }
    return false;
  }

  #evictBest(): boolean {
    const { databases, keyspace } = this.#node;
    const pool = this.#pool;
    while (this.#sample()) {
      while (pool.takeBest()) {
        const db = databases[pool.database];
        // It may have gone, or lost its time to live, since it was sampled.
        if (!keyspace.dicts.contains(this.#dictOf(db), pool.hash, pool.entry)) continue;
        this.#remove(db, pool.entry, pool.hash);
        return true;
      }
    }
    return false;
  }

  /** Offers some keys of every database to the pool. False when there are none. */
  #sample(): boolean {
    if (this.#populatedUses > 0) {
      this.#populatedUses--;
      if (this.#sampleFrom(this.#populated)) return true;
    }
    const { databases, keyspace } = this.#node;
    // Most databases are empty; which ones seldom changes.
    this.#populated = databases.filter((db) => keyspace.dicts.count(this.#dictOf(db)) > 0);
    this.#populatedUses = POPULATED_USES;
    return this.#sampleFrom(this.#populated);
  }

  #sampleFrom(databases: readonly Database[]): boolean {
    const { config, keyspace } = this.#node;
    const { dicts, prng } = keyspace;
    const sampled = this.#sampled;
    let found = false;
    for (const db of databases) {
      const dict = this.#dictOf(db);
      if (dicts.count(dict) === 0) continue;
      found = true;
      sampled.count = 0;
      this.#sampledHashes.count = 0;
      dicts.sample(dict, config.values.maxmemorySamples, prng, sampled, this.#sampledHashes);
      this.#offerSampled(db);
    }
    return found;
  }

  #offerSampled(db: Database): void {
    const { items: entries, count } = this.#sampled;
    const { items: hashes } = this.#sampledHashes;
    const clocks = this.#sampledClocks;
    // Each entry lies somewhere else in memory. Read in one go, all of them are waited for at once;
    // what is done with one before the next is read would cost the wait of each.
    clocks.count = 0;
    for (let i = 0; i < count; i++) clocks.push(db.accessClock(entries[i]));
    for (let i = 0; i < count; i++) {
      const score = this.#scoreOf(db, entries[i], clocks.items[i]);
      this.#pool.offer(score, db.index, entries[i], hashes[i]);
    }
  }

  #scoreOf(db: Database, entry: Ref, clock: number): number {
    if (this.#criterion === "lru") return db.idleSecondsOf(clock);
    if (this.#criterion === "lfu") return LFU_COUNTER_MAX - db.lfuCounterOf(clock);
    return -db.expiryOf(entry);
  }

  // -- removing -------------------------------------------------------------------------------------

  #remove(db: Database, entry: Ref, hash: number): void {
    const node = this.#node;
    const { host, keyspace, latency, propagation, statistics } = node;
    const { arena } = keyspace;
    const { lazyfreeLazyEviction } = node.config.values;
    const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
    const offset = keyOffset(arena, entry);
    const length = keyLength(arena, entry);
    statistics.evictedKeys++;
    node.keyModified(db.index, bytes, offset, length, false);
    node.keyEvent(NOTIFY_EVICTED, "evicted", db.index, bytes, offset, length);
    if (propagation.active) {
      const name = lazyfreeLazyEviction ? "UNLINK" : "DEL";
      propagation.add(db.index, [name, latin1(bytes, offset, offset + length)]);
    }
    const startUs = latency.thresholdMs > 0 ? host.monotonicUs() : 0;
    db.removeEntry(entry, hash, lazyfreeLazyEviction);
    if (latency.thresholdMs === 0) return;
    const elapsedMs = Math.floor((host.monotonicUs() - startUs) / 1000);
    latency.addIfSlow("eviction-del", elapsedMs, node.wallMs);
  }
}

/** How long a command may wait for eviction. The power is multiplied out: it must not be rounded. */
function timeLimitUs(tenacity: number): number {
  if (tenacity >= TENACITY_MAX) return Number.POSITIVE_INFINITY;
  let limitUs = TENACITY_STEP_US * Math.min(tenacity, TENACITY_LINEAR_MAX);
  for (let i = TENACITY_LINEAR_MAX; i < tenacity; i++) limitUs *= TENACITY_GROWTH;
  return Math.floor(limitUs);
}
