// MurmurHash64A by Austin Appleby, which HyperLogLog spreads its elements with. Its 64-bit products
// are made of 32-bit halves, and the halves of those of 16-bit ones.

const MULTIPLIER_HIGH = 0xc6a4a793 | 0;
const MULTIPLIER_LOW = 0x5bd1e995 | 0;
const MULTIPLIER_LOW_UPPER = 0x5bd1;
const MULTIPLIER_LOW_LOWER = 0xe995;

/** A hash in two int32 halves; one instance is used again and again. */
export class Murmur64 {
  low = 0;
  high = 0;

  /** Hashes bytes[start, start+length) into `low` and `high`; `seed` is 32 bits. */
  hash(bytes: Uint8Array, start: number, length: number, seed: number): void {
    // The length times the multiplier, xor the seed.
    let low = length | 0;
    let high = productHigh(low, 0);
    low = Math.imul(low, MULTIPLIER_LOW) ^ seed;
    let at = start;
    for (const blocksEnd = start + (length & ~7); at < blocksEnd; at += 8) {
      let blockLow = int32At(bytes, at);
      let blockHigh = int32At(bytes, at + 4);
      blockHigh = productHigh(blockLow, blockHigh);
      blockLow = Math.imul(blockLow, MULTIPLIER_LOW);
      // A shift by 47 leaves 17 bits of the upper half.
      blockLow ^= blockHigh >>> 15;
      blockHigh = productHigh(blockLow, blockHigh);
      blockLow = Math.imul(blockLow, MULTIPLIER_LOW);
      low ^= blockLow;
      high ^= blockHigh;
      high = productHigh(low, high);
      low = Math.imul(low, MULTIPLIER_LOW);
    }
    const rest = length & 7;
    if (rest > 0) {
      for (let i = 0; i < rest; i++) {
        if (i < 4) low ^= bytes[at + i] << (8 * i);
        else high ^= bytes[at + i] << (8 * (i - 4));
      }
      high = productHigh(low, high);
      low = Math.imul(low, MULTIPLIER_LOW);
    }
    low ^= high >>> 15;
    high = productHigh(low, high);
    low = Math.imul(low, MULTIPLIER_LOW);
    low ^= high >>> 15;
    this.low = low;
    this.high = high;
  }
}

/** The upper half of (high, low) × the multiplier, modulo 2^64. */
function productHigh(low: number, high: number): number {
  const lower = low & 0xffff;
  const upper = low >>> 16;
  // Partial products of 16 × 16 bits; every sum stays below 2^32.
  const crossed = upper * MULTIPLIER_LOW_LOWER + ((lower * MULTIPLIER_LOW_LOWER) >>> 16);
  const crossedLow = lower * MULTIPLIER_LOW_UPPER + (crossed & 0xffff);
  const carry = upper * MULTIPLIER_LOW_UPPER + (crossed >>> 16) + (crossedLow >>> 16);
  return (carry + Math.imul(low, MULTIPLIER_HIGH) + Math.imul(high, MULTIPLIER_LOW)) | 0;
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
