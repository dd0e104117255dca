// Scripts as the node sees them: what they propagate, what is counted, what is kept of them.
import { beforeEach, describe, expect, it } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { sha1Hex } from "../../../core/util/sha1.ts";
import { CoreNode } from "../../support/core-node.ts";

let node: CoreNode;

beforeEach(() => {
  node = new CoreNode({ propagates: true, configuration: "enable-debug-command yes" });
});

function evaluate(script: string, ...args: string[]): string {
  return node.send(1, "EVAL", script, "0", ...args);
}

describe("propagation", () => {
  it("is of what a script does, not of the script", () => {
    evaluate("redis.call('SET', 'k', 1)");
    expect(node.takePropagated()).toEqual(["SET k 1"]);
    evaluate("redis.call('SET', 'k', 1) redis.call('INCR', 'k') redis.call('GET', 'k')");
    expect(node.takePropagated()).toEqual(["multi", "SET k 1", "INCR k", "exec"]);
    evaluate("return redis.call('GET', 'k')");
    expect(node.takePropagated()).toEqual([]);
  });

  it("is of what was done before an error", () => {
    evaluate("redis.call('SET', 'k', 1) error('x')");
    expect(node.takePropagated()).toEqual(["SET k 1"]);
  });

  it("is of the commands that commands become", () => {
    evaluate(
      "redis.call('SADD', 's', 'a') redis.call('SPOP', 's') redis.call('SET', 'k', 'v', 'EX', 10)",
    );
    expect(node.takePropagated()).toEqual([
      "multi",
      "SADD s a",
      "SREM s a",
      `SET k v PXAT ${node.nowMs + 10_000}`,
      "exec",
    ]);
  });

  it("is one unit with the transaction around", () => {
    node.send(1, "MULTI");
    node.send(1, "SET", "a", "1");
    node.send(1, "EVAL", "redis.call('SET', 'b', 2) redis.call('SET', 'c', 3)", "0");
    node.send(1, "EXEC");
    expect(node.takePropagated()).toEqual(["multi", "SET a 1", "SET b 2", "SET c 3", "exec"]);
  });

  it("goes to whom the script wants", () => {
    evaluate(`
      redis.call('SET', 'a', 1)
      redis.set_repl(redis.REPL_NONE)
      redis.call('SET', 'b', 1)
      redis.set_repl(redis.REPL_ALL)
      redis.call('SET', 'c', 1)`);
    expect(node.takePropagated()).toEqual(["multi", "SET a 1", "SET c 1", "exec"]);
    const targets: number[] = [];
    node.node.propagation.listener = (unit) => targets.push(...unit.map((one) => one.targets));
    evaluate(`
      redis.set_repl(redis.REPL_AOF) redis.call('SET', 'a', 1)
      redis.set_repl(redis.REPL_REPLICA) redis.call('SET', 'a', 1)`);
    evaluate("redis.call('SET', 'a', 1)");
    expect(targets).toEqual([1, 2, 3]);
  });

  it("is of keys that a script finds expired, whatever it wants", () => {
    node.run("SET k v PX 10");
    node.advance(20);
    node.takePropagated();
    evaluate("redis.set_repl(redis.REPL_NONE) return redis.call('GET', 'k')");
    expect(node.takePropagated()).toEqual(["DEL k"]);
  });

  it("is of libraries, not of cached scripts", () => {
    node.send(1, "SCRIPT", "LOAD", "return 1");
    node.send(1, "SCRIPT", "FLUSH");
    expect(node.takePropagated()).toEqual([]);
    const code = "#!lua name=l\nredis.register_function('f', function() end)";
    node.send(1, "FUNCTION", "LOAD", code);
    node.send(1, "FUNCTION", "LOAD", code);
    node.send(1, "FUNCTION", "DELETE", "l");
    node.send(1, "FUNCTION", "FLUSH");
    expect(node.takePropagated()).toEqual([
      `FUNCTION LOAD ${code}`,
      "FUNCTION DELETE l",
      "FUNCTION FLUSH",
    ]);
  });
});

describe("statistics", () => {
  const stats = (section: string): string => node.run(`INFO ${section}`);

  it("count commands of scripts beside the script", () => {
    evaluate("redis.call('SET', 'k', 'v') redis.pcall('INCR', 'k') redis.pcall('GET')");
    const text = stats("commandstats");
    expect(text).toMatch(
      /cmdstat_eval:calls=1,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=0/,
    );
    expect(text).toMatch(/cmdstat_incr:calls=1,.*,rejected_calls=0,failed_calls=1/);
    expect(text).toMatch(/cmdstat_get:calls=0,.*,rejected_calls=1,failed_calls=0/);
    expect(stats("errorstats")).toContain("errorstat_ERR:count=2");
    expect(stats("stats")).toContain("total_error_replies:2");
  });

  it("count an error once when the script passes it on", () => {
    node.run("SET k v");
    for (const script of [
      "return redis.call('INCR', 'k')",
      "return redis.pcall('INCR', 'k')",
      "return {1, redis.pcall('INCR', 'k')}",
      "error(redis.pcall('INCR', 'k'))",
      "return redis.call('NOSUCH')",
    ]) {
      node.run("CONFIG RESETSTAT");
      evaluate(script);
      expect(stats("stats"), script).toContain("total_error_replies:1\r");
      expect(stats("commandstats"), script).toMatch(/cmdstat_eval:calls=1,.*failed_calls=1\r/);
    }
  });

  it("count errors of the script's own", () => {
    evaluate("return redis.error_reply('MINE error')");
    evaluate("error({err='YOURS error'})");
    evaluate("return {redis.error_reply('MINE error'), redis.error_reply('MINE error')}");
    expect(stats("errorstats")).toContain("errorstat_MINE:count=3");
    expect(stats("errorstats")).toContain("errorstat_YOURS:count=1");
    expect(stats("commandstats")).toMatch(/cmdstat_eval:calls=3,.*failed_calls=3\r/);
  });
});

describe("the cache", () => {
  const exists = (script: string): string =>
    node.run(`SCRIPT EXISTS ${sha1Hex(toBytes(script))}`).slice(-1);

  it("forgets the scripts of EVAL that were used longest ago", () => {
    node.send(1, "SCRIPT", "LOAD", "return 'loaded'");
    for (let i = 0; i < 500; i++) evaluate(`return ${i}`);
    expect(exists("return 0")).toBe("1");
    evaluate("return 0");
    evaluate("return 'new'");
    expect(exists("return 0")).toBe("1");
    expect(exists("return 1")).toBe("0");
    expect(exists("return 'loaded'")).toBe("1");
    expect(node.run("INFO stats")).toContain("evicted_scripts:1\r");
    expect(node.run("INFO memory")).toContain("number_of_cached_scripts:501\r");
    for (let i = 1000; i < 1500; i++) evaluate(`return ${i}`);
    expect(exists("return 'loaded'")).toBe("1");
    expect(exists("return 0")).toBe("0");
  });

  it("keeps a script of EVAL as one when it is loaded later, as Redis 7.4 does", () => {
    evaluate("return 'x'");
    node.send(1, "SCRIPT", "LOAD", "return 'x'");
    for (let i = 0; i < 500; i++) evaluate(`return ${i}`);
    expect(exists("return 'x'")).toBe("0");
  });

  it("tells texts apart that differ anywhere", () => {
    const long = `return '${"a".repeat(5000)}`;
    for (let i = 0; i < 50; i++) {
      const script = `${long.slice(0, 100 + i)}b${long.slice(101 + i)}'`;
      expect(evaluate(script)).toBe(`$5000\r\n${script.slice(8, -1)}\r\n`);
    }
  });

  it("is part of the memory in use", () => {
    const used = (): number => Number(/used_memory:(\d+)/.exec(node.run("INFO memory"))![1]);
    const before = used();
    node.send(1, "SCRIPT", "LOAD", `-- ${"x".repeat(100_000)}`);
    expect(used() - before).toBeGreaterThan(100_000);
    node.send(1, "SCRIPT", "FLUSH");
    expect(used()).toBe(before);
  });
});

describe("SCRIPT FLUSH", () => {
  it("forgets many scripts or functions in the background", () => {
    const freed = (): string => /lazyfreed_objects:(\d+)/.exec(node.run("INFO memory"))![1]!;
    for (let i = 0; i < 65; i++) node.send(1, "SCRIPT", "LOAD", `return ${i}`);
    node.run("SCRIPT FLUSH ASYNC");
    expect(freed()).toBe("65");
    const functions = Array.from(
      { length: 65 },
      (_, i) => `redis.register_function('f${i}', function() end)`,
    );
    node.send(1, "FUNCTION", "LOAD", `#!lua name=l\n${functions.join("\n")}`);
    node.run("FUNCTION FLUSH ASYNC");
    expect(freed()).toBe("131");
  });

  it("takes back what scripts have changed in Lua's own tables", () => {
    evaluate("getmetatable('').__add = function() return 'added' end");
    expect(evaluate("return 'a' + 'b'")).toBe("$5\r\nadded\r\n");
    node.run("SCRIPT FLUSH");
    expect(evaluate("return 'a' + 'b'")).toMatch(
      /^-ERR user_script:1: attempt to perform arithmetic/,
    );
  });
});

describe("tables that hold themselves", () => {
  it("end where Lua's stack would", () => {
    const array = evaluate("local a = {} a[1] = a return a");
    expect(array).toBe(`${"*1\r\n".repeat(7995)}-ERR reached lua stack limit\r\n`);
    expect(evaluate("local a = {} a.map = {a = a} return a")).toHaveLength(29368);
    expect(evaluate("local a = {} a.set = {[a] = true} return a")).toHaveLength(10690);
  });
});

describe("MEMORY DOCTOR", () => {
  it("notices many scripts", () => {
    node.run("DEBUG POPULATE 20000 k 300");
    expect(node.run("MEMORY DOCTOR")).not.toContain("Many scripts");
    for (let i = 0; i <= 1000; i++) node.send(1, "SCRIPT", "LOAD", `return ${i}`);
    expect(node.run("MEMORY DOCTOR")).toContain("Many scripts");
  });
});

describe("large tables", () => {
  const FILL = "local t = {} for i = 1, 20000 do t[i] = i end ";
  const SUM = " local n = 0 for i = 1, #big do n = n + big[i] end return n";

  it("stay when a script has kept them", () => {
    // Where a script can keep something: the metatable of strings, and environments.
    const keepers = [
      [`${FILL} getmetatable('').big = t`, `local big = getmetatable('').big ${SUM}`],
      [`${FILL} getmetatable('').__index = t`, `local big = getmetatable('').__index ${SUM}`],
      [
        `${FILL} setmetatable(getmetatable(''), t)`,
        `local big = getmetatable(getmetatable('')) ${SUM}`,
      ],
      [`${FILL} setfenv(0, {big = t})`, `local big = big ${SUM}`],
    ];
    for (const [keep, read] of keepers) {
      evaluate(keep);
      evaluate(`${FILL} for i = 1, 20000 do t[i] = 'other' end`);
      expect(evaluate(read), keep).toBe(":200010000\r\n");
      node.send(1, "SCRIPT", "FLUSH");
    }
    const own = `if not setfenv then ${SUM} end ${FILL} setfenv(1, {big = t})`;
    evaluate(own);
    evaluate(`${FILL} for i = 1, 20000 do t[i] = 'other' end`);
    expect(evaluate(own)).toBe(":200010000\r\n");
  });

  it("give their memory to the next script, but not their values", () => {
    evaluate(`${FILL} return #t`);
    const script = "local t = {} for i = 1, 9000 do t[i] = 0 end return {#t, tostring(t[9001])}";
    expect(evaluate(script)).toBe("*2\r\n:9000\r\n$3\r\nnil\r\n");
  });
});

describe("scripts that are not run for long", () => {
  const COUNT = 800;

  function load(script: string): string {
    return node.send(1, "SCRIPT", "LOAD", script).split("\r\n")[1];
  }

  it("run as before, however many there are", () => {
    const shas = Array.from({ length: COUNT }, (_, i) => load(`return ${i}`));
    for (let round = 0; round < 2; round++) {
      shas.forEach((sha, i) => {
        expect(node.send(1, "EVALSHA", sha, "0")).toBe(`:${i}\r\n`);
      });
    }
  });

  it("keep their code only if they were run lately", () => {
    const shas = Array.from({ length: COUNT }, (_, i) => load(`return ${i}`));
    const compiled = () =>
      [...node.node.scripting.cache.all()]
        .filter(({ main }) => main !== null)
        .map(({ sha }) => sha);
    expect(compiled()).toEqual([]);
    for (const sha of shas) {
      node.send(1, "EVALSHA", sha, "0");
      node.send(1, "EVALSHA", shas[0], "0");
    }
    expect(compiled().length).toBeLessThan(700);
    expect(compiled()).toContain(shas[0]);
    expect(compiled()).toContain(shas[COUNT - 1]);
    expect(compiled()).not.toContain(shas[1]);
  });

  it("keep an environment that they have set", () => {
    const sha = load("if setfenv then setfenv(1, {x = 7}) return 0 end return x");
    expect(node.send(1, "EVALSHA", sha, "0")).toBe(":0\r\n");
    for (let i = 0; i < COUNT; i++) node.send(1, "EVALSHA", load(`return ${i}`), "0");
    expect(node.send(1, "EVALSHA", sha, "0")).toBe(":7\r\n");
  });

  it("have their syntax looked at when they are loaded", () => {
    expect(node.send(1, "SCRIPT", "LOAD", "return +")).toBe(
      "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '+'\r\n",
    );
  });
});
