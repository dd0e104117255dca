import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

describe("BITOP of nothing", () => {
  for (const [when, waitMs] of [
    ["live", 1],
    ["expired", 1000],
  ] as const) {
    test(`deletes its ${when} target, which does not expire`, () => {
      const node = new CoreNode({ propagates: true });
      node.run("CONFIG SET notify-keyspace-events KEA");
      node.run("SET target text PX 100");
      node.takePropagated();
      node.send(2, "PSUBSCRIBE", "__keyevent@0__:*");
      node.take(2);
      node.advance(waitMs);
      expect(node.run("BITOP NOT target nothing")).toBe(":0");
      expect(node.take(2)).toContain("__keyevent@0__:del");
      expect(node.take(2)).not.toContain("expired");
      expect(node.takePropagated()).toEqual(["BITOP NOT target nothing"]);
      expect(node.run("INFO stats")).toContain("expired_keys:0");
    });
  }
});
