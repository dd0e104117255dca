// FUNCTION and FCALL: libraries of functions.
import type { Context } from "../node/context.ts";
import { verifyDump } from "../persistence/dump.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Library, LibraryFunction } from "../script/libraries.ts";
import { ENGINE_NAME } from "../script/libraries.ts";
import { readLibraryDump, writeLibraryDump } from "../script/library-payload.ts";
import { SCRIPT_FLAG_NAMES } from "../script/script-flags.ts";
import { toBytes } from "../util/bytes.ts";
import { globMatch } from "../util/glob.ts";
import { type CommandEntry, command } from "./command.ts";
import { cString, unknownSubcommand } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { feedMonitors, keyCountArgument, lazyArgument } from "./scripting.ts";

/** FCALL function numkeys [key ...] [arg ...] */
function call(ctx: Context, args: Args, reply: Reply, isReadOnly: boolean): void {
  const { scripting } = ctx.node;
  feedMonitors(ctx, args);
  const callee = scripting.findFunction(args);
  if (callee === null) return reply.error("ERR Function not found");
  const keyCount = keyCountArgument(args, reply, "ERR Bad number of keys provided");
  if (Number.isNaN(keyCount)) return;
  scripting.callFunction(ctx, args, reply, callee, keyCount, isReadOnly);
}

/** FUNCTION LOAD [REPLACE] code */
function load({ node, keyspace }: Context, args: Args, reply: Reply): void {
  const last = args.count - 1;
  for (let i = 2; i < last; i++) {
    if (args.is(i, "replace")) continue;
    return reply.error(`ERR Unknown option given: ${cString(args.latin1(i))}`);
  }
  const { scripting } = node;
  const library = scripting.loadLibrary(args.latin1(last), scripting.libraries, last > 2);
  if (typeof library === "string") return reply.error(library);
  keyspace.dirty++;
  reply.bulkText(library.name);
}

/** FUNCTION DELETE library */
function remove({ node, keyspace }: Context, args: Args, reply: Reply): void {
  const { libraries } = node.scripting;
  const library = libraries.get(args.latin1(2));
  if (library === undefined) return reply.error("ERR Library not found");
  libraries.remove(library);
  keyspace.dirty++;
  reply.ok();
}

/** FUNCTION FLUSH [ASYNC | SYNC] */
function flush(ctx: Context, args: Args, reply: Reply): void {
  if (args.count > 3) return reply.error(unknownSubcommand("function", cString(args.latin1(1))));
  const isLazy = lazyArgument(ctx, args);
  if (isLazy === null) return reply.error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  ctx.node.scripting.flushFunctions(isLazy);
  ctx.keyspace.dirty++;
  reply.ok();
}

/** FUNCTION KILL */
function kill({ node }: Context, _args: Args, reply: Reply): void {
  const error = node.scripting.kill(false);
  if (error === "") reply.ok();
  else reply.error(error);
}

// -- looking ----------------------------------------------------------------------------------------

/** FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE] */
function list({ node }: Context, args: Args, reply: Reply): void {
  let withCode = false;
  let pattern: Uint8Array | null = null;
  for (let i = 2; i < args.count; i++) {
    if (!withCode && args.is(i, "withcode")) {
      withCode = true;
    } else if (pattern === null && args.is(i, "libraryname")) {
      if (i + 1 === args.count) return reply.error("ERR library name argument was not given");
      pattern = args.copy(++i);
    } else {
      return reply.error(`ERR Unknown argument ${cString(args.latin1(i))}`);
    }
  }
  const mark = reply.mark();
  let count = 0;
  for (const library of node.scripting.libraries.all()) {
    if (pattern !== null && !matches(pattern, library.name)) continue;
    writeLibrary(reply, library, withCode);
    count++;
  }
  reply.insertArray(mark, count);
}

function matches(pattern: Uint8Array, name: string): boolean {
  return globMatch(pattern, 0, pattern.length, toBytes(name), 0, name.length, true);
}

function writeLibrary(reply: Reply, library: Library, withCode: boolean): void {
  reply.map(withCode ? 4 : 3);
  reply.bulkText("library_name");
  reply.bulkText(library.name);
  reply.bulkText("engine");
  reply.bulkText(ENGINE_NAME);
  reply.bulkText("functions");
  reply.array(library.functions.size);
  for (const each of library.functions.values()) writeFunction(reply, each);
  if (!withCode) return;
  reply.bulkText("library_code");
  reply.bulkText(library.code);
}

function writeFunction(reply: Reply, { name, description, flags }: LibraryFunction): void {
  reply.map(3);
  reply.bulkText("name");
  reply.bulkText(name);
  reply.bulkText("description");
  if (description === null) reply.nil();
  else reply.bulkText(description);
  reply.bulkText("flags");
  const names = SCRIPT_FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0);
  reply.set(names.length);
  for (const [, flagName] of names) reply.simple(flagName);
}

/** FUNCTION STATS */
function stats({ node }: Context, _args: Args, reply: Reply): void {
  const { scripting } = node;
  const { suspended } = scripting;
  if (suspended !== null && scripting.runsEval) return reply.error(scripting.busyError);
  reply.map(2);
  reply.bulkText("running_script");
  if (suspended === null) {
    reply.nil();
  } else {
    const { args } = suspended;
    reply.map(3);
    reply.bulkText("name");
    reply.bulkText(scripting.runningName);
    reply.bulkText("command");
    reply.array(args.count);
    for (let i = 0; i < args.count; i++) reply.bulk(args.bytes, args.offset[i], args.length[i]);
    reply.bulkText("duration_ms");
    reply.integer(Math.floor((node.host.monotonicUs() - scripting.startUs) / 1000));
  }
  reply.bulkText("engines");
  reply.map(1);
  reply.bulkText(ENGINE_NAME);
  reply.map(2);
  reply.bulkText("libraries_count");
  reply.integer(scripting.libraries.count);
  reply.bulkText("functions_count");
  reply.integer(scripting.libraries.functionCount);
}

// -- payloads ---------------------------------------------------------------------------------------

/** FUNCTION DUMP */
function dump({ node, keyspace }: Context, _args: Args, reply: Reply): void {
  const { writer } = keyspace.rdbTypes;
  writeLibraryDump(writer, node.scripting.libraries);
  reply.bulk(writer.bytes, 0, writer.size);
  writer.reset();
}

/** FUNCTION RESTORE payload [FLUSH | APPEND | REPLACE] */
function restore({ node, keyspace }: Context, args: Args, reply: Reply): void {
  if (args.count > 4) return reply.error(unknownSubcommand("function", cString(args.latin1(1))));
  const flushes = args.count === 4 && args.is(3, "flush");
  const replaces = args.count === 4 && args.is(3, "replace");
  if (args.count === 4 && !flushes && !replaces && !args.is(3, "append")) {
    return reply.error(
      "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
    );
  }
  const { rdbTypes } = keyspace;
  const { bytes, offset, length } = args;
  if (!verifyDump(bytes, offset[2], length[2], rdbTypes.skipsChecksums)) {
    return reply.error("ERR DUMP payload version or checksum are wrong");
  }
  const { scripting } = node;
  const restored = scripting.emptyLibraries();
  let error = readLibraryDump(rdbTypes.reader, bytes, offset[2], length[2], (code) => {
    const library = scripting.loadLibrary(code, restored, false);
    return typeof library === "string" ? library : null;
  });
  if (error === null && !flushes) error = scripting.libraries.join(restored, replaces);
  if (error !== null) return reply.error(error);
  if (flushes) scripting.libraries = restored;
  keyspace.dirty++;
  reply.ok();
}

export const functionCommands: readonly CommandEntry[] = [
  command("fcall", (ctx, args, reply) => call(ctx, args, reply, false)),
  command("fcall_ro", (ctx, args, reply) => call(ctx, args, reply, true)),
  command("function|delete", remove),
  command("function|dump", dump),
  command("function|flush", flush),
  helpCommand("function"),
  command("function|kill", kill),
  command("function|list", list),
  command("function|load", load),
  command("function|restore", restore),
  command("function|stats", stats),
];
