import { describe, expect, it } from "vitest";
import { show } from "../../../support/lua-show.ts";

/** What redis-server 7.4.1 answers. */
const CASES: readonly (readonly [expression: string, result: string])[] = [
  [
    "cmsgpack.pack(0), cmsgpack.pack(127), cmsgpack.pack(128), cmsgpack.pack(255), cmsgpack.pack(256)",
    '"\\000" "\\127" "\\204\\128" "\\204\\255" "\\205\\001\\000"',
  ],
  [
    "cmsgpack.pack(65535), cmsgpack.pack(65536), cmsgpack.pack(2^32 - 1), cmsgpack.pack(2^32), cmsgpack.pack(2^53)",
    '"\\205\\255\\255" "\\206\\000\\001\\000\\000" "\\206\\255\\255\\255\\255" "\\207\\000\\000\\000\\001\\000\\000\\000\\000" "\\207\\000 \\000\\000\\000\\000\\000\\000"',
  ],
  [
    "cmsgpack.pack(-1), cmsgpack.pack(-32), cmsgpack.pack(-33), cmsgpack.pack(-128), cmsgpack.pack(-129)",
    '"\\255" "\\224" "\\208\\223" "\\208\\128" "\\209\\255\\127"',
  ],
  [
    "cmsgpack.pack(-32768), cmsgpack.pack(-32769), cmsgpack.pack(-2^31), cmsgpack.pack(-2^31 - 1), cmsgpack.pack(-2^63)",
    '"\\209\\128\\000" "\\210\\255\\255\\127\\255" "\\210\\128\\000\\000\\000" "\\211\\255\\255\\255\\255\\127\\255\\255\\255" "\\211\\128\\000\\000\\000\\000\\000\\000\\000"',
  ],
  [
    "cmsgpack.pack(2^63), cmsgpack.pack(-0), cmsgpack.pack(1.5), cmsgpack.pack(0.1), cmsgpack.pack(1e300)",
    '"\\202_\\000\\000\\000" "\\000" "\\202?\\192\\000\\000" "\\203?\\185\\153\\153\\153\\153\\153\\154" "\\203~7\\228<\\136\\000u\\156"',
  ],
  [
    "cmsgpack.pack(1/0), cmsgpack.pack(-1/0), cmsgpack.pack(0/0)",
    '"\\202\\127\\128\\000\\000" "\\202\\255\\128\\000\\000" "\\203\\255\\248\\000\\000\\000\\000\\000\\000"',
  ],
  [
    "cmsgpack.pack(nil), cmsgpack.pack(true), cmsgpack.pack(false), cmsgpack.pack((function() end))",
    '"\\192" "\\195" "\\194" "\\192"',
  ],
  [
    'cmsgpack.pack(""), cmsgpack.pack("abc"), cmsgpack.pack(("x"):rep(31)):sub(1, 2), cmsgpack.pack(("x"):rep(32)):sub(1, 3)',
    '"\\160" "\\163abc" "\\191x" "\\217 x"',
  ],
  [
    'cmsgpack.pack(("x"):rep(255)):sub(1, 3), cmsgpack.pack(("x"):rep(256)):sub(1, 4), cmsgpack.pack(("x"):rep(65536)):sub(1, 6)',
    '"\\217\\255x" "\\218\\001\\000x" "\\219\\000\\001\\000\\000x"',
  ],
  [
    "cmsgpack.pack({}), cmsgpack.pack({1, 2}), cmsgpack.pack({a = 1}), cmsgpack.pack({1, nil, 3})",
    '"\\144" "\\146\\001\\002" "\\129\\161a\\001" "\\130\\001\\001\\003\\003"',
  ],
  [
    "cmsgpack.pack({[1] = 1, [3] = 3}), cmsgpack.pack({[1.5] = 1}), cmsgpack.pack({[0] = 1}), cmsgpack.pack({[true] = {}})",
    '"\\130\\001\\001\\003\\003" "\\129\\202?\\192\\000\\000\\001" "\\129\\000\\001" "\\129\\195\\144"',
  ],
  [
    "local t = {} for i = 1, 16 do t[i] = i end return cmsgpack.pack(t)",
    '"\\220\\000\\016\\001\\002\\003\\004\\005\\006\\007\\008\\009\\010\\011\\012\\013\\014\\015\\016"',
  ],
  [
    'local t = {} for i = 1, 16 do t["k" .. i] = i end return cmsgpack.pack(t):sub(1, 3)',
    '"\\222\\000\\016"',
  ],
  [
    "local t = {} for i = 1, 65536 do t[i] = 1 end return cmsgpack.pack(t):sub(1, 6)",
    '"\\221\\000\\001\\000\\000\\001"',
  ],
  [
    "local t = {} for i = 1, 20 do t = {t} end return cmsgpack.pack(t)",
    '"\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\192"',
  ],
  [
    "local t = {} t[1] = t return cmsgpack.pack(t)",
    '"\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\145\\192"',
  ],
  ['cmsgpack.pack(1, "a", nil)', '"\\001\\161a\\192"'],
  ["cmsgpack.pack(cjson.null)", '"\\192"'],
  ["cmsgpack.pack()", "error: bad argument #0 to 'pack' (MessagePack pack needs input.)"],
  ['cmsgpack.unpack("\\1\\127\\255\\224")', "1 127 -1 -32"],
  ['cmsgpack.unpack("\\204\\255\\205\\1\\0\\206\\255\\255\\255\\255")', "255 256 4294967295"],
  [
    'cmsgpack.unpack("\\207\\0\\0\\0\\1\\0\\0\\0\\0"), cmsgpack.unpack("\\207\\255\\255\\255\\255\\255\\255\\255\\255")',
    "4294967296 -1",
  ],
  ['cmsgpack.unpack("\\208\\128\\209\\128\\0\\210\\128\\0\\0\\0")', "-128 -32768 -2147483648"],
  ['cmsgpack.unpack("\\211\\255\\255\\255\\255\\255\\255\\255\\254")', "-2"],
  ['cmsgpack.unpack("\\192\\194\\195")', "nil false true"],
  [
    'cmsgpack.unpack("\\202\\63\\192\\0\\0\\203\\63\\185\\153\\153\\153\\153\\153\\154")',
    "1.5 0.1",
  ],
  ['cmsgpack.unpack("\\163abc\\217\\2de\\218\\0\\1f\\219\\0\\0\\0\\1g")', '"abc" "de" "f" "g"'],
  [
    'cmsgpack.unpack("\\147\\1\\2\\3\\220\\0\\1\\9\\221\\0\\0\\0\\1\\8")',
    "{[1]=1 [2]=2 [3]=3} {[1]=9} {[1]=8}",
  ],
  [
    'cmsgpack.unpack("\\129\\161a\\1\\222\\0\\1\\161b\\2\\223\\0\\0\\0\\1\\161c\\3")',
    '{["a"]=1} {["b"]=2} {["c"]=3}',
  ],
  ['cmsgpack.unpack("\\128\\144\\160")', '{} {} ""'],
  ['cmsgpack.unpack("\\146\\192\\1")', "{[2]=1}"],
  ['cmsgpack.unpack("\\130\\1\\192\\2\\3")', "{[2]=3}"],
  ['cmsgpack.unpack("\\129\\192\\1")', "error: table index is nil"],
  ['cmsgpack.unpack("\\129\\203\\127\\248\\0\\0\\0\\0\\0\\0\\1")', "error: table index is NaN"],
  ['cmsgpack.unpack("\\193")', "error: Bad data format in input."],
  ['cmsgpack.unpack("\\1\\212\\1")', "error: Bad data format in input."],
  ['cmsgpack.unpack("\\204")', "error: Missing bytes in input."],
  ['cmsgpack.unpack("\\163ab")', "error: Missing bytes in input."],
  ['cmsgpack.unpack("\\147\\1")', "error: Missing bytes in input."],
  ['cmsgpack.unpack("\\221\\255\\255\\255\\255\\1")', "error: Missing bytes in input."],
  ['cmsgpack.unpack("")', ""],
  ["cmsgpack.unpack(1)", "49"],
  ["cmsgpack.unpack()", "error: bad argument #1 to 'unpack' (string expected, got no value)"],
  ["cmsgpack.unpack({})", "error: bad argument #1 to 'unpack' (string expected, got table)"],
  ['cmsgpack.unpack_one("\\1\\2\\3")', "1 1"],
  ['cmsgpack.unpack_one("\\1\\2\\3", 2)', "-1 3"],
  ['cmsgpack.unpack_one("\\1\\2\\3", 3)', "-1"],
  ['cmsgpack.unpack_one("\\1\\2\\3", 4)', "error: Start offset 4 greater than input length 3."],
  [
    'cmsgpack.unpack_one("\\1\\2\\3", -1)',
    "error: Invalid request to unpack with offset of -1 and limit of 3.",
  ],
  ['cmsgpack.unpack_one("")', "-1"],
  [
    "cmsgpack.unpack_one()",
    "error: bad argument #1 to 'unpack_one' (string expected, got no value)",
  ],
  ['cmsgpack.unpack_limit("\\1\\2\\3", 2)', "2 1 2"],
  ['cmsgpack.unpack_limit("\\1\\2\\3", 2, 1)', "-1 2 3"],
  ['cmsgpack.unpack_limit("\\1\\2\\3", 0)', "1 2 3"],
  ['cmsgpack.unpack_limit("\\1\\2\\3", 0, 1)', "1"],
  [
    'cmsgpack.unpack_limit("\\1\\2\\3", -1)',
    "error: Invalid request to unpack with offset of 0 and limit of 3.",
  ],
  [
    'cmsgpack.unpack_limit("\\1\\2\\3")',
    "error: bad argument #2 to 'unpack_limit' (number expected, got no value)",
  ],
  [
    'cmsgpack.unpack_limit("\\1\\2\\3", "x")',
    "error: bad argument #2 to 'unpack_limit' (number expected, got string)",
  ],
  [
    'cmsgpack.unpack(cmsgpack.pack({a = {1, 2, {b = "c"}}, d = -1.25}))',
    '{["a"]={[1]=1 [2]=2 [3]={["b"]="c"}} ["d"]=-1.25}',
  ],
  ['select("#", cmsgpack.unpack(("\\1"):rep(7000)))', "7000"],
  [
    'cmsgpack.unpack(("\\1"):rep(9000))',
    "error: stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)",
  ],
  [
    'cmsgpack.unpack(("\\145"):rep(5000))',
    "error: stack overflow (in function mp_decode_to_lua_array)",
  ],
  [
    "cmsgpack._NAME, cmsgpack._VERSION, cmsgpack._COPYRIGHT, cmsgpack._DESCRIPTION",
    '"cmsgpack" "lua-cmsgpack 0.4.0" "Copyright (C) 2012, Salvatore Sanfilippo" "MessagePack C implementation for Lua"',
  ],
  [
    'local t = {} for k in pairs(cmsgpack) do t[#t + 1] = k end return table.concat(t, " ")',
    '"_DESCRIPTION pack _NAME unpack _COPYRIGHT _VERSION unpack_one unpack_limit"',
  ],
];

describe("cmsgpack", () => {
  it.each(CASES)("%s", (expression, result) => {
    expect(show(expression)).toBe(result);
    expect(show(expression, "steps")).toBe(result);
  });
});
