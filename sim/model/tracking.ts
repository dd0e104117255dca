// The model of client-side caching: who has read which keys, who wants to hear of which prefixes, and
// the messages that follow from changes.
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { keysRead } from "./reads.ts";
import { array, bulk, bulks, error, integer, map, NOT_INTEGER, nil, OK, push } from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

/** How a session is told of changes. */
export interface TrackingState {
  broadcasts: boolean;
  optIn: boolean;
  optOut: boolean;
  noLoop: boolean;
  readonly prefixes: Set<string>;
  isBroken: boolean;
}

export class ModelTracking {
  readonly #model: Model;
  /** Key, whatever its database → ids of the clients that know it. */
  readonly #known: Map<string, Set<number>> = new Map();
  /** Prefix → those who want it. */
  readonly #listeners: Map<string, Set<Session>> = new Map();
  /** Prefix → keys changed in this event, with the session that changed each last. */
  readonly #changes: Map<string, Map<string, Session | null>> = new Map();
  /** What the command in work has made void for its own client: keys, null for all of them. */
  readonly #pending: (string | null)[] = [];

  constructor(model: Model) {
    this.#model = model;
  }

  enable(session: Session, state: TrackingState, redirect: number): void {
    session.redirect = redirect;
    const prefixes = session.tracking?.prefixes ?? new Set();
    if (state.broadcasts) {
      for (const prefix of state.prefixes.size > 0 ? state.prefixes : [""]) {
        prefixes.add(prefix);
        const listeners = this.#listeners.get(prefix) ?? new Set();
        this.#listeners.set(prefix, listeners.add(session));
      }
    }
    session.tracking = { ...state, prefixes };
  }

  disable(session: Session): void {
    for (const prefix of session.tracking?.prefixes ?? []) {
      const listeners = this.#listeners.get(prefix)!;
      listeners.delete(session);
      if (listeners.size > 0) continue;
      this.#listeners.delete(prefix);
      this.#changes.delete(prefix);
    }
    session.tracking = null;
    session.caching = false;
  }

  /** The session has executed a command, by itself or in a script or transaction. */
  remember(session: Session, words: readonly string[]): void {
    const { tracking, caching } = session;
    if (tracking === null || tracking.broadcasts) return;
    if (caching ? tracking.optOut : tracking.optIn) return;
    for (const key of keysRead(words)) {
      this.#known.set(key, (this.#known.get(key) ?? new Set()).add(session.clientId));
    }
  }

  /** `byCommand`: through the command in work, not by the key's end or eviction. */
  changed(key: string, byCommand: boolean): void {
    const { executing, current } = this.#model;
    for (const prefix of this.#listeners.keys()) {
      if (!key.startsWith(prefix)) continue;
      const keys = this.#changes.get(prefix) ?? new Map();
      this.#changes.set(prefix, keys.set(key, byCommand ? executing : null));
    }
    const ids = this.#known.get(key);
    if (ids === undefined) return;
    this.#known.delete(key);
    for (const id of [...ids].sort((a, b) => a - b)) {
      const session = this.#byId(id);
      if (session?.tracking == null || session.tracking.broadcasts) continue;
      if (session.tracking.noLoop && session === (executing ?? current)) continue;
      if (session === executing) this.#pending.push(key);
      else this.#tell(session, [key]);
    }
  }

  /** Databases were emptied. */
  flushed(): void {
    for (const session of this.#model.sessions.values()) {
      if (session.tracking === null) continue;
      if (session === this.#model.executing) this.#pending.push(null);
      else this.#tell(session, null);
    }
    this.#known.clear();
  }

  /** The session's command is answered. */
  release(session: Session): void {
    for (const key of this.#pending.splice(0)) this.#tell(session, key === null ? null : [key]);
  }

  /** An event ends. */
  broadcast(): void {
    for (const prefix of [...this.#changes.keys()].sort()) {
      const keys = this.#changes.get(prefix)!;
      this.#changes.delete(prefix);
      for (const session of this.#listeners.get(prefix) ?? []) {
        const told = [...keys.keys()]
          .filter((key) => !session.tracking!.noLoop || keys.get(key) !== session)
          .sort();
        if (told.length > 0) this.#tell(session, told);
      }
    }
  }

  /** Tells whoever gets the session's messages. `keys`: null for all keys. */
  #tell(session: Session, keys: readonly string[] | null): void {
    const { redirect } = session;
    const receiver = redirect === 0 ? session : this.#byId(redirect);
    if (receiver === undefined) {
      if (session.tracking !== null) session.tracking.isBroken = true;
      const words = [bulk("tracking-redir-broken"), integer(redirect)];
      if (session.resp > 2) this.#model.tell(session, push(session, words));
      return;
    }
    const body = keys === null ? nil(receiver) : bulks(keys);
    if (receiver.resp > 2) {
      this.#model.tell(receiver, push(receiver, [bulk("invalidate"), body]));
    } else if (receiver !== session && receiver.listens) {
      const words = [bulk("message"), bulk("__redis__:invalidate"), body];
      this.#model.tell(receiver, push(receiver, words));
    }
  }

  #byId(id: number): Session | undefined {
    for (const session of this.#model.sessions.values()) {
      if (session.clientId === id) return session;
    }
    return undefined;
  }

  exists(id: bigint): boolean {
    return this.#byId(Number(id)) !== undefined;
  }
}

// -- commands -------------------------------------------------------------------------------------------

/** CLIENT TRACKING ON | OFF [REDIRECT id] [PREFIX prefix …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP] */
const tracking: ModelCommand = (model, session, words) => {
  const options = readOptions(model, words.slice(3));
  if (typeof options === "string") return options;
  const { state, redirect } = options;
  const mode = words[2].toLowerCase();
  if (mode === "off") {
    model.tracking.disable(session);
    return OK;
  }
  if (mode !== "on") return "-ERR syntax error\r\n";
  const conflict = findConflict(session.tracking, state);
  if (conflict !== null) return error(conflict);
  model.tracking.enable(session, state, redirect);
  return OK;
};

/** The options, or an error reply. */
function readOptions(
  model: Model,
  words: readonly string[],
): { state: TrackingState; redirect: number } | string {
  let redirect = 0;
  const state: TrackingState = {
    broadcasts: false,
    optIn: false,
    optOut: false,
    noLoop: false,
    prefixes: new Set(),
    isBroken: false,
  };
  for (let i = 0; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const hasMore = i + 1 < words.length;
    if (option === "redirect" && hasMore) {
      if (redirect !== 0) return error("A client can only redirect to a single other client");
      const id = int64(words[++i]);
      if (id === null) return NOT_INTEGER;
      if (!model.tracking.exists(id)) {
        return error("The client ID you want redirect to does not exist");
      }
      redirect = Number(id);
    } else if (option === "prefix" && hasMore) state.prefixes.add(words[++i]);
    else if (option === "bcast") state.broadcasts = true;
    else if (option === "optin") state.optIn = true;
    else if (option === "optout") state.optOut = true;
    else if (option === "noloop") state.noLoop = true;
    else return "-ERR syntax error\r\n";
  }
  return { state, redirect };
}

const SWITCH =
  "before disabling tracking for this client, and then re-enabling it with a different mode.";

function findConflict(before: TrackingState | null, state: TrackingState): string | null {
  if (!state.broadcasts && state.prefixes.size > 0) {
    return "PREFIX option requires BCAST mode to be enabled";
  }
  if (before !== null && before.broadcasts !== state.broadcasts) {
    return `You can't switch BCAST mode on/off ${SWITCH}`;
  }
  if (state.broadcasts && (state.optIn || state.optOut)) {
    return "OPTIN and OPTOUT are not compatible with BCAST";
  }
  if (state.optIn && state.optOut) return "You can't specify both OPTIN mode and OPTOUT mode";
  if (before !== null && ((state.optIn && before.optOut) || (state.optOut && before.optIn))) {
    return `You can't switch OPTIN/OPTOUT mode ${SWITCH}`;
  }
  return findOverlap([...(before?.prefixes ?? [])], [...state.prefixes]);
}

/** The workload gives every prefix only once in a command. */
function findOverlap(existing: readonly string[], given: readonly string[]): string | null {
  const overlap = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
  const text = (prefix: string, what: string, other: string): string =>
    `Prefix '${prefix}' overlaps with ${what} '${other}'. Prefixes for a single client must not overlap.`;
  for (const [i, prefix] of given.entries()) {
    const old = existing.find((other) => overlap(prefix, other));
    if (old !== undefined) return text(prefix, "an existing prefix", old);
    const next = given.slice(i + 1).find((other) => overlap(prefix, other));
    if (next !== undefined) return text(prefix, "another provided prefix", next);
  }
  return null;
}

/** CLIENT CACHING YES | NO */
const caching: ModelCommand = (_model, session, [, , word]) => {
  const state = session.tracking;
  if (state === null) {
    return error(
      "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
    );
  }
  const answer = word.toLowerCase();
  if (answer === "yes" && !state.optIn) {
    return error("CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
  }
  if (answer === "no" && !state.optOut) {
    return error("CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
  }
  if (answer !== "yes" && answer !== "no") return "-ERR syntax error\r\n";
  session.caching = true;
  return OK;
};

function redirectOf(session: Session): number {
  return session.tracking === null ? -1 : session.redirect;
}

const getRedirect: ModelCommand = (_model, session) => integer(redirectOf(session));

const trackingInfo: ModelCommand = (_model, session) => {
  const state = session.tracking;
  const flags = [state === null ? "off" : "on"];
  if (state?.broadcasts) flags.push("bcast");
  if (state?.optIn) flags.push("optin", ...(session.caching ? ["caching-yes"] : []));
  if (state?.optOut) flags.push("optout", ...(session.caching ? ["caching-no"] : []));
  if (state?.noLoop) flags.push("noloop");
  if (state?.isBroken) flags.push("broken_redirect");
  const set = `${session.resp === 2 ? "*" : "~"}${flags.length}\r\n${flags.map(bulk).join("")}`;
  const prefixes = array([...(state?.prefixes ?? [])].sort().map(bulk));
  const redirect = integer(redirectOf(session));
  return map(session, [bulk("flags"), set, bulk("redirect"), redirect, bulk("prefixes"), prefixes]);
};

export const trackingModel: ModelFamily = [
  ["client|tracking", -3, tracking],
  ["client|caching", 3, caching],
  ["client|getredir", 2, getRedirect],
  ["client|trackinginfo", 2, trackingInfo],
];
