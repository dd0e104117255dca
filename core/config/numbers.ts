// Numbers in configuration text, read the way the C library and Redis read them: 64 bits, with
// what happens at the edges (an empty string is 0 for some of them, large values wrap around).

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

const MEMORY_UNITS: Readonly<Record<string, bigint>> = {
  "": 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/** A canonical integer (no plus, no leading zeros, no blanks) of 64 bits, or null. */
export function parseCanonicalInteger(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]{0,19})$/.test(text)) return null;
  const value = BigInt(text);
  return value < INT64_MIN || value > INT64_MAX ? null : value;
}

/** The leading integer of a text as strtoll finds it, at the bounds when it is beyond them. */
export interface LeadingInteger {
  readonly value: bigint;
  /** Nothing stands behind the number. True for the empty text, whose value is 0. */
  readonly complete: boolean;
  readonly overflow: boolean;
}

export function parseLeadingInteger(text: string, base: 8 | 10): LeadingInteger {
  const digits = base === 8 ? "[0-7]+" : "[0-9]+";
  const match = new RegExp(`^[ \\t\\n\\v\\f\\r]*([+-]?)(${digits})`).exec(text);
  if (match === null) return { value: 0n, complete: text === "", overflow: false };
  const magnitude = BigInt(base === 8 ? `0o${match[2]}` : match[2]);
  const value = match[1] === "-" ? -magnitude : magnitude;
  const bounded = value < INT64_MIN ? INT64_MIN : value > INT64_MAX ? INT64_MAX : value;
  return {
    value: bounded,
    complete: match[0].length === text.length,
    overflow: bounded !== value,
  };
}

/**
 * An amount of memory with an optional unit ("1gb" is 2^30, "1g" is 10^9), as an unsigned 64-bit
 * number that wraps around; null when it is none. A unit alone, or nothing at all, is 0.
 */
export function parseMemory(text: string): bigint | null {
  const match = /^([0-9]{0,127})([a-z]{0,2})$/i.exec(text);
  if (match === null) return null;
  const unit = MEMORY_UNITS[match[2].toLowerCase()];
  if (unit === undefined) return null;
  const count = match[1] === "" ? 0n : BigInt(match[1]);
  return BigInt.asUintN(64, (count > UINT64_MAX ? UINT64_MAX : count) * unit);
}

/** The shortest form in whole gigabytes, megabytes or kilobytes, or plain bytes. */
export function formatMemory(bytes: bigint): string {
  for (const unit of ["gb", "mb", "kb"]) {
    const size = MEMORY_UNITS[unit];
    if (bytes !== 0n && bytes % size === 0n) return `${bytes / size}${unit}`;
  }
  return `${bytes}`;
}

/** A finite or infinite number as strtod reads it, without blanks around; null when it is none. */
export function parseDecimal(text: string): number | null {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite !== null) {
    return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const hex = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?$/i.exec(text);
  if (hex !== null && hex[2] + hex[3] !== "") {
    const exponent = Number(hex[4] ?? "0") - 4 * hex[3].length;
    const value = Number(`0x${hex[2]}${hex[3]}`) * 2 ** exponent;
    return hex[1] === "-" ? -value : value;
  }
  if (!/^[+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(text)) return null;
  const value = Number(text);
  const outOfRange = !Number.isFinite(value) || (value === 0 && /[1-9]/.test(text.split(/e/i)[0]));
  return outOfRange ? null : value;
}

/** C's "%f" without its trailing zeros. */
export function formatDecimal(value: number): string {
  return fixed(value).replace(/\.?0+$/, "");
}

/**
 * Six decimals. JavaScript rounds a tie up and C to the even digit; a tie at the seventh decimal is
 * always an odd multiple of 2^-7.
 */
function fixed(value: number): string {
  const text = value.toFixed(6);
  const tie = Math.abs(value * 128) % 2 === 1;
  const lastDigitOdd = (text.charCodeAt(text.length - 1) & 1) === 1;
  return tie && lastDigitOdd ? (value - Math.sign(value) * 1e-7).toFixed(6) : text;
}
