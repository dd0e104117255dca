// Reads MessagePack. Tables that are being filled wait on a stack of this file, not JavaScript's:
// a few bytes make thousands of levels.
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";
import { doubleAt, floatAt, longAt, shortAt } from "./binary.ts";
import { checkRoom, fillList, type RecordShapes, VALUES_PER_LOOK } from "./record-shapes.ts";

const STACK_SLOTS_MAX = 8000;

/** A table that is being filled. Lua's stack holds it, and the key of the next value. */
interface Level {
  readonly table: LuaTable;
  readonly isMap: boolean;
  /** Values still to come, for a map keys as well. */
  left: number;
  key: LuaValue;
  hasKey: boolean;
  /** Values go to the table at once: it is no list, or no record, or has nil in it. */
  isDirect: boolean;
  /** How many values, and keys, waited when it began: its own are those behind. */
  readonly valuesBefore: number;
  readonly keysBefore: number;
  readonly slots: number;
}

export class MessageReader {
  at: number;
  readonly #rt: Runtime;
  readonly #bytes: string;
  readonly #shapes: RecordShapes;
  readonly #levels: Level[] = [];
  /** What waits for its table to be complete, from the outermost one on. */
  readonly #values: LuaValue[] = [];
  #valueCount = 0;
  readonly #keys: string[] = [];
  #keyCount = 0;
  #value: LuaValue;

  constructor(rt: Runtime, shapes: RecordShapes, bytes: string, at: number) {
    this.#rt = rt;
    this.#shapes = shapes;
    this.#bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** The next value; `slots` of Lua's stack are in use. */
  read(slots: number): LuaValue {
    let used = slots;
    for (;;) {
      if (this.#readOne(used)) {
        if (this.#store()) return this.#value;
      }
      const level = this.#levels[this.#levels.length - 1];
      used = level.slots + (level.hasKey || !level.isMap ? 1 : 0);
    }
  }

  #need(count: number): void {
    if (count > this.left) this.#rt.error("Missing bytes in input.");
  }

  #stackOverflow(reason: string): never {
    return this.#rt.error(`stack overflow (${reason})`);
  }

  /** Reads a value, or opens a table that is not empty: false. */
  #readOne(slots: number): boolean {
    this.#need(1);
    if (slots + 1 > STACK_SLOTS_MAX) {
      this.#stackOverflow(
        "too many return values at once; use unpack_one or unpack_limit instead.",
      );
    }
    const code = this.#bytes.charCodeAt(this.at);
    if (code < 0x80) return this.#scalar(code, 1);
    if (code >= 0xe0) return this.#scalar(code - 256, 1);
    if (code < 0x90) return this.#open(true, code & 0xf, 1, slots);
    if (code < 0xa0) return this.#open(false, code & 0xf, 1, slots);
    if (code < 0xc0) return this.#text(code & 0x1f, 1);
    return this.#readTyped(code, slots);
  }

  #readTyped(code: number, slots: number): boolean {
    switch (code) {
      case 0xc0:
        return this.#scalar(undefined, 1);
      case 0xc2:
        return this.#scalar(false, 1);
      case 0xc3:
        return this.#scalar(true, 1);
      case 0xca:
        this.#need(5);
        return this.#scalar(floatAt(this.#bytes, this.at + 1), 5);
      case 0xcb:
        this.#need(9);
        return this.#scalar(doubleAt(this.#bytes, this.at + 1), 9);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#scalar(this.#count(2 ** (code - 0xcc)), 1 + 2 ** (code - 0xcc));
      case 0xd0:
      case 0xd1:
      case 0xd2: {
        const size = 2 ** (code - 0xd0);
        const shift = 32 - 8 * size;
        return this.#scalar((this.#count(size) << shift) >> shift, 1 + size);
      }
      case 0xcf:
      case 0xd3:
        // The unsigned form is read as a signed number, too.
        this.#need(9);
        return this.#scalar(longAt(this.#bytes, this.at + 1), 9);
      case 0xd9:
      case 0xda:
      case 0xdb: {
        const size = 2 ** (code - 0xd9);
        return this.#text(this.#count(size), 1 + size);
      }
      case 0xdc:
      case 0xdd: {
        const size = 2 ** (code - 0xdb);
        return this.#open(false, this.#count(size), 1 + size, slots);
      }
      case 0xde:
      case 0xdf: {
        const size = 2 ** (code - 0xdd);
        return this.#open(true, this.#count(size), 1 + size, slots);
      }
    }
    return this.#rt.error("Bad data format in input.");
  }

  /** The unsigned integer behind the type. */
  #count(size: number): number {
    this.#need(1 + size);
    return shortAt(this.#bytes, this.at + 1, size);
  }

  #scalar(value: LuaValue, length: number): true {
    this.#value = value;
    this.at += length;
    return true;
  }

  #text(length: number, headLength: number): boolean {
    this.#need(headLength + length);
    const start = this.at + headLength;
    return this.#scalar(this.#bytes.slice(start, start + length), headLength + length);
  }

  #open(isMap: boolean, count: number, headLength: number, slots: number): boolean {
    const table = this.#rt.table();
    if (!isMap && slots + 2 > STACK_SLOTS_MAX) {
      this.#stackOverflow("in function mp_decode_to_lua_array");
    }
    this.at += headLength;
    if (count === 0) return this.#scalar(table, 0);
    const left = isMap ? 2 * count : count;
    this.#levels.push({
      table,
      isMap,
      left,
      key: 1,
      hasKey: false,
      isDirect: false,
      valuesBefore: this.#valueCount,
      keysBefore: this.#keyCount,
      slots: slots + 1,
    });
    return false;
  }

  /** Puts the value where it belongs, as well as tables that end with it. True at the outermost. */
  #store(): boolean {
    for (;;) {
      const level = this.#levels[this.#levels.length - 1];
      if (level === undefined) return true;
      level.left--;
      if (!level.isMap) this.#element(level);
      else if (level.hasKey) {
        this.#field(level);
        level.hasKey = false;
      } else {
        level.key = this.#value;
        level.hasKey = true;
      }
      if (level.left > 0) return false;
      this.#levels.pop();
      if (!level.isDirect) this.#fill(level);
      this.#value = level.table;
    }
  }

  #element(level: Level): void {
    const value = this.#value;
    if (value === undefined && !level.isDirect) this.#storeWaiting(level);
    if (level.isDirect) level.table.setNumber(level.key as number, value);
    else this.#wait(value);
    level.key = (level.key as number) + 1;
  }

  #field(level: Level): void {
    const { key } = level;
    const value = this.#value;
    if (!level.isDirect && (value === undefined || typeof key !== "string")) {
      this.#storeWaiting(level);
    }
    if (level.isDirect) this.#rt.rawset(level.table, key, value);
    else {
      this.#keys[this.#keyCount++] = key as string;
      this.#wait(value);
    }
  }

  #wait(value: LuaValue): void {
    this.#values[this.#valueCount++] = value;
    if (this.#valueCount % VALUES_PER_LOOK === 0) checkRoom(this.#rt, this.#valueCount);
  }

  /** A complete table of values that are not nil. */
  #fill({ table, isMap, valuesBefore, keysBefore }: Level): void {
    const count = this.#valueCount - valuesBefore;
    if (isMap) this.#shapes.fill(table, this.#keys, keysBefore, this.#values, valuesBefore, count);
    else fillList(table, this.#values, valuesBefore, count);
    this.#valueCount = valuesBefore;
    this.#keyCount = keysBefore;
  }

  /** From here on what is read goes to the table at once, as all before would have done. */
  #storeWaiting(level: Level): void {
    const { table, isMap, valuesBefore, keysBefore } = level;
    for (let i = valuesBefore; i < this.#valueCount; i++) {
      const value = this.#values[i];
      if (isMap) table.setString(this.#keys[keysBefore + i - valuesBefore], value);
      else table.setNumber(i - valuesBefore + 1, value);
    }
    this.#valueCount = valuesBefore;
    this.#keyCount = keysBefore;
    level.isDirect = true;
  }
}
