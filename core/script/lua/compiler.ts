// From a chunk's text to functions. This is the one place of the project that makes code at run
// time: a script is worth compiling because it runs thousands of times. What is compiled is written
// by emit-*.ts and contains nothing of the script but numbers and escaped string literals.

import { power } from "../lib/exponential.ts";
import { analyse } from "./analysis.ts";
import { remainder } from "./arithmetic.ts";
import type { Chunk } from "./chunk.ts";
import { Emitter } from "./emit-statements.ts";
import { LuaFunction, type Upvalue } from "./function.ts";
import type { Operations } from "./operations.ts";
import { parse } from "./parser.ts";
import { PENDING } from "./pending.ts";
import type { Runtime } from "./runtime.ts";
import { LuaTable } from "./table.ts";
import { all, type FastBody, NOTHING } from "./value.ts";

/** Makes a function's body from its upvalues. */
export type Factory = (self: LuaFunction, ...upvalues: Upvalue[]) => FastBody;

/** What the code may name, in the order of `values`. */
export class Linker {
  private readonly names: string;
  private readonly values: unknown[];

  constructor(rt: Runtime, operations: Operations, others: Record<string, unknown>) {
    const scope: Record<string, unknown> = {
      rt,
      S: rt.sites,
      F: rt.frames,
      LuaFunction,
      LuaTable,
      NOTHING,
      PENDING,
      all,
      isArray: Array.isArray,
      remainder,
      power,
      ...operations,
      ...others,
    };
    this.names = ["K", "fast", ...Object.keys(scope)].join(",");
    this.values = Object.values(scope);
  }

  link(chunk: Chunk, code: string, fast: Factory[]): Factory[] {
    return new Function(this.names, code)(chunk.prototypes, fast, ...this.values) as Factory[];
  }
}

/** Parses and writes the fast code; the tree is dropped, a second code comes from the text again. */
export function compileFast(
  source: string,
  chunkName: string,
  levels: number,
  linker: Linker,
): Chunk {
  const chunk = parse(source, chunkName, levels);
  analyse(chunk);
  chunk.source = source;
  chunk.fast = linker.link(chunk, new Emitter(chunk, true).code(), []);
  chunk.compact();
  return chunk;
}

/** The generators of a chunk, made when the first of them is needed. */
export function suspendableFactories(chunk: Chunk, linker: Linker): Factory[] {
  if (chunk.suspendable === null) {
    const again = parse(chunk.source, chunk.name);
    analyse(again);
    const code = new Emitter(again, false).code();
    chunk.suspendable = linker.link(chunk, code, chunk.fast);
  }
  return chunk.suspendable;
}
