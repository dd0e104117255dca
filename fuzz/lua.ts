// Random Lua programs, run with EVAL by redis-server and by Seedis: the raw replies must be the same. A
// difference is shrunk to the least program that shows it. Every tenth program is damaged and only
// compiled, for the texts of the compiler's errors.
import { Random } from "../sim/random.ts";
import type { Words } from "./differential-commands.ts";
import { FuzzedServer, replyEnds } from "./differential-servers.ts";
import { damagedProgram, luaProgram, programText, scriptOf } from "./lua-generator.ts";
import { sizeOf, smaller, type Tree } from "./lua-tree.ts";

/** Programs that run in one EVAL: most of what a script costs is the same for one and for many. */
const GROUP_PROGRAMS = 10;
const BATCH_GROUPS = 20;
const DAMAGED_PERCENT = 10;
const SHRINK_BATCH = 40;
const SHOWN_CHARACTERS_MAX = 2000;

/** A whole program, or the text of a damaged one. */
export type Program = Tree | string;

/** Draws `runs` programs from the seed; throws with the least program of the first difference. */
export async function fuzzLua(seed: string, runs: number): Promise<void> {
  const servers: FuzzedServer[] = [];
  try {
    servers.push(await FuzzedServer.startReference(), await FuzzedServer.startSeedis());
    const pair = new Pair(servers[0], servers[1]);
    const batch = BATCH_GROUPS * GROUP_PROGRAMS;
    let next = drawGroups(seed, 0, Math.min(batch, runs));
    for (let from = 0; from < runs; from += batch) {
      const groups = next;
      const running = pair.firstDifference(groups);
      // The next ones are drawn while the servers work.
      next = drawGroups(seed, from + batch, Math.min(from + 2 * batch, runs));
      const index = await running;
      if (index === -1) continue;
      const least = await leastGroup(pair, groups[index]);
      const place = from + index * GROUP_PROGRAMS;
      throw new Error(`at program ${place} of seed ${seed}:\n${await pair.describe(least)}`);
    }
  } finally {
    for (const server of servers) server.stop();
  }
}

function drawGroups(seed: string, from: number, to: number): Program[][] {
  const programs: Program[] = [];
  for (let i = from; i < to; i++) programs.push(drawProgram(seed, i));
  return [...batches(programs, GROUP_PROGRAMS)];
}

export function drawProgram(seed: string, index: number): Program {
  const random = new Random(`lua ${seed} ${index}`);
  return random.chance(DAMAGED_PERCENT) ? damagedProgram(random) : luaProgram(random);
}

/** The command that runs programs. */
export function evalOf(programs: readonly Program[]): Words {
  const whole = programs.filter((program) => typeof program !== "string");
  const damaged = programs.filter((program) => typeof program === "string");
  return ["EVAL", scriptOf(whole), "0", ...damaged];
}

/** The one program of a group that differs, as small as can be; the group when none differs alone. */
async function leastGroup(pair: Pair, group: readonly Program[]): Promise<readonly Program[]> {
  const index = await pair.firstDifference(group.map((program) => [program]));
  if (index === -1) return group;
  const program = group[index];
  return [
    typeof program === "string" ? await leastText(pair, program) : await leastTree(pair, program),
  ];
}

async function leastTree(pair: Pair, program: Tree): Promise<Tree> {
  let least = program;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidates of batches(smaller(least), SHRINK_BATCH)) {
      const shorter = candidates.filter((candidate) => sizeOf(candidate) < sizeOf(least));
      const index = await pair.firstDifference(shorter.map((candidate) => [candidate]));
      if (index === -1) continue;
      least = shorter[index];
      isSmaller = true;
      break;
    }
  }
  return least;
}

/** A damaged program with fewer and fewer characters. */
async function leastText(pair: Pair, text: string): Promise<string> {
  let least = text;
  for (let size = least.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < least.length; ) {
      const shorter = least.slice(0, at) + least.slice(at + size);
      if ((await pair.firstDifference([[shorter]])) === -1) at += size;
      else least = shorter;
    }
  }
  return least;
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

  /** Index of the first group that is answered differently, -1 when none is. */
  async firstDifference(groups: readonly (readonly Program[])[]): Promise<number> {
    const [expected, given] = await this.#replies(groups.map(evalOf));
    return expected.findIndex((reply, i) => !isSame(reply, given[i]));
  }

  /** The programs, and what both answered. */
  async describe(programs: readonly Program[]): Promise<string> {
    const [[expected], [given]] = await this.#replies([evalOf(programs)]);
    const shown = (reply: string): string => JSON.stringify(reply.slice(0, SHOWN_CHARACTERS_MAX));
    const texts = programs.map((program) =>
      typeof program === "string" ? `-- to compile:\n${program}` : programText(program),
    );
    return [...texts, "----", `redis:  ${shown(expected)}`, `seedis: ${shown(given)}`].join("\n");
  }

  /** The replies of both. What earlier programs left in the interpreter is gone. */
  async #replies(commands: readonly Words[]): Promise<[string[], string[]]> {
    const all = [["SCRIPT", "FLUSH", "SYNC"], ...commands];
    const [expected, given] = await Promise.all([this.#reference.run(all), this.#seedis.run(all)]);
    return [replies(expected).slice(1), replies(given).slice(1)];
  }
}

function replies(bytes: Buffer): string[] {
  const ends = replyEnds(bytes);
  return ends.map((end, i) => bytes.toString("latin1", ends[i - 1] ?? 0, end));
}

/** The sign of what is no number is free: JavaScript does not show it. */
export function isSame(expected: string, given: string): boolean {
  if (expected === given) return true;
  // Debian builds Redis 7.0 without the check for [[ inside of [[.
  if (given.includes("nesting of [[...]] is deprecated")) return true;
  return /nan/i.test(expected) && withoutSign(expected) === withoutSign(given);
}

function withoutSign(reply: string): string {
  return reply.replace(/\$\d+\r\n/g, "$").replace(/-(?=nan)/gi, "");
}
