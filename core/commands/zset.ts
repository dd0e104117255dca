// Sorted sets: members and their scores. Ranges are in zset-range.ts, unions and the like in
// zset-algebra.ts, taking from the ends in zset-pop.ts, chance and iteration in zset-random.ts.
import { NOTIFY_ZSET } from "../keyspace/events.ts";
import { ZSET } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import {
  ADD_GREATER_ONLY,
  ADD_INCREMENT,
  ADD_KNOWN_ONLY,
  ADD_LESS_ONLY,
  ADD_NEW_ONLY,
  ADDED,
  NOT_A_NUMBER,
  REFUSED,
  UPDATED,
} from "../types/zset/sorted-set.ts";
import { parseDouble } from "../util/double.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_FLOAT, SYNTAX_ERROR, WRONG_TYPE, wrongArity } from "./errors.ts";
import { membersRemoved, openSortedSet, signalReady } from "./zset-shared.ts";

const NX_AND_XX = "ERR XX and NX options at the same time are not compatible";
const GT_LT_AND_NX = "ERR GT, LT, and/or NX options at the same time are not compatible";
const INCR_OF_MANY = "ERR INCR option supports a single increment-element pair";
const SUM_IS_NAN = "ERR resulting score is not a number (NaN)";

/** ZADD's CH, beside the ADD_ options. */
export const COUNT_CHANGED = 32;

/** ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member …] */
function zadd(ctx: Context, args: Args, reply: Reply): void {
  addGeneric(ctx, args, reply, 0);
}

/** ZINCRBY key increment member */
function zincrby(ctx: Context, args: Args, reply: Reply): void {
  addGeneric(ctx, args, reply, ADD_INCREMENT);
}

/** The option word in argument i, or 0. */
function optionAt(args: Args, i: number): number {
  if (args.length[i] === 2) {
    if (args.is(i, "nx")) return ADD_NEW_ONLY;
    if (args.is(i, "xx")) return ADD_KNOWN_ONLY;
    if (args.is(i, "ch")) return COUNT_CHANGED;
    if (args.is(i, "gt")) return ADD_GREATER_ONLY;
    return args.is(i, "lt") ? ADD_LESS_ONLY : 0;
  }
  return args.is(i, "incr") ? ADD_INCREMENT : 0;
}

/** Why these options cannot go together, or "". */
function conflictOf(options: number, pairs: number): string {
  const onlyNew = (options & ADD_NEW_ONLY) !== 0;
  const compares = options & (ADD_GREATER_ONLY | ADD_LESS_ONLY);
  if (onlyNew && (options & ADD_KNOWN_ONLY) !== 0) return NX_AND_XX;
  if ((onlyNew && compares !== 0) || compares === (ADD_GREATER_ONLY | ADD_LESS_ONLY)) {
    return GT_LT_AND_NX;
  }
  return (options & ADD_INCREMENT) !== 0 && pairs > 1 ? INCR_OF_MANY : "";
}

function addGeneric(ctx: Context, args: Args, reply: Reply, given: number): void {
  let options = given;
  let first = 2;
  for (; first < args.count; first++) {
    const option = optionAt(args, first);
    if (option === 0) break;
    options |= option;
  }
  const words = args.count - first;
  if (words === 0 || (words & 1) !== 0) return reply.error(SYNTAX_ERROR);
  const conflict = conflictOf(options, words >> 1);
  if (conflict !== "") return reply.error(conflict);
  if (!parseScores(ctx, args, first)) return reply.error(NOT_FLOAT);
  addMembers(ctx, args, reply, options, words >> 1, first + 1, 2);
}

/** All scores are read before anything is changed. False when one is no number. */
function parseScores(ctx: Context, args: Args, first: number): boolean {
  const pairs = (args.count - first) >> 1;
  const scores = ctx.node.sortedSets.roomForScores(pairs);
  for (let pair = 0, i = first; pair < pairs; pair++, i += 2) {
    const score = parseDouble(args.bytes, args.offset[i], args.length[i]);
    if (Number.isNaN(score)) return false;
    scores[pair] = score;
  }
  return true;
}

/**
 * Adds `count` members to the key in argument 1, the first from argument `first`, the next always
 * `stride` further on, with the scores in `sortedSets.scores`. ZADD's whole effect and reply.
 */
export function addMembers(
  ctx: Context,
  args: Args,
  reply: Reply,
  options: number,
  count: number,
  first: number,
  stride: number,
): void {
  const { db } = ctx;
  const { set, scores, member } = ctx.node.sortedSets;
  const incr = (options & ADD_INCREMENT) !== 0;
  let entry: Ref = db.write(args, 1);
  if (entry === NONE) {
    if ((options & ADD_KNOWN_ONLY) !== 0) return incr ? reply.nil() : reply.integer(0);
    set.create(count, args.length[first]);
    entry = db.add(args, 1, ZSET, set.encoding, set.value);
    signalReady(ctx, args, 1);
  } else {
    if (db.typeOf(entry) !== ZSET) return reply.error(WRONG_TYPE);
    set.open(db.valueOf(entry), db.encodingOf(entry));
    set.enlargeFor(count);
  }
  let added = 0;
  let updated = 0;
  let outcome = 0;
  for (let i = 0; i < count; i++) {
    member.argument(args, first + i * stride);
    outcome = set.add(member, scores[i], options);
    if (outcome === ADDED) added++;
    else if (outcome === UPDATED) updated++;
  }
  db.setValue(entry, set.value, set.encoding);
  if (outcome === NOT_A_NUMBER) return reply.error(SUM_IS_NAN);
  if (!incr) reply.integer((options & COUNT_CHANGED) !== 0 ? added + updated : added);
  else if (outcome === REFUSED) reply.nil();
  else reply.double(set.score);
  if (added + updated === 0) return;
  ctx.changed(args, 1, NOTIFY_ZSET, incr ? "zincr" : "zadd");
  ctx.keyspace.dirty += added + updated - 1;
}

/** ZREM key member [member …] */
function zrem(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const hash = db.lastHash;
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const { member } = ctx.node.sortedSets;
  let removed = 0;
  for (let i = 2; i < args.count; i++) {
    member.argument(args, i);
    if (!set.remove(member)) continue;
    removed++;
    if (set.length === 0) break;
  }
  if (removed > 0) membersRemoved(ctx, args, 1, entry, hash, set, removed, "zrem");
  reply.integer(removed);
}

/** ZCARD key */
function zcard(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  const set = openSortedSet(ctx, entry, reply);
  if (set !== null) reply.integer(set.length);
}

/** ZSCORE key member */
function zscore(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.nil();
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const { member } = ctx.node.sortedSets;
  member.argument(args, 2);
  if (set.find(member)) reply.double(set.score);
  else reply.nil();
}

/** ZMSCORE key member [member …] */
function zmscore(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  const set = entry === NONE ? null : openSortedSet(ctx, entry, reply);
  if (set === null && entry !== NONE) return;
  const { member } = ctx.node.sortedSets;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    member.argument(args, i);
    if (set?.find(member)) reply.double(set.score);
    else reply.nil();
  }
}

/** ZRANK key member [WITHSCORE] */
function zrank(ctx: Context, args: Args, reply: Reply): void {
  rankGeneric(ctx, args, reply, false);
}

/** ZREVRANK key member [WITHSCORE] */
function zrevrank(ctx: Context, args: Args, reply: Reply): void {
  rankGeneric(ctx, args, reply, true);
}

function rankGeneric(ctx: Context, args: Args, reply: Reply, reverse: boolean): void {
  if (args.count > 4) return reply.error(wrongArity(ctx.command.fullName));
  const withScore = args.count === 4;
  if (withScore && !args.is(3, "withscore")) return reply.error(SYNTAX_ERROR);
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return withScore ? reply.nilArray() : reply.nil();
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const { member } = ctx.node.sortedSets;
  member.argument(args, 2);
  const rank = set.rank(member);
  if (rank < 0) return withScore ? reply.nilArray() : reply.nil();
  if (withScore) reply.array(2);
  reply.integer(reverse ? set.length - 1 - rank : rank);
  if (withScore) reply.double(set.score);
}

export const zsetCommands: readonly CommandEntry[] = [
  command("zadd", zadd),
  command("zincrby", zincrby),
  command("zrem", zrem),
  command("zcard", zcard),
  command("zscore", zscore),
  command("zmscore", zmscore),
  command("zrank", zrank),
  command("zrevrank", zrevrank),
];
