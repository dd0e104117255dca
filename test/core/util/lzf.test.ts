import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";
import { LzfCompressor, lzfDecompress } from "../../../core/util/lzf.ts";

const PAD = 5;

/** The compressed bytes, or null when they do not fit in `room`. */
function compress(compressor: LzfCompressor, source: Uint8Array, room: number): Uint8Array | null {
  const padded = new Uint8Array(source.length + 2 * PAD).fill(120);
  padded.set(source, PAD);
  const target = new Uint8Array(room + 2 * PAD).fill(121);
  const size = compressor.compress(padded, PAD, source.length, target, PAD, room);
  expect(target.subarray(0, PAD).every((byte) => byte === 121)).toBe(true);
  expect(target.subarray(PAD + room).every((byte) => byte === 121)).toBe(true);
  return size === 0 ? null : target.slice(PAD, PAD + size);
}

function decompress(source: Uint8Array, size: number): Uint8Array | null {
  const target = new Uint8Array(size + 2 * PAD).fill(121);
  const written = lzfDecompress(source, 0, source.length, target, PAD, size);
  expect(target.subarray(0, PAD).every((byte) => byte === 121)).toBe(true);
  expect(target.subarray(PAD + size).every((byte) => byte === 121)).toBe(true);
  return written < 0 ? null : target.slice(PAD, PAD + written);
}

describe("compression", () => {
  // Made with lzf_c.c as Redis compiles it.
  test.each([
    ["a".repeat(200), "016161e0bb00016161"],
    ["", null],
    ["abc", "02616263"],
    ["hello hello hello hello hello", "0668656c6c6f2068e00b05016c6f"],
    ["x".repeat(19), "017878e00600017878"],
    [
      "abcdefghabcdefghabcdefgh12345678abcdefgh",
      "08616263646566676861e006070731323334353637388017016768",
    ],
    [`${"0123456789".repeat(40)}end`, "0a3031323334353637383930e0ff09e1740d02656e64"],
  ])("%j", (text, expected) => {
    const made = compress(new LzfCompressor(), toBytes(text), text.length + 40);
    expect(made === null ? null : toHex(made)).toBe(expected);
  });

  test("blocks do not depend on the blocks before them", () => {
    const text = fc.string({ unit: fc.constantFrom(..."abc"), maxLength: 300 });
    const shared = new LzfCompressor();
    fc.assert(
      fc.property(text, (value) => {
        const source = toBytes(value);
        const fresh = new LzfCompressor();
        expect(compress(shared, source, 400)).toEqual(compress(fresh, source, 400));
      }),
      { numRuns: 60 },
    );
  });

  test("fits or says that it does not", () => {
    const compressor = new LzfCompressor();
    const source = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.string({ unit: fc.constantFrom(..."ab"), maxLength: 2000 }).map(toBytes),
      fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(30)).map(([unit, times]) => {
        return Uint8Array.from({ length: unit.length * times }, (_, i) => unit[i % unit.length]);
      }),
    );
    fc.assert(
      fc.property(source, fc.double({ min: 0, max: 1.2, noNaN: true }), (bytes, share) => {
        const room = Math.floor(bytes.length * share);
        const made = compress(compressor, bytes, room);
        if (made === null) return;
        expect(decompress(made, bytes.length)).toEqual(bytes);
        expect(decompress(made, bytes.length - 1)).toBe(null);
      }),
      { numRuns: 500 },
    );
  });

  test("survives the end of its range of positions", () => {
    const compressor = new LzfCompressor();
    const source = new Uint8Array(1 << 26);
    const text = toBytes("hello hello hello hello hello");
    const expected = compress(compressor, text, 40);
    for (let i = 0; i < 64; i++) {
      // Gives up after a few bytes, but its 64 MiB of positions are used up.
      expect(compressor.compress(source, 0, source.length, new Uint8Array(4), 0, 4)).toBe(0);
      expect(compress(compressor, text, 40)).toEqual(expected);
    }
  });
});

describe("decompression", () => {
  test.each([
    ["", ""],
    ["02616263", "abc"],
    ["0061e00000", "a".repeat(10)],
    ["00612000", "aaaa"],
  ])("%s", (block, text) => {
    const made = decompress(fromHex(block)!, 100);
    expect(made && latin1(made)).toBe(text);
  });

  test.each(["0261", "20", "e0", "e000", "2000", "00612001", "0061e00001", "00613000"])(
    "refuses %s",
    (block) => {
      expect(decompress(fromHex(block)!, 100)).toBe(null);
    },
  );

  test("never leaves its buffers, whatever the input", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(80), (block, size) => {
        const made = decompress(block, size);
        expect(made === null || made.length <= size).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
