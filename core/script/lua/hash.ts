// Lua 5.1's hash functions: they decide where a key lies in a table and so the order of `next`.
import type { LuaFunction } from "./function.ts";
import type { LuaTable } from "./table.ts";
import type { LuaObject, LuaValue } from "./value.ts";

/** Hashes of longer strings are remembered; up to here computing is as fast as looking up. */
const CACHED_LENGTH_MIN = 24;
const CACHED_LENGTH_MAX = 1024;
const CACHE_SIZE_MAX = 4096;
const cache = new Map<string, number>();

function computeStringHash(text: string): number {
  let h = text.length | 0;
  for (let i = text.length - 1; i >= 0; i--) {
    h ^= (h << 5) + (h >>> 2) + text.charCodeAt(i);
  }
  return h;
}

/** The hash over all bytes (Redis builds Lua so that none are skipped), as int32. */
export function stringHash(text: string): number {
  const length = text.length;
  if (length < CACHED_LENGTH_MIN || length > CACHED_LENGTH_MAX) return computeStringHash(text);
  let h = cache.get(text);
  if (h === undefined) {
    if (cache.size >= CACHE_SIZE_MAX) cache.clear();
    h = computeStringHash(text);
    cache.set(text, h);
  }
  return h;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The sum of a double's two words, as int32; 0 for both zeros. */
export function numberHash(n: number): number {
  if (n === 0) return 0;
  double[0] = n;
  return (words[0] + words[1]) | 0;
}

/** Objects lie in memory at made-up addresses that follow from their numbers. */
const ADDRESS_BASE = 0x55d0_c0de_0000;
const OBJECT_BYTES = 64;

/** Number 0 is the null pointer's. */
export function addressOf(object: { readonly id: number }): string {
  return object.id === 0 ? "(nil)" : `0x${(ADDRESS_BASE + object.id * OBJECT_BYTES).toString(16)}`;
}

/** A pointer's lower 32 bits, as int32. */
export function objectHash(object: { readonly id: number }): number {
  return object.id === 0 ? 0 : (ADDRESS_BASE + object.id * OBJECT_BYTES) | 0;
}

/** Any key's hash, as int32. */
export function hashOf(key: LuaValue): number {
  if (typeof key === "string") return stringHash(key);
  if (typeof key === "number") return numberHash(key);
  if (typeof key === "boolean") return key ? 1 : 0;
  return objectHash(key as LuaTable | LuaFunction | LuaObject);
}
