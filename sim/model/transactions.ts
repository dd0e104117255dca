// The model of WATCH, and of EXEC's body.
import type { Model, ModelKey, Prediction } from "./model.ts";
import { array } from "./replies.ts";
import type { RespValue } from "./reply-reader.ts";
import type { Session } from "./session.ts";
import { show } from "./show.ts";

export class Transactions {
  readonly #model: Model;
  /** "db key" → number of changes so far: what WATCH compares. Removing and expiring count, too. */
  readonly #changes: Map<string, number> = new Map();

  /** The node's answer to the queued command in work. */
  answer: RespValue | null = null;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Notes a change of a key. */
  touch(db: number, key: string): void {
    const name = `${db} ${key}`;
    this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
  }

  /** An expired key is removed: a change for those who saw it alive only. */
  touchExpired(db: number, key: string): void {
    this.touch(db, key);
    for (const session of this.#model.sessions.values()) {
      for (const watched of session.watched) {
        if (watched.db !== db || watched.key !== key || !watched.expired) continue;
        watched.changes++;
        watched.expired = false;
      }
    }
  }

  /**
   * A database has other keys now: to whoever watches one that was or is there, it has changed, but
   * not if it is expired, or not there at all, both times. `come`: null when nothing comes.
   */
  touchReplaced(
    db: number,
    gone: ReadonlyMap<string, ModelKey>,
    come: ReadonlyMap<string, ModelKey> | null,
  ): void {
    for (const session of this.#model.sessions.values()) {
      for (const watched of session.watched) {
        if (watched.db !== db) continue;
        const { key } = watched;
        const after = come?.get(key);
        if (!gone.has(key) && after === undefined) continue;
        if (watched.expired) {
          if (after === undefined) watched.expired = false;
          if (after === undefined || this.#model.isOver(after)) continue;
        } else if (!gone.has(key) && this.#model.isOver(after!)) {
          watched.expired = true;
          continue;
        }
        watched.changes = -1;
      }
    }
  }

  watch(session: Session, key: string): void {
    const { db } = session;
    if (session.watched.some((other) => other.db === db && other.key === key)) return;
    const found = this.#model.databases[db].get(key);
    const expired = found !== undefined && this.#model.isOver(found);
    session.watched.push({ db, key, changes: this.#changesOf(db, key), expired });
  }

  /** True when a key that the session watches has changed, or its time is over. */
  isDirty(session: Session): boolean {
    return session.watched.some(({ db, key, changes, expired }) => {
      const found = this.#model.databases[db].get(key);
      const isOver = found !== undefined && this.#model.isOver(found);
      return this.#changesOf(db, key) !== changes || (isOver && !expired);
    });
  }

  #changesOf(db: number, key: string): number {
    return this.#changes.get(`${db} ${key}`) ?? 0;
  }

  /** Ends the session's transaction without executing it. */
  discard(session: Session): void {
    session.queue = null;
    session.queueBroken = false;
    session.watched = [];
  }

  /** EXEC's body: the replies of the queued commands as one array. */
  run(session: Session, queue: readonly string[][]): Prediction {
    const model = this.#model;
    model.insideTransaction = true;
    const answers = model.answerTo(session)?.items ?? [];
    const predictions = queue.map((words, i) => {
      this.answer = answers[i] ?? null;
      return model.runQueued(session, words);
    });
    model.insideTransaction = false;
    if (predictions.every((prediction) => typeof prediction === "string")) {
      return array(predictions);
    }
    return judgeAll(predictions);
  }
}

function judgeAll(predictions: readonly Prediction[]): Prediction {
  return (reply) => {
    if (reply.kind !== "array" || reply.items.length !== predictions.length) {
      return "not an array of as many replies as commands";
    }
    for (const [i, prediction] of predictions.entries()) {
      const item = reply.items[i];
      if (typeof prediction !== "string") {
        const wrong = prediction(item);
        if (wrong !== null) return wrong;
      } else if (item.raw !== prediction) {
        return `${show(item.raw)} instead of ${show(prediction)}`;
      }
    }
    return null;
  };
}
