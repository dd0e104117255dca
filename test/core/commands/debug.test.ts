import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

function debugged(): CoreNode {
  return new CoreNode({ configuration: "enable-debug-command yes" });
}

describe("digests", () => {
  // By DEBUG DIGEST-VALUE of Redis 7.4.1.
  test.each([
    ["SET k emptykey", "12cb119005c42499fabca39f050e2e847cbded0e"],
    ["SET k hello", "36b23a1456b2dce2c3ed252c456761301dba8060"],
    ["SET k 12345", "e1cf90774e995ae03de66e8109dc5cb9d9c2dc83"],
    ["SET k v EX 100", "311b17018163335616e089f6b951c82c477335ac"],
  ])("after %s", (line, digest) => {
    const node = debugged();
    node.run(line);
    expect(node.run("DEBUG DIGEST-VALUE k missing")).toBe(`*2\r\n+${digest}\r\n+${"0".repeat(40)}`);
  });

  test("a whole data set does not depend on the order of keys, but on everything else", () => {
    const digestOf = (...lines: string[]) => {
      const node = debugged();
      for (const line of lines) node.run(line);
      return node.run("DEBUG DIGEST");
    };
    expect(digestOf()).toBe(`+${"0".repeat(40)}`);
    const digest = digestOf("SET a 1", "SET b 2");
    expect(digestOf("SET b 2", "SET a 1")).toBe(digest);
    expect(digestOf("SET b 1", "SET a 2")).not.toBe(digest);
    expect(digestOf("SET a 1", "SET b 2 EX 10")).not.toBe(digest);
    expect(digestOf("SELECT 1", "SET a 1", "SET b 2")).not.toBe(digest);
  });
});

describe("DEBUG RELOAD", () => {
  test("brings everything back", () => {
    const node = debugged();
    node.run("DEBUG POPULATE 500 pop 30");
    node.run("SELECT 3");
    node.run("SET volatile 1 PXAT 9223372036854775001");
    node.run("SET gone 1 PX 5");
    const digest = () => node.run("DEBUG DIGEST");
    node.advance(10);
    const before = digest();
    expect(node.run("DEBUG RELOAD")).toBe("+OK");
    expect(node.run("PEXPIRETIME volatile")).toBe(":9223372036854775001");
    expect(node.run("DBSIZE")).toBe(":1");
    expect(digest()).not.toBe(before);
    const after = digest();
    expect(node.run("DEBUG RELOAD NOFLUSH MERGE")).toBe("+OK");
    expect(digest()).toBe(after);
    expect(node.run("DEBUG RELOAD NOFLUSH")).toMatch(/^-ERR Error trying to load the RDB dump/);
    node.verify();
  });

  test("use of keys survives where the policy looks at it", () => {
    const node = debugged();
    node.set("maxmemory-policy", "allkeys-lru");
    node.run("SET a 1");
    node.advance(100_000);
    node.node.cron.updateAccessClock();
    node.run("DEBUG RELOAD");
    expect(node.run("OBJECT IDLETIME a")).toBe(":100");
    node.set("maxmemory-policy", "allkeys-lfu");
    node.run("SET b 1");
    node.run("DEBUG RELOAD");
    expect(node.run("OBJECT FREQ b")).toBe(":5");
  });

  test("tells nobody of new keys", () => {
    const node = debugged();
    node.set("notify-keyspace-events", "KEAn");
    node.run("SET a 1");
    let events = 0;
    node.node.notifications.publish = () => {
      events++;
    };
    node.run("DEBUG RELOAD");
    expect(events).toBe(0);
    node.run("SET b 1");
    expect(events).toBe(2);
  });
});

describe("other subcommands", () => {
  test.each([
    ["DEBUG SLEEP 0.5", "+OK"],
    ["DEBUG ERROR MYERR", "-MYERR"],
    ["DEBUG STRINGMATCH-TEST", "+Apparently Redis did not crash: test passed"],
    ["DEBUG PROTOCOL push", "-ERR RESP2 is not supported by this command"],
    ["DEBUG PROTOCOL double", "$5\r\n3.141"],
    ["DEBUG OBJECT missing", "-ERR no such key"],
    ["DEBUG HTSTATS 0", "$29\r\n[Dictionary HT]\n[Expires HT]\n"],
    ["DEBUG HTSTATS 16", "-ERR Out of range database"],
    ["DEBUG POPULATE x", "-ERR value is out of range, must be positive"],
    [
      "debug nothing",
      "-ERR unknown subcommand or wrong number of arguments for 'nothing'. Try DEBUG HELP.",
    ],
    [
      "DEBUG sleep",
      "-ERR unknown subcommand or wrong number of arguments for 'sleep'. Try DEBUG HELP.",
    ],
  ])("%s", (line, reply) => {
    expect(debugged().run(line)).toBe(reply);
  });

  test("SLEEP stops the node", () => {
    const node = debugged();
    node.run("DEBUG SLEEP 0.25");
    expect(node.sleptUs).toBe(250_000);
  });

  test("POPULATE spares what is there and sizes values", () => {
    const node = debugged();
    node.run("SET key:1 mine");
    node.run("DEBUG POPULATE 3");
    node.run("DEBUG POPULATE 2 sized 3");
    node.run("DEBUG POPULATE 1 long 10");
    expect(node.run("MGET key:0 key:1 key:2 sized:1 long:0")).toBe(
      "*5\r\n$7\r\nvalue:0\r\n$4\r\nmine\r\n$7\r\nvalue:2\r\n$3\r\nval\r\n$10\r\nvalue:0\0\0\0",
    );
  });

  test("HTSTATS adds up", () => {
    const node = debugged();
    node.run("DEBUG POPULATE 1000");
    const text = node.run("DEBUG HTSTATS 0 full");
    const size = Number(/table size: (\d+)/.exec(text)![1]);
    const rows = [...text.matchAll(/^ {3}(\d+): (\d+) /gm)].map(([, n, times]) => [+n, +times]);
    expect(rows.reduce((sum, [, times]) => sum + times, 0)).toBe(size);
    expect(rows.reduce((sum, [n, times]) => sum + n * times, 0)).toBe(1000);
  });

  test("OBJECT tells how a value is kept", () => {
    const node = debugged();
    node.run(`SET a ${"a".repeat(200)}`);
    expect(node.run("DEBUG OBJECT a")).toMatch(
      /^\+Value at:0x[0-9a-f]+ refcount:1 encoding:raw serializedlength:13 lru:\d+ lru_seconds_idle:0$/,
    );
  });

  test("DICT-RESIZING 0 keeps emptied pages", () => {
    const node = debugged();
    const { dicts } = node.node.keyspace;
    const slots = () => dicts.slotCount(node.node.databases[0].dict);
    node.run("DEBUG POPULATE 100");
    const before = slots();
    node.run("DEBUG DICT-RESIZING 0");
    for (let i = 0; i < 98; i++) node.run(`DEL key:${i}`);
    expect(slots()).toBe(before);
    node.run("DEBUG DICT-RESIZING 1");
    node.run("DEL key:98");
    expect(slots()).toBeLessThan(before);
  });
});

describe("clients", () => {
  test("REPLYBUFFER sets when the peak of a client is forgotten", () => {
    const node = debugged();
    const { clients } = node.node;
    node.run("DEBUG REPLYBUFFER PEAK-RESET-TIME 100");
    expect(clients.replyPeakMs).toBe(100);
    node.run("DEBUG REPLYBUFFER peak-reset-time never");
    expect(clients.replyPeakMs).toBe(-1);
    node.run("DEBUG REPLYBUFFER PEAK-RESET-TIME RESET");
    expect(clients.replyPeakMs).toBe(5000);
    expect(node.run("DEBUG REPLYBUFFER PEAK-RESET-TIME x")).toMatch(
      /^-ERR value is not an integer/,
    );
    expect(node.run("DEBUG REPLYBUFFER other 1")).toMatch(/^-ERR unknown subcommand/);
  });

  test("CLIENT-EVICTION counts clients by their memory", () => {
    const node = debugged();
    expect(node.run("DEBUG CLIENT-EVICTION")).toBe("-ERR maxmemory-clients is disabled.");
    node.set("maxmemory-clients", "100mb");
    node.send(2, "PING");
    const lines = node.run("DEBUG CLIENT-EVICTION").split("\n");
    expect(lines.length).toBe(1 + 19 + 1);
    expect(lines[1]).toMatch(/^bucket {10}0 - {6}32767: tot-mem: +\d+, clients: 2$/);
    expect(lines[19]).toBe("bucket 4294967296+            : tot-mem:          0, clients: 0");
  });
});

test.each([
  ["SEGFAULT", "crashed by signal: 11"],
  ["ASSERT", "=== ASSERTION FAILED ==="],
  ["OOM", "Out Of Memory"],
  ["PANIC", "Guru Meditation: DEBUG PANIC called at Unix time 1700000000"],
])("%s ends the node as a broken invariant does", (name, message) => {
  const node = debugged();
  expect(() => node.run(`DEBUG ${name}`)).toThrow(message);
});
