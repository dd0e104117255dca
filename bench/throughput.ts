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

/** By how much fewer requests of a test do, because one takes longer. */
function weight(name: string): number {
  if (name.startsWith("lrange")) return 8;
  return name === "mset" ? 2 : 1;
}

const XADD = ["XADD", "mystream", "*", "myfield", "xxx"];

/** Tests that redis-benchmark knows by name, with the same options. */
function named(names: string, label: string, requests: number, options: readonly string[]): Test[] {
  return names.split(" ").map((name) => ({
    label: `${name.toUpperCase()} ${label}`,
    requests: Math.floor(requests / weight(name)),
    args: [...options, "-t", name],
    // LRANGE needs a list of its own; redis-benchmark makes it, in front of the elements that are there.
    prepare: async (server: Server) => {
      if (name.startsWith("lrange")) await ask(server.port, "DEL", "mylist");
    },
  }));
}

/** The same and XADD. */
function variant(
  label: string,
  requests: number,
  options: readonly string[],
  names = DEFAULT_TESTS,
): Test[] {
  const xadd = { label: `XADD ${label}`, requests, args: [...options, ...XADD] };
  return [...named(names, label, requests, options), xadd];
}

/** Each begins with empty servers and keeps what it has stored from round to round. */
function fullVariants(): Test[][] {
  const [plain, piped] = [30_000, 200_000];
  const wide = ["-r", "1000000"];
  const pipe = ["-P", "16"];
  const small = [...pipe, ...wide, "-d", "16"];
  const large = [...pipe, ...wide, "-d", "1024"];
  return [
    variant("P=1", plain, []),
    variant("P=16", piped, pipe),
    variant("P=1 -r 1000000", plain, wide),
    variant("P=16 -r 1000000", piped, [...pipe, ...wide]),
    named("set get", "P=16 -r 1000000 -d 16", piped, small),
    named("set get", "P=16 -r 1000000 -d 1024", piped / 2, large),
    named("get", "one client", plain / 5, ["-c", "1"]),
    named("get", "two clients", plain / 3, ["-c", "2"]),
  ];
}

function quickVariants(): Test[][] {
  const wide = ["-r", "1000000"];
  return [
    variant("P=1", 5000, [], "set get"),
    variant("P=16 -r 1000000", 30_000, ["-P", "16", ...wide], QUICK_TESTS),
  ];
}

export async function compareThroughput(
  redis: Server,
  seedis: Server,
  quick: boolean,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const tests of quick ? quickVariants() : fullVariants()) {
    for (const { port } of [redis, seedis]) await ask(port, "FLUSHALL");
    const samples = await runRounds(redis, seedis, tests, quick ? 1 : 21);
    rows.push(...tests.map((test, i) => ratioRow(test.label, samples[i])));
  }
  return rows;
}
