// Sines and arcs for all doubles, the same in every JavaScript engine and rounded correctly in all
// but a few of a million cases. Angles of a few turns go to core/util/trigonometry.ts.
import { cosine as cosineOfTurns, sine as sineOfTurns } from "../../util/trigonometry.ts";
import {
  add,
  divide,
  fixedPoint,
  multiply,
  negate,
  ONE,
  type Pair,
  rounded,
  scale,
  series,
  squareRoot,
  subtract,
  sumOf,
} from "./double-double.ts";
import { splitPower } from "./exponential.ts";

const HALF_PI: Pair = [1.5707963267948966, 6.123233995736766e-17];
const PI: Pair = scale(HALF_PI, 2);
/** Up to here the sines of angles on a globe are good. */
const TURNS_MAX = 25;
const QUARTER_PI = 0.7853981633974483;
/** More bits than the fractions of doubles and their exponents take, and some 120 to spare. */
const PI_BITS = 1300;
/** Enough for angles up to this. */
const SHORT_PI_BITS = 256;
const SHORT_MAX = 2 ** 60;
/** -1/3!, 1/5!, … and -1/2!, 1/4!, … */
const SINE_TERMS: readonly Pair[] = factorialTerms(3);
const COSINE_TERMS: readonly Pair[] = factorialTerms(2);
const ARC_TERM_COUNT = 13;

let cachedPi = 0n;
let cachedShortPi = 0n;

function factorialTerms(first: number): Pair[] {
  const terms: Pair[] = [];
  let factorial: Pair = first === 3 ? [6, 0] : [2, 0];
  for (let n = first; n < first + 26; n += 2) {
    const sign = ((n - first) / 2) % 2 === 0 ? -1 : 1;
    terms.push(divide([sign, 0], factorial));
    factorial = multiply(factorial, [(n + 1) * (n + 2), 0]);
  }
  return terms;
}

/** π × 2^bits, by Machin's formula. */
function piOf(isShort: boolean): bigint {
  if (cachedPi === 0n) {
    const guard = 32n;
    const one = 1n << (BigInt(PI_BITS) + guard);
    cachedPi = (16n * inverseArc(5n, one) - 4n * inverseArc(239n, one)) >> guard;
    cachedShortPi = cachedPi >> BigInt(PI_BITS - SHORT_PI_BITS);
  }
  return isShort ? cachedShortPi : cachedPi;
}

/** arctan(1 / n) × one */
function inverseArc(n: bigint, one: bigint): bigint {
  let power = one / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power = -power / (n * n);
    sum += power / k;
  }
  return sum;
}

/** x = quarters × π/2 + rest, |rest| at most about π/4. */
interface Reduced {
  quarters: number;
  rest: Pair;
}

function reduce(x: number): Reduced {
  if (Math.abs(x) <= QUARTER_PI) return { quarters: 0, rest: [x, 0] };
  // x = fraction × 2^exponent with an integral fraction.
  const [half, power] = splitPower(x);
  const fraction = BigInt(half * 2 ** 53);
  const exponent = power - 53;
  const isShort = Math.abs(x) < SHORT_MAX;
  const bitCount = isShort ? SHORT_PI_BITS : PI_BITS;
  const bits = BigInt(bitCount);
  const value =
    exponent >= 0 ? fraction << (bits + BigInt(exponent)) : (fraction << bits) >> BigInt(-exponent);
  const halfPi = piOf(isShort) >> 1n;
  let quarters = value / halfPi;
  let rest = value - quarters * halfPi;
  if (2n * rest > halfPi || 2n * rest < -halfPi) {
    const step = rest > 0n ? 1n : -1n;
    quarters += step;
    rest -= step * halfPi;
  }
  return { quarters: Number(BigInt.asUintN(2, quarters)), rest: fixedPoint(rest, bitCount) };
}

function sineNearZero(x: Pair): Pair {
  const square = multiply(x, x);
  return add(x, multiply(multiply(x, square), series(SINE_TERMS, square)));
}

function cosineNearZero(x: Pair): Pair {
  const square = multiply(x, x);
  return add(ONE, multiply(square, series(COSINE_TERMS, square)));
}

function sineAt({ quarters, rest }: Reduced): Pair {
  const value = (quarters & 1) === 0 ? sineNearZero(rest) : cosineNearZero(rest);
  return (quarters & 2) === 0 ? value : negate(value);
}

export function sine(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < TURNS_MAX) return x === 0 ? x : sineOfTurns(x);
  return isTiny(x) ? x : rounded(sineAt(reduce(x)));
}

export function cosine(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < TURNS_MAX) return cosineOfTurns(x);
  const { quarters, rest } = reduce(x);
  return rounded(sineAt({ quarters: quarters + 1, rest }));
}

export function tangent(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (isTiny(x)) return x;
  const { quarters, rest } = reduce(x);
  return rounded(divide(sineAt({ quarters, rest }), sineAt({ quarters: quarters + 1, rest })));
}

/** So small that it is its own sine, tangent and arc. */
function isTiny(x: number): boolean {
  return Math.abs(x) < 2 ** -28;
}

export function arctangent(x: number): number {
  if (Number.isNaN(x) || isTiny(x)) return x;
  const magnitude = Math.abs(x);
  const arc = magnitude > 2 ** 60 ? HALF_PI : arcOf([magnitude, 0], ONE);
  return x < 0 ? -rounded(arc) : rounded(arc);
}

/** The angle of the point (x, y), from -π to π; the signs of zeros count. */
export function arctangent2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const isLeft = x < 0 || (x === 0 && 1 / x < 0);
  const isBelow = y < 0 || (y === 0 && 1 / y < 0);
  let arc = arcOfPoint(Math.abs(y), Math.abs(x));
  if (isLeft) arc = subtract(PI, arc);
  return isBelow ? -rounded(arc) : rounded(arc);
}

/** Of a point in the first quadrant. */
function arcOfPoint(y: number, x: number): Pair {
  if (y === 0) return [0, 0];
  if (x === 0) return HALF_PI;
  if (y === Number.POSITIVE_INFINITY) {
    return x === Number.POSITIVE_INFINITY ? scale(HALF_PI, 0.5) : HALF_PI;
  }
  if (x === Number.POSITIVE_INFINITY) return [0, 0];
  const quotient = y / x;
  if (quotient > 2 ** 120) return HALF_PI;
  if (quotient < 2 ** -1000) return [quotient, 0];
  // Both to about 1, which loses no bits.
  const [, power] = splitPower(x);
  const up = power > 0 ? -power : Math.min(-power, 1000);
  const factor = 2 ** up;
  return arcOf([y * factor, 0], [x * factor, 0]);
}

/** arctan(y / x), both above 0. */
function arcOf(y: Pair, x: Pair): Pair {
  if (y[0] > x[0]) return subtract(HALF_PI, arcOf(x, y));
  const quotient = divide(y, x);
  const first = roughArc(quotient[0]);
  if (first < 2 ** -28) {
    const cube = multiply(multiply(quotient, quotient), quotient);
    return subtract(quotient, divide(cube, [3, 0]));
  }
  // One step towards the angle whose tangent it is, which triples the number of good bits.
  const s = sineNearZero([first, 0]);
  const c = cosineNearZero([first, 0]);
  const step = divide(subtract(multiply(quotient, c), s), add(c, multiply(quotient, s)));
  return add([first, 0], step);
}

/** arctan(x) to about a double's precision, for 0 <= x <= 1. */
function roughArc(x: number): number {
  // Half the angle, twice.
  const half = x / (1 + Math.sqrt(1 + x * x));
  const quarter = half / (1 + Math.sqrt(1 + half * half));
  const square = quarter * quarter;
  let sum = 0;
  for (let n = ARC_TERM_COUNT; n >= 0; n--) sum = 1 / (2 * n + 1) - square * sum;
  return 4 * quarter * sum;
}

export function arcsine(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude <= 1)) return Number.NaN;
  if (isTiny(x)) return x;
  const arc = arcOf([magnitude, 0], legOf(magnitude));
  return x < 0 ? -rounded(arc) : rounded(arc);
}

export function arccosine(x: number): number {
  if (!(Math.abs(x) <= 1)) return Number.NaN;
  if (x === 1) return 0;
  const arc = Math.abs(x) < 2 ** -60 ? HALF_PI : arcOf(legOf(x), [Math.abs(x), 0]);
  return rounded(x < 0 ? subtract(PI, arc) : arc);
}

/** √(1 - x²) = √((1 - x)(1 + x)) */
function legOf(x: number): Pair {
  return squareRoot(multiply(sumOf(1, -x), sumOf(1, x)));
}
