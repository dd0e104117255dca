// HalfSipHash-1-3: the keyed hash of all dicts. 32-bit words suit JavaScript's integers, and a
// secret 64-bit key keeps clients from choosing keys that collide (Aumasson, Bernstein 2012; the
// reduced rounds are those of Linux's hash tables).

/** Hash of view[offset, offset+length) under the key (key0, key1), as an int32. */
export function halfSipHash(
  view: DataView,
  offset: number,
  length: number,
  key0: number,
  key1: number,
): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = key0 ^ 0x6c796765;
  let v3 = key1 ^ 0x74656462;
  let at = offset;
  const wordsEnd = offset + (length & ~3);
  let word = 0;
  for (;;) {
    const last = at === wordsEnd;
    if (last) {
      word = length << 24;
      const rest = length & 3;
      if (rest > 0) word |= view.getUint8(at);
      if (rest > 1) word |= view.getUint8(at + 1) << 8;
      if (rest > 2) word |= view.getUint8(at + 2) << 16;
    } else {
      word = view.getInt32(at, true);
      at += 4;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (last) break;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
