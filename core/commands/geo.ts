// Places: sorted sets whose scores are geohashes. Searching is in geo-search.ts.
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { distanceMeters } from "../types/geo/distance.ts";
import { decodeScore, encodeScore, GeoPosition, geohashText } from "../types/geo/geohash.ts";
import { ADD_KNOWN_ONLY, ADD_NEW_ONLY } from "../types/zset/sorted-set.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { parsePosition, replyDistance, replyPosition, unitMetersAt } from "./geo-args.ts";
import { addMembers, COUNT_CHANGED } from "./zset.ts";
import { openSortedSet } from "./zset-shared.ts";

/** GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member …] */
function geoadd(ctx: Context, args: Args, reply: Reply): void {
  let options = 0;
  let first = 2;
  for (; first < args.count; first++) {
    if (args.is(first, "nx")) options |= ADD_NEW_ONLY;
    else if (args.is(first, "xx")) options |= ADD_KNOWN_ONLY;
    else if (args.is(first, "ch")) options |= COUNT_CHANGED;
    else break;
  }
  const words = args.count - first;
  const both = ADD_NEW_ONLY | ADD_KNOWN_ONLY;
  if (words === 0 || words % 3 !== 0 || (options & both) === both) {
    return reply.error(SYNTAX_ERROR);
  }
  const count = words / 3;
  const scores = ctx.node.sortedSets.roomForScores(count);
  const position = new GeoPosition();
  for (let i = 0; i < count; i++) {
    if (!parsePosition(args, first + i * 3, position, reply)) return;
    scores[i] = encodeScore(position.longitude, position.latitude);
  }
  const { dirty } = ctx.keyspace;
  addMembers(ctx, args, reply, options, count, first + 2, 3);
  if (ctx.node.propagation.active && ctx.keyspace.dirty > dirty) {
    propagateAsZadd(ctx, args, first, scores);
  }
}

/** Replicas get the ZADD that a GEOADD is. */
function propagateAsZadd(ctx: Context, args: Args, first: number, scores: Float64Array): void {
  const words = ["zadd"];
  for (let i = 1; i < first; i++) words.push(args.latin1(i));
  for (let i = first; i < args.count; i += 3) {
    words.push(String(scores[(i - first) / 3]), args.latin1(i + 2));
  }
  ctx.propagateInstead(...words);
}

/** GEOPOS key [member …] */
function geopos(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  const set = entry === NONE ? null : openSortedSet(ctx, entry, reply);
  if (set === null && entry !== NONE) return;
  const { member } = ctx.node.sortedSets;
  const position = new GeoPosition();
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    member.argument(args, i);
    if (set?.find(member)) {
      decodeScore(set.score, position);
      replyPosition(position, reply);
    } else {
      reply.nilArray();
    }
  }
}

/** GEOHASH key [member …] */
function geohash(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  const set = entry === NONE ? null : openSortedSet(ctx, entry, reply);
  if (set === null && entry !== NONE) return;
  const { member } = ctx.node.sortedSets;
  const position = new GeoPosition();
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    member.argument(args, i);
    if (set?.find(member)) {
      decodeScore(set.score, position);
      reply.bulkText(geohashText(position));
    } else {
      reply.nil();
    }
  }
}

/** GEODIST key member1 member2 [M | KM | FT | MI] */
function geodist(ctx: Context, args: Args, reply: Reply): void {
  if (args.count > 5) return reply.error(SYNTAX_ERROR);
  const unitMeters = args.count === 5 ? unitMetersAt(args, 4, reply) : 1;
  if (Number.isNaN(unitMeters)) return;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.nil();
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const { member } = ctx.node.sortedSets;
  const from = new GeoPosition();
  const to = new GeoPosition();
  member.argument(args, 2);
  if (!set.find(member)) return reply.nil();
  decodeScore(set.score, from);
  member.argument(args, 3);
  if (!set.find(member)) return reply.nil();
  decodeScore(set.score, to);
  const meters = distanceMeters(from.longitude, from.latitude, to.longitude, to.latitude);
  replyDistance(meters / unitMeters, reply);
}

export const geoCommands: readonly CommandEntry[] = [
  command("geoadd", geoadd),
  command("geopos", geopos),
  command("geohash", geohash),
  command("geodist", geodist),
];
