// X HELP of all containers.
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { HELP_TEXTS } from "./help-text.ts";

/** The entry of a container's HELP: "client" makes "client|help". */
export function helpCommand(container: string): CommandEntry {
  return command(`${container}|help`, (_ctx, args, reply) => helpReply(args, reply, container));
}

/** Answers with the container's help; its title is the name as the client called it. */
export function helpReply(args: Args, reply: Reply, container: string): void {
  const lines = HELP_TEXTS[container].split("\n");
  reply.array(lines.length + 3);
  reply.simple(
    `${upperCase(args.latin1(0))} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
  );
  for (const line of lines) reply.simple(line);
  reply.simple("HELP");
  reply.simple("    Print this help.");
}

function upperCase(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
