// Sine, cosine and arcsine, because those of Math may differ from one JavaScript engine to the next,
// and whatever the core computes must be the same everywhere. Results are rounded correctly in all
// but a few of a million cases, as those of good C libraries nearly always are; so distances come out
// the same, too. The arguments are angles of a few turns at most, as on a globe.
//
// The argument is reduced to [-π/4, π/4] as a sum of two doubles; the Taylor series of that is summed
// with its first terms as pairs of doubles, and the error of every operation that counts is carried
// along (Dekker; Knuth). Arcsine is a series and one step of Newton's method.

/** π/2 = HALF_PI_1 + HALF_PI_2 + HALF_PI_3; the first two have 33 bits, so multiples are exact. */
const HALF_PI_1 = 6746518852 / 2 ** 32;
const HALF_PI_2 = 4484108710 / 2 ** 66;
const HALF_PI_3 = 2.0222662487959506e-21;
/** π/2 and what is missing from the double. */
const HALF_PI = 1.5707963267948966;
const HALF_PI_REST = 6.123233995736766e-17;

/** Splits a double into two halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

// The first coefficients, and what is missing from the doubles.
const SIXTH = -1 / 6;
const SIXTH_REST = -9.25185853854297e-18;
const ONE_OVER_120 = 1 / 120;
const ONE_OVER_120_REST = 1.1564823173178714e-19;
const ONE_OVER_24 = 1 / 24;
const ONE_OVER_24_REST = 2.3129646346357427e-18;
/** -1/7!, 1/9!, …, 1/17! */
const SINE_TERMS: readonly number[] = [
  -1 / 5040,
  1 / 362880,
  -1 / 39916800,
  1 / 6227020800,
  -1 / 1307674368000,
  1 / 355687428096000,
];
/** -1/6!, 1/8!, …, 1/20! */
const COSINE_TERMS: readonly number[] = [
  -1 / 720,
  1 / 40320,
  -1 / 3628800,
  1 / 479001600,
  -1 / 87178291200,
  1 / 20922789888000,
  -1 / 6402373705728000,
  1 / 2432902008176640000,
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

export function sine(x: number): number {
  return quadrant(x, 0);
}

export function cosine(x: number): number {
  return quadrant(x, 1);
}

/** Sine to about 15 digits, several times faster, for those who compare with a margin. */
export function roughSine(x: number): number {
  const quarters = Math.round(x / HALF_PI);
  const rest = x - quarters * HALF_PI_1 - quarters * HALF_PI_2;
  const value = (quarters & 1) === 0 ? roughSineNearZero(rest) : roughCosineNearZero(rest);
  return (quarters & 2) === 0 ? value : -value;
}

/** As `roughSine`. */
export function roughCosine(x: number): number {
  return roughSine(x + HALF_PI);
}

function roughSineNearZero(x: number): number {
  const z = x * x;
  return x + x * z * (SIXTH + z * (ONE_OVER_120 + z * series(SINE_TERMS, z)));
}

function roughCosineNearZero(x: number): number {
  const z = x * x;
  return 1 + z * (z * (ONE_OVER_24 + z * series(COSINE_TERMS, z)) - 0.5);
}

/** NaN beyond [-1, 1]. */
export function arcsine(x: number): number {
  if (x < 0) return -arcsine(-x);
  if (x <= 0.5) {
    const angle = x + x * x * x * series(ARCSINE_TERMS, x * x);
    return angle - sineNearZero(angle, 0, x) / cosineNearZero(angle, 0);
  }
  // π/2 - 2 arcsin √((1 - x) / 2), with root and angle as sums of two doubles.
  const z = (1 - x) / 2;
  if (z === 0) return HALF_PI;
  const root = Math.sqrt(z);
  const square = root * root;
  const rootRest = (z - square - productError(root, root, square)) / (2 * root);
  const angle = root + root * z * series(ARCSINE_TERMS, z);
  const angleRest = (rootRest - sineNearZero(angle, 0, root)) / cosineNearZero(angle, 0);
  const result = HALF_PI - 2 * angle;
  return result + (sumError(HALF_PI, -2 * angle, result) + HALF_PI_REST - 2 * angleRest);
}

/** Sine of x plus `turns` quarter turns. */
function quadrant(x: number, turns: number): number {
  const quarters = Math.round(x / HALF_PI);
  // x - quarters π/2 = high + low
  const first = x - quarters * HALF_PI_1;
  const second = quarters * HALF_PI_2;
  const difference = first - second;
  const rest = first - difference - second - quarters * HALF_PI_3;
  const high = difference + rest;
  const low = rest - (high - difference);
  const place = (quarters + turns) & 3;
  const value = (place & 1) === 0 ? sineNearZero(high, low, 0) : cosineNearZero(high, low);
  return place < 2 ? value : -value;
}

/** sin(h + l) - minus, where l is what is missing from h. */
function sineNearZero(h: number, l: number, minus: number): number {
  const z = h * h;
  const zRest = productError(h, h, z) + 2 * h * l;
  // a = 1/5! - z/7! + …
  const rest = z * series(SINE_TERMS, z);
  const a = ONE_OVER_120 + rest;
  const aRest = sumError(ONE_OVER_120, rest, a) + ONE_OVER_120_REST;
  // c = -1/3! + z a
  const b = z * a;
  const bRest = productError(z, a, b) + z * aRest + zRest * a;
  const c = SIXTH + b;
  const cRest = sumError(SIXTH, b, c) + SIXTH_REST + bRest;
  // h + h z c
  const cube = h * z;
  const cubeRest = productError(h, z, cube) + h * zRest + l * z;
  const d = cube * c;
  const dRest = productError(cube, c, d) + cube * cRest + cubeRest * c;
  const sum = h + d;
  return sum - minus + (sumError(h, d, sum) + dRest + l);
}

/** cos(h + l) */
function cosineNearZero(h: number, l: number): number {
  const z = h * h;
  const zRest = productError(h, h, z) + 2 * h * l;
  // a = 1/4! - z/6! + …
  const rest = z * series(COSINE_TERMS, z);
  const a = ONE_OVER_24 + rest;
  const aRest = sumError(ONE_OVER_24, rest, a) + ONE_OVER_24_REST;
  // c = -1/2 + z a
  const b = z * a;
  const bRest = productError(z, a, b) + z * aRest + zRest * a;
  const c = b - 0.5;
  const cRest = sumError(b, -0.5, c) + bRest;
  // 1 + z c
  const d = z * c;
  const dRest = productError(z, c, d) + z * cRest + zRest * c;
  const sum = 1 + d;
  return sum + (sumError(1, d, sum) + dRest);
}

/** Σ terms[n] z^n */
function series(terms: readonly number[], z: number): number {
  let sum = 0;
  for (let n = terms.length - 1; n >= 0; n--) sum = sum * z + terms[n];
  return sum;
}

/** a + b - sum, exactly, where `sum` is the rounded sum. */
function sumError(a: number, b: number, sum: number): number {
  const rounded = sum - a;
  return a - (sum - rounded) + (b - rounded);
}

/** a × b - product, exactly, where `product` is the rounded product. */
function productError(a: number, b: number, product: number): number {
  const scaledA = a * SPLITTER;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = b * SPLITTER;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}
