// The arena: all user data lives here, in a few large ArrayBuffers, never on the JavaScript heap.
//
// Memory is cut into segments of at most 8 MiB (one ArrayBuffer each; a larger allocation gets a
// segment of its own). A reference is an int32: the segment's index in the upper 12 bits, the
// offset in the segment in units of 8 bytes (granules) in the lower 20. 0 is NONE. That reaches
// 32 GiB, and a reference fits one dict slot word and V8's small integers.
//
// Inside a segment: a two-level segregated fit allocator (TLSF; Masmano, Ripoll, Crespo, Real 2004):
// constant time, good fit, neighbours merge at once, so memory freed by one kind of value is used by
// any other. A block is
//
//   word -1   header: size in granules << 2 | PREVIOUS_FREE | FREE    (size includes the header)
//   word 0…   payload, 8-byte aligned; a reference points here
//
// and while it is free
//
//   word 0    next free block of its list        word 1   previous one
//   last word its size, so that the block behind can find its start
//
// The last word of a segment is the header of an empty used block, the end mark. `usedBytes` counts
// every byte of used blocks, headers included: an exact, deterministic figure.
import { WIDE_ZERO } from "../util/wide.ts";

/** A reference to a block of the arena: an int32, NONE = 0. */
export type Ref = number;

export const NONE = 0;

export const SEGMENT_SHIFT = 20;
export const GRANULE_MASK = 0xfffff;
const GRANULE_BYTES = 8;
const SEGMENT_GRANULES_MAX = 1 << SEGMENT_SHIFT;
const SEGMENT_COUNT_MAX = 4096;
/** Allocations above this get a segment of their own, so that they never strand half a segment. */
const SHARED_GRANULES_MAX = SEGMENT_GRANULES_MAX / 2;

const HEADER_BYTES = 4;
const FREE = 1;
const PREVIOUS_FREE = 2;
const BLOCK_GRANULES_MIN = 2;
/** Where the payload of a segment's first block is. */
const FIRST_BLOCK_WORD = 2;

// Free lists: sizes below 32 granules have a list each; above, every power of two has 32 lists.
const LISTS_LOG2 = 5;
const LISTS = 1 << LISTS_LOG2;
const LEVELS = SEGMENT_SHIFT - LISTS_LOG2 + 2;

const EMPTY_U8 = new Uint8Array(0);
const EMPTY_I32 = new Int32Array(0);
const EMPTY_VIEW = new DataView(new ArrayBuffer(0));

export class Arena {
  /** Bytes of segment i. */
  readonly u8: Uint8Array[] = [];
  /** The same memory as 32-bit words. */
  readonly i32: Int32Array[] = [];
  /** The same memory for unaligned and 64-bit access. */
  readonly view: DataView[] = [];
  /** Bytes in used blocks, headers included. */
  usedBytes: number = WIDE_ZERO;
  /** Bytes of all segments. */
  segmentBytes: number = WIDE_ZERO;
  /** Bytes of segments that were given up since somebody set this to 0 (memory-return.ts). */
  givenUpBytes: number = WIDE_ZERO;

  readonly #heads = new Int32Array(LEVELS * LISTS);
  readonly #listBits = new Int32Array(LEVELS);
  #levelBits = 0;
  #nextSegmentGranules: number;
  readonly #freeIndexes: number[] = [];

  /** `firstSegmentBytes`: size of the first segment; the next ones double up to 8 MiB. */
  constructor(firstSegmentBytes: number = 64 * 1024) {
    this.#nextSegmentGranules = Math.min(firstSegmentBytes / GRANULE_BYTES, SEGMENT_GRANULES_MAX);
    this.segmentBytes = 0;
    this.givenUpBytes = 0;
    this.usedBytes = 0;
  }

  /** A block of at least `bytes` payload bytes, content undefined. Throws when 32 GiB are used up. */
  alloc(bytes: number): Ref {
    let size = (bytes + HEADER_BYTES + GRANULE_BYTES - 1) >>> 3;
    if (size < BLOCK_GRANULES_MIN) size = BLOCK_GRANULES_MIN;
    if (size > SHARED_GRANULES_MAX) return this.#allocOwnSegment(size);
    let ref = this.#findFree(size);
    if (ref === NONE) {
      this.#addSegment(size);
      ref = this.#findFree(size);
    }
    const words = this.i32[ref >>> SEGMENT_SHIFT];
    const at = (ref & GRANULE_MASK) << 1;
    const available = words[at - 1] >>> 2;
    this.#unlink(ref, words, at, available);
    const rest = available - size;
    if (rest >= BLOCK_GRANULES_MIN) {
      words[at - 1] = (size << 2) | (words[at - 1] & PREVIOUS_FREE);
      const restRef = (ref + size) | 0;
      const restAt = at + (size << 1);
      words[restAt - 1] = (rest << 2) | FREE;
      this.#link(restRef, words, restAt, rest);
      this.usedBytes += size << 3;
    } else {
      words[at - 1] &= ~FREE;
      words[at + (available << 1) - 1] &= ~PREVIOUS_FREE;
      this.usedBytes += available << 3;
    }
    return ref;
  }

  /** Gives a block back. */
  free(ref: Ref): void {
    const segment = ref >>> SEGMENT_SHIFT;
    const words = this.i32[segment];
    let at = (ref & GRANULE_MASK) << 1;
    const header = words[at - 1];
    let size = header >>> 2;
    if ((header & FREE) !== 0 || size === 0) throw new Error("arena: double free");
    this.usedBytes -= size * GRANULE_BYTES;
    // Only a block of its own segment is that large and first; what `realloc` cuts off may be as large.
    if (size > SHARED_GRANULES_MAX && at === FIRST_BLOCK_WORD) return this.#dropSegment(segment);
    let start = ref;
    if ((header & PREVIOUS_FREE) !== 0) {
      const previousSize = words[at - 2];
      start = (start - previousSize) | 0;
      at -= previousSize << 1;
      this.#unlink(start, words, at, previousSize);
      size += previousSize;
    }
    let nextAt = at + (size << 1);
    const nextHeader = words[nextAt - 1];
    if ((nextHeader & FREE) !== 0) {
      const nextSize = nextHeader >>> 2;
      this.#unlink((start + size) | 0, words, nextAt, nextSize);
      size += nextSize;
      nextAt = at + (size << 1);
    }
    words[nextAt - 1] |= PREVIOUS_FREE;
    words[at - 1] = (size << 2) | FREE;
    if (at === 2 && nextAt === words.length && this.#mayDrop(words.length)) {
      return this.#dropSegment(segment);
    }
    this.#link(start, words, at, size);
  }

  /** Payload bytes that the block can hold. */
  sizeOf(ref: Ref): number {
    const header = this.i32[ref >>> SEGMENT_SHIFT][((ref & GRANULE_MASK) << 1) - 1];
    return (header >>> 2) * GRANULE_BYTES - HEADER_BYTES;
  }

  /** Bytes that the block takes from memory, header included. */
  blockBytes(ref: Ref): number {
    return this.sizeOf(ref) + HEADER_BYTES;
  }

  /**
   * Makes the block hold `bytes` payload bytes, in place if the neighbour behind is free, else by
   * moving it; the payload is kept up to the smaller size. Shrinking gives the tail back.
   */
  realloc(ref: Ref, bytes: number): Ref {
    let size = (bytes + HEADER_BYTES + GRANULE_BYTES - 1) >>> 3;
    if (size < BLOCK_GRANULES_MIN) size = BLOCK_GRANULES_MIN;
    const segment = ref >>> SEGMENT_SHIFT;
    const words = this.i32[segment];
    const at = (ref & GRANULE_MASK) << 1;
    const current = words[at - 1] >>> 2;
    if (current <= SHARED_GRANULES_MAX) {
      if (size === current) return ref;
      if (size < current) {
        this.#split(ref, words, at, current, size);
        return ref;
      }
      const nextAt = at + (current << 1);
      const nextHeader = words[nextAt - 1];
      const joined = current + (nextHeader >>> 2);
      if ((nextHeader & FREE) !== 0 && joined >= size && size <= SHARED_GRANULES_MAX) {
        this.#unlink((ref + current) | 0, words, nextAt, nextHeader >>> 2);
        words[at - 1] = (joined << 2) | (words[at - 1] & PREVIOUS_FREE);
        words[at + (joined << 1) - 1] &= ~PREVIOUS_FREE;
        this.usedBytes += (joined - current) << 3;
        this.#split(ref, words, at, joined, size);
        return ref;
      }
    } else if (size <= current && size > current / 2) {
      return ref;
    }
    const moved = this.alloc(bytes);
    const count = Math.min(bytes, current * GRANULE_BYTES - HEADER_BYTES);
    const from = (ref & GRANULE_MASK) << 3;
    const to = (moved & GRANULE_MASK) << 3;
    this.u8[moved >>> SEGMENT_SHIFT].set(this.u8[segment].subarray(from, from + count), to);
    this.free(ref);
    return moved;
  }

  /** Cuts a used block down to `size` granules and frees the rest, if the rest can be a block. */
  #split(ref: Ref, words: Int32Array, at: number, current: number, size: number): void {
    const rest = current - size;
    if (rest < BLOCK_GRANULES_MIN) return;
    words[at - 1] = (size << 2) | (words[at - 1] & PREVIOUS_FREE);
    // Made a used block first, so that `free` merges it with what lies behind.
    words[at + (size << 1) - 1] = rest << 2;
    this.free((ref + size) | 0);
  }

  /** First free block that is large enough, or NONE. */
  #findFree(size: number): Ref {
    let level = 0;
    let list = size;
    if (size >= LISTS) {
      const log2 = 31 - Math.clz32(size);
      // The list that blocks of this very size are put in may hold smaller ones too: its first
      // block is tried, which serves the common case of equal sizes coming and going.
      const shift = log2 - LISTS_LOG2;
      const head = this.#heads[((shift + 1) << LISTS_LOG2) | ((size >>> shift) & (LISTS - 1))];
      if (head !== NONE && this.#granules(head) >= size) return head;
      const rounded = size + (1 << shift) - 1;
      const roundedShift = 31 - Math.clz32(rounded) - LISTS_LOG2;
      level = roundedShift + 1;
      list = (rounded >>> roundedShift) & (LISTS - 1);
    }
    let lists = this.#listBits[level] & (-1 << list);
    if (lists === 0) {
      if (level === 31) return NONE;
      const levels = this.#levelBits & (-1 << (level + 1));
      if (levels === 0) return NONE;
      level = 31 - Math.clz32(levels & -levels);
      lists = this.#listBits[level];
    }
    list = 31 - Math.clz32(lists & -lists);
    return this.#heads[(level << LISTS_LOG2) | list];
  }

  #granules(ref: Ref): number {
    return this.i32[ref >>> SEGMENT_SHIFT][((ref & GRANULE_MASK) << 1) - 1] >>> 2;
  }

  #link(ref: Ref, words: Int32Array, at: number, size: number): void {
    const index = listOf(size);
    const head = this.#heads[index];
    words[at] = head;
    words[at + 1] = NONE;
    words[at + (size << 1) - 2] = size;
    if (head !== NONE) {
      this.i32[head >>> SEGMENT_SHIFT][((head & GRANULE_MASK) << 1) + 1] = ref;
    } else {
      const level = index >>> LISTS_LOG2;
      this.#listBits[level] |= 1 << (index & (LISTS - 1));
      this.#levelBits |= 1 << level;
    }
    this.#heads[index] = ref;
  }

  #unlink(_ref: Ref, words: Int32Array, at: number, size: number): void {
    const next = words[at];
    const previous = words[at + 1];
    if (next !== NONE) {
      this.i32[next >>> SEGMENT_SHIFT][((next & GRANULE_MASK) << 1) + 1] = previous;
    }
    if (previous !== NONE) {
      this.i32[previous >>> SEGMENT_SHIFT][(previous & GRANULE_MASK) << 1] = next;
      return;
    }
    const index = listOf(size);
    this.#heads[index] = next;
    if (next === NONE) {
      const level = index >>> LISTS_LOG2;
      const bits = this.#listBits[level] & ~(1 << (index & (LISTS - 1)));
      this.#listBits[level] = bits;
      if (bits === 0) this.#levelBits &= ~(1 << level);
    }
  }

  #addSegment(sizeAtLeast: number): void {
    // Two granules go to the unused first word pair and the end mark's rounding.
    while (this.#nextSegmentGranules < sizeAtLeast + 2) this.#nextSegmentGranules *= 2;
    const granules = Math.min(this.#nextSegmentGranules, SEGMENT_GRANULES_MAX);
    this.#nextSegmentGranules = Math.min(granules * 2, SEGMENT_GRANULES_MAX);
    const index = this.#newSegment(granules);
    const words = this.i32[index];
    const size = granules - 1;
    words[1] = (size << 2) | FREE;
    words[words.length - 1] = PREVIOUS_FREE;
    this.#link((index << SEGMENT_SHIFT) | 1, words, 2, size);
  }

  #allocOwnSegment(size: number): Ref {
    const index = this.#newSegment(size + 1);
    this.i32[index][1] = size << 2;
    this.usedBytes += size * GRANULE_BYTES;
    return (index << SEGMENT_SHIFT) | 1;
  }

  #newSegment(granules: number): number {
    const index = this.#freeIndexes.pop() ?? this.u8.length;
    if (index >= SEGMENT_COUNT_MAX) throw new Error("arena: out of memory");
    const buffer = new ArrayBuffer(granules * GRANULE_BYTES);
    this.u8[index] = new Uint8Array(buffer);
    this.i32[index] = new Int32Array(buffer);
    this.view[index] = new DataView(buffer);
    this.segmentBytes += buffer.byteLength;
    return index;
  }

  /** An empty segment is dropped unless it is small or it is the last that keeps a reserve. */
  #mayDrop(words: number): boolean {
    return words === SEGMENT_GRANULES_MAX * 2 && this.segmentBytes - this.usedBytes > words * 8;
  }

  #dropSegment(index: number): void {
    this.segmentBytes -= this.u8[index].length;
    this.givenUpBytes += this.u8[index].length;
    this.u8[index] = EMPTY_U8;
    this.i32[index] = EMPTY_I32;
    this.view[index] = EMPTY_VIEW;
    this.#freeIndexes.push(index);
  }

  /**
   * Walks every segment and throws when a header, footer, flag, free list or the count of used
   * bytes is wrong, or when `live` (all references that should be in use) differs from what is.
   * Answers with the number of blocks in use. For tests, fuzzers and the simulator.
   */
  verify(live?: ReadonlySet<Ref>): number {
    let used = 0;
    let usedBlocks = 0;
    let freeBlocks = 0;
    for (let segment = 0; segment < this.u8.length; segment++) {
      const words = this.i32[segment];
      if (words.length === 0) continue;
      let at = 2;
      let previousFree = false;
      while (at < words.length) {
        const header = words[at - 1];
        const size = header >>> 2;
        check(size >= BLOCK_GRANULES_MIN, "block size");
        check(((header & PREVIOUS_FREE) !== 0) === previousFree, "previous-free flag");
        const free = (header & FREE) !== 0;
        if (free) {
          check(!previousFree, "two free neighbours");
          check(words[at + (size << 1) - 2] === size, "footer");
          freeBlocks++;
        } else {
          used += size * GRANULE_BYTES;
          usedBlocks++;
          if (live !== undefined) {
            check(live.has((segment << SEGMENT_SHIFT) | (at >>> 1)), "leaked block");
          }
        }
        previousFree = free;
        at += size << 1;
      }
      check(at === words.length, "block beyond its segment");
    }
    check(used === this.usedBytes, "count of used bytes");
    if (live !== undefined) check(live.size === usedBlocks, "live block is not in use");
    let listed = 0;
    for (let index = 0; index < this.#heads.length; index++) {
      for (let ref = this.#heads[index]; ref !== NONE; ) {
        const words = this.i32[ref >>> SEGMENT_SHIFT];
        const at = (ref & GRANULE_MASK) << 1;
        check((words[at - 1] & FREE) !== 0, "used block in a free list");
        check(listOf(words[at - 1] >>> 2) === index, "block in a wrong free list");
        listed++;
        ref = words[at];
      }
    }
    check(listed === freeBlocks, "free block in no list");
    return usedBlocks;
  }
}

/** Index of the free list that a free block of this size is in. */
function listOf(size: number): number {
  if (size < LISTS) return size;
  const shift = 31 - Math.clz32(size) - LISTS_LOG2;
  return ((shift + 1) << LISTS_LOG2) | ((size >>> shift) & (LISTS - 1));
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`arena: ${what} is wrong`);
}
