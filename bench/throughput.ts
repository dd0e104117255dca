// What `redis-benchmark` runs by itself, plus XADD: each test alone, without and with pipelining, on
// one key and on a million.
import { ratioRow, runRounds, type Test } from "./compare.ts";
import { ask, type Server } from "./servers.ts";
import type { Row } from "./table.ts";

// In the order of the default run: the pops take what the pushes left.
const DEFAULT_TESTS =
  "ping_inline ping_mbulk set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin " +
  "lrange_100 lrange_300 lrange_500 lrange_600 mset";

const QUICK_TESTS = "ping_mbulk set get incr lpush lpop sadd hset zadd lrange_100";

/** The replies of these are so long that an eighth of the requests takes as long as others do. */
const isLong = (name: string): boolean => name.startsWith("lrange") || name === "mset";

const XADD = ["XADD", "mystream", "*", "myfield", "__data__"];

function variant(
  label: string,
  requests: number,
  options: readonly string[],
  names = DEFAULT_TESTS,
): Test[] {
  const tests = names.split(" ").map((name) => ({
    label: `${name.toUpperCase()} ${label}`,
    requests: isLong(name) ? Math.floor(requests / 8) : requests,
    args: [...options, "-t", name],
    // LRANGE needs a list of its own; redis-benchmark makes it, in front of the elements that are there.
    prepare: async (server: Server) => {
      if (name === "ping_inline" || name.startsWith("lrange")) await ask(server.port, "FLUSHALL");
    },
  }));
  const xadd = XADD.map((word) => (word === "__data__" ? "xxx" : word));
  return [...tests, { label: `XADD ${label}`, requests, args: [...options, ...xadd] }];
}

export async function compareThroughput(
  redis: Server,
  seedis: Server,
  quick: boolean,
): Promise<Row[]> {
  const wide = ["-r", "1000000"];
  if (quick) return table(redis, seedis, quickTests(wide), 1);
  const [plain, piped] = [60_000, 300_000];
  const large = ["-d", "1024", "-P", "16", ...wide];
  const tests = [
    ...variant("P=1", plain, ["-P", "1"]),
    ...variant("P=16", piped, ["-P", "16"]),
    ...variant("P=1 -r 1000000", plain, ["-P", "1", ...wide]),
    ...variant("P=16 -r 1000000", piped, ["-P", "16", ...wide]),
    { label: "SET P=16 -d 1024", requests: piped / 2, args: [...large, "-t", "set"] },
    { label: "GET P=16 -d 1024", requests: piped / 2, args: [...large, "-t", "get"] },
    { label: "GET, one client", requests: plain / 6, args: ["-c", "1", "-t", "get"] },
    { label: "GET, two clients", requests: plain / 3, args: ["-c", "2", "-t", "get"] },
  ];
  return table(redis, seedis, tests, 5);
}

function quickTests(wide: readonly string[]): Test[] {
  return [
    ...variant("P=1", 5000, ["-P", "1"], "set get"),
    ...variant("P=16 -r 1000000", 30_000, ["-P", "16", ...wide], QUICK_TESTS),
  ];
}

async function table(
  redis: Server,
  seedis: Server,
  tests: readonly Test[],
  rounds: number,
): Promise<Row[]> {
  const samples = await runRounds(redis, seedis, tests, rounds);
  return tests.map((test, i) => ratioRow(test.label, samples[i]));
}
