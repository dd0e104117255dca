// Strings: GET, SET and their relatives. Counters are in counter.ts.

import { NOTIFY_GENERIC, NOTIFY_STRING } from "../keyspace/events.ts";
import { STRING } from "../keyspace/types.ts";
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { KEY_LENGTH_MASK, keyStart } from "../memory/entry.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { copyBytes } from "../util/copy.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_INTEGER, STRING_TOO_LONG, SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import {
  EXPIRY_INVALID,
  isOver,
  type Milliseconds,
  parseExpiry,
  setExactExpiry,
  wideInteger,
} from "./expiry.ts";

/** Replies with the string at `entry` as a bulk string. */
export function replyString(ctx: Context, entry: Ref, reply: Reply): void {
  ctx.node.strings.writeTo(reply, entry);
}

/** The key in argument i for reading; answers nil or the error itself when it is no string. */
function readString(ctx: Context, args: Args, i: number, reply: Reply): Ref {
  const entry = ctx.db.read(args, i);
  if (entry === NONE) {
    reply.nil();
    return NONE;
  }
  if (ctx.db.typeOf(entry) !== STRING) {
    reply.error(WRONG_TYPE);
    return NONE;
  }
  return entry;
}

/** GET key */
function get(ctx: Context, args: Args, reply: Reply): void {
  const entry = readString(ctx, args, 1, reply);
  if (entry !== NONE) replyString(ctx, entry, reply);
}

// SET's options.
const NX = 1;
const XX = 2;
const GET = 4;
const KEEPTTL = 8;
const EX = 16;
const PX = 32;
const EXAT = 64;
const PXAT = 128;
const PERSIST = 256;
const ANY_EXPIRY = EX | PX | EXAT | PXAT;

/** The option word in argument i, or 0. */
function optionAt(args: Args, i: number): number {
  switch (args.length[i]) {
    case 2:
      if (args.is(i, "nx")) return NX;
      if (args.is(i, "xx")) return XX;
      if (args.is(i, "ex")) return EX;
      return args.is(i, "px") ? PX : 0;
    case 3:
      return args.is(i, "get") ? GET : 0;
    case 4:
      if (args.is(i, "exat")) return EXAT;
      return args.is(i, "pxat") ? PXAT : 0;
    case 7:
      if (args.is(i, "keepttl")) return KEEPTTL;
      return args.is(i, "persist") ? PERSIST : 0;
    default:
      return 0;
  }
}

/** SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] */
function set(ctx: Context, args: Args, reply: Reply): void {
  if (args.count === 3) {
    const entry = ctx.db.write(args, 1);
    ctx.node.strings.set(ctx.db, args, 1, entry, args.bytes, args.offset[2], args.length[2], -1);
    ctx.changed(args, 1, NOTIFY_STRING, "set");
    reply.ok();
    return;
  }
  let options = 0;
  let expiryArg = 0;
  for (let i = 3; i < args.count; i++) {
    const option = optionAt(args, i);
    const conflicts =
      option === NX
        ? XX
        : option === XX
          ? NX
          : option === KEEPTTL
            ? ANY_EXPIRY
            : (option & ANY_EXPIRY) !== 0
              ? KEEPTTL | (ANY_EXPIRY & ~option)
              : 0;
    if (option === 0 || option === PERSIST || (options & conflicts) !== 0) {
      return reply.error(SYNTAX_ERROR);
    }
    if ((option & ANY_EXPIRY) !== 0) {
      if (++i >= args.count) return reply.error(SYNTAX_ERROR);
      expiryArg = i;
    }
    options |= option;
  }
  setGeneric(ctx, args, reply, options, 2, expiryArg);
}

/** The body that SET, SETNX, SETEX and PSETEX share. */
function setGeneric(
  ctx: Context,
  args: Args,
  reply: Reply,
  options: number,
  valueArg: number,
  expiryArg: number,
): void {
  const { db, node } = ctx;
  let expiryMs: Milliseconds = -1;
  if (expiryArg > 0) {
    expiryMs = parseExpiry(
      ctx,
      args,
      expiryArg,
      (options & (EX | EXAT)) !== 0,
      (options & (EX | PX)) !== 0,
      reply,
    );
    if (expiryMs === EXPIRY_INVALID) return;
  }
  const wantsOld = (options & GET) !== 0;
  const entry = wantsOld ? db.read(args, 1) : db.write(args, 1);
  if (wantsOld) {
    if (entry === NONE) reply.nil();
    else if (db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
    else replyString(ctx, entry, reply);
  }
  if ((entry !== NONE && (options & NX) !== 0) || (entry === NONE && (options & XX) !== 0)) {
    if (!wantsOld) reply.nil();
    return;
  }
  const kept = (options & KEEPTTL) !== 0 && entry !== NONE ? db.expiryOf(entry) : -1;
  const at = expiryMs >= 0 ? Number(expiryMs) : kept;
  const start = args.offset[valueArg];
  const { length } = args;
  const made = node.strings.set(db, args, 1, entry, args.bytes, start, length[valueArg], at);
  setExactExpiry(ctx, made, expiryMs);
  ctx.changed(args, 1, NOTIFY_STRING, "set");
  if (expiryMs >= 0) {
    ctx.notify(args, 1, NOTIFY_GENERIC, "expire");
    if (node.propagation.active && (options & PXAT) === 0) {
      propagateSet(ctx, args, valueArg, expiryMs);
    }
  } else if (wantsOld && node.propagation.active) {
    propagateSet(ctx, args, valueArg, -1);
  }
  if (!wantsOld) reply.ok();
}

/** The deterministic form of SET: absolute times, no GET. */
function propagateSet(ctx: Context, args: Args, valueArg: number, expiryMs: Milliseconds): void {
  if (expiryMs >= 0) {
    ctx.propagateInstead("SET", args.latin1(1), args.latin1(valueArg), "PXAT", String(expiryMs));
    return;
  }
  const words: string[] = [];
  for (let i = 0; i < args.count; i++) {
    if (i < 3 || !args.is(i, "get")) words.push(args.latin1(i));
  }
  ctx.propagateInstead(...words);
}

/** SETNX key value */
function setnx(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const entry = db.write(args, 1);
  if (entry !== NONE) return reply.integer(0);
  node.strings.set(db, args, 1, NONE, args.bytes, args.offset[2], args.length[2], -1);
  ctx.changed(args, 1, NOTIFY_STRING, "set");
  reply.integer(1);
}

/** SETEX key seconds value */
function setex(ctx: Context, args: Args, reply: Reply): void {
  setGeneric(ctx, args, reply, EX, 3, 2);
}

/** PSETEX key milliseconds value */
function psetex(ctx: Context, args: Args, reply: Reply): void {
  setGeneric(ctx, args, reply, PX, 3, 2);
}

/** GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] */
function getex(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  let options = 0;
  let expiryArg = 0;
  for (let i = 2; i < args.count; i++) {
    const option = optionAt(args, i);
    const allowed = (option & (ANY_EXPIRY | PERSIST)) !== 0;
    if (!allowed || (options & ~option) !== 0) return reply.error(SYNTAX_ERROR);
    if (option !== PERSIST) {
      if (++i >= args.count) return reply.error(SYNTAX_ERROR);
      expiryArg = i;
    }
    options |= option;
  }
  const entry = readString(ctx, args, 1, reply);
  if (entry === NONE) return;
  const hash = db.lastHash;
  if (expiryArg === 0) {
    replyString(ctx, entry, reply);
    if (options === PERSIST && db.expiryOf(entry) >= 0) {
      db.clearExpiry(entry, hash);
      ctx.changed(args, 1, NOTIFY_GENERIC, "persist");
      ctx.propagateInstead("PERSIST", args.latin1(1));
    }
    return;
  }
  const seconds = (options & (EX | EXAT)) !== 0;
  const relative = (options & (EX | PX)) !== 0;
  const at = parseExpiry(ctx, args, expiryArg, seconds, relative, reply);
  if (at === EXPIRY_INVALID) return;
  replyString(ctx, entry, reply);
  if (!relative && isOver(ctx, at)) {
    db.removeEntry(entry, hash);
    ctx.changed(args, 1, NOTIFY_GENERIC, "del");
    ctx.propagateInstead(
      ctx.node.config.values.lazyfreeLazyExpire ? "UNLINK" : "DEL",
      args.latin1(1),
    );
    return;
  }
  setExactExpiry(ctx, db.setExpiry(entry, hash, Number(at)), at);
  ctx.changed(args, 1, NOTIFY_GENERIC, "expire");
  ctx.propagateInstead("PEXPIREAT", args.latin1(1), String(at));
}

/** GETDEL key */
function getdel(ctx: Context, args: Args, reply: Reply): void {
  const entry = readString(ctx, args, 1, reply);
  if (entry === NONE) return;
  replyString(ctx, entry, reply);
  ctx.db.removeEntry(entry, ctx.db.lastHash);
  ctx.changed(args, 1, NOTIFY_GENERIC, "del");
  if (ctx.node.propagation.active) ctx.propagateInstead("DEL", args.latin1(1));
}

/** GETSET key value */
function getset(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const entry = db.read(args, 1);
  if (entry === NONE) reply.nil();
  else if (db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
  else replyString(ctx, entry, reply);
  node.strings.set(db, args, 1, entry, args.bytes, args.offset[2], args.length[2], -1);
  ctx.changed(args, 1, NOTIFY_STRING, "set");
  if (node.propagation.active) ctx.propagateInstead("SET", args.latin1(1), args.latin1(2));
}

/** MGET key [key …] */
function mget(ctx: Context, args: Args, reply: Reply): void {
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    const entry = ctx.db.read(args, i);
    if (entry === NONE || ctx.db.typeOf(entry) !== STRING) reply.nil();
    else replyString(ctx, entry, reply);
  }
}

/** MSET key value [key value …] */
function mset(ctx: Context, args: Args, reply: Reply): void {
  if (args.count % 2 === 0) {
    return reply.error("ERR wrong number of arguments for 'mset' command");
  }
  setPairs(ctx, args);
  reply.ok();
}

/** MSETNX key value [key value …] */
function msetnx(ctx: Context, args: Args, reply: Reply): void {
  if (args.count % 2 === 0) {
    return reply.error("ERR wrong number of arguments for 'msetnx' command");
  }
  for (let i = 1; i < args.count; i += 2) {
    if (ctx.db.write(args, i) !== NONE) return reply.integer(0);
  }
  setPairs(ctx, args);
  reply.integer(1);
}

function setPairs(ctx: Context, args: Args): void {
  const { db, node } = ctx;
  for (let i = 1; i < args.count; i += 2) {
    const entry = db.write(args, i);
    node.strings.set(db, args, i, entry, args.bytes, args.offset[i + 1], args.length[i + 1], -1);
    ctx.changed(args, i, NOTIFY_STRING, "set");
  }
}

/** STRLEN key */
function strlen(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (ctx.db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
  reply.integer(ctx.node.strings.lengthOf(entry));
}

/** Whether a string may grow to this size; answers the error itself when not. */
export function checkStringLength(ctx: Context, bytes: number, reply: Reply): boolean {
  if (bytes <= ctx.node.config.values.protoMaxBulkLen) return true;
  reply.error(STRING_TOO_LONG);
  return false;
}

/** APPEND key value */
function append(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const { strings } = node;
  const entry = db.write(args, 1);
  const length = args.length[2];
  let total = length;
  if (entry === NONE) {
    strings.set(db, args, 1, NONE, args.bytes, args.offset[2], length, -1);
  } else {
    if (db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
    const old = strings.lengthOf(entry);
    total = old + length;
    if (!checkStringLength(ctx, total, reply)) return;
    const moved = strings.extend(db, entry, total);
    writeAt(ctx, moved, old, args, 2);
  }
  ctx.changed(args, 1, NOTIFY_STRING, "append");
  reply.integer(total);
}

/** Copies argument i over the value of a raw string, from byte `at` of the value on. */
function writeAt(ctx: Context, entry: Ref, at: number, args: Args, i: number): void {
  const { arena } = ctx.keyspace;
  const segment = entry >>> SEGMENT_SHIFT;
  const word = (entry & GRANULE_MASK) << 1;
  const word0 = arena.i32[segment][word];
  const value = (word << 2) + keyStart(word0) + (word0 & KEY_LENGTH_MASK);
  copyBytes(arena.u8[segment], value + at, args.bytes, args.offset[i], args.length[i]);
}

/** SETRANGE key offset value */
function setrange(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const { strings } = node;
  const offset = wideInteger(args, 2);
  if (Number.isNaN(offset)) return reply.error(NOT_INTEGER);
  if (offset < 0) return reply.error("ERR offset is out of range");
  let entry = db.write(args, 1);
  const length = args.length[3];
  if (entry === NONE) {
    if (length === 0) return reply.integer(0);
    if (!checkStringLength(ctx, offset + length, reply)) return;
    entry = strings.set(db, args, 1, NONE, args.bytes, 0, 0, -1);
  } else {
    if (db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
    if (length === 0) return reply.integer(strings.lengthOf(entry));
    if (!checkStringLength(ctx, offset + length, reply)) return;
  }
  const moved = strings.extend(db, entry, offset + length);
  writeAt(ctx, moved, offset, args, 3);
  const total = strings.lengthOf(moved);
  ctx.changed(args, 1, NOTIFY_STRING, "setrange");
  reply.integer(total);
}

/** GETRANGE key start end (SUBSTR is its old name) */
function getrange(ctx: Context, args: Args, reply: Reply): void {
  let start = wideInteger(args, 2);
  let end = wideInteger(args, 3);
  if (Number.isNaN(start) || Number.isNaN(end)) return reply.error(NOT_INTEGER);
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.bulkText("");
  if (ctx.db.typeOf(entry) !== STRING) return reply.error(WRONG_TYPE);
  const { strings } = ctx.node;
  strings.load(entry);
  const { length } = strings;
  if (start < 0 && end < 0 && start > end) return reply.bulkText("");
  if (start < 0) start = Math.max(0, length + start);
  if (end < 0) end = Math.max(0, length + end);
  if (end >= length) end = length - 1;
  if (start > end || length === 0) return reply.bulkText("");
  reply.bulk(strings.bytes, strings.offset + start, end - start + 1);
}

export const stringCommands: readonly CommandEntry[] = [
  command("get", get),
  command("set", set),
  command("setnx", setnx),
  command("setex", setex),
  command("psetex", psetex),
  command("getex", getex),
  command("getdel", getdel),
  command("getset", getset),
  command("mget", mget),
  command("mset", mset),
  command("msetnx", msetnx),
  command("strlen", strlen),
  command("append", append),
  command("setrange", setrange),
  command("getrange", getrange),
  command("substr", getrange),
];
