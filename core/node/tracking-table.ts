// The invalidation table of client-side caching: which clients were told the value of which key. It
// lies in the arena, so that it is part of the used memory and no burden for the garbage collector.
//
// Keys are entries of a dict, whatever database they are in. Of an entry
//
//   meta    number of client ids
//   value   block of that many ids: doubles, little-endian, ascending
//
// Ids of clients that are gone stay until their key is invalidated: looking for them would cost a
// walk through the table for every disconnected client.
import { FreeDictJob } from "../keyspace/lazy-free.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import type { Dicts } from "../memory/dict.ts";
import { HAS_VALUE, keyStart } from "../memory/entry.ts";
import { copyBytes } from "../util/copy.ts";
import type { Prng } from "../util/prng.ts";
import type { Job } from "./jobs.ts";

const META = 1;
const VALUE = 2;
const ID_BYTES = 8;
const KEY_START = keyStart(HAS_VALUE);

export class TrackingTable {
  readonly #arena: Arena;
  readonly #dicts: Dicts;
  #dict: Ref;
  /** Number of ids of all keys together. */
  itemCount = 0;
  /** The ids that `take` found: the first `takenCount`. */
  taken: Float64Array = new Float64Array(16);
  takenCount = 0;

  constructor(arena: Arena, dicts: Dicts) {
    this.#arena = arena;
    this.#dicts = dicts;
    this.#dict = dicts.create();
  }

  get keyCount(): number {
    return this.#dicts.count(this.#dict);
  }

  /** The client `id` knows the key view[offset, offset + length), whose bytes are also in `bytes`. */
  add(view: DataView, bytes: Uint8Array, offset: number, length: number, id: number): void {
    const hash = this.#dicts.hash(view, offset, length);
    let entry = this.#dicts.find(this.#dict, hash, view, offset, length);
    if (entry === NONE) {
      entry = this.#newEntry(bytes, offset, length);
      this.#dicts.insert(this.#dict, hash, entry);
    }
    this.#addId(entry, id);
  }

  #newEntry(bytes: Uint8Array, offset: number, length: number): Ref {
    const entry = this.#arena.alloc(KEY_START + length);
    const segment = entry >>> SEGMENT_SHIFT;
    const words = this.#arena.i32[segment];
    const at = (entry & GRANULE_MASK) << 1;
    words[at] = length | HAS_VALUE;
    words[at + META] = 0;
    words[at + VALUE] = NONE;
    copyBytes(this.#arena.u8[segment], (at << 2) + KEY_START, bytes, offset, length);
    return entry;
  }

  #addId(entry: Ref, id: number): void {
    const arena = this.#arena;
    const count = this.#word(entry, META);
    let ids = this.#word(entry, VALUE);
    // Clients that come later have larger ids, so the place is mostly near the end.
    let place = count;
    while (place > 0 && this.#id(ids, place - 1) > id) place--;
    if (place > 0 && this.#id(ids, place - 1) === id) return;
    const neededBytes = (count + 1) * ID_BYTES;
    if (ids === NONE) {
      ids = arena.alloc(neededBytes);
    } else if (arena.sizeOf(ids) < neededBytes) {
      ids = arena.realloc(ids, neededBytes + (count >> 1) * ID_BYTES);
    }
    const view = arena.view[ids >>> SEGMENT_SHIFT];
    const start = (ids & GRANULE_MASK) << 3;
    const from = start + place * ID_BYTES;
    arena.u8[ids >>> SEGMENT_SHIFT].copyWithin(from + ID_BYTES, from, start + count * ID_BYTES);
    view.setFloat64(from, id, true);
    const words = arena.i32[entry >>> SEGMENT_SHIFT];
    const at = (entry & GRANULE_MASK) << 1;
    words[at + META] = count + 1;
    words[at + VALUE] = ids;
    this.itemCount++;
  }

  /** Takes the key out of the table. Its ids are then in `taken`, ascending. */
  take(view: DataView, offset: number, length: number): void {
    const hash = this.#dicts.hash(view, offset, length);
    const entry = this.#dicts.find(this.#dict, hash, view, offset, length);
    this.takenCount = 0;
    if (entry === NONE) return;
    this.#unlink(hash, entry);
    this.#arena.free(entry);
  }

  /**
   * As `take`, for a random key of a table that has any. Answers with the entry, which holds the key
   * and is the caller's to free.
   */
  takeRandom(prng: Prng): Ref {
    const entry = this.#dicts.random(this.#dict, prng);
    this.#unlink(this.#dicts.hashOf(entry), entry);
    return entry;
  }

  #unlink(hash: number, entry: Ref): void {
    const count = this.#word(entry, META);
    const ids = this.#word(entry, VALUE);
    if (this.taken.length < count) this.taken = new Float64Array(count * 2);
    for (let i = 0; i < count; i++) this.taken[i] = this.#id(ids, i);
    this.takenCount = count;
    this.itemCount -= count;
    this.#dicts.remove(this.#dict, hash, entry);
    this.#arena.free(ids);
  }

  /** Starts with an empty table; the job that frees the old one is the answer. */
  clear(): Job {
    const old = this.#dict;
    this.#dict = this.#dicts.create();
    this.itemCount = 0;
    return new FreeDictJob(this.#dicts, old, (entry) => {
      this.#arena.free(this.#word(entry, VALUE));
      this.#arena.free(entry);
    });
  }

  #word(entry: Ref, field: number): number {
    return this.#arena.i32[entry >>> SEGMENT_SHIFT][((entry & GRANULE_MASK) << 1) + field];
  }

  #id(ids: Ref, i: number): number {
    const offset = ((ids & GRANULE_MASK) << 3) + i * ID_BYTES;
    return this.#arena.view[ids >>> SEGMENT_SHIFT].getFloat64(offset, true);
  }
}
