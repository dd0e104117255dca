// Dicts: byte-string keys → entries (entry.ts), inside the arena. Extendible hashing (Fagin et al.
// 1979): a directory, indexed by the upper bits of the hash, points to pages; a page is a small
// open-addressing table. Growth touches one page at a time (at most 256 slots), so a dict of any
// size grows without a pause; only the directory, one word per about 200 keys, is copied when it
// doubles. The hash orders the keys: pages are visited in hash order, so a SCAN cursor is a hash,
// and it stays right whatever splits, merges, comes or goes in between.
//
//   header   word 0 count | 1 depth | 2 directory, or the only page while depth is 0 | 3 pages whose
//            depth equals the directory's | 4 bytes of pages and directory
//   directory  2^depth page references, indexed by the top `depth` bits of the hash; a page of
//            smaller depth fills a run of 2^(depth - page depth) places
//   page     see dict-page.ts
//
// A page grows in steps up to 256 slots and only then splits, which keeps pages between 70 and 81 %
// full instead of the 50 to 100 % that doubling gives: about 10.5 bytes of index per key.
//
// It is one class because all of it, finding, growing, shrinking, sampling and scanning, rests on the one
// layout of directory and pages; what concerns a single page alone is in dict-page.ts.
import type { Prng } from "../util/prng.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "./arena.ts";
import {
  capacityFor,
  copyEntries,
  countChains,
  entryWithHash,
  loadMax,
  nextCapacity,
  PAGE_CAPACITY_MAX,
  PAGE_CAPACITY_MIN,
  putInPage,
  ScanBuffer,
  scanEntries,
  slotInPage,
  takeFromPage,
} from "./dict-page.ts";
import { hasKey, KEY_LENGTH_MASK, keyStart } from "./entry.ts";
import { LookAhead } from "./look-ahead.ts";
import { halfSipHash } from "./siphash.ts";

const HEADER_BYTES = 20;
const DEPTH = 1;
const ROOT = 2;
const DEEPEST_PAGES = 3;
const INDEX_BYTES = 4;

const PAGE_DEPTH = 1;
const SLOTS = 2;
/** Beyond this depth equal hashes are more likely than a useful split: pages just grow. */
const DEPTH_MAX = 28;
/** Two sibling pages merge when together they hold no more than this. */
const MERGE_COUNT = 96;
/** A dict that is made for many entries has pages that get this many each on average at most. */
const EXPECTED_PER_PAGE_MAX = 160;
/** Pages choose slots by other bits than the directory uses: a multiplicative mix (Knuth). */
const MIX = 0x9e3779b1 | 0;

/** So many words behind its first one a small entry still goes on. */
const NEXT_LINE_WORDS = 10;

const LIST_ITEMS_MIN = 256;
const LIST_ITEMS_KEPT_MAX = 16384;

/** A reused list of entry references: what `scan` fills. */
export class RefList {
  items: Int32Array = new Int32Array(LIST_ITEMS_MIN);
  count = 0;

  /** Forgets what is in it, and gives memory back after an unusually long list. */
  clear(): void {
    this.count = 0;
    if (this.items.length > LIST_ITEMS_KEPT_MAX) this.items = new Int32Array(LIST_ITEMS_MIN);
  }

  push(ref: Ref): void {
    if (this.count === this.items.length) {
      const items = new Int32Array(this.count * 2);
      items.set(this.items);
      this.items = items;
    }
    this.items[this.count++] = ref;
  }
}

export class Dicts {
  readonly arena: Arena;
  readonly #key0: number;
  readonly #key1: number;
  /** Pages that lose many entries get smaller; off only for DEBUG DICT-RESIZING. */
  shrinks = true;
  readonly #scanBuffer: ScanBuffer = new ScanBuffer();

  /** What is looked up next. */
  readonly ahead: LookAhead = new LookAhead();
  /** Depends on all that `fetch` has read, so that no compiler leaves it out. */
  fetched = 0;

  /** The page of the slot that was drawn last. */
  #drawnPage: Ref = NONE;
  /** The hash of the entry that `random` has drawn. */
  drawnHash = 0;

  /** `key0`, `key1`: the secret of the hash, two random int32. */
  constructor(arena: Arena, key0: number, key1: number) {
    this.arena = arena;
    this.#key0 = key0 | 0;
    this.#key1 = key1 | 0;
  }

  /**
   * A new, empty dict. When it is known that at least `expectedCount` entries follow at once, its pages
   * are made for them: growing copies an entry half a dozen times.
   */
  create(expectedCount: number = 0): Ref {
    const dict = this.arena.alloc(HEADER_BYTES);
    const words = this.arena.i32[dict >>> SEGMENT_SHIFT];
    const at = (dict & GRANULE_MASK) << 1;
    words.fill(0, at, at + 5);
    if (expectedCount > EXPECTED_PER_PAGE_MAX) this.#makePages(dict, expectedCount);
    return dict;
  }

  #makePages(dict: Ref, expectedCount: number): void {
    const depth = Math.min(
      32 - Math.clz32(Math.ceil(expectedCount / EXPECTED_PER_PAGE_MAX) - 1),
      DEPTH_MAX,
    );
    const pageCount = 2 ** depth;
    const average = expectedCount / pageCount;
    // Two standard deviations above the average hold nearly all pages' entries without growing.
    const capacity = capacityFor(Math.ceil(average + 2 * Math.sqrt(average)));
    const directory = this.arena.alloc(pageCount * 4);
    this.#setHeader(dict, DEPTH, depth);
    this.#setHeader(dict, ROOT, directory);
    this.#setHeader(dict, DEEPEST_PAGES, pageCount);
    this.#setHeader(dict, INDEX_BYTES, this.arena.blockBytes(directory));
    const at = (directory & GRANULE_MASK) << 1;
    for (let i = 0; i < pageCount; i++) {
      const page = this.#newPage(dict, capacity, depth);
      this.arena.i32[directory >>> SEGMENT_SHIFT][at + i] = page;
    }
  }

  /** Number of entries. */
  count(dict: Ref): number {
    return this.arena.i32[dict >>> SEGMENT_SHIFT][(dict & GRANULE_MASK) << 1];
  }

  /** Bytes of the index itself: header, directory and pages, without the entries. */
  indexBytes(dict: Ref): number {
    return this.#header(dict, INDEX_BYTES) + this.arena.blockBytes(dict);
  }

  /** Number of slots, free ones included (what Redis calls the table's size). */
  slotCount(dict: Ref): number {
    let slots = 0;
    for (let index = 0; index !== -1; index = this.nextPageIndex(dict, index)) {
      const page = this.pageAt(dict, index);
      if (page !== NONE) slots += this.#capacity(page);
    }
    return slots;
  }

  /** At index n: how many slots are the first choice of n entries, up to the largest n. */
  chainCounts(dict: Ref): number[] {
    const counts: number[] = [0];
    for (let index = 0; index !== -1; index = this.nextPageIndex(dict, index)) {
      const page = this.pageAt(dict, index);
      if (page === NONE) break;
      countChains(this.arena.i32[page >>> SEGMENT_SHIFT], (page & GRANULE_MASK) << 1, counts);
    }
    return counts;
  }

  /** The hash of a key given as bytes. */
  hash(view: DataView, offset: number, length: number): number {
    const { ahead } = this;
    if (ahead.count > 0) {
      const index = ahead.indexOf(view, offset, length);
      if (index >= 0) return ahead.hashes[index];
    }
    return halfSipHash(view, offset, length, this.#key0, this.#key1);
  }

  /** The hash of an entry's own key. */
  hashOf(entry: Ref): number {
    const segment = entry >>> SEGMENT_SHIFT;
    const word0 = this.arena.i32[segment][(entry & GRANULE_MASK) << 1];
    const start = ((entry & GRANULE_MASK) << 3) + keyStart(word0);
    return this.hash(this.arena.view[segment], start, word0 & KEY_LENGTH_MASK);
  }

  /** The entry with this key, or NONE. `hash` must be the key's hash. */
  find(dict: Ref, hash: number, view: DataView, offset: number, length: number): Ref {
    const page = this.#locate(dict, hash);
    if (page === NONE) return NONE;
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    const capacity = words[at] >>> 16;
    const slots = at + SLOTS;
    let slot = ((Math.imul(hash, MIX) >>> 16) * capacity) >>> 16;
    for (;;) {
      const entry = words[slots + (slot << 1) + 1];
      if (entry === NONE) return NONE;
      if (words[slots + (slot << 1)] === hash && hasKey(this.arena, entry, view, offset, length)) {
        return entry;
      }
      if (++slot === capacity) slot = 0;
    }
  }

  /** The key in view[offset, offset+length) will be looked up soon. */
  lookAhead(view: DataView, offset: number, length: number): void {
    const hash = halfSipHash(view, offset, length, this.#key0, this.#key1);
    this.ahead.add(offset, length, hash);
  }

  /**
   * Brings into the processor's cache what finding the keys of `ahead` in the dict will need. Each step on
   * the way to an entry is made for all keys before the next one: only so are many waited for at once.
   */
  fetch(dict: Ref): void {
    const { i32 } = this.arena;
    const { count, hashes, refs } = this.ahead;
    const depth = this.#header(dict, DEPTH);
    // A single page needs no fetching.
    if (depth === 0) return;
    const shift = 32 - depth;
    const directory = this.#header(dict, ROOT);
    const places = i32[directory >>> SEGMENT_SHIFT];
    const first = (directory & GRANULE_MASK) << 1;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i];
      const page = places[first + (hash >>> shift)];
      const words = i32[page >>> SEGMENT_SHIFT];
      const at = (page & GRANULE_MASK) << 1;
      const slot = ((Math.imul(hash, MIX) >>> 16) * (words[at] >>> 16)) >>> 16;
      refs[i] = page;
      sum ^= words[at + SLOTS + (slot << 1)];
    }
    // Looking for the hash already in the first loop would end the waiting for many at once: the processor
    // goes on with what it guesses, and half of all keys are not in their first slot.
    for (let i = 0; i < count; i++) {
      const page = refs[i];
      const at = (page & GRANULE_MASK) << 1;
      refs[i] = entryWithHash(i32[page >>> SEGMENT_SHIFT], at, hashes[i]);
    }
    for (let i = 0; i < count; i++) {
      const entry = refs[i];
      const words = i32[entry >>> SEGMENT_SHIFT];
      const at = (entry & GRANULE_MASK) << 1;
      // An entry may reach into the next line of the cache.
      sum ^= words[at] ^ words[Math.min(at + NEXT_LINE_WORDS, words.length - 1)];
    }
    this.fetched = sum;
  }

  /** The entry with this hash whose word 2, its value, is `value`; NONE when there is none. */
  findByValue(dict: Ref, hash: number, value: number): Ref {
    const page = this.#locate(dict, hash);
    if (page === NONE) return NONE;
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    const capacity = words[at] >>> 16;
    const slots = at + SLOTS;
    let slot = ((Math.imul(hash, MIX) >>> 16) * capacity) >>> 16;
    for (;;) {
      const entry = words[slots + (slot << 1) + 1];
      if (entry === NONE) return NONE;
      if (words[slots + (slot << 1)] === hash) {
        const entryWords = this.arena.i32[entry >>> SEGMENT_SHIFT];
        if (entryWords[((entry & GRANULE_MASK) << 1) + 2] === value) return entry;
      }
      if (++slot === capacity) slot = 0;
    }
  }

  /** Adds an entry whose key is not in the dict. */
  insert(dict: Ref, hash: number, entry: Ref): void {
    for (;;) {
      const page = this.#locate(dict, hash);
      if (page === NONE) {
        this.#setHeader(dict, ROOT, this.#newPage(dict, PAGE_CAPACITY_MIN, 0));
        this.#setHeader(dict, DEEPEST_PAGES, 1);
        continue;
      }
      const words = this.arena.i32[page >>> SEGMENT_SHIFT];
      const at = (page & GRANULE_MASK) << 1;
      const head = words[at];
      const capacity = head >>> 16;
      if ((head & 0xffff) >= loadMax(capacity)) {
        this.#makeRoom(dict, page, hash);
        continue;
      }
      putInPage(words, at, capacity, hash, entry);
      words[at] = head + 1;
      break;
    }
    const words = this.arena.i32[dict >>> SEGMENT_SHIFT];
    words[(dict & GRANULE_MASK) << 1]++;
  }

  /** The entry moved in the arena: its slot now points to `moved`. */
  replace(dict: Ref, hash: number, entry: Ref, moved: Ref): void {
    const page = this.#locate(dict, hash);
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    words[slotInPage(words, (page & GRANULE_MASK) << 1, hash, entry) + 1] = moved;
  }

  /** Takes the entry out; freeing it is up to the caller. */
  remove(dict: Ref, hash: number, entry: Ref): void {
    const page = this.#locate(dict, hash);
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    const count = takeFromPage(words, at, slotInPage(words, at, hash, entry));
    this.arena.i32[dict >>> SEGMENT_SHIFT][(dict & GRANULE_MASK) << 1]--;
    if (count << 2 < words[at] >>> 16 && this.shrinks) this.#shrink(dict, page, hash);
  }

  /**
   * True when the entry is in the dict under this hash: the same reference, not just the same key, and
   * not another key's entry that has come to lie there since.
   */
  contains(dict: Ref, hash: number, entry: Ref): boolean {
    const page = this.#locate(dict, hash);
    if (page === NONE) return false;
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const place = slotInPage(words, (page & GRANULE_MASK) << 1, hash, entry);
    return place !== -1 && words[place] === hash;
  }

  /** A uniformly random entry, or NONE when the dict is empty. */
  random(dict: Ref, prng: Prng): Ref {
    if (this.count(dict) === 0) return NONE;
    const place = this.#drawSlot(dict, prng);
    const words = this.arena.i32[this.#drawnPage >>> SEGMENT_SHIFT];
    this.drawnHash = words[place];
    return words[place + 1];
  }

  /**
   * Appends to `out` up to `countMax` different entries: a random one and those that lie behind it
   * in its page; to `hashes` their hashes. Only their hashes make neighbours of them, so they are as
   * good a sample as any, and found much faster than one by one.
   */
  sample(dict: Ref, countMax: number, prng: Prng, out: RefList, hashes: RefList): void {
    if (this.count(dict) === 0) return;
    const end = out.count + countMax;
    let place = this.#drawSlot(dict, prng);
    const page = this.#drawnPage;
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const first = ((page & GRANULE_MASK) << 1) + SLOTS;
    const last = first + ((words[first - SLOTS] >>> 16) << 1) - 2;
    for (let slot = first; slot <= last && out.count < end; slot += 2) {
      if (words[place + 1] !== NONE) {
        out.push(words[place + 1]);
        hashes.push(words[place]);
      }
      place = place === last ? first : place + 2;
    }
  }

  /**
   * Draws a slot with an entry, every entry with the same chance: answers with its word index, and
   * leaves its page in `#drawnPage`. The dict must not be empty.
   */
  #drawSlot(dict: Ref, prng: Prng): number {
    const depth = this.#header(dict, DEPTH);
    for (;;) {
      const index = depth === 0 ? 0 : prng.next() >>> (32 - depth);
      const page = this.pageAt(dict, index);
      const words = this.arena.i32[page >>> SEGMENT_SHIFT];
      const at = (page & GRANULE_MASK) << 1;
      // A page counts once, whatever its share of the directory: only its first place is taken.
      const span = 1 << (depth - words[at + PAGE_DEPTH]);
      if ((index & (span - 1)) !== 0) continue;
      const capacity = words[at] >>> 16;
      // Every slot of every page is as likely as any other; free ones and those that a smaller page
      // does not have are thrown away.
      const drawMax = depth === 0 || capacity > PAGE_CAPACITY_MAX ? capacity : PAGE_CAPACITY_MAX;
      const slot = prng.below(drawMax);
      if (slot >= capacity) continue;
      const place = at + SLOTS + (slot << 1);
      if (words[place + 1] === NONE) continue;
      this.#drawnPage = page;
      return place;
    }
  }

  /**
   * Appends to `out` about `countMax` entries from the cursor on, in the order of their hashes, and
   * answers with the next cursor; 0 starts and ends. An entry that is in the dict during the whole
   * iteration is returned; with an unchanged dict each exactly once.
   */
  scan(dict: Ref, cursor: number, countMax: number, out: RefList): number {
    const depth = this.#header(dict, DEPTH);
    let from = cursor;
    let room = countMax;
    for (;;) {
      const index = depth === 0 ? 0 : from >>> (32 - depth);
      const page = this.pageAt(dict, index);
      if (page === NONE) return 0;
      const words = this.arena.i32[page >>> SEGMENT_SHIFT];
      const at = (page & GRANULE_MASK) << 1;
      const pageDepth = words[at + PAGE_DEPTH];
      // First hash behind this page, as a number up to 2^32.
      const width = 2 ** (32 - pageDepth);
      const end = (Math.floor(from / width) + 1) * width;
      const taken = scanEntries(words, at, from, room, out, this.#scanBuffer);
      if (taken < 0) return -taken;
      room -= taken;
      if (end >= 4294967296) return 0;
      if (room <= 0) return end;
      from = end;
    }
  }

  /**
   * Appends to `entries` all entries of the page that the cursor lies in, to `hashes` their hashes, in
   * no order, and answers with the next cursor; 0 starts and ends. Cheaper than `scan`, for walks that
   * go round and round: what was added behind the cursor is met next time.
   */
  scanPage(dict: Ref, cursor: number, entries: RefList, hashes: RefList): number {
    const depth = this.#header(dict, DEPTH);
    const page = this.pageAt(dict, depth === 0 ? 0 : cursor >>> (32 - depth));
    if (page === NONE) return 0;
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    const end = at + SLOTS + ((words[at] >>> 16) << 1);
    for (let slot = at + SLOTS; slot < end; slot += 2) {
      if (words[slot + 1] === NONE) continue;
      entries.push(words[slot + 1]);
      hashes.push(words[slot]);
    }
    const width = 2 ** (32 - words[at + PAGE_DEPTH]);
    const next = (Math.floor(cursor / width) + 1) * width;
    return next >= 4294967296 ? 0 : next;
  }

  /** The page at a place of the directory; NONE when the dict has none yet. */
  pageAt(dict: Ref, index: number): Ref {
    const words = this.arena.i32[dict >>> SEGMENT_SHIFT];
    const at = (dict & GRANULE_MASK) << 1;
    const root = words[at + ROOT];
    if (words[at + DEPTH] === 0) return root;
    return this.arena.i32[root >>> SEGMENT_SHIFT][((root & GRANULE_MASK) << 1) + index];
  }

  /** The directory place of the page behind the one at `index`, or -1 after the last. */
  nextPageIndex(dict: Ref, index: number): number {
    const page = this.pageAt(dict, index);
    if (page === NONE) return -1;
    const depth = this.#header(dict, DEPTH);
    const next = index + (1 << (depth - this.#pageDepth(page)));
    return next >= 2 ** depth ? -1 : next;
  }

  /** Appends all entries of a page to `out`. */
  pageEntries(page: Ref, out: RefList): void {
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    const capacity = words[at] >>> 16;
    for (let slot = 0; slot < capacity; slot++) {
      const entry = words[at + SLOTS + (slot << 1) + 1];
      if (entry !== NONE) out.push(entry);
    }
  }

  /**
   * Frees the dict piece by piece, entries through `freeEntry`: from directory place `index` on,
   * whole pages until `entriesMax` entries are freed. Answers with the next place, or -1 when
   * everything is gone, header included. Between the steps the dict must not be used.
   */
  destroyStep(dict: Ref, index: number, entriesMax: number, freeEntry: (e: Ref) => void): number {
    let room = entriesMax;
    let place = index;
    const depth = this.#header(dict, DEPTH);
    while (room > 0) {
      const page = this.pageAt(dict, place);
      if (page === NONE) break;
      const words = this.arena.i32[page >>> SEGMENT_SHIFT];
      const at = (page & GRANULE_MASK) << 1;
      const capacity = words[at] >>> 16;
      for (let slot = 0; slot < capacity; slot++) {
        const entry = words[at + SLOTS + (slot << 1) + 1];
        if (entry !== NONE) freeEntry(entry);
      }
      room -= 1 + (words[at] & 0xffff);
      place += 1 << (depth - words[at + PAGE_DEPTH]);
      this.arena.free(page);
      if (place >= 2 ** depth) {
        place = -1;
        break;
      }
    }
    if (place !== -1 && room > 0) place = -1;
    if (place === -1) {
      if (depth > 0) this.arena.free(this.#header(dict, ROOT));
      this.arena.free(dict);
    }
    return place;
  }

  /** Frees the whole dict at once. */
  destroy(dict: Ref, freeEntry: (e: Ref) => void): void {
    this.destroyStep(dict, 0, Number.MAX_SAFE_INTEGER, freeEntry);
  }

  #header(dict: Ref, field: number): number {
    return this.arena.i32[dict >>> SEGMENT_SHIFT][((dict & GRANULE_MASK) << 1) + field];
  }

  #setHeader(dict: Ref, field: number, value: number): void {
    this.arena.i32[dict >>> SEGMENT_SHIFT][((dict & GRANULE_MASK) << 1) + field] = value;
  }

  #capacity(page: Ref): number {
    return this.arena.i32[page >>> SEGMENT_SHIFT][(page & GRANULE_MASK) << 1] >>> 16;
  }

  #pageDepth(page: Ref): number {
    return this.arena.i32[page >>> SEGMENT_SHIFT][((page & GRANULE_MASK) << 1) + PAGE_DEPTH];
  }

  /** The page that a hash belongs to. */
  #locate(dict: Ref, hash: number): Ref {
    const words = this.arena.i32[dict >>> SEGMENT_SHIFT];
    const at = (dict & GRANULE_MASK) << 1;
    const depth = words[at + DEPTH];
    const root = words[at + ROOT];
    if (depth === 0) return root;
    const place = ((root & GRANULE_MASK) << 1) + (hash >>> (32 - depth));
    return this.arena.i32[root >>> SEGMENT_SHIFT][place];
  }

  #newPage(dict: Ref, capacity: number, depth: number): Ref {
    const page = this.arena.alloc((SLOTS + capacity * 2) * 4);
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    words.fill(0, at, at + SLOTS + capacity * 2);
    words[at] = capacity << 16;
    words[at + PAGE_DEPTH] = depth;
    this.#setHeader(
      dict,
      INDEX_BYTES,
      this.#header(dict, INDEX_BYTES) + this.arena.blockBytes(page),
    );
    return page;
  }

  #freePage(dict: Ref, page: Ref): void {
    this.#setHeader(
      dict,
      INDEX_BYTES,
      this.#header(dict, INDEX_BYTES) - this.arena.blockBytes(page),
    );
    this.arena.free(page);
  }

  /** A full page becomes larger, or two. */
  #makeRoom(dict: Ref, page: Ref, hash: number): void {
    const capacity = this.#capacity(page);
    const depth = this.#pageDepth(page);
    if (capacity < PAGE_CAPACITY_MAX || depth >= DEPTH_MAX) {
      this.#resizePage(dict, page, hash, nextCapacity(capacity));
      return;
    }
    if (depth === this.#header(dict, DEPTH)) this.#doubleDirectory(dict);
    this.#split(dict, page, hash);
  }

  /** Moves a page's entries to a page of another capacity. */
  #resizePage(dict: Ref, page: Ref, hash: number, capacity: number): Ref {
    const resized = this.#newPage(dict, capacity, this.#pageDepth(page));
    this.#copySlots(page, resized, 0, 0);
    this.#pointTo(dict, hash, resized);
    this.#freePage(dict, page);
    return resized;
  }

  #split(dict: Ref, page: Ref, hash: number): void {
    const depth = this.#pageDepth(page) + 1;
    const bit = 1 << (32 - depth);
    // Sizes each half for what it will hold, plus the entry to come.
    let ones = 0;
    const words = this.arena.i32[page >>> SEGMENT_SHIFT];
    const at = (page & GRANULE_MASK) << 1;
    const capacity = words[at] >>> 16;
    for (let slot = 0; slot < capacity; slot++) {
      const slotAt = at + SLOTS + (slot << 1);
      if (words[slotAt + 1] !== NONE && (words[slotAt] & bit) !== 0) ones++;
    }
    const zeros = (words[at] & 0xffff) - ones;
    const low = this.#newPage(dict, capacityFor(zeros + 1), depth);
    const high = this.#newPage(dict, capacityFor(ones + 1), depth);
    this.#copySlots(page, low, bit, 0);
    this.#copySlots(page, high, bit, bit);
    this.#pointTo(dict, hash & ~bit, low);
    this.#pointTo(dict, hash | bit, high);
    this.#freePage(dict, page);
    if (depth === this.#header(dict, DEPTH)) {
      this.#setHeader(dict, DEEPEST_PAGES, this.#header(dict, DEEPEST_PAGES) + 2);
    }
  }

  /** Adds the entries of `from` whose hash has `bits` under `mask` to the page `to`. */
  #copySlots(from: Ref, to: Ref, mask: number, bits: number): void {
    copyEntries(
      this.arena.i32[from >>> SEGMENT_SHIFT],
      (from & GRANULE_MASK) << 1,
      this.arena.i32[to >>> SEGMENT_SHIFT],
      (to & GRANULE_MASK) << 1,
      mask,
      bits,
    );
  }

  /** Lets all directory places of the page's run point to it. */
  #pointTo(dict: Ref, hash: number, page: Ref): void {
    const depth = this.#header(dict, DEPTH);
    if (depth === 0) {
      this.#setHeader(dict, ROOT, page);
      return;
    }
    const pageDepth = this.#pageDepth(page);
    const span = 2 ** (depth - pageDepth);
    const first = (pageDepth === 0 ? 0 : hash >>> (32 - pageDepth)) * span;
    const directory = this.#header(dict, ROOT);
    const at = ((directory & GRANULE_MASK) << 1) + first;
    this.arena.i32[directory >>> SEGMENT_SHIFT].fill(page, at, at + span);
  }

  #doubleDirectory(dict: Ref): void {
    const depth = this.#header(dict, DEPTH);
    const old = this.#header(dict, ROOT);
    const size = 2 ** depth;
    const directory = this.arena.alloc(size * 2 * 4);
    const words = this.arena.i32[directory >>> SEGMENT_SHIFT];
    const at = (directory & GRANULE_MASK) << 1;
    let bytes = this.#header(dict, INDEX_BYTES) + this.arena.blockBytes(directory);
    if (depth === 0) {
      words[at] = old;
      words[at + 1] = old;
    } else {
      const source = this.arena.i32[old >>> SEGMENT_SHIFT];
      const sourceAt = (old & GRANULE_MASK) << 1;
      for (let i = 0; i < size; i++) {
        const page = source[sourceAt + i];
        words[at + 2 * i] = page;
        words[at + 2 * i + 1] = page;
      }
      bytes -= this.arena.blockBytes(old);
      this.arena.free(old);
    }
    this.#setHeader(dict, INDEX_BYTES, bytes);
    this.#setHeader(dict, ROOT, directory);
    this.#setHeader(dict, DEPTH, depth + 1);
    this.#setHeader(dict, DEEPEST_PAGES, 0);
  }

  /** A page that became sparse gets smaller or merges with its sibling. */
  #shrink(dict: Ref, page: Ref, hash: number): void {
    const depth = this.#pageDepth(page);
    const count = this.#pageCount(page);
    if (depth > 0) {
      const bit = 1 << (32 - depth);
      const sibling = this.#locate(dict, hash ^ bit);
      const together = count + this.#pageCount(sibling);
      if (this.#pageDepth(sibling) === depth && together <= MERGE_COUNT) {
        this.#merge(dict, page, sibling, hash, together);
        return;
      }
    }
    const capacity = capacityFor(count + (count >> 1) + 1);
    if (capacity < this.#capacity(page)) this.#resizePage(dict, page, hash, capacity);
  }

  #pageCount(page: Ref): number {
    return this.arena.i32[page >>> SEGMENT_SHIFT][(page & GRANULE_MASK) << 1] & 0xffff;
  }

  #merge(dict: Ref, page: Ref, sibling: Ref, hash: number, count: number): void {
    const depth = this.#pageDepth(page);
    const merged = this.#newPage(dict, capacityFor(count + (count >> 1) + 1), depth - 1);
    this.#copySlots(page, merged, 0, 0);
    this.#copySlots(sibling, merged, 0, 0);
    this.#pointTo(dict, hash, merged);
    this.#freePage(dict, page);
    this.#freePage(dict, sibling);
    if (depth === this.#header(dict, DEPTH)) {
      const deepest = this.#header(dict, DEEPEST_PAGES) - 2;
      this.#setHeader(dict, DEEPEST_PAGES, deepest);
      if (deepest === 0) this.#halveDirectory(dict);
    }
  }

  /** No page needs the last bit of the directory any more: every second place goes. */
  #halveDirectory(dict: Ref): void {
    const depth = this.#header(dict, DEPTH) - 1;
    const old = this.#header(dict, ROOT);
    const source = this.arena.i32[old >>> SEGMENT_SHIFT];
    const sourceAt = (old & GRANULE_MASK) << 1;
    let bytes = this.#header(dict, INDEX_BYTES) - this.arena.blockBytes(old);
    let root = source[sourceAt];
    let deepest = 1;
    if (depth > 0) {
      const size = 2 ** depth;
      root = this.arena.alloc(size * 4);
      bytes += this.arena.blockBytes(root);
      const words = this.arena.i32[root >>> SEGMENT_SHIFT];
      const at = (root & GRANULE_MASK) << 1;
      deepest = 0;
      for (let i = 0; i < size; i++) {
        const page = source[sourceAt + 2 * i];
        words[at + i] = page;
        if (this.#pageDepth(page) === depth) deepest++;
      }
    }
    this.arena.free(old);
    this.#setHeader(dict, INDEX_BYTES, bytes);
    this.#setHeader(dict, ROOT, root);
    this.#setHeader(dict, DEPTH, depth);
    this.#setHeader(dict, DEEPEST_PAGES, deepest);
    if (deepest === 0 && depth > 0) this.#halveDirectory(dict);
  }
}
