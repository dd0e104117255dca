// DEBUG's subcommands about keys and values: digests, sizes, inner structure, sample data, reloading.
import type { Database } from "../keyspace/database.ts";
import { ValueDigest } from "../keyspace/digest.ts";
import { encodingName, INT, LISTPACK, LISTPACK_EX, QUICKLIST, STRING } from "../keyspace/types.ts";
import { NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { RefList } from "../memory/dict.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Context } from "../node/context.ts";
import { loadDataset, saveDataset } from "../persistence/dataset.ts";
import { savedUse } from "../persistence/rdb-key.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { toBytes } from "../util/bytes.ts";
import { toHex } from "../util/hex.ts";
import { emptyDatabases } from "./databases.ts";
import { type DebugEntry, debugCommand } from "./debug-entry.ts";
import { cString, NO_SUCH_KEY } from "./errors.ts";
import { longArgument, positiveArgument } from "./numbers.ts";
import { refcountOf } from "./object.ts";

const POPULATE_KEY_MAX = 127;
const LOAD_FAILED = "ERR Error trying to load the RDB dump, check server logs.";

/** The key in argument i, its time over or not. */
function findAny(ctx: Context, args: Args, i: number): Ref {
  return ctx.db.findAny(args.view, args.offset[i], args.length[i]);
}

/** Adds the value of a key, and whether it expires, to a digest. */
function digestValue(ctx: Context, db: Database, entry: Ref, digest: ValueDigest): void {
  const type = db.typeOf(entry);
  digest.mixNumber(type);
  if (type === STRING) {
    const { strings } = ctx.node;
    strings.load(entry);
    digest.mix(strings.bytes, strings.offset, strings.length);
  } else {
    const digester = ctx.keyspace.digesters[type];
    if (digester === undefined) throw new Error(`nobody digests values of type ${type}`);
    digester(db.valueOf(entry), db.encodingOf(entry), digest);
  }
  if (db.expiryOf(entry) >= 0) digest.xorText("!!expire!!");
}

/** Calls `visit` for every key of a database. */
function eachKey(db: Database, visit: (entry: Ref) => void): void {
  const { dicts } = db.keyspace;
  const page = new RefList();
  for (let index = 0; index !== -1; index = dicts.nextPageIndex(db.dict, index)) {
    page.count = 0;
    dicts.pageEntries(dicts.pageAt(db.dict, index), page);
    for (let i = 0; i < page.count; i++) visit(page.items[i]);
  }
}

/** DEBUG DIGEST */
function digest(ctx: Context, _args: Args, reply: Reply): void {
  const { arena } = ctx.keyspace;
  const total = new ValueDigest();
  const one = new ValueDigest();
  for (const db of ctx.node.databases) {
    if (db.size === 0) continue;
    total.mixNumber(db.index);
    eachKey(db, (entry) => {
      one.reset();
      one.mix(arena.u8[entry >>> SEGMENT_SHIFT], keyOffset(arena, entry), keyLength(arena, entry));
      digestValue(ctx, db, entry, one);
      total.xor(one.bytes);
    });
  }
  reply.simple(total.hex());
}

/** DEBUG DIGEST-VALUE key [key …] */
function digestValues(ctx: Context, args: Args, reply: Reply): void {
  const one = new ValueDigest();
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    one.reset();
    const entry = findAny(ctx, args, i);
    if (entry !== NONE) digestValue(ctx, ctx.db, entry, one);
    reply.simple(one.hex());
  }
}

/** DEBUG OBJECT key */
function object(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace, node } = ctx;
  const entry = findAny(ctx, args, 2);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  const type = db.typeOf(entry);
  const encoding = db.encodingOf(entry);
  const { writer } = keyspace.rdbTypes;
  writer.reset();
  keyspace.rdbTypes.save(writer, node.strings, db, entry);
  const serializedLength = writer.size;
  writer.reset();
  const more = keyspace.inspectors[type]?.describe?.(db.valueOf(entry), encoding) ?? "";
  reply.simple(
    `Value at:0x${(entry >>> 0).toString(16)} refcount:${refcountOf(ctx, entry)} encoding:${encodingName(encoding)} serializedlength:${serializedLength} lru:${db.accessClock(entry)} lru_seconds_idle:${db.idleSeconds(entry)}${more}`,
  );
}

/** DEBUG SDSLEN key. Key and value share a block here: what is unused of it counts as the value's. */
function sdslen(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const { arena } = keyspace;
  const entry = findAny(ctx, args, 2);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  if (db.typeOf(entry) !== STRING || db.encodingOf(entry) === INT) {
    return reply.error("ERR Not an sds encoded string.");
  }
  const keyBytes = keyLength(arena, entry);
  const valueBytes = db.valueOf(entry);
  const unused = arena.sizeOf(entry) - db.entryBytes(entry);
  const allocated = arena.blockBytes(entry);
  reply.simple(
    `key_sds_len:${keyBytes}, key_sds_avail:0, key_zmalloc: ${keyBytes}, val_sds_len:${valueBytes}, val_sds_avail:${unused}, val_zmalloc: ${allocated - keyBytes}`,
  );
}

/** DEBUG LISTPACK key */
function listpack(ctx: Context, args: Args, reply: Reply): void {
  logValue(ctx, args, reply, [LISTPACK, LISTPACK_EX], "listpack");
}

/** DEBUG QUICKLIST key [0 | 1] */
function quicklist(ctx: Context, args: Args, reply: Reply): void {
  logValue(ctx, args, reply, [QUICKLIST], "quicklist");
}

/** Logs the bytes of a value as they would be saved. */
function logValue(
  ctx: Context,
  args: Args,
  reply: Reply,
  encodings: readonly number[],
  name: string,
): void {
  const { db, keyspace, node } = ctx;
  const entry = db.inspectQuietly(args, 2);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  if (!encodings.includes(db.encodingOf(entry))) {
    return reply.error(`ERR Not a ${name} encoded object.`);
  }
  const { rdbTypes } = keyspace;
  rdbTypes.writer.reset();
  rdbTypes.save(rdbTypes.writer, node.strings, db, entry);
  const text = toHex(rdbTypes.writer.bytes, 0, rdbTypes.writer.size);
  rdbTypes.writer.reset();
  node.log("warning", `DEBUG ${name.toUpperCase()} ${args.latin1(2)}: ${text}`);
  reply.simple(`${name[0].toUpperCase()}${name.slice(1)} structure printed on stdout`);
}

/** DEBUG POPULATE count [prefix] [size] */
function populate(ctx: Context, args: Args, reply: Reply): void {
  const { db, node } = ctx;
  const count = positiveArgument(args, 2, reply);
  if (Number.isNaN(count)) return;
  const prefix = args.count >= 4 ? cString(args.latin1(3)) : "key";
  const size = args.count >= 5 ? positiveArgument(args, 4, reply) : 0;
  if (Number.isNaN(size)) return;
  for (let i = 0; i < count; i++) {
    const key = toBytes(`${prefix}:${i}`.slice(0, POPULATE_KEY_MAX));
    if (db.find(new DataView(key.buffer), 0, key.length) !== NONE) continue;
    const text = `value:${i}`;
    const value = new Uint8Array(size === 0 ? text.length : size);
    value.set(toBytes(text.slice(0, value.length)));
    node.strings.setKey(db, key, 0, key.length, NONE, value, 0, value.length, -1);
    node.keyModified(db.index, key, 0, key.length);
  }
  reply.ok();
}

/** DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]: through the form of RDB files, in memory. */
function reload(ctx: Context, args: Args, reply: Reply): void {
  const { keyspace, node } = ctx;
  const { databases, strings } = node;
  let merges = false;
  let flushes = true;
  let saves = true;
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, "merge")) merges = true;
    else if (args.is(i, "noflush")) flushes = false;
    else if (args.is(i, "nosave")) saves = false;
    else {
      return reply.error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    }
  }
  const use = savedUse(node.config.values.maxmemoryPolicy);
  const saved = saves ? saveDataset(keyspace, strings, databases, use) : null;
  const { scripting } = node;
  const libraries = [...scripting.libraries.all()].map(({ code }) => code);
  if (saves) keyspace.dirty = 0;
  if (flushes) {
    emptyDatabases(node, databases, false);
    scripting.flushFunctions(false);
  }
  if (saved === null) return reply.error(LOAD_FAILED);
  keyspace.loadingBegins();
  // Functions stand before the keys in a file.
  let error = scripting.loadLibraries(libraries, merges);
  if (error === "") error = loadDataset(keyspace, strings, databases, saved, merges);
  keyspace.loadingEnds();
  if (error !== "") {
    node.log("warning", `Data set not reloaded: ${error}`);
    return reply.error(LOAD_FAILED);
  }
  node.log("notice", "DB reloaded by DEBUG RELOAD");
  reply.ok();
}

/** DEBUG HTSTATS dbid [full] */
function htstats(ctx: Context, args: Args, reply: Reply): void {
  const index = longArgument(args, 2, reply);
  if (Number.isNaN(index)) return;
  if (index < 0 || index >= ctx.node.databases.length) {
    return reply.error("ERR Out of range database");
  }
  const full = args.count >= 4 && args.is(3, "full");
  const { dict, expires } = ctx.node.databases[index];
  reply.verbatim(
    "txt",
    `[Dictionary HT]\n${dictText(ctx, dict, full, "")}[Expires HT]\n${dictText(ctx, expires, full, "")}`,
  );
}

/** DEBUG HTSTATS-KEY key [full] */
function htstatsKey(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const full = args.count >= 4 && args.is(3, "full");
  const entry = db.inspectQuietly(args, 2);
  if (entry === NONE) return reply.error(NO_SUCH_KEY);
  const inspector = keyspace.inspectors[db.typeOf(entry)];
  const dict = inspector?.dictOf?.(db.valueOf(entry), db.encodingOf(entry)) ?? NONE;
  if (dict === NONE) {
    return reply.error(
      "ERR The value stored at the specified key is not represented using an hash table",
    );
  }
  reply.verbatim("txt", dictText(ctx, dict, full, "No stats available for empty dictionaries\n"));
}

/**
 * A dict in the words of Redis. Where Redis has chains of entries in a bucket, here are entries
 * that have the same slot as their first choice.
 */
function dictText(ctx: Context, dict: Ref, full: boolean, ifEmpty: string): string {
  const { dicts } = ctx.keyspace;
  const count = dicts.count(dict);
  if (count === 0) return ifEmpty;
  const size = dicts.slotCount(dict);
  let text = `Hash table 0 stats (main hash table):\n table size: ${size}\n number of elements: ${count}\n`;
  if (!full) return text;
  const chains = dicts.chainCounts(dict);
  const slots = size - chains[0];
  const average = (count / slots).toFixed(2);
  text += ` different slots: ${slots}\n max chain length: ${chains.length - 1}\n`;
  text += ` avg chain length (counted): ${average}\n avg chain length (computed): ${average}\n`;
  text += " Chain length distribution:\n";
  for (const [length, times] of chains.entries()) {
    if (times > 0) text += `   ${length}: ${times} (${((times / size) * 100).toFixed(2)}%)\n`;
  }
  return text;
}

export const debugData: readonly DebugEntry[] = [
  debugCommand("digest", 2, 2, digest),
  debugCommand("digest-value", 2, Number.POSITIVE_INFINITY, digestValues),
  debugCommand("object", 3, 3, object),
  debugCommand("sdslen", 3, 3, sdslen),
  debugCommand("listpack", 3, 3, listpack),
  debugCommand("quicklist", 3, 4, quicklist),
  debugCommand("populate", 3, 5, populate),
  debugCommand("reload", 2, Number.POSITIVE_INFINITY, reload),
  debugCommand("htstats", 3, Number.POSITIVE_INFINITY, htstats),
  debugCommand("htstats-key", 3, Number.POSITIVE_INFINITY, htstatsKey),
];
