// The debugger of scripts where a recorded session does not reach: what Redis does not survive, limits,
// and what happens around a session. The sessions themselves are in sessions.test.ts.
import { beforeEach, describe, expect, it } from "vitest";
import { Breakpoints } from "../../../../core/script/debugger/breakpoints.ts";
import { atoi, exactLong, parseRequest } from "../../../../core/script/debugger/request.ts";
import { CoreNode } from "../../../support/core-node.ts";
import { FakeServer } from "../../../support/fake-server.ts";

const SCRIPT = "local x = redis.call('get', 'k')\nredis.call('append', 'k', '!')\nreturn x";
const FIRST_STOP = "*2\r\n+* Stopped at 1, stop reason = step over\r\n+-> 1   ";

let core: CoreNode;

beforeEach(() => {
  core = new CoreNode();
  core.send(1, "SET", "k", "v");
});

/** Client 2 sends something; what it is answered. */
function say(...words: string[]): string {
  const sent = core.send(2, ...words);
  core.runJobs();
  return sent + core.take(2);
}

function begin(script: string, mode = "SYNC"): string {
  say("SCRIPT", "DEBUG", mode);
  return say("EVAL", script, "0");
}

describe("requests", () => {
  it.each([
    ["", null],
    ["*1\r\n", null],
    ["*1\r\n$1\r\ns", null],
    ["*1\r\n$1\r\ns\r\n", ["s"]],
    ["x*1\r\n$1\r\ns\r\nrest", ["s"]],
    ["*2\r\n$1\r\np\r\n$2\r\na\r\n\r\n", ""],
    ["*2\r\n$1\r\np\r\n$3\r\na\0b\r\n", ["p", "a\0b"]],
    ["x", ""],
    ["\0*1\r\n", ""],
    ["*1\0\r\n", null],
    ["*0\r\n", ""],
    ["*-1\r\n", ""],
    ["*1025\r\n", ""],
    ["*1\r\n$0\r\n\r\n", ""],
    ["*1\r\n$1025\r\n", ""],
    ["*1\r\n:1\r\n", ""],
    ["*1\r\n\0", null],
  ] as const)("%j", (text, request) => {
    expect(parseRequest(text)).toEqual(request);
  });

  it("have numbers as C reads them", () => {
    expect([" 12x", "-3", "+4", "x", "", "4294967297", "99999999999999999999"].map(atoi)).toEqual([
      12, -3, 4, 0, 0, 1, -1,
    ]);
    expect(
      ["12", "-3", "0", "-0", "+4", "012", " 1", "9223372036854775808"].map(exactLong),
    ).toEqual([12n, -3n, 0n, null, null, null, null, null]);
  });
});

describe("breakpoints", () => {
  it("are lost in Redis's way when one is removed", () => {
    const breakpoints = new Breakpoints();
    for (const line of [1, 2, 3, 4]) expect(breakpoints.add(line)).toBe(true);
    expect(breakpoints.add(2)).toBe(false);
    expect(breakpoints.remove(7)).toBe(false);
    expect(breakpoints.remove(1)).toBe(true);
    expect(breakpoints.all()).toEqual([2, 2, 3]);
  });
});

describe("a debugged script", () => {
  it("leaves nothing behind for the next ones", () => {
    begin("redis.call('set', 'k', 1)");
    say("c");
    expect(core.isOpen(2)).toBe(false);
    expect(core.send(1, "EVAL", "return {redis.breakpoint(), redis.call('get', 'k')}", "0")).toBe(
      "*2\r\n$-1\r\n$1\r\n1\r\n",
    );
    expect(core.logged).toEqual([
      "Seedis synchronous debugging eval session started",
      "Seedis synchronous debugging eval session ended",
    ]);
  });

  it("is cached like any other", () => {
    begin("return 1");
    say("c");
    expect(core.send(1, "EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0")).toBe(":1\r\n");
  });

  it("propagates as one unit", () => {
    core = new CoreNode({ propagates: true });
    begin("redis.call('set', 'a', 1)\nredis.call('set', 'b', 2)");
    say("s");
    expect(core.takePropagated()).toEqual([]);
    say("c");
    expect(core.takePropagated()).toEqual(["multi", "set a 1", "set b 2", "exec"]);
  });

  it("sees time stand still", () => {
    core.send(1, "SET", "short", "1", "PX", "10");
    begin("redis.call('ping')\nreturn redis.call('get', 'short')");
    core.advance(1000);
    say("s");
    expect(say("s")).toContain("$1\r\n1\r\n");
    expect(core.send(1, "GET", "short")).toBe("$-1\r\n");
  });

  it("ends where JavaScript's heap does", () => {
    begin("local x = 1\nwhile true do x = x + 1 end");
    core.heapIsShort = true;
    expect(say("c")).toMatch(/<endsession>\r\n-ERR not enough memory script: /);
  });

  it("calls functions that natives call without a way to stop", () => {
    begin(
      "local t = setmetatable({}, {__tostring = function() return 'T' end})\nreturn tostring(t)",
    );
    expect(say("c")).toBe("*1\r\n+<endsession>\r\n$1\r\nT\r\n");
  });
});

describe("code of the client's", () => {
  beforeEach(() => {
    begin("local x = 1\nreturn x");
  });

  it("may fail with what is no text", () => {
    expect(say("e", "error()")).toBe("*1\r\n+<error> (error object is a nil value)\r\n");
    expect(say("e", "error({})")).toBe("*1\r\n+<error> (error object is a table value)\r\n");
    expect(say("e", "redis.call('nosuch')")).toBe(
      "*1\r\n+<error> ERR Unknown Redis command called from script\r\n",
    );
    expect(say("s")).toContain("Stopped at 2");
  });

  it("may nest too deep, and take too many arguments", () => {
    expect(say("e", "local function f() return 1 + f() end return f()")).toContain(
      "<error> ldb_eval:1: stack overflow",
    );
    expect(
      say("e", "(function() local t = {} t[1] = t t[2] = t t[3] = t return t end)()"),
    ).toContain(" ...\r\n+<hint> The above reply was trimmed.");
    expect(say("c")).toContain(":1\r\n");
  });

  it("may run for ever without keeping the host", () => {
    core.send(2, "e", "while true do end");
    for (let i = 0; i < 10; i++) expect(core.node.runJobs(10)).toBe(true);
    core.node.onClosed(2);
    core.runJobs();
    expect(core.send(1, "GET", "k")).toBe("$1\r\nv\r\n");
  });
});

describe("everybody else", () => {
  it("waits while the data itself is debugged", () => {
    begin(SCRIPT);
    expect(core.send(3, "APPEND", "k", "3")).toBe("");
    expect(core.send(1, "GET", "k")).toBe("");
    core.node.onEnded(3);
    say("c");
    expect(core.take(1)).toBe("$3\r\nv!3\r\n");
    expect(core.take(3)).toBe(":3\r\n");
    expect(core.isOpen(3)).toBe(false);
  });

  it("may debug next", () => {
    begin(SCRIPT);
    core.send(3, "SCRIPT", "DEBUG", "SYNC");
    core.send(3, "EVAL", SCRIPT, "0");
    core.send(1, "GET", "k");
    say("c");
    expect(core.take(3)).toBe(`+OK\r\n${FIRST_STOP}local x = redis.call('get', 'k')\r\n`);
    expect(core.take(1)).toBe("");
    core.send(3, "c");
    core.runJobs();
    expect(core.take(1)).toBe("$3\r\nv!!\r\n");
  });

  it("is not timed out, and no key expires", () => {
    core.send(3, "BLPOP", "q", "0.1");
    core.send(1, "SET", "short", "1", "PX", "10");
    begin(SCRIPT);
    core.advance(1000);
    core.tick();
    core.runJobs();
    expect(core.node.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
    expect(core.take(3)).toBe("");
    expect(core.node.databases[0].size).toBe(2);
    say("c");
    core.tick();
    expect(core.take(3)).toBe("*-1\r\n");
  });

  it("goes on while a copy is debugged", () => {
    expect(begin(SCRIPT, "YES")).toBe(
      `+OK\r\n${FIRST_STOP}local x = redis.call('get', 'k')\r\n`.slice(5),
    );
    expect(core.send(1, "SET", "k", "other")).toBe("+OK\r\n");
    expect(core.send(1, "CLIENT", "LIST")).not.toContain("id=2");
    expect(say("r", "get", "k")).toContain('<reply> "v"');
    expect(say("c")).toBe("*1\r\n+<endsession>\r\n$1\r\nv\r\n");
    expect(core.isOpen(2)).toBe(false);
    expect(core.node.forks.count).toBe(0);
    expect(core.send(1, "GET", "k")).toBe("$5\r\nother\r\n");
    expect(core.logged).toEqual([
      "Seedis forked for debugging eval",
      "Lua debugging session child exiting",
    ]);
  });

  it("goes on when a copy has no room", () => {
    core.heapIsShort = true;
    say("SCRIPT", "DEBUG", "YES");
    expect(say("EVAL", "return 1", "0")).toBe(
      "-ERR Fork() failed: can't run EVAL in debugging mode: Cannot allocate memory\r\n",
    );
    core.heapIsShort = false;
    expect(say("EVAL", "return 1", "0")).toBe(":1\r\n");
  });

  it("is not told of a copy whose client is gone", () => {
    begin(SCRIPT, "YES");
    core.node.onClosed(2);
    expect(core.node.forks.count).toBe(0);
    core.runJobs();
    expect(core.send(1, "GET", "k")).toBe("$1\r\nv\r\n");
  });

  it("gets the rest of a transaction executed", () => {
    say("SCRIPT", "DEBUG", "YES");
    say("MULTI");
    say("APPEND", "k", "1");
    say("EVAL", SCRIPT, "0");
    say("APPEND", "k", "2");
    expect(say("EXEC")).toBe(`${FIRST_STOP}local x = redis.call('get', 'k')\r\n`);
    expect(say("c")).toBe("*1\r\n+<endsession>\r\n*3\r\n:2\r\n$2\r\nv1\r\n");
    expect(core.send(1, "GET", "k")).toBe("$3\r\nv12\r\n");
  });
});

describe("a client that does not read", () => {
  it("is not sent more and more", () => {
    const server = new FakeServer();
    const client = server.connect();
    client.call("SCRIPT", "DEBUG", "SYNC");
    client.call("EVAL", `local x = '${"y".repeat(100_000)}'\nreturn x`, "0");
    server.runJobs();
    client.read();
    server.stuck.add(client.id);
    let sentBytes = 0;
    for (let i = 0; i < 50; i++) {
      client.write("*1\r\n$1\r\nw\r\n");
      server.runJobs();
      sentBytes += client.read().length;
    }
    expect(sentBytes).toBeGreaterThan(1_000_000);
    expect(sentBytes).toBeLessThan(1_500_000);
    server.node.onSent(client.id, sentBytes);
    server.runJobs();
    expect(client.read().length).toBeGreaterThan(100_000);
  });
});
