// The base library, as Redis leaves it: without dofile, loadfile and print.
import { checkAny, checkInt, checkString, checkTable, optInt } from "./arguments.ts";
import { environmentFunctions } from "./base-environment.ts";
import { errorFunctions } from "./base-errors.ts";
import { loadFunctions } from "./base-load.ts";
import { toNumberInBase } from "./base-number.ts";
import type { LuaFunction } from "./function.ts";
import { stringHash } from "./hash.ts";
import { metatableOf } from "./metatables.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import { LuaUserdata, type LuaValue, NOTHING, type Results } from "./value.ts";

/** The order in which Lua sets them: scripts see it in the order of `pairs`. */
const ORDER = [
  "assert",
  "collectgarbage",
  "dofile",
  "error",
  "gcinfo",
  "getfenv",
  "getmetatable",
  "loadfile",
  "load",
  "loadstring",
  "next",
  "pcall",
  "print",
  "rawequal",
  "rawget",
  "rawset",
  "select",
  "setfenv",
  "setmetatable",
  "tonumber",
  "tostring",
  "type",
  "unpack",
  "xpcall",
];

const METATABLE_HASH: number = stringHash("__metatable");

/** Values that `unpack` may return: what fits on the stack of a C function, its arguments included. */
const STACK_SLOTS_MAX = 8000;

export function openBase(rt: Runtime): void {
  const { globals } = rt;
  const natives = new Map<string, LuaFunction>();
  for (const native of [
    ...valueFunctions(rt),
    ...tableFunctions(rt),
    ...errorFunctions(rt),
    ...environmentFunctions(rt),
    ...loadFunctions(rt),
    ...memoryFunctions(rt),
  ]) {
    natives.set(native.name, native);
  }
  globals.setString("_G", globals);
  // A name that Redis refuses has left its slot in the table.
  for (const name of ORDER) globals.setString(name, natives.get(name));
  globals.setString("_VERSION", "Lua 5.1");
  globals.setString("ipairs", natives.get("ipairs"));
  globals.setString("pairs", natives.get("pairs"));
  globals.setString("newproxy", natives.get("newproxy"));
}

function valueFunctions(rt: Runtime): LuaFunction[] {
  return [
    rt.native("type", function (value: LuaValue): Results {
      checkAny(rt, 1, arguments.length);
      return rt.typeName(value);
    }),
    rt.native(
      "tostring",
      function (value: LuaValue): Results {
        checkAny(rt, 1, arguments.length);
        return rt.tostring(value);
      },
      function* (value: LuaValue) {
        checkAny(rt, 1, arguments.length);
        return yield* rt.tostringSuspendable(value);
      },
    ),
    rt.native("tonumber", function (value: LuaValue, base: LuaValue): Results {
      const radix = optInt(rt, base, 2, arguments.length, 10);
      if (radix !== 10) {
        const text = checkString(rt, value, 1, arguments.length);
        if (radix < 2 || radix > 36) rt.argError(2, "base out of range");
        return toNumberInBase(text, radix);
      }
      checkAny(rt, 1, arguments.length);
      return rt.tonumber(value);
    }),
    rt.native("rawequal", function (a: LuaValue, b: LuaValue): Results {
      checkAny(rt, 1, arguments.length);
      checkAny(rt, 2, arguments.length);
      return a === b;
    }),
    rt.native("select", function (n: LuaValue): Results {
      const count = arguments.length;
      if (typeof n === "string" && n[0] === "#") return count - 1;
      let from = checkInt(rt, n, 1, count);
      if (from < 0) from += count;
      else if (from > count) from = count;
      if (from < 1) rt.argError(1, "index out of range");
      const rest: LuaValue[] = [];
      for (let i = from; i < count; i++) rest.push(arguments[i]);
      return rest;
    }),
    newproxy(rt),
  ];
}

function newproxy(rt: Runtime): LuaFunction {
  const valid = new Set<LuaTable>();
  return rt.native("newproxy", (from: LuaValue) => {
    const proxy = new LuaUserdata(rt);
    if (from === undefined || from === false) return proxy;
    if (from === true) {
      proxy.metatable = rt.table();
      valid.add(proxy.metatable);
      return proxy;
    }
    const metatable = metatableOf(rt, from);
    if (metatable === null || !valid.has(metatable)) rt.argError(1, "boolean or proxy expected");
    proxy.metatable = metatable;
    return proxy;
  });
}

function tableFunctions(rt: Runtime): LuaFunction[] {
  const nextPair = function (table: LuaValue, key: LuaValue): Results {
    const t = checkTable(rt, table, 1, arguments.length);
    const from = t.indexOf(key);
    if (from < -1) rt.raise("invalid key to 'next'");
    const at = t.nextIndex(from);
    return at < 0 ? undefined : [t.keyAt(at), t.valueAt(at)];
  };
  const nextItem = function (table: LuaValue, index: LuaValue): Results {
    const i = checkInt(rt, index, 2, arguments.length) + 1;
    const value = checkTable(rt, table, 1, arguments.length).getNumber(i);
    return value === undefined ? NOTHING : [i, value];
  };
  const next = rt.native("next", nextPair);
  const ipairsNext = rt.native("ipairs", nextItem);
  rt.next = next;
  rt.ipairsNext = ipairsNext;
  return [
    rt.native("next", nextPair),
    rt.native("pairs", function (table: LuaValue): Results {
      return [next, checkTable(rt, table, 1, arguments.length), undefined];
    }),
    rt.native("ipairs", function (table: LuaValue): Results {
      return [ipairsNext, checkTable(rt, table, 1, arguments.length), 0];
    }),
    rt.native("rawget", function (table: LuaValue, key: LuaValue): Results {
      const t = checkTable(rt, table, 1, arguments.length);
      checkAny(rt, 2, arguments.length);
      return t.get(key);
    }),
    rt.native("rawset", function (table: LuaValue, key: LuaValue, value: LuaValue): Results {
      const t = checkTable(rt, table, 1, arguments.length);
      checkAny(rt, 2, arguments.length);
      checkAny(rt, 3, arguments.length);
      rt.rawset(t, key, value);
      return t;
    }),
    rt.native("unpack", function (list: LuaValue, start: LuaValue, end: LuaValue): Results {
      const count = arguments.length;
      const t = checkTable(rt, list, 1, count);
      const from = optInt(rt, start, 2, count, 1);
      const to = end === undefined ? t.length() : checkInt(rt, end, 3, count);
      if (from > to) return NOTHING;
      if (to - from + 1 + Math.max(count, 1) > STACK_SLOTS_MAX) {
        rt.error("too many results to unpack");
      }
      const values: LuaValue[] = [];
      for (let i = from; i <= to; i++) values.push(t.getNumber(i));
      return values;
    }),
    ...metatableFunctions(rt),
  ];
}

function metatableFunctions(rt: Runtime): LuaFunction[] {
  return [
    rt.native("getmetatable", function (value: LuaValue): Results {
      checkAny(rt, 1, arguments.length);
      const metatable = metatableOf(rt, value);
      if (metatable === null) return undefined;
      return metatable.getString("__metatable") ?? metatable;
    }),
    rt.native("setmetatable", function (table: LuaValue, metatable: LuaValue): Results {
      const t = checkTable(rt, table, 1, arguments.length);
      const isTable = metatable instanceof LuaTable;
      if (!isTable && (metatable !== undefined || arguments.length < 2)) {
        rt.argError(2, "nil or table expected");
      }
      if (t.metatable?.getHashed("__metatable", METATABLE_HASH) !== undefined) {
        rt.error("cannot change a protected metatable");
      }
      if (t.readonly) rt.raise("Attempt to modify a readonly table");
      t.metatable = isTable ? metatable : null;
      return t;
    }),
  ];
}

const KILOBYTE = 1024;
/** A cycle of Redis's collector takes about so many of the smallest steps while scripts keep little. */
const CYCLE_STEPS = 12;

/**
 * There is no collector to command: counts are those of all that was ever allocated. But steps come to
 * the end of a cycle, because scripts make them until they do.
 */
function memoryFunctions(rt: Runtime): LuaFunction[] {
  const options = ["stop", "restart", "collect", "count", "step", "setpause", "setstepmul"];
  let pause = 200;
  let stepMultiplier = 200;
  return [
    rt.native("gcinfo", () => Math.floor(rt.allocated / KILOBYTE)),
    rt.native("collectgarbage", function (option: LuaValue, value: LuaValue): Results {
      const count = arguments.length;
      const name = option === undefined ? "collect" : checkString(rt, option, 1, count);
      if (!options.includes(name)) rt.argError(1, `invalid option '${name.split("\0", 1)[0]}'`);
      const number = optInt(rt, value, 2, count, 0);
      let old = 0;
      if (name === "count") return rt.allocated / KILOBYTE;
      if (name === "step") return stepCollector(rt, number);
      if (name === "collect") rt.collectorSteps = 0;
      if (name === "setpause") [old, pause] = [pause, number];
      if (name === "setstepmul") [old, stepMultiplier] = [stepMultiplier, number];
      return old;
    }),
  ];
}

/** A step for so many kilobytes. Answers with whether a cycle has ended with it. */
function stepCollector(rt: Runtime, kilobytes: number): boolean {
  // To Lua a negative number is a huge one.
  rt.collectorSteps += kilobytes < 0 ? CYCLE_STEPS : kilobytes + 1;
  if (rt.collectorSteps < CYCLE_STEPS) return false;
  rt.collectorSteps = 0;
  return true;
}
