import { beforeEach, describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** A core whose clock moves on with every reading, and by what the test adds. */
class TimedNode extends CoreNode {
  readings = 0;
  clockUs = 0;
  readonly #host = this.node.host;

  constructor(configuration = "") {
    super({ configuration });
    this.#host.monotonicUs = () => {
      this.readings++;
      this.clockUs += 12;
      return this.clockUs;
    };
    this.node.setTime(this.nowMs, this.clockUs);
    this.run("PING");
    this.run("CONFIG RESETSTAT");
  }

  /** Client 1 sends commands in one piece; the number of clock readings that took. */
  pipeline(...lines: string[]): number {
    const before = this.readings;
    const text = lines
      .map((line) => {
        const words = line.split(" ");
        return `*${words.length}\r\n${words.map((w) => `$${w.length}\r\n${w}\r\n`).join("")}`;
      })
      .join("");
    const bytes = Buffer.from(text, "latin1");
    this.node.setTime(this.nowMs, this.clockUs);
    this.node.onReceived(1, bytes, 0, bytes.length);
    this.take(1);
    return this.readings - before;
  }

  /** calls and usec of a command's statistics. */
  stats(name: string): [calls: number, microseconds: number] | null {
    const match = new RegExp(`cmdstat_${name}:calls=(\\d+),usec=(\\d+)`).exec(
      this.run("INFO commandstats"),
    );
    return match === null ? null : [Number(match[1]), Number(match[2])];
  }
}

let server: TimedNode;
beforeEach(() => {
  server = new TimedNode();
});

describe("the time of commands", () => {
  it("is shared by quick commands in a row", () => {
    expect(server.pipeline("SET a 1", "GET a", "GET a", "INCR a")).toBe(1);
    expect(server.stats("get")).toEqual([2, 6]);
    expect(server.stats("set")).toEqual([1, 3]);
    expect(server.stats("incr")).toEqual([1, 3]);
    expect(server.run("LATENCY HISTOGRAM get")).toContain("calls\r\n:2\r\n");
  });

  it("is one command's own when it may be long", () => {
    expect(server.pipeline("GET a", "GET a", "KEYS *", "GET a")).toBe(3);
    expect(server.stats("keys")).toEqual([1, 12]);
    expect(server.stats("get")).toEqual([3, 24]);
  });

  it("is a quick command's own when it writes much", () => {
    server.run(`SET big ${"x".repeat(5000)}`);
    server.run("CONFIG RESETSTAT");
    server.pipeline("GET a", "GET big");
    expect(server.stats("get")).toEqual([2, 12]);
    expect(server.run("LATENCY HISTOGRAM get")).toContain(":1\r\n");
  });

  it("is a quick command's own when it frees much", () => {
    server.run(`SET big ${"x".repeat(100_000)}`);
    expect(server.pipeline("EXISTS a", "SET big 1", "EXISTS a")).toBe(2);
    expect(server.stats("exists")).toEqual([2, 12]);
  });

  it("is counted in pieces when a pipeline is long", () => {
    expect(server.pipeline(...new Array(200).fill("GET a"))).toBe(4);
    expect(server.stats("get")).toEqual([200, 48]);
  });

  it("is measured now and then inside of transactions", () => {
    const incrs = new Array<string>(16).fill("INCR a");
    // MULTI and its queue; EXEC; two readings around the first INCR.
    expect(server.pipeline("MULTI", ...incrs, "EXEC")).toBe(4);
    expect(server.stats("incr")).toEqual([16, 16 * 12]);
    // The seventeenth is measured again.
    expect(server.pipeline("MULTI", "INCR a", "INCR a", "EXEC")).toBe(4);
    expect(server.stats("incr")).toEqual([18, 18 * 12]);
    expect(server.run("LATENCY HISTOGRAM incr")).toContain("calls\r\n:18\r\n");
  });

  it("is every command's own when somebody wants to see milliseconds", () => {
    server.run("CONFIG SET slowlog-log-slower-than 0");
    server.run("SLOWLOG RESET");
    server.pipeline("SET a 1", "GET a");
    expect(server.run("SLOWLOG LEN")).toBe(":3");
    expect(server.run("SLOWLOG GET 3")).toContain(":12\r\n*2\r\n$3\r\nGET\r\n");
    server.run("CONFIG SET slowlog-log-slower-than 10000 latency-monitor-threshold 1");
    expect(server.pipeline("GET a", "GET a", "GET a")).toBe(3);
  });

  it("counts commands of different clients apart", () => {
    const before = server.node.clients.byConnection(1)!.commandsProcessed;
    server.pipeline("GET a", "GET a");
    server.send(2, "GET", "a");
    expect(server.node.clients.byConnection(1)!.commandsProcessed).toBe(before + 2);
    expect(server.node.clients.byConnection(2)!.commandsProcessed).toBe(1);
  });
});
