import { describe, expect, it } from "vitest";
import { KEY_FLAG_NAMES } from "../../../core/commands/flags.ts";
import { getKeys, getRoutingKeys, hasKeys, KeyPositions } from "../../../core/commands/getkeys.ts";
import { argsOf, callRaw, fullTable } from "./support.ts";

const table = fullTable();

/** "1 RO access, 2" : argument indexes, each with the names of its flags. */
function describeKeys(keys: KeyPositions): string {
  return Array.from({ length: keys.count }, (_, i) => {
    const names = KEY_FLAG_NAMES.filter(([bit]) => (keys.flags[i]! & bit) !== 0);
    return [keys.index[i], ...names.map(([, name]) => name)].join(" ");
  }).join(", ");
}

function found(find: typeof getKeys, line: string, base = 0): string {
  const args = argsOf(line.split(" ").map((word) => (word === '""' ? "" : word)));
  const keys = new KeyPositions();
  // What an earlier call left behind must not show.
  keys.push(99, -1);
  const count = find(table.resolve(args, base)!, args, keys, base);
  expect(count).toBe(keys.count);
  return describeKeys(keys);
}

describe("getKeys", () => {
  it.each([
    ["get k", "1 RO access"],
    ["mget a b c", "1 RO access, 2 RO access, 3 RO access"],
    ["mset a 1 b 2", "1 OW update, 3 OW update"],
    ["lmove a b left right", "1 RW access delete, 2 RW insert"],
    ["bitop and d a b", "2 OW update, 3 RO access, 4 RO access"],
    ["blpop a b 0", "1 RW access delete, 2 RW access delete"],
    ["memory usage k", "2 RO"],
    ["xgroup create k g $", "2 RW insert"],
    ["ping", ""],
    ["ping k", ""],
  ])("%s: %s", (line, keys) => expect(found(getKeys, line)).toBe(keys));

  it.each([
    ["eval code 2 a b x", "3 RW access update, 4 RW access update"],
    ["eval code 0 x", ""],
    ["eval code 3 a b", ""],
    ["eval_ro code 1 a", "3 RO access"],
    ["fcall f 1 a", "3 RW access update"],
    ["zunion 2 a b weights 1 2", "2 RO access, 3 RO access"],
    ["zunionstore d 2 a b", "1 OW update, 3 RO access, 4 RO access"],
    ["zinterstore d 3 a b", ""],
    ["sintercard 1 a limit 2", "2 RO access"],
    ["lmpop 2 a b left", "2 RW access delete, 3 RW access delete"],
    ["blmpop 0 1 a left", "3 RW access delete"],
    ["bzmpop 0 2 a b min", "3 RW access delete, 4 RW access delete"],
  ])("counted keys: %s: %s", (line, keys) => expect(found(getKeys, line)).toBe(keys));

  it.each([
    // A number that only C's atoi accepts finds keys, but nothing of what happens to them.
    ["zunion 01 a", "2"],
    ["zunion +1 a", "2"],
    ["zunion \t1x a", "2"],
    ["zunion 4294967297 a", "2"],
    ["zunion -4294967295 a", "2"],
    ["zunion 99999999999999999999 a", ""],
    ["zunion -99999999999999999999 a", ""],
    ["zunion -1 a", ""],
    ["zunion x a", ""],
    ["zunionstore d 02 a b", "3, 4, 1"],
    ["zunionstore d 1443677133621497600 a", ""],
  ])("malformed counts: %s: %s", (line, keys) => expect(found(getKeys, line)).toBe(keys));

  it.each([
    ["xread streams a b 0 0", "2 RO access, 3 RO access"],
    ["xread count 1 block 0 streams a 0", "6 RO access"],
    // Redis's spec counts on an even number and takes the smaller half.
    ["xread streams a b 0", "2 RO access"],
    ["xread streams streams 0", "2 RO access"],
    ["xread count streams a 0", "3 RO access"],
    ["xread a b c", ""],
    ["xreadgroup group g c streams a b 0 0", "5 RO access, 6 RO access"],
    ["xreadgroup group streams c noack streams a >", "6 RO access"],
    ["xreadgroup group g streams noack count 1 streams a >", "8 RO access"],
  ])("streams: %s: %s", (line, keys) => expect(found(getKeys, line)).toBe(keys));

  it.each([
    ["set k v", "1 OW update"],
    ["set k v ex 10 GET", "1 RW access update"],
    ["set k get", "1 OW update"],
    ["bitfield k", "1 RO access"],
    ["bitfield k get u8 0 get u8 8", "1 RO access"],
    ["bitfield k overflow sat get u8 0", "1 RO access"],
    ["bitfield k get u8 0 set u8 0 1", "1 RW access update"],
    ["bitfield k incrby u8 0 1", "1 RW access update"],
    ["bitfield k get u8", "1 RW access update"],
  ])("flags that depend on options: %s: %s", (line, keys) => {
    expect(found(getKeys, line)).toBe(keys);
  });

  it.each([
    ["sort k", "1 RO access"],
    ["sort k store d", "1 RO access, 3 OW update"],
    ["sort k by store get store limit store 1 store d", "1 RO access, 10 OW update"],
    ["sort k store a store b", "1 RO access, 5 OW update"],
    // The stored key is read as an option itself.
    ["sort k store get x store y", "1 RO access, 6 OW update"],
    ["sort k store", "1 RO access"],
    ["sort_ro k get store", "1 RO access"],
    ["georadius k 1 2 3 m", "1 RO access"],
    ["georadius k 1 2 3 m store d", "1 RO access, 7 OW update"],
    ["georadiusbymember k x 3 m storedist d count 1", "1 RO access, 6 OW update"],
    ["georadius k 1 2 3 m STORE d STOREDIST e", "1 RO access, 7 OW update, 9 OW update"],
    ["georadius k 1 2 3 m store", "1 RO access"],
    ["migrate h p k 0 1", "3 RW access delete"],
    ['migrate h p "" 0 1 copy keys a b', "8 RW access delete, 9 RW access delete"],
    ['migrate h p "" 0 1 auth keys keys a', "9 RW access delete"],
    ['migrate h p "" 0 1 auth2 keys keys keys a', "10 RW access delete"],
    ["migrate h p k 0 1 keys a", ""],
    ['migrate h p "" 0 1 keys', "3 RW access delete"],
  ])("options with keys: %s: %s", (line, keys) => expect(found(getKeys, line)).toBe(keys));

  it("does not take shard channels for keys", () => {
    expect(found(getKeys, "spublish channel message")).toBe("");
    expect(hasKeys(table.find("spublish")!)).toBe(false);
    expect(hasKeys(table.find("ping")!)).toBe(false);
    expect(hasKeys(table.find("get")!)).toBe(true);
  });

  it("looks at a call inside another call", () => {
    expect(found(getKeys, "command getkeys mset a 1 b 2", 2)).toBe("3 OW update, 5 OW update");
    expect(found(getKeys, "x y z eval code 1 a", 3)).toBe("6 RW access update");
    expect(found(getKeys, "x y xread count 1 streams a 0", 2)).toBe("6 RO access");
    expect(found(getKeys, 'x migrate h p "" 0 1 keys a b', 1)).toBe(
      "8 RW access delete, 9 RW access delete",
    );
  });

  it("finds any number of keys", () => {
    const names = Array.from({ length: 1000 }, (_, i) => `k${i}`);
    const args = argsOf(["del", ...names]);
    const keys = new KeyPositions();
    expect(getKeys(table.find("del")!, args, keys)).toBe(1000);
    expect(keys.index[999]).toBe(1000);
    expect(found(getKeys, `zunionstore d 260 ${"a ".repeat(260).trim()}`).split(", ").length).toBe(
      261,
    );
  });
});

describe("getRoutingKeys", () => {
  it.each([
    ["get k", "1"],
    ["mset a 1 b 2", "1, 3"],
    ["set k v get", "1 RW access update"],
    ["blpop a b 0", "1, 2"],
    ["lmove a b left right", "1, 2"],
    ["ping k", ""],
    ["spublish channel message", "1"],
    ["ssubscribe a b", "1, 2"],
    ["zunionstore d 2 a b", "3, 4, 1"],
    ["xread streams a b 0 0", "2, 3"],
    ["xread streams a b 0", ""],
    ["xread streams", ""],
    ["xreadgroup group g c noack streams a >", "6"],
    ["georadius k 1 2 3 m store d storedist e", "1, 9"],
    ["georadius k 1 2 3 m store store", "1, 7"],
    ["object encoding k", "2"],
    ["object help", ""],
    // No key at all when the last one would be beyond the end.
    ["pfdebug x", ""],
  ])("%s: %s", (line, keys) => expect(found(getRoutingKeys, line)).toBe(keys));
});

describe("COMMAND GETKEYS and GETKEYSANDFLAGS", () => {
  it.each([
    [["getkeys", "nosuch", "k"], "-ERR Invalid command specified\r\n"],
    [["getkeys", "config", "nosuch"], "-ERR Invalid command specified\r\n"],
    [["getkeys", "ping", "k"], "-ERR The command has no key arguments\r\n"],
    [["getkeys", "config"], "-ERR The command has no key arguments\r\n"],
    [["getkeys", "get"], "-ERR Invalid number of arguments specified for command\r\n"],
    [["getkeys", "get", "a", "b"], "-ERR Invalid number of arguments specified for command\r\n"],
    [["getkeysandflags", "zunion", "0", "a"], "-ERR Invalid arguments specified for command\r\n"],
    [["getkeys", "eval", "code", "0"], "*0\r\n"],
    [["getkeys", "eval", "code", "9"], "*0\r\n"],
    [["getkeys", "mget", "a", "bb"], "*2\r\n$1\r\na\r\n$2\r\nbb\r\n"],
  ])("%j", (words, raw) => {
    expect(callRaw(table, 2, "command", ...words)).toBe(raw);
    expect(callRaw(table, 3, "command", ...words)).toBe(raw);
  });

  it("gives flags as a set", () => {
    const words = ["command", "getkeysandflags", "sort", "k", "store", "d"];
    const items = (set: string) =>
      `*2\r\n*2\r\n$1\r\nk\r\n${set}2\r\n+RO\r\n+access\r\n*2\r\n$1\r\nd\r\n${set}2\r\n+OW\r\n+update\r\n`;
    expect(callRaw(table, 2, ...words)).toBe(items("*"));
    expect(callRaw(table, 3, ...words)).toBe(items("~"));
  });
});
