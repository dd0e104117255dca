// MessagePack as lua-cmsgpack 0.4.0 writes it: the shortest form of each value; a number that is an
// integer of 64 bits as one, else as a float if that is exact, else as a double. Tables with the
// keys 1 to n and no others are arrays. A table nested deeper than 16 becomes nil, and so does what
// MessagePack has no type for.
import type { Request } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";
import { doubleBytes, floatBytes, longBytes, shortBytes } from "./binary.ts";
import { checkLength } from "./string-limit.ts";

const NESTING_MAX = 16;
const PIECE_LENGTH = 4096;
const TWO_31 = 0x80000000;
const TWO_32 = 0x100000000;
const TWO_63 = 0x8000000000000000;

const NIL = "\xc0";
const FALSE = "\xc2";
const TRUE = "\xc3";

export function pack(rt: Runtime, value: LuaValue, level: number): string {
  if (typeof value === "string") return packString(rt, value);
  if (typeof value === "number") return packNumber(value);
  if (typeof value === "boolean") return value ? TRUE : FALSE;
  if (!(value instanceof LuaTable) || level === NESTING_MAX) return NIL;
  return isArray(value) ? packArray(rt, value, level) : packMap(rt, value, level);
}

/** As `pack`; tables that are in many places take long, and that can be suspended. */
export function* packSuspendable(
  rt: Runtime,
  value: LuaValue,
  level: number,
): Generator<Request, string, unknown> {
  if (!(value instanceof LuaTable) || level === NESTING_MAX) return pack(rt, value, level);
  const isList = isArray(value);
  const count = isList ? value.length() : countOf(value);
  let bytes = isList ? arrayHead(count) : mapHead(count);
  if (isList) {
    for (let i = 1; i <= count; i++) {
      bytes += yield* packSuspendable(rt, value.getNumber(i), level + 1);
    }
  } else {
    for (let i = value.nextIndex(-1); i >= 0; i = value.nextIndex(i)) {
      bytes += yield* packSuspendable(rt, value.keyAt(i), level + 1);
      bytes += yield* packSuspendable(rt, value.valueAt(i), level + 1);
    }
  }
  yield* rt.spendSuspendable(count);
  return inOnePiece(rt, bytes);
}

function packString(rt: Runtime, text: string): string {
  const { length } = text;
  if (length < 32) return String.fromCharCode(0xa0 | length) + text;
  checkLength(rt, length + 5);
  if (length <= 0xff) return `\xd9${shortBytes(length, 1)}${text}`;
  if (length <= 0xffff) return `\xda${shortBytes(length, 2)}${text}`;
  return `\xdb${shortBytes(length, 4)}${text}`;
}

function packNumber(value: number): string {
  if (value < TWO_63 && value >= -TWO_63 && Math.floor(value) === value) return packInteger(value);
  const float = Math.fround(value);
  return float === value ? `\xca${floatBytes(value)}` : `\xcb${doubleBytes(value)}`;
}

function packInteger(value: number): string {
  if (value >= 0) {
    if (value <= 127) return String.fromCharCode(value);
    if (value <= 0xff) return `\xcc${shortBytes(value, 1)}`;
    if (value <= 0xffff) return `\xcd${shortBytes(value, 2)}`;
    if (value < TWO_32) return `\xce${shortBytes(value, 4)}`;
    return `\xcf${longBytes(BigInt(value))}`;
  }
  if (value >= -32) return shortBytes(value, 1);
  if (value >= -128) return `\xd0${shortBytes(value, 1)}`;
  if (value >= -32768) return `\xd1${shortBytes(value, 2)}`;
  if (value >= -TWO_31) return `\xd2${shortBytes(value, 4)}`;
  return `\xd3${longBytes(BigInt(value))}`;
}

function packArray(rt: Runtime, table: LuaTable, level: number): string {
  const length = table.length();
  let bytes = arrayHead(length);
  for (let i = 1; i <= length; i++) {
    bytes += pack(rt, table.getNumber(i), level + 1);
  }
  rt.spend(length);
  return inOnePiece(rt, bytes);
}

function packMap(rt: Runtime, table: LuaTable, level: number): string {
  const count = countOf(table);
  let bytes = mapHead(count);
  for (let i = table.nextIndex(-1); i >= 0; i = table.nextIndex(i)) {
    bytes += pack(rt, table.keyAt(i), level + 1);
    bytes += pack(rt, table.valueAt(i), level + 1);
  }
  rt.spend(count);
  return inOnePiece(rt, bytes);
}

/** What many small texts were put together to is large in memory, until one of its characters is asked for. */
function inOnePiece(rt: Runtime, bytes: string): string {
  checkLength(rt, bytes.length);
  if (bytes.length > PIECE_LENGTH) bytes.charCodeAt(0);
  return bytes;
}

function countOf(table: LuaTable): number {
  let count = 0;
  for (let i = table.nextIndex(-1); i >= 0; i = table.nextIndex(i)) count++;
  return count;
}

function arrayHead(count: number): string {
  return packCount(count, 0x90, "\xdc", "\xdd");
}

function mapHead(count: number): string {
  return packCount(count, 0x80, "\xde", "\xdf");
}

function packCount(count: number, short: number, medium: string, long: string): string {
  if (count <= 15) return String.fromCharCode(short | count);
  return count <= 0xffff ? medium + shortBytes(count, 2) : long + shortBytes(count, 4);
}

/** All keys are positive ints, and the highest one is as high as there are keys. */
function isArray(table: LuaTable): boolean {
  let max = 0;
  let count = 0;
  for (let i = table.nextIndex(-1); i >= 0; i = table.nextIndex(i)) {
    const key = table.keyAt(i);
    if (typeof key !== "number" || key <= 0 || (key | 0) !== key) return false;
    if (key > max) max = key;
    count++;
  }
  return max === count;
}
