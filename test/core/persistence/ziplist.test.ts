import { describe, expect, it } from "vitest";
import { lpFirst, lpFormat, lpNext } from "../../../core/memory/listpack.ts";
import { listpackOfZiplist } from "../../../core/persistence/ziplist.ts";
import { latin1 } from "../../../core/util/bytes.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";

function word(value: number, bytes: number): string {
  return toHex(Uint8Array.from({ length: bytes }, (_, i) => value >>> (8 * i)));
}

/** A ziplist of encodings with data in hexadecimal; sizes of the entries before are put in front. */
function zipped(encoded: readonly string[], count: number = encoded.length): Uint8Array {
  let body = "";
  let before = 0;
  let last = 10;
  for (const entry of encoded) {
    last = 10 + body.length / 2;
    const size = before < 254 ? word(before, 1) : `fe${word(before, 4)}`;
    body += size + entry;
    before = (size.length + entry.length) / 2;
  }
  return fromHex(`${word(11 + body.length / 2, 4)}${word(last, 4)}${word(count, 2)}${body}ff`)!;
}

function elements(listpack: Uint8Array | null): string[] | null {
  if (listpack === null) return null;
  const out = new Uint8Array(70_000);
  const texts: string[] = [];
  for (let at = lpFirst(listpack, 0); at >= 0; at = lpNext(listpack, at)) {
    texts.push(latin1(out, 0, lpFormat(listpack, at, out, 0)));
  }
  return texts;
}

function converted(bytes: Uint8Array): string[] | null {
  return elements(listpackOfZiplist(bytes, 0, bytes.length));
}

const long = (length: number): string => "78".repeat(length);

describe("a ziplist", () => {
  it.each([
    ["nothing", [], []],
    ["short text", ["0161"], ["a"]],
    ["empty text", ["00"], [""]],
    ["immediate integers", ["f1", "f2", "fd"], ["0", "1", "12"]],
    ["8 bits", ["fe80", "fe7f"], ["-128", "127"]],
    ["16 bits", ["c0e803", "c00080"], ["1000", "-32768"]],
    ["24 bits", ["f0a08601", "f0000080"], ["100000", "-8388608"]],
    ["32 bits", ["d000000080"], ["-2147483648"]],
    ["64 bits", ["e0ffffffffffffff7f"], ["9223372036854775807"]],
    ["text that is an integer", ["023132"], ["12"]],
    ["longer text", [`4050${long(80)}`, "f3"], ["x".repeat(80), "2"]],
    ["text behind 254 bytes", [`412c${long(300)}`, "0161"], ["x".repeat(300), "a"]],
    ["long text", [`8000010170${long(65_904)}`], ["x".repeat(65_904)]],
  ])("of %s becomes a listpack", (_, encoded, texts) => {
    expect(converted(zipped(encoded))).toEqual(texts);
  });

  it("need not know how many entries it has", () => {
    expect(converted(zipped(["0161", "f3"], 65535))).toEqual(["a", "2"]);
    expect(converted(zipped(["0161", "f3"], 3))).toBeNull();
  });

  it("may lie anywhere in its buffer", () => {
    const bytes = fromHex(`ffff${toHex(zipped(["0161", "f3"]))}ffff`)!;
    expect(elements(listpackOfZiplist(bytes, 2, bytes.length - 4))).toEqual(["a", "2"]);
  });

  it.each([
    ["a wrong size", (bytes: Uint8Array) => bytes.fill(9, 0, 1)],
    ["a wrong last entry", (bytes: Uint8Array) => bytes.fill(9, 4, 5)],
    ["no end", (bytes: Uint8Array) => bytes.fill(0, bytes.length - 1)],
    ["a wrong size before an entry", (bytes: Uint8Array) => bytes.fill(9, 13, 14)],
    ["an unknown encoding", (bytes: Uint8Array) => bytes.fill(0xc1, 11, 12)],
    ["text beyond the end", (bytes: Uint8Array) => bytes.fill(0x3f, 11, 12)],
    ["a length beyond the end", (bytes: Uint8Array) => bytes.fill(0x80, 11, 12)],
    ["a long size beyond the end", (bytes: Uint8Array) => bytes.fill(0xfe, 10, 11)],
  ])("with %s is refused", (_, damage) => {
    const bytes = zipped(["0161", "f3"]);
    expect(converted(bytes)).toEqual(["a", "2"]);
    damage(bytes);
    expect(converted(bytes)).toBeNull();
  });

  it("is refused when it is too short to be one", () => {
    for (let size = 0; size < 11; size++) expect(converted(new Uint8Array(size))).toBeNull();
  });
});
