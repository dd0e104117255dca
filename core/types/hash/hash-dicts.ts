// Hashes that are dicts: fields as entries (hash-fields.ts), and a heap of those that have a time to
// live. `value` is the block of the hash (hash-value.ts).
import { FreeDictJob, LAZY_FREE_EFFORT_MIN } from "../../keyspace/lazy-free.ts";
import { type Arena, NONE, type Ref } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import { setExpiryMs } from "../../memory/entry.ts";
import type { ExpiryHeaps } from "../../memory/expiry-heap.ts";
import type { Job } from "../../node/jobs.ts";
import type { Element } from "../element.ts";
import { HashCursor } from "./hash-cursor.ts";
import { NO_EXPIRY, newField, overwriteValue, remadeField } from "./hash-fields.ts";
import { dictOf, fieldHeapOf, newDictBlock, setFieldHeap } from "./hash-value.ts";

export class HashDicts {
  readonly #arena: Arena;
  readonly #dicts: Dicts;
  readonly #heaps: ExpiryHeaps;
  readonly #cursor: HashCursor;

  constructor(dicts: Dicts, heaps: ExpiryHeaps) {
    this.#arena = dicts.arena;
    this.#dicts = dicts;
    this.#heaps = heaps;
    this.#cursor = new HashCursor(dicts);
  }

  /** A new hash with copies of all `count` fields of another one, whatever its encoding. */
  createFrom(value: Ref, encoding: number, count: number): Ref {
    const made = newDictBlock(this.#arena, this.#dicts.create(count));
    const cursor = this.#cursor;
    cursor.start(value, encoding);
    while (cursor.next()) {
      cursor.loadValue();
      this.add(made, cursor.field, cursor.value, cursor.expiryMs);
    }
    return made;
  }

  /** The entry of a field, or NONE. */
  find(value: Ref, field: Element): Ref {
    const { view, offset, length } = field;
    const hash = field.hash(this.#dicts);
    return this.#dicts.find(dictOf(this.#arena, value), hash, view, offset, length);
  }

  /** Adds a field that is not there, with an expiry or NO_EXPIRY. */
  add(value: Ref, field: Element, content: Element, ms: number): void {
    const entry = newField(this.#arena, field, content, ms);
    this.#dicts.insert(dictOf(this.#arena, value), field.hash(this.#dicts), entry);
    if (ms !== NO_EXPIRY) this.#enterHeap(value, entry, ms);
  }

  /** Gives a field another content; `ms` is its expiry, which it keeps or loses. */
  replace(
    value: Ref,
    entry: Ref,
    ms: number,
    field: Element,
    content: Element,
    keepsExpiry: boolean,
  ): void {
    const arena = this.#arena;
    if ((keepsExpiry || ms === NO_EXPIRY) && overwriteValue(arena, entry, content)) return;
    const made = newField(arena, field, content, keepsExpiry ? ms : NO_EXPIRY);
    if (ms !== NO_EXPIRY) {
      this.#leaveHeap(value, entry);
      if (keepsExpiry) this.#enterHeap(value, made, ms);
    }
    this.#dicts.replace(dictOf(arena, value), field.hash(this.#dicts), entry, made);
    arena.free(entry);
  }

  /** Removes a field; `ms` is its expiry. */
  remove(value: Ref, entry: Ref, ms: number): void {
    if (ms !== NO_EXPIRY) this.#leaveHeap(value, entry);
    this.#dicts.remove(dictOf(this.#arena, value), this.#dicts.hashOf(entry), entry);
    this.#arena.free(entry);
  }

  /** Gives a field another expiry: from `oldMs` to `ms`, each of which may be NO_EXPIRY. */
  setExpiry(value: Ref, entry: Ref, oldMs: number, ms: number): void {
    if (oldMs !== NO_EXPIRY && ms !== NO_EXPIRY) {
      setExpiryMs(this.#arena, entry, ms);
      this.#heaps.update(fieldHeapOf(this.#arena, value), entry, ms);
      return;
    }
    if (oldMs !== NO_EXPIRY) this.#leaveHeap(value, entry);
    const made = remadeField(this.#arena, entry, ms);
    this.#dicts.replace(dictOf(this.#arena, value), this.#dicts.hashOf(made), entry, made);
    this.#arena.free(entry);
    if (ms !== NO_EXPIRY) this.#enterHeap(value, made, ms);
  }

  #enterHeap(value: Ref, entry: Ref, ms: number): void {
    let heap = fieldHeapOf(this.#arena, value);
    if (heap === NONE) {
      heap = this.#heaps.create();
      setFieldHeap(this.#arena, value, heap);
    }
    this.#heaps.add(heap, entry, ms);
  }

  #leaveHeap(value: Ref, entry: Ref): void {
    const heap = fieldHeapOf(this.#arena, value);
    this.#heaps.remove(heap, entry);
    if (this.#heaps.count(heap) > 0) return;
    this.#heaps.destroy(heap);
    setFieldHeap(this.#arena, value, NONE);
  }

  /** When the first field expires; Infinity when none ever does. */
  firstExpiryMs(value: Ref): number {
    const heap = fieldHeapOf(this.#arena, value);
    return heap === NONE ? Number.POSITIVE_INFINITY : this.#heaps.firstMs(heap);
  }

  /** The field that expires first. There must be one. */
  firstExpiring(value: Ref): Ref {
    return this.#heaps.first(fieldHeapOf(this.#arena, value));
  }

  /** Number of fields whose time is before `ms`. */
  countExpired(value: Ref, ms: number): number {
    const heap = fieldHeapOf(this.#arena, value);
    return heap === NONE ? 0 : this.#heaps.countBefore(heap, ms);
  }

  free(value: Ref): void {
    const heap = fieldHeapOf(this.#arena, value);
    if (heap !== NONE) this.#heaps.destroy(heap);
    this.#dicts.destroy(dictOf(this.#arena, value), (entry) => this.#arena.free(entry));
    this.#arena.free(value);
  }

  /** Frees a large hash in steps; null for a small one. */
  freeJob(value: Ref): Job | null {
    const arena = this.#arena;
    const dict = dictOf(arena, value);
    if (this.#dicts.count(dict) <= LAZY_FREE_EFFORT_MIN) return null;
    const job = new FreeDictJob(this.#dicts, dict, (entry) => arena.free(entry));
    return new FreeHashJob(this.#heaps, value, job);
  }
}

/** Frees a large hash in steps: first what is around the dict, then the dict with the fields. */
class FreeHashJob implements Job {
  readonly #heaps: ExpiryHeaps;
  #value: Ref;
  readonly #dict: Job;

  constructor(heaps: ExpiryHeaps, value: Ref, dict: Job) {
    this.#heaps = heaps;
    this.#value = value;
    this.#dict = dict;
  }

  step(): boolean {
    if (this.#value === NONE) return this.#dict.step();
    const { arena } = this.#heaps;
    const heap = fieldHeapOf(arena, this.#value);
    if (heap !== NONE) this.#heaps.destroy(heap);
    arena.free(this.#value);
    this.#value = NONE;
    return true;
  }
}
