// Numbers of about 106 bits as sums of two doubles, the second below half of the first one's last
// bit (Dekker 1971; Knuth). What is computed with them and rounded in the end is the double nearest
// to the true value in all but a few of many million cases.

export type Pair = readonly [high: number, low: number];

/** Splits a double into two halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

export const ONE: Pair = [1, 0];

/** The rounded sum, and what was rounded off; a is not smaller than b. */
function normal(a: number, b: number): Pair {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

/** The exact sum of two doubles. */
export function sumOf(a: number, b: number): Pair {
  const sum = a + b;
  const rounded = sum - a;
  return [sum, a - (sum - rounded) + (b - rounded)];
}

/** The exact product of two doubles of moderate size. */
export function productOf(a: number, b: number): Pair {
  const product = a * b;
  const scaledA = a * SPLITTER;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = b * SPLITTER;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  const rest = highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
  return [product, rest];
}

export function add(a: Pair, b: Pair): Pair {
  const [high, error] = sumOf(a[0], b[0]);
  const [low, lowError] = sumOf(a[1], b[1]);
  const [first, rest] = normal(high, error + low);
  return normal(first, rest + lowError);
}

export function subtract(a: Pair, b: Pair): Pair {
  return add(a, negate(b));
}

export function negate(a: Pair): Pair {
  return [-a[0], -a[1]];
}

export function multiply(a: Pair, b: Pair): Pair {
  const [high, error] = productOf(a[0], b[0]);
  return normal(high, error + (a[0] * b[1] + a[1] * b[0]));
}

export function divide(a: Pair, b: Pair): Pair {
  const first = a[0] / b[0];
  const rest = subtract(a, multiply([first, 0], b));
  const second = rest[0] / b[0];
  const last = subtract(rest, multiply([second, 0], b));
  const [high, low] = normal(first, second);
  return normal(high, low + last[0] / b[0]);
}

export function squareRoot(a: Pair): Pair {
  if (a[0] <= 0) return [0, 0];
  const first = Math.sqrt(a[0]);
  const rest = subtract(a, productOf(first, first));
  return normal(first, rest[0] / (2 * first));
}

/** Exact when nothing overflows or vanishes. */
export function scale(a: Pair, factor: number): Pair {
  return [a[0] * factor, a[1] * factor];
}

export function rounded(a: Pair): number {
  return a[0] + a[1];
}

/** Σ terms[n] z^n */
export function series(terms: readonly Pair[], z: Pair): Pair {
  let sum: Pair = terms[terms.length - 1];
  for (let n = terms.length - 2; n >= 0; n--) sum = add(multiply(sum, z), terms[n]);
  return sum;
}

/** numerator / denominator, both exact. */
export function ratio(numerator: number, denominator: number): Pair {
  return divide([numerator, 0], [denominator, 0]);
}

/** The integer × 2^-bits; its highest 120 bits count. */
export function fixedPoint(integer: bigint, bits: number): Pair {
  const magnitude = integer < 0n ? -integer : integer;
  const drop = Math.max(0, 4 * magnitude.toString(16).length - 120);
  const kept = integer >> BigInt(drop);
  const high = Number(kept);
  const low = Number(kept - BigInt(high));
  const exponent = drop - bits;
  return normal(scaleByPowerOfTwo(high, exponent), scaleByPowerOfTwo(low, exponent));
}

/** value × 2^exponent, rounded once, for any integral exponent. */
export function scaleByPowerOfTwo(value: number, exponent: number): number {
  let result = value;
  let left = exponent > 2200 ? 2200 : exponent < -2200 ? -2200 : exponent;
  for (; left > 1023; left -= 1023) result *= 2 ** 1023;
  // Steps down leave 53 bits above the smallest number, so that only the last one can round.
  for (; left < -1022; left += 969) result *= 2 ** -969;
  return result * 2 ** left;
}
