// Random commands on positions: few places, so that areas have members and members meet.
import type { Random } from "../random.ts";
import { integer, geoKey as key, type Maker } from "./words.ts";

const PLACES: readonly (readonly [string, string])[] = [
  ["13.361389", "38.115556"],
  ["15.087269", "37.502669"],
  ["2.349014", "48.864716"],
  ["-0.118092", "51.509865"],
  ["-73.968285", "40.785091"],
  ["139.839478", "35.652832"],
  ["179.9", "-16.5"],
  ["-179.9", "-16.6"],
  ["0", "0"],
  ["151.2", "-33.9"],
  ["18.4", "84.9"],
];

const place = (r: Random): readonly string[] =>
  r.chance(96)
    ? r.pick(PLACES)
    : r.pick([
        ["181", "1"],
        ["1", "86"],
        ["x", "1"],
      ]);
const member = (r: Random): string => `m${r.below(12)}`;
const unit = (r: Random): string => (r.chance(95) ? r.pick(["m", "km", "mi", "ft"]) : "x");
const size = (r: Random): string => r.pick(["100", "1500", "250000", "900", "2000000", "-1", "0"]);
const order = (r: Random): string[] => r.pick([[], [], ["ASC"], ["DESC"]]);
const parts = (r: Random): string[] =>
  r.pick([[], ["WITHDIST"], ["WITHCOORD", "WITHDIST", "WITHHASH"], ["WITHHASH"]]);
const count = (r: Random): string[] =>
  r.pick([[], [], ["COUNT", String(r.below(5))], ["COUNT", "3", "ANY"], ["ANY"]]);
const from = (r: Random): readonly string[] =>
  r.chance(50) ? ["FROMLONLAT", ...place(r)] : ["FROMMEMBER", member(r)];
const area = (r: Random): string[] =>
  r.chance(60) ? ["BYRADIUS", size(r), unit(r)] : ["BYBOX", size(r), size(r), unit(r)];

export const geo: readonly Maker[] = [
  (r, n) => ["GEOADD", key(r, n), ...place(r), member(r), ...place(r), member(r)],
  (r, n) => [
    "GEOADD",
    key(r, n),
    ...place(r),
    member(r),
    ...place(r),
    member(r),
    ...place(r),
    member(r),
  ],
  (r, n) => ["GEOADD", key(r, n), r.pick(["NX", "XX", "CH"]), ...place(r), member(r)],
  (r, n) => ["GEOPOS", key(r, n), member(r), member(r)],
  (r, n) => ["GEOHASH", key(r, n), member(r), member(r)],
  (r, n) => ["GEODIST", key(r, n), member(r), member(r), ...(r.chance(50) ? [] : [unit(r)])],
  (r, n) => ["GEOSEARCH", key(r, n), ...from(r), ...area(r), ...order(r), ...count(r), ...parts(r)],
  (r, n) => ["GEOSEARCH", key(r, n), ...from(r), ...area(r), ...order(r), ...parts(r)],
  (r, n) => ["GEOSEARCHSTORE", key(r, n), key(r, n), ...from(r), ...area(r), ...order(r)],
  // Nobody reads the scores of these: their last digits are the node's.
  (r, n) => ["GEOSEARCHSTORE", "distances", key(r, n), ...from(r), ...area(r), "STOREDIST"],
  () => ["ZCARD", "distances"],
  (r, n) => [
    r.pick(["GEORADIUS", "GEORADIUS_RO"]),
    key(r, n),
    ...place(r),
    size(r),
    unit(r),
    ...order(r),
    ...parts(r),
  ],
  (r, n) => [
    "GEORADIUS",
    key(r, n),
    ...place(r),
    size(r),
    "km",
    ...r.pick([
      ["STORE", key(r, n)],
      ["STOREDIST", "distances"],
    ]),
  ],
  (r, n) => [
    r.pick(["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]),
    key(r, n),
    member(r),
    size(r),
    "km",
    ...count(r),
    ...parts(r),
  ],
  (r, n) => ["ZREM", key(r, n), member(r)],
  (r, n) => ["ZRANGE", key(r, n), "0", "-1", "WITHSCORES"],
  (r, n) => ["ZSCORE", key(r, n), member(r)],
  (r, n) => ["ZCARD", key(r, n), ...(r.chance(2) ? [integer(r)] : [])],
];
