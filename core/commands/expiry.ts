// Reading expiry times from arguments: SET, GETEX and the EXPIRE family share the rules, not the
// error words.
//
// A time is a signed 64-bit number of ms. Up to 2^53 it is a number; the few beyond are BigInt, so
// that every time comes back as it was given.
import type { Ref } from "../memory/arena.ts";
import { expiryHigh, expiryLow, setExpiry64 } from "../memory/entry.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { int64BigInt } from "../util/int64.ts";
import { parseInt64 } from "../util/integer.ts";
import { NOT_INTEGER } from "./errors.ts";

/** `parseExpiry` has answered with an error. */
export const EXPIRY_INVALID = -2;

/** The largest signed 64-bit integer, rounded as doubles are. */
export const INT64_MAX: number = 2 ** 63;

const TIME_MAX = 2n ** 63n - 1n;
const TIME_MIN = -(2n ** 63n);

/** A time in ms: a number where that is exact, else a BigInt. */
export type Milliseconds = number | bigint;

/** The error of a time that is zero, negative or too far away. */
export function invalidExpireTime(fullName: string): string {
  return `ERR invalid expire time in '${fullName}' command`;
}

/**
 * Argument i as a whole number of the signed 64-bit range, as a double (exact up to 2^53), or NaN
 * when it is none.
 */
export function wideInteger(args: Args, i: number): number {
  const value = exactInteger(args, i);
  return value === null ? Number.NaN : Number(value);
}

/** Argument i as a signed 64-bit integer, or null. */
export function exactInteger(args: Args, i: number): Milliseconds | null {
  const value = args.integer(i);
  if (!Number.isNaN(value)) return value;
  return parseInt64(args.bytes, args.offset[i], args.length[i]);
}

/** The time `value` (s or ms) after `baseMs` as absolute ms; null when it has no 64-bit form. */
export function absoluteTime(
  value: Milliseconds,
  seconds: boolean,
  baseMs: number,
): Milliseconds | null {
  if (typeof value === "number") {
    const ms = seconds ? value * 1000 : value;
    if (Number.isSafeInteger(ms) && Number.isSafeInteger(ms + baseMs)) return ms + baseMs;
  }
  let ms = BigInt(value);
  if (seconds) {
    if (ms > TIME_MAX / 1000n || ms < TIME_MIN / 1000n) return null;
    ms *= 1000n;
  }
  if (ms > TIME_MAX - BigInt(baseMs)) return null;
  return exact(ms + BigInt(baseMs));
}

function exact(ms: bigint): Milliseconds {
  const rounded = Number(ms);
  return Number.isSafeInteger(rounded) ? rounded : ms;
}

/**
 * SET's and GETEX's expiry in argument i as absolute ms: a positive number of seconds or ms,
 * relative to now or absolute. Answers the error itself and returns EXPIRY_INVALID otherwise.
 */
export function parseExpiry(
  ctx: Context,
  args: Args,
  i: number,
  seconds: boolean,
  relative: boolean,
  reply: Reply,
): Milliseconds {
  const value = exactInteger(args, i);
  if (value === null) {
    reply.error(NOT_INTEGER);
    return EXPIRY_INVALID;
  }
  const ms = value > 0 ? absoluteTime(value, seconds, relative ? ctx.nowMs : 0) : null;
  if (ms !== null) return ms;
  reply.error(invalidExpireTime(ctx.command.fullName));
  return EXPIRY_INVALID;
}

/**
 * True when a key that is to expire at `when` is removed at once. Not on a replica, nor from a file:
 * there the key is made, hidden as expired, and waits for the DEL that follows.
 */
export function isOver(ctx: Context, when: Milliseconds): boolean {
  return when <= ctx.nowMs && ctx.keyspace.deletesExpired && !ctx.keyspace.loading;
}

/** The expiry of an entry that has one. */
export function exactExpiry(ctx: Context, entry: Ref): Milliseconds {
  const ms = ctx.db.expiryOf(entry);
  if (Number.isSafeInteger(ms)) return ms;
  const { arena } = ctx.keyspace;
  return int64BigInt(expiryHigh(arena, entry), expiryLow(arena, entry));
}

/** Gives an entry, whose expiry was set as a rounded number, the whole one. */
export function setExactExpiry(ctx: Context, entry: Ref, ms: Milliseconds): void {
  if (typeof ms === "number") return;
  const low = Number(BigInt.asIntN(32, ms));
  setExpiry64(ctx.keyspace.arena, entry, Number(ms >> 32n), low);
}
