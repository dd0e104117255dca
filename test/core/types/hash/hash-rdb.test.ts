// Kinds of hashes that nobody writes any more, and wrong ones.
import { describe, expect, it } from "vitest";
import { HASH } from "../../../../core/keyspace/types.ts";
import {
  RDB_HASH,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX_PRE_GA,
  RDB_HASH_METADATA,
  RDB_HASH_METADATA_PRE_GA,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
} from "../../../../core/persistence/rdb-format.ts";
import { RdbReader } from "../../../../core/persistence/rdb-reader.ts";
import { LoadedValue } from "../../../../core/persistence/rdb-types.ts";
import { RdbWriter } from "../../../../core/persistence/rdb-writer.ts";
import { registerHashRdb } from "../../../../core/types/hash/hash-rdb.ts";
import { Hashes } from "../../../../core/types/hash/hashes.ts";
import { toBytes } from "../../../../core/util/bytes.ts";
import { keyspaceForTests } from "../keyspace.ts";

const AT_MS = 1_800_000_000_000;

/** What loading comes to: encoding and fields, or the error. Nothing may be left in memory. */
function load(kind: number, write: (writer: RdbWriter) => void, deep = false): string[] {
  const keyspace = keyspaceForTests();
  const hashes = new Hashes(keyspace, { hashMaxListpackEntries: 4, hashMaxListpackValue: 8 });
  registerHashRdb(keyspace.rdbTypes, hashes, keyspace.dicts);
  const writer = new RdbWriter();
  write(writer);
  const reader = new RdbReader();
  reader.open(writer.bytes.slice(0, writer.size), 0, writer.size);
  reader.deep = deep;
  const loaded = new LoadedValue();
  if (!keyspace.rdbTypes.loaders[kind]!(reader, kind, loaded)) {
    expect(keyspace.arena.usedBytes).toBe(0);
    return [reader.emptyValue ? "empty" : "wrong"];
  }
  expect(loaded.type).toBe(HASH);
  expect(reader.left).toBe(0);
  const { cursor } = hashes;
  const fields: string[] = [];
  cursor.start(loaded.value, loaded.encoding);
  while (cursor.next()) {
    cursor.loadValue();
    const expiry = cursor.expiryMs < 0 ? "" : ` until ${cursor.expiryMs - AT_MS}`;
    fields.push(`${cursor.field.text()}=${cursor.value.text()}${expiry}`);
  }
  hashes.free(loaded.value, loaded.encoding);
  expect(keyspace.arena.usedBytes).toBe(0);
  return [ENCODINGS.get(loaded.encoding)!, ...fields.sort()];
}

const ENCODINGS = new Map([
  [2, "hashtable"],
  [11, "listpack"],
  [12, "listpackex"],
]);

/** A string in an RDB file, bytes given as text with \x escapes. */
function blob(text: string): (writer: RdbWriter) => void {
  return (writer) => writer.string(toBytes(text));
}

function ziplist(...entries: string[]): string {
  const body = entries
    .map((entry, i) => {
      const previous = i === 0 ? 0 : entries[i - 1].length + 2;
      return String.fromCharCode(previous, entry.length) + entry;
    })
    .join("");
  const total = 10 + body.length + 1;
  const last = entries.length === 0 ? 10 : total - 1 - entries[entries.length - 1].length - 2;
  return `${String.fromCharCode(total, 0, 0, 0, last, 0, 0, 0, entries.length, 0)}${body}\xff`;
}

describe("zipmaps", () => {
  it.each([
    ["one pair", "\x01\x01f\x01\x00v\xff", ["listpack", "f=v"]],
    ["unused bytes", "\x02\x01f\x01\x02v..\x01g\x02\x0042\xff", ["listpack", "f=v", "g=42"]],
    ["a count that is not known", "\xfe\x01f\x01\x00v\xff", ["listpack", "f=v"]],
    ["a long length", "\x01\xfe\x01\x00\x00\x00f\x01\x00v\xff", ["listpack", "f=v"]],
    ["a wrong count", "\x02\x01f\x01\x00v\xff", ["wrong"]],
    ["no end", "\x01\x01f\x01\x00v", ["wrong"]],
    ["a length beyond the end", "\x01\x09f\x01\x00v\xff", ["wrong"]],
    ["a huge length", "\x01\xfe\xff\xff\xff\xfff\x01\x00v\xff", ["wrong"]],
    ["no value", "\x01\x01f\xff", ["wrong"]],
    ["nothing", "\x00\xff", ["wrong"]],
    ["no byte", "", ["wrong"]],
  ])("with %s", (_name, text, expected) => {
    expect(load(RDB_HASH_ZIPMAP, blob(text))).toEqual(expected);
  });

  it("with many pairs become dicts", () => {
    const pairs = Array.from({ length: 5 }, (_, i) => `\x02f${i}\x01\x00v`).join("");
    expect(load(RDB_HASH_ZIPMAP, blob(`\x05${pairs}\xff`))[0]).toBe("hashtable");
  });
});

describe("ziplists", () => {
  it("become listpacks", () => {
    expect(load(RDB_HASH_ZIPLIST, blob(ziplist("f", "v", "g", "12")))).toEqual([
      "listpack",
      "f=v",
      "g=12",
    ]);
    expect(load(RDB_HASH_ZIPLIST, blob(ziplist()))).toEqual(["empty"]);
    expect(load(RDB_HASH_ZIPLIST, blob(ziplist("f", "v", "g")))).toEqual(["wrong"]);
    expect(load(RDB_HASH_ZIPLIST, blob(ziplist("f", "v", "f", "w")), true)).toEqual(["wrong"]);
  });
});

describe("times to live", () => {
  it("are absolute in what release candidates wrote", () => {
    const fields = load(RDB_HASH_METADATA_PRE_GA, (writer) => {
      writer.length(2);
      for (const [ttl, field] of [
        [AT_MS + 5, "f"],
        [0, "g"],
      ] as const) {
        writer.length(ttl);
        writer.text(field);
        writer.text("v");
      }
    });
    expect(fields).toEqual(["listpackex", "f=v until 5", "g=v"]);
    const packed =
      "\x00\x00\x00\x00\x06\x00\x81f\x02\x81v\x02\x05\x01\x81g\x02\x81w\x02\x00\x01\xff";
    const listpack = String.fromCharCode(packed.length) + packed.slice(1);
    expect(load(RDB_HASH_LISTPACK_EX_PRE_GA, blob(listpack))).toEqual([
      "listpackex",
      `f=v until ${5 - AT_MS}`,
      "g=w",
    ]);
  });

  it("must come in order, and be possible", () => {
    const ordered = (first: string, second: string): string => {
      const body = `\x81f\x02\x81v\x02${first}\x01\x81g\x02\x81w\x02${second}\x01`;
      return `${String.fromCharCode(6 + body.length + 1)}\x00\x00\x00\x06\x00${body}\xff`;
    };
    expect(load(RDB_HASH_LISTPACK_EX_PRE_GA, blob(ordered("\x05", "\x06")))[0]).toBe("listpackex");
    expect(load(RDB_HASH_LISTPACK_EX_PRE_GA, blob(ordered("\x06", "\x05")))).toEqual(["wrong"]);
    expect(load(RDB_HASH_LISTPACK_EX_PRE_GA, blob(ordered("\x00", "\x05")))).toEqual(["wrong"]);
    const tooLate = load(RDB_HASH_METADATA, (writer) => {
      writer.milliseconds(AT_MS);
      writer.length(1);
      writer.length(2 ** 48);
      writer.text("f");
      writer.text("v");
    });
    expect(tooLate).toEqual(["wrong"]);
  });

  it("stay when the hash is too large for a listpack", () => {
    const fields = load(RDB_HASH_METADATA, (writer) => {
      writer.milliseconds(AT_MS);
      writer.length(5);
      for (let i = 0; i < 5; i++) {
        writer.length(i);
        writer.text(`f${i}`);
        writer.text("v");
      }
    });
    expect(fields).toEqual([
      "hashtable",
      "f0=v",
      "f1=v until 0",
      "f2=v until 1",
      "f3=v until 2",
      "f4=v until 3",
    ]);
  });
});

describe("pairs", () => {
  const pairs = (...texts: string[]) => {
    return (writer: RdbWriter): void => {
      writer.length(texts.length / 2);
      for (const text of texts) writer.text(text);
    };
  };

  it.each([
    ["few", pairs("f", "v", "100000", "-5"), ["listpack", "100000=-5", "f=v"]],
    ["a long one", pairs("f", "v", "g", "123456789"), ["hashtable", "f=v", "g=123456789"]],
    ["the same field twice", pairs("f", "v", "f", "w"), ["wrong"]],
    ["none", pairs(), ["empty"]],
  ])("%s", (_name, write, expected) => {
    expect(load(RDB_HASH, write)).toEqual(expected);
  });

  it("that end too early", () => {
    const write = (writer: RdbWriter): void => {
      writer.length(1000);
      writer.text("f");
    };
    expect(load(RDB_HASH, write)).toEqual(["wrong"]);
    expect(load(RDB_HASH_LISTPACK, blob("\x07\x00\x00\x00\x00\x00\xff"))).toEqual(["empty"]);
  });
});
