import { describe, expect, it } from "vitest";
import { parseReply } from "../resp-value.ts";
import { matches, type Protocol, parsePatterns, renderReply } from "./notation.ts";

function holds(lines: string, raw: string, protocol: Protocol, saved = ""): boolean {
  const { value } = parseReply(Buffer.from(raw, "latin1"));
  const patterns = parsePatterns(lines.split("\n"));
  expect(patterns).toHaveLength(1);
  return matches(patterns[0]!.pattern, value, protocol, new Map([["id", saved]]));
}

describe("renderReply", () => {
  it.each<[Protocol, string, string]>([
    [2, "+OK\r\n", "+OK"],
    [2, '-ERR "a" \\b\r\n', '-ERR "a" \\\\b'],
    [2, "-ERR a \r\n", "-ERR a\\x20"],
    [2, ":-42\r\n", ":-42"],
    [2, '$6\r\na"\r\n\x00\xff\r\n', '"a\\"\\r\\n\\x00\\xff"'],
    [2, `$125\r\nab${"x".repeat(120)}cde\r\n`, '"ab""x"*120"cde"'],
    [2, "$-1\r\n", "(nil)"],
    [2, "*-1\r\n", "(nil array)"],
    [2, "_\r\n", "_"],
    [3, "_\r\n", "(nil)"],
    [3, "$-1\r\n", "$-1"],
    [3, "#t\r\n", "#t"],
    [3, ",1.5\r\n", ",1.5"],
    [3, "(12\r\n", "(12"],
    [3, "=5\r\ntxt:a\r\n", '="txt:a"'],
    [3, "!2\r\nab\r\n", '!"ab"'],
    [3, "*2\r\n*0\r\n%1\r\n+a\r\n~1\r\n:1\r\n", "*2\n  *0\n  %1\n    +a\n    ~1\n      :1"],
    [3, "|1\r\n+a\r\n+b\r\n>1\r\n:1\r\n", "|1\n  +a\n  +b\n>1\n  :1"],
  ])("RESP%i %j", (protocol, raw, lines) => {
    const { value } = parseReply(Buffer.from(raw, "latin1"));
    expect(renderReply(value, protocol).join("\n")).toBe(lines);
    expect(holds(lines, raw, protocol)).toBe(true);
  });

  it("shows a closed connection", () => {
    expect(renderReply(null, 2)).toEqual(["(closed)"]);
    const [closed] = parsePatterns(["(closed)"]);
    expect(matches(closed!.pattern, null, 2, new Map())).toBe(true);
    expect(holds("(closed)", "+OK\r\n", 2)).toBe(false);
  });
});

describe("matches", () => {
  const ABC = "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n";
  it.each<[boolean, Protocol, string, string]>([
    [false, 2, "+OK", "$2\r\nOK\r\n"],
    [false, 2, '"OK"', "+OK\r\n"],
    [false, 2, ":1", "$1\r\n1\r\n"],
    [false, 2, "(nil)", "*-1\r\n"],
    [false, 2, "(nil)", "$0\r\n\r\n"],
    [false, 2, "(nil)", "_\r\n"],
    [false, 2, "*0", "*-1\r\n"],
    [true, 3, "(nil array)", "_\r\n"],
    [false, 3, "(nil)", "$-1\r\n"],
    // What RESP3 has and RESP2 says otherwise.
    [true, 2, ",1.5", "$3\r\n1.5\r\n"],
    [false, 3, ",1.5", "$3\r\n1.5\r\n"],
    [false, 2, ",1.5", ",1.5\r\n"],
    [true, 2, "#t", ":1\r\n"],
    [true, 2, "#f", ":0\r\n"],
    [false, 2, "#f", ":2\r\n"],
    [false, 3, "#t", ":1\r\n"],
    [true, 2, '="txt:a"', "$1\r\na\r\n"],
    [false, 3, '="txt:a"', "$1\r\na\r\n"],
    [true, 2, "%1\n  :1\n  :2", "*2\r\n:1\r\n:2\r\n"],
    [false, 3, "%1\n  :1\n  :2", "*2\r\n:1\r\n:2\r\n"],
    [true, 2, "~1\n  :1", "*1\r\n:1\r\n"],
    [false, 3, "~1\n  :1", "*1\r\n:1\r\n"],
    [false, 2, "*1\n  :1", "~1\r\n:1\r\n"],
    [true, 2, "|1\n  +a\n  +b\n:1", ":1\r\n"],
    // Matchers.
    [true, 2, ":*", ":-7\r\n"],
    [false, 2, ":*", "$1\r\n7\r\n"],
    [true, 2, ":1..3", ":3\r\n"],
    [false, 2, ":1..3", ":4\r\n"],
    [true, 2, "$*", "$0\r\n\r\n"],
    [false, 2, "$*", "$-1\r\n"],
    [true, 2, "(any)", "*0\r\n"],
    [true, 2, ":$id", ":17\r\n"],
    [true, 2, ":$id", "$2\r\n17\r\n"],
    [false, 2, ":$id", ":18\r\n"],
    [true, 2, "$/id=$id .*/", "$9\r\nid=17 x=1\r\n"],
    [false, 2, "$/id=$id/", "$9\r\nid=17 x=1\r\n"],
    [true, 2, "-/ERR .*/", "-ERR x\r\n"],
    [false, 2, "-/ERR .*/", "+ERR x\r\n"],
    [true, 2, "(one of)\n  :1\n  :2", ":2\r\n"],
    [false, 2, "(one of)\n  :1\n  :2", ":3\r\n"],
    [true, 2, '*3 unordered\n  "c"\n  "a"\n  "b"', ABC],
    [false, 2, '*3\n  "c"\n  "a"\n  "b"', ABC],
    [false, 2, '*3 unordered\n  "c"\n  "a"\n  "a"', ABC],
    [false, 2, '*2 unordered\n  "c"\n  "a"', ABC],
    [true, 2, '*+ containing\n  "c"\n  "a"', ABC],
    [false, 2, '*+ containing\n  "c"\n  "d"', ABC],
    [true, 2, "%2 unordered\n  :3\n  :4\n  :1\n  :2", "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n"],
    [true, 2, "*4 unordered pairs\n  :3\n  :4\n  :1\n  :2", "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n"],
    [false, 2, "*4 unordered pairs\n  :3\n  :2\n  :1\n  :4", "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n"],
  ])("%s in RESP%i: %j for %j", (expected, protocol, lines, raw) => {
    expect(holds(lines, raw, protocol, "17")).toBe(expected);
  });
});

describe("parsePatterns", () => {
  it("splits several replies by their indentation", () => {
    const parsed = parsePatterns(["*2", "  *1", "    :1", '  "a"', "+OK", "*0"]);
    expect(parsed.map(({ lines }) => lines.length)).toEqual([4, 1, 1]);
  });

  it.each(["OK", "*2\n  :1", "*1\n    :1", "  :1", '"a', '"a"b', ":x", "*+\n  :1", "%1\n  :1"])(
    "refuses %j",
    (lines) => {
      expect(() => parsePatterns(lines.split("\n"))).toThrow();
    },
  );
});
