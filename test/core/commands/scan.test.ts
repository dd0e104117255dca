import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** Iterates to the end; the keys in the order in which they came. */
function scanAll(node: CoreNode, options = ""): string[] {
  const keys: string[] = [];
  let cursor = "0";
  do {
    const [next, ...found] = node.strings(`SCAN ${cursor}${options}`);
    cursor = next;
    keys.push(...found);
  } while (cursor !== "0");
  return keys;
}

function filled(count: number): CoreNode {
  const node = new CoreNode({ propagates: true });
  for (let i = 0; i < count; i++) node.run(`SET key:${i} ${i}`);
  node.takePropagated();
  return node;
}

describe("SCAN", () => {
  test.each(["", " COUNT 1", " COUNT 7", " COUNT 100000"])("finds each key once%s", (options) => {
    const node = filled(1000);
    const keys = scanAll(node, options);
    expect(keys.length).toBe(1000);
    expect(new Set(keys).size).toBe(1000);
  });

  test("MATCH and TYPE", () => {
    const node = filled(1000);
    expect(scanAll(node, " MATCH key:1??").length).toBe(100);
    expect(scanAll(node, " TYPE STRING MATCH key:*").length).toBe(1000);
    expect(scanAll(node, " TYPE list")).toEqual([]);
    expect(scanAll(node, " TYPE nonsense")).toEqual([]);
  });

  test("removes expired keys one by one", () => {
    const node = filled(20);
    for (let i = 0; i < 10; i++) node.run(`PEXPIRE key:${i} 10`);
    node.takePropagated();
    node.advance(11);
    expect(scanAll(node).length).toBe(10);
    expect(node.run("DBSIZE")).toBe(":10");
    const propagated = node.takePropagated();
    expect(propagated.length).toBe(10);
    expect(propagated.every((line) => line.startsWith("DEL key:"))).toBe(true);
  });

  test.each([
    ["SCAN 00", "*2"],
    ["SCAN +5", "*2"],
    ["SCAN 18446744073709551615", "*2"],
    ["SCAN 9223372036854775807", "*2"],
    ["SCAN 0\0x", "*2"],
    ["SCAN -18446744073709551615", "*2"],
    ["SCAN -05", "*2"],
    ["SCAN -9223372036854775808", "-ERR invalid cursor"],
    ["SCAN 18446744073709551616", "-ERR invalid cursor"],
    ["SCAN -1", "-ERR invalid cursor"],
    ["SCAN 1x", "-ERR invalid cursor"],
    ["SCAN 0 COUNT 0", "-ERR syntax error"],
    ["SCAN 0 COUNT x", "-ERR value is not an integer or out of range"],
    ["SCAN 0 COUNT", "-ERR syntax error"],
    ["SCAN 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN"],
    ["SCAN 0 TYPE", "-ERR syntax error"],
  ])("%s", (line, start) => {
    expect(filled(3).run(line).startsWith(start)).toBe(true);
  });
});

describe("KEYS", () => {
  test("matches and hides what is expired", () => {
    const node = filled(300);
    node.run("SET gone 1 PX 10");
    node.advance(11);
    expect(node.strings("KEYS *").length).toBe(300);
    expect(node.strings("KEYS key:2[0-4]").sort()).toEqual(
      [20, 21, 22, 23, 24].map((i) => `key:${i}`),
    );
    expect(node.run("KEYS none*")).toBe("*0");
    expect(node.run("DBSIZE")).toBe(":301");
  });

  test("the empty key is among all", () => {
    const node = new CoreNode();
    node.send(1, "SET", "", "v");
    expect(node.run("KEYS *")).toBe("*1\r\n$0\r\n");
    expect(node.run("KEYS **")).toBe("*0");
  });
});
