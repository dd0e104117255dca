// A random Lua program as a tree that can be made smaller: texts with blocks, statements and
// expressions in between. Only whole statements and expressions are ever taken away, so what the
// generator wrote around them (the ticks that end every loop) stays.

export interface Tree {
  /** The parts of a block are its statements, a line each; other parts are written one after the other. */
  readonly kind: "block" | "statement" | "expression";
  readonly parts: readonly (string | Tree)[];
}

export function tree(kind: Tree["kind"], ...parts: (string | Tree)[]): Tree {
  return { kind, parts };
}

export function print(node: Tree): string {
  const texts = node.parts.map((part) => (typeof part === "string" ? part : print(part)));
  return texts.join(node.kind === "block" ? "\n" : "");
}

export function sizeOf(node: Tree): number {
  return print(node).length;
}

/** What may stand for an expression. */
const PLAIN: readonly string[] = ["nil", "1", '"a"', "{}"];

/** All trees that are one step smaller: the large steps first. */
export function* smaller(node: Tree): Generator<Tree> {
  if (node.kind === "block") yield* shorterBlocks(node);
  if (node.kind === "expression") {
    const text = print(node);
    for (const plain of PLAIN) {
      if (plain.length < text.length) yield tree("expression", plain);
    }
    for (const inner of innerTrees(node, "expression")) yield inner;
  }
  for (let i = 0; i < node.parts.length; i++) {
    const part = node.parts[i];
    if (typeof part === "string") continue;
    for (const less of smaller(part)) yield withPart(node, i, less);
  }
}

/** Without halves, quarters … single statements; and with what is inside of a statement in its place. */
function* shorterBlocks(block: Tree): Generator<Tree> {
  const { parts } = block;
  for (let size = parts.length; size > 0; size >>= 1) {
    for (let at = 0; at < parts.length; at += size) {
      yield tree("block", ...parts.slice(0, at), ...parts.slice(at + size));
    }
  }
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (typeof part === "string") continue;
    for (const inner of innerTrees(part, "block")) {
      yield tree("block", ...parts.slice(0, i), ...inner.parts, ...parts.slice(i + 1));
    }
  }
}

/** The nearest trees of a kind below a tree. */
function* innerTrees(node: Tree, kind: Tree["kind"]): Generator<Tree> {
  for (const part of node.parts) {
    if (typeof part === "string") continue;
    if (part.kind === kind) yield part;
    else yield* innerTrees(part, kind);
  }
}

function withPart(node: Tree, index: number, part: Tree): Tree {
  return { kind: node.kind, parts: node.parts.map((old, i) => (i === index ? part : old)) };
}
