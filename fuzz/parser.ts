// Byte-level fuzzing of the request parser: valid pipelines, damaged at random, fed to one node whole
// and to another in random pieces. Both must answer with the same bytes and close at the same place,
// no input may throw, and when the connection is gone no memory of it may be left.
import { Random } from "../sim/random.ts";
import { SimulatedServer } from "../sim/server.ts";
import { World } from "../sim/world.ts";

const COMMANDS: readonly (readonly string[])[] = [
  ["PING"],
  ["ECHO", "hello"],
  ["SET", "k", "v"],
  ["SET", "k\r\n\0", "*2\r\n$4\r\n"],
  ["GET", "k"],
  ["MGET", "a", "b", "c", "k"],
  ["APPEND", "k", "0123456789".repeat(30)],
  ["nosuch", "x"],
  ["MULTI"],
  ["EXEC"],
];
const INLINE: readonly string[] = [
  "PING",
  "SET a 'b c'",
  'ECHO "\\x41\\n"',
  'GET "k',
  "",
  "  PING  ",
];
const SPECIAL: readonly number[] = [0, 10, 13, 32, 36, 42, 43, 45, 48, 49, 57, 255];

/** A pipeline of valid requests. */
function pipeline(random: Random): number[] {
  let text = "";
  for (let i = random.between(1, 8); i > 0; i--) {
    if (random.chance(15)) {
      text += random.pick(INLINE) + random.pick(["\r\n", "\n"]);
    } else {
      const words = random.pick(COMMANDS);
      text += `*${words.length}\r\n`;
      for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
    }
  }
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** Damages the bytes in a few places. */
function damage(random: Random, bytes: number[]): Uint8Array {
  for (let i = random.below(4); i > 0 && bytes.length > 0; i--) {
    const at = random.below(bytes.length);
    switch (random.below(5)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = random.pick(SPECIAL);
        break;
      case 2:
        bytes.splice(at, random.between(1, 10));
        break;
      case 3:
        bytes.splice(
          at,
          0,
          ...Array.from({ length: random.between(1, 10) }, () => random.pick(SPECIAL)),
        );
        break;
      default:
        bytes.length = at;
    }
  }
  return Uint8Array.from(bytes);
}

interface Outcome {
  readonly output: string;
  readonly closed: boolean;
}

/** Sends the bytes over one connection, cut as `cuts` says, and hangs up. */
function feed(server: SimulatedServer, bytes: Uint8Array, cuts: readonly number[]): Outcome {
  let output = "";
  let closed = false;
  const connection = server.connect(
    {
      received: (reply, start, end) => {
        for (let i = start; i < end; i++) output += String.fromCharCode(reply[i]);
        return 0;
      },
      closed: () => {
        closed = true;
      },
    },
    {
      address: "10.0.0.1:1",
      localAddress: "10.0.1.1:6379",
      unixSocket: false,
      loopback: true,
      descriptor: 8,
    },
  );
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    if (to > from) server.deliver(connection, bytes, from, to);
    from = to;
  }
  server.reset(connection);
  return { output, closed };
}

function newServer(seed: string): SimulatedServer {
  return new SimulatedServer(new World(seed), new Uint8Array(32), []);
}

/** Runs inputs from a seed; throws with the input on the first difference. */
export function fuzzParser(seed: string, runs: number): void {
  const random = new Random(`parser ${seed}`);
  const whole = newServer(seed);
  const pieces = newServer(seed);
  for (let run = 0; run < runs; run++) {
    const bytes = damage(random, pipeline(random));
    const cuts: number[] = [];
    for (let at = 0; at < bytes.length; at += 1 + random.below(random.pick([1, 3, 50])))
      cuts.push(at);
    const expected = feed(whole, bytes, []);
    const given = feed(pieces, bytes, cuts);
    if (expected.output !== given.output || expected.closed !== given.closed) {
      throw new Error(
        `run ${run} of seed ${seed}: ${JSON.stringify(String.fromCharCode(...bytes))}\nwhole:  ${JSON.stringify(expected)}\npieces: ${JSON.stringify(given)}`,
      );
    }
    if (whole.node.clients.count !== 0)
      throw new Error(`run ${run} of seed ${seed}: a client is left`);
  }
  whole.node.keyspace.arena.verify();
  pieces.node.keyspace.arena.verify();
}
