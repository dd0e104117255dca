// The bit library (LuaBitOp 1.0.2): operations on 32 bits, results signed.
import { checkNumber } from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaValue, Results } from "../lua/value.ts";
import { register } from "./register.ts";

/** 2^52 + 2^51: adding it rounds a double to an integer, whose low bits then lie at the bottom. */
const ROUNDER = 6755399441055744;
/** A sum of at least this has its lowest bit above the bottom one. */
const SUM_MAX = 2 ** 53;
const DIGITS_MAX = 8;

export function openBit(rt: Runtime): void {
  register(rt, "bit", [...foldFunctions(rt), ...shiftFunctions(rt), ...textFunctions(rt)]);
}

function check(rt: Runtime, value: LuaValue, n: number, count: number): number {
  if (typeof value === "number") {
    const bits = value | 0;
    if (bits === value) return bits;
  }
  return toBits(checkNumber(rt, value, n, count));
}

/** The lower 32 bits of the double value + ROUNDER, as it lies in memory. */
function toBits(value: number): number {
  const sum = value + ROUNDER;
  // Between 2^52 and 2^53 the bits are those of the integer; elsewhere they are shifted.
  if (sum >= ROUNDER - 2 ** 51 && sum < SUM_MAX) return (sum - ROUNDER) | 0;
  view.setFloat64(0, sum);
  return view.getInt32(4);
}

const view: DataView = new DataView(new ArrayBuffer(8));

function foldFunctions(rt: Runtime): LuaFunction[] {
  const fold = (name: string, operation: (a: number, b: number) => number) =>
    rt.native(name, function (a: LuaValue, b: LuaValue): Results {
      const count = arguments.length;
      let bits = check(rt, a, 1, count);
      if (count === 2) return operation(bits, check(rt, b, 2, count));
      // From the last one on: so are they checked.
      for (let i = count; i > 1; i--) bits = operation(bits, check(rt, arguments[i - 1], i, count));
      return bits;
    });
  const tobit = rt.native("tobit", function (a: LuaValue): Results {
    return check(rt, a, 1, arguments.length);
  });
  const bnot = rt.native("bnot", function (a: LuaValue): Results {
    return ~check(rt, a, 1, arguments.length);
  });
  return [
    tobit,
    bnot,
    fold("band", (a, b) => a & b),
    fold("bor", (a, b) => a | b),
    fold("bxor", (a, b) => a ^ b),
  ];
}

function shiftFunctions(rt: Runtime): LuaFunction[] {
  const shift = (name: string, operation: (bits: number, by: number) => number) =>
    rt.native(name, function (a: LuaValue, b: LuaValue): Results {
      const bits = check(rt, a, 1, arguments.length);
      return operation(bits, check(rt, b, 2, arguments.length) & 31);
    });
  return [
    shift("lshift", (bits, by) => bits << by),
    shift("rshift", (bits, by) => (bits >>> by) | 0),
    shift("arshift", (bits, by) => bits >> by),
    shift("rol", (bits, by) => (bits << by) | (bits >>> (32 - by))),
    shift("ror", (bits, by) => (bits << (32 - by)) | (bits >>> by)),
  ];
}

function textFunctions(rt: Runtime): LuaFunction[] {
  const bswap = rt.native("bswap", function (a: LuaValue): Results {
    const bits = check(rt, a, 1, arguments.length);
    return (bits >>> 24) | ((bits >>> 8) & 0xff00) | ((bits & 0xff00) << 8) | (bits << 24);
  });
  const tohex = rt.native("tohex", function (a: LuaValue, digits: LuaValue): Results {
    const count = arguments.length;
    const bits = check(rt, a, 1, count);
    const wanted = count < 2 ? DIGITS_MAX : check(rt, digits, 2, count);
    const shown = Math.min(Math.abs(wanted), DIGITS_MAX);
    const text = (bits >>> 0).toString(16).padStart(DIGITS_MAX, "0");
    const lower = text.slice(DIGITS_MAX - shown);
    return wanted < 0 ? lower.toUpperCase() : lower;
  });
  return [bswap, tohex];
}
