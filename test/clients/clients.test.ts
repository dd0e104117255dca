// Client libraries as people use them: pipelines, transactions, binary values, both protocols.
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ServerProcess } from "../support/server-process.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ program: "seedis" });
});
afterAll(() => server.stop());

describe("ioredis", () => {
  let redis: Redis;
  beforeEach(async () => {
    redis = new Redis(server.port, "127.0.0.1");
    await redis.flushall();
    return () => redis.quit();
  });

  it("sets, gets and counts", async () => {
    expect(await redis.set("user:1", "Ada", "EX", 60)).toBe("OK");
    expect(await redis.get("user:1")).toBe("Ada");
    expect(await redis.ttl("user:1")).toBe(60);
    expect(await redis.incrby("hits", 41)).toBe(41);
    expect(await redis.incr("hits")).toBe(42);
    expect(await redis.mget("user:1", "hits", "nothing")).toEqual(["Ada", "42", null]);
  });

  it("pipelines thousands of commands in order", async () => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 5000; i++) pipeline.set(`k${i}`, i).get(`k${i}`);
    const replies = await pipeline.exec();
    expect(replies?.length).toBe(10_000);
    for (let i = 0; i < 5000; i++) expect(replies?.[2 * i + 1]).toEqual([null, String(i)]);
    expect(await redis.dbsize()).toBe(5000);
  });

  it("runs transactions, and none when a watched key changed", async () => {
    expect(await redis.multi().set("a", 1).incr("a").exec()).toEqual([
      [null, "OK"],
      [null, 2],
    ]);
    const other = redis.duplicate();
    await redis.watch("a");
    await other.set("a", "changed");
    expect(await redis.multi().set("a", 3).exec()).toBeNull();
    expect(await redis.get("a")).toBe("changed");
    await other.quit();
  });

  it("keeps binary keys and values", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await redis.set(bytes, bytes);
    expect((await redis.getBuffer(bytes))?.equals(bytes)).toBe(true);
  });

  it("streams the keyspace", async () => {
    for (let i = 0; i < 300; i++) await redis.set(`scan:${i}`, i);
    const found = new Set<string>();
    for await (const keys of redis.scanStream({ match: "scan:*", count: 20 })) {
      for (const key of keys as string[]) found.add(key);
    }
    expect(found.size).toBe(300);
  });
});

for (const RESP of [2, 3] as const) {
  describe(`node-redis, RESP${RESP}`, () => {
    const connect = () => createClient({ url: `redis://127.0.0.1:${server.port}`, RESP }).connect();

    it("sets, gets, and reports errors", async () => {
      const client = await connect();
      await client.flushAll();
      await client.set("key", "value", { expiration: { type: "PX", value: 5000 } });
      expect(await client.get("key")).toBe("value");
      expect(await client.pTTL("key")).toBeGreaterThan(4000);
      await expect(client.incr("key")).rejects.toThrow(
        "ERR value is not an integer or out of range",
      );
      await client.close();
    });

    it("pipelines and runs transactions", async () => {
      const client = await connect();
      const values = await Promise.all(
        Array.from({ length: 1000 }, (_, i) =>
          client.set(`p${i}`, `${i}`).then(() => client.get(`p${i}`)),
        ),
      );
      expect(values).toEqual(Array.from({ length: 1000 }, (_, i) => `${i}`));
      expect(await client.multi().set("t", "1").incr("t").get("t").exec()).toEqual(["OK", 2, "2"]);
      await client.close();
    });
  });
}
