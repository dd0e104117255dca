// Scripts as clients send them: a few templates, by text and by digest. The model knows what each does.
import type { Random } from "../random.ts";
import { key, type Maker, ttlMs, value } from "./words.ts";

export interface ScriptTemplate {
  readonly text: string;
  readonly sha: string;
  /** Number of keys, of arguments. */
  readonly keys: number;
  readonly argument: "none" | "value" | "time" | "count";
}

export type TemplateName =
  | "setGet"
  | "limit"
  | "compareAndDelete"
  | "echo"
  | "caught"
  | "copy"
  | "sum";

export const SCRIPT_TEMPLATES: Readonly<Record<TemplateName, ScriptTemplate>> = {
  setGet: {
    text: "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])",
    sha: "2b20e84ba26251fc86a627f03be6dd614b31bac8",
    keys: 1,
    argument: "value",
  },
  limit: {
    text: "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n",
    sha: "48c498783e0713464295b58efbb06f20970fe481",
    keys: 1,
    argument: "time",
  },
  compareAndDelete: {
    text: "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
    sha: "6fbe84d1140fd2047394924af9d845b83c070bec",
    keys: 1,
    argument: "value",
  },
  echo: {
    text: "return {KEYS[1], ARGV[1], #KEYS, #ARGV, ARGV[2] == nil}",
    sha: "43f0aa7a3515a1fb8fc90c8ed3bf398d1b974336",
    keys: 1,
    argument: "value",
  },
  caught: {
    text: "local r = redis.pcall('INCR', KEYS[1]) if type(r) == 'table' then return 'caught ' .. r.err end return 'fine'",
    sha: "e5e0faef76b014e965921462904f59711b8e4e43",
    keys: 1,
    argument: "none",
  },
  copy: {
    text: "for i = 2, #KEYS do redis.call('SET', KEYS[i], redis.call('GET', KEYS[1]) or 'none') end return #KEYS",
    sha: "f6efba1b4008089f6b2cde9fe2b8fdea76942d71",
    keys: 3,
    argument: "none",
  },
  sum: {
    text: "local sum = 0 for i = 1, ARGV[1] do sum = sum + i end return sum",
    sha: "f765b8d868285938114086f93eb454d2fa544251",
    keys: 0,
    argument: "count",
  },
};

function call(random: Random, keyCount: number, byDigest: boolean): string[] {
  const template: ScriptTemplate = random.pick(Object.values(SCRIPT_TEMPLATES));
  const words = [template.keys.toString()];
  for (let i = 0; i < template.keys; i++) words.push(key(random, keyCount));
  if (template.argument === "value") words.push(value(random));
  if (template.argument === "time") words.push(String(ttlMs(random)));
  if (template.argument === "count") words.push(String(random.below(2000)));
  return byDigest ? ["EVALSHA", template.sha, ...words] : ["EVAL", template.text, ...words];
}

export const scripts: readonly Maker[] = [
  (r, n) => call(r, n, false),
  (r, n) => call(r, n, false),
  (r, n) => call(r, n, true),
  (r, n) => call(r, n, true),
  (r) => ["SCRIPT", "LOAD", r.pick(Object.values(SCRIPT_TEMPLATES)).text],
  (r) => ["SCRIPT", "EXISTS", r.pick(Object.values(SCRIPT_TEMPLATES)).sha],
  (r) => ["SCRIPT", r.chance(20) ? "FLUSH" : "KILL"],
  () => ["EVAL", "return redis.call('NOSUCH')", "0"],
  () => ["EVAL", "return 1", "2", "a"],
];
