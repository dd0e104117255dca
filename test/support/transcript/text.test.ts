import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quote, splitCommand, unquote } from "./text.ts";

describe("quote", () => {
  it("is undone by unquote", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const runs = fc.array(fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 100 })), { maxLength: 6 });
    fc.assert(
      fc.property(bytes, runs, (head, tail) => {
        const text =
          Buffer.from(head).toString("latin1") +
          tail.map(([byte, count]) => String.fromCharCode(byte).repeat(count)).join("");
        expect(unquote(quote(text))).toBe(text);
      }),
    );
  });
});

describe("splitCommand", () => {
  const variables = new Map([["id", "17"]]);
  it.each<[string, string[]]>([
    ["GET k", ["GET", "k"]],
    ['SET "a b" ""', ["SET", "a b", ""]],
    ['SET k "\\x00\\r\\n\\"" x\\n', ["SET", "k", '\0\r\n"', "x\\n"]],
    ['SET k a"b"*3c', ["SET", "k", "abbbc"]],
    ["CLIENT KILL ID $id", ["CLIENT", "KILL", "ID", "17"]],
    ['GET "$id" $', ["GET", "$id", "$"]],
  ])("%s", (line, args) => {
    expect(splitCommand(line, variables)).toEqual(args);
  });

  it("refuses unbalanced quotes, unknown escapes and names without a value", () => {
    expect(() => splitCommand('GET "k', variables)).toThrow("unbalanced");
    expect(() => splitCommand('GET "\\q"', variables)).toThrow("unknown escape");
    expect(() => splitCommand("GET $other", variables)).toThrow("has no value");
  });
});
