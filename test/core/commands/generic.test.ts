import { describe, expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

function filled(...lines: string[]): CoreNode {
  const node = new CoreNode({ propagates: true });
  for (const line of lines) node.run(line);
  node.takePropagated();
  return node;
}

/** Lets client 2 hear all keyspace events; answers with a function that takes those since. */
function events(node: CoreNode): () => string[] {
  node.set("notify-keyspace-events", "KEA$nm");
  const heard: string[] = [];
  node.node.notifications.publish = (_class, event, db, key) => heard.push(`${db}:${event}:${key}`);
  return () => heard.splice(0);
}

describe("DEL and UNLINK", () => {
  test("count what was there", () => {
    const node = filled("SET a 1", "SET b 2", "SET c 3");
    expect(node.run("DEL a b b missing")).toBe(":2");
    expect(node.run("UNLINK c c")).toBe(":1");
    expect(node.takePropagated()).toEqual(["DEL a b b missing", "UNLINK c c"]);
    expect(node.run("DEL a")).toBe(":0");
    expect(node.takePropagated()).toEqual([]);
  });

  test("an expired key expires instead", () => {
    const node = filled("SET a 1 PX 10");
    const heard = events(node);
    node.advance(11);
    expect(node.run("DEL a")).toBe(":0");
    expect(heard()).toEqual(["0:expired:a"]);
    expect(node.takePropagated()).toEqual(["DEL a"]);
    expect(node.node.keyspace.expiredKeys).toBe(1);
  });

  test("on a replica an expired key is deleted like any other", () => {
    const node = filled("SET a 1 PX 10");
    node.node.keyspace.deletesExpired = false;
    node.advance(11);
    expect(node.run("EXISTS a")).toBe(":0");
    expect(node.run("DBSIZE")).toBe(":1");
    expect(node.run("DEL a")).toBe(":1");
    expect(node.run("DBSIZE")).toBe(":0");
  });
});

describe("RENAME", () => {
  test.each([
    ["SET a text", "text"],
    ["SET a 12345678901234", "12345678901234"],
    ["SET a -3", "-3"],
    [`SET a ${"x".repeat(300)}`, "x".repeat(300)],
  ])("moves the value of %s", (line, value) => {
    const node = filled(line, "SET other 1 EX 100");
    for (const key of ["b", "longer", "an-even-longer-name", "other"]) {
      node.run(line);
      expect(node.run(`RENAME a ${key}`)).toBe("+OK");
      expect(node.run(`GET ${key}`)).toBe(`$${value.length}\r\n${value}`);
      expect(node.run("GET a")).toBe("$-1");
      expect(node.run(`TTL ${key}`)).toBe(":-1");
    }
    node.verify();
  });

  test("moves the expiry", () => {
    const node = filled("SET a 1 PXAT 9223372036854775806", "SET b 2");
    expect(node.run("RENAME a b")).toBe("+OK");
    expect(node.run("PEXPIRETIME b")).toBe(":9223372036854775806");
    expect(node.node.databases[0].volatileCount).toBe(1);
  });

  test("tells who listens", () => {
    const node = filled("SET a 1", "SET b 2");
    const heard = events(node);
    node.run("RENAME a b");
    expect(heard()).toEqual(["0:new:b", "0:rename_from:a", "0:rename_to:b"]);
    expect(node.takePropagated()).toEqual(["RENAME a b"]);
    node.run("RENAME b b");
    expect(heard()).toEqual([]);
    expect(node.takePropagated()).toEqual([]);
  });

  test("RENAMENX spares what is there", () => {
    const node = filled("SET a 1", "SET b 2");
    expect(node.run("RENAMENX a b")).toBe(":0");
    expect(node.run("RENAMENX a c")).toBe(":1");
    expect(node.run("RENAMENX a c")).toBe("-ERR no such key");
    expect(node.run("MGET a b c")).toBe("*3\r\n$-1\r\n$1\r\n2\r\n$1\r\n1");
  });
});

describe("MOVE and COPY", () => {
  test("MOVE takes value and expiry along", () => {
    const node = filled("SET a text PX 5000");
    const heard = events(node);
    expect(node.run("MOVE a 3")).toBe(":1");
    expect(heard()).toEqual(["3:new:a", "0:move_from:a", "3:move_to:a"]);
    expect(node.takePropagated()).toEqual(["MOVE a 3"]);
    expect(node.run("EXISTS a")).toBe(":0");
    node.run("SELECT 3");
    expect(node.run("GET a")).toBe("$4\r\ntext");
    expect(node.run("PTTL a")).toBe(":5000");
    node.run("SELECT 0");
    node.run("SET a 2");
    expect(node.run("MOVE a 3")).toBe(":0");
    node.verify();
  });

  test("COPY leaves the source alone", () => {
    const node = filled("SET a 77 PX 5000", "SET b other EX 9");
    const heard = events(node);
    expect(node.run("COPY a b")).toBe(":0");
    expect(node.run("COPY a b REPLACE")).toBe(":1");
    expect(heard()).toEqual(["0:new:b", "0:copy_to:b"]);
    expect(node.run("INCR b")).toBe(":78");
    expect(node.run("GET a")).toBe("$2\r\n77");
    expect(node.run("PTTL b")).toBe(":5000");
    expect(node.run("COPY a a DB 1")).toBe(":1");
    node.verify();
  });
});

describe("RANDOMKEY", () => {
  test("draws every key and skips expired ones", () => {
    const node = filled("SET a 1", "SET b 1", "SET gone 1 PX 5");
    node.advance(6);
    const drawn = new Set<string>();
    for (let i = 0; i < 100; i++) drawn.add(node.run("RANDOMKEY"));
    expect([...drawn].sort()).toEqual(["$1\r\na", "$1\r\nb"]);
    expect(node.takePropagated()).toEqual(["DEL gone"]);
  });

  test("expired keys leave one by one, not as a transaction", () => {
    const node = filled("SET a 1 PX 5", "SET b 1 PX 5");
    node.advance(6);
    expect(node.run("RANDOMKEY")).toBe("$-1");
    expect(node.takePropagated().sort()).toEqual(["DEL a", "DEL b"]);
  });

  test("a replica full of expired keys answers all the same", () => {
    const node = filled("SET a 1 PX 5");
    node.node.keyspace.deletesExpired = false;
    node.advance(6);
    expect(node.run("RANDOMKEY")).toBe("$1\r\na");
  });
});

describe("what counts as use of a key", () => {
  test("looking does not, TOUCH does", () => {
    const node = filled("SET a 1");
    node.advance(60_000);
    node.node.cron.updateAccessClock();
    for (const line of ["EXISTS a", "TYPE a", "TTL a", "OBJECT ENCODING a"]) node.run(line);
    expect(node.run("OBJECT IDLETIME a")).toBe(":60");
    expect(node.run("TOUCH a missing")).toBe(":1");
    expect(node.run("OBJECT IDLETIME a")).toBe(":0");
  });

  test("misses are counted, OBJECT's without an event", () => {
    const node = filled("SET a 1");
    const heard = events(node);
    const { keyspace } = node.node;
    node.run("EXISTS missing");
    node.run("TTL missing");
    expect(heard()).toEqual(["0:keymiss:missing", "0:keymiss:missing"]);
    node.run("OBJECT FREQ missing");
    expect(heard()).toEqual([]);
    expect(keyspace.misses).toBe(3);
    expect(keyspace.hits).toBe(0);
  });
});
