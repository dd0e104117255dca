// A node with a host that only takes notes, for tests of connections, limits, files and exits: what
// the peer does and what the machine answers is up to the test.
import { Config } from "../../core/config/config.ts";
import type { Host, PeerInfo, ProcessFacts } from "../../core/node/host.ts";
import { Node } from "../../core/node/node.ts";
import { latin1, toBytes } from "../../core/util/bytes.ts";

const START_MS = 1_700_000_000_000;

const FACTS: ProcessFacts = {
  pid: 4711,
  executable: "/usr/bin/seedis",
  configFile: "",
  osName: "Linux 6.1 x86_64",
  archBits: 64,
  residentBytes: 64 * 1024 * 1024,
  systemMemoryBytes: 8 * 1024 * 1024 * 1024,
  cpuUserSeconds: 1.5,
  cpuSystemSeconds: 0.25,
  runtime: "test",
};

/** A file that the node asked for and that the test has not answered yet. */
interface FileRequest {
  readonly tag: number;
  readonly path: string;
  /** Null: it is to be read. */
  readonly bytes: Uint8Array | null;
}

export class FakeServer {
  readonly config: Config;
  readonly node: Node;
  readonly logged: string[] = [];
  readonly exits: number[] = [];
  readonly requests: FileRequest[] = [];
  readonly files: Map<string, string> = new Map();
  /** Connections that the node closed; true when what it had sent was still to go out. */
  readonly closed: Map<number, boolean> = new Map();
  /** What CONFIG SET is answered by the host, by directive. */
  readonly refusals: Map<string, string> = new Map();
  /** Connections whose peer takes nothing any more. */
  readonly stuck: Set<number> = new Set();
  /** Time that passes with every look at the clock. */
  stepUs = 0;
  nowUs = START_MS * 1000;
  #connectionCount = 0;
  readonly #received: Map<number, string> = new Map();
  readonly #waiting: Map<number, number> = new Map();

  constructor(
    directives: Readonly<Record<string, string>> = {},
    config: Config = new Config({ directory: "/data" }),
  ) {
    this.config = config;
    for (const [name, value] of Object.entries(directives)) {
      const error = this.config.assign(name, value.split(" "));
      if (error !== null) throw new Error(`${name}: ${error}`);
    }
    this.node = new Node(this.#host(), this.config, toBytes("seed".repeat(8)));
    this.advance(0);
  }

  #host(): Host {
    return {
      send: (id, bytes, start, end) => {
        this.#received.set(id, (this.#received.get(id) ?? "") + latin1(bytes, start, end));
        if (!this.stuck.has(id)) return 0;
        const waiting = (this.#waiting.get(id) ?? 0) + end - start;
        this.#waiting.set(id, waiting);
        return waiting;
      },
      close: (id, flush) => {
        this.closed.set(id, flush);
      },
      pauseReading: () => {},
      log: (level, message) => {
        this.logged.push(`${level}: ${message}`);
      },
      readFile: (tag, path) => {
        this.requests.push({ tag, path, bytes: null });
      },
      writeFile: (tag, path, bytes) => {
        this.requests.push({ tag, path, bytes });
      },
      configChanged: (names) => {
        for (const name of names) {
          const refusal = this.refusals.get(name);
          if (refusal !== undefined) return refusal;
        }
        return null;
      },
      exit: (code) => {
        this.exits.push(code);
      },
      monotonicUs: () => {
        this.nowUs += this.stepUs;
        return this.nowUs;
      },
      sleep: (microseconds) => {
        this.nowUs += microseconds;
      },
      heapIsShort: () => false,
      processFacts: () => FACTS,
    };
  }

  get nowMs(): number {
    return Math.floor(this.nowUs / 1000);
  }

  /** Time passes; nothing else happens. */
  advance(ms: number): void {
    this.nowUs += ms * 1000;
    this.node.setTime(this.nowMs, this.nowUs);
  }

  /** Time passes and a tick follows. */
  tick(ms = 100): void {
    this.advance(ms);
    this.node.onTick();
  }

  /** Background work, to its end. */
  runJobs(): void {
    while (this.node.runJobs(100)) {
      // Up to a hundred steps each time.
    }
  }

  connect(peer: Partial<PeerInfo> = {}): FakeClient {
    const id = ++this.#connectionCount;
    this.node.onConnected(id, {
      address: `127.0.0.1:${50000 + id}`,
      localAddress: "127.0.0.1:6379",
      unixSocket: false,
      loopback: true,
      descriptor: id + 7,
      ...peer,
    });
    return new FakeClient(this, id);
  }

  /** What a connection was sent since the last call. */
  take(id: number): string {
    const text = this.#received.get(id) ?? "";
    this.#received.delete(id);
    return text;
  }

  /** Answers the requests for files, and those that follow from the answers. */
  answerFiles(error: string | null = null): void {
    for (;;) {
      const request = this.requests.shift();
      if (request === undefined) return;
      const { tag, path, bytes } = request;
      if (bytes !== null) {
        if (error === null) this.files.set(path, latin1(bytes));
        this.node.onFileWritten(tag, error);
        continue;
      }
      const text = this.files.get(path);
      if (text === undefined) this.node.onFileRead(tag, null, error ?? "No such file or directory");
      else this.node.onFileRead(tag, toBytes(text), "");
    }
  }
}

export class FakeClient {
  readonly id: number;
  readonly #server: FakeServer;

  constructor(server: FakeServer, id: number) {
    this.#server = server;
    this.id = id;
  }

  /** Bytes arrive, and the host's turn ends; answers with what was sent back. */
  write(bytes: string): string {
    const input = toBytes(bytes);
    const { node } = this.#server;
    node.onReceived(this.id, input, 0, input.length);
    node.runJobs(0);
    return this.read();
  }

  /** A command given as its words. */
  call(...words: string[]): string {
    return this.write(encode(words));
  }

  /** A command given as one text; the reply without its last CRLF. */
  run(line: string): string {
    return this.call(...line.split(" ")).replace(/\r\n$/, "");
  }

  read(): string {
    return this.#server.take(this.id);
  }

  get isClosed(): boolean {
    return this.#server.closed.has(this.id);
  }
}

/** A command in RESP. */
export function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

/** The text of a bulk or verbatim reply. */
export function bulkText(reply: string): string {
  const start = reply.indexOf("\r\n") + 2;
  return reply.slice(start, start + Number.parseInt(reply.slice(1), 10)).replace(/^txt:/, "");
}

/** The fields of a line of CLIENT LIST. */
export function clientFields(line: string): Record<string, string> {
  const pairs = line.trim().split(" ");
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
}
