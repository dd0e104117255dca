// COMMAND DOCS: what a command is for and what it takes, for people and for tools such as
// redis-cli's hints.
//
// The facts are JSON lines, one per command in the order of CommandFacts.id. A line is read when a
// call asks for its command, and forgotten: nothing else needs them, and starting is faster so.
// Redis's own summaries and notes are its authors' text and not among the facts.
import type { Reply } from "../resp/reply.ts";
import { DOC_FACTS_TEXT } from "./doc-facts.ts";
import type { Command } from "./table.ts";

interface DocFacts {
  readonly since: string;
  readonly group: string;
  readonly complexity?: string;
  readonly doc_flags?: readonly string[];
  readonly deprecated_since?: string;
  readonly replaced_by?: string;
  readonly history?: readonly (readonly [version: string, change: string])[];
  readonly args?: readonly DocArgument[];
}

interface DocArgument {
  readonly name: string;
  readonly type: string;
  /** What hints show instead of the name. */
  readonly display?: string;
  readonly key_spec_index?: number;
  readonly token?: string;
  readonly since?: string;
  readonly deprecated_since?: string;
  readonly flags?: readonly string[];
  /** Of a "block" all in a row, of a "oneof" the choices. */
  readonly args?: readonly DocArgument[];
}

/** Writes the pairs of a map from full name to documentation. */
export function writeDocs(commands: readonly Command[], reply: Reply): void {
  writeAll(commands, DOC_FACTS_TEXT.split("\n"), reply);
}

function writeAll(commands: readonly Command[], lines: readonly string[], reply: Reply): void {
  for (const command of commands) {
    reply.bulkText(command.fullName);
    writeOne(command, lines, reply);
  }
}

function writeOne(command: Command, lines: readonly string[], reply: Reply): void {
  const docs = parseLine(lines[command.id]);
  const mark = reply.mark();
  let count = text(reply, "since", docs.since) + text(reply, "group", docs.group);
  count += text(reply, "complexity", docs.complexity);
  count += flags(reply, "doc_flags", docs.doc_flags);
  count += text(reply, "deprecated_since", docs.deprecated_since);
  count += text(reply, "replaced_by", docs.replaced_by);
  if (docs.history !== undefined) {
    count++;
    writeHistory(docs.history, reply);
  }
  if (docs.args !== undefined) {
    count++;
    reply.bulkText("arguments");
    writeArguments(docs.args, reply);
  }
  if (command.subcommands.length > 0) {
    count++;
    reply.bulkText("subcommands");
    reply.map(command.subcommands.length);
    writeAll(command.subcommands, lines, reply);
  }
  reply.insertMap(mark, count);
}

function parseLine(line: string): DocFacts {
  return JSON.parse(line.slice(line.indexOf(" ") + 1)) as DocFacts;
}

function writeHistory(history: NonNullable<DocFacts["history"]>, reply: Reply): void {
  reply.bulkText("history");
  reply.set(history.length);
  for (const [version, change] of history) {
    reply.array(2);
    reply.bulkText(version);
    reply.bulkText(change);
  }
}

function writeArguments(args: readonly DocArgument[], reply: Reply): void {
  reply.array(args.length);
  for (const arg of args) {
    const mark = reply.mark();
    let count = text(reply, "name", arg.name) + text(reply, "type", arg.type);
    if (arg.args === undefined) count += text(reply, "display_text", arg.display ?? arg.name);
    if (arg.key_spec_index !== undefined) {
      count++;
      reply.bulkText("key_spec_index");
      reply.integer(arg.key_spec_index);
    }
    count += text(reply, "token", arg.token);
    count += text(reply, "since", arg.since);
    count += text(reply, "deprecated_since", arg.deprecated_since);
    count += flags(reply, "flags", arg.flags);
    if (arg.args !== undefined) {
      count++;
      reply.bulkText("arguments");
      writeArguments(arg.args, reply);
    }
    reply.insertMap(mark, count);
  }
}

/** Writes a pair unless there is no value; answers with the number of pairs written. */
function text(reply: Reply, key: string, value: string | undefined): number {
  if (value === undefined) return 0;
  reply.bulkText(key);
  reply.bulkText(value);
  return 1;
}

function flags(reply: Reply, key: string, names: readonly string[] | undefined): number {
  if (names === undefined) return 0;
  reply.bulkText(key);
  reply.set(names.length);
  for (const name of names) reply.simple(name);
  return 1;
}
