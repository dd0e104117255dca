import { describe, expect, it } from "vitest";
import { Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../../core/memory/arena.ts";
import { Prng } from "../../../core/util/prng.ts";

/** Fills a block with bytes that depend on its number, so that an overlap shows. */
function fill(arena: Arena, ref: Ref, bytes: number, mark: number): void {
  const at = (ref & GRANULE_MASK) << 3;
  arena.u8[ref >>> SEGMENT_SHIFT].fill(mark & 255, at, at + bytes);
}

function holds(arena: Arena, ref: Ref, bytes: number, mark: number): boolean {
  const at = (ref & GRANULE_MASK) << 3;
  const block = arena.u8[ref >>> SEGMENT_SHIFT].subarray(at, at + bytes);
  return block.every((byte) => byte === (mark & 255));
}

describe("arena", () => {
  it("keeps blocks apart and intact through random alloc, realloc and free", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const prng = new Prng(Uint8Array.from({ length: 32 }, (_, i) => seed * 7 + i));
      const arena = new Arena(1024);
      const blocks: { ref: Ref; bytes: number; mark: number }[] = [];
      for (let step = 0; step < 30_000; step++) {
        const limit = prng.below(50) === 0 ? 100_000 : prng.below(4) === 0 ? 3000 : 120;
        const choice = prng.below(10);
        if (choice < 4 || blocks.length === 0) {
          if (step % 10_000 < 7000) {
            const bytes = prng.below(limit);
            const block = { ref: arena.alloc(bytes), bytes, mark: step };
            expect(arena.sizeOf(block.ref)).toBeGreaterThanOrEqual(bytes);
            fill(arena, block.ref, bytes, step);
            blocks.push(block);
          }
        } else {
          const index = prng.below(blocks.length);
          const block = blocks[index];
          expect(holds(arena, block.ref, block.bytes, block.mark)).toBe(true);
          if (choice < 6) {
            const bytes = prng.below(limit);
            block.ref = arena.realloc(block.ref, bytes);
            expect(holds(arena, block.ref, Math.min(bytes, block.bytes), block.mark)).toBe(true);
            block.bytes = bytes;
            fill(arena, block.ref, bytes, block.mark);
          } else {
            arena.free(block.ref);
            blocks[index] = blocks[blocks.length - 1];
            blocks.pop();
          }
        }
        if (step % 5000 === 0) arena.verify(new Set(blocks.map((block) => block.ref)));
      }
      for (const block of blocks) arena.free(block.ref);
      arena.verify(new Set());
      expect(arena.usedBytes).toBe(0);
    }
  });

  it("refuses to free a block twice", () => {
    const arena = new Arena();
    const ref = arena.alloc(100);
    arena.free(ref);
    expect(() => arena.free(ref)).toThrow("double free");
  });

  it("gives large blocks a segment of their own and returns it", () => {
    const arena = new Arena();
    const small = arena.alloc(10);
    const before = arena.segmentBytes;
    let huge = arena.alloc(64 * 1024 * 1024);
    fill(arena, huge, 64 * 1024 * 1024, 7);
    huge = arena.realloc(huge, 65 * 1024 * 1024);
    expect(holds(arena, huge, 64 * 1024 * 1024, 7)).toBe(true);
    expect(arena.segmentBytes).toBeGreaterThan(65 * 1024 * 1024);
    arena.free(huge);
    expect(arena.segmentBytes).toBe(before);
    arena.free(small);
    arena.verify(new Set());
  });

  it("keeps a segment of which realloc takes little of a large free block", () => {
    // A single large segment, with one small block in front of all its free memory.
    const arena = new Arena(8 * 1024 * 1024);
    const first = arena.alloc(10);
    const block = arena.alloc(10);
    fill(arena, first, 10, 3);
    fill(arena, block, 10, 4);
    const grown = arena.realloc(block, 1000);
    expect(grown).toBe(block);
    expect(holds(arena, first, 10, 3)).toBe(true);
    expect(holds(arena, grown, 10, 4)).toBe(true);
    arena.verify(new Set([first, grown]));
  });

  it("finds a leak", () => {
    const arena = new Arena();
    arena.alloc(10);
    expect(() => arena.verify(new Set())).toThrow("leaked block");
  });
});
