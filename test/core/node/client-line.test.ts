import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bulkText, clientFields, encode, FakeServer } from "../../support/fake-server.ts";

const FIELDS = JSON.parse(
  readFileSync(new URL("../../fixtures/client-list-fields.json", import.meta.url), "utf8"),
) as string[];

describe("a client in one line", () => {
  it("has Redis's fields in their order", () => {
    const client = new FakeServer().connect();
    const line = bulkText(client.run("CLIENT INFO"));
    expect(Object.keys(clientFields(line))).toEqual(FIELDS);
    expect(line).toMatch(
      /^id=1 addr=127\.0\.0\.1:50001 laddr=127\.0\.0\.1:6379 fd=8 name= age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=26 qbuf-free=\d+ argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=\d+ events=r cmd=client\|info user=default redir=-1 resp=2 lib-name= lib-ver=\n$/,
    );
  });

  it("shows what arrived of a command that is not complete", () => {
    const server = new FakeServer();
    const [client, other] = [server.connect(), server.connect()];
    client.write(`*3\r\n$3\r\nset\r\n$1\r\nk\r\n$100000\r\n${"v".repeat(60000)}`);
    const fields = clientFields(bulkText(other.run("CLIENT LIST ID 1")));
    expect(fields).toMatchObject({ qbuf: "60000", "argv-mem": "4", cmd: "NULL" });
    // The buffer is as large as the argument that was announced.
    expect(Number(fields["qbuf-free"])).toBe(100002 - 60000);
    expect(client.write(`${"v".repeat(40000)}\r\n`)).toBe("+OK\r\n");
    expect(clientFields(bulkText(other.run("CLIENT LIST ID 1")))).toMatchObject({
      qbuf: "0",
      "argv-mem": "0",
      cmd: "set",
    });
  });

  it("gives the query buffer back when it is not needed any more", () => {
    const server = new FakeServer();
    const [client, other] = [server.connect(), server.connect()];
    const free = () => Number(clientFields(bulkText(other.run("CLIENT LIST ID 1")))["qbuf-free"]);
    const command = encode(["set", "k", "v".repeat(400000)]);
    client.write(command.slice(0, 1000));
    client.write(command.slice(1000));
    expect(free()).toBeGreaterThan(400000);
    // Active, but with small commands: what is kept follows the latest peak.
    for (let i = 0; i < 3; i++) {
      server.tick();
      client.run("PING");
    }
    expect(free()).toBe(16384);
    for (let i = 0; i < 35; i++) server.tick();
    expect(free()).toBe(0);
  });

  it("shows flags in Redis's order", () => {
    const server = new FakeServer();
    const [client, other] = [server.connect({ unixSocket: true }), server.connect()];
    const flags = () => clientFields(bulkText(other.run("CLIENT LIST ID 1"))).flags;
    expect(flags()).toBe("U");
    client.run("CLIENT NO-EVICT on");
    client.run("CLIENT NO-TOUCH on");
    client.run("MULTI");
    expect(flags()).toBe("xUeT");
    client.run("RESET");
    client.run("WATCH k");
    other.run("SET k v");
    expect(flags()).toBe("dU");
    client.run("UNWATCH");
    other.run("CLIENT PAUSE 1000 WRITE");
    expect(client.run("SET k v")).toBe("");
    expect(flags()).toBe("bU");
  });

  it("adapts the reply buffer to the replies", () => {
    const server = new FakeServer();
    const [client, other] = [server.connect(), server.connect()];
    const size = () => Number(clientFields(bulkText(other.run("CLIENT LIST ID 1"))).rbs);
    expect(size()).toBe(16384);
    for (let i = 0; i < 60; i++) server.tick();
    expect(size()).toBe(1024);
    other.call("SET", "k", "v".repeat(5000));
    for (let i = 0; i < 5; i++) {
      client.run("GET k");
      server.tick();
    }
    expect(size()).toBe(8192);
    expect(bulkText(other.run("INFO stats"))).toMatch(
      /reply_buffer_shrinks:[1-9]\d*\r\nreply_buffer_expands:3\r\n/,
    );
  });
});
