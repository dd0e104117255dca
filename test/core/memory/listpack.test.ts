import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  initListpack,
  LP_EMPTY_BYTES,
  lpBigInt,
  lpBytes,
  lpEnd,
  lpEntryBytes,
  lpEntryLength,
  lpEquals,
  lpFind,
  lpFirst,
  lpFormat,
  lpHigh,
  lpInteger,
  lpIsInteger,
  lpLast,
  lpLength,
  lpLow,
  lpNext,
  lpPrev,
  lpSafeToAdd,
  lpSeek,
  lpStringLength,
  lpStringStart,
  lpValidate,
} from "../../../core/memory/listpack.ts";
import {
  lpAppend,
  lpAppendInt64,
  lpAppendInteger,
  lpDeleteAt,
  lpDeleteRange,
  lpDeleteRangeAt,
  lpEncodedSize,
  lpInsertAt,
  lpInsertIntegerAt,
  lpInt64Size,
  lpIntegerSize,
  lpMerge,
  lpMergedBytes,
  lpPrepend,
  lpPrependInteger,
  lpReplaceAt,
  lpReplaceGrowth,
  lpReplaceIntegerAt,
  lpReplaceIntegerGrowth,
} from "../../../core/memory/listpack-edit.ts";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";

const BASE = 11;
const FILL = 0xaa;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A listpack in the middle of a larger array; everything around it must stay as it is. */
class Arena {
  readonly bytes: Uint8Array;

  constructor(sizeBytes = 100_000) {
    this.bytes = new Uint8Array(sizeBytes).fill(FILL);
    initListpack(this.bytes, BASE);
  }

  static of(...texts: string[]): Arena {
    const arena = new Arena();
    for (const text of texts) arena.append(text);
    return arena;
  }

  static ofHex(hex: string): Arena {
    const arena = new Arena();
    arena.bytes.set(fromHex(hex.replaceAll(" ", ""))!, BASE);
    return arena;
  }

  append(text: string): void {
    lpAppend(this.bytes, BASE, toBytes(`<${text}>`), 1, text.length);
  }

  at(index: number): number {
    return lpSeek(this.bytes, BASE, index);
  }

  /** Index of what `lpFind` finds, or -1. */
  find(text: string, skipCount: number): number {
    const bytes = toBytes(`9${text}9`);
    const needle = { bytes, view: viewOf(bytes), offset: 1, length: text.length };
    const at = lpFind(this.bytes, viewOf(this.bytes), BASE, needle, skipCount);
    if (at < 0) return -1;
    const index = Array.from({ length: lpLength(this.bytes, BASE) }, (_, i) => i);
    return index.findIndex((i) => this.at(i) === at);
  }

  textAt(at: number): string {
    const out = new Uint8Array(lpEntryLength(this.bytes, at) + 2);
    const end = lpFormat(this.bytes, at, out, 1);
    expect(end).toBe(out.length - 1);
    return latin1(out, 1, end);
  }

  /** All entries, walked in both directions. */
  texts(): string[] {
    const { bytes } = this;
    const forward: string[] = [];
    for (let at = lpFirst(bytes, BASE); at >= 0; at = lpNext(bytes, at)) {
      forward.push(this.textAt(at));
    }
    const backward: string[] = [];
    for (let at = lpLast(bytes, BASE); at >= 0; at = lpPrev(bytes, BASE, at)) {
      backward.unshift(this.textAt(at));
    }
    expect(backward).toEqual(forward);
    return forward;
  }

  hex(): string {
    return toHex(this.bytes, BASE, BASE + lpBytes(this.bytes, BASE));
  }

  isSound(): boolean {
    const total = lpBytes(this.bytes, BASE);
    return (
      lpValidate(this.bytes, BASE, total, true) &&
      this.bytes.subarray(0, BASE).every((byte) => byte === FILL)
    );
  }
}

// Blobs of DUMP payloads by Redis 7.4.1, and what is in them.
const goldens: [string, string[]][] = [
  ["07000000 0000 ff", []],
  ["0f000000 0300 816102 816202 0101 ff", ["a", "b", "1"]],
  [
    "25000000 0800 816302 842d696e6605 816102 0101 816202 83322e3504 816402 83696e6604 ff",
    ["c", "-inf", "a", "1", "b", "2.5", "d", "inf"],
  ],
  [
    "1f000000 0600 816602 817602 f4ff9f724e1809000009 816702 817702 0001 ff",
    ["f", "v", "9999999999999", "g", "w", "0"],
  ],
  ["1a000000 0200 8750616c65726d6f08 f42a7a0715395c0c0009 ff", ["Palermo", "3479099956230698"]],
];

describe("layout", () => {
  test.each(goldens)("%s", (hex, texts) => {
    const loaded = Arena.ofHex(hex);
    expect(loaded.isSound()).toBe(true);
    expect(loaded.texts()).toEqual(texts);
    expect(Arena.of(...texts).hex()).toBe(hex.replaceAll(" ", ""));
  });

  // The encoded entry: encoding, data and backlen.
  test.each([
    ["0", "0001"],
    ["127", "7f01"],
    ["128", "c08002"],
    ["-1", "dfff02"],
    ["4095", "cfff02"],
    ["-4096", "d00002"],
    ["4096", "f1001003"],
    ["-4097", "f1ffef03"],
    ["32767", "f1ff7f03"],
    ["-32768", "f1008003"],
    ["32768", "f200800004"],
    ["-8388608", "f200008004"],
    ["8388608", "f30000800005"],
    ["-2147483648", "f30000008005"],
    ["2147483648", "f4000000800000000009"],
    ["-2147483649", "f4ffffff7fffffffff09"],
    ["9223372036854775807", "f4ffffffffffffff7f09"],
    ["-9223372036854775808", "f4000000000000008009"],
    ["9007199254740993", "f4010000000000200009"],
    ["9223372036854775808", "93393232333337323033363835343737353830 3814"],
    ["", "8001"],
    ["-0", "822d3003"],
    ["01", "82303103"],
    ["+1", "822b3103"],
    ["1.0", "83312e3004"],
    ["x".repeat(63), `bf${"78".repeat(63)}40`],
    ["x".repeat(64), `e040${"78".repeat(64)}42`],
    ["x".repeat(125), `e07d${"78".repeat(125)}7f`],
    ["x".repeat(126), `e07e${"78".repeat(126)}0180`],
    ["x".repeat(4095), `efff${"78".repeat(4095)}2081`],
    ["x".repeat(4096), `f000100000${"78".repeat(4096)}2085`],
    ["x".repeat(16377), `f0f93f0000${"78".repeat(16377)}7ffe`],
    ["x".repeat(16378), `f0fa3f0000${"78".repeat(16378)}00ffff`],
  ])("entry %j", (text, hex) => {
    const arena = Arena.of("a", text, "b");
    const at = arena.at(1);
    const entry = hex.replace(" ", "");
    expect(lpEntryBytes(arena.bytes, at)).toBe(entry.length / 2);
    expect(lpEncodedSize(toBytes(text), 0, text.length)).toBe(entry.length / 2);
    expect(toHex(arena.bytes, at, at + entry.length / 2)).toBe(entry);
    expect(arena.texts()).toEqual(["a", text, "b"]);
    expect(arena.isSound()).toBe(true);
  });

  test("counts to 65534 and walks beyond", () => {
    const arena = new Arena(200_000);
    for (let i = 0; i < 65534; i++) lpAppendInteger(arena.bytes, BASE, i & 127);
    expect(toHex(arena.bytes, BASE + 4, BASE + 6)).toBe("feff");
    lpAppendInteger(arena.bytes, BASE, 1);
    lpAppendInteger(arena.bytes, BASE, 2);
    expect(toHex(arena.bytes, BASE + 4, BASE + 6)).toBe("ffff");
    expect(lpLength(arena.bytes, BASE)).toBe(65536);
    expect(lpSeek(arena.bytes, BASE, -1)).toBe(lpLast(arena.bytes, BASE));
    expect(lpInteger(arena.bytes, arena.at(-1))).toBe(2);
    expect(lpInteger(arena.bytes, arena.at(65534))).toBe(1);
    expect(arena.at(65536)).toBe(-1);
    expect(arena.at(-65537)).toBe(-1);
    expect(arena.isSound()).toBe(true);
    lpDeleteRange(arena.bytes, BASE, 10, 65520);
    expect(toHex(arena.bytes, BASE + 4, BASE + 6)).toBe("ffff");
    // Counting notices that the number fits into the header again.
    expect(lpLength(arena.bytes, BASE)).toBe(16);
    expect(toHex(arena.bytes, BASE + 4, BASE + 6)).toBe("1000");
  });
});

describe("reading", () => {
  const arena = Arena.of("12", "-9", "word", "9223372036854775807", "", "9007199254740991");
  const { bytes } = arena;

  test("kinds and values", () => {
    const kinds = [0, 1, 2, 3, 4, 5].map((index) => lpIsInteger(bytes, arena.at(index)));
    expect(kinds).toEqual([true, true, false, true, false, true]);
    expect(lpInteger(bytes, arena.at(0))).toBe(12);
    expect(lpInteger(bytes, arena.at(1))).toBe(-9);
    expect(lpInteger(bytes, arena.at(2))).toBe(Number.NaN);
    expect(lpInteger(bytes, arena.at(3))).toBe(Number.NaN);
    expect(lpInteger(bytes, arena.at(5))).toBe(Number.MAX_SAFE_INTEGER);
    expect(lpBigInt(bytes, arena.at(1))).toBe(-9n);
    expect(lpBigInt(bytes, arena.at(3))).toBe(2n ** 63n - 1n);
    expect([lpHigh(bytes, arena.at(1)), lpLow(bytes, arena.at(1))]).toEqual([-1, -9]);
    expect([lpHigh(bytes, arena.at(3)), lpLow(bytes, arena.at(3))]).toEqual([0x7fffffff, -1]);
    const word = lpStringStart(bytes, arena.at(2));
    expect(latin1(bytes, word, word + lpStringLength(bytes, arena.at(2)))).toBe("word");
    expect(lpStringLength(bytes, arena.at(4))).toBe(0);
  });

  test("places", () => {
    expect(arena.at(-6)).toBe(lpFirst(bytes, BASE));
    expect(arena.at(5)).toBe(lpLast(bytes, BASE));
    expect([arena.at(6), arena.at(-7)]).toEqual([-1, -1]);
    expect(lpPrev(bytes, BASE, lpEnd(bytes, BASE))).toBe(arena.at(5));
    expect(lpPrev(bytes, BASE, arena.at(0))).toBe(-1);
    expect(lpNext(bytes, arena.at(5))).toBe(-1);
    const empty = new Arena().bytes;
    expect([lpFirst(empty, BASE), lpLast(empty, BASE), lpSeek(empty, BASE, 0)]).toEqual([
      -1, -1, -1,
    ]);
  });

  test("finds whole texts, every n-th entry", () => {
    const pairs = Arena.of("a", "b", "b", "1", "-9223372036854775808", "x", "1", "a", "", "z");
    const find = (text: string, skip: number): number => pairs.find(text, skip);
    expect(["a", "b", "1", "z", "", "x"].map((text) => find(text, 0))).toEqual([0, 1, 3, 9, 8, 5]);
    expect(["a", "b", "1", "z", "", "x"].map((text) => find(text, 1))).toEqual([
      0, 2, 6, -1, 8, -1,
    ]);
    expect(find("-9223372036854775808", 1)).toBe(4);
    expect(find("-9223372036854775807", 0)).toBe(-1);
    expect(["01", "+1", "1 ", "aa", "9223372036854775808"].map((text) => find(text, 0))).toEqual([
      -1, -1, -1, -1, -1,
    ]);
  });

  test("finds what a plain search finds, whatever the entries are", () => {
    const text = fc.oneof(
      fc.constantFrom("", "7", "-1", "4095", "70000", "9223372036854775807", "abc", "abd", "xbc"),
      fc.constantFrom("member:000000000001", "member:000000000002", "nember:000000000001"),
      fc.constantFrom("x".repeat(63), "x".repeat(64), `${"x".repeat(63)}y`, "z".repeat(4096)),
      fc.string({ maxLength: 9 }).map((value) => latin1(toBytes(value))),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), text, fc.nat(2), (texts, needle, skip) => {
        const expected = texts.findIndex((t, i) => i % (skip + 1) === 0 && t === needle);
        expect(Arena.of(...texts).find(needle, skip)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("compares an entry with a text", () => {
    const equals = (index: number, text: string): boolean =>
      lpEquals(bytes, arena.at(index), toBytes(`9${text}9`), 1, text.length);
    expect([equals(0, "12"), equals(0, "012"), equals(0, "13")]).toEqual([true, false, false]);
    expect([equals(2, "word"), equals(2, "wor"), equals(2, "wort")]).toEqual([true, false, false]);
    expect([equals(3, "9223372036854775807"), equals(3, "9223372036854775806")]).toEqual([
      true,
      false,
    ]);
    expect([equals(4, ""), equals(4, "0")]).toEqual([true, false]);
  });
});

describe("changing", () => {
  test("says where things are afterwards", () => {
    const arena = Arena.of("a", "b");
    const { bytes } = arena;
    const behind = lpInsertAt(bytes, BASE, arena.at(1), toBytes("new"), 0, 3);
    expect(behind).toBe(arena.at(2));
    expect(lpInsertIntegerAt(bytes, BASE, behind, 70000)).toBe(arena.at(3));
    expect(arena.texts()).toEqual(["a", "new", "70000", "b"]);
    expect(lpReplaceIntegerGrowth(bytes, arena.at(2), 7)).toBe(-3);
    expect(lpReplaceIntegerAt(bytes, BASE, arena.at(2), 7)).toBe(arena.at(3));
    expect(lpReplaceAt(bytes, BASE, arena.at(3), toBytes("end"), 0, 3)).toBe(lpEnd(bytes, BASE));
    expect(arena.texts()).toEqual(["a", "new", "7", "end"]);
    expect(lpDeleteAt(bytes, BASE, arena.at(1))).toBe(arena.at(1));
    expect(lpDeleteAt(bytes, BASE, arena.at(2))).toBe(-1);
    expect(arena.texts()).toEqual(["a", "7"]);
    lpPrependInteger(bytes, BASE, -300);
    lpAppendInt64(bytes, BASE, 0x7fffffff, -1);
    lpAppendInt64(bytes, BASE, -1, -5);
    expect(arena.texts()).toEqual(["-300", "a", "7", "9223372036854775807", "-5"]);
    expect([lpInt64Size(0x7fffffff, -1), lpInt64Size(-1, -5), lpIntegerSize(127)]).toEqual([
      10, 3, 2,
    ]);
    expect(lpDeleteRangeAt(bytes, BASE, arena.at(0), 3)).toBe(arena.at(0));
    expect(lpDeleteRangeAt(bytes, BASE, arena.at(1), 9)).toBe(-1);
    expect(arena.texts()).toEqual(["9223372036854775807"]);
    expect(lpDeleteRangeAt(bytes, BASE, arena.at(0), 1)).toBe(-1);
    expect(arena.hex()).toBe("070000000000ff");
  });

  test("merges", () => {
    const first = Arena.of("a", "1");
    const second = Arena.of("b", "70000");
    const bytes = lpMergedBytes(first.bytes, BASE, second.bytes, BASE);
    lpMerge(first.bytes, BASE, second.bytes, BASE);
    expect(first.texts()).toEqual(["a", "1", "b", "70000"]);
    expect(first.isSound()).toBe(true);
    expect(lpBytes(first.bytes, BASE)).toBe(bytes);
    expect(first.hex()).toBe(Arena.of("a", "1", "b", "70000").hex());
    lpMerge(first.bytes, BASE, new Arena().bytes, BASE);
    expect(first.texts()).toEqual(["a", "1", "b", "70000"]);
  });

  test("one gibibyte is the limit", () => {
    const arena = new Arena();
    expect(lpSafeToAdd(arena.bytes, BASE, 2 ** 30 - LP_EMPTY_BYTES)).toBe(true);
    expect(lpSafeToAdd(arena.bytes, BASE, 2 ** 30 - LP_EMPTY_BYTES + 1)).toBe(false);
  });

  const text = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 10 }),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.integer({ min: -5000, max: 5000 }).map(String),
    fc
      .tuple(fc.constantFrom(60, 63, 64, 70, 125, 126, 127, 4095, 4096), fc.constantFrom("x", "1"))
      .map(([length, unit]) => unit.repeat(length)),
  );
  type Step = [kind: string, place: number, text: string, count: number];
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom("append", "append", "prepend", "insert", "replace", "delete", "range"),
      fc.nat(1000),
      text,
      fc.nat(4),
    ),
    { maxLength: 40 },
  );

  test("reads like the array it stands for, whatever is done to it", () => {
    fc.assert(
      fc.property(steps, (script) => {
        const arena = new Arena();
        const model: string[] = [];
        for (const step of script) {
          change(arena, model, step);
          expect(arena.texts()).toEqual(model);
          expect(lpLength(arena.bytes, BASE)).toBe(model.length);
          expect(arena.isSound()).toBe(true);
        }
        expect(arena.hex()).toBe(Arena.of(...model).hex());
      }),
      { numRuns: 150 },
    );
  });

  function change(arena: Arena, model: string[], step: Step): void {
    const { bytes } = arena;
    const [kind, place, value, count] = step;
    const index = model.length === 0 ? -1 : place % model.length;
    const source = toBytes(`9${value}9`);
    const before = lpBytes(bytes, BASE);
    let growth = lpEncodedSize(source, 1, value.length);
    if (kind === "append" || index < 0) {
      lpAppend(bytes, BASE, source, 1, value.length);
      model.push(value);
    } else if (kind === "prepend") {
      lpPrepend(bytes, BASE, source, 1, value.length);
      model.unshift(value);
    } else if (kind === "insert") {
      lpInsertAt(bytes, BASE, arena.at(index), source, 1, value.length);
      model.splice(index, 0, value);
    } else if (kind === "replace") {
      growth = lpReplaceGrowth(bytes, arena.at(index), source, 1, value.length);
      lpReplaceAt(bytes, BASE, arena.at(index), source, 1, value.length);
      model[index] = value;
    } else if (kind === "delete") {
      growth = -lpEntryBytes(bytes, arena.at(index));
      lpDeleteAt(bytes, BASE, arena.at(index));
      model.splice(index, 1);
    } else {
      const from = count % 2 === 0 ? index : index - model.length;
      lpDeleteRange(bytes, BASE, from, count);
      model.splice(index, count);
      return;
    }
    expect(lpBytes(bytes, BASE)).toBe(before + growth);
  }
});

describe("validation", () => {
  const isValid = (hex: string, deep = true): boolean => {
    const blob = fromHex(hex.replaceAll(" ", ""))!;
    return lpValidate(blob, 0, blob.length, deep);
  };

  test.each([
    ["", false, false],
    ["06000000 0000", false, false],
    ["07000000 0000 ff", true, true],
    ["08000000 0000 ff", false, false],
    ["07000000 0000 fe", false, false],
    ["07000000 0100 ff", true, false],
    ["07000000 ffff ff", true, true],
    ["09000000 0100 0101 ff", true, true],
    ["09000000 0200 0101 ff", true, false],
    ["09000000 0100 0102 ff", true, false],
    ["09000000 0100 f501 ff", true, false],
    ["09000000 0100 ff01 ff", true, false],
    ["09000000 0000 ff01 ff", true, false],
    ["09000000 0100 e001 ff", true, false],
    ["09000000 0100 f001 ff", true, false],
    ["0b000000 0100 81610200 ff", true, false],
    ["0a000000 0100 816102 ff", true, true],
    ["0a000000 0100 826102 ff", true, false],
    ["0d000000 0100 f0ffffffff05 ff", true, false],
    ["0d000000 0100 8161 8080808080 ff", false, false],
    ["0f000000 0100 8561616161 8080 ff", false, false],
  ])("%s", (hex, shallow, deep) => {
    expect(isValid(hex, false)).toBe(shallow);
    expect(isValid(hex, true)).toBe(deep);
  });

  test("asks about every entry, and takes no for an answer", () => {
    const arena = Arena.of("a", "7", "c");
    const total = lpBytes(arena.bytes, BASE);
    const seen: [string, number][] = [];
    const collect = (_: Uint8Array, at: number, headerCount: number): boolean => {
      seen.push([arena.textAt(at), headerCount]);
      return seen.length < 4;
    };
    expect(lpValidate(arena.bytes, BASE, total, true, collect)).toBe(true);
    expect(seen).toEqual([
      ["a", 3],
      ["7", 3],
      ["c", 3],
    ]);
    expect(lpValidate(arena.bytes, BASE, total, true, collect)).toBe(false);
  });

  test("what it accepts can be walked within its bounds", () => {
    const texts = fc.array(
      fc.oneof(fc.string({ maxLength: 80 }), fc.maxSafeInteger().map(String)),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 });
    let accepted = 0;
    fc.assert(
      fc.property(texts, changes, (values, edits) => {
        const arena = Arena.of(...values.map((value) => latin1(toBytes(value))));
        const total = lpBytes(arena.bytes, BASE);
        const last = BASE + total - 1;
        for (const [place, byte] of edits) arena.bytes[BASE + 4 + (place % (total - 4))] = byte;
        if (!lpValidate(arena.bytes, BASE, total, true)) return;
        accepted++;
        let at = lpFirst(arena.bytes, BASE);
        for (; at >= 0; at = lpNext(arena.bytes, at)) {
          expect(at + lpEntryBytes(arena.bytes, at)).toBeLessThanOrEqual(last);
          arena.textAt(at);
        }
        expect(lpLength(arena.bytes, BASE)).toBe(arena.texts().length);
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("never throws on noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        const blob = new Uint8Array(noise.length + 7);
        blob.set(noise, 6);
        blob.set([blob.length, 0, 0, 0, 255, 255]);
        blob[blob.length - 1] = 255;
        expect(typeof lpValidate(blob, 0, blob.length, true)).toBe("boolean");
      }),
      { numRuns: 2000 },
    );
  });
});
