import { describe, expect, it } from "vitest";
import { show } from "../../../support/lua-show.ts";

/** What redis-server 7.4.1 answers. */
const CASES: readonly (readonly [expression: string, result: string])[] = [
  [
    "bit.tobit(0xffffffff), bit.tobit(2^31), bit.tobit(2^32 + 5), bit.tobit(-1)",
    "-1 -2147483648 5 -1",
  ],
  ["bit.tobit(1.5), bit.tobit(2.5), bit.tobit(-0.5), bit.tobit(0.5)", "2 2 0 0"],
  [
    "bit.tobit(2^51), bit.tobit(2^52), bit.tobit(2^53 + 2), bit.tobit(1e300), bit.tobit(1/0)",
    "0 0 1 -2013235812 0",
  ],
  ['bit.tobit(-0), bit.tobit("0xff"), bit.tobit(" 7 ")', "0 255 7"],
  ["bit.bnot(0), bit.bnot(-1), bit.bnot(0x12345678)", "-1 0 -305419897"],
  [
    "bit.band(0xff, 0x0f), bit.band(7), bit.band(7, 3, 1), bit.band(-1, 0xffff0000)",
    "15 7 1 -65536",
  ],
  ["bit.bor(1, 2, 4), bit.bor(0x80000000, 1)", "7 -2147483647"],
  ["bit.bxor(0xff, 0x0f), bit.bxor(1, 2, 3, 4)", "240 4"],
  [
    "bit.lshift(1, 31), bit.lshift(1, 32), bit.lshift(1, 33), bit.lshift(0xff, -8)",
    "-2147483648 1 2 -16777216",
  ],
  ["bit.rshift(-1, 28), bit.rshift(-1, 0), bit.rshift(256, 8)", "15 -1 1"],
  ["bit.arshift(-256, 4), bit.arshift(256, 4)", "-16 16"],
  [
    "bit.rol(0x12345678, 12), bit.ror(0x12345678, 12), bit.rol(1, 0), bit.ror(1, 32)",
    "1164411171 1736516421 1 1",
  ],
  ["bit.bswap(0x12345678), bit.bswap(0x78563412)", "2018915346 305419896"],
  [
    "bit.tohex(1), bit.tohex(-1), bit.tohex(0xabcdef, 4), bit.tohex(0xabcdef, -4)",
    '"00000001" "ffffffff" "cdef" "CDEF"',
  ],
  [
    "bit.tohex(255, 2), bit.tohex(255, 20), bit.tohex(255, 0), bit.tohex(255, -2^31)",
    '"ff" "000000ff" "" "000000FF"',
  ],
  ["bit.tobit()", "error: bad argument #1 to 'tobit' (number expected, got no value)"],
  ['bit.tobit("x")', "error: bad argument #1 to 'tobit' (number expected, got string)"],
  ["bit.tobit(nil)", "error: bad argument #1 to 'tobit' (number expected, got nil)"],
  ['bit.band(1, "x", {})', "error: bad argument #3 to 'band' (number expected, got table)"],
  ["bit.lshift(1)", "error: bad argument #2 to 'lshift' (number expected, got no value)"],
  ["bit.tohex(1, nil)", "error: bad argument #2 to 'tohex' (number expected, got nil)"],
  [
    'local t = {} for k in pairs(bit) do t[#t + 1] = k end return table.concat(t, " ")',
    '"band rshift bor bnot bswap bxor tobit ror lshift tohex rol arshift"',
  ],
];

describe("bit", () => {
  it.each(CASES)("%s", (expression, result) => {
    expect(show(expression)).toBe(result);
    expect(show(expression, "steps")).toBe(result);
  });
});
