// Fields of hashes whose time is over. A reader that comes upon one removes it (`removeFound`), and a
// background job finds the others: the heaps of the databases tell at once which hash has the field
// that expires first, so that the job never looks at anything that is not due.
//
// Removing a field is told to replicas as HDEL and to subscribers as `hexpired`; a hash whose last
// field goes is removed with it (`del`), which replicas see for themselves.
import { type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Job } from "../node/jobs.ts";
import type { Node } from "../node/node.ts";
import { Element } from "../types/element.ts";
import { HashValue, keyHashOf } from "../types/hash/hash-value.ts";
import { latin1 } from "../util/bytes.ts";
import type { Database } from "./database.ts";
import { NOTIFY_GENERIC, NOTIFY_HASH } from "./events.ts";

/** Fields that one step of the job removes: some tens of microseconds. */
const FIELDS_PER_STEP = 64;

export class FieldExpiry implements Job {
  readonly #node: Node;
  readonly #hash: HashValue = new HashValue();
  readonly #field: Element = new Element();
  /** Index of the database in work. */
  #database = 0;

  constructor(node: Node) {
    this.#node = node;
  }

  // -- in the background ----------------------------------------------------------------------------

  /** Once per tick. */
  start(): void {
    const { databases, jobs } = this.#node;
    if (this.#mayRun() && databases.some((db) => this.#isDue(db))) jobs.add(this);
  }

  #mayRun(): boolean {
    const { expireCycle, keyspace } = this.#node;
    return expireCycle.enabled && keyspace.deletesExpired && !keyspace.expiryPaused;
  }

  #isDue(db: Database): boolean {
    const { expiryHeaps, nowMs } = db.keyspace;
    return db.volatileHashCount > 0 && expiryHeaps.firstMs(db.fieldExpiries) < nowMs;
  }

  step(): boolean {
    const { databases } = this.#node;
    if (!this.#mayRun()) return false;
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.#database % databases.length];
      if (this.#isDue(db)) {
        this.#expireFirst(db);
        return true;
      }
      this.#database = (this.#database + 1) % databases.length;
    }
    return false;
  }

  /** Removes expired fields of the hash that is first. */
  #expireFirst(db: Database): void {
    const { arena, dicts, expiryHeaps } = db.keyspace;
    const value = expiryHeaps.first(db.fieldExpiries);
    const hash = this.#hash;
    hash.open(db, dicts.findByValue(db.dict, keyHashOf(arena, value), value));
    this.#removeExpired(hash, FIELDS_PER_STEP);
  }

  // -- in commands ----------------------------------------------------------------------------------

  /** True when the field that was found is over, for whoever asks. */
  isOver(expiryMs: number): boolean {
    const { keyspace } = this.#node;
    return expiryMs >= 0 && expiryMs < keyspace.nowMs && keyspace.lookupExpires;
  }

  /** True when this node may remove what is over. */
  get removes(): boolean {
    const { keyspace } = this.#node;
    return keyspace.deletesExpired && !keyspace.expiryPaused;
  }

  /**
   * Removes the field that was found, whose time is over. Answers with whether its hash is gone with
   * it; `quiet`: subscribers are not told.
   */
  removeFound(hash: HashValue, field: Element, quiet: boolean): boolean {
    const { hashes } = this.#node;
    this.propagateRemoval(hash, field);
    hashes.removeFound(hash);
    hashes.store(hash);
    return this.#removed(hash, quiet);
  }

  /** Removes all fields that are over. Answers with whether the hash is gone with them. */
  removeAll(hash: HashValue): boolean {
    return this.removes && this.#removeExpired(hash, Number.POSITIVE_INFINITY);
  }

  #removeExpired(hash: HashValue, countMax: number): boolean {
    const { hashes, keyspace } = this.#node;
    const field = this.#field;
    let count = 0;
    while (count < countMax && hashes.firstExpiryMs(hash.value, hash.encoding) < keyspace.nowMs) {
      hashes.findFirstExpiring(hash, field);
      this.propagateRemoval(hash, field);
      hashes.removeFound(hash);
      count++;
    }
    if (count === 0) return false;
    hashes.store(hash);
    return this.#removed(hash, false);
  }

  /** Counts the removal of a field by its time, and tells replicas. Before the field is removed. */
  propagateRemoval(hash: HashValue, field: Element): void {
    const { propagation, statistics } = this.#node;
    statistics.expiredSubkeys++;
    if (!propagation.active) return;
    const db = hash.db!;
    const { arena } = db.keyspace;
    const start = keyOffset(arena, hash.entry);
    const bytes = arena.u8[hash.entry >>> SEGMENT_SHIFT];
    const key = latin1(bytes, start, start + keyLength(arena, hash.entry));
    propagation.add(db.index, ["HDEL", key, field.text()]);
  }

  /** After fields were removed: tells everybody, and removes the key when none are left. */
  #removed(hash: HashValue, quiet: boolean): boolean {
    const { hashes, keyspace } = this.#node;
    const db = hash.db!;
    const { entry } = hash;
    if (!quiet) this.#notify(db, entry, NOTIFY_HASH, "hexpired");
    const isGone = hashes.count(hash) === 0;
    if (isGone && !quiet) this.#notify(db, entry, NOTIFY_GENERIC, "del");
    const { arena } = keyspace;
    const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
    const offset = keyOffset(arena, entry);
    this.#node.keyModified(db.index, bytes, offset, keyLength(arena, entry), false);
    if (isGone) db.removeEntry(entry, keyspace.dicts.hashOf(entry));
    return isGone;
  }

  #notify(db: Database, entry: Ref, eventClass: number, event: string): void {
    const { arena } = this.#node.keyspace;
    const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
    const offset = keyOffset(arena, entry);
    this.#node.keyEvent(eventClass, event, db.index, bytes, offset, keyLength(arena, entry));
  }
}
