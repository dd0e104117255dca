import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyBytes, copyWords } from "../../../core/util/copy.ts";

const SIZE = 1024;

const copies = {
  copyBytes,
  copyWords: (target, targetStart, source, sourceStart, length) =>
    copyWords(viewOf(target), targetStart, viewOf(source), sourceStart, length),
} satisfies Record<string, typeof copyBytes>;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe.each(Object.entries(copies))("%s", (_, copy) => {
  it("copies the range, whatever its alignment and length, and nothing else", () => {
    const place = fc.tuple(fc.nat(40), fc.nat(40), fc.oneof(fc.nat(32), fc.nat(SIZE - 40)));
    fc.assert(
      fc.property(place, fc.uint8Array({ minLength: SIZE, maxLength: SIZE }), (range, source) => {
        const [targetStart, sourceStart, length] = range;
        const target = new Uint8Array(SIZE).fill(7);
        const expected = Uint8Array.from(target);
        expected.set(source.subarray(sourceStart, sourceStart + length), targetStart);
        copy(target, targetStart, source, sourceStart, length);
        expect(Buffer.compare(target, expected)).toBe(0);
      }),
    );
  });

  it("copies up to the very end of both", () => {
    const source = Uint8Array.from({ length: 31 }, (_, i) => i);
    const target = new Uint8Array(31);
    copy(target, 0, source, 0, 31);
    expect([...target]).toEqual([...source]);
  });
});
