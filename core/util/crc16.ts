// CRC-16/XMODEM (polynomial 0x1021, start 0, not reflected) and the hash slot of a key in a cluster.

const TABLE: Uint16Array = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  TABLE[byte] = crc;
}

const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const SLOT_MASK = 0x3fff;

/** Number of hash slots of a cluster. */
export const SLOT_COUNT = 16384;

/** The checksum of bytes[start, start+length). */
export function crc16(bytes: Uint8Array, start: number, length: number): number {
  let crc = 0;
  const end = start + length;
  for (let i = start; i < end; i++) crc = (crc << 8) ^ TABLE[((crc >> 8) ^ bytes[i]) & 0xff];
  return crc & 0xffff;
}

/**
 * The hash slot of a key, 0 to 16383. When the key has a `{` and a `}` behind it with something in
 * between, only what is in between is hashed: keys with the same tag share a slot.
 */
export function keyHashSlot(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length;
  let open = start;
  while (open < end && bytes[open] !== OPEN_BRACE) open++;
  let close = open + 1;
  while (close < end && bytes[close] !== CLOSE_BRACE) close++;
  if (close >= end || close === open + 1) return crc16(bytes, start, length) & SLOT_MASK;
  return crc16(bytes, open + 1, close - open - 1) & SLOT_MASK;
}
