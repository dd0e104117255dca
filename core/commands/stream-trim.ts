// The options that XADD and XTRIM have in common, and how trimming is propagated: what was cut off
// only approximately, or only in part because of LIMIT, is told exactly, or copies would differ.
import { PRIMARY } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import {
  type AddOptions,
  TRIM_BELOW_ID,
  TRIM_NOTHING,
  TRIM_TO_LENGTH,
} from "../types/stream/options.ts";
import type { Stream } from "../types/stream/stream.ts";
import { ALLOW_STAR, ID_INVALID, parseStreamId, StreamId } from "../types/stream/stream-id.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import { idArgument, isCharacter } from "./stream-shared.ts";

const TWO_STRATEGIES =
  "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
const NEGATIVE_LENGTH = "ERR The MAXLEN argument must be >= 0.";
const NEGATIVE_LIMIT = "ERR The LIMIT argument must be >= 0.";
const LIMIT_ALONE = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
const LIMIT_EXACT = "ERR syntax error, LIMIT cannot be used without the special ~ option";
const NO_STRATEGY = "ERR syntax error, XTRIM must be called with a trimming strategy";
const INVALID_ID = "ERR Invalid stream ID specified as stream command argument";

const STAR = 42;
const TILDE = 126;
const EQUALS = 61;

/** Without LIMIT an approximate trimming removes at most what so many full nodes hold. */
const NODES_MAX = 100;
const LIMIT_DEFAULT = 10_000;
const LIMIT_MAX = 1_000_000;

/**
 * Reads the options from argument 2 on into `streams.addOptions`. Answers with the argument of the ID
 * (XADD) or behind the last one; -1 when it has answered with an error itself.
 */
export function parseAddOptions(ctx: Context, args: Args, reply: Reply, isAdd: boolean): number {
  const options = ctx.node.streams.addOptions;
  const { trim } = options;
  trim.strategy = TRIM_NOTHING;
  trim.isApproximate = false;
  trim.limit = 0;
  options.idKind = ID_INVALID;
  options.onlyExisting = false;
  let isLimited = false;
  let i = 2;
  for (; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (isAdd && isCharacter(args, i, STAR)) break;
    if (hasMore && (args.is(i, "maxlen") || args.is(i, "minid"))) {
      i = parseStrategy(options, args, i, reply);
      if (i < 0) return -1;
    } else if (hasMore && args.is(i, "limit")) {
      trim.limit = longArgument(args, ++i, reply);
      if (Number.isNaN(trim.limit)) return -1;
      if (trim.limit < 0) return fail(reply, NEGATIVE_LIMIT);
      isLimited = true;
    } else if (isAdd && args.is(i, "nomkstream")) {
      options.onlyExisting = true;
    } else if (isAdd) {
      options.idKind = parseNewId(args, i, options.id);
      if (options.idKind === ID_INVALID) return fail(reply, INVALID_ID);
      break;
    } else {
      return fail(reply, SYNTAX_ERROR);
    }
  }
  return checkLimit(ctx, options, isLimited, isAdd, reply) ? i : -1;
}

function parseNewId(args: Args, i: number, id: StreamId): number {
  return parseStreamId(args.bytes, args.offset[i], args.length[i], id, 0, ALLOW_STAR);
}

/** Reads MAXLEN or MINID at argument i. Answers with the threshold's argument, or -1. */
function parseStrategy(options: AddOptions, args: Args, i: number, reply: Reply): number {
  const { trim } = options;
  if (trim.strategy !== TRIM_NOTHING) return fail(reply, TWO_STRATEGIES);
  trim.isApproximate = false;
  let at = i + 1;
  if (at + 1 < args.count) {
    if (isCharacter(args, at, TILDE)) {
      trim.isApproximate = true;
      at++;
    } else if (isCharacter(args, at, EQUALS)) {
      at++;
    }
  }
  options.trimArgument = at;
  if (args.is(i, "minid")) {
    trim.strategy = TRIM_BELOW_ID;
    return idArgument(args, at, trim.minId, reply) ? at : -1;
  }
  trim.strategy = TRIM_TO_LENGTH;
  trim.lengthMax = longArgument(args, at, reply);
  if (Number.isNaN(trim.lengthMax)) return -1;
  return trim.lengthMax < 0 ? fail(reply, NEGATIVE_LENGTH) : at;
}

function checkLimit(
  ctx: Context,
  options: AddOptions,
  isLimited: boolean,
  isAdd: boolean,
  reply: Reply,
): boolean {
  const { trim } = options;
  if (trim.strategy === TRIM_NOTHING) {
    if (trim.limit > 0) reply.error(LIMIT_ALONE);
    else if (!isAdd) reply.error(NO_STRATEGY);
    return trim.limit === 0 && isAdd;
  }
  // What comes from the primary or from a file was made exact before.
  if (ctx.client.has(PRIMARY) || ctx.keyspace.loading) {
    trim.limit = 0;
  } else if (isLimited && !trim.isApproximate) {
    reply.error(LIMIT_EXACT);
    return false;
  } else if (!isLimited && trim.isApproximate) {
    const limit = NODES_MAX * ctx.node.config.values.streamNodeMaxEntries;
    trim.limit = limit <= 0 ? LIMIT_DEFAULT : Math.min(limit, LIMIT_MAX);
  }
  return true;
}

function fail(reply: Reply, error: string): -1 {
  reply.error(error);
  return -1;
}

/** Replaces an approximate threshold in the words of the command by what it came to. */
export function exactTrim(ctx: Context, stream: Stream, words: string[]): void {
  const { streams } = ctx.node;
  const { trim, trimArgument } = streams.addOptions;
  if (trim.strategy === TRIM_NOTHING || !trim.isApproximate) return;
  words[trimArgument - 1] = "=";
  if (trim.strategy === TRIM_TO_LENGTH) {
    words[trimArgument] = String(stream.length);
    return;
  }
  const first = new StreamId();
  first.setMax();
  streams.edgeId(stream, true, first, true);
  words[trimArgument] = String(first);
}
