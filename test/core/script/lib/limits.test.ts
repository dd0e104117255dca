// Natives that run for long let others have their turn, and none makes more than a string can hold.
import { describe, expect, it } from "vitest";
import { openLibraries } from "../../../../core/script/lib/open.ts";
import { LuaError } from "../../../../core/script/lua/error.ts";
import { Runtime } from "../../../../core/script/lua/runtime.ts";
import { show } from "../../../support/lua-show.ts";

class TimeUp extends Error {}

function open(): Runtime {
  const runtime = new Runtime();
  openLibraries(runtime);
  return runtime;
}

/** Whether fast bodies ask for more fuel, where they can be stopped. */
function asksForFuel(source: string): boolean {
  const runtime = open();
  const main = runtime.compile(source, "@user_script");
  runtime.fuel = 1000;
  runtime.onFuel = () => {
    throw new TimeUp();
  };
  try {
    runtime.run(main, []);
  } catch (error) {
    if (error instanceof TimeUp) return true;
    throw error;
  }
  return false;
}

/** Whether it is still not done after many pauses. */
function pauses(source: string): boolean {
  const runtime = open();
  const run = runtime.start(runtime.compile(source, "@user_script"), []);
  for (let i = 0; i < 20; i++) if (run.step(1000)) return false;
  return true;
}

describe("long work", () => {
  const exponential = '("a-"):rep(20) .. "b"';
  const endless: readonly string[] = [
    `string.find(("a"):rep(60), ${exponential})`,
    `string.match(("a"):rep(60), ${exponential})`,
    `string.gsub(("a"):rep(60), ${exponential}, "")`,
    `string.gsub(("a"):rep(60), ${exponential}, function() end)`,
    `for w in string.gmatch(("a"):rep(60), ${exponential}) do end`,
    'string.find(("a"):rep(200000), ".-b.-c")',
    'string.find(("a"):rep(200000), "a*b")',
    'string.find(("("):rep(200000), "%b()")',
    "table.sort({1, 2, 3}, function() while true do end end)",
    "table.foreach({1}, function() while true do end end)",
    "table.foreachi({1}, function() while true do end end)",
    'string.gsub("a", "a", function() while true do end end)',
    'string.gsub("a", "a", setmetatable({}, {__index = function() while true do end end}))',
  ];
  it.each(endless)("%s can be stopped on fast bodies", (source) => {
    expect(asksForFuel(source)).toBe(true);
  });
  it.each(endless)("%s pauses on generators", (source) => {
    expect(pauses(source)).toBe(true);
  });

  it("natives that do much at once say so", () => {
    expect(asksForFuel("cjson.decode('[' .. ('1,'):rep(5000) .. '1]')")).toBe(true);
    expect(asksForFuel("cmsgpack.unpack(('\\1'):rep(5000))")).toBe(true);
  });

  it("goes on where it paused, with the same result", () => {
    const source = 'string.find(("a"):rep(3000) .. "b", "(a*)a*a*b$")';
    expect(show(source, "steps")).toBe(show(source));
  });
});

describe("long texts", () => {
  it("are searched the same near and far", () => {
    for (const length of [0, 1, 23, 24, 25, 26, 100, 5000]) {
      const text = `("x"):rep(${length})`;
      expect(show(`string.find(${text} .. "7", "%d")`)).toBe(`${length + 1} ${length + 1}`);
      expect(show(`string.find(${text} .. "7", "^%a*")`)).toBe(`1 ${length}`);
      expect(show(`string.find(${text} .. "\\255", "^[^\\255]*\\255$")`)).toBe(`1 ${length + 1}`);
      expect(show(`string.find("," .. ${text} .. ",", ",(.-),")`)).toBe(
        `1 ${length + 2} "${"x".repeat(length)}"`,
      );
      expect(show(`string.gsub(${text}, "x+", "y")`)).toBe(length === 0 ? '"" 0' : '"y" 1');
    }
  });

  it("that do not fit are an error", () => {
    const sources = [
      "string.rep('x', 2^30)",
      "local s = string.rep('x', 2^28) return s:gsub('.*', '%0%0%0')",
      "local s = string.rep('x', 2^28) return table.concat({s, s, s})",
      "local s = string.rep('x', 2^28) return cjson.encode({s, s})",
      "local s = string.rep('x', 2^28) return cmsgpack.pack({s, s, s})",
      "local s = string.rep('x', 2^28) return string.format('%s%s%s', s, s, s)",
    ];
    for (const source of sources) expect(show(source)).toBe("error: not enough memory");
  });
});

describe("long patterns and formats", () => {
  it("are read no further than they are used", () => {
    expect(show('string.find("b", ("a*"):rep(100000) .. "(")')).toBe("error: unfinished capture");
    expect(show('string.find(("a"):rep(3000), ("a"):rep(3000))')).toBe("1 3000");
    expect(show('string.match(("ab"):rep(1000), "^" .. ("[ab]"):rep(2000) .. "$") ~= nil')).toBe(
      "true",
    );
    expect(show('string.format(("%d"):rep(3000000), 1)')).toBe(
      "error: bad argument #3 to 'format' (no value)",
    );
  });

  it("have a limit", () => {
    expect(show('string.find("a", ("[^b]"):rep(1000000))')).toBe("nil");
    expect(show('string.find("a", ("b*"):rep(1000000))')).toBe("error: pattern too complex");
  });
});

describe("protected tables", () => {
  it("are not changed by natives", () => {
    const runtime = open();
    const table = runtime.table();
    for (let i = 1; i <= 3; i++) table.setNumber(i, -i);
    table.readonly = true;
    runtime.globals.setString("t", table);
    for (const call of ["insert(t, 1)", "insert(t, 1, 1)", "remove(t)", "sort(t)"]) {
      const main = runtime.compile(`table.${call}`, "@user_script");
      let message: unknown;
      try {
        runtime.run(main, []);
      } catch (error) {
        message = error instanceof LuaError ? error.value : error;
      }
      expect(message).toBe("Attempt to modify a readonly table");
    }
    expect([1, 2, 3, 4].map((i) => table.getNumber(i))).toEqual([-1, -2, -3, undefined]);
  });
});
