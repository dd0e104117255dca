// Large arrays of tables, to be used again. V8 takes the memory of a large array from the system and
// gives it back with the next collection; touching it anew costs several times what a script does
// with it.
//
// An array comes back when its table has grown out of it, or when the script has ended and nothing of
// it is left (`recycle`). What is in it may stay: a table's slots from its `end` on mean nothing. But
// an array must not keep values alive, so only numbers stay.
import type { LuaTable } from "./table.ts";
import type { LuaValue } from "./value.ts";

/** Smaller arrays lie in memory that V8 uses again by itself. */
export const POOLED_SIZE_MIN: number = 1 << 13;
/** Slots of all arrays that are kept: 4 MB. */
const POOLED_SLOTS_MAX = 1 << 19;
/** Tables with large arrays that are remembered: these are not collected while the script runs. */
const LENT_COUNT_MAX = 4;

export class ArrayPool {
  /** Arrays in which all slots but the first are numbers, and others, in which they are nil. */
  private readonly numbers: LuaValue[][] = [];
  private readonly others: LuaValue[][] = [];
  private slots = 0;
  private readonly lent: LuaTable[] = [];

  /** An array with more than `size` slots for values like `sample`, or null. */
  take(size: number, sample: LuaValue): LuaValue[] | null {
    const arrays = typeof sample === "number" ? this.numbers : this.others;
    let best = -1;
    for (let i = 0; i < arrays.length; i++) {
      const { length } = arrays[i];
      if (length > size && (best < 0 || length < arrays[best].length)) best = i;
    }
    if (best < 0) return null;
    const [array] = arrays.splice(best, 1);
    this.slots -= array.length;
    return array;
  }

  /** Takes an array that nobody has any more; its values are those below `end`. */
  give(array: LuaValue[], end: number): void {
    if (array.length <= POOLED_SIZE_MIN || this.slots + array.length > POOLED_SLOTS_MAX) return;
    this.slots += array.length;
    if (holdsNumbers(array, end)) {
      this.numbers.push(array);
      return;
    }
    array.fill(undefined, 1, end);
    this.others.push(array);
  }

  /** A table has got a large array. */
  noteLent(table: LuaTable): void {
    if (this.lent.includes(table)) return;
    if (this.lent.length === LENT_COUNT_MAX) this.lent.shift();
    this.lent.push(table);
  }

  /** Nothing that the script has made is left: takes its arrays. */
  recycle(): void {
    if (this.lent.length === 0) return;
    for (const table of this.lent) {
      const { array, end } = table;
      table.dropArray();
      this.give(array, end);
    }
    this.lent.length = 0;
  }

  /** What the script has made may live on. */
  forget(): void {
    if (this.lent.length > 0) this.lent.length = 0;
  }
}

function holdsNumbers(array: LuaValue[], end: number): boolean {
  for (let i = 1; i < end; i++) if (typeof array[i] !== "number") return false;
  return true;
}
