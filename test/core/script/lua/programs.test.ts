// Lua programs and what Lua 5.1 prints for them (programs.txt: title, program, ----, output), run on
// both bodies: fast, and in steps of any size. So every place where a program can stop is tried.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LuaError } from "../../../../core/script/lua/error.ts";
import { createRuntime, runFast, runInSteps, TOO_DEEP } from "../../../support/lua-modes.ts";

interface Program {
  readonly title: string;
  readonly source: string;
  readonly output: string;
}

const STEPS = [1, 3, 1000];
/** Steps of one unit are many steps. */
const TIMEOUT_MS = 60_000;

const programs: Program[] = readFileSync(join(import.meta.dirname, "programs.txt"), "latin1")
  .split(/^## /m)
  .slice(1)
  .map((part) => {
    const [head, output] = part.split(/^----\n/m);
    const [title, ...lines] = head.split("\n");
    return { title, source: lines.join("\n").trimEnd(), output: output.trimEnd() };
  });

/** The program as Lua's authors would have run it: its error is part of the output. */
function wrapped(source: string): string {
  const text = JSON.stringify(source).replace(
    /\\u00(..)/g,
    (_, hex) => `\\${Number.parseInt(hex, 16)}`,
  );
  return `local c, e = loadstring(${text}, "@program") if not c then print(e) return end
local ok, e = pcall(c) if not ok then print("raised", e) end`;
}

function comparable(printed: string): string {
  return printed.replace(/0x[0-9a-f]+/g, "0x0").trimEnd();
}

describe("programs", () => {
  it.each(programs)(
    "$title",
    ({ source, output }) => {
      const fast = runFast(wrapped(source));
      if (fast !== TOO_DEEP) expect(comparable(fast.printed)).toBe(output);
      for (const fuel of STEPS) {
        const outcome = runInSteps(wrapped(source), fuel);
        expect(comparable(outcome.printed), `in steps of ${fuel}`).toBe(output);
        expect(outcome.ended).toBe("returned ");
      }
    },
    TIMEOUT_MS,
  );

  it("nest too deep for fast bodies somewhere", () => {
    expect(programs.filter(({ source }) => runFast(wrapped(source)) === TOO_DEEP)).not.toEqual([]);
  });
});

describe("a program that never ends", () => {
  it.each([
    "while true do end",
    "repeat until false",
    "for i = 1, math.huge do end",
    "local function f() return f() end f()",
    "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
    "table.sort({3, 2, 1}, function() while true do end end)",
    "('x'):gsub('.', function() while true do end end)",
    "pcall(function() while true do end end)",
    "xpcall(error, function() while true do end end)",
    "coroutine.wrap(function() while true do end end)()",
    "load(function() while true do end end)",
    "tostring(setmetatable({}, {__tostring = function() while true do end end}))",
    "return setmetatable({}, {__lt = function() while true do end end}) < 1",
    "for k in function() return 1 end do end",
    "return 'a' .. setmetatable({}, {__concat = function() while true do end end})",
  ])("stops at every step: %s", (source) => {
    const { rt } = createRuntime();
    const run = rt.start(rt.compile(source, "@test"), []);
    // Comparing with a number fails before any call.
    if (source.includes("< 1")) expect(() => run.step(1000)).toThrow(LuaError);
    else for (let i = 0; i < 20; i++) expect(run.step(50)).toBe(false);
  });

  it("is known to be on a line", () => {
    const { rt } = createRuntime();
    const run = rt.start(rt.compile("local x = 1\n\nwhile true do\n\nend", "@test"), []);
    run.step(100);
    expect(run.position()).toEqual({ source: "@test", line: 3 });
  });
});
