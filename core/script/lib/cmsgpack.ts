// The cmsgpack library (lua-cmsgpack 0.4.0).
import { checkInteger, checkString, optInteger } from "../lua/arguments.ts";
import type { Runtime } from "../lua/runtime.ts";
import { type LuaValue, type Results, results } from "../lua/value.ts";
import { MessageReader } from "./cmsgpack-decode.ts";
import { pack, packSuspendable } from "./cmsgpack-encode.ts";
import type { RecordShapes } from "./record-shapes.ts";
import { checkLength } from "./string-limit.ts";

const INT_MAX = 0x7fffffff;

export function openCmsgpack(rt: Runtime, shapes: RecordShapes): void {
  const packFunction = rt.native(
    "pack",
    (...values: LuaValue[]): Results => {
      if (values.length === 0) rt.argError(0, "MessagePack pack needs input.");
      let bytes = "";
      for (const value of values) {
        const packed = pack(rt, value, 0);
        checkLength(rt, bytes.length + packed.length);
        bytes += packed;
      }
      return bytes;
    },
    function* (...values: LuaValue[]) {
      if (values.length === 0) rt.argError(0, "MessagePack pack needs input.");
      let bytes = "";
      for (const value of values) {
        const packed = yield* packSuspendable(rt, value, 0);
        checkLength(rt, bytes.length + packed.length);
        bytes += packed;
      }
      return bytes;
    },
  );

  const unpack = rt.native("unpack", function (bytes: LuaValue): Results {
    return unpackFull(rt, shapes, bytes, 0, 0, arguments.length);
  });

  const unpackOne = rt.native("unpack_one", function (bytes: LuaValue, from: LuaValue): Results {
    const offset = optInteger(rt, from, 2, arguments.length, 0);
    return unpackFull(rt, shapes, bytes, 1, offset, Math.min(arguments.length, 1));
  });

  const unpackLimit = rt.native(
    "unpack_limit",
    function (bytes: LuaValue, max: LuaValue, from: LuaValue): Results {
      const limit = checkInteger(rt, max, 2, arguments.length);
      const offset = optInteger(rt, from, 3, arguments.length, 0);
      return unpackFull(rt, shapes, bytes, limit, offset, Math.min(arguments.length, 1));
    },
  );

  const library = rt.table();
  rt.globals.setString("cmsgpack", library);
  for (const native of [packFunction, unpack, unpackOne, unpackLimit]) {
    library.setString(native.name, native);
  }
  library.setString("_NAME", "cmsgpack");
  library.setString("_VERSION", "lua-cmsgpack 0.4.0");
  library.setString("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo");
  library.setString("_DESCRIPTION", "MessagePack C implementation for Lua");
}

/**
 * At most `limit` values from `offset` on, with the offset behind them in front, -1 at the end; all
 * values, and no offset, when both are 0. `count` arguments lie on Lua's stack.
 */
function unpackFull(
  rt: Runtime,
  shapes: RecordShapes,
  value: LuaValue,
  limit: number,
  offset: number,
  count: number,
): Results {
  const bytes = checkString(rt, value, 1, count);
  const { length } = bytes;
  if (offset < 0 || limit < 0) {
    // The message has the length where it means the limit.
    rt.error(`Invalid request to unpack with offset of ${offset | 0} and limit of ${length}.`);
  }
  if (offset > length) {
    rt.error(`Start offset ${offset | 0} greater than input length ${length}.`);
  }
  const takesAll = limit === 0 && offset === 0;
  const max = takesAll ? INT_MAX : limit;
  rt.spend(length - offset);
  const reader = new MessageReader(rt, shapes, bytes, offset);
  const values: LuaValue[] = [];
  while (reader.left > 0 && values.length < max) {
    values.push(reader.read(count + values.length));
  }
  if (!takesAll) values.unshift(reader.left === 0 ? -1 : reader.at);
  return results(values);
}
