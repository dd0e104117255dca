// Positions as cells of 52 bits, as Redis keeps them in sorted sets, and what follows from them.

export const LATITUDE_MAX = 85.05112878;
export const LONGITUDE_MAX = 180;
const STEPS = 26;
const EARTH_RADIUS_M = 6372797.560856;
const BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";

export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

/** Longitude and latitude in turns, a bit each, longitude first. */
export function cellOf({ longitude, latitude }: Position, latitudeMax: number): number {
  const column = Math.floor(((longitude + LONGITUDE_MAX) / (2 * LONGITUDE_MAX)) * 2 ** STEPS);
  const row = Math.floor(((latitude + latitudeMax) / (2 * latitudeMax)) * 2 ** STEPS);
  let cell = 0;
  for (let bit = STEPS - 1; bit >= 0; bit--) {
    cell = cell * 4 + (Math.floor(column / 2 ** bit) % 2) * 2 + (Math.floor(row / 2 ** bit) % 2);
  }
  return cell;
}

export function centreOf(cell: number): Position {
  let column = 0;
  let row = 0;
  for (let bit = STEPS - 1; bit >= 0; bit--) {
    const pair = Math.floor(cell / 4 ** bit) % 4;
    column = column * 2 + (pair >> 1);
    row = row * 2 + (pair & 1);
  }
  const at = (index: number, max: number): number => -max + ((index + 0.5) / 2 ** STEPS) * 2 * max;
  return { longitude: at(column, LONGITUDE_MAX), latitude: at(row, LATITUDE_MAX) };
}

export function distanceM(a: Position, b: Position): number {
  const radians = Math.PI / 180;
  const u = Math.sin(((b.latitude - a.latitude) * radians) / 2);
  const v = Math.sin(((b.longitude - a.longitude) * radians) / 2);
  const cosines = Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians);
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(u * u + cosines * v * v));
}

export function hashText(position: Position): string {
  const cell = cellOf(position, 90);
  let text = "";
  for (let i = 0; i < 10; i++) text += BASE32[Math.floor(cell / 2 ** (52 - 5 * (i + 1))) % 32];
  return `${text}0`;
}
