import { describe, expect, it } from "vitest";
import { bulkText, FakeServer } from "../../support/fake-server.ts";

describe("MEMORY USAGE", () => {
  it("of a string is its block, and a slot in each index that it is in", () => {
    const server = new FakeServer();
    const client = server.connect();
    const used = () => server.node.keyspace.arena.usedBytes;
    client.run("SET other v");
    const before = used();
    client.call("SET", "k", "v".repeat(1000));
    const bytes = used() - before;
    expect(client.run("MEMORY USAGE k")).toBe(`:${bytes + 8}`);
    client.run("SET other v");
    client.run("EXPIRE k 100");
    expect(Number(client.run("MEMORY USAGE k").slice(1))).toBe(bytes + 8 + 8 + 8);
  });

  it("of a set grows with it, sampled or not", () => {
    const client = new FakeServer().connect();
    for (let i = 0; i < 1000; i++) client.run(`SADD s member:${i}:${"x".repeat(i % 10)}`);
    const [sampled, all] = ["MEMORY USAGE s", "MEMORY USAGE s SAMPLES 0"].map((line) =>
      Number(client.run(line).slice(1)),
    );
    expect(all).toBeGreaterThan(1000 * 20);
    expect(Math.abs(sampled - all)).toBeLessThan(all / 4);
  });

  it("of a key that is not there is nil, whatever the options", () => {
    const client = new FakeServer().connect();
    expect(client.run("MEMORY USAGE missing")).toBe("$-1");
    expect(client.run("MEMORY USAGE missing SAMPLES -1")).toBe("-ERR syntax error");
    expect(client.run("MEMORY USAGE missing SAMPLES")).toBe("-ERR syntax error");
  });
});

describe("MEMORY STATS", () => {
  it("has as many pairs as it says, and names the databases with keys", () => {
    const client = new FakeServer().connect();
    client.write("SET k v\r\nSELECT 9\r\nSET k v EX 100\r\n");
    const lines = client.run("MEMORY STATS").split("\r\n");
    expect(lines[0]).toBe("*66");
    const names = lines.filter((line) => /^[a-z][a-z.-]*\d*$/.test(line));
    expect(names).toHaveLength(33 + 4);
    expect(names.filter((name) => name.startsWith("db."))).toEqual([
      "db.0",
      "db.9",
      "db.dict.rehashing.count",
    ]);
  });

  it("names databases that had keys, until they are cleared in the background", () => {
    const client = new FakeServer().connect();
    const named = (): string[] => client.run("MEMORY STATS").match(/^db\.\d+$/gm) ?? [];
    client.run("GET k");
    expect(named()).toEqual([]);
    client.run("SET k v");
    client.run("DEL k");
    expect(named()).toEqual(["db.0"]);
    client.run("SWAPDB 0 3");
    expect(named()).toEqual(["db.3"]);
    // Where nobody may wait, what is cleared at once keeps its table.
    client.write("MULTI\r\nFLUSHALL SYNC\r\nEXEC\r\n");
    expect(named()).toEqual(["db.3"]);
    client.run("SWAPDB 3 5");
    expect(named()).toEqual(["db.5"]);
    client.run("FLUSHALL");
    expect(named()).toEqual([]);
  });

  it("shows ratios with the digits of single precision", () => {
    const client = new FakeServer().connect();
    client.run("HELLO 3");
    client.call("SET", "k", "v".repeat(70000));
    client.run("DEL k");
    const [, text] = /\$15\r\npeak\.percentage\r\n,([\d.]+)\r\n/.exec(client.run("MEMORY STATS"))!;
    expect(Math.fround(Number(text))).toBe(Number(text));
  });
});

it("MEMORY DOCTOR", () => {
  const server = new FakeServer();
  const client = server.connect();
  expect(bulkText(client.run("MEMORY DOCTOR"))).toMatch(/^Hi Sam, this instance is empty or is/);
  for (let i = 0; i < 1000; i++) client.call("SET", `k${i}`, "v".repeat(30000));
  // 64 MB resident for 30 MB of data.
  expect(bulkText(client.run("MEMORY DOCTOR"))).toMatch(
    /^Sam, I detected a few issues in this Redis instance memory implants:\n\n \* High total RSS/,
  );
  for (let i = 0; i < 700; i++) client.run(`DEL k${i}`);
  expect(bulkText(client.run("MEMORY DOCTOR"))).toContain(" * Peak memory: ");
});

it("MEMORY MALLOC-STATS, PURGE", () => {
  const client = new FakeServer().connect();
  expect(bulkText(client.run("MEMORY MALLOC-STATS"))).toMatch(
    /^segments: 1, 65536 bytes\nin use: /,
  );
  expect(client.run("MEMORY PURGE")).toBe("+OK");
});
