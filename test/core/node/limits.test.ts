import { describe, expect, it } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { bulkText, clientFields, encode, FakeServer } from "../../support/fake-server.ts";

function names(reply: string): string[] {
  return [...bulkText(reply).matchAll(/ name=(\S*) /g)].map((match) => match[1]);
}

describe("client-output-buffer-limit", () => {
  it("closes a client without sending what was too much", () => {
    const server = new FakeServer({ "client-output-buffer-limit": "normal 100000 0 0" });
    const [client, other] = [server.connect(), server.connect()];
    other.call("SET", "k", "v".repeat(200000));
    expect(client.write("GET k\r\nSET after 1\r\n")).toBe("");
    expect(server.closed.get(client.id)).toBe(false);
    expect(server.logged.at(-1)).toMatch(
      /^warning: Client id=1 .* scheduled to be closed ASAP for overcoming of output buffer limits\.$/,
    );
    expect(other.run("GET after")).toBe("$-1");
    expect(other.run("INFO stats")).toContain("client_output_buffer_limit_disconnections:1\r\n");
  });

  it("lets a transaction run to its end", () => {
    const server = new FakeServer({ "client-output-buffer-limit": "normal 100000 0 0" });
    const [client, other] = [server.connect(), server.connect()];
    other.call("SET", "k", "v".repeat(200000));
    client.write("MULTI\r\nGET k\r\nSET after 1\r\nEXEC\r\n");
    expect(client.isClosed).toBe(true);
    expect(other.run("GET after")).toBe("$1\r\n1");
  });

  it("adds up over a pipeline and over what the peer has not taken", () => {
    const server = new FakeServer({ "client-output-buffer-limit": "normal 100000 0 0" });
    const [client, slow, other] = [server.connect(), server.connect(), server.connect()];
    other.call("SET", "k", "v".repeat(10000));
    client.write("GET k\r\n".repeat(15));
    expect(client.isClosed).toBe(true);
    server.stuck.add(slow.id);
    for (let i = 0; i < 15; i++) slow.run("GET k");
    expect(slow.isClosed).toBe(true);
    for (let i = 0; i < 15; i++) other.run("GET k");
    expect(other.isClosed).toBe(false);
  });

  it("spares small replies whatever the limit", () => {
    const server = new FakeServer({ "client-output-buffer-limit": "normal 10 0 0" });
    expect(server.connect().run("INFO")).toContain("# Server");
  });

  it("has a soft limit that may be exceeded for a while", () => {
    const server = new FakeServer({ "client-output-buffer-limit": "normal 0 50000 2" });
    const [client, other] = [server.connect(), server.connect()];
    server.stuck.add(client.id);
    other.call("SET", "k", "v".repeat(100000));
    client.run("GET k");
    for (let i = 0; i < 20; i++) server.tick();
    expect(client.isClosed).toBe(false);
    // The peer takes everything: the time starts anew.
    server.node.onSent(client.id, 100011);
    server.stuck.delete(client.id);
    server.tick();
    server.stuck.add(client.id);
    client.run("GET k");
    for (let i = 0; i < 20; i++) server.tick();
    expect(client.isClosed).toBe(false);
    server.tick();
    expect(client.isClosed).toBe(true);
  });
});

describe("client-query-buffer-limit", () => {
  it("closes a client whose command is too large", () => {
    const server = new FakeServer({ "client-query-buffer-limit": "1048576" });
    const [client, other] = [server.connect(), server.connect()];
    const command = encode(["SET", "k", "v".repeat(1048576)]);
    for (let at = 0; at < command.length; at += 65536) {
      client.write(command.slice(at, at + 65536));
    }
    expect(client.isClosed).toBe(true);
    expect(server.logged.at(-1)).toMatch(
      /^warning: Closing client that reached max query buffer length: id=1 .* \(qbuf initial bytes: "\*3\\r\\n\$3\\r\\nSET\\r\\n\$1\\r\\nk\\r\\n\$1048576\\r\\nv+"\)$/,
    );
    expect(other.run("INFO stats")).toContain("client_query_buffer_limit_disconnections:1\r\n");
  });

  it("counts what MULTI has queued", () => {
    const server = new FakeServer({ "client-query-buffer-limit": "1048576" });
    const client = server.connect();
    client.run("MULTI");
    const command = encode(["SET", "k", "v".repeat(600000)]);
    expect(client.write(command)).toBe("+QUEUED\r\n");
    client.write(command.slice(0, 500000));
    expect(client.isClosed).toBe(true);
  });
});

describe("maxmemory-clients", () => {
  const FILL = 300000;

  function filled(server: FakeServer, name: string, bytes: number) {
    const client = server.connect();
    client.run(`CLIENT SETNAME ${name}`);
    client.write(`*2\r\n$${bytes}\r\n${"v".repeat(bytes - 10)}`);
    return client;
  }

  it("evicts the clients that hold most until the rest is below the limit", () => {
    const server = new FakeServer();
    const admin = server.connect();
    for (const [name, bytes] of [
      ["small", 1000],
      ["big", FILL],
      ["middle", FILL / 4],
    ] as const) {
      filled(server, name, bytes);
    }
    admin.run("CONFIG SET maxmemory-clients 400k");
    expect(names(admin.run("CLIENT LIST"))).toEqual(["", "small", "big", "middle"]);
    admin.run("CONFIG SET maxmemory-clients 200k");
    expect(names(admin.run("CLIENT LIST"))).toEqual(["", "small", "middle"]);
    expect(server.logged.at(-1)).toMatch(/^notice: Evicting client: id=3 .* name=big /);
    expect(admin.run("INFO stats")).toContain("evicted_clients:1\r\n");
  });

  it("counts what waits for the peer, what MULTI keeps, and what is watched", () => {
    const server = new FakeServer({ "maxmemory-clients": "200k" });
    const [slow, multi, watcher, admin] = [1, 2, 3, 4].map(() => server.connect());
    admin.call("SET", "k", "v".repeat(100000));
    server.stuck.add(slow.id);
    slow.run("GET k");
    expect(slow.isClosed).toBe(false);
    slow.run("GET k");
    expect(slow.isClosed).toBe(true);
    multi.run("MULTI");
    for (let i = 0; i < 3; i++) multi.call("SET", "k", "v".repeat(70000));
    expect(multi.isClosed).toBe(true);
    for (let i = 0; i < 3000 && !watcher.isClosed; i++) watcher.run(`WATCH ${i}`);
    expect(watcher.isClosed).toBe(true);
    expect(admin.run("PING")).toBe("+PONG");
  });

  it("does not count a reply that is on its way", () => {
    const server = new FakeServer();
    const [admin, slow] = [server.connect(), server.connect()];
    admin.call("SET", "k", "v".repeat(300000));
    admin.run("CONFIG SET maxmemory-clients 200k");
    // The host takes the reply of an event with it and writes it when the turn ends.
    server.stuck.add(admin.id);
    const get = toBytes(encode(["GET", "k"]));
    server.node.onReceived(admin.id, get, 0, get.length);
    expect(admin.isClosed).toBe(false);
    server.node.onSent(admin.id, admin.read().length);
    server.node.runJobs(0);
    expect(slow.run("PING")).toBe("+PONG");
    expect(admin.isClosed).toBe(false);
    server.node.onReceived(admin.id, get, 0, get.length);
    server.tick();
    expect(admin.isClosed).toBe(true);
  });

  it("spares those who asked for it, and may be a share of maxmemory", () => {
    const server = new FakeServer({ maxmemory: "10mb", "maxmemory-clients": "2%" });
    const admin = server.connect();
    admin.run("CLIENT NO-EVICT on");
    const spared = server.connect();
    spared.run("CLIENT NO-EVICT on");
    spared.write(`*2\r\n$${FILL}\r\n`);
    expect(
      Number(clientFields(bulkText(admin.run("CLIENT LIST ID 2")))["tot-mem"]),
    ).toBeGreaterThan(FILL);
    expect(server.logged.at(-1)).toBe(
      "warning: Over client maxmemory after evicting all evictable clients",
    );
    spared.write(`${"v".repeat(FILL)}\r\n`);
    expect(spared.isClosed).toBe(false);
    admin.run("CONFIG SET maxmemory 0");
    expect(filled(server, "big", FILL).isClosed).toBe(false);
  });
});

it("memory that is short refuses what needs more of it", () => {
  const client = new FakeServer({ maxmemory: "1" }).connect();
  const oom = "-OOM command not allowed when used memory > 'maxmemory'.";
  expect(client.run("SET k v")).toBe(oom);
  expect(client.run("GET k")).toBe("$-1");
  client.run("MULTI");
  expect(client.run("SET k v")).toBe(oom);
  expect(client.run("EXEC")).toBe("-EXECABORT Transaction discarded because of previous errors.");
  expect(client.run("INFO errorstats")).toContain("errorstat_OOM:count=2\r\n");
});
