// Numbers as bytes in strings, as C has them on x86-64.

const scratch: DataView = new DataView(new ArrayBuffer(8));

const TWO_32 = 0x100000000;
const TWO_63 = 0x8000000000000000;
const TWO_64 = 2 * TWO_63;

// What 0/0 is in memory; JavaScript leaves the bits of a NaN open.
const NAN_32 = 0xffc00000;
const NAN_64_HIGH = 0xfff80000;

/** The four bytes of the number as a float, the highest one first. */
export function floatBytes(value: number): string {
  if (Number.isNaN(value)) scratch.setUint32(0, NAN_32);
  else scratch.setFloat32(0, value);
  return scratchBytes(4);
}

/** The eight bytes of a double, the highest one first. */
export function doubleBytes(value: number): string {
  if (Number.isNaN(value)) {
    scratch.setUint32(0, NAN_64_HIGH);
    scratch.setUint32(4, 0);
  } else scratch.setFloat64(0, value);
  return scratchBytes(8);
}

function scratchBytes(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) text += String.fromCharCode(scratch.getUint8(i));
  return text;
}

/** The float in four bytes, the highest one first. */
export function floatAt(text: string, at: number): number {
  for (let i = 0; i < 4; i++) scratch.setUint8(i, text.charCodeAt(at + i));
  return scratch.getFloat32(0);
}

/** The double in eight bytes, the highest one first. */
export function doubleAt(text: string, at: number): number {
  for (let i = 0; i < 8; i++) scratch.setUint8(i, text.charCodeAt(at + i));
  return scratch.getFloat64(0);
}

/** An integral number's lower `count` bytes, the highest one first; at most four. */
export function shortBytes(value: number, count: number): string {
  let text = "";
  for (let shift = 8 * (count - 1); shift >= 0; shift -= 8) {
    text += String.fromCharCode((value >>> shift) & 255);
  }
  return text;
}

/** The eight bytes of an integer of 64 bits, the highest one first. */
export function longBytes(value: bigint): string {
  scratch.setBigUint64(0, BigInt.asUintN(64, value));
  return scratchBytes(8);
}

/** The unsigned integer of at most four bytes, the highest one first. */
export function shortAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + text.charCodeAt(at + i);
  return value;
}

/** The signed integer in eight bytes, the highest one first, as the nearest double. */
export function longAt(text: string, at: number): number {
  const high = shortAt(text, at, 4) | 0;
  const low = shortAt(text, at + 4, 4);
  const value = high * TWO_32 + low;
  if (Number.isSafeInteger(value)) return value;
  return Number((BigInt(high) << 32n) | BigInt(low));
}

/** A double as an unsigned integer of 64 bits, as x86-64 converts it. */
export function toUnsigned(value: number): bigint {
  if (value >= TWO_63) return value < TWO_64 ? BigInt(value) : 0n;
  if (value >= -TWO_63) return BigInt.asUintN(64, BigInt(Math.trunc(value)));
  return BigInt(TWO_63);
}

export function reversedBytes(text: string): string {
  let reversed = "";
  for (let i = text.length - 1; i >= 0; i--) reversed += text[i];
  return reversed;
}
