import { describe, expect, test } from "vitest";
import { distanceMeters } from "../../../core/types/geo/distance.ts";
import { decodeScore, GeoPosition } from "../../../core/types/geo/geohash.ts";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";

const METERS = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 };

/** Places around a few centres, away from the poles and the date line, where Redis misses some. */
function filled(seed: number, count: number): { node: CoreNode; scores: Map<string, number> } {
  const node = new CoreNode();
  const prng = new Prng(Uint8Array.of(seed));
  node.set("zset-max-listpack-entries", seed % 2 === 0 ? "0" : "100000");
  const centres = [
    [0, 0],
    [120, 10],
    [-100, -40],
    [13, 38],
  ];
  for (let i = 0; i < count; i++) {
    const [x, y] = centres[prng.below(centres.length)];
    const spread = [0.01, 1, 20][prng.below(3)];
    const longitude = x + (prng.double() - 0.5) * spread;
    const latitude = y + (prng.double() - 0.5) * spread;
    node.run(`GEOADD g ${longitude} ${latitude} m${i}`);
  }
  const words = node.strings("ZRANGE g 0 -1 WITHSCORES");
  const scores = new Map<string, number>();
  for (let i = 0; i < words.length; i += 2) scores.set(words[i], Number(words[i + 1]));
  return { node, scores };
}

describe("searching finds what comparing every place finds", () => {
  test.each([1, 2, 3, 4])("in circles and boxes, seed %i", (seed) => {
    const { node, scores } = filled(seed, 400);
    const prng = new Prng(Uint8Array.of(seed, 7));
    const position = new GeoPosition();
    for (let round = 0; round < 150; round++) {
      const from = `m${prng.below(400)}`;
      decodeScore(scores.get(from)!, position);
      const { longitude, latitude } = position;
      const unit = (["m", "km", "ft", "mi"] as const)[prng.below(4)];
      const size = 10 ** (prng.double() * 6.3) / METERS[unit];
      const circle = prng.below(2) === 0;
      const expected: [number, string][] = [];
      for (const [member, score] of scores) {
        decodeScore(score, position);
        const { longitude: x, latitude: y } = position;
        const distance = distanceMeters(longitude, latitude, x, y);
        const across = distanceMeters(x, y, longitude, y);
        const along = distanceMeters(x, latitude, x, y);
        const side = size * METERS[unit];
        if (circle ? distance <= side : across <= side / 2 && along <= side / 4) {
          expected.push([distance, member]);
        }
      }
      const shape = circle ? `BYRADIUS ${size} ${unit}` : `BYBOX ${size} ${size / 2} ${unit}`;
      const found = node.strings(`GEOSEARCH g FROMMEMBER ${from} ${shape}`);
      expect(found.sort()).toEqual(expected.map(([, member]) => member).sort());
      expected.sort(([a], [b]) => a - b);
      const nearest = node.strings(`GEOSEARCH g FROMMEMBER ${from} ${shape} WITHDIST COUNT 5`);
      const distances = nearest.filter((_, i) => i % 2 === 1);
      expect(distances).toEqual(
        expected.slice(0, 5).map(([distance]) => (distance / METERS[unit]).toFixed(4)),
      );
    }
  });

  test("ANY stops as soon as there are enough", () => {
    const { node } = filled(2, 400);
    const found = node.strings("GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 5000 km COUNT 7 ANY");
    expect(new Set(found).size).toBe(7);
  });
});

describe("what is propagated", () => {
  test("GEOADD as the ZADD it is, when it changes something", () => {
    const node = new CoreNode({ propagates: true });
    node.run("GEOADD g CH 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
    expect(node.takePropagated()).toEqual([
      "zadd g CH 3479099956230698 Palermo 3479447370796909 Catania",
    ]);
    node.run("GEOADD g 13.361389 38.115556 Palermo");
    node.run("GEOADD g NX 1 1 Palermo");
    expect(node.takePropagated()).toEqual([]);
  });

  test("a search that stores, when its destination changes", () => {
    const node = new CoreNode({ propagates: true });
    node.run("GEOADD g 13.361389 38.115556 Palermo");
    node.takePropagated();
    const search = "GEOSEARCHSTORE d g FROMLONLAT 13 38 BYRADIUS 100 km";
    expect(node.run(search)).toBe(":1");
    expect(node.run("GEOSEARCHSTORE d g FROMLONLAT 0 0 BYRADIUS 1 km")).toBe(":0");
    expect(node.run("GEOSEARCHSTORE d g FROMLONLAT 0 0 BYRADIUS 1 km")).toBe(":0");
    expect(node.run("GEORADIUS missing 0 0 1 km STORE d")).toBe(":0");
    expect(node.run("EXISTS d")).toBe(":0");
    expect(node.takePropagated()).toEqual([
      search,
      "GEOSEARCHSTORE d g FROMLONLAT 0 0 BYRADIUS 1 km",
    ]);
  });
});

test("distances and coordinates are shown as Redis shows them", () => {
  const node = new CoreNode();
  node.run("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 0 0 zero");
  expect(node.strings("GEODIST g Palermo Catania")).toEqual(["166274.1516"]);
  expect(node.strings("GEODIST g Palermo Catania mi")).toEqual(["103.3182"]);
  expect(node.strings("GEODIST g Palermo Palermo ft")).toEqual(["0.0000"]);
  expect(node.strings("GEOPOS g Palermo zero")).toEqual([
    "13.36138933897018433",
    "38.11555639549629859",
    "0.00000268220901489",
    "0.00000126736058093",
  ]);
  expect(node.run("GEOSEARCH g FROMMEMBER zero BYRADIUS 1 m WITHHASH WITHDIST")).toBe(
    "*1\r\n*3\r\n$4\r\nzero\r\n$6\r\n0.0000\r\n:3377699720527872",
  );
});
