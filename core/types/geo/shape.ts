// What a search looks for: a circle or a box around a place, and the ranges of scores where its
// places can be. Those are the cell of the centre and its eight neighbours, with as many steps as
// still cover the shape, less the neighbours that it does not reach.

import { cosine, roughCosine } from "../../util/trigonometry.ts";
import { WIDE_ZERO } from "../../util/wide.ts";
import {
  degrees,
  distanceMeters,
  EARTH_RADIUS_METERS,
  haversineOf,
  latitudeDistanceMeters,
  radians,
  roughHaversine,
} from "./distance.ts";
import {
  cellScore,
  type GeoPosition,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  partOf,
  partStart,
  STEP_MAX,
} from "./geohash.ts";

/** Relative; a thousand times what the haversines may be wrong by. */
const HAVERSINE_MARGIN = 1e-10;
/** Half of the equator in the Mercator projection. */
const MERCATOR_MAX = 20037726.37;
/** Latitudes from which on cells are so narrow that one or two steps less are needed. */
const POLAR = 66;
const VERY_POLAR = 80;

// The cells in the order in which Redis visits them, which is that of an unsorted reply.
const NORTH_OF_CENTRE: readonly number[] = [0, 1, -1, 0, 0, 1, 1, -1, -1];
const EAST_OF_CENTRE: readonly number[] = [0, 0, 0, 1, -1, 1, -1, 1, -1];

export class GeoShape {
  longitude: number = WIDE_ZERO;
  latitude: number = WIDE_ZERO;
  /** Metres per unit of the lengths below. */
  unitMeters = 1;
  isBox = false;
  radius = 0;
  width = 0;
  height = 0;
  /** Ranges of scores: `minScores[i]` up to, and without, `maxScores[i]`. */
  readonly minScores: number[] = [];
  readonly maxScores: number[] = [];
  /** Of the centre's latitude. */
  #cosine = WIDE_ZERO;
  /** Degrees north or south of the centre that are surely outside of the circle. */
  #latitudeMax = WIDE_ZERO;
  /** Haversines that are surely inside, and surely outside: of the circle, or half the box's width. */
  #haversineMin = WIDE_ZERO;
  #haversineMax = WIDE_ZERO;

  /** True when the position lies within the shape. After `prepare`. */
  contains(position: GeoPosition): boolean {
    if (this.isBox) return this.#boxContains(position);
    const { longitude, latitude } = this;
    if (Math.abs(position.latitude - latitude) > this.#latitudeMax) return false;
    const haversine = roughHaversine(
      longitude,
      latitude,
      this.#cosine,
      position.longitude,
      position.latitude,
    );
    // Only near the edge does it take the exact distance to tell.
    if (haversine < this.#haversineMin) return true;
    if (haversine > this.#haversineMax) return false;
    return !(this.distanceTo(position) > this.radius * this.unitMeters);
  }

  #boxContains(position: GeoPosition): boolean {
    const south = latitudeDistanceMeters(position.latitude, this.latitude);
    if (south > (this.height * this.unitMeters) / 2) return false;
    const { longitude, latitude } = position;
    const cosine = roughCosine(radians(latitude));
    const haversine = roughHaversine(longitude, latitude, cosine, this.longitude, latitude);
    if (haversine < this.#haversineMin) return true;
    if (haversine > this.#haversineMax) return false;
    const west = distanceMeters(longitude, latitude, this.longitude, latitude);
    return !(west > (this.width * this.unitMeters) / 2);
  }

  /** Metres from the centre to the position. */
  distanceTo(position: GeoPosition): number {
    const { longitude, latitude } = this;
    return distanceMeters(longitude, latitude, position.longitude, position.latitude);
  }

  /** Gets ready to search: all lengths are known now. */
  prepare(): void {
    const meters = (this.isBox ? this.width / 2 : this.radius) * this.unitMeters;
    const haversine = haversineOf(meters);
    this.#cosine = roughCosine(radians(this.latitude));
    this.#latitudeMax = degrees(meters / EARTH_RADIUS_METERS) * (1 + HAVERSINE_MARGIN);
    this.#haversineMin = haversine * (1 - HAVERSINE_MARGIN);
    this.#haversineMax = haversine * (1 + HAVERSINE_MARGIN);
    this.#findRanges();
  }

  #findRanges(): void {
    const { longitude, latitude } = this;
    const height = this.unitMeters * (this.isBox ? this.height / 2 : this.radius);
    const width = this.unitMeters * (this.isBox ? this.width / 2 : this.radius);
    const north = degrees(height / EARTH_RADIUS_METERS);
    // Meridians come closer towards the poles: the wider one of the two edges counts.
    const edge = latitude < 0 ? latitude - north : latitude + north;
    const east = degrees(width / EARTH_RADIUS_METERS / cosine(radians(edge)));
    const bounds = {
      west: longitude - east,
      east: longitude + east,
      south: latitude - north,
      north: latitude + north,
    };
    let step = this.#estimateStep();
    if (step > 1 && !this.#isCovered(step, bounds)) step--;
    this.#addRanges(step, bounds);
  }

  /** Number of steps whose cells are about as large as the shape. */
  #estimateStep(): number {
    const { radius, width, height, unitMeters } = this;
    let meters = this.isBox
      ? Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2))
      : radius;
    meters *= unitMeters;
    if (meters === 0) return STEP_MAX;
    let step = -1;
    for (; meters < MERCATOR_MAX; meters *= 2) step++;
    const latitude = Math.abs(this.latitude);
    if (latitude > POLAR) step--;
    if (latitude > VERY_POLAR) step--;
    return Math.min(STEP_MAX, Math.max(1, step));
  }

  /** Whether the cells around the centre's reach to the bounds. */
  #isCovered(step: number, bounds: Bounds): boolean {
    const mask = (1 << step) - 1;
    const row = partOf(this.latitude, LATITUDE_MAX, step);
    const column = partOf(this.longitude, LONGITUDE_MAX, step);
    return !(
      partStart(((row + 1) & mask) + 1, LATITUDE_MAX, step) < bounds.north ||
      partStart((row - 1) & mask, LATITUDE_MAX, step) > bounds.south ||
      partStart(((column + 1) & mask) + 1, LONGITUDE_MAX, step) < bounds.east ||
      partStart((column - 1) & mask, LONGITUDE_MAX, step) > bounds.west
    );
  }

  #addRanges(step: number, bounds: Bounds): void {
    const mask = (1 << step) - 1;
    const row = partOf(this.latitude, LATITUDE_MAX, step);
    const column = partOf(this.longitude, LONGITUDE_MAX, step);
    // The centre's cell alone reaches beyond the bounds on these sides.
    const skips = step >= 2;
    const south = skips && partStart(row, LATITUDE_MAX, step) < bounds.south;
    const north = skips && partStart(row + 1, LATITUDE_MAX, step) > bounds.north;
    const west = skips && partStart(column, LONGITUDE_MAX, step) < bounds.west;
    const east = skips && partStart(column + 1, LONGITUDE_MAX, step) > bounds.east;
    let last = 0;
    let lastRow = -1;
    let lastColumn = -1;
    for (let i = 0; i < NORTH_OF_CENTRE.length; i++) {
      const up = NORTH_OF_CENTRE[i];
      const right = EAST_OF_CENTRE[i];
      if ((up < 0 && south) || (up > 0 && north)) continue;
      if ((right < 0 && west) || (right > 0 && east)) continue;
      const cellRow = up === 0 ? row : (row + up) & mask;
      const cellColumn = right === 0 ? column : (column + right) & mask;
      // In a huge shape neighbours on both sides are the same cell.
      if (last > 0 && cellRow === lastRow && cellColumn === lastColumn) continue;
      this.minScores.push(cellScore(cellRow, cellColumn, step, 0));
      this.maxScores.push(cellScore(cellRow, cellColumn, step, 1));
      last = i;
      lastRow = cellRow;
      lastColumn = cellColumn;
    }
  }
}

/** Degrees. */
interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}
