// Hears what goes in and out of the node, lets the model do the same event after the node has done
// it, and compares. At the end of every event all bytes that any connection got must have been
// predicted, and all that were predicted must be there.
import { textOf } from "../text.ts";
import type { Fact } from "../trace.ts";
import type { Model } from "./model.ts";
import { readReply } from "./reply-reader.ts";
import { Session } from "./session.ts";
import { show } from "./show.ts";
import type { Tally } from "./tally.ts";

export class Listener {
  readonly #model: Model;
  #nextClientId = 1;
  /** Who has sent something in this event, or null. */
  #active: Session | null = null;
  /** Sessions that have got something in this event. */
  readonly #heard: Set<Session> = new Set();
  repliesChecked = 0;
  /** Counts the replies of each command, if somebody wants to know. */
  tally: Tally | null = null;

  constructor(model: Model) {
    this.#model = model;
    model.answerTo = (session) => {
      this.#judge(session);
      return readReply(session.output, 0)?.value ?? null;
    };
    model.isAnswered = isAnswered;
  }

  connected(id: number): void {
    this.#model.sessions.set(id, new Session(id, this.#nextClientId++));
  }

  /** The connection broke: what was on the way to it is lost. */
  gone(id: number): void {
    const session = this.#model.sessions.get(id);
    if (session === undefined) return;
    this.#model.sessions.delete(id);
    this.#model.leave(session);
  }

  /** The node has closed the connection. */
  closed(id: number): void {
    const session = this.#model.sessions.get(id);
    if (session !== undefined) session.closed = true;
  }

  input(id: number, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#model.sessions.get(id);
    if (session === undefined || session.closing) return;
    session.reader.add(bytes, start, end);
    this.#active = session;
  }

  output(id: number, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#model.sessions.get(id);
    if (session === undefined) return;
    session.output += textOf(bytes, start, end);
    this.#heard.add(session);
  }

  /**
   * The node is done with an event that began at `nowMs`. `turns`: ids of the clients that it has
   * executed commands of, in order. Who may go on again follows from the model; which of several such
   * goes first may depend on when a background job ended, so there the node is followed.
   */
  settle(facts: readonly Fact[], nowMs: number, turns: readonly number[]): void {
    const model = this.#model;
    const { blocking } = model;
    model.beginEvent(facts, nowMs);
    model.current = this.#active;
    if (this.#active !== null) this.#pump(this.#active);
    this.#active = null;
    model.current = null;
    model.advance();
    // Background work is done before anybody's time is looked at, or after what follows from that.
    this.#resumeAnswered();
    blocking.timeOut();
    blocking.serve();
    this.#resume(turns);
    model.takeFacts();
    model.tracking.broadcast();
    this.#compare();
  }

  /** Lets all go on that can, in the order of their turns as far as that says anything. */
  #resume(turns: readonly number[]): void {
    const { resumable } = this.#model.blocking;
    let turn = 0;
    while (resumable.size > 0) {
      const waiting = [...resumable];
      const at = turns.findIndex(
        (id, i) => i >= turn && waiting.some((one) => one.clientId === id),
      );
      const next = at === -1 ? waiting[0] : waiting.find((one) => one.clientId === turns[at])!;
      if (at !== -1) turn = at + 1;
      resumable.delete(next);
      this.#pump(next);
      this.#resumeAnswered();
    }
  }

  /** Executes what is whole, in the order in which the node does, up to a command that may take time. */
  #pump(session: Session): void {
    if (session.waiting) {
      if (!isAnswered(session)) return;
      this.#judge(session);
      session.waiting = false;
      session.caching = false;
    }
    const model = this.#model;
    while (
      !session.waiting &&
      session.wait === null &&
      !session.closing &&
      model.failure === null
    ) {
      const words = session.reader.next();
      if (words === null) return;
      model.execute(session, words);
    }
  }

  /** Where the node has answered a command that took its time, what follows is executed. */
  #resumeAnswered(): void {
    for (const session of this.#heard) {
      if (session.waiting && isAnswered(session)) this.#model.blocking.resumable.add(session);
    }
  }

  #compare(): void {
    for (const session of this.#model.sessions.values()) {
      if (session.closed) this.#end(session);
      if (session.expected.length === 0 && session.output.length === 0) continue;
      this.#judge(session);
      if (this.#model.failure !== null) return;
      if (session.output !== "") this.#fail(session, "reply to nothing", session.output);
      else if (session.expected.length > 0 && !session.waiting) {
        this.#fail(session, "no reply", show(session.expected[0].prediction));
      }
    }
    this.#heard.clear();
  }

  /** The node closes a connection only when it was asked to. */
  #end(session: Session): void {
    if (!session.closing) this.#fail(session, "closed without reason", "");
    this.#model.sessions.delete(session.id);
    this.#model.leave(session);
  }

  #judge(session: Session): void {
    let done = 0;
    let at = 0;
    const { expected, output } = session;
    for (; done < expected.length && at < output.length; done++) {
      const { prediction } = expected[done];
      const from = at;
      if (typeof prediction === "string") {
        if (!output.startsWith(prediction, at)) {
          session.expected = expected.slice(done);
          const given = output.slice(at);
          this.#fail(session, "wrong reply", `${show(given)} instead of ${show(prediction)}`);
          return;
        }
        at += prediction.length;
      } else {
        const reply = readReply(output, at);
        const wrong = reply === null ? "not whole" : prediction(reply.value);
        if (wrong !== null) {
          session.expected = expected.slice(done);
          this.#fail(session, "wrong reply", `${show(output.slice(at))}: ${wrong}`);
          return;
        }
        at = reply!.end;
      }
      this.tally?.add(expected[done].words, output, from);
    }
    this.repliesChecked += done;
    session.expected = done === expected.length ? [] : expected.slice(done);
    session.output = output.slice(at);
  }

  #fail(session: Session, what: string, detail: string): void {
    const words = session.expected[0]?.words ?? [];
    const last = show(this.#model.last.join(" "));
    this.#model.fail(
      `connection ${session.id}: ${show(words.join(" "))}: ${what} ${show(detail)}, last command ${last}`,
    );
  }
}

/** Whether the session's output begins with replies to all that is expected. */
function isAnswered({ expected, output }: Session): boolean {
  let at = 0;
  for (const { prediction } of expected) {
    if (typeof prediction === "string") {
      if (!output.startsWith(prediction, at)) return false;
      at += prediction.length;
    } else {
      const reply = readReply(output, at);
      if (reply === null) return false;
      at = reply.end;
    }
  }
  return true;
}
