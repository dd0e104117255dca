// How changes of pending entries are propagated: as commands that come to the same on every copy,
// whatever its clock and however often they are run.
import type { Context } from "../node/context.ts";
import { Name } from "../types/stream/stream.ts";
import { StreamId } from "../types/stream/stream-id.ts";
import { int64BigInt } from "../util/int64.ts";

/**
 * The pending entry that is open (`groups.entry`), of the group that is open, is its consumer's now:
 * or it was until now, and is removed because the stream has no such entry.
 */
export function propagateClaim(ctx: Context, key: string, groupName: string, id: string): void {
  const { groups } = ctx.node.streams;
  const { entry } = groups;
  ctx.propagateInstead(
    "XCLAIM",
    key,
    groupName,
    consumerName(ctx),
    "0",
    id,
    "TIME",
    String(int64BigInt(entry.timeHigh, entry.timeLow)),
    "RETRYCOUNT",
    String(int64BigInt(entry.countHigh, entry.countLow)),
    "FORCE",
    "JUSTID",
    "LASTID",
    lastId(ctx),
  );
}

/** The group that is open has read up to its last ID. */
export function propagateGroupId(ctx: Context, key: string, groupName: string): void {
  const { group } = ctx.node.streams.groups;
  const read = int64BigInt(group.entriesReadHigh, group.entriesReadLow);
  ctx.propagateInstead("XGROUP", "SETID", key, groupName, lastId(ctx), "ENTRIESREAD", String(read));
}

function lastId(ctx: Context): string {
  const id = new StreamId();
  ctx.node.streams.groups.group.loadLastId(id);
  return String(id);
}

function consumerName(ctx: Context): string {
  const { groups, arena } = ctx.node.streams;
  const name = new Name();
  name.open(arena, groups.consumerNameOf(groups.entry.consumer));
  return name.text();
}
