import { describe, expect, it } from "vitest";
import { COMMAND_FACTS } from "../../../core/commands/command-facts.ts";
import { helpCommand, helpReply } from "../../../core/commands/help.ts";
import { HELP_TEXTS } from "../../../core/commands/help-text.ts";
import { CommandTable } from "../../../core/commands/table.ts";
import { Reply } from "../../../core/resp/reply.ts";
import { argsOf, callRaw, decode, fixture, fullTable, plain } from "./support.ts";

const syntax = fixture<Record<string, string[]>>("subcommand-syntax.json");

function help(container: string, typed = container): string[] {
  const reply = new Reply();
  helpReply(argsOf([typed, "help"]), reply, container);
  return plain(
    decode(Buffer.from(reply.bytes.subarray(0, reply.size)).toString("latin1")),
  ) as string[];
}

describe("helpReply", () => {
  it.each(Object.entries(syntax))("%s has Redis's syntax lines, each explained", (name, lines) => {
    const [title, ...rest] = help(name.toLowerCase());
    expect(title).toBe(`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
    expect(rest.filter((line) => !line.startsWith(" "))).toEqual(lines);
    for (const [i, line] of rest.entries()) {
      if (!line.startsWith(" ")) expect(rest[i + 1], line).toMatch(/^ {4}/);
    }
    expect(rest.slice(-2)).toEqual(["HELP", "    Print this help."]);
  });

  it("exists for every container", () => {
    const containers = [...COMMAND_FACTS.keys()]
      .filter((name) => name.endsWith("|help"))
      .map((name) => name.split("|")[0]!);
    expect(Object.keys(HELP_TEXTS).sort()).toEqual([...containers, "debug"].sort());
  });

  it("shows the name that the client used", () => {
    expect(help("config", "cFg")[0]).toMatch(/^CFG <subcommand>/);
  });

  it("answers with status replies", () => {
    expect(callRaw(fullTable(), 3, "command", "help")).toMatch(
      /^\*17\r\n\+COMMAND <subcommand> \[<arg> \[value\] \[opt\] \.\.\.\]\. Subcommands are:\r\n\+\(no subcommand\)\r\n/,
    );
  });

  it("comes as an entry for a family", () => {
    const table = new CommandTable([[helpCommand("slowlog")]]);
    expect(callRaw(table, 2, "SlowLog", "HELP")).toContain(
      "+LEN\r\n+    The number of entries.\r\n",
    );
  });
});
