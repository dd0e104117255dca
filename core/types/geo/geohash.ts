// Geohashes: a place on the globe as one integer, its score in a sorted set. Longitude and latitude
// are cut into 2^step parts each; the bits of the two indexes alternate, latitude in the even places,
// so that places close to each other mostly share the upper bits. Scores have 52 bits (26 steps).
//
// A hash does not fit 32 bits, so it is handled as two words, `high` and `low`. An index may be 2^step
// itself, one more than its bits allow, for a place at the very edge; Redis does the same.
import { WIDE_ZERO } from "../../util/wide.ts";

/** Limits of what can be encoded, from EPSG:900913. */
export const LATITUDE_MAX = 85.05112878;
export const LONGITUDE_MAX = 180;
export const STEP_MAX = 26;

const TWO_32 = 4294967296;
/** 2^STEP_MAX */
const PARTS = 67108864;
const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
/** Digits of a geohash as text; the 52 bits are enough for ten, the last is always 0. */
const DIGIT_COUNT = 11;

/** A place in degrees. */
export class GeoPosition {
  longitude: number = WIDE_ZERO;
  latitude: number = WIDE_ZERO;
}

/** Index of the part, of 2^step between -max and max, that a coordinate is in. */
export function partOf(degrees: number, max: number, step: number): number {
  return Math.floor(((degrees + max) / (max + max)) * (1 << step));
}

/** Where a part begins, in degrees. */
export function partStart(index: number, max: number, step: number): number {
  return -max + (index / (1 << step)) * (max + max);
}

/** The score of a place. */
export function encodeScore(longitude: number, latitude: number): number {
  const east = partOf(longitude, LONGITUDE_MAX, STEP_MAX);
  const north = partOf(latitude, LATITUDE_MAX, STEP_MAX);
  return toNumber(interleave(north >>> 16, east >>> 16), interleave(north, east));
}

/** The hash of a cell of fewer steps, as the smallest score in it; `carry` cells further on. */
export function cellScore(north: number, east: number, step: number, carry: number): number {
  const low = (interleave(north, east) >>> 0) + carry;
  const high = (interleave(north >>> 16, east >>> 16) >>> 0) + Math.floor(low / TWO_32);
  const root = 1 << (STEP_MAX - step);
  return toNumber(high, low % TWO_32) * root * root;
}

function toNumber(high: number, low: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** The centre of the cell that a score stands for; any double is taken for one. */
export function decodeScore(score: number, into: GeoPosition): void {
  const whole = Math.trunc(score);
  // Doubles beyond the 64-bit range become what x86 makes of them.
  const bits = whole >= 2 ** 64 ? 0 : Math.max(whole, -(2 ** 63));
  const high = Math.floor(bits / TWO_32);
  const low = bits - high * TWO_32;
  const north = (compact(low) | (compact(high) << 16)) >>> 0;
  const east = (compact(low >>> 1) | (compact(high >>> 1) << 16)) >>> 0;
  into.latitude = centre(north, LATITUDE_MAX);
  into.longitude = centre(east, LONGITUDE_MAX);
}

function centre(index: number, max: number): number {
  const start = -max + (index / PARTS) * (max + max);
  const end = -max + (((index + 1) >>> 0) / PARTS) * (max + max);
  return Math.max(-max, Math.min(max, (start + end) / 2));
}

/** The 16 lowest bits of `even` and `odd` in alternating places. */
function interleave(even: number, odd: number): number {
  return spread(even) | (spread(odd) << 1);
}

/** The 16 lowest bits in the even places. */
function spread(bits: number): number {
  let x = bits & 0xffff;
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** The bits in the even places, side by side. */
function compact(bits: number): number {
  let x = bits & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0x0000ffff;
}

/** A place as the usual geohash text, which knows latitudes up to the poles. */
export function geohashText(position: GeoPosition): string {
  const east = partOf(position.longitude, LONGITUDE_MAX, STEP_MAX);
  const north = partOf(position.latitude, 90, STEP_MAX);
  const high = interleave(north >>> 16, east >>> 16);
  const low = interleave(north, east);
  let text = "";
  for (let shift = 2 * STEP_MAX - 5; text.length < DIGIT_COUNT - 1; shift -= 5) {
    // No digit has bits of both words.
    const digit = shift >= 32 ? high >>> (shift - 32) : low >>> shift;
    text += ALPHABET[digit & 31];
  }
  return `${text}0`;
}
