// Unions, intersections and differences of sorted sets and sets: answered, stored or counted.
//
// A result is made as a large set and packed at the end when it is small enough. Inputs of unions and
// intersections are taken from the smallest to the largest, as in Redis: sums of doubles depend on it.
import { SET, ZSET } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import type { SortedSet } from "../types/zset/sorted-set.ts";
import { SortedSetSource } from "../types/zset/source.ts";
import { parseDouble } from "../util/double.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import { replyRange, storeResult } from "./zset-shared.ts";

const WEIGHT_NOT_FLOAT = "ERR weight value is not a float";
const LIMIT_NEGATIVE = "ERR LIMIT can't be negative";

// Operations.
const UNION = 0;
const INTERSECTION = 1;
const DIFFERENCE = 2;
const STORE_EVENTS = ["zunionstore", "zinterstore", "zdiffstore"];

// Ways to aggregate.
const SUM = 0;
const MIN = 1;
const MAX = 2;

/** What a command asks for besides its inputs. */
interface Options {
  aggregate: number;
  withScores: boolean;
}

/** ZUNION numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM | MIN | MAX] [WITHSCORES] */
function zunion(ctx: Context, args: Args, reply: Reply): void {
  answer(ctx, args, reply, UNION);
}

/** ZINTER numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM | MIN | MAX] [WITHSCORES] */
function zinter(ctx: Context, args: Args, reply: Reply): void {
  answer(ctx, args, reply, INTERSECTION);
}

/** ZDIFF numkeys key [key …] [WITHSCORES] */
function zdiff(ctx: Context, args: Args, reply: Reply): void {
  answer(ctx, args, reply, DIFFERENCE);
}

/** ZUNIONSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM | MIN | MAX] */
function zunionstore(ctx: Context, args: Args, reply: Reply): void {
  store(ctx, args, reply, UNION);
}

/** ZINTERSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM | MIN | MAX] */
function zinterstore(ctx: Context, args: Args, reply: Reply): void {
  store(ctx, args, reply, INTERSECTION);
}

/** ZDIFFSTORE destination numkeys key [key …] */
function zdiffstore(ctx: Context, args: Args, reply: Reply): void {
  store(ctx, args, reply, DIFFERENCE);
}

function answer(ctx: Context, args: Args, reply: Reply, operation: number): void {
  const sources = sourcesOf(ctx, args, 1, reply);
  if (sources === null) return;
  const options = parseOptions(args, 2, sources, operation, false, reply);
  if (options === null) return;
  const { made } = ctx.node.sortedSets;
  compute(ctx, sources, operation, options.aggregate, made);
  replyRange(ctx, made, 0, made.length, false, options.withScores, reply);
  ctx.keyspace.freeValue(ZSET, made.value, made.encoding, ctx.keyspace.lazyServerDel);
}

function store(ctx: Context, args: Args, reply: Reply, operation: number): void {
  const sources = sourcesOf(ctx, args, 2, reply);
  if (sources === null) return;
  const options = parseOptions(args, 3, sources, operation, true, reply);
  if (options === null) return;
  const { made } = ctx.node.sortedSets;
  compute(ctx, sources, operation, options.aggregate, made);
  made.packIfSmall();
  reply.integer(storeResult(ctx, args, 1, made, STORE_EVENTS[operation]));
}

/** ZINTERCARD numkeys key [key …] [LIMIT limit] */
function zintercard(ctx: Context, args: Args, reply: Reply): void {
  const sources = sourcesOf(ctx, args, 1, reply);
  if (sources === null) return;
  const limit = parseLimit(args, 2 + sources.length, reply);
  if (Number.isNaN(limit)) return;
  const { member } = ctx.node.sortedSets;
  const [smallest, ...others] = bySize(sources);
  let count = 0;
  smallest.start();
  while (smallest.next(member)) {
    if (!isInAll(member, smallest, others)) continue;
    if (++count === limit) break;
  }
  reply.integer(count);
}

// -- arguments ------------------------------------------------------------------------------------

/**
 * The inputs, whose number is argument `numkeysArg` and which follow it. Answers with the error
 * itself and returns null when something is wrong.
 */
function sourcesOf(
  ctx: Context,
  args: Args,
  numkeysArg: number,
  reply: Reply,
): SortedSetSource[] | null {
  const { db, node } = ctx;
  const count = longArgument(args, numkeysArg, reply);
  if (Number.isNaN(count)) return null;
  if (count < 1) {
    return refuse(
      reply,
      `ERR at least 1 input key is needed for '${ctx.command.fullName}' command`,
    );
  }
  const first = numkeysArg + 1;
  if (count > args.count - first) return refuse(reply, SYNTAX_ERROR);
  const sources: SortedSetSource[] = [];
  for (let i = first; i < first + count; i++) {
    const entry = db.read(args, i);
    const type = entry === NONE ? ZSET : db.typeOf(entry);
    if (type !== ZSET && type !== SET) return refuse(reply, WRONG_TYPE);
    const value = entry === NONE ? NONE : db.valueOf(entry);
    const encoding = entry === NONE ? 0 : db.encodingOf(entry);
    sources.push(new SortedSetSource(node.sortedSets, node.sets, type, value, encoding));
  }
  return sources;
}

function refuse(reply: Reply, error: string): null {
  reply.error(error);
  return null;
}

/** The options behind the inputs, which begin at argument `first`. */
function parseOptions(
  args: Args,
  first: number,
  sources: readonly SortedSetSource[],
  operation: number,
  stores: boolean,
  reply: Reply,
): Options | null {
  const options = { aggregate: SUM, withScores: false };
  const combines = operation !== DIFFERENCE;
  for (let i = first + sources.length; i < args.count; i++) {
    const left = args.count - i;
    if (combines && left > sources.length && args.is(i, "weights")) {
      for (const source of sources) {
        i++;
        source.weight = parseDouble(args.bytes, args.offset[i], args.length[i]);
        if (Number.isNaN(source.weight)) return refuse(reply, WEIGHT_NOT_FLOAT);
      }
    } else if (combines && left >= 2 && args.is(i, "aggregate")) {
      i++;
      if (args.is(i, "sum")) options.aggregate = SUM;
      else if (args.is(i, "min")) options.aggregate = MIN;
      else if (args.is(i, "max")) options.aggregate = MAX;
      else return refuse(reply, SYNTAX_ERROR);
    } else if (!stores && args.is(i, "withscores")) {
      options.withScores = true;
    } else {
      return refuse(reply, SYNTAX_ERROR);
    }
  }
  return options;
}

/** ZINTERCARD's options from argument `first` on; NaN after an error. */
function parseLimit(args: Args, first: number, reply: Reply): number {
  let limit = 0;
  for (let i = first; i < args.count; i += 2) {
    if (i + 1 >= args.count || !args.is(i, "limit")) {
      reply.error(SYNTAX_ERROR);
      return Number.NaN;
    }
    limit = longArgument(args, i + 1, reply, LIMIT_NEGATIVE);
    if (Number.isNaN(limit)) return limit;
    if (limit < 0) {
      reply.error(LIMIT_NEGATIVE);
      return Number.NaN;
    }
  }
  return limit;
}

// -- results --------------------------------------------------------------------------------------

/** Makes the result, as a large set. */
function compute(
  ctx: Context,
  sources: SortedSetSource[],
  operation: number,
  aggregate: number,
  made: SortedSet,
): void {
  made.createLarge();
  if (operation === DIFFERENCE) subtract(ctx, sources, made);
  else if (operation === UNION) unite(ctx, bySize(sources), aggregate, made);
  else intersect(ctx, bySize(sources), aggregate, made);
}

/** Smallest first. */
function bySize(sources: SortedSetSource[]): SortedSetSource[] {
  return sources.sort((a, b) => a.length - b.length);
}

function combined(aggregate: number, score: number, other: number): number {
  if (aggregate === SUM) return zeroIfNaN(score + other);
  const isBetter = aggregate === MIN ? other < score : other > score;
  return isBetter ? other : score;
}

/** Infinities of both signs make 0, by Redis's convention, as does an infinity times 0. */
function zeroIfNaN(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

function unite(
  ctx: Context,
  sources: readonly SortedSetSource[],
  aggregate: number,
  made: SortedSet,
): void {
  const { member } = ctx.node.sortedSets;
  for (const source of sources) {
    source.start();
    while (source.next(member)) {
      const score = zeroIfNaN(source.weight * source.score);
      const known = made.stage(member, score);
      if (known !== NONE) made.setScore(known, combined(aggregate, made.scoreOf(known), score));
    }
  }
  made.indexStaged();
}

function intersect(
  ctx: Context,
  sources: readonly SortedSetSource[],
  aggregate: number,
  made: SortedSet,
): void {
  const { member } = ctx.node.sortedSets;
  const [smallest, ...others] = sources;
  smallest.start();
  while (smallest.next(member)) {
    const own = smallest.score;
    let score = zeroIfNaN(smallest.weight * own);
    let isEverywhere = true;
    for (const other of others) {
      const isSame = other.is(smallest);
      if (!isSame && !other.has(member)) {
        isEverywhere = false;
        break;
      }
      score = combined(aggregate, score, (isSame ? own : other.score) * other.weight);
    }
    if (isEverywhere) made.append(member, score);
  }
}

function isInAll(
  member: Element,
  smallest: SortedSetSource,
  others: readonly SortedSetSource[],
): boolean {
  for (const other of others) if (!other.is(smallest) && !other.has(member)) return false;
  return true;
}

function isInAny(member: Element, others: readonly SortedSetSource[]): boolean {
  for (const other of others) if (other.has(member)) return true;
  return false;
}

/** The first input without the members of all others. */
function subtract(ctx: Context, sources: readonly SortedSetSource[], made: SortedSet): void {
  const [first, ...others] = sources;
  const { member } = ctx.node.sortedSets;
  if (first.length === 0 || others.some((other) => other.is(first))) return;
  let total = 0;
  for (const source of sources) total += source.length;
  // Looking every member up in every other set, or going through all of them: as Redis estimates.
  const looksUp = (first.length * sources.length) / 2 <= total;
  if (looksUp) others.sort((a, b) => b.length - a.length);
  first.start();
  while (first.next(member)) {
    if (looksUp && isInAny(member, others)) continue;
    made.append(member, first.score);
  }
  if (looksUp) return;
  for (const other of others) {
    other.start();
    while (made.length > 0 && other.next(member)) made.remove(member);
  }
}

export const zsetAlgebraCommands: readonly CommandEntry[] = [
  command("zunion", zunion),
  command("zinter", zinter),
  command("zdiff", zdiff),
  command("zunionstore", zunionstore),
  command("zinterstore", zinterstore),
  command("zdiffstore", zdiffstore),
  command("zintercard", zintercard),
];
