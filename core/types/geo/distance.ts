// Distances on the globe, taken as a sphere: the haversine formula. Results are the same on every
// engine (trigonometry.ts).
import { arcsine, cosine, roughCosine, roughSine, sine } from "../../util/trigonometry.ts";

export const EARTH_RADIUS_METERS = 6372797.560856;
const RADIANS_PER_DEGREE = Math.PI / 180;

export function radians(degrees: number): number {
  return degrees * RADIANS_PER_DEGREE;
}

export function degrees(angle: number): number {
  return angle / RADIANS_PER_DEGREE;
}

/** Metres between two places, in degrees. */
export function distanceMeters(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = sine((radians(longitude2) - radians(longitude1)) / 2);
  if (v === 0) return latitudeDistanceMeters(latitude1, latitude2);
  const angle1 = radians(latitude1);
  const angle2 = radians(latitude2);
  const u = sine((angle2 - angle1) / 2);
  const a = u * u + cosine(angle1) * cosine(angle2) * v * v;
  return 2 * EARTH_RADIUS_METERS * arcsine(Math.sqrt(a));
}

/**
 * Square of the sine of half the angle between two places: grows with their distance. `cosine1` is
 * that of the first latitude. Good to about 14 digits, and cheap.
 */
export function roughHaversine(
  longitude1: number,
  latitude1: number,
  cosine1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = roughSine((radians(longitude2) - radians(longitude1)) / 2);
  const angle2 = radians(latitude2);
  const u = roughSine((angle2 - radians(latitude1)) / 2);
  return u * u + cosine1 * roughCosine(angle2) * v * v;
}

/** The haversine, as above, of a distance. */
export function haversineOf(meters: number): number {
  const angle = meters / (2 * EARTH_RADIUS_METERS);
  return angle >= Math.PI / 2 ? 1 : roughSine(angle) ** 2;
}

/** Metres between two latitudes. */
export function latitudeDistanceMeters(latitude1: number, latitude2: number): number {
  return EARTH_RADIUS_METERS * Math.abs(radians(latitude2) - radians(latitude1));
}
