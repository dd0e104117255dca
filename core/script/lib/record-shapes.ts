// Tables made of many records with the same keys in the same order, as documents are: where each key
// lies follows from the keys alone, so the second record's slots are a copy of the first one's.
import type { Runtime } from "../lua/runtime.ts";
import type { LuaTable } from "../lua/table.ts";
import { log2Ceiling } from "../lua/table-sizes.ts";
import type { LuaValue } from "../lua/value.ts";
import { ownCopy } from "./string-limit.ts";

/** Larger records are rare, and their slots not worth keeping. */
const KEYS_MAX = 32;
const KEY_LENGTH_MAX = 64;
const SHAPES_MAX = 64;
/** Records may differ by so much more often than they agree before their first key is given up. */
const MISSES_MAX = 8;

interface Shape {
  readonly keys: readonly string[];
  /** A node part with all keys and no values, and where each key's value goes. */
  readonly nodes: readonly unknown[];
  readonly places: readonly number[];
  readonly lastFree: number;
  hits: number;
  misses: number;
}

export class RecordShapes {
  private readonly shapes: Map<string, Shape> = new Map();

  /**
   * Gives an empty table `count` fields, keys[from], keys[from + 1] … with values[valuesFrom] and those
   * behind, as storing them one by one does. No value is nil.
   */
  fill(
    table: LuaTable,
    keys: readonly string[],
    from: number,
    values: readonly LuaValue[],
    valuesFrom: number,
    count: number,
  ): void {
    const shape = count > 0 && count <= KEYS_MAX ? this.shapes.get(keys[from]) : undefined;
    if (shape !== undefined && isOfShape(shape, keys, from, count)) {
      const nodes = shape.nodes.slice();
      const { places } = shape;
      for (let i = 0; i < count; i++) nodes[places[i]] = values[valuesFrom + i];
      table.adoptNodes(nodes, shape.lastFree);
      shape.hits++;
      return;
    }
    for (let i = 0; i < count; i++) table.setString(keys[from + i], values[valuesFrom + i]);
    if (count <= KEYS_MAX && (shape === undefined || shape.misses++ < shape.hits + MISSES_MAX)) {
      this.learn(table, keys.slice(from, from + count), shape);
    }
  }

  private learn(table: LuaTable, keys: readonly string[], before: Shape | undefined): void {
    if (keys.some((key) => key.length > KEY_LENGTH_MAX)) return;
    const own = keys.map((key) => ownCopy(key));
    const nodes = table.nodes.slice();
    const places: number[] = new Array(own.length).fill(-1);
    for (let at = 0; at < nodes.length; at += 4) {
      const i = own.indexOf(nodes[at] as string);
      if (i < 0) continue;
      nodes[at] = own[i];
      nodes[at + 1] = undefined;
      places[i] = at + 1;
    }
    // A key that is there twice has one place.
    if (own.length === 0 || places.includes(-1)) return;
    if (this.shapes.size >= SHAPES_MAX) this.shapes.clear();
    this.shapes.set(own[0], {
      keys: own,
      nodes,
      places,
      lastFree: table.lastFree,
      hits: before?.hits ?? 0,
      misses: before?.misses ?? 0,
    });
  }
}

function isOfShape(shape: Shape, keys: readonly string[], from: number, count: number): boolean {
  const known = shape.keys;
  if (known.length !== count) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== keys[from + i]) return false;
  return true;
}

/** Gives an empty table `count` elements, values[from], values[from + 1] …, of which none is nil. */
export function fillList(
  table: LuaTable,
  values: readonly LuaValue[],
  from: number,
  count: number,
): void {
  if (count === 0) return;
  const items: LuaValue[] = new Array(count + 1);
  for (let i = 1; i <= count; i++) items[i] = values[from + i - 1];
  table.adoptList(items, 2 ** log2Ceiling(count));
}

/** So many values may be put aside between two looks at the memory. */
export const VALUES_PER_LOOK: number = 1 << 16;
const VALUES_MAX: number = 1 << 24;
const VALUE_BYTES = 64;

/** Values wait for their tables to be complete: there may be too many of them. */
export function checkRoom(rt: Runtime, count: number): void {
  if (count > VALUES_MAX) rt.memoryError();
  rt.makeSure((count + VALUES_PER_LOOK) * VALUE_BYTES);
}
