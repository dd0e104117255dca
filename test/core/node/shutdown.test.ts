import { describe, expect, it } from "vitest";
import { FakeServer } from "../../support/fake-server.ts";

const BYE = "warning: Seedis is now ready to exit, bye bye...";

describe("a signal", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("%s ends the process at the next tick", (signal) => {
    const server = new FakeServer({ save: "" });
    server.node.onSignal(signal);
    expect(server.logged.at(-1)).toBe(`warning: Received ${signal} scheduling shutdown...`);
    expect(server.exits).toEqual([]);
    server.tick();
    expect(server.logged.slice(-2)).toEqual(["notice: User requested shutdown...", BYE]);
    expect(server.exits).toEqual([0]);
  });

  it("SIGINT a second time does not wait", () => {
    const server = new FakeServer();
    server.node.onSignal("SIGTERM");
    server.node.onSignal("SIGINT");
    expect(server.exits).toEqual([1]);
    expect(server.logged.at(-1)).toBe("warning: You insist... exiting now.");
  });

  it("can be called off before the tick", () => {
    const server = new FakeServer({ save: "" });
    const client = server.connect();
    server.node.onSignal("SIGTERM");
    expect(client.run("SHUTDOWN ABORT")).toBe("+OK");
    expect(server.logged.at(-1)).toBe("notice: Shutdown manually aborted.");
    server.tick();
    expect(server.exits).toEqual([]);
    expect(client.run("SHUTDOWN ABORT")).toBe("-ERR No shutdown in progress.");
  });
});

describe("SHUTDOWN", () => {
  it("does not answer", () => {
    const server = new FakeServer({ save: "" });
    const client = server.connect();
    expect(client.write("SHUTDOWN\r\nSET k v\r\n")).toBe("");
    expect(server.exits).toEqual([0]);
  });

  it.each(["FOO", "SAVE NOSAVE", "ABORT NOW", "ABORT SAVE"])("%s", (words) => {
    const server = new FakeServer();
    expect(server.connect().run(`SHUTDOWN ${words}`)).toBe("-ERR syntax error");
    expect(server.exits).toEqual([]);
  });
});

/** The last snapshot, whose end the test decides. */
function withSave(directives: Record<string, string> = {}) {
  const server = new FakeServer(directives);
  const ends: ((saved: boolean) => void)[] = [];
  server.node.shutdown.finalSave = (done) => {
    ends.push(done);
  };
  const finish = (saved: boolean): void => {
    ends.shift()!(saved);
    server.advance(0);
    server.node.runJobs(1);
  };
  return { server, client: server.connect(), ends, finish };
}

describe("the last snapshot", () => {
  it.each([
    ["3600 1", "SHUTDOWN", 1],
    ["3600 1", "SHUTDOWN NOSAVE", 0],
    ["", "SHUTDOWN", 0],
    ["", "SHUTDOWN SAVE", 1],
  ])("with save points %j, %s", (save, line, count) => {
    const { server, client, ends } = withSave({ save });
    client.run(line);
    expect([ends.length, server.exits.length]).toEqual([count, 1 - count]);
  });

  it("is waited for; meanwhile others go on", () => {
    const { server, client, finish } = withSave();
    const other = server.connect();
    client.run("SHUTDOWN");
    expect(other.run("PING")).toBe("+PONG");
    expect(other.run("CLIENT UNBLOCK 1")).toBe(":0");
    finish(true);
    expect(server.exits).toEqual([0]);
  });

  it("that fails keeps the process alive, unless forced", () => {
    const { server, client, finish } = withSave();
    client.run("SHUTDOWN");
    finish(false);
    expect(server.exits).toEqual([]);
    expect(client.read()).toBe("-ERR Errors trying to SHUTDOWN. Check logs.\r\n");
    expect(server.logged.slice(-2)).toEqual([
      "warning: Error trying to save the DB, can't exit.",
      "warning: Errors trying to shut down the server. Check the logs for more information.",
    ]);
    client.run("SHUTDOWN FORCE");
    finish(false);
    expect(server.exits).toEqual([0]);
  });

  it("of an attempt that was aborted ends nothing", () => {
    const { server, client, finish } = withSave();
    const other = server.connect();
    client.run("SHUTDOWN");
    expect(other.run("SHUTDOWN ABORT")).toBe("+OK");
    expect(client.read()).toBe("-ERR Errors trying to SHUTDOWN. Check logs.\r\n");
    finish(true);
    expect(server.exits).toEqual([]);
    expect(client.run("PING")).toBe("+PONG");
  });

  it("follows shutdown-on-sigterm and shutdown-on-sigint", () => {
    const { server, ends } = withSave({ "shutdown-on-sigterm": "nosave now" });
    server.node.onSignal("SIGTERM");
    server.tick();
    expect([ends.length, server.exits]).toEqual([0, [0]]);
  });
});
