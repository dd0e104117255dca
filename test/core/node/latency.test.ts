import { describe, expect, it } from "vitest";
import { stringCommands } from "../../../core/commands/string.ts";
import { CommandTable } from "../../../core/commands/table.ts";
import { LatencyEvent } from "../../../core/node/latency.ts";
import { latencyGraph } from "../../../core/node/latency-graph.ts";
import {
  bucketOf,
  bucketStart,
  cumulativeCounts,
  percentile,
  recordLatency,
} from "../../../core/node/latency-histogram.ts";
import { bulkText, FakeServer } from "../../support/fake-server.ts";

function histogramOf(...microseconds: number[]): Float64Array {
  const command = new CommandTable([stringCommands]).find("get")!;
  for (const value of microseconds) recordLatency(command, value);
  return command.latencyHistogram!;
}

describe("the histogram", () => {
  it.each([
    [1, 1],
    [255, 255],
    [257, 256],
    [1023, 1020],
    [1024, 1024],
    [1031, 1024],
    [1_000_000, 999_424],
    [1_000_000_000, 998_244_352],
  ])("%i ns are counted with %i ns", (nanoseconds, start) => {
    expect(bucketStart(bucketOf(nanoseconds))).toBe(start);
  });

  it("has percentiles", () => {
    const histogram = histogramOf(0, 1, 2, 3, 100);
    // The upper end of the bucket, for 0 the lower end, as HdrHistogram has it.
    expect([0, 20, 50, 80, 99, 100].map((percent) => percentile(histogram, percent))).toEqual([
      0.001, 0.001, 2.007, 3.007, 100.351, 100.351,
    ]);
  });

  it("has cumulative counts by doubling bounds", () => {
    const histogram = histogramOf(0, 1, 2, 3, 10, 100, 1000, 1_000_000, 7_000_000);
    expect(cumulativeCounts(histogram)).toEqual([
      [1, 2],
      [2, 3],
      [4, 4],
      [16, 5],
      [132, 6],
      [1056, 7],
      [1073741, 9],
    ]);
    expect(cumulativeCounts(histogramOf(5_000_000))).toEqual([[1073741, 1]]);
  });
});

describe("the graph", () => {
  it("draws bars with their ages below", () => {
    const event = new LatencyEvent();
    event.maxMs = 900;
    const nowMs = 1_000_000_000_000;
    for (const [agoSeconds, milliseconds] of [
      [200000, 10],
      [7300, 20],
      [130, 30],
      [59, 40],
      [0, 50],
    ]) {
      event.samples.push({ timeSeconds: nowMs / 1000 - agoSeconds, milliseconds });
    }
    expect(latencyGraph("command", event, nowMs).split("\n")).toEqual([
      "command - high 50 ms, low 10 ms (all time high 900 ms)",
      "-".repeat(80),
      "   _#",
      "  _||",
      " _|||",
      "_||||",
      "     ",
      "22250",
      "dhm9s",
      "   s ",
      "",
    ]);
  });

  it("of one spike is as low as can be", () => {
    const event = new LatencyEvent();
    event.samples.push({ timeSeconds: 5, milliseconds: 7 });
    expect(latencyGraph("x", event, 5000).split("\n").slice(2)).toEqual([
      " ",
      " ",
      " ",
      "_",
      " ",
      "0",
      "s",
      "",
    ]);
  });
});

describe("LATENCY", () => {
  it("keeps the spikes", () => {
    const server = new FakeServer({
      "enable-debug-command": "yes",
      "latency-monitor-threshold": "10",
    });
    const client = server.connect();
    const seconds: number[] = [];
    for (const milliseconds of [5, 20, 40, 30]) {
      if (milliseconds !== 30) server.advance(1000 - (server.nowMs % 1000));
      seconds.push(Math.floor(server.nowMs / 1000));
      client.run(`DEBUG SLEEP ${milliseconds / 1000}`);
      server.advance(0);
    }
    expect(client.run("LATENCY HISTORY command")).toBe(
      `*2\r\n*2\r\n:${seconds[1]}\r\n:20\r\n*2\r\n:${seconds[2]}\r\n:40`,
    );
    expect(client.run("LATENCY LATEST")).toBe(
      `*1\r\n*4\r\n$7\r\ncommand\r\n:${seconds[2]}\r\n:40\r\n:40`,
    );
    expect(client.run("LATENCY RESET nosuch COMMAND")).toBe(":1");
    expect(client.run("LATENCY RESET")).toBe(":0");
    expect(client.run("LATENCY HISTORY command")).toBe("*0");
  });

  it("reports on them", () => {
    const server = new FakeServer({ "enable-debug-command": "yes" });
    const client = server.connect();
    expect(bulkText(client.run("LATENCY DOCTOR"))).toMatch(/^I'm sorry, Dave, .* disabled/);
    client.run("CONFIG SET latency-monitor-threshold 10");
    expect(bulkText(client.run("LATENCY DOCTOR"))).toMatch(/^Dave, no latency spike was observed/);
    server.advance(1000 - (server.nowMs % 1000));
    client.run("DEBUG SLEEP 0.02");
    server.advance(3000);
    client.run("DEBUG SLEEP 0.04");
    const report = bulkText(client.run("LATENCY DOCTOR"));
    expect(report).toContain(
      "1. command: 2 latency spikes (average 30ms, mean deviation 10ms, period 1.50 sec). Worst all time event 40ms.\n",
    );
    expect(report).not.toContain("slowlog-log-slower-than");
    client.run("CONFIG SET slowlog-log-slower-than 50000");
    expect(bulkText(client.run("LATENCY DOCTOR"))).toContain(
      "CONFIG SET slowlog-log-slower-than 10000",
    );
  });

  it("HISTOGRAM is a map by command", () => {
    const server = new FakeServer();
    server.stepUs = 5;
    const client = server.connect();
    client.run("CONFIG RESETSTAT");
    client.run("CLIENT ID");
    client.run("SET k v");
    expect(client.run("LATENCY HISTOGRAM set nosuch client|id get")).toBe(
      "*4\r\n$3\r\nset\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:8\r\n:1\r\n$9\r\nclient|id\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:8\r\n:1",
    );
    expect(client.run("LATENCY HISTOGRAM client")).toMatch(/^\*2\r\n\$9\r\nclient\|id\r\n/);
    expect(client.run("LATENCY HISTOGRAM get")).toBe("*0");
  });
});
