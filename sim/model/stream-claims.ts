// The model of pending entries that change hands, XCLAIM and XAUTOCLAIM.
import { contentOf } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { array, bulk, error, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import {
  type Consumer,
  entryAt,
  entryReply,
  type Group,
  INVALID_ID,
  idText,
  type ModelStream,
  type PendingEntry,
  parseEdge,
  parseId,
  sortedIds,
} from "./stream-content.ts";
import { consumerOf } from "./stream-groups.ts";
import { int64 } from "./strings.ts";

function noGroup(key: string, group: string): string {
  return `-NOGROUP No such key '${key}' or consumer group '${group}'\r\n`;
}

/** Gives a pending entry to a consumer. */
function handOver(
  pending: PendingEntry,
  name: string,
  consumer: Consumer,
  timeMs: number,
  nowMs: number,
): void {
  pending.consumer = name;
  pending.timeMs = timeMs;
  consumer.activeMs = nowMs;
}

// -- XCLAIM -----------------------------------------------------------------------------------------------

interface Claim {
  ids: bigint[];
  force: boolean;
  justId: boolean;
  timeMs: number;
  retryCount: bigint;
  lastId: bigint;
}

function parseClaim(model: Model, words: readonly string[]): Claim | string {
  const claim: Claim = {
    ids: [],
    force: false,
    justId: false,
    timeMs: -1,
    retryCount: -1n,
    lastId: 0n,
  };
  let i = 5;
  for (; i < words.length; i++) {
    const id = parseId(words[i]);
    if (id === null) break;
    claim.ids.push(id);
  }
  for (; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const hasMore = i + 1 < words.length;
    if (option === "force") claim.force = true;
    else if (option === "justid") claim.justId = true;
    else if (option === "lastid" && hasMore) {
      const id = parseId(words[++i]);
      if (id === null) return INVALID_ID;
      claim.lastId = id;
    } else if (["idle", "time", "retrycount"].includes(option) && hasMore) {
      const value = int64(words[++i]);
      if (value === null) {
        return error(`Invalid ${option.toUpperCase()} option argument for XCLAIM`);
      }
      if (option === "retrycount") claim.retryCount = value;
      else claim.timeMs = option === "idle" ? model.nowMs - Number(value) : Number(value);
    } else {
      return error(`Unrecognized XCLAIM option '${words[i]}'`);
    }
  }
  if (claim.timeMs < 0 || claim.timeMs > model.nowMs) claim.timeMs = model.nowMs;
  return claim;
}

const xclaim: ModelCommand = (model, session, words) => {
  const [, key, groupName, name, minIdleText] = words;
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  const group = stream?.groups.get(groupName);
  if (stream === undefined || group === undefined) return noGroup(key, groupName);
  const minIdle = int64(minIdleText);
  if (minIdle === null) return error("Invalid min-idle-time argument for XCLAIM");
  const claim = parseClaim(model, words);
  if (typeof claim === "string") return claim;
  if (claim.lastId > group.lastId) group.lastId = claim.lastId;
  const consumer = consumerOf(model, session, key, group, name);
  consumer.seenMs = model.nowMs;
  const items: string[] = [];
  for (const id of claim.ids) {
    const item = claimOne(model, stream, group, claim, id, name, consumer, minIdle);
    if (item !== null) items.push(item);
  }
  return array(items);
};

function claimOne(
  model: Model,
  stream: ModelStream,
  group: Group,
  claim: Claim,
  id: bigint,
  name: string,
  consumer: Consumer,
  minIdle: bigint,
): string | null {
  const entry = entryAt(stream, id);
  let pending = group.pending.get(id);
  if (entry === undefined) {
    group.pending.delete(id);
    return null;
  }
  if (pending === undefined) {
    if (!claim.force) return null;
    pending = { consumer: name, timeMs: model.nowMs, count: 1n };
    group.pending.set(id, pending);
  } else if (minIdle > 0n && BigInt(model.nowMs - pending.timeMs) < minIdle) {
    return null;
  }
  handOver(pending, name, consumer, claim.timeMs, model.nowMs);
  if (claim.retryCount >= 0n) pending.count = claim.retryCount;
  else if (!claim.justId) pending.count++;
  return claim.justId ? bulk(idText(id)) : entryReply(entry);
}

// -- XAUTOCLAIM -------------------------------------------------------------------------------------------

/** Nobody has 16 bytes for each of so many. */
const SENSIBLE_COUNT_MAX = 2 ** 40;

const xautoclaim: ModelCommand = (model, session, words) => {
  const [, key, groupName, name, minIdleText, startText] = words;
  const minIdle = int64(minIdleText);
  if (minIdle === null) return error("Invalid min-idle-time argument for XAUTOCLAIM");
  const start = parseEdge(startText, true);
  if (typeof start === "string") return start;
  let count = 100;
  let justId = false;
  for (let i = 6; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (option === "count" && i + 1 < words.length) {
      const value = int64(words[++i]);
      if (value === null) return error("COUNT must be > 0");
      if (value < 1n || value > (2n ** 63n - 1n) / 16n) return error("COUNT must be > 0");
      count = Number(value);
    } else if (option === "justid") justId = true;
    else return SYNTAX_ERROR;
  }
  const stream = contentOf(model, session, key, "stream");
  if (stream === null) return WRONG_TYPE;
  const group = stream?.groups.get(groupName);
  if (stream === undefined || group === undefined) return noGroup(key, groupName);
  if (count > SENSIBLE_COUNT_MAX) {
    return error("Insufficient memory, failed allocating transient memory, COUNT too high.");
  }
  const consumer = consumerOf(model, session, key, group, name);
  consumer.seenMs = model.nowMs;
  const ids = sortedIds(group.pending.keys()).filter((id) => id >= start);
  const items: string[] = [];
  const gone: string[] = [];
  let at = 0;
  for (let attempts = count * 10; attempts > 0 && count > 0 && at < ids.length; attempts--) {
    const id = ids[at++];
    const pending = group.pending.get(id)!;
    const entry = entryAt(stream, id);
    if (entry === undefined) {
      group.pending.delete(id);
      gone.push(bulk(idText(id)));
      count--;
      continue;
    }
    if (minIdle > 0n && BigInt(model.nowMs - pending.timeMs) < minIdle) continue;
    handOver(pending, name, consumer, model.nowMs, model.nowMs);
    if (!justId) pending.count++;
    items.push(justId ? bulk(idText(id)) : entryReply(entry));
    count--;
  }
  return array([bulk(idText(ids[at] ?? 0n)), array(items), array(gone)]);
};

export const streamClaimModel: ModelFamily = [
  ["xclaim", -6, xclaim],
  ["xautoclaim", -6, xautoclaim],
];
