// Runs the cases of transcripts against one server and compares the replies.

import { missingCommands } from "../later-commands.ts";
import type { RespClient } from "../resp-client.ts";
import type { RespValue } from "../resp-value.ts";
import type { ServerProcess } from "../server-process.ts";
import type { Block, Case, Step } from "./file.ts";
import { matches, type Protocol, type Received, renderReply } from "./notation.ts";
import { splitCommand, unescapeBytes, unquote, type Variables } from "./text.ts";

/** A reply that is not the expected one. */
export interface Mismatch {
  line: number;
  source: string;
  expected: string[];
  actual: string[];
}

/** What a block's commands were answered, one entry for each that is answered at all. */
export interface Observed {
  step: Step;
  value: Received;
  /** The protocol of the connection when the reply came. */
  protocol: Protocol;
  /** The values saved so far. */
  variables: Variables;
}

const EVENTUALLY_MS = 10_000;
const POLL_MS = 2;

/** One server and the connection that resets it between cases. */
export class TranscriptServer {
  readonly server: ServerProcess;
  private readonly admin: RespClient;
  private readonly configuration: Map<string, string>;

  private constructor(
    server: ServerProcess,
    admin: RespClient,
    configuration: Map<string, string>,
  ) {
    this.server = server;
    this.admin = admin;
    this.configuration = configuration;
  }

  static async open(server: ServerProcess): Promise<TranscriptServer> {
    const admin = await server.connect("the harness");
    const { value } = await admin.command("CONFIG", "GET", "*");
    if (value.kind !== "array") throw new Error(`CONFIG GET * answers ${renderReply(value, 2)}`);
    const texts = value.items.map((item) => ("text" in item ? item.text : ""));
    const configuration = new Map<string, string>();
    for (let at = 0; at < texts.length; at += 2) configuration.set(texts[at]!, texts[at + 1]!);
    return new TranscriptServer(server, admin, configuration);
  }

  close(): void {
    this.admin.close();
  }

  private missingNames: Promise<ReadonlySet<string>> | null = null;

  /** Commands of the list in later-commands.ts that this server does not have. */
  missing(): Promise<ReadonlySet<string>> {
    this.missingNames ??= missingCommands(this.admin);
    return this.missingNames;
  }

  /** Runs a case and lists what differs from the expectation. */
  async check(current: Case, protocol: Protocol): Promise<Mismatch[]> {
    const mismatches: Mismatch[] = [];
    const failure = await this.run(current, protocol, (block, observed, at) => {
      const here = block.expected?.[protocol][at];
      if (here !== undefined && holds(here.pattern, observed)) return true;
      const { line, source, verb } = observed.step;
      if (verb === "eventually" && here !== undefined) return false;
      const lines = here?.lines ?? ["no reply: run with UPDATE=1 to write one"];
      const expected = observed.protocol === 2 ? lines.map(asResp2) : lines;
      const actual = renderReply(observed.value, observed.protocol);
      mismatches.push({ line, source, expected, actual });
      return false;
    });
    if (failure !== null) mismatches.push(failure);
    for (const { steps, expected } of current.blocks) {
      const answered = steps.filter((step) => step.replies).length;
      const surplus = expected?.[protocol].slice(answered) ?? [];
      if (surplus.length === 0) continue;
      const { line, source } = steps.at(-1)!;
      mismatches.push({ line, source, expected: surplus[0]!.lines, actual: ["no further reply"] });
    }
    return mismatches;
  }

  /** Runs a case and gives all replies, block by block. Throws when it cannot be run to its end. */
  async record(current: Case, protocol: Protocol): Promise<Observed[][]> {
    const blocks = new Map<Block, Observed[]>(current.blocks.map((block) => [block, []]));
    const failure = await this.run(current, protocol, (block, observed, at) => {
      blocks.get(block)![at] = observed;
      const expected = block.expected?.[protocol][at];
      return expected === undefined || holds(expected.pattern, observed);
    });
    if (failure !== null) {
      throw new Error(`line ${failure.line}: ${failure.source}\n${failure.actual.join("\n")}`);
    }
    return [...blocks.values()];
  }

  /**
   * `onReply` gets every reply, the `at`th of its block, and says whether it is the expected one.
   * Gives the step that could not be carried out, if any.
   */
  private async run(
    current: Case,
    protocol: Protocol,
    onReply: (block: Block, observed: Observed, at: number) => boolean,
  ): Promise<Mismatch | null> {
    const run = new CaseRun(this.server, this.admin, protocol);
    let step = current.blocks[0]!.steps[0]!;
    try {
      await run.open(current);
      for (const block of current.blocks) {
        let at = 0;
        for (step of block.steps) {
          await run.step(step, (value, connection) => {
            const observed = { step, value, protocol: connection, variables: run.variables };
            return onReply(block, observed, at);
          });
          if (step.replies) at++;
        }
      }
      await run.expectQuiet(current);
      return null;
    } catch (error) {
      const { line, source } = step;
      return { line, source, expected: ["to be carried out"], actual: [(error as Error).message] };
    } finally {
      await this.reset(run);
    }
  }

  /** Drops the connections of a case and undoes what it set. A server that does not recover is killed. */
  private async reset(run: CaseRun): Promise<void> {
    run.close();
    try {
      await this.settle(run);
    } catch (error) {
      await this.server.kill();
      throw error;
    }
  }

  private async settle(run: CaseRun): Promise<void> {
    await this.admin.command("CLIENT", "UNPAUSE");
    const deadlineMs = Date.now() + EVENTUALLY_MS;
    for (;;) {
      const info = await this.adminText("INFO", "clients");
      const clients = /connected_clients:(\d+)/.exec(info)?.[1];
      if (clients === "1") break;
      if (Date.now() > deadlineMs) {
        throw new Error(`closed connections are still counted; connected_clients is ${clients}`);
      }
    }
    for (const name of run.configured) {
      const value = this.configuration.get(name);
      if (value !== undefined) await this.admin.command("CONFIG", "SET", name, value);
    }
    const flushed = await this.admin.command("FLUSHALL");
    if (flushed.raw !== "+OK\r\n") throw new Error(`FLUSHALL answers ${flushed.raw}`);
  }

  private async adminText(...args: string[]): Promise<string> {
    const { value } = await this.admin.command(...args);
    return "text" in value ? value.text : "";
  }
}

/** A line of RESP3 as RESP2 has it, so that a mismatch shows only what differs. */
function asResp2(line: string): string {
  return line
    .replace(/^( *)[~>](\d)/, "$1*$2")
    .replace(/^( *)%(\d+)/, (_, indent: string, pairs: string) => `${indent}*${Number(pairs) * 2}`)
    .replace(/^( *),(.*)$/, '$1"$2"')
    .replace(/^( *)="txt:/, '$1"');
}

function holds(pattern: Parameters<typeof matches>[0], observed: Observed): boolean {
  return matches(pattern, observed.value, observed.protocol, observed.variables);
}

interface Connection {
  client: RespClient;
  protocol: Protocol;
}

/** The connections and saved values of one running case. */
class CaseRun {
  readonly variables: Variables = new Map();
  /** Names that CONFIG SET was used on. */
  readonly configured = new Set<string>();
  private readonly server: ServerProcess;
  private readonly admin: RespClient;
  private readonly protocol: Protocol;
  private readonly connections = new Map<string, Connection>();

  constructor(server: ServerProcess, admin: RespClient, protocol: Protocol) {
    this.server = server;
    this.admin = admin;
    this.protocol = protocol;
  }

  async open(current: Case): Promise<void> {
    for (const { steps } of current.blocks) {
      for (const { connection } of steps) {
        if (!this.connections.has(connection)) await this.connect(connection);
      }
    }
  }

  close(): void {
    for (const { client } of this.connections.values()) client.close();
  }

  /** Runs one step; `onReply` gets each reply and tells whether it is the expected one. */
  async step(step: Step, onReply: (value: Received, protocol: Protocol) => boolean): Promise<void> {
    let connection = this.connections.get(step.connection);
    if (connection === undefined) connection = await this.connect(step.connection);
    const { client } = connection;
    switch (step.verb) {
      case "end":
        client.endInput();
        return;
      case "close":
        client.close();
        this.connections.delete(step.connection);
        return;
      case "quiet":
        await this.expectNothing(step.connection, step);
        return;
      case "block":
        await this.sendAndBlock(client, step);
        return;
      case "send":
        this.send(client, step);
        return;
      case "read":
        onReply(await this.read(connection), connection.protocol);
        return;
      case "eventually":
        await this.sendUntilExpected(connection, step, onReply);
        return;
    }
    let value: Received = null;
    for (let i = 1; i <= step.count; i++) {
      if (step.verb === "times") this.variables.set("i", `${i}`);
      this.send(client, step);
      value = await this.read(connection);
    }
    if (step.verb === "save") this.save(step.name, value);
    onReply(value, connection.protocol);
  }

  /** Fails when a connection of the case has received something that no step has read. */
  async expectQuiet(current: Case): Promise<void> {
    const step = current.blocks.at(-1)!.steps.at(-1)!;
    for (const name of this.connections.keys()) await this.expectNothing(name, step);
  }

  private async connect(name: string): Promise<Connection> {
    const client = await this.server.connect(name === "" ? "client" : name);
    const connection: Connection = { client, protocol: this.protocol };
    this.connections.set(name, connection);
    if (this.protocol === 3) await client.command("HELLO", "3");
    return connection;
  }

  private send(client: RespClient, step: Step): void {
    if (step.raw) {
      client.write(step.text.startsWith('"') ? unquote(step.text) : unescapeBytes(step.text));
      return;
    }
    const args = splitCommand(step.text, this.variables);
    if (/^config$/i.test(args[0] ?? "") && /^set$/i.test(args[1] ?? "")) {
      for (let at = 2; at < args.length; at += 2) this.configured.add(args[at]!.toLowerCase());
    }
    client.send(...args);
  }

  private async read(connection: Connection): Promise<Received> {
    const reply = await connection.client.read();
    if (reply === null) return null;
    connection.protocol = protocolAfter(reply.value) ?? connection.protocol;
    return reply.value;
  }

  private async sendAndBlock(client: RespClient, step: Step): Promise<void> {
    const before = await this.blockedClients();
    this.send(client, step);
    const deadlineMs = Date.now() + EVENTUALLY_MS;
    while ((await this.blockedClients()) <= before) {
      if (client.unreadBytes() !== "") {
        throw new Error(`answered instead of blocked: ${JSON.stringify(client.unreadBytes())}`);
      }
      if (Date.now() > deadlineMs) throw new Error("the server did not block the client");
    }
  }

  private async blockedClients(): Promise<number> {
    const { value } = await this.admin.command("INFO", "clients");
    const text = "text" in value ? value.text : "";
    return Number(/blocked_clients:(\d+)/.exec(text)?.[1]);
  }

  private async sendUntilExpected(
    connection: Connection,
    step: Step,
    onReply: (value: Received, protocol: Protocol) => boolean,
  ): Promise<void> {
    const deadlineMs = Date.now() + EVENTUALLY_MS;
    for (;;) {
      this.send(connection.client, step);
      const value = await this.read(connection);
      if (onReply(value, connection.protocol)) return;
      if (Date.now() > deadlineMs) throw new Error("the expected reply never came");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async expectNothing(name: string, step: Step): Promise<void> {
    const client = this.connections.get(name)!.client;
    // When this is answered, all that the server wrote before it is here too. MONITOR does not show it.
    await this.admin.command("CONFIG", "GET", "port");
    await new Promise((resolve) => setImmediate(resolve));
    const unread = client.unreadBytes();
    if (unread !== "") {
      throw new Error(`after line ${step.line} ${client.name} has more: ${JSON.stringify(unread)}`);
    }
  }

  private save(name: string, value: Received): void {
    if (value === null || !("text" in value) || value.kind === "error") {
      throw new Error(`nothing to save for ${name}: ${renderReply(value, this.protocol)[0]}`);
    }
    this.variables.set(name, value.text);
  }
}

/** The protocol that a reply switches the connection to: HELLO's answer names it, RESET goes back to 2. */
function protocolAfter(value: RespValue): Protocol | null {
  if (value.kind === "simple" && value.text === "RESET") return 2;
  if (value.kind !== "map" && value.kind !== "array") return null;
  const texts = value.items.slice(0, 6).map((item) => ("text" in item ? item.text : ""));
  if (texts[0] !== "server" || texts[4] !== "proto") return null;
  return texts[5] === "3" ? 3 : 2;
}
