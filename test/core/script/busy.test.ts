// Scripts that take too long: they make way for others, go on, and can be ended.
import { beforeEach, describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

const BUSY =
  "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
const BUSY_FUNCTION =
  "-BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.\r\n";
const FOREVER = "while true do end";
/** Long enough to be noticed, and then it ends. */
const LONG = "for i = 1, 1000000 do local x = i end";

let node: CoreNode;

beforeEach(() => {
  node = new CoreNode({ propagates: true, configuration: "busy-reply-threshold 10" });
  node.usPerLook = 1000;
});

/** Client 1 runs a script. */
function evaluate(script: string, ...args: string[]): string {
  return node.send(1, "EVAL", script, "0", ...args);
}

function end(client = 1): string {
  node.runJobs();
  return node.take(client);
}

describe("a script that takes long", () => {
  it("makes way and answers when it has ended", () => {
    expect(evaluate(`${LONG} return 'done'`)).toBe("");
    expect(node.send(2, "GET", "k")).toBe(BUSY);
    expect(node.send(2, "PING")).toBe(BUSY);
    expect(end()).toBe("$4\r\ndone\r\n");
    expect(node.send(2, "PING")).toBe("+PONG\r\n");
  });

  it("is announced in the log", () => {
    evaluate(FOREVER);
    expect(node.logged.at(-1)).toMatch(
      /^Slow script detected: still in execution after \d+ milliseconds\. You can try killing the script using the SCRIPT KILL command\. Script name is: [0-9a-f]{40}\.$/,
    );
  });

  it("executes each of its commands once", () => {
    evaluate(`
      local seen = {}
      for i = 1, 100 do seen[i] = redis.call('INCR', 'n') end
      ${LONG}
      for i = 101, 200 do seen[i] = redis.call('INCR', 'n') end
      return {#seen, seen[1], seen[100], seen[101], seen[200]}`);
    expect(end()).toBe("*5\r\n:200\r\n:1\r\n:100\r\n:101\r\n:200\r\n");
    expect(node.run("GET n")).toBe("$3\r\n200");
    expect(node.takePropagated().length).toBe(202);
  });

  it("draws the same random numbers and writes each log line once", () => {
    const draw = "local a = math.random(1000000) redis.log(redis.LOG_WARNING, 'drawn ' .. a)";
    const other = new CoreNode();
    const expected = other.send(1, "EVAL", `${draw} return {a, math.random(1000000)}`, "0");
    evaluate(`${draw} ${LONG} return {a, math.random(1000000)}`);
    expect(end()).toBe(expected);
    expect(node.logged.filter((line) => line.startsWith("drawn"))).toHaveLength(1);
  });

  it("is told again what its commands answered, errors and refusals too", () => {
    evaluate(`
      redis.call('RPUSH', 'l', 1)
      local a = redis.pcall('INCR', 'l').err
      local b = redis.pcall('NOSUCH').err
      redis.setresp(3)
      local c = redis.call('HGETALL', 'h').map
      ${LONG}
      return {a, b, type(c), redis.pcall('INCR', 'l').err == a}`);
    expect(end()).toBe(
      "*4\r\n$65\r\nWRONGTYPE Operation against a key holding the wrong kind of value\r\n$44\r\nERR Unknown Redis command called from script\r\n$5\r\ntable\r\n:1\r\n",
    );
    expect(node.run("INFO errorstats")).toContain("errorstat_WRONGTYPE:count=2");
  });

  it("raises errors with their place", () => {
    evaluate(`${LONG}\nerror('late')`);
    expect(end()).toMatch(
      /^-ERR user_script:2: late script: [0-9a-f]{40}, on @user_script:2\.\r\n$/,
    );
  });

  it("lets its client's other commands wait", () => {
    expect(evaluate(`${LONG} return redis.call('SET', 'k', 'v')`)).toBe("");
    expect(node.send(1, "GET", "k")).toBe("");
    expect(end()).toBe("+OK\r\n$1\r\nv\r\n");
  });

  it("goes on when its client is gone", () => {
    evaluate(`${LONG} redis.call('SET', 'k', 'v')`);
    node.node.onClosed(1);
    expect(node.send(2, "GET", "k")).toBe(BUSY);
    node.runJobs();
    expect(node.send(2, "GET", "k")).toBe("$1\r\nv\r\n");
  });

  it("sees time stand still", () => {
    node.run("SET k v PX 50");
    evaluate(`
      local a = redis.call('TIME')
      ${LONG}
      local b = redis.call('TIME')
      return {redis.call('GET', 'k'), tostring(a[1] == b[1] and a[2] == b[2])}`);
    node.node.runJobs(1);
    node.advance(1000);
    node.tick();
    expect(end()).toBe("*2\r\n$1\r\nv\r\n$4\r\ntrue\r\n");
    expect(node.run("GET k")).toBe("$-1");
  });

  it("propagates one unit", () => {
    evaluate(`redis.call('SET', 'a', 1) ${LONG} redis.call('SET', 'b', 2)`);
    expect(node.takePropagated()).toEqual([]);
    end();
    expect(node.takePropagated()).toEqual(["multi", "SET a 1", "SET b 2", "exec"]);
  });

  it("wakes those who wait for its keys when it has ended", () => {
    node.send(2, "BLPOP", "l", "0");
    evaluate(`redis.call('RPUSH', 'l', 'x') ${LONG} redis.call('RPUSH', 'l', 'y')`);
    expect(node.take(2)).toBe("");
    end();
    expect(node.take(2)).toBe("*2\r\n$1\r\nl\r\n$1\r\nx\r\n");
  });

  it("does not end the waiting of others before it has ended", () => {
    node.send(2, "BLPOP", "l", "0.01");
    evaluate(FOREVER);
    node.advance(5000);
    node.tick();
    expect(node.take(2)).toBe("");
    node.send(3, "SCRIPT", "KILL");
    end();
    expect(node.take(2)).toBe("*-1\r\n");
  });

  it("is counted with its whole time", () => {
    node.run("CONFIG SET slowlog-log-slower-than 5000");
    evaluate(`${LONG} return 1`);
    end();
    expect(node.run("INFO commandstats")).toMatch(/cmdstat_eval:calls=1,usec=\d{5,}/);
    expect(node.run("SLOWLOG LEN")).toBe(":1");
  });

  it("switches when its commands have answered much", () => {
    node.run("CONFIG SET busy-reply-threshold 0");
    node.send(1, "SET", "big", "x".repeat(1024 * 1024));
    const script = "local n = 0 for i = 1, 40 do n = n + #redis.call('GET', 'big') end return n";
    expect(evaluate(script)).toBe(`:${40 * 1024 * 1024}\r\n`);
    expect(node.run("INFO commandstats")).toContain("cmdstat_get:calls=40,");
  });

  it("is not noticed when nobody wants to notice it", () => {
    node.run("CONFIG SET busy-reply-threshold 0");
    expect(evaluate(`${LONG} return 1`)).toBe(":1\r\n");
  });
});

describe("what a busy node allows", () => {
  beforeEach(() => {
    evaluate(FOREVER);
  });

  it("is a transaction's frame, logging in and leaving", () => {
    expect(node.send(2, "MULTI")).toBe("+OK\r\n");
    expect(node.send(2, "SET", "k", "v")).toBe(BUSY);
    expect(node.send(2, "EXEC")).toBe(
      `-EXECABORT Transaction discarded because of: ${BUSY.slice(1)}`,
    );
    expect(node.send(2, "WATCH", "k")).toBe("+OK\r\n");
    expect(node.send(2, "HELLO", "2")).toContain("server");
    expect(node.send(2, "RESET")).toBe("+RESET\r\n");
  });

  it("is no SHUTDOWN that saves", () => {
    expect(node.send(2, "SHUTDOWN")).toBe(BUSY);
    expect(node.send(2, "SHUTDOWN", "SAVE")).toBe(BUSY);
  });

  it("is no look at functions", () => {
    expect(node.send(2, "FUNCTION", "STATS")).toBe(BUSY);
    expect(node.send(2, "FUNCTION", "KILL")).toBe(BUSY);
  });
});

describe("SCRIPT KILL", () => {
  it("ends a script", () => {
    evaluate(FOREVER);
    expect(node.send(2, "SCRIPT", "KILL")).toBe("+OK\r\n");
    expect(end()).toMatch(
      /^-ERR Script killed by user with SCRIPT KILL\.\.\. script: [0-9a-f]{40}, on @user_script:1\.\r\n$/,
    );
    expect(node.logged.at(-1)).toBe("Lua script killed by user with SCRIPT KILL.");
    expect(node.send(1, "PING")).toBe("+PONG\r\n");
  });

  it("ends a script that catches errors", () => {
    evaluate("while true do pcall(function() while true do end end) end");
    node.send(2, "SCRIPT", "KILL");
    expect(end()).toContain("-ERR Script killed by user");
  });

  it.each([
    "table.sort({3, 2, 1}, function() while true do end end)",
    "string.gsub('abc', '.', function() while true do end end)",
    "xpcall(function() while true do end end, function() end)",
    "setmetatable({}, {__index = function() while true do end end}).x = nil local y = setmetatable({}, {__index = function() while true do end end}).x",
    "coroutine.wrap(function() while true do end end)()",
    "tostring(setmetatable({}, {__tostring = function() while true do end end}))",
    "local function f() return f() end f()",
    "loadstring('while true do end')()",
    "repeat until false",
    "for i = 1, math.huge do end",
    "local s = string.rep('a', 200) string.find(s, string.rep('a?', 200) .. string.rep('a', 200))",
  ])("ends %s", (script) => {
    evaluate(script);
    expect(node.send(2, "SCRIPT", "KILL")).toBe("+OK\r\n");
    expect(end()).toContain("-ERR Script killed by user");
  });

  it("does not end a script that has written", () => {
    evaluate(`redis.call('SET', 'k', 'v') ${LONG}`);
    expect(node.send(2, "SCRIPT", "KILL")).toMatch(
      /^-UNKILLABLE Sorry the script already executed write commands against the dataset\. /,
    );
    expect(end()).toBe("$-1\r\n");
  });

  it("has nothing to end", () => {
    expect(node.run("SCRIPT KILL")).toBe("-NOTBUSY No scripts in execution right now.");
    expect(node.run("FUNCTION KILL")).toBe("-NOTBUSY No scripts in execution right now.");
  });
});

describe("a transaction with a script that takes long", () => {
  it("goes on when the script has ended", () => {
    node.send(1, "MULTI");
    node.send(1, "SET", "a", "1");
    node.send(1, "EVAL", `redis.call('SET', 'b', 2) ${LONG} return 'first'`, "0");
    node.send(1, "INCR", "a");
    node.send(1, "EVAL", `${LONG} return redis.call('GET', 'a')`, "0");
    node.send(1, "INCR", "a");
    let reply = node.send(1, "EXEC");
    expect(node.send(2, "GET", "a")).toBe(BUSY);
    reply += node.send(1, "GET", "a");
    node.runJobs();
    reply += node.take(1);
    expect(reply).toBe("*5\r\n+OK\r\n$5\r\nfirst\r\n:2\r\n$1\r\n2\r\n:3\r\n$1\r\n3\r\n");
    expect(node.takePropagated()).toEqual([
      "multi",
      "SET a 1",
      "SET b 2",
      "INCR a",
      "INCR a",
      "exec",
    ]);
    expect(node.run("INFO commandstats")).toMatch(/cmdstat_exec:calls=1,/);
    expect(node.run("INFO commandstats")).toMatch(/cmdstat_eval:calls=2,/);
  });

  it("goes on when its client is gone", () => {
    node.send(1, "MULTI");
    node.send(1, "EVAL", `${LONG} return 1`, "0");
    node.send(1, "SET", "k", "v");
    node.send(1, "EXEC");
    node.node.onClosed(1);
    node.runJobs();
    expect(node.send(2, "GET", "k")).toBe("$1\r\nv\r\n");
  });
});

describe("functions that take long", () => {
  const LIBRARY = `#!lua name=lib
local n = 0
redis.register_function('long', function() n = n + 1 ${LONG} return n end)
redis.register_function('forever', function() while true do end end)`;

  beforeEach(() => {
    node.send(1, "FUNCTION", "LOAD", LIBRARY);
  });

  it("count what they keep once", () => {
    for (const count of [1, 2, 3]) {
      node.send(1, "FCALL", "long", "0");
      expect(end()).toBe(`:${count}\r\n`);
    }
  });

  it("are shown by FUNCTION STATS and ended by FUNCTION KILL", () => {
    node.send(1, "FCALL", "forever", "1", "key", "arg");
    expect(node.send(2, "PING")).toBe(BUSY_FUNCTION);
    expect(node.send(2, "FUNCTION", "STATS")).toMatch(
      /\$7\r\nforever\r\n\$7\r\ncommand\r\n\*5\r\n\$5\r\nFCALL\r\n.*duration_ms\r\n:\d+\r\n/s,
    );
    expect(node.send(2, "SCRIPT", "KILL")).toBe(BUSY_FUNCTION);
    expect(node.send(2, "FUNCTION", "KILL")).toBe("+OK\r\n");
    expect(end()).toContain("-ERR Script killed by user with SCRIPT KILL... script: forever, on");
  });

  it("may not take long when they are loaded", () => {
    node.usPerLook = 100_000;
    expect(node.send(1, "FUNCTION", "LOAD", `#!lua name=slow\n${FOREVER}`)).toBe(
      "-ERR Error registering functions: ERR FUNCTION LOAD timeout\r\n",
    );
  });
});

describe("a script that fills the memory", () => {
  const FILLS = "local t = {} while true do t[#t + 1] = string.rep('x', 1000000) .. #t end";

  it("gets an error that it may catch", () => {
    node.run("CONFIG SET busy-reply-threshold 0");
    node.heapIsShort = true;
    expect(evaluate(FILLS)).toMatch(
      /^-ERR not enough memory script: [0-9a-f]{40}, on @user_script:1\.\r\n$/,
    );
    expect(evaluate(`return {pcall(function() ${FILLS} end)}`)).toBe(
      "*2\r\n$-1\r\n$17\r\nnot enough memory\r\n",
    );
  });

  it("ends when it runs in steps", () => {
    evaluate(`while redis.call('EXISTS', 'go') == 0 do end ${FILLS}`);
    expect(node.send(2, "PING")).toBe(BUSY);
    node.heapIsShort = true;
    node.send(3, "SCRIPT", "KILL");
    expect(end()).toContain("killed by user");
    node.heapIsShort = false;
    evaluate(`for i = 1, 1e6 do local x = i end ${FILLS}`);
    node.heapIsShort = true;
    expect(end()).toMatch(/^-ERR not enough memory script: /);
    expect(node.send(2, "PING")).toBe("+PONG\r\n");
  });
});

describe("deep recursion", () => {
  it("goes as deep as in Lua", () => {
    const script = "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end";
    expect(evaluate(`${script} return f(15000)`)).toBe(":15000\r\n");
    expect(evaluate(`${script} return f(1e9)`)).toMatch(
      /^-ERR user_script:1: stack overflow script: /,
    );
  });
});

describe("an error whose text comes from a metamethod", () => {
  it.each(["error('x')", FOREVER])("that fails or does not end: %s", (body) => {
    const script = `error(setmetatable({}, {__index = function() ${body} end}))`;
    expect(evaluate(script)).toMatch(/^-ERR unknown error script: /);
    expect(node.send(2, "PING")).toBe("+PONG\r\n");
  });
});
