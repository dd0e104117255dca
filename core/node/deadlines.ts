// Who waits until when: a binary heap, the earliest on top. Each item knows its place in the heap, so
// that one that is served early is taken out at once instead of lingering until its time: a worker
// that polls with BLPOP and a long timeout would leave thousands behind.

/** Something that ends at a time. */
export interface Timed {
  /** Wall time in ms. */
  readonly deadlineMs: number;
  /** Breaks ties: the smaller goes first. */
  readonly sequence: number;
  /** Index in the heap, -1 when it is in none. Owned by `Deadlines`. */
  heapIndex: number;
}

export class Deadlines<T extends Timed> {
  readonly #heap: T[] = [];

  get count(): number {
    return this.#heap.length;
  }

  /** The one whose time comes first, or null. */
  get first(): T | null {
    return this.#heap.length > 0 ? this.#heap[0] : null;
  }

  add(item: T): void {
    this.#heap.push(item);
    this.#rise(item, this.#heap.length - 1);
  }

  /** Takes the item out, if it is in. */
  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#sink(last, index);
    this.#rise(last, last.heapIndex);
  }

  #rise(item: T, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(item, heap[parent])) break;
      this.#place(heap[parent], index);
      index = parent;
    }
    this.#place(item, index);
  }

  #sink(item: T, from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], item)) break;
      this.#place(heap[child], index);
      index = child;
    }
    this.#place(item, index);
  }

  #place(item: T, index: number): void {
    this.#heap[index] = item;
    item.heapIndex = index;
  }
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.sequence < b.sequence);
}
