import { describe, expect, it } from "vitest";
import { Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../../core/memory/arena.ts";
import { ExpiryHeaps, IN_NO_HEAP } from "../../../core/memory/expiry-heap.ts";
import { Prng } from "../../../core/util/prng.ts";

const START_MS = 1_700_000_000_000;

class World {
  readonly arena = new Arena(4096);
  readonly heaps = new ExpiryHeaps(this.arena);
  readonly heap: Ref = this.heaps.create();
  readonly model = new Map<Ref, number>();

  item(): Ref {
    const item = this.arena.alloc(8);
    this.arena.i32[item >>> SEGMENT_SHIFT][((item & GRANULE_MASK) << 1) + 1] = IN_NO_HEAP;
    return item;
  }

  add(ms: number): void {
    const item = this.item();
    this.heaps.add(this.heap, item, ms);
    this.model.set(item, ms);
  }

  remove(item: Ref): void {
    this.heaps.remove(this.heap, item);
    expect(this.heaps.positionOf(item)).toBe(IN_NO_HEAP);
    this.model.delete(item);
    this.arena.free(item);
  }
}

describe("expiry heap", () => {
  it.each([10, 700, 3000])(
    "reads like a sorted list under random changes, about %i items",
    (size) => {
      const world = new World();
      const { heaps, heap, model, arena } = world;
      const prng = new Prng(Uint8Array.of(size & 255));
      for (let step = 0; step < size * 12; step++) {
        const isGrowing = step % (size * 4) < size * 2;
        const some = [...model.keys()][prng.below(Math.max(1, Math.min(model.size, 50)))];
        const action = prng.below(10);
        if (some === undefined || action < (isGrowing ? 6 : 2)) {
          world.add(START_MS + prng.below(size * 10));
        } else if (action < 8) {
          world.remove(action === 7 ? heaps.first(heap) : some);
        } else if (action === 8) {
          const ms = START_MS + prng.below(size * 10);
          heaps.update(heap, some, ms);
          model.set(some, ms);
        } else {
          const copy = world.item();
          const ms = model.get(some)!;
          arena.i32[copy >>> SEGMENT_SHIFT][((copy & GRANULE_MASK) << 1) + 1] =
            heaps.positionOf(some);
          heaps.moved(heap, copy);
          model.delete(some);
          model.set(copy, ms);
          arena.free(some);
        }
        expect(heaps.count(heap)).toBe(model.size);
        if (step % (size * 2) === 0) {
          heaps.verify(heap);
          arena.verify();
          const times = [...model.values()].sort((a, b) => a - b);
          expect(heaps.firstMs(heap)).toBe(times[0] ?? Number.POSITIVE_INFINITY);
          const middle = times[times.length >> 1] ?? START_MS;
          const before = times.filter((ms) => ms < middle).length;
          expect(heaps.countBefore(heap, middle)).toBe(before);
        }
      }
      const order: number[] = [];
      while (heaps.count(heap) > 0) {
        order.push(heaps.firstMs(heap));
        world.remove(heaps.first(heap));
      }
      expect(order).toEqual([...order].sort((a, b) => a - b));
      heaps.destroy(heap);
      expect(arena.usedBytes).toBe(0);
    },
  );

  it("gives memory back while it gets smaller", () => {
    const world = new World();
    const { heaps, heap } = world;
    world.add(1);
    const small = heaps.sizeBytes(heap);
    for (let i = 0; i < 5000; i++) world.add(i);
    expect(heaps.sizeBytes(heap)).toBeLessThan(5001 * 12 + 8192);
    while (heaps.count(heap) > 4) world.remove(heaps.first(heap));
    // A second page stays in reserve.
    expect(heaps.sizeBytes(heap)).toBeLessThan(small + 2 * 512 * 12 + 100);
  });

  it("keeps times of any size", () => {
    const { heaps, heap, ...world } = new World();
    const times = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 46, 2 ** 48 - 2];
    const arena = world.arena;
    for (const ms of [...times].reverse()) {
      const item = arena.alloc(8);
      heaps.add(heap, item, ms);
    }
    for (const ms of times) {
      expect(heaps.firstMs(heap)).toBe(ms);
      heaps.remove(heap, heaps.first(heap));
    }
  });
});
