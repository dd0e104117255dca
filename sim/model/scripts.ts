// The model of scripts: it knows the templates that the workload sends, and what each of them does
// with the commands of the model.
import { SCRIPT_TEMPLATES, type TemplateName } from "../workload/scripts.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { bulk, integer } from "./replies.ts";
import type { Session } from "./session.ts";

/** What a script's command answered with. */
type Result = { readonly value: string | bigint | null } | { readonly error: string };
type Call = (...words: string[]) => Result;
/** The reply of a template, or the error that its redis.call raised. */
type Template = (call: Call, keys: string[], args: string[]) => string;

/** An error that ends the script. */
class Raised {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Numbers are doubles in Lua, and are cut to integers on their way out. */
function throughDouble(value: bigint): bigint {
  const double = BigInt(Number(value));
  return double > 2n ** 63n - 1n ? -(2n ** 63n) : double;
}

function must(result: Result): string | bigint | null {
  if ("error" in result) throw new Raised(result.error);
  return result.value;
}

const templates: Record<TemplateName, Template> = {
  setGet: (call, [key], [arg]) => {
    must(call("SET", key, arg));
    return bulk(String(must(call("GET", key))));
  },
  limit: (call, [key], [ms]) => {
    const count = must(call("INCR", key)) as bigint;
    if (count === 1n) must(call("PEXPIRE", key, ms));
    return integer(throughDouble(count));
  },
  compareAndDelete: (call, [key], [arg]) =>
    must(call("GET", key)) === arg ? integer(must(call("DEL", key)) as bigint) : integer(0),
  echo: (_call, [key], [arg]) => `*5\r\n${bulk(key)}${bulk(arg)}:1\r\n:1\r\n:1\r\n`,
  caught: (call, [key]) => {
    const result = call("INCR", key);
    return bulk("error" in result ? `caught ${result.error}` : "fine");
  },
  copy: (call, keys) => {
    for (const key of keys.slice(1)) {
      must(call("SET", key, (must(call("GET", keys[0])) as string | null) ?? "none"));
    }
    return integer(keys.length);
  },
  sum: (_call, _keys, [arg]) => integer((Number(arg) * (Number(arg) + 1)) / 2),
};

/** Which templates are cached, by the model that runs. */
const caches: WeakMap<Model, Set<string>> = new WeakMap();

function cacheOf(model: Model): Set<string> {
  const cache = caches.get(model) ?? new Set();
  caches.set(model, cache);
  return cache;
}

/** A command that a script calls: scripts speak protocol 2. */
function callOf(model: Model, session: Session): Call {
  // Messages that its client gets meanwhile are in the client's own protocol.
  const inScript: Session = Object.create(session, { resp: { value: 2 } });
  return (...words) => {
    const reply = model.runQueued(inScript, words) as string;
    const line = reply.slice(1, reply.indexOf("\r\n"));
    if (reply[0] === "-") return { error: line };
    if (reply[0] === ":") return { value: BigInt(line) };
    if (reply[0] === "+") return { value: line };
    return { value: line === "-1" ? null : reply.slice(line.length + 3, -2) };
  };
}

function evaluate(model: Model, session: Session, words: string[], sha: string): string {
  const keyCount = Number(words[2]);
  const name = Object.entries(SCRIPT_TEMPLATES).find(([, template]) => template.sha === sha)![0];
  const keys = words.slice(3, 3 + keyCount);
  const args = words.slice(3 + keyCount);
  try {
    return templates[name as TemplateName](callOf(model, session), keys, args);
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    return `-${error.text} script: ${sha}, on @user_script:1.\r\n`;
  }
}

const NOSUCH_SHA = "7ae0187b9ac91447963709e3bfd83c5935fec648";

const evalText: ModelCommand = (model, session, words) => {
  const [, text, keyCount] = words;
  if (Number(keyCount) > words.length - 3) {
    return "-ERR Number of keys can't be greater than number of args\r\n";
  }
  const template = Object.values(SCRIPT_TEMPLATES).find((one) => one.text === text);
  if (template === undefined) {
    return `-ERR Unknown Redis command called from script script: ${NOSUCH_SHA}, on @user_script:1.\r\n`;
  }
  cacheOf(model).add(template.sha);
  return evaluate(model, session, words, template.sha);
};

const evalDigest: ModelCommand = (model, session, words) => {
  if (!cacheOf(model).has(words[1])) return "-NOSCRIPT No matching script. Please use EVAL.\r\n";
  return evaluate(model, session, words, words[1]);
};

const load: ModelCommand = (model, _session, [, , word]) => {
  const template = Object.values(SCRIPT_TEMPLATES).find((one) => one.text === word)!;
  cacheOf(model).add(template.sha);
  return bulk(template.sha);
};

const exists: ModelCommand = (model, _session, [, , word]) =>
  `*1\r\n:${cacheOf(model).has(word) ? 1 : 0}\r\n`;

const kill: ModelCommand = () => "-NOTBUSY No scripts in execution right now.\r\n";

const flush: ModelCommand = (model) => {
  cacheOf(model).clear();
  return "+OK\r\n";
};

export const scriptModel: ModelFamily = [
  ["eval", -3, evalText],
  ["evalsha", -3, evalDigest],
  ["script|load", 3, load],
  ["script|exists", -3, exists],
  ["script|kill", 2, kill],
  ["script|flush", -2, flush],
];
