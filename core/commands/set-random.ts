// Members of sets by chance: SPOP takes them out, SRANDMEMBER only looks.
//
// All subsets of the wanted size are equally likely. Members of a listpack come in its order, as in
// Redis; those of larger sets in no particular one.
import { NOTIFY_GENERIC, NOTIFY_SET } from "../keyspace/events.ts";
import { HASHTABLE, INTSET, LISTPACK, SET } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import type { Element } from "../types/element.ts";
import { sampleEntries } from "../types/sample.ts";
import type { SetValue } from "../types/set/sets.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "./errors.ts";
import { positiveArgument } from "./numbers.ts";
import { endsClient, randomCount } from "./random-count.ts";
import { giveBack, openForReading, replyElement } from "./set.ts";
import { replyWhole } from "./set-algebra.ts";

/** When this many times the members that stay are no more than those that go, they move instead. */
const MOVE_STAYING_SHARE = 5;
/** SREM is propagated with at most this many members. */
const PROPAGATED_MEMBERS_MAX = 1024;

/** SPOP key [count] */
function spop(ctx: Context, args: Args, reply: Reply): void {
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  if (args.count === 3) return spopCount(ctx, args, reply);
  const { db } = ctx;
  const { sets, propagation } = ctx.node;
  const { target, element } = sets;
  const entry = db.write(args, 1);
  if (entry === NONE) return reply.nil();
  if (db.typeOf(entry) !== SET) return reply.error(WRONG_TYPE);
  const hash = db.lastHash;
  target.open(db.valueOf(entry), db.encodingOf(entry));
  sets.pick(target.value, target.encoding, element);
  replyElement(element, reply);
  if (propagation.active) ctx.propagateInstead("SREM", args.latin1(1), element.text());
  sets.removePicked(target);
  const isGone = giveBack(ctx, entry, hash, target);
  ctx.notify(args, 1, NOTIFY_SET, "spop");
  if (isGone) ctx.notify(args, 1, NOTIFY_GENERIC, "del");
  // As in Redis, subscribers hear of it before those who cache the key.
  ctx.modified(args, 1);
  ctx.keyspace.dirty++;
}

function spopCount(ctx: Context, args: Args, reply: Reply): void {
  const { db, keyspace } = ctx;
  const { sets, config } = ctx.node;
  const { target } = sets;
  const count = positiveArgument(args, 2, reply);
  if (Number.isNaN(count)) return;
  const entry = db.write(args, 1);
  const hash = db.lastHash;
  if (entry === NONE) return reply.set(0);
  if (db.typeOf(entry) !== SET) return reply.error(WRONG_TYPE);
  if (count === 0) return reply.set(0);
  target.open(db.valueOf(entry), db.encodingOf(entry));
  const size = sets.count(target.value, target.encoding);
  ctx.notify(args, 1, NOTIFY_SET, "spop");
  keyspace.dirty += Math.min(count, size);
  if (count >= size) {
    replyWhole(ctx, args, reply);
    db.removeEntry(entry, hash);
    ctx.notify(args, 1, NOTIFY_GENERIC, "del");
    ctx.modified(args, 1);
    const word = config.values.lazyfreeLazyServerDel ? "UNLINK" : "DEL";
    ctx.propagateInstead(word, args.latin1(1));
    return;
  }
  const removed = new RemovedMembers(ctx, args);
  reply.set(count);
  const stayingCount = size - count;
  if (target.encoding === LISTPACK) popInOrder(ctx, target, count, removed, reply);
  else if (stayingCount * MOVE_STAYING_SHARE > count) popEach(ctx, target, count, removed, reply);
  else moveStaying(ctx, target, stayingCount, removed, reply);
  db.setValue(entry, target.value, target.encoding);
  ctx.modified(args, 1);
  removed.flush();
  ctx.propagateNothing();
}

/** What SPOP has removed, to be propagated as SREM. */
class RemovedMembers {
  readonly #ctx: Context;
  readonly #key: string;
  #words: string[];
  readonly #isActive: boolean;

  constructor(ctx: Context, args: Args) {
    this.#ctx = ctx;
    this.#isActive = ctx.node.propagation.active;
    this.#key = this.#isActive ? args.latin1(1) : "";
    this.#words = ["SREM", this.#key];
  }

  add(element: Element): void {
    if (!this.#isActive) return;
    this.#words.push(element.text());
    if (this.#words.length === 2 + PROPAGATED_MEMBERS_MAX) this.flush();
  }

  flush(): void {
    if (this.#words.length > 2) this.#ctx.propagateInstead(...this.#words);
    this.#words = ["SREM", this.#key];
  }
}

/** One random member after the other. */
function popEach(
  ctx: Context,
  set: SetValue,
  count: number,
  removed: RemovedMembers,
  reply: Reply,
): void {
  const { sets } = ctx.node;
  const { element } = sets;
  for (let i = 0; i < count; i++) {
    sets.pick(set.value, set.encoding, element);
    replyElement(element, reply);
    removed.add(element);
    sets.removePicked(set);
  }
}

/** Goes through a listpack once and takes every member with the chance that it still needs. */
function popInOrder(
  ctx: Context,
  set: SetValue,
  count: number,
  removed: RemovedMembers,
  reply: Reply,
): void {
  const { prng, scanned } = ctx.keyspace;
  const { sets } = ctx.node;
  const { cursor } = sets;
  let left = sets.count(set.value, set.encoding);
  scanned.count = 0;
  cursor.start(set.value, set.encoding);
  while (scanned.count < count && cursor.next()) {
    if (prng.below(left--) >= count - scanned.count) continue;
    replyElement(cursor.element, reply);
    removed.add(cursor.element);
    scanned.push(cursor.listpackAt);
  }
  sets.removeListpackEntries(set, scanned);
  scanned.clear();
}

/** Nearly everything goes: the few members that stay are drawn and become a new set. */
function moveStaying(
  ctx: Context,
  set: SetValue,
  stayingCount: number,
  removed: RemovedMembers,
  reply: Reply,
): void {
  const { keyspace } = ctx;
  const { sets } = ctx.node;
  const { cursor, element, source: staying } = sets;
  if (set.encoding === INTSET) sets.createIntset(staying);
  else sets.createListpack(staying);
  for (let i = 0; i < stayingCount; i++) {
    sets.pick(set.value, set.encoding, element);
    sets.add(staying, element);
    sets.removePicked(set);
  }
  cursor.start(set.value, set.encoding);
  while (cursor.next()) {
    replyElement(cursor.element, reply);
    removed.add(cursor.element);
  }
  keyspace.freeValue(SET, set.value, set.encoding, keyspace.lazyServerDel);
  set.open(staying.value, staying.encoding);
}

/** SRANDMEMBER key [count] */
function srandmember(ctx: Context, args: Args, reply: Reply): void {
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  if (args.count === 3) return srandmemberCount(ctx, args, reply);
  const { sets } = ctx.node;
  const { source, element } = sets;
  if (!openForReading(ctx, args, source, reply, replyNil)) return;
  sets.pick(source.value, source.encoding, element);
  replyElement(element, reply);
}

function replyNil(reply: Reply): void {
  reply.nil();
}

function replyEmptyArray(reply: Reply): void {
  reply.array(0);
}

function srandmemberCount(ctx: Context, args: Args, reply: Reply): void {
  const { sets } = ctx.node;
  const { source, element, cursor } = sets;
  const count = randomCount(args, 2, false, reply);
  if (Number.isNaN(count)) return;
  if (!openForReading(ctx, args, source, reply, replyEmptyArray)) return;
  const { value, encoding } = source;
  const size = sets.count(value, encoding);
  if (count < 0) {
    reply.array(-count);
    for (let i = 0; i < -count && !endsClient(ctx, reply, i); i++) {
      sets.pick(value, encoding, element);
      replyElement(element, reply);
    }
  } else if (count < size && encoding === HASHTABLE) {
    replySample(ctx, value, size, count, reply);
  } else {
    let wanted = Math.min(count, size);
    let left = size;
    reply.array(wanted);
    cursor.start(value, encoding);
    while (wanted > 0 && cursor.next()) {
      if (left > wanted && ctx.keyspace.prng.below(left) >= wanted) {
        left--;
        continue;
      }
      left--;
      wanted--;
      replyElement(cursor.element, reply);
    }
  }
}

/** Replies with `count` distinct members of a dict. */
function replySample(ctx: Context, dict: Ref, size: number, count: number, reply: Reply): void {
  const { dicts, prng, scanned } = ctx.keyspace;
  const { element } = ctx.node.sets;
  sampleEntries(dicts, dict, size, count, prng, scanned);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    element.entryKey(dicts, scanned.items[i]);
    replyElement(element, reply);
  }
  scanned.clear();
}

export const setRandomCommands: readonly CommandEntry[] = [
  command("spop", spop),
  command("srandmember", srandmember),
];
