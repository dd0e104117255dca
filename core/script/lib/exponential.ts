// Exponentials, logarithms and powers. Those of Math may differ from one JavaScript engine to the
// next, and scripts must compute the same everywhere. Results are rounded correctly in all but a
// few of many million cases, as those of good C libraries nearly always are.
import {
  add,
  divide,
  multiply,
  ONE,
  type Pair,
  productOf,
  ratio,
  rounded,
  scale,
  scaleByPowerOfTwo,
  series,
  subtract,
  sumOf,
} from "./double-double.ts";

/** ln 2 = LN2_HIGH + LN2_LOW; the first has 32 bits, so its multiples are exact. */
const LN2_HIGH = 2977044471 / 2 ** 32;
const LN2_LOW: Pair = [1.9082149292705877e-10, 1.1612227229362532e-26];
const LN2: Pair = [Math.LN2, 2.3190468138462996e-17];
/** Beyond these, e^x is 0 or infinite. */
const EXPONENT_MAX = 710;
const EXPONENT_MIN = -746;
/** e^r is computed as e^(r / 2^HALVINGS), squared so many times. */
const HALVINGS = 6;
const TERM_COUNT = 13;
/** 1/1!, 1/2!, … */
const TERMS: readonly Pair[] = factorialTerms(TERM_COUNT);
/** 1/1, -1/2, 1/3, … */
const LOGARITHM_TERMS: readonly Pair[] = Array.from({ length: 14 }, (_, n) =>
  ratio(n % 2 === 0 ? 1 : -1, n + 1),
);
const NEAR_ONE = 2 ** -8;
const SAFE_POWER_MAX = 64;

function factorialTerms(count: number): Pair[] {
  const terms: Pair[] = [ONE];
  for (let n = 2; n <= count; n++) terms.push(divide(terms[n - 2], [n, 0]));
  return terms;
}

/** e^x = value × 2^power, for x within the limits. */
interface Scaled {
  value: Pair;
  power: number;
}

function scaledExponential(x: Pair): Scaled {
  const power = Math.round(x[0] * Math.LOG2E);
  const [high, error] = sumOf(x[0], -power * LN2_HIGH);
  const rest = add([high, error], [x[1], 0]);
  const reduced = subtract(rest, multiply([power, 0], LN2_LOW));
  // Of e^r - 1, so that no bits are lost: (1 + a)² - 1 = 2a + a².
  const small = scale(reduced, 2 ** -HALVINGS);
  let value = multiply(series(TERMS, small), small);
  for (let i = 0; i < HALVINGS; i++) value = add(scale(value, 2), multiply(value, value));
  return { value: add(value, ONE), power };
}

export function exponential(x: number): number {
  if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x;
  if (x > EXPONENT_MAX) return Number.POSITIVE_INFINITY;
  if (x < EXPONENT_MIN) return 0;
  return unscaled(scaledExponential([x, 0]));
}

/** Rounds once, also where the result is subnormal and has fewer bits. */
function unscaled({ value, power }: Scaled): number {
  const smallest = scaleByPowerOfTwo(1, -1022 - power);
  if (value[0] >= smallest) return scaleByPowerOfTwo(rounded(value), power);
  // The sum has its last bit where the result will have it.
  return scaleByPowerOfTwo(add([smallest, 0], value)[0] - smallest, power);
}

/** The logarithm of a finite number above 0. */
function logarithmPair(x: number): Pair {
  if (Math.abs(x - 1) < NEAR_ONE) {
    const small: Pair = [x - 1, 0];
    return multiply(series(LOGARITHM_TERMS, small), small);
  }
  let [fraction, power] = splitPower(x);
  fraction *= 2;
  power--;
  if (fraction > Math.SQRT2) {
    fraction /= 2;
    power++;
  }
  // A first value from the series of artanh, and one step of Newton's method in more bits.
  const first = roughLogarithm(fraction);
  const { value, power: shift } = scaledExponential([first, 0]);
  const back = scale(value, 2 ** shift);
  const step = divide(subtract([fraction, 0], back), add([fraction, 0], back));
  return add(multiply([power, 0], LN2), add([first, 0], scale(step, 2)));
}

function roughLogarithm(x: number): number {
  const s = (x - 1) / (x + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 21; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return 2 * s * sum;
}

/** x = fraction × 2^power, 1/2 <= |fraction| < 1; the number itself when there is no such thing. */
export function splitPower(x: number): [fraction: number, power: number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  view.setFloat64(0, x);
  const high = view.getInt32(0);
  const power = (high >>> 20) & 2047;
  if (power === 0) {
    const [fraction, lower] = splitPower(x * 2 ** 54);
    return [fraction, lower - 54];
  }
  view.setInt32(0, (high & ~(2047 << 20)) | (1022 << 20));
  return [view.getFloat64(0), power - 1022];
}

const view: DataView = new DataView(new ArrayBuffer(8));

export function logarithm(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  return x === Number.POSITIVE_INFINITY ? x : rounded(logarithmPair(x));
}

/** Not rounded correctly by the C library, whose formula this is. */
export function logarithm10(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const [half, power] = splitPower(x);
  // x = fraction × 2^exponent with the fraction in [1/2, 1) below 1, else in [1, 2).
  const exponent = power - 1 < 0 ? power : power - 1;
  const fraction = power - 1 < 0 ? half : half * 2;
  const low = exponent * LOG10_OF_2_LOW + Math.LOG10E * logarithm(fraction);
  return low + exponent * LOG10_OF_2_HIGH;
}

const LOG10_OF_2_HIGH = 0.30102999566361177;
const LOG10_OF_2_LOW = 3.694239077158931e-13;

/** C's pow: 1 to whatever power is 1, and so is -1 to an infinite one. */
export function power(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 1) return x;
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (!Number.isFinite(y)) return infinitePower(Math.abs(x), y);
  const isInteger = Math.floor(y) === y;
  const isOdd = isInteger && Math.abs(y % 2) === 1;
  if (x === 0 || !Number.isFinite(x)) {
    const isHuge = (x === 0) === y < 0;
    const magnitude = isHuge ? Number.POSITIVE_INFINITY : 0;
    return isOdd && (x < 0 || 1 / x < 0) ? -magnitude : magnitude;
  }
  if (x < 0 && !isInteger) return Number.NaN;
  const magnitude = finitePower(Math.abs(x), y);
  return x < 0 && isOdd ? -magnitude : magnitude;
}

function infinitePower(magnitude: number, y: number): number {
  if (magnitude === 1) return 1;
  return magnitude > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** x above 0, both finite. */
function finitePower(x: number, y: number): number {
  if (x === 1) return 1;
  if (x === 2 && Math.floor(y) === y) return scaleByPowerOfTwo(1, y);
  if (Math.abs(y) <= SAFE_POWER_MAX && Math.floor(y) === y && Math.floor(x) === x) {
    let product = x;
    const count = Math.abs(y);
    for (let i = 1; i < count && product <= Number.MAX_SAFE_INTEGER; i++) product *= x;
    // The product is exact, and a division rounds once.
    if (product <= Number.MAX_SAFE_INTEGER) return y < 0 ? 1 / product : product;
  }
  if (y === 0.5) return Math.sqrt(x);
  const log = logarithmPair(x);
  const estimate = log[0] * y;
  if (estimate > EXPONENT_MAX) return Number.POSITIVE_INFINITY;
  if (estimate < EXPONENT_MIN) return 0;
  const [high, low] = productOf(log[0], y);
  return unscaled(scaledExponential(add([high, low], [log[1] * y, 0])));
}

/** e^x - 1 */
function exponentialMinusOne(x: number): number {
  if (Math.abs(x) < 2 ** -54) return x;
  const { value, power: exponent } = scaledExponential([x, 0]);
  return rounded(subtract(scale(value, 2 ** exponent), ONE));
}

// The hyperbolic functions are not rounded correctly by the C library; these are its formulas.

/** Where e^-x does not show beside e^x any more. */
const HYPERBOLIC_MAX = 22;

export function hyperbolicCosine(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (magnitude < Math.LN2 / 2) {
    const t = exponentialMinusOne(magnitude);
    const w = 1 + t;
    return magnitude < 2 ** -55 ? w : 1 + (t * t) / (w + w);
  }
  if (magnitude < HYPERBOLIC_MAX) {
    const t = exponential(magnitude);
    return 0.5 * t + 0.5 / t;
  }
  return halfExponential(magnitude);
}

export function hyperbolicSine(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || magnitude < 2 ** -28) return x;
  const half = x < 0 ? -0.5 : 0.5;
  if (magnitude >= HYPERBOLIC_MAX) return 2 * half * halfExponential(magnitude);
  const t = exponentialMinusOne(magnitude);
  return magnitude < 1 ? half * (2 * t - (t * t) / (t + 1)) : half * (t + t / (t + 1));
}

/** e^x / 2, also where e^x is too large. */
function halfExponential(x: number): number {
  const root = exponential(x / 2);
  return x < EXPONENT_MAX - 1 ? 0.5 * exponential(x) : 0.5 * root * root;
}

export function hyperbolicTangent(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || magnitude < 2 ** -55) return x;
  let value = 1;
  if (magnitude < 1) {
    const t = exponentialMinusOne(-2 * magnitude);
    value = -t / (t + 2);
  } else if (magnitude < HYPERBOLIC_MAX) {
    value = 1 - 2 / (exponentialMinusOne(2 * magnitude) + 2);
  }
  return x < 0 ? -value : value;
}
