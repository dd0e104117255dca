import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RdbReader } from "../../../core/persistence/rdb-reader.ts";
import { RdbWriter } from "../../../core/persistence/rdb-writer.ts";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";

function written(write: (writer: RdbWriter) => void): string {
  const writer = new RdbWriter();
  write(writer);
  return toHex(writer.bytes, 0, writer.size);
}

function reading(hex: string): RdbReader {
  const bytes = fromHex(hex)!;
  const reader = new RdbReader();
  reader.open(bytes, 0, bytes.length);
  return reader;
}

function readString(hex: string): string | null {
  const reader = reading(hex);
  if (!reader.string()) return null;
  expect(reader.left).toBe(0);
  return latin1(reader.bytes, reader.offset, reader.offset + reader.size);
}

describe("lengths", () => {
  test.each([
    [0, "00"],
    [63, "3f"],
    [64, "4040"],
    [16383, "7fff"],
    [16384, "8000004000"],
    [4294967295, "80ffffffff"],
    [4294967296, "810000000100000000"],
    [Number.MAX_SAFE_INTEGER, "81001fffffffffffff"],
  ])("%d", (value, hex) => {
    expect(written((writer) => writer.length(value))).toBe(hex);
    const reader = reading(hex);
    expect(reader.length()).toBe(value);
    expect(reader.left).toBe(0);
    expect(reader.failed).toBe(false);
  });

  test("beyond 2^53 the halves are exact", () => {
    const hex = written((writer) => writer.length64(-1, -2));
    expect(hex).toBe("81fffffffffffffffe");
    const reader = reading(hex);
    reader.length();
    expect([reader.high, reader.low]).toEqual([-1, -2]);
  });

  test.each(["", "40", "80000000", "81000000000000", "82", "bf"])("%s is none", (hex) => {
    const reader = reading(hex);
    expect(reader.length()).toBe(0);
    expect(reader.failed).toBe(true);
  });
});

describe("numbers", () => {
  test.each([0, -1, 1, 1234567890123, -1234567890123])("%d in 64 bits", (value) => {
    const reader = reading(written((writer) => writer.milliseconds(value)));
    expect(reader.int64()).toBe(value);
  });

  test.each([0, -0, 1.5, -1e300, Number.POSITIVE_INFINITY, Number.NaN])("%d as double", (value) => {
    expect(reading(written((writer) => writer.double(value))).double()).toBe(value);
  });

  test("doubles are little-endian", () => {
    expect(written((writer) => writer.double(1))).toBe("000000000000f03f");
  });
});

describe("strings", () => {
  // Payloads of Redis 7.4 without kind, version and checksum.
  test.each([
    ["", "00"],
    ["hello", "0568656c6c6f"],
    ["-5", "c0fb"],
    ["127", "c07f"],
    ["128", "c18000"],
    ["300", "c12c01"],
    ["-32768", "c10080"],
    ["100000", "c2a0860100"],
    ["-2147483648", "c200000080"],
    ["2147483648", "0a32313437343833363438"],
    ["5000000000", "0a35303030303030303030"],
    ["007", "03303037"],
    ["+1", "022b31"],
    ["a".repeat(200), "c30940c8016161e0bb00016161"],
  ])("%s", (text, hex) => {
    expect(written((writer) => writer.text(text))).toBe(hex);
    expect(readString(hex)).toBe(text);
  });

  test("nothing is compressed unless it shall be", () => {
    const writer = new RdbWriter();
    writer.compresses = false;
    writer.text("a".repeat(200));
    expect(writer.size).toBe(202);
  });

  test("come back as they were", () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.tuple(fc.string({ minLength: 1 }), fc.nat(400)).map(([part, n]) => part.repeat(n)),
      fc.uint8Array({ maxLength: 500 }).map((bytes) => latin1(bytes)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.boolean(), (texts, compresses) => {
        const asLatin1 = texts.map((one) => latin1(toBytes(one)));
        const writer = new RdbWriter();
        writer.compresses = compresses;
        for (const one of asLatin1) writer.text(one);
        const reader = new RdbReader();
        reader.open(writer.bytes, 0, writer.size);
        const back = asLatin1.map(() => {
          expect(reader.string()).toBe(true);
          return latin1(reader.bytes, reader.offset, reader.offset + reader.size);
        });
        expect(back).toEqual(asLatin1);
        expect(reader.left).toBe(0);
      }),
    );
  });

  test.each([
    ["05", "shorter than its length"],
    ["c1ff", "half an integer"],
    ["c4", "an unknown encoding"],
    ["c30505", "a compressed block that is not there"],
    ["c302813fffffffffffffff0061", "a length that no block can have"],
    ["c3020500616161", "a block of another length"],
  ])("%s is refused: %s", (hex) => {
    const reader = reading(hex);
    expect(reader.string()).toBe(false);
    expect(reader.failed).toBe(true);
    expect(reader.size).toBe(0);
    expect(reader.byte()).toBe(0);
    expect(reader.length()).toBe(0);
    expect(reader.double()).toBe(0);
  });

  test("a reader that ran short says so", () => {
    const reader = reading("0561");
    reader.string();
    expect(reader.short).toBe(true);
    const wrong = reading("c4");
    wrong.string();
    expect(wrong.short).toBe(false);
  });
});
