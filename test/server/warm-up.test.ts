import { describe, expect, it } from "vitest";
import { Config } from "../../core/config/config.ts";
import type { Host } from "../../core/node/host.ts";
import { Node } from "../../core/node/node.ts";
import { runAtLeisure, warmUp } from "../../server/warm-up.ts";

const CONNECTION = 1;

describe("warming up", () => {
  it("has requests that a node understands, and every piece is done when the next begins", () => {
    const replies: string[] = [];
    const node = new Node(listener(replies), new Config({ directory: "/" }), new Uint8Array(32));
    node.setTime(1_700_000_000_000, 1000);
    node.onConnected(CONNECTION, {
      address: "127.0.0.1:1",
      localAddress: "127.0.0.1:1",
      unixSocket: false,
      loopback: true,
      descriptor: 0,
    });
    let pieces = 0;
    const receive = (bytes: Uint8Array): void =>
      node.onReceived(CONNECTION, bytes, 0, bytes.length);
    for (const _ of warmUp([receive])) pieces++;
    const text = replies.join("");
    expect(pieces).toBeGreaterThan(1000);
    const errors = new Set(text.split("\r\n").filter((line) => line.startsWith("-")));
    expect([...errors]).toEqual([
      "-ERR unknown command 'NO-SUCH-COMMAND', with args beginning with: ",
    ]);
    const { commands } = node;
    for (const name of ["get", "lpop", "spop", "zadd", "mset", "eval", "sort"]) {
      expect(commands.find(name)?.calls).toBeGreaterThan(40);
    }
    expect(replies.some((reply) => /^\*10\r\n\$1\r\n0\r\n\$3\r\n/.test(reply))).toBe(true);
  });
});

describe("working at leisure", () => {
  it("does all pieces, one after the other", async () => {
    const done: number[] = [];
    await new Promise<void>((finish) => runAtLeisure(pieces(done, 1000), () => 0, finish));
    expect(done).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it("rests while clients are served, and goes on afterwards", async () => {
    const done: number[] = [];
    let commands = 0;
    let looks = 0;
    const commandCount = (): number => {
      if (++looks < 4) commands += 1_000_000;
      return commands;
    };
    const finished = new Promise<void>((finish) => {
      runAtLeisure(pieces(done, 10), commandCount, finish);
    });
    expect(done).toEqual([]);
    await finished;
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(done).toHaveLength(10);
  });
});

function* pieces(done: number[], count: number): Generator<void, void> {
  for (let i = 0; i < count; i++) {
    done.push(i);
    yield;
  }
}

/** The world of a node of which only the replies are heard. */
function listener(replies: string[]): Host {
  return {
    send: (_id, bytes, start, end) => {
      replies.push(Buffer.from(bytes.subarray(start, end)).toString("latin1"));
      return 0;
    },
    close: () => {},
    pauseReading: () => {},
    log: () => {},
    readFile: () => {},
    writeFile: () => {},
    configChanged: () => null,
    exit: () => {},
    monotonicUs: () => 1000,
    sleep: () => {},
    heapIsShort: () => false,
    processFacts: () => {
      throw new Error("not asked for");
    },
  };
}
