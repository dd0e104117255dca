import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeReply, parseReply, type RespValue } from "./resp-value.ts";

const bytes = fc
  .uint8Array({ maxLength: 20 })
  .map((array) => Buffer.from(array).toString("latin1"));
const lineText = bytes.map((text) => text.replace(/[\r\n]/g, ""));
const integerText = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);

const anyValue = fc.letrec<{ value: RespValue; items: RespValue[]; pairs: RespValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constantFrom("simple", "error"), text: lineText }),
    fc.record({ kind: fc.constantFrom("bulk", "blobError"), text: bytes }),
    fc.record({ kind: fc.constantFrom("integer", "bignum"), text: integerText }),
    fc.record({
      kind: fc.constant("double" as const),
      text: fc.constantFrom("1", "-1.5", "3e+20", "inf", "-inf", "nan"),
    }),
    bytes.map((text): RespValue => ({ kind: "verbatim", text: `txt:${text}` })),
    fc.record({ kind: fc.constant("null" as const), form: fc.constantFrom("$-1", "*-1", "_") }),
    fc.record({ kind: fc.constant("boolean" as const), text: fc.constantFrom("t", "f") }),
    fc.record({ kind: fc.constantFrom("array", "set", "push"), items: tie("items") }),
    fc.record({ kind: fc.constant("map" as const), items: tie("pairs") }),
    fc.record({
      kind: fc.constant("attribute" as const),
      items: tie("pairs"),
      value: tie("value"),
    }),
  ) as fc.Arbitrary<RespValue>,
  items: fc.array(tie("value"), { maxLength: 4 }),
  pairs: fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 2 }).map((all) => all.flat()),
})).value;

function parse(text: string): ReturnType<typeof parseReply> {
  return parseReply(Buffer.from(text, "latin1"));
}

describe("parseReply", () => {
  it("reads back what encodeReply writes, and stops at its end", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = encodeReply(value);
        const parsed = parse(`${text}:1\r\n`);
        expect(parsed.value).toEqual(value);
        expect(parsed.end).toBe(text.length);
      }),
    );
  });

  it("asks for more bytes at every cut, never for fewer than are needed", () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), (value, at) => {
        const text = encodeReply(value);
        const cut = at % text.length;
        const parsed = parse(text.slice(0, cut));
        expect(parsed.value).toBe(null);
        expect(parsed.bytesNeeded).toBeGreaterThan(cut);
        expect(parsed.bytesNeeded).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it.each([
    "?\r\n",
    "\r\n",
    "+a\n",
    "+a\rb\r\n",
    ":+1\r\n",
    ":01\r\n",
    ":-0\r\n",
    ":\r\n",
    "$01\r\na\r\n",
    "$-2\r\n",
    "$1\r\nab\r\n",
    "*-2\r\n",
    "*+1\r\n:1\r\n",
    "#x\r\n",
    ",1,5\r\n",
    "(1.5\r\n",
    "=3\r\nabc\r\n",
    "_x\r\n",
  ])("refuses %j", (text) => {
    expect(() => parse(text)).toThrow();
  });
});
