// HyperLogLogs: PFADD, PFCOUNT, PFMERGE, PFDEBUG, PFSELFTEST.
import { NOTIFY_STRING } from "../keyspace/events.ts";
import { STRING } from "../keyspace/types.ts";
import { NONE, type Ref } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { REGISTER_COUNT } from "../types/hyperloglog/dense.ts";
import { selfTest } from "../types/hyperloglog/self-test.ts";
import { CHANGED, CORRUPTED } from "../types/hyperloglog/sparse.ts";
import { int64BigInt, int64Number } from "../util/int64.ts";
import { type CommandEntry, command } from "./command.ts";
import { cString, WRONG_TYPE } from "./errors.ts";

const NO_HYPERLOGLOG = "WRONGTYPE Key is not a valid HyperLogLog string value.";
const CORRUPTED_ERROR = "INVALIDOBJ Corrupted HLL object detected";

/** Loads the HyperLogLog in `entry`; false after an error reply. */
function open(ctx: Context, entry: Ref, reply: Reply): boolean {
  if (ctx.db.typeOf(entry) !== STRING) {
    reply.error(WRONG_TYPE);
    return false;
  }
  if (ctx.node.hyperLogLogs.open(entry)) return true;
  reply.error(NO_HYPERLOGLOG);
  return false;
}

/** PFADD key [element …] */
function pfadd(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { hyperLogLogs } = ctx.node;
  let entry = db.write(args, 1);
  let changes = 0;
  if (entry === NONE) {
    entry = hyperLogLogs.create(db, args, 1);
    changes++;
  } else if (!open(ctx, entry, reply)) {
    return;
  }
  hyperLogLogs.edit(db, entry);
  for (let i = 2; i < args.count; i++) {
    const outcome = hyperLogLogs.add(db, entry, args.bytes, args.offset[i], args.length[i]);
    if (outcome === CORRUPTED) return reply.error(CORRUPTED_ERROR);
    if (outcome === CHANGED) changes++;
    entry = hyperLogLogs.movedTo;
  }
  if (changes > 0) {
    hyperLogLogs.forgetCardinality();
    // Every element counts as a change of its own.
    ctx.keyspace.dirty += changes - 1;
    ctx.changed(args, 1, NOTIFY_STRING, "pfadd");
  }
  reply.integer(changes > 0 ? 1 : 0);
}

/** Makes the union of the keys from argument 1 on; false after an error reply. */
function unite(ctx: Context, args: Args, reply: Reply): boolean {
  const { hyperLogLogs } = ctx.node;
  hyperLogLogs.startUnion();
  for (let i = 1; i < args.count; i++) {
    const entry = ctx.db.read(args, i);
    if (entry === NONE) continue;
    if (!open(ctx, entry, reply)) return false;
    if (!hyperLogLogs.addToUnion()) {
      reply.error(CORRUPTED_ERROR);
      return false;
    }
  }
  return true;
}

/** PFCOUNT key [key …] */
function pfcount(ctx: Context, args: Args, reply: Reply): void {
  const { hyperLogLogs } = ctx.node;
  if (args.count > 2) {
    if (!unite(ctx, args, reply)) return;
    hyperLogLogs.estimateUnion();
    return replyCardinality(ctx, reply);
  }
  const entry = ctx.db.read(args, 1);
  if (entry === NONE) return reply.integer(0);
  if (!open(ctx, entry, reply)) return;
  hyperLogLogs.edit(ctx.db, entry);
  if (!hyperLogLogs.recallCardinality()) {
    if (!hyperLogLogs.estimate()) return reply.error(CORRUPTED_ERROR);
    // Noting the estimate changes the string, so WATCH and replicas must know.
    ctx.keyspace.dirty++;
    ctx.modified(args, 1);
  }
  replyCardinality(ctx, reply);
}

function replyCardinality(ctx: Context, reply: Reply): void {
  const { cardinalityHigh, cardinalityLow } = ctx.node.hyperLogLogs;
  const value = int64Number(cardinalityHigh, cardinalityLow);
  if (Number.isSafeInteger(value)) reply.integer(value);
  else reply.bigint(int64BigInt(cardinalityHigh, cardinalityLow));
}

/** PFMERGE destkey [sourcekey …]: the destination is one of the sources. */
function pfmerge(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { hyperLogLogs } = ctx.node;
  if (!unite(ctx, args, reply)) return;
  let entry = db.write(args, 1);
  if (entry === NONE) entry = hyperLogLogs.create(db, args, 1);
  hyperLogLogs.edit(db, entry);
  hyperLogLogs.storeUnion(db, entry);
  ctx.changed(args, 1, NOTIFY_STRING, "pfadd");
  reply.ok();
}

/** PFDEBUG GETREG | DECODE | ENCODING | TODENSE key */
function pfdebug(ctx: Context, args: Args, reply: Reply): void {
  const { db } = ctx;
  const { hyperLogLogs } = ctx.node;
  const entry = db.write(args, 2);
  if (entry === NONE) return reply.error("ERR The specified key does not exist");
  if (!open(ctx, entry, reply)) return;
  hyperLogLogs.edit(db, entry);
  const name = args.latin1(1);
  const word = name.toLowerCase();
  if (!["getreg", "decode", "encoding", "todense"].includes(word)) {
    return reply.error(`ERR Unknown PFDEBUG subcommand '${cString(name)}'`);
  }
  if (args.count !== 3) {
    return reply.error(`ERR Wrong number of arguments for the '${cString(name)}' subcommand`);
  }
  if (word === "encoding") return reply.simple(hyperLogLogs.formName());
  const { isSparse } = hyperLogLogs;
  if (word === "decode") {
    if (!isSparse) return reply.error("ERR HLL encoding is not sparse");
    return reply.bulkText(hyperLogLogs.decodedText());
  }
  if (!hyperLogLogs.toDense(db, entry)) return reply.error(CORRUPTED_ERROR);
  if (isSparse) ctx.keyspace.dirty++;
  if (word === "todense") return reply.integer(isSparse ? 1 : 0);
  reply.array(REGISTER_COUNT);
  for (let i = 0; i < REGISTER_COUNT; i++) reply.integer(hyperLogLogs.register(i));
}

/** PFSELFTEST */
function pfselftest(ctx: Context, _args: Args, reply: Reply): void {
  const failure = selfTest(ctx.node.prng);
  if (failure === null) reply.ok();
  else reply.error(`ERR TESTFAILED ${failure}`);
}

export const hyperloglogCommands: readonly CommandEntry[] = [
  command("pfadd", pfadd),
  command("pfcount", pfcount),
  command("pfmerge", pfmerge),
  command("pfdebug", pfdebug),
  command("pfselftest", pfselftest),
];
