// Times to live of the fields of hashes: HEXPIRE and its like, HTTL and its like, HPERSIST. Each
// answers with a number for every field.
import { NOTIFY_GENERIC, NOTIFY_HASH } from "../keyspace/events.ts";
import { LISTPACK_EX } from "../keyspace/types.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { NO_EXPIRY } from "../types/hash/hash-fields.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_INTEGER } from "./errors.ts";
import { invalidExpireTime } from "./expiry.ts";
import { openHash } from "./hash-shared.ts";
import { longArgument } from "./numbers.ts";

/** Field expiry is kept in 48 bits, of which Redis reserves two. */
const EXPIRY_MS_MAX: number = 2 ** 46 - 1;

// Answers for a field.
const NO_FIELD = -2;
const NO_TTL = -1;
const NOT_SET = 0;
const SET = 1;
const REMOVED = 2;

// Conditions.
const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;

/** The condition in argument i, or 0. */
function conditionAt(args: Args, i: number): number {
  if (args.is(i, "nx")) return NX;
  if (args.is(i, "xx")) return XX;
  if (args.is(i, "gt")) return GT;
  return args.is(i, "lt") ? LT : 0;
}

/** HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field …] */
function hexpire(ctx: Context, args: Args, reply: Reply): void {
  expireFields(ctx, args, reply, ctx.nowMs, 1000);
}

/** HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field …] */
function hpexpire(ctx: Context, args: Args, reply: Reply): void {
  expireFields(ctx, args, reply, ctx.nowMs, 1);
}

/** HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field …] */
function hexpireat(ctx: Context, args: Args, reply: Reply): void {
  expireFields(ctx, args, reply, 0, 1000);
}

/** HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field …] */
function hpexpireat(ctx: Context, args: Args, reply: Reply): void {
  expireFields(ctx, args, reply, 0, 1);
}

function expireFields(
  ctx: Context,
  args: Args,
  reply: Reply,
  baseMs: number,
  unitMs: number,
): void {
  const { db } = ctx;
  const { hashes } = ctx.node;
  const { hash, field } = hashes;
  const entry = db.write(args, 1);
  const keyHash = db.lastHash;
  if (entry !== NONE && !openHash(ctx, entry, reply)) return;
  const atMs = expiryArgument(ctx, args, reply, baseMs, unitMs);
  if (atMs < 0) return;
  const condition = conditionAt(args, 3);
  const countArg = condition === 0 ? 4 : 5;
  const countError = "ERR Parameter `numFields` should be greater than 0";
  if (!checkFields(args, countArg, countError, reply)) return;
  if (entry === NONE) return replyNoFields(args, countArg, reply);
  hashes.allowExpiry(hash);
  reply.array(args.count - countArg - 1);
  const isPast = atMs <= ctx.nowMs && ctx.keyspace.deletesExpired && !ctx.keyspace.loading;
  const set: number[] = [];
  let removed = 0;
  for (let i = countArg + 1; i < args.count; i++) {
    field.argument(args, i);
    const result = expireField(ctx, condition, atMs, isPast);
    if (result === SET) set.push(i);
    if (result === REMOVED) removed++;
    reply.integer(result);
  }
  hashes.store(hash);
  if (set.length + removed > 0) {
    const isGone = removed > 0 && hashes.count(hash) === 0;
    if (isGone) db.removeEntry(entry, keyHash);
    ctx.changed(args, 1, NOTIFY_HASH, removed > 0 ? "hdel" : "hexpire");
    if (isGone) ctx.notify(args, 1, NOTIFY_GENERIC, "del");
    ctx.keyspace.dirty += set.length + removed - 1;
  }
  if (set.length === 0) ctx.propagateNothing();
  else if (ctx.node.propagation.active) propagateSet(ctx, args, countArg, atMs, set);
}

/** The time in argument 2 as absolute ms. Answers with the error itself and returns -1 if wrong. */
function expiryArgument(
  ctx: Context,
  args: Args,
  reply: Reply,
  baseMs: number,
  unitMs: number,
): number {
  const given = longArgument(args, 2, reply, NOT_INTEGER);
  if (Number.isNaN(given)) return -1;
  if (given < 0) {
    reply.error("ERR invalid expire time, must be >= 0");
    return -1;
  }
  const atMs = given * unitMs + baseMs;
  if (atMs <= EXPIRY_MS_MAX) return atMs;
  reply.error(invalidExpireTime(ctx.command.fullName));
  return -1;
}

/**
 * Checks FIELDS in front of argument i, the number of fields in it and the fields behind it. Answers
 * with the error itself and returns false if something is wrong.
 */
function checkFields(args: Args, i: number, countError: string, reply: Reply): boolean {
  if (!args.is(i - 1, "fields")) {
    reply.error("ERR Mandatory argument FIELDS is missing or not at the right position");
    return false;
  }
  const count = longArgument(args, i, reply, countError);
  if (Number.isNaN(count)) return false;
  if (count < 1) {
    reply.error(countError);
    return false;
  }
  if (count === args.count - i - 1) return true;
  reply.error("ERR The `numfields` parameter must match the number of arguments");
  return false;
}

/** The answer for a hash that is not there. */
function replyNoFields(args: Args, countArg: number, reply: Reply): void {
  const count = args.count - countArg - 1;
  reply.array(count);
  for (let i = 0; i < count; i++) reply.integer(NO_FIELD);
}

/** Gives `hashes.field` an expiry if it may have it; one that is over already removes the field. */
function expireField(ctx: Context, condition: number, atMs: number, isPast: boolean): number {
  const { hashes, fieldExpiry } = ctx.node;
  const { hash, field } = hashes;
  if (!hashes.find(hash, field)) return NO_FIELD;
  const { expiryMs } = hashes;
  if (expiryMs === NO_EXPIRY) {
    if (condition === XX || condition === GT) return NOT_SET;
  } else if (
    condition === NX ||
    (condition === GT && expiryMs >= atMs) ||
    (condition === LT && expiryMs <= atMs)
  ) {
    return NOT_SET;
  }
  if (isPast) {
    fieldExpiry.propagateRemoval(hash, field);
    hashes.removeFound(hash);
    return REMOVED;
  }
  hashes.setExpiry(hash, field, atMs);
  return SET;
}

/** What replicas get: HPEXPIREAT for the fields in the arguments `set`, those that were changed. */
function propagateSet(
  ctx: Context,
  args: Args,
  countArg: number,
  atMs: number,
  set: readonly number[],
): void {
  const isAbsolute = ctx.command.fullName === "hpexpireat";
  const words = [isAbsolute ? args.latin1(0) : "HPEXPIREAT", args.latin1(1)];
  words.push(isAbsolute ? args.latin1(2) : String(atMs));
  for (let i = 3; i < countArg; i++) words.push(args.latin1(i));
  const isWhole = set.length === args.count - countArg - 1;
  words.push(isWhole ? args.latin1(countArg) : String(set.length));
  for (const i of set) words.push(args.latin1(i));
  ctx.propagateInstead(...words);
}

/** HTTL key FIELDS numfields field [field …] */
function httl(ctx: Context, args: Args, reply: Reply): void {
  replyTimes(ctx, args, reply, ctx.nowMs, 1000);
}

/** HPTTL key FIELDS numfields field [field …] */
function hpttl(ctx: Context, args: Args, reply: Reply): void {
  replyTimes(ctx, args, reply, ctx.nowMs, 1);
}

/** HEXPIRETIME key FIELDS numfields field [field …] */
function hexpiretime(ctx: Context, args: Args, reply: Reply): void {
  replyTimes(ctx, args, reply, 0, 1000);
}

/** HPEXPIRETIME key FIELDS numfields field [field …] */
function hpexpiretime(ctx: Context, args: Args, reply: Reply): void {
  replyTimes(ctx, args, reply, 0, 1);
}

const COUNT_ERROR = "ERR Number of fields must be a positive integer";
const COUNT_ARG = 3;

/** The expiry of each field: counted from `baseMs`, in units of `unitMs`, rounded up. */
function replyTimes(ctx: Context, args: Args, reply: Reply, baseMs: number, unitMs: number): void {
  const { hashes } = ctx.node;
  const { hash, field } = hashes;
  const entry = ctx.db.read(args, 1);
  if (entry !== NONE && !openHash(ctx, entry, reply)) return;
  if (!checkFields(args, COUNT_ARG, COUNT_ERROR, reply)) return;
  if (entry === NONE) return replyNoFields(args, COUNT_ARG, reply);
  // A field of a listpack whose time is now is over here; Redis has it so.
  const overMs = hash.encoding === LISTPACK_EX ? ctx.nowMs + 1 : ctx.nowMs;
  reply.array(args.count - COUNT_ARG - 1);
  for (let i = COUNT_ARG + 1; i < args.count; i++) {
    field.argument(args, i);
    if (!hashes.find(hash, field)) reply.integer(NO_FIELD);
    else if (hashes.expiryMs === NO_EXPIRY) reply.integer(NO_TTL);
    else if (hashes.expiryMs < overMs) reply.integer(NO_FIELD);
    else reply.integer(Math.floor((hashes.expiryMs - baseMs + unitMs - 1) / unitMs));
  }
}

/** HPERSIST key FIELDS numfields field [field …] */
function hpersist(ctx: Context, args: Args, reply: Reply): void {
  const { hashes } = ctx.node;
  const { hash, field } = hashes;
  const entry = ctx.db.write(args, 1);
  if (entry !== NONE && !openHash(ctx, entry, reply)) return;
  if (!checkFields(args, COUNT_ARG, COUNT_ERROR, reply)) return;
  if (entry === NONE) return replyNoFields(args, COUNT_ARG, reply);
  reply.array(args.count - COUNT_ARG - 1);
  let changed = false;
  for (let i = COUNT_ARG + 1; i < args.count; i++) {
    field.argument(args, i);
    if (!hashes.find(hash, field)) {
      reply.integer(NO_FIELD);
    } else if (hashes.expiryMs === NO_EXPIRY) {
      reply.integer(NO_TTL);
    } else if (hashes.expiryMs < ctx.nowMs) {
      reply.integer(NO_FIELD);
    } else {
      hashes.clearExpiry(hash, field);
      reply.integer(SET);
      changed = true;
    }
  }
  if (!changed) return;
  hashes.store(hash);
  ctx.notify(args, 1, NOTIFY_HASH, "hpersist");
  ctx.modified(args, 1);
  ctx.keyspace.dirty++;
}

export const hashExpireCommands: readonly CommandEntry[] = [
  command("hexpire", hexpire),
  command("hpexpire", hpexpire),
  command("hexpireat", hexpireat),
  command("hpexpireat", hpexpireat),
  command("httl", httl),
  command("hpttl", hpttl),
  command("hexpiretime", hexpiretime),
  command("hpexpiretime", hpexpiretime),
  command("hpersist", hpersist),
];
