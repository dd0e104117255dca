// Changes in the middle of a quicklist: inserting, replacing, removing, and the splitting and merging
// of nodes that this brings with it. Which nodes result is decided as in Redis.
import { NONE, type Ref } from "../../memory/arena.ts";
import {
  LP_EMPTY_BYTES,
  LP_HEADER_BYTES,
  lpEnd,
  lpLength,
  lpSeek,
  lpSkip,
} from "../../memory/listpack.ts";
import { exceedsNode, nodeBytesMax } from "./limits.ts";
import { NODE_HEAD_BYTES } from "./list-node.ts";
import type { Needle } from "./needle.ts";
import type { Quicklists } from "./quicklist.ts";

/**
 * Inserts the text before or after the element of `node` that is `at` bytes behind the start of its
 * listpack; in a plain node `at` does not matter.
 */
export function insertBeside(
  lists: Quicklists,
  list: Ref,
  node: Ref,
  at: number,
  after: boolean,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  insert(lists, list, node, at, after, source, offset, length);
  lists.settle(list);
}

function insert(
  lists: Quicklists,
  list: Ref,
  node: Ref,
  at: number,
  after: boolean,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  const { nodes } = lists;
  const fill = lists.fill(list);
  nodes.open(node);
  const { bytes, base, isPlain } = nodes;
  const place = after && !isPlain ? lpSkip(bytes, base + at) - base : at;
  const atEnd = isPlain || place === (after ? lpEnd(bytes, base) - base : LP_HEADER_BYTES);
  if (lists.isLarge(fill, length)) {
    const anchor = atEnd ? node : split(lists, list, node, place);
    const made = nodes.makePlain(source, offset, length);
    lists.insertNode(list, anchor, made, after || !atEnd);
    return;
  }
  if (lists.takes(node, fill, length)) {
    const loose = lists.loosen(list, node);
    const { packed } = nodes;
    const max = nodeBytesMax(fill);
    const moved = packed.insert(loose, NODE_HEAD_BYTES, max, place, source, offset, length);
    lists.countChanged(list, lists.relink(list, loose, moved), 1);
    return;
  }
  if (atEnd) {
    const neighbour = after ? nodes.next(node) : nodes.previous(node);
    if (lists.takes(neighbour, fill, length)) {
      addToNode(lists, list, neighbour, after, source, offset, length);
    } else {
      lists.insertNode(list, node, nodes.makePacked(0, source, offset, length), after);
    }
    return;
  }
  const left = split(lists, list, node, place);
  const half = after ? nodes.next(left) : left;
  const grown = addToNode(lists, list, half, after, source, offset, length);
  // The center of merging is the half that did not get the element.
  mergeAround(lists, list, after ? nodes.previous(grown) : nodes.next(grown), fill);
}

/** Adds the text at an end of a node in the middle of a list; answers with the node. */
function addToNode(
  lists: Quicklists,
  list: Ref,
  node: Ref,
  atHead: boolean,
  source: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const loose = lists.loosen(list, node);
  const moved = lists.addToNode(loose, atHead, lists.fill(list), source, offset, length);
  lists.relink(list, loose, moved);
  lists.countChanged(list, moved, 1);
  return moved;
}

/** Replaces element `index`, which must be there, by the text. */
export function replaceElement(
  lists: Quicklists,
  list: Ref,
  index: number,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  lists.seek(list, index);
  const { node } = lists;
  if (lists.nodes.holdsPlain(node)) {
    // Inserting may move the next node, but not this one.
    insert(lists, list, node, 0, true, source, offset, length);
    lists.removeNode(list, node);
  } else {
    replaceInNode(lists, list, node, lists.index, source, offset, length);
  }
  lists.settle(list);
}

function replaceInNode(
  lists: Quicklists,
  list: Ref,
  node: Ref,
  index: number,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  const { nodes } = lists;
  const { packed } = nodes;
  const fill = lists.fill(list);
  if (nodes.isDense(node) && nodes.dense.replace(node, index, source, offset, length)) return;
  const loose = lists.loosen(list, node);
  packed.open(loose);
  const { bytes, base } = packed;
  const at = lpSeek(bytes, base, index) - base;
  if (!lists.isLarge(fill, length)) {
    const max = nodeBytesMax(fill);
    const moved = packed.replace(loose, NODE_HEAD_BYTES, max, at, source, offset, length);
    lists.relink(list, loose, moved);
    return;
  }
  const behind = lpSkip(bytes, base + at) - base;
  const isLast = behind === lpEnd(bytes, base) - base;
  const left = isLast ? loose : split(lists, list, loose, behind);
  const made = nodes.makePlain(source, offset, length);
  lists.insertNode(list, left, made, true);
  if (nodes.elements(left) === 1) {
    lists.removeNode(list, left);
    return;
  }
  packed.removeLast(left, 1);
  lists.countChanged(list, left, -1);
  mergeAround(lists, list, made, fill);
}

/** Removes `count` elements from number `start` on; they must be there. */
export function removeRange(lists: Quicklists, list: Ref, start: number, count: number): void {
  if (count === 0) return;
  const { nodes } = lists;
  lists.seek(list, start);
  let { node, index } = lists;
  for (let left = count; left > 0; ) {
    const next = nodes.next(node);
    const elements = nodes.elements(node);
    const here = Math.min(left, elements - index);
    if (here === elements) lists.removeNode(list, node);
    else removeInside(lists, list, node, index, here);
    left -= here;
    node = next;
    index = 0;
  }
  lists.settle(list);
}

/** Removes some but not all elements of a packed node. */
function removeInside(lists: Quicklists, list: Ref, node: Ref, index: number, count: number): void {
  const loose = lists.loosen(list, node);
  const { packed } = lists.nodes;
  packed.open(loose);
  if (index === 0) {
    packed.removeFirst(loose, count);
  } else if (index + count === lpLength(packed.bytes, packed.base)) {
    packed.removeLast(loose, count);
  } else {
    packed.remove(loose, lpSeek(packed.bytes, packed.base, index) - packed.base, count);
  }
  lists.countChanged(list, loose, -count);
  lists.fit(list, loose);
}

/**
 * Removes elements that match, up to `limit`, the last ones first if `backward`. Answers with how
 * many that were.
 */
export function removeMatching(
  lists: Quicklists,
  list: Ref,
  needle: Needle,
  backward: boolean,
  limit: number,
): number {
  const { nodes } = lists;
  let removed = 0;
  let node = backward ? lists.tail(list) : lists.head(list);
  while (node !== NONE && removed < limit) {
    const following = backward ? nodes.previous(node) : nodes.next(node);
    if (contains(lists, node, needle)) {
      removed += removeMatchingFrom(lists, list, node, needle, backward, limit - removed);
    }
    node = following;
  }
  lists.settle(list);
  return removed;
}

function contains(lists: Quicklists, node: Ref, needle: Needle): boolean {
  const { nodes } = lists;
  if (nodes.isDense(node)) {
    nodes.dense.walk.open(node);
    return needle.findDense(nodes.dense.walk, Number.POSITIVE_INFINITY);
  }
  nodes.open(node);
  const { bytes, base } = nodes;
  if (nodes.isPlain) return needle.matchesText(bytes, base, nodes.size);
  return needle.find(bytes, base + LP_HEADER_BYTES, Number.POSITIVE_INFINITY) >= 0;
}

function removeMatchingFrom(
  lists: Quicklists,
  list: Ref,
  node: Ref,
  needle: Needle,
  backward: boolean,
  limit: number,
): number {
  if (lists.nodes.holdsPlain(node)) {
    lists.removeNode(list, node);
    return 1;
  }
  const loose = lists.loosen(list, node);
  const removed = lists.nodes.packed.removeMatching(loose, needle, backward, limit);
  lists.countChanged(list, loose, -removed);
  if (lists.nodes.elements(loose) === 0) lists.removeNode(list, loose);
  // Closed at once, so that nodes with matches do not gather.
  else lists.close(list, lists.fit(list, loose));
  return removed;
}

/** Cuts a packed node in two, `at` bytes behind the listpack's start; answers with the first half. */
function split(lists: Quicklists, list: Ref, node: Ref, at: number): Ref {
  const { packed } = lists.nodes;
  const loose = lists.loosen(list, node);
  const right = packed.split(loose, NODE_HEAD_BYTES, at);
  // The second half's elements leave before they come back with the new node.
  lists.countChanged(list, loose, -lists.nodes.elements(right));
  lists.insertNode(list, loose, right, true);
  return lists.relink(list, loose, packed.trim(loose, NODE_HEAD_BYTES));
}

/** Joins nodes around `center` that fit into one, in the order in which Redis tries them. */
function mergeAround(lists: Quicklists, list: Ref, center: Ref, fill: number): void {
  const { nodes } = lists;
  const previous = nodes.previous(center);
  if (previous !== NONE) merge(lists, list, nodes.previous(previous), previous, fill);
  const next = nodes.next(center);
  if (next !== NONE) merge(lists, list, next, nodes.next(next), fill);
  const joined = merge(lists, list, nodes.previous(center), center, fill);
  const target = joined === NONE ? center : joined;
  merge(lists, list, target, nodes.next(target), fill);
}

/** Joins two neighbours if they fit into one node; answers with it, or NONE. */
function merge(lists: Quicklists, list: Ref, left: Ref, right: Ref, fill: number): Ref {
  if (left === NONE || right === NONE) return NONE;
  const { nodes } = lists;
  if (nodes.holdsPlain(left) || nodes.holdsPlain(right)) return NONE;
  const total = nodes.sizeOf(left) + nodes.sizeOf(right) - LP_EMPTY_BYTES;
  if (exceedsNode(fill, total, nodes.elements(left) + nodes.elements(right))) return NONE;
  const loose = lists.loosen(list, left);
  nodes.open(right);
  const added = lpLength(nodes.bytes, nodes.base);
  const joined = nodes.packed.appendAll(loose, NODE_HEAD_BYTES, nodes.bytes, nodes.base);
  lists.relink(list, loose, joined);
  lists.removeNode(list, right);
  lists.countChanged(list, joined, added);
  return joined;
}
