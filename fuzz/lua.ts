// Random Lua programs, run with EVAL by redis-server and by Seedis: the raw replies must be the same. A
// difference is shrunk to the least program that shows it. Every tenth program is damaged and only
// compiled, for the texts of the compiler's errors.
import { Random } from "../sim/random.ts";
import type { Words } from "./differential-commands.ts";
import { FuzzedServer, replyEnds } from "./differential-servers.ts";
import { damagedProgram, luaProgram, programText } from "./lua-generator.ts";
import { sizeOf, smaller, type Tree } from "./lua-tree.ts";

const BATCH_PROGRAMS = 200;
const DAMAGED_PERCENT = 10;
const SHRINK_BATCH = 40;
const SHOWN_CHARACTERS_MAX = 2000;

/** Compiles its argument and answers with what is wrong with it. */
const COMPILE = "local f, e = loadstring(ARGV[1], '@fuzz') return e or 'ok'";
/** Before every program: the keys it may use are gone, and what earlier ones did to libraries is. */
const CLEAR: readonly Words[] = [["DEL", "k0", "k1", "k2"]];

interface Program {
  readonly words: Words;
  /** Null for a damaged one. */
  readonly body: Tree | null;
}

/** Draws `runs` programs from the seed; throws with the least program of the first difference. */
export async function fuzzLua(seed: string, runs: number): Promise<void> {
  const servers: FuzzedServer[] = [];
  try {
    servers.push(await FuzzedServer.startReference(), await FuzzedServer.startSeedis());
    const pair = new Pair(servers[0], servers[1]);
    for (let from = 0; from < runs; from += BATCH_PROGRAMS) {
      const count = Math.min(BATCH_PROGRAMS, runs - from);
      const programs = Array.from({ length: count }, (_, i) => drawProgram(seed, from + i));
      const index = await pair.firstDifference(programs.map(({ words }) => words));
      if (index === -1) continue;
      const least = await leastProgram(pair, programs[index]);
      throw new Error(`program ${from + index} of seed ${seed}:\n${await pair.describe(least)}`);
    }
  } finally {
    for (const server of servers) server.stop();
  }
}

export function drawProgram(seed: string, index: number): Program {
  const random = new Random(`lua ${seed} ${index}`);
  if (random.chance(DAMAGED_PERCENT)) {
    return { words: ["EVAL", COMPILE, "0", damagedProgram(random)], body: null };
  }
  const body = luaProgram(random);
  return { words: evalOf(body), body };
}

function evalOf(body: Tree): Words {
  return ["EVAL", programText(body), "0"];
}

async function leastProgram(pair: Pair, found: Program): Promise<Words> {
  if (found.body === null) return leastText(pair, found.words);
  let least = found.body;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidates of batches(smaller(least), SHRINK_BATCH)) {
      const shorter = candidates.filter((candidate) => sizeOf(candidate) < sizeOf(least));
      const index = await pair.firstDifference(shorter.map(evalOf));
      if (index === -1) continue;
      least = shorter[index];
      isSmaller = true;
      break;
    }
  }
  return evalOf(least);
}

/** A damaged program with fewer and fewer characters. */
async function leastText(pair: Pair, words: Words): Promise<Words> {
  const [name, script, count, text] = words;
  let least = text;
  for (let size = least.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < least.length; ) {
      const shorter = least.slice(0, at) + least.slice(at + size);
      if ((await pair.firstDifference([[name, script, count, shorter]])) === -1) at += size;
      else least = shorter;
    }
  }
  return [name, script, count, least];
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

class Pair {
  readonly #reference: FuzzedServer;
  readonly #seedis: FuzzedServer;

  constructor(reference: FuzzedServer, seedis: FuzzedServer) {
    this.#reference = reference;
    this.#seedis = seedis;
  }

  /** Index of the first command that is answered differently, -1 when none is. */
  async firstDifference(commands: readonly Words[]): Promise<number> {
    const [expected, given] = await this.#replies(commands);
    return expected.findIndex((reply, i) => !isSame(reply, given[i]));
  }

  /** The program, and what both answered. */
  async describe(words: Words): Promise<string> {
    const [[expected], [given]] = await this.#replies([words]);
    const shown = (reply: string): string => JSON.stringify(reply.slice(0, SHOWN_CHARACTERS_MAX));
    const [, script, , argument] = words;
    // Its first line is the same for all.
    const text =
      argument === undefined ? script.replace(/^.*\n/, "") : `-- to compile:\n${argument}`;
    return [text, "----", `redis:  ${shown(expected)}`, `seedis: ${shown(given)}`].join("\n");
  }

  /** The replies of both. */
  async #replies(commands: readonly Words[]): Promise<[string[], string[]]> {
    const all = [["SCRIPT", "FLUSH", "SYNC"], ...commands.flatMap((words) => [...CLEAR, words])];
    const [expected, given] = await Promise.all([this.#reference.run(all), this.#seedis.run(all)]);
    return [programReplies(expected), programReplies(given)];
  }
}

/** Every second reply behind that of SCRIPT FLUSH. */
function programReplies(bytes: Buffer): string[] {
  const ends = replyEnds(bytes);
  const replies: string[] = [];
  for (let i = 1 + CLEAR.length; i < ends.length; i += 1 + CLEAR.length) {
    replies.push(bytes.toString("latin1", ends[i - 1], ends[i]));
  }
  return replies;
}

/** The sign of what is no number is free: JavaScript does not show it. */
export function isSame(expected: string, given: string): boolean {
  if (expected === given) return true;
  // Debian builds Redis 7.0 without the check for [[ inside of [[.
  if (given.includes("nesting of [[...]] is deprecated")) return true;
  return /nan/.test(expected) && withoutSign(expected) === withoutSign(given);
}

function withoutSign(reply: string): string {
  return reply.replace(/^\$\d+\r\n/, "$").replaceAll("-nan", "nan");
}
