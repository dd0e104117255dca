// `npm run sim`: runs seeds and prints their fingerprints.
//
//   --seed TEXT        one run, with a summary (default: seed 1)
//   --seeds N          N runs, seeds FROM … FROM+N-1; stops at the first failure
//   --from N           first of them (default 1)
//   --commands N       commands per run instead of what the seed draws
//   --only NAMES       sends only commands of these families, "strings,generic"; `--only list` names them
//   --bug NAME         plants a bug, to see it found; `--bug list` names them
//   --score N          tries every bug on up to N seeds and prints after how many it was found
//   --quiet            one line for all seeds
//   --all              goes on after a failure, and prints every one
//   --threads N        threads for many seeds (default: as many as there are cores)
//   --tally            counts the replies by command, and how many were errors or nothing
import { availableParallelism } from "node:os";
import { isMainThread } from "node:worker_threads";
import { useTextCodec } from "../core/util/text-codec.ts";
import { bugs } from "../sim/bugs.ts";
import { Tally } from "../sim/model/tally.ts";
import { type RunResult, runSeed } from "../sim/run.ts";
import { familyNames } from "../sim/workload/workload.ts";
import { nativeTextCodec } from "./native-text.ts";
import { optionsOf, runOnThreads, type SeedTask, serveSeeds } from "./sim-pool.ts";

interface Arguments {
  seed: string;
  seeds: number;
  from: number;
  commands: number;
  bug: string;
  only: readonly string[];
  score: number;
  threads: number;
  quiet: boolean;
  all: boolean;
  tally: boolean;
}

type Count = "seeds" | "from" | "commands" | "score" | "threads";
const COUNTS: ReadonlySet<string> = new Set(["seeds", "from", "commands", "score", "threads"]);

function parseArguments(argv: readonly string[]): Arguments {
  const args: Arguments = {
    seed: "1",
    seeds: 0,
    from: 1,
    commands: 0,
    bug: "",
    only: [],
    score: 0,
    threads: availableParallelism(),
    quiet: false,
    all: false,
    tally: false,
  };
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, "");
    if (name === "quiet" || name === "all" || name === "tally") args[name] = true;
    else if (name === "seed" || name === "bug") args[name] = argv[++i] ?? "";
    else if (name === "only") args.only = (argv[++i] ?? "").split(",");
    else if (COUNTS.has(name)) {
      args[name as Count] = Number(argv[++i]);
      if (!Number.isInteger(args[name as Count])) fail(`--${name} takes a whole number`);
    } else fail(`unknown option ${argv[i]}`);
  }
  return args;
}

function fail(message: string): never {
  console.error(`sim: ${message}`);
  process.exit(2);
}

function describe(result: RunResult, seconds: number): string {
  const rate = Math.round(result.commands / seconds);
  return [
    `seed ${result.seed}`,
    `hash ${result.hash}`,
    `${result.commands} commands over ${result.connections} connections`,
    `${result.repliesChecked} replies checked`,
    `${result.events} events in ${(result.virtualMs / 1000).toFixed(1)} virtual seconds`,
    `${result.keys} keys at the end`,
    `${rate} commands/s`,
  ].join("\n");
}

function replay(args: Arguments, seed: string): string {
  const bug = args.bug === "" ? "" : ` --bug ${args.bug}`;
  const commands = args.commands > 0 ? ` --commands ${args.commands}` : "";
  const only = args.only.length > 0 ? ` --only ${args.only.join(",")}` : "";
  return `npm run sim -- --seed ${seed}${commands}${only}${bug}`;
}

function taskOf(args: Arguments): SeedTask {
  if (args.bug !== "" && !(args.bug in bugs)) {
    fail(`no such bug; there are ${Object.keys(bugs).join(", ")}`);
  }
  for (const name of args.only) {
    if (!familyNames.includes(name)) fail(`no such family; there are ${familyNames.join(", ")}`);
  }
  return { commandCount: args.commands, bug: args.bug, only: args.only };
}

function runOne(args: Arguments): boolean {
  const tally = args.tally ? new Tally() : null;
  const began = performance.now();
  const result = runSeed(args.seed, {
    ...optionsOf(taskOf(args)),
    ...(tally === null ? {} : { tally }),
  });
  console.log(describe(result, (performance.now() - began) / 1000));
  for (const line of tally?.lines() ?? []) console.log(line);
  if (result.failure !== null) console.log(`FAILED: ${result.failure}`);
  return result.failure === null;
}

async function runMany(args: Arguments): Promise<boolean> {
  const began = performance.now();
  let commands = 0;
  let failures = 0;
  let all = "";
  const take = (seed: number, result: RunResult): boolean => {
    commands += result.commands;
    if (!args.quiet) console.log(`${seed} ${result.hash} ${result.commands}`);
    all = combine(all, result.hash);
    if (result.failure === null) return true;
    console.log(`seed ${seed} FAILED: ${result.failure}\nreplay: ${replay(args, String(seed))}`);
    failures++;
    return args.all;
  };
  const tally = args.tally ? new Tally() : null;
  const task = taskOf(args);
  // A tally is one object.
  if (args.threads > 1 && tally === null) {
    await runOnThreads(new URL(import.meta.url), args.threads, task, args.from, args.seeds, take);
  } else {
    const options = { ...optionsOf(task), ...(tally === null ? {} : { tally }) };
    let seed = args.from;
    while (seed < args.from + args.seeds && take(seed, runSeed(String(seed), options))) seed++;
  }
  if (failures > 0 && !args.all) return false;
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${args.seeds} seeds, ${failures === 0 ? "all green" : `${failures} FAILED`}, ${commands} commands, ${Math.round(commands / seconds)} commands/s, combined hash ${all}`,
  );
  for (const line of tally?.lines() ?? []) console.log(line);
  return failures === 0;
}

function combine(all: string, hash: string): string {
  const mixed = (BigInt(`0x0${all}`) * 1099511628211n + BigInt(`0x${hash}`)) & (2n ** 64n - 1n);
  return mixed.toString(16).padStart(16, "0");
}

function score(args: Arguments): boolean {
  let found = 0;
  for (const [name, bug] of Object.entries(bugs)) {
    let seed = 1;
    while (seed <= args.score && runSeed(String(seed), { bug }).failure === null) seed++;
    if (seed <= args.score) found++;
    console.log(`${name}: ${seed <= args.score ? `found by seed ${seed}` : "NOT FOUND"}`);
  }
  const total = Object.keys(bugs).length;
  console.log(`${found} of ${total} planted bugs found`);
  return found === total;
}

async function main(): Promise<void> {
  const args = parseArguments(process.argv.slice(2));
  const green = args.score > 0 ? score(args) : args.seeds > 0 ? await runMany(args) : runOne(args);
  process.exitCode = green ? 0 : 1;
}

useTextCodec(nativeTextCodec);
if (isMainThread) await main();
else serveSeeds();
