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
