import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { crc16, keyHashSlot } from "../../../core/util/crc16.ts";
import { Crc64 } from "../../../core/util/crc64.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";

function slot(key: string): number {
  return keyHashSlot(toBytes(`{x}${key}{y}`), 3, key.length);
}

function crc64(...parts: Uint8Array[]): string {
  const crc = new Crc64();
  for (const part of parts) crc.update(part);
  const bytes = new Uint8Array(9);
  crc.write(bytes, 1);
  return toHex(bytes, 1);
}

describe("crc16", () => {
  test("has XMODEM's check value", () => {
    expect(crc16(toBytes("123456789"), 0, 9)).toBe(0x31c3);
    expect(crc16(toBytes("123456789"), 4, 0)).toBe(0);
  });

  test.each([
    ["", 0],
    ["foo", 12182],
    ["user:{42}:profile", 8000],
    ["user:{42}:settings", 8000],
    ["42", 8000],
  ])("slot of %j is %d", (key, expected) => {
    expect(slot(key)).toBe(expected);
  });

  test("a tag counts only when it is closed and not empty", () => {
    const whole = (key: string): number => crc16(toBytes(key), 0, key.length) & 16383;
    for (const key of ["{}x", "x{", "x{y", "}x{", "{}{foo}", "a}b"]) {
      expect(slot(key)).toBe(whole(key));
    }
    expect(slot("foo{{bar}}zap")).toBe(whole("{bar"));
    expect(slot("foo{bar}{zap}")).toBe(whole("bar"));
    expect(slot("}{bar}")).toBe(whole("bar"));
  });
});

describe("crc64", () => {
  test("has its check value", () => {
    expect(crc64(toBytes("123456789"))).toBe("cad9b8c414d9c6e9");
    expect(crc64()).toBe("0000000000000000");
  });

  test("is the footer of a DUMP payload", () => {
    // DUMP of the empty key's value "empty key", by 7.4.1 and by 7.0.15.
    const payloads = [
      "0008656d7074796b65790c0049adb2eeaa6ee31d",
      "0008656d7074796b65790a0082db862e50447d54",
    ];
    for (const text of payloads) {
      const payload = fromHex(text)!;
      const crc = new Crc64();
      crc.update(payload, 0, payload.length - 8);
      expect(crc.matches(payload, payload.length - 8)).toBe(true);
      payload[3] ^= 1;
      crc.reset();
      crc.update(payload, 0, payload.length - 8);
      expect(crc.matches(payload, payload.length - 8)).toBe(false);
    }
  });

  test("is the same in any pieces", () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
        const bytewise = [...whole].map((byte) => Uint8Array.of(byte));
        expect(crc64(...parts)).toBe(crc64(whole));
        expect(crc64(...bytewise)).toBe(crc64(whole));
      }),
    );
  });
});

test("hexadecimal text", () => {
  expect(toHex(Uint8Array.of(0, 10, 255))).toBe("000aff");
  expect(fromHex("000aFf")).toEqual(Uint8Array.of(0, 10, 255));
  expect(fromHex("0")).toBe(null);
  expect(fromHex("0g")).toBe(null);
  expect(fromHex("")).toEqual(new Uint8Array(0));
});
