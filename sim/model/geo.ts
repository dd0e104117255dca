// The model of the GEO commands. Positions are cells of 52 bits, as in Redis; distances are computed
// here from the centres of the cells. Answers that hang on the last digits of a distance are judged
// with a tolerance, and so are members that lie at the edge of an area.
import { contentOf, contentOrNew } from "./collections.ts";
import {
  cellOf,
  centreOf,
  distanceM,
  hashText,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  type Position,
} from "./geo-cells.ts";
import type { Judge, Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import { array, bulk, error, integer, nil, nilArray, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { RespValue } from "./reply-reader.ts";
import type { Session } from "./session.ts";
import { storeZset } from "./sorted-set-ranges.ts";
import { freshZset, type ModelZset } from "./sorted-sets.ts";
import { int64 } from "./strings.ts";

/** Relative error that is forgiven. */
const TOLERANCE = 1e-6;
const UNITS: Readonly<Record<string, number>> = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 };
const BAD_UNIT = error("unsupported unit provided. please use M, KM, FT, MI");

// -- arguments ------------------------------------------------------------------------------------------

function decimal(text: string): number | null {
  return /^-?[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text) ? Number(text) : null;
}

function parsePosition(longitudeText: string, latitudeText: string): Position | string {
  const longitude = decimal(longitudeText);
  const latitude = decimal(latitudeText);
  if (longitude === null || latitude === null) return error("value is not a valid float");
  if (Math.abs(longitude) > LONGITUDE_MAX || Math.abs(latitude) > LATITUDE_MAX) {
    return error(`invalid longitude,latitude pair ${longitude.toFixed(6)},${latitude.toFixed(6)}`);
  }
  return { longitude, latitude };
}

function unitOf(text: string): number | null {
  return UNITS[text.toLowerCase()] ?? null;
}

// -- adding and looking ---------------------------------------------------------------------------------

const geoadd: ModelCommand = (model, session, words) => {
  const key = words[1];
  const has = new Set<string>();
  let at = 2;
  while (/^(nx|xx|ch)$/i.test(words[at] ?? "")) has.add(words[at++].toLowerCase());
  if ((words.length - at) % 3 !== 0 || (has.has("nx") && has.has("xx"))) return SYNTAX_ERROR;
  const cells: [string, number][] = [];
  for (let i = at; i < words.length; i += 3) {
    const position = parsePosition(words[i], words[i + 1]);
    if (typeof position === "string") return position;
    cells.push([words[i + 2], cellOf(position, LATITUDE_MAX)]);
  }
  const found = contentOf(model, session, key, "zset");
  if (found === null) return WRONG_TYPE;
  if (found === undefined && (has.has("xx") || cells.length === 0)) return integer(0);
  const { scores } = contentOrNew<"zset">(model, session, key, freshZset())!;
  let added = 0;
  let updated = 0;
  for (const [member, cell] of cells) {
    const before = scores.get(member);
    if (before === undefined ? has.has("xx") : has.has("nx")) continue;
    if (before === undefined) added++;
    else if (before !== cell) updated++;
    scores.set(member, cell);
  }
  if (added + updated > 0) model.changed(session, key, "z", "zadd");
  return integer(has.has("ch") ? added + updated : added);
};

/** A number that may differ from `wanted` in its last digits. */
function near(reply: RespValue | undefined, wanted: number, absolute: number): boolean {
  if (reply === undefined || reply.text === "") return false;
  return Math.abs(Number(reply.text) - wanted) <= absolute + Math.abs(wanted) * TOLERANCE;
}

const geopos: ModelCommand = (model, session, [, key, ...members]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  const wanted = members
    .map((member) => zset?.scores.get(member))
    .map((cell) => (cell === undefined ? null : centreOf(cell)));
  const nothing = nilArray(session);
  return ({ items }) =>
    items.length === wanted.length &&
    items.every((item, i) => {
      const position = wanted[i];
      return position === null ? item.raw === nothing : isPosition(item, position);
    })
      ? null
      : `expected ${JSON.stringify(wanted)}`;
};

function isPosition(item: RespValue, { longitude, latitude }: Position): boolean {
  return near(item.items[0], longitude, 1e-9) && near(item.items[1], latitude, 1e-9);
}

const geohash: ModelCommand = (model, session, [, key, ...members]) => {
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  return array(
    members.map((member) => {
      const cell = zset?.scores.get(member);
      return cell === undefined ? nil(session) : bulk(hashText(centreOf(cell)));
    }),
  );
};

const geodist: ModelCommand = (model, session, words) => {
  const [, key, a, b, unitText] = words;
  if (words.length > 5) return SYNTAX_ERROR;
  const unit = unitText === undefined ? 1 : unitOf(unitText);
  if (unit === null) return BAD_UNIT;
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  const [from, to] = [zset?.scores.get(a), zset?.scores.get(b)];
  if (from === undefined || to === undefined) return nil(session);
  const wanted = distanceM(centreOf(from), centreOf(to)) / unit;
  return (reply) =>
    reply.kind === "bulk" && /^\d+\.\d{4}$/.test(reply.text) && near(reply, wanted, 1e-4)
      ? null
      : `expected about ${wanted}`;
};

// -- searching ------------------------------------------------------------------------------------------

interface Search {
  centre: Position | null;
  member: string | null;
  /** Of a circle, in metres; or null for a box. */
  radiusM: number | null;
  widthM: number;
  heightM: number;
  /** Metres. */
  unit: number;
  count: number;
  any: boolean;
  sort: "" | "asc" | "desc";
  withCoord: boolean;
  withDist: boolean;
  withHash: boolean;
  storeDist: boolean;
}

interface Found {
  readonly member: string;
  readonly cell: number;
  readonly distanceM: number;
  /** It lies so near the edge that it may be in or out. */
  readonly isDoubtful: boolean;
}

function emptySearch(): Search {
  return {
    centre: null,
    member: null,
    radiusM: null,
    widthM: -1,
    heightM: -1,
    unit: 1,
    count: 0,
    any: false,
    sort: "",
    withCoord: false,
    withDist: false,
    withHash: false,
    storeDist: false,
  };
}

/** Options of GEOSEARCH from word `at` on; an error reply when they are wrong. */
function parseSearch(
  words: readonly string[],
  at: number,
  stores: boolean,
  zset: ModelZset | undefined,
): Search | string {
  const search = emptySearch();
  for (let i = at; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const left = words.length - i - 1;
    if (option === "frommember" && left >= 1 && search.centre === null) {
      search.member = words[++i];
      if (zset !== undefined && !zset.scores.has(search.member)) {
        return error("could not decode requested zset member");
      }
    } else if (option === "fromlonlat" && left >= 2 && search.member === null) {
      const position = parsePosition(words[i + 1], words[i + 2]);
      if (typeof position === "string") return position;
      search.centre = position;
      i += 2;
    } else if (option === "byradius" && left >= 2) {
      const radius = decimal(words[i + 1]);
      if (radius === null) return error("need numeric radius");
      if (radius < 0) return error("radius cannot be negative");
      const unit = unitOf(words[i + 2]);
      if (unit === null) return BAD_UNIT;
      search.radiusM = radius * unit;
      search.unit = unit;
      i += 2;
    } else if (option === "bybox" && left >= 3) {
      const width = decimal(words[i + 1]);
      const height = decimal(words[i + 2]);
      if (width === null) return error("need numeric width");
      if (height === null) return error("need numeric height");
      if (width < 0 || height < 0) return error("height or width cannot be negative");
      const unit = unitOf(words[i + 3]);
      if (unit === null) return BAD_UNIT;
      search.widthM = width * unit;
      search.heightM = height * unit;
      search.unit = unit;
      i += 3;
    } else if (option === "asc" || option === "desc") search.sort = option;
    else if (option === "count" && left >= 1) {
      const count = int64(words[++i]);
      if (count === null) return error("value is not an integer or out of range");
      if (count <= 0n) return error("COUNT must be > 0");
      search.count = Number(count);
    } else if (option === "any") search.any = true;
    else if (option === "storedist" && stores) search.storeDist = true;
    else if (option === "withcoord" && !stores) search.withCoord = true;
    else if (option === "withdist" && !stores) search.withDist = true;
    else if (option === "withhash" && !stores) search.withHash = true;
    else return SYNTAX_ERROR;
  }
  return search;
}

function findIn(zset: ModelZset, centre: Position, search: Search): Found[] {
  const found: Found[] = [];
  for (const [member, cell] of zset.scores) {
    const position = centreOf(cell);
    const distance = distanceM(centre, position);
    // How far outside, as a share of the size; negative inside.
    let excess: number;
    if (search.radiusM !== null) excess = distance / (search.radiusM + 1e-9) - 1;
    else {
      const north = distanceM({ ...position, longitude: centre.longitude }, centre);
      const east = distanceM(position, { ...position, longitude: centre.longitude });
      excess = Math.max(
        north / (search.heightM / 2 + 1e-9) - 1,
        east / (search.widthM / 2 + 1e-9) - 1,
      );
    }
    if (excess > 1e-4) continue;
    found.push({ member, cell, distanceM: distance, isDoubtful: excess > -1e-4 });
  }
  return found;
}

function judgeSearch(found: readonly Found[], search: Search): Judge {
  const known = new Map(found.map((one) => [one.member, one]));
  const certain = found.filter(({ isDoubtful }) => !isDoubtful).length;
  const most = search.count > 0 ? Math.min(search.count, found.length) : found.length;
  const fewest = search.count > 0 ? Math.min(search.count, certain) : certain;
  const hasParts = search.withCoord || search.withDist || search.withHash;
  return (reply) => {
    if (reply.kind !== "array") return "not an array";
    const { items } = reply;
    if (items.length < fewest || items.length > most) return `expected ${fewest} to ${most}`;
    let last = search.sort === "desc" ? Number.POSITIVE_INFINITY : -1;
    let farthest = 0;
    const seen = new Set<string>();
    for (const item of items) {
      const name = hasParts ? item.items[0].text : item.text;
      const one = known.get(name);
      if (one === undefined || seen.has(name)) return `${name} is not in the area`;
      seen.add(name);
      if (hasParts && !partsAreRight(item, one, search)) return `${name} is told wrongly`;
      const slack = 1e-3 + one.distanceM * TOLERANCE;
      if (search.sort === "asc" && one.distanceM < last - slack) return "not sorted";
      if (search.sort === "desc" && one.distanceM > last + slack) return "not sorted";
      last = one.distanceM;
      farthest = Math.max(farthest, one.distanceM);
    }
    // Without ANY, COUNT takes the nearest (or the farthest).
    if (search.count === 0 || search.any || search.sort === "desc") return null;
    const closer = found.some(
      (one) =>
        !one.isDoubtful &&
        !seen.has(one.member) &&
        one.distanceM < farthest * (1 - TOLERANCE) - 1e-3,
    );
    return closer ? "a nearer member was left out" : null;
  };
}

function partsAreRight(item: RespValue, one: Found, search: Search): boolean {
  let at = 1;
  if (search.withDist && !near(item.items[at++], one.distanceM / search.unit, 1e-3)) return false;
  if (search.withHash && item.items[at++].raw !== integer(one.cell)) return false;
  return !search.withCoord || isPosition(item.items[at], centreOf(one.cell));
}

/** Searches; `target`: where to store the result, or null. */
function run(
  model: Model,
  session: Session,
  key: string,
  target: string | null,
  search: Search,
  event: string,
): Prediction {
  const zset = contentOf(model, session, key, "zset");
  if (zset === null) return WRONG_TYPE;
  if (zset === undefined) {
    if (target === null) return array([]);
    return storeZset(model, session, target, new Map(), event);
  }
  let { centre } = search;
  if (search.member !== null) {
    centre = centreOf(zset.scores.get(search.member)!);
  }
  if (search.count > 0 && search.sort === "" && !search.any) search.sort = "asc";
  const found = findIn(zset, centre!, search);
  return target === null
    ? judgeSearch(found, search)
    : storeFound(model, session, target, found, search, event);
}

/** What is stored can be told only when nothing is at the edge or left out: the model learns it. */
function storeFound(
  model: Model,
  session: Session,
  target: string,
  found: readonly Found[],
  search: Search,
  event: string,
): Prediction {
  const sorted = [...found].sort((a, b) => a.distanceM - b.distanceM);
  if (search.sort === "desc") sorted.reverse();
  const taken = search.count > 0 ? sorted.slice(0, search.count) : sorted;
  const scores = new Map(
    taken.map(({ member, cell, distanceM: m }) => [
      member,
      search.storeDist ? m / search.unit : cell,
    ]),
  );
  return storeZset(model, session, target, scores, event);
}

const geosearch: ModelCommand = (model, session, words) => {
  const zset = contentOf(model, session, words[1], "zset");
  if (zset === null) return WRONG_TYPE;
  const search = parseSearch(words, 2, false, zset);
  if (typeof search === "string") return search;
  return checkAndRun(model, session, words[1], null, search, "geosearch");
};

const geosearchstore: ModelCommand = (model, session, words) => {
  const zset = contentOf(model, session, words[2], "zset");
  if (zset === null) return WRONG_TYPE;
  const search = parseSearch(words, 3, true, zset);
  if (typeof search === "string") return search;
  return checkAndRun(model, session, words[2], words[1], search, "geosearchstore");
};

function checkAndRun(
  model: Model,
  session: Session,
  key: string,
  target: string | null,
  search: Search,
  name: string,
): Prediction {
  if (search.centre === null && search.member === null) {
    return error(`exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
  }
  if ((search.radiusM === null) === search.widthM < 0) {
    return error(`exactly one of BYRADIUS and BYBOX can be specified for ${name}`);
  }
  if (search.any && search.count === 0) return error("the ANY argument requires COUNT argument");
  return run(model, session, key, target, search, "geosearchstore");
}

/** GEORADIUS and GEORADIUSBYMEMBER, in the forms that the workloads use. */
function georadius(byMember: boolean): ModelCommand {
  return (model, session, words) => {
    const zset = contentOf(model, session, words[1], "zset");
    if (zset === null) return WRONG_TYPE;
    const at = byMember ? 3 : 4;
    const from = byMember ? ["frommember", words[2]] : ["fromlonlat", words[2], words[3]];
    // Without a key there is no member, and nobody looks at the radius.
    const isNowhere = byMember && zset === undefined;
    const area = ["byradius", ...(isNowhere ? ["0", "m"] : words.slice(at, at + 2))];
    const rest = words.slice(at + 2);
    const store = rest.findIndex((word) => /^store(dist)?$/i.test(word));
    const target = store === -1 ? null : rest[store + 1];
    const isDistance = store !== -1 && rest[store].toLowerCase() === "storedist";
    if (store !== -1) rest.splice(store, 2);
    const search = parseSearch([...from, ...area, ...rest], 0, false, zset);
    if (typeof search === "string") return search;
    if (search.any && search.count === 0) return error("the ANY argument requires COUNT argument");
    search.storeDist = isDistance;
    return run(model, session, words[1], target, search, "georadiusstore");
  };
}

export const geoModel: ModelFamily = [
  ["geoadd", -5, geoadd],
  ["geopos", -2, geopos],
  ["geohash", -2, geohash],
  ["geodist", -4, geodist],
  ["geosearch", -7, geosearch],
  ["geosearchstore", -8, geosearchstore],
  ["georadius", -6, georadius(false)],
  ["georadius_ro", -6, georadius(false)],
  ["georadiusbymember", -5, georadius(true)],
  ["georadiusbymember_ro", -5, georadius(true)],
];
