// The cjson library (lua-cjson 2.1.0). A module is a table of functions with settings of its own;
// cjson.new makes another one.
import { checkString } from "../lua/arguments.ts";
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import type { LuaValue, Results } from "../lua/value.ts";
import { CjsonConfig, configFunctions } from "./cjson-config.ts";
import { decode } from "./cjson-decode.ts";
import { encode, encodeSuspendable } from "./cjson-encode.ts";
import { NULL } from "./null.ts";
import type { RecordShapes } from "./record-shapes.ts";

export function openCjson(rt: Runtime, shapes: RecordShapes): void {
  rt.globals.setString("cjson", makeModule(rt, shapes));
}

function makeModule(rt: Runtime, shapes: RecordShapes): LuaTable {
  const config = new CjsonConfig();
  const encodeFunction = rt.native(
    "encode",
    function (value: LuaValue): Results {
      if (arguments.length !== 1) rt.argError(1, "expected 1 argument");
      return encode(rt, config, value);
    },
    function* (value: LuaValue) {
      if (arguments.length !== 1) rt.argError(1, "expected 1 argument");
      return yield* encodeSuspendable(rt, config, value);
    },
  );
  const decodeFunction = rt.native("decode", function (json: LuaValue): Results {
    if (arguments.length !== 1) rt.argError(1, "expected 1 argument");
    return decode(rt, shapes, config, checkString(rt, json, 1, 1));
  });
  const newFunction = rt.native("new", () => makeModule(rt, shapes));
  const module = rt.table();
  for (const native of [
    encodeFunction,
    decodeFunction,
    ...configFunctions(rt, config),
    newFunction,
  ]) {
    module.setString(native.name, native);
  }
  module.setString("null", NULL);
  module.setString("_NAME", "cjson");
  module.setString("_VERSION", "2.1.0");
  return module;
}
