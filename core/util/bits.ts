// Bits of byte strings, numbered from the most significant bit of the first byte.

function popCount32(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Number of ones in bytes[start, end). */
export function countBits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  while (at < end && ((bytes.byteOffset + at) & 3) !== 0) count += popCount32(bytes[at++]);
  const words = (end - at) >> 2;
  if (words > 0) {
    const view = new Int32Array(bytes.buffer, bytes.byteOffset + at, words);
    for (let i = 0; i < words; i++) count += popCount32(view[i]);
    at += words * 4;
  }
  while (at < end) count += popCount32(bytes[at++]);
  return count;
}

/**
 * Number of the first bit in bytes[start, end) that equals `bit`, counted from `start`; -1 when
 * there is none.
 */
export function findBit(bytes: Uint8Array, start: number, end: number, bit: number): number {
  const skipped = bit === 1 ? 0 : 0xff;
  let at = start;
  while (at < end && bytes[at] === skipped) at++;
  if (at === end) return -1;
  const byte = bit === 1 ? bytes[at] : ~bytes[at] & 0xff;
  return (at - start) * 8 + (Math.clz32(byte) - 24);
}

/** The unsigned integer of `width` bits (1 to 64) at bit `offset`; beyond the end there are zeros. */
export function getUnsigned(
  bytes: Uint8Array,
  start: number,
  length: number,
  offset: number,
  width: number,
): bigint {
  const first = Math.floor(offset / 8);
  const last = Math.floor((offset + width - 1) / 8);
  let value = 0n;
  for (let i = first; i <= last; i++) {
    value = (value << 8n) | BigInt(i < length ? bytes[start + i] : 0);
  }
  const unused = (last + 1) * 8 - (offset + width);
  return BigInt.asUintN(width, value >> BigInt(unused));
}

/** Writes the lowest `width` bits of `value` at bit `offset`; the bytes must be there. */
export function setUnsigned(
  bytes: Uint8Array,
  start: number,
  offset: number,
  width: number,
  value: bigint,
): void {
  let rest = BigInt.asUintN(width, value);
  for (let bit = offset + width - 1; bit >= offset; bit--) {
    const at = start + Math.floor(bit / 8);
    const mask = 0x80 >>> (bit & 7);
    if ((rest & 1n) === 1n) bytes[at] |= mask;
    else bytes[at] &= ~mask;
    rest >>= 1n;
  }
}
