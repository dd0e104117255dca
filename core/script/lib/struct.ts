// The struct library: values to bytes and back, by a format.
import { checkNumber, checkString, optInteger, toInteger } from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { type LuaValue, type Results, results } from "../lua/value.ts";
import {
  doubleAt,
  doubleBytes,
  floatAt,
  floatBytes,
  longBytes,
  reversedBytes,
  shortAt,
  shortBytes,
  toUnsigned,
} from "./binary.ts";
import { parseNumber } from "./number-format.ts";
import { register } from "./register.ts";
import { checkLength } from "./string-limit.ts";
import { StructFormat } from "./struct-format.ts";

const LONG_BYTES = 8;
/** Up to so many bytes an integer is exact in 32-bit operations. */
const SHORT_BYTES = 4;
const STACK_SLOTS_MAX = 8000;

export function openStruct(rt: Runtime): void {
  register(rt, "struct", [packFunction(rt), unpackFunction(rt), sizeFunction(rt)]);
}

function packFunction(rt: Runtime): LuaFunction {
  return rt.native("pack", (...args: LuaValue[]): Results => {
    const format = new StructFormat(rt, checkString(rt, args[0], 1, args.length));
    // Redis has put a nil behind the arguments by now, so one that is missing is that.
    const count = args.length + 1;
    let bytes = "";
    let n = 2;
    while (format.next(bytes.length)) {
      const { option, size, isBig } = format;
      if (format.padding > 0) bytes += "\0".repeat(format.padding);
      if (format.isInteger) {
        const value = checkNumber(rt, args[n - 1], n, count);
        bytes += integerBytes(value, size, isBig);
        n++;
      } else if (option === "x") bytes += "\0";
      else if (option === "f" || option === "d") {
        const value = checkNumber(rt, args[n - 1], n, count);
        const real = option === "f" ? floatBytes(value) : doubleBytes(value);
        bytes += isBig ? real : reversedBytes(real);
        n++;
      } else if (option === "c" || option === "s") {
        const text = checkString(rt, args[n - 1], n, count);
        n++;
        // The number of the argument behind is named here, as Redis does.
        if (text.length < size) rt.argError(n, "string too short");
        bytes += size === 0 ? text : text.slice(0, size);
        if (option === "s") bytes += "\0";
      } else format.control();
    }
    checkLength(rt, bytes.length);
    return bytes;
  });
}

/** Beyond eight bytes there are zeros, even for negative numbers. */
function integerBytes(value: number, size: number, isBig: boolean): string {
  if (size <= SHORT_BYTES && (value | 0) === value) {
    return isBig ? shortBytes(value, size) : shortBytesReversed(value, size);
  }
  const integer = value < 0 ? BigInt(toInteger(value)) : toUnsigned(value);
  const eight = longBytes(integer);
  const bytes = size < LONG_BYTES ? eight.slice(LONG_BYTES - size) : eight.padStart(size, "\0");
  return isBig ? bytes : reversedBytes(bytes);
}

function unpackFunction(rt: Runtime): LuaFunction {
  return rt.native("unpack", function (f: LuaValue, s: LuaValue, offset: LuaValue): Results {
    const count = arguments.length;
    const format = new StructFormat(rt, checkString(rt, f, 1, count));
    const data = checkString(rt, s, 2, count);
    let at = optInteger(rt, offset, 3, count, 1);
    if (at === 0) rt.argError(3, "offset must be 1 or greater");
    at--;
    const values: LuaValue[] = [];

    function checkRoom(size: number): void {
      // A negative offset is a huge one in C.
      if (!(at >= 0 && at + size <= data.length)) rt.argError(2, "data string too short");
    }

    while (format.next(at)) {
      let { size } = format;
      const { option, isBig } = format;
      at += format.padding;
      checkRoom(size);
      if (count + values.length + 2 > STACK_SLOTS_MAX) {
        rt.error("stack overflow (too many results)");
      }
      if (format.isInteger) {
        values.push(integerAt(data, at, size, isBig, option >= "a"));
      } else if (option === "f" || option === "d") {
        const bytes = data.slice(at, at + size);
        const ordered = isBig ? bytes : reversedBytes(bytes);
        values.push(option === "f" ? floatAt(ordered, 0) : doubleAt(ordered, 0));
      } else if (option === "c") {
        if (size === 0) {
          size = sizeFrom(rt, values);
          checkRoom(size);
        }
        values.push(data.slice(at, at + size));
      } else if (option === "s") {
        const end = data.indexOf("\0", at);
        if (end < 0) rt.error("unfinished string in data");
        values.push(data.slice(at, end));
        size = end - at + 1;
      } else if (option !== "x") format.control();
      at += size;
    }
    values.push(at + 1);
    return results(values);
  });
}

function shortBytesReversed(value: number, size: number): string {
  let bytes = "";
  for (let i = 0; i < size; i++) bytes += String.fromCharCode((value >>> (8 * i)) & 255);
  return bytes;
}

function shortAtReversed(data: string, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + data.charCodeAt(at + i);
  return value;
}

/** For "c0": the number unpacked just before, which is no result then. */
function sizeFrom(rt: Runtime, values: LuaValue[]): number {
  const last = values[values.length - 1];
  const size = typeof last === "string" ? parseNumber(last) : last;
  if (typeof size !== "number") return rt.error("format 'c0' needs a previous size");
  values.pop();
  return Number(toUnsigned(size));
}

function integerAt(
  data: string,
  at: number,
  size: number,
  isBig: boolean,
  isSigned: boolean,
): number {
  if (size > 0 && size <= SHORT_BYTES) {
    const value = isBig ? shortAt(data, at, size) : shortAtReversed(data, at, size);
    return isSigned && value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
  }
  const bytes = data.slice(at, at + size);
  const ordered = isBig ? bytes : reversedBytes(bytes);
  // The lower eight bytes count.
  const eight = ordered.slice(-LONG_BYTES).padStart(LONG_BYTES, "\0");
  let integer = (BigInt(shortAt(eight, 0, 4)) << 32n) | BigInt(shortAt(eight, 4, 4));
  if (!isSigned) return Number(integer);
  // C takes the distance of this shift modulo 64.
  const mask = BigInt.asUintN(64, -1n << BigInt((8 * size - 1) & 63));
  if ((integer & mask) !== 0n) integer |= mask;
  return Number(BigInt.asIntN(64, integer));
}

function sizeFunction(rt: Runtime): LuaFunction {
  return rt.native("size", function (f: LuaValue): Results {
    const format = new StructFormat(rt, checkString(rt, f, 1, arguments.length));
    let offset = 0;
    while (format.next(offset)) {
      const { option, size } = format;
      offset += format.padding;
      if (option === "s") rt.argError(1, "option 's' has no fixed size");
      if (option === "c" && size === 0) rt.argError(1, "option 'c0' has no fixed size");
      if (!/[0-9A-Za-z]/.test(option)) format.control();
      offset += size;
    }
    return offset;
  });
}
