// How much one node of a list holds: `list-max-listpack-size`, and what a list's element needs to get
// a node of its own. Facts of Redis 7.4.

/** Sizes that -1 … -5 stand for. */
const LEVEL_BYTES: readonly number[] = [4096, 8192, 16384, 32768, 65536];
/** The size limit beside a limit on the count. */
const SAFE_BYTES_MAX = 8192;
/** What an entry is taken to need besides its text, before it is encoded. */
const ENTRY_OVERHEAD_BYTES = 8;
const FILL_MAX = 32767;
const FILL_MIN = -5;
const DEPTH_MAX = 65535;

/** Largest listpack that inserting may lead to. */
export function nodeBytesMax(fill: number): number {
  return fill >= 0 ? SAFE_BYTES_MAX : LEVEL_BYTES[Math.min(-fill, LEVEL_BYTES.length) - 1];
}

/** Largest count that inserting may lead to. */
function nodeCountMax(fill: number): number {
  return fill < 0 ? Number.POSITIVE_INFINITY : Math.max(fill, 1);
}

/** True when a listpack of this size and count is too large for one node. */
export function exceedsNode(fill: number, bytes: number, count: number): boolean {
  return bytes > nodeBytesMax(fill) || count > nodeCountMax(fill);
}

/** True when a listpack with this size and count has no room for `length` more bytes of text. */
export function isNodeFull(fill: number, bytes: number, count: number, length: number): boolean {
  return exceedsNode(fill, bytes + length + ENTRY_OVERHEAD_BYTES, count + 1);
}

/**
 * True when a quicklist of one node should become a listpack. When it is shrinking only below half
 * of the limits, so that a list around them does not change its form all the time.
 */
export function fitsListpack(
  fill: number,
  bytes: number,
  count: number,
  shrinking: boolean,
): boolean {
  const divisor = shrinking ? 2 : 1;
  if (fill < 0) return bytes <= Math.floor(nodeBytesMax(fill) / divisor);
  return count <= Math.floor(nodeCountMax(fill) / divisor);
}

/** `list-max-listpack-size` as a quicklist keeps it. */
export function clampFill(fill: number): number {
  return Math.max(FILL_MIN, Math.min(fill, FILL_MAX));
}

/** `list-compress-depth` as a quicklist keeps it. */
export function clampDepth(depth: number): number {
  return Math.max(0, Math.min(depth, DEPTH_MAX));
}
