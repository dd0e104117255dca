// The line that MONITOR shows for a command.
import type { Args } from "../resp/args.ts";
import { quoted } from "../util/quoted.ts";
import { type Client, INTERNAL } from "./client.ts";
import type { Node } from "./node.ts";
import { REDACTED } from "./slowlog.ts";

/** `+<seconds>.<microseconds> [<db> <address>] "word" "word"…` with CRLF. */
export function monitorLine(
  node: Node,
  client: Client,
  args: Args,
  redacted: ReadonlySet<number> | null,
): string {
  const { wallUs } = node;
  const seconds = Math.floor(wallUs / 1e6);
  const micros = String(wallUs % 1e6).padStart(6, "0");
  const from = client.has(INTERNAL)
    ? "lua"
    : client.peer.unixSocket
      ? `unix:${node.config.values.unixsocket}`
      : client.peer.address;
  let line = `+${seconds}.${micros} [${client.db} ${from}]`;
  for (let i = 0; i < args.count; i++) {
    line += ` ${quoted(redacted?.has(i) ? REDACTED : args.latin1(i))}`;
  }
  return `${line}\r\n`;
}
