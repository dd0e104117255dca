import { expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

const COUNT = 600;

test.each([
  ["hash", (i: number) => `HSET key f${i} v`],
  ["set", (i: number) => `SADD key m${i}`],
  ["sorted set", (i: number) => `ZADD key ${i} m${i}`],
])("DEBUG HTSTATS-KEY of a large %s shows its table", (_type, add) => {
  const node = new CoreNode({ configuration: "enable-debug-command yes" });
  for (let i = 0; i < COUNT; i++) node.run(add(i));
  expect(node.run("DEBUG HTSTATS-KEY key")).toContain(`number of elements: ${COUNT}`);
});

test("DEBUG HTSTATS-KEY refuses what is no table", () => {
  const node = new CoreNode({ configuration: "enable-debug-command yes" });
  node.run("ZADD key 1 member");
  expect(node.run("DEBUG HTSTATS-KEY key")).toBe(
    "-ERR The value stored at the specified key is not represented using an hash table",
  );
});
