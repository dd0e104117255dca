// Checking an ordered index from outside, for tests, fuzzers and the simulator.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "./arena.ts";
import { IndexCursor } from "./index-cursor.ts";
import {
  childOf,
  countOf,
  ENTRY,
  firstLeafOf,
  INNER_ITEMS,
  INNER_STRIDE,
  isKeyUpTo,
  LEAF_ITEMS,
  NEXT,
  PREVIOUS,
  sizeBefore,
} from "./index-node.ts";
import { HEIGHT, type OrderedIndexes } from "./ordered-index.ts";

/**
 * Walks the whole index and throws when an order, a separator, a count, a link or the count of bytes
 * is wrong. Answers with the references of its header and nodes.
 */
export function verifyOrderedIndex(indexes: OrderedIndexes, index: Ref): Set<Ref> {
  const { arena } = indexes;
  const nodes = new Set<Ref>([index]);
  const leaves: Ref[] = [];
  const words = arena.i32[index >>> SEGMENT_SHIFT];
  const at = (index & GRANULE_MASK) << 1;
  const height = words[at + HEIGHT];
  const count = verifyNode(arena, words[at], height, nodes, leaves);
  check(count === indexes.count(index), "count");
  check(height === 0 || countOf(arena, words[at]) > 1, "root");
  let bytes = 0;
  for (const node of nodes) bytes += arena.blockBytes(node);
  check(bytes === indexes.indexBytes(index), "count of bytes");
  verifyLeaves(arena, leaves);
  return nodes;
}

/** Number of entries below the node; collects nodes and, in order, leaves. */
function verifyNode(
  arena: Arena,
  node: Ref,
  level: number,
  nodes: Set<Ref>,
  leaves: Ref[],
): number {
  nodes.add(node);
  const count = countOf(arena, node);
  if (level === 0) {
    leaves.push(node);
    return count;
  }
  check(count > 0, "empty inner node");
  let sum = 0;
  for (let slot = 0; slot < count; slot++) {
    const child = childOf(arena, node, slot);
    const size = verifyNode(arena, child, level - 1, nodes, leaves);
    check(size > 0 && size === sizeBefore(arena, node, slot + 1) - sum, "size below");
    sum += size;
    if (slot > 0) verifySeparator(arena, node, slot, firstLeafOf(arena, child, level - 1));
  }
  return sum;
}

function verifySeparator(arena: Arena, node: Ref, slot: number, leaf: Ref): void {
  const item = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + slot * INNER_STRIDE;
  const first = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS;
  for (let word = 0; word <= ENTRY; word++) {
    const separator = arena.i32[node >>> SEGMENT_SHIFT][item + word];
    check(separator === arena.i32[leaf >>> SEGMENT_SHIFT][first + word], "separator");
  }
}

function verifyLeaves(arena: Arena, leaves: readonly Ref[]): void {
  const cursor = new IndexCursor(arena);
  let last = NONE;
  let lastScore = 0;
  for (let i = 0; i < leaves.length; i++) {
    cursor.leaf = leaves[i];
    const words = arena.i32[leaves[i] >>> SEGMENT_SHIFT];
    const at = (leaves[i] & GRANULE_MASK) << 1;
    check(words[at + PREVIOUS] === (i === 0 ? NONE : leaves[i - 1]), "previous leaf");
    check(words[at + NEXT] === (leaves[i + 1] ?? NONE), "next leaf");
    for (cursor.slot = 0; cursor.slot < words[at]; cursor.slot++) {
      const { entry, score } = cursor;
      if (last !== NONE) {
        check(lastScore === score ? !isKeyUpTo(arena, entry, last) : lastScore < score, "order");
      }
      last = entry;
      lastScore = score;
    }
  }
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`ordered index: ${what} is wrong`);
}
