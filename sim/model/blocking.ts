// The model of clients that wait inside a command: who waits for which key, in which order, and
// until when. A key that becomes ready lets the commands of its waiters run again. A flush may wait
// until memory is freed.
import type { Content, Model, Prediction } from "./model.ts";
import { OK } from "./replies.ts";
import type { Session } from "./session.ts";

export interface Wait {
  readonly words: string[];
  /** "db key". */
  readonly keys: readonly string[];
  /** Only a key with such a value wakes it; null when no key does. */
  readonly kind: Content["kind"] | null;
  /** Wall time in ms, Infinity for never. */
  readonly deadlineMs: number;
  /** The reply when the time is over. */
  readonly nothing: string;
  /** The end of a key, or another type, wakes it as well. */
  readonly wakesWhenGone: boolean;
  readonly sequence: number;
  /** The number of the wait for memory (trace.ts), 0 of one for keys. */
  readonly memoryWait: number;
}

export class ModelBlocking {
  readonly #model: Model;
  /** "db key" → who waits for it, the longest first. */
  readonly #waiters: Map<string, Session[]> = new Map();
  readonly #waiting: Set<Session> = new Set();
  #ready: Set<string> = new Set();
  /** Keys that the serving in work has not come to yet. */
  #serving: Set<string> = new Set();
  #isServing = false;
  #sequence = 0;
  /** The wait of the session whose command runs again, or null. */
  rerun: Wait | null = null;
  /** Sessions that go on with what they sent at the end of the event. */
  readonly resumable: Set<Session> = new Set();

  constructor(model: Model) {
    this.#model = model;
  }

  /** The session waits from now on, unless it may not: then it is told `nothing` at once. */
  wait(
    session: Session,
    words: string[],
    keys: readonly string[],
    kind: Content["kind"],
    deadlineMs: number,
    nothing: string,
    wakesWhenGone = false,
  ): Prediction | null {
    if (this.#model.insideTransaction) return nothing;
    this.#begin(session, {
      words,
      keys: [...new Set(keys)].map((key) => `${session.db} ${key}`),
      kind,
      deadlineMs: this.rerun?.deadlineMs ?? deadlineMs,
      nothing,
      wakesWhenGone,
      sequence: this.#sequence++,
      memoryWait: 0,
    });
    return null;
  }

  /** The session's flush is answered when memory is free. */
  waitForMemory(session: Session, words: string[], memoryWait: number): null {
    this.#begin(session, {
      words,
      keys: [],
      kind: null,
      deadlineMs: Number.POSITIVE_INFINITY,
      nothing: OK,
      wakesWhenGone: false,
      sequence: this.#sequence++,
      memoryWait,
    });
    return null;
  }

  /** CLIENT UNBLOCK may have ended the wait before. */
  memoryIsFree(memoryWait: number): void {
    for (const session of this.#waiting) {
      if (session.wait!.memoryWait === memoryWait) this.end(session, OK);
    }
  }

  #begin(session: Session, wait: Wait): void {
    session.wait = wait;
    this.#waiting.add(session);
    for (const key of wait.keys) {
      const sessions = this.#waiters.get(key);
      if (sessions === undefined) this.#waiters.set(key, [session]);
      else sessions.push(session);
    }
  }

  release(session: Session): void {
    const { wait } = session;
    if (wait === null) return;
    session.wait = null;
    this.#waiting.delete(session);
    for (const key of wait.keys) {
      const left = this.#waiters.get(key)!.filter((other) => other !== session);
      if (left.length === 0) this.#waiters.delete(key);
      else this.#waiters.set(key, left);
    }
  }

  /** A key got something that its waiters may want. */
  signal(db: number, key: string): void {
    if (this.#waiting.size === 0) return;
    const name = `${db} ${key}`;
    if (this.#waiters.has(name) && !this.#serving.has(name)) this.#ready.add(name);
  }

  /** A stream went away. */
  signalGone(db: number, key: string): void {
    if (this.#waiting.size === 0) return;
    const name = `${db} ${key}`;
    if (!this.#waiters.get(name)?.some((session) => session.wait!.wakesWhenGone)) return;
    if (!this.#serving.has(name)) this.#ready.add(name);
  }

  /** Every key of a database may have come or gone. */
  signalAll(db: number): void {
    for (const key of this.#waiters.keys()) {
      if (key.startsWith(`${db} `) && !this.#serving.has(key)) this.#ready.add(key);
    }
  }

  /** Lets commands run again until no key is ready. */
  serve(): void {
    if (this.#isServing || this.#ready.size === 0) return;
    this.#isServing = true;
    while (this.#ready.size > 0) {
      this.#serving = this.#ready;
      this.#ready = new Set();
      for (const name of this.#serving) {
        this.#serving.delete(name);
        this.#serveKey(name);
      }
    }
    this.#isServing = false;
  }

  #serveKey(name: string): void {
    const space = name.indexOf(" ");
    const db = Number(name.slice(0, space));
    const key = name.slice(space + 1);
    for (const session of [...(this.#waiters.get(name) ?? [])]) {
      const { wait } = session;
      if (wait === null || !wait.keys.includes(name)) continue;
      const kind = this.#model.peek(db, key)?.content.kind;
      if (kind !== wait.kind && !wait.wakesWhenGone) continue;
      this.release(session);
      this.rerun = wait;
      this.#model.runAgain(session, wait.words);
      this.rerun = null;
      if (session.wait === null) this.#goOn(session);
    }
  }

  /** Ends the waits whose time is over. */
  timeOut(): void {
    if (this.#waiting.size === 0) return;
    const over = [...this.#waiting].filter(({ wait }) => wait!.deadlineMs < this.#model.nowMs);
    over.sort(
      ({ wait: a }, { wait: b }) => a!.deadlineMs - b!.deadlineMs || a!.sequence - b!.sequence,
    );
    for (const session of over) this.end(session, session.wait!.nothing);
  }

  /** Ends a wait with a reply. */
  end(session: Session, reply: string): void {
    session.expected.push({ words: session.wait!.words, prediction: reply });
    this.release(session);
    this.#goOn(session);
  }

  /** The session's command is done: what follows it can be executed. */
  #goOn(session: Session): void {
    session.caching = false;
    this.resumable.add(session);
  }
}
