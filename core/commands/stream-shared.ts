// What the commands on streams share: finding the stream, IDs among the arguments, entries in replies.
import { STREAM, STREAM_ENCODING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import {
  LP_STRING_6_BITS,
  lpEntryLength,
  lpFormat,
  lpIsInteger,
  lpSkip,
  lpStringLength,
  lpStringStart,
} from "../memory/listpack.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { EntryCursor } from "../types/stream/entry-cursor.ts";
import type { Stream } from "../types/stream/stream.ts";
import {
  ALLOW_EDGES,
  ALLOW_NONE,
  ID_INVALID,
  parseStreamId,
  type StreamId,
  type StreamIdText,
} from "../types/stream/stream-id.ts";
import { int64BigInt, int64Number } from "../util/int64.ts";
import { cString, WRONG_TYPE } from "./errors.ts";

const INVALID_ID = "ERR Invalid stream ID specified as stream command argument";
const INVALID_START = "ERR invalid start ID for the interval";
const INVALID_END = "ERR invalid end ID for the interval";

const OPEN_INTERVAL = 40;
const DOLLAR = 36;
const DIGIT_0 = 48;
const CR = 13;
const LF = 10;
/** Text in a listpack that has a single byte in front is shorter than this. */
const SHORT_TEXT_END = 64;

// -- streams ----------------------------------------------------------------------------------------

/** Opens the stream in an entry; answers WRONGTYPE itself and returns null when it is none. */
export function openStream(ctx: Context, entry: Ref, reply: Reply): Stream | null {
  if (ctx.db.typeOf(entry) === STREAM) return ctx.node.streams.open(ctx.db.valueOf(entry));
  reply.error(WRONG_TYPE);
  return null;
}

/** Adds the key in argument i, which was just looked up and is not there, with an empty stream. */
export function createStream(ctx: Context, args: Args, i: number): Stream {
  const { streams } = ctx.node;
  ctx.db.add(args, i, STREAM, STREAM_ENCODING, streams.create());
  return streams.stream;
}

/**
 * The group with the name in argument `i` of the stream that is open; it becomes the open one. False
 * when there is none.
 */
export function openGroup(ctx: Context, args: Args, i: number): boolean {
  const { groups, stream } = ctx.node.streams;
  const ref = groups.findGroup(stream, args.view, args.offset[i], args.length[i]);
  if (ref !== NONE) groups.group.open(ref);
  return ref !== NONE;
}

/** As `openGroup`, for a consumer of the group that is open. */
export function openConsumer(ctx: Context, args: Args, i: number): boolean {
  const { groups } = ctx.node.streams;
  const ref = groups.findConsumer(groups.group, args.view, args.offset[i], args.length[i]);
  if (ref !== NONE) groups.consumer.open(ref);
  return ref !== NONE;
}

/** Argument i as an error message quotes it. */
export function quotedArgument(args: Args, i: number): string {
  return `'${cString(args.latin1(i))}'`;
}

/** The error of a missing key in argument 1 or group in argument 2. */
export function noGroup(args: Args): string {
  const [key, group] = [quotedArgument(args, 1), quotedArgument(args, 2)];
  return `NOGROUP No such key ${key} or consumer group ${group}`;
}

// -- IDs --------------------------------------------------------------------------------------------

/** Argument i as an ID, with 0 as the missing sequence number. Answers with the error itself. */
export function idArgument(
  args: Args,
  i: number,
  id: StreamId,
  reply: Reply,
  allowed: number = ALLOW_NONE,
): boolean {
  const kind = parseStreamId(args.bytes, args.offset[i], args.length[i], id, 0, allowed);
  if (kind === ID_INVALID) reply.error(INVALID_ID);
  return kind !== ID_INVALID;
}

/** Argument i as the first ID of an interval, which a "(" excludes. Answers with the error itself. */
export function startArgument(args: Args, i: number, id: StreamId, reply: Reply): boolean {
  const isOpen = isOpenEnd(args, i);
  if (!edgeArgument(args, i, id, 0, isOpen, reply)) return false;
  if (!isOpen || id.increment()) return true;
  reply.error(INVALID_START);
  return false;
}

/** As `startArgument`, for the last ID. */
export function endArgument(args: Args, i: number, id: StreamId, reply: Reply): boolean {
  const isOpen = isOpenEnd(args, i);
  if (!edgeArgument(args, i, id, -1, isOpen, reply)) return false;
  if (!isOpen || id.decrement()) return true;
  reply.error(INVALID_END);
  return false;
}

function isOpenEnd(args: Args, i: number): boolean {
  return args.length[i] > 1 && args.bytes[args.offset[i]] === OPEN_INTERVAL;
}

function edgeArgument(
  args: Args,
  i: number,
  id: StreamId,
  seqWord: number,
  isOpen: boolean,
  reply: Reply,
): boolean {
  const skipped = isOpen ? 1 : 0;
  const start = args.offset[i] + skipped;
  const allowed = isOpen ? ALLOW_NONE : ALLOW_EDGES;
  const kind = parseStreamId(args.bytes, start, args.length[i] - skipped, id, seqWord, allowed);
  if (kind === ID_INVALID) reply.error(INVALID_ID);
  return kind !== ID_INVALID;
}

/** True when argument i is this one character, or ends behind it with a NUL. */
export function isCharacter(args: Args, i: number, code: number): boolean {
  const at = args.offset[i];
  const length = args.length[i];
  if (length === 0 || args.bytes[at] !== code) return false;
  return length === 1 || args.bytes[at + 1] === 0;
}

// -- replies ----------------------------------------------------------------------------------------

export function replyId(reply: Reply, text: StreamIdText, id: StreamId): void {
  text.format(id);
  reply.bulk(text.bytes, 0, text.length);
}

/** The entry under the cursor: its ID, and its fields and values. */
export function replyEntry(reply: Reply, text: StreamIdText, cursor: EntryCursor): void {
  const { bytes, fieldCount } = cursor;
  reply.array(2);
  replyId(reply, text, cursor.id);
  reply.array(fieldCount * 2);
  let at = cursor.elementAt;
  if (cursor.hasSameFields) {
    let fieldAt = cursor.headFieldsAt;
    for (let i = 0; i < fieldCount; i++) {
      fieldAt = replyElement(reply, bytes, fieldAt);
      at = replyElement(reply, bytes, at);
    }
  } else {
    for (let i = 0; i < fieldCount * 2; i++) at = replyElement(reply, bytes, at);
  }
  cursor.skipFields(at);
}

/** The listpack element at `at`; answers with the offset behind it. */
function replyElement(reply: Reply, bytes: Uint8Array, at: number): number {
  const length = bytes[at] - LP_STRING_6_BITS;
  if (length >= 0 && length < SHORT_TEXT_END) {
    replyShortText(reply, bytes, at + 1, length);
    return at + length + 2;
  }
  if (!lpIsInteger(bytes, at)) {
    reply.bulk(bytes, lpStringStart(bytes, at), lpStringLength(bytes, at));
  } else {
    const to = reply.bulkSpace(lpEntryLength(bytes, at));
    lpFormat(bytes, at, reply.bytes, to);
  }
  return lpSkip(bytes, at);
}

/** As `reply.bulk`, for less than 100 bytes. */
function replyShortText(reply: Reply, bytes: Uint8Array, start: number, length: number): void {
  reply.reserve(length + 8);
  const out = reply.bytes;
  let to = reply.size;
  out[to++] = DOLLAR;
  if (length >= 10) {
    const tens = (length / 10) | 0;
    out[to++] = DIGIT_0 + tens;
    out[to++] = DIGIT_0 + length - tens * 10;
  } else {
    out[to++] = DIGIT_0 + length;
  }
  out[to++] = CR;
  out[to++] = LF;
  for (let i = 0; i < length; i++) out[to + i] = bytes[start + i];
  to += length;
  out[to] = CR;
  out[to + 1] = LF;
  reply.size = to + 2;
}

/** All entries that the cursor still finds, at most `countMax` (0: any number), as an array. */
export function replyEntries(
  reply: Reply,
  text: StreamIdText,
  cursor: EntryCursor,
  countMax: number,
): void {
  const mark = reply.mark();
  let count = 0;
  while (cursor.next()) {
    replyEntry(reply, text, cursor);
    if (++count === countMax) break;
  }
  reply.insertArray(mark, count);
}

/** A signed 64-bit integer given as halves. */
export function replyInt64(reply: Reply, high: number, low: number): void {
  const value = int64Number(high, low);
  if (Number.isNaN(value)) reply.bigint(int64BigInt(high, low));
  else reply.integer(value);
}
