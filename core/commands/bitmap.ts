// Strings as bitmaps: SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP. BITFIELD is in bitfield.ts.
import { NOTIFY_GENERIC, NOTIFY_STRING } from "../keyspace/events.ts";
import { RAW, STRING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { countBits, findBit } from "../util/bits.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import { wideInteger } from "./expiry.ts";

const OFFSET_ERROR = "ERR bit offset is not an integer or out of range";
const BIT_ERROR = "ERR bit is not an integer or out of range";
const HASH_SIGN = 35;
const EMPTY = new Uint8Array(0);

/**
 * A bit offset in argument i, or NaN when it is out of range. With `width` above 0 the form `#n`
 * means n × width.
 */
export function bitOffset(ctx: Context, args: Args, i: number, width: number): number {
  let offset = Number.NaN;
  if (width > 0 && args.length[i] > 1 && args.bytes[args.offset[i]] === HASH_SIGN) {
    const digits = args.latin1(i).slice(1);
    if (/^(0|-?[1-9][0-9]{0,15})$/.test(digits)) offset = Number(digits) * width;
  } else {
    offset = args.integer(i);
  }
  const inRange = offset >= 0 && offset / 8 < ctx.node.config.values.protoMaxBulkLen;
  return inRange ? offset : Number.NaN;
}

/**
 * The string in argument 1 as a raw one that holds bit `lastBit`: grown with zeros, made when it is
 * not there. NONE after an error reply. `strings` then has the value loaded.
 */
export function growForBit(
  ctx: Context,
  args: Args,
  reply: Reply,
  lastBit: number,
): { entry: Ref; grown: boolean } | null {
  const { db, node } = ctx;
  const { strings } = node;
  let entry = db.write(args, 1);
  if (entry !== NONE && db.typeOf(entry) !== STRING) {
    reply.error(WRONG_TYPE);
    return null;
  }
  const isNew = entry === NONE;
  if (isNew) entry = strings.set(db, args, 1, NONE, EMPTY, 0, 0, -1);
  const oldLength = strings.lengthOf(entry);
  const length = Math.max(oldLength, Math.floor(lastBit / 8) + 1);
  entry = strings.extend(db, entry, length);
  strings.load(entry);
  return { entry, grown: isNew || length > oldLength };
}

/** SETBIT key offset value */
function setbit(ctx: Context, args: Args, reply: Reply): void {
  const offset = bitOffset(ctx, args, 2, 0);
  if (Number.isNaN(offset)) return reply.error(OFFSET_ERROR);
  const value = args.integer(3);
  if (value !== 0 && value !== 1) return reply.error(BIT_ERROR);
  const target = growForBit(ctx, args, reply, offset);
  if (target === null) return;
  const { strings } = ctx.node;
  const at = strings.offset + Math.floor(offset / 8);
  const mask = 0x80 >>> (offset & 7);
  const old = (strings.bytes[at] & mask) === 0 ? 0 : 1;
  if (value === 1) strings.bytes[at] |= mask;
  else strings.bytes[at] &= ~mask;
  if (target.grown || old !== value) ctx.changed(args, 1, NOTIFY_STRING, "setbit");
  reply.integer(old);
}

/** Loads the string in argument i into `strings`; false after an error reply. */
export function loadString(ctx: Context, args: Args, i: number, reply: Reply): boolean {
  const entry = ctx.db.read(args, i);
  const { strings } = ctx.node;
  if (entry === NONE) {
    strings.bytes = EMPTY;
    strings.offset = 0;
    strings.length = 0;
    return true;
  }
  if (ctx.db.typeOf(entry) !== STRING) {
    reply.error(WRONG_TYPE);
    return false;
  }
  strings.load(entry);
  return true;
}

/** GETBIT key offset */
function getbit(ctx: Context, args: Args, reply: Reply): void {
  const offset = bitOffset(ctx, args, 2, 0);
  if (Number.isNaN(offset)) return reply.error(OFFSET_ERROR);
  if (!loadString(ctx, args, 1, reply)) return;
  const { strings } = ctx.node;
  const byte = Math.floor(offset / 8);
  const value = byte < strings.length ? strings.bytes[strings.offset + byte] : 0;
  reply.integer((value >>> (7 - (offset & 7))) & 1);
}

/** BYTE or BIT in argument i: 1 or 8 units per byte; 0 for another word. */
function unitsPerByte(args: Args, i: number): number {
  if (args.is(i, "bit")) return 8;
  return args.is(i, "byte") ? 1 : 0;
}

/** Ones in the bits [first, last] of the loaded string. */
function countRange(bytes: Uint8Array, offset: number, first: number, last: number): number {
  const firstByte = Math.floor(first / 8);
  const lastByte = Math.floor(last / 8);
  const before = (bytes[offset + firstByte] & ~(0xff >>> (first & 7)) & 0xff) >>> 0;
  const behind = bytes[offset + lastByte] & (0x7f >>> (last & 7));
  const edges = Uint8Array.of(before, behind);
  return countBits(bytes, offset + firstByte, offset + lastByte + 1) - countBits(edges, 0, 2);
}

/** BITCOUNT key [start end [BYTE | BIT]] */
function bitcount(ctx: Context, args: Args, reply: Reply): void {
  const { strings } = ctx.node;
  if (args.count === 2) {
    if (!loadString(ctx, args, 1, reply)) return;
    return reply.integer(countBits(strings.bytes, strings.offset, strings.offset + strings.length));
  }
  if (args.count !== 4 && args.count !== 5) return reply.error(SYNTAX_ERROR);
  let start = wideInteger(args, 2);
  let end = wideInteger(args, 3);
  if (Number.isNaN(start) || Number.isNaN(end)) return reply.error(NOT_INTEGER);
  const units = args.count === 5 ? unitsPerByte(args, 4) : 1;
  if (units === 0) return reply.error(SYNTAX_ERROR);
  if (!loadString(ctx, args, 1, reply)) return;
  if (start < 0 && end < 0 && start > end) return reply.integer(0);
  const total = strings.length * units;
  if (start < 0) start = Math.max(0, total + start);
  if (end < 0) end = Math.max(0, total + end);
  if (end >= total) end = total - 1;
  if (start > end) return reply.integer(0);
  const perUnit = 8 / units;
  const last = end * perUnit + perUnit - 1;
  reply.integer(countRange(strings.bytes, strings.offset, start * perUnit, last));
}

/** BITPOS key bit [start [end [BYTE | BIT]]] */
function bitpos(ctx: Context, args: Args, reply: Reply): void {
  const { strings } = ctx.node;
  const bit = wideInteger(args, 2);
  if (Number.isNaN(bit)) return reply.error(NOT_INTEGER);
  if (bit !== 0 && bit !== 1) return reply.error("ERR The bit argument must be 1 or 0.");
  if (args.count > 6) return reply.error(SYNTAX_ERROR);
  let start = args.count > 3 ? wideInteger(args, 3) : 0;
  if (Number.isNaN(start)) return reply.error(NOT_INTEGER);
  const units = args.count === 6 ? unitsPerByte(args, 5) : 1;
  if (units === 0) return reply.error(SYNTAX_ERROR);
  const endGiven = args.count > 4;
  let end = endGiven ? wideInteger(args, 4) : Number.POSITIVE_INFINITY;
  if (Number.isNaN(end)) return reply.error(NOT_INTEGER);
  const found = ctx.db.peek(args, 1) !== NONE;
  if (!loadString(ctx, args, 1, reply)) return;
  if (!found) return reply.integer(bit === 1 ? -1 : 0);
  const total = strings.length * units;
  if (start < 0) start = Math.max(0, total + start);
  if (end < 0) end = Math.max(0, total + end);
  if (end >= total) end = total - 1;
  if (start > end) return reply.integer(-1);
  const perUnit = 8 / units;
  const position = findInRange(
    strings.bytes,
    strings.offset,
    start * perUnit,
    end * perUnit + perUnit - 1,
    bit,
  );
  // Without an explicit end the string counts as followed by zeros.
  if (position === -1 && bit === 0 && !endGiven) return reply.integer(strings.length * 8);
  reply.integer(position);
}

/** The first bit in [first, last] that equals `bit`, or -1. */
function findInRange(
  bytes: Uint8Array,
  offset: number,
  first: number,
  last: number,
  bit: number,
): number {
  let at = first;
  // Up to the next byte's border bit by bit, then by bytes.
  for (; at <= last && (at & 7) !== 0; at++) {
    if (((bytes[offset + (at >>> 3)] >>> (7 - (at & 7))) & 1) === bit) return at;
  }
  if (at > last) return -1;
  const firstByte = Math.floor(at / 8);
  const found = findBit(bytes, offset + firstByte, offset + Math.floor(last / 8) + 1, bit);
  if (found === -1) return -1;
  const position = firstByte * 8 + found;
  return position <= last ? position : -1;
}

/** BITOP AND | OR | XOR | NOT destkey key [key …] */
function bitop(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const operation = ["and", "or", "xor", "not"].findIndex((name) => args.is(1, name));
  if (operation === -1) return reply.error(SYNTAX_ERROR);
  if (operation === 3 && args.count !== 4) {
    return reply.error("ERR BITOP NOT must be called with a single source key.");
  }
  const { strings } = node;
  let length = 0;
  for (let i = 3; i < args.count; i++) {
    if (!loadString(ctx, args, i, reply)) return;
    length = Math.max(length, strings.length);
  }
  const result = new Uint8Array(length);
  for (let i = 3; i < args.count; i++) {
    const entry = db.peek(args, i);
    if (entry === NONE) combine(result, EMPTY, 0, 0, operation, i === 3);
    else {
      strings.load(entry);
      combine(result, strings.bytes, strings.offset, strings.length, operation, i === 3);
    }
  }
  if (length > 0) {
    strings.set(db, args, 2, db.write(args, 2), result, 0, length, -1, RAW);
    ctx.changed(args, 2, NOTIFY_STRING, "set");
  } else {
    // Even a target whose time is over is deleted, and does not expire.
    const target = db.findAny(args.view, args.offset[2], args.length[2]);
    if (target !== NONE) {
      db.removeEntry(target, db.lastHash);
      ctx.changed(args, 2, NOTIFY_GENERIC, "del");
    }
  }
  reply.integer(length);
}

/** Combines one source into the result; a shorter source counts as padded with zeros. */
function combine(
  result: Uint8Array,
  source: Uint8Array,
  offset: number,
  length: number,
  operation: number,
  isFirst: boolean,
): void {
  if (operation === 3) {
    for (let i = 0; i < length; i++) result[i] = ~source[offset + i];
  } else if (isFirst) {
    result.set(source.subarray(offset, offset + length));
  } else if (operation === 0) {
    for (let i = 0; i < length; i++) result[i] &= source[offset + i];
    result.fill(0, length);
  } else if (operation === 1) {
    for (let i = 0; i < length; i++) result[i] |= source[offset + i];
  } else {
    for (let i = 0; i < length; i++) result[i] ^= source[offset + i];
  }
}

export const bitmapCommands: readonly CommandEntry[] = [
  command("setbit", setbit),
  command("getbit", getbit),
  command("bitcount", bitcount),
  command("bitpos", bitpos),
  command("bitop", bitop),
];
