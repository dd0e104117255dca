// A real node on the real host, in this process.
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SetResult } from "../../core/config/config.ts";
import { Config, createServer, Node, type Server } from "../../index.ts";
import { NodeHost } from "../../server/node-host.ts";
import { RespClient } from "../support/resp-client.ts";
import { freePort } from "../support/server-process.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Parameters<typeof createServer>[0] = {}): Promise<Server> {
  const server = await createServer(options);
  servers.push(server);
  return server;
}

async function open(port: number): Promise<RespClient> {
  return RespClient.open({ port });
}

async function ask(client: RespClient, ...args: string[]): Promise<string> {
  return (await client.command(...args)).raw;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const result = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return result;
}

describe("the library", () => {
  it("starts a server on a free port and closes it", async () => {
    const server = await start();
    expect(server.host).toBe("127.0.0.1");
    const client = await open(server.port);
    expect(await ask(client, "PING")).toBe("+PONG\r\n");
    await server.close();
    await server.closed;
    expect(await client.read()).toBeNull();
    expect(await isOpen(server.port)).toBe(false);
  });

  it("runs several servers side by side", async () => {
    const [a, b] = [await start(), await start()];
    const [first, second] = [await open(a.port), await open(b.port)];
    await ask(first, "SET", "key", "a");
    expect(await ask(second, "GET", "key")).toBe("$-1\r\n");
    first.close();
    second.close();
  });

  it("takes a port, directives and a log", async () => {
    const port = await freePort();
    const lines: string[] = [];
    const server = await start({
      port,
      config: { databases: "2" },
      log: (level, message) => lines.push(`${level} ${message}`),
    });
    expect(server.port).toBe(port);
    const client = await open(port);
    expect(await ask(client, "SELECT", "2")).toBe("-ERR DB index is out of range\r\n");
    expect(lines.some((line) => line.startsWith("verbose Accepted 127.0.0.1:"))).toBe(true);
    client.close();
  });

  it("rejects what the program would exit for", async () => {
    await expect(createServer({ config: { databases: "0" } })).rejects.toThrow(
      "databases: argument must be between 1 and 2147483647 inclusive",
    );
    const { port } = await start();
    await expect(createServer({ port })).rejects.toThrow(/bind: Address already in use/);
    await expect(createServer({ host: "192.0.2.1" })).rejects.toThrow(/Cannot assign requested/);
  });

  it("makes the same choices from the same seed", async () => {
    const seed = new Uint8Array(32).fill(7);
    const key = async (server: Server): Promise<string> => {
      const client = await open(server.port);
      for (let i = 0; i < 100; i++) client.send("SET", `key:${i}`, "x");
      client.send("RANDOMKEY");
      for (let i = 0; i < 100; i++) await client.read();
      const { raw } = (await client.read())!;
      client.close();
      return raw;
    };
    expect(await key(await start({ seed }))).toBe(await key(await start({ seed })));
  });
});

describe("a change of configuration", () => {
  let config: Config;
  let host: NodeHost;
  let exited: Promise<number>;
  const set = (name: string, value: string): SetResult =>
    config.set([[name, value]], {
      localClient: true,
      loading: false,
      apply: (names) => host.configChanged(names),
    });

  beforeEach(async () => {
    config = new Config({ directory: process.cwd() });
    config.assign("bind", ["127.0.0.1"]);
    exited = new Promise((resolve) => {
      host = new NodeHost({ config, log: () => {}, exit: resolve, executable: "seedis" });
    });
    host.drive(new Node(host, config, new Uint8Array(32)));
    expect(await host.listenOnFreePort()).toBeNull();
  });
  afterEach(async () => {
    host.stop();
    expect(await exited).toBe(0);
  });

  it("moves to another port; connections stay", async () => {
    const oldPort = config.values.port;
    const client = await open(oldPort);
    const port = await freePort();
    expect(set("port", String(port))).toEqual({ changed: ["port"] });
    expect(await isOpen(oldPort)).toBe(false);
    const other = await open(port);
    expect(await ask(other, "PING")).toBe("+PONG\r\n");
    expect(await ask(client, "PING")).toBe("+PONG\r\n");
    client.close();
    other.close();
  });

  it("to port 0 stops listening", async () => {
    const oldPort = config.values.port;
    expect(set("port", "0")).toEqual({ changed: ["port"] });
    expect(await isOpen(oldPort)).toBe(false);
  });

  it("refuses a port that is taken, and changes nothing", async () => {
    const taken = await start();
    const oldPort = config.values.port;
    expect(set("port", String(taken.port))).toEqual({
      error:
        "ERR CONFIG SET failed (possibly related to argument 'port') - " +
        "Unable to listen on this port. Check server logs.",
    });
    expect(config.values.port).toBe(oldPort);
    expect(await isOpen(oldPort)).toBe(true);
  });

  it("binds other addresses, or none", async () => {
    const { port } = config.values;
    expect(set("bind", "999.999.999.999")).toEqual({
      error:
        "ERR CONFIG SET failed (possibly related to argument 'bind') - " +
        "Failed to bind to specified addresses.",
    });
    expect(await isOpen(port)).toBe(true);
    expect(set("bind", "")).toEqual({ changed: ["bind"] });
    expect(await isOpen(port)).toBe(false);
    expect(set("bind", "*")).toEqual({ changed: ["bind"] });
    expect(await isOpen(port)).toBe(true);
  });
});

describe("facts of the process", () => {
  it("are this process's", () => {
    const config = new Config();
    const host = new NodeHost({ config, log: () => {}, exit: () => {}, executable: "/bin/seedis" });
    const facts = host.processFacts();
    expect(facts).toMatchObject({
      pid: process.pid,
      executable: "/bin/seedis",
      configFile: "",
      archBits: 64,
      runtime: `node-${process.versions.node}`,
    });
    expect(facts.residentBytes).toBeGreaterThan(1024 * 1024);
    expect(facts.systemMemoryBytes).toBeGreaterThan(facts.residentBytes);
    expect(facts.cpuUserSeconds).toBeGreaterThan(0);
    const startUs = host.monotonicUs();
    host.sleep(2500);
    expect(host.monotonicUs() - startUs).toBeGreaterThanOrEqual(2000);
  });
});
