// How many replies a client has to wait for. Every command has one, but a subscription confirms each
// of its channels, and messages come unasked.
import { ARRAY, PUSH, type ReplyScanner } from "./reply-scanner.ts";

const MESSAGES: ReadonlySet<string> = new Set([
  "message",
  "pmessage",
  "smessage",
  "invalidate",
  "tracking-redir-broken",
]);

export class Awaited {
  #count = 0;
  /** What the connection listens to, by the kind of subscription: "", "p", "s". */
  readonly #names: Map<string, Set<string>> = new Map();

  get none(): boolean {
    return this.#count === 0;
  }

  /** The connection is new. */
  clear(): void {
    this.#count = 0;
    this.#names.clear();
  }

  sent(words: readonly string[]): void {
    const name = words[0].toLowerCase();
    const isSubscription = name.endsWith("subscribe");
    const subscription = isSubscription ? /^([ps]?)(un)?subscribe$/.exec(name) : null;
    if (name === "reset") this.#names.clear();
    if (subscription === null) this.#count++;
    else this.#subscription(subscription[1], subscription[2] !== undefined, words.slice(1));
  }

  #subscription(kind: string, ends: boolean, given: readonly string[]): void {
    const names = this.#names.get(kind) ?? new Set();
    this.#names.set(kind, names);
    this.#count += given.length > 0 ? given.length : Math.max(1, names.size);
    if (ends && given.length === 0) names.clear();
    for (const name of given) {
      if (ends) names.delete(name);
      else names.add(name);
    }
  }

  /** A reply that is no message. */
  received(): void {
    this.#count--;
  }
}

/** The scanner's reply is a message that came unasked. */
export function isMessage(replies: ReplyScanner): boolean {
  const { kind, items } = replies;
  return (kind === PUSH || (kind === ARRAY && items > 2)) && MESSAGES.has(replies.firstText());
}
