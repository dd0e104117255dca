// Differential fuzzing: random commands over all types go to redis-server and to Seedis, and both
// must answer alike; from time to time all keys are compared, too. A difference is shrunk to the
// shortest list of commands that shows it.
//
// What is sent: differential-commands.ts. When replies count as equal: differential-compare.ts.
import { Random } from "../sim/random.ts";
import { parseReply } from "../test/support/resp-value.ts";
import { CommandSource, mayBlock, type Words } from "./differential-commands.ts";
import { Comparison } from "./differential-compare.ts";
import { FuzzedServer, replyEnds } from "./differential-servers.ts";

/** Commands between two emptyings of both servers. */
const EPISODE_COMMANDS = 3000;
const BATCH_COMMANDS = 500;
/** Of the episodes, the others speak RESP2. */
const RESP3_PERCENT = 40;
const SHOWN_COMMANDS_MAX = 60;
const SHOWN_CHARACTERS_MAX = 2000;

interface Difference {
  /** The commands up to and with the one that was answered differently. */
  readonly commands: readonly Words[];
  readonly expected: string;
  readonly given: string;
}

/** Sends about `runs` commands drawn from the seed; throws with a transcript of the first difference. */
export async function fuzzDifferential(seed: string, runs: number): Promise<void> {
  const servers: FuzzedServer[] = [];
  try {
    servers.push(await FuzzedServer.startReference(), await FuzzedServer.startSeedis());
    const pair = new Pair(servers[0], servers[1]);
    await pair.prepare();
    for (let episode = 0, count = 0; count < runs; episode++) {
      const random = new Random(`differential ${seed} ${episode}`);
      const commands: Words[] = [...PROLOGUE];
      if (random.chance(RESP3_PERCENT)) commands.push(["HELLO", "3"]);
      const source = new CommandSource(random, !pair.isOlder);
      while (commands.length < Math.min(EPISODE_COMMANDS, runs)) commands.push(...source.next());
      count += commands.length;
      const difference = await pair.play(commands);
      if (difference !== null) {
        const least = await shrink(pair, difference);
        throw new Error(`episode ${episode} of seed ${seed}:\n${transcript(least)}`);
      }
    }
  } finally {
    for (const server of servers) server.stop();
  }
}

/** What every episode begins with. */
const PROLOGUE: readonly Words[] = [["HELLO", "2"], ["UNWATCH"], ["SELECT", "0"], ["FLUSHALL"]];

class Pair {
  readonly #reference: FuzzedServer;
  readonly #seedis: FuzzedServer;
  /** Whether the reference is older than Redis 7.4. */
  isOlder = true;

  constructor(reference: FuzzedServer, seedis: FuzzedServer) {
    this.#reference = reference;
    this.#seedis = seedis;
  }

  /** Asks the reference for its version. */
  async prepare(): Promise<void> {
    const info = (await this.#reference.run([["INFO", "server"]])).toString("latin1");
    const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(info) ?? [];
    this.isOlder = Number(major) * 100 + Number(minor) < 704;
  }

  /** Plays the commands and then compares all keys. */
  async play(all: readonly Words[]): Promise<Difference | null> {
    const commands = withoutBlocking(all);
    for (let from = 0; from < commands.length; ) {
      let to = Math.min(from + BATCH_COMMANDS, commands.length);
      // A batch ends with its transactions.
      while (to < commands.length && isInTransaction(commands, to)) to++;
      const difference = await this.#batch(commands.slice(from, to));
      if (difference !== null) {
        const before = commands.slice(0, from);
        return { ...difference, commands: [...before, ...difference.commands] };
      }
      const stateDifference = await this.#compareKeys();
      if (stateDifference !== null) {
        const before = commands.slice(0, to);
        return { ...stateDifference, commands: [...before, ...stateDifference.commands] };
      }
      from = to;
    }
    return null;
  }

  /** Sends commands to both; `commands` of the difference are those of this batch. */
  async #batch(commands: readonly Words[]): Promise<Difference | null> {
    const [expected, given] = await Promise.all([
      this.#reference.run(commands),
      this.#seedis.run(commands),
    ]);
    if (expected.equals(given)) return null;
    const expectedEnds = replyEnds(expected);
    const givenEnds = replyEnds(given);
    const comparison = new Comparison(this.isOlder);
    for (let i = 0, from = 0, givenFrom = 0; i < commands.length; i++) {
      const a = expected.subarray(from, expectedEnds[i]);
      const b = given.subarray(givenFrom, givenEnds[i]);
      if (!comparison.next(commands[i], a, b)) {
        return {
          commands: commands.slice(0, i + 1),
          expected: a.toString("latin1"),
          given: b.toString("latin1"),
        };
      }
      from = expectedEnds[i];
      givenFrom = givenEnds[i];
    }
    return null;
  }

  /** Compares all keys of the databases used. */
  async #compareKeys(): Promise<Difference | null> {
    const client = (await this.#reference.run([["CLIENT", "INFO"]])).toString("latin1");
    const selected = /\bdb=(\d+)/.exec(client)![1];
    for (const db of ["1", "0"]) {
      const select: Words[] = [["SELECT", db]];
      const difference = await this.#batch([...select, ["KEYS", "*"], ["DBSIZE"]]);
      if (difference !== null) return difference;
      const keys = await this.#strings([...select, ["KEYS", "*"]]);
      const types = await this.#types([...select, ...keys.map((key) => ["TYPE", key])]);
      const questions = keys.flatMap((key, i) => [
        ...questionsAbout(key, types[i]),
        ...(this.isOlder ? [] : newerQuestions(key, types[i])),
      ]);
      const differing = await this.#batch([...select, ...questions]);
      if (differing !== null) {
        // One question is enough: the others did not differ.
        return {
          ...differing,
          commands: [...select, differing.commands[differing.commands.length - 1]],
        };
      }
    }
    return this.#batch([["SELECT", selected]]);
  }

  /** The strings of the last reply, sorted. */
  async #strings(commands: readonly Words[]): Promise<string[]> {
    const bytes = await this.#reference.run(commands);
    const ends = replyEnds(bytes);
    const { value } = parseReply(bytes.subarray(ends[commands.length - 2]));
    if (value === null || !("items" in value)) return [];
    return value.items.map((item) => ("text" in item ? item.text : "")).sort();
  }

  /** The words answered to all commands but the first. */
  async #types(commands: readonly Words[]): Promise<string[]> {
    const bytes = await this.#reference.run(commands);
    return bytes
      .toString("latin1")
      .split("\r\n")
      .slice(1)
      .map((line) => line.slice(1));
  }
}

const CONTENT: Readonly<Record<string, (key: string) => Words[]>> = {
  string: (key) => [["GET", key]],
  list: (key) => [["LRANGE", key, "0", "-1"]],
  hash: (key) => [["HGETALL", key]],
  set: (key) => [["SMEMBERS", key]],
  zset: (key) => [["ZRANGE", key, "0", "-1", "WITHSCORES"]],
  stream: (key) => [
    ["XRANGE", key, "-", "+"],
    ["XINFO", "STREAM", key],
    ["XINFO", "GROUPS", key],
    ["XPENDING", key, "g0"],
    ["XPENDING", key, "g1"],
  ],
};

function questionsAbout(key: string, type: string): Words[] {
  return [
    ["TYPE", key],
    ["OBJECT", "ENCODING", key],
    ["PEXPIRETIME", key],
    ...(CONTENT[type]?.(key) ?? []),
  ];
}

/** What only servers of the same version answer alike. */
function newerQuestions(key: string, type: string): Words[] {
  const questions: Words[] = [
    ["DUMP", key],
    ["DEBUG", "DIGEST-VALUE", key],
  ];
  if (type === "hash") questions.push(["HPEXPIRETIME", key, "FIELDS", "24", ...FIELDS]);
  if (type === "stream") questions.push(["XINFO", "STREAM", key, "FULL"]);
  return questions;
}

const FIELDS: readonly string[] = Array.from({ length: 24 }, (_, i) => `f${i}`);

/** Without commands that could wait: shrinking may take away the transaction around them. */
function withoutBlocking(commands: readonly Words[]): Words[] {
  let isQueuing = false;
  return commands.filter((words) => {
    const name = words[0]?.toUpperCase() ?? "";
    if (name === "MULTI") isQueuing = true;
    else if (name === "EXEC" || name === "DISCARD") isQueuing = false;
    return isQueuing || !mayBlock(words);
  });
}

function isInTransaction(commands: readonly Words[], end: number): boolean {
  for (let i = end - 1; i >= 0; i--) {
    const name = commands[i][0].toUpperCase();
    if (name === "MULTI") return true;
    if (name === "EXEC" || name === "DISCARD") return false;
  }
  return false;
}

/** Delta debugging: takes away larger, then smaller parts as long as there is a difference left. */
async function shrink(pair: Pair, found: Difference): Promise<Difference> {
  let least = found;
  for (let size = least.commands.length >> 1; size > 0; ) {
    let isShorter = false;
    for (let at = PROLOGUE.length; at < least.commands.length; ) {
      const shorter = [...least.commands.slice(0, at), ...least.commands.slice(at + size)];
      const difference = await pair.play(shorter);
      if (difference !== null && difference.commands.length < least.commands.length) {
        least = difference;
        isShorter = true;
      } else {
        at += size;
      }
    }
    if (!isShorter || size > least.commands.length) size >>= 1;
  }
  return least;
}

/** Commands, and what both answered to the last. */
function transcript({ commands, expected, given }: Difference): string {
  // What does not shrink depends on chance in one of the servers.
  const lines = commands
    .slice(PROLOGUE.length)
    .slice(-SHOWN_COMMANDS_MAX)
    .map((words) => words.map(quoted).join(" "));
  const shown = (reply: string): string => JSON.stringify(reply.slice(0, SHOWN_CHARACTERS_MAX));
  return [...lines, "----", `redis:  ${shown(expected)}`, `seedis: ${shown(given)}`].join("\n");
}

function quoted(word: string): string {
  return /^[!-~]+$/.test(word) && !word.includes('"') ? word : JSON.stringify(word);
}
