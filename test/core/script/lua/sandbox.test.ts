// Nothing of JavaScript can be reached or broken from Lua.
import { describe, expect, it } from "vitest";
import { createRuntime, runFast, runInSteps } from "../../../support/lua-modes.ts";

/** The outcome on both bodies, which must be one. */
function ended(source: string): string {
  const fast = runFast(source);
  expect(runInSteps(source, 3)).toEqual(fast);
  return fast.ended;
}

const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "fast",
  "isTable",
];

describe("names of JavaScript", () => {
  it.each(NAMES)("%s is no field, global, upvalue or method", (name) => {
    expect(ended(`local t = {} return t.${name}, t["${name}"], ${name}, ("x")["${name}"]`)).toBe(
      "returned nil nil nil nil",
    );
    expect(ended(`local t = {${name} = 1} t["${name}"] = t.${name} + 1 return t.${name}`)).toBe(
      "returned 2",
    );
    expect(ended(`${name} = 5 local ${name} = ${name} + 1 return ${name}`)).toBe("returned 6");
    expect(ended(`local function ${name}() return 7 end return ${name}()`)).toBe("returned 7");
    expect(ended(`return (5).${name}`)).toBe(
      "raised test:1: attempt to index a number value at @test:1",
    );
    expect(ended(`return print.${name}`)).toBe(
      "raised test:1: attempt to index global 'print' (a function value) at @test:1",
    );
    expect(ended(`return ("x"):${name}()`)).toBe(
      `raised test:1: attempt to call method '${name}' (a nil value) at @test:1`,
    );
  });

  it.each([
    "this",
    "rt",
    "self",
    "arguments",
    "globalThis",
    "process",
    "S",
    "F",
    "K",
    "v0",
    "u0",
    "t0",
    "P0",
    "f0",
    "await",
    "let",
    "var",
    "eval",
  ])("%s is an ordinary name", (name) => {
    expect(ended(`return ${name}`)).toBe("returned nil");
    expect(
      ended(`local ${name} = 1 return (function() ${name} = ${name} + 1 return ${name} end)()`),
    ).toBe("returned 2");
  });
});

describe("literals", () => {
  it.each([
    `"\\"); throw new Error(\\"out\\"); (\\""`,
    "'`$' .. '{rt}`'",
    "[[*/ // <!-- --> ]]",
    '"\\226\\128\\168\\226\\128\\169"',
    '"\\0\\1\\127\\128\\255"',
    "'\\\\'",
  ])("%s stays a string", (literal) => {
    expect(ended(`local s = ${literal} return type(s), s == ${literal}, #s`)).toMatch(
      /^returned string true \d+$/,
    );
    expect(ended(`local t = {[ ${literal} ] = 1} return t[ ${literal} ]`)).toBe("returned 1");
    expect(ended(`return (nil)[ ${literal} ]`)).toBe(
      "raised test:1: attempt to index a nil value at @test:1",
    );
  });

  it.each([
    ["-2^2", "-4"],
    ["2^-1", "0.5"],
    ["- - 3", "3"],
    ["1 - -1", "2"],
    ["- -(-1)", "-1"],
    ["1e308 * 10", "inf"],
    ["-1e308 * 10", "-inf"],
    ["0x7fffffffffffffff", "9.2233720368548e+18"],
    ["1 / (-0)", "-inf"],
    ["5 % -3", "-1"],
    ["(5)(1)", null],
    ["(2).x", null],
  ])("%s", (code, value) => {
    const text = ended(`return ${code}`);
    if (value === null) expect(text).toMatch(/^raised test:1: attempt to/);
    else expect(text).toBe(`returned ${value}`);
  });
});

describe("bugs of ours", () => {
  it.each([
    "pcall(broken)",
    "xpcall(broken, print)",
    "coroutine.resume(coroutine.create(function() broken() end))",
  ])("are not caught by %s", (code) => {
    const { rt } = createRuntime();
    const broken = () => {
      throw new TypeError("ours");
    };
    rt.globals.setString("broken", rt.native("broken", broken));
    expect(() => rt.run(rt.compile(code, "@test"), [])).toThrow(TypeError);
    const run = rt.start(rt.compile(code, "@test"), []);
    expect(() => run.step(1000)).toThrow(TypeError);
  });
});
