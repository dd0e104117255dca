import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SetContext, SetResult } from "../../../core/config/config.ts";
import { Config } from "../../../core/config/config.ts";
import { DIRECTIVES } from "../../../core/config/directives.ts";
import { isAllowed, isSensitive } from "../../../core/config/lookup.ts";
import { ConfigValues } from "../../../core/config/values.ts";

const DEFAULTS: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../fixtures/config-defaults.json", import.meta.url), "utf8"),
);

function set(config: Config, words: string[], context: Partial<SetContext> = {}): SetResult {
  const pairs: [string, string][] = [];
  for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
  return config.set(pairs, { localClient: true, loading: false, apply: () => null, ...context });
}

const failed = (name: string, reason: string): SetResult => ({
  error: `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`,
});

describe("defaults", () => {
  test("are those of Redis", () => {
    const all = Object.fromEntries(new Config({ directory: "/some/where" }).get(["*"]));
    expect(all).toEqual({ ...DEFAULTS, dir: "/some/where" });
  });

  test("of the fields are what the texts mean", () => {
    for (const { name, field, flags, default: text } of DIRECTIVES) {
      const config = new Config();
      const several = flags.includes("multi-arg");
      const args = several && text !== "" ? text.split(" ") : [text];
      if (name !== "replicaof") expect([name, config.assign(name, args)]).toEqual([name, null]);
      expect([name, config.values[field]]).toEqual([name, new ConfigValues()[field]]);
      expect([name, config.text(name)]).toEqual([name, text]);
    }
  });

  test("can be set as they are shown", () => {
    for (const { name, flags, default: text } of DIRECTIVES) {
      if (flags.includes("immutable") || flags.includes("protected")) continue;
      const config = new Config();
      expect([name, set(config, [name, text])]).toEqual([name, { changed: expect.any(Array) }]);
      expect([name, config.text(name)]).toEqual([name, text]);
    }
  });

  test("in Sentinel mode", () => {
    const { values } = new Config({ sentinel: true });
    expect([values.port, values.protectedMode]).toEqual([26379, false]);
  });
});

describe("values", () => {
  test.each<[name: string, text: string, field: keyof ConfigValues, value: unknown]>([
    ["maxmemory", "1gb", "maxmemory", 1073741824],
    ["maxmemory-clients", "5%", "maxmemoryClients", -5],
    ["appendfsync", "ALWAYS", "appendfsync", "always"],
    ["activerehashing", "No", "activerehashing", false],
    ["requirepass", "a\0b", "requirepass", "a\0b"],
    ["masteruser", "a\0b", "masteruser", "a"],
    ["notify-keyspace-events", "KE", "notifyKeyspaceEvents", 3],
    [
      "save",
      "60 1000 5 2",
      "save",
      [
        { seconds: 60, changes: 1000 },
        { seconds: 5, changes: 2 },
      ],
    ],
    ["save", "", "save", []],
    ["bind", "127.0.0.1 ::1", "bind", ["127.0.0.1", "::1"]],
    ["bind", "", "bind", []],
    [
      "client-output-buffer-limit",
      "slave 1mb 0 0",
      "clientOutputBufferLimit",
      {
        normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
        replica: { hardBytes: 1048576, softBytes: 0, softSeconds: 0 },
        pubsub: { hardBytes: 33554432, softBytes: 8388608, softSeconds: 60 },
      },
    ],
    ["latency-tracking-info-percentiles", "1 99.5", "latencyTrackingInfoPercentiles", [1, 99.5]],
    ["oom-score-adj-values", "1 2 3", "oomScoreAdjValues", [1, 2, 3]],
    ["shutdown-on-sigterm", "force NOSAVE", "shutdownOnSigterm", "nosave force"],
    ["loglevel", "nothing", "loglevel", "nothing"],
  ])("%s %s", (name, text, field, value) => {
    const config = new Config();
    expect(set(config, [name, text])).toEqual({ changed: [name] });
    expect(config.values[field]).toEqual(value);
  });

  test("numbers keep all their digits in the text", () => {
    const config = new Config();
    set(config, ["maxmemory", "18446744073709551615"]);
    expect(config.text("maxmemory")).toBe("18446744073709551615");
    expect(config.values.maxmemory).toBe(2 ** 64);
  });

  test("octal, at start", () => {
    const config = new Config();
    config.loadText("unixsocketperm 0755");
    expect([config.values.unixsocketperm, config.text("unixsocketperm")]).toEqual([0o755, "755"]);
  });

  test("the primary that is followed", () => {
    const config = new Config();
    config.setReplicaOf("10.0.0.1", 7000);
    expect(config.values.replicaof).toEqual({ host: "10.0.0.1", port: 7000 });
    expect(config.get(["*of"])).toEqual([
      ["replicaof", "10.0.0.1 7000"],
      ["slaveof", "10.0.0.1 7000"],
    ]);
    config.setReplicaOf(null, 0);
    expect([config.values.replicaof, config.text("replicaof")]).toEqual([null, ""]);
  });
});

describe("CONFIG GET", () => {
  const names = (...patterns: string[]): string[] =>
    new Config().get(patterns).map(([name]) => name);

  test.each<[patterns: string[], expected: string[]]>([
    [["maxmemory"], ["maxmemory"]],
    [["MaxMemory", "maxmemory"], ["MaxMemory"]],
    [["HZ", "h?"], ["HZ"]],
    [["*of"], ["replicaof", "slaveof"]],
    [["slave-p*"], ["slave-priority"]],
    [["key-load-delay"], ["key-load-delay"]],
    [["key-load*"], []],
    [
      ["hz*", "po*", "hz"],
      ["hz", "port"],
    ],
    [["log-format"], ["log-format"]],
    [["log-f*"], []],
    [["nothing", ""], []],
  ])("%j", (patterns, expected) => {
    expect(names(...patterns)).toEqual(expected);
  });
});

const DEFRAGMENTATION =
  "Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified " +
  "Jemalloc like the one shipped by default with the Redis source distribution";

describe("CONFIG SET", () => {
  test.each<[words: string[], result: SetResult]>([
    [
      ["maxmemory-samples", "65"],
      failed("maxmemory-samples", "argument must be between 1 and 64 inclusive"),
    ],
    [["locale-collate", "xx"], failed("locale-collate", "Invalid locale name")],
    [["locale-collate", "C"], { changed: ["locale-collate"] }],
    [
      ["cluster-announce-human-nodename", "a!"],
      failed(
        "cluster-announce-human-nodename",
        "Announced human node name contained invalid character",
      ),
    ],
    [
      ["cluster-announce-human-nodename", "a.b-c_d"],
      { changed: ["cluster-announce-human-nodename"] },
    ],
    [
      ["cluster-announce-hostname", "a".repeat(256)],
      failed("cluster-announce-hostname", "Hostnames must be less than 256 characters"),
    ],
    [["activedefrag", "yes"], failed("activedefrag", DEFRAGMENTATION)],
    [["log-format", "json"], failed("log-format", "can't set immutable config")],
    [["dir", ""], failed("dir", "No such file or directory")],
    [["hz", "10"], { changed: [] }],
    [["hz", "11"], { changed: ["hz"] }],
    [["save", "3600 1 300 100 60 10000"], { changed: ["save"] }],
    [["tls-cert-file", ""], { changed: ["tls-cert-file"] }],
    [["slave-priority", "1", "replica-priority", "2"], { changed: ["replica-priority"] }],
    [
      ["nosuch", "1"],
      { error: "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'" },
    ],
  ])("%j", (words, result) => {
    expect(set(new Config(), words, { localClient: true })).toEqual(
      words[0] === "dir" ? failed("dir", "can't set protected config") : result,
    );
    const open = new Config();
    open.loadText("enable-protected-configs yes");
    expect(set(open, words)).toEqual(result);
  });

  test.each<[setting: "no" | "yes" | "local", local: boolean, allowed: boolean]>([
    ["no", true, false],
    ["no", false, false],
    ["yes", false, true],
    ["local", false, false],
    ["local", true, true],
  ])("protected directives: %s, local client %s", (setting, localClient, allowed) => {
    const config = new Config();
    config.loadText(`enable-protected-configs ${setting}`);
    expect(set(config, ["dbfilename", "x.rdb"], { localClient })).toEqual(
      allowed ? { changed: ["dbfilename"] } : failed("dbfilename", "can't set protected config"),
    );
    expect(isAllowed(setting, localClient)).toBe(allowed);
  });

  test("while loading", () => {
    const config = new Config();
    expect(set(config, ["appendonly", "yes"], { loading: true })).toEqual({
      error: "LOADING Redis is loading the dataset in memory",
    });
    expect(set(config, ["loglevel", "debug"], { loading: true })).toEqual({
      changed: ["loglevel"],
    });
  });

  test("is all or nothing", () => {
    const config = new Config();
    const before = config.get(["*"]);
    const words = [
      "hz",
      "99",
      "save",
      "1 1",
      "repl-backlog-size",
      "1",
      "maxmemory-clients",
      "200%",
    ];
    expect(set(config, words)).toEqual(
      failed("maxmemory-clients", "percentage argument must be less or equal to 100"),
    );
    expect(config.get(["*"])).toEqual(before);
    expect(config.values).toEqual(new ConfigValues());
  });

  test("values out of range that are moved into it", () => {
    const config = new Config();
    set(config, ["hz", "100000", "repl-backlog-size", "1"]);
    expect([config.values.hz, config.values.replBacklogSize]).toEqual([500, 16384]);
    set(config, ["hz", "0"]);
    expect(config.values.hz).toBe(1);
  });

  test("counts versions", () => {
    const config = new Config();
    const before = config.version;
    set(config, ["hz", "x"]);
    expect(config.text("hz")).toBe("10");
    set(config, ["hz", "11"]);
    expect(config.version).toBeGreaterThan(before);
  });

  test("warns of scores that favour children", () => {
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    set(new Config(), ["oom-score-adj-values", "5 6 7"], { warn });
    expect(warnings).toEqual([]);
    set(new Config(), ["oom-score-adj-values", "5 4 7"], { warn });
    expect(warnings).toEqual([
      expect.stringMatching(/^The oom-score-adj-values configuration may/),
    ]);
  });
});

describe("putting changes into effect", () => {
  test("happens once per group, the directory first", () => {
    const config = new Config();
    config.loadText("enable-protected-configs yes\ndir /a");
    const applied: unknown[] = [];
    const words = ["port", "1", "tls-cert-file", "c", "dir", "b", "hz", "10", "tls-key-file", "k"];
    const apply = (names: readonly string[]): null => {
      applied.push([...names, config.values.port, config.values.tlsKeyFile, config.values.dir]);
      return null;
    };
    expect(set(config, words, { apply })).toEqual({
      changed: ["port", "tls-cert-file", "dir", "tls-key-file"],
    });
    expect(applied).toEqual([
      ["dir", 1, "k", "/a/b"],
      ["port", 1, "k", "/a/b"],
      ["tls-cert-file", "tls-key-file", 1, "k", "/a/b"],
    ]);
  });

  test("is undone when a part of it fails", () => {
    const config = new Config();
    const applied: unknown[] = [];
    const apply = (names: readonly string[]): string | null => {
      applied.push([...names, config.text(names[0])]);
      return config.values.port === 7 && names[0] === "port"
        ? "Unable to listen on this port."
        : null;
    };
    expect(set(config, ["maxmemory", "5", "port", "7", "bind", "x"], { apply })).toEqual(
      failed("port", "Unable to listen on this port."),
    );
    expect(config.values).toEqual(new ConfigValues());
    expect(applied).toEqual([
      ["maxmemory", "5"],
      ["port", "7"],
      ["maxmemory", "0"],
      ["port", "6379"],
    ]);
  });
});

test("what must not show up in logs", () => {
  const secret = DIRECTIVES.filter(({ name }) => isSensitive(name)).map(({ name }) => name);
  expect(secret).toEqual([
    "masterauth",
    "masteruser",
    "requirepass",
    "tls-client-key-file-pass",
    "tls-key-file-pass",
  ]);
  expect([isSensitive("RequirePass"), isSensitive("nosuch")]).toEqual([true, false]);
});
