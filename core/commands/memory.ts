// MEMORY: what the memory is used for.
import { keyBytes } from "../keyspace/value-size.ts";
import { NONE } from "../memory/arena.ts";
import type { Context } from "../node/context.ts";
import { memoryOverhead } from "../node/memory-overhead.ts";
import { memoryReport } from "../node/memory-report.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { longArgument } from "./numbers.ts";

const SAMPLES_DEFAULT = 5;

/** MEMORY USAGE key [SAMPLES count] */
function usage({ db }: Context, args: Args, reply: Reply): void {
  let samples = SAMPLES_DEFAULT;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, "samples") || i + 1 === args.count) return reply.error(SYNTAX_ERROR);
    samples = longArgument(args, i + 1, reply);
    if (Number.isNaN(samples)) return;
    if (samples < 0) return reply.error(SYNTAX_ERROR);
    if (samples === 0) samples = Number.POSITIVE_INFINITY;
  }
  const entry = db.findAny(args.view, args.offset[2], args.length[2]);
  if (entry === NONE) reply.nil();
  else reply.integer(Math.floor(keyBytes(db, entry, samples)));
}

/** MEMORY STATS */
function statistics({ node }: Context, _args: Args, reply: Reply): void {
  const overhead = memoryOverhead(node);
  const { databases } = overhead;
  reply.map(31 + databases.length);
  const integer = (name: string, value: number): void => {
    reply.bulkText(name);
    reply.integer(value);
  };
  const ratio = (name: string, value: number): void => {
    reply.bulkText(name);
    // Redis computes ratios with single precision, and shows all digits of the result.
    reply.double(Math.fround(value));
  };
  integer("peak.allocated", overhead.peakBytes);
  integer("total.allocated", overhead.totalBytes);
  integer("startup.allocated", overhead.startupBytes);
  integer("replication.backlog", 0);
  integer("clients.slaves", 0);
  integer("clients.normal", overhead.clientBytes);
  integer("cluster.links", 0);
  integer("aof.buffer", 0);
  integer("lua.caches", overhead.scriptBytes);
  integer("functions.caches", overhead.functionBytes);
  for (const { index, mainBytes, expiresBytes } of databases) {
    reply.bulkText(`db.${index}`);
    reply.map(2);
    integer("overhead.hashtable.main", mainBytes);
    integer("overhead.hashtable.expires", expiresBytes);
  }
  integer("overhead.db.hashtable.lut", overhead.indexBytes);
  integer("overhead.db.hashtable.rehashing", 0);
  integer("overhead.total", overhead.overheadBytes);
  integer("db.dict.rehashing.count", 0);
  integer("keys.count", overhead.keyCount);
  integer("keys.bytes-per-key", overhead.bytesPerKey);
  integer("dataset.bytes", overhead.datasetBytes);
  ratio("dataset.percentage", overhead.datasetPercent);
  ratio("peak.percentage", overhead.peakPercent);
  integer("allocator.allocated", overhead.allocatedBytes);
  integer("allocator.active", overhead.activeBytes);
  integer("allocator.resident", overhead.activeBytes);
  integer("allocator.muzzy", 0);
  ratio("allocator-fragmentation.ratio", overhead.fragmentationRatio);
  integer("allocator-fragmentation.bytes", overhead.fragmentationBytes);
  ratio("allocator-rss.ratio", 1);
  integer("allocator-rss.bytes", 0);
  ratio("rss-overhead.ratio", overhead.residentRatio);
  integer("rss-overhead.bytes", overhead.residentOverheadBytes);
  ratio("fragmentation", overhead.totalRatio);
  integer("fragmentation.bytes", overhead.totalRatioBytes);
}

/** MEMORY DOCTOR */
function doctor({ node }: Context, _args: Args, reply: Reply): void {
  reply.verbatim("txt", memoryReport(node));
}

/** MEMORY MALLOC-STATS: the arena's segments. */
function mallocStatistics({ keyspace }: Context, _args: Args, reply: Reply): void {
  const { segmentBytes, u8, usedBytes } = keyspace.arena;
  const sizes = u8.map(({ length }) => length).filter((length) => length > 0);
  const lines = [
    `segments: ${sizes.length}, ${segmentBytes} bytes`,
    `in use: ${usedBytes} bytes`,
    `free: ${segmentBytes - usedBytes} bytes`,
    ...sizes.map((length, i) => `segment ${i}: ${length} bytes`),
  ];
  reply.verbatim("txt", lines.map((line) => `${line}\n`).join(""));
}

/** MEMORY PURGE */
function purge({ node }: Context, _args: Args, reply: Reply): void {
  node.memoryReturn.now();
  reply.ok();
}

export const memoryCommands: readonly CommandEntry[] = [
  helpCommand("memory"),
  command("memory|usage", usage),
  command("memory|stats", statistics),
  command("memory|doctor", doctor),
  command("memory|malloc-stats", mallocStatistics),
  command("memory|purge", purge),
];
