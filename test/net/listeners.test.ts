import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Listeners } from "../../net/listeners.ts";
import { formatAddress } from "../../net/peer.ts";
import { freePort } from "../support/server-process.ts";
import { EchoServer, receive } from "./echo-server.ts";

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses!.some(({ address }) => address === "::1"),
);

let listeners: Listeners;
let warnings: string[];
let folder: string;

beforeEach(() => {
  warnings = [];
  folder = mkdtempSync(join(tmpdir(), "seedis-net-"));
  listeners = new Listeners({
    accept: (socket) => socket.end("hello"),
    warn: (message) => warnings.push(message),
  });
});
afterEach(() => {
  listeners.close();
  rmSync(folder, { recursive: true });
});

/** "hello", or the code of the error. */
function call(target: { host: string; port: number } | { path: string }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(target);
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
    socket.once("connect", () => receive(socket).then((bytes) => resolve(bytes.toString())));
  });
}

describe("TCP", () => {
  it("listens on several addresses, and on the port at once", async () => {
    const port = await freePort();
    expect(listeners.listenTcp(["127.0.0.1", "127.0.0.2"], port, 511)).toBe(true);
    expect(listeners.count).toBe(2);
    expect(listeners.port).toBe(port);
    expect(await call({ host: "127.0.0.1", port })).toBe("hello");
    expect(await call({ host: "127.0.0.2", port })).toBe("hello");
    expect(await call({ host: "127.0.0.3", port })).toBe("ECONNREFUSED");
    expect(warnings).toEqual([]);
  });

  it.runIf(hasIPv6)("listens on IPv4 and IPv6 side by side", async () => {
    const port = await freePort();
    expect(listeners.listenTcp(["*", "-::*"], port, 511)).toBe(true);
    expect(listeners.count).toBe(2);
    expect(await call({ host: "127.0.0.1", port })).toBe("hello");
    expect(await call({ host: "::1", port })).toBe("hello");
    expect(listeners.listenTcp(["::1"], port, 511)).toBe(true);
    expect(await call({ host: "127.0.0.1", port })).toBe("ECONNREFUSED");
    expect(await call({ host: "::1", port })).toBe("hello");
  });

  it("knows the machine's own names", async () => {
    const port = await freePort();
    expect(listeners.listenTcp(["localhost"], port, 511)).toBe(true);
    expect(await call({ host: "127.0.0.1", port })).toBe("hello");
  });

  it("does without an optional address that the machine does not have", async () => {
    const port = await freePort();
    expect(listeners.listenTcp(["-192.0.2.1", "127.0.0.1"], port, 511)).toBe(true);
    expect(listeners.count).toBe(1);
    expect(warnings).toEqual([
      `Warning: Could not create server TCP listening socket 192.0.2.1:${port}: bind: Cannot assign requested address`,
    ]);
  });

  it("fails on any other address, and keeps what it had", async () => {
    const port = await freePort();
    listeners.listenTcp(["127.0.0.1"], port, 511);
    expect(listeners.listenTcp(["127.0.0.2", "192.0.2.1"], port, 511)).toBe(false);
    expect(listeners.listenTcp(["999.999.999.999"], port, 511)).toBe(false);
    expect(warnings.map((line) => line.replace(/.*socket /, ""))).toEqual([
      `192.0.2.1:${port}: bind: Cannot assign requested address`,
      `999.999.999.999:${port}: Name or service not known`,
    ]);
    expect(listeners.count).toBe(1);
    expect(await call({ host: "127.0.0.1", port })).toBe("hello");
    expect(await call({ host: "127.0.0.2", port })).toBe("ECONNREFUSED");
  });

  it("says when the port is taken", async () => {
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    expect(listeners.listenTcp(["127.0.0.1"], port, 511)).toBe(false);
    expect(warnings[0]).toMatch(/: bind: Address already in use$/);
    other.close();
  });

  it("moves to another port, between all addresses and one, and to none", async () => {
    const port = await freePort();
    const nextPort = await freePort();
    listeners.listenTcp(["*"], port, 511);
    expect(listeners.listenTcp(["*"], nextPort, 511)).toBe(true);
    expect(await call({ host: "127.0.0.1", port })).toBe("ECONNREFUSED");
    expect(await call({ host: "127.0.0.1", port: nextPort })).toBe("hello");
    expect(listeners.listenTcp(["127.0.0.2"], nextPort, 511)).toBe(true);
    expect(await call({ host: "127.0.0.1", port: nextPort })).toBe("ECONNREFUSED");
    expect(listeners.listenTcp(["*"], nextPort, 511)).toBe(true);
    expect(await call({ host: "127.0.0.1", port: nextPort })).toBe("hello");
    expect(listeners.listenTcp([], nextPort, 511)).toBe(true);
    expect(listeners.count).toBe(0);
    expect(await call({ host: "127.0.0.1", port: nextPort })).toBe("ECONNREFUSED");
  });

  it("formats addresses as CLIENT LIST shows them", () => {
    expect(formatAddress("127.0.0.1", 6379)).toBe("127.0.0.1:6379");
    expect(formatAddress("::1", 6379)).toBe("[::1]:6379");
  });
});

describe("unix socket", () => {
  for (const mode of [0o700, 0o600, 0o777]) {
    it(`gets the permissions ${mode.toString(8)}, whatever the umask`, async () => {
      const path = join(folder, "seedis.sock");
      const umask = process.umask();
      expect(await listeners.listenUnix(path, mode, 511)).toBeNull();
      expect(statSync(path).mode & 0o777).toBe(mode);
      expect(process.umask()).toBe(umask);
      expect(await call({ path })).toBe("hello");
    });
  }

  it("leaves the permissions to the umask when none are given", async () => {
    const path = join(folder, "seedis.sock");
    expect(await listeners.listenUnix(path, 0, 511)).toBeNull();
    expect(statSync(path).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  it("replaces what is left of an earlier run, and leaves nothing behind", async () => {
    const path = join(folder, "seedis.sock");
    writeFileSync(path, "stale");
    expect(await listeners.listenUnix(path, 0, 511)).toBeNull();
    expect(await call({ path })).toBe("hello");
    listeners.close();
    expect(existsSync(path)).toBe(false);
    expect(listeners.count).toBe(0);
  });

  it("says why it cannot listen", async () => {
    expect(await listeners.listenUnix(join(folder, "none/x"), 0, 511)).toBe(
      "bind: No such file or directory",
    );
    expect(await listeners.listenUnix(folder, 0, 511)).toBe("bind: Address already in use");
    const long = "x".repeat(108);
    expect(await listeners.listenUnix(long, 0, 511)).toBe(
      "unix socket path too long (108), must be under 108",
    );
  });

  it("is how its connections are named", async () => {
    const echo = new EchoServer();
    const path = join(folder, "seedis.sock");
    expect(await echo.server.listenUnix(path, 0, 511)).toBeNull();
    const socket = connect(path);
    socket.write("PING");
    expect((await receive(socket, 4)).toString()).toBe("PING");
    expect(echo.peers[0]).toMatchObject({
      address: `${path}:0`,
      localAddress: `${path}:0`,
      unixSocket: true,
      loopback: true,
    });
    expect(echo.log).toEqual([`verbose: Accepted connection to ${path}`]);
    socket.destroy();
    echo.server.shutdown();
  });
});
