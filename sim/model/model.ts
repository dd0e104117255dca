// The model: an independent, simple Redis over plain maps and strings, which predicts the exact
// bytes of every reply. It shares no code with the core.
//
// Strings are one character per byte. A prediction is the text of a reply, or a function that
// judges a whole reply where Redis leaves room (random keys, scan order, time).

import type { Fact } from "../trace.ts";
import { ModelBlocking } from "./blocking.ts";
import { duplicate } from "./collections.ts";
import { Dumps } from "./dumps.ts";
import { ModelMemory } from "./memory.ts";
import { ALLOWED_WHILE_LISTENING, ModelPubSub } from "./pubsub.ts";
import { error, wrongArity } from "./replies.ts";
import type { RespValue } from "./reply-reader.ts";
import { Scans } from "./scans.ts";
import type { Session } from "./session.ts";
import { show } from "./show.ts";
import type { ModelStream } from "./stream-content.ts";
import { ModelTracking } from "./tracking.ts";
import { Transactions } from "./transactions.ts";

/** A key's value; each type's commands know its content. */
export type Content =
  | {
      readonly kind: "string";
      text: string;
      /** A HyperLogLog; its text is nothing that the model knows. */
      log?: { readonly elements: Set<string>; isCounted: boolean };
    }
  | { readonly kind: "list"; items: string[] }
  | { readonly kind: "set"; members: Set<string> }
  | {
      readonly kind: "hash";
      fields: Map<string, string>;
      /** Of some fields: absolute ms. */
      expiries: Map<string, number>;
    }
  | { readonly kind: "zset"; scores: Map<string, number> }
  | ModelStream;

export interface ModelKey {
  content: Content;
  /** Absolute ms, or -1. */
  expireAtMs: number;
}

export type Judge = (reply: RespValue) => string | null;
export type Prediction = string | Judge;
/** Null: the session waits, and there is no reply yet. */
export type ModelCommand = (model: Model, session: Session, words: string[]) => Prediction | null;
/** Name ("container|sub" for a subcommand), arity, what it does. */
export type ModelFamily = readonly (readonly [string, number, ModelCommand])[];

/** What the node was told to do differently; the model must know of it. */
export interface ModelSettings {
  readonly databaseCount: number;
  readonly streamNodeMaxEntries: number;
  /** The policy of eviction is one that counts uses. */
  readonly isLfu: boolean;
  /** The wall clock jumps. */
  readonly clockJumps: boolean;
  /** maxmemory-policy; empty without a limit. */
  readonly policy: string;
}

export class Model {
  readonly databases: Map<string, ModelKey>[] = [];
  readonly settings: ModelSettings;
  readonly sessions: Map<number, Session> = new Map();
  readonly blocking: ModelBlocking = new ModelBlocking(this);
  readonly pubsub: ModelPubSub = new ModelPubSub(this);
  readonly tracking: ModelTracking = new ModelTracking(this);
  readonly scans: Scans = new Scans();
  readonly dumps: Dumps = new Dumps();
  readonly memory: ModelMemory = new ModelMemory(this);
  readonly transactions: Transactions = new Transactions(this);
  nowMs = 0;
  #startedMs = -1;
  /** The node's answer to the session's next command that is not judged yet. */
  answerTo: (session: Session) => RespValue | null = () => null;
  /** What went wrong first, or null. */
  failure: string | null = null;
  /** EXEC is running its commands: nothing waits there. */
  insideTransaction = false;
  /** The session whose command is in work, or null. */
  executing: Session | null = null;
  /** The session whose input is in work, or null. */
  current: Session | null = null;
  readonly #commands: Map<string, { arity: number; run: ModelCommand }> = new Map();
  readonly #containers: Set<string> = new Set();
  /** What the node has told of this event (trace.ts), and how much of it is used. */
  #facts: readonly Fact[] = [];
  #factsUsed = 0;
  #position = 0;
  /** "db key" of what a look-up has found expired, and the node must have, too. */
  readonly #expiredHere: Set<string> = new Set();
  /** The command that was admitted last. */
  last: readonly string[] = [];

  constructor(families: readonly ModelFamily[], settings: ModelSettings) {
    this.settings = settings;
    for (const [name, arity, run] of families.flat()) {
      this.#commands.set(name, { arity, run });
      const bar = name.indexOf("|");
      if (bar !== -1) this.#containers.add(name.slice(0, bar));
    }
    for (let i = 0; i < settings.databaseCount; i++) this.databases.push(new Map());
  }

  fail(what: string): void {
    this.failure ??= what;
  }

  // -- data ---------------------------------------------------------------------------------------

  /** The live key, or undefined. A look-up removes what is expired. */
  get(session: Session, key: string): ModelKey | undefined {
    return this.getIn(session.db, key);
  }

  getIn(db: number, key: string): ModelKey | undefined {
    const found = this.databases[db].get(key);
    if (found === undefined) return undefined;
    if (found.expireAtMs >= 0 && this.nowMs > found.expireAtMs) {
      this.#expiredHere.add(`${db} ${key}`);
      this.#removeExpired(db, key);
      return undefined;
    }
    return found;
  }

  /** The live key, without removing what is expired. */
  peek(db: number, key: string): ModelKey | undefined {
    const found = this.databases[db].get(key);
    return found === undefined || this.isOver(found) ? undefined : found;
  }

  isOver(found: ModelKey): boolean {
    return found.expireAtMs >= 0 && this.nowMs > found.expireAtMs;
  }

  set(session: Session, key: string, content: Content, expireAtMs: number): void {
    this.setIn(session.db, key, content, expireAtMs);
  }

  setIn(db: number, key: string, content: Content, expireAtMs: number): void {
    const before = this.getIn(db, key);
    if (before?.content.kind === "stream") this.blocking.signalGone(db, key);
    this.databases[db].set(key, { content, expireAtMs });
    if (before !== undefined && before.content !== content) this.scans.valueIsGone(db, key);
    if (before === undefined) {
      this.blocking.signal(db, key);
      this.notify(db, "n", "new", key);
    }
    this.touch(db, key);
  }

  /** A new key that WATCH does not learn of. */
  addSilently(session: Session, key: string, content: Content, expireAtMs = -1): void {
    this.databases[session.db].set(key, { content, expireAtMs });
    this.notify(session.db, "n", "new", key);
  }

  /** Exchanges two databases. */
  swap(a: number, b: number): void {
    if (a === b) return;
    const first = this.databases[a];
    const second = this.databases[b];
    this.databases[a] = second;
    this.databases[b] = first;
    for (const [db, gone, come] of [
      [a, first, second],
      [b, second, first],
    ] as const) {
      this.transactions.touchReplaced(db, gone, come);
      this.scans.clear(db);
      this.blocking.signalAll(db);
    }
  }

  /** Notes a change of a key. */
  touch(db: number, key: string): void {
    this.transactions.touch(db, key);
    this.scans.keyChanged(this, db, key);
    this.tracking.changed(key, true);
  }

  /** Notes a change, and tells subscribers: an event of a class of notify-keyspace-events. */
  changed(session: Session, key: string, eventClass: string, event: string): void {
    this.touch(session.db, key);
    this.notify(session.db, eventClass, event, key);
  }

  /** A keyspace event of a class of notify-keyspace-events. */
  notify(db: number, eventClass: string, event: string, key: string): void {
    this.pubsub.notify(db, eventClass, event, key);
  }

  /** A value that shares nothing with the original. */
  duplicate(content: Content): Content {
    return duplicate(content);
  }

  delete(session: Session, key: string): boolean {
    if (this.get(session, key) === undefined) return false;
    this.removeKey(session.db, key);
    this.touch(session.db, key);
    return true;
  }

  /** As `delete`, of a key that nobody has looked up: it may be expired. */
  drop(session: Session, key: string): boolean {
    if (!this.databases[session.db].has(key)) return false;
    this.removeKey(session.db, key);
    this.touch(session.db, key);
    return true;
  }

  /** Takes a key out; nobody but those who wait for its end is told. */
  removeKey(db: number, key: string): void {
    const found = this.databases[db].get(key);
    this.databases[db].delete(key);
    this.scans.keyIsGone(db, key);
    if (found?.content.kind === "stream") this.blocking.signalGone(db, key);
  }

  #removeExpired(db: number, key: string): void {
    this.notify(db, "x", "expired", key);
    this.removeKey(db, key);
    this.transactions.touchExpired(db, key);
    this.tracking.changed(key, false);
  }

  /** What the node has answered to the command in work: for choices that only it can make. */
  answer(session: Session): RespValue | null {
    return this.insideTransaction ? this.transactions.answer : this.answerTo(session);
  }

  // -- sessions -----------------------------------------------------------------------------------

  /** The session is over, or begins anew: nobody waits or listens for it any more. */
  leave(session: Session): void {
    this.blocking.release(session);
    this.blocking.resumable.delete(session);
    this.pubsub.leave(session);
    this.tracking.disable(session);
    this.scans.leave(session);
  }

  /**
   * The session gets a message, unless it is about to leave; one that its own command causes follows
   * the reply.
   */
  tell(session: Session, message: string): void {
    if (session.closing) return;
    if (session === this.executing) {
      session.held.push(message);
      return;
    }
    session.expected.push({ words: MESSAGE, prediction: message });
  }

  // -- fields of hashes -----------------------------------------------------------------------------

  /** The command in work removes a field because of its time: the node must, too. */
  expectFieldGone(db: number, key: string, field: string): void {
    this.#expiredHere.add(`${db} ${key} field ${field}`);
  }

  /** Tells that fields of a hash were removed because of their time. */
  fieldsExpired(db: number, key: string): void {
    this.#expiredHere.add(`${db} ${key} fields`);
    this.notify(db, "h", "hexpired", key);
  }

  /** The node's background work has removed a field. */
  #fieldIsGone(db: number, key: string, field: string): void {
    if (this.#expiredHere.delete(`${db} ${key} field ${field}`)) return;
    const content = this.databases[db].get(key)?.content;
    const at = content?.kind === "hash" ? content.expiries.get(field) : undefined;
    if (content?.kind !== "hash" || at === undefined || at >= this.nowMs) {
      this.fail(`field expired without reason: ${db} ${key} ${field}`);
      return;
    }
    content.fields.delete(field);
    content.expiries.delete(field);
    this.touch(db, key);
  }

  /** The node's background work is done with a hash. */
  #fieldsAreGone(db: number, key: string): void {
    if (this.#expiredHere.delete(`${db} ${key} fields`)) return;
    this.notify(db, "h", "hexpired", key);
    const content = this.databases[db].get(key)?.content;
    if (content?.kind !== "hash" || content.fields.size > 0) return;
    this.notify(db, "g", "del", key);
    this.removeKey(db, key);
  }

  // -- what the node tells ----------------------------------------------------------------------------

  beginEvent(facts: readonly Fact[], nowMs: number): void {
    this.#facts = facts;
    this.#factsUsed = 0;
    this.nowMs = nowMs;
    if (this.#startedMs < 0) this.#startedMs = nowMs;
  }

  /** Time since the first event. */
  get ageMs(): number {
    return this.nowMs - this.#startedMs;
  }

  /** A new position: what happened before is taken in. */
  advance(): void {
    this.takeFacts();
    this.#position++;
  }

  takeFacts(): void {
    const facts = this.#facts;
    while (this.#factsUsed < facts.length && facts[this.#factsUsed].position <= this.#position) {
      this.#take(facts[this.#factsUsed++]);
    }
    if (this.#expiredHere.size > 0) {
      const last = show(this.last.join(" "));
      this.fail(`expired, but not removed by the node in ${last}: ${[...this.#expiredHere][0]}`);
    }
  }

  /** Keys that went to make room for the command that is admitted now. */
  #takeEvictions(): void {
    const facts = this.#facts;
    for (; this.#factsUsed < facts.length; this.#factsUsed++) {
      const fact = facts[this.#factsUsed];
      const isEviction = MAKES_ROOM.has(fact.kind);
      if (fact.position !== this.#position || !isEviction) return;
      this.#take(fact);
    }
  }

  /** Memory that the command in work has freed. Answers with the wait that it begins, 0 for none. */
  takeFreeing(): number {
    const facts = this.#facts;
    while (this.#factsUsed < facts.length) {
      const fact = facts[this.#factsUsed];
      const isFreeing = fact.kind === "freed" || fact.kind === "waits";
      if (fact.position !== this.#position || !isFreeing) return 0;
      this.#factsUsed++;
      if (fact.kind === "waits") return fact.wait;
      this.#take(fact);
    }
    return 0;
  }

  #take(fact: Fact): void {
    const { kind, db, key } = fact;
    if (kind === "time") this.nowMs = fact.nowMs;
    else if (kind === "field") this.#fieldIsGone(db, key, fact.field);
    else if (kind === "fields") this.#fieldsAreGone(db, key);
    else if (kind === "expired") {
      if (this.#expiredHere.delete(`${db} ${key}`)) return;
      const found = this.databases[db].get(key);
      if (found === undefined || !this.isOver(found)) {
        this.fail(`expired in ${show(this.last.join(" "))} without reason: ${db} ${key}`);
      }
      this.#removeExpired(db, key);
    } else if (kind === "evicted") this.memory.evicted(db, key);
    else if (kind === "freed" || kind === "freedFirst") this.blocking.memoryIsFree(fact.wait);
    else if (kind === "waits") this.fail(`${show(this.last.join(" "))} waits without reason`);
    else this.fail(`memory is above the limit before ${show(this.last.join(" "))}`);
  }

  // -- commands -----------------------------------------------------------------------------------------

  execute(session: Session, words: string[]): void {
    const name = this.#nameOf(words);
    const command = this.#commands.get(name);
    let refused = "";
    if (command === undefined) refused = this.#unknown(words);
    else if (command.arity >= 0 ? words.length !== command.arity : words.length < -command.arity) {
      refused = wrongArity(name);
    }
    if (refused !== "") this.#refuse(session, words, refused);
    else this.#admit(session, words, name);
    const isOver = session.queue === null && session.wait === null;
    if (isOver && !name.startsWith("client|")) session.caching = false;
  }

  #nameOf(words: readonly string[]): string {
    const name = words[0].toLowerCase();
    if (!this.#containers.has(name) || words.length === 1) return name;
    return `${name}|${words[1].toLowerCase()}`;
  }

  #unknown(words: readonly string[]): string {
    const name = words[0].toLowerCase();
    if (this.#containers.has(name)) {
      if (words.length === 1) return wrongArity(name);
      return error(`unknown subcommand '${words[1]}'. Try ${words[0].toUpperCase()} HELP.`);
    }
    let rest = "";
    for (const word of words.slice(1)) {
      if (rest.length < 128) rest += `'${word.slice(0, 128 - rest.length)}' `;
    }
    return error(`unknown command '${words[0]}', with args beginning with: ${rest}`);
  }

  #refuse(session: Session, words: string[], reply: string): void {
    if (session.queue !== null) session.queueBroken = true;
    session.expected.push({ words, prediction: reply });
  }

  #admit(session: Session, words: string[], name: string): void {
    this.advance();
    this.last = words;
    if (this.settings.policy !== "") {
      this.#takeEvictions();
      if (this.memory.refuses(session, words, name)) {
        this.#refuse(session, words, this.memory.refusal(name));
        if (name === "exec") this.transactions.discard(session);
        return;
      }
    }
    if (session.resp === 2 && session.listens && !ALLOWED_WHILE_LISTENING.has(name)) {
      this.#refuse(session, words, notWhileListening(name));
      if (name === "exec") this.transactions.discard(session);
      return;
    }
    if (session.queue !== null && !RUNS_INSIDE_MULTI.has(name)) {
      session.queue.push(words);
      session.expected.push({ words, prediction: "+QUEUED\r\n" });
      return;
    }
    this.executing = session;
    const prediction = this.#commands.get(name)!.run(this, session, words);
    this.tracking.remember(session, words);
    this.executing = null;
    if (prediction !== null) session.expected.push({ words, prediction });
    for (const message of session.held.splice(0)) this.tell(session, message);
    this.tracking.release(session);
    this.blocking.serve();
  }

  /** A command that has waited runs again, with all checks of a new one. */
  runAgain(session: Session, words: string[]): void {
    this.#admit(session, words, this.#nameOf(words));
  }

  /** One command of a transaction. */
  runQueued(session: Session, words: string[]): Prediction {
    this.advance();
    this.last = words;
    const prediction = this.#commands.get(this.#nameOf(words))!.run(this, session, words)!;
    this.tracking.remember(this.executing!, words);
    return prediction;
  }
}

const MAKES_ROOM: ReadonlySet<Fact["kind"]> = new Set(["evicted", "full", "freedFirst"]);

/** What messages are predicted under. */
const MESSAGE: readonly string[] = ["(message)"];

function notWhileListening(name: string): string {
  const text = `Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`;
  if (name !== "exec") return error(text);
  return `-EXECABORT Transaction discarded because of: ${text}\r\n`;
}

const RUNS_INSIDE_MULTI: ReadonlySet<string> = new Set([
  "exec",
  "discard",
  "multi",
  "watch",
  "reset",
  "quit",
]);
