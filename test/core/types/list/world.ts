// A list beside the array that it should be, and random operations on both.
import { expect } from "vitest";
import { QUICKLIST } from "../../../../core/keyspace/types.ts";
import { Arena, NONE, type Ref } from "../../../../core/memory/arena.ts";
import { lpLength, lpValidate } from "../../../../core/memory/listpack.ts";
import { Args } from "../../../../core/resp/args.ts";
import { Reply } from "../../../../core/resp/reply.ts";
import { Lists } from "../../../../core/types/list/lists.ts";
import { replyElements } from "../../../../core/types/list/reply-elements.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";

export function random(seed: number): Prng {
  return new Prng(Uint8Array.from({ length: 32 }, (_, i) => (seed * 37 + i * 11) & 255));
}

export class World {
  readonly arena: Arena = new Arena(4096);
  readonly limits = { listMaxListpackSize: -2, listCompressDepth: 0 };
  readonly lists: Lists = new Lists(this.arena, this.limits);
  model: string[] = [];
  /** Dense nodes that `verify` has come across. */
  denseSeen = 0;

  constructor(fill: number, depth = 0) {
    this.limits.listMaxListpackSize = fill;
    this.limits.listCompressDepth = depth;
    this.lists.create();
  }

  push(atHead: boolean, ...texts: string[]): void {
    const args = Args.of(...texts);
    this.lists.makeRoomFor(args, 0, args.count - 1);
    for (let i = 0; i < args.count; i++) {
      this.lists.push(atHead, args.bytes, args.offset[i], args.length[i]);
      if (atHead) this.model.unshift(texts[i]);
      else this.model.push(texts[i]);
    }
  }

  pop(atHead: boolean): void {
    const expected = atHead ? this.model.shift() : this.model.pop();
    this.lists.lookAtEnd(atHead);
    expect(this.looked()).toBe(expected);
    this.lists.pop(atHead);
    this.afterRemoval();
  }

  replace(index: number, text: string): void {
    const bytes = toBytes(text);
    this.lists.growBy(bytes.length, 1);
    this.lists.replace(index, bytes, 0, bytes.length);
    this.model[index] = text;
    this.afterRemoval();
  }

  insert(pivot: string, after: boolean, text: string): void {
    const bytes = toBytes(text);
    this.lists.growBy(bytes.length, 1);
    const cursor = this.search(pivot);
    const found = this.model.indexOf(pivot);
    expect(cursor.at >= 0).toBe(found >= 0);
    if (found < 0) return;
    this.lists.insertAtCursor(after, bytes, 0, bytes.length);
    this.model.splice(found + (after ? 1 : 0), 0, text);
  }

  search(text: string): Lists["cursor"] {
    const bytes = toBytes(text);
    this.lists.needle.set(bytes, 0, bytes.length);
    const cursor = this.lists.start(0, true);
    cursor.find(this.lists.needle, Number.POSITIVE_INFINITY);
    return cursor;
  }

  /** Looks for the text among the first or last `limit` elements; -1 when it is not there. */
  find(text: string, forward: boolean, limit: number): number {
    const { lists, model } = this;
    const bytes = toBytes(text);
    lists.needle.set(bytes, 0, bytes.length);
    const cursor = lists.start(forward ? 0 : model.length - 1, forward);
    const passed = cursor.find(lists.needle, limit);
    if (cursor.at < 0) return -1;
    lists.lookAtCursor();
    expect(this.looked()).toBe(text);
    return forward ? passed : model.length - 1 - passed;
  }

  removeMatching(text: string, backward: boolean, limit: number): void {
    const bytes = toBytes(text);
    this.lists.needle.set(bytes, 0, bytes.length);
    const removed = this.lists.removeMatching(backward, limit);
    const rest = backward ? this.model.reverse() : this.model;
    let left = limit;
    this.model = rest.filter((other) => other !== text || left-- <= 0);
    expect(removed).toBe(rest.length - this.model.length);
    if (backward) this.model.reverse();
    this.afterRemoval();
  }

  removeRange(start: number, count: number): void {
    this.lists.removeRange(start, count);
    this.model.splice(start, count);
    this.afterRemoval();
  }

  copyOver(): void {
    const { lists } = this;
    const copied = lists.copy(lists.value, lists.encoding);
    lists.free(lists.value, lists.encoding);
    lists.openValue(copied, lists.encoding);
  }

  private afterRemoval(): void {
    if (this.model.length > 0) return this.lists.shrink();
    this.lists.free(this.lists.value, this.lists.encoding);
    this.lists.create();
  }

  looked(): string {
    const { bytes, offset, length } = this.lists;
    return latin1(bytes, offset, offset + length);
  }

  at(index: number): string {
    this.lists.start(index, true);
    this.lists.lookAtCursor();
    return this.looked();
  }

  range(start: number, count: number, forward: boolean): string[] {
    const reply = new Reply(16);
    replyElements(reply, this.lists.start(start, forward), count, forward);
    const texts: string[] = [];
    let rest = latin1(reply.bytes, 0, reply.size);
    while (rest !== "") {
      const header = /^\$(\d+)\r\n/.exec(rest)!;
      const from = header[0].length;
      const length = Number(header[1]);
      texts.push(rest.slice(from, from + length));
      expect(rest.slice(from + length, from + length + 2)).toBe("\r\n");
      rest = rest.slice(from + length + 2);
    }
    return texts;
  }

  /** Everything that must hold, and that the arena has no block but the list's. */
  verify(): void {
    const { lists, model } = this;
    expect(lists.count).toBe(model.length);
    if (model.length > 0) {
      expect(this.range(0, model.length, true)).toEqual(model);
      expect(this.range(model.length - 1, model.length, false)).toEqual(model.toReversed());
    }
    const live = new Set<Ref>([lists.value]);
    if (lists.encoding === QUICKLIST) this.verifyChain(live);
    this.arena.verify(live);
  }

  private verifyChain(live: Set<Ref>): void {
    const { quicklists, value } = this.lists;
    const { nodes } = quicklists;
    let count = 0;
    let previous = NONE;
    let nodeCount = 0;
    for (let node = quicklists.head(value); node !== NONE; node = nodes.next(node)) {
      expect(nodes.previous(node)).toBe(previous);
      live.add(node);
      const elements = nodes.elements(node);
      expect(elements).toBeGreaterThan(0);
      nodes.open(node);
      if (!nodes.isPlain) {
        const { bytes, base } = nodes;
        expect(lpLength(bytes, base)).toBe(elements);
        expect(lpValidate(bytes, base, nodes.sizeOf(node), true)).toBe(true);
      }
      count += elements;
      previous = node;
      nodeCount++;
    }
    expect(quicklists.tail(value)).toBe(previous);
    expect(quicklists.nodeCount(value)).toBe(nodeCount);
    expect(quicklists.count(value)).toBe(count);
    if (quicklists.directory(value) !== NONE) live.add(quicklists.directory(value));
    // Without compression, too, the first and the last node can be changed as they are.
    const depth = Math.max(1, quicklists.depth(value));
    let place = 0;
    let first = 0;
    for (let node = quicklists.head(value); node !== NONE; node = nodes.next(node)) {
      const isEnd = place < depth || place >= nodeCount - depth;
      if (isEnd) expect(nodes.isLoose(node)).toBe(true);
      if (nodes.isDense(node)) this.denseSeen++;
      place++;
      // The directory, if there is one, knows every node where it is.
      if (quicklists.directory(value) !== NONE) {
        quicklists.seek(value, first);
        expect(quicklists.node).toBe(node);
      }
      first += nodes.elements(node);
    }
  }
}

const SHORT: readonly string[] = [
  "",
  "a",
  "xxx",
  "7",
  "-1",
  "127",
  "128",
  "4096",
  "hello",
  "9007199254740993",
];

export function element(prng: Prng, longest: number): string {
  switch (prng.below(8)) {
    case 0:
      return SHORT[prng.below(SHORT.length)];
    case 1:
      return String(prng.below(1 << 20) - (1 << 19));
    case 2:
      return "q".repeat(prng.below(longest));
    case 3:
      return `${prng.next()}`.repeat(1 + prng.below(Math.ceil(longest / 40)));
    default:
      return `e${prng.below(40)}`;
  }
}

/** Makes the text of an element. */
export type Draw = (prng: Prng) => string;

/** One random operation. */
function step(world: World, prng: Prng, growing: boolean, draw: Draw): void {
  const { model } = world;
  const atHead = prng.below(2) === 0;
  const kind = prng.below(growing ? 12 : 16);
  if (model.length === 0 || kind < 5) {
    const texts = Array.from({ length: 1 + prng.below(6) }, () => draw(prng));
    return world.push(atHead, ...texts);
  }
  const index = prng.below(model.length);
  switch (kind) {
    case 5:
    case 6:
      return world.insert(model[index], atHead, draw(prng));
    case 7:
      return world.insert("not there", atHead, draw(prng));
    case 8:
      return world.replace(index, draw(prng));
    case 9:
      expect(world.at(index)).toBe(model[index]);
      return find(world, prng, model[index]);
    case 10: {
      const count = 1 + prng.below(model.length - index);
      expect(world.range(index, count, true)).toEqual(model.slice(index, index + count));
      return;
    }
    case 11:
    case 12:
    case 13:
      return world.pop(atHead);
    case 14:
      return world.removeMatching(model[index], atHead, 1 + prng.below(4));
    default:
      return world.removeRange(index, 1 + prng.below(Math.min(30, model.length - index)));
  }
}

function find(world: World, prng: Prng, text: string): void {
  const { model } = world;
  const limit = 1 + prng.below(model.length);
  const first = model.indexOf(text);
  const last = model.lastIndexOf(text);
  expect(world.find(text, true, limit)).toBe(first < limit ? first : -1);
  expect(world.find(text, false, limit)).toBe(last >= model.length - limit ? last : -1);
}

export function run(world: World, seed: number, steps: number, draw: Draw): void {
  const prng = random(seed);
  for (let i = 0; i < steps; i++) {
    step(world, prng, i % 350 < 200, draw);
    if (i % 50 === 49) world.verify();
    if (i % 300 === 299) world.copyOver();
  }
  world.verify();
}
