// What compiled code calls when an operation is not simply one on numbers, or on a table without
// metatable. Each takes the site where it happens: it goes to the shadow stack before anything can
// fail or call.
//
// A metamethod is called through `invoke`: fast code calls it at once; in generators invoke answers
// PENDING, and machine.ts makes the call and hands its result, treated as `Answer` says, to the waiting
// generator.

import { power } from "../lib/exponential.ts";
import { formatNumber, parseNumber } from "../lib/number-format.ts";
import { remainder } from "./arithmetic.ts";
import { LuaFunction } from "./function.ts";
import {
  ADD,
  CONCAT,
  DIV,
  EQ,
  INDEX,
  LE,
  LEN,
  LT,
  type MetaEvent,
  MOD,
  MUL,
  metamethod,
  metatableOf,
  NEWINDEX,
  POW,
  SUB,
  UNM,
} from "./metatables.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import { first, LuaObject, type LuaValue, type Results } from "./value.ts";

/** What becomes of a metamethod's results. */
export const ANSWER_FIRST = 0;
export const ANSWER_TRUTH = 1;
export const ANSWER_NOT = 2;
export const ANSWER_ALL = 3;

/** A metamethod's results as the operation wants them. */
export function answered(results: Results, answer: number): Results {
  if (answer === ANSWER_ALL) return results;
  const value = first(results);
  if (answer === ANSWER_FIRST) return value;
  const isTrue = value !== undefined && value !== false;
  return answer === ANSWER_TRUTH ? isTrue : !isTrue;
}

/** Calls, or asks for the call. */
export type Invoke = (f: LuaValue, args: LuaValue[], answer: number) => LuaValue;

const LOOPS_MAX = 100;
/** Redis's limit of a string: 512 MB, less than what JavaScript's strings can hold. */
export const STRING_LENGTH_MAX: number = 512 * 1024 * 1024 - 1024;

type Binary = (a: LuaValue, b: LuaValue, site: number) => LuaValue;

export interface Operations {
  getGlobal(self: LuaFunction, key: string, hash: number, site: number): LuaValue;
  setGlobal(self: LuaFunction, key: string, hash: number, value: LuaValue, site: number): LuaValue;
  getField(object: LuaValue, key: string, hash: number, site: number): LuaValue;
  setField(object: LuaValue, key: string, hash: number, value: LuaValue, site: number): LuaValue;
  getIndex: Binary;
  setIndex(object: LuaValue, key: LuaValue, value: LuaValue, site: number): LuaValue;
  add: Binary;
  sub: Binary;
  mul: Binary;
  div: Binary;
  mod: Binary;
  pow: Binary;
  unm(a: LuaValue, site: number): LuaValue;
  length(a: LuaValue, site: number): LuaValue;
  equals: Binary;
  less: Binary;
  lessEqual: Binary;
  concat: Binary;
}

export function createOperations(rt: Runtime, invoke: Invoke): Operations {
  const { sites } = rt;

  function index(object: LuaValue, key: LuaValue, site: number): LuaValue {
    sites[rt.depth] = site;
    let at = object;
    for (let loop = 0; loop < LOOPS_MAX; loop++) {
      let handler: LuaValue;
      if (at instanceof LuaTable) {
        const value = at.get(key);
        if (value !== undefined || at.metatable === null) return value;
        handler = at.metatable.getHashed(INDEX.name, INDEX.hash);
        if (handler === undefined) return undefined;
      } else {
        handler = metamethod(rt, at, INDEX);
        if (handler === undefined) rt.operandError("index", at, loop === 0 ? 1 : 0);
      }
      if (handler instanceof LuaFunction) return invoke(handler, [at, key], ANSWER_FIRST);
      at = handler;
    }
    return rt.runtimeError("loop in gettable");
  }

  function setIndex(object: LuaValue, key: LuaValue, value: LuaValue, site: number): LuaValue {
    sites[rt.depth] = site;
    let at = object;
    for (let loop = 0; loop < LOOPS_MAX; loop++) {
      let handler: LuaValue;
      if (at instanceof LuaTable) {
        if (at.readonly) rt.runtimeError("Attempt to modify a readonly table");
        if (key === undefined) rt.runtimeError("table index is nil");
        if (Number.isNaN(key)) rt.runtimeError("table index is NaN");
        const { metatable } = at;
        if (metatable === null) {
          at.set(key, value);
          return undefined;
        }
        const old = at.get(key);
        handler = old === undefined ? metatable.getHashed(NEWINDEX.name, NEWINDEX.hash) : undefined;
        if (handler === undefined) {
          at.set(key, value);
          return undefined;
        }
        // Lua has made the key's slot by now, although the metamethod may put the value elsewhere.
        at.set(key, undefined);
      } else {
        handler = metamethod(rt, at, NEWINDEX);
        if (handler === undefined) rt.operandError("index", at, loop === 0 ? 1 : 0);
      }
      if (handler instanceof LuaFunction) return invoke(handler, [at, key, value], ANSWER_FIRST);
      at = handler;
    }
    return rt.runtimeError("loop in settable");
  }

  function arithmetic(
    event: MetaEvent,
    compute: (a: number, b: number) => number,
    a: LuaValue,
    b: LuaValue,
    site: number,
  ): LuaValue {
    const x = typeof a === "number" ? a : typeof a === "string" ? parseNumber(a) : undefined;
    const y = typeof b === "number" ? b : typeof b === "string" ? parseNumber(b) : undefined;
    if (x !== undefined && y !== undefined) return compute(x, y);
    sites[rt.depth] = site;
    const handler = metamethod(rt, a, event) ?? metamethod(rt, b, event);
    if (handler !== undefined) return invoke(handler, [a, b], ANSWER_FIRST);
    return x === undefined
      ? rt.operandError("perform arithmetic on", a, 1)
      : rt.operandError("perform arithmetic on", b, 2);
  }

  function binary(event: MetaEvent, compute: (a: number, b: number) => number): Binary {
    return (a, b, site) => arithmetic(event, compute, a, b, site);
  }

  /** The metamethod that both operands share, or undefined. */
  function shared(a: LuaValue, b: LuaValue, event: MetaEvent): LuaValue {
    const handler = metamethod(rt, a, event);
    return handler !== undefined && handler === metamethod(rt, b, event) ? handler : undefined;
  }

  function orderError(a: LuaValue, b: LuaValue): never {
    const [one, other] = [rt.typeName(a), rt.typeName(b)];
    // Lua compares the third letters of the names.
    return rt.runtimeError(
      one[2] === other[2]
        ? `attempt to compare two ${one} values`
        : `attempt to compare ${one} with ${other}`,
    );
  }

  function isOrdered(a: LuaValue, b: LuaValue, site: number): boolean {
    sites[rt.depth] = site;
    if (rt.typeName(a) !== rt.typeName(b)) orderError(a, b);
    return true;
  }

  function less(a: LuaValue, b: LuaValue, site: number): LuaValue {
    if (typeof a === "string" && typeof b === "string") return a < b;
    if (typeof a === "number" && typeof b === "number") return a < b;
    isOrdered(a, b, site);
    const handler = shared(a, b, LT);
    return handler === undefined ? orderError(a, b) : invoke(handler, [a, b], ANSWER_TRUTH);
  }

  function lessEqual(a: LuaValue, b: LuaValue, site: number): LuaValue {
    if (typeof a === "string" && typeof b === "string") return a <= b;
    if (typeof a === "number" && typeof b === "number") return a <= b;
    isOrdered(a, b, site);
    let handler = shared(a, b, LE);
    if (handler !== undefined) return invoke(handler, [a, b], ANSWER_TRUTH);
    handler = shared(b, a, LT);
    return handler === undefined ? orderError(a, b) : invoke(handler, [b, a], ANSWER_NOT);
  }

  function equals(a: LuaValue, b: LuaValue, site: number): LuaValue {
    if (a === b) return true;
    const areTables = a instanceof LuaTable && b instanceof LuaTable;
    if (!areTables && !(rt.isUserdata(a) && rt.isUserdata(b))) return false;
    const [one, other] = [metatableOf(rt, a), metatableOf(rt, b)];
    if (one === null || other === null) return false;
    const handler = one.getHashed(EQ.name, EQ.hash);
    if (handler === undefined || handler !== other.getHashed(EQ.name, EQ.hash)) return false;
    sites[rt.depth] = site;
    return invoke(handler, [a, b], ANSWER_TRUTH);
  }

  function concatOther(a: LuaValue, b: LuaValue, site: number): LuaValue {
    const x = typeof a === "number" ? formatNumber(a) : a;
    const y = typeof b === "number" ? formatNumber(b) : b;
    if (typeof x === "string" && typeof y === "string") return concat(x, y, site);
    sites[rt.depth] = site;
    const handler = metamethod(rt, a, CONCAT) ?? metamethod(rt, b, CONCAT);
    if (handler !== undefined) return invoke(handler, [a, b], ANSWER_FIRST);
    return typeof x === "string"
      ? rt.operandError("concatenate", b, 2)
      : rt.operandError("concatenate", a, 1);
  }

  function concat(a: LuaValue, b: LuaValue, site: number): LuaValue {
    if (typeof a !== "string" || typeof b !== "string") return concatOther(a, b, site);
    const length = a.length + b.length;
    if (length > STRING_LENGTH_MAX) {
      sites[rt.depth] = site;
      rt.memoryError();
    }
    rt.allocated += length;
    return a + b;
  }

  return {
    getGlobal(self, key, hash, site) {
      const { env } = self;
      const value = env.getHashed(key, hash);
      return value === undefined && env.metatable !== null ? index(env, key, site) : value;
    },
    setGlobal(self, key, hash, value, site) {
      const { env } = self;
      if (env.metatable !== null || env.readonly) return setIndex(env, key, value, site);
      env.setHashed(key, hash, value);
      return undefined;
    },
    getField(object, key, hash, site) {
      // Classes are chains of tables: these are followed here, with the hash that is known.
      let at = object;
      if (typeof object === "string" && rt.stringMetatable !== null) {
        at = rt.stringMetatable.getHashed(INDEX.name, INDEX.hash);
      }
      for (let loop = 0; at instanceof LuaTable && loop < LOOPS_MAX; loop++) {
        const value = at.getHashed(key, hash);
        if (value !== undefined || at.metatable === null) return value;
        at = at.metatable.getHashed(INDEX.name, INDEX.hash);
        if (at === undefined) return undefined;
      }
      return index(object, key, site);
    },
    setField(object, key, hash, value, site) {
      if (object instanceof LuaTable && object.metatable === null && !object.readonly) {
        object.setHashed(key, hash, value);
        return undefined;
      }
      return setIndex(object, key, value, site);
    },
    getIndex(object, key, site) {
      if (object instanceof LuaTable) {
        const value = object.get(key);
        if (value !== undefined || object.metatable === null) return value;
      }
      return index(object, key, site);
    },
    setIndex(object, key, value, site) {
      if (object instanceof LuaTable && object.metatable === null && !object.readonly) {
        if (typeof key === "number") {
          if (key === object.end && key <= object.arraySize && value !== undefined) {
            object.array[key] = value;
            object.end = key + 1;
            return undefined;
          }
        } else if (typeof key === "string") {
          object.set(key, value);
          return undefined;
        }
      }
      return setIndex(object, key, value, site);
    },
    add: binary(ADD, (a, b) => a + b),
    sub: binary(SUB, (a, b) => a - b),
    mul: binary(MUL, (a, b) => a * b),
    div: binary(DIV, (a, b) => a / b),
    mod: binary(MOD, remainder),
    pow: binary(POW, power),
    unm: (a, site) => arithmetic(UNM, (x) => -x, a, a, site),
    length(a, site) {
      if (a instanceof LuaTable) return a.length();
      if (typeof a === "string") return a.length;
      sites[rt.depth] = site;
      const handler = a instanceof LuaObject ? metamethod(rt, a, LEN) : undefined;
      if (handler !== undefined) return invoke(handler, [a, undefined], ANSWER_FIRST);
      return rt.operandError("get length of", a, 1);
    },
    equals,
    less,
    lessEqual,
    concat,
  };
}
