import { describe, expect, it } from "vitest";
import { bulkText, FakeServer } from "../../support/fake-server.ts";

function ids(reply: string): number[] {
  return [...bulkText(reply).matchAll(/^id=(\d+) /gm)].map((match) => Number(match[1]));
}

describe("CLIENT KILL", () => {
  it("closes those to which all filters apply", () => {
    const server = new FakeServer();
    const [me, one, two] = [server.connect(), server.connect(), server.connect()];
    expect(me.run("CLIENT KILL ID 2 TYPE pubsub")).toBe(":0");
    expect(me.run("CLIENT KILL ID 2 TYPE normal ADDR 127.0.0.1:50002")).toBe(":1");
    expect([one.isClosed, two.isClosed]).toEqual([true, false]);
    expect(server.closed.get(2)).toBe(false);
    expect(me.run("CLIENT KILL 127.0.0.1:50003")).toBe("+OK");
    expect(ids(me.run("CLIENT LIST"))).toEqual([1]);
    expect(me.run("CLIENT KILL 127.0.0.1:50003")).toBe("-ERR No such client");
  });

  it("answers the caller before it closes it", () => {
    const server = new FakeServer();
    const me = server.connect();
    expect(me.run("CLIENT KILL ID 1")).toBe(":0");
    expect(me.write("CLIENT KILL ID 1 SKIPME no\r\nPING\r\n")).toBe(":1\r\n");
    expect(server.closed.get(1)).toBe(true);
  });

  it("goes by whole seconds of age", () => {
    const server = new FakeServer();
    const [me, old] = [server.connect(), server.connect()];
    server.advance(2000);
    const young = server.connect();
    expect(me.run("CLIENT KILL MAXAGE 2")).toBe(":1");
    expect([old.isClosed, young.isClosed]).toEqual([true, false]);
  });
});

describe("CLIENT PAUSE", () => {
  it("holds back all, or only what writes, and goes on in the order of arrival", () => {
    const server = new FakeServer();
    const [admin, a, b] = [server.connect(), server.connect(), server.connect()];
    admin.run("CLIENT PAUSE 60000 WRITE");
    expect(b.run("APPEND k b")).toBe("");
    expect(a.write("APPEND k a\r\nPING\r\n")).toBe("");
    expect(a.run("GET k")).toBe("");
    expect(bulkText(admin.run("INFO clients"))).toContain("blocked_clients:2\r\n");
    expect(admin.run("GET k")).toBe("$-1");
    expect(admin.run("CLIENT UNPAUSE")).toBe("+OK");
    expect(b.read()).toBe(":1\r\n");
    expect(a.read()).toBe(":2\r\n+PONG\r\n$2\r\nba\r\n");
  });

  it("ends by itself, when the longest of the pauses is over", () => {
    const server = new FakeServer();
    const [admin, client] = [server.connect(), server.connect()];
    admin.run("CLIENT PAUSE 200 ALL");
    // A second client must ask: everybody is paused.
    expect(client.run("CLIENT PAUSE 10 WRITE")).toBe("");
    expect(server.node.nextDeadlineMs()).toBe(server.nowMs + 200);
    server.advance(199);
    server.node.onTick();
    expect(client.read()).toBe("");
    server.advance(1);
    server.node.onTick();
    expect(client.read()).toBe("+OK\r\n");
    expect(admin.run("SET k v")).toBe("");
  });

  it("holds back a transaction that writes as a whole", () => {
    const server = new FakeServer();
    const [admin, client] = [server.connect(), server.connect()];
    client.run("MULTI");
    client.run("SET k v");
    admin.run("CLIENT PAUSE 1000 WRITE");
    expect(client.run("GET k")).toBe("+QUEUED");
    expect(client.run("EXEC")).toBe("");
    admin.run("CLIENT UNPAUSE");
    expect(client.read()).toBe("*2\r\n+OK\r\n$1\r\nv\r\n");
  });

  it("starts when the transaction that contains it is over", () => {
    const client = new FakeServer().connect();
    const reply = client.write("MULTI\r\nCLIENT PAUSE 1000 ALL\r\nSET k v\r\nEXEC\r\nGET k\r\n");
    expect(reply).toBe("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n");
  });

  it("keeps expired keys until it is over", () => {
    const server = new FakeServer();
    const [admin, client] = [server.connect(), server.connect()];
    client.run("SET k v PX 10");
    admin.run("CLIENT PAUSE 1000 WRITE");
    server.advance(50);
    expect(client.run("GET k")).toBe("$-1");
    expect(client.run("DBSIZE")).toBe(":1");
    admin.run("CLIENT UNPAUSE");
    expect(client.run("GET k")).toBe("$-1");
    expect(client.run("DBSIZE")).toBe(":0");
  });
});

describe("CLIENT REPLY", () => {
  it.each([
    [
      "off",
      "PING\r\nCLIENT REPLY OFF\r\nPING\r\nBAD\r\nCLIENT REPLY ON\r\nPING\r\n",
      "+PONG +OK +PONG",
    ],
    ["skip", "CLIENT REPLY SKIP\r\nPING a\r\nPING b\r\n", "$1 b"],
    ["skip, an error", "CLIENT REPLY SKIP\r\nBAD\r\nPING b\r\n", "$1 b"],
    ["skip, then on", "CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nPING\r\n", "+OK +PONG"],
    ["off and skip", "CLIENT REPLY OFF\r\nCLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\n", "+OK"],
    ["off before MULTI", "CLIENT REPLY OFF\r\nMULTI\r\nPING\r\nEXEC\r\nCLIENT REPLY ON\r\n", "+OK"],
    // As in Redis: what is written while replies are off is lost, even the head of EXEC's reply.
    [
      "on inside EXEC",
      "CLIENT REPLY OFF\r\nMULTI\r\nPING\r\nCLIENT REPLY ON\r\nPING x\r\nEXEC\r\n",
      "+OK $1 x",
    ],
    [
      "off inside EXEC",
      "MULTI\r\nPING\r\nCLIENT REPLY OFF\r\nPING x\r\nEXEC\r\nPING y\r\n",
      "+OK +QUEUED +QUEUED +QUEUED *3 +PONG",
    ],
  ])("%s", (_name, input, replies) => {
    const client = new FakeServer().connect();
    expect(client.write(input).trim().split("\r\n").join(" ")).toBe(replies);
  });
});

describe("MONITOR", () => {
  it("shows commands of others, without secrets and administration", () => {
    const server = new FakeServer();
    const [monitor, client] = [server.connect(), server.connect()];
    expect(monitor.run("MONITOR")).toBe("+OK");
    expect(monitor.run("MONITOR")).toBe("");
    server.advance(7);
    client.call("SET", "k", 'a"\n\x00ÿ');
    client.run("CONFIG GET hz");
    client.run("HELLO 3 AUTH default secret");
    const unix = server.connect({ unixSocket: true });
    server.config.assign("unixsocket", ["/run/s"]);
    unix.write("SELECT 3\r\nget k\r\n");
    const seconds = Math.floor(server.nowMs / 1000);
    expect(monitor.read()).toBe(
      [
        `+${seconds}.007000 [0 127.0.0.1:50002] "SET" "k" "a\\"\\n\\x00\\xff"`,
        `+${seconds}.007000 [0 127.0.0.1:50002] "HELLO" "3" "AUTH" "(redacted)" "(redacted)"`,
        `+${seconds}.007000 [3 unix:/run/s] "SELECT" "3"`,
        `+${seconds}.007000 [3 unix:/run/s] "get" "k"`,
        "",
      ].join("\r\n"),
    );
    expect(monitor.run("GET k")).toBe("-ERR Replica can't interact with the keyspace");
    expect(monitor.run("RESET")).toBe("+RESET");
    expect(monitor.run("GET missing")).toBe("$-1");
  });

  it("shows EXEC after its commands, also when it is refused", () => {
    const server = new FakeServer();
    const [monitor, client] = [server.connect(), server.connect()];
    monitor.run("MONITOR");
    client.write("MULTI\r\nSET k v\r\nEXEC\r\nMULTI\r\nBAD\r\nEXEC x\r\n");
    const shown = [...monitor.read().matchAll(/\] (.*)\r\n/g)].map((match) => match[1]);
    expect(shown).toEqual(['"MULTI"', '"SET" "k" "v"', '"EXEC"', '"MULTI"', '"EXEC" "x"']);
  });
});
