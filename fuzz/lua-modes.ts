// Random Lua programs, run without a server on both bodies of their functions: the fast ones, and those
// that can be suspended, in small steps. What they compute must be the same.
import { Random } from "../sim/random.ts";
import { runFast, runInSteps, TOO_DEEP } from "../test/support/lua-modes.ts";
import { luaProgram, scriptOf } from "./lua-generator.ts";
import { sizeOf, smaller, type Tree } from "./lua-tree.ts";

const FUEL_MAX = 40;

/** Draws `runs` programs from the seed; throws with the least program of the first difference. */
export function fuzzLuaModes(seed: string, runs: number): void {
  for (let i = 0; i < runs; i++) {
    const random = new Random(`lua-modes ${seed} ${i}`);
    const fuel = random.between(1, FUEL_MAX);
    const program = luaProgram(random);
    if (differenceOf(program, fuel) === "") continue;
    const least = leastTree(program, fuel);
    const text = sourceOf(least);
    throw new Error(`program ${i} of seed ${seed}:\n${text}\n----\n${differenceOf(least, fuel)}`);
  }
}

/** Prints what a script would answer with. There is no `redis`, so its calls fail alike. */
function sourceOf(program: Tree): string {
  const script = scriptOf([program]).replace(/return results$/, "print(table.concat(results))");
  return `local ARGV = {} ${script}`;
}

function differenceOf(program: Tree, fuel: number): string {
  const source = sourceOf(program);
  const fast = runFast(source);
  if (fast === TOO_DEEP) return "";
  const slow = runInSteps(source, fuel);
  if (fast.printed === slow.printed && fast.ended === slow.ended) return "";
  return `fast:      ${JSON.stringify(fast)}\nsuspended: ${JSON.stringify(slow)}, fuel ${fuel}`;
}

function leastTree(program: Tree, fuel: number): Tree {
  let least = program;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(least)) {
      if (sizeOf(candidate) >= sizeOf(least) || differenceOf(candidate, fuel) === "") continue;
      least = candidate;
      isSmaller = true;
      break;
    }
  }
  return least;
}
