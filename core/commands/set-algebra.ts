// Intersections, unions and differences of sets, answered or stored. SMEMBERS is the intersection of
// a single set.
//
// How a result is built decides its encoding and order, which clients can see, so it is built the
// way Redis does it: unions and differences start as an intset and grow, intersections are filtered
// from the smallest set.
import { NOTIFY_GENERIC, NOTIFY_SET } from "../keyspace/events.ts";
import { HASHTABLE, INTSET, SET } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import type { Sets, SetValue } from "../types/set/sets.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import { longArgument } from "./numbers.ts";
import { replyElement } from "./set.ts";

/** One of the sets that a command works on. */
interface Operand {
  /** NONE when there is no such key. */
  readonly value: Ref;
  readonly encoding: number;
  readonly count: number;
}

/** The sets in the arguments [first, end), or null after the error that one is no set. */
function operandsOf(
  ctx: Context,
  args: Args,
  first: number,
  end: number,
  reply: Reply,
): Operand[] | null {
  const { db } = ctx;
  const { sets } = ctx.node;
  const operands: Operand[] = [];
  for (let i = first; i < end; i++) {
    const entry = db.read(args, i);
    if (entry === NONE) {
      operands.push({ value: NONE, encoding: INTSET, count: 0 });
      continue;
    }
    if (db.typeOf(entry) !== SET) {
      reply.error(WRONG_TYPE);
      return null;
    }
    const value = db.valueOf(entry);
    const encoding = db.encodingOf(entry);
    operands.push({ value, encoding, count: sets.count(value, encoding) });
  }
  return operands;
}

/** Stores a result under the key in argument 1, or removes the key when there is none. */
function store(ctx: Context, args: Args, result: SetValue, event: string, reply: Reply): void {
  const { sets } = ctx.node;
  const count = sets.count(result.value, result.encoding);
  if (count === 0) {
    sets.free(result.value, result.encoding);
    storeNothing(ctx, args, reply);
    return;
  }
  ctx.db.store(args, 1, SET, result.encoding, result.value);
  ctx.changed(args, 1, NOTIFY_SET, event);
  reply.integer(count);
}

function storeNothing(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const entry = db.findAny(args.view, args.offset[1], args.length[1]);
  if (entry !== NONE) {
    db.removeEntry(entry, db.lastHash);
    ctx.changed(args, 1, NOTIFY_GENERIC, "del");
  }
  reply.integer(0);
}

function replyAll(sets: Sets, value: Ref, encoding: number, reply: Reply): void {
  const { cursor } = sets;
  reply.set(sets.count(value, encoding));
  cursor.start(value, encoding);
  while (cursor.next()) replyElement(cursor.element, reply);
}

// -- intersections ----------------------------------------------------------------------------------

/** SINTER key [key …], and SMEMBERS key */
function sinter(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const operands = operandsOf(ctx, args, 1, args.count, reply);
  if (operands === null) return;
  if (operands.some(({ value }) => value === NONE)) return reply.set(0);
  if (operands.length === 1) return replyAll(sets, operands[0].value, operands[0].encoding, reply);
  const mark = reply.mark();
  let count = 0;
  const smallest = sortBySize(operands);
  const { cursor } = sets;
  cursor.start(smallest.value, smallest.encoding);
  while (cursor.next()) {
    if (!inAllOthers(sets, operands, cursor.element)) continue;
    replyElement(cursor.element, reply);
    count++;
  }
  reply.insertSet(mark, count);
}

/** Smallest first; answers with that one. */
function sortBySize(operands: Operand[]): Operand {
  operands.sort((a, b) => a.count - b.count);
  return operands[0];
}

function inAllOthers(sets: Sets, operands: readonly Operand[], element: Element): boolean {
  for (let i = 1; i < operands.length; i++) {
    const { value, encoding } = operands[i];
    if (value !== operands[0].value && !sets.has(value, encoding, element)) return false;
  }
  return true;
}

/** SINTERCARD numkeys key [key …] [LIMIT limit] */
function sintercard(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const numkeysError = "ERR numkeys should be greater than 0";
  const keyCount = longArgument(args, 1, reply, numkeysError);
  if (Number.isNaN(keyCount)) return;
  if (keyCount < 1) return reply.error(numkeysError);
  if (keyCount > args.count - 2) {
    return reply.error("ERR Number of keys can't be greater than number of args");
  }
  let limit = 0;
  for (let i = 2 + keyCount; i < args.count; i++) {
    if (!args.is(i, "limit") || i + 1 === args.count) return reply.error(SYNTAX_ERROR);
    const limitError = "ERR LIMIT can't be negative";
    limit = longArgument(args, ++i, reply, limitError);
    if (Number.isNaN(limit)) return;
    if (limit < 0) return reply.error(limitError);
  }
  const operands = operandsOf(ctx, args, 2, 2 + keyCount, reply);
  if (operands === null) return;
  if (operands.some(({ value }) => value === NONE)) return reply.integer(0);
  const smallest = sortBySize(operands);
  const { cursor } = sets;
  let count = 0;
  cursor.start(smallest.value, smallest.encoding);
  while (cursor.next()) {
    if (inAllOthers(sets, operands, cursor.element) && ++count === limit) break;
  }
  reply.integer(count);
}

/** SINTERSTORE destination key [key …] */
function sinterstore(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const { target, cursor } = sets;
  const operands = operandsOf(ctx, args, 2, args.count, reply);
  if (operands === null) return;
  if (operands.some(({ value }) => value === NONE)) return storeNothing(ctx, args, reply);
  const smallest = sortBySize(operands);
  if (smallest.encoding === INTSET) sets.createIntset(target);
  else sets.createListpack(target);
  let onlyIntegers = true;
  cursor.start(smallest.value, smallest.encoding);
  while (cursor.next()) {
    const { element } = cursor;
    if (!inAllOthers(sets, operands, element)) continue;
    if (onlyIntegers && !element.isInteger()) onlyIntegers = false;
    sets.add(target, element);
  }
  if (onlyIntegers) sets.toIntset(target);
  store(ctx, args, target, "sinterstore", reply);
}

// -- unions and differences -------------------------------------------------------------------------

/** SUNION key [key …] */
function sunion(ctx: Context, args: Args, reply: Reply): void {
  const operands = operandsOf(ctx, args, 1, args.count, reply);
  if (operands !== null) replyUnion(ctx, operands, reply);
}

function replyUnion(ctx: Context, operands: readonly Operand[], reply: Reply): void {
  const { sets } = ctx.node;
  const [first] = operands;
  if (operands.length === 1 && first.encoding === HASHTABLE) {
    return replyAll(sets, first.value, first.encoding, reply);
  }
  uniteInto(sets, sets.target, operands);
  replyTarget(ctx, reply);
}

/** Replies with all members of the set in argument 1, in the order of a union: SPOP of everything. */
export function replyWhole(ctx: Context, args: Args, reply: Reply): void {
  const operands = operandsOf(ctx, args, 1, 2, reply);
  if (operands !== null) replyUnion(ctx, operands, reply);
}

function uniteInto(sets: Sets, target: SetValue, operands: readonly Operand[]): void {
  sets.createIntset(target);
  for (const operand of operands) addAll(sets, target, operand);
}

function addAll(sets: Sets, target: SetValue, { value, encoding }: Operand): void {
  if (value === NONE) return;
  const { cursor } = sets;
  cursor.start(value, encoding);
  while (cursor.next()) sets.add(target, cursor.element);
}

/** Replies with the result and frees it. */
function replyTarget(ctx: Context, reply: Reply): void {
  const { keyspace } = ctx;
  const { sets } = ctx.node;
  const { value, encoding } = sets.target;
  replyAll(sets, value, encoding, reply);
  keyspace.freeValue(SET, value, encoding, keyspace.lazyServerDel);
}

/** SUNIONSTORE destination key [key …] */
function sunionstore(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const operands = operandsOf(ctx, args, 2, args.count, reply);
  if (operands === null) return;
  uniteInto(sets, sets.target, operands);
  store(ctx, args, sets.target, "sunionstore", reply);
}

/** SDIFF key [key …] */
function sdiff(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const operands = operandsOf(ctx, args, 1, args.count, reply);
  if (operands === null) return;
  subtractInto(sets, sets.target, operands);
  replyTarget(ctx, reply);
}

/** SDIFFSTORE destination key [key …] */
function sdiffstore(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const operands = operandsOf(ctx, args, 2, args.count, reply);
  if (operands === null) return;
  subtractInto(sets, sets.target, operands);
  store(ctx, args, sets.target, "sdiffstore", reply);
}

function subtractInto(sets: Sets, target: SetValue, operands: readonly Operand[]): void {
  sets.createIntset(target);
  const [first, ...others] = operands;
  if (first.value === NONE || others.some(({ value }) => value === first.value)) return;
  // Looking up every member of the first set in the others against removing all members of the
  // others. Looking up does less when there is something in common, hence the half.
  const existing = others.filter(({ value }) => value !== NONE);
  const lookups = Math.floor((first.count * (existing.length + 1)) / 2);
  const removals = existing.reduce((sum, { count }) => sum + count, first.count);
  if (lookups <= removals) subtractByLookup(sets, target, first, existing);
  else subtractByRemoval(sets, target, first, existing);
}

function subtractByLookup(sets: Sets, target: SetValue, first: Operand, others: Operand[]): void {
  const { cursor } = sets;
  // In the largest set a member is found soonest.
  others.sort((a, b) => b.count - a.count);
  cursor.start(first.value, first.encoding);
  while (cursor.next()) {
    if (!inAny(sets, others, cursor.element)) sets.add(target, cursor.element);
  }
}

function inAny(sets: Sets, operands: readonly Operand[], element: Element): boolean {
  for (const { value, encoding } of operands) {
    if (sets.has(value, encoding, element)) return true;
  }
  return false;
}

function subtractByRemoval(
  sets: Sets,
  target: SetValue,
  first: Operand,
  others: readonly Operand[],
): void {
  const { cursor } = sets;
  addAll(sets, target, first);
  for (const { value, encoding } of others) {
    cursor.start(value, encoding);
    while (cursor.next()) sets.remove(target, cursor.element);
    if (sets.count(target.value, target.encoding) === 0) return;
  }
}

export const setAlgebraCommands: readonly CommandEntry[] = [
  command("smembers", sinter),
  command("sinter", sinter),
  command("sintercard", sintercard),
  command("sinterstore", sinterstore),
  command("sunion", sunion),
  command("sunionstore", sunionstore),
  command("sdiff", sdiff),
  command("sdiffstore", sdiffstore),
];
