import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitArgs } from "../../../core/config/quoting.ts";
import { quoted } from "../../../core/util/quoted.ts";

describe("splitArgs", () => {
  test.each<[line: string, args: string[] | null]>([
    ["", []],
    [" \t\r\n\v\f ", []],
    ["a", ["a"]],
    ["  set  key\tvalue\n", ["set", "key", "value"]],
    ['"a b" c', ["a b", "c"]],
    ['""', [""]],
    ["''", [""]],
    ['"\\n\\r\\t\\b\\a\\"\\\\\\q"', ['\n\r\t\b\x07"\\q']],
    ['"\\x41\\x4g\\xff"', ["Ax4g\xff"]],
    ["'\\n\\'\\x41'", ["\\n'\\x41"]],
    ['ab"c d"', ["abc d"]],
    ['"a"b', null],
    ["'a'b", null],
    ['"a', null],
    ["'a", null],
    ['"a\\', null],
    ['"a\\"', null],
    ["a\vb", ["a\vb"]],
    ["a\0b c", ["a"]],
    ['"a\0b"', null],
  ])("%j", (line, args) => {
    expect(splitArgs(line)).toEqual(args);
  });

  test("reads back whatever is quoted", () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const texts = fc.array(fc.string({ unit: byte }));
    fc.assert(
      fc.property(texts, (args) => {
        const line = args.map(quoted).join(" ");
        expect(line).toMatch(/^[ -~]*$/);
        expect(splitArgs(line)).toEqual(args);
      }),
    );
  });
});
