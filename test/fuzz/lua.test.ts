import { describe, expect, it } from "vitest";
import { drawProgram, evalOf, isSame, type Program } from "../../fuzz/lua.ts";
import { luaProgram, scriptOf } from "../../fuzz/lua-generator.ts";
import { fuzzLuaModes } from "../../fuzz/lua-modes.ts";
import { print, sizeOf, smaller, tree } from "../../fuzz/lua-tree.ts";
import { Random } from "../../sim/random.ts";
import { CoreNode } from "../support/core-node.ts";

function draw(seed: string, count: number): Program[] {
  return Array.from({ length: count }, (_, i) => drawProgram(seed, i));
}

describe("random Lua programs", () => {
  it("are the same for the same seed", () => {
    expect(evalOf(draw("a", 30))).toEqual(evalOf(draw("a", 30)));
    expect(evalOf(draw("a", 30))).not.toEqual(evalOf(draw("b", 30)));
  });

  it("compile, end and compute something, unless they are damaged", () => {
    const core = new CoreNode();
    const programs = draw("compute", 200);
    const whole = programs.filter((program) => typeof program !== "string");
    expect(whole.length).toBeGreaterThan(150);
    let length = 0;
    for (const program of whole) {
      const reply = core.send(1, ...evalOf([program]));
      expect(reply, print(program)).toMatch(/^\*1\r\n\$\d+\r\n/);
      length += reply.length;
    }
    expect(length / whole.length).toBeGreaterThan(100);
    const damaged = programs.filter((program) => typeof program === "string");
    const replies = core.send(1, ...evalOf(damaged)).split("\r\n");
    expect(replies.filter((reply) => /^fuzz:\d+: /.test(reply)).length).toBeGreaterThan(5);
  });

  it("can be made smaller and stay programs", () => {
    const core = new CoreNode();
    const program = luaProgram(new Random("smaller"));
    let count = 0;
    for (const less of smaller(program)) {
      if (count++ % 7 !== 0) continue;
      const reply = core.send(1, "EVAL", scriptOf([less]), "0");
      expect(reply, print(less)).not.toMatch(/unexpected symbol near '(end|until|else)/);
      if (count > 700) break;
    }
    expect(count).toBeGreaterThan(50);
  });

  it("do the same on bodies that can be suspended", () => {
    expect(() => fuzzLuaModes("test", 100)).not.toThrow();
  });
});

describe("trees", () => {
  it("lose statements and expressions, but nothing that is written around them", () => {
    const body = tree("block", tree("statement", "emit(", tree("expression", "f(1)"), ")"));
    const loop = tree("block", tree("statement", "for i = 1, 3 do tick() ", body, " end"));
    const texts = [...smaller(loop)].map(print);
    expect(texts).toContain("");
    expect(texts).toContain("emit(f(1))");
    expect(texts).toContain("for i = 1, 3 do tick()  end");
    expect(texts).toContain("for i = 1, 3 do tick() emit(nil) end");
    expect(Math.max(...[...smaller(loop)].map(sizeOf))).toBeLessThan(sizeOf(loop));
  });
});

it.each([
  ["$3\r\nnan\r\n", "$4\r\n-nan\r\n", true],
  ["*1\r\n$5\r\n1 nan\r\n", "*1\r\n$6\r\n1 -nan\r\n", true],
  ["$4\r\n NAN\r\n", "$5\r\n -NAN\r\n", true],
  ["$3\r\nabc\r\n", "$4\r\n-abc\r\n", false],
  ["$3\r\nnan\r\n", "$3\r\ninf\r\n", false],
])("of what is not a number the sign is free: %j and %j", (expected, given, same) => {
  expect(isSame(expected, given)).toBe(same);
});
