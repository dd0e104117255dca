import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LinkProfile, Stream } from "../../sim/link.ts";
import { World } from "../../sim/world.ts";

const profile: fc.Arbitrary<LinkProfile> = fc.record({
  latencyUsMin: fc.integer({ min: 1, max: 100 }),
  latencyUsMax: fc.integer({ min: 100, max: 1000 }),
  segmentBytesMax: fc.constantFrom(1, 7, 1460, 65536),
  bytesPerMs: fc.constantFrom(100, 10_000, Number.POSITIVE_INFINITY),
});

/** What one end sends, and how much time passes before. */
const sendings = fc.array(
  fc.record({
    waitUs: fc.integer({ min: 0, max: 2000 }),
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 30 },
);

describe("a simulated stream", () => {
  it("delivers all bytes in order, cut finely in a stretch, none before its time, and then its end", () => {
    fc.assert(
      fc.property(profile, sendings, (link, plan) => {
        const world = new World("stream");
        const arrived: number[] = [];
        const sentUs: number[] = [];
        let ended = 0;
        /** Bytes of each sending that have come in pieces of the profile's size. */
        const cutFinely: number[] = [];
        const sendingOf: number[] = [];
        const stream = new Stream(world, 1, link, (bytes, start, end) => {
          expect(ended).toBe(0);
          const sending = sendingOf[arrived.length];
          if (end - start <= link.segmentBytesMax) cutFinely[sending] += end - start;
          expect(sendingOf[arrived.length + end - start - 1]).toBe(sending);
          for (let i = start; i < end; i++) {
            expect(world.nowUs - sentUs[arrived.length]).toBeGreaterThanOrEqual(link.latencyUsMin);
            arrived.push(bytes[i]);
          }
        });
        let atUs = 0;
        const sent: number[] = [];
        for (const [index, { waitUs, bytes }] of plan.entries()) {
          atUs += waitUs;
          cutFinely.push(0);
          world.plan(atUs, () => {
            for (const byte of bytes) {
              sent.push(byte);
              sentUs.push(world.nowUs);
              sendingOf.push(index);
            }
            stream.send(bytes, 0, bytes.length);
            expect(stream.pendingBytes).toBe(sent.length - arrived.length);
          });
        }
        world.plan(atUs + 1, () => stream.after(() => ended++));
        while (world.step());
        expect(arrived).toEqual(sent);
        expect(ended).toBe(1);
        for (const [index, { bytes }] of plan.entries()) {
          const stretch = Math.min(bytes.length, 16 * link.segmentBytesMax);
          expect(cutFinely[index]).toBeGreaterThanOrEqual(stretch);
        }
        expect(stream.pendingBytes).toBe(0);
      }),
    );
  });

  it("delivers nothing after it is cut", () => {
    const world = new World("cut");
    let calls = 0;
    const link = { latencyUsMin: 1, latencyUsMax: 1, segmentBytesMax: 1, bytesPerMs: 100 };
    const stream = new Stream(world, 1, link, () => {
      if (++calls === 2) stream.cut();
    });
    stream.send(new Uint8Array(10), 0, 10);
    stream.after(() => calls++);
    while (world.step());
    stream.send(new Uint8Array(10), 0, 10);
    while (world.step());
    expect(calls).toBe(2);
    expect(stream.pendingBytes).toBe(0);
  });
});
