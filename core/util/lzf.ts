// LZF by Marc Lehmann, with the settings Redis compiles it with, so that the same input gives the
// same bytes. A compressed block is a sequence of
//
//   000LLLLL, L+1 bytes                   1 to 32 bytes as they are
//   LLLooooo oooooooo                     L+2 = 3 to 8 bytes from o+1 bytes back
//   111ooooo LLLLLLLL oooooooo            L+9 = 9 to 264 bytes from o+1 bytes back
//
// The compressor remembers in a table where each hash of three bytes was seen last. Redis leaves
// that table as it finds it on the stack; here it is as if it were empty at the start of each block.
// Rather than clearing it, a block's positions are stored on top of all those of earlier blocks.
import { WIDE_ZERO } from "./wide.ts";

const HASH_BITS = 16;
const HASH_MASK = (1 << HASH_BITS) - 1;
const LITERALS_MAX = 32;
const OFFSET_MAX = 8192;
const MATCH_MAX = 264;
/** The table is cleared when positions come near the end of its range. */
const POSITION_MAX = 0x7fffffff;

/** Compresses blocks; keeps its table of 256 KiB, so there is one per node. */
export class LzfCompressor {
  readonly #positions: Int32Array = new Int32Array(1 << HASH_BITS);
  /** Positions up to here belong to earlier blocks. */
  #epoch = WIDE_ZERO;

  /**
   * Compresses source[start, start+length) into target[targetStart, targetStart+targetLength).
   * Answers with the number of bytes written, or 0 when they do not fit (or there are none).
   */
  compress(
    source: Uint8Array,
    start: number,
    length: number,
    target: Uint8Array,
    targetStart: number,
    targetLength: number,
  ): number {
    if (length === 0 || targetLength === 0) return 0;
    const positions = this.#positions;
    if (this.#epoch > POSITION_MAX - length - 1) {
      positions.fill(0);
      this.#epoch = 0;
    }
    // A position of this block is stored as its offset in `source` plus this.
    const bias = this.#epoch + 1 - start;
    const epoch = this.#epoch;
    this.#epoch += length + 1;

    const inEnd = start + length;
    const outEnd = targetStart + targetLength;
    let ip = start;
    // One byte is kept free for the length of the current run of literals.
    let op = targetStart + 1;
    let literals = 0;

    let hash = (source[ip] << 8) | source[ip + 1];
    while (ip < inEnd - 2) {
      hash = (hash << 8) | source[ip + 2];
      const slot = ((hash >>> (24 - HASH_BITS)) - hash * 5) & HASH_MASK;
      const stored = positions[slot];
      positions[slot] = ip + bias;
      const reference = stored - bias;
      const offset = ip - reference - 1;
      if (
        stored > epoch &&
        offset < OFFSET_MAX &&
        reference > start &&
        source[reference + 2] === source[ip + 2] &&
        source[reference + 1] === source[ip + 1] &&
        source[reference] === source[ip]
      ) {
        if (op - (literals === 0 ? 1 : 0) + 4 >= outEnd) return 0;
        target[op - literals - 1] = literals - 1;
        if (literals === 0) op--;

        const matched = matchLength(source, reference, ip, inEnd);
        const count = matched - 2;
        ip++;
        if (count < 7) {
          target[op++] = (offset >> 8) + (count << 5);
        } else {
          target[op++] = (offset >> 8) + (7 << 5);
          target[op++] = count - 7;
        }
        target[op++] = offset;
        literals = 0;
        op++;
        ip += count + 1;
        if (ip >= inEnd - 2) break;

        // Of the bytes jumped over, only the last two are remembered.
        ip -= 2;
        hash = (source[ip] << 8) | source[ip + 1];
        hash = (hash << 8) | source[ip + 2];
        positions[((hash >>> (24 - HASH_BITS)) - hash * 5) & HASH_MASK] = ip + bias;
        ip++;
        hash = (hash << 8) | source[ip + 2];
        positions[((hash >>> (24 - HASH_BITS)) - hash * 5) & HASH_MASK] = ip + bias;
        ip++;
      } else {
        if (op >= outEnd) return 0;
        literals++;
        target[op++] = source[ip++];
        if (literals === LITERALS_MAX) {
          target[op - literals - 1] = literals - 1;
          literals = 0;
          op++;
        }
      }
    }

    // At most three bytes are left.
    if (op + 3 > outEnd) return 0;
    while (ip < inEnd) {
      literals++;
      target[op++] = source[ip++];
      if (literals === LITERALS_MAX) {
        target[op - literals - 1] = literals - 1;
        literals = 0;
        op++;
      }
    }
    target[op - literals - 1] = literals - 1;
    if (literals === 0) op--;
    return op - targetStart;
  }
}

/** Offset of the first byte that differs, from 3 up; how far is looked follows lzf_c. */
function matchLength(source: Uint8Array, reference: number, at: number, end: number): number {
  const limit = Math.min(end - at - 2, MATCH_MAX);
  let length = 2;
  if (limit > 16) {
    // The unrolled part of the original looks at 16 bytes without minding the limit.
    while (length < 18) {
      length++;
      if (source[reference + length] !== source[at + length]) return length;
    }
  }
  do length++;
  while (length < limit && source[reference + length] === source[at + length]);
  return length;
}

/**
 * Decompresses source[start, start+length) into target[targetStart, targetStart+targetLength).
 * Answers with the number of bytes written, or -1 when the input is not valid or yields more than
 * `targetLength` bytes. Reads and writes nothing outside of the two ranges.
 */
export function lzfDecompress(
  source: Uint8Array,
  start: number,
  length: number,
  target: Uint8Array,
  targetStart: number,
  targetLength: number,
): number {
  const inEnd = start + length;
  const outEnd = targetStart + targetLength;
  let ip = start;
  let op = targetStart;
  while (ip < inEnd) {
    const control = source[ip++];
    if (control < LITERALS_MAX) {
      const stop = ip + control + 1;
      if (stop > inEnd || op + control + 1 > outEnd) return -1;
      while (ip < stop) target[op++] = source[ip++];
      continue;
    }
    let count = control >> 5;
    if (ip >= inEnd) return -1;
    if (count === 7) {
      count += source[ip++];
      if (ip >= inEnd) return -1;
    }
    let reference = op - ((control & 0x1f) << 8) - 1 - source[ip++];
    const stop = op + count + 2;
    if (stop > outEnd || reference < targetStart) return -1;
    // Byte by byte: the run may reach into what it writes.
    while (op < stop) target[op++] = target[reference++];
  }
  return op - targetStart;
}
