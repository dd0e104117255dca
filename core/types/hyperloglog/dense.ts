// The dense form of a HyperLogLog's registers: 16,384 numbers of 6 bits, lowest bits first, so that
// four of them take three bytes:
//
//   byte 0   11000000      register 1's lowest bits above all of register 0
//   byte 1   22221111
//   byte 2   33333322
//
// While registers are worked with they lie in a byte each ("wide" here).

export const REGISTER_COUNT = 16384;
export const REGISTER_MAX = 63;
export const DENSE_BYTES: number = (REGISTER_COUNT * 6) / 8;

/** The register `index` of those at bytes[start]. */
export function denseRegister(bytes: Uint8Array, start: number, index: number): number {
  const bit = index * 6;
  const at = start + (bit >>> 3);
  const shift = bit & 7;
  const low = bytes[at] >>> shift;
  // A register that ends with its byte may be the last: what follows it is not read.
  return (shift > 2 ? low | (bytes[at + 1] << (8 - shift)) : low) & REGISTER_MAX;
}

/** Sets the register; `value` is at most REGISTER_MAX. */
export function setDenseRegister(
  bytes: Uint8Array,
  start: number,
  index: number,
  value: number,
): void {
  const bit = index * 6;
  const at = start + (bit >>> 3);
  const shift = bit & 7;
  bytes[at] = (bytes[at] & ~(REGISTER_MAX << shift)) | (value << shift);
  if (shift > 2) {
    const rest = 8 - shift;
    bytes[at + 1] = (bytes[at + 1] & ~(REGISTER_MAX >>> rest)) | (value >>> rest);
  }
}

/** Raises every wide register to the dense one, where that is larger. */
export function mergeDense(bytes: Uint8Array, start: number, wide: Uint8Array): void {
  for (let i = 0, at = start; i < REGISTER_COUNT; i += 4, at += 3) {
    const three = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    for (let k = 0; k < 4; k++) {
      const value = (three >>> (6 * k)) & REGISTER_MAX;
      if (value > wide[i + k]) wide[i + k] = value;
    }
  }
}

/** Writes wide registers to bytes[start]. */
export function writeDense(bytes: Uint8Array, start: number, wide: Uint8Array): void {
  for (let i = 0, at = start; i < REGISTER_COUNT; i += 4, at += 3) {
    const three = wide[i] | (wide[i + 1] << 6) | (wide[i + 2] << 12) | (wide[i + 3] << 18);
    bytes[at] = three;
    bytes[at + 1] = three >>> 8;
    bytes[at + 2] = three >>> 16;
  }
}

/** Adds to `histogram` how often each value occurs among the registers at bytes[start]. */
export function countDense(bytes: Uint8Array, start: number, histogram: Int32Array): void {
  for (let at = start, end = start + DENSE_BYTES; at < end; at += 3) {
    const three = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    histogram[three & REGISTER_MAX]++;
    histogram[(three >>> 6) & REGISTER_MAX]++;
    histogram[(three >>> 12) & REGISTER_MAX]++;
    histogram[three >>> 18]++;
  }
}
