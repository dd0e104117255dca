// Sine, cosine and arcsine, because those of Math may differ from one JavaScript engine to the next,
// and whatever the core computes must be the same everywhere. Errors stay below one unit in the last
// place; the arguments are angles of a few turns at most, as on a globe.
//
// Sine and cosine: the argument is reduced to [-π/4, π/4] as a sum of two doubles, and the Taylor
// series of that. Arcsine: its series up to 1/2, and half-angle formulas above.

/** π/2 = HALF_PI_1 + HALF_PI_2, the first with 33 significant bits: small multiples are exact. */
const HALF_PI_1 = 6746518852 / 2 ** 32;
const HALF_PI_2 = 6.077100506506192e-11;
/** π/2 and what is missing from the double. */
const HALF_PI = 1.5707963267948966;
const HALF_PI_REST = 6.123233995736766e-17;
const QUARTER_PI = HALF_PI / 2;

/** Splits a double into halves whose squares are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

// 1/3!, 1/5!, …, 1/17! with alternating signs, and 1/4!, 1/6!, …, 1/18!.
const SINE_TERMS: readonly number[] = [
  -1 / 6,
  1 / 120,
  -1 / 5040,
  1 / 362880,
  -1 / 39916800,
  1 / 6227020800,
  -1 / 1307674368000,
  1 / 355687428096000,
];
const COSINE_TERMS: readonly number[] = [
  1 / 24,
  -1 / 720,
  1 / 40320,
  -1 / 3628800,
  1 / 479001600,
  -1 / 87178291200,
  1 / 20922789888000,
  -1 / 6402373705728000,
];
const ARCSINE_TERM_COUNT = 26;
const ARCSINE_TERMS: readonly number[] = arcsineTerms();

/** The series of arcsine is x + Σ terms[n] x^(2n+3). */
function arcsineTerms(): number[] {
  const terms: number[] = [];
  // (2n)! / (4^n n!²), which divided by 2n + 1 is the coefficient of x^(2n+1).
  let central = 1;
  for (let n = 1; n <= ARCSINE_TERM_COUNT; n++) {
    central *= (2 * n - 1) / (2 * n);
    terms.push(central / (2 * n + 1));
  }
  return terms;
}

/** Σ terms[n] z^n */
function series(terms: readonly number[], z: number): number {
  let sum = 0;
  for (let n = terms.length - 1; n >= 0; n--) sum = sum * z + terms[n];
  return sum;
}

export function sine(x: number): number {
  return quadrant(x, 0);
}

export function cosine(x: number): number {
  return quadrant(x, 1);
}

/** Sine of x plus `turns` quarter turns. */
function quadrant(x: number, turns: number): number {
  const quarters = Math.round(x / HALF_PI);
  // x - quarters π/2 = high + low
  const first = x - quarters * HALF_PI_1;
  const second = quarters * HALF_PI_2;
  const high = first - second;
  const low = first - high - second;
  const place = (quarters + turns) & 3;
  const value = (place & 1) === 0 ? sineNearZero(high, low) : cosineNearZero(high, low);
  return place < 2 ? value : -value;
}

function sineNearZero(high: number, low: number): number {
  const z = high * high;
  return high + (high * z * series(SINE_TERMS, z) + low * (1 - z / 2));
}

function cosineNearZero(high: number, low: number): number {
  const z = high * high;
  const half = z / 2;
  const rounded = 1 - half;
  return rounded + (1 - rounded - half + (z * z * series(COSINE_TERMS, z) - high * low));
}

/** NaN beyond [-1, 1]. */
export function arcsine(x: number): number {
  if (x < 0) return -arcsine(-x);
  if (x <= 0.5) return x + x * x * x * series(ARCSINE_TERMS, x * x);
  // π/2 - 2 arcsin √((1 - x) / 2), with the root as a sum of two doubles.
  const z = (1 - x) / 2;
  const root = Math.sqrt(z);
  const beyond = 2 * root * z * series(ARCSINE_TERMS, z);
  const scaled = root * SPLITTER;
  const high = scaled - (scaled - root);
  const low = z === 0 ? 0 : (z - high * high) / (root + high);
  return QUARTER_PI - (beyond - (HALF_PI_REST - 2 * low) - (QUARTER_PI - 2 * high));
}
