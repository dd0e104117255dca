import { describe, expect, it, test } from "vitest";
import { NONE } from "../../../core/memory/arena.ts";
import { verifyStream } from "../../../core/types/stream/stream-check.ts";
import { toBytes } from "../../../core/util/bytes.ts";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";
import { decode, type Plain, plain } from "./support.ts";

const SETUP: Readonly<Record<string, readonly string[]>> = {
  two: ["xadd s 1-1 f v", "xadd s 2-1 f v"],
  group: ["xadd s 1-1 f v", "xadd s 2-1 f v", "xgroup create s g 0"],
  pending: [
    "xadd s 1-1 f v",
    "xadd s 2-1 f v",
    "xgroup create s g 0",
    "xreadgroup group g c streams s >",
  ],
  gone: [
    "xadd s 1-1 f v",
    "xadd s 2-1 f v",
    "xgroup create s g 0",
    "xreadgroup group g c streams s >",
    "xdel s 1-1",
  ],
};

function ask(core: CoreNode, line: string): Plain {
  return plain(decode(`${core.run(line)}\r\n`));
}

/** Throws when a stream is broken, or the arena. */
function verify(core: CoreNode): void {
  core.verify();
  const { databases, streams } = core.node;
  const db = databases[0];
  for (const key of ["s", "t"]) {
    const bytes = toBytes(key);
    const entry = db.findAny(new DataView(bytes.buffer), 0, bytes.length);
    if (entry !== NONE) verifyStream(streams, db.valueOf(entry), new Set());
  }
}

describe("what is propagated", () => {
  const now = 1_700_000_000_000;
  test.each([
    ["", "xadd s 1-1 f v", ["xadd s 1-1 f v"]],
    ["", "xadd s * f v", [`xadd s ${now}-0 f v`]],
    ["", "xadd s 5-* f v", ["xadd s 5-0 f v"]],
    ["", "xadd s nomkstream * f v", []],
    ["two", "xadd s 1-1 f v", []],
    ["two", "xadd s maxlen 1 3-1 f v", ["xadd s maxlen 1 3-1 f v"]],
    ["two", "xadd s maxlen ~ 1 limit 5 3-1 f v", ["xadd s maxlen = 3 limit 5 3-1 f v"]],
    ["two", "xadd s minid ~ 2 3-1 f v", ["xadd s minid = 1-1 3-1 f v"]],
    ["two", "xadd s minid ~ 9 * f v", [`xadd s minid = 1-1 ${now}-0 f v`]],
    ["two", "xdel s 1-1 7-7", ["xdel s 1-1 7-7"]],
    ["two", "xdel s 7-7", []],
    ["two", "xtrim s maxlen 1", ["xtrim s maxlen 1"]],
    ["two", "xtrim s maxlen ~ 1", []],
    ["two", "xtrim s maxlen ~ 0 limit 10", ["xtrim s maxlen = 0 limit 10"]],
    ["two", "xtrim s minid ~ 9", ["xtrim s minid = 18446744073709551615-18446744073709551615"]],
    ["two", "xsetid s 9-9", ["xsetid s 9-9"]],
    ["", "xgroup create s g $ mkstream", ["xgroup create s g $ mkstream"]],
    ["group", "xgroup createconsumer s g c", ["xgroup createconsumer s g c"]],
    ["pending", "xgroup createconsumer s g c", []],
    ["pending", "xgroup delconsumer s g c", ["xgroup delconsumer s g c"]],
    ["pending", "xgroup destroy s g", ["xgroup destroy s g"]],
    [
      "group",
      "xreadgroup group g c streams s >",
      [
        "multi",
        `XCLAIM s g c 0 1-1 TIME ${now} RETRYCOUNT 1 FORCE JUSTID LASTID 1-1`,
        `XCLAIM s g c 0 2-1 TIME ${now} RETRYCOUNT 1 FORCE JUSTID LASTID 2-1`,
        "XGROUP SETID s g 2-1 ENTRIESREAD 2",
        "exec",
      ],
    ],
    [
      "group",
      "xreadgroup group g c count 1 noack streams s >",
      ["multi", "XGROUP CREATECONSUMER s g c", "XGROUP SETID s g 1-1 ENTRIESREAD 1", "exec"],
    ],
    ["pending", "xreadgroup group g c streams s 0", []],
    ["pending", "xreadgroup group g d streams s >", []],
    ["pending", "xack s g 1-1 9-9", ["xack s g 1-1 9-9"]],
    ["pending", "xack s g 9-9", []],
    [
      "pending",
      "xclaim s g d 0 1-1 7-7 idle 1000 retrycount 9",
      [`XCLAIM s g d 0 1-1 TIME ${now - 1000} RETRYCOUNT 9 FORCE JUSTID LASTID 2-1`],
    ],
    ["pending", "xclaim s g d 0 7-7 lastid 8-8", ["XGROUP SETID s g 8-8 ENTRIESREAD 2"]],
    [
      "gone",
      "xclaim s g d 0 1-1",
      [`XCLAIM s g c 0 1-1 TIME ${now} RETRYCOUNT 1 FORCE JUSTID LASTID 2-1`],
    ],
    [
      "gone",
      "xautoclaim s g d 0 -",
      [
        "multi",
        `XCLAIM s g c 0 1-1 TIME ${now} RETRYCOUNT 1 FORCE JUSTID LASTID 2-1`,
        `XCLAIM s g d 0 2-1 TIME ${now} RETRYCOUNT 2 FORCE JUSTID LASTID 2-1`,
        "exec",
      ],
    ],
  ] as const)("%s: %s", (setup, line, expected) => {
    const core = new CoreNode({ propagates: true });
    for (const command of SETUP[setup] ?? []) core.run(command);
    core.takePropagated();
    core.run(line);
    expect(core.takePropagated()).toEqual(expected);
    verify(core);
  });
});

describe("keyspace events", () => {
  test.each([
    ["", "xadd s 1-1 f v", "xadd"],
    ["two", "xadd s maxlen 1 3-1 f v", "xadd xtrim"],
    ["two", "xadd s maxlen ~ 1 3-1 f v", "xadd"],
    ["two", "xdel s 1-1", "xdel"],
    ["two", "xdel s 9-9", ""],
    ["two", "xtrim s maxlen 1", "xtrim"],
    ["two", "xsetid s 9-9", "xsetid"],
    ["", "xgroup create s g $ mkstream", "xgroup-create"],
    ["group", "xgroup setid s g 0", "xgroup-setid"],
    ["group", "xgroup createconsumer s g c", "xgroup-createconsumer"],
    ["pending", "xgroup createconsumer s g c", ""],
    ["pending", "xgroup delconsumer s g c", "xgroup-delconsumer"],
    ["pending", "xgroup destroy s g", "xgroup-destroy"],
    ["group", "xreadgroup group g c streams s >", "xgroup-createconsumer"],
    ["pending", "xreadgroup group g c streams s 0", ""],
    ["pending", "xack s g 1-1", ""],
    ["pending", "xclaim s g d 0 1-1", "xgroup-createconsumer"],
    ["pending", "xautoclaim s g d 0 0", "xgroup-createconsumer"],
  ])("%s: %s", (setup, line, events) => {
    const core = new CoreNode();
    for (const command of SETUP[setup] ?? []) core.run(command);
    core.set("notify-keyspace-events", "Kt");
    core.send(2, "subscribe", "__keyspace@0__:s");
    core.run(line);
    const names = [...core.take(2).matchAll(/:s\r\n\$\d+\r\n(.*?)\r\n/g)].map((match) => match[1]);
    expect(names.join(" ")).toBe(events);
  });
});

describe("waiting", () => {
  const entry = (id: string): string =>
    `*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n${id}\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n`;
  const noGroup =
    "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n";

  /** Client 2 waits. */
  function waiting(setup: string, line: string): CoreNode {
    const core = new CoreNode({ propagates: true });
    for (const command of SETUP[setup] ?? []) core.run(command);
    expect(core.send(2, ...line.split(" "))).toBe("");
    core.takePropagated();
    return core;
  }

  it("ends with an entry behind the last one of the time when it began", () => {
    const core = waiting("two", "xread block 0 streams s $");
    core.run("multi");
    core.run("xadd s 3-1 f v");
    core.run("xdel s 3-1");
    core.run("exec");
    expect(core.take(2)).toBe("");
    core.run("xadd s 4-1 f v");
    expect(core.take(2)).toBe(entry("4-1"));
    core.run("xadd s 5-1 f v");
    expect(core.take(2)).toBe("");
  });

  it("ends with the first entry of a stream that is made", () => {
    const core = waiting("", "xread block 0 streams nothing s $ $");
    core.run("xgroup create s g $ mkstream");
    expect(core.take(2)).toBe("");
    core.run("xadd s 1-1 f v");
    expect(core.take(2)).toBe(entry("1-1"));
  });

  it("goes on when the key is removed or gets another type, and its group is not asked for", () => {
    const core = waiting("two", "xread block 0 streams s $");
    core.run("set s text");
    core.run("del s");
    expect(core.take(2)).toBe("");
    core.run("xadd s 1-5 f v");
    expect(core.take(2)).toBe("");
    core.run("xadd s 9-9 f v");
    expect(core.take(2)).toContain("9-9");
  });

  it("serves the consumers of a group in the order of their waiting", () => {
    const core = waiting("pending", "xreadgroup group g c count 1 block 0 streams s >");
    core.send(3, ..."xreadgroup group g d block 0 streams s >".split(" "));
    core.run("xadd s 3-1 f v");
    expect(core.take(2)).toBe(entry("3-1"));
    expect(core.take(3)).toBe("");
    core.run("xadd s 4-1 f v");
    expect(core.take(3)).toBe(entry("4-1"));
    expect(core.takePropagated()).toEqual([
      "xadd s 3-1 f v",
      "multi",
      `XCLAIM s g c 0 3-1 TIME ${core.nowMs} RETRYCOUNT 1 FORCE JUSTID LASTID 3-1`,
      "XGROUP SETID s g 3-1 ENTRIESREAD 3",
      "exec",
      "xadd s 4-1 f v",
      "multi",
      `XCLAIM s g d 0 4-1 TIME ${core.nowMs} RETRYCOUNT 1 FORCE JUSTID LASTID 4-1`,
      "XGROUP SETID s g 4-1 ENTRIESREAD 4",
      "exec",
    ]);
    verify(core);
  });

  test.each([
    ["del s", noGroup],
    ["unlink s", noGroup],
    ["xgroup destroy s g", noGroup],
    ["flushall", noGroup],
    ["rename s t", noGroup],
    ["pexpire s -1", noGroup],
    ["set s text", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"],
  ])("for a group ends with %s", (line, reply) => {
    const core = waiting("pending", "xreadgroup group g c block 0 streams s >");
    core.run(line);
    expect(core.take(2)).toBe(reply);
  });

  it("ends after its time, with a null array", () => {
    const core = waiting("pending", "xreadgroup group g c block 50 streams s >");
    core.advance(50);
    core.tick();
    expect(core.take(2)).toBe("");
    core.advance(1);
    core.tick();
    expect(core.take(2)).toBe("*-1\r\n");
  });

  it("is not possible inside a transaction", () => {
    const core = new CoreNode();
    core.run("multi");
    core.run("xread block 0 streams s $");
    expect(core.run("exec")).toBe("*1\r\n*-1");
  });
});

describe("XREADGROUP", () => {
  it("hands an entry over when the group is set back", () => {
    const core = new CoreNode();
    for (const command of SETUP.pending) core.run(command);
    core.run("xgroup setid s g 0");
    core.run("xreadgroup group g d count 1 streams s >");
    expect(ask(core, "xpending s g")).toEqual([
      2,
      "1-1",
      "2-1",
      [
        ["c", "1"],
        ["d", "1"],
      ],
    ]);
    verify(core);
  });

  it("answers with the ID alone when an entry of the history was deleted", () => {
    const core = new CoreNode();
    for (const command of SETUP.gone) core.run(command);
    core.advance(70);
    expect(ask(core, "xreadgroup group g c streams s 0")).toEqual([
      [
        "s",
        [
          ["1-1", null],
          ["2-1", ["f", "v"]],
        ],
      ],
    ]);
    expect(ask(core, "xpending s g - + 10")).toEqual([
      ["1-1", "c", 70, 1],
      ["2-1", "c", 0, 2],
    ]);
  });
});

describe("a group with much that is pending", () => {
  function filled(): CoreNode {
    const core = new CoreNode();
    for (let i = 1; i <= 3000; i++) core.run(`xadd s ${i}-0 f v`);
    core.run("xgroup create s g 0");
    core.run("xreadgroup group g c streams s >");
    core.run("xreadgroup group g idle streams s >");
    return core;
  }

  it("is freed in steps", () => {
    const core = filled();
    const before = core.node.usedMemory();
    expect(core.run("xgroup destroy s g")).toBe(":1");
    expect(core.run("xinfo groups s")).toBe("*0");
    const { usedBytes } = core.node.keyspace.arena;
    expect(core.runJobs()).toBeGreaterThan(2);
    expect(core.node.keyspace.arena.usedBytes).toBeLessThan(usedBytes - 3000 * 40);
    expect(core.node.usedMemory()).toBeLessThan(before);
    verify(core);
  });

  it("loses a consumer at once, and takes little memory until then", () => {
    const core = filled();
    const bytes = Number(core.run("memory usage s samples 0").slice(1));
    expect(bytes).toBeLessThan(3000 * (36 + 16) * 1.1 + 3000 * 20);
    expect(core.run("xgroup delconsumer s g c")).toBe(":3000");
    expect(ask(core, "xpending s g")).toEqual([0, null, null, null]);
    verify(core);
  });
});

describe("a replica", () => {
  /** What two copies must agree on: everything but times, delivery counts and idle consumers. */
  function essence(core: CoreNode, key: string): unknown {
    const info = ask(core, `xinfo stream ${key} full count 0`);
    if (typeof info !== "object" || info === null || Array.isArray(info)) return info;
    const groups = (info.groups as { [name: string]: Plain }[]).map((group) => ({
      ...group,
      pending: (group.pending as Plain[][]).map(([id, consumer]) => [id, consumer]),
      consumers: (group.consumers as { [name: string]: Plain }[])
        .filter((consumer) => consumer["pel-count"] !== 0)
        .map(({ name, pending }) => [name, (pending as Plain[][]).map(([id]) => id)]),
    }));
    return { ...info, groups };
  }

  function someCommand(prng: Prng, top: number): string {
    const pick = <T>(items: readonly T[]): T => items[prng.below(items.length)];
    const id = (): string => `${1 + prng.below(top + 1)}-${prng.below(3)}`;
    const key = pick(["s", "s", "t"]);
    const [group, consumer] = [pick(["g", "h"]), pick(["c", "d", "e"])];
    switch (prng.below(16)) {
      case 0:
        return `xdel ${key} ${id()} ${id()}`;
      case 1:
        return `xtrim ${key} ${pick(["maxlen", "maxlen ~", "maxlen ="])} ${prng.below(60)}`;
      case 2:
        return `xtrim ${key} minid ${pick(["~", "="])} ${id()}`;
      case 3:
        return `xgroup create ${key} ${group} ${pick(["0", "$", id()])} mkstream`;
      case 4:
        return `xack ${key} ${group} ${id()} ${id()} ${id()}`;
      case 5:
        return `xclaim ${key} ${group} ${consumer} 0 ${id()} ${id()} ${pick(["justid", "force"])}`;
      case 6:
        return `xautoclaim ${key} ${group} ${consumer} 0 ${id()} count 4`;
      case 7:
      case 8:
        return `xreadgroup group ${group} ${consumer} count 4 streams ${key} >`;
      case 9:
        return pick([
          `xgroup setid ${key} ${group} ${id()}`,
          `xgroup delconsumer ${key} ${group} ${consumer}`,
          `xreadgroup group ${group} ${consumer} count 2 noack streams ${key} >`,
          `xgroup destroy ${key} ${group}`,
          `xsetid ${key} ${top + 2}`,
          `copy ${key} ${key === "s" ? "t" : "s"} replace`,
        ]);
      default:
        return `xadd ${key} ${pick(["", "maxlen ~ 30 ", "maxlen 50 ", "minid ~ 3 "])}${top}-* f ${id()}`;
    }
  }

  it("comes to the same by what is propagated", () => {
    const prng = new Prng(toBytes("replica".padEnd(32)));
    let pending = 0;
    for (let round = 0; round < 4; round++) {
      const primary = new CoreNode({ propagates: true });
      const replica = new CoreNode();
      for (const core of [primary, replica]) {
        core.run("hello 3");
        core.set("stream-node-max-entries", "5");
      }
      for (let step = 0; step < 1500; step++) {
        primary.advance(prng.below(3));
        primary.run(someCommand(prng, 1 + Math.floor(step / 20)));
        for (const line of primary.takePropagated()) replica.run(line);
        if (step % 50 > 0) continue;
        for (const key of ["s", "t"]) expect(essence(replica, key)).toEqual(essence(primary, key));
        pending += JSON.stringify(essence(replica, "s")).split('"c"').length - 1;
        verify(primary);
        verify(replica);
      }
    }
    // It was not all empty.
    expect(pending).toBeGreaterThan(200);
  });
});
