import { describe, expect, it } from "vitest";
import { NONE, type Ref } from "../../../../core/memory/arena.ts";
import { finishDump } from "../../../../core/persistence/dump.ts";
import { RdbReader } from "../../../../core/persistence/rdb-reader.ts";
import { LoadedValue } from "../../../../core/persistence/rdb-types.ts";
import { RdbWriter } from "../../../../core/persistence/rdb-writer.ts";
import { verifyStream } from "../../../../core/types/stream/stream-check.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";
import { CoreNode } from "../../../support/core-node.ts";
import { decode, plain } from "../../commands/support.ts";

// A stream that real servers have made: entries 1-1, 2-1 (deleted), 3-1, 4-1; group g, with 1-1 and 3-1
// pending for alice and 4-1 for bob; group h at 3-1 without consumers.
const NODE =
  "011000000000000000010000000000000001" +
  "4063630000001d00030101010101856669656c640600010201000100018676616c7565310704010301010100018676616c" +
  "7565320704010201020100018676616c7565330704010001030100010201856f74686572060501856669656c6406817802" +
  "0801ff";
const LENGTH_AND_LAST_ID = "030401";
const FACTS = "0101020104";
const PENDING =
  "0300000000000000010000000000000001e803000000000000030000000000000003000000000000000169ad6307a20100" +
  "00010000000000000004000000000000000171ad6307a201000001";
const ALICE = "05616c69636575ad6307a2010000";
const ALICE_ACTIVE = "75ad6307a2010000";
const ALICE_PENDING = "020000000000000001000000000000000100000000000000030000000000000001";
const BOB = "03626f6271ad6307a2010000";
const BOB_ACTIVE = "71ad6307a2010000";
const BOB_PENDING = "0100000000000000040000000000000001";
const UNKNOWN = "81ffffffffffffffff";

/** The bodies of kinds 21, 19 and 15, which differ in what they leave out. */
const KIND_21 = [
  ["15", NODE, LENGTH_AND_LAST_ID, FACTS, "02"],
  ["0167", "0401", "04", PENDING, "02", ALICE, ALICE_ACTIVE, ALICE_PENDING],
  [BOB, BOB_ACTIVE, BOB_PENDING, "0168", "0301", UNKNOWN, "00", "00"],
]
  .flat()
  .join("");
const KIND_19 = [
  ["13", NODE, LENGTH_AND_LAST_ID, FACTS, "02"],
  ["0167", "0401", "04", PENDING, "02", ALICE, ALICE_PENDING, BOB, BOB_PENDING],
  ["0168", "0301", UNKNOWN, "00", "00"],
]
  .flat()
  .join("");
const KIND_15 = [
  ["0f", NODE, LENGTH_AND_LAST_ID, "02"],
  ["0167", "0401", PENDING, "02", ALICE, ALICE_PENDING, BOB, BOB_PENDING],
  ["0168", "0301", "00", "00"],
]
  .flat()
  .join("");

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** A DUMP payload with this body. */
function payload(hex: string): string {
  const writer = new RdbWriter();
  writer.raw(bytesOf(hex));
  finishDump(writer);
  return latin1(writer.bytes, 0, writer.size);
}

function restored(hex: string): CoreNode {
  const core = new CoreNode({ configuration: "enable-debug-command yes\nrdbcompression no" });
  expect(core.send(1, "restore", "s", "0", payload(hex))).toBe("+OK\r\n");
  core.send(1, "hello", "3");
  return core;
}

function ask(core: CoreNode, line: string): unknown {
  return plain(decode(`${core.run(line)}\r\n`));
}

describe("a stream in a DUMP payload", () => {
  it("is loaded from kind 21 and saved as it was", () => {
    const core = restored(KIND_21);
    const dump = core.send(1, "dump", "s");
    expect(dump).toBe(`$${payload(KIND_21).length}\r\n${payload(KIND_21)}\r\n`);
    expect(core.run("debug digest-value s")).toContain("f9cedfc145a71ea8980162e12e2e99e38d099d96");
    expect(ask(core, "xinfo stream s full")).toMatchObject({
      length: 3,
      "radix-tree-keys": 1,
      "radix-tree-nodes": 2,
      "last-generated-id": "4-1",
      "max-deleted-entry-id": "2-1",
      "entries-added": 4,
      "recorded-first-entry-id": "1-1",
      entries: [
        ["1-1", ["field", "value1"]],
        ["3-1", ["field", "value3"]],
        ["4-1", ["other", "5", "field", "x"]],
      ],
      groups: [
        {
          name: "g",
          "last-delivered-id": "4-1",
          "entries-read": 4,
          lag: 0,
          pending: [
            ["1-1", "alice", 1000, 3],
            ["3-1", "alice", 1795420302697, 1],
            ["4-1", "bob", 1795420302705, 1],
          ],
          consumers: [
            { name: "alice", "seen-time": 1795420302709, "active-time": 1795420302709 },
            { name: "bob", "seen-time": 1795420302705, pending: [["4-1", 1795420302705, 1]] },
          ],
        },
        { name: "h", "last-delivered-id": "3-1", "entries-read": null, lag: null, pending: [] },
      ],
    });
  });

  it("is loaded from kind 19, where consumers have only one time", () => {
    const core = restored(KIND_19);
    expect(core.send(1, "dump", "s")).toContain(payload(KIND_21));
  });

  it("has the first ID that it claims", () => {
    const core = restored("15" + "00" + "000102" + "0908" + "0000" + "01" + "00");
    expect(ask(core, "xinfo stream s")).toMatchObject({ "recorded-first-entry-id": "9-8" });
    core.run("xadd s 1-3 f v");
    expect(ask(core, "xinfo stream s")).toMatchObject({ "recorded-first-entry-id": "1-3" });
  });

  it("is loaded from kind 15, and what that does not tell is found out", () => {
    const core = restored(KIND_15);
    expect(ask(core, "xinfo stream s full")).toMatchObject({
      "max-deleted-entry-id": "0-0",
      "entries-added": 3,
      "recorded-first-entry-id": "1-1",
      groups: [
        { "entries-read": 3, lag: 0 },
        { "entries-read": null, lag: null },
      ],
    });
  });

  const refused: readonly [string, string][] = [
    ["more entries than it says", KIND_21.replace(`${NODE}03`, `${NODE}04`)],
    ["an entry above its last ID", KIND_21.replace(`${NODE}030401`, `${NODE}030400`)],
    ["a key of its node that is no ID", KIND_21.replace("1501100000", "15010f0000")],
    ["its node twice", KIND_21.replace(`1501${NODE.slice(2)}`, `1502${NODE.slice(2).repeat(2)}`)],
    ["a group twice", KIND_21.replace("01680301", "01670301")],
    ["a consumer twice", KIND_21.replace(BOB, `05616c696365${BOB.slice(8)}`)],
    ["an entry pending twice", KIND_21.replace(/0{15}4(0{15}1)71ad/, "0000000000000003$171ad")],
    ["a pending entry without consumer", KIND_21.replace(BOB_PENDING, "00")],
    [
      "a pending entry of two consumers",
      KIND_21.replace(BOB_PENDING, BOB_PENDING.replace("4", "3")),
    ],
    [
      "a consumer with an entry that its group has not",
      KIND_21.replace(BOB_PENDING, BOB_PENDING.replace("4", "5")),
    ],
    ["an entry that has another number of elements", KIND_21.replace("310704", "310604")],
    ["flags that are text", KIND_21.replace("020100010001", "816100010001")],
    ["more deleted entries than its head says", KIND_21.replace("0704010301", "0704010201")],
  ];
  for (const [what, hex] of refused) {
    it(`is refused with ${what}`, () => {
      expect(hex).not.toBe(KIND_21);
      const core = new CoreNode();
      const { arena } = core.node.keyspace;
      const before = arena.usedBytes;
      expect(core.send(1, "restore", "s", "0", payload(hex))).toBe("-ERR Bad data format\r\n");
      expect(arena.usedBytes).toBe(before);
      core.verify();
    });
  }

  it("is never broken by damaged input", () => {
    const core = new CoreNode();
    const { keyspace, streams } = core.node;
    const before = keyspace.arena.usedBytes;
    const bytes = bytesOf(KIND_21.slice(2));
    const prng = new Prng(toBytes("damage".padEnd(32)));
    const reader = new RdbReader();
    const loaded = new LoadedValue();
    let loads = 0;
    for (let i = 0; i < 2000; i++) {
      const damaged = bytes.slice();
      for (let j = prng.below(2); j >= 0; j--) {
        damaged[prng.below(damaged.length)] = prng.below(3) === 0 ? 255 : prng.below(256);
      }
      reader.open(damaged, 0, damaged.length);
      let value: Ref = NONE;
      if (keyspace.rdbTypes.load(reader, [15, 19, 21][i % 3], loaded)) {
        loads++;
        value = loaded.value;
        verifyStream(streams, value, new Set(), false);
        const copied = keyspace.copiers[loaded.type]!(value, loaded.encoding);
        verifyStream(streams, copied, new Set(), false);
        keyspace.releasers[loaded.type]!(copied, loaded.encoding);
        keyspace.releasers[loaded.type]!(value, loaded.encoding);
      }
      expect(keyspace.arena.usedBytes).toBe(before);
    }
    expect(loads).toBeGreaterThan(100);
    core.verify();
  });
});
