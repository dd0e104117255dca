import { beforeEach, describe, expect, it } from "vitest";
import { LIST } from "../../../core/keyspace/types.ts";
import { Args } from "../../../core/resp/args.ts";
import type { Reply } from "../../../core/resp/reply.ts";
import { toBytes } from "../../../core/util/bytes.ts";
import { CoreNode } from "../../support/core-node.ts";

let node: CoreNode;

beforeEach(() => {
  node = new CoreNode({ propagates: true });
});

/** Client `id` sends a command given as words separated by blanks; lines joined by blanks. */
function send(id: number, line: string): string {
  return flat(node.send(id, ...line.split(" ")));
}

/** What client `id` has received. */
function got(id: number): string {
  return flat(node.take(id));
}

function flat(reply: string): string {
  return reply.trimEnd().replaceAll("\r\n", " ");
}

/** A pop of one element as it is answered. */
function popped(key: string, element: string): string {
  return `*2 $${key.length} ${key} $${element.length} ${element}`;
}

function statistics(command: string): string {
  const line = new RegExp(`cmdstat_${command}:(.*)`).exec(node.run("INFO commandstats"));
  return line === null ? "" : line[1].replace(/usec.*?,r/, "r").trim();
}

describe("who is served", () => {
  it("is the one who has waited longest, one element each", () => {
    for (const id of [2, 3, 4]) expect(send(id, "BLPOP l 0")).toBe("");
    expect(send(1, "RPUSH l a b")).toBe(":2");
    expect([got(2), got(3), got(4)]).toEqual([popped("l", "a"), popped("l", "b"), ""]);
    expect(node.run("EXISTS l")).toBe(":0");
    send(1, "RPUSH l c");
    expect(got(4)).toBe(popped("l", "c"));
  });

  it("goes by the order in which keys became ready", () => {
    send(2, "BLPOP one two 0");
    send(3, "BLPOP two one 0");
    send(1, "MULTI");
    send(1, "RPUSH two b");
    send(1, "RPUSH one a");
    send(1, "EXEC");
    // The key `two` was ready first, and client 2 has waited for it longer.
    expect(got(2)).toBe(popped("one", "a"));
    expect(got(3)).toBe(popped("two", "b"));
  });

  it("leaves nothing of itself for the commands behind in the same read", () => {
    // Without anybody who hears of effects commands take the short way.
    node = new CoreNode();
    send(1, "RPUSH used a");
    send(2, "CLIENT NO-TOUCH ON");
    send(2, "BLPOP l 0");
    node.advance(60_000);
    node.node.cron.updateAccessClock();
    expect(flat(node.write(1, "RPUSH l x\r\nRPUSH used b\r\n"))).toBe(":1 :2");
    expect(got(2)).toBe(popped("l", "x"));
    expect(send(3, "OBJECT IDLETIME used")).toBe(":0");
  });

  it("is nobody when a value of another type is overwritten", () => {
    send(2, "BZPOPMIN z 0");
    send(3, "BLPOP l 0");
    for (const line of ["SET z text", "SET l text", "ZADD other 1 m", "RPUSH list 1"])
      send(1, line);
    expect(send(1, "ZUNIONSTORE z 1 other")).toBe(":1");
    expect(send(1, "ZRANGESTORE z other 0 -1")).toBe(":1");
    expect(send(1, "SORT list STORE l")).toBe(":1");
    // What is there now grows, and still no key was made.
    expect(send(1, "RPUSH l 2")).toBe(":2");
    expect(send(1, "ZADD z 5 n")).toBe(":1");
    expect([got(2), got(3)]).toEqual(["", ""]);
    send(1, "DEL z l");
    send(1, "ZUNIONSTORE z 1 other");
    send(1, "SORT list STORE l");
    expect([got(2), got(3)]).toEqual(["*3 $1 z $1 m $1 1", popped("l", "1")]);
  });

  it("waits for a key once, however often it names it", () => {
    send(2, "BLPOP l l m l 0");
    expect(node.node.blocking.keyCount).toBe(2);
    send(1, "RPUSH l a b");
    expect(got(2)).toBe(popped("l", "a"));
    expect(node.node.blocking.keyCount).toBe(0);
    expect(node.run("LLEN l")).toBe(":1");
  });

  it("is nobody while a transaction goes on, and sees what it leaves", () => {
    send(2, "BLPOP l 0");
    send(1, "MULTI");
    send(1, "RPUSH l a");
    send(1, "DEL l");
    send(1, "EXEC");
    expect(got(2)).toBe("");
    send(1, "MULTI");
    send(1, "LPUSH l a");
    send(1, "LPUSH l b");
    send(1, "EXEC");
    expect(got(2)).toBe(popped("l", "b"));
  });

  it("is not who waits for another type", () => {
    send(2, "BLPOP k 0");
    send(3, "BZPOPMIN k 0");
    send(1, "ZADD k 1 m");
    expect(got(2)).toBe("");
    expect(got(3)).toBe("*3 $1 k $1 m $1 1");
    send(1, "SET k v");
    expect(got(2)).toBe("");
    send(1, "DEL k");
    send(1, "RPUSH k a");
    expect(got(2)).toBe(popped("k", "a"));
  });

  it("is served from what is left over when the one before takes many", () => {
    send(2, "BLMPOP 0 2 l m LEFT COUNT 1");
    send(3, "BLMPOP 0 2 l m RIGHT COUNT 10");
    send(4, "BLMPOP 0 2 l m LEFT COUNT 10");
    send(1, "MULTI");
    send(1, "LPUSH l a b c");
    send(1, "LPUSH m 1 2");
    send(1, "EXEC");
    expect(got(2)).toBe("*2 $1 l *1 $1 c");
    expect(got(3)).toBe("*2 $1 l *2 $1 a $1 b");
    expect(got(4)).toBe("*2 $1 m *2 $1 2 $1 1");
  });

  it("is woken by keys that come in other ways", () => {
    send(2, "BLPOP l 0");
    send(1, "RPUSH other a b c");
    send(1, "RENAME other l");
    expect(got(2)).toBe(popped("l", "a"));
    send(2, "BLPOP m 0");
    send(1, "COPY l m");
    expect(got(2)).toBe(popped("m", "b"));
    send(2, "SELECT 1");
    got(2);
    send(2, "BLPOP l 0");
    send(1, "SWAPDB 0 1");
    expect(got(2)).toBe(popped("l", "b"));
  });

  it("may be pushed to by who was served before", () => {
    send(2, "BLMOVE one two LEFT LEFT 0");
    send(3, "BLMOVE two three LEFT LEFT 0");
    send(4, "BLPOP three 0");
    send(1, "RPUSH one x");
    expect([got(2), got(3), got(4)]).toEqual(["$1 x", "$1 x", popped("three", "x")]);
    send(2, "BRPOPLPUSH a b 0");
    send(3, "BRPOPLPUSH b a 0");
    send(1, "RPUSH a y");
    expect([got(2), got(3)]).toEqual(["$1 y", "$1 y"]);
    expect(node.strings("LRANGE a 0 -1")).toEqual(["y"]);
  });

  it("keeps its place when others are served by what it waits for", () => {
    send(2, "BRPOPLPUSH one three 0");
    send(3, "BLPOP two 0");
    send(4, "BLMPOP 0 2 two three LEFT COUNT 1");
    send(1, "MULTI");
    send(1, "LPUSH one 1");
    send(1, "LPUSH two 2");
    send(1, "EXEC");
    expect(got(2)).toBe("$1 1");
    expect(got(3)).toBe(popped("two", "2"));
    expect(got(4)).toBe("*2 $5 three *1 $1 1");
  });

  it("is behind others when it has waited, was served, and waits again", () => {
    send(2, "BLPOP l 0");
    send(3, "BLPOP l 0");
    sendAll(1, "LPUSH l a");
    expect(got(2)).toBe(popped("l", "a"));
    send(2, "BLPOP l 0");
    sendAll(1, "LPUSH l b");
    expect([got(2), got(3)]).toEqual(["", popped("l", "b")]);
  });

  it("gets an error where the command has one now, and leaves the element to others", () => {
    send(1, "SET s v");
    send(2, "BLMOVE l s LEFT LEFT 0");
    send(3, "BLPOP l 0");
    send(1, "RPUSH l a");
    expect(got(2)).toMatch(/^-WRONGTYPE/);
    expect(got(3)).toBe(popped("l", "a"));
    expect(statistics("blmove")).toBe("calls=1,rejected_calls=0,failed_calls=1");
  });

  it("runs through all checks of a new command", () => {
    send(2, "BLMOVE l m LEFT LEFT 0");
    node.set("maxmemory", "1");
    node.set("maxmemory", "0");
    send(1, "MULTI");
    send(1, "RPUSH l a");
    send(1, "CONFIG SET maxmemory 1");
    send(1, "EXEC");
    expect(got(2)).toBe("-OOM command not allowed when used memory > 'maxmemory'.");
    expect(statistics("blmove")).toBe("calls=0,rejected_calls=1,failed_calls=0");
  });
});

describe("keys that expire", () => {
  it("wake nobody when their time was over before their turn", () => {
    node = new CoreNode({ configuration: "enable-debug-command yes" });
    node.node.host.sleep = (microseconds) => {
      node.nowMs += microseconds / 1000;
    };
    send(2, "BLPOP l 1");
    send(1, "MULTI");
    send(1, "RPUSH l a");
    send(1, "PEXPIRE l 100");
    send(1, "DEBUG SLEEP 0.2");
    expect(send(1, "EXEC")).toBe("*3 :1 :1 +OK");
    expect(got(2)).toBe("");
    expect(node.node.blocking.count).toBe(1);
    node.advance(801);
    node.tick();
    expect(got(2)).toBe("*-1");
  });
});

describe("the end of time", () => {
  it("comes after the deadline, in the order of deadlines", () => {
    send(2, "BLPOP a 0.2");
    send(3, "BRPOP b 0.1");
    send(4, "BLMOVE c d LEFT LEFT 0.1");
    send(5, "BLPOP e 0");
    expect(node.node.blocking.timedCount).toBe(3);
    expect(node.node.nextDeadlineMs()).toBe(node.nowMs + 101);
    node.advance(100);
    node.tick();
    expect([got(3), got(4)]).toEqual(["", ""]);
    node.advance(1);
    node.tick();
    expect([got(2), got(3), got(4)]).toEqual(["", "*-1", "*-1"]);
    node.advance(100);
    // Any event will do.
    send(1, "PING");
    expect(got(2)).toBe("*-1");
    expect(node.node.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
    expect(node.node.blocking.count).toBe(1);
  });

  it("is RESP3's null there", () => {
    send(2, "HELLO 3");
    send(2, "BLPOP l 0.001");
    node.advance(2);
    node.tick();
    expect(got(2)).toBe("_");
  });

  it("stays what it was when the client is woken in vain", () => {
    // What wakes this client is not what its command looks at.
    send(2, "PING");
    const client = node.node.clients.byConnection(2)!;
    const command = node.node.commands.find("blpop")!;
    const { blocking } = node.node;
    const onTimeout = (_: unknown, reply: Reply): void => reply.nilArray();
    const deadlineMs = node.nowMs + 100;
    const args = Args.of("BLPOP", "other", "5");
    blocking.block(client, command, args, ["l"], deadlineMs, onTimeout, LIST);
    node.advance(60);
    send(1, "RPUSH l a");
    expect(got(2)).toBe("");
    expect(client.blocked!.keys).toEqual(["0 other"]);
    expect(client.blocked!.deadlineMs).toBe(deadlineMs);
    node.advance(41);
    node.tick();
    expect(got(2)).toBe("*-1");
  });
});

describe("timeouts that are none", () => {
  it.each([
    ["x", "ERR timeout is not a float or out of range"],
    ["", "ERR timeout is not a float or out of range"],
    ["nan", "ERR timeout is not a float or out of range"],
    ["-1", "ERR timeout is negative"],
    ["-0.01", "ERR timeout is negative"],
    ["inf", "ERR timeout is out of range"],
    ["0x7FFFFFFFFFFFFF", "ERR timeout is out of range"],
    ["1e400", "ERR timeout is out of range"],
  ])("%j", (timeout, error) => {
    expect(flat(node.send(1, "BLPOP", "l", timeout))).toBe(`-${error}`);
    expect(flat(node.send(1, "BLMPOP", timeout, "1", "l", "LEFT"))).toBe(`-${error}`);
    expect(flat(node.send(1, "BRPOPLPUSH", "l", "m", timeout))).toBe(`-${error}`);
    expect(node.node.blocking.count).toBe(0);
  });
});

describe("where nobody may wait", () => {
  it("a transaction answers at once", () => {
    const lines = ["BLPOP l 0", "BLMOVE l m LEFT LEFT 0", "BLMPOP 0 1 l LEFT", "BRPOPLPUSH l m 0"];
    send(1, "MULTI");
    for (const line of lines) send(1, line);
    expect(send(1, "EXEC")).toBe("*4 *-1 $-1 *-1 $-1");
    send(1, "RPUSH l a b");
    send(1, "MULTI");
    for (const line of lines) send(1, line);
    expect(send(1, "EXEC")).toBe(`*4 ${popped("l", "a")} $1 b *-1 $-1`);
  });
});

describe("CLIENT UNBLOCK", () => {
  function idOf(client: number): string {
    return send(client, "CLIENT ID").slice(1);
  }

  it("ends a wait as if its time was over, or with an error", () => {
    const id = idOf(2);
    send(2, "BLPOP l 0");
    expect(send(1, `CLIENT UNBLOCK ${id}`)).toBe(":1");
    expect(got(2)).toBe("*-1");
    expect(send(1, `CLIENT UNBLOCK ${id}`)).toBe(":0");
    send(2, "BLPOP l 0");
    expect(send(1, `CLIENT UNBLOCK ${id} ERROR`)).toBe(":1");
    expect(got(2)).toBe("-UNBLOCKED client unblocked via CLIENT UNBLOCK");
    expect(statistics("blpop")).toBe("calls=2,rejected_calls=0,failed_calls=1");
    expect(node.run("INFO errorstats")).toContain("errorstat_UNBLOCKED:count=1");
    send(1, "RPUSH l a");
    expect(got(2)).toBe("");
  });
});

describe("a waiting client", () => {
  it("keeps what it sends meanwhile for later", () => {
    send(2, "BLPOP l 0");
    expect(send(2, "PING")).toBe("");
    expect(send(2, "RPUSH l again")).toBe("");
    expect(send(2, "BLPOP l 0")).toBe("");
    send(1, "RPUSH l a");
    expect(got(2)).toBe(`${popped("l", "a")} +PONG :1 ${popped("l", "again")}`);
  });

  it("is forgotten when it goes", () => {
    send(2, "BLPOP l m 5");
    node.node.onClosed(2);
    expect(node.node.blocking.count).toBe(0);
    expect(node.node.blocking.keyCount).toBe(0);
    expect(node.node.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
    send(1, "RPUSH l a");
    expect(node.run("LLEN l")).toBe(":1");
  });

  it("shows in INFO and CLIENT LIST", () => {
    send(2, "BLPOP l m 5");
    send(3, "BLPOP l 0");
    const info = node.run("INFO clients");
    expect(info).toContain("blocked_clients:2\r\n");
    expect(info).toContain("clients_in_timeout_table:1\r\n");
    expect(info).toContain("total_blocking_keys:2\r\n");
    expect(node.run("CLIENT LIST")).toMatch(/flags=b .*cmd=blpop/);
  });

  it("is answered in its own protocol and place", () => {
    send(2, "CLIENT REPLY SKIP");
    send(2, "BLPOP l 0");
    send(1, "RPUSH l a");
    expect(got(2)).toBe("");
    expect(send(2, "PING")).toBe("+PONG");
  });

  it("counts once: commandstats, slow log, MONITOR", () => {
    node.set("slowlog-log-slower-than", "0");
    send(9, "MONITOR");
    got(9);
    send(2, "BLPOP l 0");
    expect(statistics("blpop")).toBe("");
    send(1, "RPUSH l a");
    expect(statistics("blpop")).toBe("calls=1,rejected_calls=0,failed_calls=0");
    expect(node.run("SLOWLOG GET 20").match(/BLPOP/g)).toHaveLength(1);
    expect(got(9).match(/"BLPOP"/g)).toHaveLength(1);
    send(2, "BLPOP l 0.1");
    node.advance(101);
    node.tick();
    expect(statistics("blpop")).toBe("calls=2,rejected_calls=0,failed_calls=0");
    expect(node.run("SLOWLOG GET 20").match(/BLPOP/g)).toHaveLength(2);
  });

  it("is held back by CLIENT PAUSE, and served after it", () => {
    send(2, "BLPOP l 0");
    send(1, "MULTI");
    send(1, "RPUSH l a");
    send(1, "CLIENT PAUSE 1000 WRITE");
    send(1, "EXEC");
    expect(got(2)).toBe("");
    send(1, "CLIENT UNPAUSE");
    expect(got(2)).toBe(popped("l", "a"));
  });

  it("is told to leave when this node becomes a replica", () => {
    send(2, "BLPOP l 0");
    node.node.blocking.disconnectAll();
    node.tick();
    expect(got(2)).toBe(
      "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
    );
    expect(node.node.clients.byConnection(2)).toBeUndefined();
  });
});

/** Client `id` sends several commands at once. */
function sendAll(id: number, ...lines: string[]): string {
  const requests = lines.map((line) => {
    const words = line.split(" ").map((word) => `$${word.length}\r\n${word}\r\n`);
    return `*${words.length}\r\n${words.join("")}`;
  });
  send(id, "PING");
  const bytes = toBytes(requests.join(""));
  node.node.onReceived(id, bytes, 0, bytes.length);
  return got(id);
}

describe("what is propagated", () => {
  it("is what was done when it was done", () => {
    send(2, "BLPOP l 0");
    send(3, "BRPOPLPUSH a b 0");
    send(4, "BLMOVE c d right LEFT 0");
    send(5, "BLMPOP 0 2 x y RIGHT COUNT 10");
    expect(node.takePropagated()).toEqual([]);
    send(1, "RPUSH l v");
    send(1, "RPUSH a v");
    send(1, "RPUSH c v");
    send(1, "RPUSH y 1 2 3");
    expect(node.takePropagated()).toEqual([
      "RPUSH l v",
      "LPOP l",
      "RPUSH a v",
      "RPOPLPUSH a b",
      "RPUSH c v",
      "LMOVE c d right LEFT",
      "RPUSH y 1 2 3",
      "RPOP y 3",
    ]);
  });

  it("has what was woken right behind what woke it", () => {
    send(2, "BLMOVE src dst left right 0");
    send(3, "BLMOVE dst src right left 0");
    expect(sendAll(1, "SET k 1", "LPUSH src x", "SET k 2")).toBe("+OK :1 +OK");
    expect([got(2), got(3)]).toEqual(["$1 x", "$1 x"]);
    expect(node.takePropagated()).toEqual([
      "SET k 1",
      "LPUSH src x",
      "LMOVE src dst left right",
      "LMOVE dst src right left",
      "SET k 2",
    ]);
  });

  it("is a transaction, then what it woke", () => {
    send(2, "BLPOP l 0");
    send(1, "MULTI");
    send(1, "RPUSH l a");
    send(1, "RPUSH l b");
    send(1, "EXEC");
    expect(node.takePropagated()).toEqual(["multi", "RPUSH l a", "RPUSH l b", "exec", "LPOP l"]);
  });
});
