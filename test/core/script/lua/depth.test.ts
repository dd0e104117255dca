// Fast code gives up before it fills JavaScript's stack: a native on top of the deepest frames, such as
// a command, must still have plenty.
import { describe, expect, it } from "vitest";
import { LuaError, SwitchToSuspendable } from "../../../../core/script/lua/error.ts";
import { createRuntime } from "../../../support/lua-modes.ts";

/** Levels of a JavaScript recursion that a native must be able to do: about 100 KB. */
const NATIVE_LEVELS = 1000;
const PROBE_EVERY = 5;

function recurse(levels: number): number {
  return levels === 0 ? 0 : 1 + recurse(levels - 1);
}

function many(text: string, count: number): string {
  return Array(count).fill(text).join("");
}

const PROGRAMS: [what: string, source: string][] = [
  ["small frames", "local function f(n) probe() return 1 + f(n + 1) end f(1)"],
  [
    "many locals",
    `local function f(n) ${many("local a = n ", 150)} probe() return 1 + f(n + 1) end f(1)`,
  ],
  [
    "calls of many arguments",
    `local function g(...) return 1 end
     local function f(n) probe() return g(${many("n, ", 99)}n) + f(n + 1) end f(1)`,
  ],
  [
    "deep expressions",
    `local function f(n) probe() return ${many("(1 + ", 60)}f(n + 1)${many(")", 60)} end f(1)`,
  ],
  ["long chains", `local function f(n) probe() return ${many("n .. ", 60)}f(n + 1) end f(1)`],
  ["constructors", `local function f(n) probe() return {${many("n, ", 45)}f(n + 1)} end f(1)`],
  [
    "variable arguments",
    `local function f(n, ...) probe() return 1 + f(n + 1, ...) end f(1, ${many("1, ", 60)}1)`,
  ],
  [
    "thousands of arguments",
    `local big = {} for i = 1, 3000 do big[i] = i end
     local function f(n, ...) probe() return 1 + f(n + 1, unpack(big)) end f(1)`,
  ],
  [
    "pcall below functions",
    `local function g(n) probe() return 1 + g(n + 1) end
     local function f(n) probe() if n < 190 then return pcall(f, n + 1) end return g(n) end f(1)`,
  ],
  [
    "iterators",
    "local function f(n) probe() for i in function() return f(n + 1) end do end end f(1)",
  ],
  [
    "metamethods",
    `local mt = {} local t = setmetatable({}, mt)
     mt.__index = function(t, k) probe() return 1 + t[k + 1] end return t[1]`,
  ],
];

describe("the JavaScript stack", () => {
  it.each(PROGRAMS)("has room above %s", (_, source) => {
    const { rt } = createRuntime();
    let probes = 0;
    const probe = () => {
      if (++probes % PROBE_EVERY === 0) expect(recurse(NATIVE_LEVELS)).toBe(NATIVE_LEVELS);
      return [];
    };
    rt.globals.setString("probe", rt.native("probe", probe));
    let ended: unknown;
    try {
      rt.run(rt.compile(source, "@test"), []);
    } catch (error) {
      ended = error;
    }
    // The engine's own count has stopped it: no RangeError came to that.
    if (ended instanceof LuaError) expect(ended.value).toMatch(/^test:[12]: C stack overflow$/);
    else {
      expect(ended).toEqual(new SwitchToSuspendable("depth"));
      expect(rt.depth).toBeGreaterThan(rt.depthMax);
    }
    expect(probes).toBeGreaterThan(15);
  });
});
