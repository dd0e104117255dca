// Scripts that want to break something: the stack, the memory, the sandbox, the other scripts. Each gets
// an answer, and the node goes on.
import { beforeEach, describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

let node: CoreNode;

beforeEach(() => {
  node = new CoreNode();
});

function evaluate(script: string, ...args: string[]): string {
  const reply = node.send(1, "EVAL", script, "0", ...args);
  if (reply !== "") return reply;
  node.runJobs();
  return node.take(1);
}

/** What pcall says to a function with this body: the values as texts, separated by blanks. */
function attempt(body: string): string {
  const reply = evaluate(`
    local function text(v) return type(v) == "string" and v or type(v) end
    local r = {pcall(function() ${body} end)}
    local texts = {}
    for i = 2, table.maxn(r) do texts[#texts + 1] = type(r[i]) == "number" and r[i] or text(r[i]) end
    return (r[1] and "" or "error: ") .. table.concat(texts, " ")`);
  return /^\$\d+\r\n(.*)\r\n$/s.exec(reply)?.[1] ?? reply;
}

/** The node still does what it should. */
function expectSound(): void {
  expect(evaluate("return string.rep('ab', 2) .. #ARGV", "x")).toBe("$5\r\nabab1\r\n");
  expect(node.run("PING")).toBe("+PONG");
  node.verify();
}

describe("sources", () => {
  const TOO_DEEP = /^-ERR Error compiling script \(new function\): .*(levels|overflow|too complex)/;

  it.each([
    ["parentheses", "return ", "(", "1", ")"],
    ["tables", "return ", "{", "", "}"],
    ["blocks", "", "do ", "", "end "],
    ["signs", "return ", "- ", "1", ""],
    ["not", "return ", "not ", "1", ""],
    ["concatenations", "return ", "'a' .. ", "''", ""],
    ["powers", "return ", "2 ^ ", "1", ""],
    ["functions", "", "return function() ", "", " end"],
    ["calls in calls", "return ", "type(", "1", ")"],
    ["indexes in indexes", "return ", "KEYS[", "1", "]"],
    ["conditions", "", "if true then ", "", "end "],
    ["loops", "", "while true do ", "", "end "],
  ])("nested too deeply: %s", (_name, before, open, middle, close) => {
    const source = before + open.repeat(100_000) + middle + close.repeat(100_000);
    expect(evaluate(source)).toMatch(TOO_DEEP);
    expectSound();
  });

  // Lua compiles these one after the other, however long they are; here there may be a limit.
  it.each([
    ["sums", "local a = 1 return ", "a + ", "1", 501],
    ["products of constants", "return ", "1 * ", "1", 1],
    ["and", "return ", "1 and ", "2", 2],
    ["or", "local a return ", "a or ", "3", 3],
    ["comparisons", "return 1 ", "== 1 ", "and 1", false],
    ["fields", "local t = {} t.t = t return t", ".t", " == t and 1", 1],
    ["indexes", "local t = {} t[1] = t return t", "[1]", " == t and 1", 1],
    ["calls", "local f f = function() return f end return f", "()", " == f and 1", 1],
    ["methods", "local t = {} function t:m() return self end return t", ":m()", " == t and 1", 1],
    [
      "alternatives",
      "local x = 1 if x == 2 then return 1 ",
      "elseif x == 3 then return 2 ",
      "else return 7 end",
      7,
    ],
    ["statements", "local a = 0 ", "a = a + 1 ", "return a", 500],
    ["blocks", "", "do local a = 1 end ", "return 4", 4],
    ["items", "return #{", "1,", "}", 500],
    ["functions", "local f ", "f = function() return 5 end ", "return f()", 5],
  ])("long, not deep: %s", (_name, before, repeated, after, value) => {
    const reply = value === false ? "$-1\r\n" : `:${value}\r\n`;
    expect(evaluate(before + repeated.repeat(500) + after)).toBe(reply);
    expect(evaluate(before + repeated.repeat(50_000) + after)).toMatch(
      /^(:\d+\r\n|\$-1\r\n|-ERR Error compiling script .*(levels|overflow|too complex|too long).*\r\n)$/,
    );
    expectSound();
  });

  it("are compiled the same after a script that failed deep in calls", () => {
    const nested = `return ${"(".repeat(190)}1${")".repeat(190)}`;
    const script = `
      local n = 0
      local function f() n = n + 1 if n > 150 then error("deep") end return (("x"):gsub("x", f)) end
      f()`;
    expect(evaluate(script)).toContain("deep");
    expect(evaluate(nested)).toBe(":1\r\n");
  });

  it.each([1000, 3000, 3600, 4000, 6000, 12_000])("end somehow with %i alternatives", (count) => {
    const alternatives = "elseif x == 3 then return 2 ".repeat(count);
    const script = `local x = 1 if x == 2 then return 1 ${alternatives}else return 7 end`;
    expect(evaluate(script)).toMatch(/^:7\r\n|^-ERR .*(levels|stack overflow)/);
    expectSound();
  });

  it("of many bytes", () => {
    expect(evaluate(`--${"x".repeat(1e6)}\nreturn 1`)).toBe(":1\r\n");
    expect(evaluate(`return #'${"x".repeat(1e6)}'`)).toBe(":1000000\r\n");
    expect(evaluate(`return #'${"\\0".repeat(1e5)}'`)).toBe(":100000\r\n");
    expect(evaluate(`local ${"a".repeat(1e5)} = 5 return ${"a".repeat(1e5)}`)).toBe(":5\r\n");
    expect(evaluate(`${"\n".repeat(1e5)}error('here')`)).toContain("user_script:100001: here");
    expectSound();
  });

  it("deep in a deep recursion", () => {
    const script = `
      local function deep(n)
        if n > 0 then return (deep(n - 1)) end
        return loadstring("return " .. ("1 + "):rep(500) .. "1")()
      end
      local depths = {}
      for n = 0, 15000, 500 do depths[#depths + 1] = deep(n) end
      return #depths .. ":" .. depths[#depths]`;
    expect(evaluate(script)).toBe("$6\r\n31:501\r\n");
  });
});

describe("memory", () => {
  it.each([
    "return #('x'):rep(1e9)",
    "return #('x'):rep(1e8):rep(1e8)",
    "local s = 'x' while true do s = s .. s end",
    "local s = ('x'):rep(1e6) return #s:gsub('x', s)",
    "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1e6) end return #table.concat(t)",
    "local s = ('x'):rep(1e8) return #(s .. s .. s .. s .. s .. s)",
    "local s = ('x'):rep(3e8) return #string.format('%s%s', s, s)",
  ])("ends with an error: %s", (body) => {
    expect(attempt(body)).toContain("not enough memory");
    expectSound();
  });

  it("has room for ten million elements", () => {
    const script = "local t = {} for i = 1, 1e7 do t[i] = i end return #t";
    expect(evaluate(script)).toBe(":10000000\r\n");
  });

  it.each([
    ["return unpack({}, 1, 1e8)", "error: user_script:3: too many results to unpack"],
    ["return unpack({}, 0, 2 ^ 31 - 1)", "error: user_script:3: too many results to unpack"],
    ["return select('#', unpack({}, 1, 7000))", "7000"],
    ["return #string.format('%99d', 1)", "99"],
    [
      "return pcall(string.format, '%100d', 1)",
      "boolean invalid format (width or precision too long)",
    ],
    ["local t = {} table.insert(t, 2 ^ 30, 1) return #t, table.maxn(t)", "0 1073741824"],
    ["local t = {} t[2 ^ 31] = 1 t[2 ^ 53] = 2 t[-2 ^ 31] = 3 return #t, t[2 ^ 53]", "0 2"],
    [
      "return table.concat({}, 'x', 1, 1e9)",
      "error: user_script:3: invalid value (nil) at index 1 in table for 'concat'",
    ],
  ])("%s", (body, text) => {
    expect(attempt(body)).toBe(text);
  });
});

describe("recursion", () => {
  it.each([
    "local function f() return 1 + f() end return f()",
    "local function f() local ok, e = pcall(f) error(e, 0) end f()",
    "local function f() return (('x'):gsub('x', f)) end return f()",
    "local function f() table.sort({2, 1}, f) end f()",
    "local function f() for x in f do end end f()",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end return t.x",
    "local t = setmetatable({}, {}) getmetatable(t).__newindex = function(_, k) t[k] = 1 end t.x = 1",
    "local m = {} m.__eq = function(a, b) return a == b end return setmetatable({}, m) == setmetatable({}, m)",
    "local m = {} m.__lt = function(a, b) return a < b end return setmetatable({}, m) < setmetatable({}, m)",
    "local m = {} m.__concat = function(a, b) return a .. b end return setmetatable({}, m) .. 'x'",
    "local m = {} m.__unm = function(a) return -a end return -setmetatable({}, m)",
    "local m = {} m.__call = function(s) return 1 + s() end return setmetatable({}, m)()",
    "local m = {} m.__tostring = function(s) return tostring(s) end return tostring(setmetatable({}, m))",
    "local function f() return coroutine.wrap(f)() end return f()",
    "local f f = function() return xpcall(error, f) end return select(2, f()).x.y",
    "local t = {} t[1] = t return cjson.encode(t)",
    "local function f() return loadstring('return ...')(f()) end return f()",
  ])("ends with an error: %s", (body) => {
    expect(attempt(body)).toMatch(
      /^error: .*(stack overflow|error in error handling|excessively nested|excessive depth|attempt to|serialise)/,
    );
    expectSound();
  });

  it("of tables in a chain ends", () => {
    const chain = (name: string, use: string): string =>
      attempt(`local t = {} for i = 1, 200 do t = setmetatable({}, {${name} = t}) end ${use}`);
    expect(chain("__index", "return t.x")).toBe("error: user_script:3: loop in gettable");
    expect(chain("__newindex", "t.x = 1")).toBe("error: user_script:3: loop in settable");
    expect(chain("__call", "return t()")).toMatch(/^error: user_script:3: attempt to call/);
  });

  it("of values in a reply ends", () => {
    expect(evaluate("local t = {} t[1] = t return t")).toContain("reached lua stack limit");
    expectSound();
  });
});

describe("the sandbox", () => {
  it.each([
    "string.rep = nil",
    "string.new = 1",
    "rawset(math, 'pi', 3)",
    "table.insert(redis, 1)",
    "table.insert(bit, 1, 2)",
    "redis.call = nil",
    "cjson.null = 1",
    "_G.x = 1",
    "x = 1",
    "_G._G = {}",
    "rawset(_G, 'x', 1)",
    "setmetatable(_G, nil)",
    "setmetatable(string, {})",
    "getmetatable(_G).__index = nil",
    "getmetatable(_G).__newindex = function() end",
    "setfenv(1, _G) x = 1",
    "for k in pairs(math) do math[k] = nil end",
  ])("is not opened by %s", (body) => {
    expect(attempt(body)).toMatch(/^error: .*(Attempt to modify a readonly table|cannot)/);
    expect(
      evaluate("return {type(string.rep), type(redis.call), math.floor(math.pi), type(x)}"),
    ).toMatch(/^-ERR user_script:1: Script attempted to access nonexistent global variable 'x'/);
    expectSound();
  });

  it("forgets with SCRIPT FLUSH what a script did to the metatable of strings", () => {
    attempt("getmetatable('').__index = function() return 'mine' end");
    node.run("SCRIPT FLUSH");
    expect(evaluate("return ('x'):len()")).toBe(":1\r\n");
  });

  it.each([
    "return loadstring('\\27Lua')",
    "return loadstring('\\27LuaQ\\0\\1\\4\\8\\4\\8\\0' .. ('x'):rep(100))",
    "local first = true return load(function() if first then first = false return '\\27LuaQ' end end)",
  ])("takes no code that is compiled already: %s", (body) => {
    expect(attempt(body)).toMatch(/^nil .*(unexpected symbol near|precompiled|truncated)/);
  });

  it.each([
    "dofile",
    "loadfile",
    "require",
    "module",
    "package",
    "io",
    "debug",
    "print",
    "arg",
    "process",
  ])("has no %s", (name) => {
    expect(attempt(`return ${name}`)).toContain("nonexistent global variable");
    expect(attempt(`return rawget(_G, "${name}")`)).toBe("");
  });

  it("shows nothing of what it is made of", () => {
    const script = `
      local seen, texts = {}, {}
      local function look(v)
        texts[#texts + 1] = tostring(v)
        if type(v) ~= "table" or seen[v] then return end
        seen[v] = true
        for k, w in pairs(v) do look(k) look(w) end
        look(getmetatable(v))
      end
      look(_G) look(getmetatable("")) look(coroutine.create(function() end)) look(cjson.null)
      look(select(2, pcall(error))) look(select(2, pcall(redis.call, "nosuch"))) look({pcall(nil)})
      return texts`;
    const texts = evaluate(script)
      .split("\r\n")
      .filter((line) => !/^[$*]/.test(line));
    expect(texts.length).toBeGreaterThan(150);
    for (const text of texts) {
      expect(text).not.toMatch(/\[object|=>|native code|undefined|Symbol|class |\{|prototype/);
    }
  });

  it("keeps names that JavaScript knows apart from JavaScript", () => {
    const json = '{"__proto__":{"a":1},"constructor":2,"toString":3}';
    const decoded = evaluate(
      "local t = cjson.decode(ARGV[1]) return {t.__proto__.a, t.constructor, t.toString, tostring(t.valueOf)}",
      json,
    );
    expect(decoded).toBe("*4\r\n:1\r\n:2\r\n:3\r\n$3\r\nnil\r\n");
    expect(evaluate("return cjson.encode({__proto__ = 1})")).toBe('$15\r\n{"__proto__":1}\r\n');
    expect(evaluate("return {redis.call('HSET', '__proto__', 'constructor', 'x')}")).toBe(
      "*1\r\n:1\r\n",
    );
    expect(node.run("HGET __proto__ constructor")).toBe("$1\r\nx");
  });

  it.each([
    "*/ process.exit() /*",
    ["`$", "{process.exit()}`"].join(""),
    "\n process.exit() //",
    '"]});process.exit();//',
  ])("has chunks with any name: %j", (name) => {
    const script =
      "return {pcall(loadstring('error(1)', ARGV[1])), select(2, loadstring('x x', ARGV[1]))}";
    expect(evaluate(script, name)).toMatch(/^\*2\r\n\$-1\r\n|^\*\d/);
    expectSound();
  });
});

describe("callbacks that change what they work on", () => {
  it.each([
    "local t = {3, 2, 1} table.sort(t, function(a, b) t[#t + 1] = a return a < b end)",
    "local t = {5, 3, 1, 4, 2} table.sort(t, function(a, b) for k in pairs(t) do t[k] = nil end return a < b end)",
    "local t = {} for i = 1, 100 do t['k' .. i] = i end for k in pairs(t) do t[k .. 'x'] = 1 if #k > 200 then break end end",
    "local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function() return true end)",
    "local t = {1, 2, 3} for i, v in ipairs(t) do if i < 1000 then t[i + 1] = v end end",
    "local t = {a = 1} for k in pairs(t) do t = {} setmetatable(t, {__index = t}) end",
    "local s = '' (('x'):rep(100)):gsub('x', function() s = s .. s:gsub('.', '%0%0') .. 'y' s = s:sub(1, 100) end)",
    "table.foreach({1, 2, 3}, function(k) error(k) end)",
  ])("%s", (body) => {
    attempt(body);
    expectSound();
  });
});
