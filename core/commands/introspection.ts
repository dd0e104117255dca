// COMMAND and its subcommands: the table as clients see it.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { asciiLower, toBytes } from "../util/bytes.ts";
import { globMatch } from "../util/glob.ts";
import { type CommandEntry, command } from "./command.ts";
import {
  BEGIN_INDEX,
  BEGIN_KEYWORD,
  FIND_COUNTED,
  FIND_RANGE,
  type KeySpec,
} from "./command-facts.ts";
import { writeDocs } from "./docs.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import {
  bitNamed,
  CATEGORY_NAMES,
  FLAG_NAMES,
  KEY_FLAG_NAMES,
  type Named,
  NO_MANDATORY_KEYS,
} from "./flags.ts";
import { getKeys, hasKeys, KeyPositions } from "./getkeys.ts";
import { helpCommand } from "./help.ts";
import type { Command } from "./table.ts";

/** What is wanted of a command in COMMAND LIST. */
type Filter = (command: Command) => boolean;

export const introspectionCommands: readonly CommandEntry[] = [
  command("command", (ctx, _args, reply) => writeInfos(ctx.node.commands.commands, reply)),
  command("command|count", (ctx, _args, reply) => {
    reply.integer(ctx.node.commands.commands.length);
  }),
  command("command|docs", commandDocs),
  command("command|getkeys", (ctx, args, reply) => commandGetKeys(ctx, args, reply, false)),
  command("command|getkeysandflags", (ctx, args, reply) => commandGetKeys(ctx, args, reply, true)),
  helpCommand("command"),
  command("command|info", commandInfo),
  command("command|list", commandList),
];

function commandInfo(ctx: Context, args: Args, reply: Reply): void {
  const { commands: table } = ctx.node;
  if (args.count === 2) return writeInfos(table.commands, reply);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const command = table.lookupFullName(args.bytes, args.offset[i], args.length[i]);
    if (command === null) reply.nil();
    else writeInfo(command, reply);
  }
}

function commandDocs(ctx: Context, args: Args, reply: Reply): void {
  const { commands: table } = ctx.node;
  let commands = table.commands;
  if (args.count > 2) {
    const asked: Command[] = [];
    for (let i = 2; i < args.count; i++) {
      const command = table.lookupFullName(args.bytes, args.offset[i], args.length[i]);
      if (command !== null) asked.push(command);
    }
    commands = asked;
  }
  reply.map(commands.length);
  writeDocs(commands, reply);
}

/** COMMAND GETKEYS and GETKEYSANDFLAGS: the call to look at begins at argument 2. */
function commandGetKeys(ctx: Context, args: Args, reply: Reply, withFlags: boolean): void {
  const called = ctx.node.commands.resolve(args, 2);
  if (called === null) return reply.error("ERR Invalid command specified");
  if (!hasKeys(called)) return reply.error("ERR The command has no key arguments");
  if (!called.takes(args.count - 2)) {
    return reply.error("ERR Invalid number of arguments specified for command");
  }
  const keys = new KeyPositions();
  const count = getKeys(called, args, keys, 2);
  if (count === 0 && (called.flags & NO_MANDATORY_KEYS) === 0) {
    return reply.error("ERR Invalid arguments specified for command");
  }
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const index = keys.index[i];
    if (withFlags) reply.array(2);
    reply.bulk(args.bytes, args.offset[index], args.length[index]);
    if (withFlags) writeNames(keys.flags[i], KEY_FLAG_NAMES, "", reply);
  }
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern] */
function commandList(ctx: Context, args: Args, reply: Reply): void {
  let filter: Filter = () => true;
  if (args.count > 2) {
    if (args.count !== 5 || !args.is(2, "filterby")) return reply.error(SYNTAX_ERROR);
    if (args.is(3, "module")) filter = () => false;
    else if (args.is(3, "aclcat")) filter = byCategory(args.latin1(4));
    else if (args.is(3, "pattern")) filter = byPattern(args.copy(4));
    else return reply.error(SYNTAX_ERROR);
  }
  const mark = reply.mark();
  let count = 0;
  for (const command of ctx.node.commands.commands) {
    for (const listed of [command, ...command.subcommands]) {
      if (!filter(listed)) continue;
      reply.bulkText(listed.fullName);
      count++;
    }
  }
  reply.insertArray(mark, count);
}

function byCategory(name: string): Filter {
  const category = bitNamed(CATEGORY_NAMES, asciiLower(name));
  return (command) => (command.categories & category) !== 0;
}

function byPattern(pattern: Uint8Array): Filter {
  return ({ fullName }) =>
    globMatch(pattern, 0, pattern.length, toBytes(fullName), 0, fullName.length, true);
}

function writeInfos(commands: readonly Command[], reply: Reply): void {
  reply.array(commands.length);
  for (const command of commands) writeInfo(command, reply);
}

/** One command in ten fields, as COMMAND and COMMAND INFO answer it. */
function writeInfo(command: Command, reply: Reply): void {
  reply.array(10);
  reply.bulkText(command.fullName);
  reply.integer(command.arity);
  writeNames(command.flags, FLAG_NAMES, "", reply);
  reply.integer(command.firstKey);
  reply.integer(command.lastKey);
  reply.integer(command.keyStep);
  writeNames(command.categories, CATEGORY_NAMES, "@", reply);
  reply.set(command.tips.length);
  for (const tip of command.tips) reply.bulkText(tip);
  reply.set(command.keySpecs.length);
  for (const spec of command.keySpecs) writeKeySpec(spec, reply);
  if (command.subcommands.length === 0) reply.set(0);
  else writeInfos(command.subcommands, reply);
}

/** The names of the bits that are set, as a set of status replies. */
function writeNames(bits: number, names: readonly Named[], prefix: string, reply: Reply): void {
  const mark = reply.mark();
  let count = 0;
  for (const [bit, name] of names) {
    if ((bits & bit) === 0) continue;
    reply.simple(prefix + name);
    count++;
  }
  reply.insertSet(mark, count);
}

function writeKeySpec(spec: KeySpec, reply: Reply): void {
  reply.map(3);
  reply.bulkText("flags");
  writeNames(spec.flags, KEY_FLAG_NAMES, "", reply);
  reply.bulkText("begin_search");
  writeBegin(spec, reply);
  reply.bulkText("find_keys");
  writeFind(spec, reply);
}

function writeBegin(spec: KeySpec, reply: Reply): void {
  if (spec.begin === BEGIN_INDEX) {
    writeSpecHead("index", 1, reply);
    writeField("index", spec.beginIndex, reply);
  } else if (spec.begin === BEGIN_KEYWORD) {
    writeSpecHead("keyword", 2, reply);
    reply.bulkText("keyword");
    reply.bulkText(spec.keyword);
    writeField("startfrom", spec.beginIndex, reply);
  } else {
    writeSpecHead("unknown", 0, reply);
  }
}

function writeFind(spec: KeySpec, reply: Reply): void {
  if (spec.find === FIND_RANGE) {
    writeSpecHead("range", 3, reply);
    writeField("lastkey", spec.lastKey, reply);
    writeField("keystep", spec.keyStep, reply);
    writeField("limit", spec.limit, reply);
  } else if (spec.find === FIND_COUNTED) {
    writeSpecHead("keynum", 3, reply);
    writeField("keynumidx", spec.countIndex, reply);
    writeField("firstkey", spec.firstKey, reply);
    writeField("keystep", spec.keyStep, reply);
  } else {
    writeSpecHead("unknown", 0, reply);
  }
}

/** `{ type: …, spec: { fields that follow } }` */
function writeSpecHead(type: string, fieldCount: number, reply: Reply): void {
  reply.map(2);
  reply.bulkText("type");
  reply.bulkText(type);
  reply.bulkText("spec");
  reply.map(fieldCount);
}

function writeField(name: string, value: number, reply: Reply): void {
  reply.bulkText(name);
  reply.integer(value);
}
