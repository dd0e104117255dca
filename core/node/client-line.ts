// A client in one line, as CLIENT LIST, CLIENT INFO and log lines show it.
import {
  BLOCKED,
  CLOSE_AFTER_REPLY,
  CLOSE_ASAP,
  type Client,
  DIRTY_CAS,
  MONITOR,
  MULTI,
  NO_EVICT,
  NO_TOUCH,
  POSTPONED,
  PRIMARY,
  PUBSUB,
  READONLY_CLUSTER,
  REPLICA,
  TRACKING,
  TRACKING_BCAST,
  TRACKING_BROKEN_REDIRECT,
  UNBLOCKED,
} from "./client.ts";
import {
  clientMemoryBytes,
  keepsRoom,
  limitedReplyBytes,
  QUERY_BYTES_MIN,
  replyBlockCount,
  secondsBetween,
} from "./client-memory.ts";
import type { Node } from "./node.ts";

/** Flag letters in the order in which Redis prints them. */
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [PRIMARY, "M"],
  [PUBSUB, "P"],
  [MULTI, "x"],
  [BLOCKED | POSTPONED, "b"],
  [TRACKING, "t"],
  [TRACKING_BROKEN_REDIRECT, "R"],
  [TRACKING_BCAST, "B"],
  [DIRTY_CAS, "d"],
  [CLOSE_AFTER_REPLY, "c"],
  [UNBLOCKED, "u"],
  [CLOSE_ASAP, "A"],
];

function flagText(client: Client): string {
  let text = "";
  if (client.has(REPLICA)) text += client.has(MONITOR) ? "O" : "S";
  else if (client.has(MONITOR)) text += "O";
  for (const [flag, letter] of FLAG_LETTERS) if (client.has(flag)) text += letter;
  if (client.peer.unixSocket) text += "U";
  if (client.has(READONLY_CLUSTER)) text += "r";
  if (client.has(NO_EVICT)) text += "e";
  if (client.has(NO_TOUCH)) text += "T";
  return text === "" ? "N" : text;
}

/**
 * Fields about buffers, in terms of a node whose clients share the buffers they are read into and
 * answered from (client-memory.ts):
 *   qbuf       bytes that came and are not parsed; of the client in work, all that came together
 *   qbuf-free  room for more: in a buffer of its own, or in the shared one, which is kept ready for
 *              clients that were active lately
 *   argv-mem   arguments parsed so far, or of the command in work or in waiting
 *   rbs, rbp   replies that may wait without being limited, and how much of that was used lately
 *   obl        replies that wait for the kernel to take them, up to rbs
 *   oll, omem  those beyond, in blocks and in the bytes of these blocks, which are limited
 *   tot-mem    what the client holds, with the command in work
 */
export function clientLine(node: Node, client: Client): string {
  const { wallMs } = node;
  const inWork = client === node.current;
  const argumentBytes = argumentBytesOf(node, client);
  const commandBytes = inWork ? node.inputBytes + argumentBytes : 0;
  const redirect = client.has(TRACKING) ? client.trackingRedirect : -1;
  return [
    `id=${client.id}`,
    `addr=${client.peer.address}`,
    `laddr=${client.peer.localAddress}`,
    `fd=${client.peer.descriptor}`,
    `name=${client.name}`,
    `age=${secondsBetween(client.createdMs, wallMs)}`,
    `idle=${secondsBetween(client.lastInteractionMs, wallMs)}`,
    `flags=${flagText(client)}`,
    `db=${client.db}`,
    `sub=${client.channels?.size ?? 0}`,
    `psub=${client.patterns?.size ?? 0}`,
    `ssub=${client.shardChannels?.size ?? 0}`,
    `multi=${client.has(MULTI) ? client.queue.length : -1}`,
    `watch=${client.watched.length}`,
    `qbuf=${inWork ? node.inputBytes : client.queryEnd - (client.parser?.position ?? 0)}`,
    `qbuf-free=${freeQueryBytes(client, wallMs)}`,
    `argv-mem=${argumentBytes}`,
    `multi-mem=${client.queueBytes}`,
    `rbs=${client.replyBufferBytes}`,
    `rbp=${client.replyPeakBytes}`,
    `obl=${Math.min(client.unsentBytes, client.replyBufferBytes)}`,
    `oll=${replyBlockCount(client, client.unsentBytes)}`,
    `omem=${limitedReplyBytes(client, client.unsentBytes)}`,
    `tot-mem=${clientMemoryBytes(client) + commandBytes}`,
    `events=${client.unsentBytes > 0 ? "rw" : "r"}`,
    `cmd=${client.lastCommand === null ? "NULL" : client.lastCommand.fullName}`,
    `user=${client.user}`,
    `redir=${redirect}`,
    `resp=${client.resp}`,
    `lib-name=${client.libName}`,
    `lib-ver=${client.libVersion}`,
  ].join(" ");
}

function argumentBytesOf(node: Node, client: Client): number {
  const args =
    client === node.current ? node.inputArgs : (client.blocked?.args ?? client.parser?.args);
  if (args === null || args === undefined) return 0;
  let bytes = 0;
  for (let i = 0; i < args.count; i++) bytes += args.length[i];
  return bytes;
}

function freeQueryBytes(client: Client, nowMs: number): number {
  if (client.query !== null) return client.query.length - client.queryEnd;
  return keepsRoom(client, nowMs) ? QUERY_BYTES_MIN : 0;
}
