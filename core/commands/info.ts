// INFO. What it shows is in core/info.
import { infoText } from "../info/sections.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { asciiLower } from "../util/bytes.ts";
import { type CommandEntry, command } from "./command.ts";

/** INFO [section [section ...]] */
function info({ node }: Context, args: Args, reply: Reply): void {
  const words: string[] = [];
  for (let i = 1; i < args.count; i++) words.push(asciiLower(args.latin1(i)));
  reply.verbatim("txt", infoText(node, words));
}

export const infoCommands: readonly CommandEntry[] = [command("info", info)];
