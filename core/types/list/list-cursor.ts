// Walking over the elements of a list, forward or backward, without changing it. One element after
// the other is at `bytes[at]`: an entry of a listpack, or, if `isPlain`, a text of `size` bytes.
import { NONE, type Ref } from "../../memory/arena.ts";
import { lpFirst, lpLast, lpNext, lpPrev, lpSeek } from "../../memory/listpack.ts";
import type { Needle } from "./needle.ts";
import type { Quicklists } from "./quicklist.ts";

export class ListCursor {
  readonly #lists: Quicklists;
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the element is; -1 behind the last one. */
  at = -1;
  isPlain = false;
  size = 0;
  /** Where the listpack that holds the element starts. */
  base = 0;
  /** The node of a quicklist that holds the element, NONE in a listpack. */
  node: Ref = NONE;
  #forward = true;

  constructor(lists: Quicklists) {
    this.#lists = lists;
  }

  /** Starts at element `index` of a listpack. */
  startInListpack(bytes: Uint8Array, base: number, index: number, forward: boolean): void {
    this.bytes = bytes;
    this.base = base;
    this.isPlain = false;
    this.node = NONE;
    this.#forward = forward;
    this.at = lpSeek(bytes, base, index);
  }

  /** Starts at element `index`, which must be there, of a quicklist. */
  startInQuicklist(list: Ref, index: number, forward: boolean): void {
    this.#forward = forward;
    this.#lists.seek(list, index);
    this.#open(this.#lists.node);
    if (!this.isPlain) this.at = lpSeek(this.bytes, this.base, this.#lists.index);
  }

  /** Goes on to the next element in the walk's direction. */
  advance(): void {
    if (!this.isPlain) {
      this.at = this.#forward
        ? lpNext(this.bytes, this.at)
        : lpPrev(this.bytes, this.base, this.at);
      if (this.at >= 0) return;
    }
    this.nextNode();
  }

  /** Goes on to the first element of the next node; also when the node's elements were used up. */
  nextNode(): void {
    this.at = -1;
    if (this.node === NONE) return;
    const { nodes } = this.#lists;
    const node = this.#forward ? nodes.next(this.node) : nodes.previous(this.node);
    if (node === NONE) return;
    this.#open(node);
    if (this.isPlain) return;
    this.at = this.#forward ? lpFirst(this.bytes, this.base) : lpLast(this.bytes, this.base);
  }

  #open(node: Ref): void {
    const { nodes } = this.#lists;
    nodes.open(node);
    this.node = node;
    this.bytes = nodes.bytes;
    this.base = nodes.base;
    this.isPlain = nodes.isPlain;
    this.size = nodes.size;
    this.at = nodes.base;
  }

  /**
   * Goes on to the first element that matches, this one included, but past no more than `limit`.
   * Answers with the number of elements passed; `at` is -1 when there is no such element.
   */
  find(needle: Needle, limit: number): number {
    let passed = 0;
    while (this.at >= 0 && passed < limit) {
      if (this.isPlain) {
        if (needle.matchesText(this.bytes, this.at, this.size)) return passed;
        passed++;
        this.nextNode();
      } else {
        const { bytes, base, at } = this;
        const found = this.#forward
          ? needle.find(bytes, at, limit - passed)
          : needle.findBackward(bytes, base, at, limit - passed);
        passed += needle.passed;
        if (found >= 0) {
          this.at = found;
          return passed;
        }
        if (passed < limit) this.nextNode();
      }
    }
    this.at = -1;
    return passed;
  }
}
