// The keyed hash of all dicts: HalfSipHash with one round per word and two at the end, the 32-bit
// relative of the SipHash-1-2 that Redis uses. 32-bit words suit JavaScript's integers, and a secret
// 64-bit key keeps clients from choosing keys that collide (Aumasson, Bernstein 2012). One change:
// the length goes into the initial state instead of a last word, which saves keys of whole words
// (most are) a round.

/** Hash of view[offset, offset+length) under the key (key0, key1), as an int32. */
export function halfSipHash(
  view: DataView,
  offset: number,
  length: number,
  key0: number,
  key1: number,
): number {
  let v0 = key0 ^ length;
  let v1 = key1;
  let v2 = key0 ^ 0x6c796765;
  let v3 = key1 ^ 0x74656462;
  let at = offset;
  const wordsEnd = offset + (length & ~3);
  for (; at < wordsEnd; at += 4) {
    const word = view.getInt32(at, true);
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
  }
  let rounds = 2;
  let tail = 0;
  const rest = length & 3;
  if (rest > 0) {
    tail = view.getUint8(at);
    if (rest > 1) tail |= view.getUint8(at + 1) << 8;
    if (rest > 2) tail |= view.getUint8(at + 2) << 16;
    v3 ^= tail;
    rounds = 3;
  }
  while (rounds > 0) {
    // After the word that is not whole, and before the rounds at the end.
    if (rounds === 2) {
      v0 ^= tail;
      v2 ^= 0xff;
    }
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
    rounds--;
  }
  return v1 ^ v3;
}
