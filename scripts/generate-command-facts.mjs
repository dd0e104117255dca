// Writes core/commands/facts.ts and core/commands/doc-facts.ts from a folder of reference data:
//   node scripts/generate-command-facts.mjs DIR
// DIR holds command.json, command-sentinel-mode.json, commands-by-mode.json, command-docs.json and
// command-docs-sentinel.json: what COMMAND and COMMAND DOCS of Redis 7.4.1 say, as data. What those
// two replies do not show (flags hidden from clients, how some commands find their keys, the order
// of a few tips) stands below. Texts that are not facts are left out or written here.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const directory = process.argv[2];
if (directory === undefined) {
  process.stderr.write("usage: node scripts/generate-command-facts.mjs DIR\n");
  process.exit(2);
}
const target = join(dirname(fileURLToPath(import.meta.url)), "..", "core", "commands");
const read = (file) => JSON.parse(readFileSync(join(directory, file), "utf8"));

/** Flags that COMMAND keeps to itself. */
const HIDDEN_FLAGS = {
  may_replicate: ["eval", "evalsha", "fcall", "pfcount", "publish", "spublish"],
  protected: ["debug", "module|load", "module|loadex", "module|unload"],
  touches_arbitrary_keys: ["randomkey", "scan"],
};

/** Commands whose keys are found by code when their key specs cannot tell; getkeys.ts has the code. */
const KEY_FINDERS = {
  numkeys_at_1: ["lmpop", "sintercard", "zdiff", "zinter", "zintercard", "zmpop", "zunion"],
  numkeys_at_2: [
    "blmpop",
    "bzmpop",
    "eval",
    "eval_ro",
    "evalsha",
    "evalsha_ro",
    "fcall",
    "fcall_ro",
  ],
  destination_numkeys_at_2: ["zdiffstore", "zinterstore", "zunionstore"],
  bitfield: ["bitfield"],
  georadius: ["georadius", "georadiusbymember"],
  migrate: ["migrate"],
  set: ["set"],
  sort: ["sort"],
  sort_ro: ["sort_ro"],
  xread: ["xread", "xreadgroup"],
};

/** Tips are a set, and the reference sorts it; Redis answers these in another order. */
const TIP_ORDER = {
  keys: ["request_policy:all_shards", "nondeterministic_output_order"],
  randomkey: ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
  "slowlog|get": ["request_policy:all_nodes", "nondeterministic_output"],
  "slowlog|len": ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
};

/** In the order of the reply. */
const ARGUMENT_FLAGS = ["optional", "multiple", "multiple_token"];

/** What changed in a version where the arguments' own `since` does not tell it. */
const MANY = "More than one can be given.";
const DECIMAL_TIMEOUT = "The timeout may have decimals.";
const UNITS_ANY_CASE = "Units may be in upper case.";
const CHANGES = {
  "acl|getuser": {
    "6.2.0": "Shows Pub/Sub channel patterns.",
    "7.0.0": "Shows selectors; patterns of keys and channels are shown as rules.",
  },
  "acl|log": { "7.2.0": "Entries have an id and two timestamps." },
  "acl|setuser": {
    "6.2.0": "Knows rules for Pub/Sub channels.",
    "7.0.0": "Knows selectors and separate read and write permissions per key.",
  },
  blpop: { "6.0.0": DECIMAL_TIMEOUT },
  brpop: { "6.0.0": DECIMAL_TIMEOUT },
  brpoplpush: { "6.0.0": DECIMAL_TIMEOUT },
  bzpopmax: { "6.0.0": DECIMAL_TIMEOUT },
  bzpopmin: { "6.0.0": DECIMAL_TIMEOUT },
  "client|list": {
    "2.8.12": "New field: id.",
    "6.0.0": "New field: user.",
    "7.0.0": "New fields: resp, multi-mem, rbs, rbp.",
    "7.0.3": "New field: ssub.",
  },
  "cluster|slots": { "4.0.0": "Shows node ids.", "7.0.0": "Shows further network addresses." },
  "command|info": { "7.0.0": "Without names it answers for all commands." },
  "config|get": { "7.0.0": MANY },
  "config|set": { "7.0.0": MANY },
  exists: { "3.0.3": MANY },
  georadius: { "7.0.0": UNITS_ANY_CASE },
  georadius_ro: { "7.0.0": UNITS_ANY_CASE },
  georadiusbymember: { "6.2.0": "Adds ANY.", "7.0.0": UNITS_ANY_CASE },
  georadiusbymember_ro: { "6.2.0": "Adds ANY.", "7.0.0": UNITS_ANY_CASE },
  geosearch: { "7.0.0": UNITS_ANY_CASE },
  geosearchstore: { "7.0.0": UNITS_ANY_CASE },
  hdel: { "2.4.0": MANY },
  hello: { "6.2.0": "The version may be left out, to only look at the connection." },
  hset: { "4.0.0": MANY },
  info: { "7.0.0": MANY },
  lpush: { "2.4.0": MANY },
  lpushx: { "4.0.0": MANY },
  pttl: { "2.8.0": "Answers -2 for a missing key." },
  renamenx: { "3.2.0": "The same name twice is no error." },
  rpush: { "2.4.0": MANY },
  rpushx: { "4.0.0": MANY },
  sadd: { "2.4.0": MANY },
  set: { "7.0.0": "NX and GET go together." },
  "sentinel|config": { "7.2.0": MANY },
  "slowlog|get": { "4.0.0": "Entries show the client's address and name." },
  srem: { "2.4.0": MANY },
  ttl: { "2.8.0": "Answers -2 for a missing key." },
  xadd: { "7.0.0": "Knows ids of the form <ms>-*." },
  xautoclaim: { "7.0.0": "Answers also with the deleted entries that left the PEL." },
  "xgroup|create": { "7.0.0": "Adds ENTRIESREAD." },
  "xgroup|setid": { "7.0.0": "Adds ENTRIESREAD." },
  "xinfo|consumers": { "7.2.0": "New field: inactive; idle has another meaning." },
  "xinfo|groups": { "7.0.0": "New fields: entries-read, lag." },
  "xinfo|stream": {
    "6.0.0": "Adds FULL.",
    "7.0.0":
      "New fields: max-deleted-entry-id, entries-added, recorded-first-entry-id, entries-read, lag.",
    "7.2.0": "New field: active-time; seen-time has another meaning.",
  },
  xrange: { "6.2.0": "Ends can be exclusive." },
  xrevrange: { "6.2.0": "Ends can be exclusive." },
  zadd: { "2.4.0": MANY },
  zrank: { "7.2.0": "Adds WITHSCORE." },
  zrem: { "2.4.0": MANY },
  zrevrangebyscore: { "2.1.6": "Ends can be exclusive." },
  zrevrank: { "7.2.0": "Adds WITHSCORE." },
};

const facts = collect(read("command.json"));
for (const [name, fact] of Object.entries(
  read("command-sentinel-mode.json").only_in_sentinel_or_different,
)) {
  facts.set(name, fact);
}
const modes = read("commands-by-mode.json");
const normal = new Set(modes.normal);
const sentinel = new Set(modes.sentinel);

const docs = collect(read("command-docs.json"));
for (const [name, fact] of Object.entries(read("command-docs-sentinel.json"))) {
  docs.set(name, fact);
}

const names = [...facts.keys()].sort();
writeFileSync(join(target, "facts.ts"), factsFile());
writeFileSync(join(target, "doc-facts.ts"), docFactsFile());

/** Full name ("client|kill") to fact, from a tree with subcommands. */
function collect(tree, prefix = "", into = new Map()) {
  for (const [name, fact] of Object.entries(tree)) {
    into.set(prefix + name, fact);
    if (fact.subcommands) collect(fact.subcommands, `${name}|`, into);
  }
  return into;
}

function factsFile() {
  return template(
    [
      "// GENERATED by scripts/generate-command-facts.mjs; not edited by hand.",
      "// What Redis 7.4 says of its commands: one line per command or subcommand, sorted by full name.",
      "//   name ; arity ; flags ; ACL categories ; first key, last key, step ; tips ; key specs ; finder",
      "// A key spec is `flags / begin / find`, specs are separated by commas. `finder` names the code",
      "// that finds the keys where the specs cannot. command-facts.ts reads this text.",
    ],
    "FACTS_TEXT",
    names.map(factLine),
  );
}

function factLine(name) {
  const fact = facts.get(name);
  const flags = [...fact.flags, ...membership(HIDDEN_FLAGS, name)];
  if (sentinel.has(name)) flags.push(normal.has(name) ? "sentinel" : "only_sentinel");
  else if (!normal.has(name)) throw new Error(`${name} is in no mode`);
  const categories = fact.acl.map((category) => category.slice(1));
  const specs = (fact.keyspecs ?? []).map(specText).join(",");
  const tips = TIP_ORDER[name] ?? fact.tips ?? [];
  return [
    name,
    fact.arity,
    flags.join(" "),
    categories.join(" "),
    fact.keys.join(" "),
    tips.join(" "),
    specs,
    membership(KEY_FINDERS, name).join(),
  ].join(";");
}

function membership(groups, name) {
  return Object.keys(groups).filter((group) => groups[group].includes(name));
}

function specText(spec) {
  return `${spec.flags.join(" ")}/${part(spec.begin)}/${part(spec.find)}`;
}

/** `{ index: { index: 1 } }` to `index 1`: the field order is the reply's. */
function part(choice) {
  const [[kind, fields]] = Object.entries(choice);
  return [kind, ...Object.values(fields)].join(" ");
}

function docFactsFile() {
  return template(
    [
      "// GENERATED by scripts/generate-command-facts.mjs; not edited by hand.",
      "// What COMMAND DOCS says: one line per command, in the order of facts.ts, of the full name and",
      "// a JSON object. docs.ts reads the lines that a call asks for.",
    ],
    "DOC_FACTS_TEXT",
    names.map((name) => `${name} ${JSON.stringify(docFact(name))}`),
  );
}

function docFact(name) {
  const { history_versions: versions = [], subcommands: _, ...fact } = docs.get(name);
  if (fact.args !== undefined) fact.args = fact.args.map(argumentFact);
  if (fact.replaced_by !== undefined) fact.replaced_by = successor(fact.replaced_by);
  if (versions.length === 0) return fact;
  return { ...fact, history: versions.map((version) => [version, change(name, version, fact)]) };
}

function argumentFact(arg) {
  const fact = { ...arg };
  if (arg.flags) fact.flags = ARGUMENT_FLAGS.filter((flag) => arg.flags.includes(flag));
  if (arg.args) fact.args = arg.args.map(argumentFact);
  return fact;
}

/** Commands and the options to give them, as words: ["ZRANGE", "REV"] is "`ZRANGE` with `REV`". */
function successor(words) {
  if (words.length === 0) return "closing the connection";
  const isCommand = (word) => facts.has(word.toLowerCase().replace(" ", "|"));
  const list = (some) => some.map((word) => `\`${word.replace("!", "")}\``).join(" and ");
  const commands = words.filter(isCommand);
  const options = words.filter((word) => !isCommand(word));
  return options.length === 0 ? list(commands) : `${list(commands)} with ${list(options)}`;
}

function change(name, version, fact) {
  const words = CHANGES[name]?.[version];
  if (words !== undefined) return words;
  const added = addedArguments(fact.args ?? [], version);
  if (added.length === 0) throw new Error(`no words for ${name} ${version}`);
  return `Adds ${added.join(", ")}.`;
}

function addedArguments(args, version) {
  return args.flatMap((arg) =>
    arg.since === version ? labels(arg) : addedArguments(arg.args ?? [], version),
  );
}

/** What a user types for an argument: its token, else its parts, else its name. */
function labels(arg) {
  if (arg.token !== undefined) return [arg.token];
  return arg.args === undefined ? [arg.name] : arg.args.flatMap(labels);
}

function template(comment, constant, lines) {
  const text = lines.join("\n").replace(/[`\\]|\$\{/g, "\\$&");
  return `${comment.join("\n")}\nexport const ${constant}: string = \`${text}\`;\n`;
}
