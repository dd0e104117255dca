// Runs some scripts, and sorts some lists, before the first client asks for it. JavaScript engines run
// new code slowly. Between EVAL and the reply of a script lies a lot of code, and SORT of a long list is
// a single command: a server's first would take ten times as long as later ones, and everybody would
// wait. So some time after the start, in pieces with rests between them, samples are sent to a node of
// their own, which is then thrown away. The node that serves, its data and its interpreters see nothing
// of it.
import { Config } from "../core/config/config.ts";
import type { Host, ProcessFacts } from "../core/node/host.ts";
import { Node } from "../core/node/node.ts";
import { openLibraries } from "../core/script/lib/open.ts";
import { Runtime } from "../core/script/lua/runtime.ts";
import { monotonicUs } from "../net/clock.ts";

/** A program that only starts and ends needs nothing warm. */
const START_AFTER_MS = 1000;
const REST_MS = 15;
/** Samples of all kinds together, after the small ones. */
const ROUNDS = 100;
/** Lists of these lengths are sorted; the longest is a chain of nodes, some of them dense. */
const SORTED_LENGTHS: readonly number[] = [20, 100, 500, 2000, 8000];
const SORTED_TIMES = 12;
/** Up to this length also as texts, which takes longer. */
const COMPARED_LENGTH_MAX = 500;
const PUSHED_AT_ONCE = 500;
const CONNECTION = 1;
const SEED_BYTES = 32;

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

/** Begins in a while; the process may end before. */
export function startWarmUp(): void {
  const pieces = warmUp(nowhere);
  const goOn = (): void => {
    if (!pieces.next().done) setTimeout(goOn, REST_MS).unref();
  };
  setTimeout(goOn, START_AFTER_MS).unref();
}

/** Comes back after every piece of the work. */
export function* warmUp(host: Host): Generator<void, void> {
  const node = new Node(host, new Config({ directory: "/" }), new Uint8Array(SEED_BYTES));
  node.setTime(Date.now(), monotonicUs());
  node.onConnected(CONNECTION, PEER);
  yield* runScripts(node);
  yield* sortLists(node);
}

/** What a first script needs, one by one. */
function* runScripts(node: Node): Generator<void, void> {
  yield;
  const runtime = new Runtime();
  openLibraries(runtime);
  yield;
  runtime.load(SAMPLES[0], "@user_script");
  yield;
  request(node, "PING");
  yield;
  request(node, "SCRIPT", "LOAD", SAMPLES[0]);
  for (let n = 0; n < SAMPLES.length + ROUNDS; n++) {
    yield;
    request(node, "EVAL", sample(n), "1", "key", "17");
  }
}

/** Shorter lists come first: while the code is new, a long one takes long. */
function* sortLists(node: Node): Generator<void, void> {
  let count = 0;
  for (const length of SORTED_LENGTHS) {
    while (count < length) {
      const pushed = Math.min(PUSHED_AT_ONCE, length - count);
      yield;
      request(node, "RPUSH", "list", ...Array.from({ length: pushed }, () => scattered(count++)));
    }
    for (let n = 0; n < SORTED_TIMES; n++) {
      const alpha = length <= COMPARED_LENGTH_MAX && n % 4 === 0 ? ["ALPHA"] : [];
      const limit = n % 4 === 1 ? [] : ["LIMIT", "0", "10"];
      yield;
      request(node, "SORT", "list", ...limit, ...alpha);
    }
  }
}

/** The nth of some numbers without order. */
function scattered(n: number): string {
  return String(Math.imul(n, 0x9e3779b1) >>> 12);
}

function request(node: Node, ...args: readonly string[]): void {
  const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  const bytes = Buffer.from(`*${args.length}\r\n${bulks.join("")}`);
  node.setTime(Date.now(), monotonicUs());
  node.onReceived(CONNECTION, bytes, 0, bytes.length);
}

/** No text twice: the engine knows a text again. */
function sample(n: number): string {
  if (n < SAMPLES.length) return SAMPLES[n];
  const functions = SAMPLES.map((text, i) => `local function f${i}() local n = ${n} ${text} end`);
  return `${functions.join("\n")}\nf8() return f2()`;
}

const PEER = {
  address: "127.0.0.1:1",
  localAddress: "127.0.0.1:1",
  unixSocket: false,
  loopback: true,
  descriptor: 0,
};

/** The world of a node that nobody hears. */
export const nowhere: Host = {
  send: () => 0,
  close: () => {},
  pauseReading: () => {},
  log: () => {},
  readFile: () => {},
  writeFile: () => {},
  configChanged: () => null,
  exit: () => {},
  monotonicUs,
  sleep: () => {},
  heapIsShort: () => false,
  processFacts: () => NO_FACTS,
};

const NO_FACTS: ProcessFacts = {
  pid: 0,
  executable: "",
  configFile: "",
  osName: "",
  archBits: 64,
  residentBytes: 0,
  systemMemoryBytes: 0,
  cpuUserSeconds: 0,
  cpuSystemSeconds: 0,
  runtime: "",
};
