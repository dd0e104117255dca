// cjson.encode. Tables whose keys are all positive integers become arrays, with null in their gaps;
// all others, and the empty one, become objects. Nested tables wait on a stack of this file, not
// JavaScript's: scripts may raise the limit of depth.
import { toIntDirectly } from "../lua/arguments.ts";
import type { Request } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";
import { AS_NULL, type CjsonConfig, OFF, PRECISION_MAX } from "./cjson-config.ts";
import { NULL } from "./null.ts";
import { formatGeneral, formatNumber } from "./number-format.ts";
import { outOfMemory, STRING_BYTES_MAX } from "./string-limit.ts";
import { TextBuilder } from "./text-builder.ts";

const STACK_SLOTS_MAX = 8000;
/** What cjson wants to be free on Lua's stack at each level. */
const SLOTS_NEEDED = 3;
const OBJECT = -1;
/** Values written between two looks at the fuel. */
const STEPS = 1000;

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

const COMMA = 44;
const COLON = 58;
const ARRAY_BEGIN = 91;
const ARRAY_END = 93;
const OBJECT_BEGIN = 123;
const OBJECT_END = 125;

/** The builder of the encoder that has finished last, for the next one. */
let spare: TextBuilder | null = null;

export function encode(rt: Runtime, config: CjsonConfig, value: LuaValue): string {
  const encoder = new Encoder(rt, config, value);
  while (!encoder.step(STEPS)) rt.spend(STEPS);
  return encoder.finish();
}

/** As `encode`; tables that are in many places take long, and that can be suspended. */
export function* encodeSuspendable(
  rt: Runtime,
  config: CjsonConfig,
  value: LuaValue,
): Generator<Request, string, unknown> {
  const encoder = new Encoder(rt, config, value);
  while (!encoder.step(STEPS)) yield* rt.spendSuspendable(STEPS);
  return encoder.finish();
}

class Encoder {
  readonly #rt: Runtime;
  readonly #config: CjsonConfig;
  readonly #levels: Level[] = [];
  readonly #json: TextBuilder;
  /** The value to be written next. */
  #next: LuaValue;

  constructor(rt: Runtime, config: CjsonConfig, value: LuaValue) {
    this.#rt = rt;
    this.#config = config;
    this.#next = value;
    this.#json = spare ?? new TextBuilder();
    spare = null;
  }

  /** Writes some values; true when there are no more. */
  step(count: number): boolean {
    for (let i = 0; i < count; i++) {
      this.#write(this.#next);
      if (!this.#findNext()) return true;
      if (this.#json.isFull) outOfMemory(this.#rt);
    }
    return false;
  }

  finish(): string {
    const json = this.#json.take();
    if (json.length > STRING_BYTES_MAX) outOfMemory(this.#rt);
    this.#rt.allocated += json.length;
    spare = this.#json;
    return json;
  }

  /** To the next value of the innermost table that has one; false when none has. */
  #findNext(): boolean {
    for (;;) {
      const level = this.#levels[this.#levels.length - 1];
      if (level === undefined) return false;
      if (this.#advance(level)) {
        const { table, at } = level;
        this.#next = level.length === OBJECT ? table.valueAt(at) : table.getNumber(at);
        return true;
      }
      this.#json.addByte(level.length === OBJECT ? OBJECT_END : ARRAY_END);
      this.#levels.pop();
    }
  }

  #write(value: LuaValue): void {
    if (typeof value === "string") this.#addQuoted(value);
    else if (typeof value === "number") this.#json.add(this.#number(value));
    else if (typeof value === "boolean") this.#json.add(value ? "true" : "false");
    else if (value === undefined || value === NULL) this.#json.add("null");
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
    this.#json.addByte(isArray ? ARRAY_BEGIN : OBJECT_BEGIN);
    this.#levels.push({
      table,
      length: isArray ? length : OBJECT,
      at: isArray ? 0 : -1,
      slots: slots + (isArray ? 1 : 2),
    });
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
      if (level.at++ > 0) this.#json.addByte(COMMA);
      return true;
    }
    const isFirst = level.at < 0;
    level.at = level.table.nextIndex(level.at);
    if (level.at < 0) return false;
    if (!isFirst) this.#json.addByte(COMMA);
    const key = level.table.keyAt(level.at);
    if (typeof key === "string") this.#addQuoted(key);
    else if (typeof key === "number") this.#json.addQuoted(this.#number(key));
    else this.#fail(key, "table key must be a number or string");
    this.#json.addByte(COLON);
    return true;
  }

  #addQuoted(text: string): void {
    if (text.length * 6 > STRING_BYTES_MAX) outOfMemory(this.#rt);
    this.#json.addQuoted(needsEscape(text) ? text.replace(ALL_ESCAPED, escaped) : text);
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
