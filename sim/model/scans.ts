// The model of SCAN and its relatives. A session goes through the keys, or a collection, in several
// calls; what was there during all of them must have come up, and nothing else than what was there.
import { contentOf } from "./collections.ts";
import { globMatches } from "./glob.ts";
import { isOver } from "./hashes.ts";
import type { Content, Judge, Model, ModelCommand, ModelFamily } from "./model.ts";
import { array, bulk, error, NOT_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import { scoreText } from "./sorted-sets.ts";
import { int64 } from "./strings.ts";

/** One iteration of a session. */
interface Iteration {
  /** What has been there since it began and has not come up yet. */
  readonly missing: Set<string>;
  cursor: string;
}

/** Iterations in work, by what is iterated over: "db" and "db key". */
export class Scans {
  readonly #iterations: Map<string, Map<Session, Iteration>> = new Map();

  begin(target: string, session: Session, present: Iterable<string>): Iteration {
    const iteration = { missing: new Set(present), cursor: "0" };
    const iterations = this.#iterations.get(target) ?? new Map<Session, Iteration>();
    this.#iterations.set(target, iterations);
    iterations.set(session, iteration);
    return iteration;
  }

  find(target: string, session: Session): Iteration | undefined {
    return this.#iterations.get(target)?.get(session);
  }

  end(target: string, session: Session): void {
    const iterations = this.#iterations.get(target);
    iterations?.delete(session);
    if (iterations?.size === 0) this.#iterations.delete(target);
  }

  leave(session: Session): void {
    for (const target of this.#iterations.keys()) this.end(target, session);
  }

  /** A key went away: even if it comes again, nobody must find it. */
  keyIsGone(db: number, key: string): void {
    if (this.#iterations.size === 0) return;
    for (const iteration of this.#iterations.get(String(db))?.values() ?? []) {
      iteration.missing.delete(key);
    }
    this.#iterations.delete(`${db} ${key}`);
  }

  /** A key has another value as a whole. */
  valueIsGone(db: number, key: string): void {
    if (this.#iterations.size > 0) this.#iterations.delete(`${db} ${key}`);
  }

  /** All keys of a database went away. */
  clear(db: number): void {
    for (const target of [...this.#iterations.keys()]) {
      if (target === String(db) || target.startsWith(`${db} `)) this.#iterations.delete(target);
    }
  }

  /** A key was changed: what it has no more need not come up. */
  keyChanged(model: Model, db: number, key: string): void {
    if (this.#iterations.size === 0) return;
    const iterations = this.#iterations.get(`${db} ${key}`);
    if (iterations === undefined) return;
    const members = membersOf(model, model.databases[db].get(key)?.content);
    for (const { missing } of iterations.values()) {
      for (const member of missing) if (!members.has(member)) missing.delete(member);
    }
  }
}

/** Members with their values (scores of sorted sets, values of hashes). */
function membersOf(model: Model, content: Content | undefined): Map<string, string> {
  if (content?.kind === "set") return new Map([...content.members].map((member) => [member, ""]));
  if (content?.kind === "zset") {
    return new Map([...content.scores].map(([member, score]) => [member, scoreText(score)]));
  }
  if (content?.kind !== "hash") return new Map();
  return new Map([...content.fields].filter(([field]) => !isOver(model, content, field)));
}

interface ScanOptions {
  pattern: string | null;
  type: string | null;
  noValues: boolean;
}

function parse(words: readonly string[], at: number, name: string): ScanOptions | string {
  const options: ScanOptions = { pattern: null, type: null, noValues: false };
  for (let i = at; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const hasMore = i + 1 < words.length;
    if (option === "count" && hasMore) {
      const count = int64(words[++i]);
      if (count === null) return NOT_INTEGER;
      if (count < 1n) return SYNTAX_ERROR;
    } else if (option === "match" && hasMore) options.pattern = words[++i];
    else if (option === "type" && hasMore && name === "scan") {
      options.type = words[++i].toLowerCase();
    } else if (option === "novalues" && name === "hscan") options.noValues = true;
    else return SYNTAX_ERROR;
  }
  return options;
}

const BAD_CURSOR = error("invalid cursor");

const scan: ModelCommand = (model, session, words) => {
  const cursor = words[1];
  if (!/^[0-9]{1,20}$/.test(cursor)) return BAD_CURSOR;
  const options = parse(words, 2, "scan");
  if (typeof options === "string") return options;
  const { db } = session;
  const database = model.databases[db];
  const alive = new Map<string, string>();
  for (const [key, found] of database) {
    if (model.isOver(found)) continue;
    if (options.type === null || options.type === found.content.kind) alive.set(key, "");
  }
  return judge(model, session, String(db), cursor, alive, options.pattern, 1);
};

function scanCollection(name: string, kind: "set" | "hash" | "zset"): ModelCommand {
  return (model, session, words) => {
    const [, key, cursor] = words;
    if (!/^[0-9]{1,20}$/.test(cursor)) return BAD_CURSOR;
    const content = contentOf(model, session, key, kind);
    if (content === null) return WRONG_TYPE;
    if (content === undefined) return array([bulk("0"), array([])]);
    const options = parse(words, 3, name);
    if (typeof options === "string") return options;
    const members = membersOf(model, content);
    const width = kind === "set" || options.noValues ? 1 : 2;
    const target = `${session.db} ${key}`;
    return judge(model, session, target, cursor, members, options.pattern, width);
  };
}

/** `width`: 2 when every member comes with its value. */
function judge(
  model: Model,
  session: Session,
  target: string,
  cursor: string,
  members: ReadonlyMap<string, string>,
  pattern: string | null,
  width: number,
): Judge {
  const { scans } = model;
  const matching = [...members.keys()].filter((m) => pattern === null || globMatches(pattern, m));
  let iteration = scans.find(target, session);
  if (cursor === "0") iteration = scans.begin(target, session, matching);
  // Any number is a cursor; only those that follow each other make an iteration.
  else if (iteration?.cursor !== cursor) iteration = undefined;
  const answer = model.answer(session);
  const next = answer?.items[0]?.text ?? "";
  const items = answer?.items[1]?.items ?? [];
  const allowed = new Set(matching);
  let wrong: string | null = next === "" ? "no cursor" : null;
  for (let i = 0; i < items.length; i += width) {
    const member = items[i].text;
    iteration?.missing.delete(member);
    if (!allowed.has(member)) wrong = `${JSON.stringify(member)} is not there`;
    if (width === 2 && items[i + 1]?.text !== members.get(member)) wrong = "a wrong value";
  }
  if (iteration !== undefined) {
    iteration.cursor = next;
    // A call with a pattern or a type lets the others go by unseen.
    for (const member of iteration.missing) {
      if (!allowed.has(member)) iteration.missing.delete(member);
    }
    if (next === "0" && iteration.missing.size > 0) {
      wrong = `never came up: ${JSON.stringify([...iteration.missing][0])}`;
    }
    if (next === "0") scans.end(target, session);
  }
  return () => wrong;
}

export const scanModel: ModelFamily = [
  ["scan", -2, scan],
  ["sscan", -3, scanCollection("sscan", "set")],
  ["hscan", -3, scanCollection("hscan", "hash")],
  ["zscan", -3, scanCollection("zscan", "zset")],
];
