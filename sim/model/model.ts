// The model: an independent, simple Redis over plain maps and strings, which predicts the exact
// bytes of every reply. It shares no code with the core. It hears the same chunks of bytes as the
// node, in the same order and at the same virtual time, and checks what the node answers.
//
// Strings are one character per byte. A prediction is the text of a reply, or a function that
// judges a whole reply where Redis leaves room (random keys, scan order, time).

import { textOf } from "../text.ts";
import { type RespValue, readReply } from "./reply-reader.ts";
import { RequestReader } from "./request-reader.ts";

/** A key's value; each type's commands know its content. */
export type Content =
  | { readonly kind: "string"; text: string }
  | { readonly kind: "list"; items: string[] }
  | { readonly kind: "set"; members: Set<string> }
  | { readonly kind: "hash"; fields: Map<string, string> }
  | { readonly kind: "zset"; scores: Map<string, number> };

export interface ModelKey {
  content: Content;
  /** Absolute ms, or -1. */
  expireAtMs: number;
}

export type Judge = (reply: RespValue) => string | null;
export type Prediction = string | Judge;
export type ModelCommand = (model: Model, session: Session, words: string[]) => Prediction;

/** The model's view of one connection. */
export class Session {
  readonly id: number;
  readonly reader: RequestReader = new RequestReader();
  db = 0;
  resp = 2;
  queue: string[][] | null = null;
  queueBroken = false;
  watched: { db: number; key: string; changes: number }[] = [];
  name = "";
  expected: { words: string[]; prediction: Prediction }[] = [];
  /** Answered bytes that are not judged yet. */
  output = "";
  closing = false;
  /** The last command may be answered by a later event; what follows waits for that. */
  waiting = false;

  constructor(id: number) {
    this.id = id;
  }
}

export const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
export const OK = "+OK\r\n";
export const NOT_INTEGER = "-ERR value is not an integer or out of range\r\n";
export const SYNTAX_ERROR = "-ERR syntax error\r\n";

export function integer(value: number | bigint): string {
  return `:${value}\r\n`;
}

export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

export function nil(session: Session): string {
  return session.resp === 2 ? "$-1\r\n" : "_\r\n";
}

export class Model {
  readonly databases: Map<string, ModelKey>[] = [];
  nowMs = 0;
  readonly #commands: ReadonlyMap<string, { arity: number; run: ModelCommand }>;
  readonly #sessions: Map<number, Session> = new Map();
  /** "db key" → number of changes so far: what WATCH compares. Removing and expiring count, too. */
  readonly #changes: Map<string, number> = new Map();
  /** What went wrong first, or null. */
  failure: string | null = null;
  repliesChecked = 0;
  /** EXEC is running its commands: nothing waits there. */
  insideTransaction = false;

  constructor(
    commands: ReadonlyMap<string, { arity: number; run: ModelCommand }>,
    databaseCount: number,
  ) {
    this.#commands = commands;
    for (let i = 0; i < databaseCount; i++) this.databases.push(new Map());
  }

  // -- data ---------------------------------------------------------------------------------------

  /** The live key, or undefined. */
  get(session: Session, key: string): ModelKey | undefined {
    return this.getIn(session.db, key);
  }

  getIn(db: number, key: string): ModelKey | undefined {
    const found = this.databases[db].get(key);
    if (found === undefined) return undefined;
    if (found.expireAtMs >= 0 && this.nowMs > found.expireAtMs) {
      this.databases[db].delete(key);
      this.touch(db, key);
      return undefined;
    }
    return found;
  }

  set(session: Session, key: string, content: Content, expireAtMs: number): void {
    this.databases[session.db].set(key, { content, expireAtMs });
    this.touch(session.db, key);
  }

  /** Notes a change of a key. */
  touch(db: number, key: string): void {
    const name = `${db} ${key}`;
    this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
  }

  /** A value that shares nothing with the original. */
  duplicate(content: Content): Content {
    switch (content.kind) {
      case "string":
        return { ...content };
      case "list":
        return { kind: "list", items: [...content.items] };
      case "set":
        return { kind: "set", members: new Set(content.members) };
      case "hash":
        return { kind: "hash", fields: new Map(content.fields) };
      case "zset":
        return { kind: "zset", scores: new Map(content.scores) };
    }
  }

  delete(session: Session, key: string): boolean {
    if (this.get(session, key) === undefined) return false;
    this.databases[session.db].delete(key);
    this.touch(session.db, key);
    return true;
  }

  /** Number of changes that a key has seen: what WATCH remembers. */
  changesOf(db: number, key: string): number {
    this.getIn(db, key);
    return this.#changes.get(`${db} ${key}`) ?? 0;
  }

  // -- hearing --------------------------------------------------------------------------------------

  connected(id: number): void {
    this.#sessions.set(id, new Session(id));
  }

  gone(id: number): void {
    this.#sessions.delete(id);
  }

  /** The node is about to get these bytes. */
  input(id: number, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined || session.closing) return;
    session.reader.add(bytes, start, end);
    this.#pump(session);
  }

  /** Executes what is whole, in the order in which the node does. */
  #pump(session: Session): void {
    while (!session.waiting && !session.closing) {
      const words = session.reader.next();
      if (words === null) return;
      session.expected.push({ words, prediction: this.#execute(session, words) });
    }
  }

  /** The node answers. */
  output(id: number, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined || this.failure !== null) return;
    session.output += textOf(bytes, start, end);
    this.#judge(session);
  }

  /**
   * After an event: every command that was whole must have been answered, unless the node says that
   * the client waits, and the model agrees that it may.
   */
  settled(id: number, nodeWaits: boolean): void {
    const session = this.#sessions.get(id);
    if (session === undefined || this.failure !== null) return;
    if (session.waiting && nodeWaits) return;
    if (session.expected.length > 0) this.#fail(session, "no reply", "");
    else if (session.output !== "") this.#fail(session, "reply to nothing", session.output);
  }

  #judge(session: Session): void {
    while (session.expected.length > 0 && session.output !== "") {
      const expected = session.expected[0].prediction;
      if (typeof expected === "string") {
        if (session.output.length < expected.length && expected.startsWith(session.output)) return;
        if (!session.output.startsWith(expected)) {
          this.#fail(
            session,
            "wrong reply",
            `${show(session.output)} instead of ${show(expected)}`,
          );
          return;
        }
        session.output = session.output.slice(expected.length);
      } else {
        const reply = readReply(session.output, 0);
        if (reply === null) return;
        const wrong = expected(reply.value);
        if (wrong !== null) {
          this.#fail(session, "wrong reply", `${show(session.output)}: ${wrong}`);
          return;
        }
        session.output = session.output.slice(reply.end);
      }
      session.expected.shift();
      this.repliesChecked++;
      if (session.waiting && session.expected.length === 0) {
        session.waiting = false;
        this.#pump(session);
      }
    }
  }

  #fail(session: Session, what: string, detail: string): void {
    const words = session.expected[0]?.words ?? [];
    this.failure = `connection ${session.id}: ${show(words.join(" "))}: ${what} ${detail}`;
  }

  #execute(session: Session, words: string[]): Prediction {
    const name = words[0].toLowerCase();
    const command = this.#commands.get(name);
    if (command === undefined) {
      if (session.queue !== null) session.queueBroken = true;
      let rest = "";
      for (const word of words.slice(1)) {
        if (rest.length < 128) rest += `'${word.slice(0, 128 - rest.length)}' `;
      }
      return `-ERR unknown command '${words[0]}', with args beginning with: ${rest}\r\n`;
    }
    const { arity } = command;
    if (arity >= 0 ? words.length !== arity : words.length < -arity) {
      if (session.queue !== null) session.queueBroken = true;
      return `-ERR wrong number of arguments for '${name}' command\r\n`;
    }
    if (session.queue !== null && !["exec", "discard", "multi", "watch", "reset"].includes(name)) {
      session.queue.push(words);
      return "+QUEUED\r\n";
    }
    return command.run(this, session, words);
  }

  /** EXEC's body: the replies of the queued commands as one array. */
  executeQueue(session: Session, queue: readonly string[][]): Prediction {
    this.insideTransaction = true;
    const predictions = queue.map((words) =>
      this.#commands.get(words[0].toLowerCase())!.run(this, session, words),
    );
    this.insideTransaction = false;
    if (predictions.every((prediction) => typeof prediction === "string")) {
      return `*${predictions.length}\r\n${predictions.join("")}`;
    }
    return (reply) => {
      if (reply.kind !== "array" || reply.items.length !== predictions.length) {
        return "not an array of as many replies as commands";
      }
      for (let i = 0; i < predictions.length; i++) {
        const prediction = predictions[i];
        const item = reply.items[i];
        if (typeof prediction === "string") {
          if (item.raw !== prediction) return `${show(item.raw)} instead of ${show(prediction)}`;
        } else {
          const wrong = prediction(item);
          if (wrong !== null) return wrong;
        }
      }
      return null;
    };
  }
}

function show(text: Prediction): string {
  if (typeof text !== "string") return "(a judged reply)";
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}
