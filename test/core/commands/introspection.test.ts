// The table through the bytes of COMMAND, field by field against the facts of Redis 7.4.1.
import { describe, expect, it } from "vitest";
import { command } from "../../../core/commands/command.ts";
import { introspectionCommands } from "../../../core/commands/introspection.ts";
import { CommandTable } from "../../../core/commands/table.ts";
import type { RespValue } from "../../support/resp-value.ts";
import { call, callRaw, fixture, fullTable, type Plain, plain } from "./support.ts";

interface Fact {
  arity: number;
  flags: string[];
  keys: number[];
  acl: string[];
  tips?: string[];
  keyspecs?: KeySpecFact[];
  subcommands?: Record<string, Fact>;
}

interface KeySpecFact {
  flags: string[];
  begin: Record<string, Record<string, Plain>>;
  find: Record<string, Record<string, Plain>>;
}

type Info = [
  name: string,
  arity: number,
  flags: string[],
  firstKey: number,
  lastKey: number,
  keyStep: number,
  acl: string[],
  tips: string[],
  keySpecs: Record<string, Plain>[],
  subcommands: Info[],
];

const table = fullTable();

/** Order is no fact of a set; Redis's own order of the names is tested on its own below. */
const sorted = (names: readonly string[]): string[] => [...names].sort();

function expectInfo(info: Info, fullName: string, fact: Fact): void {
  const [name, arity, flags, firstKey, lastKey, keyStep, acl, tips, keySpecs, subcommands] = info;
  expect(
    {
      name,
      arity,
      flags: sorted(flags),
      keys: [firstKey, lastKey, keyStep],
      acl: sorted(acl),
      tips: sorted(tips),
      keySpecs,
    },
    fullName,
  ).toEqual({
    name: fullName,
    arity: fact.arity,
    flags: sorted(fact.flags),
    keys: fact.keys,
    acl: sorted(fact.acl),
    tips: sorted(fact.tips ?? []),
    keySpecs: (fact.keyspecs ?? []).map(specReply),
  });
  const subFacts = fact.subcommands ?? {};
  expect(subcommands.map(([sub]) => sub)).toEqual(
    Object.keys(subFacts).map((sub) => `${fullName}|${sub}`),
  );
  for (const sub of subcommands) expectInfo(sub, sub[0], subFacts[sub[0].split("|")[1]!]!);
}

function specReply({ flags, begin, find }: KeySpecFact): Record<string, Plain> {
  const part = (choice: KeySpecFact["begin"]): Plain => {
    const [[type, spec]] = Object.entries(choice) as [[string, Record<string, Plain>]];
    return { type, spec };
  };
  return { flags, begin_search: part(begin), find_keys: part(find) };
}

describe("COMMAND and COMMAND INFO", () => {
  const facts = fixture<Record<string, Fact>>("command.json");

  it.each([["command"], ["command|info"]])("%s tells all facts of all commands", (path) => {
    const infos = plain(call(table, 3, ...path.split("|"))) as unknown as Info[];
    expect(infos.map(([name]) => name)).toEqual(sorted(Object.keys(facts)));
    for (const info of infos) expectInfo(info, info[0], facts[info[0]]!);
  });

  it("tells the facts of Sentinel's commands", () => {
    const { only_in_sentinel_or_different: sentinelFacts } = fixture<
      Record<string, Record<string, Fact>>
    >("command-sentinel-mode.json") as { only_in_sentinel_or_different: Record<string, Fact> };
    const names = Object.keys(sentinelFacts);
    expect(names.length).toBe(22);
    const infos = plain(call(fullTable("sentinel"), 3, "command", "info", ...names));
    for (const info of infos as unknown as Info[]) {
      expectInfo([...info.slice(0, 9), []] as unknown as Info, info[0], sentinelFacts[info[0]]!);
    }
  });

  it("lists names of flags and categories in Redis's order", () => {
    const [[, , flags, , , , acl]] = plain(
      call(table, 2, "command", "info", "replconf"),
    ) as unknown as [Info];
    expect(flags).toEqual(["admin", "noscript", "loading", "stale", "allow_busy"]);
    expect(acl).toEqual(["@admin", "@slow", "@dangerous"]);
    const [[, , , , , , sortAcl, tips]] = plain(
      call(table, 2, "command", "info", "sort"),
    ) as unknown as [Info];
    expect(sortAcl).toEqual(["@write", "@set", "@sortedset", "@list", "@slow", "@dangerous"]);
    expect(tips).toEqual([]);
    const [[, , , , , , , keysTips]] = plain(
      call(table, 2, "command", "info", "keys"),
    ) as unknown as [Info];
    expect(keysTips).toEqual(["request_policy:all_shards", "nondeterministic_output_order"]);
  });

  it("answers in RESP2 with these bytes", () => {
    expect(callRaw(table, 2, "COMMAND", "INFO", "Get", "nosuch", "GET|x")).toBe(
      [
        "*3",
        ...["*10", "$3", "get", ":2", "*2", "+readonly", "+fast", ":1", ":1", ":1"],
        ...["*3", "+@read", "+@string", "+@fast", "*0"],
        ...["*1", "*6", "$5", "flags", "*2", "+RO", "+access"],
        ...["$12", "begin_search", "*4", "$4", "type", "$5", "index"],
        ...["$4", "spec", "*2", "$5", "index", ":1"],
        ...["$9", "find_keys", "*4", "$4", "type", "$5", "range", "$4", "spec", "*6"],
        ...["$7", "lastkey", ":0", "$7", "keystep", ":1", "$5", "limit", ":0", "*0"],
        ...["$-1", "$-1", ""],
      ].join("\r\n"),
    );
  });

  it("answers in RESP3 with these bytes", () => {
    expect(callRaw(table, 3, "COMMAND", "INFO", "memory|usage", "nosuch", "ping")).toBe(
      [
        "*3",
        ...["*10", "$12", "memory|usage", ":-3", "~1", "+readonly", ":2", ":2", ":1"],
        ...["~2", "+@read", "+@slow", "~0"],
        ...["~1", "%3", "$5", "flags", "~1", "+RO"],
        ...["$12", "begin_search", "%2", "$4", "type", "$5", "index"],
        ...["$4", "spec", "%1", "$5", "index", ":2"],
        ...["$9", "find_keys", "%2", "$4", "type", "$5", "range", "$4", "spec", "%3"],
        ...["$7", "lastkey", ":0", "$7", "keystep", ":1", "$5", "limit", ":0", "~0"],
        "_",
        ...["*10", "$4", "ping", ":-1", "~1", "+fast", ":0", ":0", ":0"],
        ...["~2", "+@fast", "+@connection"],
        ...["~2", "$25", "request_policy:all_shards", "$29", "response_policy:all_succeeded"],
        ...["~0", "~0", ""],
      ].join("\r\n"),
    );
  });

  it("gives subcommands as an array, and an empty set when there are none", () => {
    const [config, get] = (call(table, 3, "command", "info", "config", "get") as Items).items;
    expect((config as Items).items[9]!.kind).toBe("array");
    expect((get as Items).items[9]).toEqual({ kind: "set", items: [] });
  });
});

type Items = Extract<RespValue, { items: RespValue[] }>;

describe("COMMAND COUNT", () => {
  it("counts what exists, without subcommands", () => {
    expect(callRaw(table, 2, "command", "count")).toBe(":250\r\n");
    const small = new CommandTable([introspectionCommands, [command("get", () => {})]]);
    expect(callRaw(small, 2, "command", "count")).toBe(":2\r\n");
  });

  it("does not count what rename-command removed, and shows renamed commands by their full name", () => {
    const renamed = fullTable();
    renamed.rename("get", "");
    renamed.rename("set", "put");
    expect(callRaw(renamed, 2, "command", "count")).toBe(":249\r\n");
    expect(plain(call(renamed, 2, "command", "info", "get", "set"))).toEqual([null, null]);
    const [info] = plain(call(renamed, 2, "command", "info", "put")) as unknown as [Info];
    expect(info[0]).toBe("set");
  });
});

describe("COMMAND LIST", () => {
  const list = (...words: string[]) =>
    plain(call(table, 2, "command", "list", ...words)) as string[];

  it("lists commands and subcommands", () => {
    const { normal } = fixture<{ normal: string[] }>("commands-by-mode.json");
    expect(sorted(list())).toEqual(sorted(normal));
  });

  it("filters by ACL category", () => {
    const categories = fixture<Record<string, string[]>>("acl-categories.json");
    for (const [category, names] of Object.entries(categories)) {
      const listed = list("filterby", "aclcat", category.toUpperCase());
      expect(sorted(listed), category).toEqual(sorted(names));
    }
    expect(Object.keys(categories).length).toBe(21);
    expect(list("FILTERBY", "ACLCAT", "nosuch")).toEqual([]);
    expect(list("FILTERBY", "ACLCAT", "@read")).toEqual([]);
  });

  it("filters by pattern", () => {
    expect(list("filterby", "pattern", "SET")).toEqual(["set"]);
    expect(list("FilterBy", "Pattern", "cl*help")).toEqual(["client|help", "cluster|help"]);
    expect(list("filterby", "pattern", "config|*re*")).toEqual([
      "config|resetstat",
      "config|rewrite",
    ]);
    expect(list("filterby", "pattern", "nosuch*")).toEqual([]);
  });

  it("finds no modules", () => {
    expect(callRaw(table, 3, "command", "list", "filterby", "module", "x")).toBe("*0\r\n");
  });

  it.each([
    [["bad"]],
    [["filterby"]],
    [["filterby", "pattern"]],
    [["filterby", "bad", "x"]],
    [["bad", "pattern", "x"]],
    [["filterby", "pattern", "x", "y"]],
  ])("%j is a syntax error", (words) => {
    expect(callRaw(table, 2, "command", "list", ...words)).toBe("-ERR syntax error\r\n");
  });
});
