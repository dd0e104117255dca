// Bytes and strings of one character per byte (Latin-1), for the edges where strings are allowed:
// errors, INFO, configuration, logs. `core/` has no TextDecoder by rule, and needs none.

/** The bytes [start, end) as a string of one character per byte. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (end - start <= SHORT_MAX) return shortText(bytes, start, end);
  if (end - start <= 4096) return String.fromCharCode.apply(null, slice(bytes, start, end));
  let text = "";
  for (let i = start; i < end; i += 4096) {
    text += String.fromCharCode.apply(null, slice(bytes, i, Math.min(end, i + 4096)));
  }
  return text;
}

/** Up to here pieces of eight characters are faster than `apply`: three times and more. */
const SHORT_MAX = 48;

function shortText(b: Uint8Array, start: number, end: number): string {
  const { fromCharCode } = String;
  let text = "";
  let i = start;
  for (; i + 8 <= end; i += 8) {
    text += fromCharCode(
      b[i],
      b[i + 1],
      b[i + 2],
      b[i + 3],
      b[i + 4],
      b[i + 5],
      b[i + 6],
      b[i + 7],
    );
  }
  switch (end - i) {
    case 1:
      return text + fromCharCode(b[i]);
    case 2:
      return text + fromCharCode(b[i], b[i + 1]);
    case 3:
      return text + fromCharCode(b[i], b[i + 1], b[i + 2]);
    case 4:
      return text + fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3]);
    case 5:
      return text + fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4]);
    case 6:
      return text + fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5]);
    case 7:
      return text + fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6]);
    default:
      return text;
  }
}

// `apply` takes any array-like; the type of the standard library wants number[].
function slice(bytes: Uint8Array, start: number, end: number): number[] {
  return bytes.subarray(start, end) as unknown as number[];
}

/** The bytes of a string of one character per byte; higher bits are dropped. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Lexicographic comparison of bytes as memcmp does it, a shorter prefix first: <0, 0 or >0. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const common = Math.min(aLength, bLength);
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** `text` in lower case, ASCII letters only: never depends on a locale. */
export function asciiLower(text: string): string {
  let lower = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    lower += code >= 65 && code <= 90 ? String.fromCharCode(code | 32) : text[i];
  }
  return lower;
}
