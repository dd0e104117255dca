// Going through the keys: KEYS at once, SCAN in pieces. What HSCAN, SSCAN and ZSCAN share with SCAN
// is exported.
import { typeName } from "../keyspace/types.ts";
import { type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import { keyLength, keyOffset } from "../memory/entry.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { asciiLower, toBytes } from "../util/bytes.ts";
import { globMatch } from "../util/glob.ts";
import { parseInt64 } from "../util/integer.ts";
import { type CommandEntry, command } from "./command.ts";
import { cString, SYNTAX_ERROR } from "./errors.ts";
import { replyKey } from "./generic.ts";
import { longArgument } from "./numbers.ts";

const STAR = 42;
const COUNT_DEFAULT = 10;
const UINT64_MAX = 2n ** 64n - 1n;

/** What is iterated: the keys of a database, a hash, or another collection. */
export type Scanned = "keys" | "hash" | "collection";

export interface ScanOptions {
  /** About how many elements to look at. */
  count: number;
  /** The argument with the pattern; 0 when every element matches. */
  patternArg: number;
  /** The argument with the type's name; 0 for any type. */
  typeArg: number;
  /** HSCAN: fields without their values. */
  noValues: boolean;
}

/**
 * The cursor in argument i, 0 to 2^32 - 1. Answers with the error itself and returns NaN when it is
 * none. What Redis's strict rules refuse as an integer it reads with strtoull: blanks, a plus and
 * zeros in front, and negative numbers wrap around unless they are strictly right ones.
 */
export function scanCursor(args: Args, i: number, reply: Reply): number {
  const value = args.integer(i);
  if (value >= 0) return value % 4294967296;
  const text = cString(args.latin1(i));
  const found = /^[ \t-\r]*([+-]?)(\d+)$/.exec(text);
  if (found !== null && parseInt64(toBytes(text), 0, text.length) === null) {
    const magnitude = BigInt(found[2]);
    if (magnitude <= UINT64_MAX) {
      return Number(BigInt.asUintN(32, found[1] === "-" ? -magnitude : magnitude));
    }
  } else if (found !== null && found[1] !== "-") {
    return Number(BigInt.asUintN(32, BigInt(text)));
  }
  reply.error("ERR invalid cursor");
  return Number.NaN;
}

/** The options from argument `first` on. Answers with the error itself and returns null if wrong. */
export function scanOptions(
  args: Args,
  first: number,
  scanned: Scanned,
  reply: Reply,
): ScanOptions | null {
  const options = { count: COUNT_DEFAULT, patternArg: 0, typeArg: 0, noValues: false };
  for (let i = first; i < args.count; i++) {
    const more = i + 1 < args.count;
    if (more && args.is(i, "count")) {
      options.count = longArgument(args, ++i, reply);
      if (Number.isNaN(options.count)) return null;
      if (options.count < 1) return syntaxError(reply);
    } else if (more && args.is(i, "match")) {
      i++;
      const all = args.length[i] === 1 && args.bytes[args.offset[i]] === STAR;
      options.patternArg = all ? 0 : i;
    } else if (more && scanned === "keys" && args.is(i, "type")) {
      options.typeArg = ++i;
    } else if (args.is(i, "novalues")) {
      if (scanned !== "hash") {
        reply.error("ERR NOVALUES option can only be used in HSCAN");
        return null;
      }
      options.noValues = true;
    } else {
      return syntaxError(reply);
    }
  }
  return options;
}

function syntaxError(reply: Reply): null {
  reply.error(SYNTAX_ERROR);
  return null;
}

/** True when bytes[offset, offset+length) matches the pattern in argument i. */
export function argMatches(
  args: Args,
  i: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  return globMatch(args.bytes, args.offset[i], args.length[i], bytes, offset, length, false);
}

/** True when the key of the entry, or the member, matches the pattern in argument i. */
function keyMatches(ctx: Context, args: Args, i: number, entry: Ref): boolean {
  const { arena } = ctx.keyspace;
  const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
  return argMatches(args, i, bytes, keyOffset(arena, entry), keyLength(arena, entry));
}

/** SCAN cursor [MATCH pattern] [COUNT count] [TYPE type] */
function scan(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const cursor = scanCursor(args, 1, reply);
  if (Number.isNaN(cursor)) return;
  const options = scanOptions(args, 2, "keys", reply);
  if (options === null) return;
  const { scanned } = keyspace;
  scanned.count = 0;
  const next = keyspace.dicts.scan(db.dict, cursor, options.count, scanned);
  const wantedType = options.typeArg === 0 ? "" : asciiLower(args.latin1(options.typeArg));
  let kept = 0;
  for (let i = 0; i < scanned.count; i++) {
    const entry = scanned.items[i];
    if (options.patternArg !== 0 && !keyMatches(ctx, args, options.patternArg, entry)) continue;
    if (options.typeArg === 0 ? isLive(ctx, entry) : hasType(ctx, entry, wantedType)) {
      scanned.items[kept++] = entry;
    }
  }
  ctx.node.propagation.separate();
  reply.array(2);
  reply.bulkInteger(next);
  reply.array(kept);
  for (let i = 0; i < kept; i++) replyKey(ctx, scanned.items[i], reply);
  scanned.clear();
}

/** Removes the key when it is expired; answers with whether it is one to return. */
function isLive(ctx: Context, entry: Ref): boolean {
  const { db, keyspace } = ctx;
  if (db.isValid(entry)) return true;
  db.removeIfExpired(entry, keyspace.dicts.hashOf(entry));
  return false;
}

/** As `isLive`, for keys of one type. It counts as reading the key. */
function hasType(ctx: Context, entry: Ref, name: string): boolean {
  const { db, keyspace } = ctx;
  const type = db.typeOf(entry);
  if (!isLive(ctx, entry)) {
    keyspace.misses++;
    return false;
  }
  keyspace.hits++;
  return typeName(type) === name;
}

/** KEYS pattern */
function keys(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const { dicts, scanned } = keyspace;
  const all = args.length[1] === 1 && args.bytes[args.offset[1]] === STAR;
  const mark = reply.mark();
  let count = 0;
  for (let index = 0; index !== -1; index = dicts.nextPageIndex(db.dict, index)) {
    scanned.count = 0;
    dicts.pageEntries(dicts.pageAt(db.dict, index), scanned);
    for (let i = 0; i < scanned.count; i++) {
      const entry = scanned.items[i];
      if (!all && !keyMatches(ctx, args, 1, entry)) continue;
      if (!db.isValid(entry)) continue;
      replyKey(ctx, entry, reply);
      count++;
    }
  }
  scanned.clear();
  reply.insertArray(mark, count);
}

export const scanCommands: readonly CommandEntry[] = [command("scan", scan), command("keys", keys)];
