import { describe, expect, test } from "vitest";
import { Config } from "../../../core/config/config.ts";
import type { ConfigSource, LoadFailure } from "../../../core/config/load.ts";
import { fatalConfigError } from "../../../core/config/load.ts";

/** A source whose files are given by absolute path; a pattern lists everything under its directory. */
function filesystem(files: Record<string, string>): ConfigSource {
  return {
    readFiles: (pattern, directory) => {
      const path = pattern.startsWith("/") ? pattern : `${directory}/${pattern}`;
      if (pattern.includes("*")) {
        const parent = path.slice(0, path.lastIndexOf("/") + 1);
        const names = Object.keys(files).filter((name) => name.startsWith(parent));
        return names.sort().map((name) => ({ path: name, text: files[name] }));
      }
      const text = files[path];
      return [text === undefined ? { path, error: "No such file or directory" } : { path, text }];
    },
  };
}

function load(text: string, source: ConfigSource = {}, sentinel = false): Config {
  const config = new Config({ sentinel });
  expect(config.loadText(text, source)).toBe(null);
  return config;
}

function refused(text: string, source: ConfigSource = {}): LoadFailure | null {
  return new Config().loadText(text, source);
}

const atLine = (line: number, text: string, reason: string): LoadFailure => ({
  output:
    "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\n" +
    `Reading the configuration file, at line ${line}\n>>> '${text}'\n${reason}\n`,
});

describe("lines", () => {
  test("comments, blanks, case, the last one wins", () => {
    const { values } = load("# c\n\n \t# d\r\n  HZ 20 \r\nhz\t30\nSlave-Priority 7\n");
    expect([values.hz, values.replicaPriority]).toEqual([30, 7]);
  });

  test("end at a zero byte", () => {
    expect(load("hz 20\n\0hz 30\nnonsense").values.hz).toBe(20);
  });

  test.each<[text: string, failure: LoadFailure]>([
    ["hz 1\nnonsense 2", atLine(2, "nonsense 2", "Bad directive or wrong number of arguments")],
    ["\thz \r", atLine(1, "hz", "wrong number of arguments")],
    ["hz 1 2", atLine(1, "hz 1 2", "wrong number of arguments")],
    ["hz '1", atLine(1, "hz '1", "Unbalanced quotes in configuration line")],
    ["hz x", atLine(1, "hz x", "argument couldn't be parsed into an integer")],
    [
      "sentinel monitor a b 1 2",
      atLine(1, "sentinel monitor a b 1 2", "sentinel directive while not in sentinel mode"),
    ],
    ["a.b", atLine(1, "a.b", "Module config specified without value")],
    ["dir ''", atLine(1, "dir ''", "No such file or directory")],
    ["locale-collate xx", { log: "Failed to configure LOCALE for invalid locale name." }],
    [
      "cluster-enabled yes\nreplicaof a 1",
      {
        output:
          "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\nreplicaof directive not allowed in cluster mode\n",
      },
    ],
  ])("%j", (text, failure) => {
    expect(refused(text)).toEqual(failure);
  });

  test("fatalConfigError is what the Sentinel prints for its own lines", () => {
    expect(fatalConfigError("why", 3, "sentinel x")).toBe(
      "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\n" +
        "Reading the configuration file, at line 3\n>>> 'sentinel x'\nwhy\n",
    );
  });

  test("deprecated directives with one argument are ignored", () => {
    load("lua-replicate-commands yes\nlist-max-ziplist-value 64");
    expect(refused("lua-replicate-commands")).not.toBe(null);
  });

  test("the log file is tried, and may be refused", () => {
    const tried: string[] = [];
    const tryLogFile = (path: string): string | null => {
      tried.push(path);
      return path === "bad" ? "Permission denied" : null;
    };
    load("logfile x", { tryLogFile });
    expect(refused("logfile bad", { tryLogFile })).toEqual({
      output:
        "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\nCan't open the log file: Permission denied\n",
    });
    expect(tried).toEqual(["x", "bad"]);
  });

  test("a cluster has one database", () => {
    const warnings: string[] = [];
    const config = load("cluster-enabled yes", { warn: (message) => void warnings.push(message) });
    expect(config.values.databases).toBe(1);
    expect(warnings).toEqual([
      "WARNING: Changing databases number from 16 to 1 since we are in cluster mode",
    ]);
  });

  test("a directory is entered, and relative ones add up", () => {
    const entered: string[] = [];
    const enterDirectory = (path: string): string | null => {
      entered.push(path);
      return path === "no" ? "Not a directory" : null;
    };
    expect(load("dir /a\ndir b/../c", { enterDirectory }).values.dir).toBe("/a/c");
    expect(refused("dir no", { enterDirectory })).toEqual(atLine(1, "dir no", "Not a directory"));
    expect(entered).toEqual(["/a", "b/../c", "no"]);
  });
});

describe("save", () => {
  test.each<[text: string, shown: string]>([
    ["", "3600 1 300 100 60 10000"],
    ["save 1 2", "1 2"],
    ["save 1 2\nsave 3 4 5 6", "1 2 3 4 5 6"],
    ["save '1 2 3 4'", "1 2 3 4"],
    ['save ""', ""],
    ['save ""\nsave 1 2', "1 2"],
    ['save 1 2\nsave ""', ""],
    ["save", ""],
    ["save 1 2\nsave", "1 2"],
  ])("%j", (text, shown) => {
    expect(load(text).text("save")).toBe(shown);
  });

  test("a second text adds to the first, and CONFIG SET replaces all", () => {
    const config = load("save 1 2");
    config.loadText("save 3 4");
    expect(config.text("save")).toBe("1 2 3 4");
    config.set([["save", "5 6"]], { localClient: true, loading: false, apply: () => null });
    expect(config.text("save")).toBe("5 6");
  });
});

describe("include", () => {
  test("reads a file in place, from the directory at that point", () => {
    const source = filesystem({ "/a/x.conf": "hz 20\nlfu-log-factor 5", "/b/x.conf": "hz 30" });
    const { values } = load("hz 10\ndir /a\ninclude x.conf\ndir /b\ninclude x.conf", source);
    expect([values.hz, values.lfuLogFactor]).toEqual([30, 5]);
  });

  test("joins what a pattern matches, and a pattern may match nothing", () => {
    const source = filesystem({ "/d/a": "hz 2", "/d/b": "5\nlfu-log-factor 5\n" });
    const { values } = load("include /d/*\ninclude /none/*", source);
    expect([values.hz, values.lfuLogFactor]).toEqual([25, 5]);
  });

  test("each save line behind it replaces the ones before", () => {
    const source = filesystem({ "/x": "save 1 1\nsave 2 2" });
    expect(load("save 9 9\ninclude /x", source).text("save")).toBe("9 9 1 1 2 2");
    expect(load("include /x\nsave 3 3\nsave 4 4", source).text("save")).toBe("4 4");
  });

  test("errors are those of the included file", () => {
    const source = filesystem({ "/x": "# one\nhz x" });
    const reason = "argument couldn't be parsed into an integer";
    expect(refused("\n\n\ninclude /x", source)).toEqual(atLine(2, "hz x", reason));
    const log = "Fatal error, can't open config file '/y': No such file or directory";
    expect(refused("include /y", source)).toEqual({ log });
    expect(refused("include /y")).toEqual({ log });
  });

  test("a file that includes itself is refused", () => {
    const source = filesystem({ "/x": "include /x" });
    expect(refused("include /x", source)).toEqual(
      atLine(1, "include /x", "Too many levels of include"),
    );
  });
});

describe("what only a file can say", () => {
  const source: ConfigSource = { isCommand: (name) => ["get", "set", "flushdb"].includes(name) };

  test("rename-command", () => {
    const config = load('rename-command FLUSHDB badger\nrename-command get ""\n', source);
    expect(config.renamedCommands).toEqual([
      { from: "FLUSHDB", to: "badger" },
      { from: "get", to: "" },
    ]);
    const swap = "rename-command get x\nrename-command set GET\nrename-command X set";
    expect(load(swap, source).renamedCommands).toHaveLength(3);
  });

  test.each([
    ["rename-command nosuch x", "No such command in rename-command"],
    ["rename-command get SET", "Target command name already exists"],
    ["rename-command get a\nrename-command get b", "No such command in rename-command"],
    ["rename-command get a\nrename-command set A", "Target command name already exists"],
  ])("%j is refused", (text, reason) => {
    const lines = text.split("\n");
    expect(refused(text, source)).toEqual(atLine(lines.length, lines.at(-1)!, reason));
  });

  test("users", () => {
    const config = load("user alice on >secret ~*\nUSER bob off");
    expect(config.users).toEqual([
      ["alice", "on", ">secret", "~*"],
      ["bob", "off"],
    ]);
    const checkUser = (args: readonly string[]): { argument: number; reason: string } | null =>
      args.includes("bad") ? { argument: 1, reason: "no good" } : null;
    expect(load("user alice on", { checkUser }).users).toHaveLength(1);
    expect(refused("user alice bad", { checkUser })).toEqual(
      atLine(1, "user alice bad", "Error in user declaration 'alice': no good"),
    );
  });

  test("modules", () => {
    const config = load("loadmodule /m.so a b\nsearch.x 1 2\nsearch.x 3");
    expect(config.modules).toEqual([["/m.so", "a", "b"]]);
    expect([...config.moduleSettings]).toEqual([["search.x", "3"]]);
  });

  test("the Sentinel's lines", () => {
    const config = load("sentinel\nport 5\n SENTINEL monitor m 127.0.0.1 1 2", {}, true);
    expect(config.values.port).toBe(5);
    expect(config.sentinelLines).toEqual([
      {
        args: ["monitor", "m", "127.0.0.1", "1", "2"],
        lineNumber: 3,
        line: "SENTINEL monitor m 127.0.0.1 1 2",
      },
    ]);
  });
});

describe("the command line", () => {
  test("file, standard input and options, in this order", () => {
    const config = new Config({ directory: "/etc" });
    const source = {
      ...filesystem({ "/etc/a.conf": "hz 11\nlfu-log-factor 11\nlfu-decay-time 11\n" }),
      readStandardInput: () => "hz 12\nlfu-log-factor 12\n",
    };
    expect(config.loadArgs(["a.conf", "--hz", "13", "-"], source)).toBe(null);
    const { hz, lfuLogFactor, lfuDecayTime } = config.values;
    expect([hz, lfuLogFactor, lfuDecayTime]).toEqual([13, 12, 11]);
    expect(config.configFile).toBe("/etc/a.conf");
  });

  test("nothing at all", () => {
    expect(new Config().loadArgs([])).toBe(null);
  });

  test("options begin at line 2 when there is no file", () => {
    expect(new Config().loadArgs(["--hz", "1", "--nonsense"])).toEqual(
      atLine(3, "nonsense", "Bad directive or wrong number of arguments"),
    );
  });

  test("a file that is missing", () => {
    expect(new Config({ directory: "/etc" }).loadArgs(["a.conf"], filesystem({}))).toEqual({
      log: "Fatal error, can't open config file '/etc/a.conf': No such file or directory",
    });
  });
});
