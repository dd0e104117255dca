// Grisu2: the decimal digits of a double, by Florian Loitsch, "Printing Floating-Point Numbers
// Quickly and Accurately with Integers" (2010). The digits always read back as the same double;
// in about one case of a thousand they are not the shortest ones. Redis 7.2 and later print this
// way, so this is the algorithm to follow and not the always shortest digits of `String`.
//
// A 64-bit word is two doubles, `High` and `Low`, each an integer below 2^32: sums and products
// with small factors are exact then, and `(aHigh - bHigh) * 2^32 + (aLow - bLow)` has exactly the
// sign of a - b even where it is rounded.
//
// The value v = f × 2^e lies between two boundaries, half-way to its neighbours. All three are
// multiplied with a cached power of ten that brings the binary exponent to -60..-32, so that the
// upper boundary splits into a 32-bit integer part and a fraction; its digits are made one at a
// time until what is left is smaller than the interval; the last digit is then lowered towards v.

const TWO_16 = 65536;
const TWO_21 = 2097152;
const TWO_32 = 4294967296;
const TWO_52 = 4503599627370496;
const TWO_53 = 9007199254740992;
const DIGIT_0 = 48;
/** Binary exponent of the lowest bit of a subnormal double. */
const EXPONENT_MIN = -1074;

const POWER_FIRST = -348;
const POWER_STEP = 8;
const POWER_COUNT = 87;
const LOG10_OF_2 = 0.30102999566398114;
/** Range of the binary exponent after the multiplication with the cached power. */
const SCALED_EXPONENT_MIN = -60;
const SCALED_EXPONENT_MAX = -32;

/** 10^(-348 + 8i) = (high × 2^32 + low) × 2^exponent, rounded to nearest, highest bit set. */
const POWER_HIGH = new Float64Array(POWER_COUNT);
const POWER_LOW = new Float64Array(POWER_COUNT);
const POWER_EXPONENT = new Int32Array(POWER_COUNT);
for (let i = 0; i < POWER_COUNT; i++) setCachedPower(i);

/** Powers of two: index k holds 2^(2^k), k = 0..9. */
const DOUBLINGS = new Float64Array(10);
DOUBLINGS[0] = 2;
for (let k = 1; k < 10; k++) DOUBLINGS[k] = DOUBLINGS[k - 1] * DOUBLINGS[k - 1];

function setCachedPower(index: number): void {
  const power = POWER_FIRST + POWER_STEP * index;
  const numerator = power > 0 ? 10n ** BigInt(power) : 1n;
  const denominator = power < 0 ? 10n ** BigInt(-power) : 1n;
  // One or two bits more than the 64 wanted, then rounded to 64.
  const excess = numerator.toString(2).length - denominator.toString(2).length - 65;
  let fraction =
    excess > 0
      ? numerator / (denominator << BigInt(excess))
      : (numerator << BigInt(-excess)) / denominator;
  const surplus = fraction.toString(2).length - 64;
  fraction = (fraction + (1n << BigInt(surplus - 1))) >> BigInt(surplus);
  POWER_HIGH[index] = Number(fraction >> 32n);
  POWER_LOW[index] = Number(fraction & 0xffffffffn);
  POWER_EXPONENT[index] = excess + surplus;
}

/** Number of digits in an answer of `grisuDigits`. */
export function digitCount(packed: number): number {
  return packed & 31;
}

/** Decimal exponent of the last digit in an answer of `grisuDigits`. */
export function digitExponent(packed: number): number {
  return (packed >> 5) - 1024;
}

/**
 * Writes the digits of a finite value above zero at bytes[at], at most 18 of them. The answer
 * packs how many there are and the power of ten of the last one.
 */
export function grisuDigits(value: number, bytes: Uint8Array, at: number): number {
  // value = fraction × 2^exponent, 2^52 <= fraction < 2^53.
  let fraction = value;
  let exponent = 0;
  if (fraction >= TWO_52) {
    for (let k = 9; k >= 0; k--) {
      if (fraction < TWO_52 * DOUBLINGS[k]) continue;
      fraction /= DOUBLINGS[k];
      exponent += 1 << k;
    }
  } else {
    // Subnormal numbers are up to 2^1126 away, which takes the largest step twice.
    for (let k = 9; k >= 0; k -= fraction < TWO_53 / DOUBLINGS[9] ? 0 : 1) {
      if (fraction >= TWO_53 / DOUBLINGS[k]) continue;
      fraction *= DOUBLINGS[k];
      exponent -= 1 << k;
    }
  }
  const subnormalShift = exponent < EXPONENT_MIN ? EXPONENT_MIN - exponent : 0;

  // The value, 11 bits to the left: the highest bit of the word is set.
  const valueHigh = Math.floor(fraction / TWO_21);
  const valueLow = (fraction - valueHigh * TWO_21) * 2048;
  // Half of the distance to the next double.
  const halfShift = 10 + subnormalShift;
  const halfHigh = halfShift < 32 ? 0 : powerOfTwo(halfShift - 32);
  const halfLow = halfShift < 32 ? powerOfTwo(halfShift) : 0;
  let upperHigh = valueHigh + halfHigh;
  let upperLow = valueLow + halfLow;
  if (upperLow >= TWO_32) {
    upperLow -= TWO_32;
    upperHigh++;
  }
  // Below a power of two the doubles are twice as dense.
  const closer = fraction === TWO_52 && subnormalShift === 0 ? 2 : 1;
  let lowerHigh = valueHigh - halfHigh / closer;
  let lowerLow = valueLow - halfLow / closer;
  if (lowerLow < 0) {
    lowerLow += TWO_32;
    lowerHigh--;
  }

  const index = cachedPowerFor(exponent - 11);
  const powerHigh = POWER_HIGH[index];
  const powerLow = POWER_LOW[index];
  const shift = -(exponent - 11 + POWER_EXPONENT[index] + 64);

  const scaled = productMiddle(valueHigh, valueLow, powerHigh, powerLow);
  const scaledCarry = Math.floor(scaled / TWO_32);
  const scaledHigh = highHalf(valueHigh, powerHigh) + scaledCarry;
  const scaledLow = scaled - scaledCarry * TWO_32;
  const top = productMiddle(upperHigh, upperLow, powerHigh, powerLow);
  const topCarry = Math.floor(top / TWO_32);
  let topHigh = highHalf(upperHigh, powerHigh) + topCarry;
  let topLow = top - topCarry * TWO_32;
  const bottom = productMiddle(lowerHigh, lowerLow, powerHigh, powerLow);
  const bottomCarry = Math.floor(bottom / TWO_32);
  const bottomHigh = highHalf(lowerHigh, powerHigh) + bottomCarry;
  const bottomLow = bottom - bottomCarry * TWO_32;

  // The products may be off by one: the interval shrinks by one at both ends.
  if (topLow === 0) {
    topLow = TWO_32;
    topHigh--;
  }
  topLow--;
  let widthHigh = topHigh - bottomHigh;
  let widthLow = topLow - bottomLow - 1;
  if (widthLow < 0) {
    widthLow += TWO_32;
    widthHigh--;
  }
  let aboveHigh = topHigh - scaledHigh;
  let aboveLow = topLow - scaledLow;
  if (aboveLow < 0) {
    aboveLow += TWO_32;
    aboveHigh--;
  }

  // `unit` is one in the scale of the high halves.
  const unit = powerOfTwo(shift - 32);
  let integer = Math.floor(topHigh / unit);
  let restHigh = topHigh - integer * unit;
  let restLow = topLow;
  const base = -(POWER_FIRST + index * POWER_STEP);

  let count = 0;
  let kappa = 10;
  let divisor = 1000000000;
  while (kappa > 0) {
    const digit = Math.floor(integer / divisor);
    if (digit !== 0 || count !== 0) bytes[at + count++] = DIGIT_0 + digit;
    integer -= digit * divisor;
    kappa--;
    const leftHigh = integer * unit + restHigh;
    if ((leftHigh - widthHigh) * TWO_32 + (restLow - widthLow) <= 0) {
      const last = at + count - 1;
      const stepHigh = divisor * unit;
      bytes[last] -= stepsDown(
        widthHigh,
        widthLow,
        leftHigh,
        restLow,
        stepHigh,
        aboveHigh,
        aboveLow,
      );
      return ((base + kappa + 1024) << 5) | count;
    }
    divisor /= 10;
  }
  for (;;) {
    let carry = Math.floor((restLow * 10) / TWO_32);
    restHigh = restHigh * 10 + carry;
    restLow = restLow * 10 - carry * TWO_32;
    carry = Math.floor((widthLow * 10) / TWO_32);
    widthHigh = widthHigh * 10 + carry;
    widthLow = widthLow * 10 - carry * TWO_32;
    carry = Math.floor((aboveLow * 10) / TWO_32);
    aboveHigh = aboveHigh * 10 + carry;
    aboveLow = aboveLow * 10 - carry * TWO_32;
    kappa--;
    const digit = Math.floor(restHigh / unit);
    if (digit !== 0 || count !== 0) bytes[at + count++] = DIGIT_0 + digit;
    restHigh -= digit * unit;
    if ((restHigh - widthHigh) * TWO_32 + (restLow - widthLow) < 0) {
      const last = at + count - 1;
      bytes[last] -= stepsDown(widthHigh, widthLow, restHigh, restLow, unit, aboveHigh, aboveLow);
      return ((base + kappa + 1024) << 5) | count;
    }
  }
}

/**
 * By how much the last digit is lowered so that the digits come closest to the value: `rest` is
 * how far the digits lie below the upper end of the interval, `above` how far the value does, and
 * one unit of the last digit is `stepHigh` × 2^32.
 */
function stepsDown(
  widthHigh: number,
  widthLow: number,
  restHigh: number,
  restLow: number,
  stepHigh: number,
  aboveHigh: number,
  aboveLow: number,
): number {
  let rest = restHigh;
  let steps = 0;
  while ((rest - aboveHigh) * TWO_32 + (restLow - aboveLow) < 0) {
    const next = rest + stepHigh;
    if ((widthHigh - next) * TWO_32 + (widthLow - restLow) < 0) break;
    const nextBelow = (next - aboveHigh) * TWO_32 + (restLow - aboveLow) < 0;
    // Otherwise the value lies between the two: is the next one closer?
    const closer = (2 * aboveHigh - rest - next) * TWO_32 + (2 * aboveLow - 2 * restLow) > 0;
    if (!nextBelow && !closer) break;
    rest = next;
    steps++;
  }
  return steps;
}

/** The index of the cached power that brings `exponent` into the range wanted. */
function cachedPowerFor(exponent: number): number {
  const approximate = Math.trunc(-(exponent + POWER_COUNT) * LOG10_OF_2);
  let index = Math.trunc((approximate - POWER_FIRST) / POWER_STEP);
  for (;;) {
    const scaled = exponent + POWER_EXPONENT[index] + 64;
    if (scaled < SCALED_EXPONENT_MIN) index++;
    else if (scaled > SCALED_EXPONENT_MAX) index--;
    else return index;
  }
}

/**
 * Of a 64 × 64-bit product rounded at its lower 64 bits: bits 64 to 95, with the carry into the
 * bits above still on top.
 */
function productMiddle(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const below = lowHalf(aHigh, bLow) + lowHalf(aLow, bHigh) + highHalf(aLow, bLow) + 2147483648;
  return (
    lowHalf(aHigh, bHigh) +
    highHalf(aHigh, bLow) +
    highHalf(aLow, bHigh) +
    Math.floor(below / TWO_32)
  );
}

function lowHalf(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

function highHalf(a: number, b: number): number {
  const upper = Math.floor(b / TWO_16);
  const lower = b - upper * TWO_16;
  return Math.floor((a * upper + Math.floor((a * lower) / TWO_16)) / TWO_16);
}

/** 2^exponent for 0 <= exponent <= 52. */
function powerOfTwo(exponent: number): number {
  return exponent < 31 ? 1 << exponent : (1 << (exponent - 30)) * 1073741824;
}
