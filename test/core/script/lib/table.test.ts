import { describe, expect, it } from "vitest";
import { show } from "../../../support/lua-show.ts";

/** What redis-server 7.4.1 answers. */
const CASES: readonly (readonly [expression: string, result: string])[] = [
  ["table.concat({1, 2, 3})", '"123"'],
  ['table.concat({1, "a", 2.5}, ", ")', '"1, a, 2.5"'],
  ['table.concat({}, ",")', '""'],
  ['table.concat({1, 2, 3}, ",", 2)', '"2,3"'],
  ['table.concat({1, 2, 3}, ",", 2, 3)', '"2,3"'],
  ['table.concat({1, 2, 3}, ",", 3, 2)', '""'],
  ["table.concat({1, 2, 3}, 0)", '"10203"'],
  ['table.concat({[5] = "e", [6] = "f"}, "-", 5, 6)', '"e-f"'],
  ["table.concat({1, {}, 3})", "error: invalid value (table) at index 2 in table for 'concat'"],
  [
    'table.concat({1, nil, 3}, ",", 1, 3)',
    "error: invalid value (nil) at index 2 in table for 'concat'",
  ],
  [
    'table.concat({1, 2}, ",", 1, 3)',
    "error: invalid value (nil) at index 3 in table for 'concat'",
  ],
  ["table.concat({true})", "error: invalid value (boolean) at index 1 in table for 'concat'"],
  ["table.concat()", "error: bad argument #1 to 'concat' (table expected, got no value)"],
  ["table.concat({}, {})", "error: bad argument #2 to 'concat' (string expected, got table)"],
  ['table.concat({1, 2}, ",", "1", "2")', '"1,2"'],
  ['table.concat({1}, ",", {})', "error: bad argument #3 to 'concat' (number expected, got table)"],
  ["table.getn({1, 2, 3})", "3"],
  ["table.getn(1)", "error: bad argument #1 to 'getn' (table expected, got number)"],
  ["table.maxn({1, 2, [10.5] = 1, [-5] = 1, x = 1})", "10.5"],
  ["table.maxn({})", "0"],
  ["table.maxn({[1/0] = 1})", "inf"],
  ["table.setn({}, 1)", "error: 'setn' is obsolete"],
  ["table.setn()", "error: bad argument #1 to 'setn' (table expected, got no value)"],
  ["local t = {1, 2} table.insert(t, 3) return t", "{[1]=1 [2]=2 [3]=3}"],
  ["local t = {1, 2} table.insert(t, 1, 0) return t", "{[1]=0 [2]=1 [3]=2}"],
  ["local t = {1, 2} table.insert(t, 5, 5) return t", "{[1]=1 [2]=2 [5]=5}"],
  ["local t = {1, 2} table.insert(t, -1, 9) return t", "{[3]=2 [2]=1 [-1]=9}"],
  ["local t = {1, 2} table.insert(t, 2.9, 9) return t", "{[1]=1 [2]=9 [3]=2}"],
  ["local t = {1, 2} table.insert(t, nil) return #t", "2"],
  ["table.insert({})", "error: wrong number of arguments to 'insert'"],
  ["table.insert({}, 1, 2, 3)", "error: wrong number of arguments to 'insert'"],
  ['table.insert({}, "x", 1)', "error: bad argument #2 to 'insert' (number expected, got string)"],
  ["table.insert(nil, 1)", "error: bad argument #1 to 'insert' (table expected, got nil)"],
  [
    "local t = {} t.insert = table.insert return pcall(t.insert, 5, 1)",
    "false \"bad argument #1 to '?' (table expected, got number)\"",
  ],
  ["local t = {1, 2, 3} return table.remove(t), t", "3 {[1]=1 [2]=2}"],
  ["local t = {1, 2, 3} return table.remove(t, 1), t", "1 {[1]=2 [2]=3}"],
  ["local t = {1, 2, 3} return table.remove(t, 4), t", "nil {[1]=1 [2]=2 [3]=3}"],
  ['local t = {1, 2, 3} return select("#", table.remove(t, 4))', "0"],
  ['local t = {} return table.remove(t), select("#", table.remove(t))', "nil 0"],
  ["local t = {1, 2, 3} return table.remove(t, -1), t", "nil {[1]=1 [2]=2 [3]=3}"],
  ['table.remove({1}, "x")', "error: bad argument #2 to 'remove' (number expected, got string)"],
  ["table.remove()", "error: bad argument #1 to 'remove' (table expected, got no value)"],
  ["local t = {3, 1, 2} table.sort(t) return t", "{[1]=1 [2]=2 [3]=3}"],
  ['local t = {"b", "a", "C", ""} table.sort(t) return t', '{[1]="" [2]="C" [3]="a" [4]="b"}'],
  [
    "local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t",
    "{[1]=3 [2]=2 [3]=1}",
  ],
  [
    "local t = {5, 3, 5, 1, 5, 2, 5} table.sort(t, function(a, b) return a <= b end) return t",
    "error: attempt to compare nil with number",
  ],
  [
    'local t = {} for i = 1, 100 do t[i] = (i * 37) % 101 end table.sort(t) for i = 2, 100 do if t[i - 1] > t[i] then return i end end return "sorted"',
    '"sorted"',
  ],
  [
    "table.sort({1, 2, 3, 4, 5}, function() return true end)",
    "error: invalid order function for sorting",
  ],
  [
    "local n = 0 local t = {5, 2, 8, 1, 9, 3} table.sort(t, function(a, b) n = n + 1 return a < b end) return n, t",
    "12 {[1]=1 [2]=2 [3]=3 [4]=5 [5]=8 [6]=9}",
  ],
  [
    'local s = "" table.sort({4, 2, 7, 1}, function(a, b) s = s .. a .. b .. " " return a < b end) return s',
    '"14 21 42 72 27 21 47 "',
  ],
  ['table.sort({1, "a"})', "error: attempt to compare string with number"],
  ["table.sort({{}, {}})", "error: attempt to compare two table values"],
  ["table.sort({1, nil, 3, [4] = 2})", "error: attempt to compare nil with number"],
  ["table.sort({3, 2, 1}, 5)", "error: bad argument #2 to 'sort' (function expected, got number)"],
  ['table.sort({3, 2, 1}, function() error("inside", 0) end)', "error: inside"],
  ["table.sort({3, 2, 1}, nil)", ""],
  [
    'local m = {__lt = function(a, b) return a.v < b.v end} local t = {} for i = 1, 5 do t[i] = setmetatable({v = (i * 3) % 5}, m) end table.sort(t) local s = "" for i = 1, 5 do s = s .. t[i].v end return s',
    '"01234"',
  ],
  ["table.sort()", "error: bad argument #1 to 'sort' (table expected, got no value)"],
  [
    'local s = "" table.foreach({1, 2, x = 3}, function(k, v) s = s .. k .. v end) return s',
    '"1122x3"',
  ],
  ["table.foreach({1, 2}, function(k, v) return v * 10 end)", "10"],
  ["table.foreach({}, 1)", "error: bad argument #2 to 'foreach' (function expected, got number)"],
  ["table.foreach({[1] = 1}, function() return false end)", "false"],
  [
    'local s = "" table.foreachi({5, 6, nil, 7}, function(i, v) s = s .. i .. tostring(v) end) return s',
    '"15263nil47"',
  ],
  ["table.foreachi({5, 6}, function(i, v) if i == 2 then return v end end)", "6"],
  [
    'local t = {} for k in pairs(table) do t[#t + 1] = k end return table.concat(t, " ")',
    '"setn insert getn foreachi maxn foreach concat sort remove"',
  ],
];

describe("table", () => {
  it.each(CASES)("%s", (expression, result) => {
    expect(show(expression)).toBe(result);
    expect(show(expression, "steps")).toBe(result);
  });
});
