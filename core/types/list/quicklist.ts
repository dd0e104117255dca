// Quicklists: lists too large for one listpack, as a chain of nodes (quick-nodes.ts). Where a node is
// full, when it is split and which neighbours are merged follows Redis, so that a list has the same
// nodes here and there: they show in DUMP, in RDB files and when a list becomes a listpack again.
//
// A quicklist is a block of words:
//
//   head, tail     the first and the last node
//   nodes, count   number of nodes, number of elements
//   options        list-max-listpack-size | list-compress-depth << 16, as of the list's birth
//   directory      see directory.ts; NONE most of the time
//   first          place of the first element in a count that goes on: a push at the head makes it
//                  less, a pop more, so elements further behind keep their places
//
// Without compression, nodes that are not near an end are dense (dense-walk.ts) when that saves memory.
// With a compress depth of d all but d nodes at each end are compressed while nobody uses them.
// Reading expands such nodes into a buffer, unless it knows their form; changing puts the node in plain
// form first (`loosen`), and at the end of the operation `settle` brings it back to what it should be.
//
// This file has the chain, its two ends and the search for an index; quicklist-edit.ts has changes in
// the middle, built on the primitives here.
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { Directory } from "./directory.ts";
import { isNodeFull, nodeBytesMax } from "./limits.ts";
import { NODE_HEAD_BYTES } from "./list-node.ts";
import { QuickNodes } from "./quick-nodes.ts";

const HEAD = 0;
const TAIL = 1;
const NODES = 2;
const COUNT = 3;
const OPTIONS = 4;
const DIRECTORY = 5;
const FIRST = 6;
const QUICKLIST_WORDS = 7;

/** Room of a new node at an end of the list. */
const NODE_ROOM_BYTES = 512;
/**
 * So many nodes at each end are never dense. With a single one, a list whose end wanders about the
 * border between two nodes would be turned over and over; with two, a whole node is filled or emptied
 * before the next one is touched.
 */
const OPEN_NODES = 2;
/** A walk over more nodes than this makes a directory, so that the next one is short. */
const WALK_NODES_MAX = 24;

export class Quicklists {
  readonly nodes: QuickNodes;
  readonly #arena: Arena;
  readonly #directory: Directory;
  /** Elements of this length or more get a node of their own; 0: decided by the node's limit. */
  packedThreshold = 0;
  /** What `seek` found: the node, and the element's index in it. */
  node: Ref = NONE;
  index = 0;
  /** The list and the node inside it, not at an end, whose place is known: the one sought last. */
  #knownList: Ref = NONE;
  #known: Ref = NONE;
  #knownPlace = 0;
  /** Nodes that the operation in work has made or put in plain form. */
  readonly #loose: Ref[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
    this.nodes = new QuickNodes(arena);
    this.#directory = new Directory(arena);
  }

  #get(list: Ref, word: number): number {
    return this.#arena.i32[list >>> SEGMENT_SHIFT][((list & GRANULE_MASK) << 1) + word];
  }

  #set(list: Ref, word: number, value: number): void {
    this.#arena.i32[list >>> SEGMENT_SHIFT][((list & GRANULE_MASK) << 1) + word] = value;
  }

  #add(list: Ref, word: number, change: number): void {
    this.#arena.i32[list >>> SEGMENT_SHIFT][((list & GRANULE_MASK) << 1) + word] += change;
  }

  // -- whole lists ----------------------------------------------------------------------------------

  /** A list without nodes; it must get some. */
  create(fill: number, depth: number): Ref {
    const list = this.#arena.alloc(QUICKLIST_WORDS * 4);
    for (let word = 0; word < QUICKLIST_WORDS; word++) this.#set(list, word, 0);
    this.#set(list, OPTIONS, (fill & 0xffff) | (depth << 16));
    return list;
  }

  free(list: Ref): void {
    for (let node = this.head(list); node !== NONE; ) node = this.freeNode(node);
    this.freeShell(list);
  }

  /** Frees a node of a list that is being freed; answers with the next one. */
  freeNode(node: Ref): Ref {
    const next = this.nodes.next(node);
    this.#arena.free(node);
    return next;
  }

  /** Frees the list but not its nodes. */
  freeShell(list: Ref): void {
    this.#dropDirectory(list);
    this.#arena.free(list);
  }

  copy(list: Ref): Ref {
    const made = this.create(this.fill(list), this.depth(list));
    for (let node = this.head(list); node !== NONE; node = this.nodes.next(node)) {
      this.insertNode(made, this.tail(made), this.nodes.copy(node), true);
    }
    this.#loose.length = 0;
    return made;
  }

  head(list: Ref): Ref {
    return this.#get(list, HEAD);
  }

  tail(list: Ref): Ref {
    return this.#get(list, TAIL);
  }

  /** Number of nodes. */
  nodeCount(list: Ref): number {
    return this.#get(list, NODES);
  }

  /** Number of elements. */
  count(list: Ref): number {
    return this.#get(list, COUNT);
  }

  fill(list: Ref): number {
    return (this.#get(list, OPTIONS) << 16) >> 16;
  }

  depth(list: Ref): number {
    return this.#get(list, OPTIONS) >>> 16;
  }

  /** The directory's block, NONE when there is none. */
  directory(list: Ref): Ref {
    return this.#get(list, DIRECTORY);
  }

  // -- the chain ------------------------------------------------------------------------------------

  /** Puts a node, which is in no list, beside `anchor`; NONE in a list without nodes. */
  insertNode(list: Ref, anchor: Ref, node: Ref, after: boolean): void {
    const { nodes } = this;
    const previous = after || anchor === NONE ? anchor : nodes.previous(anchor);
    const next = after && anchor !== NONE ? nodes.next(anchor) : anchor;
    const elements = nodes.elements(node);
    nodes.setPrevious(node, previous);
    nodes.setNext(node, next);
    if (previous === NONE) {
      this.#set(list, HEAD, node);
      this.#add(list, FIRST, -elements);
    } else {
      nodes.setNext(previous, node);
    }
    if (next === NONE) this.#set(list, TAIL, node);
    else nodes.setPrevious(next, node);
    if (previous !== NONE && next !== NONE) this.#dropDirectory(list);
    this.#add(list, NODES, 1);
    this.#add(list, COUNT, elements);
    if (this.depth(list) > 0 || (previous !== NONE && next !== NONE)) this.#loose.push(node);
  }

  /** Takes a node out and frees it. */
  removeNode(list: Ref, node: Ref): void {
    const { nodes } = this;
    const elements = nodes.elements(node);
    const previous = nodes.previous(node);
    const next = nodes.next(node);
    if (previous === NONE) {
      this.#set(list, HEAD, next);
      this.#add(list, FIRST, elements);
    } else {
      nodes.setNext(previous, next);
    }
    if (next === NONE) this.#set(list, TAIL, previous);
    else nodes.setPrevious(next, previous);
    const end = previous === NONE ? next : previous;
    if (previous !== NONE && next !== NONE) this.#dropDirectory(list);
    else this.#leaveOut(list, end);
    this.#add(list, NODES, -1);
    this.#add(list, COUNT, -elements);
    const at = this.#loose.lastIndexOf(node);
    if (at >= 0) this.#loose.splice(at, 1);
    this.#arena.free(node);
  }

  /** A node has become an end, of which the directory does not speak. */
  #leaveOut(list: Ref, node: Ref): void {
    if (node === this.#known) this.#known = NONE;
    const directory = this.#get(list, DIRECTORY);
    if (directory === NONE) return;
    if (!this.#directory.leaveOut(directory, node)) this.#dropDirectory(list);
  }

  /** A change has moved a node to another block: its neighbours follow. Answers with `moved`. */
  relink(list: Ref, node: Ref, moved: Ref): Ref {
    if (moved === node) return node;
    const { nodes } = this;
    const previous = nodes.previous(moved);
    const next = nodes.next(moved);
    if (previous === NONE) this.#set(list, HEAD, moved);
    else nodes.setNext(previous, moved);
    if (next === NONE) this.#set(list, TAIL, moved);
    else nodes.setPrevious(next, moved);
    if (previous !== NONE && next !== NONE) this.#moveInDirectory(list, node, moved);
    const at = this.#loose.lastIndexOf(node);
    if (at >= 0) this.#loose[at] = moved;
    return moved;
  }

  /** A node that is not at an end has moved. The directory is asked by place, if that is known. */
  #moveInDirectory(list: Ref, node: Ref, moved: Ref): void {
    if (node !== this.#known || list !== this.#knownList) return this.#dropDirectory(list);
    this.#known = moved;
    const directory = this.#get(list, DIRECTORY);
    if (directory === NONE) return;
    if (!this.#directory.move(directory, this.#knownPlace, node, moved)) this.#dropDirectory(list);
  }

  /** The node got (below 0: lost) elements, in whatever way but by a push or pop at the list's end. */
  countChanged(list: Ref, node: Ref, change: number): void {
    this.#add(list, COUNT, change);
    if (this.#get(list, HEAD) === node) this.#add(list, FIRST, -change);
    else if (this.#get(list, TAIL) !== node) this.#dropDirectory(list);
  }

  /** Places inside the list are not what they were. */
  #dropDirectory(list: Ref): void {
    if (list === this.#knownList) this.#known = NONE;
    const directory = this.#get(list, DIRECTORY);
    if (directory === NONE) return;
    this.#arena.free(directory);
    this.#set(list, DIRECTORY, NONE);
  }

  /** Gives memory back if a packed node is mostly room; answers with where it is then. */
  fit(list: Ref, node: Ref): Ref {
    return this.relink(list, node, this.nodes.packed.fit(node, NODE_HEAD_BYTES));
  }

  /** True when an element of this length needs a node of its own. */
  isLarge(fill: number, length: number): boolean {
    if (this.packedThreshold !== 0) return length >= this.packedThreshold;
    return length > nodeBytesMax(fill);
  }

  /** True when the node can take one more element of this length. */
  takes(node: Ref, fill: number, length: number): boolean {
    const { nodes } = this;
    if (node === NONE || nodes.holdsPlain(node) || this.isLarge(fill, length)) return false;
    return !isNodeFull(fill, nodes.sizeOf(node), nodes.elements(node), length);
  }

  // -- both ends ------------------------------------------------------------------------------------

  /** Adds the text at an end of the list. */
  push(list: Ref, atHead: boolean, source: Uint8Array, offset: number, length: number): void {
    const fill = this.fill(list);
    const end = this.#get(list, atHead ? HEAD : TAIL);
    if (this.takes(end, fill, length)) {
      const { packed } = this.nodes;
      if (!packed.pushInPlace(end, NODE_HEAD_BYTES, atHead, source, offset, length)) {
        this.relink(list, end, this.addToNode(end, atHead, fill, source, offset, length));
      }
      this.#add(list, COUNT, 1);
      if (atHead) this.#add(list, FIRST, -1);
      return;
    }
    // What was the end gets no pushes any more; a single node still is the other end.
    if (this.#get(list, NODES) > 1 && !this.nodes.holdsPlain(end)) {
      this.relink(list, end, this.nodes.packed.trim(end, NODE_HEAD_BYTES));
    }
    const node = this.isLarge(fill, length)
      ? this.nodes.makePlain(source, offset, length)
      : this.nodes.makePacked(roomOfNode(fill, length), source, offset, length);
    this.insertNode(list, this.#get(list, atHead ? HEAD : TAIL), node, !atHead);
    this.settle(list);
    this.#closeBehind(list, atHead);
  }

  /** Adds the text at an end of a packed node; answers with where the node is then, not yet linked. */
  addToNode(
    node: Ref,
    atHead: boolean,
    fill: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): Ref {
    const { packed } = this.nodes;
    const totalMax = nodeBytesMax(fill);
    return atHead
      ? packed.prepend(node, NODE_HEAD_BYTES, totalMax, source, offset, length)
      : packed.append(node, NODE_HEAD_BYTES, totalMax, source, offset, length);
  }

  /** Makes a node that is in no list the tail. */
  appendNode(list: Ref, node: Ref): void {
    this.insertNode(list, this.tail(list), node, true);
    this.settle(list);
    this.#closeBehind(list, false);
  }

  /** Removes the element at an end. */
  pop(list: Ref, atHead: boolean): void {
    const node = this.#get(list, atHead ? HEAD : TAIL);
    if (this.nodes.elements(node) === 1) {
      this.removeNode(list, node);
      this.settle(list);
      return;
    }
    if (atHead) this.nodes.packed.removeFirst(node, 1);
    else this.nodes.packed.removeLast(node, 1);
    this.#add(list, COUNT, -1);
    if (atHead) this.#add(list, FIRST, 1);
    this.fit(list, node);
  }

  // -- searching ------------------------------------------------------------------------------------

  /** Finds element `index`, which must be there: into `node` and `index`. */
  seek(list: Ref, index: number): void {
    const { nodes } = this;
    const head = this.#get(list, HEAD);
    const headCount = nodes.elements(head);
    const first = this.#get(list, FIRST);
    const tail = this.#get(list, TAIL);
    const tailStart = this.#get(list, COUNT) - nodes.elements(tail);
    if (index < headCount) return this.#found(head, index);
    if (index >= tailStart) return this.#found(tail, index - tailStart);
    if (!this.#findInDirectory(list, first + index)) {
      const walked =
        index <= tailStart >> 1
          ? this.#walkForward(head, index)
          : this.#walkBackward(tail, tailStart, index);
      if (walked > WALK_NODES_MAX) this.#makeDirectory(list, first + headCount);
    }
    this.#know(list, this.node, first + index - this.index);
  }

  #know(list: Ref, node: Ref, place: number): void {
    this.#knownList = list;
    this.#known = node;
    this.#knownPlace = place | 0;
  }

  #findInDirectory(list: Ref, place: number): boolean {
    const directory = this.#get(list, DIRECTORY);
    if (directory === NONE || !this.#directory.find(directory, place | 0)) return false;
    this.#found(this.#directory.node, this.#directory.index);
    return true;
  }

  #found(node: Ref, index: number): void {
    this.node = node;
    this.index = index;
  }

  /** Answers with the number of nodes walked over. */
  #walkForward(head: Ref, index: number): number {
    const { nodes } = this;
    let node = head;
    let left = index;
    let walked = 0;
    for (let elements = nodes.elements(node); left >= elements; elements = nodes.elements(node)) {
      left -= elements;
      node = nodes.next(node);
      walked++;
    }
    this.#found(node, left);
    return walked;
  }

  /** As `#walkForward`, from the tail, whose first element is `tailStart`. */
  #walkBackward(tail: Ref, tailStart: number, index: number): number {
    const { nodes } = this;
    let node = tail;
    let start = tailStart;
    let walked = 0;
    while (index < start) {
      node = nodes.previous(node);
      start -= nodes.elements(node);
      walked++;
    }
    this.#found(node, index - start);
    return walked;
  }

  /** Of all nodes but the two at the ends; `start` is the place of the second node. */
  #makeDirectory(list: Ref, start: number): void {
    this.#dropDirectory(list);
    const { nodes } = this;
    const directory = this.#directory.create(this.nodeCount(list) - 2);
    const tail = this.tail(list);
    let place = start;
    for (let node = nodes.next(this.head(list)); node !== tail; node = nodes.next(node)) {
      this.#directory.add(directory, place, node);
      place += nodes.elements(node);
    }
    this.#directory.end(directory, place);
    this.#set(list, DIRECTORY, directory);
  }

  // -- nodes in other forms ---------------------------------------------------------------------------

  /** Puts a node that will be changed in plain form; answers with where it is then. */
  loosen(list: Ref, node: Ref): Ref {
    const isLoose = this.nodes.isLoose(node);
    if ((!isLoose || this.depth(list) > 0) && !this.#loose.includes(node)) this.#loose.push(node);
    return isLoose ? node : this.#replace(list, node, this.nodes.loosened(node));
  }

  /** Another form of a node takes its place. */
  #replace(list: Ref, node: Ref, made: Ref): Ref {
    if (made === node) return node;
    this.relink(list, node, made);
    this.#arena.free(node);
    return made;
  }

  /** The end of an operation: brings into their form the nodes that are not in it. */
  settle(list: Ref): void {
    if (this.depth(list) > 0) return this.#settleCompressed(list);
    this.#open(list, this.#get(list, HEAD));
    this.#open(list, this.#get(list, TAIL));
    while (this.#loose.length > 0) this.close(list, this.#loose[this.#loose.length - 1]);
  }

  #open(list: Ref, node: Ref): void {
    if (node === NONE || this.nodes.isLoose(node)) return;
    this.#replace(list, node, this.nodes.loosened(node));
  }

  /** Nobody changes the node any more. In a list with compression `settle` takes care of it. */
  close(list: Ref, node: Ref): void {
    if (this.depth(list) > 0) return;
    const at = this.#loose.lastIndexOf(node);
    if (at >= 0) this.#loose.splice(at, 1);
    if (this.#isInside(node)) this.#replace(list, node, this.nodes.densified(node));
  }

  /** True when there are more than `OPEN_NODES` nodes from the node to either end. */
  #isInside(node: Ref): boolean {
    const { nodes } = this;
    let previous = node;
    let next = node;
    for (let i = 0; i < OPEN_NODES; i++) {
      previous = nodes.previous(previous);
      next = nodes.next(next);
      if (previous === NONE || next === NONE) return false;
    }
    return true;
  }

  /** After a new node has become an end: the node that is just not near it any more. */
  #closeBehind(list: Ref, atHead: boolean): void {
    if (this.depth(list) > 0 || this.nodeCount(list) <= 2 * OPEN_NODES) return;
    const { nodes } = this;
    let node = this.#get(list, atHead ? HEAD : TAIL);
    let passed = 0;
    for (let i = 0; i < OPEN_NODES; i++) {
      passed += nodes.elements(node);
      node = atHead ? nodes.next(node) : nodes.previous(node);
    }
    const first = this.#get(list, FIRST);
    const before = atHead ? passed : this.count(list) - passed - nodes.elements(node);
    this.#know(list, node, first + before);
    this.close(list, node);
  }

  #settleCompressed(list: Ref): void {
    const depth = this.depth(list);
    const { nodes } = this;
    const loose = this.#loose.splice(0);
    let front = this.head(list);
    let back = this.tail(list);
    for (let i = 0; i < depth && front !== NONE; i++) {
      front = this.loosen(list, front);
      if (front === back) break;
      back = this.loosen(list, back);
      if (nodes.next(front) === back) break;
      front = nodes.next(front);
      back = nodes.previous(back);
    }
    const ends = this.#loose.splice(0);
    // When the two have met, `ends` are all nodes.
    for (const node of new Set([...loose, front, back])) {
      if (node !== NONE && !ends.includes(node)) this.#replace(list, node, nodes.compressed(node));
    }
  }
}

/** Room to begin a node with that will get elements of about this length. */
function roomOfNode(fill: number, length: number): number {
  return fill > 0 ? Math.min(NODE_ROOM_BYTES, fill * (length + 2)) : NODE_ROOM_BYTES;
}
