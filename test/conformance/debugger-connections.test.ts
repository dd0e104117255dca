// The debugger of scripts and the connections around it: pipelines, transactions, other clients, broken
// connections. redis-server and Seedis must send the same.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeCommand, type RespClient } from "../support/resp-client.ts";
import { ServerProcess } from "../support/server-process.ts";

const SCRIPT = "local x = redis.call('get', 'k')\nredis.call('append', 'k', '!')\nreturn x";
const PAUSE_MS = 100;

const servers: ServerProcess[] = [];

beforeAll(async () => {
  servers.push(await ServerProcess.start({ program: "redis" }));
  servers.push(await ServerProcess.start({ program: "seedis" }));
});

afterAll(async () => {
  for (const server of servers) await server.stop();
});

/** A connection, with what it was sent noted down. */
class Watched {
  readonly client: RespClient;
  readonly #name: string;
  readonly #notes: string[];

  constructor(client: RespClient, name: string, notes: string[]) {
    this.client = client;
    this.#name = name;
    this.#notes = notes;
  }

  note(text: string): void {
    this.#notes.push(`${this.#name}: ${text}`);
  }

  /** Sends a command and notes one reply. */
  async call(...words: string[]): Promise<void> {
    this.client.send(...words);
    await this.reply();
  }

  async reply(): Promise<void> {
    const reply = await this.client.read();
    this.note(reply === null ? "(closed)" : reply.raw);
  }

  /** All that comes until the connection is closed. */
  async rest(): Promise<void> {
    for (;;) {
      const reply = await this.client.read();
      this.note(reply === null ? "(closed)" : reply.raw);
      if (reply === null) return;
    }
  }
}

type Connect = (name: string) => Promise<Watched>;

/** What happens on a server, one text per reply. */
async function play(
  server: ServerProcess,
  scenario: (connect: Connect, notes: string[]) => Promise<void>,
): Promise<string> {
  const notes: string[] = [];
  const opened: RespClient[] = [];
  const connect = async (name: string): Promise<Watched> => {
    const client = await server.connect(name);
    opened.push(client);
    return new Watched(client, name, notes);
  };
  const first = await server.connect();
  await first.command("FLUSHALL");
  await first.command("SET", "k", "value");
  await scenario(connect, notes);
  notes.push((await first.command("GET", "k")).raw);
  for (const client of [...opened, first]) client.close();
  return notes.join("\n");
}

function pipeline(...commands: string[][]): Buffer {
  return Buffer.concat(commands.map(encodeCommand));
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

const SCENARIOS: Record<string, (connect: Connect, notes: string[]) => Promise<void>> = {
  "others wait for the end of a session": async (connect, notes) => {
    const [a, b, c] = [await connect("a"), await connect("b"), await connect("c")];
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVAL", SCRIPT, "0");
    b.client.write(pipeline(["GET", "k"], ["APPEND", "k", "b"]));
    await pause();
    c.client.send("GET", "k");
    await pause();
    notes.push(`${b.client.unreadBytes()} ${c.client.unreadBytes()}`);
    await a.call("s");
    await a.call("r", "append", "k", "a");
    a.client.send("c");
    await a.rest();
    await b.reply();
    await b.reply();
    await c.reply();
  },

  "others go on while a copy is debugged": async (connect) => {
    const [a, b] = [await connect("a"), await connect("b")];
    await a.call("SCRIPT", "DEBUG", "YES");
    await a.call("EVAL", SCRIPT, "0");
    await b.call("SET", "k", "other");
    await a.call("s");
    await a.call("r", "get", "k");
    await b.call("GET", "k");
    a.client.send("c");
    await a.rest();
  },

  "two copies at once": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "YES");
    await a.call("EVAL", SCRIPT, "0");
    // Connected before, it would be open in the first copy, too.
    const b = await connect("b");
    await b.call("SCRIPT", "DEBUG", "YES");
    await b.call("EVAL", "redis.call('set', 'k', 'b')\nreturn redis.call('get', 'k')", "0");
    await a.call("s");
    await b.call("s");
    await a.call("r", "get", "k");
    b.client.send("c");
    await b.rest();
    a.client.send("c");
    await a.rest();
  },

  "a pipeline": async (connect) => {
    const a = await connect("a");
    a.client.write(pipeline(["SCRIPT", "DEBUG", "SYNC"], ["EVAL", SCRIPT, "0"], ["PING"]));
    await a.reply();
    a.client.send("c");
    await a.rest();
  },

  "a pipeline, on a copy": async (connect) => {
    const a = await connect("a");
    a.client.write(pipeline(["SCRIPT", "DEBUG", "YES"], ["EVAL", SCRIPT, "0"], ["PING"]));
    await a.reply();
    a.client.send("c");
    await a.rest();
  },

  "inside a pipeline": async (connect) => {
    const a = await connect("a");
    a.client.write(pipeline(["PING"], ["SCRIPT", "DEBUG", "SYNC"], ["EVAL", "return 1", "0"]));
    for (let i = 0; i < 3; i++) await a.reply();
  },

  "asked for inside a transaction": async (connect) => {
    const a = await connect("a");
    await a.call("MULTI");
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVAL", "return 1", "0");
    await a.call("EXEC");
  },

  "a script of a transaction": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("MULTI");
    await a.call("APPEND", "k", "1");
    await a.call("EVAL", SCRIPT, "0");
    await a.call("EXEC");
    a.client.send("c");
    await a.rest();
  },

  "switched off, and wrong words": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "maybe");
    await a.call("SCRIPT", "DEBUG");
    await a.call("SCRIPT", "DEBUG", "SYNC", "now");
    await a.call("SCRIPT", "DEBUG", "yes");
    await a.call("SCRIPT", "DEBUG", "sync");
    await a.call("SCRIPT", "DEBUG", "no");
    await a.call("EVAL", "return redis.breakpoint()", "0");
    await a.call("EVAL", "return redis.call('script', 'debug', 'yes')", "0");
  },

  "digests are not debugged": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "LOAD", "return 1");
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0");
    await a.call("EVALSHA", "e0e1", "0");
    await a.call("EVALSHA_RO", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "x");
    await a.call("EVAL", "return 1");
    await a.call("PING");
  },

  "a wrong number of keys": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "SYNC");
    a.client.send("EVAL", "return 1", "x");
    await a.rest();
  },

  "more keys than arguments, on a copy": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "YES");
    a.client.send("EVAL", "return 1", "2", "k");
    await a.rest();
  },

  "a script that only reads": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVAL_RO", SCRIPT, "0");
    await a.call("s");
    await a.call("r", "set", "k", "x");
    a.client.send("s");
    await a.rest();
  },

  "a connection that breaks": async (connect) => {
    const [a, b] = [await connect("a"), await connect("b")];
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVAL", SCRIPT, "0");
    a.client.close();
    await b.call("GET", "k");
  },

  "a connection to a copy that breaks": async (connect) => {
    const [a, b] = [await connect("a"), await connect("b")];
    await a.call("SCRIPT", "DEBUG", "YES");
    await a.call("EVAL", SCRIPT, "0");
    a.client.close();
    await b.call("GET", "k");
  },

  "a request that never ends": async (connect) => {
    const a = await connect("a");
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVAL", SCRIPT, "0");
    a.client.write(`*1${"x".repeat(1 << 20)}`);
    await a.rest();
  },

  "whoever waits for a key is served afterwards": async (connect, notes) => {
    const [a, b] = [await connect("a"), await connect("b")];
    b.client.send("BLPOP", "q", "0");
    await pause();
    await a.call("SCRIPT", "DEBUG", "SYNC");
    await a.call("EVAL", "redis.call('rpush', 'q', 'x')\nreturn 1", "0");
    await a.call("s");
    await pause();
    notes.push(b.client.unreadBytes());
    a.client.send("c");
    await a.rest();
    await b.reply();
  },

  "another database and user data": async (connect) => {
    const a = await connect("a");
    await a.call("SELECT", "3");
    await a.call("SET", "here", "3");
    await a.call("EXPIRE", "here", "1000");
    await a.call("SCRIPT", "DEBUG", "YES");
    await a.call("EVAL", "return redis.call('get', 'here')", "0");
    await a.call("r", "ttl", "here");
    await a.call("r", "select", "0");
    await a.call("r", "get", "k");
    a.client.send("c");
    await a.rest();
  },
};

describe("connections around the debugger", () => {
  it.each(Object.keys(SCENARIOS))("%s", async (name) => {
    const [reference, given] = [
      await play(servers[0], SCENARIOS[name]),
      await play(servers[1], SCENARIOS[name]),
    ];
    expect(given).toBe(reference);
  });
});
