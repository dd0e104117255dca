// LCS: the longest common subsequence of two strings. The algorithm is in core/util/lcs.ts.
import { STRING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import {
  LCS_TABLE_BYTES_MAX,
  type Lcs,
  lcsLength,
  lcsTableBytes,
  longestCommonSubsequence,
} from "../util/lcs.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";

interface Options {
  length: boolean;
  indexes: boolean;
  withMatchLength: boolean;
  minMatchLength: number;
}

/** LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN] */
function lcs(ctx: Context, args: Args, reply: Reply): void {
  const a = ctx.db.read(args, 1);
  const b = ctx.db.read(args, 2);
  const { db } = ctx;
  if ((a !== NONE && db.typeOf(a) !== STRING) || (b !== NONE && db.typeOf(b) !== STRING)) {
    return reply.error("ERR The specified keys must contain string values");
  }
  const options = parseOptions(args, reply);
  if (options === null) return;
  if (options.length && options.indexes) {
    return reply.error("ERR If you want both the length and indexes, please just use IDX.");
  }
  const first = textOf(ctx, a);
  const second = textOf(ctx, b);
  const tableBytes = lcsTableBytes(first.length, second.length);
  if (tableBytes > ctx.node.config.values.protoMaxBulkLen) {
    return reply.error(
      "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
    );
  }
  if (tableBytes > LCS_TABLE_BYTES_MAX) {
    return reply.error("ERR Insufficient memory, failed allocating transient memory for LCS");
  }
  if (options.length) {
    return reply.integer(lcsLength(first, 0, first.length, second, 0, second.length));
  }
  const found = longestCommonSubsequence(
    first,
    0,
    first.length,
    second,
    0,
    second.length,
    options.minMatchLength,
  );
  if (options.indexes) replyIndexes(reply, found, options.withMatchLength);
  else reply.bulk(found.text, 0, found.text.length);
}

/** A copy: loading the second string would overwrite what the first was loaded to. */
function textOf(ctx: Context, entry: Ref): Uint8Array {
  if (entry === NONE) return new Uint8Array(0);
  const { strings } = ctx.node;
  strings.load(entry);
  return strings.bytes.slice(strings.offset, strings.offset + strings.length);
}

function parseOptions(args: Args, reply: Reply): Options | null {
  const options: Options = {
    length: false,
    indexes: false,
    withMatchLength: false,
    minMatchLength: 0,
  };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "idx")) options.indexes = true;
    else if (args.is(i, "len")) options.length = true;
    else if (args.is(i, "withmatchlen")) options.withMatchLength = true;
    else if (args.is(i, "minmatchlen") && i + 1 < args.count) {
      const length = longArgument(args, ++i, reply);
      if (Number.isNaN(length)) return null;
      options.minMatchLength = Math.max(0, length);
    } else {
      reply.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

function replyIndexes(reply: Reply, found: Lcs, withMatchLength: boolean): void {
  const { runs } = found;
  reply.map(2);
  reply.bulkText("matches");
  reply.array(runs.length / 4);
  for (let i = 0; i < runs.length; i += 4) {
    const [aFirst, aLast, bFirst, bLast] = runs.slice(i, i + 4);
    reply.array(withMatchLength ? 3 : 2);
    reply.array(2);
    reply.integer(aFirst);
    reply.integer(aLast);
    reply.array(2);
    reply.integer(bFirst);
    reply.integer(bLast);
    if (withMatchLength) reply.integer(aLast - aFirst + 1);
  }
  reply.bulkText("len");
  reply.integer(found.text.length);
}

export const lcsCommands: readonly CommandEntry[] = [command("lcs", lcs)];
