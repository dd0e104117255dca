import { describe, expect, it } from "vitest";
import { FakeServer } from "../../support/fake-server.ts";

const NO_AUTH = "-NOAUTH Authentication required.";
const WRONG = "-WRONGPASS invalid username-password pair or user is disabled.";

describe("a password", () => {
  it("is asked of new clients, not of those that are there", () => {
    const server = new FakeServer();
    const old = server.connect();
    old.run("CONFIG SET requirepass secret");
    const client = server.connect();
    expect(old.run("GET k")).toBe("$-1");
    expect(client.run("GET k")).toBe(NO_AUTH);
    expect(client.run("AUTH wrong")).toBe(WRONG);
    expect(client.run("AUTH secre")).toBe(WRONG);
    expect(client.run("AUTH secrets")).toBe(WRONG);
    expect(client.run("AUTH default secret")).toBe("+OK");
    expect(client.run("GET k")).toBe("$-1");
    expect(client.run("RESET")).toBe("+RESET");
    expect(client.run("GET k")).toBe(NO_AUTH);
  });

  it("is not asked any more when it is taken away, but HELLO insists", () => {
    const server = new FakeServer({ requirepass: "secret" });
    const client = server.connect();
    const admin = server.connect();
    admin.run("AUTH secret");
    admin.call("CONFIG", "SET", "requirepass", "");
    expect(client.run("GET k")).toBe("$-1");
    expect(client.run("HELLO 3")).toMatch(/^-NOAUTH HELLO must be called with the client already/);
    admin.run("CONFIG SET requirepass other");
    expect(client.run("GET k")).toBe(NO_AUTH);
    expect(client.run("HELLO 3 AUTH default other SETNAME me")).toMatch(/^%7\r\n/);
    expect(client.run("CLIENT GETNAME")).toBe("$2\r\nme");
    expect(client.run("GET k")).toBe("_");
  });

  it("may have any bytes", () => {
    const server = new FakeServer();
    const client = server.connect();
    client.call("CONFIG", "SET", "requirepass", "abc\0def");
    expect(client.run("AUTH abc")).toBe(WRONG);
    expect(client.call("AUTH", "abc\0def")).toBe("+OK\r\n");
  });

  it("limits what a client may send before it has given it", () => {
    const server = new FakeServer({ requirepass: "secret" });
    const many = server.connect();
    expect(many.write("*100\r\n")).toBe(
      "-ERR Protocol error: unauthenticated multibulk length\r\n",
    );
    expect(many.isClosed).toBe(true);
    const long = server.connect();
    expect(long.write("*1\r\n$100000\r\n")).toBe(
      "-ERR Protocol error: unauthenticated bulk length\r\n",
    );
  });

  it("counts refusals", () => {
    const server = new FakeServer({ requirepass: "secret" });
    const client = server.connect();
    client.run("AUTH wrong");
    client.run("AUTH nobody secret");
    client.run("AUTH secret");
    expect(client.run("INFO stats")).toContain("acl_access_denied_auth:2\r\n");
  });
});

it("protected mode lets in only local clients while there is no password", () => {
  const server = new FakeServer();
  const stranger = server.connect({ loopback: false });
  expect(stranger.read()).toMatch(/^-DENIED Redis is running in protected mode .*\r\n$/);
  expect(stranger.isClosed).toBe(true);
  expect(server.connect({ loopback: false, unixSocket: true }).run("PING")).toBe("+PONG");
  server.connect().run("CONFIG SET requirepass secret");
  expect(server.connect({ loopback: false }).run("AUTH secret")).toBe("+OK");
});

it("maxclients", () => {
  const server = new FakeServer({ maxclients: "2" });
  const [first] = [server.connect(), server.connect()];
  const third = server.connect();
  expect(third.read()).toBe("-ERR max number of clients reached\r\n");
  expect(server.closed.get(3)).toBe(true);
  first.run("QUIT");
  expect(server.connect().run("PING")).toBe("+PONG");
});

it("timeout closes clients that are silent for longer", () => {
  const server = new FakeServer({ timeout: "5" });
  const [idle, monitor, busy] = [server.connect(), server.connect(), server.connect()];
  monitor.run("MONITOR");
  for (let i = 0; i < 6; i++) {
    server.tick(1000);
    busy.run("PING");
  }
  expect([idle.isClosed, monitor.isClosed, busy.isClosed]).toEqual([true, false, false]);
});
