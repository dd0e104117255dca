// Members of sorted sets by chance (ZRANDMEMBER), and going through them in pieces (ZSCAN).
import { LISTPACK } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { sampleEntries } from "../types/sample.ts";
import type { SortedSet } from "../types/zset/sorted-set.ts";
import { formatDouble17 } from "../util/double.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { endsClient, randomCount } from "./random-count.ts";
import { argMatches, scanCursor, scanOptions } from "./scan.ts";
import { replyEmptyScan } from "./set.ts";
import { beginMembers, openSortedSet, replyRange } from "./zset-shared.ts";

/** ZRANDMEMBER key [count [WITHSCORES]] */
function zrandmember(ctx: Context, args: Args, reply: Reply): void {
  if (args.count >= 3) return randomMembers(ctx, args, reply);
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.nil();
  const set = openSortedSet(ctx, entry, reply);
  if (set !== null) replyRandom(ctx, set, false, reply);
}

function randomMembers(ctx: Context, args: Args, reply: Reply): void {
  const withScores = args.count === 4 && args.is(3, "withscores");
  const count = randomCount(args, 2, withScores, reply);
  if (Number.isNaN(count)) return;
  if (args.count > 3 && !withScores) return reply.error(SYNTAX_ERROR);
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.array(0);
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const { length } = set;
  if (count < 0) {
    beginMembers(reply, -count, withScores);
    for (let i = 0; i < -count && !endsClient(ctx, reply, i); i++) {
      replyRandom(ctx, set, withScores, reply);
    }
  } else if (count >= length) {
    // Redis goes through the whole set from its end.
    replyRange(ctx, set, length - 1, length, true, withScores, reply);
  } else {
    beginMembers(reply, count, withScores);
    if (set.encoding === LISTPACK) replyPackedSample(ctx, set, count, withScores, reply);
    else replySample(ctx, set, count, withScores, reply);
  }
}

/** Replies with one member, each equally likely. */
function replyRandom(ctx: Context, set: SortedSet, withScore: boolean, reply: Reply): void {
  const { dicts, prng } = ctx.keyspace;
  const { cursor, member } = ctx.node.sortedSets;
  let score = 0;
  if (set.encoding === LISTPACK) {
    cursor.seek(set, prng.below(set.length));
    cursor.member(member);
    ({ score } = cursor);
  } else {
    const entry = dicts.random(set.dict, prng);
    member.entryKey(dicts, entry);
    score = set.scoreOf(entry);
  }
  if (withScore && reply.resp > 2) reply.array(2);
  reply.bulk(member.bytes, member.offset, member.length);
  if (withScore) reply.double(score);
}

/** Goes through a packed set and takes each member with the chance that it is still needed. */
function replyPackedSample(
  ctx: Context,
  set: SortedSet,
  count: number,
  withScores: boolean,
  reply: Reply,
): void {
  const { prng } = ctx.keyspace;
  const { cursor, member } = ctx.node.sortedSets;
  let wanted = count;
  if (wanted > 0) cursor.seek(set, 0);
  for (let left = set.length; wanted > 0; left--, cursor.next()) {
    if (prng.below(left) >= wanted) continue;
    wanted--;
    if (withScores && reply.resp > 2) reply.array(2);
    cursor.member(member);
    reply.bulk(member.bytes, member.offset, member.length);
    if (withScores) reply.double(cursor.score);
  }
}

function replySample(
  ctx: Context,
  set: SortedSet,
  count: number,
  withScores: boolean,
  reply: Reply,
): void {
  const { dicts, prng, scanned } = ctx.keyspace;
  const { member } = ctx.node.sortedSets;
  sampleEntries(dicts, set.dict, set.length, count, prng, scanned);
  for (let i = 0; i < count; i++) {
    const entry = scanned.items[i];
    if (withScores && reply.resp > 2) reply.array(2);
    member.entryKey(dicts, entry);
    reply.bulk(member.bytes, member.offset, member.length);
    if (withScores) reply.double(set.scoreOf(entry));
  }
  scanned.count = 0;
}

/** ZSCAN key cursor [MATCH pattern] [COUNT count] */
function zscan(ctx: Context, args: Args, reply: Reply): void {
  const cursor = scanCursor(args, 2, reply);
  if (Number.isNaN(cursor)) return;
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return replyEmptyScan(reply);
  const set = openSortedSet(ctx, entry, reply);
  if (set === null) return;
  const options = scanOptions(args, 3, "collection", reply);
  if (options === null) return;
  const { count, patternArg } = options;
  reply.array(2);
  if (set.encoding === LISTPACK) scanPacked(ctx, args, set, patternArg, reply);
  else scanLarge(ctx, args, set, cursor, count, patternArg, reply);
}

/** A small set is answered at once. */
function scanPacked(
  ctx: Context,
  args: Args,
  set: SortedSet,
  patternArg: number,
  reply: Reply,
): void {
  const { cursor, member } = ctx.node.sortedSets;
  reply.bulkInteger(0);
  const mark = reply.mark();
  let matches = 0;
  cursor.seek(set, 0);
  do {
    cursor.member(member);
    const { bytes, offset, length } = member;
    if (patternArg !== 0 && !argMatches(args, patternArg, bytes, offset, length)) continue;
    matches++;
    reply.bulk(bytes, offset, length);
    cursor.packedScore(member);
    reply.bulk(member.bytes, member.offset, member.length);
  } while (cursor.next());
  reply.insertArray(mark, matches * 2);
}

function scanLarge(
  ctx: Context,
  args: Args,
  set: SortedSet,
  cursor: number,
  count: number,
  patternArg: number,
  reply: Reply,
): void {
  const { dicts, scanned } = ctx.keyspace;
  const { member } = ctx.node.sortedSets;
  scanned.count = 0;
  reply.bulkInteger(dicts.scan(set.dict, cursor, count, scanned));
  const mark = reply.mark();
  let matches = 0;
  for (let i = 0; i < scanned.count; i++) {
    member.entryKey(dicts, scanned.items[i]);
    const { bytes, offset, length } = member;
    if (patternArg !== 0 && !argMatches(args, patternArg, bytes, offset, length)) continue;
    matches++;
    reply.bulk(bytes, offset, length);
    reply.bulkText(formatDouble17(set.scoreOf(scanned.items[i])));
  }
  reply.insertArray(mark, matches * 2);
  scanned.count = 0;
}

export const zsetRandomCommands: readonly CommandEntry[] = [
  command("zrandmember", zrandmember),
  command("zscan", zscan),
];
