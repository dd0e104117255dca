// Long subjects go other ways than short ones: as bytes, with results built in a buffer. The answers
// must be those that the same text gives piece by piece.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { latin1 } from "../../../../core/util/bytes.ts";
import { useTextCodec } from "../../../../core/util/text-codec.ts";
import { nativeTextCodec } from "../../../../server/native-text.ts";
import { runFast, runInSteps } from "../../../support/lua-modes.ts";

const PATTERNS = [
  ..."%w+|(%w+) (%w+)|%s|%s*|()|(%w)()|%f[%w]%w+|[^%s]+$|%d*%a|x|.|(%a+)%s*$|fox %w+|e q|%z".split(
    "|",
  ),
];
const TEMPLATES = ["", "-", "<%0>", "%1", "%%%1%%"];

/** All that gsub and gmatch say about a text of several lines, and about each line alone. */
function program(pattern: string, replacement: string): string {
  return `
    local line = "the quick brown f\\0x 12 \\255\\n"
    local function whole(text)
      local ok, result, count = pcall(string.gsub, text, ${JSON.stringify(pattern)}, ${replacement})
      local words = {}
      for a, b in string.gmatch(text, ${JSON.stringify(pattern)}) do
        words[#words + 1] = tostring(a) .. "," .. tostring(b)
      end
      return ok, result, count, table.concat(words, ";")
    end
    print(whole(line))
    print(whole(string.rep(line, 100)))`;
}

/** Patterns that cannot match across lines: the whole is the sum of its lines. */
const WITHIN_LINES = ["%w+", "(%w+) (%w+)", "[^%s]+", "x", "q"];

describe.each([["here"], ["the platform"]])("with the text codec of %s", (codec) => {
  const plain = {
    decode: latin1,
    encode: (text: string, bytes: Uint8Array, at: number) => {
      for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    },
  };
  beforeAll(() => useTextCodec(codec === "here" ? plain : nativeTextCodec));
  afterAll(() => useTextCodec(plain));

  it("gives the same on both bodies", () => {
    const replacements = [
      ...TEMPLATES.map((template) => JSON.stringify(template)),
      "function(a, b) if a ~= 'quick' then return b end return 'slow' end",
      "{the = 'a', fox = false, quick = 1}",
    ];
    for (const pattern of PATTERNS) {
      for (const replacement of replacements) {
        const source = program(pattern, replacement);
        expect(runFast(source), source).toEqual(runInSteps(source, 50));
      }
    }
  });

  it("gives what the lines give", () => {
    for (const pattern of WITHIN_LINES) {
      for (const template of ["<%0>", "%1", ""]) {
        const source = `
          local line = "the quick brown f\\0x 12 \\255\\n"
          local one, n = line:gsub("${pattern}", "${template}")
          local all, m = line:rep(200):gsub("${pattern}", "${template}")
          return all == one:rep(200), m == 200 * n, n > 0`;
        expect(runFast(source).ended, source).toBe("returned true true true");
      }
    }
  });

  it("builds results longer than its buffer", () => {
    const source = `
      local text = ("a b "):rep(1000)
      local long = ("x"):rep(3000)
      local result, n = text:gsub("%a", long)
      local other = text:gsub("%s", function() return long end)
      return n, #result, result == (long .. " "):rep(2000), other:sub(1, 3), #other`;
    expect(runFast(source).ended).toBe("returned 2000 6002000 true axx 6002000");
  });

  it("lets a replacement function call gsub", () => {
    const source = `
      local text = ("one two "):rep(100)
      local r = text:gsub("%w+", function(w) return (text:sub(1, 200):gsub("%s", w)):sub(1, 8) end)
      return #r, r:sub(1, 17)`;
    expect(runFast(source).ended).toBe("returned 1800 oneonetw onetwotw");
  });
});
