// Tables exactly as Lua 5.1 lays them out, because scripts can see it: the order of `next` and the
// border that `#` finds follow from the sizes of the two parts and from where each key lies.
//
// Array part: keys 1 … arraySize. `array[i]` is the value of key i; slot 0 is a hole and values past
// the JavaScript array's end are nil, so an array of numbers stays one without boxing. `dense` says
// that no value below the end is nil.
//
// Node part: a chained scatter table with Brent's variation. Slot n is three entries of `nodes`:
//   n * 3      key, UNUSED when the slot was never used
//   n * 3 + 1  value; a nil value marks a dead key, which stays in place until the slot is needed
//   n * 3 + 2  where the next slot of the chain starts in `nodes`, -1 at its end
// Free slots are taken from the end (`lastFree`). The part's size is a power of 2; DUMMY stands for
// an empty part.
import type { Heap } from "./function.ts";
import { mainPosition, numberHash, stringHash } from "./hash.ts";
import { arrayCounts, computeSizes, countInteger, log2Ceiling, nodeCounts } from "./table-sizes.ts";
import type { LuaValue } from "./value.ts";

/** Not a Lua value: no string of bytes has this character. Keeps comparisons among strings. */
export const UNUSED = "\uffff";

const DUMMY: unknown[] = [UNUSED, undefined, -1];

const MAX_BITS = 26;
const TABLE_BYTES = 64;
const VALUE_BYTES = 16;
const NODE_BYTES = 40;

export class LuaTable {
  /** The object's number: its hash and its address in texts. */
  readonly id: number;
  array: LuaValue[];
  arraySize: number;
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
    // biome-ignore lint/suspicious/noSparseArray: slot 0 must be a hole, see above.
    this.array = [,];
    this.arraySize = arraySize;
    if (nodeSize > 0) this.setNodes(nodeSize);
  }

  get(key: LuaValue): LuaValue {
    if (typeof key === "string") return this.getHashed(key, stringHash(key));
    if (typeof key === "number") return this.getNumber(key);
    if (key === undefined) return undefined;
    const at = this.find(key);
    return at < 0 ? undefined : (this.nodes[at + 1] as LuaValue);
  }

  getString(key: string): LuaValue {
    return this.getHashed(key, stringHash(key));
  }

  /** A string key whose hash is known. */
  getHashed(key: string, hash: number): LuaValue {
    const nodes = this.nodes;
    let at = (hash & this.mask) * 3;
    do {
      if (nodes[at] === key) return nodes[at + 1] as LuaValue;
      at = nodes[at + 2] as number;
    } while (at >= 0);
    return undefined;
  }

  getNumber(key: number): LuaValue {
    // Fractions and numbers outside are no properties of the array; -0 is its hole.
    const value = this.array[key];
    if (value !== undefined || this.nodes === DUMMY) return value;
    return this.getNodeNumber(key);
  }

  private getNodeNumber(key: number): LuaValue {
    const nodes = this.nodes;
    let at = (numberHash(key) % (this.mask | 1)) * 3;
    do {
      if (nodes[at] === key) return nodes[at + 1] as LuaValue;
      at = nodes[at + 2] as number;
    } while (at >= 0);
    return undefined;
  }

  /** Where a key's slot starts in `nodes`, -1 when it has none. */
  private find(key: LuaValue): number {
    const nodes = this.nodes;
    let at = mainPosition(key, this.mask) * 3;
    do {
      if (nodes[at] === key) return at;
      at = nodes[at + 2] as number;
    } while (at >= 0);
    return -1;
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
    const at = this.find(key);
    if (at >= 0) this.nodes[at + 1] = value;
    else this.insert(key, value);
  }

  setString(key: string, value: LuaValue): void {
    this.setHashed(key, stringHash(key), value);
  }

  setHashed(key: string, hash: number, value: LuaValue): void {
    const nodes = this.nodes;
    let at = (hash & this.mask) * 3;
    do {
      if (nodes[at] === key) {
        nodes[at + 1] = value;
        return;
      }
      at = nodes[at + 2] as number;
    } while (at >= 0);
    this.insert(key, value);
  }

  setNumber(key: number, value: LuaValue): void {
    if (key >= 1 && key <= this.arraySize && Math.floor(key) === key) {
      this.setSlot(key, value);
      return;
    }
    if (Number.isNaN(key)) this.heap.raise("table index is NaN");
    const at = this.find(key);
    if (at >= 0) this.nodes[at + 1] = value;
    else this.insert(key, value);
  }

  /** A key within the array part. */
  private setSlot(key: number, value: LuaValue): void {
    const array = this.array;
    const end = array.length;
    if (value === undefined) {
      if (key >= end) return;
      if (key < end - 1) {
        array[key] = undefined;
        this.dense = false;
        return;
      }
      array.pop();
      if (this.dense) return;
      while (array.length > 1 && array[array.length - 1] === undefined) array.pop();
    } else if (key < end) array[key] = value;
    else {
      while (array.length < key) {
        array.push(undefined);
        this.dense = false;
      }
      array.push(value);
    }
  }

  /** Puts a key that is not in the table into the node part, which may grow. */
  private insert(key: LuaValue, value: LuaValue): void {
    const nodes = this.nodes;
    let at = mainPosition(key, this.mask) * 3;
    if (nodes[at + 1] !== undefined || nodes === DUMMY) {
      const free = this.takeFree();
      if (free < 0) {
        this.rehash(key);
        this.set(key, value);
        return;
      }
      let other = mainPosition(nodes[at] as LuaValue, this.mask) * 3;
      if (other !== at) {
        // The slot's owner is not in its main position: it moves away.
        while (nodes[other + 2] !== at) other = nodes[other + 2] as number;
        nodes[other + 2] = free;
        nodes[free] = nodes[at];
        nodes[free + 1] = nodes[at + 1];
        nodes[free + 2] = nodes[at + 2];
        nodes[at + 2] = -1;
      } else {
        nodes[free + 2] = nodes[at + 2];
        nodes[at + 2] = free;
        at = free;
      }
    }
    nodes[at] = key;
    nodes[at + 1] = value;
  }

  private takeFree(): number {
    while (this.lastFree > 0) {
      this.lastFree--;
      if (this.nodes[this.lastFree * 3] === UNUSED) return this.lastFree * 3;
    }
    return -1;
  }

  /** Chooses new sizes for both parts, with room for one more key. */
  private rehash(extraKey: LuaValue): void {
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
    const vanishing = this.array;
    const oldArraySize = this.arraySize;
    this.heap.allocated += Math.max(0, arraySize - oldArraySize) * VALUE_BYTES;
    this.setNodes(nodeSize);
    this.arraySize = arraySize;
    if (arraySize < oldArraySize && vanishing.length - 1 > arraySize) {
      const tail = vanishing.slice(arraySize + 1);
      vanishing.length = arraySize + 1;
      for (let i = 0; i < tail.length; i++) {
        if (tail[i] !== undefined) this.setNumber(arraySize + 1 + i, tail[i]);
      }
      while (vanishing.length > 1 && vanishing[vanishing.length - 1] === undefined) vanishing.pop();
    }
    for (let at = oldNodes.length - 3; at >= 0; at -= 3) {
      if (oldNodes[at + 1] !== undefined) {
        this.set(oldNodes[at] as LuaValue, oldNodes[at + 1] as LuaValue);
      }
    }
    if (!this.dense) this.compact();
  }

  /** After growth a list that was filled in any order may be dense again. */
  private compact(): void {
    if (this.array.indexOf(undefined, 1) > 0) return;
    const old = this.array;
    // biome-ignore lint/suspicious/noSparseArray: slot 0 must be a hole, see above.
    this.array = [,];
    for (let i = 1; i < old.length; i++) this.array.push(old[i]);
    this.dense = true;
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
    const slots = 2 ** bits;
    this.heap.allocated += slots * NODE_BYTES;
    const nodes: unknown[] = [];
    for (let i = 0; i < slots; i++) nodes.push(UNUSED, undefined, -1);
    this.nodes = nodes;
    this.mask = slots - 1;
    this.lastFree = slots;
  }

  /** Makes the values `items[1]`, `items[2]` … the array part of a table that has none yet. */
  adoptList(items: LuaValue[]): void {
    while (items.length > 1 && items[items.length - 1] === undefined) items.pop();
    this.array = items;
    this.dense = items.indexOf(undefined, 1) < 0;
  }

  /** A border: t[n] is not nil and t[n + 1] is nil, or 0. Which one it is follows Lua's search. */
  length(): number {
    const array = this.array;
    const size = this.arraySize;
    if (size > 0 && array[size] === undefined) {
      if (this.dense) return array.length - 1;
      let low = 0;
      let high = size;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (array[middle] === undefined) high = middle;
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
    const at = Number.isNaN(key) ? -1 : this.find(key);
    return at < 0 ? -2 : this.arraySize + at / 3;
  }

  /** The next place that holds a value, -1 at the end. */
  nextIndex(index: number): number {
    const array = this.array;
    for (let i = index + 2; i < array.length; i++) if (array[i] !== undefined) return i - 1;
    const nodes = this.nodes;
    const from = index < this.arraySize ? 0 : index + 1 - this.arraySize;
    for (let at = from * 3; at < nodes.length; at += 3) {
      if (nodes[at + 1] !== undefined) return this.arraySize + at / 3;
    }
    return -1;
  }

  keyAt(index: number): LuaValue {
    if (index < this.arraySize) return index + 1;
    return this.nodes[(index - this.arraySize) * 3] as LuaValue;
  }

  valueAt(index: number): LuaValue {
    if (index < this.arraySize) return this.array[index + 1];
    return this.nodes[(index - this.arraySize) * 3 + 1] as LuaValue;
  }
}
