// The line that MONITOR shows for a command.
import type { Args } from "../resp/args.ts";
import { quoted } from "../util/quoted.ts";
import { type Client, INTERNAL } from "./client.ts";
import type { Node } from "./node.ts";

/** `+<seconds>.<microseconds> [<db> <address>] "word" "word"…` with CRLF. */
export function monitorLine(node: Node, client: Client, args: Args): string {
  const seconds = Math.floor(node.wallMs / 1000);
  const micros = String(Math.floor((node.wallMs % 1000) * 1000)).padStart(6, "0");
  const from = client.has(INTERNAL)
    ? "lua"
    : client.peer.unixSocket
      ? `unix:${node.config.values.unixsocket}`
      : client.peer.address;
  let line = `+${seconds}.${micros} [${client.db} ${from}]`;
  for (let i = 0; i < args.count; i++) line += ` ${quoted(args.latin1(i))}`;
  return `${line}\r\n`;
}
