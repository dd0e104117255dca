import { describe, expect, it } from "vitest";
import { SlowLog } from "../../../core/node/slowlog.ts";
import { Args } from "../../../core/resp/args.ts";
import { FakeServer } from "../../support/fake-server.ts";

describe("the slow log", () => {
  it("keeps the newest entries", () => {
    const log = new SlowLog();
    log.configure(0, 3);
    for (let i = 0; i < 1000; i++) {
      log.add(Args.of("get", `${i}`), null, i, 5000 + i, "peer", "name");
      expect(log.length).toBe(Math.min(i + 1, 3));
      expect(log.newest(0).args).toEqual(["get", `${i}`]);
    }
    expect([0, 1, 2].map((i) => log.newest(i).id)).toEqual([999, 998, 997]);
    log.reset();
    expect(log.length).toBe(0);
    log.add(Args.of("ping"), null, 1, 5000, "peer", "name");
    expect(log.newest(0)).toEqual({
      id: 1000,
      timeSeconds: 5,
      durationUs: 1,
      args: ["ping"],
      peer: "peer",
      clientName: "name",
    });
  });

  it("shortens what is long, and hides what is secret", () => {
    const log = new SlowLog();
    log.configure(0, 3);
    const words = Array.from({ length: 40 }, (_, i) => `${i}`);
    log.add(Args.of(...words), new Set([3]), 1, 0, "", "");
    expect(log.newest(0).args).toEqual([
      "0",
      "1",
      "2",
      "(redacted)",
      ...words.slice(4, 31),
      "... (9 more arguments)",
    ]);
    log.add(Args.of("set", "k".repeat(129)), null, 1, 0, "", "");
    expect(log.newest(0).args[1]).toBe(`${"k".repeat(128)}... (1 more bytes)`);
  });
});

it("SLOWLOG", () => {
  const server = new FakeServer({ "slowlog-log-slower-than": "50" });
  const client = server.connect();
  client.run("CLIENT SETNAME me");
  client.run("PING");
  expect(client.run("SLOWLOG LEN")).toBe(":0");
  server.stepUs = 60;
  client.run("PING");
  server.stepUs = 0;
  const seconds = Math.floor(server.nowMs / 1000);
  expect(client.run("SLOWLOG GET")).toBe(
    `*1\r\n*6\r\n:0\r\n:${seconds}\r\n:60\r\n*1\r\n$4\r\nPING\r\n$15\r\n127.0.0.1:50001\r\n$2\r\nme`,
  );
  client.run("CONFIG SET slowlog-max-len 0");
  server.stepUs = 60;
  client.run("PING");
  expect(client.run("SLOWLOG LEN")).toBe(":1");
});
