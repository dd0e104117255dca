// For tests of the command table: a table in which everything exists, and calls of single commands
// without a node around them.
import { readFileSync } from "node:fs";
import { type CommandEntry, command } from "../../../core/commands/command.ts";
import { COMMAND_FACTS } from "../../../core/commands/command-facts.ts";
import { introspectionCommands } from "../../../core/commands/introspection.ts";
import { CommandTable, type Mode } from "../../../core/commands/table.ts";
import type { Context } from "../../../core/node/context.ts";
import { Args } from "../../../core/resp/args.ts";
import { Reply } from "../../../core/resp/reply.ts";
import { parseReply, type RespValue } from "../../support/resp-value.ts";

/** All commands of the mode: COMMAND with its real handlers, the others without effect or reply. */
export function fullTable(mode: Mode = "normal"): CommandTable {
  const real = new Set(introspectionCommands.map(({ name }) => name));
  const containers = new Set(
    [...COMMAND_FACTS.keys()]
      .filter((name) => name.includes("|"))
      .map((name) => name.split("|")[0]),
  );
  const others: CommandEntry[] = [...COMMAND_FACTS.keys()]
    .filter((name) => !real.has(name) && !containers.has(name))
    .map((name) => command(name, () => {}));
  return new CommandTable([introspectionCommands, others], mode);
}

export function argsOf(words: readonly string[]): Args {
  const args = new Args();
  const bytes = Buffer.from(words.join(""), "latin1");
  args.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  let offset = 0;
  for (const word of words) {
    args.push(offset, word.length);
    offset += word.length;
  }
  return args;
}

/** The bytes that a command answers, as a latin1 string. */
export function callRaw(table: CommandTable, resp: 2 | 3, ...words: string[]): string {
  const args = argsOf(words);
  const called = table.resolve(args);
  if (called === null || called.run === null) throw new Error(`not callable: ${words.join(" ")}`);
  if (!called.takes(args.count)) throw new Error(`wrong number of arguments: ${words.join(" ")}`);
  const reply = new Reply();
  reply.resp = resp;
  called.run({ node: { commands: table } } as unknown as Context, args, reply);
  return Buffer.from(reply.bytes.subarray(0, reply.size)).toString("latin1");
}

/** What a command answers, decoded. */
export function call(table: CommandTable, resp: 2 | 3, ...words: string[]): RespValue {
  return decode(callRaw(table, resp, ...words));
}

/** The one reply that the bytes are. */
export function decode(raw: string): RespValue {
  const { value, end } = parseReply(Buffer.from(raw, "latin1"));
  if (value === null || end !== raw.length) throw new Error("not one whole reply");
  return value;
}

export type Plain = string | number | null | Plain[] | { [key: string]: Plain };

/** A reply as plain data: kinds are forgotten, RESP3 maps become objects. */
export function plain(value: RespValue): Plain {
  switch (value.kind) {
    case "null":
      return null;
    case "integer":
      return Number(value.text);
    case "map": {
      const pairs = value.items.map(plain);
      return Object.fromEntries(
        pairs.flatMap((key, i) => (i % 2 === 0 ? [[key as string, pairs[i + 1]!]] : [])),
      );
    }
    case "array":
    case "set":
    case "push":
      return value.items.map(plain);
    case "attribute":
      return plain(value.value);
    default:
      return value.text;
  }
}

/** Data of test/fixtures. */
export function fixture<Data>(file: string): Data {
  const url = new URL(`../../fixtures/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Data;
}
