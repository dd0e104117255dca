// cjson.encode. Tables whose keys are all positive integers become arrays, with null in their gaps;
// all others, and the empty one, become objects. Nested tables wait on a stack of this file, not
// JavaScript's: scripts may raise the limit of depth.
import { toIntDirectly } from "../lua/arguments.ts";
import type { Runtime } from "../lua/runtime.ts";
import { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";
import { AS_NULL, type CjsonConfig, OFF, PRECISION_MAX } from "./cjson-config.ts";
import { NULL } from "./null.ts";
import { formatGeneral, formatNumber } from "./number-format.ts";
import { outOfMemory, STRING_BYTES_MAX } from "./string-limit.ts";

const STACK_SLOTS_MAX = 8000;
/** What cjson wants to be free on Lua's stack at each level. */
const SLOTS_NEEDED = 3;
const OBJECT = -1;

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes control characters.
const ESCAPED = /["/\\\x00-\x1f\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const ALL_ESCAPED = /["/\\\x00-\x1f\x7f]/g;
/** Characters of short texts are looked up one by one. */
const SHORT_LENGTH = 24;
const IS_ESCAPED: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  ESCAPED.test(String.fromCharCode(code)) ? 1 : 0,
);
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["/", "\\/"],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\f", "\\f"],
  ["\r", "\\r"],
]);

/** A table that is being written. */
interface Level {
  readonly table: LuaTable;
  /** Number of elements, or OBJECT. */
  readonly length: number;
  /** The last element written, or the place of the last key in the traversal. */
  at: number;
  /** Lua's stack slots in use when an element of it is written. */
  readonly slots: number;
}

export function encode(rt: Runtime, config: CjsonConfig, value: LuaValue): string {
  return new Encoder(rt, config).encode(value);
}

class Encoder {
  readonly #rt: Runtime;
  readonly #config: CjsonConfig;
  readonly #levels: Level[] = [];
  #json = "";

  constructor(rt: Runtime, config: CjsonConfig) {
    this.#rt = rt;
    this.#config = config;
  }

  encode(value: LuaValue): string {
    let next = value;
    for (;;) {
      this.#write(next);
      // To the next value of the innermost table that has one.
      for (;;) {
        const level = this.#levels[this.#levels.length - 1];
        if (level === undefined) {
          this.#rt.allocated += this.#json.length;
          return this.#json;
        }
        if (this.#advance(level)) {
          next =
            level.length === OBJECT
              ? level.table.valueAt(level.at)
              : level.table.getNumber(level.at);
          break;
        }
        this.#json += level.length === OBJECT ? "}" : "]";
        this.#levels.pop();
      }
      if (this.#json.length > STRING_BYTES_MAX / 8) this.#checkRoom(next);
    }
  }

  /** A text of which each byte may become six must still fit. */
  #checkRoom(next: LuaValue): void {
    const added = typeof next === "string" ? 6 * next.length : 64;
    if (this.#json.length + added > STRING_BYTES_MAX) outOfMemory(this.#rt);
  }

  #write(value: LuaValue): void {
    if (typeof value === "string") this.#json += this.#quoted(value);
    else if (typeof value === "number") this.#json += this.#number(value);
    else if (typeof value === "boolean") this.#json += value ? "true" : "false";
    else if (value === undefined || value === NULL) this.#json += "null";
    else if (value instanceof LuaTable) this.#begin(value);
    else this.#fail(value, "type not supported");
  }

  #fail(value: LuaValue, reason: string): never {
    return this.#rt.error(`Cannot serialise ${this.#rt.typeName(value)}: ${reason}`);
  }

  #begin(table: LuaTable): void {
    const { length: depth } = this.#levels;
    const slots = depth === 0 ? 1 : this.#levels[depth - 1].slots;
    if (depth >= this.#config.encodeDepthMax || slots + SLOTS_NEEDED > STACK_SLOTS_MAX) {
      this.#rt.error(`Cannot serialise, excessive nesting (${depth + 1})`);
    }
    const length = this.#arrayLength(table);
    const isArray = length > 0;
    this.#json += isArray ? "[" : "{";
    this.#levels.push({
      table,
      length: isArray ? length : OBJECT,
      at: isArray ? 0 : -1,
      slots: slots + (isArray ? 1 : 2),
    });
    this.#rt.spend(1);
  }

  /** The highest key when all keys are positive integers, else -1. */
  #arrayLength(table: LuaTable): number {
    let max = 0;
    let count = 0;
    for (let i = table.nextIndex(-1); i >= 0; i = table.nextIndex(i)) {
      const key = table.keyAt(i);
      if (typeof key !== "number" || key < 1 || Math.floor(key) !== key) return OBJECT;
      if (key > max) max = toIntDirectly(key);
      count++;
    }
    const { sparseRatio, sparseSafe, sparseConvert } = this.#config;
    if (sparseRatio > 0 && max > Math.imul(count, sparseRatio) && max > sparseSafe) {
      if (sparseConvert === OFF) this.#fail(table, "excessively sparse array");
      return OBJECT;
    }
    return max;
  }

  /** Moves to the next element and writes what stands before it; false at the end. */
  #advance(level: Level): boolean {
    if (level.length !== OBJECT) {
      if (level.at >= level.length) return false;
      if (level.at++ > 0) this.#json += ",";
      return true;
    }
    const isFirst = level.at < 0;
    level.at = level.table.nextIndex(level.at);
    if (level.at < 0) return false;
    if (!isFirst) this.#json += ",";
    const key = level.table.keyAt(level.at);
    if (typeof key === "string") this.#json += `${this.#quoted(key)}:`;
    else if (typeof key === "number") this.#json += `"${this.#number(key)}":`;
    else this.#fail(key, "table key must be a number or string");
    return true;
  }

  #quoted(text: string): string {
    if (text.length * 6 > STRING_BYTES_MAX) outOfMemory(this.#rt);
    return needsEscape(text) ? `"${text.replace(ALL_ESCAPED, escaped)}"` : `"${text}"`;
  }

  #number(value: number): string {
    const { encodeInvalidNumbers, numberPrecision } = this.#config;
    if (!Number.isFinite(value)) {
      if (encodeInvalidNumbers === OFF) this.#fail(value, "must not be NaN or Inf");
      if (encodeInvalidNumbers === AS_NULL) return "null";
      if (Number.isNaN(value)) return "nan";
    }
    if (numberPrecision === PRECISION_MAX) return formatNumber(value);
    return formatGeneral(value, numberPrecision, false);
  }
}

function needsEscape(text: string): boolean {
  const { length } = text;
  if (length > SHORT_LENGTH) return ESCAPED.test(text);
  for (let i = 0; i < length; i++) if (IS_ESCAPED[text.charCodeAt(i)] === 1) return true;
  return false;
}

function escaped(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
