// SORT and SORT_RO: the elements of a list, set or sorted set in order, or what other keys have to say
// about each of them.
import { NOTIFY_GENERIC, NOTIFY_LIST } from "../keyspace/events.ts";
import { LIST, LISTPACK, SET, ZSET } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import { INTERNAL } from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { keyHashSlot } from "../util/crc16.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import { SortPattern } from "./sort-pattern.ts";
import { SortVector } from "./sort-vector.ts";

interface SortOptions {
  isDescending: boolean;
  isAlpha: boolean;
  /** Null: by the elements themselves. */
  by: SortPattern | null;
  readonly get: SortPattern[];
  limitStart: number;
  /** Below 0 for no limit. */
  limitCount: number;
  /** The argument with the key to store the result in, or 0. */
  storeArg: number;
}

/** What a string has around it in a reply, at most. */
const BULK_OVERHEAD_BYTES = 16;

/** Elements [start, end] of a vector are shown. */
interface Range {
  start: number;
  end: number;
}

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC | DESC] [ALPHA] [STORE destination] */
function sort(ctx: Context, args: Args, reply: Reply): void {
  sortGeneric(ctx, args, reply, true);
}

/** SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC | DESC] [ALPHA] */
function sortReadOnly(ctx: Context, args: Args, reply: Reply): void {
  sortGeneric(ctx, args, reply, false);
}

function sortGeneric(ctx: Context, args: Args, reply: Reply, mayStore: boolean): void {
  const { db } = ctx;
  const options = sortOptions(ctx, args, reply, mayStore);
  if (options === null) return;
  const entry = db.read(args, 1);
  const type = entry === NONE ? NONE : db.typeOf(entry);
  if (entry !== NONE && type !== LIST && type !== SET && type !== ZSET) {
    return reply.error(WRONG_TYPE);
  }
  const stores = options.storeArg > 0;
  let isSorted = options.by === null || options.by.hasStar;
  if (!isSorted && type === SET && (stores || ctx.client.has(INTERNAL))) {
    // What is stored, or told to a script, must be the same everywhere; a set has no order.
    options.by = null;
    options.isAlpha = true;
    isSorted = true;
  }
  const count = entry === NONE ? 0 : countOf(ctx, entry, type);
  const range = shownRange(options, count);
  const hasOrder = type === LIST || type === ZSET;
  const vector =
    isSorted || !hasOrder
      ? loadAll(ctx, entry, type, count, options)
      : loadInOrder(ctx, entry, type, count, range, options);
  if (isSorted && !putInOrder(ctx, vector, options)) {
    return reply.error("ERR One or more scores can't be converted into double");
  }
  if (stores) store(ctx, args, vector, range, options, reply);
  else replyWith(ctx, vector, range, options, reply);
}

// -- options ----------------------------------------------------------------------------------------

/** The options, or null after an error. */
function sortOptions(
  ctx: Context,
  args: Args,
  reply: Reply,
  mayStore: boolean,
): SortOptions | null {
  const options: SortOptions = {
    isDescending: false,
    isAlpha: false,
    by: null,
    get: [],
    limitStart: 0,
    limitCount: -1,
    storeArg: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (args.is(i, "asc")) {
      options.isDescending = false;
    } else if (args.is(i, "desc")) {
      options.isDescending = true;
    } else if (args.is(i, "alpha")) {
      options.isAlpha = true;
    } else if (args.is(i, "limit") && left >= 2) {
      options.limitStart = longArgument(args, ++i, reply);
      if (Number.isNaN(options.limitStart)) return null;
      options.limitCount = longArgument(args, ++i, reply);
      if (Number.isNaN(options.limitCount)) return null;
    } else if (mayStore && args.is(i, "store") && left >= 1) {
      options.storeArg = ++i;
    } else if (args.is(i, "by") && left >= 1) {
      const pattern = new SortPattern(args.copy(++i));
      if (pattern.hasStar && !mayLookUp(ctx, args, pattern, "BY", reply)) return null;
      options.by = pattern;
    } else if (args.is(i, "get") && left >= 1) {
      const pattern = new SortPattern(args.copy(++i));
      if (!mayLookUp(ctx, args, pattern, "GET", reply)) return null;
      options.get.push(pattern);
    } else {
      reply.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

/** In a cluster, only keys in the slot of the sorted one may be looked up. */
function mayLookUp(
  ctx: Context,
  args: Args,
  pattern: SortPattern,
  option: string,
  reply: Reply,
): boolean {
  if (!ctx.node.config.values.clusterEnabled) return true;
  if (pattern.slot === keyHashSlot(args.bytes, args.offset[1], args.length[1])) return true;
  reply.error(
    `ERR ${option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots.`,
  );
  return false;
}

function shownRange({ limitStart, limitCount }: SortOptions, count: number): Range {
  const start = Math.min(Math.max(limitStart, 0), count);
  const limit = Math.min(Math.max(limitCount, -1), count);
  if (start >= count) return { start: 0, end: -1 };
  const end = limit < 0 ? count - 1 : start + limit - 1;
  return { start, end: Math.min(end, count - 1) };
}

// -- loading ----------------------------------------------------------------------------------------

function countOf(ctx: Context, entry: Ref, type: number): number {
  const { db, node } = ctx;
  const value = db.valueOf(entry);
  const encoding = db.encodingOf(entry);
  if (type === SET) return node.sets.count(value, encoding);
  if (type === LIST) {
    node.lists.openValue(value, encoding);
    return node.lists.count;
  }
  const { set } = node.sortedSets;
  set.open(value, encoding);
  // Redis sorts only large sorted sets and makes them so, which OBJECT ENCODING shows.
  if (set.encoding === LISTPACK) set.enlarge();
  db.setValue(entry, set.value, set.encoding);
  return set.length;
}

/** All elements, in no order that matters. */
function loadAll(
  ctx: Context,
  entry: Ref,
  type: number,
  count: number,
  options: SortOptions,
): SortVector {
  const { db, node } = ctx;
  if (type !== SET || count === 0) {
    const all = { start: 0, end: count - 1 };
    return loadInOrder(ctx, entry, type, count, all, { ...options, isDescending: false });
  }
  const vector = new SortVector(count);
  const { cursor } = node.sets;
  cursor.start(db.valueOf(entry), db.encodingOf(entry));
  while (cursor.next()) {
    vector.add(cursor.element.bytes, cursor.element.offset, cursor.element.length);
  }
  return vector;
}

/** The shown elements of a list or sorted set, in their own order; then all of them are shown. */
function loadInOrder(
  ctx: Context,
  entry: Ref,
  type: number,
  count: number,
  range: Range,
  { isDescending, isAlpha, by }: SortOptions,
): SortVector {
  const { db, node } = ctx;
  const shown = range.end - range.start + 1;
  const vector = new SortVector(shown);
  if (shown > 0) {
    const first = isDescending ? count - 1 - range.start : range.start;
    const value = db.valueOf(entry);
    const encoding = db.encodingOf(entry);
    if (type === LIST) {
      node.lists.openValue(value, encoding);
      addFromList(ctx, vector, first, shown, !isDescending, by === null && !isAlpha);
    } else {
      node.sortedSets.set.open(value, encoding);
      addFromSortedSet(ctx, vector, first, shown, !isDescending);
    }
  }
  range.start = 0;
  range.end = shown - 1;
  return vector;
}

/** `asNumbers`: what is an integer may be added as such. */
function addFromList(
  ctx: Context,
  vector: SortVector,
  first: number,
  count: number,
  forward: boolean,
  asNumbers: boolean,
): void {
  const { lists } = ctx.node;
  const cursor = lists.start(first, forward);
  for (let i = 0; i < count; i++) {
    const value = asNumbers ? cursor.integer : Number.NaN;
    if (Number.isNaN(value)) {
      lists.lookAtCursor();
      vector.add(lists.bytes, lists.offset, lists.length);
    } else {
      vector.addInteger(value);
    }
    cursor.advance();
  }
}

function addFromSortedSet(
  ctx: Context,
  vector: SortVector,
  first: number,
  count: number,
  forward: boolean,
): void {
  const { cursor, member, set } = ctx.node.sortedSets;
  cursor.seek(set, first);
  for (let i = 0; i < count; i++) {
    cursor.member(member);
    vector.add(member.bytes, member.offset, member.length);
    if (forward) cursor.next();
    else cursor.previous();
  }
}

/** Sorts; false when something to sort by is no number. */
function putInOrder(ctx: Context, vector: SortVector, options: SortOptions): boolean {
  const { by, isAlpha, isDescending } = options;
  let isSound = true;
  if (by !== null || !isAlpha) {
    for (let i = 0; i < vector.count; i++) {
      if (vector.isInteger(i)) continue;
      vector.look(i);
      let { text: bytes, offset, length } = vector;
      if (by !== null) {
        if (!by.lookUp(ctx, bytes, offset, length)) continue;
        ({ bytes, offset, length } = by);
      }
      if (isAlpha) vector.setWeight(i, bytes, offset, length);
      else if (!vector.setScore(i, bytes, offset, length)) isSound = false;
    }
  }
  if (!isSound) return false;
  const wholeText = options.storeArg > 0;
  vector.sort({ isDescending, isAlpha, byWeight: by !== null, wholeText });
  return true;
}

// -- answering --------------------------------------------------------------------------------------

function outputCount({ start, end }: Range, { get }: SortOptions): number {
  const shown = end - start + 1;
  return get.length === 0 ? shown : shown * get.length;
}

function replyWith(
  ctx: Context,
  vector: SortVector,
  range: Range,
  options: SortOptions,
  reply: Reply,
): void {
  const count = outputCount(range, options);
  reply.array(count);
  if (options.get.length === 0 && count === vector.count) {
    reply.reserve(vector.textBytesMax + count * BULK_OVERHEAD_BYTES);
  }
  for (let i = range.start; i <= range.end; i++) {
    vector.look(vector.order[i]);
    const { text, offset, length } = vector;
    if (options.get.length === 0) reply.bulk(text, offset, length);
    for (const pattern of options.get) {
      if (!pattern.lookUp(ctx, text, offset, length)) reply.nil();
      else reply.bulk(pattern.bytes, pattern.offset, pattern.length);
    }
  }
}

function store(
  ctx: Context,
  args: Args,
  vector: SortVector,
  range: Range,
  options: SortOptions,
  reply: Reply,
): void {
  const { db, node } = ctx;
  const { storeArg } = options;
  const count = outputCount(range, options);
  if (count === 0) {
    removeDestination(ctx, args, storeArg);
    return reply.integer(0);
  }
  const result = collected(ctx, vector, range, options);
  const { lists } = node;
  lists.create();
  for (let i = 0; i < result.count; i++) {
    result.look(i);
    lists.growBy(result.length, 1);
    lists.push(false, result.text, result.offset, result.length);
  }
  lists.normalize();
  // A key that is overwritten wakes nobody, not even who waits for what is there now.
  const isNew = db.peek(args, storeArg) === NONE;
  db.store(args, storeArg, LIST, lists.encoding, lists.value);
  if (isNew)
    node.blocking.signal(db.index, args.bytes, args.offset[storeArg], args.length[storeArg]);
  ctx.changed(args, storeArg, NOTIFY_LIST, "sortstore");
  ctx.keyspace.dirty += count - 1;
  reply.integer(count);
}

/** What is to be stored, in order. Looking it up is over before the list is made. */
function collected(
  ctx: Context,
  vector: SortVector,
  range: Range,
  options: SortOptions,
): SortVector {
  const result = new SortVector(outputCount(range, options));
  for (let i = range.start; i <= range.end; i++) {
    vector.look(vector.order[i]);
    const { text, offset, length } = vector;
    if (options.get.length === 0) result.add(text, offset, length);
    for (const pattern of options.get) {
      if (pattern.lookUp(ctx, text, offset, length)) {
        result.add(pattern.bytes, pattern.offset, pattern.length);
      } else {
        result.add(text, 0, 0);
      }
    }
  }
  return result;
}

function removeDestination(ctx: Context, args: Args, storeArg: number): void {
  const { db } = ctx;
  const entry = db.findAny(args.view, args.offset[storeArg], args.length[storeArg]);
  if (entry === NONE) return;
  db.removeEntry(entry, db.lastHash);
  ctx.changed(args, storeArg, NOTIFY_GENERIC, "del");
}

export const sortCommands: readonly CommandEntry[] = [
  command("sort", sort),
  command("sort_ro", sortReadOnly),
];
