// All families of commands; the table of every node is built from this list.
import type { CommandEntry } from "./command.ts";
import { connectionCommands } from "./connection.ts";
import { counterCommands } from "./counter.ts";
import { introspectionCommands } from "./introspection.ts";
import { stringCommands } from "./string.ts";

export const commandFamilies: readonly (readonly CommandEntry[])[] = [
  stringCommands,
  counterCommands,
  connectionCommands,
  introspectionCommands,
];
