import { describe, expect, it } from "vitest";
import { bulkText, FakeServer } from "../../support/fake-server.ts";

function pair() {
  const server = new FakeServer();
  return { server, client: server.connect(), other: server.connect() };
}

describe("WATCH", () => {
  it("makes EXEC fail when a key has changed, and watches nothing afterwards", () => {
    const { client, other } = pair();
    client.run("WATCH a b a");
    expect(bulkText(client.run("INFO clients"))).toMatch(
      /watching_clients:1\r\n.*total_watched_keys:2\r\n/s,
    );
    other.run("SET b 1");
    expect(bulkText(client.run("INFO clients"))).toContain("watching_clients:0\r\n");
    client.run("MULTI");
    client.run("SET a 1");
    expect(client.run("EXEC")).toBe("*-1");
    expect(client.run("GET a")).toBe("$-1");
    client.run("MULTI");
    expect(client.run("EXEC")).toBe("*0");
  });

  it("knows databases", () => {
    const { client, other } = pair();
    client.run("WATCH a");
    other.run("SELECT 3");
    other.run("SET a 1");
    client.run("SELECT 3");
    client.run("MULTI");
    expect(client.run("EXEC")).toBe("*0");
  });

  it("notices that a key has expired, removed or not", () => {
    const { server, client, other } = pair();
    other.run("SET a 1 PX 10");
    client.run("WATCH a");
    client.run("MULTI");
    server.advance(20);
    expect(client.run("EXEC")).toBe("*-1");
    other.run("SET a 1 PX 10");
    client.run("WATCH a");
    client.run("MULTI");
    server.advance(20);
    other.run("GET a");
    expect(client.run("EXEC")).toBe("*-1");
  });

  it("takes no notice when a key that was expired already goes", () => {
    const { server, client, other } = pair();
    for (const removal of ["GET a", "DEL a", "FLUSHDB", "FLUSHALL"]) {
      other.run("SET a 1 PX 10");
      server.advance(20);
      client.run("WATCH a");
      client.run("MULTI");
      other.run(removal);
      expect(client.run("EXEC"), removal).toBe("*0");
    }
    // But it is a change when it is set anew.
    other.run("SET a 1 PX 10");
    server.advance(20);
    client.run("WATCH a");
    client.run("MULTI");
    other.run("SET a 2");
    expect(client.run("EXEC")).toBe("*-1");
  });

  it.each([
    ["FLUSHDB", "k", "*-1"],
    ["FLUSHALL", "k", "*-1"],
    ["FLUSHALL", "missing", "*0"],
    ["SWAPDB 0 1", "k", "*-1"],
    ["SWAPDB 0 1", "there", "*-1"],
    ["SWAPDB 0 1", "missing", "*0"],
    ["SWAPDB 2 3", "k", "*0"],
  ])("%s, watching %s", (line, key, reply) => {
    const { client, other } = pair();
    other.write("SET k v\r\nSELECT 1\r\nSET there v\r\nSELECT 0\r\n");
    client.run(`WATCH ${key}`);
    client.run("MULTI");
    other.run(line);
    expect(client.run("EXEC")).toBe(reply);
  });

  it("compares what is logically there when databases are swapped", () => {
    const { server, client, other } = pair();
    other.write("SET both 1 PX 10\r\nSELECT 1\r\nSET both 1 PX 10\r\nSET comes 1 PX 10\r\n");
    other.run("SELECT 0");
    server.advance(20);
    client.run("WATCH both comes");
    client.run("MULTI");
    other.run("SWAPDB 0 1");
    expect(client.run("EXEC")).toBe("*0");
  });
});

describe("EXEC", () => {
  it("counts the errors of its commands as theirs", () => {
    const { client } = pair();
    client.write("CONFIG RESETSTAT\r\nMULTI\r\nSET a b\r\nINCR a\r\nINCR a\r\nEXEC\r\n");
    const info = bulkText(client.run("INFO all"));
    expect(info).toMatch(/cmdstat_exec:calls=1,.*,rejected_calls=0,failed_calls=0\r\n/);
    expect(info).toMatch(/cmdstat_incr:calls=2,.*,rejected_calls=0,failed_calls=2\r\n/);
    expect(info).toContain("errorstat_ERR:count=2\r\n");
    expect(info).toContain("total_error_replies:2\r\n");
  });

  it("is propagated as one unit, read-only ones not at all", () => {
    const { server, client } = pair();
    const units: string[][] = [];
    server.node.propagation.listener = (unit) =>
      units.push(unit.map(({ db, words }) => `${db} ${words.join(" ")}`));
    client.write("MULTI\r\nSET a 1\r\nGET a\r\nSELECT 5\r\nINCR b\r\nEXEC\r\n");
    client.write("MULTI\r\nGET a\r\nPING\r\nEXEC\r\nMULTI\r\nEXEC\r\n");
    expect(units).toEqual([["0 SET a 1", "5 INCR b"]]);
  });

  it("keeps nothing when it cannot succeed any more", () => {
    const { client, other } = pair();
    client.run("WATCH k");
    client.run("MULTI");
    other.run("SET k v");
    expect(client.run("SET a 1")).toBe("+QUEUED");
    expect(bulkText(other.run("CLIENT LIST ID 1"))).toContain(" multi=0 ");
  });

  it("runs administration, but no command that needs an undisturbed reply", () => {
    const { client } = pair();
    expect(client.write("MULTI\r\nMONITOR\r\nCONFIG GET hz\r\nEXEC\r\n")).toBe(
      "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n*2\r\n$2\r\nhz\r\n$2\r\n10\r\n",
    );
    client.run("MULTI");
    expect(client.run("SHUTDOWN")).toBe("-ERR Command not allowed inside a transaction");
  });

  it("changes the protocol in the middle of its reply", () => {
    const { client } = pair();
    client.write("MULTI\r\nGET missing\r\nHELLO 3\r\nGET missing\r\n");
    expect(client.run("EXEC")).toMatch(/^\*3\r\n\$-1\r\n%7\r\n.*\r\n_$/s);
  });
});
