// What the models of lists, sets, hashes and sorted sets share.
import type { Content, Judge, Model } from "./model.ts";
import type { Session } from "./session.ts";
import { duplicateStream } from "./stream-content.ts";

export type ContentOf<K extends Content["kind"]> = Extract<Content, { kind: K }>;

/** The content of a key of this kind; undefined when absent, null when of another kind. */
export function contentOf<K extends Content["kind"]>(
  model: Model,
  session: Session,
  key: string,
  kind: K,
): ContentOf<K> | undefined | null {
  const found = model.get(session, key);
  if (found === undefined) return undefined;
  return found.content.kind === kind ? (found.content as ContentOf<K>) : null;
}

/** As `contentOf`, making the key with `fresh` when it is absent. */
export function contentOrNew<K extends Content["kind"]>(
  model: Model,
  session: Session,
  key: string,
  fresh: ContentOf<K>,
): ContentOf<K> | null {
  const content = contentOf(model, session, key, fresh.kind as K);
  if (content !== undefined) return content;
  model.set(session, key, fresh, -1);
  return fresh;
}

/** A value that shares nothing with the original. */
export function duplicate(content: Content): Content {
  switch (content.kind) {
    case "string": {
      const { log } = content;
      if (log === undefined) return { ...content };
      return { ...content, log: { ...log, elements: new Set(log.elements) } };
    }
    case "list":
      return { kind: "list", items: [...content.items] };
    case "set":
      return { kind: "set", members: new Set(content.members) };
    case "hash":
      return {
        kind: "hash",
        fields: new Map(content.fields),
        expiries: new Map(content.expiries),
      };
    case "zset":
      return { kind: "zset", scores: new Map(content.scores) };
    case "stream":
      return duplicateStream(content);
  }
}

/** After removing, which was this event: an empty collection is no key. */
export function dropIfEmpty(
  model: Model,
  session: Session,
  key: string,
  size: number,
  eventClass: string,
  event: string,
  cachesFirst = true,
): void {
  const { db } = session;
  if (cachesFirst) model.touch(db, key);
  model.notify(db, eventClass, event, key);
  if (size === 0) {
    model.removeKey(db, key);
    model.notify(db, "g", "del", key);
  }
  if (!cachesFirst) model.touch(db, key);
}

/** The elements of a reply in any order. */
export function anyOrder(expected: readonly string[]): Judge {
  const wanted = JSON.stringify([...expected].sort());
  return (reply) => {
    const given = JSON.stringify(reply.items.map((item) => item.text).sort());
    return reply.kind === "array" && given === wanted ? null : `expected ${wanted} in any order`;
  };
}

/** The pairs of a reply in any order of the pairs. */
export function anyOrderOfPairs(expected: readonly (readonly [string, string])[]): Judge {
  const wanted = JSON.stringify(expected.map(([a, b]) => JSON.stringify([a, b])).sort());
  return (reply) => {
    const pairs: string[] = [];
    for (let i = 0; i + 1 < reply.items.length; i += 2) {
      pairs.push(JSON.stringify([reply.items[i].text, reply.items[i + 1].text]));
    }
    return JSON.stringify(pairs.sort()) === wanted ? null : `expected ${wanted} in any order`;
  };
}

/** Redis's range of indexes: both ends included, negative ones from the end. */
export function indexRange(start: bigint, end: bigint, length: number): [number, number] {
  const size = BigInt(length);
  let first = start < 0n ? start + size : start;
  const last = end < 0n ? end + size : end;
  if (first < 0n) first = 0n;
  if (first > last || first >= size) return [0, 0];
  return [Number(first), Number(last >= size ? size : last + 1n)];
}
