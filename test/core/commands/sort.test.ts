import { describe, expect, test } from "vitest";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";

const WRONG_SCORE = "-ERR One or more scores can't be converted into double";

describe("SORT", () => {
  test.each([
    ["SORT l", "1 2 10 33"],
    ["SORT l DESC", "33 10 2 1"],
    ["SORT l ALPHA", "1 10 2 33"],
    ["SORT l ALPHA DESC LIMIT 1 2", "2 10"],
    ["SORT l LIMIT 1 2", "2 10"],
    ["SORT l LIMIT 0 0", ""],
    ["SORT l LIMIT 9 2", ""],
    ["SORT l LIMIT -5 -5", "1 2 10 33"],
    ["SORT l BY none", "10 2 33 1"],
    ["SORT l BY none DESC", "1 33 2 10"],
    ["SORT l BY none LIMIT 1 2", "2 33"],
    ["SORT l BY none DESC LIMIT 1 2", "33 2"],
    ["SORT z BY none", "a b c"],
    ["SORT z BY none DESC LIMIT 0 2", "c b"],
    ["SORT z ALPHA DESC", "c b a"],
    ["SORT s", "1 2 3"],
    ["SORT s BY none ALPHA", "1 2 3"],
    ["SORT l BY w_*", "33 10 2 1"],
    ["SORT l BY h_*->w", "2 1 10 33"],
    ["SORT l BY w_* GET #", "33 10 2 1"],
    ["SORT l GET # GET w_*", "1 4 2 3 10 2 33 1"],
    ["SORT l GET h_*->name", "one ten"],
    ["SORT s BY missing_*", "1 2 3"],
    ["SORT s BY missing_* DESC", "3 2 1"],
    ["SORT missing", ""],
    ["SORT_RO l DESC", "33 10 2 1"],
  ])("%s", (line, expected) => {
    const node = new CoreNode();
    node.run("RPUSH l 10 2 33 1");
    node.run("SADD s 3 1 2");
    node.run("ZADD z 1 a 2 b 3 c");
    node.run("MSET w_10 2 w_2 3 w_33 1 w_1 4");
    node.run("HSET h_10 w 5 name ten");
    node.run("HSET h_1 w 2 name one");
    node.run("HSET h_33 w 9");
    expect(node.strings(line).join(" ")).toBe(expected);
  });

  test.each([
    ["SORT l LIMIT 1", "-ERR syntax error"],
    ["SORT l LIMIT x 1", "-ERR value is not an integer or out of range"],
    ["SORT l WHAT", "-ERR syntax error"],
    ["SORT_RO l STORE d", "-ERR syntax error"],
    ["SORT str", "-WRONGTYPE Operation against a key holding the wrong kind of value"],
    ["SORT words", WRONG_SCORE],
    ["SORT words STORE d", WRONG_SCORE],
    ["SORT l BY word_*", WRONG_SCORE],
  ])("%s", (line, reply) => {
    const node = new CoreNode();
    node.run("RPUSH l 1");
    node.run("RPUSH words a 1");
    node.run("SET str x");
    node.run("SET word_1 x");
    expect(node.run(line)).toBe(reply);
    expect(node.run("EXISTS d")).toBe(":0");
  });

  test.each([
    ["", "a"],
    [" 3", "x"],
    ["0x10", "x"],
    ["-inf", "x"],
    ["1e3", "x"],
    ["1e999", WRONG_SCORE],
    ["nan", WRONG_SCORE],
    ["3 ", WRONG_SCORE],
    ["1\0junk", "x"],
  ])("by a weight of %j", (weight, reply) => {
    const node = new CoreNode();
    node.run("RPUSH l x");
    node.send(1, "SET", "w_x", weight);
    const expected = reply === WRONG_SCORE ? reply : "*1\r\n$1\r\nx";
    expect(node.run("SORT l BY w_*")).toBe(expected);
  });

  test("STORE makes a list, or removes the key", () => {
    const node = new CoreNode({ propagates: true });
    node.run("SADD s 3 1 2");
    node.run("SET d x EX 100");
    expect(node.run("SORT s STORE d")).toBe(":3");
    expect(node.strings("LRANGE d 0 -1")).toEqual(["1", "2", "3"]);
    expect(node.run("OBJECT ENCODING d")).toContain("listpack");
    expect(node.run("TTL d")).toBe(":-1");
    expect(node.run("SORT s BY none STORE d")).toBe(":3");
    expect(node.run("SORT s GET # GET none_* STORE d")).toBe(":6");
    expect(node.strings("LRANGE d 0 -1")).toEqual(["1", "", "2", "", "3", ""]);
    node.takePropagated();
    expect(node.run("SORT none STORE d")).toBe(":0");
    expect(node.run("EXISTS d")).toBe(":0");
    expect(node.takePropagated()).toEqual(["SORT none STORE d"]);
    node.run("SORT s STORE s");
    expect(node.strings("LRANGE s 0 -1")).toEqual(["1", "2", "3"]);
    node.verify();
  });

  test("survives that what it sorts expires under its hands", () => {
    const node = new CoreNode();
    node.run("RPUSH l b a");
    node.run("SET w_a 1 PX 10");
    node.run("HSET h_a f 1");
    node.run("HPEXPIRE h_a 10 FIELDS 1 f");
    node.advance(11);
    expect(node.strings("SORT l BY w_* GET h_*->f GET # GET l")).toEqual(["a", "b"]);
    expect(node.run("EXISTS h_a w_a")).toBe(":0");
    node.verify();
  });

  test("large lists, sets and sorted sets, every way", () => {
    const prng = new Prng(Uint8Array.of(4));
    const numbers = [...new Set(Array.from({ length: 2000 }, () => prng.below(100_000) - 50_000))];
    const node = new CoreNode();
    node.run(`RPUSH l ${numbers.join(" ")}`);
    node.run(`SADD s ${numbers.join(" ")}`);
    node.run(`ZADD z ${numbers.map((n, i) => `${i} ${n}`).join(" ")}`);
    const numeric = [...numbers].sort((a, b) => a - b).map(String);
    const alpha = numbers.map(String).sort();
    for (const key of ["l", "s", "z"]) {
      expect(node.strings(`SORT ${key}`)).toEqual(numeric);
      expect(node.strings(`SORT ${key} DESC`)).toEqual([...numeric].reverse());
      expect(node.strings(`SORT ${key} ALPHA`)).toEqual(alpha);
      expect(node.strings(`SORT ${key} LIMIT 100 50`)).toEqual(numeric.slice(100, 150));
      node.run(`SORT ${key} ALPHA STORE d`);
      expect(node.strings("LRANGE d 0 -1")).toEqual(alpha);
    }
    expect(node.strings("SORT z BY none LIMIT 3 5")).toEqual(numbers.slice(3, 8).map(String));
    node.verify();
  });
});
