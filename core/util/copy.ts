// Copying bytes between buffers without allocating for short runs.

/** Below this a loop beats `set(subarray())`, which makes an object per call (measured on Node 20). */
const LOOP_BYTES_MAX = 192;

/** Copies `length` bytes; the two ranges must not overlap in one buffer. */
export function copyBytes(
  target: Uint8Array,
  targetStart: number,
  source: Uint8Array,
  sourceStart: number,
  length: number,
): void {
  if (length <= LOOP_BYTES_MAX) {
    for (let i = 0; i < length; i++) target[targetStart + i] = source[sourceStart + i];
  } else {
    target.set(source.subarray(sourceStart, sourceStart + length), targetStart);
  }
}
