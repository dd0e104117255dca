// One run: a world from a seed, a server, clients, and the model that listens. The plan is drawn
// first and completely; the run then only follows it.
import { SimulatedClient } from "./client.ts";
import { modelFamilies } from "./model/families.ts";
import { Listener } from "./model/listener.ts";
import { Model } from "./model/model.ts";
import type { Tally } from "./model/tally.ts";
import { Random } from "./random.ts";
import { SimulatedServer } from "./server.ts";
import { Workload } from "./workload/workload.ts";
import { World } from "./world.ts";

export interface RunOptions {
  /** Commands that all clients send together; drawn from the seed when absent. */
  readonly commandCount?: number;
  /** Names of the families of commands to send (workload.ts); all when absent. */
  readonly only?: readonly string[];
  /** A bug to plant, by name (bugs.ts); none when absent. */
  readonly bug?: PlantedBug;
  /** Counts the replies by command. */
  readonly tally?: Tally;
}

/** Breaks one rule of the server on purpose, to prove that a run notices. */
export type PlantedBug = (server: SimulatedServer) => void;

export interface RunResult {
  readonly seed: string;
  readonly hash: string;
  readonly commands: number;
  readonly repliesChecked: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly connections: number;
  readonly keys: number;
  /** What went wrong, or null. */
  readonly failure: string | null;
}

const NODE_SEED_BYTES = 32;
/** Links that cut between any two bytes take long to run: there are few. */
const SEGMENT_BYTES: readonly number[] = [
  1, 30, 30, 500, 1460, 1460, 1460, 1460, 1460, 65536, 65536, 65536, 65536, 65536,
];
const POLICIES: readonly string[] = [
  "noeviction",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
];
const EVENTS_PER_COMMAND_MAX = 5000;

/** The node's configuration in this run, and the model that goes by it. */
function makeServer(world: World, random: Random): { server: SimulatedServer; model: Model } {
  const nodeSeed = random.bytes(NODE_SEED_BYTES);
  const streamNodeMaxEntries = random.pick([0, 1, 3, 10, 100]);
  const server = new SimulatedServer(world, nodeSeed, [
    ["hz", String(random.pick([1, 10, 100]))],
    ["active-expire-effort", String(random.between(1, 10))],
    // Where a node of a stream ends is seen from outside; by bytes, it would depend on the encoding.
    ["stream-node-max-bytes", "0"],
    ["stream-node-max-entries", String(streamNodeMaxEntries)],
  ]);
  const policy = random.chance(20) ? random.pick(POLICIES) : "";
  if (policy !== "") {
    server.configure("maxmemory-policy", policy);
    const roomBytes = random.between(20, 200) * 1024;
    server.configure("maxmemory", String(server.node.startupBytes + roomBytes));
    server.configure("lazyfree-lazy-eviction", random.pick(["yes", "no"]));
  }
  const databaseCount = server.node.databases.length;
  const clockJumps = random.chance(20);
  if (clockJumps) planJumps(world, random);
  return {
    server,
    model: new Model(modelFamilies, {
      databaseCount,
      streamNodeMaxEntries,
      isLfu: policy.endsWith("lfu"),
      clockJumps,
      policy,
    }),
  };
}

/** The wall clock jumps some times, back or forth, by little or much. */
function planJumps(world: World, random: Random): void {
  for (let count = random.between(1, 6); count > 0; count--) {
    const jumpMs = random.pick([-60_000, -1000, -10, 5, 300, 5000, 3_600_000]);
    world.planIn(random.below(2_000_000), () => {
      world.wallOffsetMs += jumpMs;
    });
  }
}

function listen(server: SimulatedServer, model: Model): Listener {
  const listener = new Listener(model);
  server.onConnected = (connection) => listener.connected(connection);
  server.onInput = (connection, bytes, start, end) => listener.input(connection, bytes, start, end);
  server.onOutput = (connection, bytes, start, end) =>
    listener.output(connection, bytes, start, end);
  server.onGone = (connection) => listener.gone(connection);
  server.onClosed = (connection) => listener.closed(connection);
  server.onSettled = (nowMs) => listener.settle(server.trace.take(), nowMs);
  return listener;
}

function makeClients(
  world: World,
  server: SimulatedServer,
  random: Random,
  total: number,
  only: readonly string[],
): SimulatedClient[] {
  const { seed } = world;
  const clientCount = random.between(1, 8);
  const sendsScripts = server.node.config.values.maxmemory === 0;
  const clients: SimulatedClient[] = [];
  for (let index = 1; index <= clientCount; index++) {
    const latencyUsMin = random.pick([10, 100, 1000]);
    const client = new SimulatedClient(
      world,
      server,
      new Random(`client ${index} ${seed}`),
      new Workload(new Random(`workload ${index} ${seed}`), sendsScripts, only),
      {
        profile: {
          latencyUsMin,
          latencyUsMax: latencyUsMin * random.between(1, 20),
          segmentBytesMax: random.pick(SEGMENT_BYTES),
          bytesPerMs: random.pick([100, 10_000, Number.POSITIVE_INFINITY]),
        },
        pipelineMax: random.pick([1, 4, 50]),
        thinkUsMax: random.pick([10, 1000, 100_000]),
        resetPercent: random.pick([0, 0, 1, 10]),
        commandCount: Math.ceil(total / clientCount),
      },
      index,
    );
    clients.push(client);
    world.planIn(random.below(5000), () => client.start());
  }
  return clients;
}

export function runSeed(seed: string, options: RunOptions = {}): RunResult {
  const random = new Random(`plan ${seed}`);
  const world = new World(seed);
  const { server, model } = makeServer(world, random);
  options.bug?.(server);
  const listener = listen(server, model);
  listener.tally = options.tally ?? null;
  const total = options.commandCount ?? random.between(500, 4000);
  const clients = makeClients(world, server, random, total, options.only ?? []);
  let unfinished = clients.length;
  for (const client of clients) {
    client.onDone = () => {
      unfinished--;
    };
  }
  const eventsMax = total * EVENTS_PER_COMMAND_MAX;
  let failure: string | null = null;
  try {
    while (failure === null && unfinished > 0) {
      if (!world.step() || world.eventCount > eventsMax) {
        failure = "the clients never got all their replies";
        break;
      }
      failure = model.failure;
    }
    if (failure === null) server.node.keyspace.arena.verify();
  } catch (thrown) {
    // An assertion of the node, or of the model: the seed tells where.
    failure = `stopped: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
  return {
    seed,
    hash: world.hash.text,
    commands: clients.reduce((sum, client) => sum + client.commandCount, 0),
    repliesChecked: listener.repliesChecked,
    events: world.eventCount,
    virtualMs: Math.floor(world.nowUs / 1000),
    connections: clients.reduce((sum, client) => sum + client.connectionCount, 0),
    keys: server.node.databases.reduce((sum, db) => sum + db.size, 0),
    failure,
  };
}
