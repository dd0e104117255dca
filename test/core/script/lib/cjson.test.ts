import { describe, expect, it } from "vitest";
import { show } from "../../../support/lua-show.ts";

/** What redis-server 7.4.1 answers. */
const CASES: readonly (readonly [expression: string, result: string])[] = [
  [
    'cjson.encode(1), cjson.encode(1.5), cjson.encode("x"), cjson.encode(true), cjson.encode(nil)',
    '"1" "1.5" "\\034x\\034" "true" "null"',
  ],
  [
    "cjson.encode(1e15), cjson.encode(0.1), cjson.encode(1/3), cjson.encode(-0), cjson.encode(12345678901234)",
    '"1e+15" "0.1" "0.33333333333333" "-0" "12345678901234"',
  ],
  ["cjson.encode({1, 2, 3})", '"[1,2,3]"'],
  ["cjson.encode({})", '"{}"'],
  ["cjson.encode({a = 1})", '"{\\034a\\034:1}"'],
  ["cjson.encode({1, nil, 3})", '"[1,null,3]"'],
  ["cjson.encode({[1] = 1, [2] = 2, x = 3})", '"{\\0341\\034:1,\\0342\\034:2,\\034x\\034:3}"'],
  ["cjson.encode({[1.5] = 1})", '"{\\0341.5\\034:1}"'],
  ["cjson.encode({[0] = 1})", '"{\\0340\\034:1}"'],
  ["cjson.encode({[3] = 3})", '"[null,null,3]"'],
  ["cjson.encode({[10] = 1})", '"[null,null,null,null,null,null,null,null,null,1]"'],
  ["cjson.encode({[11] = 1})", "error: Cannot serialise table: excessively sparse array"],
  ["cjson.encode({[-1] = 1})", '"{\\034-1\\034:1}"'],
  ["cjson.encode({{}, {1}, {a = {}}})", '"[{},[1],{\\034a\\034:{}}]"'],
  ["cjson.encode({cjson.null, 1})", '"[null,1]"'],
  [
    "cjson.encode('\"\\\\/\\b\\f\\n\\r\\t\\0\\31\\127\\200')",
    '"\\034\\092\\034\\092\\092\\092/\\092b\\092f\\092n\\092r\\092t\\092u0000\\092u001f\\092u007f\\200\\034"',
  ],
  ["cjson.encode({[1/0] = 1})", "error: Cannot serialise number: must not be NaN or Inf"],
  ["cjson.encode(1/0)", "error: Cannot serialise number: must not be NaN or Inf"],
  ["cjson.encode(0/0)", "error: Cannot serialise number: must not be NaN or Inf"],
  [
    "cjson.encode({[true] = 1})",
    "error: Cannot serialise boolean: table key must be a number or string",
  ],
  ["cjson.encode({function() end})", "error: Cannot serialise function: type not supported"],
  [
    "cjson.encode(coroutine.create(function() end))",
    "error: Cannot serialise thread: type not supported",
  ],
  [
    "local t = {} t[1] = t return cjson.encode(t)",
    "error: Cannot serialise, excessive nesting (1001)",
  ],
  ["cjson.encode()", "error: bad argument #1 to 'encode' (expected 1 argument)"],
  ["cjson.encode(1, 2)", "error: bad argument #1 to 'encode' (expected 1 argument)"],
  [
    'cjson.decode("1"), cjson.decode("-1.5e3"), cjson.decode(\'"x"\'), cjson.decode("true"), cjson.decode("false")',
    '1 -1500 "x" true false',
  ],
  [
    'cjson.decode("null") == cjson.null, type(cjson.null), tostring(cjson.null)',
    'true "userdata" "userdata: (nil)"',
  ],
  ['cjson.decode("[1,2,[3]]")', "{[1]=1 [2]=2 [3]={[1]=3}}"],
  ['cjson.decode(\'{"a":1,"b":[true,null]}\')', '{["a"]=1 ["b"]={[1]=true [2]=userdata}}'],
  ['cjson.decode("[]"), cjson.decode("{}"), cjson.decode(" [ ] ")', "{} {} {}"],
  ['cjson.decode(\'{"a":1,"a":2}\')', '{["a"]=2}'],
  [
    'cjson.decode(\'"\\\\u0041\\\\u00e9\\\\u20ac\\\\ud83d\\\\ude00\\\\n\\\\/\\\\"\\\\\\\\"\')',
    '"A\\195\\169\\226\\130\\172\\240\\159\\152\\128\\010/\\034\\092"',
  ],
  [
    "cjson.decode('\"\\\\ud83d\"')",
    "error: Expected value but found invalid unicode escape code at character 2",
  ],
  [
    "cjson.decode('\"\\\\ude00\"')",
    "error: Expected value but found invalid unicode escape code at character 2",
  ],
  [
    "cjson.decode('\"\\\\ud83d\\\\u0041\"')",
    "error: Expected value but found invalid unicode escape code at character 2",
  ],
  [
    "cjson.decode('\"\\\\u00g0\"')",
    "error: Expected value but found invalid unicode escape code at character 2",
  ],
  [
    "cjson.decode('\"\\\\x\"')",
    "error: Expected value but found invalid escape code at character 2",
  ],
  [
    "cjson.decode('\"abc')",
    "error: Expected value but found unexpected end of string at character 5",
  ],
  [
    "cjson.decode('\"a\\0b\"')",
    "error: Expected value but found unexpected end of string at character 3",
  ],
  ['cjson.decode("1\\0garbage")', "error: JSON parser does not support UTF-16 or UTF-32"],
  ['cjson.decode("\\0001")', "error: JSON parser does not support UTF-16 or UTF-32"],
  ['cjson.decode("")', "error: Expected value but found T_END at character 1"],
  ['cjson.decode(" ")', "error: Expected value but found T_END at character 2"],
  ['cjson.decode("[1")', "error: Expected comma or array end but found T_END at character 3"],
  ['cjson.decode("[1,]")', "error: Expected value but found T_ARR_END at character 4"],
  ['cjson.decode("[1 2]")', "error: Expected comma or array end but found T_NUMBER at character 4"],
  ['cjson.decode("{1:2}")', "error: Expected object key string but found T_NUMBER at character 2"],
  ["cjson.decode('{\"a\" 1}')", "error: Expected colon but found T_NUMBER at character 6"],
  ["cjson.decode('{\"a\":}')", "error: Expected value but found T_OBJ_END at character 6"],
  [
    "cjson.decode('{\"a\":1')",
    "error: Expected comma or object end but found T_END at character 7",
  ],
  [
    "cjson.decode('{\"a\":1,}')",
    "error: Expected object key string but found T_OBJ_END at character 8",
  ],
  ['cjson.decode("[1]]")', "error: Expected the end but found T_ARR_END at character 4"],
  ['cjson.decode("1 2")', "error: Expected the end but found T_NUMBER at character 3"],
  ['cjson.decode("tru")', "error: Expected value but found invalid token at character 1"],
  ['cjson.decode("nullx")', "error: Expected the end but found invalid token at character 5"],
  ['cjson.decode("abc")', "error: Expected value but found invalid token at character 1"],
  ['cjson.decode("-")', "error: Expected value but found invalid number at character 1"],
  [
    'cjson.decode("+5"), cjson.decode("0x1F"), cjson.decode("01"), cjson.decode("inf"), cjson.decode("-Infinity")',
    "5 31 1 inf -inf",
  ],
  ['cjson.decode("1e"), 1', "error: Expected the end but found invalid token at character 2"],
  ['cjson.decode("1.")', "1"],
  ['cjson.decode(".5")', "error: Expected value but found invalid token at character 1"],
  [
    'cjson.decode(("["):rep(1001))',
    "error: Found too many nested data structures (1001) at character 1001",
  ],
  ['type(cjson.decode(("["):rep(1000) .. ("]"):rep(1000)))', '"table"'],
  ["cjson.decode()", "error: bad argument #1 to 'decode' (expected 1 argument)"],
  ["cjson.decode({})", "error: bad argument #1 to 'decode' (string expected, got table)"],
  ["cjson.decode(12)", "12"],
  [
    "local c = cjson.new() return c.encode_sparse_array(), c.encode_sparse_array(true, 3, 5)",
    "false true 3 5",
  ],
  [
    "local c = cjson.new() c.encode_sparse_array(true) return c.encode({[100] = 1})",
    '"{\\034100\\034:1}"',
  ],
  [
    "local c = cjson.new() c.encode_sparse_array(false, 0) return c.encode({[12] = 1})",
    '"[null,null,null,null,null,null,null,null,null,null,null,1]"',
  ],
  [
    "local c = cjson.new() return c.encode_sparse_array(nil, -1)",
    "error: bad argument #1 to 'encode_sparse_array' (expected integer between 0 and 2147483647)",
  ],
  [
    'local c = cjson.new() return c.encode_sparse_array(nil, nil, "x")',
    "error: bad argument #3 to 'encode_sparse_array' (number expected, got string)",
  ],
  [
    "local c = cjson.new() return c.encode_sparse_array(1)",
    "error: bad argument #1 to 'encode_sparse_array' (invalid option '1')",
  ],
  [
    "local c = cjson.new() return c.encode_sparse_array(true, 1, 2, 3)",
    "error: bad argument #4 to 'encode_sparse_array' (found too many arguments)",
  ],
  [
    "local c = cjson.new() return c.encode_max_depth(), c.encode_max_depth(2), c.encode({{1}}), pcall(c.encode, {{{}}})",
    '1000 2 "[[1]]" false "Cannot serialise, excessive nesting (3)"',
  ],
  [
    'local c = cjson.new() return c.decode_max_depth(), c.decode_max_depth(2), pcall(c.decode, "[[[]]]")',
    '1000 2 false "Found too many nested data structures (3) at character 3"',
  ],
  [
    "local c = cjson.new() return c.encode_max_depth(0)",
    "error: bad argument #1 to 'encode_max_depth' (expected integer between 1 and 2147483647)",
  ],
  [
    "local c = cjson.new() return c.encode_max_depth(1, 2)",
    "error: bad argument #2 to 'encode_max_depth' (found too many arguments)",
  ],
  [
    "local c = cjson.new() return c.encode_number_precision(), c.encode_number_precision(3), c.encode(math.pi), c.encode(123456)",
    '14 3 "3.14" "1.23e+05"',
  ],
  [
    "local c = cjson.new() return c.encode_number_precision(15)",
    "error: bad argument #1 to 'encode_number_precision' (expected integer between 1 and 14)",
  ],
  [
    'local c = cjson.new() return c.encode_keep_buffer(), c.encode_keep_buffer(false), c.encode_keep_buffer("on")',
    "true false true",
  ],
  [
    'local c = cjson.new() return c.encode_keep_buffer("maybe")',
    "error: bad argument #1 to 'encode_keep_buffer' (invalid option 'maybe')",
  ],
  [
    'local c = cjson.new() return c.encode_invalid_numbers(), c.encode_invalid_numbers("null"), c.encode({1/0, 0/0})',
    'false "null" "[null,null]"',
  ],
  [
    "local c = cjson.new() return c.encode_invalid_numbers(true), c.encode({1/0, -1/0, 0/0})",
    'true "[inf,-inf,nan]"',
  ],
  [
    'local c = cjson.new() return c.encode_invalid_numbers("off"), pcall(c.encode, 1/0)',
    'false false "Cannot serialise number: must not be NaN or Inf"',
  ],
  [
    'local c = cjson.new() return c.decode_invalid_numbers(), c.decode_invalid_numbers(false), pcall(c.decode, "nan")',
    'true false false "Expected value but found invalid token at character 1"',
  ],
  [
    'local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, "-0x1")',
    'false "Expected value but found invalid number at character 1"',
  ],
  [
    'local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, "[012]")',
    'false "Expected value but found invalid number at character 2"',
  ],
  [
    "local c = cjson.new() c.encode_max_depth(1) return c ~= cjson, cjson.encode_max_depth()",
    "true 1000",
  ],
  ["cjson._NAME, cjson._VERSION", '"cjson" "2.1.0"'],
  [
    'local t = {} for k in pairs(cjson) do t[#t + 1] = k end return table.concat(t, " ")',
    '"_NAME encode decode_max_depth _VERSION decode_invalid_numbers encode_keep_buffer null encode_number_precision new encode_max_depth encode_invalid_numbers decode encode_sparse_array"',
  ],
];

describe("cjson", () => {
  it.each(CASES)("%s", (expression, result) => {
    expect(show(expression)).toBe(result);
    expect(show(expression, "steps")).toBe(result);
  });
});
