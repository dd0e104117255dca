// What the scripts of docs/examples promise, for any server that runs them.
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { ServerProcess, type ServerProgram } from "../support/server-process.ts";

const DIRECTORY = new URL("../../docs/examples/", import.meta.url);
const CONTENDERS = 50;
const READERS = 500;
/** Longer than any test takes. */
const TTL_MS = 300_000;

/** Tests that run against one server of the kind. */
export function testExampleScripts(program: ServerProgram): void {
  let server: ServerProcess;
  let redis: Redis;

  beforeAll(async () => {
    server = await ServerProcess.start({ program });
    redis = new Redis(server.port, "127.0.0.1");
  });
  afterAll(async () => {
    await redis?.quit();
    await server?.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });

  /** Loads a script of docs/examples; what it gives runs it by its hash. */
  async function load(name: string): Promise<Script> {
    const text = readFileSync(new URL(`${name}.lua`, DIRECTORY), "utf8");
    const sha = (await redis.script("LOAD", text)) as string;
    return (keys, argv, client = redis) => client.evalsha(sha, keys.length, ...keys, ...argv);
  }

  it("a lock is held by one, until it runs out", async () => {
    const acquire = await load("lock-acquire");
    expect(await acquire(["lock"], ["a", "5000"])).toBe(1);
    expect(await redis.pttl("lock")).toBeGreaterThan(0);
    expect(await redis.pttl("lock")).toBeLessThanOrEqual(5000);
    expect(await acquire(["lock"], ["b", "5000"])).toBe(0);
    await redis.pexpire("lock", 1);
    await until(async () => (await redis.exists("lock")) === 0);
    expect(await acquire(["lock"], ["b", "5000"])).toBe(1);
    expect(await redis.get("lock")).toBe("b");
  });

  it("a lock is extended and released only by who holds it", async () => {
    const [acquire, extend, release] = await Promise.all(
      ["lock-acquire", "lock-extend", "lock-release"].map(load),
    );
    await acquire!(["lock"], ["a", "5000"]);
    expect(await extend!(["lock"], ["b", "60000"])).toBe(0);
    expect(await redis.pttl("lock")).toBeLessThanOrEqual(5000);
    expect(await extend!(["lock"], ["a", "60000"])).toBe(1);
    expect(await redis.pttl("lock")).toBeGreaterThan(5000);
    expect(await release!(["lock"], ["b"])).toBe(0);
    expect(await redis.get("lock")).toBe("a");
    expect(await release!(["lock"], ["a"])).toBe(1);
    expect(await release!(["lock"], ["a"])).toBe(0);
    expect(await extend!(["lock"], ["a", "5000"])).toBe(0);
    expect(await acquire!(["lock"], ["b", "5000"])).toBe(1);
  });

  it("of many who want a lock at once, one gets it", async () => {
    const acquire = await load("lock-acquire");
    const clients = Array.from({ length: CONTENDERS }, () => new Redis(server.port, "127.0.0.1"));
    const got = await Promise.all(
      clients.map((client, i) => acquire(["lock"], [`token ${i}`, "60000"], client)),
    );
    expect(got.filter((reply) => reply === 1)).toHaveLength(1);
    expect(await redis.get("lock")).toBe(`token ${got.indexOf(1)}`);
    await Promise.all(clients.map((client) => client.quit()));
  });

  it("a rate limit lets through as many as it says, for each client", async () => {
    const limit = await load("rate-limit");
    const ask = (key: string): Promise<unknown> => limit([key], ["100", "60"]);
    const replies = await Promise.all(Array.from({ length: 105 }, () => ask("requests:alice")));
    expect(replies).toEqual([...Array(100).fill(1), ...Array(5).fill(0)]);
    expect(await ask("requests:bob")).toBe(1);
    const ttl = await redis.ttl("requests:alice");
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60);
    await redis.pexpire("requests:alice", 1);
    await until(async () => (await redis.exists("requests:alice")) === 0);
    expect(await ask("requests:alice")).toBe(1);
    expect(await redis.ttl("requests:alice")).toBeGreaterThan(0);
  });

  it("a value is computed anew early by some, the more the nearer its end", async () => {
    const read = await load("early-expiration");
    expect(await read(["page"], ["1"])).toEqual([null, 1]);
    await redis.hset("page", { value: "content", cost: 1000 });
    // Without an end nothing is early.
    expect(await read(["page"], ["1"])).toEqual(["content", 0]);
    await redis.pexpire("page", TTL_MS);
    /** The share of readers that are told to compute a value that takes so long. */
    const early = async (costMs: number): Promise<number> => {
      await redis.hset("page", "cost", costMs);
      const replies = await Promise.all(
        Array.from({ length: READERS }, () => read(["page"], ["1"])),
      );
      for (const reply of replies as [string, number][]) expect(reply[0]).toBe("content");
      return (
        (replies as [string, number][]).filter(([, isEarly]) => isEarly === 1).length / READERS
      );
    };
    // e^(-left / cost): nobody far from the end, about a third at one cost from it, most when it is near.
    expect(await early(TTL_MS / 1000)).toBe(0);
    expect(await early(TTL_MS)).toBeGreaterThan(0.2);
    expect(await early(TTL_MS)).toBeLessThan(0.6);
    expect(await early(TTL_MS * 100)).toBeGreaterThan(0.9);
    expect(await redis.pttl("page")).toBeGreaterThan(0);
  });

  it("a post is added to all timelines, which never get too long", async () => {
    const add = await load("timeline-add");
    const followers = Array.from({ length: 20 }, (_, i) => `timeline:${i}`);
    for (let post = 1; post <= 100; post++) {
      expect(await add(followers, [`post ${post}`, String(post), "100"])).toBe(0);
    }
    for (let post = 101; post <= 110; post++) {
      expect(await add(followers, [`post ${post}`, String(post), "100"])).toBe(20);
    }
    for (const timeline of followers) {
      expect(await redis.zcard(timeline)).toBe(100);
      expect(await redis.zrange(timeline, "0", "0")).toEqual(["post 11"]);
      expect(await redis.zrange(timeline, "-1", "-1")).toEqual(["post 110"]);
    }
  });

  it("nobody sees a timeline that is too long", async () => {
    const add = await load("timeline-add");
    const reader = new Redis(server.port, "127.0.0.1");
    let longest = 0;
    let isWriting = true;
    const reading = (async () => {
      while (isWriting) longest = Math.max(longest, await reader.zcard("timeline"));
    })();
    for (let post = 0; post < 300; post++)
      await add(["timeline"], [`post ${post}`, `${post}`, "50"]);
    isWriting = false;
    await reading;
    await reader.quit();
    expect(longest).toBeLessThanOrEqual(50);
    expect(await redis.zcard("timeline")).toBe(50);
  });

  it("a post is announced and kept as an event besides", async () => {
    const add = await load("timeline-add");
    const listener = new Redis(server.port, "127.0.0.1");
    const heard: string[] = [];
    await listener.subscribe("posts");
    listener.on("message", (_channel, message) => heard.push(message));
    await redis.xadd("events", "*", "post", "42");
    await add(["timeline:alice", "timeline:bob"], ["42", "1000", "100"]);
    expect(await redis.publish("posts", "42")).toBe(1);
    await until(async () => heard.length === 1);
    expect(await redis.xlen("events")).toBe(1);
    expect(await redis.zrange("timeline:bob", "0", "-1")).toEqual(["42"]);
    await listener.quit();
  });

  it("a client library sends the text again when the server has forgotten it", async () => {
    const lua = readFileSync(new URL("rate-limit.lua", DIRECTORY), "utf8");
    redis.defineCommand("allow", { numberOfKeys: 1, lua });
    const client = redis as Redis & {
      allow(key: string, limit: number, s: number): Promise<number>;
    };
    expect(await client.allow("requests", 2, 60)).toBe(1);
    await redis.script("FLUSH");
    expect(await client.allow("requests", 2, 60)).toBe(1);
    expect(await client.allow("requests", 2, 60)).toBe(0);
  });
}

type Script = (keys: string[], argv: string[], client?: Redis) => Promise<unknown>;

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
