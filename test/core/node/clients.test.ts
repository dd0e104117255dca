import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

function connected(count: number, configuration: string): CoreNode {
  const node = new CoreNode({ configuration });
  for (let client = 1; client <= count; client++) node.send(client, "PING");
  return node;
}

function tick(node: CoreNode): number {
  node.advance(100);
  node.tick();
  return node.node.clients.count;
}

describe("clients are looked after", () => {
  test("each once a second when they are many", () => {
    const node = connected(1000, "timeout 10");
    node.advance(11_000);
    expect(tick(node)).toBe(900);
    expect(tick(node)).toBe(810);
    for (let i = 0; i < 8; i++) tick(node);
    expect(node.node.clients.count).toBeLessThan(400);
    for (let i = 0; i < 60; i++) tick(node);
    expect(node.node.clients.count).toBe(0);
    expect(tick(node)).toBe(0);
  });

  test("in turn, whoever comes and goes meanwhile", () => {
    const node = connected(400, "timeout 30");
    for (let i = 0; i < 5; i++) tick(node);
    for (let client = 1; client <= 100; client++) node.node.onClosed(client);
    for (let client = 401; client <= 450; client++) node.send(client, "PING");
    node.advance(25_000);
    for (let client = 401; client <= 450; client++) node.send(client, "PING");
    node.advance(5_600);
    for (let i = 0; i < 60; i++) tick(node);
    const left = [...node.node.clients.all()].map(({ connection }) => connection);
    expect(left).toEqual(Array.from({ length: 50 }, (_, i) => 401 + i));
  });

  test("each in every tick when they are few", () => {
    const node = connected(5, "timeout 10");
    node.advance(10_800);
    expect(tick(node)).toBe(5);
    node.advance(100);
    expect(tick(node)).toBe(0);
  });
});

describe("a client that quits is there until the end of the event", () => {
  test("for those who go on in it: it counts and is listed, but hears nothing more", () => {
    const node = new CoreNode();
    node.send(1, "HELLO", "3");
    node.send(1, "SUBSCRIBE", "ch");
    node.write(2, "BLPOP l 0\r\nPUBLISH ch x\r\nCLIENT LIST\r\n");
    expect(node.write(1, "LPUSH l 1\r\nQUIT\r\nPING\r\n")).toBe(":1\r\n+OK\r\n");
    expect(node.isOpen(1)).toBe(false);
    const replies = node.take(2);
    expect(replies).toContain("\r\n:1\r\n");
    expect(replies).toMatch(/^id=1 .* flags=Pc .* cmd=quit /m);
    expect(node.send(2, "PUBLISH", "ch", "x")).toBe(":0\r\n");
  });

  test("as the one that gets another's invalidations", () => {
    const node = new CoreNode();
    node.send(1, "HELLO", "3");
    const id = node.run("CLIENT ID").slice(1);
    node.send(2, "HELLO", "3");
    node.send(2, "CLIENT", "TRACKING", "ON", "BCAST", "REDIRECT", id);
    expect(node.write(1, "SET k 1\r\nQUIT\r\n")).toBe("+OK\r\n+OK\r\n");
    expect(node.take(2)).toBe("");
    node.send(3, "SET", "k", "2");
    expect(node.take(2)).toBe(`>2\r\n$21\r\ntracking-redir-broken\r\n:${id}\r\n`);
  });
});
