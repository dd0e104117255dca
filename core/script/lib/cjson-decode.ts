// cjson.decode. Tables that are being filled wait on a stack of this file, not JavaScript's.
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";
import type { CjsonConfig } from "./cjson-config.ts";
import {
  ARRAY_BEGIN,
  ARRAY_END,
  BOOLEAN,
  COLON,
  COMMA,
  END,
  JsonTokens,
  MISTAKE,
  NULL_TOKEN,
  OBJECT_BEGIN,
  OBJECT_END,
  STRING,
  TOKEN_NAMES,
} from "./cjson-tokens.ts";
import { NULL } from "./null.ts";
import { checkRoom, fillList, type RecordShapes, VALUES_PER_LOOK } from "./record-shapes.ts";

const STACK_SLOTS_MAX = 8000;
const OBJECT_SLOTS = 3;
const ARRAY_SLOTS = 2;

/** A table whose values are being read. */
interface Level {
  readonly table: LuaTable;
  readonly isObject: boolean;
  /** How many values, and keys, were there when it began: its own are those behind. */
  readonly valuesBefore: number;
  readonly keysBefore: number;
  /** Lua's stack slots in use when a value of it is read. */
  readonly slots: number;
}

export function decode(
  rt: Runtime,
  shapes: RecordShapes,
  config: CjsonConfig,
  json: string,
): LuaValue {
  if (json.length >= 2 && (json[0] === "\0" || json[1] === "\0")) {
    rt.error("JSON parser does not support UTF-16 or UTF-32");
  }
  rt.spend(json.length);
  return new Decoder(rt, shapes, config, json).decode();
}

class Decoder {
  readonly #rt: Runtime;
  readonly #config: CjsonConfig;
  readonly #shapes: RecordShapes;
  readonly #levels: Level[] = [];
  readonly #tokens: JsonTokens;
  /** Values, and keys of objects, that belong to the open tables, from the outermost one on. */
  readonly #values: LuaValue[] = [];
  #valueCount = 0;
  readonly #keys: string[] = [];
  #keyCount = 0;
  #value: LuaValue;
  /** The token behind the beginning of a table. */
  #token = END;

  constructor(rt: Runtime, shapes: RecordShapes, config: CjsonConfig, json: string) {
    this.#rt = rt;
    this.#shapes = shapes;
    this.#config = config;
    this.#tokens = new JsonTokens(config, json);
  }

  decode(): LuaValue {
    let token = this.#tokens.next();
    for (;;) {
      let isComplete = true;
      if (token === OBJECT_BEGIN || token === ARRAY_BEGIN) {
        isComplete = this.#begin(token === OBJECT_BEGIN);
        if (!isComplete && token === ARRAY_BEGIN) {
          // The first element was looked at already.
          token = this.#token;
          continue;
        }
      } else if (token === NULL_TOKEN) this.#value = NULL;
      else if (token > BOOLEAN || token < STRING) this.#fail("value", token);
      else this.#value = this.#tokens.value;
      if (isComplete && this.#store()) break;
      token = this.#tokens.next();
    }
    token = this.#tokens.next();
    if (token !== END) this.#fail("the end", token);
    return this.#value;
  }

  #fail(expected: string, token: number): never {
    const found = token === MISTAKE ? this.#tokens.mistake : TOKEN_NAMES[token];
    return this.#rt.error(
      `Expected ${expected} but found ${found} at character ${this.#tokens.tokenAt + 1}`,
    );
  }

  /** Opens a table. True when it is empty, and thus the value; else its first value comes next. */
  #begin(isObject: boolean): boolean {
    const { length: depth } = this.#levels;
    const slots = depth === 0 ? 1 : this.#levels[depth - 1].slots;
    const needed = isObject ? OBJECT_SLOTS : ARRAY_SLOTS;
    if (depth >= this.#config.decodeDepthMax || slots + needed > STACK_SLOTS_MAX) {
      this.#rt.error(
        `Found too many nested data structures (${depth + 1}) at character ${this.#tokens.at}`,
      );
    }
    const table = this.#rt.table();
    this.#token = this.#tokens.next();
    if (this.#token === (isObject ? OBJECT_END : ARRAY_END)) {
      this.#value = table;
      return true;
    }
    this.#levels.push({
      table,
      isObject,
      valuesBefore: this.#valueCount,
      keysBefore: this.#keyCount,
      slots: slots + (isObject ? 2 : 1),
    });
    if (isObject) this.#readKey(this.#token);
    return false;
  }

  #readKey(token: number): void {
    if (token !== STRING) this.#fail("object key string", token);
    this.#keys[this.#keyCount++] = this.#tokens.value as string;
    const colon = this.#tokens.next();
    if (colon !== COLON) this.#fail("colon", colon);
  }

  /** Puts the value with those of its table, and fills tables that end with it. True at the outermost. */
  #store(): boolean {
    for (;;) {
      const level = this.#levels[this.#levels.length - 1];
      if (level === undefined) return true;
      this.#values[this.#valueCount++] = this.#value;
      if (this.#valueCount % VALUES_PER_LOOK === 0) checkRoom(this.#rt, this.#valueCount);
      const token = this.#tokens.next();
      if (token === COMMA) {
        if (level.isObject) this.#readKey(this.#tokens.next());
        return false;
      }
      if (token !== (level.isObject ? OBJECT_END : ARRAY_END)) {
        this.#fail(level.isObject ? "comma or object end" : "comma or array end", token);
      }
      this.#levels.pop();
      if (level.isObject) this.#fillObject(level);
      else this.#fillArray(level);
      this.#value = level.table;
    }
  }

  #fillObject({ table, valuesBefore, keysBefore }: Level): void {
    const count = this.#keyCount - keysBefore;
    this.#shapes.fill(table, this.#keys, keysBefore, this.#values, valuesBefore, count);
    this.#valueCount = valuesBefore;
    this.#keyCount = keysBefore;
  }

  #fillArray({ table, valuesBefore }: Level): void {
    fillList(table, this.#values, valuesBefore, this.#valueCount - valuesBefore);
    this.#valueCount = valuesBefore;
  }
}
