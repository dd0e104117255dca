// What all databases of a node share: memory, hashing, chance, the time of the command in work, the
// access clock, and the one place where a change of a key becomes known to everybody who cares
// (statistics, WATCH, notifications, client-side caching, blocked clients, propagation).
import { Arena, type Ref } from "../memory/arena.ts";
import { Dicts, RefList } from "../memory/dict.ts";
import { ExpiryHeaps } from "../memory/expiry-heap.ts";
import type { Job } from "../node/jobs.ts";
import { RdbTypes } from "../persistence/rdb-types.ts";
import type { Prng } from "../util/prng.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { Database } from "./database.ts";
import type { ValueDigest } from "./digest.ts";
import { LazyFree } from "./lazy-free.ts";

/** What the keyspace reports and asks; the node implements it. Keys are bytes in a buffer. */
export interface KeyspaceListener {
  /**
   * A key was changed in a way that WATCH and client-side caching must see; `byCommand` (the default):
   * by the command in work, not because its time was over or its memory was needed.
   */
  keyModified(
    db: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    byCommand?: boolean,
  ): void;
  /** A keyspace notification of an event class (events.ts). */
  keyEvent(
    eventClass: number,
    event: string,
    db: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void;
  /** A key was removed because its time was over: a DEL (or UNLINK) must be propagated. */
  keyExpired(db: number, bytes: Uint8Array, offset: number, length: number): void;
}

/** How a type's value is freed; registered by the type, called when a key goes. */
export type ValueReleaser = (value: Ref, encoding: number) => void;

/**
 * Frees a value in steps: a job, or null when it has so few pieces (LAZY_FREE_EFFORT_MIN) that the
 * releaser shall free it at once. Calling it does nothing to the value; stepping the job does.
 */
export type LazyValueReleaser = (value: Ref, encoding: number) => Job | null;

/** Makes an independent copy of a value, with the same encoding. */
export type ValueCopier = (value: Ref, encoding: number) => Ref;

/**
 * Bytes that a value takes in the arena, block headers included (`Arena.blockBytes`). Of a value of
 * many blocks at most `samples` elements are looked at, and the others are taken to be like them.
 */
export type ValueSizer = (value: Ref, encoding: number, samples: number) => number;

/** Adds a value's elements to a digest, in the way of DEBUG DIGEST-VALUE (digest.ts). */
export type ValueDigester = (value: Ref, encoding: number, digest: ValueDigest) => void;

/** What DEBUG wants to know of a type. */
export interface ValueInspector {
  /** The dict in a value, or NONE: DEBUG HTSTATS-KEY. */
  dictOf?(value: Ref, encoding: number): Ref;
  /** What DEBUG OBJECT says in addition, with a blank in front. */
  describe?(value: Ref, encoding: number): string;
}

/**
 * Told of a value that has come to a key as a whole (RENAME, MOVE, COPY, RESTORE, loading), or that is
 * about to leave it (removed, renamed, overwritten), for types that keep track of keys by something
 * inside their values. A database that is cleared or swapped tells nothing.
 */
export type ValueWatcher = (db: Database, entry: Ref, hash: number) => void;

export class Keyspace {
  readonly arena: Arena;
  readonly dicts: Dicts;
  readonly expiryHeaps: ExpiryHeaps;
  readonly prng: Prng;
  readonly listener: KeyspaceListener;
  /** Wall time in ms of the command in work: everything in one command sees the same time. */
  nowMs: number = WIDE_ZERO;
  /** The access clock written into keys that are used: seconds, 24 bits. */
  lruClock = 0;
  /** True when an LFU policy is selected: keys then carry a use counter instead of the clock. */
  lfu = false;
  lfuLogFactor = 10;
  lfuDecayMinutes = 1;
  /** False on replicas: expired keys are hidden, and only the primary's DEL removes them. */
  deletesExpired = true;
  /** CLIENT PAUSE is in force: expired keys are hidden, and removed when it is over. */
  expiryPaused = false;
  /** False while the primary's commands are executed: for them no key is expired. */
  lookupExpires = true;
  /** Keys come from a file: no events, and nothing expires. Set by `loadingBegins`. */
  loading = false;
  /** lazyfree-lazy-expire: large values of expired keys are freed in the background. */
  lazyExpire = false;
  /** lazyfree-lazy-server-del: large values that are overwritten or used up are freed likewise. */
  lazyServerDel = false;
  /** Number of changes since the last save, as INFO's rdb_changes_since_last_save counts them. */
  dirty: number = WIDE_ZERO;
  hits: number = WIDE_ZERO;
  misses: number = WIDE_ZERO;
  expiredKeys: number = WIDE_ZERO;
  /** Set while a client with CLIENT NO-TOUCH runs its commands. */
  noTouch = false;
  /** Frees values by type (types.ts); a string's value lies in its entry and needs none. */
  readonly releasers: (ValueReleaser | undefined)[] = [];
  /** Free large values in steps, by type; a type without one is always freed at once. */
  readonly lazyReleasers: (LazyValueReleaser | undefined)[] = [];
  /** Copy values, by type; a string is copied with its entry. */
  readonly copiers: (ValueCopier | undefined)[] = [];
  /** For MEMORY USAGE, by type; a string's bytes are its entry's. */
  readonly sizers: (ValueSizer | undefined)[] = [];
  /** By type; strings need none. */
  readonly digesters: (ValueDigester | undefined)[] = [];
  /** For DEBUG, by type. */
  readonly inspectors: (ValueInspector | undefined)[] = [];
  /** Told when a value comes to a key, by type; most need none. */
  readonly arrivals: (ValueWatcher | undefined)[] = [];
  /** Told before a value leaves its key, by type; most need none. */
  readonly departures: (ValueWatcher | undefined)[] = [];
  /** How values are written to and read from RDB files and DUMP payloads. */
  readonly rdbTypes: RdbTypes = new RdbTypes();
  readonly lazyFree: LazyFree = new LazyFree();
  /** What an iteration in work has found; whoever begins one empties it. */
  readonly scanned: RefList = new RefList();

  constructor(listener: KeyspaceListener, prng: Prng, firstSegmentBytes: number) {
    this.listener = listener;
    this.prng = prng;
    this.arena = new Arena(firstSegmentBytes);
    this.dicts = new Dicts(this.arena, prng.next(), prng.next());
    this.expiryHeaps = new ExpiryHeaps(this.arena);
    this.dirty = 0;
    this.hits = 0;
    this.misses = 0;
    this.expiredKeys = 0;
  }

  loadingBegins(): void {
    this.loading = true;
    this.lookupExpires = false;
  }

  loadingEnds(): void {
    this.loading = false;
    this.lookupExpires = true;
  }

  /** Frees a value that no key has any more; `lazy`: in the background when it is large. */
  freeValue(type: number, value: Ref, encoding: number, lazy: boolean): void {
    const job = this.lazyReleasers[type]?.(value, encoding) ?? null;
    if (job === null) this.releasers[type]?.(value, encoding);
    else if (lazy) this.lazyFree.add(job, 1);
    else this.lazyFree.addUrgent(job);
  }

  /** As `freeValue`, from inside a job that frees many values. */
  freeFoundValue(type: number, value: Ref, encoding: number): void {
    const job = this.lazyReleasers[type]?.(value, encoding) ?? null;
    if (job !== null) this.lazyFree.addFound(job);
    else this.releasers[type]?.(value, encoding);
  }

  /** Minutes of the wall clock in 16 bits: LFU's time of the last decrement. */
  lfuMinutes(): number {
    return Math.floor(this.nowMs / 60000) & 0xffff;
  }
}
