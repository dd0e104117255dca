// Tables exactly as Lua 5.1 lays them out, because scripts can see it: the order of `next` and the
// border that `#` finds follow from the sizes of the two parts and from where each key lies.
//
// Array part: keys 1 … arraySize. `array[i]` is the value of key i if i is below `end`; what lies from
// there on means nothing (array-pool.ts), and `array` may be longer than the part. Slot 0 is a hole, so
// an array of numbers stays one without boxing. `dense` says that no value below `end` is nil. Tables
// without an array part share one empty array.
//
// Node part: a chained scatter table with Brent's variation. Slot n is four entries of `nodes`:
//   n * 4      key, UNUSED when the slot was never used
//   n * 4 + 1  value; a nil value marks a dead key, which stays in place until the slot is needed
//   n * 4 + 2  where the next slot of the chain starts in `nodes`, -1 at its end
//   n * 4 + 3  the key's hash, int32: other keys are told apart by it, and rehashing needs no new one
// Free slots are taken from the end (`lastFree`). The part's size is a power of 2; DUMMY stands for
// an empty part.
import { POOLED_SIZE_MIN } from "./array-pool.ts";
import type { Heap } from "./function.ts";
import { hashOf, numberHash, stringHash } from "./hash.ts";
import {
  arrayCounts,
  computeSizes,
  countInteger,
  log2Ceiling,
  nodeCounts,
  usedWithoutNumbers,
} from "./table-sizes.ts";
import type { LuaValue } from "./value.ts";

/** Not a Lua value: no string of bytes has this character. Keeps comparisons among strings. */
export const UNUSED = "\uffff";

/** Node parts of 1, 2, 4, … unused slots, to be copied; the first also stands for no node part. */
const TEMPLATES: unknown[][] = [0, 1, 2, 3, 4, 5].map((bits) => unusedNodes(2 ** bits));
const DUMMY: unknown[] = unusedNodes(1);

function unusedNodes(slots: number): unknown[] {
  const nodes: unknown[] = new Array(slots * 4);
  for (let at = 0; at < nodes.length; at += 4) {
    nodes[at] = UNUSED;
    nodes[at + 1] = undefined;
    nodes[at + 2] = -1;
    nodes[at + 3] = 0;
  }
  return nodes;
}

// biome-ignore lint/suspicious/noSparseArray: slot 0 must be a hole, see above.
const EMPTY: LuaValue[] = [,];

const MAX_BITS = 26;
/** V8 keeps arrays of up to 2^25 elements as such; a larger one would end the process. */
const ARRAY_SIZE_MAX = 1 << 24;
const NODE_SIZE_MAX = 1 << 22;
/** More slots than this are asked for before they are made. */
const LARGE_SIZE = 1 << 17;
const TABLE_BYTES = 64;
const VALUE_BYTES = 16;
const NODE_BYTES = 40;

export class LuaTable {
  /** The object's number: its hash and its address in texts. */
  readonly id: number;
  /** What compiled code asks before it touches the rest; no other value has such a property. */
  declare readonly isTable: true;
  array: LuaValue[];
  arraySize: number;
  end = 1;
  dense = true;
  nodes: unknown[] = DUMMY;
  mask = 0;
  lastFree = 0;
  metatable: LuaTable | null = null;
  /** Redis's protection: whoever writes for a script must look at it. */
  readonly = false;
  private readonly heap: Heap;

  constructor(heap: Heap, arraySize = 0, nodeSize = 0) {
    this.id = ++heap.objectCount;
    heap.allocated += TABLE_BYTES + arraySize * VALUE_BYTES;
    this.heap = heap;
    this.array = arraySize > 0 ? new Array(arraySize + 1) : EMPTY;
    this.arraySize = arraySize;
    if (nodeSize > 0) this.setNodes(nodeSize);
  }

  get(key: LuaValue): LuaValue {
    if (typeof key === "string") return this.getHashed(key, stringHash(key));
    if (typeof key === "number") return this.getNumber(key);
    if (key === undefined) return undefined;
    const at = this.find(key, hashOf(key));
    return at < 0 ? undefined : (this.nodes[at + 1] as LuaValue);
  }

  getString(key: string): LuaValue {
    return this.getHashed(key, stringHash(key));
  }

  /** A string key whose hash is known. */
  getHashed(key: string, hash: number): LuaValue {
    const nodes = this.nodes;
    let at = (hash & this.mask) << 2;
    do {
      if (nodes[at + 3] === hash && nodes[at] === key) return nodes[at + 1] as LuaValue;
      at = nodes[at + 2] as number;
    } while (at >= 0);
    return undefined;
  }

  getNumber(key: number): LuaValue {
    // Fractions and numbers below 1 are no properties of the array; -0 is its hole.
    if (key < this.end) {
      const value = this.array[key];
      if (value !== undefined) return value;
    }
    return this.nodes === DUMMY ? undefined : this.getNodeNumber(key);
  }

  private getNodeNumber(key: number): LuaValue {
    const at = this.find(key, numberHash(key));
    return at < 0 ? undefined : (this.nodes[at + 1] as LuaValue);
  }

  /** Where a key that is no string lies in `nodes`, -1 when it does not. */
  private find(key: LuaValue, hash: number): number {
    const nodes = this.nodes;
    let at = this.mainPlace(key, hash);
    do {
      if (nodes[at + 3] === hash && nodes[at] === key) return at;
      at = nodes[at + 2] as number;
    } while (at >= 0);
    return -1;
  }

  /** Where a key's main position starts in `nodes`: Lua takes numbers and objects modulo an odd size. */
  private mainPlace(key: unknown, hash: number): number {
    const isMasked = typeof key === "string" || typeof key === "boolean";
    return (isMasked ? hash & this.mask : (hash >>> 0) % (this.mask | 1)) << 2;
  }

  /** Raw assignment. As in Lua, even nil makes a slot for its key. */
  set(key: LuaValue, value: LuaValue): void {
    if (typeof key === "number") {
      this.setNumber(key, value);
      return;
    }
    if (typeof key === "string") {
      this.setHashed(key, stringHash(key), value);
      return;
    }
    if (key === undefined) this.heap.raise("table index is nil");
    const hash = hashOf(key);
    const at = this.find(key, hash);
    if (at >= 0) this.nodes[at + 1] = value;
    else this.insert(key, hash, value);
  }

  setString(key: string, value: LuaValue): void {
    this.setHashed(key, stringHash(key), value);
  }

  setHashed(key: string, hash: number, value: LuaValue): void {
    const nodes = this.nodes;
    let at = (hash & this.mask) << 2;
    do {
      if (nodes[at + 3] === hash && nodes[at] === key) {
        nodes[at + 1] = value;
        return;
      }
      at = nodes[at + 2] as number;
    } while (at >= 0);
    this.insert(key, hash, value);
  }

  setNumber(key: number, value: LuaValue): void {
    if (key >= 1 && key <= this.arraySize && Math.floor(key) === key) {
      this.setSlot(key, value);
      return;
    }
    if (Number.isNaN(key)) this.heap.raise("table index is NaN");
    const hash = numberHash(key);
    const at = this.find(key, hash);
    if (at >= 0) this.nodes[at + 1] = value;
    else this.insert(key, hash, value);
  }

  /** A key within the array part. */
  private setSlot(key: number, value: LuaValue): void {
    const { array, end } = this;
    if (value !== undefined) {
      if (key >= end) {
        if (key > end) {
          this.dense = false;
          array.fill(undefined, end, key);
        }
        this.end = key + 1;
      }
      array[key] = value;
    } else if (key < end - 1) {
      array[key] = undefined;
      this.dense = false;
    } else if (key === end - 1) {
      // A number keeps nothing alive; without it the array need not become one of any values.
      if (typeof array[key] !== "number") array[key] = undefined;
      this.end--;
      if (!this.dense) this.trim();
    }
  }

  /** Lowers `end` to where the last value is. */
  private trim(): void {
    while (this.end > 1 && this.array[this.end - 1] === undefined) this.end--;
  }

  /** Puts a key that is not in the table into the node part, which may grow. */
  private insert(key: LuaValue, hash: number, value: LuaValue): void {
    const nodes = this.nodes;
    let at = this.mainPlace(key, hash);
    if (nodes[at + 1] !== undefined || nodes === DUMMY) {
      const free = this.takeFree();
      if (free < 0) {
        this.rehash(key);
        this.set(key, value);
        return;
      }
      let other = this.mainPlace(nodes[at], nodes[at + 3] as number);
      if (other !== at) {
        // The slot's owner is not in its main position: it moves away.
        while (nodes[other + 2] !== at) other = nodes[other + 2] as number;
        nodes[other + 2] = free;
        nodes[free] = nodes[at];
        nodes[free + 1] = nodes[at + 1];
        nodes[free + 2] = nodes[at + 2];
        nodes[free + 3] = nodes[at + 3];
        nodes[at + 2] = -1;
      } else {
        nodes[free + 2] = nodes[at + 2];
        nodes[at + 2] = free;
        at = free;
      }
    }
    nodes[at] = key;
    nodes[at + 1] = value;
    nodes[at + 3] = hash;
  }

  private takeFree(): number {
    while (this.lastFree > 0) {
      this.lastFree--;
      if (this.nodes[this.lastFree << 2] === UNUSED) return this.lastFree << 2;
    }
    return -1;
  }

  /** Chooses new sizes for both parts, with room for one more key. */
  private rehash(extraKey: LuaValue): void {
    if (this.arraySize === 0 && typeof extraKey !== "number") {
      const used = usedWithoutNumbers(this.nodes);
      if (used >= 0) {
        this.resize(0, used + 1);
        return;
      }
    }
    const counts = arrayCounts(this);
    const inArray = counts.total;
    const inNodes = nodeCounts(this.nodes, counts);
    countInteger(extraKey, counts);
    const sizes = computeSizes(counts);
    this.resize(sizes.arraySize, inArray + inNodes + 1 - sizes.inArray);
  }

  /** Grows the array part so that keys up to `size` fit, as a list constructor does. */
  reserveArray(size: number): void {
    if (size > this.arraySize) this.resize(size, this.nodes === DUMMY ? 0 : this.mask + 1);
  }

  private resize(arraySize: number, nodeSize: number): void {
    const oldNodes = this.nodes;
    const oldArraySize = this.arraySize;
    // Before anything is changed: what follows must not fail.
    if (arraySize > ARRAY_SIZE_MAX || nodeSize > NODE_SIZE_MAX)
      this.heap.raise("not enough memory");
    if (arraySize > LARGE_SIZE || nodeSize > LARGE_SIZE) {
      this.heap.makeSure(arraySize * VALUE_BYTES + nodeSize * 2 * NODE_BYTES);
    }
    this.heap.allocated += Math.max(0, arraySize - oldArraySize) * VALUE_BYTES;
    this.setNodes(nodeSize);
    this.arraySize = arraySize;
    if (arraySize > oldArraySize) this.growArray(arraySize);
    else if (arraySize < oldArraySize) this.shrinkArray(arraySize);
    for (let at = oldNodes.length - 4; at >= 0; at -= 4) {
      const value = oldNodes[at + 1] as LuaValue;
      if (value === undefined) continue;
      const key = oldNodes[at] as LuaValue;
      if (typeof key === "number") this.setNumber(key, value);
      else this.insert(key, oldNodes[at + 3] as number, value);
    }
    // After growth a list that was filled in any order may be dense again.
    if (!this.dense) this.dense = this.isDense();
  }

  private growArray(size: number): void {
    const { array } = this;
    if (array.length > size) return;
    if (size >= POOLED_SIZE_MIN) this.growLarge(size);
    else if (array === EMPTY) this.array = new Array(size + 1);
    else array.length = size + 1;
  }

  private growLarge(size: number): void {
    const { array, end } = this;
    const { arrays } = this.heap;
    arrays.noteLent(this);
    const larger = arrays.take(size, array[1]);
    if (larger !== null) {
      for (let i = 1; i < end; i++) larger[i] = array[i];
      this.array = larger;
      arrays.give(array, end);
    } else if (array === EMPTY) this.array = new Array(size + 1);
    else array.length = size + 1;
  }

  /** The table is not used any more, and another one gets its array. */
  dropArray(): void {
    this.array = EMPTY;
    this.arraySize = 0;
    this.end = 1;
  }

  /** Values that have no place in the array part any more move to the node part. */
  private shrinkArray(size: number): void {
    const { array, end } = this;
    this.array = size > 0 ? array.slice(0, size + 1) : EMPTY;
    this.end = Math.min(end, size + 1);
    this.trim();
    for (let i = size + 1; i < end; i++) {
      if (array[i] !== undefined) this.setNumber(i, array[i]);
    }
  }

  private isDense(): boolean {
    for (let i = 1; i < this.end; i++) if (this.array[i] === undefined) return false;
    return true;
  }

  private setNodes(size: number): void {
    if (size === 0) {
      this.nodes = DUMMY;
      this.mask = 0;
      this.lastFree = 0;
      return;
    }
    const bits = log2Ceiling(size);
    if (bits > MAX_BITS) this.heap.raise("table overflow");
    const slots = 1 << bits;
    this.heap.allocated += slots * NODE_BYTES;
    this.nodes = bits < TEMPLATES.length ? TEMPLATES[bits].slice() : unusedNodes(slots);
    this.mask = slots - 1;
    this.lastFree = slots;
  }

  /** Makes the values `items[1]`, `items[2]` … the array part of a table that has none yet. */
  adoptList(items: LuaValue[], arraySize: number): void {
    this.array = items;
    this.arraySize = arraySize;
    this.end = items.length;
    this.trim();
    this.dense = this.isDense();
    this.heap.allocated += arraySize * VALUE_BYTES;
  }

  /** Makes the slots the node part of a table that has none yet. */
  adoptNodes(nodes: unknown[], lastFree: number): void {
    const slots = nodes.length >> 2;
    this.nodes = nodes;
    this.mask = slots - 1;
    this.lastFree = lastFree;
    this.heap.allocated += slots * NODE_BYTES;
  }

  /** A border: t[n] is not nil and t[n + 1] is nil, or 0. Which one it is follows Lua's search. */
  length(): number {
    const size = this.arraySize;
    if (this.end <= size) {
      if (this.dense) return this.end - 1;
      const array = this.array;
      let low = 0;
      let high = size;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (middle >= this.end || array[middle] === undefined) high = middle;
        else low = middle;
      }
      return low;
    }
    return this.nodes === DUMMY ? size : this.searchNodes(size);
  }

  private searchNodes(size: number): number {
    let low = size;
    let high = size + 1;
    while (this.getNumber(high) !== undefined) {
      low = high;
      high *= 2;
      if (high > 0x7fff_fffd) {
        low = 1;
        while (this.getNumber(low) !== undefined) low++;
        return low - 1;
      }
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.getNumber(middle) === undefined) high = middle;
      else low = middle;
    }
    return low;
  }

  /** The place of a key in a traversal: -1 for nil (the start), -2 when it is not in the table. */
  indexOf(key: LuaValue): number {
    if (key === undefined) return -1;
    if (typeof key === "number" && key >= 1 && key <= this.arraySize && Math.floor(key) === key) {
      return key - 1;
    }
    const at = this.find(key, hashOf(key));
    return at < 0 ? -2 : this.arraySize + (at >> 2);
  }

  /** The next place that holds a value, -1 at the end. */
  nextIndex(index: number): number {
    const array = this.array;
    for (let i = index + 2; i < this.end; i++) if (array[i] !== undefined) return i - 1;
    const nodes = this.nodes;
    const from = index < this.arraySize ? 0 : index + 1 - this.arraySize;
    for (let at = from << 2; at < nodes.length; at += 4) {
      if (nodes[at + 1] !== undefined) return this.arraySize + (at >> 2);
    }
    return -1;
  }

  keyAt(index: number): LuaValue {
    if (index < this.arraySize) return index + 1;
    return this.nodes[(index - this.arraySize) << 2] as LuaValue;
  }

  valueAt(index: number): LuaValue {
    if (index < this.arraySize) return this.array[index + 1];
    return this.nodes[((index - this.arraySize) << 2) + 1] as LuaValue;
  }
}

Object.defineProperty(LuaTable.prototype, "isTable", { value: true });
