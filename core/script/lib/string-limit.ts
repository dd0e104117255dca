// How long a string may get. JavaScript's limit is a little below 2^29; Lua's answer to a string that
// does not fit into memory is an error without a position.
import type { Runtime } from "../lua/runtime.ts";

export const STRING_BYTES_MAX: number = 512 * 1024 * 1024 - 1024;

/** To be asked before a string of so many bytes is made; counts them. */
export function checkLength(rt: Runtime, length: number): void {
  if (length > STRING_BYTES_MAX) outOfMemory(rt);
  rt.allocated += length;
}

export function outOfMemory(rt: Runtime): never {
  return rt.raise("not enough memory");
}

/**
 * A copy of a short text, for caches: a text that was cut out of another one keeps that alive, and
 * it may be large.
 */
export function ownCopy(text: string): string {
  const codes: number[] = [];
  for (let i = 0; i < text.length; i++) codes.push(text.charCodeAt(i));
  return String.fromCharCode.apply(null, codes);
}
