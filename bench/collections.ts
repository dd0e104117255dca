// Operations on big collections, at one size or at several: then the growth of the time per operation
// shows its complexity.
import { cpuFigures, ratioRow, runRounds, type Samples, type Test } from "./compare.ts";
import { hash, list, numbers, pad, points, set, stream, zset } from "./data.ts";
import { load } from "./load.ts";
import { ask, type Server } from "./servers.ts";
import type { Row } from "./table.ts";

const RANDOM = "__rand_int__";
/** Few, since what connecting costs is spread over the requests. */
const SHORT_CLIENTS = "10";
/** SORT reads all elements at every size; above this a single one takes seconds. */
const SORT_COUNT_MAX = 100_000;

async function fill(server: Server, size: number): Promise<void> {
  await ask(server.port, "FLUSHALL");
  const sortSize = Math.min(size, SORT_COUNT_MAX);
  const sets = [set("set", size), set("half", size / 2), set("other", size, size / 2)];
  const zsets = [zset("zset", size), zset("halfZset", size / 2)];
  const rest = [points("geo", sortSize), numbers("numbers", sortSize), stream("stream", size, 16)];
  const data = [...sets, ...zsets, ...rest, hash("hash", size), list("list", size)];
  for (const one of data) await load(server.port, one);
}

/** `shortCount`: requests of a test whose operation is short; `scanCount`: of one that reads all. */
function tests(size: number, shortCount: number, scanCount: number): Test[] {
  const middle = size / 2;
  const short = (command: string, weight = 1): Test => ({
    label: command.replaceAll(RANDOM, "#"),
    requests: Math.ceil(shortCount / weight),
    args: ["-c", SHORT_CLIENTS, "-P", "16", "-r", String(size), ...command.split(" ")],
  });
  const scan = (command: string, weight = 1): Test => ({
    label: command.replaceAll(RANDOM, "#"),
    requests: Math.ceil(scanCount / weight),
    args: ["-c", "1", "-r", String(size), ...command.split(" ")],
  });
  const pivot = `elem:${pad(middle, 11)}`;
  const readGroup = short("XREADGROUP GROUP group me COUNT 10 STREAMS stream >", 4);
  const groupRequests = Math.min(readGroup.requests, size / 10);
  return [
    short(`ZADD zset ${RANDOM} ${RANDOM}`),
    short(`ZRANK zset ${RANDOM}`),
    short(`ZSCORE zset ${RANDOM}`),
    short(`ZRANGE zset ${middle} ${middle + 9}`, 2),
    short(`ZRANGEBYSCORE zset ${RANDOM} +inf LIMIT 0 10`, 2),
    short(`ZINCRBY zset 1 ${RANDOM}`),
    short(`HGET hash ${RANDOM}`),
    short(`HSET hash ${RANDOM} value:0123456789`),
    short(`SISMEMBER set ${RANDOM}`),
    short(`SADD set ${RANDOM}`),
    short("SRANDMEMBER set"),
    short(`LINDEX list ${middle}`, 2),
    short(`LRANGE list ${middle} ${middle + 99}`, 10),
    short(`LSET list ${middle} elem:${pad(middle, 11)}`, 10),
    scan(`LINSERT list BEFORE ${pivot} another`, 0.3),
    scan(`LPOS list ${pivot}`, 0.3),
    short(`XRANGE stream ${RANDOM} + COUNT 10`, 4),
    {
      ...readGroup,
      requests: groupRequests,
      prepare: async ({ port }) => {
        await ask(port, "XGROUP", "DESTROY", "stream", "group");
        await ask(port, "XGROUP", "CREATE", "stream", "group", "0");
      },
    },
    short(`XADD stream ${size + 1}-* field 0123456789012345`),
    scan("SINTERSTORE out set other"),
    scan("SINTERCARD 2 set other"),
    scan("SUNIONSTORE out set other"),
    scan("SDIFFSTORE out set other"),
    scan("SINTER set half"),
    scan("SUNION half other"),
    scan("ZUNIONSTORE out 2 zset halfZset"),
    scan("ZINTERSTORE out 2 zset halfZset"),
    scan("SORT numbers"),
    scan("SORT numbers LIMIT 0 10"),
    scan("SORT numbers ALPHA LIMIT 0 10"),
    short("GEOSEARCH geo FROMLONLAT 10 50 BYRADIUS 100 km ASC COUNT 10", 5),
    scan("GEOSEARCH geo FROMLONLAT 10 50 BYRADIUS 3000 km", 0.5),
  ];
}

interface Line {
  readonly label: string;
  readonly samples: Samples;
}

async function compareAt(
  [redis, seedis]: readonly [Server, Server],
  size: number,
  quick: boolean,
): Promise<Line[]> {
  for (const server of [redis, seedis]) await fill(server, size);
  const scanCount = Math.max(1, Math.ceil((quick ? 50_000 : 1_000_000) / size));
  const all = tests(size, quick ? 10_000 : 100_000, scanCount);
  const samples = await runRounds(redis, seedis, all, quick ? 1 : 3);
  return all.map((test, i) => ({ label: test.label, samples: samples[i] }));
}

export async function compareCollections(
  redis: Server,
  seedis: Server,
  quick: boolean,
): Promise<Row[]> {
  const measured = await compareAt([redis, seedis], quick ? 50_000 : 1_000_000, quick);
  return measured.map(({ label, samples }) => ratioRow(label, samples));
}

export function growthSizes(quick: boolean): number[] {
  return quick ? [1000, 10_000] : [10_000, 100_000, 1_000_000];
}

/** Processor time per operation, at each size: "Seedis / Redis" in microseconds. */
export async function compareGrowth(redis: Server, seedis: Server, quick: boolean): Promise<Row[]> {
  const rows: string[][] = [];
  for (const size of growthSizes(quick)) {
    const measured = await compareAt([redis, seedis], size, quick);
    for (const [i, { label, samples }] of measured.entries()) {
      rows[i] ??= [label.replaceAll(/\d{4,}/g, "…")];
      rows[i].push(cpuFigures(samples));
    }
  }
  return rows;
}
