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
  repliesChecked = 0;
  /** Counts the replies of each command, if somebody wants to know. */
  tally: Tally | null = null;

  constructor(model: Model) {
    this.#model = model;
    model.answerTo = (session) => {
      this.#judge(session);
      return readReply(session.output, 0)?.value ?? null;
    };
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
  }

  /** The node is done with an event that began at `nowMs`. */
  settle(facts: readonly Fact[], nowMs: number): void {
    const model = this.#model;
    const { blocking } = model;
    model.beginEvent(facts, nowMs);
    if (this.#active !== null) this.#pump(this.#active);
    this.#active = null;
    model.advance();
    blocking.timeOut();
    blocking.serve();
    // Who goes on may serve others: they are added and reached by the same loop.
    for (const session of blocking.resumable) {
      blocking.resumable.delete(session);
      this.#pump(session);
    }
    model.takeFacts();
    model.tracking.broadcast();
    this.#compare();
  }

  /** Executes what is whole, in the order in which the node does, up to a command that waits. */
  #pump(session: Session): void {
    const model = this.#model;
    model.current = session;
    while (session.wait === null && !session.closing && model.failure === null) {
      const words = session.reader.next();
      if (words === null) break;
      model.execute(session, words);
    }
    // What its last command has come upon and removed: NOLOOP holds for that, too.
    model.takeFacts();
    model.current = null;
  }

  #compare(): void {
    for (const session of this.#model.sessions.values()) {
      if (session.closed) this.#end(session);
      if (session.expected.length === 0 && session.output.length === 0) continue;
      this.#judge(session);
      if (this.#model.failure !== null) return;
      if (session.output !== "") this.#fail(session, "reply to nothing", session.output);
      else if (session.expected.length > 0) {
        this.#fail(session, "no reply", show(session.expected[0].prediction));
      }
    }
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
