// Compiles some Lua before the first client asks for it. JavaScript engines run new code slowly, and
// the compiler of scripts is a lot of code: a server's first script would take ten times as long as
// later ones, and everybody would wait. So some time after the start, in pieces with rests between
// them, samples are compiled in an interpreter of their own, which is then thrown away. The node's
// own interpreters, which the replies depend on, see nothing of it.
import { openLibraries } from "../core/script/lib/open.ts";
import { Runtime } from "../core/script/lua/runtime.ts";

/** A program that only starts and ends needs no warm compiler. */
const START_AFTER_MS = 1000;
const REST_MS = 15;
/** Samples of all kinds together, after the small ones. */
const ROUNDS = 100;

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
export function warmUpScripts(): void {
  setTimeout(() => new WarmUp().goOn(), START_AFTER_MS).unref();
}

class WarmUp {
  readonly #runtime: Runtime = new Runtime();
  #piece = -1;

  readonly goOn = (): void => {
    if (this.#piece < 0) openLibraries(this.#runtime);
    else this.#runtime.load(this.#sample(), "@user_script");
    this.#piece++;
    if (this.#piece < SAMPLES.length + ROUNDS) setTimeout(this.goOn, REST_MS).unref();
  };

  /** No text twice: the engine knows a text again. */
  #sample(): string {
    if (this.#piece < SAMPLES.length) return SAMPLES[this.#piece];
    const blocks = SAMPLES.map(
      (sample, i) => `do local n${i} = ${this.#piece} ${inBlock(sample)} end`,
    );
    return blocks.join("\n");
  }
}

function inBlock(sample: string): string {
  return `local function f() ${sample} end`;
}
