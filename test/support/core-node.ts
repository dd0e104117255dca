// A node without a server around it, for tests of the core: commands go in as words, replies come
// out as text, time passes when the test says so, jobs run when the test lets them.
import { Config } from "../../core/config/config.ts";
import type { Host, ProcessFacts } from "../../core/node/host.ts";
import { Node } from "../../core/node/node.ts";
import type { ReadAhead } from "../../core/node/pipeline.ts";
import type { PropagatedCommand } from "../../core/node/propagation.ts";
import { toBytes } from "../../core/util/bytes.ts";

const START_MS = 1_700_000_000_000;

const FACTS: ProcessFacts = {
  pid: 1,
  executable: "/seedis",
  configFile: "",
  osName: "Test",
  archBits: 64,
  residentBytes: 0,
  systemMemoryBytes: 0,
  cpuUserSeconds: 0,
  cpuSystemSeconds: 0,
  runtime: "test",
};

export class CoreNode {
  readonly node: Node;
  readonly config: Config = new Config();
  readonly logged: string[] = [];
  /** What was propagated, one text per command, "multi" and "exec" around units of several. */
  readonly propagated: string[] = [];
  /** Time that DEBUG SLEEP took. */
  sleptUs = 0;
  nowMs = START_MS;
  /** Microseconds that pass with every look at the clock: what runs for long becomes noticed. */
  usPerLook = 0;
  heapIsShort = false;
  /** How often the host was asked to return memory. */
  returned = 0;
  #lookedUs = 0;
  readonly #sent: Map<number, string> = new Map();
  readonly #open: Set<number> = new Set();

  /** `configuration`: the text of a configuration file. */
  constructor(
    options: {
      seed?: string;
      propagates?: boolean;
      configuration?: string;
      readAhead?: ReadAhead;
    } = {},
  ) {
    const failure = this.config.loadText(options.configuration ?? "");
    if (failure !== null) throw new Error("configuration refused");
    const { readAhead } = options;
    const seed = toBytes(options.seed ?? "s".repeat(32));
    this.node = new Node(
      this.#host(),
      this.config,
      seed,
      readAhead === undefined ? {} : { readAhead },
    );
    if (options.propagates === true) {
      this.node.propagation.listener = (unit) => this.#propagate(unit);
    }
    this.advance(0);
  }

  #host(): Host {
    return {
      send: (id, bytes, start, end) => {
        const text = Buffer.from(bytes.subarray(start, end)).toString("latin1");
        this.#sent.set(id, (this.#sent.get(id) ?? "") + text);
        return 0;
      },
      close: (id) => {
        this.#open.delete(id);
      },
      pauseReading: () => {},
      log: (_level, message) => {
        this.logged.push(message);
      },
      readFile: () => {},
      writeFile: () => {},
      configChanged: () => null,
      exit: () => {},
      monotonicUs: () => {
        this.#lookedUs += this.usPerLook;
        return this.nowMs * 1000 + this.#lookedUs;
      },
      sleep: (microseconds) => {
        this.sleptUs += microseconds;
      },
      heapIsShort: () => this.heapIsShort,
      returnMemory: () => {
        this.returned++;
      },
      processFacts: () => FACTS,
    };
  }

  #propagate(unit: readonly PropagatedCommand[]): void {
    if (unit.length > 1) this.propagated.push("multi");
    for (const { words } of unit) this.propagated.push(words.join(" "));
    if (unit.length > 1) this.propagated.push("exec");
  }

  /** Time passes; no tick happens by itself. */
  advance(ms: number): void {
    this.nowMs += ms;
    this.node.setTime(this.nowMs, this.nowMs * 1000);
  }

  tick(): void {
    this.node.onTick();
  }

  /** Runs background work to its end. Answers with the number of steps. */
  runJobs(): number {
    let steps = 0;
    while (this.node.runJobs(1)) steps++;
    return steps;
  }

  /** The node has not closed the client's connection. */
  isOpen(client: number): boolean {
    return this.#open.has(client);
  }

  /** Sends a command and answers with the raw reply, "" when there is none yet. */
  send(client: number, ...words: string[]): string {
    const text = words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
    return this.write(client, `*${words.length}\r\n${text}`);
  }

  /** Sends bytes as they are. */
  write(client: number, text: string): string {
    if (!this.#open.has(client)) {
      this.#open.add(client);
      this.node.onConnected(client, {
        address: `127.0.0.1:${50000 + client}`,
        localAddress: "127.0.0.1:6379",
        unixSocket: false,
        loopback: true,
        descriptor: client,
      });
    }
    const bytes = toBytes(text);
    this.node.onReceived(client, bytes, 0, bytes.length);
    return this.take(client);
  }

  /** What a client was sent since it was last asked. */
  take(client: number): string {
    const text = this.#sent.get(client) ?? "";
    this.#sent.delete(client);
    return text;
  }

  /** Client 1 sends a command given as words separated by blanks; the reply without its last CRLF. */
  run(line: string): string {
    return this.send(1, ...line.split(" ")).replace(/\r\n$/, "");
  }

  /** The elements of an array of strings that client 1's command answers with. */
  strings(line: string): string[] {
    return [...this.run(line).matchAll(/\$\d+\r\n(.*?)(?:\r\n|$)/gs)].map((match) => match[1]);
  }

  /** What was propagated since it was last asked. */
  takePropagated(): string[] {
    return this.propagated.splice(0);
  }

  set(name: string, value: string): void {
    const reply = this.config.set([[name, value]], {
      localClient: true,
      loading: false,
      apply: () => null,
    });
    if ("error" in reply) throw new Error(reply.error);
    this.node.configChanged();
  }

  /** Throws when the arena holds anything that is not reachable, or its structure is broken. */
  verify(): void {
    this.node.keyspace.arena.verify();
  }
}
