// Lua 5.1's quicksort, comparison by comparison: a comparator that contradicts itself or changes the
// table must lead to the same order, and to the same error, as it does in Redis.
//
// The sort is a machine that stops at each comparison: `next` says whether there is one, `first` and
// `second` are to be compared, and `next(isLess)` takes the answer. So the same code serves the
// comparators that run to their end and those that can be suspended.
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";

// What the answer awaited is about.
const BEGIN = 0;
const UPPER_BELOW_LOWER = 1;
const MIDDLE_BELOW_LOWER = 2;
const UPPER_BELOW_MIDDLE = 3;
const LEFT_BELOW_PIVOT = 4;
const PIVOT_BELOW_RIGHT = 5;

export class Sort {
  first: LuaValue;
  second: LuaValue;
  readonly #rt: Runtime;
  readonly #table: LuaTable;
  #lower: number;
  #upper: number;
  #state = BEGIN;
  #left = 0;
  #right = 0;
  #pivot: LuaValue;
  /** The larger parts that wait until the smaller ones are sorted: pairs of lower and upper. */
  readonly #waiting: number[] = [];

  constructor(rt: Runtime, table: LuaTable, length: number) {
    this.#rt = rt;
    this.#table = table;
    this.#lower = 1;
    this.#upper = length;
  }

  /** Whether `first` < `second` is asked for; the argument is the answer to the last question. */
  next(isLess: boolean): boolean {
    switch (this.#state) {
      case BEGIN:
        return this.#begin();
      case UPPER_BELOW_LOWER:
        return this.#lowerAndUpperKnown(isLess);
      case MIDDLE_BELOW_LOWER:
        return this.#middleAndLowerKnown(isLess);
      case UPPER_BELOW_MIDDLE:
        if (isLess) this.#swap(this.#left, this.#upper);
        return this.#partition();
      case LEFT_BELOW_PIVOT:
        return this.#leftKnown(isLess);
      default:
        return this.#rightKnown(isLess);
    }
  }

  #get(index: number): LuaValue {
    return this.#table.getNumber(index);
  }

  #set(index: number, value: LuaValue): void {
    if (this.#table.readonly) this.#rt.rawset(this.#table, index, value);
    else this.#table.setNumber(index, value);
  }

  /** Writes the two values just compared, each to the other's place. */
  #swap(firstTarget: number, secondTarget: number): void {
    const { first, second } = this;
    this.#set(firstTarget, first);
    this.#set(secondTarget, second);
  }

  #ask(state: number, first: LuaValue, second: LuaValue): boolean {
    this.#state = state;
    this.first = first;
    this.second = second;
    return true;
  }

  #begin(): boolean {
    while (this.#lower >= this.#upper) {
      if (this.#waiting.length === 0) return false;
      this.#upper = this.#waiting.pop() as number;
      this.#lower = this.#waiting.pop() as number;
    }
    const lower = this.#get(this.#lower);
    return this.#ask(UPPER_BELOW_LOWER, this.#get(this.#upper), lower);
  }

  #lowerAndUpperKnown(isLess: boolean): boolean {
    if (isLess) this.#swap(this.#lower, this.#upper);
    if (this.#upper - this.#lower === 1) return this.#partDone();
    this.#left = Math.floor((this.#lower + this.#upper) / 2);
    const middle = this.#get(this.#left);
    return this.#ask(MIDDLE_BELOW_LOWER, middle, this.#get(this.#lower));
  }

  #middleAndLowerKnown(isLess: boolean): boolean {
    if (isLess) {
      const { first, second } = this;
      this.#set(this.#left, second);
      this.#set(this.#lower, first);
      return this.#partition();
    }
    return this.#ask(UPPER_BELOW_MIDDLE, this.#get(this.#upper), this.first);
  }

  /** The ends and the middle are in order; the middle becomes the pivot. */
  #partition(): boolean {
    if (this.#upper - this.#lower === 2) return this.#partDone();
    this.#pivot = this.#get(this.#left);
    const other = this.#get(this.#upper - 1);
    this.#set(this.#left, other);
    this.#set(this.#upper - 1, this.#pivot);
    this.#left = this.#lower;
    this.#right = this.#upper - 1;
    return this.#askLeft();
  }

  #askLeft(): boolean {
    this.#left++;
    return this.#ask(LEFT_BELOW_PIVOT, this.#get(this.#left), this.#pivot);
  }

  #leftKnown(isLess: boolean): boolean {
    if (isLess) {
      if (this.#left > this.#upper) this.#rt.error("invalid order function for sorting");
      return this.#askLeft();
    }
    this.#leftValue = this.first;
    return this.#askRight();
  }

  /** The value at `left` as it was when it was compared. */
  #leftValue: LuaValue;

  #askRight(): boolean {
    this.#right--;
    return this.#ask(PIVOT_BELOW_RIGHT, this.#pivot, this.#get(this.#right));
  }

  #rightKnown(isLess: boolean): boolean {
    if (isLess) {
      if (this.#right < this.#lower) this.#rt.error("invalid order function for sorting");
      return this.#askRight();
    }
    if (this.#right >= this.#left) {
      this.#set(this.#left, this.second);
      this.#set(this.#right, this.#leftValue);
      return this.#askLeft();
    }
    const last = this.#get(this.#upper - 1);
    const middle = this.#get(this.#left);
    this.#set(this.#upper - 1, middle);
    this.#set(this.#left, last);
    return this.#split();
  }

  /** Both sides of the pivot are to be sorted, the smaller one first. */
  #split(): boolean {
    const middle = this.#left;
    if (middle - this.#lower < this.#upper - middle) {
      this.#waiting.push(middle + 1, this.#upper);
      this.#upper = middle - 1;
    } else {
      this.#waiting.push(this.#lower, middle - 1);
      this.#lower = middle + 1;
    }
    return this.#begin();
  }

  #partDone(): boolean {
    this.#lower = this.#upper;
    return this.#begin();
  }
}
