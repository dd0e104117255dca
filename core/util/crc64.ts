// CRC-64 of RDB files and DUMP payloads: the polynomial 0xad93d23594c935a9 of David T. Jones,
// reflected, start 0, no final change.
//
// The sum is two int32 halves. Eight bytes are taken at once ("slicing by 8"): table k holds what a
// byte makes of the sum when k more bytes follow, so that eight look-ups per half stand for eight
// steps that would each have to wait for the one before.

const POLYNOMIAL_HIGH = 0x95ac9329 | 0;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const SLICE_COUNT = 8;

/** At k × 256 + byte: the sum of `byte` followed by k zero bytes. */
const LOW: Int32Array = new Int32Array(SLICE_COUNT * 256);
const HIGH: Int32Array = new Int32Array(SLICE_COUNT * 256);
for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry !== 0) {
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
  }
  LOW[byte] = low;
  HIGH[byte] = high;
}
for (let at = 256; at < SLICE_COUNT * 256; at++) {
  const before = at - 256;
  const low = LOW[before];
  LOW[at] = ((low >>> 8) | (HIGH[before] << 24)) ^ LOW[low & 0xff];
  HIGH[at] = (HIGH[before] >>> 8) ^ HIGH[low & 0xff];
}

/** A running checksum. */
export class Crc64 {
  /** The lower and the upper 32 bits of the sum, as int32. */
  low = 0;
  high = 0;

  reset(): void {
    this.low = 0;
    this.high = 0;
  }

  /** Takes in bytes[start, end). */
  update(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    let { low, high } = this;
    let i = start;
    for (const last = end - 8; i <= last; i += 8) {
      low ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
      high ^= bytes[i + 4] | (bytes[i + 5] << 8) | (bytes[i + 6] << 16) | (bytes[i + 7] << 24);
      const a = 1792 + (low & 0xff);
      const b = 1536 + ((low >>> 8) & 0xff);
      const c = 1280 + ((low >>> 16) & 0xff);
      const d = 1024 + (low >>> 24);
      const e = 768 + (high & 0xff);
      const f = 512 + ((high >>> 8) & 0xff);
      const g = 256 + ((high >>> 16) & 0xff);
      const h = high >>> 24;
      low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^ LOW[e] ^ LOW[f] ^ LOW[g] ^ LOW[h];
      high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^ HIGH[e] ^ HIGH[f] ^ HIGH[g] ^ HIGH[h];
    }
    for (; i < end; i++) {
      const entry = (low ^ bytes[i]) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ LOW[entry];
      high = (high >>> 8) ^ HIGH[entry];
    }
    this.low = low;
    this.high = high;
  }

  /** Writes the sum in 8 bytes, the lowest first, as RDB files and DUMP payloads end. */
  write(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      bytes[at + i] = this.low >>> (8 * i);
      bytes[at + 4 + i] = this.high >>> (8 * i);
    }
  }

  /** True when the 8 bytes at bytes[at] are the sum, the lowest first. */
  matches(bytes: Uint8Array, at: number): boolean {
    return int32At(bytes, at) === this.low && int32At(bytes, at + 4) === this.high;
  }
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
