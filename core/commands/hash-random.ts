// HRANDFIELD: random fields of a hash. Fields whose time is over are removed first, so that every
// draw is one that counts.
import { HASHTABLE } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import { dictOf } from "../types/hash/hash-value.ts";
import { sampleEntries } from "../types/sample.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { openHash } from "./hash-shared.ts";
import { endsClient, randomCount } from "./random-count.ts";
import { replyElement } from "./set.ts";

/** HRANDFIELD key [count [WITHVALUES]] */
function hrandfield(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { hashes, fieldExpiry } = ctx.node;
  const { hash, field } = hashes;
  let count = 0;
  let withValues = false;
  if (args.count > 2) {
    withValues = args.count === 4 && args.is(3, "withvalues");
    count = randomCount(args, 2, withValues, reply);
    if (Number.isNaN(count)) return;
    if (args.count > 3 && !withValues) return reply.error(SYNTAX_ERROR);
  }
  const entry = db.read(args, 1);
  const isThere = entry !== NONE;
  if (isThere && !openHash(ctx, entry, reply)) return;
  const isGone = !isThere || fieldExpiry.removeAll(hash);
  if (args.count > 2) {
    if (isGone || count === 0) return reply.array(0);
    return replyCount(ctx, count, withValues, reply);
  }
  if (isGone) return reply.nil();
  hashes.pick(hash, field);
  replyElement(field, reply);
}

function replyCount(ctx: Context, count: number, withValues: boolean, reply: Reply): void {
  const { hashes } = ctx.node;
  const { hash, field, value, cursor } = hashes;
  const size = hashes.count(hash);
  const shown = count < 0 ? -count : Math.min(count, size);
  reply.array(withValues && reply.resp === 2 ? shown * 2 : shown);
  if (count < 0) {
    for (let i = 0; i < shown && !endsClient(ctx, reply, i); i++) {
      hashes.pick(hash, field);
      if (withValues) hashes.loadFound(hash, value);
      replyPair(field, value, withValues, reply);
    }
  } else if (count < size && hash.encoding === HASHTABLE) {
    replySample(ctx, dictOf(ctx.keyspace.arena, hash.value), size, count, withValues, reply);
  } else {
    // In the order of the listpack, each with the chance that it is still needed.
    let left = size;
    let wanted = shown;
    cursor.start(hash.value, hash.encoding);
    while (wanted > 0 && cursor.next()) {
      const isDrawn = left <= wanted || ctx.keyspace.prng.below(left) < wanted;
      left--;
      if (!isDrawn) continue;
      wanted--;
      if (withValues) cursor.loadValue();
      replyPair(cursor.field, cursor.value, withValues, reply);
    }
  }
}

/** Replies with `count` distinct fields of a dict. */
function replySample(
  ctx: Context,
  dict: Ref,
  size: number,
  count: number,
  withValues: boolean,
  reply: Reply,
): void {
  const { dicts, prng, scanned } = ctx.keyspace;
  const { hashes } = ctx.node;
  const { hash, field, value } = hashes;
  sampleEntries(dicts, dict, size, count, prng, scanned);
  for (let i = 0; i < count; i++) {
    hashes.findEntry(scanned.items[i]);
    field.entryKey(dicts, scanned.items[i]);
    if (withValues) hashes.loadFound(hash, value);
    replyPair(field, value, withValues, reply);
  }
  scanned.clear();
}

function replyPair(field: Element, value: Element, withValues: boolean, reply: Reply): void {
  if (withValues && reply.resp > 2) reply.array(2);
  replyElement(field, reply);
  if (withValues) replyElement(value, reply);
}

export const hashRandomCommands: readonly CommandEntry[] = [command("hrandfield", hrandfield)];
