import { describe, expect, it } from "vitest";
import { LISTPACK, QUICKLIST } from "../../../../core/keyspace/types.ts";
import { Arena, NONE, type Ref } from "../../../../core/memory/arena.ts";
import { lpLength, lpValidate } from "../../../../core/memory/listpack.ts";
import { Args } from "../../../../core/resp/args.ts";
import { Reply } from "../../../../core/resp/reply.ts";
import { Lists } from "../../../../core/types/list/lists.ts";
import { replyElements } from "../../../../core/types/list/reply-elements.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import { Prng } from "../../../../core/util/prng.ts";

function random(seed: number): Prng {
  return new Prng(Uint8Array.from({ length: 32 }, (_, i) => (seed * 37 + i * 11) & 255));
}

/** A list beside the array that it should be. */
class World {
  readonly arena: Arena = new Arena(4096);
  readonly limits = { listMaxListpackSize: -2, listCompressDepth: 0 };
  readonly lists: Lists = new Lists(this.arena, this.limits);
  model: string[] = [];

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
    const depth = quicklists.depth(value);
    let place = 0;
    for (let node = quicklists.head(value); node !== NONE && depth > 0; node = nodes.next(node)) {
      const isEnd = place < depth || place >= nodeCount - depth;
      if (isEnd) expect(nodes.isCompressed(node)).toBe(false);
      place++;
    }
  }
}

const SHORT = ["", "a", "xxx", "7", "-1", "127", "128", "4096", "hello", "9007199254740993"];

function element(prng: Prng, longest: number): string {
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

/** One random operation. */
function step(world: World, prng: Prng, growing: boolean, longest: number): void {
  const { model } = world;
  const atHead = prng.below(2) === 0;
  const kind = prng.below(growing ? 12 : 16);
  if (model.length === 0 || kind < 5) {
    const texts = Array.from({ length: 1 + prng.below(6) }, () => element(prng, longest));
    return world.push(atHead, ...texts);
  }
  const index = prng.below(model.length);
  switch (kind) {
    case 5:
    case 6:
      return world.insert(model[index], atHead, element(prng, longest));
    case 7:
      return world.insert("not there", atHead, element(prng, longest));
    case 8:
      return world.replace(index, element(prng, longest));
    case 9:
      expect(world.at(index)).toBe(model[index]);
      return;
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

function run(world: World, seed: number, steps: number, longest: number): void {
  const prng = random(seed);
  for (let i = 0; i < steps; i++) {
    step(world, prng, i % 350 < 200, longest);
    if (i % 50 === 49) world.verify();
    if (i % 300 === 299) world.copyOver();
  }
  world.verify();
}

describe("a list is what the array is that the same is done to", () => {
  for (const fill of [-1, -2, -5, 0, 1, 3, 16, 128, 40000]) {
    for (const depth of [0, 1, 3]) {
      it(`list-max-listpack-size ${fill}, list-compress-depth ${depth}`, () => {
        run(new World(fill, depth), fill * 7 + depth + 100, 700, 200);
      });
    }
  }

  it("with elements that need nodes of their own", () => {
    for (const depth of [0, 1, 2]) run(new World(-1, depth), 5 + depth, 500, 12000);
  });

  it("with a packed threshold", () => {
    for (const threshold of [1, 5, 30]) {
      const world = new World(4, 1);
      world.lists.quicklists.packedThreshold = threshold;
      run(world, threshold, 700, 100);
    }
  });
});

describe("the encoding", () => {
  function encodingAfter(fill: number, count: number, text: string): number {
    const world = new World(fill);
    for (let i = 0; i < count; i++) world.push(false, text);
    return world.lists.encoding;
  }

  it("becomes a quicklist beyond the count or the size of a node", () => {
    expect(encodingAfter(5, 5, "x")).toBe(LISTPACK);
    expect(encodingAfter(5, 6, "x")).toBe(QUICKLIST);
    expect(encodingAfter(0, 1, "x")).toBe(LISTPACK);
    expect(encodingAfter(0, 2, "x")).toBe(QUICKLIST);
    expect(encodingAfter(5, 2, "x".repeat(4092))).toBe(QUICKLIST);
    expect(encodingAfter(5, 2, "x".repeat(4090))).toBe(LISTPACK);
    expect(encodingAfter(-1, 2, "x".repeat(2000))).toBe(LISTPACK);
    expect(encodingAfter(-1, 3, "x".repeat(2000))).toBe(QUICKLIST);
    expect(encodingAfter(-6, 2, "x".repeat(30000))).toBe(LISTPACK);
    expect(encodingAfter(-6, 3, "x".repeat(30000))).toBe(QUICKLIST);
  });

  it("becomes a listpack again at half of the limit", () => {
    const world = new World(10);
    for (let i = 0; i < 11; i++) world.push(false, "x");
    expect(world.lists.encoding).toBe(QUICKLIST);
    for (let i = 11; i > 6; i--) world.pop(false);
    expect(world.lists.encoding).toBe(QUICKLIST);
    world.pop(false);
    expect(world.lists.encoding).toBe(LISTPACK);
    world.verify();
  });

  it("is normalized to the whole limit", () => {
    const world = new World(10);
    for (let i = 0; i < 11; i++) world.push(false, "x");
    world.pop(false);
    expect(world.lists.encoding).toBe(QUICKLIST);
    world.lists.normalize();
    expect(world.lists.encoding).toBe(LISTPACK);
    world.limits.listMaxListpackSize = 9;
    world.lists.normalize();
    expect(world.lists.encoding).toBe(QUICKLIST);
    world.verify();
  });
});

describe("large lists", () => {
  function filled(count: number): World {
    const world = new World(-2);
    for (let i = 0; i < count; i++) world.push(false, `element:${i}`);
    return world;
  }

  it("are found in the middle, with and without a directory", () => {
    const world = filled(30_000);
    const prng = random(3);
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 3; i++) {
        const index = prng.below(world.model.length);
        expect(world.at(index)).toBe(world.model[index]);
      }
      const count = 1 + prng.below(300);
      const atHead = prng.below(2) === 0;
      if (prng.below(2) === 0) for (let i = 0; i < count; i++) world.pop(atHead);
      else for (let i = 0; i < count; i++) world.push(atHead, `new:${round}:${i}`);
      if (prng.below(20) === 0) world.replace(prng.below(world.model.length), "replaced");
    }
    expect(world.lists.quicklists.directory(world.lists.value)).not.toBe(NONE);
    world.verify();
  });

  it("take little more memory than their elements", () => {
    const world = filled(50_000);
    const { quicklists, value } = world.lists;
    let bytes = 0;
    const { nodes } = quicklists;
    for (let node = quicklists.head(value); node !== NONE; node = nodes.next(node)) {
      bytes += nodes.sizeOf(node);
    }
    expect(world.arena.usedBytes / bytes).toBeLessThan(1.02);
  });

  it("give memory back while they are emptied from one end", () => {
    for (const atHead of [false, true]) {
      const world = filled(20_000);
      while (world.model.length > 10) world.pop(atHead);
      world.verify();
      expect(world.arena.usedBytes).toBeLessThan(1200);
    }
  });

  it("serve as queues within bounds", () => {
    const world = new World(-2);
    for (let i = 0; i < 300; i++) world.push(false, `job:${i}`);
    const before = world.arena.usedBytes;
    for (let i = 0; i < 30_000; i++) {
      world.push(false, `job:${i}`);
      world.pop(true);
    }
    world.verify();
    expect(world.arena.usedBytes).toBeLessThan(before * 3);
  });
});
