import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { Murmur64 } from "../../../core/util/murmur64.ts";
import { sha1Hex } from "../../../core/util/sha1.ts";
import { sha256Hex } from "../../../core/util/sha256.ts";

// From Redis's MurmurHash64A with the seed of its HyperLogLog; one of each length that matters.
describe("Murmur64", () => {
  test.each([
    ["", "d8dfea6585bc9732"],
    ["a", "53d2470a9b43b1a7"],
    ["hello", "0f656f01eecfe400"],
    ["12345678", "95ebb86389132953"],
    ["hello world, here", "31ab47d5871c741f"],
  ])("%j", (text, expected) => {
    const murmur = new Murmur64();
    murmur.hash(toBytes(`<${text}>`), 1, text.length, 0xadc83b19);
    const digits = [murmur.high, murmur.low].map((half) =>
      (half >>> 0).toString(16).padStart(8, "0"),
    );
    expect(digits.join("")).toBe(expected);
  });
});

test("SHA-1", () => {
  const abc = "a9993e364706816aba3e25717850c26c9cd0d89d";
  expect(sha1Hex(toBytes("abc"))).toBe(abc);
  expect(sha1Hex(toBytes("xabcx"), 1, 3)).toBe(abc);
  expect(sha1Hex(toBytes("return 1"))).toBe("e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
});

test("SHA-256", () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(sha256Hex(toBytes("abc"))).toBe(abc);
  expect(sha256Hex(toBytes("xabcx"), 1, 3)).toBe(abc);
});
