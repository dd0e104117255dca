// Syntax errors in Lua's own words, as Lua 5.1 gives them for these texts; "" where there is none.
import { describe, expect, it } from "vitest";
import { chunkId } from "../../../../core/script/lua/chunk.ts";
import { LuaError } from "../../../../core/script/lua/error.ts";
import { parse } from "../../../../core/script/lua/parser.ts";

/** Calls that were running when Lua was asked. */
const LEVELS = 2;

function messageOf(source: string): string {
  try {
    parse(source, "=c", LEVELS);
    return "";
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return String(error.value);
  }
}

const CASES: [source: string, message: string][] = [
  ["x = ", "c:1: unexpected symbol near '<eof>'"],
  ["return 1 +", "c:1: unexpected symbol near '<eof>'"],
  ["for i = 1 do end", "c:1: ',' expected near 'do'"],
  ["for i in end", "c:1: unexpected symbol near 'end'"],
  ["if x then", "c:1: 'end' expected near '<eof>'"],
  ["if x then\n\n", "c:3: 'end' expected (to close 'if' at line 1) near '<eof>'"],
  ["while true\ndo\n", "c:3: 'end' expected (to close 'while' at line 1) near '<eof>'"],
  ["local function", "c:1: '<name>' expected near '<eof>'"],
  ["f(", "c:1: unexpected symbol near '<eof>'"],
  ["f\n(1)", "c:2: ambiguous syntax (function call x new statement) near '('"],
  ["x.y:z", "c:1: function arguments expected near '<eof>'"],
  ["a.b", "c:1: '=' expected near '<eof>'"],
  ["a, b", "c:1: '=' expected near '<eof>'"],
  ["1 = 2", "c:1: unexpected symbol near '1'"],
  ["(a) = 1", "c:1: syntax error near '='"],
  ["break", "c:1: no loop to break near '<eof>'"],
  ["return return", "c:1: unexpected symbol near 'return'"],
  ["local x = {1, 2", "c:1: '}' expected near '<eof>'"],
  ["local x = {\n1,\n2", "c:3: '}' expected (to close '{' at line 1) near '<eof>'"],
  ["x = 'abc", "c:1: unfinished string near '<eof>'"],
  ['x = "a\\300"', "c:1: escape sequence too large near '\"a'"],
  ["x = [[abc", "c:1: unfinished long string near '<eof>'"],
  ["--[[ abc", "c:1: unfinished long comment near '<eof>'"],
  ["x = [=[ [[ ]=] [[ [[", "c:1: nesting of [[...]] is deprecated near '['"],
  ["x = 3x", "c:1: malformed number near '3x'"],
  ["x = 1e", "c:1: malformed number near '1e'"],
  ["x = 0xg", "c:1: malformed number near '0xg'"],
  ["x = 1..2", "c:1: malformed number near '1..2'"],
  ["x = }", "c:1: unexpected symbol near '}'"],
  ["x = @", "c:1: unexpected symbol near '@'"],
  ["x = \u0001", "c:1: unexpected symbol near 'char(1)'"],
  ["x = ~", "c:1: unexpected symbol near '~'"],
  ["local t = { [1] 2 }", "c:1: '=' expected near '2'"],
  ["function f(a,) end", "c:1: <name> or '...' expected near ')'"],
  ["function f(...,a) end", "c:1: ')' expected near ','"],
  ["function f(1) end", "c:1: <name> or '...' expected near '1'"],
  ["function () end", "c:1: '<name>' expected near '('"],
  ["return ...", ""],
  ["function f() return ... end", "c:1: cannot use '...' outside a vararg function near '...'"],
  ["goto x", "c:1: '=' expected near 'x'"],
  ["x = [==", "c:1: invalid long string delimiter near '[=='"],
  ["repeat x = 1", "c:1: 'until' expected near '<eof>'"],
  ["repeat local y until", "c:1: unexpected symbol near '<eof>'"],
  ["do", "c:1: 'end' expected near '<eof>'"],
  ["end", "c:1: '<eof>' expected near 'end'"],
  ["else", "c:1: '<eof>' expected near 'else'"],
  ["local 1", "c:1: '<name>' expected near '1'"],
  ["local x = = 1", "c:1: unexpected symbol near '='"],
  ["for 1 = 1, 2 do end", "c:1: '<name>' expected near '1'"],
  ["for a, b = 1, 2 do end", "c:1: 'in' expected near '='"],
  ["x = function(", "c:1: <name> or '...' expected near '<eof>'"],
  ["x = function() ", "c:1: 'end' expected near '<eof>'"],
  ["f{", "c:1: unexpected symbol near '<eof>'"],
  ["f'", "c:1: unfinished string near '<eof>'"],
  ["x:y = 1", "c:1: function arguments expected near '='"],
  ["a.1 = 2", "c:1: '=' expected near '.1'"],
  ["return 'a'..", "c:1: unexpected symbol near '<eof>'"],
  ["return not", "c:1: unexpected symbol near '<eof>'"],
  ["return #", "c:1: unexpected symbol near '<eof>'"],
  ["local x <const> = 1", "c:1: unexpected symbol near '<'"],
  ["x += 1", "c:1: '=' expected near '+'"],
  ["return a ? b", "c:1: '<eof>' expected near '?'"],
  ["\u001bLua", "c:1: unexpected symbol near 'char(27)'"],
  ['return "a\nb"', "c:1: unfinished string near '\"a'"],
  ["x = 'a\\", "c:1: unfinished string near '<eof>'"],
  ["x == 1", "c:1: '=' expected near '=='"],
];

const locals = (count: number) => Array.from({ length: count }, (_, i) => `local a${i}`).join("\n");
const names = (count: number) => Array.from({ length: count }, (_, i) => `a${i}`).join(",");

const LIMITS: [what: string, source: string, message: string][] = [
  ["200 locals", locals(200), ""],
  ["201 locals", locals(201), "c:201: main function has more than 200 local variables"],
  [
    "201 locals of a function",
    `\nfunction f()\n${locals(201)}`,
    "c:203: function at line 2 has more than 200 local variables",
  ],
  ["60 upvalues", `${locals(60)} function f() return ${names(60)} end`, ""],
  [
    "61 upvalues",
    `${locals(61)}\nfunction f() return ${names(61)} end`,
    "c:62: function at line 62 has more than 60 upvalues",
  ],
  [
    "200 levels",
    `return ${"(".repeat(200)}1${")".repeat(200)}`,
    "c:1: chunk has too many syntax levels",
  ],
  ["a chain of 190 operands", `return ${Array(190).fill("x").join("..")}`, ""],
  [
    "a chain of 220 operands",
    `return ${Array(220).fill("x").join("..")}`,
    "c:1: chunk has too many syntax levels",
  ],
  ["200 arguments", `f(${Array(200).fill("1").join(",")})`, ""],
  [
    "250 arguments",
    `f(${Array(250).fill("1").join(",")})`,
    "c:1: function or expression too complex near '1'",
  ],
  ["150 targets", `${Array(150).fill("x").join(",")} = 1`, ""],
  [
    "210 targets",
    `${Array(210).fill("x").join(",")} = 1`,
    "c:1: main function has more than 197 variables in assignment",
  ],
];

describe("syntax errors", () => {
  it.each(CASES)("%j", (source, message) => {
    expect(messageOf(source)).toBe(message);
  });

  it.each(LIMITS)("limits: %s", (_, source, message) => {
    expect(messageOf(source)).toBe(message);
  });
});

describe("chunkId", () => {
  it.each([
    ["@user_script", "user_script"],
    ["=stdin", "stdin"],
    [`=${"x".repeat(80)}`, "x".repeat(59)],
    ["return 1", '[string "return 1"]'],
    ["return 1\nreturn 2", '[string "return 1..."]'],
    ["x".repeat(80), `[string "${"x".repeat(43)}..."]`],
    [`@${"y".repeat(80)}`, `...${"y".repeat(52)}`],
    ["", '[string ""]'],
  ])("%j", (name, id) => {
    expect(chunkId(name)).toBe(id);
  });
});
