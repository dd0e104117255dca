// What a client holds in memory: for CLIENT LIST, maxmemory-clients, INFO and MEMORY STATS.
//
// All clients read into one buffer and are answered from another, both the node's. A client has a
// buffer of its own only for a command that did not arrive in one piece, and keeps it for a while.
import { type Client, REPLY_BUFFER_BYTES_MAX } from "./client.ts";

/** A client and its connection without buffers. */
const CLIENT_BYTES = 1024;
/** A watched key, a subscription, a tracked prefix: the entries on both sides, not the text. */
const ENTRY_BYTES = 96;
/** A buffer with less free space than this is left alone. */
const TRIM_BYTES_MIN = 4096;
/** Buffers above this are made smaller also for clients that are active. */
const RESIZE_BYTES_MIN = 32 * 1024;
/** Memory is set aside for at most this much of a large argument before it arrives. */
const ANNOUNCED_BYTES_MAX = 64 * 1024 * 1024;
/** The smallest buffer for input that did not come in one piece. */
export const QUERY_BYTES_MIN: number = 16 * 1024;
/** A client that has been silent for longer needs no room for input. */
const IDLE_SECONDS = 2;
const REPLY_BUFFER_BYTES_MIN = 1024;
/** Replies that wait beyond the buffer are counted in blocks of this size. */
export const REPLY_BLOCK_BYTES: number = 20 * 1024;

/**
 * What waiting replies count for client-output-buffer-limit: as in Redis, nothing while they fit a
 * buffer that adapts to the client's replies (`adaptReplyBuffer`), and the rest in whole blocks.
 */
export function limitedReplyBytes(client: Client, waitingBytes: number): number {
  return replyBlockCount(client, waitingBytes) * REPLY_BLOCK_BYTES;
}

/** Number of blocks of replies that do not fit the buffer. */
export function replyBlockCount(client: Client, waitingBytes: number): number {
  const beyond = waitingBytes - client.replyBufferBytes;
  return beyond <= 0 ? 0 : Math.ceil(beyond / REPLY_BLOCK_BYTES);
}

/**
 * Makes the buffer larger that was filled, and smaller that was less than half used. Answers with 1,
 * -1, or 0 when it stays.
 */
export function adaptReplyBuffer(client: Client): number {
  const { replyBufferBytes: size, replyPeakBytes: peak } = client;
  if (size / 2 >= REPLY_BUFFER_BYTES_MIN && peak < size / 2) {
    client.replyBufferBytes = Math.max(REPLY_BUFFER_BYTES_MIN, peak + 1);
    return -1;
  }
  if (size * 2 >= REPLY_BUFFER_BYTES_MAX * 2 || peak < size) return 0;
  client.replyBufferBytes = Math.min(REPLY_BUFFER_BYTES_MAX, size * 2);
  return 1;
}

/** Bytes that the client holds besides the command in work. */
export function clientMemoryBytes(client: Client): number {
  const entryCount =
    client.watched.length +
    client.subscriptionCount +
    (client.shardChannels?.size ?? 0) +
    (client.trackingPrefixes?.size ?? 0);
  return (
    CLIENT_BYTES +
    (client.query?.length ?? 0) +
    (client.pushReply?.bytes.length ?? 0) +
    client.unsentBytes +
    client.queueBytes +
    (client.blocked?.args.bytes.length ?? 0) +
    entryCount * ENTRY_BYTES
  );
}

/** Clients of about the same size, by powers of two: the larger class is evicted first. */
export function memoryClass(client: Client): number {
  return Math.floor(Math.log2(client.memoryBytes + 1));
}

/** Whole seconds from one wall time to another, each cut to its second as Redis's clock is. */
export function secondsBetween(fromMs: number, toMs: number): number {
  return Math.floor(toMs / 1000) - Math.floor(fromMs / 1000);
}

/** True while room for input is kept for the client. */
export function keepsRoom(client: Client, nowMs: number): boolean {
  return secondsBetween(client.lastInteractionMs, nowMs) <= IDLE_SECONDS;
}

/**
 * The size of the buffer for `needed` bytes of input: all of the argument in work, whose length the
 * client has announced; else twice what there is, so that many small pieces are not copied often.
 */
export function querySize(client: Client, needed: number): number {
  const announced = client.announcedBytes;
  if (announced <= needed) return Math.max(QUERY_BYTES_MIN, needed * 2);
  return Math.max(QUERY_BYTES_MIN, Math.min(announced, needed + ANNOUNCED_BYTES_MAX));
}

/** Takes back what the client does not use of its query buffer. */
export function trimQuery(client: Client, nowMs: number): void {
  const size = client.query!.length;
  const { queryEnd, announcedBytes } = client;
  if (size - queryEnd > TRIM_BYTES_MIN) {
    const peak = Math.max(client.queryPeakBytes, announcedBytes, QUERY_BYTES_MIN);
    if (!keepsRoom(client, nowMs)) client.resizeQuery(queryEnd);
    else if (size > RESIZE_BYTES_MIN && size / 2 > peak) client.resizeQuery(peak);
  }
  client.queryPeakBytes = Math.max(queryEnd, announcedBytes);
}
