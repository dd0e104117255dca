// A client in one line, as CLIENT LIST, CLIENT INFO and log lines show it.
import {
  BLOCKED,
  CLOSE_AFTER_REPLY,
  CLOSED,
  type Client,
  DIRTY_CAS,
  MONITOR,
  MULTI,
  NO_EVICT,
  NO_TOUCH,
  PRIMARY,
  PUBSUB,
  READONLY_CLUSTER,
  REPLICA,
  TRACKING,
  TRACKING_BCAST,
  TRACKING_BROKEN_REDIRECT,
  UNBLOCKED,
} from "./client.ts";
import type { Node } from "./node.ts";

/** Flag letters in the order in which Redis prints them. */
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [PRIMARY, "M"],
  [PUBSUB, "P"],
  [MULTI, "x"],
  [BLOCKED, "b"],
  [TRACKING, "t"],
  [TRACKING_BROKEN_REDIRECT, "R"],
  [TRACKING_BCAST, "B"],
  [DIRTY_CAS, "d"],
  [CLOSE_AFTER_REPLY, "c"],
  [UNBLOCKED, "u"],
  [CLOSED, "A"],
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

/** The reply buffer that every client of Redis owns; ours is shared, and shown as the smallest. */
const REPLY_BUFFER_BYTES = 1024;

export function clientLine(node: Node, client: Client): string {
  const query = client.query?.length ?? 0;
  const pending = client.queryBytes;
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  const redirect = client.has(TRACKING) ? client.trackingRedirect : -1;
  return [
    `id=${client.id}`,
    `addr=${client.peer.address}`,
    `laddr=${client.peer.localAddress}`,
    `fd=${client.peer.descriptor}`,
    `name=${client.name}`,
    `age=${seconds(node.wallMs - client.createdMs)}`,
    `idle=${seconds(node.wallMs - client.lastInteractionMs)}`,
    `flags=${flagText(client)}`,
    `db=${client.db}`,
    `sub=${client.channels?.size ?? 0}`,
    `psub=${client.patterns?.size ?? 0}`,
    `ssub=${client.shardChannels?.size ?? 0}`,
    `multi=${client.has(MULTI) ? client.queue.length : -1}`,
    `watch=${client.watched.length}`,
    `qbuf=${client === node.current ? Math.max(pending, node.commandBytes) : pending}`,
    `qbuf-free=${client === node.current ? node.inputBufferBytes : Math.max(0, query - pending)}`,
    `argv-mem=${client === node.current ? node.commandArgumentBytes : (client.blocked?.args.bytes.length ?? 0)}`,
    `multi-mem=${client.queueBytes}`,
    `rbs=${REPLY_BUFFER_BYTES}`,
    "rbp=0",
    "obl=0",
    `oll=${client.unsentBytes > 0 ? 1 : 0}`,
    `omem=${client.unsentBytes}`,
    `tot-mem=${node.clients.memoryOf(client)}`,
    `events=${client.unsentBytes > 0 ? "rw" : "r"}`,
    `cmd=${client.lastCommand === null ? "NULL" : client.lastCommand.fullName}`,
    `user=${client.user}`,
    `redir=${redirect}`,
    `resp=${client.resp}`,
    `lib-name=${client.libName}`,
    `lib-ver=${client.libVersion}`,
  ].join(" ");
}
