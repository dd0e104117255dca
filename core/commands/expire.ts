// The EXPIRE and TTL families and PERSIST. The expiry options of SET and GETEX are in expiry.ts.
import { NOTIFY_GENERIC } from "../keyspace/events.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { cString, NOT_INTEGER } from "./errors.ts";
import {
  absoluteTime,
  exactExpiry,
  exactInteger,
  invalidExpireTime,
  isOver,
  type Milliseconds,
  setExactExpiry,
} from "./expiry.ts";

// Conditions of the EXPIRE family.
const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const INVALID = -1;

/** The conditions from argument 3 on, or INVALID after an error. */
function conditions(args: Args, reply: Reply): number {
  let found = 0;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "nx")) {
      found |= NX;
    } else if (args.is(i, "xx")) {
      found |= XX;
    } else if (args.is(i, "gt")) {
      found |= GT;
    } else if (args.is(i, "lt")) {
      found |= LT;
    } else {
      reply.error(`ERR Unsupported option ${cString(args.latin1(i))}`);
      return INVALID;
    }
  }
  if ((found & NX) !== 0 && found !== NX) {
    reply.error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return INVALID;
  }
  if ((found & GT) !== 0 && (found & LT) !== 0) {
    reply.error("ERR GT and LT options at the same time are not compatible");
    return INVALID;
  }
  return found;
}

/** Whether the conditions let a key with the expiry `current` (-1 for none) expire at `when`. */
function allows(found: number, current: Milliseconds, when: Milliseconds): boolean {
  if ((found & NX) !== 0 && current !== -1) return false;
  if ((found & XX) !== 0 && current === -1) return false;
  // A key without expiry lives for ever, so nothing is later.
  if ((found & GT) !== 0 && (current === -1 || when <= current)) return false;
  return (found & LT) === 0 || current === -1 || when < current;
}

function expireGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  seconds: boolean,
  relative: boolean,
): void {
  const { db } = ctx;
  const found = conditions(args, reply);
  if (found === INVALID) return;
  const value = exactInteger(args, 2);
  if (value === null) return reply.error(NOT_INTEGER);
  const when = absoluteTime(value, seconds, relative ? ctx.nowMs : 0);
  if (when === null) return reply.error(invalidExpireTime(ctx.command.fullName));
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.integer(0);
  const hash = db.lastHash;
  if (found !== 0) {
    const current = db.expiryOf(entry) < 0 ? -1 : exactExpiry(ctx, entry);
    if (!allows(found, current, when)) return reply.integer(0);
  }
  if (isOver(ctx, when)) {
    db.removeEntry(entry, hash, ctx.keyspace.lazyExpire);
    ctx.changed(args, 1, NOTIFY_GENERIC, "del");
    ctx.propagateInstead(ctx.keyspace.lazyExpire ? "UNLINK" : "DEL", args.latin1(1));
    return reply.integer(1);
  }
  // Only a replica or a file being loaded can bring a time before 1970; it is over all the same.
  const moved = db.setExpiry(entry, hash, when < 0 ? 0 : Number(when));
  if (when >= 0) setExactExpiry(ctx, moved, when);
  ctx.changed(args, 1, NOTIFY_GENERIC, "expire");
  if (ctx.node.propagation.active && (seconds || relative)) {
    const rest: string[] = [];
    for (let i = 3; i < args.count; i++) rest.push(args.latin1(i));
    ctx.propagateInstead("PEXPIREAT", args.latin1(1), String(when), ...rest);
  }
  reply.integer(1);
}

/** EXPIRE key seconds [NX | XX | GT | LT] */
function expire(ctx: Context, args: Args, reply: Reply): void {
  expireGeneric(ctx, args, reply, true, true);
}

/** PEXPIRE key milliseconds [NX | XX | GT | LT] */
function pexpire(ctx: Context, args: Args, reply: Reply): void {
  expireGeneric(ctx, args, reply, false, true);
}

/** EXPIREAT key unix-time-seconds [NX | XX | GT | LT] */
function expireat(ctx: Context, args: Args, reply: Reply): void {
  expireGeneric(ctx, args, reply, true, false);
}

/** PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] */
function pexpireat(ctx: Context, args: Args, reply: Reply): void {
  expireGeneric(ctx, args, reply, false, false);
}

function ttlGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  seconds: boolean,
  absolute: boolean,
): void {
  const { db } = ctx;
  const entry = db.inspect(args, 1);
  if (entry === NONE) return reply.integer(-2);
  if (db.expiryOf(entry) < 0) return reply.integer(-1);
  const at = exactExpiry(ctx, entry);
  if (typeof at === "number") {
    const ms = Math.max(0, absolute ? at : at - ctx.nowMs);
    reply.integer(seconds ? Math.floor((ms + 500) / 1000) : ms);
  } else {
    const ms = absolute ? at : at - BigInt(ctx.nowMs);
    reply.bigint(seconds ? (ms + 500n) / 1000n : ms);
  }
}

/** TTL key */
function ttl(ctx: Context, args: Args, reply: Reply): void {
  ttlGeneric(ctx, args, reply, true, false);
}

/** PTTL key */
function pttl(ctx: Context, args: Args, reply: Reply): void {
  ttlGeneric(ctx, args, reply, false, false);
}

/** EXPIRETIME key */
function expiretime(ctx: Context, args: Args, reply: Reply): void {
  ttlGeneric(ctx, args, reply, true, true);
}

/** PEXPIRETIME key */
function pexpiretime(ctx: Context, args: Args, reply: Reply): void {
  ttlGeneric(ctx, args, reply, false, true);
}

/** PERSIST key */
function persist(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const entry = db.write(args, 1);
  if (entry === NONE || db.expiryOf(entry) < 0) return reply.integer(0);
  db.clearExpiry(entry, db.lastHash);
  ctx.changed(args, 1, NOTIFY_GENERIC, "persist");
  reply.integer(1);
}

export const expireCommands: readonly CommandEntry[] = [
  command("expire", expire),
  command("pexpire", pexpire),
  command("expireat", expireat),
  command("pexpireat", pexpireat),
  command("ttl", ttl),
  command("pttl", pttl),
  command("expiretime", expiretime),
  command("pexpiretime", pexpiretime),
  command("persist", persist),
];
