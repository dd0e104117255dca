import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { globMatch, globMatchText } from "../../../core/util/glob.ts";

// pattern, text, matches, matches ignoring case. Checked against Redis's stringmatchlen.
const rows: [string, string, boolean, boolean][] = [
  ["", "", true, true],
  ["", "a", false, false],
  ["*", "", false, false],
  ["*", "a", true, true],
  ["**", "abc", true, true],
  ["a*", "a", true, true],
  ["a**", "a", true, true],
  ["a*b", "ab", true, true],
  ["a*b", "aXXb", true, true],
  ["a*b", "aXXbc", false, false],
  ["*a*b*c", "xaybzc", true, true],
  ["*aab", "aaaab", true, true],
  ["h?llo", "hello", true, true],
  ["h?llo", "hllo", false, false],
  ["?", "", false, false],
  ["HELLO", "hello", false, true],
  ["h[ae]llo", "hallo", true, true],
  ["h[ae]llo", "hillo", false, false],
  ["h[^e]llo", "hallo", true, true],
  ["h[^e]llo", "hello", false, false],
  ["h[a-c]llo", "hbllo", true, true],
  ["h[c-a]llo", "hbllo", true, true],
  ["h[A-C]llo", "hbllo", false, true],
  ["[a-c-e]", "d", false, false],
  ["[a-c-e]", "-", true, true],
  ["[a-]", "^", true, true],
  ["[]", "a", false, false],
  ["[]]", "]", false, false],
  ["[\\]]", "]", true, true],
  ["[\\A]", "a", false, false],
  ["[\\", "\\", true, true],
  ["[", "[", false, false],
  ["[^", "x", true, true],
  ["[abc", "b", true, true],
  ["[abc", "bc", false, false],
  ["[x\\", "\\", true, true],
  ["\\*", "*", true, true],
  ["\\*", "a", false, false],
  ["\\", "\\", true, true],
  ["a\\", "a\\", true, true],
  ["\\\\", "\\", true, true],
  ["[\x10-\xf0]", "\x00", true, false],
  ["[\x10-\xf0]", "\x20", false, false],
  ["[\x80-\xfe]", "\x90", true, true],
  ["[a-\xff]", "\xff", true, true],
];

describe("globMatch", () => {
  test.each(rows)("%j on %j", (pattern, text, exact, ignoringCase) => {
    expect(globMatchText(pattern, text, false)).toBe(exact);
    expect(globMatchText(pattern, text, true)).toBe(ignoringCase);
  });

  test("looks only at the bytes it was given", () => {
    const pattern = toBytes("**a*[b]**]");
    const text = toBytes("xxab]]");
    expect(globMatch(pattern, 2, 5, text, 2, 2, false)).toBe(true);
    expect(globMatch(pattern, 2, 5, text, 2, 3, false)).toBe(false);
    expect(globMatch(pattern, 4, 2, text, 3, 1, false)).toBe(true);
  });

  test("agrees with a plain recursive reading", () => {
    const bytes = fc.string({ unit: fc.constantFrom(..."abAB*?[]^\\-\xff\x90"), maxLength: 12 });
    fc.assert(
      fc.property(bytes, bytes, (pattern, text) => {
        expect(globMatchText(pattern, text, false)).toBe(model(pattern, text));
      }),
      { numRuns: 5000 },
    );
  });

  test("takes pattern × text steps at most", () => {
    expect(globMatchText(`${"a*".repeat(900)}b`, "a".repeat(20_000), false)).toBe(false);
    expect(globMatchText(`${"a*".repeat(900)}b`, `${"a".repeat(20_000)}b`, false)).toBe(true);
  });

  test("gives up at the 1001st star that is not the last token", () => {
    expect(globMatchText("*a".repeat(1000), "a".repeat(1000), false)).toBe(true);
    expect(globMatchText("*a".repeat(1001), "a".repeat(1001), false)).toBe(false);
    expect(globMatchText(`${"*a".repeat(1000)}*`, "a".repeat(1001), false)).toBe(true);
  });
});

/** The definition, one token at a time, trying every length for every star. */
function model(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (text === "") return false;
  if (pattern[0] === "*") {
    const rest = pattern.replace(/^\*+/, "");
    if (rest === "") return true;
    for (let i = 0; i < text.length; i++) if (model(rest, text.slice(i))) return true;
    return false;
  }
  const token = /^(?:\[\^?(?:\\.|[^\]]-.|[^\]])*(?:\]|$)|\\.|.)/su.exec(pattern)![0];
  if (!one(token, text[0])) return false;
  const rest = pattern.slice(token.length);
  return text.length === 1 ? /^\**$/.test(rest) : model(rest, text.slice(1));
}

function one(token: string, char: string): boolean {
  if (token === "?") return true;
  if (token[0] === "\\" && token.length === 2) return token[1] === char;
  if (token[0] !== "[") return token === char;
  const negated = token[1] === "^";
  const items = token.slice(negated ? 2 : 1).matchAll(/\\.|[^\]]-.|[^\]]/gsu);
  const signed = (c: string): number => (c.charCodeAt(0) << 24) >> 24;
  let found = false;
  for (const [item] of items) {
    if (item[0] === "\\" && item.length === 2) found ||= item[1] === char;
    else if (item.length === 3) {
      const [a, b] = [signed(item[0]), signed(item[2])].sort((x, y) => x - y);
      found ||= signed(char) >= a && signed(char) <= b;
    } else found ||= item === char;
  }
  return found !== negated;
}
