// Expiry heaps: which of many things expires first. Items are references to blocks with a time; the
// block keeps its position in the heap, so that it can be taken out or get another time without a
// search. The fields of a hash that have a time to live are in one heap, and the hashes of a database
// that have such fields are in another. A binary heap (Williams 1964) in pages inside the arena.
//
//   header      word 0 count | 1 directory | 2 pages in use
//   directory   page references, one word each; doubles when it is full
//   page        up to 512 items of three words: time in ms (int64, low half first), reference
//
// The first page grows by doubling, all others have their full size from the start, so adding never
// copies more than one page and one word per page.
//
// An item's block has its position in word 1; -1 stands for "in no heap" and is written when the item
// leaves. Whoever moves a block tells the heap (`moved`).
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "./arena.ts";

const HEADER_BYTES = 12;
const DIRECTORY = 1;
const PAGES = 2;
const PAGE_SHIFT = 9;
const PAGE_ITEMS = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_ITEMS - 1;
const ITEM_WORDS = 3;
const ITEM_BYTES = ITEM_WORDS * 4;
const REF = 2;
const FIRST_PAGE_ITEMS = 4;
const TWO_32 = 4294967296;

/** Word of an item's block that has its position in the heap. */
export const HEAP_POSITION_WORD = 1;
/** The position of what is in no heap. */
export const IN_NO_HEAP = -1;

export class ExpiryHeaps {
  readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  create(): Ref {
    const heap = this.arena.alloc(HEADER_BYTES);
    const words = this.arena.i32[heap >>> SEGMENT_SHIFT];
    const at = (heap & GRANULE_MASK) << 1;
    words.fill(0, at, at + 3);
    return heap;
  }

  /** Frees the heap, not the items; their positions stay as they are. */
  destroy(heap: Ref): void {
    const pages = this.#header(heap, PAGES);
    for (let i = 0; i < pages; i++) this.arena.free(this.#page(heap, i));
    if (pages > 0) this.arena.free(this.#header(heap, DIRECTORY));
    this.arena.free(heap);
  }

  count(heap: Ref): number {
    return this.#header(heap, 0);
  }

  /** Bytes of memory that the heap takes, without the items' blocks. */
  sizeBytes(heap: Ref): number {
    const pages = this.#header(heap, PAGES);
    let bytes = this.arena.blockBytes(heap);
    if (pages > 0) bytes += this.arena.blockBytes(this.#header(heap, DIRECTORY));
    for (let i = 0; i < pages; i++) bytes += this.arena.blockBytes(this.#page(heap, i));
    return bytes;
  }

  /** The time of the item that expires first; Infinity when the heap is empty. */
  firstMs(heap: Ref): number {
    return this.count(heap) === 0 ? Number.POSITIVE_INFINITY : this.msAt(heap, 0);
  }

  /** The item that expires first. The heap must not be empty. */
  first(heap: Ref): Ref {
    return this.#refAt(heap, 0);
  }

  /** The time of the item at a position. */
  msAt(heap: Ref, position: number): number {
    const page = this.#page(heap, position >>> PAGE_SHIFT);
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = ((page & GRANULE_MASK) << 1) + (position & PAGE_MASK) * ITEM_WORDS;
    return words[at + 1] * TWO_32 + (words[at] >>> 0);
  }

  #refAt(heap: Ref, position: number): Ref {
    const page = this.#page(heap, position >>> PAGE_SHIFT);
    const at = ((page & GRANULE_MASK) << 1) + (position & PAGE_MASK) * ITEM_WORDS;
    return this.arena.i32[page >>> SEGMENT_SHIFT][at + REF];
  }

  /** Where an item is, or IN_NO_HEAP. */
  positionOf(item: Ref): number {
    return this.arena.i32[item >>> SEGMENT_SHIFT][
      ((item & GRANULE_MASK) << 1) + HEAP_POSITION_WORD
    ];
  }

  /** Adds an item that is in no heap. */
  add(heap: Ref, item: Ref, ms: number): void {
    const count = this.count(heap);
    this.#makeRoom(heap, count);
    this.#setHeader(heap, 0, count + 1);
    this.#rise(heap, count, item, ms);
  }

  /** Takes an item of this heap out. */
  remove(heap: Ref, item: Ref): void {
    const position = this.positionOf(item);
    const last = this.count(heap) - 1;
    this.#setHeader(heap, 0, last);
    this.#setPosition(item, IN_NO_HEAP);
    const lastRef = this.#refAt(heap, last);
    const lastMs = this.msAt(heap, last);
    this.#giveRoomBack(heap, last);
    if (position !== last) this.#settle(heap, position, lastRef, lastMs);
  }

  /** Gives an item of this heap another time. */
  update(heap: Ref, item: Ref, ms: number): void {
    this.#settle(heap, this.positionOf(item), item, ms);
  }

  /** The block of an item of this heap has moved; its position moved along with its words. */
  moved(heap: Ref, item: Ref): void {
    const position = this.positionOf(item);
    this.#put(heap, position, item, this.msAt(heap, position));
  }

  /** Number of items whose time is before `ms`. Takes time in proportion to the answer. */
  countBefore(heap: Ref, ms: number): number {
    return this.#countBefore(heap, 0, ms);
  }

  #countBefore(heap: Ref, position: number, ms: number): number {
    if (position >= this.count(heap) || this.msAt(heap, position) >= ms) return 0;
    const child = position * 2 + 1;
    return 1 + this.#countBefore(heap, child, ms) + this.#countBefore(heap, child + 1, ms);
  }

  /** Puts an item at a free position, then where its time belongs. */
  #settle(heap: Ref, position: number, item: Ref, ms: number): void {
    if (position > 0 && ms < this.msAt(heap, (position - 1) >> 1)) {
      this.#rise(heap, position, item, ms);
    } else {
      this.#sink(heap, position, item, ms);
    }
  }

  #rise(heap: Ref, from: number, item: Ref, ms: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const parentMs = this.msAt(heap, parent);
      if (parentMs <= ms) break;
      this.#put(heap, position, this.#refAt(heap, parent), parentMs);
      position = parent;
    }
    this.#put(heap, position, item, ms);
  }

  #sink(heap: Ref, from: number, item: Ref, ms: number): void {
    const count = this.count(heap);
    let position = from;
    for (;;) {
      let child = position * 2 + 1;
      if (child >= count) break;
      let childMs = this.msAt(heap, child);
      if (child + 1 < count) {
        const otherMs = this.msAt(heap, child + 1);
        if (otherMs < childMs) {
          child++;
          childMs = otherMs;
        }
      }
      if (childMs >= ms) break;
      this.#put(heap, position, this.#refAt(heap, child), childMs);
      position = child;
    }
    this.#put(heap, position, item, ms);
  }

  #put(heap: Ref, position: number, item: Ref, ms: number): void {
    const page = this.#page(heap, position >>> PAGE_SHIFT);
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = ((page & GRANULE_MASK) << 1) + (position & PAGE_MASK) * ITEM_WORDS;
    words[at] = ms | 0;
    words[at + 1] = Math.floor(ms / TWO_32);
    words[at + REF] = item;
    this.#setPosition(item, position);
  }

  #setPosition(item: Ref, position: number): void {
    const at = ((item & GRANULE_MASK) << 1) + HEAP_POSITION_WORD;
    this.arena.i32[item >>> SEGMENT_SHIFT][at] = position;
  }

  /** Makes sure that there is a place for item number `count`. */
  #makeRoom(heap: Ref, count: number): void {
    const pages = this.#header(heap, PAGES);
    if (pages === 0) {
      this.#setHeader(heap, DIRECTORY, this.arena.alloc(4));
      this.#addPage(heap, 0, FIRST_PAGE_ITEMS);
    } else if (count < PAGE_ITEMS) {
      const page = this.#page(heap, 0);
      const bytes = count * ITEM_BYTES;
      if (this.arena.sizeOf(page) >= bytes + ITEM_BYTES) return;
      const doubled = Math.min(bytes * 2, PAGE_ITEMS * ITEM_BYTES);
      this.#setPage(heap, 0, this.arena.realloc(page, doubled));
    } else if (count >>> PAGE_SHIFT === pages) {
      this.#growDirectory(heap, pages);
      this.#addPage(heap, pages, PAGE_ITEMS);
    }
  }

  #growDirectory(heap: Ref, pages: number): void {
    const directory = this.#header(heap, DIRECTORY);
    if (this.arena.sizeOf(directory) >= (pages + 1) * 4) return;
    this.#setHeader(heap, DIRECTORY, this.arena.realloc(directory, pages * 8));
  }

  #addPage(heap: Ref, index: number, items: number): void {
    this.#setPage(heap, index, this.arena.alloc(items * ITEM_BYTES));
    this.#setHeader(heap, PAGES, index + 1);
  }

  /** Frees what `count` items do not need; one page more is kept, so that nothing flutters. */
  #giveRoomBack(heap: Ref, count: number): void {
    const pages = this.#header(heap, PAGES);
    if (pages > 1 && count <= (pages - 2) * PAGE_ITEMS) {
      this.arena.free(this.#page(heap, pages - 1));
      this.#setHeader(heap, PAGES, pages - 1);
    } else if (pages === 1 && count >= FIRST_PAGE_ITEMS) {
      const page = this.#page(heap, 0);
      if (this.arena.sizeOf(page) < count * ITEM_BYTES * 4) return;
      this.#setPage(heap, 0, this.arena.realloc(page, count * ITEM_BYTES * 2));
    }
  }

  #header(heap: Ref, field: number): number {
    return this.arena.i32[heap >>> SEGMENT_SHIFT][((heap & GRANULE_MASK) << 1) + field];
  }

  #setHeader(heap: Ref, field: number, value: number): void {
    this.arena.i32[heap >>> SEGMENT_SHIFT][((heap & GRANULE_MASK) << 1) + field] = value;
  }

  #page(heap: Ref, index: number): Ref {
    const directory = this.#header(heap, DIRECTORY);
    return this.arena.i32[directory >>> SEGMENT_SHIFT][((directory & GRANULE_MASK) << 1) + index];
  }

  #setPage(heap: Ref, index: number, page: Ref): void {
    const directory = this.#header(heap, DIRECTORY);
    const words = this.arena.i32[directory >>> SEGMENT_SHIFT];
    words[((directory & GRANULE_MASK) << 1) + index] = page;
  }

  /** Throws when an item comes before its parent or does not know its position. For tests. */
  verify(heap: Ref): void {
    const count = this.count(heap);
    for (let i = 0; i < count; i++) {
      const item = this.#refAt(heap, i);
      if (item === NONE || this.positionOf(item) !== i) throw new Error("heap: wrong position");
      if (i > 0 && this.msAt(heap, (i - 1) >> 1) > this.msAt(heap, i)) {
        throw new Error("heap: wrong order");
      }
    }
  }
}
