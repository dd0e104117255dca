import { describe, expect, it } from "vitest";
import { formatTranscript, parseTranscript } from "./file.ts";

const FILE = `// GETDEL key

# a case
// why
SET k 1
a> GETDEL k
----
+OK
"1"

b> (send raw) PING\\r\\n
b> (read)
---- resp2
+PONG
---- resp3
(any)

# newer [7.4] [resp2]
GET k
----
(nil)
`;

describe("parseTranscript", () => {
  it("reads cases, blocks, steps and expectations", () => {
    const { head, cases } = parseTranscript(FILE);
    expect(head).toEqual(["// GETDEL key"]);
    expect(cases.map(({ title }) => title)).toEqual(["a case", "newer"]);
    expect(cases.map(({ since74 }) => since74)).toEqual([false, true]);
    expect(cases.map(({ protocols }) => protocols)).toEqual([[2, 3], [2]]);
    const [first, second] = cases[0]!.blocks;
    expect(first!.steps.map(({ line, connection, text }) => [line, connection, text])).toEqual([
      [5, "", "SET k 1"],
      [6, "a", "GETDEL k"],
    ]);
    expect(first!.expected![2]).toBe(first!.expected![3]);
    expect(second!.steps.map(({ verb, raw, replies }) => [verb, raw, replies])).toEqual([
      ["send", true, false],
      ["read", false, true],
    ]);
    expect(second!.expected![2].map(({ lines }) => lines)).toEqual([["+PONG"]]);
    expect(second!.expected![3].map(({ lines }) => lines)).toEqual([["(any)"]]);
  });

  it("is undone by formatTranscript", () => {
    expect(formatTranscript(parseTranscript(FILE))).toBe(FILE);
  });

  it("leaves a block without expectation alone", () => {
    const text = "# new\nGET k\n\nGET l\n";
    expect(parseTranscript(text).cases[0]!.blocks[0]!.expected).toBe(null);
    expect(formatTranscript(parseTranscript(text))).toBe(text);
  });

  it.each([
    ["GET k\n", "line 1: commands before the first"],
    ["# a [9]\nGET k\n", "unknown mark [9]"],
    ["# a\n(wait) GET k\n", "unknown directive"],
    ["# a\n----\n+OK\n", "a block without commands"],
    ["# a\nGET k\n---- resp2\n+OK\n", "sections must be one"],
    ["# a\nGET k\n----\nOK\n", "not a reply"],
  ])("refuses %j", (text, message) => {
    expect(() => parseTranscript(text)).toThrow(message);
  });
});
