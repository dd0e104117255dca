// What all databases of a node share: memory, hashing, chance, the time of the command in work, the
// access clock, and the one place where a change of a key becomes known to everybody who cares
// (statistics, WATCH, notifications, client-side caching, blocked clients, propagation).
import { Arena, type Ref } from "../memory/arena.ts";
import { Dicts } from "../memory/dict.ts";
import type { Prng } from "../util/prng.ts";

/** What the keyspace reports and asks; the node implements it. Keys are bytes in a buffer. */
export interface KeyspaceListener {
  /** A key was changed in a way that WATCH and client-side caching must see. */
  keyModified(db: number, bytes: Uint8Array, offset: number, length: number): void;
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

export class Keyspace {
  readonly arena: Arena;
  readonly dicts: Dicts;
  readonly prng: Prng;
  readonly listener: KeyspaceListener;
  /** Wall time in ms of the command in work: everything in one command sees the same time. */
  nowMs = 0;
  /** The access clock written into keys that are used: seconds, 24 bits. */
  lruClock = 0;
  /** True when an LFU policy is selected: keys then carry a use counter instead of the clock. */
  lfu = false;
  lfuLogFactor = 10;
  lfuDecayMinutes = 1;
  /** False on replicas: expired keys are hidden, and only the primary's DEL removes them. */
  deletesExpired = true;
  /** DEBUG SET-ACTIVE-EXPIRE 0 also keeps reads from deleting: never set otherwise. */
  lookupExpires = true;
  /** Number of changes since the last save, as INFO's rdb_changes_since_last_save counts them. */
  dirty = 0;
  hits = 0;
  misses = 0;
  expiredKeys = 0;
  /** Set while a client with CLIENT NO-TOUCH runs its commands. */
  noTouch = false;
  /** Frees values by type (types.ts); a string's value lies in its entry and needs none. */
  readonly releasers: (ValueReleaser | undefined)[] = [];

  constructor(listener: KeyspaceListener, prng: Prng, firstSegmentBytes: number) {
    this.listener = listener;
    this.prng = prng;
    this.arena = new Arena(firstSegmentBytes);
    this.dicts = new Dicts(this.arena, prng.next(), prng.next());
  }

  /** Minutes of the wall clock in 16 bits: LFU's time of the last decrement. */
  lfuMinutes(): number {
    return Math.floor(this.nowMs / 60000) & 0xffff;
  }
}
