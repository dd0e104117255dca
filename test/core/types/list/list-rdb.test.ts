import { describe, expect, it, test } from "vitest";
import { QUICKLIST } from "../../../../core/keyspace/types.ts";
import {
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
} from "../../../../core/persistence/rdb-format.ts";
import { RdbReader } from "../../../../core/persistence/rdb-reader.ts";
import { LoadedValue } from "../../../../core/persistence/rdb-types.ts";
import { RdbWriter } from "../../../../core/persistence/rdb-writer.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { CoreNode } from "../../../support/core-node.ts";

function random(seed: number): Prng {
  return new Prng(Uint8Array.from({ length: 32 }, (_, i) => (seed * 41 + i * 13) & 255));
}

/** Loads a value and gives its elements, or what is wrong with it. Nothing of it stays. */
function load(node: CoreNode, kind: number, bytes: Uint8Array, deep = false): string[] | string {
  const { keyspace, lists } = node.node;
  const before = keyspace.arena.usedBytes;
  const reader = new RdbReader();
  const loaded = new LoadedValue();
  reader.open(bytes, 0, bytes.length);
  reader.deep = deep;
  let result: string[] | string;
  if (keyspace.rdbTypes.load(reader, kind, loaded)) {
    lists.openValue(loaded.value, loaded.encoding);
    result = [];
    const cursor = lists.start(0, true);
    while (cursor.at >= 0) {
      lists.lookAtCursor();
      result.push(latin1(lists.bytes, lists.offset, lists.offset + lists.length));
      cursor.advance();
    }
    expect(result.length).toBe(lists.count);
    expect(result.length).toBeGreaterThan(0);
    lists.free(loaded.value, loaded.encoding);
  } else {
    result = reader.error;
  }
  keyspace.arena.verify();
  expect(keyspace.arena.usedBytes).toBe(before);
  return result;
}

/** A ziplist of short strings. */
function ziplist(...texts: string[]): Uint8Array {
  const entries: number[] = [];
  let previous = 0;
  let last = 10;
  for (const text of texts) {
    last = 10 + entries.length;
    entries.push(previous, text.length, ...toBytes(text));
    previous = 2 + text.length;
  }
  const bytes = Uint8Array.of(...new Array(10).fill(0), ...entries, 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, last, true);
  view.setUint16(8, texts.length, true);
  return bytes;
}

function written(write: (writer: RdbWriter) => void): Uint8Array {
  const writer = new RdbWriter();
  write(writer);
  return writer.bytes.slice(0, writer.size);
}

describe("what is saved is loaded", () => {
  for (const fill of [-1, -2, 1, 5, 128]) {
    for (const depth of [0, 1]) {
      it(`list-max-listpack-size ${fill}, list-compress-depth ${depth}`, () => {
        const node = new CoreNode();
        node.set("list-max-listpack-size", String(fill));
        node.set("list-compress-depth", String(depth));
        const prng = random(fill * 3 + depth + 50);
        for (let round = 0; round < 10; round++) {
          node.run("DEL l copy");
          for (let i = prng.below(60); i >= 0; i--) {
            node.send(
              1,
              "RPUSH",
              "l",
              "x".repeat(prng.below(prng.below(4) === 0 ? 6000 : 30)),
              `${i}`,
            );
          }
          const dump = node.send(1, "DUMP", "l");
          const payload = dump.slice(dump.indexOf("\n") + 1, -2);
          expect(node.send(1, "RESTORE", "copy", "0", payload)).toBe("+OK\r\n");
          expect(node.send(1, "DUMP", "copy")).toBe(dump);
          expect(node.strings("LRANGE copy 0 -1")).toEqual(node.strings("LRANGE l 0 -1"));
          expect(node.run("OBJECT ENCODING copy")).toBe(node.run("OBJECT ENCODING l"));
        }
      });
    }
  }
});

describe("values of older versions", () => {
  const node = new CoreNode();

  test("of single elements", () => {
    const bytes = written((writer) => {
      writer.length(3);
      for (const text of ["a", "12345", ""]) writer.text(text);
    });
    expect(load(node, RDB_LIST, bytes)).toEqual(["a", "12345", ""]);
    expect(load(node, RDB_LIST, Uint8Array.of(0))).toBe("empty value");
  });

  test("a ziplist", () => {
    const bytes = written((writer) => writer.string(ziplist("a", "bc", "17")));
    expect(load(node, RDB_LIST_ZIPLIST, bytes)).toEqual(["a", "bc", "17"]);
    expect(
      load(
        node,
        RDB_LIST_ZIPLIST,
        written((writer) => writer.string(ziplist())),
      ),
    ).toBe("empty value");
  });

  test("several ziplists, empty ones among them", () => {
    const bytes = written((writer) => {
      writer.length(3);
      writer.string(ziplist("a", "b"));
      writer.string(ziplist());
      writer.string(ziplist("c"));
    });
    expect(load(node, RDB_LIST_QUICKLIST, bytes)).toEqual(["a", "b", "c"]);
    const empty = written((writer) => {
      writer.length(1);
      writer.string(ziplist());
    });
    expect(load(node, RDB_LIST_QUICKLIST, empty)).toBe("empty value");
  });
});

describe("bad input", () => {
  const node = new CoreNode();

  test.each([
    ["an unknown container", [1, 3, 1, 97], "quicklist integrity check failed"],
    ["a large element without text", [1, 1, 0], "quicklist integrity check failed"],
    ["a listpack that is none", [1, 2, 3, 1, 2, 3], "listpack integrity check failed"],
    ["no nodes", [0], "empty value"],
    ["an empty listpack only", [1, 2, 7, 7, 0, 0, 0, 0, 0, 255], "empty value"],
  ])("%s", (_name, bytes, error) => {
    expect(load(node, RDB_LIST_QUICKLIST_2, Uint8Array.from(bytes as number[]))).toBe(error);
  });

  test("bits that flip do no harm", () => {
    const prng = random(9);
    node.set("list-max-listpack-size", "4");
    node.run("RPUSH l a 5 1000 70000 hello 9007199254740993 x y z 12");
    const { lists, databases, keyspace } = node.node;
    const key = toBytes("l");
    const entry = databases[0].find(new DataView(key.buffer), 0, 1);
    expect(databases[0].encodingOf(entry)).toBe(QUICKLIST);
    const good = written((writer) => {
      keyspace.rdbTypes.savers[1]!.save(writer, databases[0].valueOf(entry), QUICKLIST);
    });
    const elements = node.strings("LRANGE l 0 -1");
    expect(load(node, RDB_LIST_QUICKLIST_2, good)).toEqual(elements);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const bytes = good.slice(0, prng.below(4) === 0 ? prng.below(good.length) : good.length);
      for (let flips = 1 + prng.below(3); flips > 0 && bytes.length > 0; flips--) {
        bytes[prng.below(bytes.length)] ^= 1 << prng.below(8);
      }
      if (typeof load(node, RDB_LIST_QUICKLIST_2, bytes, prng.below(2) === 0) === "string")
        refused++;
    }
    expect(refused).toBeGreaterThan(1000);
    expect(lists.count).toBeGreaterThan(0);
  });

  test("a listpack of more entries than a node counts", () => {
    node.set("list-max-listpack-size", "-2");
    const count = 70_000;
    const bytes = new Uint8Array(7 + count * 2);
    new DataView(bytes.buffer).setUint32(0, bytes.length, true);
    bytes.fill(255, 4, 6);
    for (let i = 0; i < count; i++) bytes.set([i % 100, 1], 6 + i * 2);
    bytes[bytes.length - 1] = 255;
    const value = written((writer) => {
      writer.length(1);
      writer.length(2);
      writer.string(bytes);
    });
    const elements = load(node, RDB_LIST_QUICKLIST_2, value);
    expect(elements).toEqual(Array.from({ length: count }, (_, i) => String(i % 100)));
  });
});
