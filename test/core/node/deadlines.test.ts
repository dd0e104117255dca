import { expect, it } from "vitest";
import { Deadlines, type Timed } from "../../../core/node/deadlines.ts";
import { Prng } from "../../../core/util/prng.ts";

function item(deadlineMs: number, sequence: number): Timed {
  return { deadlineMs, sequence, heapIndex: -1 };
}

function earliest(items: readonly Timed[]): Timed | null {
  const sorted = items.toSorted((a, b) => a.deadlineMs - b.deadlineMs || a.sequence - b.sequence);
  return sorted[0] ?? null;
}

it("has the earliest first, whatever comes and goes", () => {
  const prng = new Prng(Uint8Array.from({ length: 32 }, (_, i) => i));
  const deadlines = new Deadlines<Timed>();
  let items: Timed[] = [];
  for (let i = 0; i < 4000; i++) {
    if (items.length === 0 || prng.below(100) < (i % 1000 < 500 ? 70 : 30)) {
      const added = item(prng.below(50), i);
      deadlines.add(added);
      items.push(added);
    } else {
      const removed = prng.below(2) === 0 ? deadlines.first! : items[prng.below(items.length)];
      deadlines.remove(removed);
      expect(removed.heapIndex).toBe(-1);
      items = items.filter((other) => other !== removed);
    }
    expect(deadlines.count).toBe(items.length);
    expect(deadlines.first).toBe(earliest(items));
  }
});

it("does not mind what is not in it", () => {
  const deadlines = new Deadlines<Timed>();
  const inside = item(1, 1);
  deadlines.add(inside);
  deadlines.remove(item(1, 1));
  expect(deadlines.first).toBe(inside);
});
