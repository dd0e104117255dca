// Strings as counters: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT.
import { NOTIFY_STRING } from "../keyspace/events.ts";
import { EMBSTR, EMBSTR_BYTES_MAX, INT, RAW, STRING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { toBytes } from "../util/bytes.ts";
import { parseInt64, writeInteger } from "../util/integer.ts";
import { addLongDoubles, parseLongDouble } from "../util/long-double.ts";
import { type CommandEntry, command } from "./command.ts";
import { NAN_OR_INFINITY, NOT_FLOAT, NOT_INTEGER, OVERFLOW, WRONG_TYPE } from "./errors.ts";

const INT64_MIN = -(2n ** 63n);
/** Digits of a new counter, on their way into the keyspace. */
const digits: Uint8Array = new Uint8Array(24);

/** Adds `by` to the key in argument 1. Numbers up to 2^53 take no detour over BigInt. */
function increment(ctx: Context, args: Args, reply: Reply, by: number): void {
  const { db, node } = ctx;
  const entry = db.write(args, 1);
  if (entry === NONE) {
    node.strings.set(db, args, 1, NONE, digits, 0, writeInteger(digits, 0, by), -1);
    ctx.changed(args, 1, NOTIFY_STRING, "incrby");
    return reply.integer(by);
  }
  if (db.typeOf(entry) === STRING && db.encodingOf(entry) === INT) {
    let sum = node.strings.addSmall(entry, by);
    if (!Number.isNaN(sum)) {
      ctx.changed(args, 1, NOTIFY_STRING, "incrby");
      return reply.integer(sum);
    }
    sum = node.strings.integerOf(entry) + by;
    if (sum >= -Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) {
      node.strings.setInteger(entry, sum);
      ctx.changed(args, 1, NOTIFY_STRING, "incrby");
      return reply.integer(sum);
    }
  }
  incrementLarge(ctx, args, reply, entry, BigInt(by));
}

/** The whole 64-bit range, and keys that are not there or not encoded as integers. */
function incrementLarge(ctx: Context, args: Args, reply: Reply, entry: Ref, by: bigint): void {
  const { db, node } = ctx;
  const { strings } = node;
  let value = 0n;
  if (entry !== NONE) {
    if (db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
    strings.load(entry);
    const parsed = parseInt64(strings.bytes, strings.offset, strings.length);
    if (parsed === null) return reply.error(NOT_INTEGER);
    value = parsed;
  }
  const sum = value + by;
  if (BigInt.asIntN(64, sum) !== sum) return reply.error(OVERFLOW);
  setText(ctx, args, entry, String(sum));
  ctx.changed(args, 1, NOTIFY_STRING, "incrby");
  reply.bigint(sum);
}

/** Replaces the value of the key in argument 1 and keeps its expiry. */
function setText(ctx: Context, args: Args, entry: Ref, text: string, encoding?: number): void {
  const bytes = toBytes(text);
  const expiry = entry === NONE ? -1 : ctx.db.expiryOf(entry);
  ctx.node.strings.set(ctx.db, args, 1, entry, bytes, 0, bytes.length, expiry, encoding);
}

/** INCR key */
function incr(ctx: Context, args: Args, reply: Reply): void {
  increment(ctx, args, reply, 1);
}

/** DECR key */
function decr(ctx: Context, args: Args, reply: Reply): void {
  increment(ctx, args, reply, -1);
}

/** INCRBY key increment */
function incrby(ctx: Context, args: Args, reply: Reply): void {
  const by = args.integer(2);
  if (!Number.isNaN(by)) return increment(ctx, args, reply, by);
  const big = parseInt64(args.bytes, args.offset[2], args.length[2]);
  if (big === null) return reply.error(NOT_INTEGER);
  incrementLarge(ctx, args, reply, ctx.db.write(args, 1), big);
}

/** DECRBY key decrement */
function decrby(ctx: Context, args: Args, reply: Reply): void {
  const by = args.integer(2);
  if (!Number.isNaN(by)) return increment(ctx, args, reply, -by);
  const big = parseInt64(args.bytes, args.offset[2], args.length[2]);
  if (big === null) return reply.error(NOT_INTEGER);
  if (big === INT64_MIN) return reply.error("ERR decrement would overflow");
  incrementLarge(ctx, args, reply, ctx.db.write(args, 1), -big);
}

/** INCRBYFLOAT key increment */
function incrbyfloat(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const { strings } = node;
  const entry = db.write(args, 1);
  let value = parseLongDouble(toBytes("0"), 0, 1);
  if (entry !== NONE) {
    if (db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
    strings.load(entry);
    value = parseLongDouble(strings.bytes, strings.offset, strings.length);
  }
  const by = parseLongDouble(args.bytes, args.offset[2], args.length[2]);
  if (value === null || by === null) return reply.error(NOT_FLOAT);
  const sum = addLongDoubles(value, by);
  if (sum === null) return reply.error(NAN_OR_INFINITY);
  setText(ctx, args, entry, sum, sum.length <= EMBSTR_BYTES_MAX ? EMBSTR : RAW);
  ctx.changed(args, 1, NOTIFY_STRING, "incrbyfloat");
  reply.bulkText(sum);
  if (node.propagation.active) ctx.propagateInstead("SET", args.latin1(1), sum, "KEEPTTL");
}

export const counterCommands: readonly CommandEntry[] = [
  command("incr", incr),
  command("decr", decr),
  command("incrby", incrby),
  command("decrby", decrby),
  command("incrbyfloat", incrbyfloat),
];
