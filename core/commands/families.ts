// All families of commands; the table of every node is built from this list.

import { authCommands } from "./auth.ts";
import { bitfieldCommands } from "./bitfield.ts";
import { bitmapCommands } from "./bitmap.ts";
import { clientCommands } from "./client.ts";
import { clientTrackingCommands } from "./client-tracking.ts";
import type { CommandEntry } from "./command.ts";
import { configCommands } from "./config-commands.ts";
import { connectionCommands } from "./connection.ts";
import { counterCommands } from "./counter.ts";
import { databaseCommands } from "./databases.ts";
import { debugCommands } from "./debug.ts";
import { dumpCommands } from "./dump.ts";
import { expireCommands } from "./expire.ts";
import { functionCommands } from "./functions.ts";
import { genericCommands } from "./generic.ts";
import { geoCommands } from "./geo.ts";
import { geoSearchCommands } from "./geo-search.ts";
import { hashCommands } from "./hash.ts";
import { hashCounterCommands } from "./hash-counter.ts";
import { hashExpireCommands } from "./hash-expire.ts";
import { hashRandomCommands } from "./hash-random.ts";
import { hyperloglogCommands } from "./hyperloglog.ts";
import { infoCommands } from "./info.ts";
import { introspectionCommands } from "./introspection.ts";
import { latencyCommands } from "./latency-commands.ts";
import { lcsCommands } from "./lcs.ts";
import { listCommands } from "./list.ts";
import { listMoveCommands } from "./list-move.ts";
import { listPopCommands } from "./list-pop.ts";
import { listSearchCommands } from "./list-search.ts";
import { memoryCommands } from "./memory.ts";
import { objectCommands } from "./object.ts";
import { pubsubCommands } from "./pubsub.ts";
import { scanCommands } from "./scan.ts";
import { scriptingCommands } from "./scripting.ts";
import { serverCommands } from "./server.ts";
import { setCommands } from "./set.ts";
import { setAlgebraCommands } from "./set-algebra.ts";
import { setRandomCommands } from "./set-random.ts";
import { slowlogCommands } from "./slowlog.ts";
import { sortCommands } from "./sort.ts";
import { streamCommands } from "./stream.ts";
import { streamClaimCommands } from "./stream-claim.ts";
import { streamGroupCommands } from "./stream-group.ts";
import { streamInfoCommands } from "./stream-info.ts";
import { streamReadCommands } from "./stream-read.ts";
import { stringCommands } from "./string.ts";
import { transactionCommands } from "./transactions.ts";
import { zsetCommands } from "./zset.ts";
import { zsetAlgebraCommands } from "./zset-algebra.ts";
import { zsetPopCommands } from "./zset-pop.ts";
import { zsetRandomCommands } from "./zset-random.ts";
import { zsetRangeCommands } from "./zset-range.ts";

export const commandFamilies: readonly (readonly CommandEntry[])[] = [
  stringCommands,
  authCommands,
  clientCommands,
  clientTrackingCommands,
  transactionCommands,
  configCommands,
  infoCommands,
  latencyCommands,
  memoryCommands,
  serverCommands,
  slowlogCommands,
  counterCommands,
  lcsCommands,
  bitmapCommands,
  bitfieldCommands,
  pubsubCommands,
  connectionCommands,
  introspectionCommands,
  genericCommands,
  expireCommands,
  scanCommands,
  databaseCommands,
  objectCommands,
  dumpCommands,
  debugCommands,
  listCommands,
  listPopCommands,
  listMoveCommands,
  listSearchCommands,
  setCommands,
  setAlgebraCommands,
  setRandomCommands,
  hashCommands,
  hashCounterCommands,
  hashExpireCommands,
  hashRandomCommands,
  sortCommands,
  zsetCommands,
  zsetAlgebraCommands,
  zsetPopCommands,
  zsetRandomCommands,
  zsetRangeCommands,
  hyperloglogCommands,
  geoCommands,
  geoSearchCommands,
  streamCommands,
  streamReadCommands,
  streamGroupCommands,
  streamClaimCommands,
  streamInfoCommands,
  scriptingCommands,
  functionCommands,
];
