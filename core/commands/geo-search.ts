// Searching for places: GEOSEARCH and GEOSEARCHSTORE, and the older GEORADIUS commands.
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { decodeScore, GeoPosition } from "../types/geo/geohash.ts";
import type { GeoPoints } from "../types/geo/points.ts";
import { GeoShape } from "../types/geo/shape.ts";
import { ADD_NEW_ONLY, type SortedSet } from "../types/zset/sorted-set.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { numberAt, parsePosition, replyDistance, replyPosition, unitMetersAt } from "./geo-args.ts";
import { longArgument } from "./numbers.ts";
import { openSortedSet, removeDestination, storeResult } from "./zset-shared.ts";

const UNKNOWN_MEMBER = "ERR could not decode requested zset member";
const NEGATIVE_RADIUS = "ERR radius cannot be negative";
const NEGATIVE_SIDE = "ERR height or width cannot be negative";
const COUNT_TOO_SMALL = "ERR COUNT must be > 0";
const ANY_WITHOUT_COUNT = "ERR the ANY argument requires COUNT argument";

/** What distinguishes the commands. */
interface Variant {
  /** Where the centre comes from: two arguments, a member's name, or options. */
  readonly from: "position" | "member" | "options";
  /** Index of the argument with the set. */
  readonly source: number;
  /** STORE and STOREDIST are options. */
  readonly mayStore: boolean;
}

const GEORADIUS: Variant = { from: "position", source: 1, mayStore: true };
const GEORADIUS_RO: Variant = { from: "position", source: 1, mayStore: false };
const GEORADIUSBYMEMBER: Variant = { from: "member", source: 1, mayStore: true };
const GEORADIUSBYMEMBER_RO: Variant = { from: "member", source: 1, mayStore: false };
const GEOSEARCH: Variant = { from: "options", source: 1, mayStore: false };
/** Its destination is argument 1, and STOREDIST a plain word. */
const GEOSEARCHSTORE: Variant = { from: "options", source: 2, mayStore: false };

// Orders.
const UNSORTED = 0;
const ASCENDING = 1;
const DESCENDING = 2;

/** GEORADIUS key longitude latitude radius unit [option …] */
function georadius(ctx: Context, args: Args, reply: Reply): void {
  search(ctx, args, reply, GEORADIUS);
}

/** GEORADIUS_RO key longitude latitude radius unit [option …] */
function georadiusRo(ctx: Context, args: Args, reply: Reply): void {
  search(ctx, args, reply, GEORADIUS_RO);
}

/** GEORADIUSBYMEMBER key member radius unit [option …] */
function georadiusbymember(ctx: Context, args: Args, reply: Reply): void {
  search(ctx, args, reply, GEORADIUSBYMEMBER);
}

/** GEORADIUSBYMEMBER_RO key member radius unit [option …] */
function georadiusbymemberRo(ctx: Context, args: Args, reply: Reply): void {
  search(ctx, args, reply, GEORADIUSBYMEMBER_RO);
}

/** GEOSEARCH key FROMMEMBER member | FROMLONLAT … BYRADIUS … | BYBOX … [option …] */
function geosearch(ctx: Context, args: Args, reply: Reply): void {
  search(ctx, args, reply, GEOSEARCH);
}

/** GEOSEARCHSTORE destination source FROMMEMBER member | FROMLONLAT … BYRADIUS … | BYBOX … [option …] */
function geosearchstore(ctx: Context, args: Args, reply: Reply): void {
  search(ctx, args, reply, GEOSEARCHSTORE);
}

function search(ctx: Context, args: Args, reply: Reply, variant: Variant): void {
  const entry = ctx.db.read(args, variant.source);
  const set = entry === NONE ? null : openSortedSet(ctx, entry, reply);
  if (set === null && entry !== NONE) return;
  const query = new GeoQuery(ctx, args, reply, variant, set);
  if (!query.parse() || !query.check()) return;
  if (set === null) {
    if (query.destination === 0) return reply.array(0);
    removeDestination(ctx, args, query.destination);
    return reply.integer(0);
  }
  const points = ctx.node.geoPoints;
  query.shape.prepare();
  points.collect(set, ctx.node.sortedSets.cursor, query.shape, query.any ? query.count : 0);
  if (query.needsDistances) points.measure(query.shape);
  if (query.order !== UNSORTED) points.sort(query.order === DESCENDING);
  const count = query.count === 0 ? points.count : Math.min(query.count, points.count);
  if (query.destination === 0) replyPoints(ctx, query, points, count, reply);
  else storePoints(ctx, args, query, points, count, reply);
  points.clear();
}

/** The arguments of a search. Each method that answers with an error returns false then. */
class GeoQuery {
  readonly shape: GeoShape = new GeoShape();
  withDistance = false;
  withHash = false;
  withPosition = false;
  order: number = UNSORTED;
  /** 0 for all. */
  count = 0;
  any = false;
  /** The argument with the destination key; 0 when the reply has the results. */
  destination = 0;
  storesDistance = false;
  /** "" until there is one. */
  #centreOption = "";
  #shapeOption = "";
  readonly #ctx: Context;
  readonly #args: Args;
  readonly #reply: Reply;
  readonly #variant: Variant;
  readonly #set: SortedSet | null;

  constructor(ctx: Context, args: Args, reply: Reply, variant: Variant, set: SortedSet | null) {
    this.#ctx = ctx;
    this.#args = args;
    this.#reply = reply;
    this.#variant = variant;
    this.#set = set;
  }

  get needsDistances(): boolean {
    return this.order !== UNSORTED || this.withDistance || this.storesDistance;
  }

  /** The name of the notification when results are stored. */
  get storeEvent(): string {
    return this.#variant === GEOSEARCHSTORE ? "geosearchstore" : "georadiusstore";
  }

  parse(): boolean {
    const { from } = this.#variant;
    if (from === "position") {
      return this.#parseCentre(2) && this.#parseRadius(4) && this.#parseOptions(6);
    }
    if (from === "member") {
      // Without a set only the options count: they say what the reply is.
      if (this.#set === null) return this.#parseOptions(5);
      return this.#parseMember(2) && this.#parseRadius(3) && this.#parseOptions(5);
    }
    const isStore = this.#variant === GEOSEARCHSTORE;
    if (isStore) this.destination = 1;
    return this.#parseOptions(isStore ? 3 : 2);
  }

  #parseOptions(first: number): boolean {
    const args = this.#args;
    for (let i = first; i < args.count; i++) {
      const used = this.#parseWord(i) ? 1 : this.#parseOption(i, args.count - i - 1);
      if (used === 0) return this.#refuse(SYNTAX_ERROR);
      if (used < 0) return false;
      i += used - 1;
    }
    return true;
  }

  /** An option without a value. */
  #parseWord(i: number): boolean {
    const args = this.#args;
    if (args.is(i, "withdist")) this.withDistance = true;
    else if (args.is(i, "withhash")) this.withHash = true;
    else if (args.is(i, "withcoord")) this.withPosition = true;
    else if (args.is(i, "any")) this.any = true;
    else if (args.is(i, "asc")) this.order = ASCENDING;
    else if (args.is(i, "desc")) this.order = DESCENDING;
    else if (this.#variant === GEOSEARCHSTORE && args.is(i, "storedist"))
      this.storesDistance = true;
    else return false;
    return true;
  }

  /**
   * An option with values, when `left` arguments follow. Answers with how many arguments it takes: 0
   * when it is none, -1 after an error.
   */
  #parseOption(i: number, left: number): number {
    const args = this.#args;
    if (left >= 1 && args.is(i, "count")) return this.#parseCount(i + 1) ? 2 : -1;
    if (left >= 1 && this.#variant.mayStore) {
      const storesDistance = args.is(i, "storedist");
      if (storesDistance || args.is(i, "store")) {
        this.storesDistance = storesDistance;
        this.destination = i + 1;
        return 2;
      }
    }
    if (this.#variant.from !== "options") return 0;
    if (left >= 1 && this.#centreOption !== "fromlonlat" && args.is(i, "frommember")) {
      this.#centreOption = "frommember";
      return this.#set === null || this.#parseMember(i + 1) ? 2 : -1;
    }
    if (left >= 2 && this.#centreOption !== "frommember" && args.is(i, "fromlonlat")) {
      this.#centreOption = "fromlonlat";
      return this.#parseCentre(i + 1) ? 3 : -1;
    }
    if (left >= 2 && this.#shapeOption !== "bybox" && args.is(i, "byradius")) {
      this.#shapeOption = "byradius";
      return this.#parseRadius(i + 1) ? 3 : -1;
    }
    if (left >= 3 && this.#shapeOption !== "byradius" && args.is(i, "bybox")) {
      this.#shapeOption = "bybox";
      return this.#parseBox(i + 1) ? 4 : -1;
    }
    return 0;
  }

  #parseCentre(i: number): boolean {
    const position = new GeoPosition();
    if (!parsePosition(this.#args, i, position, this.#reply)) return false;
    return this.#setCentre(position);
  }

  #parseMember(i: number): boolean {
    const { member } = this.#ctx.node.sortedSets;
    const set = this.#set!;
    member.argument(this.#args, i);
    if (!set.find(member)) return this.#refuse(UNKNOWN_MEMBER);
    const position = new GeoPosition();
    decodeScore(set.score, position);
    return this.#setCentre(position);
  }

  #setCentre(position: GeoPosition): true {
    this.shape.longitude = position.longitude;
    this.shape.latitude = position.latitude;
    return true;
  }

  #parseRadius(i: number): boolean {
    const radius = numberAt(this.#args, i, this.#reply, "ERR need numeric radius");
    if (Number.isNaN(radius)) return false;
    if (radius < 0) return this.#refuse(NEGATIVE_RADIUS);
    this.shape.isBox = false;
    this.shape.radius = radius;
    return this.#parseUnit(i + 1);
  }

  #parseBox(i: number): boolean {
    const width = numberAt(this.#args, i, this.#reply, "ERR need numeric width");
    if (Number.isNaN(width)) return false;
    const height = numberAt(this.#args, i + 1, this.#reply, "ERR need numeric height");
    if (Number.isNaN(height)) return false;
    if (width < 0 || height < 0) return this.#refuse(NEGATIVE_SIDE);
    this.shape.isBox = true;
    this.shape.width = width;
    this.shape.height = height;
    return this.#parseUnit(i + 2);
  }

  #parseUnit(i: number): boolean {
    this.shape.unitMeters = unitMetersAt(this.#args, i, this.#reply);
    return !Number.isNaN(this.shape.unitMeters);
  }

  #parseCount(i: number): boolean {
    this.count = longArgument(this.#args, i, this.#reply);
    if (Number.isNaN(this.count)) return false;
    return this.count > 0 || this.#refuse(COUNT_TOO_SMALL);
  }

  /** Whether the options go together; also settles the order that COUNT asks for. */
  check(): boolean {
    const isSearch = this.#variant.from === "options";
    if (this.destination > 0 && (this.withDistance || this.withHash || this.withPosition)) {
      const who = isSearch ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
      return this.#refuse(
        `ERR ${who} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
      );
    }
    if (isSearch && this.#centreOption === "")
      return this.#refuseChoice("FROMMEMBER or FROMLONLAT");
    if (isSearch && this.#shapeOption === "") return this.#refuseChoice("BYRADIUS and BYBOX");
    if (this.any && this.count === 0) return this.#refuse(ANY_WITHOUT_COUNT);
    // The nearest come first when only some are wanted, unless any will do.
    if (this.count > 0 && this.order === UNSORTED && !this.any) this.order = ASCENDING;
    return true;
  }

  #refuseChoice(options: string): false {
    const name = this.#args.latin1(0);
    return this.#refuse(`ERR exactly one of ${options} can be specified for ${name}`);
  }

  #refuse(error: string): false {
    this.#reply.error(error);
    return false;
  }
}

function replyPoints(
  ctx: Context,
  query: GeoQuery,
  points: GeoPoints,
  count: number,
  reply: Reply,
): void {
  const { cursor, member } = ctx.node.sortedSets;
  const { withDistance, withHash, withPosition } = query;
  const extras = Number(withDistance) + Number(withHash) + Number(withPosition);
  const position = new GeoPosition();
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const point = points.at(i);
    if (extras > 0) reply.array(extras + 1);
    points.member(cursor, point, member);
    reply.bulk(member.bytes, member.offset, member.length);
    if (withDistance) replyDistance(points.distances[point] / query.shape.unitMeters, reply);
    if (withHash) replyHash(points.scores[point], reply);
    if (!withPosition) continue;
    decodeScore(points.scores[point], position);
    replyPosition(position, reply);
  }
}

function replyHash(score: number, reply: Reply): void {
  const whole = Math.trunc(score);
  if (Number.isSafeInteger(whole)) reply.integer(whole);
  else if (Math.abs(whole) < 2 ** 63) reply.bigint(BigInt(whole));
  else reply.bigint(-(2n ** 63n));
}

function storePoints(
  ctx: Context,
  args: Args,
  query: GeoQuery,
  points: GeoPoints,
  count: number,
  reply: Reply,
): void {
  const { cursor, member, made } = ctx.node.sortedSets;
  made.createLarge();
  for (let i = 0; i < count; i++) {
    const point = points.at(i);
    points.member(cursor, point, member);
    const score = query.storesDistance
      ? points.distances[point] / query.shape.unitMeters
      : points.scores[point];
    made.add(member, score, ADD_NEW_ONLY);
  }
  made.packIfSmall();
  reply.integer(storeResult(ctx, args, query.destination, made, query.storeEvent));
  if (count > 0) ctx.keyspace.dirty += count - 1;
}

export const geoSearchCommands: readonly CommandEntry[] = [
  command("georadius", georadius),
  command("georadius_ro", georadiusRo),
  command("georadiusbymember", georadiusbymember),
  command("georadiusbymember_ro", georadiusbymemberRo),
  command("geosearch", geosearch),
  command("geosearchstore", geosearchstore),
];
