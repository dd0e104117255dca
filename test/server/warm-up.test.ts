import { describe, expect, it } from "vitest";
import type { Host } from "../../core/node/host.ts";
import { nowhere, warmUp } from "../../server/warm-up.ts";

describe("warming up", () => {
  it("runs every sample to its end, each in a piece of its own", () => {
    const replies: string[] = [];
    const host: Host = {
      ...nowhere,
      send: (_id, bytes, start, end) => {
        replies.push(Buffer.from(bytes.subarray(start, end)).toString("latin1"));
        return 0;
      },
    };
    let seen = 0;
    for (const _ of warmUp(host)) {
      expect(replies.length - seen).toBeLessThanOrEqual(1);
      seen = replies.length;
    }
    expect(replies.length).toBeGreaterThan(100);
    expect(replies[0]).toBe("+PONG\r\n");
    expect(replies.filter((reply) => reply.startsWith("-"))).toEqual([]);
    expect(replies.at(-2)).toMatch(/^\*10\r\n\$1\r\n0\r\n\$3\r\n/);
  });
});
