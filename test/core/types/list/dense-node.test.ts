import { describe, expect, it, test } from "vitest";
import { Arena } from "../../../../core/memory/arena.ts";
import { LP_EMPTY_BYTES, LP_END, lpBytes, lpValidate } from "../../../../core/memory/listpack.ts";
import { DenseWalk, formatInteger, isString } from "../../../../core/types/list/dense-walk.ts";
import { QuickNodes } from "../../../../core/types/list/quick-nodes.ts";
import { latin1, toBytes } from "../../../../core/util/bytes.ts";
import type { Prng } from "../../../../core/util/prng.ts";
import { random, run, World } from "./world.ts";

const arena = new Arena(1 << 16);
const nodes = new QuickNodes(arena);

function nodeOf(texts: readonly string[]): number {
  let node = nodes.makePacked(0, toBytes(texts[0]), 0, texts[0].length);
  for (const text of texts.slice(1)) {
    node = nodes.packed.append(node, 12, 1 << 20, toBytes(text), 0, text.length);
  }
  return node;
}

/** As text: comparing that is much faster than comparing arrays. */
function listpackOf(node: number): string {
  nodes.open(node);
  return latin1(nodes.bytes, nodes.base, nodes.base + nodes.sizeOf(node));
}

/** What a walk over a dense node comes across. */
function walked(node: number): string[] {
  const walk = new DenseWalk(arena);
  const texts: string[] = [];
  walk.open(node);
  do {
    expect(walk.index).toBe(texts.length);
    const { bytes, at, width, kind } = walk;
    const out = new Uint8Array(32);
    if (isString(kind)) texts.push(latin1(bytes, at, at + width));
    else texts.push(latin1(out, 0, formatInteger(kind, bytes, at, out, 0)));
  } while (walk.pass(1));
  return texts;
}

const KINDS: readonly ((prng: Prng) => string)[] = [
  () => "",
  (prng) => String(prng.below(128)),
  (prng) => String(prng.below(8192) - 4096),
  (prng) => String(prng.below(65536) - 32768),
  (prng) => String(prng.below(1 << 24) - (1 << 23)),
  (prng) => String(prng.next() | 0),
  (prng) => `${prng.next()}${1000000 + prng.below(1000000)}`,
  (prng) => `-9${prng.below(9)}23372036854775807`,
  (prng) => `e${prng.below(1000)}`,
  (prng) => `item:${100000 + prng.below(900000)}`,
  (prng) => "x".repeat(prng.below(70)),
  (prng) => "y".repeat(60 + prng.below(140)),
  () => "z".repeat(4095),
];

/** Texts of which some in a row are of one kind. */
function draw(prng: Prng): string[] {
  const texts: string[] = [];
  for (let runs = 1 + prng.below(6); runs > 0; runs--) {
    const kind = KINDS[prng.below(KINDS.length)];
    const count = 1 + prng.below([2, 5, 40, 600][prng.below(4)]);
    for (let i = 0; i < count && texts.length < 3000; i++) texts.push(kind(prng));
  }
  return texts;
}

describe("a dense node", () => {
  it("is smaller than its listpack and gives it back to the byte", () => {
    const prng = random(1);
    let made = 0;
    for (let round = 0; round < 400; round++) {
      const texts = draw(prng);
      const node = nodeOf(texts);
      const listpack = listpackOf(node);
      const dense = nodes.densified(node);
      if (dense !== node) {
        made++;
        expect(arena.sizeOf(dense)).toBeLessThan(12 + listpack.length);
        expect(nodes.elements(dense)).toBe(texts.length);
        expect(nodes.sizeOf(dense)).toBe(listpack.length);
        expect(walked(dense)).toEqual(texts);
        expect(listpackOf(dense)).toBe(listpack);
        const loose = nodes.loosened(dense);
        expect(nodes.isLoose(loose)).toBe(true);
        expect(listpackOf(loose)).toBe(listpack);
        arena.free(loose);
        const copy = nodes.copy(dense);
        expect(listpackOf(copy)).toBe(listpack);
        arena.free(copy);
        arena.free(dense);
      }
      arena.free(node);
      arena.verify(new Set());
    }
    expect(made).toBeGreaterThan(150);
  });

  test.each([
    ["texts of 16 bytes", 450, (i: number) => `elem:${String(i).padStart(11, "0")}`, 0.9],
    ["texts of two lengths", 400, (i: number) => "x".repeat(15 + ((i >> 2) % 2)), 0.94],
    ["small integers", 2000, (i: number) => String(i % 128), 0.51],
    ["integers of 32 bits", 1300, (i: number) => String(100000000 + i), 0.68],
    ["texts of 100 bytes", 75, (i: number) => String(i).padStart(100, "x"), 0.985],
  ])("%s", (_name, count, text, share) => {
    const node = nodeOf(Array.from({ length: count }, (_, i) => text(i)));
    const dense = nodes.densified(node);
    expect(arena.blockBytes(dense) / (nodes.sizeOf(node) + 16)).toBeLessThan(share);
    if (dense !== node) arena.free(dense);
    arena.free(node);
  });

  it("is not made where it gains nothing, or is slow", () => {
    for (const texts of [["x"], ["x".repeat(4096), "y".repeat(4096)], ["a".repeat(500)]]) {
      const node = nodeOf(texts);
      expect(nodes.densified(node)).toBe(node);
      arena.free(node);
    }
    const inTurn = nodeOf(Array.from({ length: 400 }, (_, i) => "x".repeat(15 + (i % 2))));
    expect(nodes.densified(inTurn)).toBe(inTurn);
    arena.free(inTurn);
    const large = nodeOf(Array.from({ length: 1000 }, () => "x".repeat(70)));
    expect(nodes.densified(large)).toBe(large);
    arena.free(large);
  });
});

describe("listpacks that are not written in the usual way", () => {
  function listpack(entries: number[][]): Uint8Array {
    const body = entries.flat();
    const total = LP_EMPTY_BYTES + body.length;
    return Uint8Array.of(
      ...[total & 255, total >> 8, 0, 0, entries.length & 255, entries.length >> 8],
      ...body,
      LP_END,
    );
  }
  const repeat = (entry: number[]): number[][] => Array.from({ length: 100 }, () => entry);

  test.each([
    ["an integer as text", repeat([0x82, 49, 50, 3]), true],
    ["a small integer in 16 bits", repeat([0xf1, 5, 0, 3]), true],
    ["a short text with a long length", repeat([0xe0, 2, 97, 98, 4]), true],
    ["a text with the longest encoding", repeat([0xf0, 1, 0, 0, 0, 97, 6]), false],
    // Read backward, both bytes of it are a size of 3: 0x83 goes on with the NUL in front of it.
    ["a size with a bit too many", repeat([0x82, 49, 0, 0x83]), false],
  ])("%s", (_name, entries, isDense) => {
    const bytes = listpack(entries);
    expect(lpValidate(bytes, 0, bytes.length, true)).toBe(true);
    const node = nodes.copyPacked(bytes, 0);
    expect(lpBytes(bytes, 0)).toBe(nodes.sizeOf(node));
    const dense = nodes.densified(node);
    expect(nodes.isDense(dense)).toBe(isDense);
    expect(listpackOf(dense)).toBe(latin1(bytes, 0, bytes.length));
    if (dense !== node) arena.free(dense);
    arena.free(node);
  });
});

describe("replacing in a dense node", () => {
  it("is done where it is with a text of the same kind, and else refused", () => {
    const prng = random(2);
    let replaced = 0;
    for (let round = 0; round < 100; round++) {
      const texts = draw(prng);
      const node = nodeOf(texts);
      const dense = nodes.densified(node);
      for (let i = 0; i < 8 && dense !== node; i++) {
        const index = prng.below(texts.length);
        const other = texts[prng.below(texts.length)];
        const text = prng.below(2) === 0 ? other : KINDS[prng.below(KINDS.length)](prng);
        const before = listpackOf(dense);
        if (nodes.dense.replace(dense, index, toBytes(text), 0, text.length)) {
          texts[index] = text;
          replaced++;
          const expected = nodeOf(texts);
          expect(listpackOf(dense)).toBe(listpackOf(expected));
          arena.free(expected);
        } else {
          expect(listpackOf(dense)).toBe(before);
        }
      }
      if (dense !== node) arena.free(dense);
      arena.free(node);
    }
    expect(replaced).toBeGreaterThan(50);
  });
});

describe("lists with dense nodes are what the array is that the same is done to", () => {
  /** Mostly texts of one length, so that nodes are dense; what else there is makes them less so. */
  function alike(prng: Prng): string {
    switch (prng.below(30)) {
      case 0:
        return "x".repeat(prng.below(90));
      case 1:
        return String(prng.below(1 << 20));
      case 2:
        return "y".repeat(4000 + prng.below(200));
      default:
        return `e:${10 + prng.below(90)}`;
    }
  }

  for (const fill of [-1, 12, 16, 40, 128]) {
    it(`list-max-listpack-size ${fill}`, () => {
      const world = new World(fill);
      world.push(false, ...Array.from({ length: fill < 0 ? 3000 : 300 }, () => "start"));
      run(world, 40 + fill, 700, alike);
      expect(world.denseSeen).toBeGreaterThan(20);
    });
  }

  it("with integers", () => {
    const world = new World(60);
    run(world, 7, 700, (prng) => String(200 + prng.below(prng.below(40) === 0 ? 1 << 30 : 3000)));
    expect(world.denseSeen).toBeGreaterThan(20);
  });
});

describe("a list stays dense", () => {
  function filled(count: number): World {
    const world = new World(-2);
    for (let i = 0; i < count; i++) world.push(false, `element:${10000 + i}`);
    return world;
  }

  /** Nodes that are not dense. */
  function openNodes(world: World): number {
    const { quicklists, value } = world.lists;
    const before = world.denseSeen;
    world.verify();
    return quicklists.nodeCount(value) - (world.denseSeen - before);
  }

  it("whatever is done in its middle", () => {
    const world = filled(8000);
    expect(openNodes(world)).toBe(4);
    for (let i = 0; i < 100; i++) {
      const index = 2000 + i * 20;
      world.replace(index, i % 3 === 0 ? "short" : `element:${i + 20000}`);
      world.insert(world.model[index + 7], i % 2 === 0, "inserted");
      world.removeMatching(world.model[index + 19], false, 1);
    }
    world.removeRange(5000, 1700);
    expect(openNodes(world)).toBe(4);
  });

  it("but for its ends, wherever they come to be", () => {
    const world = filled(8000);
    world.removeRange(0, 2500);
    world.removeRange(3000, world.model.length - 3000);
    expect(openNodes(world)).toBe(2);
    for (let i = 0; i < 3000; i++) world.push(true, `element:${i + 20000}`);
    for (let i = 0; i < 3000; i++) world.push(false, `element:${i + 20000}`);
    expect(openNodes(world)).toBe(4);
    while (world.model.length > 0) world.pop(world.model.length % 2 === 0);
    world.verify();
  });
});
