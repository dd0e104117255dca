import { describe, expect, it } from "vitest";
import { distanceMeters } from "../../../../core/types/geo/distance.ts";
import {
  cellScore,
  decodeScore,
  encodeScore,
  GeoPosition,
  geohashText,
} from "../../../../core/types/geo/geohash.ts";
import { Prng } from "../../../../core/util/prng.ts";

function decoded(score: number): GeoPosition {
  const position = new GeoPosition();
  decodeScore(score, position);
  return position;
}

describe("geohashes", () => {
  // Scores, centres and texts as Redis has them.
  it.each([
    ["Palermo", 13.361389, 38.115556, 3479099956230698, "sqc8b49rny0"],
    ["Catania", 15.087269, 37.502669, 3479447370796909, "sqdtr74hyu0"],
    ["the south-west corner", -180, -85.05112878, 0, "00bh0hbj200"],
    ["the north-east corner", 180, 85.05112878, 13510798882111488, "bp05b5048p0"],
    ["the origin", 0, 0, 3377699720527872, "s0000000000"],
    ["a station", -122.27652, 37.805186, 1367952638197536, "9q9p1d0znt0"],
  ])("of %s", (_, longitude, latitude, score, text) => {
    expect(encodeScore(longitude, latitude)).toBe(score);
    const position = decoded(score);
    expect(Math.abs(position.longitude - longitude)).toBeLessThan(6e-6);
    expect(Math.abs(position.latitude - latitude)).toBeLessThan(6e-6);
    expect(geohashText(position)).toBe(text);
  });

  it("decode to the centres of their cells, and back", () => {
    const prng = new Prng(Uint8Array.of(2));
    for (let i = 0; i < 5000; i++) {
      const longitude = prng.double() * 360 - 180;
      const latitude = prng.double() * 170 - 85;
      const score = encodeScore(longitude, latitude);
      const position = decoded(score);
      expect(encodeScore(position.longitude, position.latitude)).toBe(score);
    }
    expect(decoded(3479099956230698)).toEqual({
      longitude: 13.361389338970184,
      latitude: 38.1155563954963,
    });
  });

  it("take any score for one", () => {
    for (const score of [-1, -0.5, 1e17, -1e17, 2 ** 63, 1e300, Infinity, -Infinity]) {
      const { longitude, latitude } = decoded(score);
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
      expect(Math.abs(latitude)).toBeLessThanOrEqual(85.05112878);
    }
    // Truncated, and 64 bits of two's complement, as a cast in C leaves them.
    expect(decoded(-1.5)).toEqual(decoded(-1));
    expect(decoded(-(2 ** 62))).toEqual(decoded(2 ** 64 - 2 ** 62));
  });

  it("of a cell with fewer steps bound the places in it", () => {
    for (const [longitude, latitude] of [
      [13.36, 38.11],
      [-179.9, -84],
      [180, 85],
    ]) {
      for (const step of [1, 5, 13, 25]) {
        const row = Math.floor(((latitude + 85.05112878) / (2 * 85.05112878)) * 2 ** step);
        const column = Math.floor(((longitude + 180) / 360) * 2 ** step);
        const score = encodeScore(longitude, latitude);
        expect(score).toBeGreaterThanOrEqual(cellScore(row, column, step, 0));
        expect(score).toBeLessThan(cellScore(row, column, step, 1));
      }
    }
  });
});

describe("distances", () => {
  it.each([
    ["Palermo to Catania", [13.361389, 38.115556, 15.087269, 37.502669], 166274.1517],
    ["along a meridian", [10, 0, 10, 1], 111226.3],
    ["along the equator", [0, 0, 1, 0], 111226.3],
    ["across the date line", [179.5, 10, -179.5, 10], 109536.5],
    ["to the other side", [0, 0, 180, 0], 20020734],
    ["to itself", [5, 5, 5, 5], 0],
  ])("%s", (_, [longitude1, latitude1, longitude2, latitude2], meters) => {
    const distance = distanceMeters(longitude1, latitude1, longitude2, latitude2);
    expect(Math.abs(distance - meters)).toBeLessThan(1);
  });
});
