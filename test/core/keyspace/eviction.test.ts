import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";

/** A node whose used memory may grow by `roomBytes` from now on. */
function limited(policy: string, roomBytes: number, configuration = ""): CoreNode {
  const node = new CoreNode({ propagates: true, configuration });
  node.run("PING");
  node.set("maxmemory-policy", policy);
  limit(node, roomBytes);
  return node;
}

/** The used memory may grow by `roomBytes`, or must shrink by minus that. */
function limit(node: CoreNode, roomBytes: number): number {
  // From here on what clients hold is counted as well.
  node.set("maxmemory", "1000gb");
  const bytes = node.node.usedMemory() + roomBytes;
  node.set("maxmemory", String(bytes));
  return bytes;
}

function keys(node: CoreNode): string[] {
  return node.strings("KEYS *").sort();
}

function evicted(node: CoreNode): number {
  return node.node.statistics.evictedKeys;
}

const POLICIES = [
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
];

/** Commands that make a key of each type, small and large. */
function makers(key: string): string[] {
  const many = Array.from({ length: 200 }, (_, i) => `member:${i}`);
  const pairs = many.map((member, i) => `${i} ${member}`).join(" ");
  return [
    `SET s${key} ${"x".repeat(200)}`,
    `SET i${key} 12345`,
    `RPUSH l${key} a b c`,
    `RPUSH L${key} ${many.join(" ")}`,
    `SADD n${key} 1 2 3`,
    `SADD S${key} ${many.join(" ")}`,
    `HSET h${key} f v`,
    `HSET H${key} ${pairs}`,
    `ZADD z${key} 1 a`,
    `ZADD Z${key} ${pairs}`,
    `XADD x${key} * f ${"v".repeat(100)}`,
  ];
}

describe.each(POLICIES)("%s", (policy) => {
  test("keeps the used memory below the limit, whatever the types", () => {
    const node = limited(policy, 100_000);
    const { maxmemory } = node.config.values;
    let largest = 0;
    for (let i = 0; i < 60; i++) {
      for (const line of makers(`:${i}`)) {
        expect(node.run(line), line).not.toContain("-OOM");
        largest = Math.max(largest, node.node.usedMemory());
        node.run(`EXPIRE ${line.split(" ")[1]} ${1000 + i}`);
      }
    }
    expect(evicted(node)).toBeGreaterThan(300);
    // A command may take more before the next one makes room.
    expect(largest).toBeLessThan(maxmemory + 20_000);
    node.run("PING");
    expect(node.node.usedMemory()).toBeLessThanOrEqual(maxmemory);
    node.verify();
    node.set("maxmemory", "0");
    node.run("FLUSHALL");
    node.runJobs();
    expect(node.node.usedMemory()).toBeLessThan(node.node.startupBytes + 20_000);
  });

  test("takes keys without a time to live only if it is for all keys", () => {
    const node = limited(policy, 40_000);
    for (let i = 0; i < 50; i++) node.run(`SET stays:${i} 1`);
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      node.run(`SETEX goes:${i} 100 1`);
      if (node.run(`SET more:${i} 1`) === OOM) refused++;
    }
    if (policy.startsWith("allkeys")) {
      expect(refused).toBe(0);
      expect(node.strings("KEYS stays:*").length).toBeLessThan(50);
    } else {
      expect(refused).toBeGreaterThan(0);
      expect(node.strings("KEYS stays:*").length).toBe(50);
      expect(node.strings("KEYS goes:*").length).toBeLessThanOrEqual(1);
    }
  });

  test("takes the same keys with the same seed", () => {
    const run = (): string[] => {
      const node = limited(policy, 20_000);
      for (let i = 0; i < 500; i++) node.run(`SETEX key:${i} ${100 + ((i * 7) % 31)} 1`);
      return node.takePropagated().filter((line) => line.startsWith("DEL"));
    };
    const first = run();
    expect(first.length).toBeGreaterThan(100);
    expect(run()).toEqual(first);
  });

  test("looks at all databases", () => {
    const node = limited(policy, 10_000);
    for (let i = 0; i < 200; i++) {
      node.run(`SELECT ${i % 3}`);
      node.run(`SETEX key:${i} 100 ${"x".repeat(50)}`);
    }
    for (let db = 0; db < 3; db++) {
      node.run(`SELECT ${db}`);
      const left = keys(node).length;
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(66);
    }
  });
});

describe("which keys", () => {
  /** How many of the keys `from` to `to` are left of 1000 after half of them were evicted. */
  function survivors(node: CoreNode): { first: number; second: number } {
    limit(node, -Math.floor((node.node.keyspace.arena.usedBytes * 2) / 5));
    node.run("PING");
    const numbers = keys(node).map((key) => Number(key.slice(4)));
    return {
      first: numbers.filter((number) => number < 500).length,
      second: numbers.filter((number) => number >= 500).length,
    };
  }

  function filled(policy: string, ttl: (i: number) => number): CoreNode {
    const node = new CoreNode({ configuration: `maxmemory-policy ${policy}` });
    for (let i = 0; i < 1000; i++) {
      node.run(`SETEX key:${i} ${ttl(i)} ${"x".repeat(100)}`);
      if (i % 5 === 0) {
        node.advance(1000);
        node.tick();
      }
    }
    return node;
  }

  test.each(["allkeys-lru", "volatile-lru"])(
    "%s: those that were not used for the longest time",
    (policy) => {
      const node = filled(policy, () => 10_000);
      // The first half was made first, but is used last.
      for (let i = 0; i < 500; i++) node.run(`GET key:${i}`);
      const { first, second } = survivors(node);
      expect(first).toBeGreaterThan(460);
      expect(second).toBeLessThan(150);
    },
  );

  test.each(["allkeys-lfu", "volatile-lfu"])("%s: those that are used the least", (policy) => {
    const node = filled(policy, () => 10_000);
    for (let round = 0; round < 20; round++) {
      for (let i = 500; i < 1000; i++) node.run(`GET key:${i}`);
    }
    const { first, second } = survivors(node);
    expect(second).toBeGreaterThan(460);
    expect(first).toBeLessThan(150);
  });

  test("volatile-ttl: those that would expire first", () => {
    const node = filled("volatile-ttl", (i) => 10_000 + i);
    const { first, second } = survivors(node);
    expect(second).toBeGreaterThan(460);
    expect(first).toBeLessThan(150);
  });

  test("more samples choose better", () => {
    const node = filled("allkeys-lru", () => 10_000);
    node.set("maxmemory-samples", "64");
    for (let i = 0; i < 500; i++) node.run(`GET key:${i}`);
    expect(survivors(node).first).toBe(500);
  });

  test("after a change of policy, old scores do not count", () => {
    const node = filled("allkeys-lru", (i) => 20_000 - i);
    limit(node, -1000);
    node.run("PING");
    node.set("maxmemory", "0");
    node.set("maxmemory-policy", "volatile-ttl");
    const { first, second } = survivors(node);
    expect(first).toBeGreaterThan(460);
    expect(second).toBeLessThan(150);
  });
});

describe("noeviction", () => {
  test("refuses commands that need memory, also in EXEC, and no others", () => {
    const node = limited("noeviction", 200);
    node.run(`SET a ${"x".repeat(300)}`);
    expect(node.run("SET b 1")).toBe(OOM);
    expect(node.run("STRLEN a")).toBe(":300");
    node.run("MULTI");
    expect(node.run("SET b 1")).toBe(OOM);
    expect(node.run("EXEC")).toBe("-EXECABORT Transaction discarded because of previous errors.");
    expect(node.run("DEL a")).toBe(":1");
    expect(node.run("SET b 1")).toBe("+OK");
    expect(evicted(node)).toBe(0);
  });

  test("refuses EXEC when memory was used up since the commands were queued", () => {
    const node = limited("noeviction", 1000);
    node.run("MULTI");
    expect(node.run("SET a 1")).toBe("+QUEUED");
    node.send(2, "SET", "large", "x".repeat(5000));
    expect(node.run("EXEC")).toBe(`-EXECABORT Transaction discarded because of: ${OOM.slice(1)}`);
    expect(node.run("EXISTS a")).toBe(":0");
  });

  test("tells how long memory is short", () => {
    const node = limited("noeviction", 200);
    node.run(`SET a ${"x".repeat(300)}`);
    node.run("PING");
    node.advance(1500);
    const field = (name: string): string =>
      node.run("INFO stats").match(new RegExp(`${name}:(\\d+)`))?.[1] ?? "";
    expect(field("current_eviction_exceeded_time")).toBe("1500");
    node.run("DEL a");
    node.run("PING");
    node.advance(1500);
    expect(field("current_eviction_exceeded_time")).toBe("0");
    expect(field("total_eviction_exceeded_time")).toBe("1500");
    node.run("CONFIG RESETSTAT");
    expect(field("total_eviction_exceeded_time")).toBe("0");
  });
});

describe("a key that goes", () => {
  test.each([
    ["no", "DEL key"],
    ["yes", "UNLINK key"],
  ])("is told to replicas, subscribers and watchers; lazyfree-lazy-eviction %s", (lazy, line) => {
    const node = new CoreNode({
      propagates: true,
      configuration: `notify-keyspace-events AE\nlazyfree-lazy-eviction ${lazy}`,
    });
    node.run("SET key 1");
    node.takePropagated();
    node.send(2, "PSUBSCRIBE", "*");
    node.send(3, "WATCH", "key");
    node.set("maxmemory-policy", "allkeys-random");
    node.set("maxmemory", "1");
    node.run("PING");
    expect(node.takePropagated()).toEqual([line]);
    expect(node.take(2)).toContain("__keyevent@0__:evicted\r\n$3\r\nkey\r\n");
    node.send(3, "MULTI");
    expect(node.send(3, "EXEC")).toBe("*-1\r\n");
  });

  test("goes after the transaction that has lowered the limit", () => {
    const node = new CoreNode({
      propagates: true,
      configuration: "maxmemory-policy allkeys-lru",
    });
    for (const line of ["MULTI", "INCR x", "CONFIG SET maxmemory 1", "INCR x"]) node.run(line);
    expect(node.run("EXEC")).toBe("*3\r\n:1\r\n+OK\r\n:2");
    node.runJobs();
    expect(node.takePropagated()).toEqual(["multi", "INCR x", "INCR x", "exec", "DEL x"]);
  });

  test("invalidates caches before the reply to the command that needs the room", () => {
    const node = limited("volatile-random", 100_000);
    node.run("HELLO 3");
    node.run("CLIENT TRACKING ON");
    node.run("SETEX key 100 1");
    node.run("GET key");
    node.run("SETBIT large 1600000 0");
    expect(node.run("GETBIT large 0")).toBe(">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n:0");
  });
});

describe("a lower limit", () => {
  /** A node with 400 keys of some 200 bytes, whose clock runs 10 µs per look at it. */
  function slow(configuration: string): CoreNode {
    const node = new CoreNode({ configuration: `maxmemory-policy allkeys-lru\n${configuration}` });
    for (let i = 0; i < 400; i++) node.run(`SET key:${i} ${"x".repeat(150)}`);
    let clockUs = node.nowMs * 1000;
    node.node.host.monotonicUs = () => {
      clockUs += 10;
      return clockUs;
    };
    return node;
  }

  test("set by CONFIG SET evicts in the background", () => {
    const node = slow("");
    const bytes = node.node.usedMemory() - 30_000;
    expect(node.run(`CONFIG SET maxmemory ${bytes}`)).toBe("+OK");
    expect(evicted(node)).toBe(0);
    expect(node.runJobs()).toBeGreaterThan(5);
    expect(evicted(node)).toBeGreaterThan(100);
    expect(node.node.usedMemory()).toBeLessThanOrEqual(bytes);
  });

  test.each([
    [0, 16, false],
    [1, 96, false],
    [100, 400, true],
  ])("with tenacity %i, a command evicts at most %i keys at once", (tenacity, most, isEnough) => {
    const node = slow(`maxmemory-eviction-tenacity ${tenacity}`);
    const bytes = limit(node, -30_000);
    node.run("PING");
    expect(evicted(node)).toBeGreaterThanOrEqual(16);
    expect(evicted(node)).toBeLessThanOrEqual(most);
    expect(node.node.usedMemory() <= bytes).toBe(isEnough);
    expect(node.run("SET more 1")).toBe("+OK");
    node.runJobs();
    expect(node.node.usedMemory()).toBeLessThanOrEqual(bytes);
    node.verify();
  });

  test("does not cost more keys than needed when values are freed lazily", () => {
    const node = new CoreNode({
      configuration: "maxmemory-policy allkeys-random\nlazyfree-lazy-eviction yes",
    });
    const members = Array.from({ length: 1000 }, (_, i) => `member:${i}`).join(" ");
    for (let i = 0; i < 20; i++) node.run(`SADD set:${i} ${members}`);
    const setBytes = node.node.keyspace.arena.usedBytes / 20;
    limit(node, -Math.floor(setBytes * 2.5));
    node.run("PING");
    node.runJobs();
    expect(evicted(node)).toBe(3);
  });

  test("is first made up for by what waits to be freed", () => {
    const node = new CoreNode({ configuration: "maxmemory-policy allkeys-random" });
    node.run("SELECT 1");
    for (let i = 0; i < 2000; i++) node.run(`SET old:${i} ${"x".repeat(100)}`);
    node.run("SELECT 0");
    for (let i = 0; i < 100; i++) node.run(`SET new:${i} 1`);
    const full = node.node.usedMemory();
    node.run("SELECT 1");
    node.run("FLUSHDB ASYNC");
    node.set("maxmemory", String(full - 100_000));
    node.run("SELECT 0");
    expect(node.run("DBSIZE")).toBe(":100");
    expect(evicted(node)).toBe(0);
    expect(node.node.usedMemory()).toBeLessThanOrEqual(full - 100_000);
  });

  test("waits until a pause is over", () => {
    const node = limited("allkeys-lru", 1_000_000);
    for (let i = 0; i < 100; i++) node.run(`SET key:${i} 1`);
    node.run("CLIENT PAUSE 1000 WRITE");
    limit(node, -1000);
    node.run("PING");
    expect(evicted(node)).toBe(0);
    node.run("CLIENT UNPAUSE");
    node.run("PING");
    expect(evicted(node)).toBeGreaterThan(0);
  });
});
