import { describe, expect, it } from "vitest";
import { show } from "../../../support/lua-show.ts";

/** What redis-server 7.4.1 answers. */
const CASES: readonly (readonly [expression: string, result: string])[] = [
  ['math.abs(-5), math.abs("-5.5"), math.abs(-0)', "5 5.5 0"],
  ["math.ceil(1.2), math.ceil(-1.2), math.ceil(-0.5)", "2 -1 -0"],
  ["math.floor(1.8), math.floor(-1.2), math.floor(1e300)", "1 -2 1e+300"],
  ["math.sqrt(2), math.sqrt(0), math.sqrt(-1) ~= math.sqrt(-1)", "1.4142135623731 0 true"],
  ["math.max(1, 3, 2), math.max(1), math.min(1, -3, 2)", "3 1 -3"],
  ["math.max(0/0, 1) == 1, math.max(1, 0/0)", "false 1"],
  ["math.max()", "error: bad argument #1 to 'max' (number expected, got no value)"],
  ['math.max(1, "x")', "error: bad argument #2 to 'max' (number expected, got string)"],
  ["math.min(1, {})", "error: bad argument #2 to 'min' (number expected, got table)"],
  ["math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(-6, 2)", "1 -1 1 -0"],
  ["math.mod(7, 3), math.mod == math.fmod", "1 true"],
  ["math.fmod(1, 1/0), math.fmod(1, 0) ~= math.fmod(1, 0)", "1 true"],
  ["math.fmod(1)", "error: bad argument #2 to 'fmod' (number expected, got no value)"],
  ['math.fmod("x", "y")', "error: bad argument #2 to 'fmod' (number expected, got string)"],
  ["math.modf(3.7)", "3 0.7"],
  ["math.modf(-3.7)", "-3 -0.7"],
  ["math.modf(-3)", "-3 -0"],
  ["math.modf(1/0)", "inf 0"],
  ["math.modf(-1/0)", "-inf -0"],
  ["math.frexp(8)", "0.5 4"],
  ["math.frexp(0.3)", "0.6 -1"],
  ["math.frexp(-0)", "-0 0"],
  ["math.frexp(5e-324)", "0.5 -1073"],
  ["math.ldexp(0.5, 4)", "8"],
  ["math.ldexp(1, -1074)", "4.9406564584125e-324"],
  ["math.ldexp(1, -1075)", "0"],
  ["math.ldexp(1.5, -1074)", "9.8813129168249e-324"],
  ["math.ldexp(1, 2000)", "inf"],
  ['math.ldexp(1, "3")', "8"],
  ["math.ldexp(1)", "error: bad argument #2 to 'ldexp' (number expected, got no value)"],
  ["math.pow(2, 10), math.pow(2, 0.5), math.pow(2, -1)", "1024 1.4142135623731 0.5"],
  ["math.pow(1, 0/0), math.pow(-1, 1/0), math.pow(0, 0)", "1 1 1"],
  ["math.pow(-8, 1/3) ~= math.pow(-8, 1/3)", "true"],
  ["math.pow(-2, 3), math.pow(-0, -1), math.pow(-0, -2)", "-8 -inf inf"],
  ["math.pow(10, 15), math.pow(10, -5), math.pow(1.1, 10)", "1e+15 1e-05 2.5937424601"],
  [
    "math.exp(0), math.exp(1), math.exp(-1), math.exp(710), math.exp(-750)",
    "1 2.718281828459 0.36787944117144 inf 0",
  ],
  [
    "math.log(1), math.log(10), math.log(0), math.log(2.718281828459)",
    "0 2.302585092994 -inf 0.99999999999998",
  ],
  ["math.log10(1000), math.log10(2), math.log10(0)", "3 0.30102999566398 -inf"],
  [
    "math.sin(0), math.sin(1), math.sin(-0), math.sin(1e22)",
    "0 0.8414709848079 0 -0.85220084976719",
  ],
  ["math.cos(0), math.cos(1), math.cos(math.pi)", "1 0.54030230586814 -1"],
  ["math.tan(1), math.tan(math.pi / 2)", "1.5574077246549 1.6331239353195e+16"],
  ["math.sin(1/0) ~= math.sin(1/0)", "true"],
  [
    "math.asin(1), math.asin(0.5), math.acos(0.5), math.acos(-1), math.acos(1)",
    "1.5707963267949 0.5235987755983 1.0471975511966 3.1415926535898 0",
  ],
  ["math.asin(2) ~= math.asin(2)", "true"],
  ["math.atan(1), math.atan(1/0), math.atan(1e-10)", "0.78539816339745 1.5707963267949 1e-10"],
  [
    "math.atan2(1, 1), math.atan2(-1, -1), math.atan2(0, -1), math.atan2(-0, -1), math.atan2(0, 0)",
    "0.78539816339745 -2.3561944901923 3.1415926535898 3.1415926535898 0",
  ],
  [
    "math.atan2(1, 0), math.atan2(1/0, -1/0), math.atan2(1e-300, 1e300)",
    "1.5707963267949 2.3561944901923 0",
  ],
  [
    "math.sinh(1), math.cosh(1), math.tanh(1), math.sinh(710.4), math.tanh(100)",
    "1.1752011936438 1.5430806348152 0.76159415595576 1.6663642832806e+308 1",
  ],
  [
    "math.deg(math.pi), math.rad(180), math.deg(1), math.rad(1)",
    "180 3.1415926535898 57.295779513082 0.017453292519943",
  ],
  ["math.pi, math.huge, -math.huge", "3.1415926535898 inf -inf"],
  [
    'string.format("%.17g %.17g %.17g", math.sin(0.7), math.exp(0.7), math.log(0.7))',
    '"0.64421768723769102 2.0137527074704766 -0.35667494393873245"',
  ],
  [
    'string.format("%.17g %.17g %.17g", math.cos(2.5), math.tan(100), math.pow(3.3, 4.4))',
    '"-0.8011436155469337 -0.58721391515692911 191.18831051580915"',
  ],
  [
    'string.format("%.17g %.17g %.17g", math.asin(0.3), math.atan(0.3), math.atan2(3, -4))',
    '"0.30469265401539752 0.2914567944778671 2.4980915447965089"',
  ],
  ["math.sin()", "error: bad argument #1 to 'sin' (number expected, got no value)"],
  ['math.sin("x")', "error: bad argument #1 to 'sin' (number expected, got string)"],
  ["math.randomseed(0) or math.random()", "0.17082803611217"],
  [
    'math.randomseed(0) or math.random() .. " " .. math.random() .. " " .. math.random(100) .. " " .. math.random(-5, 5)',
    '"0.17082803611217 0.74990198051087 10 4"',
  ],
  ["math.randomseed(42) or math.random(1000000)", "744526"],
  ["math.randomseed(-1) or math.random(1000000)", "300026"],
  ["math.randomseed(2^32 + 42) or math.random(1000000)", "744526"],
  ['math.randomseed("7.9") or math.random(1000000)', "266445"],
  [
    "math.randomseed(0) or math.random(0)",
    "error: bad argument #1 to 'random' (interval is empty)",
  ],
  [
    "math.randomseed(0) or math.random(5, 4)",
    "error: bad argument #2 to 'random' (interval is empty)",
  ],
  ["math.randomseed(0) or math.random(1, 2, 3)", "error: wrong number of arguments"],
  ['math.random("x")', "error: bad argument #1 to 'random' (number expected, got string)"],
  [
    "math.randomseed(0) or math.random(2^31)",
    "error: bad argument #1 to 'random' (interval is empty)",
  ],
  ["math.randomseed(0) or math.random(-2^31, 2^31 - 1)", "-2147483648"],
  ["math.randomseed()", "error: bad argument #1 to 'randomseed' (number expected, got no value)"],
  [
    'local t = {} for k in pairs(math) do t[#t + 1] = k end return table.concat(t, " ")',
    '"log max acos huge ldexp pi cos tanh pow deg tan cosh sinh random randomseed frexp ceil floor rad abs sqrt modf asin min mod fmod log10 atan2 exp sin atan"',
  ],
  [
    'local t = {} for k in pairs(os) do t[#t + 1] = k end return table.concat(t, " "), os.clock() >= 0',
    '"clock" true',
  ],
];

describe("math", () => {
  it.each(CASES)("%s", (expression, result) => {
    expect(show(expression)).toBe(result);
    expect(show(expression, "steps")).toBe(result);
  });
});
