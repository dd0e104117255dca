// Checking an index by ID from outside, for tests, fuzzers and the simulator.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { LEAF_ITEMS, NEXT, PREVIOUS } from "../../memory/index-node.ts";
import { CHILD, HEIGHT, type IdIndexes, INNER_ITEMS, INNER_STRIDE, LAST_LEAF } from "./id-index.ts";
import { ID_WORDS } from "./stream-id.ts";

/**
 * Walks the whole index and throws when an order, a separator, a count, a link or the count of bytes
 * is wrong. Adds header and nodes to `blocks`.
 */
export function verifyIdIndex(indexes: IdIndexes, index: Ref, blocks: Set<Ref>): void {
  const { arena } = indexes;
  const words = arena.i32[index >>> SEGMENT_SHIFT];
  const at = (index & GRANULE_MASK) << 1;
  const height = words[at + HEIGHT];
  const walk = new Walk(arena, indexes.stride);
  walk.visit(words[at], height, null, null);
  let bytes = arena.blockBytes(index);
  for (const node of walk.nodes) {
    bytes += arena.blockBytes(node);
    blocks.add(node);
  }
  blocks.add(index);
  check(bytes === indexes.indexBytes(index), "count of bytes");
  check(walk.leaves.at(-1) === words[at + LAST_LEAF], "last leaf");
  check(walk.linkedItems(height) === indexes.count(index), "count");
}

class Walk {
  readonly nodes: Ref[] = [];
  readonly leaves: Ref[] = [];
  readonly #arena: Arena;
  readonly #stride: number;

  constructor(arena: Arena, stride: number) {
    this.#arena = arena;
    this.#stride = stride;
  }

  /** `low`, `high`: what the IDs below the node must not be less than, and must be less than. */
  visit(node: Ref, level: number, low: Int32Array | null, high: Int32Array | null): void {
    this.nodes.push(node);
    const words = this.#arena.i32[node >>> SEGMENT_SHIFT];
    const at = (node & GRANULE_MASK) << 1;
    const items = at + (level === 0 ? LEAF_ITEMS : INNER_ITEMS);
    const stride = level === 0 ? this.#stride : INNER_STRIDE;
    const ids: Int32Array[] = [];
    for (let slot = 0; slot < words[at]; slot++) {
      ids.push(words.slice(items + slot * stride, items + slot * stride + ID_WORDS));
    }
    const first = level === 0 ? 0 : 1;
    for (let slot = first; slot < ids.length; slot++) {
      check(low === null || order(low, ids[slot]) <= 0, "order");
      check(high === null || order(ids[slot], high) < 0, "order");
      check(slot === first || order(ids[slot - 1], ids[slot]) < 0, "order");
    }
    if (level === 0) {
      this.leaves.push(node);
      return;
    }
    check(ids.length > 0, "empty inner node");
    for (let slot = 0; slot < ids.length; slot++) {
      const child = words[items + slot * stride + CHILD];
      this.visit(child, level - 1, slot === 0 ? low : ids[slot], ids[slot + 1] ?? high);
    }
  }

  /** Checks the chain of leaves; answers with the number of items in them. */
  linkedItems(height: number): number {
    let count = 0;
    this.leaves.forEach((leaf, i) => {
      const words = this.#arena.i32[leaf >>> SEGMENT_SHIFT];
      const at = (leaf & GRANULE_MASK) << 1;
      check(words[at + PREVIOUS] === (this.leaves[i - 1] ?? NONE), "previous leaf");
      check(words[at + NEXT] === (this.leaves[i + 1] ?? NONE), "next leaf");
      check(words[at] > 0 || height === 0, "empty leaf");
      count += words[at];
    });
    return count;
  }
}

function order(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < ID_WORDS; i++) if (a[i] !== b[i]) return (a[i] >>> 0) - (b[i] >>> 0);
  return 0;
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`ID index: ${what} is wrong`);
}
