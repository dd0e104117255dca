// SLOWLOG: the commands that took long.
import type { Context } from "../node/context.ts";
import type { SlowLogEntry } from "../node/slowlog.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { unknownSubcommand } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { longArgument } from "./numbers.ts";

const COUNT_DEFAULT = 10;
const INVALID_COUNT = "ERR count should be greater than or equal to -1";

/** SLOWLOG GET [count] */
function get({ node }: Context, args: Args, reply: Reply): void {
  const { slowlog } = node;
  if (args.count > 3) return reply.error(unknownSubcommand("slowlog", args.latin1(1)));
  let count = COUNT_DEFAULT;
  if (args.count === 3) {
    count = longArgument(args, 2, reply, INVALID_COUNT);
    if (Number.isNaN(count)) return;
    if (count < -1) return reply.error(INVALID_COUNT);
  }
  count = count === -1 ? slowlog.length : Math.min(count, slowlog.length);
  reply.array(count);
  for (let i = 0; i < count; i++) writeEntry(slowlog.newest(i), reply);
}

function writeEntry(entry: SlowLogEntry, reply: Reply): void {
  reply.array(6);
  reply.integer(entry.id);
  reply.integer(entry.timeSeconds);
  reply.integer(Math.floor(entry.durationUs));
  reply.array(entry.args.length);
  for (const word of entry.args) reply.bulkText(word);
  reply.bulkText(entry.peer);
  reply.bulkText(entry.clientName);
}

/** SLOWLOG LEN */
function length({ node }: Context, _args: Args, reply: Reply): void {
  reply.integer(node.slowlog.length);
}

/** SLOWLOG RESET */
function reset({ node }: Context, _args: Args, reply: Reply): void {
  node.slowlog.reset();
  reply.ok();
}

export const slowlogCommands: readonly CommandEntry[] = [
  helpCommand("slowlog"),
  command("slowlog|get", get),
  command("slowlog|len", length),
  command("slowlog|reset", reset),
];
