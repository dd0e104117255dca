// `npm run fuzz -- NAME [--seed TEXT] [--runs N]`: runs a fuzzer until its runs are used up or it
// finds something; prints what to run to see it again.
import { fuzzDifferential } from "./differential.ts";
import { fuzzLua } from "./lua.ts";
import { fuzzLuaModes } from "./lua-modes.ts";
import { fuzzParser } from "./parser.ts";
import { fuzzRestore } from "./restore.ts";

const FUZZERS: Readonly<Record<string, (seed: string, runs: number) => void | Promise<void>>> = {
  parser: fuzzParser,
  differential: fuzzDifferential,
  restore: fuzzRestore,
  lua: fuzzLua,
  "lua-modes": fuzzLuaModes,
};

const [name, ...rest] = process.argv.slice(2);
const option = (flag: string, fallback: string): string => {
  const at = rest.indexOf(flag);
  return at === -1 ? fallback : (rest[at + 1] ?? fallback);
};
const fuzzer = FUZZERS[name ?? ""];
if (fuzzer === undefined) {
  console.error(`fuzz: give one of ${Object.keys(FUZZERS).join(", ")}`);
  process.exit(2);
}
const seed = option("--seed", "1");
const runs = Number(option("--runs", option("--count", "100000")));
const began = performance.now();
try {
  await fuzzer(seed, runs);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
  console.error(`again: npm run fuzz -- ${name} --seed ${seed} --runs ${runs}`);
  process.exit(1);
}
const seconds = (performance.now() - began) / 1000;
console.log(`${name}: ${runs} runs without a finding, ${Math.round(runs / seconds)} per second`);
