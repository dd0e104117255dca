// What will happen, in the order of (time, sequence): a binary heap. Equal times keep the order in
// which they were planned, so that a run never depends on the heap's inner order.

export interface Planned {
  readonly atUs: number;
  readonly sequence: number;
  readonly run: () => void;
}

export class EventHeap {
  readonly #heap: Planned[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Virtual time of the next event, Infinity when there is none. */
  get nextUs(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0].atUs;
  }

  plan(atUs: number, run: () => void): void {
    const heap = this.#heap;
    const event = { atUs, sequence: this.#sequence++, run };
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = event;
  }

  /** Takes the earliest event out. */
  take(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Planned, b: Planned): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.sequence < b.sequence);
}
