import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** The same last four bytes, which is what keys are remembered by; and a short one that has fewer. */
const KEYS = ["a:1234", "b:1234", "ab:1234", "1234", "234"] as const;

/** What a key is after it was used so often that it is remembered. */
function warm(node: CoreNode, key: string): void {
  for (let i = 0; i < 3; i++) node.run(`GET ${key}`);
}

describe("a key that was used a moment ago", () => {
  test.each([
    ["deleted", "DEL a:1234", "$-1"],
    ["unlinked", "UNLINK a:1234", "$-1"],
    ["renamed", "RENAME a:1234 other", "$-1"],
    ["moved to another database", "MOVE a:1234 1", "$-1"],
    ["flushed", "FLUSHALL", "$-1"],
    ["flushed in the background", "FLUSHDB ASYNC", "$-1"],
    ["swapped away", "SWAPDB 0 1", "$-1"],
    ["replaced by a longer value", `SET a:1234 ${"x".repeat(500)}`, `$500|${"x".repeat(500)}`],
    ["replaced by another key's", "COPY b:1234 a:1234 REPLACE", "$1|b"],
    ["given a time to live", "EXPIRE a:1234 100", "$1|a"],
    ["made longer in place", `APPEND a:1234 ${"y".repeat(900)}`, `$901|a${"y".repeat(900)}`],
  ])("is %s", (_how, change, reply) => {
    const node = new CoreNode();
    node.run("SET a:1234 a");
    node.run("SET b:1234 b");
    warm(node, "a:1234");
    node.run(change);
    // New blocks, where the old one may have been.
    for (let i = 0; i < 20; i++) node.run(`SET filler:${i} ${"z".repeat(i)}`);
    expect(node.run("GET a:1234")).toBe(reply.replaceAll("|", "\r\n"));
  });

  test("and others with the same end are told apart, whatever happens to them", () => {
    const step = fc.tuple(fc.nat(4), fc.nat(KEYS.length - 1), fc.nat(300));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const node = new CoreNode();
        const model = new Map<string, string>();
        for (const [kind, i, length] of steps) {
          const key = KEYS[i];
          const value = "v".repeat(length);
          if (kind === 0) {
            node.run(`DEL ${key}`);
            model.delete(key);
          } else if (kind === 1) {
            node.send(1, "SET", key, value);
            model.set(key, value);
          } else if (kind === 2) {
            node.send(1, "APPEND", key, value);
            model.set(key, (model.get(key) ?? "") + value);
          } else {
            const known = model.get(key);
            const reply = known === undefined ? "$-1" : `$${known.length}\r\n${known}`;
            expect(node.run(`GET ${key}`)).toBe(reply);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
