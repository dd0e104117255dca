// Fields of hashes as counters: HINCRBY, HINCRBYFLOAT.
import { NOTIFY_HASH } from "../keyspace/events.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import { toBytes } from "../util/bytes.ts";
import { highOf, int64BigInt, int64Number, lowOf } from "../util/int64.ts";
import { parseInt64 } from "../util/integer.ts";
import { addLongDoubles, longDoubleOf, parseLongDouble } from "../util/long-double.ts";
import { type CommandEntry, command } from "./command.ts";
import { NAN_OR_INFINITY, NOT_FLOAT, NOT_INTEGER, OVERFLOW } from "./errors.ts";
import { EXPIRED_WITH_HASH, findLive, LIVE, openOrCreate, storeHash } from "./hash-shared.ts";
import { replyElement } from "./set.ts";

/**
 * Opens the hash in argument 1 and loads the field in argument 2 into `hashes.value`. Answers with
 * LIVE or something else, or with -1 after an error.
 */
function loadField(ctx: Context, args: Args, reply: Reply): number {
  if (!openOrCreate(ctx, args, reply)) return -1;
  const { hashes } = ctx.node;
  const { hash, field, value } = hashes;
  field.argument(args, 2);
  const found = findLive(ctx, hash, field);
  if (found === LIVE) hashes.loadFound(hash, value);
  if (found === EXPIRED_WITH_HASH) hashes.create(hash);
  return found;
}

/** Sets the field to `hashes.value`; its time to live goes on. */
function storeField(ctx: Context, args: Args, event: string): void {
  const { hashes } = ctx.node;
  const { hash, field, value } = hashes;
  hashes.set(hash, field, value, true);
  storeHash(ctx, args, hash);
  ctx.changed(args, 1, NOTIFY_HASH, event);
}

/** HINCRBY key field increment */
function hincrby(ctx: Context, args: Args, reply: Reply): void {
  const { value } = ctx.node.hashes;
  const by = args.integer(3);
  const large = Number.isNaN(by) ? parseInt64(args.bytes, args.offset[3], args.length[3]) : null;
  if (Number.isNaN(by) && large === null) return reply.error(NOT_INTEGER);
  const found = loadField(ctx, args, reply);
  if (found < 0) return;
  if (found !== LIVE) value.integer(0, 0);
  else if (!value.isInteger()) return reply.error("ERR hash value is not an integer");
  const sum = int64Number(value.high, value.low) + by;
  if (sum >= -Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) {
    value.integer(highOf(sum), lowOf(sum));
    storeField(ctx, args, "hincrby");
    return reply.integer(sum);
  }
  incrementLarge(ctx, args, reply, large ?? BigInt(by));
}

/** The whole 64-bit range. */
function incrementLarge(ctx: Context, args: Args, reply: Reply, by: bigint): void {
  const { value } = ctx.node.hashes;
  const sum = int64BigInt(value.high, value.low) + by;
  if (BigInt.asIntN(64, sum) !== sum) return reply.error(OVERFLOW);
  value.integer(Number(sum >> 32n), Number(BigInt.asIntN(32, sum)));
  storeField(ctx, args, "hincrby");
  reply.bigint(sum);
}

/** HINCRBYFLOAT key field increment */
function hincrbyfloat(ctx: Context, args: Args, reply: Reply): void {
  const { node } = ctx;
  const { value } = node.hashes;
  const by = parseLongDouble(args.bytes, args.offset[3], args.length[3]);
  if (by === null) return reply.error(NOT_FLOAT);
  if (by.infinite !== 0) return reply.error("ERR value is NaN or Infinity");
  const found = loadField(ctx, args, reply);
  if (found < 0) return;
  const old =
    found === LIVE ? parseLongDouble(value.bytes, value.offset, value.length) : longDoubleOf(0);
  if (old === null) return reply.error("ERR hash value is not a float");
  const sum = addLongDoubles(old, by);
  if (sum === null) return reply.error(NAN_OR_INFINITY);
  placeText(value, sum);
  storeField(ctx, args, "hincrbyfloat");
  replyElement(value, reply);
  if (!node.propagation.active) return;
  ctx.propagateInstead("HSET", args.latin1(1), args.latin1(2), sum);
}

function placeText(element: Element, text: string): void {
  const bytes = toBytes(text);
  element.place(bytes, new DataView(bytes.buffer), 0, bytes.length);
}

export const hashCounterCommands: readonly CommandEntry[] = [
  command("hincrby", hincrby),
  command("hincrbyfloat", hincrbyfloat),
];
