// Nodes of ordered indexes (ordered-index.ts): their layout, searching one node, moving its items.
//
//   leaf     word 0 count | 1 previous leaf | 2 next leaf | items: score (2 words), entry
//   inner    word 0 count | items: score (2 words), entry, child, number of entries below it
//
// An inner item's score and entry are the smallest of its subtree: a separator. The one of a node's
// first item is not kept up to date, because nothing is compared with it. A separator must be an
// entry of the tree, for its key is read: removing a subtree's first entry changes the separator.
//
// Functions that serve both kinds are told the first item's word and the words per item.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "./arena.ts";
import { KEY_LENGTH_MASK, keyStart } from "./entry.ts";

export const PREVIOUS = 1;
export const NEXT = 2;
export const LEAF_ITEMS = 3;
export const LEAF_STRIDE = 3;
export const INNER_ITEMS = 1;
export const INNER_STRIDE = 5;
/** Words within an item. */
export const ENTRY = 2;
export const CHILD = 3;
export const SIZE = 4;

/** Number of items in the node. */
export function countOf(arena: Arena, node: Ref): number {
  return arena.i32[node >>> SEGMENT_SHIFT][(node & GRANULE_MASK) << 1];
}

export function childOf(arena: Arena, node: Ref, slot: number): Ref {
  return arena.i32[node >>> SEGMENT_SHIFT][
    ((node & GRANULE_MASK) << 1) + INNER_ITEMS + slot * INNER_STRIDE + CHILD
  ];
}

/** The first leaf below a node of height `level`. */
export function firstLeafOf(arena: Arena, node: Ref, level: number): Ref {
  let leaf = node;
  for (let left = level; left > 0; left--) leaf = childOf(arena, leaf, 0);
  return leaf;
}

/** Entries below an inner node's items before `slot`. */
export function sizeBefore(arena: Arena, node: Ref, slot: number): number {
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  let at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + SIZE;
  let sum = 0;
  for (let i = 0; i < slot; i++, at += INNER_STRIDE) sum += words[at];
  return sum;
}

// -- searching ------------------------------------------------------------------------------------

/** Number of the node's items up to (score, key of entry); those before `from` are not looked at. */
export function searchEntry(
  arena: Arena,
  node: Ref,
  items: number,
  stride: number,
  from: number,
  score: number,
  entry: Ref,
): number {
  const segment = node >>> SEGMENT_SHIFT;
  const words = arena.i32[segment];
  const view = arena.view[segment];
  const at = (node & GRANULE_MASK) << 1;
  let low = from;
  let high = words[at];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = at + items + middle * stride;
    const other = view.getFloat64(item << 2, true);
    if (score > other || (score === other && isKeyUpTo(arena, words[item + ENTRY], entry))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Number of the node's items with a score below `score`, or up to it when `inclusive`. */
export function searchScore(
  arena: Arena,
  node: Ref,
  items: number,
  stride: number,
  from: number,
  score: number,
  inclusive: boolean,
): number {
  const segment = node >>> SEGMENT_SHIFT;
  const view = arena.view[segment];
  const at = (node & GRANULE_MASK) << 1;
  let low = from;
  let high = arena.i32[segment][at];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = view.getFloat64((at + items + middle * stride) << 2, true);
    if (other < score || (inclusive && other === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Number of the node's items with a key below view[offset, offset+length), or up to it. */
export function searchKey(
  arena: Arena,
  node: Ref,
  items: number,
  stride: number,
  from: number,
  view: DataView,
  offset: number,
  length: number,
  inclusive: boolean,
): number {
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const at = (node & GRANULE_MASK) << 1;
  let low = from;
  let high = words[at];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = words[at + items + middle * stride + ENTRY];
    const order = compareKey(arena, other, view, offset, length);
    if (order < 0 || (inclusive && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the key of `a` is not greater than the one of `b`. */
export function isKeyUpTo(arena: Arena, a: Ref, b: Ref): boolean {
  if (a === b) return true;
  const segment = b >>> SEGMENT_SHIFT;
  const at = (b & GRANULE_MASK) << 1;
  const word0 = arena.i32[segment][at];
  const offset = (at << 2) + keyStart(word0);
  return compareKey(arena, a, arena.view[segment], offset, word0 & KEY_LENGTH_MASK) <= 0;
}

/** Order of an entry's key and view[offset, offset+length), as memcmp has it, four bytes at a time. */
function compareKey(
  arena: Arena,
  entry: Ref,
  view: DataView,
  offset: number,
  length: number,
): number {
  const segment = entry >>> SEGMENT_SHIFT;
  const at = (entry & GRANULE_MASK) << 1;
  const word0 = arena.i32[segment][at];
  const own = arena.view[segment];
  const start = (at << 2) + keyStart(word0);
  const ownLength = word0 & KEY_LENGTH_MASK;
  const common = Math.min(ownLength, length);
  let i = 0;
  for (; i + 4 <= common; i += 4) {
    const difference = own.getUint32(start + i) - view.getUint32(offset + i);
    if (difference !== 0) return difference;
  }
  for (; i < common; i++) {
    const difference = own.getUint8(start + i) - view.getUint8(offset + i);
    if (difference !== 0) return difference;
  }
  return ownLength - length;
}

// -- changing -------------------------------------------------------------------------------------

/** Moves a node's items from `slot` on by `distance` slots and changes its count accordingly. */
export function shiftItems(
  arena: Arena,
  node: Ref,
  items: number,
  stride: number,
  slot: number,
  distance: number,
): void {
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const at = (node & GRANULE_MASK) << 1;
  const start = at + items + slot * stride;
  const end = at + items + words[at] * stride;
  if (start < end) words.copyWithin(start + distance * stride, start, end);
  words[at] += distance;
}

/** Appends the items of `from`, from `slot` on, to `to`; the count of `from` stays. */
export function appendItems(
  arena: Arena,
  from: Ref,
  slot: number,
  to: Ref,
  items: number,
  stride: number,
): void {
  const source = arena.i32[from >>> SEGMENT_SHIFT];
  const target = arena.i32[to >>> SEGMENT_SHIFT];
  const fromAt = (from & GRANULE_MASK) << 1;
  const toAt = (to & GRANULE_MASK) << 1;
  const sourceAt = fromAt + items + slot * stride;
  const targetAt = toAt + items + target[toAt] * stride;
  const count = source[fromAt] - slot;
  for (let i = 0; i < count * stride; i++) target[targetAt + i] = source[sourceAt + i];
  target[toAt] += count;
}

/** Moves the item in slot `from` of a leaf to slot `to`; those between make way. */
export function moveLeafItem(arena: Arena, leaf: Ref, from: number, to: number): void {
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const at = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS;
  if (to > from) {
    const start = at + from * LEAF_STRIDE;
    words.copyWithin(start, start + LEAF_STRIDE, at + (to + 1) * LEAF_STRIDE);
  } else {
    const start = at + to * LEAF_STRIDE;
    words.copyWithin(start + LEAF_STRIDE, start, at + from * LEAF_STRIDE);
  }
}

export function writeLeafItem(
  arena: Arena,
  leaf: Ref,
  slot: number,
  score: number,
  entry: Ref,
): void {
  const segment = leaf >>> SEGMENT_SHIFT;
  const at = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS + slot * LEAF_STRIDE;
  arena.view[segment].setFloat64(at << 2, score, true);
  arena.i32[segment][at + ENTRY] = entry;
}

/** Makes a leaf's first item the separator of an inner item. */
export function setSeparator(arena: Arena, node: Ref, slot: number, leaf: Ref): void {
  const source = arena.i32[leaf >>> SEGMENT_SHIFT];
  const from = ((leaf & GRANULE_MASK) << 1) + LEAF_ITEMS;
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const at = ((node & GRANULE_MASK) << 1) + INNER_ITEMS + slot * INNER_STRIDE;
  words[at] = source[from];
  words[at + 1] = source[from + 1];
  words[at + ENTRY] = source[from + ENTRY];
}

/** Puts a leaf into the chain, between two neighbours that may be missing. */
export function linkLeaf(arena: Arena, leaf: Ref, previous: Ref, next: Ref): void {
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const at = (leaf & GRANULE_MASK) << 1;
  words[at + PREVIOUS] = previous;
  words[at + NEXT] = next;
  joinLeaves(arena, previous, leaf);
  joinLeaves(arena, leaf, next);
}

/** Takes a leaf out of the chain. */
export function unlinkLeaf(arena: Arena, leaf: Ref): void {
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const at = (leaf & GRANULE_MASK) << 1;
  joinLeaves(arena, words[at + PREVIOUS], words[at + NEXT]);
}

/** Makes two leaves, one of which may be missing, neighbours. */
function joinLeaves(arena: Arena, left: Ref, right: Ref): void {
  if (left !== NONE) {
    arena.i32[left >>> SEGMENT_SHIFT][((left & GRANULE_MASK) << 1) + NEXT] = right;
  }
  if (right !== NONE) {
    arena.i32[right >>> SEGMENT_SHIFT][((right & GRANULE_MASK) << 1) + PREVIOUS] = left;
  }
}
