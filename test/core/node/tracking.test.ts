import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

const A = 1;
const B = 2;
const C = 3;

/** A node whose client A speaks RESP3 and tracks, as `options` say. */
function tracking(options = "", configuration = ""): CoreNode {
  const node = new CoreNode({ configuration });
  use(node, A, "HELLO 3");
  expect(use(node, A, `CLIENT TRACKING ON ${options}`.trim())).toBe("+OK\r\n");
  return node;
}

function use(node: CoreNode, client: number, line: string): string {
  return node.send(client, ...line.split(" "));
}

function invalidation(...keys: string[]): string {
  const items = keys.map((key) => `$${key.length}\r\n${key}\r\n`).join("");
  return `>2\r\n$10\r\ninvalidate\r\n*${keys.length}\r\n${items}`;
}

const ALL = ">2\r\n$10\r\ninvalidate\r\n_\r\n";

function info(node: CoreNode, field: string): string {
  return use(node, C, "INFO everything").match(new RegExp(`\r\n${field}:(.*)\r\n`))?.[1] ?? "";
}

describe("a client that tracks", () => {
  test("hears once of a change of a key that it has read", () => {
    const node = tracking();
    use(node, A, "MGET k other");
    use(node, B, "SET k 1");
    use(node, B, "SET k 2");
    expect(node.take(A)).toBe(invalidation("k"));
  });

  test("hears in the order of the clients' ids of what it is told for others", () => {
    const node = tracking();
    const id = use(node, A, "CLIENT ID").slice(1).trim();
    for (const client of [5, 4]) use(node, client, `CLIENT TRACKING ON REDIRECT ${id}`);
    for (const client of [5, 4, 5]) use(node, client, "GET k");
    expect(info(node, "tracking_total_items")).toBe("2");
    use(node, B, "SET k 1");
    expect(node.take(A)).toBe(invalidation("k") + invalidation("k"));
  });

  test("hears of its own change after the reply, and after messages that came with it", () => {
    const node = tracking();
    node.set("notify-keyspace-events", "E$");
    const subscribed = use(node, A, "SUBSCRIBE __keyevent@0__:set");
    expect(subscribed).toContain("subscribe");
    use(node, A, "GET k");
    const event = ">3\r\n$7\r\nmessage\r\n$18\r\n__keyevent@0__:set\r\n$1\r\nk\r\n";
    expect(use(node, A, "SET k 1")).toBe(`+OK\r\n${event}${invalidation("k")}`);
  });

  test("hears of a transaction's changes after EXEC, of a flush among them too", () => {
    const node = tracking();
    use(node, A, "GET k");
    for (const line of ["MULTI", "SET k 1", "FLUSHALL", "GET k"]) use(node, A, line);
    expect(use(node, A, "EXEC")).toBe(`*3\r\n+OK\r\n+OK\r\n_\r\n${invalidation("k")}${ALL}`);
  });

  test("hears of what ended its own wait after the reply", () => {
    const node = tracking();
    use(node, A, "LRANGE list 0 -1");
    use(node, A, "BLMOVE source list LEFT LEFT 0");
    use(node, B, "RPUSH source x");
    expect(node.take(A)).toBe(`$1\r\nx\r\n${invalidation("list")}`);
  });

  test("is told of a key that expires, by time and by the command that finds it", () => {
    const node = tracking();
    use(node, B, "SET a 1 PX 10");
    use(node, B, "SET b 1 PX 10");
    use(node, A, "MGET a b");
    node.advance(11);
    expect(use(node, A, "GET a")).toBe(`_\r\n${invalidation("a")}`);
    node.tick();
    node.runJobs();
    expect(node.take(A)).toBe(invalidation("b"));
  });

  test("remembers what a command read although it waits", () => {
    const node = tracking();
    use(node, A, "XREAD BLOCK 0 STREAMS s $");
    expect(info(node, "tracking_total_keys")).toBe("1");
  });

  test("is told by NOLOOP only of others' changes", () => {
    const node = tracking("NOLOOP");
    use(node, A, "MGET a b");
    expect(use(node, A, "SET a 1")).toBe("+OK\r\n");
    use(node, B, "SET b 1");
    expect(node.take(A)).toBe(invalidation("b"));
  });

  test("that leaves leaves its keys in the table until they change", () => {
    const node = tracking();
    use(node, A, "GET k");
    node.node.onClosed(A);
    expect([info(node, "tracking_clients"), info(node, "tracking_total_keys")]).toEqual(["0", "1"]);
    use(node, B, "SET k 1");
    expect(info(node, "tracking_total_keys")).toBe("0");
  });

  test("is none any more after RESET", () => {
    const node = tracking("BCAST PREFIX p");
    use(node, A, "RESET");
    use(node, B, "SET p 1");
    expect(node.take(A)).toBe("");
    expect([info(node, "tracking_clients"), info(node, "tracking_total_prefixes")]).toEqual([
      "0",
      "0",
    ]);
  });
});

describe("the table", () => {
  test("takes memory of the arena, and gives it back", () => {
    const node = tracking();
    const { arena } = node.node.keyspace;
    const before = arena.usedBytes;
    for (let i = 0; i < 1000; i++) use(node, A, `GET key:${i}`);
    expect(arena.usedBytes - before).toBeGreaterThan(1000 * 30);
    use(node, B, "FLUSHALL");
    expect(node.take(A)).toBe(ALL);
    expect(info(node, "tracking_total_items")).toBe("0");
    node.runJobs();
    expect(arena.usedBytes).toBe(before);
    for (let i = 0; i < 1000; i++) use(node, A, `GET key:${i}`);
    for (let i = 0; i < 1000; i++) use(node, B, `SET key:${i} 1`);
    for (let i = 0; i < 1000; i++) use(node, B, `DEL key:${i}`);
    expect(info(node, "tracking_total_keys")).toBe("0");
    // A dict that was used keeps its smallest page.
    expect(arena.usedBytes).toBeLessThan(before + 256);
    node.verify();
  });

  test("holds many clients of a key", () => {
    const node = new CoreNode();
    const clients = Array.from({ length: 300 }, (_, i) => i + 10);
    for (const client of clients) use(node, client, "HELLO 3");
    for (const client of clients) use(node, client, "CLIENT TRACKING ON");
    const shuffled = [...clients].sort((a, b) => ((a * 7919) % 311) - ((b * 7919) % 311));
    for (const client of [...shuffled, ...clients]) use(node, client, "GET k");
    expect(info(node, "tracking_total_items")).toBe("300");
    use(node, B, "SET k 1");
    for (const client of clients) expect(node.take(client)).toBe(invalidation("k"));
    node.verify();
  });

  test("forgets random keys above tracking-table-max-keys, with growing effort", () => {
    const run = (): string => {
      const node = tracking("", "tracking-table-max-keys 10");
      node.set("tracking-table-max-keys", "0");
      for (let i = 0; i < 500; i++) use(node, A, `GET key:${i}`);
      node.set("tracking-table-max-keys", "10");
      const counts: string[] = [];
      for (let i = 0; i < 4; i++) counts.push(info(node, "tracking_total_keys"));
      expect(counts).toEqual(["400", "200", "10", "10"]);
      return node.take(A);
    };
    const told = run();
    expect(told.match(/invalidate/g)?.length).toBe(490);
    expect(run()).toBe(told);
  });

  test("is limited by ticks as well", () => {
    const node = tracking();
    use(node, A, "MGET a b c");
    node.set("tracking-table-max-keys", "1");
    node.tick();
    expect(node.take(A).match(/invalidate/g)?.length).toBe(2);
  });
});

describe("BCAST", () => {
  test("tells at the end of the event, keys in order, prefix by prefix", () => {
    const node = tracking("BCAST PREFIX b: PREFIX a:");
    use(node, B, "MSET b:2 1 a:2 1 c:1 1 a:1 1 b:1 1 a:2 2");
    expect(node.take(A)).toBe(invalidation("a:1", "a:2") + invalidation("b:1", "b:2"));
  });

  test("NOLOOP leaves out what the client itself has changed last", () => {
    const node = tracking("BCAST NOLOOP");
    for (const line of ["MULTI", "SET a 1", "SET b 1 PX 1"]) use(node, A, line);
    expect(use(node, A, "EXEC")).toBe("*2\r\n+OK\r\n+OK\r\n");
    expect(node.take(A)).toBe("");
    node.advance(10);
    expect(use(node, A, "GET b")).toBe(`_\r\n${invalidation("b")}`);
  });

  test("follows the reply to the client's own command", () => {
    const node = tracking("BCAST");
    expect(use(node, A, "SET k 1")).toBe(`+OK\r\n${invalidation("k")}`);
  });
});

describe("REDIRECT", () => {
  test("over RESP2 needs a subscriber", () => {
    const node = new CoreNode();
    const id = use(node, B, "CLIENT ID").slice(1).trim();
    use(node, A, `CLIENT TRACKING ON REDIRECT ${id}`);
    use(node, A, "GET k");
    use(node, C, "SET k 1");
    expect(node.take(B)).toBe("");
    use(node, B, "SUBSCRIBE x");
    use(node, A, "GET k");
    use(node, C, "FLUSHDB");
    expect(node.take(B)).toBe("*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n$-1\r\n");
    expect(node.take(A)).toBe("");
  });

  test("to a client that has left is told to the one that tracks", () => {
    const node = tracking();
    const id = use(node, B, "CLIENT ID").slice(1).trim();
    use(node, A, `CLIENT TRACKING ON REDIRECT ${id}`);
    use(node, A, "MGET a b");
    node.node.onClosed(B);
    use(node, C, "MSET a 1 b 1");
    const broken = `>2\r\n$21\r\ntracking-redir-broken\r\n:${id}\r\n`;
    expect(node.take(A)).toBe(broken + broken);
    expect(use(node, A, "CLIENT TRACKINGINFO")).toContain("broken_redirect");
  });
});

describe("CACHING", () => {
  test.each([
    ["the next command", ["CLIENT CACHING YES", "GET k"], "1"],
    ["CLIENT in between", ["CLIENT CACHING YES", "CLIENT ID", "GET k"], "1"],
    ["another command in between", ["CLIENT CACHING YES", "PING", "GET k"], "0"],
    ["an unknown command in between", ["CLIENT CACHING YES", "BAD", "GET k"], "0"],
    ["a transaction", ["CLIENT CACHING YES", "MULTI", "PING", "GET k", "EXEC"], "1"],
    ["after a transaction", ["CLIENT CACHING YES", "MULTI", "EXEC", "GET k"], "0"],
    ["a command that waits", ["CLIENT CACHING YES", "XREAD BLOCK 9 STREAMS s $"], "1"],
  ])("with OPTIN: %s", (_, lines, tracked) => {
    const node = tracking("OPTIN");
    for (const line of lines) use(node, A, line);
    expect(info(node, "tracking_total_keys")).toBe(tracked);
  });

  test("ends with the command that waited", () => {
    const node = tracking("OPTIN");
    use(node, A, "CLIENT CACHING YES");
    use(node, A, "BLPOP list 0");
    use(node, B, "RPUSH list x");
    use(node, A, "GET k");
    expect(info(node, "tracking_total_keys")).toBe("0");
  });
});

describe("a client that caches and subscribes", () => {
  // What removes elements tells subscribers first, most else those who cache the key.
  test.each([
    ["RPUSH s 1", "LPOP s", "lpop del !"],
    ["RPUSH s 1 2", "RPOP s 1", "rpop !"],
    ["RPUSH s 1 2", "LMOVE s t LEFT LEFT", "lpush lpop !"],
    ["RPUSH s 1", "LREM s 0 1", "lrem del !"],
    ["RPUSH s 1 2", "LTRIM s 0 0", "ltrim !"],
    ["SADD s 1", "SPOP s", "spop del !"],
    ["SADD s 1 2", "SPOP s 1", "spop !"],
    ["SADD s 1", "SPOP s 2", "spop del !"],
    ["ZADD s 1 a", "ZREM s a", "zrem del !"],
    ["ZADD s 1 a 2 b", "ZPOPMIN s", "zpopmin !"],
    ["ZADD s 1 a 2 b", "ZREMRANGEBYRANK s 0 0", "! zremrangebyrank"],
    ["SADD s 1 2", "SREM s 1", "! srem"],
    ["HSET s a 1", "HDEL s a", "! hdel del"],
  ])("after %s hears of %s in Redis's order", (setup, line, expected) => {
    const node = tracking();
    node.set("notify-keyspace-events", "EA");
    use(node, B, setup);
    use(node, A, "MGET s");
    use(node, A, "PSUBSCRIBE __keyevent*");
    use(node, B, line);
    const heard = node.take(A).matchAll(/__:(\S+)\r\n|invalidate\r\n/g);
    expect([...heard].map(([, event]) => event ?? "!").join(" ")).toBe(expected);
  });
});
