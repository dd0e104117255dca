// The configuration against the reference server: CONFIG GET and SET, redis.conf, the command line
// and CONFIG REWRITE, for the directives that both know.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Config } from "../../core/config/config.ts";
import { DIRECTIVES } from "../../core/config/directives.ts";
import type { ConfigFile, ConfigSource } from "../../core/config/load.ts";
import { NAMED_DIRECTIVES } from "../../core/config/lookup.ts";
import { RespClient } from "../support/resp-client.ts";
import { freePort, referenceVersion } from "../support/server-process.ts";

const REFERENCE = process.env.REDIS_SERVER ?? "redis-server";
const READY_TIMEOUT_MS = 20_000;

let directory = "";
beforeAll(() => {
  // Says how to install the reference when it is missing.
  referenceVersion();
  directory = mkdtempSync(join(tmpdir(), "seedis-config-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A running reference server, started with exactly these words. */
class Reference {
  readonly client: RespClient;
  readonly #kill: () => Promise<void>;

  private constructor(client: RespClient, kill: () => Promise<void>) {
    this.client = client;
    this.#kill = kill;
  }

  /** Starts on a free port, given as the last words (or by the file's own `port` line). */
  static async start(words: readonly string[], ownPort?: number, input = ""): Promise<Reference> {
    const port = ownPort ?? (await freePort());
    const last = ownPort === undefined ? ["--port", `${port}`] : [];
    const child = spawn(REFERENCE, [...words, ...last], { cwd: directory });
    const closed = new Promise<void>((done) => child.on("close", () => done()));
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await closed;
    };
    let output = "";
    child.stderr.on("data", (chunk) => (output += chunk));
    child.stdin.end(input);
    const ready = new Promise<void>((done, fail) => {
      child.stdout.on("data", (chunk) => {
        output += chunk;
        if (/Ready to accept connections/.test(output)) done();
      });
      closed.then(() => fail(new Error(`the reference server ended:\n${output}`)));
      setTimeout(() => fail(new Error(`no start in time:\n${output}`)), READY_TIMEOUT_MS).unref();
    });
    try {
      await ready;
      return new Reference(await RespClient.open({ port }), kill);
    } catch (error) {
      await kill();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.#kill();
  }

  /** CONFIG GET as a record. */
  async get(...patterns: string[]): Promise<Record<string, string>> {
    const { value } = await this.client.command("CONFIG", "GET", ...patterns);
    const items = "items" in value ? value.items : [];
    const texts = items.map((item) => ("text" in item ? item.text : ""));
    const pairs: Record<string, string> = {};
    for (let i = 0; i < texts.length; i += 2) pairs[texts[i]] = texts[i + 1];
    return pairs;
  }

  /** CONFIG SET: "OK" or the error. */
  async set(...words: string[]): Promise<string> {
    const { value } = await this.client.command("CONFIG", "SET", ...words);
    return "text" in value ? value.text : "";
  }
}

/** The file system, as the configuration reads it. */
function files(): ConfigSource {
  const read = (path: string): ConfigFile =>
    existsSync(path)
      ? { path, text: readFileSync(path, "latin1") }
      : { path, error: "No such file or directory" };
  return {
    readFiles: (pattern, from) => {
      const path = resolve(from, pattern);
      if (!/[*?[]/.test(pattern)) return [{ ...read(path), path: pattern }];
      const listed = spawnSync("sh", ["-c", `for f in ${path}; do echo "$f"; done`]);
      const names = listed.stdout.toString().trim().split("\n");
      return names.filter((name) => existsSync(name)).map(read);
    },
    enterDirectory: (path) => (existsSync(path) ? null : "No such file or directory"),
    tryLogFile: (path) => (existsSync(resolve(path, "..")) ? null : "No such file or directory"),
    isCommand: (name) => ["get", "set", "flushdb", "config"].includes(name),
  };
}

function set(config: Config, ...words: string[]): string {
  const pairs: [string, string][] = [];
  for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
  const result = config.set(pairs, { localClient: true, loading: false, apply: () => null });
  return "error" in result ? result.error : "OK";
}

/** Names that Redis got after 7.0, or had for a while. */
const NEWER = [
  "lua-enable-deprecated-api",
  "cluster-ping-interval",
  "cluster-announce-human-nodename",
  "hide-user-data-from-log",
  "locale-collate",
  "max-new-connections-per-cycle",
  "max-new-tls-connections-per-cycle",
  "set-max-listpack-entries",
  "set-max-listpack-value",
  "server-cpulist",
  "bio-cpulist",
  "aof-rewrite-cpulist",
  "bgsave-cpulist",
  "log-format",
];
const isShared = (name: string): boolean => !NEWER.includes(name);

const SHARED = NAMED_DIRECTIVES.filter(
  ({ name, directive }) => isShared(name) && !directive.flags.includes("hidden"),
).map(({ name }) => name);

function pick(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  return Object.fromEntries([...pairs].filter(([name]) => isShared(name)));
}

describe("CONFIG GET", () => {
  let reference: Reference;
  let config: Config;
  beforeAll(async () => {
    reference = await Reference.start(["--enable-protected-configs", "yes"]);
    const { port } = await reference.get("port");
    config = new Config({ directory });
    config.loadArgs(["--enable-protected-configs", "yes", "--port", port]);
  });
  afterAll(() => reference.stop());

  test("all names and defaults", async () => {
    const theirs = await reference.get("*");
    expect(theirs).toMatchObject(pick(config.get(["*"])));
    const unknown = Object.keys(theirs).filter((name) => config.text(name) === null);
    expect(unknown).toEqual([]);
  });

  test.each([
    ["exact names", "maxmemory", "save"],
    ["spelling is kept for an exact name", "MaxMemory", "PORT"],
    ["spelling of the first of two", "MAXmemory", "maxmemory"],
    ["a pattern in another case", "MAXMEM*"],
    ["exact name and pattern", "Maxmemory", "maxmemory*", "bind", "*of"],
    ["aliases are matched as names", "*slave*", "*replica*"],
    ["a class", "[st]*-max-listpack-value"],
    ["hidden by name", "key-load-delay", "watchdog-period"],
    ["hidden not by pattern", "key-load*", "watchdog-perio?"],
    ["nothing", "nosuchthing", "x*y"],
    ["escape is not a glob character by itself", "max\\memory"],
    ["escape within a pattern", "m\\ax*ory"],
    ["empty", ""],
  ])("%s", async (_, ...patterns) => {
    expect(pick(config.get(patterns))).toEqual(
      pick(Object.entries(await reference.get(...patterns))),
    );
  });
});

// Directives that do something drastic to a running reference server, or that 7.4 judges otherwise.
const UNSAFE = [
  "port",
  "tls-port",
  "bind",
  "dir",
  "maxclients",
  "maxmemory-clients",
  "maxmemory-samples",
  "appendonly",
  "oom-score-adj",
  "oom-score-adj-values",
  "requirepass",
  "tls-cluster",
  "tls-replication",
  // Depends on the allocator that the reference was built with.
  "activedefrag",
  // 7.4 knows one more word.
  "loglevel",
];

const ODD_VALUES = [
  "",
  "0",
  "1",
  "-1",
  "00",
  "+5",
  " 1",
  "1 ",
  "abc",
  "yes",
  "YES",
  "No",
  "2000000",
  "2000000b",
  "9m",
  "1gB",
  "5g",
  "1k",
  "mb",
  "1tb",
  "1.5gb",
  "-5mb",
  "50%",
  "101%",
  "%",
  "2147483647",
  "2147483648",
  "4294967295",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999gb",
  "KEA",
  "An",
  "Kg$lshzxetdmE",
  "save",
  "SAVE now",
  "save nosave",
  "now  force",
  "default save",
  "900 1",
  "900 1 300",
  "900  1",
  "900 1 ",
  "0 1",
  "900 -1",
  "900 4294967297",
  "1 2 3",
  "normal 0 0 0",
  "REPLICA 1gb 0 5",
  "normal 10mb 9m 60 slave 0 0 0 pubsub 1k 1kb 1",
  "normal 0 0",
  "master 0 0 0",
  "normal 0 0 -1",
  "normal x 0 0",
  "50 99.95 100",
  "0.0078125 1e1 .5",
  "101",
  "50 x",
  "inf",
  "/a/b",
  "a\\b",
  "{title} {port}",
  "{nope}",
  "{{x}",
  "{",
  "with\0zero",
];

describe("CONFIG SET", () => {
  let reference: Reference;
  let config: Config;
  let port = "";
  beforeAll(async () => {
    const words = [
      "--enable-protected-configs",
      "yes",
      "--oom-score-adj-values",
      "0",
      "200",
      "800",
    ];
    reference = await Reference.start(words);
    port = (await reference.get("port")).port;
    config = new Config({ directory });
    config.loadArgs([...words, "--port", port]);
  });
  afterAll(() => reference.stop());

  const safe = SHARED.filter((name) => !UNSAFE.includes(name));
  test.each(safe)("%s with odd values", async (name) => {
    const before = (await reference.get(name))[name];
    for (const value of ODD_VALUES) {
      const theirs = [value, await reference.set(name, value), (await reference.get(name))[name]];
      expect([value, set(config, name, value), config.text(name)]).toEqual(theirs);
    }
    expect([await reference.set(name, before), set(config, name, before)]).toEqual(
      DIRECTIVES.some((d) => [d.name, d.alias].includes(name) && d.flags.includes("immutable"))
        ? [expect.stringContaining("immutable"), expect.stringContaining("immutable")]
        : ["OK", "OK"],
    );
  });

  test.each([
    ["unknown", "nosuch", "1"],
    ["unknown among others", "maxmemory", "1mb", "NoSuch", "1", "other", "2"],
    ["immutable, as spelled", "Databases", "5"],
    ["immutable before unknown", "databases", "5", "nosuch", "1"],
    ["unknown before immutable", "nosuch", "1", "databases", "5"],
    ["duplicate", "maxmemory", "1", "MAXMEMORY", "2"],
    ["an alias is no duplicate", "replica-priority", "7", "slave-priority", "8"],
    ["error under the alias", "slave-priority", "x"],
    ["error is shown in lower case", "HZ", "x"],
    ["several", "maxmemory", "1gb", "save", "100 5 60 7", "hz", "1000"],
    ["all or nothing", "maxmemory", "5mb", "lfu-log-factor", "3", "maxmemory-clients", "200%"],
    ["first of several errors", "lfu-log-factor", "x", "maxmemory", "y"],
    ["percent of memory", "maxmemory-clients", "5%"],
    ["no percent sign before", "maxmemory-clients", "%5"],
    ["percentage too large", "maxmemory-clients", "101%"],
    ["zero percent", "maxmemory-clients", "0%"],
    ["memory or percent", "maxmemory-clients", "x"],
    ["memory", "maxmemory-clients", "1gb"],
    ["off again", "maxmemory-clients", "0"],
    ["clients must be a number", "maxclients", "x"],
    ["no clients", "maxclients", "0"],
    ["too many bind addresses", "bind", Array(17).fill("127.0.0.1").join(" ")],
    ["three scores", "oom-score-adj-values", "1 2"],
    ["scores out of range", "oom-score-adj-values", "0 2001 1"],
    ["scores", "oom-score-adj-values", "1 200 800"],
    ["odd words for the score", "oom-score-adj", "nope"],
    ["hz too low", "hz", "0"],
    ["port too high", "port", "65536"],
    ["AOF needs yes or no", "appendonly", "maybe"],
    ["a directory that does not exist", "dir", ""],
    ["database file", "dbfilename", "a/b"],
    ["error line breaks", "no\r\nsuch", "1"],
  ])("%s", async (_, ...words) => {
    const names = [
      "maxmemory",
      "save",
      "hz",
      "lfu-log-factor",
      "replica-priority",
      "slave-priority",
    ];
    names.push("maxmemory-clients", "oom-score-adj-values", "dbfilename", "bind", "maxclients");
    const theirs = await reference.set(...words);
    // Reply replaces line breaks when it writes an error.
    expect(set(config, ...words).replace(/[\r\n]/g, " ")).toBe(theirs);
    expect(Object.fromEntries(config.get(names))).toEqual(await reference.get(...names));
  });
});

/** What the reference prints before it gives up, with our version in it; a log line without its head. */
function refusal(words: readonly string[], input = ""): string {
  const { stdout, stderr, status } = spawnSync(REFERENCE, words, {
    cwd: directory,
    input,
    timeout: READY_TIMEOUT_MS,
  });
  const text = stderr.length > 0 ? stderr.toString("latin1") : stdout.toString("latin1");
  expect(status).toBe(1);
  return text.replace(/\(Redis [0-9.]+\)/, "(Redis 7.4.1)").replace(/^\d+:C .{24} # (?=Fatal)/, "");
}

function ourRefusal(config: Config, words: readonly string[]): string {
  const failure = config.loadArgs(words, files());
  if (failure === null) return "started";
  return "output" in failure ? failure.output : `${failure.log}\n`;
}

describe("a start that fails", () => {
  test.each([
    ["--invalid"],
    ["--port"],
    ["--port", "6380", "--loglevel"],
    ["--port", "6379", "6380"],
    ["--port", "--loglevel", "verbose"],
    ["--port", "--bla", "--loglevel", "verbose"],
    ["--logfile", "--my--log--file", "--appendfsync", "--bla"],
    ["--shutdown-on-sigint"],
    ["--shutdown-on-sigint", "now force", "--shutdown-on-sigterm"],
    ["--replicaof", "127.0.0.1", "abc"],
    ["--replicaof", "--127.0.0.1", "abc"],
    ["--replicaof", "--127.0.0.1", "--abc"],
    ["--replicaof", "a", "65536"],
    ["--port 1", "--hz x"],
    ["--port 1\nhz y"],
    ["port", "1", "--hz", "x"],
    ["--unixsocketperm", "8"],
    ["--unixsocketperm", "1000"],
    ["--unixsocketperm", "-1"],
    ["--maxclients", "-1"],
    ["--databases", "0"],
    ["--maxmemory", 'a"b\\c\x01'],
    ["--rename-command", "nosuch", "x"],
    ["--rename-command", "flushdb", "get"],
    ["--rename-command", "flushdb", "x", "--rename-command", "flushdb", "y"],
    ["--foo.bar"],
    ["--sentinel", "--sentinel monitor"],
    ["--dir", "/nosuchdirectory"],
    ["--logfile", "/nosuchdirectory/log"],
    ["--cluster-enabled", "yes", "--replicaof", "a", "1"],
    ["--include", "/nosuch.conf"],
    ["/nosuch.conf"],
    ["--save", "900"],
    ["--save", "900", "x"],
    ["--bind", "a".repeat(3), ...Array(16).fill("b")],
    ["--appendfilename", ""],
    ["--appenddirname", "a/b"],
    ["--client-output-buffer-limit", "normal", "0", "0"],
    ["--loadmodule"],
    ["--user"],
    ["--list-max-ziplist-entries"],
  ])("%s %s %s %s", (...words) => {
    const sentinel = words.includes("--sentinel");
    // A Sentinel judges its own lines, so there is nothing to compare for them.
    const config = new Config({ directory });
    const ours = ourRefusal(config, words);
    if (sentinel) expect(ours).toContain("sentinel directive while not in sentinel mode");
    else expect(ours).toBe(refusal(words));
  });

  test.each([
    ["unbalanced quotes", 'port 1\n\n# x\n  maxmemory "1gb\n'],
    ["a quote that is not followed by a blank", 'dbfilename "a"b\n'],
    ["an unknown directive behind blanks", "\t nosuch  1 \r\n"],
    ["too few arguments", "port 1\nmaxmemory\n"],
    ["in an included file", "port 1\ninclude inner.conf\n"],
    ["too many arguments for include", "include a b\n"],
  ])("%s", (_, text) => {
    writeFileSync(join(directory, "bad.conf"), text);
    writeFileSync(join(directory, "inner.conf"), "# first\nmaxmemory 1xb\n");
    expect(ourRefusal(new Config({ directory }), ["bad.conf"])).toBe(refusal(["bad.conf"]));
  });
});

/** Starts the reference and a configuration with the same words; both then show the same values. */
async function expectSameStart(words: readonly string[], input = ""): Promise<void> {
  const reference = await Reference.start(words, undefined, input);
  try {
    const theirs = await reference.get("*");
    const config = new Config({ directory });
    const source = { ...files(), readStandardInput: () => input };
    expect(config.loadArgs([...words, "--port", theirs.port], source)).toBe(null);
    expect(theirs).toMatchObject(pick(config.get(["*"])));
  } finally {
    await reference.stop();
  }
}

describe("a start that succeeds", () => {
  test.each([
    ["name and value in one word", "--maxmemory 700mb", "--maxmemory-policy volatile-lru"],
    ["quotes within a word", "--maxmemory '700mb'", "--maxmemory-policy 'volatile-lru'"],
    ["a value with dashes", "--proc-title-template", "--{title}--x", "--loglevel", "verbose"],
    ["in one word with dashes", "--proc-title-template --{title}--x", "--loglevel verbose"],
    ["save without a value", "--save", "--loglevel", "verbose"],
    ["save with an empty value", "--save", "", "--loglevel", "verbose"],
    ["save as a value", "--proc-title-template", "--save", "--save", "", "--loglevel", "verbose"],
    ["save twice", "--save", "100", "5", "--save", "60", "7"],
    ["save in one word", "--save", "100 5 60 7"],
    [
      "flags in one word",
      "--shutdown-on-sigint",
      "nosave",
      "force",
      "now",
      "--shutdown-on-sigterm",
      "nosave force",
    ],
    ["the last one wins", "--maxmemory", "1mb", "--maxmemory", "2mb"],
    ["an alias and its directive", "--slave-priority", "5", "--replica-priority", "6"],
    ["upper case", "--MaxMemory", "1MB", "--APPENDFSYNC", "Always"],
    ["limits", "--client-output-buffer-limit", "replica 1gb 1g 9", "--maxmemory-clients", "7%"],
    ["octal", "--unixsocketperm", "0755"],
    ["hz out of range", "--hz", "100000"],
    ["deprecated", "--list-max-ziplist-entries", "5", "--lua-replicate-commands", "yes"],
    ["the synonym of a word", "--oom-score-adj", "relative", "--oom-score-adj-values", "0 100 100"],
    ["percentiles", "--latency-tracking-info-percentiles", "10", "0.0078125", "33.333333333"],
    ["bind in one word", "--bind", "127.0.0.1 -::1"],
    ["a replica", "--replicaof", "127.0.0.1", "1"],
    ["not a replica", "--replicaof", "127.0.0.1", "1", "--slaveof", "NO", "one"],
  ])("%s", async (_, ...words) => {
    await expectSameStart(words);
  });

  test("a file, with includes", async () => {
    const path = (name: string): string => join(directory, name);
    mkdirSync(path("parts"), { recursive: true });
    // Files that one pattern names are read as one text: without a last line break, lines join.
    writeFileSync(path("parts/a.conf"), "save 11 1\nsave 12 2\nhz 20\nlfu-log-factor 3");
    writeFileSync(path("parts/b.conf"), "4\nsave 13 3\nhz 30\n");
    writeFileSync(
      path("main.conf"),
      [
        "# A comment",
        'save ""',
        "save 1000 10",
        "  maxmemory\t10mb  ",
        "include parts/*.conf",
        "include nothing-here/*.conf",
        "save 14 4",
        "save 15 5",
        'rename-command FLUSHDB "badger"',
        "notify-keyspace-events KEA",
        "",
        'masteruser "a\\x20\\"b\\n"',
        "proc-title-template '{title} it\\'s'",
      ].join("\r\n"),
    );
    await expectSameStart([path("main.conf"), "--save", "16", "6"]);
  });

  test("the directory counts for later includes", async () => {
    mkdirSync(join(directory, "deep/er"), { recursive: true });
    writeFileSync(join(directory, "deep/er/x.conf"), "maxmemory 3mb\n");
    writeFileSync(join(directory, "deep.conf"), "dir deep\ndir er/../er/.\ninclude x.conf\n");
    const words = [join(directory, "deep.conf")];
    const reference = await Reference.start(words);
    const theirs = await reference.get("dir", "maxmemory");
    await reference.stop();
    const config = new Config({ directory });
    config.loadArgs(words, { ...files(), enterDirectory: () => null });
    expect(Object.fromEntries(config.get(["dir", "maxmemory"]))).toEqual(theirs);
  });

  test("standard input, between file and options", async () => {
    writeFileSync(join(directory, "first.conf"), "maxmemory 1mb\nhz 11\n");
    const words = [join(directory, "first.conf"), "--lfu-log-factor", "9", "-"];
    // Reference.start appends the port, so the dash is not last: it is given first instead.
    await expectSameStart(["-", ...words.slice(1, 3)], "maxmemory 2mb\nhz 12\nlfu-log-factor 8");
  });
});

const REWRITTEN = `# The first comment

maxmemory 1mb
maxmemory 2mb


# Two empty lines above


save 900 1
save 300 10
SLAVE-PRIORITY 50
hash-max-ziplist-entries 20
hash-max-listpack-entries 21
client-output-buffer-limit normal 0 0 0
client-output-buffer-limit pubsub 1mb 1mb 1
rename-command FLUSHDB badger
user alice on nopass ~* +@all
list-max-ziplist-entries 5
bind 127.0.0.1
include empty-*.conf
loglevel   verbose
masterauth "with \\"quotes\\""
`;

describe("CONFIG REWRITE", () => {
  const split = (text: string): { kept: string[]; added: string[] } => {
    const lines = text.split("\n");
    const signature = lines.indexOf("# Generated by CONFIG REWRITE");
    const kept = signature < 0 ? lines : lines.slice(0, signature + 1);
    // What a server adds comes in the order of its hash table.
    const added = signature < 0 ? [] : lines.slice(signature + 1);
    return { kept, added: added.filter((line) => isShared(line.split(" ")[0])).sort() };
  };

  const steps: readonly (readonly [name: string, sets: readonly string[]])[] = [
    ["unchanged", []],
    ["changed values", ["maxmemory", "3000000", "hz", "33", "replica-priority", "9"]],
    ["fewer save points", ["save", "60 1"]],
    ["more save points", ["save", "60 1 70 2 80 3 90 4"]],
    ["no save points", ["save", "", "notify-keyspace-events", "Kg$", "masterauth", ""]],
    ["defaults", ["loglevel", "notice", "maxmemory", "0", "maxmemory-clients", "3%"]],
    ["odd strings", ["masterauth", 'a\tb"\\\x07\xff', "proc-title-template", "x {title}"]],
    ["limits", ["client-output-buffer-limit", "replica 5mb 4m 3", "oom-score-adj-values", "1 2 3"]],
    ["more", ["latency-tracking-info-percentiles", "", "shutdown-on-sigterm", "now nosave"]],
  ];

  /** Rewrites a file in both, several times over; each time the files must say the same. */
  async function expectSameRewrites(text: string, command: readonly string[]): Promise<void> {
    const file = join(directory, "rewrite.conf");
    const port = await freePort();
    writeFileSync(file, `${text}enable-debug-command yes\nport ${port}\ndir ${directory}\n`);
    const config = new Config({ directory });
    expect(config.loadArgs([file], files())).toBe(null);
    let ours = readFileSync(file, "latin1");
    const reference = await Reference.start([file], port);
    try {
      for (const [name, words] of steps) {
        if (words.length > 0) {
          expect([await reference.set(...words), set(config, ...words)]).toEqual(["OK", "OK"]);
        }
        expect((await reference.client.command(...command)).raw).toBe("+OK\r\n");
        const list = (await reference.client.command("ACL", "LIST")).value;
        const users = ("items" in list ? list.items : []).map((user) =>
          ("text" in user ? user.text : "").replace(/^user /, ""),
        );
        ours = config.rewrite(ours, { users, forceAll: command[0] === "DEBUG" });
        const theirs = split(readFileSync(file, "latin1"));
        expect({ name, ...split(ours) }).toEqual({ name, ...theirs });
      }
    } finally {
      await reference.stop();
    }
    const again = new Config({ directory });
    expect(again.loadText(ours, files())).toBe(null);
    const shown = (c: Config): [string, string][] => c.get(["*"]);
    expect(shown(again)).toEqual(shown(config));
  }

  test("keeps what the file says", () => expectSameRewrites(REWRITTEN, ["CONFIG", "REWRITE"]));
  test("adds to a short file", () => expectSameRewrites("", ["CONFIG", "REWRITE"]));
  test("writes everything", () =>
    expectSameRewrites("# all\n", ["DEBUG", "CONFIG-REWRITE-FORCE-ALL"]));
});
