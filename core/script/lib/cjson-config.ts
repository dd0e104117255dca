// The settings of a cjson module, and the functions that read and change them.
import { checkInteger, checkString } from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaValue, Results } from "../lua/value.ts";

const INT_MAX = 0x7fffffff;
export const PRECISION_MAX = 14;

const SWITCH = ["off", "on"];
const INVALID_NUMBERS = ["off", "on", "null"];
export const OFF = 0;
export const ON = 1;
/** For encode_invalid_numbers: written as null. */
export const AS_NULL = 2;

export class CjsonConfig {
  sparseConvert: number = OFF;
  sparseRatio = 2;
  sparseSafe = 10;
  encodeDepthMax = 1000;
  decodeDepthMax = 1000;
  numberPrecision: number = PRECISION_MAX;
  /** Without effect here: there is no buffer to be kept. */
  keepBuffer: number = ON;
  encodeInvalidNumbers: number = OFF;
  decodeInvalidNumbers: number = ON;
}

/** encode_sparse_array … decode_invalid_numbers, in the order of registration. */
export function configFunctions(rt: Runtime, config: CjsonConfig): LuaFunction[] {
  /** A function of one argument, which it takes to change a setting; the answer is the setting. */
  const setting = (name: string, change: (value: LuaValue, count: number) => LuaValue) =>
    rt.native(name, function (value: LuaValue): Results {
      if (arguments.length > 1) rt.argError(2, "found too many arguments");
      return change(value, arguments.length);
    });

  const sparse = rt.native(
    "encode_sparse_array",
    function (convert: LuaValue, ratio: LuaValue, safe: LuaValue): Results {
      const count = arguments.length;
      if (count > 3) rt.argError(4, "found too many arguments");
      config.sparseConvert = choice(rt, convert, 1, count, config.sparseConvert, SWITCH);
      config.sparseRatio = integer(rt, ratio, 2, config.sparseRatio, 0, INT_MAX);
      config.sparseSafe = integer(rt, safe, 3, config.sparseSafe, 0, INT_MAX);
      return [config.sparseConvert === ON, config.sparseRatio, config.sparseSafe];
    },
  );

  return [
    sparse,
    setting("encode_max_depth", (value) => {
      config.encodeDepthMax = integer(rt, value, 1, config.encodeDepthMax, 1, INT_MAX);
      return config.encodeDepthMax;
    }),
    setting("decode_max_depth", (value) => {
      config.decodeDepthMax = integer(rt, value, 1, config.decodeDepthMax, 1, INT_MAX);
      return config.decodeDepthMax;
    }),
    setting("encode_number_precision", (value) => {
      config.numberPrecision = integer(rt, value, 1, config.numberPrecision, 1, PRECISION_MAX);
      return config.numberPrecision;
    }),
    setting("encode_keep_buffer", (value, count) => {
      config.keepBuffer = choice(rt, value, 1, count, config.keepBuffer, SWITCH);
      return config.keepBuffer === ON;
    }),
    setting("encode_invalid_numbers", (value, count) => {
      const { encodeInvalidNumbers: old } = config;
      const chosen = choice(rt, value, 1, count, old, INVALID_NUMBERS);
      config.encodeInvalidNumbers = chosen;
      return chosen === AS_NULL ? INVALID_NUMBERS[AS_NULL] : chosen === ON;
    }),
    setting("decode_invalid_numbers", (value, count) => {
      const { decodeInvalidNumbers: old } = config;
      config.decodeInvalidNumbers = choice(rt, value, 1, count, old, SWITCH);
      return config.decodeInvalidNumbers === ON;
    }),
  ];
}

function integer(
  rt: Runtime,
  value: LuaValue,
  n: number,
  old: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return old;
  const wanted = checkInteger(rt, value, n, n) | 0;
  // Whichever argument it is, the first one is blamed.
  if (wanted < min || wanted > max) {
    rt.argError(1, `expected integer between ${min} and ${max}`);
  }
  return wanted;
}

function choice(
  rt: Runtime,
  value: LuaValue,
  n: number,
  count: number,
  old: number,
  options: readonly string[],
): number {
  if (value === undefined) return old;
  if (typeof value === "boolean") return value ? ON : OFF;
  const text = checkString(rt, value, n, count);
  const zero = text.indexOf("\0");
  const name = zero < 0 ? text : text.slice(0, zero);
  const index = options.indexOf(name);
  return index >= 0 ? index : rt.argError(n, `invalid option '${name}'`);
}
