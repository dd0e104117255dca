// Places, lengths and units among the arguments, and how places and distances are answered.
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type GeoPosition, LATITUDE_MAX, LONGITUDE_MAX } from "../types/geo/geohash.ts";
import { formatFixed, formatHumanLongDouble, formatScaled, parseDouble } from "../util/double.ts";
import { integerLength, writeInteger } from "../util/integer.ts";
import { NOT_FLOAT } from "./errors.ts";

const UNKNOWN_UNIT = "ERR unsupported unit provided. please use M, KM, FT, MI";
const DOT = 46;
const DIGIT_0 = 48;
/** Digits behind the dot of a distance. */
const DISTANCE_DIGITS = 4;
const DISTANCE_SCALE = 10000;
/** How Redis shows a distance that is not a number. */
const NAN_DISTANCE = "-922337203685477.5808";

/** The number in argument i. Answers with the error itself and returns NaN when it is none. */
export function numberAt(args: Args, i: number, reply: Reply, error: string): number {
  const value = parseDouble(args.bytes, args.offset[i], args.length[i]);
  if (Number.isNaN(value)) reply.error(error);
  return value;
}

/** The place in arguments i and i + 1. Answers with the error itself and returns false when wrong. */
export function parsePosition(args: Args, i: number, position: GeoPosition, reply: Reply): boolean {
  const longitude = numberAt(args, i, reply, NOT_FLOAT);
  if (Number.isNaN(longitude)) return false;
  const latitude = numberAt(args, i + 1, reply, NOT_FLOAT);
  if (Number.isNaN(latitude)) return false;
  if (Math.abs(longitude) > LONGITUDE_MAX || Math.abs(latitude) > LATITUDE_MAX) {
    const pair = `${formatFixed(longitude, 6)},${formatFixed(latitude, 6)}`;
    reply.error(`ERR invalid longitude,latitude pair ${pair}`);
    return false;
  }
  position.longitude = longitude;
  position.latitude = latitude;
  return true;
}

/** Metres per unit in argument i. Answers with the error itself and returns NaN when it is none. */
export function unitMetersAt(args: Args, i: number, reply: Reply): number {
  if (args.is(i, "m")) return 1;
  if (args.is(i, "km")) return 1000;
  if (args.is(i, "ft")) return 0.3048;
  if (args.is(i, "mi")) return 1609.34;
  reply.error(UNKNOWN_UNIT);
  return Number.NaN;
}

/** A place as an array of its longitude and latitude. */
export function replyPosition(position: GeoPosition, reply: Reply): void {
  reply.array(2);
  replyCoordinate(position.longitude, reply);
  replyCoordinate(position.latitude, reply);
}

function replyCoordinate(degrees: number, reply: Reply): void {
  const text = formatHumanLongDouble(degrees);
  if (reply.resp === 2) reply.bulkText(text);
  else reply.raw(`,${text}\r\n`);
}

/** A distance as a string with four digits behind the dot. */
export function replyDistance(distance: number, reply: Reply): void {
  const scaled = distance * DISTANCE_SCALE;
  if (Number.isNaN(scaled)) return reply.bulkText(NAN_DISTANCE);
  if (!(scaled < Number.MAX_SAFE_INTEGER)) {
    return reply.bulkText(formatScaled(distance, DISTANCE_DIGITS));
  }
  let units = Math.floor(scaled);
  const rest = scaled - units;
  if (rest > 0.5 || (rest === 0.5 && units % 2 === 1)) units++;
  const whole = Math.floor(units / DISTANCE_SCALE);
  let fraction = units - whole * DISTANCE_SCALE;
  const start = reply.bulkSpace(integerLength(whole) + 1 + DISTANCE_DIGITS);
  const { bytes } = reply;
  const dot = writeInteger(bytes, start, whole);
  bytes[dot] = DOT;
  for (let at = dot + DISTANCE_DIGITS; at > dot; at--) {
    const rounded = Math.floor(fraction / 10);
    bytes[at] = DIGIT_0 + fraction - rounded * 10;
    fraction = rounded;
  }
}
