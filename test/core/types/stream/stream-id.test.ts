import { describe, expect, it } from "vitest";
import {
  ALLOW_EDGES,
  ALLOW_NONE,
  ALLOW_STAR,
  ID_INVALID,
  ID_WHOLE,
  ID_WITHOUT_SEQUENCE,
  parseStreamId,
  StreamId,
  StreamIdText,
} from "../../../../core/types/stream/stream-id.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";

const MAX = "18446744073709551615-18446744073709551615";

function parse(text: string, allowed: number = ALLOW_NONE, seqWord: number = 0): string {
  const id = new StreamId();
  const bytes = toBytes(`<${text}>`);
  const kind = parseStreamId(bytes, 1, text.length, id, seqWord, allowed);
  if (kind === ID_INVALID) return "invalid";
  expect(kind).toBe(allowed === ALLOW_STAR && text.endsWith("*") ? ID_WITHOUT_SEQUENCE : ID_WHOLE);
  return String(id);
}

function idOf(text: string): StreamId {
  const id = new StreamId();
  const bytes = toBytes(text);
  expect(parseStreamId(bytes, 0, bytes.length, id, 0, ALLOW_NONE)).toBe(ID_WHOLE);
  return id;
}

describe("parsing", () => {
  const valid: readonly [string, string][] = [
    ["1-1", "1-1"],
    ["0-0", "0-0"],
    ["1526919030474-55", "1526919030474-55"],
    ["12", "12-0"],
    ["9007199254740993-1", "9007199254740993-1"],
    [MAX, MAX],
    ["18446744073709551615", "18446744073709551615-0"],
    // What strtoull takes.
    ["007-08", "7-8"],
    ["+5-+6", "5-6"],
    [" 5-\t6", "5-6"],
    ["1--01", "1-18446744073709551615"],
    ["1- -2", "1-18446744073709551614"],
    ["1--9223372036854775809", "1-9223372036854775807"],
    ["5\0zz-3", "5-0"],
    ["5-3\0zz", "5-3"],
  ];
  for (const [text, id] of valid) {
    it(`takes ${JSON.stringify(text)}`, () => {
      expect(parse(text)).toBe(id);
    });
  }

  const invalid = [
    ["", "-", "+", "a", "1-", "-1", "1-a", "1a-1", "1-1-1", "1--1", "18446744073709551616-0"],
    ["1-18446744073709551616", "5 -1", "5- ", "(1-1", "1-*", "*", "1.5-1", "+-1", "\0"],
    [`${"0".repeat(127)}1`],
  ].flat();
  for (const text of invalid) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parse(text)).toBe("invalid");
    });
  }

  it("gives a missing sequence number the value that is wanted", () => {
    expect(parse("7", ALLOW_EDGES, -1)).toBe("7-18446744073709551615");
    expect(parse("7-3", ALLOW_EDGES, -1)).toBe("7-3");
  });

  it("takes the edges only where they are allowed", () => {
    expect(parse("-", ALLOW_EDGES)).toBe("0-0");
    expect(parse("+", ALLOW_EDGES)).toBe(MAX);
    expect(parse("-", ALLOW_STAR)).toBe("invalid");
  });

  it("takes a star only where it is allowed", () => {
    expect(parse("5-*", ALLOW_STAR, -1)).toBe("5-0");
    expect(parse("5-*x", ALLOW_STAR)).toBe("invalid");
    expect(parse("5-*", ALLOW_EDGES)).toBe("invalid");
  });

  it("takes up to 127 bytes", () => {
    expect(parse(`${"0".repeat(126)}1`)).toBe("1-0");
  });
});

describe("arithmetic", () => {
  it("counts up and down over all four words", () => {
    const steps: readonly [string, string][] = [
      ["0-0", "0-1"],
      ["1-4294967295", "1-4294967296"],
      ["1-18446744073709551615", "2-0"],
      ["4294967295-18446744073709551615", "4294967296-0"],
    ];
    for (const [low, high] of steps) {
      const id = idOf(low);
      expect(id.increment()).toBe(true);
      expect(String(id)).toBe(high);
      expect(id.decrement()).toBe(true);
      expect(String(id)).toBe(low);
    }
    const id = idOf(MAX);
    expect(id.increment()).toBe(false);
    expect(String(id)).toBe("0-0");
    expect(id.decrement()).toBe(false);
    expect(String(id)).toBe(MAX);
  });

  it("adds differences that wrap around", () => {
    const id = new StreamId();
    id.setSum(idOf("10-5"), 0, 4, -1, -3);
    expect(String(id)).toBe("14-2");
    id.setSum(idOf("4294967295-18446744073709551615"), 0, 1, 0, 1);
    expect(String(id)).toBe("4294967296-0");
  });

  it("orders as numbers, and keeps its value as words and as bytes", () => {
    const prng = new Prng(toBytes("i".repeat(32)));
    const parts = [0, 1, 0x7fffffff, -0x80000000, -1];
    const word = (): number => parts[prng.below(parts.length)];
    const value = (id: StreamId): bigint =>
      [id.msHigh, id.msLow, id.seqHigh, id.seqLow].reduce(
        (sum, part) => (sum << 32n) | BigInt(part >>> 0),
        0n,
      );
    const words = new Int32Array(6);
    const bytes = new Uint8Array(20);
    const text = new StreamIdText();
    for (let i = 0; i < 2000; i++) {
      const a = new StreamId();
      const b = new StreamId();
      for (const id of [a, b]) {
        id.msHigh = word();
        id.msLow = word();
        id.seqHigh = word();
        id.seqLow = word();
      }
      const order = value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0;
      expect(Math.sign(a.compare(b))).toBe(order);
      b.store(words, 1);
      expect(Math.sign(a.compareWords(words, 1))).toBe(order);
      b.load(words, 1);
      a.storeBytes(bytes, 3);
      a.loadBytes(bytes, 3);
      expect(Math.sign(a.compare(b))).toBe(order);
      text.format(a);
      expect(latin1(text.bytes, 0, text.length)).toBe(String(a));
      expect(String(idOf(String(a)))).toBe(String(a));
    }
  });
});
