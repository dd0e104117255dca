// Walking over the elements of a list, forward or backward, without changing it. One element after
// the other is at `bytes[at]`: an entry of a listpack; if `isPlain`, a text of `size` bytes; if
// `isDense`, what the walk over a dense node, `dense`, is at. Backward no node is walked over in its
// dense form, but as the listpack that it stands for.
import { NONE, type Ref } from "../../memory/arena.ts";
import { lpFirst, lpInteger, lpLast, lpNext, lpPrev, lpSeek } from "../../memory/listpack.ts";
import { DenseWalk, integerOf, isString } from "./dense-walk.ts";
import type { Needle } from "./needle.ts";
import type { Quicklists } from "./quicklist.ts";

export class ListCursor {
  readonly #lists: Quicklists;
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the element is; -1 behind the last one. */
  at = -1;
  isPlain = false;
  size = 0;
  isDense = false;
  readonly dense: DenseWalk;
  /** Where the listpack that holds the element starts. */
  base = 0;
  /** The node of a quicklist that holds the element, NONE in a listpack. */
  node: Ref = NONE;
  #forward = true;

  constructor(lists: Quicklists) {
    this.#lists = lists;
    this.dense = new DenseWalk(lists.nodes.arena);
  }

  /** Starts at element `index` of a listpack. */
  startInListpack(bytes: Uint8Array, base: number, index: number, forward: boolean): void {
    this.bytes = bytes;
    this.base = base;
    this.isPlain = false;
    this.isDense = false;
    this.node = NONE;
    this.#forward = forward;
    this.at = lpSeek(bytes, base, index);
  }

  /** Starts at element `index`, which must be there, of a quicklist. */
  startInQuicklist(list: Ref, index: number, forward: boolean): void {
    this.#forward = forward;
    this.#lists.seek(list, index);
    this.#open(this.#lists.node);
    const { index: inNode } = this.#lists;
    if (this.isDense) this.passDense(inNode);
    else if (!this.isPlain) this.at = lpSeek(this.bytes, this.base, inNode);
  }

  /** Goes on to the next element in the walk's direction. */
  advance(): void {
    if (this.isDense) return this.passDense(1);
    if (!this.isPlain) {
      this.at = this.#forward
        ? lpNext(this.bytes, this.at)
        : lpPrev(this.bytes, this.base, this.at);
      if (this.at >= 0) return;
    }
    this.nextNode();
  }

  /** Goes on over `count` elements of a dense node, to the next node if no more are left. */
  passDense(count: number): void {
    if (this.dense.pass(count)) this.at = this.dense.at;
    else this.nextNode();
  }

  /** Goes on to the first element of the next node; also when the node's elements were used up. */
  nextNode(): void {
    this.#start(this.#nodeBehind(this.node));
  }

  /** The next node in the walk's direction, or NONE. */
  #nodeBehind(node: Ref): Ref {
    if (node === NONE) return NONE;
    const { nodes } = this.#lists;
    return this.#forward ? nodes.next(node) : nodes.previous(node);
  }

  /** Starts at the first element of a node; NONE: behind the last one. */
  #start(node: Ref): void {
    this.at = -1;
    if (node === NONE) return;
    this.#open(node);
    if (this.isPlain || this.isDense) return;
    this.at = this.#forward ? lpFirst(this.bytes, this.base) : lpLast(this.bytes, this.base);
  }

  #open(node: Ref): void {
    const { nodes } = this.#lists;
    this.node = node;
    this.isDense = this.#forward && nodes.isDense(node);
    if (this.isDense) return this.#openDense(node);
    nodes.open(node);
    this.bytes = nodes.bytes;
    this.base = nodes.base;
    this.isPlain = nodes.isPlain;
    this.size = nodes.size;
    this.at = nodes.base;
  }

  #openDense(node: Ref): void {
    const { dense } = this;
    dense.open(node);
    this.bytes = dense.bytes;
    this.at = dense.at;
    this.isPlain = false;
  }

  /** The element as an integer; NaN when it is not stored as one, or is not a safe one. */
  get integer(): number {
    if (this.isPlain) return Number.NaN;
    const { dense } = this;
    if (!this.isDense) return lpInteger(this.bytes, this.at);
    return isString(dense.kind) ? Number.NaN : integerOf(dense.kind, dense.bytes, dense.at);
  }

  /** How far behind the start of its listpack the element is. */
  get offset(): number {
    if (!this.isDense) return this.at - this.base;
    const { nodes } = this.#lists;
    nodes.open(this.node);
    return lpSeek(nodes.bytes, nodes.base, this.dense.index) - nodes.base;
  }

  /**
   * Goes on to the first element that matches, this one included, but past no more than `limit`.
   * Answers with the number of elements passed; `at` is -1 when there is no such element.
   */
  find(needle: Needle, limit: number): number {
    let passed = 0;
    while (this.at >= 0 && passed < limit) {
      if (this.#findInNode(needle, limit - passed)) return passed + needle.passed;
      passed += needle.passed;
      if (passed < limit) passed += this.#skipNodes(needle, limit - passed);
    }
    this.at = -1;
    return passed;
  }

  /** The same up to the end of the node; answers with whether there is such an element. */
  #findInNode(needle: Needle, limit: number): boolean {
    const { bytes, base, at, dense } = this;
    if (this.isDense) {
      const isFound = needle.findDense(dense, limit);
      this.at = dense.at;
      return isFound;
    }
    if (this.isPlain) return needle.findInText(bytes, at, this.size);
    const found = this.#forward
      ? needle.find(bytes, at, limit)
      : needle.findBackward(bytes, base, at, limit);
    if (found >= 0) this.at = found;
    return found >= 0;
  }

  /**
   * Goes on to the next node; backward, over dense ones that no element matches in: looking is faster
   * than making a listpack of them. Answers with the number of elements passed.
   */
  #skipNodes(needle: Needle, limit: number): number {
    const { nodes } = this.#lists;
    let passed = 0;
    let node = this.#nodeBehind(this.node);
    while (!this.#forward && node !== NONE && nodes.isDense(node)) {
      this.dense.open(node);
      if (needle.findDense(this.dense, Number.POSITIVE_INFINITY)) break;
      passed = Math.min(passed + needle.passed, limit);
      node = passed < limit ? this.#nodeBehind(node) : NONE;
    }
    this.#start(node);
    return passed;
  }
}
