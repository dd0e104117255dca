import { closeSync, mkdtempSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { connect, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EchoServer, pattern, receive, until } from "./echo-server.ts";

const KILOBYTE = 1024;
const MEGABYTE = 1024 * 1024;

let echo: EchoServer;
afterEach(() => echo.server.shutdown());

describe("reading and writing", () => {
  it("echoes what comes in, in order", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const sent = pattern(3 * MEGABYTE);
    const received = receive(socket, sent.length);
    for (let at = 0, size = 1; at < sent.length; at += size, size = ((size * 7) % 50_000) + 1) {
      socket.write(sent.subarray(at, at + size));
    }
    expect((await received).equals(sent)).toBe(true);
    socket.destroy();
  });

  it("keeps the order while the peer does not read, and counts what waits", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const pieces = [1, 100, 16_384, 16_385, 300_000, 20 * MEGABYTE, 5, 7 * MEGABYTE].map(pattern);
    const whole = Buffer.concat(pieces);
    for (const piece of pieces) echo.send(0, piece);
    expect(echo.unsentBytes[0]).toBe(whole.length);
    // The kernel takes a part; the rest waits for the peer.
    await until(() => echo.unsentBytes[0] < whole.length);
    expect(echo.unsentBytes[0]).toBeGreaterThan(10 * MEGABYTE);
    expect((await receive(socket, whole.length)).equals(whole)).toBe(true);
    await until(() => echo.unsentBytes[0] === 0);
    socket.destroy();
  });

  it("reports progress while a huge reply drains", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const huge = pattern(30 * MEGABYTE);
    echo.send(0, huge);
    await receive(socket, huge.length);
    await until(() => echo.unsentBytes[0] === 0);
    expect(echo.sent.length).toBeGreaterThan(10);
    expect(Math.max(...echo.sent.map(({ count }) => count))).toBeLessThanOrEqual(512 * 1024);
    socket.destroy();
  });

  it("receives from nobody as it would from a socket, and writes the answer to a file", async () => {
    echo = new EchoServer().listen();
    const path = join(mkdtempSync(join(tmpdir(), "seedis-nobody-")), "answer");
    const file = openSync(path, "w");
    const receiveFromNobody = echo.server.connectNobody(file);
    const sent = pattern(300_000);
    receiveFromNobody(sent.subarray(0, 10));
    receiveFromNobody(sent.subarray(10));
    await until(() => statSync(path).size === sent.length);
    expect(readFileSync(path).equals(sent)).toBe(true);
    expect(echo.server.connectionCount).toBe(1);
    expect(() => writeSync(file, "still open")).not.toThrow();
    closeSync(file);
  });

  it("answers a request in the turn it came in, and then has nothing waiting", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    socket.write("PING");
    expect((await receive(socket, 4)).toString()).toBe("PING");
    expect(echo.unsentBytes[0]).toBe(0);
    expect(echo.sent).toEqual([{ id: 0, count: 4 }]);
    socket.destroy();
  });

  it("keeps apart what many are sent in a turn, however much and in whatever order", async () => {
    echo = new EchoServer().listen();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => echo.connect()));
    await until(() => echo.peers.length === sockets.length);
    const lengths = [1, 100, 600, 9, 5000, 130, 40_000, 3, 33_000, 97, 512, 513];
    const pieces = Array.from({ length: 600 }, (_, i) => ({
      id: (i * 5 + (i >> 4)) % sockets.length,
      bytes: pattern(lengths[(i * 7 + (i >> 5)) % lengths.length]).map((byte) => byte ^ i),
    }));
    const expected = sockets.map((_, id) =>
      Buffer.concat(pieces.filter((piece) => piece.id === id).map(({ bytes }) => bytes)),
    );
    const received = sockets.map((socket, id) => receive(socket, expected[id].length));
    // The first go out in turns of a few hundred bytes, the last in turns of much more than 64 KiB.
    for (let from = 0, count = 1; from < pieces.length; from += count, count *= 2) {
      for (const { id, bytes } of pieces.slice(from, from + count)) echo.send(id, bytes);
      await until(() => echo.unsentBytes.every((bytes) => bytes === 0));
    }
    for (const [id, bytes] of (await Promise.all(received)).entries()) {
      expect(bytes.equals(expected[id])).toBe(true);
      sockets[id].destroy();
    }
  });

  it("gathers what others are sent in a turn into one write", async () => {
    echo = new EchoServer().listen();
    const subscriber = await echo.connect();
    const publisher = await echo.connect();
    echo.onReceived = (_, bytes) => {
      for (const byte of bytes) echo.send(0, Buffer.from([byte]));
    };
    publisher.write(pattern(1000));
    expect((await receive(subscriber, 1000)).equals(pattern(1000))).toBe(true);
    expect(echo.sent.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    expect(echo.sent.length).toBe([...echo.receivedPerTurn.keys()].length);
    publisher.destroy();
    subscriber.destroy();
  });

  it("copies what it is given: the caller may reuse its buffer", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const buffer = pattern(MEGABYTE);
    for (let i = 0; i < 20; i++) {
      buffer[0] = i;
      echo.send(0, buffer);
    }
    buffer.fill(0);
    const received = await receive(socket, 20 * MEGABYTE);
    for (let i = 0; i < 20; i++) {
      expect(received[i * MEGABYTE]).toBe(i);
      expect(
        received.compare(pattern(MEGABYTE), 1, 1000, i * MEGABYTE + 1, i * MEGABYTE + 1000),
      ).toBe(0);
    }
    socket.destroy();
  });
});

/** The sizes of reads in net/connection.ts. */
const SMALL_READ = 4 * KILOBYTE;
const LARGE_READ = 128 * KILOBYTE;

describe("fairness", () => {
  // The clock is looked at before and after each full read.
  it.each([
    ["one small read when that takes a turn's share of time", 1000, SMALL_READ],
    ["two small reads when these take it", 100, 2 * SMALL_READ],
    ["as much as Node reads in a row while that takes no time", 0, 32 * LARGE_READ],
  ])("reads %s", async (_, clockStepUs, mostBytes) => {
    echo = new EchoServer().listen();
    echo.clockStepUs = clockStepUs;
    const flood = await echo.connect();
    const others = await Promise.all([1, 2, 3].map(() => echo.connect()));
    let floodBytes = 0;
    let largestRead = 0;
    echo.onReceived = (id, bytes) => {
      if (id !== 0) return echo.send(id, bytes);
      floodBytes += bytes.length;
      largestRead = Math.max(largestRead, bytes.length);
    };
    flood.write(pattern(50 * MEGABYTE));
    while (floodBytes < 50 * MEGABYTE) {
      for (const socket of others) {
        socket.write("PING");
        await receive(socket, 4);
      }
    }
    expect(largestRead).toBe(clockStepUs === 0 ? LARGE_READ : SMALL_READ);
    expect(Math.max(...echo.receivedPerTurn.values())).toBeLessThanOrEqual(mostBytes);
    for (const socket of [flood, ...others]) socket.destroy();
  });

  it.each([
    ["half as much when a large read was dear", 500, LARGE_READ / 2],
    ["little again when it was much too dear", 2000, SMALL_READ],
  ])("reads %s", async (_, clockStepUs, mostBytes) => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const sizes: number[] = [];
    let receivedBytes = 0;
    echo.onReceived = (_, bytes) => {
      sizes.push(bytes.length);
      receivedBytes += bytes.length;
      if (bytes.length === LARGE_READ) echo.clockStepUs = clockStepUs;
    };
    socket.write(pattern(20 * MEGABYTE));
    await until(() => receivedBytes === 20 * MEGABYTE);
    const largest = sizes.indexOf(LARGE_READ);
    expect(largest).toBeGreaterThan(0);
    expect(Math.max(...sizes.slice(largest + 1))).toBe(mostBytes);
    socket.destroy();
  });

  it("serves as many in a turn as it has time for, and the others in order in the next turns", async () => {
    echo = new EchoServer().listen();
    echo.turnPieceCountMax = 2;
    const sockets = await echo.connectAll(7);
    const received: number[] = [];
    echo.onReceived = (id, bytes) => {
      received.push(id);
      echo.send(id, bytes);
    };
    for (const socket of sockets) socket.write("a");
    await until(() => received.length === 7);
    // The kernel tells in this order who has something to say.
    expect(received).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await Promise.all(sockets.map((socket) => receive(socket, 1)));
    const sent = pattern(300_000);
    const replies = sockets.map((socket) => receive(socket, sent.length));
    for (const socket of sockets) socket.write(sent);
    for (const reply of await Promise.all(replies)) expect(reply.equals(sent)).toBe(true);
    const servedPerTurn = new Map<string, number>();
    for (const key of echo.receivedPerTurn.keys()) {
      const [turn] = key.split(":");
      servedPerTurn.set(turn, (servedPerTurn.get(turn) ?? 0) + 1);
    }
    expect(Math.max(...servedPerTurn.values())).toBe(2);
    for (const socket of sockets) socket.destroy();
  });

  it("keeps what it has put aside while the node wants a pause, and drops it with the connection", async () => {
    echo = new EchoServer().listen();
    echo.turnPieceCountMax = 1;
    const sockets = await echo.connectAll(4);
    const received: number[] = [];
    // The second is served from what was put aside; so the others have been put aside too.
    const waiting = (): number[] => [0, 1, 2, 3].filter((id) => !received.includes(id));
    echo.onReceived = (id) => {
      received.push(id);
      if (received.length === 2)
        for (const other of waiting()) echo.server.pauseReading(other, true);
    };
    for (const socket of sockets) socket.write("a");
    await until(() => received.length === 2);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(received.length).toBe(2);
    const [closed, resumed] = waiting();
    echo.server.close(closed, false);
    echo.server.pauseReading(resumed, false);
    await until(() => received.length === 3);
    expect(received[2]).toBe(resumed);
    for (const socket of sockets) socket.write("b");
    await until(() => received.length === 6);
    expect(received.slice(3)).not.toContain(closed);
    for (const socket of sockets) socket.destroy();
  });

  it("stops reading while the node wants a pause", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    let receivedBytes = 0;
    echo.onReceived = (id, bytes) => {
      receivedBytes += bytes.length;
      if (bytes[0] === 0) echo.server.pauseReading(id, true);
    };
    socket.write(Buffer.of(0));
    await until(() => receivedBytes === 1);
    socket.write(Buffer.alloc(4 * MEGABYTE, 1));
    const other = await echo.connect();
    other.write(Buffer.of(2));
    await until(() => receivedBytes === 2);
    echo.server.pauseReading(0, false);
    await until(() => receivedBytes === 2 + 4 * MEGABYTE);
    socket.destroy();
    other.destroy();
  });

  it("keeps a pause that begins in a full buffer", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    let receivedBytes = 0;
    echo.onReceived = (id, bytes) => {
      receivedBytes += bytes.length;
      if (bytes.length >= SMALL_READ) echo.server.pauseReading(id, true);
    };
    socket.write(pattern(2 * MEGABYTE));
    let pauses = 0;
    while (receivedBytes < 2 * MEGABYTE) {
      const before = receivedBytes;
      await until(() => receivedBytes > before || receivedBytes === 2 * MEGABYTE);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      const paused = receivedBytes;
      if (paused < 2 * MEGABYTE) {
        pauses++;
        echo.server.pauseReading(0, false);
      }
    }
    expect(pauses).toBeGreaterThan(0);
    expect(receivedBytes).toBe(2 * MEGABYTE);
    socket.destroy();
  });
});

describe("the end of a connection", () => {
  it("answers what came before the peer's FIN, then closes", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const sent = pattern(5 * MEGABYTE);
    const received = receive(socket);
    socket.end(sent);
    expect((await received).equals(sent)).toBe(true);
    expect(echo.events).toEqual(["connected 0", "ended 0"]);
  });

  it("survives a reset in the middle and gives the number to the next connection", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    echo.send(0, pattern(20 * MEGABYTE));
    socket.write("x");
    await receive(socket, MEGABYTE);
    socket.resetAndDestroy();
    await until(() => echo.events.includes("closed 0"));
    const next = await echo.connect();
    next.write("PING");
    expect((await receive(next, 4)).toString()).toBe("PING");
    expect(echo.events).toEqual(["connected 0", "closed 0", "connected 0"]);
    next.destroy();
  });

  it("delivers everything before it closes, however slowly the peer reads", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const last = pattern(20 * MEGABYTE);
    echo.send(0, last);
    echo.server.close(0, true);
    // The number is free at once, though the bytes are not out yet.
    const next = await echo.connect();
    expect(echo.events).toEqual(["connected 0", "connected 0"]);
    expect((await receive(socket)).equals(last)).toBe(true);
    expect(echo.events).toEqual(["connected 0", "connected 0"]);
    next.destroy();
  });

  it("gives up on a peer that does not read its last bytes", async () => {
    echo = new EchoServer({ lingerMs: 20 }).listen();
    const socket = await echo.connect();
    echo.send(0, pattern(20 * MEGABYTE));
    echo.server.close(0, true);
    expect(echo.server.lingeringCount).toBe(1);
    await until(() => echo.server.lingeringCount === 0);
    expect((await receive(socket)).length).toBeLessThan(20 * MEGABYTE);
  });

  it("drops what waits when it is told to", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    echo.send(0, pattern(20 * MEGABYTE));
    await until(() => echo.unsentBytes[0] < 20 * MEGABYTE);
    echo.server.close(0, false);
    expect((await receive(socket)).length).toBeLessThan(20 * MEGABYTE);
    expect(echo.events).toEqual(["connected 0"]);
  });

  it("can close a connection while it handles its bytes", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    echo.onReceived = (id) => {
      echo.send(id, Buffer.from("bye"));
      echo.server.close(id, true);
    };
    socket.write(pattern(MEGABYTE));
    expect((await receive(socket)).toString()).toBe("bye");
    expect(echo.events).toEqual(["connected 0"]);
  });

  it("loses one connection and no more when there is no memory for a reply", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    echo.onReceived = (id, bytes) => {
      if (bytes[0] === 0) echo.server.send(id, bytes, 0, Number.MAX_SAFE_INTEGER);
      else echo.send(id, bytes);
    };
    socket.write(Buffer.of(0));
    await until(() => echo.events.includes("closed 0"));
    expect(echo.log.at(-1)).toMatch(/^warning: Out Of Memory allocating 9007199254740991 bytes/);
    const next = await echo.connect();
    next.write("PING");
    expect((await receive(next, 4)).toString()).toBe("PING");
    next.destroy();
  });

  it("hands over what was sent before it shuts down", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    const { port } = echo;
    echo.send(0, Buffer.from("last words"));
    echo.server.shutdown();
    expect((await receive(socket)).toString()).toBe("last words");
    const refused = connect(port, "127.0.0.1");
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      refused.once("error", resolve);
    });
    expect(error.code).toBe("ECONNREFUSED");
  });
});

describe("who is there", () => {
  it("is asked by the kernel now and then, unless that is switched off", async () => {
    const setKeepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
    echo = new EchoServer().listen();
    const silent = await echo.connect();
    expect(setKeepAlive).not.toHaveBeenCalled();
    echo.keepAliveSeconds = 300;
    const asked = await echo.connect();
    expect(setKeepAlive.mock.calls).toEqual([[true, 300_000]]);
    setKeepAlive.mockRestore();
    silent.destroy();
    asked.destroy();
  });

  it("tells both addresses, in the log too", async () => {
    echo = new EchoServer().listen();
    const socket = await echo.connect();
    expect(echo.peers).toEqual([
      {
        address: `127.0.0.1:${socket.localPort}`,
        localAddress: `127.0.0.1:${echo.port}`,
        unixSocket: false,
        loopback: true,
        descriptor: expect.any(Number),
      },
    ]);
    expect(echo.log).toEqual([`verbose: Accepted 127.0.0.1:${socket.localPort}`]);
    expect(echo.server.connectionCount).toBe(1);
    socket.destroy();
    await until(() => echo.server.connectionCount === 0);
  });
});
