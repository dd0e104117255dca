// What a client holds in memory: for CLIENT LIST, maxmemory-clients, INFO and MEMORY STATS.
//
// All clients read into one buffer and are answered from another, both the node's. A client has a
// buffer of its own only for a command that did not arrive in one piece, and keeps it for a while.
import type { Client } from "./client.ts";

/** A client and its connection without buffers. */
const CLIENT_BYTES = 1024;
/** A watched key, a subscription, a tracked prefix: the entries on both sides, not the text. */
const ENTRY_BYTES = 96;
/** A buffer with less free space than this is left alone. */
const TRIM_BYTES_MIN = 4096;
/** Buffers above this are made smaller also for clients that are active. */
const RESIZE_BYTES_MIN = 32 * 1024;
/** The smallest buffer for input that did not come in one piece. */
export const QUERY_BYTES_MIN: number = 16 * 1024;
/** A client that has been silent for longer needs no room for input. */
const IDLE_SECONDS = 2;

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
