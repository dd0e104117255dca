import { describe, expect, test } from "vitest";
import { commandFamilies } from "../../core/commands/families.ts";
import { CATEGORY_NAMES } from "../../core/commands/flags.ts";
import { CommandTable } from "../../core/commands/table.ts";
import { modelFamilies } from "../../sim/model/families.ts";
import { Random } from "../../sim/random.ts";
import { families, listeningFamily, trackingFamily } from "../../sim/workload/commands.ts";

const DATA: ReadonlySet<string> = new Set(
  "keyspace string list set sortedset hash stream bitmap hyperloglog geo transaction pubsub".split(
    " ",
  ),
);
/** They need a second server, are about the server itself, or only explain others. */
const EXCEPT: ReadonlySet<string> = new Set(
  "migrate wait waitaof pfdebug pfselftest object|help xgroup|help xinfo|help pubsub|help".split(
    " ",
  ),
);

/** They are about what clients see of the data. */
const ALSO: readonly string[] =
  "client|tracking client|caching client|getredir client|trackinginfo client|unblock".split(" ");

/** What the workloads send, "container|sub" for a subcommand. */
function sent(): Set<string> {
  const random = new Random("coverage");
  const names = new Set<string>();
  for (const { makers } of [...Object.values(families), listeningFamily, trackingFamily]) {
    for (const maker of makers) {
      for (let i = 0; i < 60; i++) {
        const words = maker(random, 10, i).map((word) => word.toLowerCase());
        names.add(words[0]);
        if (words.length > 1) names.add(`${words[0]}|${words[1]}`);
      }
    }
  }
  return names;
}

function dataCommands(): string[] {
  const names: string[] = [];
  for (const command of new CommandTable(commandFamilies).commands) {
    for (const one of [command, ...command.subcommands]) {
      const isData = CATEGORY_NAMES.some(
        ([bit, name]) => DATA.has(name) && (one.categories & bit) !== 0,
      );
      if (one.run !== null && isData && !EXCEPT.has(one.fullName)) names.push(one.fullName);
    }
  }
  return [...names, ...ALSO];
}

describe("every data command", () => {
  const commands = dataCommands();

  test("there are many", () => {
    expect(commands.length).toBeGreaterThan(200);
  });

  test("is sent by the workloads", () => {
    const names = sent();
    expect(commands.filter((name) => !names.has(name))).toEqual([]);
  });

  test("is known to the model", () => {
    const names = new Set(modelFamilies.flat().map(([name]) => name));
    expect(commands.filter((name) => !names.has(name))).toEqual([]);
  });
});
