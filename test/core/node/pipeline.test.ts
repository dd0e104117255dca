import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { CoreNode } from "../../support/core-node.ts";

const ALWAYS = { readAhead: { keysMin: 0, pauseEvents: 0 } };
const NEVER = { readAhead: { keysMin: Number.POSITIVE_INFINITY, pauseEvents: 0 } };

function request(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

/** Receives all its input in one buffer, as from sockets. */
class Receiver {
  readonly core: CoreNode;
  readonly #bytes = new Uint8Array(65536);

  constructor(core: CoreNode) {
    this.core = core;
    core.send(1, "PING");
    core.send(2, "PING");
  }

  receive(client: number, text: string): void {
    const bytes = toBytes(text);
    this.#bytes.set(bytes);
    this.core.node.onReceived(client, this.#bytes, 0, bytes.length);
  }

  take(): string {
    return `${this.core.take(1)}|${this.core.take(2)}`;
  }
}

const key = fc.constantFrom("a", "b", "key:0001", "key:0002", "other:0001", "long".repeat(20));
const value = fc.constantFrom("", "1", "value", "x".repeat(999), "x".repeat(1500));
const command: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom("GET", "INCR", "DEL", "LPOP", "TYPE"), key) },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom("SET", "APPEND", "LPUSH", "GETSET"), key, value),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom("RENAME", "MGET", "SMOVE", "LCS"), key, key) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("MSET"), key, value, key, value) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("BLPOP"), key, key, fc.constant("0")) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("SELECT"), fc.constantFrom("0", "1")) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("EVAL"),
      fc.constant("return redis.call('GET', KEYS[1])"),
      fc.constant("1"),
      key,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ["CLIENT", "REPLY", "SKIP"],
      ["CLIENT", "LIST"],
      ["CLIENT", "PAUSE", "0"],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(["MULTI"], ["EXEC"], ["DISCARD"], ["RESET"], ["QUIT", "now"]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(["PING"], ["NONE"], ["GET"], ["SWAPDB", "0", "1"], ["FLUSHDB"]),
  },
);
const input = fc.record({
  client: fc.constantFrom(1, 2),
  commands: fc.array(command, { minLength: 1, maxLength: 20 }),
  /** Where the bytes are cut in two. */
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("commands that are read ahead", () => {
  test("are answered as if each were read when it runs", () => {
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 12 }), (inputs) => {
        const ahead = new Receiver(new CoreNode(ALWAYS));
        const usual = new Receiver(new CoreNode(NEVER));
        for (const { client, commands, cut } of inputs) {
          const text = commands.map(request).join("");
          const at = Math.floor(cut * text.length);
          for (const part of [text.slice(0, at), text.slice(at)]) {
            ahead.receive(client, part);
            usual.receive(client, part);
            expect(ahead.take()).toBe(usual.take());
          }
        }
        ahead.core.verify();
      }),
    );
  });

  test("are hashed anew when other bytes have come to the same place", () => {
    const node = new Receiver(new CoreNode(ALWAYS));
    const get = (name: string): string => request(["GET", name]).repeat(3);
    node.receive(1, request(["SET", "first", "1"]) + request(["SET", "other", "2"]));
    node.take();
    node.receive(1, get("first"));
    node.receive(1, get("other"));
    expect(node.take()).toBe(`${"$1\r\n1\r\n".repeat(3)}${"$1\r\n2\r\n".repeat(3)}|`);
  });

  test("fall under the limits of clients that have not logged in, after RESET", () => {
    const node = new CoreNode({ ...ALWAYS, configuration: "requirepass secret" });
    node.send(1, "AUTH", "secret");
    const args = Array.from({ length: 11 }, () => "key");
    const reply = node.write(
      1,
      request(["SET", "key", "1"]) +
        request(["GET", "key"]) +
        request(["RESET"]) +
        request(["MGET", ...args]),
    );
    expect(reply).toBe(
      "+OK\r\n$1\r\n1\r\n+RESET\r\n-ERR Protocol error: unauthenticated multibulk length\r\n",
    );
  });

  test("run once, when their client logs out and in among them", () => {
    const node = new CoreNode({ ...ALWAYS, configuration: "requirepass secret" });
    node.send(1, "AUTH", "secret");
    const lines = ["SET key 1", "INCR key", "RESET", "AUTH secret", "INCR key", "GET key"];
    const input = lines.map((line) => request(line.split(" "))).join("");
    expect(node.write(1, input)).toBe("+OK\r\n:2\r\n+RESET\r\n+OK\r\n:3\r\n$1\r\n3\r\n");
  });

  test("wait unread when the first of them blocks, and when clients are paused", () => {
    const node = new CoreNode(ALWAYS);
    const pop = request(["BLPOP", "list", "0"]);
    expect(
      node.write(1, request(["PING"]) + pop + request(["GET", "key"]) + request(["PING"])),
    ).toBe("+PONG\r\n");
    node.send(2, "SET", "key", "later");
    node.send(2, "RPUSH", "list", "x");
    expect(node.take(1)).toBe("*2\r\n$4\r\nlist\r\n$1\r\nx\r\n$5\r\nlater\r\n+PONG\r\n");
    const pause = request(["CLIENT", "PAUSE", "100"]);
    expect(node.write(1, request(["SET", "key", "1"]) + pause + request(["INCR", "key"]))).toBe(
      "+OK\r\n+OK\r\n",
    );
    node.send(2, "PING");
    node.advance(101);
    node.tick();
    expect(node.take(1)).toBe(":2\r\n");
  });
});
