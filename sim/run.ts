// One run: a world from a seed, a server, clients, and the model that listens. The plan is drawn
// first and completely; the run then only follows it.
import { SimulatedClient } from "./client.ts";
import { genericModel } from "./model/generic.ts";
import { hashModel } from "./model/hashes.ts";
import { listModel } from "./model/lists.ts";
import { Model, type ModelCommand } from "./model/model.ts";
import { scriptModel } from "./model/scripts.ts";
import { sessionModel } from "./model/sessions.ts";
import { setModel } from "./model/sets.ts";
import { sortedSetModel } from "./model/sorted-sets.ts";
import { stringModel } from "./model/strings.ts";
import { Random } from "./random.ts";
import { SimulatedServer } from "./server.ts";
import { Workload } from "./workload/workload.ts";
import { World } from "./world.ts";

export interface RunOptions {
  /** Commands that all clients send together; drawn from the seed when absent. */
  readonly commandCount?: number;
  /** A bug to plant, by name (bugs.ts); none when absent. */
  readonly bug?: PlantedBug;
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
const EVENTS_PER_COMMAND_MAX = 5000;

function modelCommands(): Map<string, { arity: number; run: ModelCommand }> {
  const commands = new Map<string, { arity: number; run: ModelCommand }>();
  const families = [
    stringModel,
    genericModel,
    sessionModel,
    listModel,
    setModel,
    hashModel,
    sortedSetModel,
    scriptModel,
  ];
  for (const [name, arity, run] of families.flat()) commands.set(name, { arity, run });
  return commands;
}

export function runSeed(seed: string, options: RunOptions = {}): RunResult {
  const random = new Random(`plan ${seed}`);
  const world = new World(seed);
  const server = new SimulatedServer(world, random.bytes(NODE_SEED_BYTES), [
    ["hz", String(random.pick([1, 10, 100]))],
    ["active-expire-effort", String(random.between(1, 10))],
  ]);
  options.bug?.(server);
  const model = new Model(modelCommands(), server.node.databases.length);
  let input = 0;
  server.onInput = (connection, bytes, start, end) => {
    input = connection;
    model.nowMs = world.wallMs;
    model.input(connection, bytes, start, end);
  };
  server.onOutput = (connection, bytes, start, end) => {
    model.nowMs = world.wallMs;
    model.output(connection, bytes, start, end);
  };
  server.onGone = (connection) => model.gone(connection);

  const clientCount = random.between(1, 8);
  const total = options.commandCount ?? random.between(500, 4000);
  const clients: SimulatedClient[] = [];
  let connections = 0;
  let unfinished = clientCount;
  for (let index = 1; index <= clientCount; index++) {
    const latencyUsMin = random.pick([10, 100, 1000]);
    const client = new SimulatedClient(
      world,
      server,
      new Random(`client ${index} ${seed}`),
      new Workload(new Random(`workload ${index} ${seed}`)),
      {
        profile: {
          latencyUsMin,
          latencyUsMax: latencyUsMin * random.between(1, 20),
          segmentBytesMax: random.pick([1, 30, 1460, 1460, 1460, 65536, 65536, 65536]),
          bytesPerMs: random.pick([100, 10_000, Number.POSITIVE_INFINITY]),
        },
        pipelineMax: random.pick([1, 4, 50]),
        thinkUsMax: random.pick([10, 1000, 100_000]),
        resetPercent: random.pick([0, 0, 1, 10]),
        commandCount: Math.ceil(total / clientCount),
      },
      index,
    );
    client.onConnected = (connection) => {
      connections++;
      model.connected(connection);
    };
    client.onDone = () => {
      unfinished--;
    };
    clients.push(client);
    world.planIn(random.below(5000), () => client.start());
  }

  const eventsMax = total * EVENTS_PER_COMMAND_MAX;
  let failure: string | null = null;
  while (failure === null && unfinished > 0) {
    if (!world.step() || world.eventCount > eventsMax) {
      failure = "the clients never got all their replies";
      break;
    }
    if (input !== 0) {
      model.settled(input, server.waits(input));
      input = 0;
    }
    failure = model.failure;
  }
  if (failure === null) server.node.keyspace.arena.verify();
  return {
    seed,
    hash: world.hash.text,
    commands: clients.reduce((sum, client) => sum + client.commandCount, 0),
    repliesChecked: model.repliesChecked,
    events: world.eventCount,
    virtualMs: Math.floor(world.nowUs / 1000),
    connections,
    keys: server.node.databases.reduce((sum, db) => sum + db.size, 0),
    failure,
  };
}
