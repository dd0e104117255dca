import { describe, expect, it } from "vitest";
import { show } from "../../../support/lua-show.ts";

/** What redis-server 7.4.1 answers. */
const CASES: readonly (readonly [expression: string, result: string])[] = [
  [
    'struct.pack("b", 1), struct.pack("B", 255), struct.pack("b", -1), struct.pack("b", 300)',
    '"\\001" "\\255" "\\255" ","',
  ],
  [
    'struct.pack("<h", 258), struct.pack(">h", 258), struct.pack(">H", -2)',
    '"\\002\\001" "\\001\\002" "\\255\\254"',
  ],
  [
    'struct.pack("<i", 1), struct.pack(">I", 0xdeadbeef), struct.pack("<l", -2), struct.pack(">L", 2^53)',
    '"\\001\\000\\000\\000" "\\222\\173\\190\\239" "\\254\\255\\255\\255\\255\\255\\255\\255" "\\000 \\000\\000\\000\\000\\000\\000"',
  ],
  ['struct.pack(">T", 1)', '"\\000\\000\\000\\000\\000\\000\\000\\001"'],
  [
    'struct.pack("<i3", -2), struct.pack(">i3", -2), struct.pack(">I1", 511)',
    '"\\254\\255\\255" "\\255\\255\\254" "\\255"',
  ],
  [
    'struct.pack(">i16", -1), struct.pack("<i9", 1)',
    '"\\000\\000\\000\\000\\000\\000\\000\\000\\255\\255\\255\\255\\255\\255\\255\\255" "\\001\\000\\000\\000\\000\\000\\000\\000\\000"',
  ],
  [
    'struct.pack("<i8", 2^63), struct.pack("<i8", -2^63), struct.pack("<I8", 2^64), struct.pack("<I8", 1e300)',
    '"\\000\\000\\000\\000\\000\\000\\000\\128" "\\000\\000\\000\\000\\000\\000\\000\\128" "\\000\\000\\000\\000\\000\\000\\000\\000" "\\000\\000\\000\\000\\000\\000\\000\\000"',
  ],
  ['struct.pack("b", 1.9), struct.pack("b", -1.9)', '"\\001" "\\255"'],
  [
    'struct.pack("<f", 1.5), struct.pack(">f", 0.1), struct.pack(">d", 0.1), struct.pack("<d", -0)',
    '"\\000\\000\\192?" "=\\204\\204\\205" "?\\185\\153\\153\\153\\153\\153\\154" "\\000\\000\\000\\000\\000\\000\\000\\128"',
  ],
  [
    'struct.pack("<f", 1e300), struct.pack(">f", 0/0), struct.pack(">d", 0/0)',
    '"\\000\\000\\128\\127" "\\255\\192\\000\\000" "\\255\\248\\000\\000\\000\\000\\000\\000"',
  ],
  [
    'struct.pack("s", "abc"), struct.pack("s", ""), struct.pack("sb", "a\\0b", 1)',
    '"abc\\000" "\\000" "a\\000b\\000\\001"',
  ],
  ['struct.pack("c", "abc"), struct.pack("c0", "abc"), struct.pack("c2", "abc")', '"a" "abc" "ab"'],
  ['struct.pack("x"), struct.pack("bxb", 1, 2)', '"\\000" "\\001\\000\\002"'],
  ['struct.pack("!4bi", 1, 2)', '"\\001\\000\\000\\000\\002\\000\\000\\000"'],
  [
    'struct.pack("!bd", 1, 1)',
    '"\\001\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\240?"',
  ],
  ['struct.pack("!2bi", 1, 2)', '"\\001\\000\\002\\000\\000\\000"'],
  [
    'struct.pack("! b i2 d", 1, 2, 3)',
    '"\\001\\000\\002\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\008@"',
  ],
  ['struct.pack("<b>h<h", 1, 1, 1)', '"\\001\\000\\001\\001\\000"'],
  ['struct.pack("c5", "abc")', "error: bad argument #3 to 'pack' (string too short)"],
  ['struct.pack("i33", 1)', "error: integral size 33 is larger than limit of 32"],
  ['struct.pack("i99999999999", 1)', "error: integral size overflow"],
  ['struct.pack("!3", 1)', "error: alignment 3 is not a power of 2"],
  ['struct.pack("y", 1)', "error: bad argument #1 to 'pack' (invalid format option 'y')"],
  ['struct.pack("i", "x")', "error: bad argument #2 to 'pack' (number expected, got string)"],
  ['struct.pack("i")', "error: bad argument #2 to 'pack' (number expected, got nil)"],
  ['struct.pack("ii", 1)', "error: bad argument #3 to 'pack' (number expected, got nil)"],
  ['struct.pack("s", {})', "error: bad argument #2 to 'pack' (string expected, got table)"],
  ["struct.pack()", "error: bad argument #1 to 'pack' (string expected, got no value)"],
  ['struct.unpack("b", "\\255")', "-1 2"],
  ['struct.unpack("BB", "\\255\\1")', "255 1 3"],
  ['struct.unpack("<h>h", "\\1\\2\\1\\2")', "513 258 5"],
  ['struct.unpack("<i", "\\255\\255\\255\\255")', "-1 5"],
  ['struct.unpack("<I", "\\255\\255\\255\\255")', "4294967295 5"],
  ['struct.unpack(">l", "\\255\\255\\255\\255\\255\\255\\255\\254")', "-2 9"],
  ['struct.unpack(">L", "\\255\\255\\255\\255\\255\\255\\255\\254")', "1.844674407371e+19 9"],
  ['struct.unpack("<i3", "\\254\\255\\255")', "-2 4"],
  ['struct.unpack(">i16", ("\\255"):rep(16))', "-1 17"],
  ['struct.unpack("<f", "\\0\\0\\192\\63")', "1.5 5"],
  ['struct.unpack("<d", "\\154\\153\\153\\153\\153\\153\\185\\63")', "0.1 9"],
  ['struct.unpack("s", "abc\\0def")', '"abc" 5'],
  ['struct.unpack("ss", "abc\\0def\\0")', '"abc" "def" 9'],
  ['struct.unpack("s", "abc")', "error: unfinished string in data"],
  ['struct.unpack("c3", "abcdef")', '"abc" 4'],
  ['struct.unpack("bc0", "\\3abcdef")', '"abc" 5'],
  ['struct.unpack("c0", "abc")', "error: format 'c0' needs a previous size"],
  ['struct.unpack("bc0", "\\9abc")', "error: bad argument #2 to 'unpack' (data string too short)"],
  [
    'struct.unpack("bc0", "\\255abc")',
    "error: bad argument #2 to 'unpack' (data string too short)",
  ],
  ['struct.unpack("b", "abc", 2)', "98 3"],
  ['struct.unpack("b", "abc", 4)', "error: bad argument #2 to 'unpack' (data string too short)"],
  [
    'struct.unpack("b", "abc", 0)',
    "error: bad argument #3 to 'unpack' (offset must be 1 or greater)",
  ],
  ['struct.unpack("b", "abc", -1)', "error: bad argument #2 to 'unpack' (data string too short)"],
  ['struct.unpack("", "abc", -5)', "-5"],
  ['struct.unpack("!4bi", "\\1\\0\\0\\0\\2\\0\\0\\0")', "1 2 9"],
  ['struct.unpack("xb", "\\9\\1")', "1 3"],
  ['struct.unpack("i", "abc")', "error: bad argument #2 to 'unpack' (data string too short)"],
  ['struct.unpack("z", "abc")', "error: bad argument #1 to 'unpack' (invalid format option 'z')"],
  ['struct.unpack("i")', "error: bad argument #2 to 'unpack' (string expected, got no value)"],
  ['struct.size("bhilfd"), struct.size("!bhilfd"), struct.size("c10x")', "27 32 11"],
  ['struct.size("s")', "error: bad argument #1 to 'size' (option 's' has no fixed size)"],
  ['struct.size("c0")', "error: bad argument #1 to 'size' (option 'c0' has no fixed size)"],
  ['struct.size("y"), struct.size("i40")', "error: integral size 40 is larger than limit of 32"],
  ['struct.size("?")', "error: bad argument #1 to 'size' (invalid format option '?')"],
  ['struct.size("!4bi!8bd")', "24"],
  ['struct.unpack("<hbc0", struct.pack("<hbc0", 7, 2, "hi"))', '7 "hi" 6'],
  ['select("#", struct.unpack(("b"):rep(7000), ("x"):rep(7000)))', "7001"],
  ['struct.unpack(("b"):rep(8000), ("x"):rep(8000))', "error: stack overflow (too many results)"],
  [
    'local t = {} for k in pairs(struct) do t[#t + 1] = k end return table.concat(t, " ")',
    '"pack size unpack"',
  ],
];

describe("struct", () => {
  it.each(CASES)("%s", (expression, result) => {
    expect(show(expression)).toBe(result);
    expect(show(expression, "steps")).toBe(result);
  });
});
