import { beforeEach, describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

const LARGE = "x".repeat(1024 * 1024);
const LARGE_COUNT = 100;

let node: CoreNode;

function seconds(count: number, commandsEach = 0, runsJobs = true): void {
  for (let i = 0; i < count * 10; i++) {
    node.advance(100);
    node.tick();
    if (runsJobs) node.runJobs();
    for (let n = 0; n < commandsEach / 10; n++) node.run("PING");
  }
}

beforeEach(() => {
  node = new CoreNode();
  for (let i = 0; i < LARGE_COUNT; i++) node.send(1, "SET", `key:${i}`, LARGE);
  seconds(3);
});

describe("memory that was given up", () => {
  it("is returned once, when clients do little", () => {
    expect(node.returned).toBe(0);
    node.run("FLUSHALL");
    seconds(5);
    expect(node.returned).toBe(1);
  });

  it("is not returned while clients are busy", () => {
    seconds(1, 1000);
    node.run("FLUSHALL");
    seconds(5, 1000);
    expect(node.returned).toBe(0);
    seconds(3);
    expect(node.returned).toBe(1);
  });

  it("is not returned before all of it is free", () => {
    for (let i = 0; i < 80; i++) node.run(`DEL key:${i}`);
    node.run("FLUSHALL ASYNC");
    seconds(5, 0, false);
    expect(node.returned).toBe(0);
    seconds(2);
    expect(node.returned).toBe(1);
  });

  it("stays when it is little", () => {
    for (let i = 0; i < 30; i++) node.run(`DEL key:${i}`);
    seconds(5);
    expect(node.returned).toBe(0);
  });

  it("is returned at once by MEMORY PURGE", () => {
    expect(node.run("MEMORY PURGE")).toBe("+OK");
    expect(node.returned).toBe(1);
  });
});
