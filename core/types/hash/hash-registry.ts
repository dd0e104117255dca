// Which hashes of a database have fields that expire, and when the next one does: the heap
// `Database.fieldExpiries`. It holds the blocks of the hashes; the hash of the key in a block leads
// back to the key (hash-value.ts).
import type { Database } from "../../keyspace/database.ts";
import { LISTPACK } from "../../keyspace/types.ts";
import { type Arena, NONE, type Ref } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import { type ExpiryHeaps, IN_NO_HEAP } from "../../memory/expiry-heap.ts";
import { type HashValue, setKeyHash } from "./hash-value.ts";

export class HashRegistry {
  readonly #arena: Arena;
  readonly #dicts: Dicts;
  readonly #heaps: ExpiryHeaps;

  constructor(dicts: Dicts, heaps: ExpiryHeaps) {
    this.#arena = dicts.arena;
    this.#dicts = dicts;
    this.#heaps = heaps;
  }

  /** The hash of a key has, or has not any more, a field that expires at `firstMs` (or never). */
  update(hash: HashValue, firstMs: number): void {
    const { value, encoding } = hash;
    if (encoding === LISTPACK) return;
    const db = hash.db!;
    const position = this.#heaps.positionOf(value);
    if (position === IN_NO_HEAP) {
      if (firstMs === Number.POSITIVE_INFINITY) return;
      if (db.fieldExpiries === NONE) db.fieldExpiries = this.#heaps.create();
      setKeyHash(this.#arena, value, this.#dicts.hashOf(hash.entry));
      this.#heaps.add(db.fieldExpiries, value, firstMs);
    } else if (firstMs === Number.POSITIVE_INFINITY) {
      this.#heaps.remove(db.fieldExpiries, value);
    } else if (this.#heaps.msAt(db.fieldExpiries, position) !== firstMs) {
      this.#heaps.update(db.fieldExpiries, value, firstMs);
    }
  }

  /** The hash leaves its key. */
  remove(db: Database, entry: Ref): void {
    if (db.encodingOf(entry) === LISTPACK) return;
    const value = db.valueOf(entry);
    if (this.#heaps.positionOf(value) !== IN_NO_HEAP) this.#heaps.remove(db.fieldExpiries, value);
  }

  /** The block of the hash has moved, its head with it. */
  moved(hash: HashValue): void {
    if (hash.encoding === LISTPACK || hash.db === null) return;
    if (this.#heaps.positionOf(hash.value) === IN_NO_HEAP) return;
    this.#heaps.moved(hash.db.fieldExpiries, hash.value);
  }
}
