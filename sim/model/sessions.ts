// The model of connections and transactions.
import type { ModelCommand } from "./model.ts";
import { pongMessage } from "./pubsub.ts";
import { bulk, error, integer, NOT_INTEGER, nilArray, OK, SYNTAX_ERROR } from "./replies.ts";
import { int64 } from "./strings.ts";

const ping: ModelCommand = (_model, session, words) => {
  if (words.length > 2) return "-ERR wrong number of arguments for 'ping' command\r\n";
  if (session.resp === 2 && session.listens) return pongMessage(words[1] ?? "");
  return words.length === 1 ? "+PONG\r\n" : bulk(words[1]);
};

const echo: ModelCommand = (_model, _session, [, text]) => bulk(text);

const select: ModelCommand = (model, session, [, index]) => {
  const value = int64(index);
  if (value === null) return NOT_INTEGER;
  if (value < 0n || value >= BigInt(model.databases.length)) {
    return "-ERR DB index is out of range\r\n";
  }
  session.db = Number(value);
  return OK;
};

/** HELLO 2 and 3 without options; the map that it answers with is not judged. */
const hello: ModelCommand = (_model, session, words) => {
  if (words.length > 1) {
    if (words[1] !== "2" && words[1] !== "3") return "-NOPROTO unsupported protocol version\r\n";
    session.resp = Number(words[1]);
  }
  return (reply) => (reply.kind === "array" ? null : "not a map");
};

const clientId: ModelCommand = (_model, session) => integer(session.clientId);

/** CLIENT UNBLOCK client-id [TIMEOUT | ERROR] */
const unblock: ModelCommand = (model, _session, words) => {
  const reason = words[3]?.toLowerCase() ?? "timeout";
  if (words.length > 4) return SYNTAX_ERROR;
  if (reason !== "timeout" && reason !== "error") {
    return error("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  const id = int64(words[2]);
  if (id === null) return NOT_INTEGER;
  for (const session of model.sessions.values()) {
    if (BigInt(session.clientId) !== id) continue;
    const unblocked = "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n";
    if (session.wait === null) return integer(0);
    model.blocking.end(session, reason === "error" ? unblocked : session.wait.nothing);
    return integer(1);
  }
  return integer(0);
};

/** Others see the session until the node closes the connection, at the end of the event. */
const quit: ModelCommand = (_model, session) => {
  session.closing = true;
  return OK;
};

const reset: ModelCommand = (model, session) => {
  model.transactions.discard(session);
  model.leave(session);
  session.db = 0;
  session.resp = 2;
  session.name = "";
  return "+RESET\r\n";
};

const multi: ModelCommand = (_model, session) => {
  if (session.queue !== null) return "-ERR MULTI calls can not be nested\r\n";
  session.queue = [];
  return OK;
};

const discard: ModelCommand = (model, session) => {
  if (session.queue === null) return "-ERR DISCARD without MULTI\r\n";
  model.transactions.discard(session);
  return OK;
};

const exec: ModelCommand = (model, session) => {
  const { queue } = session;
  if (queue === null) return "-ERR EXEC without MULTI\r\n";
  const broken = session.queueBroken;
  const dirty = model.transactions.isDirty(session);
  model.transactions.discard(session);
  if (broken) return "-EXECABORT Transaction discarded because of previous errors.\r\n";
  if (dirty) return nilArray(session);
  return model.transactions.run(session, queue);
};

const watch: ModelCommand = (model, session, [, ...keys]) => {
  if (session.queue !== null) return "-ERR WATCH inside MULTI is not allowed\r\n";
  for (const key of keys) model.transactions.watch(session, key);
  return OK;
};

const unwatch: ModelCommand = (_model, session) => {
  session.watched = [];
  return OK;
};

export const sessionModel: readonly (readonly [string, number, ModelCommand])[] = [
  ["ping", -1, ping],
  ["echo", 2, echo],
  ["select", 2, select],
  ["hello", -1, hello],
  ["reset", 1, reset],
  ["multi", 1, multi],
  ["discard", 1, discard],
  ["exec", 1, exec],
  ["watch", -2, watch],
  ["unwatch", 1, unwatch],
  ["client|id", 2, clientId],
  ["client|unblock", -3, unblock],
  ["quit", -1, quit],
];
