// COMMAND DOCS against the facts of Redis 7.4.1, and its bytes for one command.
import { describe, expect, it } from "vitest";
import { call, callRaw, fixture, fullTable, type Plain, plain } from "./support.ts";

interface DocFact {
  group: string;
  since: string;
  complexity?: string;
  doc_flags?: string[];
  deprecated_since?: string;
  replaced_by?: string[];
  history_versions?: string[];
  args?: ArgumentFact[];
  subcommands?: Record<string, DocFact>;
}

interface ArgumentFact {
  name: string;
  type: string;
  display?: string;
  flags?: string[];
  args?: ArgumentFact[];
  [other: string]: unknown;
}

interface Docs {
  since: string;
  history?: [version: string, change: string][];
  replaced_by?: string;
  arguments?: Plain;
  subcommands?: Record<string, Docs>;
  [other: string]: unknown;
}

const table = fullTable();
const facts = fixture<Record<string, DocFact>>("command-docs.json");

function expectDocs(docs: Docs, fullName: string, fact: DocFact): void {
  const { history, replaced_by: replacedBy, subcommands, arguments: args, ...plainFields } = docs;
  const { history_versions: versions, replaced_by: successors, ...rest } = fact;
  const { subcommands: subFacts = {}, args: argFacts, ...plainFacts } = rest;
  expect(plainFields, fullName).toEqual(plainFacts);
  expect(args, fullName).toEqual(argFacts?.map(argumentReply));
  expect([...new Set(history?.map(([version]) => version))], fullName).toEqual(versions ?? []);
  for (const [, change] of history ?? []) expect(change, fullName).not.toBe("");
  expect(replacedBy === undefined, fullName).toBe(successors === undefined);
  for (const word of successors ?? []) expect(replacedBy).toContain(word.replace("!", ""));
  expect(Object.keys(subcommands ?? {})).toEqual(
    Object.keys(subFacts).map((sub) => `${fullName}|${sub}`),
  );
  for (const [sub, subDocs] of Object.entries(subcommands ?? {})) {
    expectDocs(subDocs, sub, subFacts[sub.split("|")[1]!]!);
  }
}

function argumentReply({ display, flags, args, ...rest }: ArgumentFact): Plain {
  const isGroup = args !== undefined;
  return {
    ...rest,
    ...(isGroup ? { arguments: args.map(argumentReply) } : { display_text: display ?? rest.name }),
    ...(flags === undefined
      ? {}
      : { flags: ["optional", "multiple", "multiple_token"].filter((f) => flags.includes(f)) }),
  } as Plain;
}

describe("COMMAND DOCS", () => {
  it("tells the facts of all commands", () => {
    const all = plain(call(table, 3, "command", "docs")) as unknown as Record<string, Docs>;
    expect(Object.keys(all)).toEqual(Object.keys(facts).sort());
    for (const [name, docs] of Object.entries(all)) expectDocs(docs, name, facts[name]!);
  });

  it("leaves out names that do not exist", () => {
    expect(callRaw(table, 2, "command", "docs", "nosuch", "get|x", "")).toBe("*0\r\n");
    expect(callRaw(table, 3, "command", "docs", "nosuch")).toBe("%0\r\n");
    const docs = plain(call(table, 3, "command", "docs", "nosuch", "GET", "Config|Get"));
    expect(Object.keys(docs as object)).toEqual(["get", "config|get"]);
  });

  it("answers in RESP3 with these bytes", () => {
    expect(callRaw(table, 3, "command", "docs", "psetex")).toBe(
      [
        ...["%1", "$6", "psetex"],
        ...["%7", "$5", "since", "$5", "2.6.0", "$5", "group", "$6", "string"],
        ...["$10", "complexity", "$4", "O(1)", "$9", "doc_flags", "~1", "+deprecated"],
        ...["$16", "deprecated_since", "$6", "2.6.12"],
        ...["$11", "replaced_by", "$15", "`SET` with `PX`"],
        ...["$9", "arguments", "*3"],
        ...["%4", "$4", "name", "$3", "key", "$4", "type", "$3", "key"],
        ...["$12", "display_text", "$3", "key", "$14", "key_spec_index", ":0"],
        ...["%3", "$4", "name", "$12", "milliseconds", "$4", "type", "$7", "integer"],
        ...["$12", "display_text", "$12", "milliseconds"],
        ...["%3", "$4", "name", "$5", "value", "$4", "type", "$6", "string"],
        ...["$12", "display_text", "$5", "value", ""],
      ].join("\r\n"),
    );
  });

  it("answers in RESP2 with these bytes", () => {
    expect(callRaw(table, 2, "command", "docs", "latency|reset")).toBe(
      [
        ...["*2", "$13", "latency|reset"],
        ...["*8", "$5", "since", "$6", "2.8.13", "$5", "group", "$6", "server"],
        ...["$10", "complexity", "$4", "O(1)", "$9", "arguments", "*1"],
        ...["*8", "$4", "name", "$5", "event", "$4", "type", "$6", "string"],
        ...["$12", "display_text", "$5", "event", "$5", "flags", "*2", "+optional", "+multiple"],
        "",
      ].join("\r\n"),
    );
  });

  it("gives history as a set of pairs and subcommands as a map", () => {
    const docs = callRaw(table, 3, "command", "docs", "bgsave");
    expect(docs).toContain("$7\r\nhistory\r\n~1\r\n*2\r\n$5\r\n3.2.2\r\n$14\r\nAdds SCHEDULE.\r\n");
    expect(callRaw(table, 3, "command", "docs", "slowlog")).toContain(
      "$11\r\nsubcommands\r\n%4\r\n$11\r\nslowlog|get\r\n%",
    );
  });

  it("documents Sentinel's commands", () => {
    const sentinel = fullTable("sentinel");
    const docs = plain(call(sentinel, 3, "command", "docs", "sentinel|myid", "sentinel"));
    expect(docs).toMatchObject({
      "sentinel|myid": { since: "6.2.0", group: "sentinel" },
      sentinel: { since: "2.8.4", group: "sentinel" },
    });
  });
});
