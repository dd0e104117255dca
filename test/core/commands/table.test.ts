import { describe, expect, it } from "vitest";
import { command } from "../../../core/commands/command.ts";
import { COMMAND_FACTS } from "../../../core/commands/command-facts.ts";
import {
  ALLOW_BUSY,
  LOADING,
  MAY_REPLICATE,
  PROTECTED,
  STALE,
  TOUCHES_ARBITRARY_KEYS,
} from "../../../core/commands/flags.ts";
import { CommandTable } from "../../../core/commands/table.ts";
import { argsOf, fixture, fullTable } from "./support.ts";

const nothing = () => {};

function namesOf(table: CommandTable): string[] {
  return table.commands.flatMap(({ fullName, subcommands }) => [
    fullName,
    ...subcommands.map((sub) => sub.fullName),
  ]);
}

describe("CommandTable", () => {
  it("has exactly the commands of each mode", () => {
    const modes = fixture<{ normal: string[]; sentinel: string[] }>("commands-by-mode.json");
    expect(namesOf(fullTable()).sort()).toEqual([...modes.normal].sort());
    expect(namesOf(fullTable("sentinel")).sort()).toEqual([...modes.sentinel].sort());
  });

  it("has only what has a handler, and the containers around it", () => {
    const table = new CommandTable([[command("get", nothing)], [command("client|kill", nothing)]]);
    expect(namesOf(table)).toEqual(["client", "client|kill", "get"]);
    expect(table.find("client")?.run).toBe(null);
    expect(table.find("client|kill")?.run).toBe(nothing);
    expect(table.find("client|list")).toBe(null);
    expect(table.find("set")).toBe(null);
  });

  it("refuses names without facts and names given twice", () => {
    const build = (...names: string[]) =>
      new CommandTable([names.map((name) => command(name, nothing))]);
    expect(() => build("gett")).toThrow('no facts of a command "gett"');
    expect(() => build("client|nosuch")).toThrow('no facts of a command "client|nosuch"');
    expect(() => build("get", "set", "get")).toThrow('two handlers of "get"');
  });

  it("keeps statistics per table", () => {
    const [one, other] = [fullTable(), fullTable()];
    const get = one.find("get")!;
    const list = one.find("client|list")!;
    get.calls = 3;
    get.microseconds = 12.5;
    list.rejectedCalls = 1;
    list.failedCalls = 2;
    list.latencyHistogram = new Float64Array(1);
    expect(other.find("get")?.calls).toBe(0);
    one.resetStatistics();
    expect([get.calls, get.microseconds]).toEqual([0, 0]);
    expect([list.rejectedCalls, list.failedCalls, list.latencyHistogram]).toEqual([0, 0, null]);
  });

  it("knows the flags that COMMAND does not show", () => {
    const flagged = (bit: number) =>
      [...COMMAND_FACTS.values()].filter(({ flags }) => flags & bit).map((facts) => facts.fullName);
    expect(flagged(MAY_REPLICATE)).toEqual([
      "eval",
      "evalsha",
      "fcall",
      "pfcount",
      "publish",
      "spublish",
    ]);
    expect(flagged(PROTECTED)).toEqual(["debug", "module|load", "module|loadex", "module|unload"]);
    expect(flagged(TOUCHES_ARBITRARY_KEYS)).toEqual(["randomkey", "scan"]);
    expect(COMMAND_FACTS.get("multi")!.flags & (LOADING | STALE | ALLOW_BUSY)).toBe(
      LOADING | STALE | ALLOW_BUSY,
    );
  });

  it.each([
    ["get", 2, true],
    ["get", 1, false],
    ["get", 3, false],
    ["mget", 1, false],
    ["mget", 2, true],
    ["mget", 200, true],
    ["command", 1, true],
  ])("%s takes %i arguments: %s", (name, count, taken) => {
    expect(fullTable().find(name)?.takes(count)).toBe(taken);
  });
});

describe("resolve", () => {
  const table = fullTable();

  it.each([
    [["GET", "key"], "get"],
    [["config"], "config"],
    [["Config", "rEsetStat"], "config|resetstat"],
    [["command"], "command"],
    [["COMMAND", "COUNT"], "command|count"],
    [["get", "config", "get"], "get"],
    [["config", "nosuch"], undefined],
    [["config", ""], undefined],
    [["config|get", "x"], undefined],
    [["nosuch"], undefined],
    [[""], undefined],
  ])("%j is %s", (words, fullName) => {
    expect(table.resolve(argsOf(words))?.fullName).toBe(fullName);
  });

  it("starts at the given argument", () => {
    expect(table.resolve(argsOf(["command", "getkeys", "get", "k"]), 2)?.fullName).toBe("get");
    expect(table.resolve(argsOf(["a", "b", "memory", "usage"]), 2)?.fullName).toBe("memory|usage");
    expect(table.resolve(argsOf(["a", "b", "memory"]), 2)?.fullName).toBe("memory");
  });
});

describe("lookupFullName", () => {
  const table = fullTable();

  it.each([
    ["get", "get"],
    ["CONFIG", "config"],
    ["Config|Get", "config|get"],
    ["get|key", undefined],
    ["config|get|key", undefined],
    ["config|", undefined],
    ["|get", undefined],
    ["|", undefined],
    ["", undefined],
  ])("%j is %s", (name, fullName) => {
    // Surrounded by bytes that must not be looked at.
    const bytes = Buffer.from(`x${name}|get`);
    expect(table.lookupFullName(bytes, 1, name.length)?.fullName).toBe(fullName);
  });
});

describe("rename", () => {
  const lookup = (table: CommandTable, name: string) =>
    table.lookup(Buffer.from(name, "latin1"), 0, name.length)?.fullName;

  it("moves a command to another name", () => {
    const table = fullTable();
    expect(table.rename("FLUSHALL", "Wipe-It\xff")).toBe("");
    expect(lookup(table, "flushall")).toBe(undefined);
    expect(lookup(table, "wIPE-iT\xff")).toBe("flushall");
    expect(table.find("flushall")?.fullName).toBe("flushall");
    expect(table.commands.length).toBe(250);
  });

  it("removes a command", () => {
    const table = fullTable();
    expect(table.rename("config", "")).toBe("");
    expect(lookup(table, "config")).toBe(undefined);
    expect(table.resolve(argsOf(["config", "get", "x"]))).toBe(null);
    expect(table.find("config|get")?.fullName).toBe("config|get");
    expect(table.commands.length).toBe(249);
    expect(table.commands.some(({ name }) => name === "config")).toBe(false);
  });

  it("moves a container with its subcommands", () => {
    const table = fullTable();
    expect(table.rename("config", "cfg")).toBe("");
    expect(table.resolve(argsOf(["CFG", "get", "x"]))?.fullName).toBe("config|get");
  });

  it("allows swaps, also only of case, but no name twice", () => {
    const table = fullTable();
    expect(table.rename("get", "GET")).toBe("");
    expect(lookup(table, "get")).toBe("get");
    expect(table.rename("get", "set")).toBe("Target command name already exists");
    expect(table.rename("get", "tmp")).toBe("");
    expect(table.rename("set", "get")).toBe("");
    expect(table.rename("tmp", "set")).toBe("");
    expect([lookup(table, "get"), lookup(table, "set")]).toEqual(["set", "get"]);
  });

  it("needs a command that exists and is no subcommand", () => {
    const table = fullTable();
    expect(table.rename("nosuch", "x")).toBe("No such command in rename-command");
    expect(table.rename("config|get", "x")).toBe("No such command in rename-command");
    expect(table.rename("", "x")).toBe("No such command in rename-command");
  });
});
