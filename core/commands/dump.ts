// DUMP and RESTORE: a value as bytes, and back.
import { NOTIFY_GENERIC } from "../keyspace/events.ts";
import { STRING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import { PRIMARY } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import { readDump, verifyDump, writeDump } from "../persistence/dump.ts";
import { addLoaded } from "../persistence/rdb-key.ts";
import type { LoadedValue } from "../persistence/rdb-types.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_INTEGER, SYNTAX_ERROR } from "./errors.ts";
import { absoluteTime, exactInteger, isOver, setExactExpiry } from "./expiry.ts";
import { arrived } from "./generic.ts";
import { longArgument } from "./numbers.ts";

const BUSY_KEY = "BUSYKEY Target key name already exists.";
const FREQ_MAX = 255;

/** DUMP key */
function dump(ctx: Context, args: Args, reply: Reply): void {
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.nil();
  const writer = writeDump(ctx.keyspace.rdbTypes, ctx.node.strings, ctx.db, entry);
  reply.bulk(writer.bytes, 0, writer.size);
  writer.reset();
}

interface RestoreOptions {
  replace: boolean;
  absolute: boolean;
  /** Seconds since the key was used, -1 when not given. */
  idleSeconds: number;
  /** LFU's counter, -1 when not given. */
  frequency: number;
}

/** The options from argument 4 on. Answers with the error itself and returns null when wrong. */
function restoreOptions(args: Args, reply: Reply): RestoreOptions | null {
  const options = { replace: false, absolute: false, idleSeconds: -1, frequency: -1 };
  for (let i = 4; i < args.count; i++) {
    const more = i + 1 < args.count;
    if (args.is(i, "replace")) {
      options.replace = true;
    } else if (args.is(i, "absttl")) {
      options.absolute = true;
    } else if (more && options.frequency === -1 && args.is(i, "idletime")) {
      options.idleSeconds = longArgument(args, ++i, reply);
      if (Number.isNaN(options.idleSeconds)) return null;
      if (options.idleSeconds < 0) {
        reply.error("ERR Invalid IDLETIME value, must be >= 0");
        return null;
      }
    } else if (more && options.idleSeconds === -1 && args.is(i, "freq")) {
      options.frequency = longArgument(args, ++i, reply);
      if (Number.isNaN(options.frequency)) return null;
      if (options.frequency < 0 || options.frequency > FREQ_MAX) {
        reply.error("ERR Invalid FREQ value, must be >= 0 and <= 255");
        return null;
      }
    } else {
      reply.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

/** RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency] */
function restore(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const options = restoreOptions(args, reply);
  if (options === null) return;
  if (!options.replace && db.write(args, 1) !== NONE) return reply.error(BUSY_KEY);
  const ttl = exactInteger(args, 2);
  if (ttl === null) return reply.error(NOT_INTEGER);
  if (ttl < 0) return reply.error("ERR Invalid TTL value, must be >= 0");
  const loaded = readPayload(ctx, args, 3, reply);
  if (loaded === null) return;

  const entry = db.findAny(args.view, args.offset[1], args.length[1]);
  if (entry !== NONE) db.removeEntry(entry, db.lastHash);
  // A time that overflows comes out in the past, as in Redis.
  const at = ttl === 0 ? -1 : (absoluteTime(ttl, false, options.absolute ? 0 : ctx.nowMs) ?? 0);
  if (at >= 0 && isOver(ctx, at)) {
    if (loaded.type !== STRING) {
      keyspace.freeValue(loaded.type, loaded.value, loaded.encoding, false);
    }
    if (entry !== NONE) {
      ctx.changed(args, 1, NOTIFY_GENERIC, "del");
      ctx.propagateInstead(keyspace.lazyServerDel ? "UNLINK" : "DEL", args.latin1(1));
    }
    return reply.ok();
  }
  const { bytes, offset, length } = args;
  const made = addLoaded(ctx.node.strings, db, bytes, offset[1], length[1], loaded, Number(at));
  setExactExpiry(ctx, made, at);
  restoreUse(ctx, made, options);
  arrived(ctx, db, made, db.lastHash, args, 1);
  ctx.changed(args, 1, NOTIFY_GENERIC, "restore");
  if (ctx.node.propagation.active && at >= 0 && !options.absolute) {
    const words: string[] = [];
    for (let i = 0; i < args.count; i++) words.push(i === 2 ? String(at) : args.latin1(i));
    ctx.propagateInstead(...words, "ABSTTL");
  }
  reply.ok();
}

/** The value in argument i. Answers with the error itself and returns null when it is none. */
function readPayload(ctx: Context, args: Args, i: number, reply: Reply): LoadedValue | null {
  const { rdbTypes } = ctx.keyspace;
  const { bytes } = args;
  if (!verifyDump(bytes, args.offset[i], args.length[i], rdbTypes.skipsChecksums)) {
    reply.error("ERR DUMP payload version or checksum are wrong");
    return null;
  }
  const { sanitizeDumpPayload } = ctx.node.config.values;
  const deep =
    sanitizeDumpPayload === "yes" ||
    (sanitizeDumpPayload === "clients" && !ctx.client.has(PRIMARY));
  const loaded = readDump(rdbTypes, bytes, args.offset[i], args.length[i], deep);
  if (loaded === null) {
    const { error } = rdbTypes.reader;
    ctx.node.log("verbose", `Bad data format in a payload of RESTORE: ${error}`);
    reply.error("ERR Bad data format");
  }
  return loaded;
}

/** Sets how long ago or how often the key was used, if the eviction policy wants to know that. */
function restoreUse(ctx: Context, entry: Ref, options: RestoreOptions): void {
  const { db, keyspace } = ctx;
  if (keyspace.lfu) {
    if (options.frequency >= 0) db.setFrequency(entry, options.frequency);
  } else if (options.idleSeconds >= 0) {
    db.setIdleSeconds(entry, options.idleSeconds);
  }
}

export const dumpCommands: readonly CommandEntry[] = [
  command("dump", dump),
  command("restore", restore),
];
