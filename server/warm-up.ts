// Makes the engine warm before it is needed. JavaScript engines run new code slowly, tens of times slower
// in the end, and compile what runs often while it runs: the first hundred thousand commands would have
// to share the processors with the compiler, the first script would take ten times as long as later ones,
// and so would the first SORT of a long list, a single command that everybody waits for. So some time
// after the start, in pieces with rests between them, and only while no client has anything to do, nodes
// of their own on hosts of their own do all this; then they are thrown away. The node that serves, its data
// and its interpreters see nothing of it.
//
// Two nodes, one after the other: compiled for what a single one has seen, code would hold its functions
// for the only ones, and be thrown away when the real node comes with its own.
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { Config } from "../core/config/config.ts";
import { Node } from "../core/node/node.ts";
import { READ_AHEAD } from "../core/node/pipeline.ts";
import { openLibraries } from "../core/script/lib/open.ts";
import { Runtime } from "../core/script/lua/runtime.ts";
import { monotonicUs } from "../net/clock.ts";
import { NodeHost } from "./node-host.ts";
import { commandReads, request } from "./warm-up-commands.ts";

/** A program that only starts and ends needs nothing warm. */
const START_AFTER_MS = 400;
/** Small pieces follow each other without a rest for this long. */
const WORK_US = 1000;
/** The rests are as long as the work before, and at least this long. */
const REST_MS_MIN = 2;
/** While clients have something to do, they come first, and warm up themselves what they use. */
const BUSY_REST_MS = 100;
const BUSY_COMMANDS_PER_MS = 5;
/** So many at once are no sign of more. */
const FEW_COMMANDS = 20;
/**
 * Cycles of the commands that are used most, shared by the nodes, before and after scripts and sorting:
 * after so many, all are compiled.
 */
const COMMAND_CYCLES = 2;
const LAST_COMMAND_CYCLES = 3;
/** Samples of all kinds together, after the small ones. */
const SCRIPT_ROUNDS = 100;
/** Lists of these lengths are sorted; the longest is a chain of nodes, some of them dense. */
const SORTED_LENGTHS: readonly number[] = [20, 100, 500, 2000, 8000];
const SORTED_TIMES = 12;
/** Up to this length also as texts, which takes longer. */
const COMPARED_LENGTH_MAX = 500;
const PUSHED_AT_ONCE = 500;
const NODES = 2;
const SEED_BYTES = 32;
/** The nodes that get warm have few keys. */
const FEW_KEYS_READ_AHEAD = { ...READ_AHEAD, keysMin: 500 };

/** Each is a little more than the one before, so that no piece takes long. */
const SAMPLES: readonly string[] = [
  "return 1",
  "local a, b = 1, 'x' return a + 1, b .. a",
  "local n = 0 for i = 1, 3 do n = n + i end while n > 0 do n = n - 1 end return n",
  "if KEYS[1] == ARGV[1] then return 1 elseif not KEYS[2] then return false else return nil end",
  "local t = {1, 2, x = 3, ['y'] = 4} t.z = t.x + #t t[#t + 1] = t.y return t",
  "local function f(a, ...) local b = {...} return a and b[1] or select('#', ...) end return f(1, 2)",
  "for i, v in ipairs(KEYS) do if v:find('^a') then break end end for k in pairs(ARGV) do local _ = k end",
  "local s = string.format('%s:%d', KEYS[1], tonumber(ARGV[1]) or 0) return s:sub(1, 3):upper()",
  `local v = redis.call('GET', KEYS[1]) if not v then redis.call('SET', KEYS[1], ARGV[1], 'PX', 100)
   return redis.status_reply('OK') end local ok, e = pcall(redis.call, 'INCR', KEYS[1]) return e`,
];

/** A node receives this. */
type Receive = (bytes: Uint8Array) => void;

/** Begins in a while; the process may end before. `commandCount` tells how many the real node has served. */
export function startWarmUp(commandCount: () => number): void {
  setTimeout(() => rehearse(commandCount), START_AFTER_MS).unref();
}

function rehearse(commandCount: () => number): void {
  let descriptor: number;
  try {
    descriptor = openSync(devNull, "w");
  } catch {
    // A place without devices: it has to do without.
    return;
  }
  const hosts: NodeHost[] = [];
  const finish = (): void => {
    for (const host of hosts) host.stop();
    closeSync(descriptor);
  };
  runAtLeisure(rehearsal(hosts, descriptor), commandCount, finish);
}

/** Making a node takes so long while its code is new that each is a piece by itself. */
function* rehearsal(hosts: NodeHost[], descriptor: number): Generator<void, void> {
  const nodes: Receive[] = [];
  for (let i = 0; i < NODES; i++) {
    const host = makeHost();
    hosts.push(host);
    yield;
    nodes.push(connect(host, descriptor));
    yield;
  }
  yield* warmUp(nodes);
}

function makeHost(): NodeHost {
  const config = new Config({ directory: "/" });
  const host = new NodeHost({ config, log: () => {}, exit: () => {}, executable: "" });
  host.drive(
    new Node(host, config, new Uint8Array(SEED_BYTES), { readAhead: FEW_KEYS_READ_AHEAD }),
  );
  return host;
}

/** Connects somebody who never ends his request, and somebody who does. */
function connect(host: NodeHost, descriptor: number): Receive {
  host.connectNobody(descriptor)(request(["GET", "key"]).subarray(0, 10));
  return host.connectNobody(descriptor);
}

/** Runs the pieces with rests between them, but none while `commandCount` grows fast. */
export function runAtLeisure(
  pieces: Iterator<void>,
  commandCount: () => number,
  finish: () => void,
): void {
  let seen = commandCount();
  let seenUs = monotonicUs();
  const goOn = (): void => {
    const startUs = monotonicUs();
    const count = commandCount();
    const few = FEW_COMMANDS + ((startUs - seenUs) / 1000) * BUSY_COMMANDS_PER_MS;
    const isBusy = count - seen > few;
    seen = count;
    seenUs = startUs;
    if (isBusy) {
      setTimeout(goOn, BUSY_REST_MS).unref();
      return;
    }
    let workUs = 0;
    while (workUs < WORK_US) {
      if (pieces.next().done) {
        finish();
        return;
      }
      workUs = monotonicUs() - startUs;
    }
    setTimeout(goOn, Math.max(workUs / 1000, REST_MS_MIN)).unref();
  };
  // Whether clients are busy shows only after a while.
  setTimeout(goOn, BUSY_REST_MS).unref();
}

/** Comes back after every piece of the work, which the nodes share. */
export function* warmUp(nodes: readonly Receive[]): Generator<void, void> {
  yield* sendCommands(nodes, COMMAND_CYCLES);
  yield* runScripts(nodes[0]);
  yield* sortLists(nodes[0]);
  // Commands inside of commands were new, and some of the code did not know of them.
  yield* sendCommands(nodes, LAST_COMMAND_CYCLES);
}

function* sendCommands(nodes: readonly Receive[], cycles: number): Generator<void, void> {
  for (const { cycle, bytes } of commandReads(cycles)) {
    nodes[cycle % nodes.length](bytes);
    yield;
  }
}

/** What a first script needs, one by one. */
function* runScripts(receive: Receive): Generator<void, void> {
  const runtime = new Runtime();
  openLibraries(runtime);
  yield;
  runtime.load(SAMPLES[0], "@user_script");
  yield;
  receive(request(["SCRIPT", "LOAD", SAMPLES[0]]));
  for (let n = 0; n < SAMPLES.length + SCRIPT_ROUNDS; n++) {
    yield;
    receive(request(["EVAL", sample(n), "1", "key", "17"]));
  }
}

/** Shorter lists come first: while the code is new, a long one takes long. */
function* sortLists(receive: Receive): Generator<void, void> {
  let count = 0;
  for (const length of SORTED_LENGTHS) {
    while (count < length) {
      const pushed = Math.min(PUSHED_AT_ONCE, length - count);
      const numbers = Array.from({ length: pushed }, () => scattered(count++));
      yield;
      receive(request(["RPUSH", "sorted", ...numbers]));
    }
    for (let n = 0; n < SORTED_TIMES; n++) {
      const alpha = length <= COMPARED_LENGTH_MAX && n % 4 === 0 ? ["ALPHA"] : [];
      const limit = n % 4 === 1 ? [] : ["LIMIT", "0", "10"];
      yield;
      receive(request(["SORT", "sorted", ...limit, ...alpha]));
    }
  }
}

/** The nth of some numbers without order. */
function scattered(n: number): string {
  return String(Math.imul(n, 0x9e3779b1) >>> 12);
}

/** No text twice: the engine knows a text again. */
function sample(n: number): string {
  if (n < SAMPLES.length) return SAMPLES[n];
  const functions = SAMPLES.map((text, i) => `local function f${i}() local n = ${n} ${text} end`);
  return `${functions.join("\n")}\nf8() return f2()`;
}
