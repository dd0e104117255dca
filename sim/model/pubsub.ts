// The model of publish/subscribe: who listens to what, and the messages that reach them. Patterns
// are told of a message in the order in which the first subscriber of each came.
import { globMatches } from "./glob.ts";
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { array, bulk, bulks, integer, nil, push } from "./replies.ts";
import type { Session } from "./session.ts";

type Kind = "channels" | "patterns" | "shardChannels";

/** Letters of notify-keyspace-events that "A" stands for. */
const ALL_CLASSES = "g$lshzxetd";

export class ModelPubSub {
  readonly channels: Map<string, Set<Session>> = new Map();
  readonly patterns: Map<string, Set<Session>> = new Map();
  readonly shardChannels: Map<string, Set<Session>> = new Map();
  readonly #model: Model;
  /** Classes of keyspace events that are switched on. */
  #classes = "";
  #notifiesKeyspace = false;
  #notifiesKeyevent = false;

  constructor(model: Model) {
    this.#model = model;
  }

  add(session: Session, kind: Kind, name: string): void {
    session[kind].add(name);
    const sessions = this[kind].get(name);
    if (sessions === undefined) this[kind].set(name, new Set([session]));
    else sessions.add(session);
  }

  remove(session: Session, kind: Kind, name: string): void {
    if (!session[kind].delete(name)) return;
    const sessions = this[kind].get(name)!;
    sessions.delete(session);
    if (sessions.size === 0) this[kind].delete(name);
  }

  leave(session: Session): void {
    for (const kind of ["channels", "patterns", "shardChannels"] as const) {
      for (const name of [...session[kind]]) this.remove(session, kind, name);
    }
  }

  /** Answers with the number of receivers. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const session of this.channels.get(channel) ?? []) {
      this.#send(session, ["message", channel, message]);
      receivers++;
    }
    for (const [pattern, sessions] of this.patterns) {
      if (!globMatches(pattern, channel)) continue;
      for (const session of sessions) {
        this.#send(session, ["pmessage", pattern, channel, message]);
        receivers++;
      }
    }
    return receivers;
  }

  publishShard(channel: string, message: string): number {
    const sessions = this.shardChannels.get(channel);
    for (const session of sessions ?? []) this.#send(session, ["smessage", channel, message]);
    return sessions?.size ?? 0;
  }

  #send(session: Session, words: readonly string[]): void {
    this.#model.tell(session, push(session, words.map(bulk)));
  }

  // -- keyspace notifications -------------------------------------------------------------------------

  /** `letters`: the value of notify-keyspace-events. */
  configure(letters: string): void {
    this.#notifiesKeyspace = letters.includes("K");
    this.#notifiesKeyevent = letters.includes("E");
    this.#classes = letters.replace("A", ALL_CLASSES);
  }

  notify(db: number, eventClass: string, event: string, key: string): void {
    if (!this.#classes.includes(eventClass)) return;
    if (this.#notifiesKeyspace) this.publish(`__keyspace@${db}__:${key}`, event);
    if (this.#notifiesKeyevent) this.publish(`__keyevent@${db}__:${event}`, key);
  }
}

// -- commands -------------------------------------------------------------------------------------------

function countOf(session: Session, kind: Kind): number {
  return kind === "shardChannels" ? session.shardChannels.size : session.subscriptions;
}

function subscribe(event: string, kind: Kind): ModelCommand {
  return (model, session, [, ...names]) =>
    names
      .map((name) => {
        model.pubsub.add(session, kind, name);
        return push(session, [bulk(event), bulk(name), integer(countOf(session, kind))]);
      })
      .join("");
}

function unsubscribe(event: string, kind: Kind): ModelCommand {
  return (model, session, [, ...given]) => {
    const names = given.length > 0 ? given : [...session[kind]];
    if (names.length === 0) {
      return push(session, [bulk(event), nil(session), integer(countOf(session, kind))]);
    }
    return names
      .map((name) => {
        model.pubsub.remove(session, kind, name);
        return push(session, [bulk(event), bulk(name), integer(countOf(session, kind))]);
      })
      .join("");
  };
}

function list(kind: Kind): ModelCommand {
  return (model, _session, words) => {
    const names = [...model.pubsub[kind].keys()];
    const wanted = names.filter((name) => words.length < 3 || globMatches(words[2], name)).sort();
    return (reply) => {
      const given = reply.items.map(({ text }) => text).sort();
      return JSON.stringify(given) === JSON.stringify(wanted) ? null : `expected ${wanted}`;
    };
  };
}

function countSubscribers(kind: Kind): ModelCommand {
  return (model, _session, [, , ...names]) =>
    array(names.flatMap((name) => [bulk(name), integer(model.pubsub[kind].get(name)?.size ?? 0)]));
}

const publish: ModelCommand = (model, _session, [, channel, message]) =>
  integer(model.pubsub.publish(channel, message));
const spublish: ModelCommand = (model, _session, [, channel, message]) =>
  integer(model.pubsub.publishShard(channel, message));
const numPat: ModelCommand = (model) => integer(model.pubsub.patterns.size);

/** CONFIG SET of the settings that the workloads change. */
const configSet: ModelCommand = (model, _session, [, , name, value]) => {
  if (name !== "notify-keyspace-events") return "-ERR unknown\r\n";
  model.pubsub.configure(value);
  return "+OK\r\n";
};

/** What a RESP2 client that listens may still send. */
export const ALLOWED_WHILE_LISTENING: ReadonlySet<string> = new Set([
  "subscribe",
  "unsubscribe",
  "psubscribe",
  "punsubscribe",
  "ssubscribe",
  "sunsubscribe",
  "ping",
  "quit",
  "reset",
]);

/** PING of a RESP2 client that listens. */
export function pongMessage(text: string): string {
  return bulks(["pong", text]);
}

export const pubsubModel: ModelFamily = [
  ["subscribe", -2, subscribe("subscribe", "channels")],
  ["psubscribe", -2, subscribe("psubscribe", "patterns")],
  ["ssubscribe", -2, subscribe("ssubscribe", "shardChannels")],
  ["unsubscribe", -1, unsubscribe("unsubscribe", "channels")],
  ["punsubscribe", -1, unsubscribe("punsubscribe", "patterns")],
  ["sunsubscribe", -1, unsubscribe("sunsubscribe", "shardChannels")],
  ["publish", 3, publish],
  ["spublish", 3, spublish],
  ["pubsub|channels", -2, list("channels")],
  ["pubsub|shardchannels", -2, list("shardChannels")],
  ["pubsub|numsub", -2, countSubscribers("channels")],
  ["pubsub|shardnumsub", -2, countSubscribers("shardChannels")],
  ["pubsub|numpat", 2, numPat],
  ["config|set", -4, configSet],
];
